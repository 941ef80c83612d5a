// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where code is that no symbol covers. */
#include "holes/holes.h"

#include <string.h>

/* --------------------------------------------------------------- symbols */

/* Mapping symbols of arm64 and local labels cover nothing. */
static bool is_marker(const char *name)
{
	return name[0] == '$' || !strncmp(name, ".L", 2) || !strncmp(name, "__pi_$", 6) ||
	       !strncmp(name, "__pi_.L", 7);
}

/*
 * The image's section at a symbol.  A separate debug file may number its sections
 * differently, so there the address tells.
 */
static uint32_t section_of(const struct ks_holes *h, const struct ks_elf_symbol *s)
{
	const struct ks_elf *e = h->image;

	if (h->symfile == e)
		return s->shndx < e->nr_sections ? s->shndx : 0;
	for (uint32_t i = 1; i < e->nr_sections && s->shndx < KS_SHN_ABS; i++)
		if ((e->sections[i].flags & SHF_EXECINSTR) && s->va >= e->sections[i].va &&
		    s->va - e->sections[i].va < e->sections[i].len)
			return i;
	return 0;
}

static int compare_syms(const void *pa, const void *pb)
{
	const struct ks_code_symbol *a = pa, *b = pb;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	if (a->end_va != b->end_va)
		return a->end_va > b->end_va ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int read_symbols(struct ks_holes *h, struct ksym_error *err)
{
	for (uint32_t i = 1; i < h->symfile->nr_symbols; i++) {
		const struct ks_elf_section *sect;
		struct ks_code_symbol *out;
		struct ks_elf_symbol s;
		uint32_t n;
		int ret = ks_elf_symbol(h->symfile, i, &s, err);

		if (ret)
			return ret;
		if (!s.shndx || s.type == STT_SECTION || s.type == STT_FILE || !s.name[0] ||
		    is_marker(s.name))
			continue;
		n = section_of(h, &s);
		if (!n || !(h->image->sections[n].flags & SHF_EXECINSTR))
			continue;
		sect = &h->image->sections[n];
		if (s.va < sect->va || s.va - sect->va > sect->len)
			continue;
		out = ks_vec_push(&h->syms);
		if (!out)
			return ks_error_nomem(err);
		if (s.len > sect->va + sect->len - s.va)
			s.len = sect->va + sect->len - s.va;
		*out = (struct ks_code_symbol){ .va = s.va, .end_va = s.va + s.len, .name = s.name,
						.section = n, .global = s.bind != STB_LOCAL || s.visibility != STV_DEFAULT };
	}
	if (h->syms.len >= KS_NO_SYMBOL)
		return ks_error(err, -EFBIG, "%s: more than 2^32 symbols", h->symfile->path);
	if (h->syms.len)
		qsort(h->syms.data, h->syms.len, sizeof(*h->syms.data), compare_syms);
	return 0;
}

/* ----------------------------------------------------------- dead entries */

/* Number of symbols up to @va, counting those of earlier sections: symbols are in the
 * order of sections first. */
static size_t symbols_to(const struct ks_holes *h, uint32_t section, uint64_t va)
{
	size_t lo = 0, hi = h->syms.len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct ks_code_symbol *s = &h->syms.data[mid];

		if (s->section < section || (s->section == section && s->va <= va))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static uint32_t code_section_at(const struct ks_holes *h, uint64_t va)
{
	const struct ks_elf *e = h->image;

	for (uint32_t i = 1; i < e->nr_sections; i++)
		if ((e->sections[i].flags & SHF_EXECINSTR) && (e->sections[i].flags & SHF_ALLOC) &&
		    va >= e->sections[i].va && va - e->sections[i].va < e->sections[i].len)
			return i;
	return 0;
}

const struct ks_code_symbol *ks_holes_function(const struct ks_holes *h, uint64_t va,
					       unsigned int before)
{
	uint32_t section = code_section_at(h, va);
	size_t n = symbols_to(h, section, va);

	if (!section)
		return NULL;
	/* Nesting is shallow in any kernel; the bound is for hostile input. */
	for (size_t i = 1; i <= 64 && i <= n; i++) {
		const struct ks_code_symbol *s = &h->syms.data[n - i];

		if (s->section != section)
			break;
		if (va < s->end_va)
			return s;
	}
	for (; before && n < h->syms.len; n++) {
		const struct ks_code_symbol *s = &h->syms.data[n];

		if (s->section != section || s->va - va > before)
			break;
		if (s->end_va > s->va)
			return s;
	}
	return NULL;
}

static int compare_vas(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

/* Entries in no function, sorted; from malloc(). */
static uint64_t *dead_entries(struct ks_holes *h, size_t *nr)
{
	uint64_t *dead = malloc((h->mcount.v.len + 1) * sizeof(*dead));
	unsigned int before = ks_mcount_before(h->image->machine);

	*nr = 0;
	for (size_t i = 0; dead && i < h->mcount.v.len; i++) {
		uint64_t va = h->mcount.v.data[i];

		if (!ks_mcount_is_zero(&h->mcount, va) && !ks_holes_function(h, va, before))
			dead[(*nr)++] = va;
	}
	if (dead && *nr)
		qsort(dead, *nr, sizeof(*dead), compare_vas);
	h->nr_dead_entries = (uint32_t)*nr;
	return dead;
}

/* ------------------------------------------------------------------- gaps */

struct walk {
	struct ks_holes *h;
	const uint8_t *data;	/* of the section */
	size_t len;
	uint64_t va;		/* where it starts */
	bool is_replacement;
	const uint64_t *dead, *dead_end;	/* entries not looked at so far */
	struct ksym_error *err;
};

/* Start of the function whose entry in the table is @entry, not before @floor. */
static uint64_t function_start(const struct walk *w, uint64_t floor, uint64_t entry)
{
	const struct ks_code *c = &w->h->code;
	size_t off = entry - w->va;

	/* arm64 with CALL_OPS: the entry is of the two words in front of the function. */
	if (c->machine == EM_AARCH64 && ks_padding_len(c, w->data + off, w->len - off) >= 8) {
		size_t in = off + 8;

		if (w->len - in >= 12 && ks_landing_pad(c, w->data, in + 4) == in)
			in += 4;
		if (w->len - in >= 8 && ks_padding_len(c, w->data + in, 8) == 8)
			return entry + 8;
	}
	return floor + ks_landing_pad(c, w->data + (floor - w->va), entry - floor);
}

/* A hole in [@va, @end_va), which begins with no padding, or behind the last hole of
 * the gap, whose first is @first. */
static struct ks_hole *add_hole(struct walk *w, uint64_t va, uint64_t end_va, uint32_t label)
{
	struct ks_hole *o = ks_vec_push(&w->h->v);

	if (!o) {
		ks_error_nomem(w->err);
		return NULL;
	}
	*o = (struct ks_hole){
		.va = va,
		.len = ks_code_len(&w->h->code, w->data + (va - w->va), end_va - va),
		.gap = (uint32_t)w->h->gaps.len,
		.label = label,
		.cu = UINT32_MAX,
		.live = KS_NO_SYMBOL,
		.live_cu = UINT32_MAX,
		.kind = label == KS_NO_SYMBOL ? KSYM_HOLE_CODE : KSYM_HOLE_ASSEMBLY,
	};
	return o;
}

/* Code in [@va, @end_va) that nothing is known of; @before_function: one begins at @end_va. */
static int add_unknown(struct walk *w, uint64_t va, uint64_t end_va, uint32_t label,
		       bool before_function)
{
	const uint8_t *p = w->data + (va - w->va);
	size_t skip = ks_padding_len(&w->h->code, p, end_va - va);

	va += skip;
	if (va == end_va || w->is_replacement || !ks_padding_known(&w->h->code) ||
	    (before_function && ks_is_type_hash(&w->h->code, p + skip, end_va - va)))
		return 0;
	return add_hole(w, va, end_va, label) ? 0 : -ENOMEM;
}

/*
 * Cut a gap at the labels [@sym, @sym_end) in it and at the functions that have entries:
 * what is between two cuts is one hole.
 */
static int cut_gap(struct walk *w, struct ks_gap gap, size_t sym, size_t sym_end)
{
	const struct ks_code_symbol *syms = w->h->syms.data;
	uint64_t at = gap.va, next;
	uint32_t label = KS_NO_SYMBOL;
	struct ks_gap *slot;
	int ret;

	gap.first = (uint32_t)w->h->v.len;
	while (w->dead < w->dead_end && *w->dead < gap.va)
		w->dead++;
	while (at < gap.end_va) {
		const uint64_t *entry = w->dead < w->dead_end && *w->dead < gap.end_va ? w->dead : NULL;
		uint64_t start = entry ? function_start(w, at, *entry) : gap.end_va;
		struct ks_hole *o;

		if (sym < sym_end && syms[sym].va <= start && syms[sym].va >= at) {
			/* Up to the label; several can be at one place. */
			ret = add_unknown(w, at, syms[sym].va, label, false);
			if (ret)
				return ret;
			at = syms[sym].va;
			label = (uint32_t)sym++;
			continue;
		}
		ret = add_unknown(w, at, start, label, entry);
		if (ret)
			return ret;
		at = start;
		if (!entry)
			break;
		w->dead++;
		next = w->dead < w->dead_end && *w->dead < gap.end_va
			       ? function_start(w, *entry, *w->dead) : gap.end_va;
		if (sym < sym_end && syms[sym].va > *entry && syms[sym].va < next)
			next = syms[sym].va;
		o = add_hole(w, start, next, KS_NO_SYMBOL);
		if (!o)
			return -ENOMEM;
		o->kind = KSYM_HOLE_FUNCTION;
		o->traced = true;
		o->mcount_va = *entry;
		at = next;
		while (sym < sym_end && syms[sym].va < at)
			sym++;
	}
	gap.nr = (uint32_t)w->h->v.len - gap.first;
	if (!gap.nr)
		return 0;
	slot = ks_vec_push(&w->h->gaps);
	if (!slot)
		return ks_error_nomem(w->err);
	*slot = gap;
	return 0;
}

static int walk_section(struct walk *w, uint32_t n, size_t *sym)
{
	struct ks_holes *h = w->h;
	const struct ks_elf_section *s = &h->image->sections[n];
	struct ks_gap gap = { .va = s->va, .section = n, .before = KS_NO_SYMBOL };
	int ret = ks_elf_section_data(h->image, n, &w->data, &w->len, w->err);
	size_t first;		/* label of the gap */

	if (ret || !w->data)
		return ret;
	w->va = s->va;
	/* Code that is there to be copied over other code has no symbols. */
	w->is_replacement = !strncmp(s->name, ".altinstr", 9);
	while (*sym < h->syms.len && h->syms.data[*sym].section < n)
		(*sym)++;
	for (first = *sym;; (*sym)++) {
		const struct ks_code_symbol *x = *sym < h->syms.len ? &h->syms.data[*sym] : NULL;
		bool last = !x || x->section != n;

		if (!last && x->va == x->end_va)
			continue;
		gap.end_va = last ? s->va + w->len : x->va;
		if (gap.end_va > gap.va) {
			while (first < *sym && h->syms.data[first].va < gap.va)
				first++;
			ret = cut_gap(w, gap, first, *sym);
			if (ret)
				return ret;
		}
		if (last)
			return 0;
		if (x->end_va > gap.va) {
			gap.va = x->end_va;
			gap.before = (uint32_t)*sym;
			first = *sym;
		}
	}
}

int ks_holes_find(struct ks_holes *h, struct ks_elf *image, struct ks_elf *symfile,
		  struct ksym_error *err)
{
	struct walk w = { .h = h, .err = err };
	uint64_t *dead = NULL;
	size_t nr, sym = 0;
	int ret;

	*h = (struct ks_holes){ .image = image, .symfile = symfile,
				.code = { .machine = image->machine, .swap = image->swap } };
	ret = read_symbols(h, err);
	if (!ret)
		ret = ks_mcount_read(&h->mcount, image, symfile, err);
	if (!ret) {
		dead = dead_entries(h, &nr);
		if (!dead)
			ret = ks_error_nomem(err);
	}
	for (uint32_t i = 1; i < image->nr_sections && !ret; i++) {
		const struct ks_elf_section *s = &image->sections[i];

		if (!(s->flags & SHF_EXECINSTR) || !(s->flags & SHF_ALLOC) || !s->len)
			continue;
		w.dead = dead;
		w.dead_end = dead + nr;
		ret = walk_section(&w, i, &sym);
	}
	free(dead);
	if (ret)
		ks_holes_free(h);
	return ret;
}

int ks_holes_split(struct ks_holes *h, const uint64_t *starts, size_t nr, struct ksym_error *err)
{
	struct walk w = { .h = h, .err = err };
	struct ks_hole *old = h->v.data;
	size_t nr_old = h->v.len, at = 0;
	uint32_t nr_gaps = (uint32_t)h->gaps.len;
	int ret = 0;

	h->v.data = NULL;
	h->v.len = h->v.cap = 0;
	/* add_hole() takes the number of the gap from how many there are. */
	for (h->gaps.len = 0; h->gaps.len < nr_gaps && !ret; h->gaps.len++) {
		struct ks_gap *g = &h->gaps.data[h->gaps.len];

		w.va = h->image->sections[g->section].va;
		ret = ks_elf_section_data(h->image, g->section, &w.data, &w.len, err);
		g->first = (uint32_t)h->v.len;
		for (; at < nr_old && old[at].gap == h->gaps.len && !ret; at++) {
			uint64_t va = old[at].va, end = va + old[at].len;
			size_t k = 0, hi = nr;

			while (k < hi) {
				size_t mid = k + (hi - k) / 2;

				if (starts[mid] <= va)
					k = mid + 1;
				else
					hi = mid;
			}
			for (; k < nr && starts[k] < end && old[at].kind == KSYM_HOLE_CODE && !ret; k++) {
				if (starts[k] == va)
					continue;
				if (!add_hole(&w, va, starts[k], old[at].label))
					ret = -ENOMEM;
				va = starts[k];
			}
			if (!ret && !add_hole(&w, va, end, old[at].label))
				ret = -ENOMEM;
			if (!ret && va == old[at].va)
				h->v.data[h->v.len - 1] = old[at];
		}
		g->nr = (uint32_t)h->v.len - g->first;
	}
	h->gaps.len = nr_gaps;
	free(old);
	return ret;
}

void ks_holes_free(struct ks_holes *h)
{
	ks_mcount_free(&h->mcount);
	ks_vec_free(&h->syms);
	ks_vec_free(&h->gaps);
	ks_vec_free(&h->v);
}
