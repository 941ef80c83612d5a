// SPDX-License-Identifier: LGPL-2.1-or-later
/* Writes the tables that tables/format.h describes. */
#include "index/index.h"
#include "index/model.h"

#include <stdlib.h>
#include <string.h>
#include "tables/format.h"

struct out {
	KS_VEC(uint8_t) b;
	bool failed;
};

static void put(struct out *o, const void *p, size_t len)
{
	if (!len)
		return;
	if (o->failed || !ks_vec_reserve(&o->b, len)) {
		o->failed = true;
		return;
	}
	memcpy(o->b.data + o->b.len, p, len);
	o->b.len += len;
}

static void put8(struct out *o, uint8_t v)
{
	put(o, &v, 1);
}

static void put_int(struct out *o, uint64_t v, unsigned int len)
{
	uint8_t buf[8];

	ks_index_store(buf, v, len);
	put(o, buf, len);
}

/* A packed table: `put_bits` for each number, `end_bits` at the end. */
struct bits {
	struct out *o;
	uint64_t acc;
	unsigned int nr;
};

static void put_bits(struct bits *b, uint32_t v, unsigned int width)
{
	b->acc |= (uint64_t)v << b->nr;
	for (b->nr += width; b->nr >= 8; b->nr -= 8, b->acc >>= 8)
		put8(b->o, (uint8_t)b->acc);
}

static void end_bits(struct bits *b)
{
	static const uint8_t tail[KS_PACKED_TAIL];

	if (b->nr)
		put8(b->o, (uint8_t)b->acc);
	put(b->o, tail, sizeof(tail));
}

static unsigned int width_of(uint64_t max)
{
	unsigned int n = 0;

	for (; max; max >>= 1)
		n++;
	return n;
}

struct encoder {
	struct ks_model *m;
	struct out tab[KS_NR_TABLES];
	uint16_t bits[KS_NR_TABLES];
	uint32_t *field[KS_NR_FIELDS];	/* of SYMR, for each symbol */
	uint8_t width[KS_NR_FIELDS];
	struct ks_strpool strings;	/* of STRS */
	uint32_t *string_off;
	size_t string_cap;
	struct ks_strpool owners;	/* 12-byte OWNT records */
	uint32_t *object_nr;		/* of each object that some symbol names; else ~0 */
};

/* What is printed later, paths in braces, must hold nothing that spoils that. */
static const char *printable(struct encoder *e, const char *s)
{
	char *copy = NULL;

	for (size_t i = 0; s[i]; i++) {
		if ((unsigned char)s[i] >= 0x20 && s[i] != 0x7f && s[i] != '}')
			continue;
		if (!copy)
			copy = ks_arena_strdup(&e->m->arena, s, strlen(s));
		if (!copy)
			return NULL;
		copy[i] = '?';
	}
	return copy ? copy : s;
}

/* Offset in STRS of a string, new or old; UINT32_MAX when out of memory. */
static uint32_t string_off(struct encoder *e, const char *s)
{
	const char *clean = printable(e, s);
	uint32_t n = clean ? ks_strpool_add(&e->strings, clean, strlen(clean)) : KS_STRPOOL_NONE;

	if (n == KS_STRPOOL_NONE)
		goto fail;
	s = clean;
	if (n >= e->string_cap) {
		size_t cap = e->string_cap ? e->string_cap * 2 : 1024;
		uint32_t *p = realloc(e->string_off, cap * sizeof(*p));

		if (!p)
			goto fail;
		memset(p + e->string_cap, 0xff, (cap - e->string_cap) * sizeof(*p));
		e->string_off = p;
		e->string_cap = cap;
	}
	if (e->string_off[n] == UINT32_MAX) {
		if (e->tab[KS_STRS].b.len > UINT32_MAX / 2)
			goto fail;
		e->string_off[n] = (uint32_t)e->tab[KS_STRS].b.len;
		put(&e->tab[KS_STRS], s, strlen(s) + 1);
	}
	return e->string_off[n];
fail:
	e->tab[KS_STRS].failed = true;
	return UINT32_MAX;
}

/* --------------------------------------------------------------- addresses */

