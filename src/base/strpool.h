/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interned strings: equal text, equal number.  Numbers count from 0 in the
 * order of first sight, so the result does not depend on hashing. */
#ifndef KS_BASE_STRPOOL_H
#define KS_BASE_STRPOOL_H

#include "base/arena.h"

struct ks_strpool {
	struct ks_arena arena;
	struct ks_strpool_entry {
		const char *s;
		uint32_t len;
		uint32_t hash;
	} *entries;
	uint32_t *slots;	/* number + 1, 0 = free */
	uint32_t nr, cap, nr_slots;
};

#define KS_STRPOOL_NONE UINT32_MAX

/* Number of the string, new or old; KS_STRPOOL_NONE when out of memory. */
uint32_t ks_strpool_add(struct ks_strpool *p, const char *s, size_t len) ks_must_check;
/* Number of the string, or KS_STRPOOL_NONE when it was never added. */
uint32_t ks_strpool_find(const struct ks_strpool *p, const char *s, size_t len);
void ks_strpool_free(struct ks_strpool *p);

static inline const char *ks_strpool_get(const struct ks_strpool *p, uint32_t i)
{
	return p->entries[i].s;
}

#define ks_cleanup_strpool __attribute__((cleanup(ks_strpool_free)))

#endif
