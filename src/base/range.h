/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one range test: do @len bytes at @off lie inside @size bytes? */
#ifndef KS_BASE_RANGE_H
#define KS_BASE_RANGE_H

#include <stdbool.h>
#include <stdint.h>

static inline bool ks_in_range(uint64_t off, uint64_t len, uint64_t size)
{
	return len <= size && off <= size - len;
}

#endif