static void encode_addresses(struct encoder *e)
{
	const struct ks_isym *syms = e->m->syms.data;
	size_t n = e->m->syms.len, i = 0;
	struct out *segs = &e->tab[KS_SEGS], *page = &e->tab[KS_PAGE], *pidx = &e->tab[KS_PIDX];
	uint32_t nr_pages = 0;

	while (i < n) {
		uint64_t first = syms[i].va >> KS_PAGE_BITS, p = first;
		uint32_t first_entry = nr_pages;

		/* A gap of more than 16 pages starts a new segment. */
		for (; i < n; p++) {
			uint64_t sym_page = syms[i].va >> KS_PAGE_BITS;

			if (sym_page > p && sym_page - p > 16)
				break;
			put_int(page, i, 4);
			for (; i < n && syms[i].va >> KS_PAGE_BITS == p; i++)
				if (i % KS_PIDX_STEP == 0)
					put_int(pidx, nr_pages, 4);
			nr_pages++;
		}
		put_int(segs, first, 8);
		put_int(segs, nr_pages - first_entry, 4);
		put_int(segs, first_entry, 4);
	}
	put_int(page, n, 4);
	for (i = 0; i < n; i++)
		put_int(&e->tab[KS_OFFS], syms[i].va & 0xffff, 2);
}

/* Padding behind each symbol, UINT64_MAX when its size cannot be said so. */
static void find_paddings(const struct ks_model *m, uint64_t *padding)
{
	const struct ks_isym *syms = m->syms.data;
	size_t n = m->syms.len, next = n;

	for (size_t i = n; i--;) {
		if (i + 1 < n && syms[i + 1].va != syms[i].va)
			next = i + 1;
		padding[i] = UINT64_MAX;
		/* Readers follow a run of aliases only so far. */
		if (next < n && next - i <= KS_ALIAS_MAX &&
		    syms[next].va - syms[i].va >= syms[i].len)
			padding[i] = syms[next].va - syms[i].va - syms[i].len;
	}
}

/* The width that makes SIZE and SZEX smallest together. */
static unsigned int best_size_width(const struct ks_model *m, const uint64_t *padding)
{
	size_t fits[17] = { 0 }, n = m->syms.len, best_len = SIZE_MAX;
	unsigned int best = 2;

	for (size_t i = 0; i < n; i++)
		for (unsigned int w = 2; w <= 16; w++)
			fits[w] += !m->syms.data[i].len || padding[i] < ((uint64_t)1 << w) - 2;
	for (unsigned int w = 2; w <= 16; w++) {
		size_t len = n * w / 8 + (n - fits[w]) * KS_SZEX_LEN;

		if (len < best_len) {
			best_len = len;
			best = w;
		}
	}
	return best;
}

static int encode_sizes(struct encoder *e)
{
	const struct ks_model *m = e->m;
	uint64_t *padding = malloc((m->syms.len + 1) * sizeof(*padding));
	uint32_t all, *size = e->field[KS_F_SIZE];

	if (!padding)
		return ks_error_nomem(m->err);
	find_paddings(m, padding);
	e->width[KS_F_SIZE] = (uint8_t)best_size_width(m, padding);
	all = (1u << e->width[KS_F_SIZE]) - 1;
	for (size_t i = 0; i < m->syms.len; i++) {
		if (!m->syms.data[i].len) {
			size[i] = all - 1;
		} else if (padding[i] < all - 1) {
			size[i] = (uint32_t)padding[i];
		} else {
			size[i] = all;
			put_int(&e->tab[KS_SZEX], i, 4);
			put_int(&e->tab[KS_SZEX], m->syms.data[i].len, 8);
		}
	}
	free(padding);
	return 0;
}

static void encode_types(struct encoder *e)
{
	const struct ks_model *m = e->m;
	uint8_t code[256];
	unsigned int nr = 0;

	memset(code, 0xff, sizeof(code));
	for (size_t i = 0; i < m->syms.len; i++) {
		uint8_t t = (uint8_t)m->syms.data[i].type |
			    (m->syms.data[i].is_text ? KS_TYPE_TEXT : 0);

		if (code[t] == 0xff) {
			code[t] = (uint8_t)nr++;
			put8(&e->tab[KS_TPAL], t);
		}
		e->field[KS_F_TYPE][i] = code[t];
	}
	e->width[KS_F_TYPE] = (uint8_t)width_of(nr ? nr - 1 : 0);
}

