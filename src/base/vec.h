/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Growable arrays.  struct { T *data; size_t len, cap; } v = { 0 };
 *
 *   T *slot = ks_vec_push(&v);     new zeroed element, NULL when out of memory
 *   ks_vec_reserve(&v, n)          room for n more, false when out of memory
 *   ks_vec_free(&v)
 */
#ifndef KS_BASE_VEC_H
#define KS_BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define KS_VEC(T) struct { T *data; size_t len, cap; }

/* Make @cap at least @need elements of @elem bytes. */
__attribute__((noinline, unused))
static bool ks_vec_grow(void **data, size_t *cap, size_t need, size_t elem)
{
	size_t n = *cap ? *cap + *cap / 2 : 16;
	void *p;

	if (n < need)
		n = need;
	if (n > SIZE_MAX / 2 / elem)
		return false;
	p = realloc(*data, n * elem);
	if (!p)
		return false;
	*data = p;
	*cap = n;
	return true;
}

#define ks_vec_reserve(v, n)                                                            \
	((n) <= (v)->cap - (v)->len ||                                                  \
	 ((n) <= SIZE_MAX / 2 - (v)->len &&                                             \
	  ks_vec_grow((void **)&(v)->data, &(v)->cap, (v)->len + (n), sizeof(*(v)->data))))

#define ks_vec_push(v)                                                                  \
	(ks_vec_reserve(v, 1)                                                           \
		 ? (__typeof__((v)->data))memset(&(v)->data[(v)->len++], 0,             \
						 sizeof(*(v)->data))                    \
		 : NULL)

#define ks_vec_free(v)                                                                  \
	do {                                                                            \
		free((v)->data);                                                        \
		(v)->data = NULL;                                                       \
		(v)->len = (v)->cap = 0;                                                \
	} while (0)

#endif
