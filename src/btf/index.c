// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/index.h"

#include <string.h>
#include <xxhash.h>
#include "btf/file.h"

#define MAX_STRING 4096u

struct words {
	uint32_t *data;
	size_t len, cap;
};

struct ks_btf_index {
	/* Hash tables of offsets + 1 and of types, 0 = free. */
	uint32_t *strings, *named, *nameless;
	uint32_t mask_strings, mask_types;
	uint32_t *next;			/* of each type: one more of its name */
	bool unique;			/* names that read the same have the same offset */
};

/* ------------------------------------------------------------------ hashes */

static uint32_t hash_string(const char *s, size_t len)
{
	return (uint32_t)XXH3_64bits(s, len);
}

/* Kinds that can stand for each other. */
static unsigned int family(unsigned int kind)
{
	switch (kind) {
	case BTF_KIND_FWD:
	case BTF_KIND_UNION:
		return BTF_KIND_STRUCT;
	case KS_BTF_ENUM64:
		return BTF_KIND_ENUM;
	}
	return kind;
}

static uint32_t hash_named(unsigned int kind, uint32_t off)
{
	uint64_t h = (((uint64_t)family(kind) << 32) + off) * 0x9e3779b97f4a7c15u;

	return (uint32_t)(h >> 32);
}

/* Is it found by all of its words? */
static bool is_nameless(const uint32_t *t)
{
	switch (KS_BTF_KIND(t)) {
	case BTF_KIND_FUNC:
	case BTF_KIND_VAR:
	case BTF_KIND_DATASEC:
		return false;
	case KS_BTF_DECL_TAG:
	case KS_BTF_TYPE_TAG:
		return true;
	}
	return !t[0];
}

static uint32_t hash_words(const uint32_t *t)
{
	return (uint32_t)XXH3_64bits(t, ks_btf_words(t) * sizeof(*t));
}

/* ------------------------------------------------------------------ lookup */

/* A string that is not looked for: names may overlap, all in one as long as the file. */
static bool is_long(const char *s)
{
	return strnlen(s, MAX_STRING) == MAX_STRING;
}

static uint32_t *string_slot(const struct ksym_btf *b, const struct ks_btf_index *x, const char *s)
{
	uint32_t i = hash_string(s, strlen(s)) & x->mask_strings;

	while (x->strings[i] && strcmp(b->strings + (x->strings[i] - 1), s))
		i = (i + 1) & x->mask_strings;
	return &x->strings[i];
}

bool ks_btf_index_string(const struct ksym_btf *b, const char *s, uint32_t *off)
{
	uint32_t *slot;

	if (is_long(s))
		return false;
	slot = string_slot(b, b->index, s);
	if (*slot)
		*off = *slot - 1;
	return *slot;
}

uint32_t ks_btf_index_canonical(const struct ksym_btf *b, uint32_t off)
{
	const char *s;
	uint32_t *slot;

	if (ks_likely(b->index->unique))
		return off;
	s = ks_btf_string(b, off);
	if (is_long(s))
		return off;
	slot = string_slot(b, b->index, s);
	return *slot ? *slot - 1 : off;
}

uint32_t ks_btf_index_named(const struct ksym_btf *b, unsigned int kind, uint32_t off)
{
	const struct ks_btf_index *x = b->index;
	uint32_t i = hash_named(kind, off) & x->mask_types;

	for (; x->named[i]; i = (i + 1) & x->mask_types) {
		const uint32_t *t = ks_btf_by_id(b, x->named[i]);

		if (family(KS_BTF_KIND(t)) == family(kind) &&
		    (t[0] == off || ks_btf_index_canonical(b, t[0]) == off))
			return x->named[i];
	}
	return 0;
}

uint32_t ks_btf_index_next(const struct ksym_btf *b, uint32_t id)
{
	return b->index->next[id - b->first];
}

static bool same_words(const struct ksym_btf *b, uint32_t id, const uint32_t *words)
{
	const uint32_t *t = ks_btf_by_id(b, id);
	uint32_t nr, word = 0, part = 0;

	if (t[1] != words[1])
		return false;
	nr = ks_btf_words(t);
	for (uint32_t i = 0; i < nr; i++) {
		bool is_name = i == word;

		if (is_name)
			word = ks_btf_part_name(t, part++);
		if (t[i] != words[i] && (!is_name || ks_btf_index_canonical(b, t[i]) != words[i]))
			return false;
	}
	return true;
}

uint32_t ks_btf_index_nameless(const struct ksym_btf *b, const uint32_t *words)
{
	const struct ks_btf_index *x = b->index;
	uint32_t i = hash_words(words) & x->mask_types;

	while (x->nameless[i] && !same_words(b, x->nameless[i], words))
		i = (i + 1) & x->mask_types;
	return x->nameless[i];
}

/* -------------------------------------------------------------------- make */

static uint32_t mask_for(uint32_t nr)
{
	uint32_t slots = 1024;

	while (slots / 2 < nr && slots < 0x80000000u)
		slots *= 2;
	return slots - 1;
}

