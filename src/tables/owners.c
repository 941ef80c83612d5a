// SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only
#include "owners.h"

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return ks_le32(v);
}

static uint64_t get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return ks_le64(v);
}

uint64_t ks_owners_hash(const uint8_t *p, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ull;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3ull;
	return h;
}

uint64_t ks_owners_va(const struct ks_owners *o, uint32_t i)
{
	const struct ks_own_addresses *a = &o->va;
	int32_t off;

	if (a->addresses)
		return a->addresses[i];
	off = a->offsets[i];
	if (a->pc_relative)
		return (uint64_t)(uintptr_t)&a->offsets[i] + (uint64_t)(int64_t)off;
	if (!a->absolute_percpu)
		return a->base + (uint32_t)off;
	return off >= 0 ? (uint64_t)off : a->base - 1 - (uint64_t)(int64_t)off;
}

/* ------------------------------------------------------------------- codes */

static const uint8_t *table(const struct ks_owners *o, enum ks_own_table t)
{
	return o->base + o->off[t];
}

/* 57 bits at @pos; zeroes where the stream has ended. */
static inline uint64_t peek(const struct ks_owners *o, enum ks_own_table t, uint64_t pos)
{
	uint64_t at = pos >> 3;

	if (at > o->len[t] - KS_OWNERS_TAIL)
		return 0;
	return get64(table(o, t) + at) >> (pos & 7);
}

/* The next word; its number, when it is one, to *@value.  KS_OWN_NR_WORDS: no code. */
static inline unsigned int next_word(const struct ks_owners *o, enum ks_own_table t,
				     unsigned int code, uint64_t *pos, uint32_t *value)
{
	uint64_t bits = peek(o, t, *pos);
	uint16_t e = o->code[code][bits & ((1 << KS_OWN_CODE_BITS) - 1)];
	unsigned int word = e & 0xff, nr = e >> 8;

	if (!nr || *pos >= (uint64_t)(o->len[t] - KS_OWNERS_TAIL) * 8)
		return KS_OWN_NR_WORDS;
	*value = word;
	if (word >= KS_OWN_WORD_LONG && word < KS_OWN_WORD_NONE) {
		unsigned int more = 5 + word - KS_OWN_WORD_LONG;

		*value = (1u << more) | ((uint32_t)(bits >> nr) & ((1u << more) - 1));
		nr += more;
		word = KS_OWN_WORD_LONG;
	}
	*pos += nr;
	return word;
}

/* Canonical: shorter codes first, of one length by their word.  They are read from the
 * lowest bit on, so a code stands at its mirror image. */
static int make_code(uint16_t *to, const uint8_t *lengths)
{
	unsigned int len, word, code = 0, i;

	for (i = 0; i < 1 << KS_OWN_CODE_BITS; i++)
		to[i] = 0;
	for (len = 1; len <= KS_OWN_CODE_BITS; len++, code <<= 1) {
		for (word = 0; word < KS_OWN_NR_WORDS; word++) {
			unsigned int mirror = 0;

			if ((lengths[word / 2] >> (word % 2 * 4) & 15) != len)
				continue;
			if (code >> len || word > KS_OWN_WORD_OTHER ||
			    (word >= KS_OWN_WORD_LONG + KS_OWN_LONG_BITS - 5 && word < KS_OWN_WORD_NONE))
				return -EBADMSG;
			for (i = 0; i < len; i++)
				mirror |= (code >> i & 1) << (len - 1 - i);
			for (i = mirror; i < 1 << KS_OWN_CODE_BITS; i += 1u << len)
				to[i] = (uint16_t)(word | len << 8);
			code++;
		}
	}
	return 0;
}

/* -------------------------------------------------------------------- walk */

/* The first symbol behind the one to come of another address; nr_symbols when none is
 * near.  Those of one address have the same next one. */
