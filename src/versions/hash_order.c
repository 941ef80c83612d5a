// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ksym/versions.h"

#include <errno.h>
#include <stdlib.h>

#define NR_BUCKETS 4096u

/* FNV-1 as the kernel's scripts have it, where char has a sign. */
static unsigned int bucket_of(const char *s)
{
	uint32_t hash = 2166136261u;

	for (; *s; s++)
		hash = (hash ^ (uint32_t)(int32_t)(signed char)*s) * 0x01000193u;
	return hash % NR_BUCKETS;
}

/* Symbols are put in front of those that are in their bucket already. */
int ksym_versions_order(const char *const *names, size_t nr, uint32_t *order)
{
	uint32_t *next = calloc(nr + 1, sizeof(*next)), *first = calloc(NR_BUCKETS, sizeof(*first));
	size_t n = 0;

	for (uint32_t i = 0; next && first && i < nr; i++) {
		unsigned int b = bucket_of(names[i]);

		next[i] = first[b];
		first[b] = i + 1;
	}
	for (unsigned int b = 0; next && first && b < NR_BUCKETS; b++)
		for (uint32_t i = first[b]; i; i = next[i - 1])
			order[n++] = i - 1;
	free(next);
	free(first);
	return next && first ? 0 : -ENOMEM;
}
