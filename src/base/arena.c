// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_LEN ((size_t)256 << 10)
#define ALIGN ((size_t)16)

struct ks_arena_block {
	struct ks_arena_block *next;
	size_t pad;
	char data[];
};

static char *carve(struct ks_arena *a, size_t len, size_t align)
{
	size_t skip = -(uintptr_t)a->pos & (align - 1);

	if (a->pos && len <= (size_t)(a->end - a->pos) && skip <= (size_t)(a->end - a->pos) - len) {
		char *p = a->pos + skip;

		a->pos = p + len;
		return p;
	}
	if (len > SIZE_MAX - BLOCK_LEN)
		return NULL;

	/* A large piece gets a block of its own and leaves the current one open. */
	size_t data_len = len > BLOCK_LEN / 4 ? len : BLOCK_LEN;
	struct ks_arena_block *b = malloc(sizeof(*b) + data_len);

	if (!b)
		return NULL;
	b->next = a->blocks;
	a->blocks = b;
	if (data_len == BLOCK_LEN) {
		a->pos = b->data + len;
		a->end = b->data + data_len;
	}
	return b->data;
}

void *ks_arena_alloc(struct ks_arena *a, size_t len)
{
	char *p = carve(a, len, ALIGN);

	return p ? memset(p, 0, len) : NULL;
}

char *ks_arena_strdup(struct ks_arena *a, const char *s, size_t len)
{
	if (len == SIZE_MAX)
		return NULL;

	char *p = carve(a, len + 1, 1);

	if (!p)
		return NULL;
	if (len)
		memcpy(p, s, len);
	p[len] = 0;
	return p;
}

void ks_arena_free(struct ks_arena *a)
{
	for (struct ks_arena_block *b = a->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct ks_arena){ 0 };
}