static void find_next(const struct ks_owners *o, struct ks_own_iter *it)
{
	uint32_t n = it->i + 1, max = o->nr_symbols;

	it->va = it->i == it->next ? it->next_va : ks_owners_va(o, it->i);
	if (max - it->i > KS_OWNERS_ALIAS_MAX)
		max = it->i + KS_OWNERS_ALIAS_MAX + 1;
	for (; n < max; n++) {
		it->next_va = ks_owners_va(o, n);
		if (it->next_va != it->va)
			break;
	}
	it->next = n < max ? n : o->nr_symbols;
}

static unsigned int zero_bits(uint64_t va)
{
	static const uint8_t nr[64] = {
		6, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0, 4, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0,
		5, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0, 4, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0,
	};

	return nr[va & 63];
}

/* Size of the symbol to come, which then is the next one. */
static bool next_size(const struct ks_owners *o, struct ks_own_iter *it, uint64_t *len)
{
	unsigned int code = 0, word;
	uint64_t room = 0, bits;
	uint32_t padding;

	if (it->next <= it->i || it->next == o->nr_symbols)
		find_next(o, it);
	if (it->next < o->nr_symbols) {
		code = zero_bits(it->next_va);
		room = it->next_va - it->va;
	}
	it->i++;
	word = next_word(o, KS_OWN_SIZES, code, &it->size_pos, &padding);
	if (word <= KS_OWN_WORD_LONG) {
		*len = room - padding;
		return padding <= room;
	}
	*len = 0;
	if (word != KS_OWN_WORD_OTHER)
		return word == KS_OWN_WORD_NONE;
	bits = peek(o, KS_OWN_SIZES, it->size_pos);
	word = bits & 63;
	if (word > 50)
		return false;
	*len = bits >> 6 & ((1ull << word) - 1);
	it->size_pos += 6 + word;
	return true;
}

/* Where the sizes of a part begin. */
static uint64_t part_pos(const struct ks_owners *o, uint32_t i)
{
	const uint8_t *e = table(o, KS_OWN_SIZE_OFFSETS) +
			   (size_t)(i / KS_OWNERS_BLOCK) * KS_OWNERS_SIZE_OFFSETS_LEN;
	unsigned int part = i % KS_OWNERS_BLOCK / KS_OWNERS_PART;
	uint64_t pos = get32(e);

	return part ? pos + e[2 + 2 * part] + (e[3 + 2 * part] << 8) : pos;
}

/* The range that begins at symbol @i. */
static bool next_run(const struct ks_owners *o, struct ks_own_iter *it, uint32_t i)
{
	uint32_t left = KS_OWNERS_BLOCK - i % KS_OWNERS_BLOCK, v;
	unsigned int word;

	if (left == KS_OWNERS_BLOCK) {
		it->range_pos = get32(table(o, KS_OWN_MODULE_OFFSETS) +
				      (size_t)(i / KS_OWNERS_BLOCK) * 4);
		it->last_owner = 0;
	}
	word = next_word(o, KS_OWN_MODULES, KS_OWN_CODE_OWNER, &it->range_pos, &v);
	if (word <= KS_OWN_WORD_LONG)
		it->last_owner += v & 1 ? -(v >> 1) : v >> 1;
	else if (word != KS_OWN_WORD_NONE && word != KS_OWN_WORD_OTHER)
		return false;
	it->owner = word == KS_OWN_WORD_NONE ? 0 : it->last_owner;
	word = next_word(o, KS_OWN_MODULES, KS_OWN_CODE_RUN, &it->range_pos, &v);
	if (word == KS_OWN_WORD_NONE)
		v = left;
	else if (word > KS_OWN_WORD_LONG)
		return false;
	if (v > left || it->owner > o->nr_owners || it->last_owner > o->nr_owners)
		return false;
	it->run = v;
	return v;
}

