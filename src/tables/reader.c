// SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only
#include "reader.h"

/* Entry length of each table; 0 = packed, 1 = bytes. */
static const uint8_t entry_len[KS_NR_TABLES] = {
	[KS_SEGS] = KS_SEGS_LEN, [KS_PAGE] = 4, [KS_OFFS] = 2, [KS_PIDX] = 4, [KS_TPAL] = 1,
	[KS_SYMR] = 0, [KS_SZEX] = KS_SZEX_LEN, [KS_NAME] = 1, [KS_NBLK] = 4, [KS_ORDR] = 0,
	[KS_OWNT] = KS_OWNT_LEN, [KS_OBJS] = KS_OBJS_LEN, [KS_OMOD] = 4, [KS_MODS] = 4,
	[KS_SECT] = KS_SECT_LEN, [KS_STRS] = 1, [KS_HOLE] = KS_HOLE_LEN,
	[KS_VERS] = 1,
};

static int refuse(const char **why, int code, const char *text)
{
	*why = text;
	return code;
}

static bool in_range(uint64_t off, uint64_t len, uint64_t size)
{
	return len <= size && off <= size - len;
}

static inline uint32_t all_ones(unsigned int width)
{
	return (uint32_t)(((uint64_t)1 << width) - 1);
}

/* @width bits at bit @bit, both within the table: at most 32 + 7 bits are loaded,
 * from at most KS_PACKED_TAIL bytes behind the first. */
static inline uint32_t packed_get(const struct ks_table_view *v, uint64_t bit, unsigned int width)
{
	return (uint32_t)(ks_get64(v->p + (bit >> 3)) >> (bit & 7)) & all_ones(width);
}

/* A field of symbol @i < nr_symbols. */
static inline uint32_t field_get(const struct ks_tables *t, uint32_t i, enum ks_field f)
{
	const struct ks_table_view *v = &t->tab[KS_SYMR];

	return packed_get(v, (uint64_t)i * v->bits + t->field_off[f], t->field_width[f]);
}

/* ------------------------------------------------------------------- init */

static int init_table(struct ks_tables *t, const uint8_t *e, const char **why)
{
	static const uint32_t tags[KS_NR_TABLES] = KS_TABLE_TAGS;
	uint32_t tag = ks_get32(e), bits = ks_get16(e + 6);
	uint64_t off = ks_get64(e + 8), len = ks_get64(e + 16), nr;
	struct ks_table_view *v;
	unsigned int n = 0;

	while (n < KS_NR_TABLES && tags[n] != tag)
		n++;
	if (!in_range(off, len, t->len) || off < t->header_len)
		return refuse(why, -EBADMSG, "a table lies outside the file");
	if (n == KS_NR_TABLES)
		return ks_get16(e + 4) & KS_DIR_REQUIRED
			? refuse(why, -ENOTSUP, "a required table is not known to this version")
			: 0;
	v = &t->tab[n];
	if (v->p)
		return refuse(why, -EBADMSG, "a table is there twice");
	v->p = t->base + off;
	v->len = len;
	v->bits = bits;
	if (!entry_len[n]) {
		/* Every packed table has one entry a symbol. */
		nr = t->nr_symbols;
		if (bits > 128 || len != (nr * bits + 7) / 8 + KS_PACKED_TAIL)
			return refuse(why, -EBADMSG, "a packed table has the wrong length");
	} else {
		nr = len / entry_len[n];
		if (bits || len % entry_len[n] || nr >= KS_NONE)
			return refuse(why, -EBADMSG, "a table has the wrong length");
	}
	v->nr = (uint32_t)nr;
	return 0;
}

