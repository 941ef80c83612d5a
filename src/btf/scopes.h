/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One name, several types: which one is meant where?
 *
 *   a.c   struct state { int x; };   struct bus { struct state *s; };
 *   b.c   struct state { long y; };  struct bus { struct state *s; };
 *   c.c   struct state;              struct bus { struct state *s; };
 *
 * A name with several definitions is ambiguous, and what leads to it, however far away, is
 * tainted: by itself each `struct bus` says the same, and yet these are two types.  A
 * context tells, for some ambiguous names, which definition is meant; names that it does
 * not mention stay declarations.  Each unit has one.  A variant is a tainted type in a
 * context that has only what can be reached from it: here { state = a's } and
 * { state = b's }.  Contexts agree when they say nothing different, so c.c's is the first
 * variant.  Nothing else in a kernel, of which a small part is tainted, is touched by this.
 */
#ifndef KS_BTF_SCOPES_H
#define KS_BTF_SCOPES_H

#include "btf/collect.h"
#include "btf/items.h"

#define KS_CONTEXT_NONE 0u	/* the context that says nothing */

struct ks_choice {
	uint32_t named, item;
};

struct ks_context {
	uint32_t first, nr;		/* in ->choices, sorted by named */
};

struct ks_variant {
	uint32_t item, context;
	uint32_t next;			/* of the same named type, number + 1 */
	uint32_t id;			/* for the user; 0 at first */
};

struct ks_scopes {
	const struct ks_items *it;
	const struct ks_graph *g;
	struct ksym_error *err;
	uint32_t *item_of;		/* of each named type: the first definition, 0 = none */
	bool *ambiguous, *tainted;	/* of each named type */
	bool *item_tainted;		/* of each item */
	KS_VEC(struct ks_choice) choices;
	KS_VEC(struct ks_context) contexts;
	uint32_t *unit_context;		/* of each unit */
	uint32_t *variants;		/* of each named type: number + 1 of its newest */
	KS_VEC(struct ks_variant) v;
	/* Definitions, by unit: those of unit u are [first_def[u], first_def[u + 1]). */
	struct ks_choice *defs;
	uint32_t *first_def;
	uint32_t *nr_own;		/* of a unit: the first so many stand there themselves */
	uint32_t nr_units;
	uint64_t steps;			/* choices compared so far */
};

/* @refs: what ks_items_convert() told. */
int ks_scopes_init(struct ks_scopes *s, const struct ks_items *it, const struct ks_btf_collection *c,
		   const ks_ref *refs, struct ksym_error *err) ks_must_check;
void ks_scopes_free(struct ks_scopes *s);

/* The tainted type @named in @context: number in ->v, or UINT32_MAX when it is no more than
 * declared there; a negative error. */
int ks_scopes_variant(struct ks_scopes *s, uint32_t named, uint32_t context,
		      uint32_t *variant) ks_must_check;

#endif