/* Strings as they begin after each NUL, and the ends of them that names use. */
static void add_strings(const struct ksym_btf *b, struct ks_btf_index *x)
{
	for (uint32_t off = 0; off < b->strings_len; off += (uint32_t)strlen(b->strings + off) + 1) {
		uint32_t *slot = is_long(b->strings + off) ? NULL : string_slot(b, x, b->strings + off);

		if (slot && !*slot)
			*slot = off + 1;
		else
			x->unique = false;
	}
}

static uint32_t count_strings(const struct ksym_btf *b)
{
	uint32_t nr = 0;

	for (uint32_t off = 0; off < b->strings_len; off += (uint32_t)strlen(b->strings + off) + 1)
		nr++;
	return nr;
}

/* A name in the middle of another string has to be found, too. */
static void add_name(const struct ksym_btf *b, struct ks_btf_index *x, uint32_t off, uint32_t *left)
{
	uint32_t *slot;

	if (!off || !b->strings[off - 1])
		return;
	if (is_long(b->strings + off)) {
		x->unique = false;
		return;
	}
	slot = string_slot(b, x, b->strings + off);
	if (!*slot && *left) {
		*slot = off + 1;
		(*left)--;
	}
	x->unique &= *slot == off + 1;
}

/* By words whose names are canonical, which are made in @w. */
static bool add_nameless(const struct ksym_btf *b, struct ks_btf_index *x, uint32_t id,
			 struct words *w)
{
	const uint32_t *t = ks_btf_by_id(b, id);
	uint32_t nr = ks_btf_words(t), i;

	w->len = 0;
	if (!ks_vec_reserve(w, nr))
		return false;
	memcpy(w->data, t, nr * sizeof(*t));
	ks_btf_for_each_name(word, t)
		w->data[word] = ks_btf_index_canonical(b, t[word]);
	i = hash_words(w->data) & x->mask_types;
	while (x->nameless[i] && !same_words(b, x->nameless[i], w->data))
		i = (i + 1) & x->mask_types;
	if (!x->nameless[i] || x->nameless[i] > id)
		x->nameless[i] = id;
	return true;
}

static void add_named(const struct ksym_btf *b, struct ks_btf_index *x, uint32_t id)
{
	const uint32_t *t = ks_btf_by_id(b, id);
	uint32_t i;

	if (KS_BTF_KIND(t) == BTF_KIND_VAR || KS_BTF_KIND(t) == BTF_KIND_DATASEC)
		return;
	i = hash_named(KS_BTF_KIND(t), ks_btf_index_canonical(b, t[0])) & x->mask_types;
	while (x->named[i]) {
		const uint32_t *u = ks_btf_by_id(b, x->named[i]);

		if (family(KS_BTF_KIND(u)) == family(KS_BTF_KIND(t)) &&
		    ks_btf_index_canonical(b, u[0]) == ks_btf_index_canonical(b, t[0]))
			break;
		i = (i + 1) & x->mask_types;
	}
	x->next[id - b->first] = x->named[i];
	x->named[i] = id;
}

static struct ks_btf_index *make(const struct ksym_btf *b)
{
	struct ks_btf_index *x = calloc(1, sizeof(*x));
	uint32_t nr_strings = count_strings(b), left;

	if (!x)
		return NULL;
	/* As many ends of strings as there are strings find room. */
	left = nr_strings;
	x->unique = true;
	x->mask_strings = mask_for(2 * nr_strings);
	x->mask_types = mask_for(b->nr);
	x->strings = calloc((size_t)x->mask_strings + 1, sizeof(*x->strings));
	x->named = calloc((size_t)x->mask_types + 1, sizeof(*x->named));
	x->nameless = calloc((size_t)x->mask_types + 1, sizeof(*x->nameless));
	x->next = calloc((size_t)b->nr + 1, sizeof(*x->next));
	if (!x->strings || !x->named || !x->nameless || !x->next) {
		ks_btf_index_free(x);
		return NULL;
	}
	add_strings(b, x);
	for (uint32_t i = 0; i < b->nr; i++) {
		const uint32_t *t = b->words + b->at[i];

		ks_btf_for_each_name(word, t)
			add_name(b, x, t[word], &left);
	}
	return x;
}

bool ks_btf_index_make(const struct ksym_btf *b)
{
	struct ksym_btf *own = (struct ksym_btf *)(uintptr_t)b;
	struct words w = { 0 };
	bool ok;

	pthread_mutex_lock(&own->lock);
	if (!own->index) {
		own->index = make(b);
		/* Newest first in chains: so the first one comes out first. */
		for (uint32_t id = own->index ? ks_btf_end(b) : 0; id-- > b->first;) {
			if (!is_nameless(ks_btf_by_id(b, id))) {
				add_named(b, own->index, id);
			} else if (!add_nameless(b, own->index, id, &w)) {
				ks_btf_index_free(own->index);
				own->index = NULL;
				break;
			}
		}
		free(w.data);
	}
	ok = own->index;
	pthread_mutex_unlock(&own->lock);
	return ok;
}

void ks_btf_index_free(struct ks_btf_index *x)
{
	if (!x)
		return;
	free(x->strings);
	free(x->named);
	free(x->nameless);
	free(x->next);
	free(x);
}