/* All fields are known: one record a symbol. */
static void encode_records(struct encoder *e)
{
	struct bits b = { .o = &e->tab[KS_SYMR] };

	for (size_t i = 0; i < e->m->syms.len; i++)
		for (unsigned int f = 0; f < KS_NR_FIELDS; f++)
			put_bits(&b, e->field[f][i], e->width[f]);
	end_bits(&b);
	for (unsigned int f = 0; f < KS_NR_FIELDS; f++)
		e->bits[KS_SYMR] += e->width[f];
}

/* ------------------------------------------------------------------- names */

static void put_varint(struct out *o, uint32_t v)
{
	/* Names are below 2^14 bytes. */
	if (v >= 0x80) {
		put8(o, (uint8_t)(v | 0x80));
		put8(o, (uint8_t)(v >> 7));
	} else {
		put8(o, (uint8_t)v);
	}
}

static void encode_names(struct encoder *e)
{
	const struct ks_model *m = e->m;
	size_t n = m->syms.len;
	struct out *o = &e->tab[KS_NAME];
	struct bits ordr = { .o = &e->tab[KS_ORDR] };
	const struct ks_isym *before = NULL;
	unsigned int width = width_of(n ? n - 1 : 0);

	e->width[KS_F_RANK] = (uint8_t)width;
	e->bits[KS_ORDR] = (uint16_t)width;
	for (size_t pos = 0; pos < n; pos++) {
		const struct ks_isym *s = &m->syms.data[m->name_order[pos]];
		uint32_t shared = 0;

		if (pos % KS_NAME_BLOCK == 0) {
			put_int(&e->tab[KS_NBLK], o->b.len, 4);
		} else {
			while (shared < KS_NAME_SHARED_MAX && shared < before->name_len && shared < s->name_len &&
			       before->name[shared] == s->name[shared])
				shared++;
			put8(o, (uint8_t)shared);
		}
		put_varint(o, s->name_len - shared);
		put(o, s->name + shared, s->name_len - shared);
		before = s;
		e->field[KS_F_RANK][m->name_order[pos]] = (uint32_t)pos;
		put_bits(&ordr, m->name_order[pos], width);
	}
	put_int(&e->tab[KS_NBLK], o->b.len, 4);
	if (o->b.len > UINT32_MAX / 2)
		o->failed = true;
	end_bits(&ordr);
}

/* ------------------------------------------------------------------ owners */

static int encode_owners(struct encoder *e)
{
	const struct ks_model *m = e->m;
	uint32_t *owner = e->field[KS_F_OWNER], nr = 0;

	e->object_nr = malloc((m->objs.len + 1) * sizeof(*e->object_nr));
	if (!e->object_nr)
		return ks_error_nomem(m->err);
	memset(e->object_nr, 0xff, (m->objs.len + 1) * sizeof(*e->object_nr));
	for (size_t i = 0; i < m->syms.len; i++) {
		if (m->syms.data[i].object != KS_NO_OBJECT)
			e->object_nr[m->syms.data[i].object] = 0;
		if (m->syms.data[i].other_object != KS_NO_OBJECT)
			e->object_nr[m->syms.data[i].other_object] = 0;
	}
	for (size_t i = 0; i < m->dead.len; i++)
		if (m->dead.data[i].object != KS_NO_OBJECT)
			e->object_nr[m->dead.data[i].object] = 0;
	for (size_t i = 0; i < m->objs.len; i++)
		if (!e->object_nr[i])
			e->object_nr[i] = nr++;
	for (size_t i = 0; i < m->syms.len; i++) {
		const struct ks_isym *s = &m->syms.data[i];
		uint8_t rec[KS_OWNT_LEN];

		owner[i] = 0;
		if (s->object == KS_NO_OBJECT)
			continue;
		ks_index_store(rec, e->object_nr[s->object], 4);
		ks_index_store(rec + 4, s->other_object == KS_NO_OBJECT ? KS_NO_OBJECT
							       : e->object_nr[s->other_object], 4);
		ks_index_store(rec + 8, s->sources, 4);
		owner[i] = ks_strpool_add(&e->owners, (const char *)rec, sizeof(rec)) + 1;
		if (!owner[i])
			return ks_error_nomem(m->err);
	}
	for (uint32_t i = 0; i < e->owners.nr; i++)
		put(&e->tab[KS_OWNT], ks_strpool_get(&e->owners, i), KS_OWNT_LEN);
	e->width[KS_F_OWNER] = (uint8_t)width_of(e->owners.nr);
	return 0;
}

