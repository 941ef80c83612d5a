// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/strpool.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static uint32_t *probe(const struct ks_strpool *p, const char *s, size_t len, uint32_t hash)
{
	for (uint32_t i = hash;; i++) {
		uint32_t *slot = &p->slots[i & (p->nr_slots - 1)];
		const struct ks_strpool_entry *e;

		if (!*slot)
			return slot;
		e = &p->entries[*slot - 1];
		if (e->hash == hash && e->len == len && !memcmp(e->s, s, len))
			return slot;
	}
}

static bool grow(struct ks_strpool *p)
{
	uint32_t nr_slots = p->nr_slots ? p->nr_slots * 2 : 256;
	uint32_t cap = nr_slots / 2;
	uint32_t *slots;
	void *entries;

	if (nr_slots > UINT32_MAX / 4)
		return false;
	slots = calloc(nr_slots, sizeof(*slots));
	entries = realloc(p->entries, cap * sizeof(*p->entries));
	if (entries)
		p->entries = entries;
	if (!slots || !entries) {
		free(slots);
		return false;
	}
	for (uint32_t n = 0; n < p->nr; n++) {
		uint32_t i = p->entries[n].hash;

		while (slots[i & (nr_slots - 1)])
			i++;
		slots[i & (nr_slots - 1)] = n + 1;
	}
	free(p->slots);
	p->slots = slots;
	p->nr_slots = nr_slots;
	p->cap = cap;
	return true;
}

uint32_t ks_strpool_add(struct ks_strpool *p, const char *s, size_t len)
{
	if (len > UINT32_MAX - 1)
		return KS_STRPOOL_NONE;
	if (p->nr == p->cap && !grow(p))
		return KS_STRPOOL_NONE;

	uint32_t hash = (uint32_t)XXH3_64bits(s, len);
	uint32_t *slot = probe(p, s, len, hash);

	if (*slot)
		return *slot - 1;

	char *copy = ks_arena_strdup(&p->arena, s, len);

	if (!copy)
		return KS_STRPOOL_NONE;
	p->entries[p->nr] = (struct ks_strpool_entry){ copy, (uint32_t)len, hash };
	*slot = ++p->nr;
	return p->nr - 1;
}

uint32_t ks_strpool_find(const struct ks_strpool *p, const char *s, size_t len)
{
	if (!p->nr)
		return KS_STRPOOL_NONE;
	return *probe(p, s, len, (uint32_t)XXH3_64bits(s, len)) - 1;
}

void ks_strpool_free(struct ks_strpool *p)
{
	free(p->slots);
	free(p->entries);
	ks_arena_free(&p->arena);
	*p = (struct ks_strpool){ 0 };
}
