// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The codes that make the names short.
 *
 * Byte values that no name uses become codes, from 255 downwards, each for the pair
 * of codes that is then the most frequent one; of equally frequent pairs the one with
 * the smallest number (first + 256 * second).  Pairs are counted wherever they stand,
 * overlapping ones too, and replaced from left to right.
 *
 * The kernel's tool goes through all names for every code.  Here each pair has a list
 * of its places, and replacing one changes five counts.  No links are needed to find
 * neighbours: a code's text has a known length, so the next code is that much further
 * on, and `last` has at the end of every code's text the code, so the previous one
 * begins that much before.
 *
 * A pair comes into being when the younger of its codes does, so all its places are
 * found in that one round, in ascending order, and no list grows later.  A place is
 * out of date when other codes stand there now.
 */
#include "kallsyms/kallsyms.h"

#include <stdlib.h>
#include <string.h>

struct place_list {
	uint32_t first, nr;	/* in places */
};

struct finder {
	struct ks_tokens *t;
	uint16_t *last;
	uint32_t nr_units;
	uint32_t *count;		/* of each pair */
	struct place_list *list;	/* of each pair */
	KS_VEC(uint32_t) places;
	KS_VEC(uint32_t) new_places;	/* of one round */
	KS_VEC(uint16_t) new_keys;	/* other code, + 256 when that is the second one */
};

static inline uint32_t pair_of(uint32_t a, uint32_t b)
{
	return a + (b << 8);
}

static int lay_out(struct ks_kallsyms *k, struct finder *f)
{
	struct ks_tokens *t = f->t;
	uint64_t nr = 1;
	uint32_t p = 0;

	for (size_t i = 0; i < k->syms.len; i++)
		nr += k->syms.data[i].name_len + 2;
	if (nr > UINT32_MAX / 2)
		return ks_error(k->err, -EFBIG, "%s: has over 2 GB of names", k->path);
	f->nr_units = (uint32_t)nr;
	t->units = malloc(nr * sizeof(*t->units));
	f->last = malloc(nr * sizeof(*f->last));
	t->start = malloc((k->syms.len + 1) * sizeof(*t->start));
	if (!t->units || !f->last || !t->start)
		return ks_error_nomem(k->err);
	t->units[p++] = KS_UNIT_END;
	for (size_t i = 0; i < k->syms.len; i++) {
		const struct ks_kasym *s = &k->syms.data[i];

		t->start[i] = p;
		t->units[p++] = (unsigned char)s->type;
		for (uint32_t b = 0; b < s->name_len; b++)
			t->units[p++] = (unsigned char)s->name[b];
		t->units[p++] = KS_UNIT_END;
	}
	memcpy(f->last, t->units, nr * sizeof(*f->last));
	return 0;
}

/* The bytes in use stand for themselves. */
static int take_bytes(struct ks_kallsyms *k, struct finder *f)
{
	struct ks_tokens *t = f->t;
	bool used[KS_UNIT_END + 1] = { false };

	for (uint32_t p = 0; p < f->nr_units; p++)
		used[t->units[p]] = true;
	for (unsigned int c = 0; c < 256; c++) {
		char byte = (char)c;

		t->text[c] = ks_arena_strdup(&k->arena, &byte, used[c]);
		if (!t->text[c])
			return ks_error_nomem(k->err);
		t->span[c] = used[c];
	}
	return 0;
}

static int count_pairs(struct ks_kallsyms *k, struct finder *f)
{
	const uint16_t *u = f->t->units;
	uint32_t at = 0, *next;

	for (uint32_t p = 1; p < f->nr_units; p++)
		if (u[p] != KS_UNIT_END && u[p - 1] != KS_UNIT_END)
			f->count[pair_of(u[p - 1], u[p])]++;
	next = malloc(65536 * sizeof(*next));
	if (!next || !ks_vec_reserve(&f->places, f->nr_units)) {
		free(next);
		return ks_error_nomem(k->err);
	}
	for (uint32_t i = 0; i < 65536; i++) {
		f->list[i] = (struct place_list){ at, f->count[i] };
		next[i] = at;
		at += f->count[i];
	}
	for (uint32_t p = 1; p < f->nr_units; p++)
		if (u[p] != KS_UNIT_END && u[p - 1] != KS_UNIT_END)
			f->places.data[next[pair_of(u[p - 1], u[p])]++] = p - 1;
	f->places.len = at;
	free(next);
	return 0;
}

static uint32_t most_frequent(const struct finder *f)
{
	uint32_t max = 0, i = 0;

	for (uint32_t p = 0; p < 65536; p++)
		max = f->count[p] > max ? f->count[p] : max;
	while (f->count[i] != max)
		i++;
	return i;
}

