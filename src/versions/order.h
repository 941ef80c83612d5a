/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What depends on the order in which gendwarfksyms meets types.
 *
 * It goes through the types of a file depth first, symbol by symbol, and keeps what it
 * finds of each DIE once it is done with it.  Aggregates are entered once a symbol, but a
 * pointer or a function type that is met again before it is done is gone through again, and
 * of the two results the second is used.  In the second go through a list of parameters,
 * those before the one that led back are done and pass without a word, and the next
 * one takes itself for the first of the list: the comma before it is missing.
 *
 *   int (*func)(struct a *, struct b *), and struct b has such a func, which is met first
 *   as a parameter of the exported function: "formal_parameter ... formal_parameter ..."
 *
 * Names it knows only of types in units that it has come to, and what it has met without a
 * name stays so.  Whether a definition is in a .c file it keeps by the number of the file, until it goes on
 * to the next unit, although other units, which may be led to, number their files differently.
 *
 * The versions that distributions have published have that in them.  So the same walk is
 * done here, on nodes.  With --stable it is also where rules and __kabi_ members are applied
 * (kabi_apply.c).
 */
#ifndef KS_VERSIONS_ORDER_H
#define KS_VERSIONS_ORDER_H

#include "types/load.h"
#include "versions/kabi.h"

enum ks_order_state {
	KS_ORDER_OPEN = 1 << 0,		/* on the way */
	KS_ORDER_DONE = 1 << 1,
};

struct ks_order_frame {
	uint32_t node, child;
	uint8_t step;
};

/* What was found of a file number in a unit. */
struct ks_order_file {
	uint32_t unit;			/* + 1; of another unit: nothing */
	bool is_private;
};

/* One thread each; begins empty but for err. */
struct ks_order {
	struct ks_types *t;
	const struct ks_kabi *kabi;	/* NULL: without --stable */
	struct ksym_error *err;
	KS_VEC(uint8_t) state;		/* enum ks_order_state of each node */
	KS_VEC(uint32_t) entered;	/* of each node: how many aggregates had been entered when
					   it was */
	uint32_t nr_entered;
	uint64_t budget;
	bool first;			/* the next of a list has no comma */
	bool hide;			/* names in units that are to come */
	uint32_t unit;			/* whose symbols are walked, + 1 */
	uint32_t unit_end;		/* the first node of the next one */
	KS_VEC(struct ks_order_file) files;	/* by file number */
	KS_VEC(struct ks_order_frame) stack;
	/* --stable: */
	KS_VEC(uint32_t) stands_for;	/* of unions: another node, 0 = itself */
	ks_name new_name;		/* for the user of the union met last; 0 = none */
};

void ks_order_free(struct ks_order *o);

/* Walk what @roots reach in @t, in their order, and mark or change its nodes.  @units: in
 * which each was found; NULL when it is one.  @hide: names are hidden as said above. */
int ks_order_walk(struct ks_order *o, struct ks_types *t, const struct ks_kabi *kabi,
		  const uint32_t *roots, const uint32_t *units, size_t nr_roots,
		  bool hide) ks_must_check;

/* ---- kabi_apply.c, all only with --stable */

/* A node is entered. */
int ks_kabi_enter(struct ks_order *o, uint32_t node) ks_must_check;
/* Union @node is entered: 1 when it stands for another type, put into ->stands_for, or for
 * nothing. */
int ks_kabi_enter_union(struct ks_order *o, uint32_t node) ks_must_check;
int ks_kabi_enumerator(struct ks_order *o, uint32_t parent, uint32_t node) ks_must_check;
/* Is member @node of a structure or union to be left out? */
bool ks_kabi_leaves_out(struct ks_order *o, uint32_t node);
/* All references to unions that stand for something. */
int ks_kabi_redirect(struct ks_order *o) ks_must_check;

#endif
