/* SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only */
/* Everything the table reader needs from its surroundings, in user space and in
 * the kernel.  No other file of this folder includes anything from outside. */
#ifndef KS_TABLES_DEPS_H
#define KS_TABLES_DEPS_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
/* The same number; the kernel has the name of ENOTSUP for another one. */
#define ENOTSUP EOPNOTSUPP
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#endif

/* From little-endian. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define ks_le16(v) __builtin_bswap16(v)
#define ks_le32(v) __builtin_bswap32(v)
#define ks_le64(v) __builtin_bswap64(v)
#else
#define ks_le16(v) (v)
#define ks_le32(v) (v)
#define ks_le64(v) (v)
#endif

#endif
