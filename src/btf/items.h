/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What BTF says of the shapes of a graph.
 *
 * An item is a type as BTF writes it, except that names are numbers of strings, and
 * references are a ks_ref: a named type of the graph, or the number of an item.  Shapes
 * that BTF does not tell apart (struct alignment, say, is not written) are one item.
 */
#ifndef KS_BTF_ITEMS_H
#define KS_BTF_ITEMS_H

#include "btf/format.h"
#include "types/graph.h"

struct ks_btf_tag {
	uint32_t item;
	uint32_t text;		/* string */
	int32_t part;		/* -1: the whole */
};

struct ks_items {
	struct ks_strpool strings;	/* 0 is "" */
	KS_VEC(uint32_t) words;
	KS_VEC(uint32_t) at;		/* first word of each; [0] stands for none */
	KS_VEC(struct ks_btf_tag) tags;
	/* Hash table: number, 0 = free. */
	uint32_t *slots;
	uint32_t nr_slots;
	unsigned int flags;		/* enum ksym_btf_flag */
	uint64_t name_budget;		/* bytes of names that may still be read */
	uint32_t index_type;		/* of arrays: "int" */
	const char *path;		/* for errors */
	struct ksym_error *err;
};

int ks_items_init(struct ks_items *it, const char *path, unsigned int flags, uint64_t name_budget,
		  struct ksym_error *err) ks_must_check;
void ks_items_free(struct ks_items *it);

static inline const uint32_t *ks_item(const struct ks_items *it, uint32_t item)
{
	return &it->words.data[it->at.data[item]];
}

/* The item of @nr words, new or known; 0 when out of memory. */
uint32_t ks_items_add(struct ks_items *it, const uint32_t *words, uint32_t nr);

/*
 * Items for all shapes of @g: refs[shape].  Of a function it is its prototype, of a variable
 * its type.  Shapes that only say that a type exists have none (0).
 */
int ks_items_convert(struct ks_items *it, const struct ks_graph *g, ks_ref *refs) ks_must_check;

#endif
