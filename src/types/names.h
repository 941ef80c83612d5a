/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names with the path of what they are declared in: "ns::Struct::Inner". */
#ifndef KS_TYPES_NAMES_H
#define KS_TYPES_NAMES_H

#include "types/types.h"

/* What adds its name to those of the types in it ... */
#define KS_KINDS_PATH (KS_KINDS_STRUCT | KS_KINDS(KS_KIND_NAMESPACE))
/* ... and what has a name to which that is added. */
#define KS_KINDS_WITH_PATH (KS_KINDS_TYPES | KS_KINDS(KS_KIND_NAMESPACE))

/* Give the nodes from @first on their full names, of together at most @budget bytes.
 * Only what lies directly in a structure, a class or a namespace gets their name: what is
 * declared in a function, a union or an enumeration does not. */
int ks_names_add_paths(struct ks_types *t, uint32_t first, uint64_t budget,
		       struct ksym_error *err) ks_must_check;

#endif
