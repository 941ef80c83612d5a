/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inside of expand.c and its relatives. */
#ifndef KS_VERSIONS_EXPANDER_H
#define KS_VERSIONS_EXPANDER_H

#include "versions/expand.h"

#define KS_NO_TYPE UINT32_MAX

/* A reference that may have to be expanded: the first of its type in a text. */
struct ks_edge {
	uint32_t type;
	struct ks_crc before;	/* of the text since the reference before, with the names of
				   references that are never the first */
	struct ks_crc named;	/* before, and the name of the type */
};

/* A text, of a type or a symbol. */
struct ks_item {
	uint32_t first_edge, nr_edges;
	struct ks_crc rest;	/* of the text behind the last edge */
};

struct ks_expander {
	const struct ks_typemap *m;
	struct ks_crc_tables tables;
	KS_VEC(struct ks_edge) edges;
	struct ks_item *types, *symbols;
	struct ks_crc *names;	/* of each type */
	bool *is_large;		/* of each type: many others come with it */
	/* Factors of lengths below 2^KS_POWER_BITS, and of multiples of that. */
	uint32_t *low, *high;
};

#define KS_POWER_BITS 11

#endif
