/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Units that refer to types in each other, as dwz and link-time optimisation leave them.
 *
 * Which of the types of a name a unit means is told by the definitions it has.  Here it has
 * those as well of the units that its types lead to.
 */
#ifndef KS_BTF_ACROSS_H
#define KS_BTF_ACROSS_H

#include "btf/collect.h"

/* Of all units in @t: put into @out what each has, given @own, the definitions found. */
int ks_across(struct ks_btf_defs *out, const struct ks_types *t, const struct ks_def *own,
	      size_t nr_own, struct ksym_error *err) ks_must_check;

#endif
