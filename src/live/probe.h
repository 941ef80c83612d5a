/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_LIVE_PROBE_H
#define KS_LIVE_PROBE_H

#include "base/error.h"

/* The number of @s in available_filter_functions, from 1.  -ENOTSUP when ftrace does not
 * list it, or cannot tell it from others. */
int ks_ftrace_number(const struct ksym_live *l, const struct ksym_index *idx,
		     const struct ksym_symbol *s, uint32_t *nr, struct ksym_error *err) ks_must_check;

#endif