static int check_lengths(const struct ks_tables *t, const char **why)
{
	const struct ks_table_view *tab = t->tab;
	uint32_t nr_blocks = (t->nr_symbols + KS_NAME_BLOCK - 1) / KS_NAME_BLOCK;

	for (unsigned int i = 0; i < KS_FIRST_OPTIONAL; i++)
		if (!tab[i].p)
			return refuse(why, -EBADMSG, "a table is missing");
	if (tab[KS_OFFS].nr != t->nr_symbols || tab[KS_NBLK].nr != nr_blocks + 1 ||
	    tab[KS_PIDX].nr != (t->nr_symbols + KS_PIDX_STEP - 1) / KS_PIDX_STEP)
		return refuse(why, -EBADMSG, "a table does not fit the number of symbols");
	if (!tab[KS_PAGE].nr)
		return refuse(why, -EBADMSG, "a table is empty");
	if (!tab[KS_STRS].nr || tab[KS_STRS].p[tab[KS_STRS].nr - 1])
		return refuse(why, -EBADMSG, "the last string has no end");
	return 0;
}

static int init_fields(struct ks_tables *t, const char **why)
{
	unsigned int off = 0;

	for (unsigned int f = 0; f < KS_NR_FIELDS; f++) {
		t->field_width[f] = t->base[KS_HDR_WIDTHS + f];
		t->field_off[f] = (uint8_t)off;
		off += t->field_width[f];
		if (t->field_width[f] > 32)
			return refuse(why, -EBADMSG, "a field is too wide");
	}
	if (off != t->tab[KS_SYMR].bits || t->field_width[KS_F_SIZE] < 2 ||
	    t->tab[KS_ORDR].bits > 32)
		return refuse(why, -EBADMSG, "fields do not fit their record");
	return 0;
}

int ks_tables_init(struct ks_tables *t, const void *base, uint64_t len, ks_hash_fn hash,
		   const char **why)
{
	const uint8_t *h = base;
	uint8_t fixed[KS_HDR_LEN];
	uint32_t nr_tables;
	uint64_t sum;
	int ret = 0;

	memset(t, 0, sizeof(*t));
	if (len < KS_MAGIC_LEN || memcmp(h, KS_MAGIC, KS_MAGIC_LEN))
		return refuse(why, -EBADMSG, "no index file (wrong magic)");
	if (len < KS_HDR_LEN)
		return refuse(why, -EBADMSG, "truncated: shorter than the header");
	if (ks_get16(h + KS_HDR_MAJOR) != KS_FORMAT_MAJOR)
		return refuse(why, -ENOTSUP, "made by an incompatible version; index the image again");
	t->base = h;
	t->len = len;
	t->header_len = ks_get32(h + KS_HDR_HEADER_LEN);
	nr_tables = ks_get32(h + KS_HDR_NR_TABLES);
	if (ks_get64(h + KS_HDR_FILE_LEN) != len)
		return refuse(why, -EBADMSG, "truncated or extended: length differs from the header's");
	if (nr_tables > 1024 || t->header_len > len ||
	    t->header_len != KS_HDR_LEN + nr_tables * KS_DIR_ENTRY_LEN)
		return refuse(why, -EBADMSG, "wrong length of the header");

	/* The header's hash counts its own field as zero: hash in two steps. */
	memcpy(fixed, h, KS_HDR_LEN);
	memset(fixed + KS_HDR_HEADER_HASH, 0, 8);
	sum = hash(fixed, KS_HDR_LEN) ^ hash(h + KS_HDR_LEN, t->header_len - KS_HDR_LEN);
	if (sum != ks_get64(h + KS_HDR_HEADER_HASH))
		return refuse(why, -EBADMSG, "altered: checksum of the header differs");

	t->nr_symbols = ks_get32(h + KS_HDR_NR_SYMBOLS);
	t->text_va = ks_get64(h + KS_HDR_TEXT_VA);
	t->flags = h[KS_HDR_FLAGS];
	if (t->nr_symbols >= KS_NONE / 2 || h[KS_HDR_BUILD_ID_LEN] > 64)
		return refuse(why, -EBADMSG, "header values out of range");
	for (uint32_t i = 0; i < nr_tables && !ret; i++)
		ret = init_table(t, h + KS_HDR_LEN + (size_t)i * KS_DIR_ENTRY_LEN, why);
	if (!ret)
		ret = check_lengths(t, why);
	return ret ? ret : init_fields(t, why);
}

/* ----------------------------------------------------------------- strings */

