/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options structures of the public header, from callers of any age. */
#ifndef KS_BASE_OPTS_H
#define KS_BASE_OPTS_H

#include <stddef.h>
#include "base/error.h"

/* Copy @src (NULL: all defaults), whose first member is its size, to @dst of
 * @dst_len bytes.  -EINVAL when it has no size, or when something is set there that
 * this library does not know. */
int ks_opts_copy(void *dst, size_t dst_len, const void *src, struct ksym_error *err) ks_must_check;

#endif