static inline void note(struct finder *f, uint32_t key, uint32_t place)
{
	f->new_keys.data[f->new_keys.len++] = (uint16_t)key;
	f->new_places.data[f->new_places.len++] = place;
}

/* Code @c is to stand for @a and @b wherever they follow each other. */
static void replace_pair(struct finder *f, uint32_t c, uint32_t a, uint32_t b)
{
	const struct place_list l = f->list[pair_of(a, b)];
	uint16_t *u = f->t->units, *last = f->last;
	const uint32_t *span = f->t->span;
	uint32_t len_a = span[a], len = span[c], *count = f->count;

	for (uint32_t n = 0; n < l.nr; n++) {
		uint32_t at = f->places.data[l.first + n], before, after;

		if (u[at] != a || u[at + len_a] != b)
			continue;
		before = last[at - 1];
		after = u[at + len];
		u[at] = (uint16_t)c;
		u[at + len_a] = KS_UNIT_DEAD;
		last[at + len - 1] = (uint16_t)c;
		count[pair_of(a, b)]--;
		if (before != KS_UNIT_END) {
			count[pair_of(before, a)]--;
			count[pair_of(before, c)]++;
			note(f, before, at - span[before]);
		}
		if (after != KS_UNIT_END) {
			count[pair_of(b, after)]--;
			count[pair_of(c, after)]++;
			note(f, 256 + after, at);
		}
	}
}

/* Lists of the pairs that the round of code @c made. */
static void list_new_pairs(struct finder *f, uint32_t c)
{
	uint32_t nr[512] = { 0 }, at = (uint32_t)f->places.len;

	for (size_t i = 0; i < f->new_keys.len; i++)
		nr[f->new_keys.data[i]]++;
	for (uint32_t key = 0; key < 512; key++) {
		/* (c, c) is noted as what precedes c, once c is there to be preceded. */
		if (key != 256 + c)
			f->list[key < 256 ? pair_of(key, c) : pair_of(c, key - 256)] =
				(struct place_list){ at, nr[key] };
		at += nr[key];
		nr[key] = at - nr[key];
	}
	for (size_t i = 0; i < f->new_keys.len; i++)
		f->places.data[nr[f->new_keys.data[i]]++] = f->new_places.data[i];
	f->places.len = at;
}

static int make_code(struct ks_kallsyms *k, struct finder *f, uint32_t c, uint32_t pair)
{
	struct ks_tokens *t = f->t;
	uint32_t a = pair & 0xff, b = pair >> 8;
	uint32_t len_a = t->span[a], len = len_a + t->span[b];
	size_t nr = 2 * (size_t)f->list[pair].nr;
	char *text = ks_arena_alloc(&k->arena, (size_t)len + 1);

	f->new_keys.len = f->new_places.len = 0;
	if (!text || !ks_vec_reserve(&f->new_keys, nr) || !ks_vec_reserve(&f->new_places, nr) ||
	    f->places.len + nr > UINT32_MAX || !ks_vec_reserve(&f->places, nr))
		return ks_error_nomem(k->err);
	memcpy(text, t->text[a], len_a);
	memcpy(text + len_a, t->text[b], t->span[b]);
	t->text[c] = text;
	t->span[c] = len;
	replace_pair(f, c, a, b);
	list_new_pairs(f, c);
	return 0;
}

int ks_kallsyms_find_tokens(struct ks_kallsyms *k)
{
	struct finder f = { .t = &k->tokens };
	int ret = 0;

	f.count = calloc(65536, sizeof(*f.count));
	f.list = calloc(65536, sizeof(*f.list));
	if (!f.count || !f.list)
		ret = ks_error_nomem(k->err);
	if (!ret)
		ret = lay_out(k, &f);
	if (!ret)
		ret = take_bytes(k, &f);
	if (!ret)
		ret = count_pairs(k, &f);
	for (uint32_t c = 256; c-- && !ret;) {
		uint32_t pair;

		if (k->tokens.span[c])
			continue;
		pair = most_frequent(&f);
		if (!f.count[pair])
			break;
		ret = make_code(k, &f, c, pair);
	}
	free(f.last);
	free(f.count);
	free(f.list);
	ks_vec_free(&f.places);
	ks_vec_free(&f.new_places);
	ks_vec_free(&f.new_keys);
	return ret;
}

void ks_tokens_free(struct ks_tokens *t)
{
	free(t->units);
	free(t->start);
	t->units = NULL;
	t->start = NULL;
}