static uint16_t suffix_off(const struct ks_iobject *o, uint16_t components)
{
	size_t off = ks_path_suffix(o->path, components);

	return components && off < KS_NO_SUFFIX ? (uint16_t)off : KS_NO_SUFFIX;
}

static int compare_module_names(const void *pa, const void *pb, void *arg)
{
	const struct ks_strpool *p = arg;

	return strcmp(ks_strpool_get(p, *(const uint32_t *)pa),
		      ks_strpool_get(p, *(const uint32_t *)pb));
}

static int encode_objects(struct encoder *e)
{
	struct ks_model *m = e->m;
	uint32_t nr = m->modules.nr;
	uint32_t *sorted = calloc((size_t)nr + 1, 2 * sizeof(*sorted)), *number;

	if (!sorted)
		return ks_error_nomem(m->err);
	number = sorted + nr + 1;
	for (uint32_t i = 0; i < nr; i++)
		sorted[i] = i;
	qsort_r(sorted, nr, sizeof(*sorted), compare_module_names, &m->modules);
	for (uint32_t i = 0; i < nr; i++) {
		number[sorted[i]] = i;
		put_int(&e->tab[KS_MODS], string_off(e, ks_strpool_get(&m->modules, sorted[i])), 4);
	}
	for (size_t i = 0; i < m->objs.len; i++) {
		const struct ks_iobject *o = &m->objs.data[i];
		struct out *t = &e->tab[KS_OBJS];

		if (e->object_nr[i] == UINT32_MAX)
			continue;
		put_int(t, string_off(e, o->path), 4);
		put_int(t, o->first_module, 4);
		put_int(t, o->nr_modules, 2);
		put_int(t, suffix_off(o, o->text_suffix), 2);
		put_int(t, suffix_off(o, o->data_suffix), 2);
		put_int(t, o->module_sources, 2);
	}
	for (size_t i = 0; i < m->object_modules.len; i++)
		put_int(&e->tab[KS_OMOD], number[m->object_modules.data[i]], 4);
	free(sorted);
	return 0;
}

static int compare_sections(const void *pa, const void *pb, void *arg)
{
	const struct ks_elf_section *s = arg;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	if (s[a].va != s[b].va)
		return s[a].va < s[b].va ? -1 : 1;
	return a < b ? -1 : 1;
}

static int encode_sections(struct encoder *e)
{
	const struct ks_elf *image = e->m->image;
	uint32_t *order = malloc(((size_t)image->nr_sections + 1) * sizeof(*order)), nr = 0;

	if (!order)
		return ks_error_nomem(e->m->err);
	for (uint32_t i = 1; i < image->nr_sections; i++)
		if (image->sections[i].flags & SHF_ALLOC)
			order[nr++] = i;
	qsort_r(order, nr, sizeof(*order), compare_sections, image->sections);
	for (uint32_t i = 0; i < nr; i++) {
		const struct ks_elf_section *s = &image->sections[order[i]];
		struct out *t = &e->tab[KS_SECT];

		put_int(t, s->va, 8);
		put_int(t, s->len, 8);
		put_int(t, string_off(e, s->name), 4);
		put_int(t, (s->is_code ? KS_SECT_TEXT : 0) |
				   (s->flags & SHF_WRITE ? KS_SECT_WRITE : 0), 4);
	}
	free(order);
	return 0;
}