static const char *string_at(const struct ks_tables *t, uint32_t off)
{
	const struct ks_table_view *v = &t->tab[KS_STRS];

	/* The table ends with a NUL (checked by init), so every offset in it is
	 * the start of a terminated string. */
	return off < v->nr ? (const char *)v->p + off : "";
}

/* --------------------------------------------------------------- addresses */

/* Where a symbol is: the address of its page, and the symbols in that page. */
struct place {
	uint64_t page_va;
	uint32_t first, end;
};

static inline uint32_t page_first(const struct ks_tables *t, uint32_t page)
{
	return ks_get32(t->tab[KS_PAGE].p + (size_t)page * 4);
}

/* The segment entry before the first whose u64 (@wide) or u32 at @off is above @want. */
static const uint8_t *find_segment(const struct ks_tables *t, unsigned int off, bool wide,
				   uint64_t want)
{
	const struct ks_table_view *segs = &t->tab[KS_SEGS];
	uint32_t lo = 0, hi = segs->nr;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const uint8_t *p = segs->p + (size_t)mid * KS_SEGS_LEN + off;

		if ((wide ? ks_get64(p) : ks_get32(p)) <= want)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? segs->p + (size_t)(lo - 1) * KS_SEGS_LEN : NULL;
}

/* The page of @va; false when it is in no page with symbols, and then p->first is
 * the number of symbols before it. */
static bool find_page(const struct ks_tables *t, uint64_t va, struct place *p)
{
	const uint8_t *s = find_segment(t, 0, true, va >> KS_PAGE_BITS);
	uint32_t nr_pages, entry;
	uint64_t n;

	*p = (struct place){ 0 };
	if (!s)
		return false;
	n = (va >> KS_PAGE_BITS) - ks_get64(s);
	nr_pages = ks_get32(s + 8);
	entry = ks_get32(s + 12);
	if (nr_pages >= t->tab[KS_PAGE].nr || entry >= t->tab[KS_PAGE].nr - nr_pages)
		return false;
	p->first = page_first(t, entry + (uint32_t)(n < nr_pages ? n : nr_pages));
	if (p->first > t->nr_symbols)
		p->first = 0;
	if (n >= nr_pages)
		return false;
	p->end = page_first(t, entry + (uint32_t)n + 1);
	p->page_va = va & ~(((uint64_t)1 << KS_PAGE_BITS) - 1);
	if (p->end > t->nr_symbols || p->end < p->first)
		p->end = p->first;
	return true;
}

/* Number of symbols up to and including @va, which is in page @p. */
static uint32_t count_in_page(const struct ks_tables *t, const struct place *p, uint64_t va)
{
	const uint8_t *offs = t->tab[KS_OFFS].p;
	uint32_t lo = p->first, half;
	uint16_t low = (uint16_t)va;

	/* Halving with a conditional move: which half is a coin toss that no branch
	 * predictor wins (bench: lib-at). */
	for (uint32_t n = p->end - lo; n; n -= half) {
		half = (n + 1) / 2;
		lo += ks_get16(offs + (size_t)(lo + half - 1) * 2) <= low ? half : 0;
	}
	return lo;
}

uint32_t ks_tables_count_to(const struct ks_tables *t, uint64_t va)
{
	struct place p;

	return find_page(t, va, &p) ? count_in_page(t, &p, va) : p.first;
}

/* The place of symbol @i < nr_symbols.  From the page of a symbol at most
 * KS_PIDX_STEP - 1 before it the way is short: runs of empty pages are, too, since
 * a long one starts a new segment. */
static void find_place(const struct ks_tables *t, uint32_t i, struct place *p)
{
	const struct ks_table_view *page = &t->tab[KS_PAGE];
	uint32_t n = ks_get32(t->tab[KS_PIDX].p + (size_t)(i / KS_PIDX_STEP) * 4);
	const uint8_t *s;

	if (n >= page->nr - 1)
		n = 0;
	while (n + 2 < page->nr && page_first(t, n + 1) <= i)
		n++;
	s = find_segment(t, 12, false, n);
	p->first = page_first(t, n);
	p->end = n + 1 < page->nr ? page_first(t, n + 1) : p->first;
	p->page_va = s ? (ks_get64(s) + (n - ks_get32(s + 12))) << KS_PAGE_BITS : 0;
}

