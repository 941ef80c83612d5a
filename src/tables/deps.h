/* SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only */
/* Everything the table reader needs from its surroundings, in user space and in
 * the kernel.  No other file of this folder includes anything from outside. */
#ifndef KS_TABLES_DEPS_H
#define KS_TABLES_DEPS_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#endif

#endif
