// SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only
/* Reads every entry of every table once: what passes needs no further trust. */
#include "reader.h"

static int refuse(const char **why, const char *text)
{
	*why = text;
	return -EBADMSG;
}

static int check_addresses(const struct ks_tables *t, const char **why)
{
	const struct ks_table_view *segs = &t->tab[KS_SEGS], *page = &t->tab[KS_PAGE];
	uint64_t end = 0;
	uint32_t next = 0, last = 0, seg;

	for (seg = 0; seg < segs->nr; seg++) {
		const uint8_t *s = segs->p + (size_t)seg * KS_SEGS_LEN;
		uint64_t first = ks_get64(s);
		uint32_t nr = ks_get32(s + 8);

		if ((seg && first < end) || !nr || ks_get32(s + 12) != next || nr >= page->nr ||
		    next >= page->nr - nr || first > (~(uint64_t)0 >> KS_PAGE_BITS) - nr + 1)
			return refuse(why, "address segments are out of order");
		end = first + nr;
		next += nr;
	}
	if (next + 1 != page->nr)
		return refuse(why, "address segments and pages do not fit");
	for (uint32_t i = 0; i < page->nr; i++) {
		uint32_t v = ks_get32(page->p + (size_t)i * 4);

		if (v < last || v > t->nr_symbols)
			return refuse(why, "pages are out of order");
		for (uint32_t k = last + 1; k < v; k++)
			if (ks_get16(t->tab[KS_OFFS].p + (size_t)k * 2) <
			    ks_get16(t->tab[KS_OFFS].p + (size_t)k * 2 - 2))
				return refuse(why, "addresses are out of order");
		last = v;
	}
	if (last != t->nr_symbols || (page->nr && ks_get32(page->p)))
		return refuse(why, "pages do not cover all symbols");
	for (uint32_t i = 0; i < t->tab[KS_PIDX].nr; i++) {
		uint32_t n = ks_get32(t->tab[KS_PIDX].p + (size_t)i * 4), sym = i * KS_PIDX_STEP;

		if (n >= page->nr - 1 || ks_get32(page->p + (size_t)n * 4) > sym ||
		    ks_get32(page->p + (size_t)n * 4 + 4) <= sym)
			return refuse(why, "a symbol's page is wrong");
	}
	return 0;
}

/* Names are not empty, and of bytes that stand for something in a line of text. */
static bool name_ok(const char *name, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++)
		if ((uint8_t)name[i] <= 0x20 || name[i] == 0x7f)
			return false;
	return len;
}

static int check_symbols(const struct ks_tables *t, const char **why)
{
	char name[KS_NAME_MAX + 1], before[KS_NAME_MAX + 1];
	uint32_t szex = t->tab[KS_SZEX].nr, last = 0;

	before[0] = 0;
	for (uint32_t pos = 0; pos < t->nr_symbols; pos++) {
		uint32_t i = ks_tables_ordered(t, pos);
		struct ks_sym sym;
		int c;

		/* Each being the other's inverse makes both permutations. */
		if (i == KS_NONE || ks_tables_rank(t, i) != pos)
			return refuse(why, "name order and symbols do not fit");
		if (!name_ok(name, ks_tables_name(t, i, name)))
			return refuse(why, "a name is malformed");
		c = strcmp(before, name);
		if (c > 0 || (!c && pos && last > i))
			return refuse(why, "names are out of order");
		strcpy(before, name);
		last = i;
		if (!ks_tables_symbol(t, i, &sym) || sym.type == '?')
			return refuse(why, "a symbol's type is out of range");
	}
	for (uint32_t i = 0; i < szex; i++) {
		uint32_t sym = ks_get32(t->tab[KS_SZEX].p + (size_t)i * KS_SZEX_LEN);

		if (sym >= t->nr_symbols || (i && sym <= last))
			return refuse(why, "sizes are out of order");
		last = sym;
	}
	return 0;
}

static bool string_ok(const struct ks_tables *t, const uint8_t *p)
{
	return ks_get32(p) < t->tab[KS_STRS].nr;
}

static int check_owners(const struct ks_tables *t, const char **why)
{
	const struct ks_table_view *v;

	v = &t->tab[KS_OWNT];
	for (uint32_t i = 0; i < v->nr; i++) {
		const uint8_t *e = v->p + (size_t)i * KS_OWNT_LEN;

		if (ks_get32(e) >= t->tab[KS_OBJS].nr ||
		    (ks_get32(e + 4) != KS_NONE && ks_get32(e + 4) >= t->tab[KS_OBJS].nr))
			return refuse(why, "an owner names no object");
	}
	v = &t->tab[KS_OBJS];
	for (uint32_t i = 0; i < v->nr; i++) {
		const uint8_t *e = v->p + (size_t)i * KS_OBJS_LEN;
		struct ks_obj o;

		ks_tables_object(t, i, &o);
		if (!string_ok(t, e) || o.nr_modules != ks_get16(e + 8) ||
		    (!o.text_suffix && ks_get16(e + 10) != KS_NO_SUFFIX) ||
		    (!o.data_suffix && ks_get16(e + 12) != KS_NO_SUFFIX))
			return refuse(why, "an object is malformed");
	}
	v = &t->tab[KS_OMOD];
	for (uint32_t i = 0; i < v->nr; i++)
		if (ks_get32(v->p + (size_t)i * 4) >= t->tab[KS_MODS].nr)
			return refuse(why, "an object names no module");
	v = &t->tab[KS_MODS];
	for (uint32_t i = 0; i < v->nr; i++)
		if (!string_ok(t, v->p + (size_t)i * 4))
			return refuse(why, "a module has no name");
	v = &t->tab[KS_SECT];
	for (uint32_t i = 0; i < v->nr; i++)
		if (!string_ok(t, v->p + (size_t)i * KS_SECT_LEN + 16) ||
		    (i && ks_get64(v->p + (size_t)i * KS_SECT_LEN) <
				  ks_get64(v->p + (size_t)(i - 1) * KS_SECT_LEN)))
			return refuse(why, "sections are out of order");
	return 0;
}

int ks_tables_check(const struct ks_tables *t, ks_hash_fn hash, const char **why)
{
	int ret;

	if (hash(t->base + t->header_len, t->len - t->header_len) !=
	    ks_get64(t->base + KS_HDR_CONTENT_HASH))
		return refuse(why, "altered: checksum of the content differs");
	ret = check_addresses(t, why);
	if (!ret)
		ret = check_symbols(t, why);
	return ret ? ret : check_owners(t, why);
}