static inline uint64_t va_in(const struct ks_tables *t, const struct place *p, uint32_t i)
{
	return p->page_va | ks_get16(t->tab[KS_OFFS].p + (size_t)i * 2);
}

/* Address of symbol @i, which often is in the page of a neighbour. */
static uint64_t symbol_va(const struct ks_tables *t, struct place *p, uint32_t i)
{
	if (i < p->first || i >= p->end)
		find_place(t, i, p);
	return va_in(t, p, i);
}

/* Number of the first entry of SZEX for symbol @i or one behind it. */
static uint32_t szex_entry(const struct ks_tables *t, uint32_t i)
{
	const struct ks_table_view *v = &t->tab[KS_SZEX];
	uint32_t lo = 0, hi = v->nr;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ks_get32(v->p + (size_t)mid * KS_SZEX_LEN) < i)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Size of symbol @i when the packed table has no room for it. */
static uint64_t exceptional_size(const struct ks_tables *t, uint32_t i)
{
	const struct ks_table_view *v = &t->tab[KS_SZEX];
	uint32_t n = szex_entry(t, i);

	if (n == v->nr || ks_get32(v->p + (size_t)n * KS_SZEX_LEN) != i)
		return 0;
	return ks_get64(v->p + (size_t)n * KS_SZEX_LEN + 4);
}

static uint64_t symbol_len(const struct ks_tables *t, const struct place *at, uint32_t i,
			   uint64_t va)
{
	uint32_t all = all_ones(t->field_width[KS_F_SIZE]);
	uint32_t code = field_get(t, i, KS_F_SIZE), next;
	struct place p = *at;
	uint64_t gap = 0;

	if (code == all - 1)
		return 0;
	if (code == all)
		return exceptional_size(t, i);
	for (next = i + 1; next < t->nr_symbols; next++) {
		gap = symbol_va(t, &p, next) - va;
		if (gap || next - i > KS_ALIAS_MAX)
			break;
	}
	return gap >= code ? gap - code : 0;
}

static void fill_symbol(const struct ks_tables *t, const struct place *p, uint32_t i,
			struct ks_sym *out)
{
	uint32_t type = field_get(t, i, KS_F_TYPE), owner = field_get(t, i, KS_F_OWNER);

	out->va = va_in(t, p, i);
	out->len = symbol_len(t, p, i, out->va);
	type = type < t->tab[KS_TPAL].nr ? t->tab[KS_TPAL].p[type] : '?';
	out->type = (char)(type & ~KS_TYPE_TEXT);
	out->is_text = type & KS_TYPE_TEXT;
	out->owner = owner && owner <= t->tab[KS_OWNT].nr ? owner - 1 : KS_NONE;
}

bool ks_tables_symbol(const struct ks_tables *t, uint32_t i, struct ks_sym *out)
{
	struct place p;

	if (i >= t->nr_symbols)
		return false;
	find_place(t, i, &p);
	fill_symbol(t, &p, i, out);
	return true;
}

bool ks_tables_symbol_ok(const struct ks_tables *t, uint32_t i)
{
	return i < t->nr_symbols && field_get(t, i, KS_F_TYPE) < t->tab[KS_TPAL].nr &&
	       field_get(t, i, KS_F_OWNER) <= t->tab[KS_OWNT].nr;
}

/* Of the symbols [first, n) at one address @va before @want: the first that covers
 * @want, else the first. */
static uint32_t best_alias(const struct ks_tables *t, const struct place *p, uint32_t first,
			   uint32_t n, uint64_t va, uint64_t want)
{
	if (first + 1 == n)
		return first;
	for (uint32_t i = first; i < n; i++)
		if (want - va < symbol_len(t, p, i, va))
			return i;
	return first;
}

/*
 * A symbol that encloses @va when the nearest, @first, has ended before it.  One that goes on
 * where the next begins is always in SZEX; the nearest of these is looked for.
 */
