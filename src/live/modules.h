/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_LIVE_MODULES_H
#define KS_LIVE_MODULES_H

#include "index/model.h"
#include "live/live.h"

/* What the index of the loaded module @name knows of its symbols, which are those from @begin to
 * @end: their sizes and objects.  A module without index is none the worse. */
int ks_live_take_module(const struct ksym_live *l, struct ks_model *m, const char *name,
			struct ks_isym *begin, const struct ks_isym *end) ks_must_check;

#endif