/* Overlapping ones, which only broken input can have, are left out. */
static void encode_dead(struct encoder *e)
{
	struct out *t = &e->tab[KS_HOLE];
	uint64_t end = 0;

	for (size_t i = 0; i < e->m->dead.len; i++) {
		const struct ks_idead *x = &e->m->dead.data[i];

		if (x->va < end || x->len > UINT64_MAX - x->va)
			continue;
		put_int(t, x->va, 8);
		put_int(t, x->len, 4);
		put_int(t, x->name[0] ? string_off(e, x->name) : 0, 4);
		put_int(t, x->object == KS_NO_OBJECT ? KS_NO_OBJECT : e->object_nr[x->object], 4);
		put_int(t, x->flags, 4);
		end = x->va + x->len;
	}
}

/* -------------------------------------------------------------------- file */

static int assemble(struct encoder *e, uint8_t **out, size_t *out_len)
{
	struct ks_index_part parts[KS_NR_TABLES] = { 0 };
	const struct ks_model *m = e->m;
	uint8_t h[KS_HDR_LEN] = { 0 };

	for (unsigned int i = 0; i < KS_NR_TABLES; i++) {
		if (e->tab[i].failed)
			return ks_error_nomem(m->err);
		parts[i] = (struct ks_index_part){ e->tab[i].b.data, e->tab[i].b.len, e->bits[i] };
	}
	ks_index_store(h + KS_HDR_NR_SYMBOLS, m->syms.len, 4);
	ks_index_store(h + KS_HDR_TEXT_VA, m->text_va, 8);
	ks_index_store(h + KS_HDR_ELF_TYPE, m->image->type, 2);
	ks_index_store(h + KS_HDR_ELF_MACHINE, m->image->machine, 2);
	h[KS_HDR_ELF_CLASS] = m->image->class;
	h[KS_HDR_ELF_DATA] = m->image->data;
	h[KS_HDR_BUILD_ID_LEN] = m->image->build_id_len;
	h[KS_HDR_FLAGS] = (m->has_text_va ? KS_FLAG_HAS_TEXT_VA : 0) |
			  (m->opts->select > KSYM_SELECT_KALLSYMS ? KS_FLAG_NOT_KALLSYMS : 0) |
			  (ks_model_is_module(m) ? KS_FLAG_MODULE : 0);
	memcpy(h + KS_HDR_BUILD_ID, m->image->build_id, m->image->build_id_len);
	memcpy(h + KS_HDR_WIDTHS, e->width, KS_NR_FIELDS);
	return ks_index_assemble(h, parts, out, out_len, m->err);
}

int ks_model_encode(struct ks_model *m, void **out, size_t *len)
{
	struct encoder e = { .m = m };
	int ret = 0;

	if (m->syms.len >= UINT32_MAX / 4)
		return ks_error(m->err, -EFBIG, "%s: more than 2^30 symbols", m->image->path);
	for (unsigned int f = 0; f < KS_NR_FIELDS && !ret; f++) {
		e.field[f] = malloc((m->syms.len + 1) * sizeof(*e.field[f]));
		if (!e.field[f])
			ret = ks_error_nomem(m->err);
	}
	put8(&e.tab[KS_STRS], 0);	/* offset 0: the empty string, so never no string */
	if (!ret)
		ret = encode_sizes(&e);
	if (!ret)
		ret = encode_owners(&e);
	if (!ret)
		ret = encode_objects(&e);
	if (!ret)
		ret = encode_sections(&e);
	if (!ret) {
		encode_dead(&e);
		encode_addresses(&e);
		encode_types(&e);
		encode_names(&e);
		encode_records(&e);
		ret = assemble(&e, (uint8_t **)out, len);
	}
	for (unsigned int f = 0; f < KS_NR_FIELDS; f++)
		free(e.field[f]);
	for (unsigned int i = 0; i < KS_NR_TABLES; i++)
		ks_vec_free(&e.tab[i].b);
	ks_strpool_free(&e.strings);
	ks_strpool_free(&e.owners);
	free(e.string_off);
	free(e.object_nr);
	return ret;
}