static uint32_t enclosing(const struct ks_tables *t, struct place p, uint32_t first,
			  uint64_t floor_va, uint64_t va)
{
	const uint8_t *szex = t->tab[KS_SZEX].p;
	uint32_t found = first, last = szex_entry(t, first);
	uint64_t found_va = 0;

	for (uint32_t n = last; n && last - n < KS_ENCLOSING_MAX; n--) {
		const uint8_t *entry = szex + (size_t)(n - 1) * KS_SZEX_LEN;
		uint32_t i = ks_get32(entry);
		uint64_t start;

		if (i >= first)
			break;
		start = symbol_va(t, &p, i);
		if (start < floor_va || (found != first && start != found_va))
			break;
		if (va - start < ks_get64(entry + 4)) {
			found = i;	/* of aliases the first */
			found_va = start;
		}
	}
	return found;
}

uint32_t ks_tables_at(const struct ks_tables *t, uint64_t va, struct ks_sym *out)
{
	uint32_t n, sect, first, best;
	struct place p, q;
	struct ks_sect s = { 0 };
	uint64_t near_va;

	n = find_page(t, va, &p) ? count_in_page(t, &p, va) : p.first;
	if (!n)
		return KS_NONE;
	if (n <= p.first)
		find_place(t, n - 1, &p);
	near_va = va_in(t, &p, n - 1);
	/* Symbols of one address are all in one page. */
	for (first = n - 1; first > p.first && va_in(t, &p, first - 1) == near_va; first--)
		;
	best = best_alias(t, &p, first, n, near_va, va);
	fill_symbol(t, &p, best, out);
	if (va - near_va < out->len)
		return best;

	/* Not inside: is it a neighbour in the same section at least?  Outside every
	 * section only an end symbol right there is an answer. */
	sect = ks_tables_section_at(t, va);
	if (sect == KS_NONE ? near_va != va
			    : ks_tables_section(t, sect, &s) && near_va < s.va)
		return KS_NONE;
	if (out->len) {
		best = enclosing(t, p, first, s.va, va);
		if (best != first) {
			find_place(t, best, &q);
			fill_symbol(t, &q, best, out);
		}
	}
	return best;
}

/* ------------------------------------------------------------------- names */

struct name_walk {
	const uint8_t *p, *end;
};

static bool walk_block(const struct ks_tables *t, uint32_t block, struct name_walk *w)
{
	const struct ks_table_view *blk = &t->tab[KS_NBLK], *name = &t->tab[KS_NAME];
	uint32_t from, to;

	if (block + 1 >= blk->nr)
		return false;
	from = ks_get32(blk->p + (size_t)block * 4);
	to = ks_get32(blk->p + (size_t)block * 4 + 4);
	if (from > to || to > name->nr)
		return false;
	w->p = name->p + from;
	w->end = name->p + to;
	return true;
}

/* The next name: *@shared bytes as the one before, then @len bytes at @s. */
static inline bool walk_next(struct name_walk *w, bool first, uint32_t *shared, uint32_t *len,
			     const uint8_t **s)
{
	const uint8_t *p = w->p;
	uint32_t n;

	*shared = 0;
	if (!first) {
		if (p == w->end)
			return false;
		*shared = *p++;
	}
	if (p == w->end)
		return false;
	n = *p++;
	if (n >= 0x80) {
		if (p == w->end)
			return false;
		n = (n & 0x7f) | (uint32_t)*p++ << 7;
	}
	if (n > (size_t)(w->end - p) || *shared + n > KS_NAME_MAX)
		return false;
	*len = n;
	*s = p;
	w->p = p + n;
	return true;
}

uint32_t ks_tables_rank(const struct ks_tables *t, uint32_t i)
{
	return i < t->nr_symbols ? field_get(t, i, KS_F_RANK) : KS_NONE;
}

uint32_t ks_tables_ordered(const struct ks_tables *t, uint32_t pos)
{
	const struct ks_table_view *v = &t->tab[KS_ORDR];
	uint32_t i = pos < t->nr_symbols ? packed_get(v, (uint64_t)pos * v->bits, v->bits)
					 : KS_NONE;

	return i < t->nr_symbols ? i : KS_NONE;
}

