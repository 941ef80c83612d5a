/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_INDEX_ENCODE_H
#define KS_INDEX_ENCODE_H

#include <stddef.h>
#include <stdint.h>

/* XXH64 with seed 0, as ks_hash_fn. */
uint64_t ks_index_hash(const void *data, size_t len);

#endif
