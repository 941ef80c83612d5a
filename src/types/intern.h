/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the types of units to the canonical graph.
 *
 *   ks_interner_begin(&in, &types, unit)      for each loaded struct ks_types
 *   ref = ks_intern(&in, node, &ref)          a root: what it refers to comes along
 *
 * bench/bench_types.c, "graph", measures it.
 */
#ifndef KS_TYPES_INTERN_H
#define KS_TYPES_INTERN_H

#include "types/graph.h"

/* A node with parts that have parts, and its copy, counted from the shape's first. */
struct ks_open_variant {
	uint32_t node;
	uint32_t copy;
};

/* What a unit says that a named type is. */
struct ks_def {
	uint32_t named, shape, node;
};

struct ks_defs {
	struct ks_def *data;
	size_t len, cap;
};

/* A name by which a node is known, instead of its own. */
struct ks_alias {
	uint32_t node;
	ks_name name;
};

struct ks_interner {
	struct ks_graph *g;
	const struct ks_types *t;
	struct ksym_error *err;
	uint32_t unit;		/* that is recorded for new shapes: of the first node in t */
	KS_VEC(ks_ref) refs;	/* of each node of t; 0 = not known */
	KS_VEC(uint32_t) todo;	/* nodes of named types, to be interned as shapes */
	KS_VEC(uint32_t) stack;	/* nodes without a name, each needed by one below it */
	KS_VEC(struct ks_open_variant) open;
	const struct ks_alias *aliases;	/* sorted by node */
	size_t nr_aliases;
	struct ks_defs *defs;	/* NULL, or where all are noted down */
};

void ks_interner_free(struct ks_interner *in);

/* Go on with the types in @t, whose first unit has the number @unit. */
int ks_interner_begin(struct ks_interner *in, const struct ks_types *t,
		      uint32_t unit) ks_must_check;

/* Intern the type, function or variable @node and everything that it refers to.  -ELOOP when
 * a type that has no name contains itself, -ENOLINK when a type is not there. */
int ks_intern(struct ks_interner *in, uint32_t node, ks_ref *ref) ks_must_check;

#endif
