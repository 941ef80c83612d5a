/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a base writes arrays of several dimensions. */
#ifndef KS_BTF_ARRAYS_H
#define KS_BTF_ARRAYS_H

#include "btf/file.h"
#include "types/graph.h"

/*
 * Has @base, at a structure that @g has too, one array of all elements where @g has several
 * dimensions?  What goes on from it has to write the same, else all that leads to such a
 * structure would be another type.  -ENOMEM.
 */
int ks_btf_arrays_flat(const struct ksym_btf *base, const struct ks_graph *g, bool *flat) ks_must_check;

#endif
