// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Writes the tables that tables/owners.h describes.  Everything is said twice: once to
 * count words, from which the codes are made, once to write them.
 */
#include "kallsyms/owners.h"

#include <stdlib.h>
#include <string.h>

struct bytes {
	KS_VEC(uint8_t) b;
	uint64_t acc;		/* bits not in b yet */
	unsigned int nr;
	int failed;		/* -ENOMEM or -EFBIG */
};

struct coder {
	const struct ks_own_model *m;
	struct bytes tab[KS_NR_OWN_TABLES];
	uint32_t count[KS_NR_OWN_CODES][KS_OWN_NR_WORDS];
	uint8_t length[KS_NR_OWN_CODES][KS_OWN_NR_WORDS];
	uint8_t code[KS_NR_OWN_CODES][KS_OWN_NR_WORDS];	/* mirrored */
	bool counting;
	unsigned int place_bits;
};

static void store(uint8_t *p, uint64_t v, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

static void too_large(struct bytes *o, bool is)
{
	if (is && !o->failed)
		o->failed = -EFBIG;
}

static void put(struct bytes *o, const void *p, size_t len)
{
	if (o->failed)
		return;
	if (!ks_vec_reserve(&o->b, len)) {
		o->failed = -ENOMEM;
		return;
	}
	if (len)
		memcpy(o->b.data + o->b.len, p, len);
	o->b.len += len;
}

static void put_int(struct bytes *o, uint64_t v, unsigned int len)
{
	uint8_t buf[8];

	store(buf, v, len);
	put(o, buf, len);
}

/* At most 56 bits. */
static void put_bits(struct bytes *o, uint64_t v, unsigned int width)
{
	o->acc |= v << o->nr;
	for (o->nr += width; o->nr >= 8; o->nr -= 8, o->acc >>= 8)
		put_int(o, o->acc & 0xff, 1);
}

static uint64_t bit_pos(const struct bytes *o)
{
	return (uint64_t)o->b.len * 8 + o->nr;
}

static void end_bits(struct bytes *o)
{
	if (o->nr)
		put_int(o, o->acc, 1);
	o->acc = 0;
	o->nr = 0;
	put_int(o, 0, KS_OWNERS_TAIL);
}

/*
 * A kernel's tables are made from an image that is linked with those of the pass before.
 * What shifts because of their length can change some paddings, and so this length.  There
 * is some room for that, and it never shrinks, so that the third pass is the last.
 */
#define ROOM 32

static void end_stream(struct bytes *o, uint32_t before)
{
	end_bits(o);
	while (!o->failed && o->b.len < before && before - o->b.len <= 2 * ROOM)
		put_int(o, 0, 1);
	for (unsigned int i = 0; i < ROOM && o->b.len > before; i++)
		put_int(o, 0, 1);
}

static unsigned int width_of(uint64_t v)
{
	return v ? 64 - (unsigned int)__builtin_clzll(v) : 0;
}

/* ------------------------------------------------------------------- words */

static void put_word(struct coder *c, struct bytes *o, unsigned int code, unsigned int word)
{
	if (c->counting)
		c->count[code][word]++;
	else
		put_bits(o, c->code[code][word], c->length[code][word]);
}

/* @v has at most KS_OWN_LONG_BITS bits. */
static void put_number(struct coder *c, struct bytes *o, unsigned int code, uint32_t v)
{
	unsigned int width = width_of(v);

	if (v < KS_OWN_WORD_LONG) {
		put_word(c, o, code, v);
		return;
	}
	put_word(c, o, code, KS_OWN_WORD_LONG + width - 6);
	if (!c->counting)
		put_bits(o, v - (1u << (width - 1)), width - 1);
}

static void begin_block(struct coder *c, enum ks_own_table offsets, enum ks_own_table stream)
{
	struct bytes *o = &c->tab[offsets];

	if (c->counting)
		return;
	too_large(o, bit_pos(&c->tab[stream]) > UINT32_MAX);
	put_int(o, bit_pos(&c->tab[stream]), 4);
}

/* As the reader follows aliases. */
static size_t next_address(const struct ks_own_model *m, size_t i)
{
	size_t n = i + 1;

	while (n < m->syms.len && n - i <= KS_OWNERS_ALIAS_MAX &&
	       m->syms.data[n].va == m->syms.data[i].va)
		n++;
	return n - i <= KS_OWNERS_ALIAS_MAX ? n : m->syms.len;
}

static void put_size(struct coder *c, size_t i)
{
	const struct ks_own_symbol *s = &c->m->syms.data[i];
	struct bytes *o = &c->tab[KS_OWN_SIZES];
	size_t next = next_address(c->m, i);
	unsigned int code = 0, width = width_of(s->len);
	uint64_t room = 0;

	if (next < c->m->syms.len) {
		uint64_t va = c->m->syms.data[next].va;

		code = va & 63 ? (unsigned int)__builtin_ctzll(va) : 6;
		room = va - s->va;
	}
	if (!s->len) {
		put_word(c, o, code, KS_OWN_WORD_NONE);
	} else if (room >= s->len && width_of(room - s->len) <= KS_OWN_LONG_BITS) {
		put_number(c, o, code, (uint32_t)(room - s->len));
	} else {
		put_word(c, o, code, KS_OWN_WORD_OTHER);
		/* Nothing is that large. */
		too_large(o, width > 50);
		if (!c->counting) {
			put_bits(o, width, 6);
			put_bits(o, s->len, width);
		}
	}
}

/* A part inside a block is said by its distance to the block; those behind the last symbol
 * are said as well. */
static void put_sizes(struct coder *c, size_t from, size_t to)
{
	uint64_t start = bit_pos(&c->tab[KS_OWN_SIZES]);

	for (size_t i = from; i < from + KS_OWNERS_BLOCK; i++) {
		if (i != from && i % KS_OWNERS_PART == 0 && !c->counting)
			put_int(&c->tab[KS_OWN_SIZE_OFFSETS],
				bit_pos(&c->tab[KS_OWN_SIZES]) - start, 2);
		if (i < to)
			put_size(c, i);
	}
}

static void put_run(struct coder *c, size_t i, size_t len, bool to_end, uint32_t *last)
{
	struct bytes *o = &c->tab[KS_OWN_MODULES];
	uint32_t owner = c->m->syms.data[i].owner;

	if (!owner) {
		put_word(c, o, KS_OWN_CODE_OWNER, KS_OWN_WORD_NONE);
	} else if (owner == *last) {
		put_word(c, o, KS_OWN_CODE_OWNER, KS_OWN_WORD_OTHER);
	} else {
		uint32_t up = owner - *last, down = *last - owner;

		put_number(c, o, KS_OWN_CODE_OWNER, owner > *last ? up << 1 : down << 1 | 1);
		*last = owner;
	}
	if (to_end)
		put_word(c, o, KS_OWN_CODE_RUN, KS_OWN_WORD_NONE);
	else
		put_number(c, o, KS_OWN_CODE_RUN, (uint32_t)len);
}

static void put_symbols(struct coder *c)
{
	const struct ks_own_symbol *s = c->m->syms.data;
	size_t n = c->m->syms.len, block_end, j;

	for (size_t from = 0; from < n; from = block_end) {
		uint32_t last = 0;

		block_end = n - from < KS_OWNERS_BLOCK ? n : from + KS_OWNERS_BLOCK;
		begin_block(c, KS_OWN_SIZE_OFFSETS, KS_OWN_SIZES);
		begin_block(c, KS_OWN_MODULE_OFFSETS, KS_OWN_MODULES);
		put_sizes(c, from, block_end);
		for (size_t i = from; i < block_end; i = j) {
			for (j = i + 1; j < block_end && s[j].owner == s[i].owner; j++)
				;
			put_run(c, i, j - i, j == block_end, &last);
		}
	}
}

/* ------------------------------------------------------------------- codes */

/* Lengths of a Huffman code: the two rarest become one, until one is left.  At most
 * 61 words, so that each round may look at all of them. */
static void huffman(const uint32_t *count, uint8_t *length)
{
	uint64_t weight[2 * KS_OWN_NR_WORDS];
	uint8_t parent[2 * KS_OWN_NR_WORDS] = { 0 };
	bool taken[2 * KS_OWN_NR_WORDS] = { false };
	unsigned int nr = KS_OWN_NR_WORDS;

	for (unsigned int i = 0; i < KS_OWN_NR_WORDS; i++) {
		weight[i] = count[i];
		taken[i] = !count[i];
	}
	for (;;) {
		unsigned int a = nr, b = nr;

		for (unsigned int i = 0; i < nr; i++) {
			if (taken[i])
				continue;
			if (a == nr || weight[i] < weight[a]) {
				b = a;
				a = i;
			} else if (b == nr || weight[i] < weight[b]) {
				b = i;
			}
		}
		if (b == nr)
			break;
		weight[nr] = weight[a] + weight[b];
		taken[a] = taken[b] = true;
		taken[nr] = false;
		parent[a] = parent[b] = (uint8_t)nr++;
	}
	for (unsigned int i = 0; i < KS_OWN_NR_WORDS; i++) {
		length[i] = 0;
		for (unsigned int p = i; parent[p]; p = parent[p])
			length[i]++;
		/* The only word there is takes a bit as well. */
		if (count[i] && !length[i])
			length[i] = 1;
	}
}

/* Codes of at most KS_OWN_CODE_BITS: where that makes too many short ones, the rarest
 * words give way; what room is left then goes to the most frequent. */
static void limit_lengths(const uint32_t *count, uint8_t *length)
{
	unsigned int room = 1u << KS_OWN_CODE_BITS, used = 0;

	for (unsigned int i = 0; i < KS_OWN_NR_WORDS; i++) {
		if (length[i] > KS_OWN_CODE_BITS)
			length[i] = KS_OWN_CODE_BITS;
		used += length[i] ? room >> length[i] : 0;
	}
	while (used > room) {
		unsigned int rarest = KS_OWN_NR_WORDS;

		for (unsigned int i = 0; i < KS_OWN_NR_WORDS; i++)
			if (length[i] && length[i] < KS_OWN_CODE_BITS &&
			    (rarest == KS_OWN_NR_WORDS || count[i] < count[rarest]))
				rarest = i;
		length[rarest]++;
		used -= room >> length[rarest];
	}
	for (;;) {
		unsigned int best = KS_OWN_NR_WORDS;

		for (unsigned int i = 0; i < KS_OWN_NR_WORDS; i++)
			if (length[i] > 1 && room >> length[i] <= room - used &&
			    (best == KS_OWN_NR_WORDS || count[i] > count[best]))
				best = i;
		if (best == KS_OWN_NR_WORDS)
			break;
		used += room >> length[best];
		length[best]--;
	}
}

static void make_codes(struct coder *c)
{
	for (unsigned int t = 0; t < KS_NR_OWN_CODES; t++) {
		unsigned int code = 0;

		huffman(c->count[t], c->length[t]);
		limit_lengths(c->count[t], c->length[t]);
		for (unsigned int len = 1; len <= KS_OWN_CODE_BITS; len++, code <<= 1) {
			for (unsigned int w = 0; w < KS_OWN_NR_WORDS; w++) {
				unsigned int mirror = 0;

				if (c->length[t][w] != len)
					continue;
				for (unsigned int i = 0; i < len; i++)
					mirror |= (code >> i & 1) << (len - 1 - i);
				c->code[t][w] = (uint8_t)mirror;
				code++;
			}
		}
	}
}

/* ------------------------------------------------------------------- names */

/* Modules of an owner; *@object: what follows them. */
static unsigned int count_modules(const char *key, const char **object)
{
	unsigned int nr = 0;

	for (; *key; key += strlen(key) + 1)
		nr++;
	*object = key + 1;
	return nr;
}

struct names {
	struct bytes *out;
	struct ks_strpool pool;		/* single names, and lists as they are in the keys */
	KS_VEC(uint32_t) place;		/* of each */
};

/* The place of what @key stands for; @new: it is put there now, else only known to be at @at. */
static uint32_t add_name(struct names *n, const char *key, size_t len, bool *is_new, uint32_t at)
{
	uint32_t i, *slot;

	*is_new = false;
	if (n->out->failed)
		return 0;
	i = ks_strpool_add(&n->pool, key, len);
	if (i == KS_STRPOOL_NONE)
		goto fail;
	if (i == n->place.len) {
		slot = ks_vec_push(&n->place);
		if (!slot)
			goto fail;
		*slot = at;
		*is_new = true;
	}
	return n->place.data[i];
fail:
	n->out->failed = -ENOMEM;
	return 0;
}

/* Lists come first, so that single names find theirs there. */
static void add_list(struct names *n, const char *key, unsigned int nr, size_t len)
{
	bool is_new, ignored;

	add_name(n, key, len, &is_new, (uint32_t)n->out->b.len);
	if (!is_new)
		return;
	too_large(n->out, nr > 255);
	put_int(n->out, 0, 1);
	put_int(n->out, nr, 1);
	for (size_t i = 0; i < len; i += strlen(key + i) + 1) {
		size_t name_len = strlen(key + i) + 1;

		add_name(n, key + i, name_len - 1, &ignored, (uint32_t)n->out->b.len);
		put(n->out, key + i, name_len);
	}
}

static uint32_t add_single(struct names *n, const char *name, size_t len)
{
	bool is_new;
	uint32_t at = add_name(n, name, len, &is_new, (uint32_t)n->out->b.len);

	if (is_new) {
		put(n->out, name, len);
		put_int(n->out, 0, 1);
	}
	return at;
}

static void put_owners(struct coder *c)
{
	const struct ks_strpool *owners = &c->m->owners;
	struct names n = { .out = &c->tab[KS_OWN_NAMES] };
	KS_VEC(uint32_t) places = { 0 };
	struct bytes *out = &c->tab[KS_OWN_OBJFILES];
	const char *object;

	put_int(n.out, 0, 1);
	for (uint32_t i = 0; i < owners->nr; i++) {
		const char *key = ks_strpool_get(owners, i);
		unsigned int nr = count_modules(key, &object);

		if (nr > 1)
			add_list(&n, key, nr, (size_t)(object - 1 - key));
	}
	for (uint32_t i = 0; i < owners->nr; i++) {
		const char *key = ks_strpool_get(owners, i);
		unsigned int nr = count_modules(key, &object);
		size_t len = owners->entries[i].len - (size_t)(object - key), list = (size_t)(object - 1 - key);

		if (!ks_vec_reserve(&places, 2)) {
			out->failed = -ENOMEM;
			break;
		}
		places.data[places.len++] = !nr ? 0 : nr > 1 ? add_single(&n, key, list)
						       : add_single(&n, key, list - 1);
		places.data[places.len++] = len ? add_single(&n, object, len) : 0;
	}
	c->place_bits = width_of(n.out->b.len);
	for (size_t i = 0; i < places.len; i++)
		put_bits(out, places.data[i], c->place_bits);
	end_bits(out);
	put_int(n.out, 0, KS_OWNERS_TAIL);
	ks_vec_free(&places);
	ks_vec_free(&n.place);
	ks_strpool_free(&n.pool);
}

/* -------------------------------------------------------------------- block */

static int assemble(struct coder *c, struct ks_own_blob *out, struct ksym_error *err)
{
	uint64_t len = KS_OWN_HEADER_LEN;
	uint8_t *h;

	for (unsigned int i = 0; i < KS_NR_OWN_TABLES; i++) {
		if (c->tab[i].failed == -ENOMEM)
			return ks_error_nomem(err);
		if (c->tab[i].failed)
			return ks_error(err, -EFBIG, "kallsyms: the tables of owners became too large");
		out->off[i] = (uint32_t)len;
		out->table_len[i] = (uint32_t)c->tab[i].b.len;
		len += c->tab[i].b.len;
	}
	if (len > UINT32_MAX / 2)
		return ks_error(err, -EFBIG, "kallsyms: the tables of owners became too large");
	h = calloc(1, len);
	if (!h)
		return ks_error_nomem(err);
	store(h + KS_OWN_MAGIC, KS_OWNERS_MAGIC, 4);
	store(h + KS_OWN_LEN, len, 4);
	store(h + KS_OWN_NR_SYMBOLS, c->m->syms.len, 4);
	store(h + KS_OWN_NR_OWNERS, c->m->owners.nr, 4);
	store(h + KS_OWN_PLACE_BITS, c->place_bits, 4);
	for (unsigned int i = 0; i < KS_NR_OWN_TABLES; i++) {
		store(h + KS_OWN_DIR + 8 * i, out->off[i], 4);
		store(h + KS_OWN_DIR + 8 * i + 4, out->table_len[i], 4);
		memcpy(h + out->off[i], c->tab[i].b.data, c->tab[i].b.len);
	}
	for (unsigned int i = 0; i < KS_NR_OWN_CODES * KS_OWN_NR_WORDS; i++)
		h[KS_OWN_CODES + i / 2] |= (uint8_t)(c->length[i / KS_OWN_NR_WORDS][i % KS_OWN_NR_WORDS] << (i % 2 * 4));
	store(h + KS_OWN_HASH, ks_owners_hash(h + KS_OWN_HASH + 8, len - KS_OWN_HASH - 8), 8);
	out->data = h;
	out->len = (uint32_t)len;
	return 0;
}

int ks_own_encode(const struct ks_own_model *m, struct ks_own_blob *out, struct ksym_error *err)
{
	struct coder *c = calloc(1, sizeof(*c));
	int ret;

	if (!c)
		return ks_error_nomem(err);
	c->m = m;
	c->counting = true;
	put_symbols(c);
	make_codes(c);
	c->counting = false;
	put_symbols(c);
	end_stream(&c->tab[KS_OWN_SIZES], m->sizes_len);
	end_stream(&c->tab[KS_OWN_MODULES], m->modules_len);
	put_int(&c->tab[KS_OWN_SIZE_OFFSETS], 0, KS_OWNERS_TAIL);
	put_int(&c->tab[KS_OWN_MODULE_OFFSETS], 0, KS_OWNERS_TAIL);
	put_owners(c);
	ret = assemble(c, out, err);
	for (unsigned int i = 0; i < KS_NR_OWN_TABLES; i++)
		ks_vec_free(&c->tab[i].b);
	free(c);
	return ret;
}