bool ks_owners_next(const struct ks_owners *o, struct ks_own_iter *it, uint64_t *len,
		    uint32_t *owner)
{
	if (it->i >= o->nr_symbols || (!it->run && !next_run(o, it, it->i)))
		return false;
	if (!next_size(o, it, len))
		return false;
	*owner = it->owner;
	it->run--;
	return true;
}

bool ks_owners_seek(const struct ks_owners *o, struct ks_own_iter *it, uint32_t i)
{
	uint32_t at = i - i % KS_OWNERS_BLOCK;
	uint64_t len;

	it->i = i;
	it->next = o->nr_symbols;
	it->run = 0;
	if (i >= o->nr_symbols)
		return i == o->nr_symbols;
	for (; at <= i; at += it->run)
		if (!next_run(o, it, at))
			return false;
	it->run = at - i;
	it->size_pos = part_pos(o, i);
	for (it->i = i - i % KS_OWNERS_PART; it->i < i;)
		if (!next_size(o, it, &len))
			return false;
	return true;
}

/* ----------------------------------------------------------------- lookups */

/* Half @half of owner @owner's entry. */
static uint32_t place_of(const struct ks_owners *o, uint32_t owner, unsigned int half)
{
	uint64_t bits = peek(o, KS_OWN_OBJFILES,
			     ((uint64_t)(owner - 1) * 2 + half) * o->place_bits);

	return (uint32_t)bits & (uint32_t)((1ull << o->place_bits) - 1);
}

void ks_owners_names(const struct ks_owners *o, uint32_t owner, struct ks_own_names *out)
{
	const char *names = (const char *)table(o, KS_OWN_NAMES);
	uint32_t modules, object;

	out->object = out->modules = NULL;
	out->nr_modules = 0;
	if (!owner || owner > o->nr_owners)
		return;
	modules = place_of(o, owner, 0);
	object = place_of(o, owner, 1);
	if (object)
		out->object = names + object;
	if (!modules)
		return;
	out->nr_modules = names[modules] ? 1 : (uint8_t)names[modules + 1];
	out->modules = names + modules + (names[modules] ? 0 : 2);
}

uint32_t ks_owners_at(const struct ks_owners *o, uint64_t va, uint64_t *len, uint32_t *owner)
{
	uint32_t lo = 0, hi = o->nr_symbols, first, i, found;
	uint64_t first_len = 0, l, near_va;
	struct ks_own_iter it;
	uint32_t first_owner = 0, w;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ks_owners_va(o, mid) <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return o->nr_symbols;
	near_va = ks_owners_va(o, lo - 1);
	for (first = lo - 1; first && lo - first < KS_OWNERS_ALIAS_MAX &&
			     ks_owners_va(o, first - 1) == near_va;
	     first--)
		;
	if (!ks_owners_seek(o, &it, first))
		return o->nr_symbols;
	found = first;
	for (i = first; i < lo; i++) {
		if (!ks_owners_next(o, &it, &l, &w))
			return o->nr_symbols;
		if (i == first || va - near_va < l) {
			first_len = l;
			first_owner = w;
			found = i;
		}
		if (va - near_va < l)
			break;
	}
	*len = first_len;
	*owner = first_owner;
	return found;
}

/* ------------------------------------------------------------------ checks */

static const char *check_header(struct ks_owners *o, const uint8_t *base, size_t len)
{
	unsigned int i;

	if (len < KS_OWN_HEADER_LEN || get32(base + KS_OWN_MAGIC) != KS_OWNERS_MAGIC)
		return "owner tables: not there, or of another version";
	if (get32(base + KS_OWN_LEN) != len)
		return "owner tables: not of the length their header tells";
	if (ks_owners_hash(base + KS_OWN_HASH + 8, len - KS_OWN_HASH - 8) !=
	    get64(base + KS_OWN_HASH))
		return "owner tables: altered, the checksum differs";
	o->base = base;
	o->nr_symbols = get32(base + KS_OWN_NR_SYMBOLS);
	o->nr_owners = get32(base + KS_OWN_NR_OWNERS);
	o->place_bits = get32(base + KS_OWN_PLACE_BITS);
	if (o->place_bits > 32)
		return "owner tables: places of more than 32 bits";
	for (i = 0; i < KS_NR_OWN_TABLES; i++) {
		o->off[i] = get32(base + KS_OWN_DIR + 8 * i);
		o->len[i] = get32(base + KS_OWN_DIR + 8 * i + 4);
		if (o->len[i] > len || o->off[i] > len - o->len[i] || o->len[i] < KS_OWNERS_TAIL)
			return "owner tables: a table is outside of them";
	}
	for (i = 0; i < KS_NR_OWN_CODES; i++)
		if (make_code(o->code[i], base + KS_OWN_CODES + i * KS_OWN_NR_WORDS / 2))
			return "owner tables: a code that cannot be";
	return NULL;
}

