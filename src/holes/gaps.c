// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where code is that no symbol covers. */
#include "holes/holes.h"

#include <string.h>

/* --------------------------------------------------------------- symbols */

/*
 * "$d" and "$x" of arm64 and others: where data and code begin.  Tools put names of programs in
 * front.  0: is none.
 */
static char mapping_kind(const char *name)
{
	const char *s = name[0] == '$' ? name : strncmp(name, "__", 2) ? NULL : strstr(name, "_$");

	if (!s)
		return 0;
	s += s == name ? 1 : 2;
	return (*s == 'd' || *s == 'x' || *s == 'a' || *s == 't') && (!s[1] || s[1] == '.') ? *s : 0;
}

/* Mapping symbols of arm64 and local labels cover nothing. */
static bool is_marker(const char *name)
{
	return name[0] == '$' || !strncmp(name, ".L", 2) || !strncmp(name, "__pi_.L", 7) ||
	       !strncmp(name, "__kvm_nvhe_.L", 13) || mapping_kind(name);
}

static int compare_spans(const void *pa, const void *pb)
{
	const struct ks_span *a = pa, *b = pb;

	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	return a->end_va < b->end_va ? -1 : a->end_va > b->end_va;
}

/* Sorted, those that overlap or touch made one. */
static void sort_others(struct ks_holes *h)
{
	struct ks_span *v = h->others.data;
	size_t nr = 0;

	if (h->others.len)
		qsort(v, h->others.len, sizeof(*v), compare_spans);
	for (size_t i = 0; i < h->others.len; i++) {
		if (!nr || v[i].va > v[nr - 1].end_va)
			v[nr++] = v[i];
		else if (v[i].end_va > v[nr - 1].end_va)
			v[nr - 1].end_va = v[i].end_va;
	}
	h->others.len = nr;
}

struct mapping {
	uint64_t va;
	uint32_t section;
	bool is_data;
};

static int compare_mappings(const void *pa, const void *pb)
{
	const struct mapping *a = pa, *b = pb;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	return b->is_data - a->is_data;	/* code wins */
}