/*
 * A name is spelt from the back: its own bytes, then those it shares, which are
 * somewhere among the names before it in the block.  So no byte is copied that a
 * later name replaces.
 */
static unsigned int name_at(const struct ks_tables *t, uint32_t pos, char *buf)
{
	struct {
		const uint8_t *s;
		uint32_t shared, len;
	} e[KS_NAME_BLOCK];
	uint32_t k = pos % KS_NAME_BLOCK, have = 0, end, i;
	struct name_walk w;

	buf[0] = 0;
	if (pos >= t->nr_symbols || !walk_block(t, pos / KS_NAME_BLOCK, &w))
		return 0;
	for (i = 0; i <= k; i++) {
		if (!walk_next(&w, !i, &e[i].shared, &e[i].len, &e[i].s) || e[i].shared > have)
			return 0;
		have = e[i].shared + e[i].len;
	}
	buf[have] = 0;
	for (end = have, i = k;; i--) {
		if (e[i].shared < end) {
			memcpy(buf + e[i].shared, e[i].s, end - e[i].shared);
			end = e[i].shared;
		}
		if (!i)
			break;
	}
	return have;
}

unsigned int ks_tables_name(const struct ks_tables *t, uint32_t i, char buf[KS_NAME_MAX + 1])
{
	return name_at(t, ks_tables_rank(t, i), buf);
}

static int compare(const uint8_t *a, size_t a_len, const char *b, size_t b_len)
{
	int c = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return c ? c : (a_len > b_len) - (a_len < b_len);
}

static size_t common(const uint8_t *a, size_t a_len, const char *b, size_t b_len)
{
	size_t n = 0, max = a_len < b_len ? a_len : b_len;

	while (n < max && a[n] == (uint8_t)b[n])
		n++;
	return n;
}

/*
 * Inside a block no name is spelt out: `same` is how many bytes the name before
 * shares with the wanted one, which is greater.  A name that shares more with
 * the one before than that is smaller as well; one that shares less is greater,
 * unless it could not say how much it shares.
 */
static uint32_t find_in_block(struct name_walk *w, const char *name, size_t len, bool *equal)
{
	uint32_t shared, n, i;
	const uint8_t *s;
	size_t same = 0;

	for (i = 0; i < KS_NAME_BLOCK && walk_next(w, !i, &shared, &n, &s); i++) {
		size_t more;

		if (shared > same)
			continue;
		if (shared < same) {
			if (shared < KS_NAME_SHARED_MAX)
				break;
			same = shared;
		}
		more = common(s, n, name + same, len - same);
		if (more == n && same + more == len) {
			*equal = true;
			break;
		}
		if (same + more == len ||
		    (more < n && s[more] > (uint8_t)name[same + more]))
			break;
		same += more;
	}
	return i;
}

uint32_t ks_tables_find(const struct ks_tables *t, const char *name, size_t len, bool *equal)
{
	uint32_t lo = 0, hi = t->tab[KS_NBLK].nr - 1, shared, n, pos;
	struct name_walk w;
	const uint8_t *s;

	*equal = false;
	/* The last block whose first name is less than the wanted one. */
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (!walk_block(t, mid, &w) || !walk_next(&w, true, &shared, &n, &s))
			return 0;
		if (compare(s, n, name, len) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo) {
		if (!walk_block(t, lo - 1, &w))
			return 0;
		pos = find_in_block(&w, name, len, equal);
		if (*equal || pos < KS_NAME_BLOCK)
			return (lo - 1) * KS_NAME_BLOCK + pos;
	}
	if (walk_block(t, lo, &w) && walk_next(&w, true, &shared, &n, &s))
		*equal = !compare(s, n, name, len);
	return lo * KS_NAME_BLOCK < t->nr_symbols ? lo * KS_NAME_BLOCK : t->nr_symbols;
}

/* ------------------------------------------- owners, objects and the others */

