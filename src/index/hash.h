/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_INDEX_HASH_H
#define KS_INDEX_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>

/* XXH64 with seed 0, as ks_hash_fn. */
static inline uint64_t ks_index_hash(const void *data, size_t len)
{
	return XXH64(data, len, 0);
}

#endif