/* Data in code, as literals of assembly. */
static int find_data(struct ks_holes *h, const uint32_t *map, struct ksym_error *err)
{
	KS_VEC(struct mapping) v = { 0 };
	int ret = 0;

	for (uint32_t i = 1; i < h->symfile->nr_symbols && !ret; i++) {
		struct ks_elf_symbol s;
		uint32_t n;
		char kind;

		ret = ks_elf_symbol(h->symfile, i, &s, err);
		kind = ret ? 0 : mapping_kind(s.name);
		n = kind && s.shndx < h->symfile->nr_sections ? map[s.shndx] : 0;
		if (!n || !h->image->sections[n].is_code || s.len)
			continue;
		if (ks_vec_push(&v))
			v.data[v.len - 1] = (struct mapping){ s.va, n, kind == 'd' };
		else
			ret = ks_error_nomem(err);
	}
	if (v.len)
		qsort(v.data, v.len, sizeof(*v.data), compare_mappings);
	for (size_t i = 0; i < v.len && !ret; i++) {
		const struct ks_elf_section *s = &h->image->sections[v.data[i].section];
		bool last = i + 1 == v.len || v.data[i + 1].section != v.data[i].section;
		struct ks_span span = { v.data[i].va, last ? s->va + s->len : v.data[i + 1].va };

		if (!v.data[i].is_data || span.va >= span.end_va)
			continue;
		if (ks_vec_push(&h->others))
			h->others.data[h->others.len - 1] = span;
		else
			ret = ks_error_nomem(err);
	}
	ks_vec_free(&v);
	return ret;
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

/* @map: the image's section of each of the symbol file's. */
static int read_symbols(struct ks_holes *h, const uint32_t *map, struct ksym_error *err)
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
		n = s.shndx < h->symfile->nr_sections ? map[s.shndx] : 0;
		if (!n || !h->image->sections[n].is_code)
			continue;
		sect = &h->image->sections[n];
		if (s.va < sect->va || s.va - sect->va > sect->len)
			continue;
		out = ks_vec_push(&h->syms);
		if (!out)
			return ks_error_nomem(err);
		if (s.len > sect->va + sect->len - s.va)
			s.len = sect->va + sect->len - s.va;
		if (h->image->type != ET_REL && !strcmp(s.name, "__fentry__"))
			h->fentry_va = s.va;
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

static bool has_code(const struct ks_elf_section *s)
{
	return s->is_code && (s->flags & SHF_ALLOC) && s->len;
}

static int compare_sections(const void *pa, const void *pb, void *arg)
{
	const struct ks_elf_section *v = arg;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	if (v[a].va != v[b].va)
		return v[a].va < v[b].va ? -1 : 1;
	return a < b ? -1 : a > b;
}

static int sort_sections(struct ks_holes *h, struct ksym_error *err)
{
	const struct ks_elf *e = h->image;

	for (uint32_t i = 1; i < e->nr_sections; i++) {
		uint32_t *slot = has_code(&e->sections[i]) ? ks_vec_push(&h->sections) : NULL;

		if (slot)
			*slot = i;
		else if (has_code(&e->sections[i]))
			return ks_error_nomem(err);
	}
	if (h->sections.len)
		qsort_r(h->sections.data, h->sections.len, sizeof(*h->sections.data), compare_sections,
			e->sections);
	return 0;
}

/* Sections overlap in broken files only. */
static uint32_t code_section_at(const struct ks_holes *h, uint64_t va)
{
	const struct ks_elf_section *v = h->image->sections;
	size_t lo = 0, hi = h->sections.len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v[h->sections.data[mid]].va <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || va - v[h->sections.data[lo - 1]].va >= v[h->sections.data[lo - 1]].len)
		return 0;
	return h->sections.data[lo - 1];
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

		const struct ks_code_symbol *s;

		if (ks_mcount_is_zero(&h->mcount, va))
			continue;
		s = ks_holes_function(h, va, before);
		if (!s)
			dead[(*nr)++] = va;
		else
			h->has_entry_space |= s->va > va;
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

/* ftrace's entry, seen from @va. */
static int64_t fentry_from(const struct walk *w, uint64_t va)
{
	return w->h->fentry_va ? (int64_t)(w->h->fentry_va - va) : 0;
}

/* The last of @skip bytes of padding are those that a function of arm64 begins with, for ftrace. */
static size_t own_nops(const struct walk *w, const uint8_t *p, size_t skip)
{
	static const uint8_t nops[] = { 0x1f, 0x20, 3, 0xd5, 0x1f, 0x20, 3, 0xd5 };

	return w->h->code.machine == EM_AARCH64 && w->h->mcount.v.len && skip >= sizeof(nops) &&
	       !memcmp(p + skip - sizeof(nops), nops, sizeof(nops)) ? sizeof(nops) : 0;
}

/* Code in [@va, @end_va) that nothing is known of; @before_function: one begins at @end_va. */
static int add_unknown(struct walk *w, uint64_t va, uint64_t end_va, uint32_t label,
		       bool before_function)
{
	const uint8_t *p = w->data + (va - w->va);
	size_t skip = ks_padding_len(&w->h->code, p, end_va - va);

	if (skip == end_va - va || w->is_replacement || !ks_padding_known(&w->h->code) ||
	    (before_function && ks_is_type_hash(&w->h->code, p + skip, end_va - va - skip)))
		return 0;
	va += skip - own_nops(w, p, skip);
	while (va < end_va) {
		size_t len = end_va - va, next;
		bool proven;
		struct ks_hole *o;

		p = w->data + (va - w->va);
		next = ks_next_function(&w->h->code, p, len, fentry_from(w, va),
					!w->h->mcount.v.len ? 0 : w->h->has_entry_space ? 4 : 2, &proven);
		o = add_hole(w, va, va + next, label);
		if (!o)
			return -ENOMEM;
		if (ks_calls_first(&w->h->code, p, len, fentry_from(w, va)))
			o->kind = KSYM_HOLE_FUNCTION;
		va += next;
		label = KS_NO_SYMBOL;
	}
	return 0;
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

/* The same, around what is no function. */
static int cut_around(struct walk *w, struct ks_gap gap, size_t sym, size_t sym_end)
{
	const struct ks_span *spans = w->h->others.data;
	size_t nr = w->h->others.len, lo = 0, hi = nr;
	uint64_t end_va = gap.end_va;
	int ret = 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (spans[mid].va < gap.va)
			lo = mid + 1;
		else
			hi = mid;
	}
	/* It may have begun in front of the gap. */
	if (lo && spans[lo - 1].end_va > gap.va)
		lo--;
	for (; lo < nr && spans[lo].va < end_va && !ret; lo++) {
		gap.end_va = spans[lo].va;
		if (gap.end_va > gap.va)
			ret = cut_gap(w, gap, sym, sym_end);
		if (spans[lo].end_va > gap.va)
			gap.va = spans[lo].end_va < end_va ? spans[lo].end_va : end_va;
		while (sym < sym_end && w->h->syms.data[sym].va < gap.va)
			sym++;
	}
	gap.end_va = end_va;
	return ret || gap.va == end_va ? ret : cut_gap(w, gap, sym, sym_end);
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
			ret = cut_around(w, gap, first, *sym);
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
	uint32_t *map = NULL;
	uint64_t *dead = NULL;
	size_t nr, sym = 0;
	int ret;

	*h = (struct ks_holes){ .image = image, .symfile = symfile,
				.code = { .machine = image->machine, .swap = image->swap } };
	ret = ks_elf_match_sections(image, symfile, &map, err);
	if (!ret)
		ret = sort_sections(h, err);
	if (!ret)
		ret = read_symbols(h, map, err);
	if (!ret)
		ret = find_data(h, map, err);
	free(map);
	if (!ret)
		ret = ks_alternatives_read(h, err);
	if (!ret)
		sort_others(h);
	if (!ret)
		ret = ks_mcount_read(&h->mcount, image, symfile, err);
	if (!ret) {
		dead = dead_entries(h, &nr);
		if (!dead)
			ret = ks_error_nomem(err);
	}
	for (uint32_t i = 1; i < image->nr_sections && !ret; i++) {
		if (!has_code(&image->sections[i]))
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

/* The part [@va, @end_va) of hole @o; the first is what @o was. */
static int add_piece(struct walk *w, const struct ks_hole *o, uint64_t va, uint64_t end_va)
{
	struct ks_hole *piece = add_hole(w, va, end_va, o->kind == KSYM_HOLE_ASSEMBLY ? o->label : KS_NO_SYMBOL);
	uint64_t len;

	if (!piece)
		return -ENOMEM;
	len = end_va == o->va + o->len ? end_va - va : piece->len;
	if (va == o->va) {
		*piece = *o;
		piece->gap = (uint32_t)w->h->gaps.len;
	}
	piece->len = len;
	w->h->v.len -= !len;
	return 0;
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
			ret = add_piece(&w, &old[at], va, k < nr && starts[k] < end ? starts[k] : end);
			for (; k < nr && starts[k] < end && !ret; k++)
				if (k + 1 == nr || starts[k + 1] != starts[k])
					ret = add_piece(&w, &old[at], starts[k],
							k + 1 < nr && starts[k + 1] < end ? starts[k + 1] : end);
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
	ks_vec_free(&h->sections);
	ks_vec_free(&h->others);
	ks_vec_free(&h->syms);
	ks_vec_free(&h->gaps);
	ks_vec_free(&h->v);
}
