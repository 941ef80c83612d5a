/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Units that define a type of one name in several ways, in several functions. */
#ifndef KS_BTF_APART_H
#define KS_BTF_APART_H

#include "types/intern.h"

struct ks_aliases {
	struct ks_alias *data;
	size_t len, cap;
};

static inline bool ks_is_definition(const struct ks_type *n)
{
	return !(n->flags & KS_TYPE_OPAQUE);
}

/*
 * Let every definition but the first of a name in a unit be known by another name: *@out, sorted by
 * node.  Where @t has many units @clash says in which of them; else it is NULL.
 */
int ks_tell_apart(struct ks_aliases *out, struct ks_types *t, const bool *clash,
		  struct ksym_error *err) ks_must_check;

#endif
