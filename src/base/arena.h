/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arena: memory of one phase, released at once. */
#ifndef KS_BASE_ARENA_H
#define KS_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>
#include "base/error.h"

struct ks_arena_block;

/* All zero is an empty arena. */
struct ks_arena {
	struct ks_arena_block *blocks;
	char *pos, *end;
};

/* Zeroed memory aligned for any type; NULL when there is none. */
void *ks_arena_alloc(struct ks_arena *a, size_t len) ks_must_check;
/* A terminated copy of @len bytes; NULL when there is no memory. */
char *ks_arena_strdup(struct ks_arena *a, const char *s, size_t len) ks_must_check;
void ks_arena_free(struct ks_arena *a);

#define ks_cleanup_arena __attribute__((cleanup(ks_arena_free)))

#endif