bool ks_tables_owner(const struct ks_tables *t, uint32_t i, struct ks_owner *out)
{
	const struct ks_table_view *v = &t->tab[KS_OWNT];
	const uint8_t *e = v->p + (size_t)i * KS_OWNT_LEN;

	if (i >= v->nr)
		return false;
	out->object = ks_get32(e);
	out->other_object = ks_get32(e + 4);
	out->sources = ks_get32(e + 8);
	if (out->object >= t->tab[KS_OBJS].nr)
		out->object = KS_NONE;
	if (out->other_object >= t->tab[KS_OBJS].nr)
		out->other_object = KS_NONE;
	return true;
}

bool ks_tables_object(const struct ks_tables *t, uint32_t i, struct ks_obj *out)
{
	const struct ks_table_view *v = &t->tab[KS_OBJS];
	const uint8_t *e = v->p + (size_t)i * KS_OBJS_LEN;
	size_t len;

	if (i >= v->nr)
		return false;
	out->path = string_at(t, ks_get32(e));
	out->first_module = ks_get32(e + 4);
	out->nr_modules = ks_get16(e + 8);
	out->module_sources = ks_get16(e + 14);
	len = strlen(out->path);
	out->text_suffix = ks_get16(e + 10) < len ? out->path + ks_get16(e + 10) : NULL;
	out->data_suffix = ks_get16(e + 12) < len ? out->path + ks_get16(e + 12) : NULL;
	if (!in_range(out->first_module, out->nr_modules, t->tab[KS_OMOD].nr))
		out->nr_modules = 0;
	return true;
}

const char *ks_tables_module(const struct ks_tables *t, uint32_t i)
{
	const struct ks_table_view *v = &t->tab[KS_MODS];

	return i < v->nr ? string_at(t, ks_get32(v->p + (size_t)i * 4)) : NULL;
}

const char *ks_tables_object_module(const struct ks_tables *t, uint32_t place)
{
	const struct ks_table_view *v = &t->tab[KS_OMOD];

	return place < v->nr ? ks_tables_module(t, ks_get32(v->p + (size_t)place * 4)) : NULL;
}

bool ks_tables_section(const struct ks_tables *t, uint32_t i, struct ks_sect *out)
{
	const struct ks_table_view *v = &t->tab[KS_SECT];
	const uint8_t *e = v->p + (size_t)i * KS_SECT_LEN;

	if (i >= v->nr)
		return false;
	out->va = ks_get64(e);
	out->len = ks_get64(e + 8);
	out->name = string_at(t, ks_get32(e + 16));
	out->flags = ks_get32(e + 20);
	return true;
}

uint32_t ks_tables_section_at(const struct ks_tables *t, uint64_t va)
{
	const struct ks_table_view *v = &t->tab[KS_SECT];
	uint32_t lo = 0, hi = v->nr;
	struct ks_sect s;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ks_get64(v->p + (size_t)mid * KS_SECT_LEN) <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	/* Empty sections share their address with the one that follows. */
	while (lo-- && ks_tables_section(t, lo, &s))
		if (va - s.va < s.len)
			return lo;
		else if (s.len)
			break;
	return KS_NONE;
}

bool ks_tables_hole(const struct ks_tables *t, uint32_t i, struct ks_hole_entry *out)
{
	const struct ks_table_view *v = &t->tab[KS_HOLE];
	const uint8_t *e = v->p + (size_t)i * KS_HOLE_LEN;

	if (i >= v->nr)
		return false;
	out->va = ks_get64(e);
	out->len = ks_get32(e + 8);
	out->name = string_at(t, ks_get32(e + 12));
	out->object = ks_get32(e + 16);
	out->flags = ks_get32(e + 20);
	if (out->object >= t->tab[KS_OBJS].nr)
		out->object = KS_NONE;
	return true;
}

uint32_t ks_tables_hole_at(const struct ks_tables *t, uint64_t va, struct ks_hole_entry *out)
{
	const struct ks_table_view *v = &t->tab[KS_HOLE];
	uint32_t lo = 0, hi = v->nr;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ks_get64(v->p + (size_t)mid * KS_HOLE_LEN) <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || !ks_tables_hole(t, lo - 1, out) || va - out->va >= out->len)
		return KS_NONE;
	return lo - 1;
}
