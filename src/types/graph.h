/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The canonical graph: every type of many units once.
 *
 * Units describe the same types over and over, and not quite alike: where one has
 * `struct net` with its members, another only knows the name.  Whatever refers to it,
 * however far away, would then be another type, and next to nothing would be the same.
 * So a reference ends at a name:
 *
 *   shape   what a unit says of one type by itself: its kind, size, members.  Types
 *           without a name (pointers, arrays, anonymous structures) are referred to as
 *           shapes, ...
 *   named   ... and "struct net", whatever it is, as an entry here, with the list of
 *           the shapes that units gave it: usually one, or one and an opaque one.
 *
 *   struct sock { ...; struct net *net; }
 *   shape 9:  STRUCT sock ... MEMBER net -> 4
 *   shape 4:  POINTER -> named 2;   named 2: "struct net": shape 7, shape 12
 *
 * Equal shapes have equal numbers, found by a 128-bit hash of all that they consist of.
 * A shape is stored as it is in struct ks_types: a node and what it is made of, in
 * preorder, except that ->type is a struct ks_ref and ->parent is not kept.
 *
 * A graph belongs to one thread.  What a graph contains, and the order in which it is
 * walked, depends only on what is interned, in which order.
 */
#ifndef KS_TYPES_GRAPH_H
#define KS_TYPES_GRAPH_H

#include "types/types.h"

/* A type in the graph: 0 none (void), KS_REF_NAMED | number of a named type, or the
 * number of a shape. */
typedef uint32_t ks_ref;

#define KS_REF_NAMED 0x80000000u
#define KS_REF_IS_NAMED(ref) (((ref) & KS_REF_NAMED) != 0)
#define KS_REF_NUMBER(ref) ((ref) & ~KS_REF_NAMED)

struct ks_named {
	ks_name name;
	uint8_t kind;		/* of its shapes */
	uint32_t shapes;	/* the newest one; ->next leads on */
};

struct ks_shape {
	uint32_t node;		/* in nodes */
	uint32_t next;		/* another one of the same name, 0 = none */
	uint32_t unit, unit_node;	/* the first that has it, of those interned so far */
};

struct ks_hash128 {
	uint64_t lo, hi;
};

struct ks_graph {
	KS_VEC(struct ks_type) nodes;		/* [0] stands for none */
	KS_VEC(struct ks_type_extra) extras;	/* sorted by node */
	KS_VEC(struct ks_shape) shapes;		/* [0] stands for none */
	KS_VEC(struct ks_named) named;
	struct ks_strpool names;		/* of KS_NAME_POOL */
	const char *str;			/* .debug_str */
	/* Hash tables: number + 1, 0 = free. */
	struct ks_hash128 *shape_hashes;	/* of each shape */
	size_t cap_shape_hashes;
	uint32_t *shape_slots, *named_slots;
	uint32_t nr_shape_slots, nr_named_slots;
	uint64_t seed;
};

int ks_graph_init(struct ks_graph *g, const char *str, struct ksym_error *err) ks_must_check;
void ks_graph_free(struct ks_graph *g);

/* Room for one more shape, or named type, in the hash tables. */
bool ks_graph_reserve(struct ks_graph *g) ks_must_check;
/* Slot of the shape with this hash, or the free one for it.  Until the next reserve. */
uint32_t *ks_graph_shape_slot(struct ks_graph *g, struct ks_hash128 hash);
/* The same for a named type. */
uint32_t *ks_graph_named_slot(struct ks_graph *g, unsigned int kind, ks_name name);

/*
 * The nodes from @top on, and extras from @first_extra on, are a shape, with ->end and
 * ->node of extras counted from @top: it is known, then they go, or it is new.  Its number,
 * or false when out of memory.
 */
bool ks_graph_settle(struct ks_graph *g, uint32_t top, size_t first_extra, uint32_t unit,
		     uint32_t unit_node, uint32_t *nr) ks_must_check;

/* Put everything of @src into @dst.  @named and @shapes, which have room for all numbers of
 * @src, tell the numbers in @dst. */
int ks_graph_merge(struct ks_graph *dst, const struct ks_graph *src, uint32_t *named,
		   uint32_t *shapes, struct ksym_error *err) ks_must_check;

static inline const struct ks_type_extra *ks_graph_extra(const struct ks_graph *g, uint32_t node)
{
	return ks_extra_of(g->extras.data, g->extras.len, node);
}

static inline const char *ks_graph_text(const struct ks_graph *g, ks_name name, char buf[8])
{
	return ks_name_text(g->str, &g->names, name, buf);
}

#endif
