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

/* Bytes that stand for something in a line of text. */
static bool printable(const uint8_t *s, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if (s[i] <= 0x20 || s[i] == 0x7f)
			return false;
	return true;
}

struct spelling {
	const uint8_t *p, *end;
	uint8_t name[KS_NAME_MAX];
	uint32_t len;
	bool same;		/* as the name before */
};

/*
 * The next name.  It must share with the one before as much as can be said, because
 * a lookup concludes from what names share where they stand.
 */
static const char *spell(struct spelling *w, bool first)
{
	uint32_t shared = 0, n, rest, k;
	int c;

	if (!first && w->p < w->end)
		shared = *w->p++;
	if (w->end - w->p < 1 || (*w->p >= 0x80 && w->end - w->p < 2))
		return "a name is malformed";
	n = *w->p++;
	if (n >= 0x80)
		n = (n & 0x7f) | (uint32_t)*w->p++ << 7;
	if (n > (size_t)(w->end - w->p) || shared > w->len || shared + n > KS_NAME_MAX ||
	    !(shared + n) || !printable(w->p, n))
		return "a name is malformed";
	rest = w->len - shared;
	k = rest < n ? rest : n;
	c = memcmp(w->name + shared, w->p, k);
	if (c > 0 || (!c && rest > n))
		return "names are out of order";
	if (!first && shared < KS_NAME_SHARED_MAX && k && w->name[shared] == *w->p)
		return "a name shares less than it could";
	w->same = !c && rest == n && w->len;
	memcpy(w->name + shared, w->p, n);
	w->len = shared + n;
	w->p += n;
	return NULL;
}

static int check_names(const struct ks_tables *t, const char **why)
{
	const struct ks_table_view *blk = &t->tab[KS_NBLK], *names = &t->tab[KS_NAME];
	struct spelling w = { .p = names->p, .end = names->p + names->nr };
	uint32_t last = 0;

	for (uint32_t pos = 0; pos < t->nr_symbols; pos++) {
		bool first = pos % KS_NAME_BLOCK == 0;
		uint32_t i = ks_tables_ordered(t, pos);
		const char *bad;

		/* Each being the other's inverse makes both permutations. */
		if (i == KS_NONE || ks_tables_rank(t, i) != pos)
			return refuse(why, "name order and symbols do not fit");
		if (first && ks_get32(blk->p + (size_t)pos / KS_NAME_BLOCK * 4) !=
				     (uint64_t)(w.p - names->p))
			return refuse(why, "blocks of names are out of order");
		bad = spell(&w, first);
		if (bad)
			return refuse(why, bad);
		if (w.same && last > i && !(t->flags & KS_FLAG_MODULE))
			return refuse(why, "names are out of order");
		last = i;
	}
	if (w.p != w.end || ks_get32(blk->p + ((size_t)blk->nr - 1) * 4) != names->nr)
		return refuse(why, "blocks of names are out of order");
	return 0;
}

static int check_symbols(const struct ks_tables *t, const char **why)
{
	uint32_t szex = t->tab[KS_SZEX].nr, last = 0;

	for (uint32_t i = 0; i < t->nr_symbols; i++)
		if (!ks_tables_symbol_ok(t, i))
			return refuse(why, "a symbol's type or owner is out of range");
	for (uint32_t i = 0; i < szex; i++) {
		uint32_t sym = ks_get32(t->tab[KS_SZEX].p + (size_t)i * KS_SZEX_LEN);

		if (sym >= t->nr_symbols || (i && sym <= last))
			return refuse(why, "sizes are out of order");
		last = sym;
	}
	return 0;
}

/* Paths and names are printed. */
static bool strings_printable(const struct ks_tables *t)
{
	const struct ks_table_view *v = &t->tab[KS_STRS];

	for (uint32_t i = 0; i < v->nr; i++)
		if ((v->p[i] && v->p[i] < 0x20) || v->p[i] == 0x7f)
			return false;
	return true;
}

static bool string_ok(const struct ks_tables *t, const uint8_t *p)
{
	return ks_get32(p) < t->tab[KS_STRS].nr;
}

static int check_owners(const struct ks_tables *t, const char **why)
{
	const struct ks_table_view *v;

	if (!strings_printable(t))
		return refuse(why, "a control byte in a string");
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

static int check_holes(const struct ks_tables *t, const char **why)
{
	uint64_t end = 0;

	for (uint32_t i = 0; i < t->tab[KS_HOLE].nr; i++) {
		const uint8_t *e = t->tab[KS_HOLE].p + (size_t)i * KS_HOLE_LEN;
		uint64_t va = ks_get64(e), len = ks_get32(e + 8);

		if ((i && va < end) || !len || len > ~va)
			return refuse(why, "functions without symbol are out of order");
		if (!string_ok(t, e + 12) ||
		    (ks_get32(e + 16) != KS_NONE && ks_get32(e + 16) >= t->tab[KS_OBJS].nr))
			return refuse(why, "a function without symbol is malformed");
		end = va + len;
	}
	return 0;
}

/* Only the head: what it says, the stream behind it has to keep where it is read. */
static int check_versions(const struct ks_tables *t, const char **why)
{
	const struct ks_table_view *v = &t->tab[KS_VERS];

	if (!v->nr)
		return 0;
	if (v->nr < KS_VERS_LEN || ks_get32(v->p + KS_VERS_RESERVED))
		return refuse(why, "versions are malformed");
	if (ks_get64(v->p + KS_VERS_RAW_LEN) >
	    (uint64_t)(v->nr - KS_VERS_LEN) * KS_VERS_RATIO + KS_VERS_SLACK)
		return refuse(why, "versions are longer than they can be");
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
		ret = check_names(t, why);
	if (!ret)
		ret = check_symbols(t, why);
	if (!ret)
		ret = check_owners(t, why);
	if (!ret)
		ret = check_holes(t, why);
	return ret ? ret : check_versions(t, why);
}