static const char *check_lengths(const struct ks_owners *o)
{
	uint64_t blocks = ((uint64_t)o->nr_symbols + KS_OWNERS_BLOCK - 1) / KS_OWNERS_BLOCK;

	if (o->len[KS_OWN_SIZE_OFFSETS] / KS_OWNERS_SIZE_OFFSETS_LEN < blocks || o->len[KS_OWN_MODULE_OFFSETS] / 4 < blocks)
		return "owner tables: fewer blocks than symbols take";
	if ((o->len[KS_OWN_OBJFILES] - KS_OWNERS_TAIL) * 8ull <
	    (uint64_t)o->nr_owners * 2 * o->place_bits)
		return "owner tables: fewer owners than the header tells";
	return NULL;
}

/* One name at @at, as bytes up to its end; 0 when it has no end. */
static uint32_t name_len(const struct ks_owners *o, uint32_t at)
{
	const uint8_t *names = table(o, KS_OWN_NAMES);
	uint32_t n = 0, len = o->len[KS_OWN_NAMES];

	while (at + n < len && names[at + n] > ' ' && names[at + n] != 0x7f)
		n++;
	return at + n < len && !names[at + n] ? n : 0;
}

static bool names_ok(const struct ks_owners *o, uint32_t owner)
{
	const uint8_t *names = table(o, KS_OWN_NAMES);
	uint32_t modules = place_of(o, owner, 0), object = place_of(o, owner, 1), nr = 1, n;

	if (modules >= o->len[KS_OWN_NAMES] || object >= o->len[KS_OWN_NAMES] ||
	    (object && !name_len(o, object)))
		return false;
	if (!modules)
		return true;
	if (!names[modules]) {
		if (modules + 2 >= o->len[KS_OWN_NAMES])
			return false;
		nr = names[modules + 1];
		modules += 2;
	}
	for (; nr; nr--, modules += n + 1) {
		n = modules < o->len[KS_OWN_NAMES] ? name_len(o, modules) : 0;
		if (!n)
			return false;
	}
	return true;
}

int ks_owners_init(struct ks_owners *o, const void *base, size_t len,
		   const struct ks_own_addresses *va, const char **why)
{
	struct ks_own_iter it;
	uint32_t i, owner;
	uint64_t size;

	o->va = *va;
	*why = check_header(o, base, len);
	if (!*why && o->nr_symbols != va->nr)
		*why = "owner tables: of other symbols than the kernel has";
	if (!*why)
		*why = check_lengths(o);
	for (i = 1; !*why && i <= o->nr_owners; i++)
		if (!names_ok(o, i))
			*why = "owner tables: an owner without a proper name";
	if (!*why && !ks_owners_seek(o, &it, 0))
		*why = "owner tables: the first range cannot be";
	for (i = 0; !*why && i < o->nr_symbols; i++)
		if ((i % KS_OWNERS_PART == 0 && it.size_pos != part_pos(o, i)) ||
		    !ks_owners_next(o, &it, &size, &owner))
			*why = "owner tables: a size or an owner that cannot be";
	return *why ? -EBADMSG : 0;
}
