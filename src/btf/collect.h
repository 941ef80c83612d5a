/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From units to one graph: types, functions and variables of an image.
 *
 * Workers take units in turn; each has a graph of its own.  In the end they are one, which
 * says, wherever it came to be said by several, what the first unit says.
 */
#ifndef KS_BTF_COLLECT_H
#define KS_BTF_COLLECT_H

#include "btf/symbols.h"
#include "types/intern.h"
#include "types/load.h"

enum ks_btf_func_flag {
	KS_FUNC_UNEXPECTED = 1 << 0,	/* a parameter in a register that is not its own */
	KS_FUNC_PACKED = 1 << 1,	/* a packed structure by value, on the stack: nobody knows where */
	KS_FUNC_REORDERED = 1 << 2,	/* not the parameters that the source has */
	KS_FUNC_OPTIMIZED = 1 << 3,	/* a parameter that is not passed */
	KS_FUNC_NOCALL = 1 << 4,
	KS_FUNC_HAS_VA = 1 << 5,
};

/* A function as one unit describes it. */
struct ks_btf_func {
	uint32_t name;			/* number in struct ks_btf_symbols */
	uint32_t unit, node;
	ks_ref shape;
	ks_ref tags;			/* shape of the function that has its tags, 0: it itself */
	uint64_t va;
	uint32_t flags;			/* enum ks_btf_func_flag */
};

/* A variable as one unit describes it. */
struct ks_btf_variable {
	uint32_t unit, node;
	ks_ref shape;
	bool external;
	bool one_byte;		/* whatever its type */
	uint64_t va;
};

/* A definition of a named type, and a unit that has it: it stands there, or (->foreign, after
 * all that stand there) types there lead to it. */
struct ks_btf_def {
	uint32_t unit, named, shape;
	bool foreign;
};

struct ks_btf_defs {
	struct ks_btf_def *data;
	size_t len, cap;
};

struct ks_btf_collection {
	struct ks_graph g;
	KS_VEC(struct ks_btf_func) funcs;
	KS_VEC(struct ks_btf_variable) vars;
	struct ks_btf_defs defs;		/* of a unit in its order */
	uint32_t nr_units, nr_rust, nr_skeletons;
};

struct ks_collect_opts {
	bool functions, variables;
	bool rust;
	unsigned int nr_threads;
};

int ks_btf_collect(struct ks_btf_collection *c, const struct ks_dwarf *d,
		   const struct ks_btf_symbols *s, const struct ks_collect_opts *opts,
		   struct ksym_error *err) ks_must_check;
void ks_btf_collection_free(struct ks_btf_collection *c);

#endif
