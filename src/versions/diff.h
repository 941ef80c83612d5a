/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why versions differ.  The steps:
 *
 *   diff_read.c     files of any kind -> units of types, and symbols with versions
 *   diff_pair.c     two units: which types are each other's counterpart, which of them differ
 *   diff_types.c    two texts -> changes
 *   diff_members.c  ... of structures and unions
 *   diff_enums.c    ... of enumerations
 *   diff_show.c     types as C writes them
 *   diff_reach.c    which of the types that differ a symbol is made of
 *   diff_follow.c   types that changed only because they contain another
 *   diff_path.c     the way from a symbol to a cause
 *   diff.c          all together; diff_query.c asks for the results
 *
 * A type that differs is a cause for a symbol when both the old and the new symbol reach
 * it.  So every symbol whose version changed has a cause: if the symbol's own text and all
 * types that are reached on both sides were the same, then by induction over the references
 * so would be the sets of types reached, and the version.
 */
#ifndef KS_VERSIONS_DIFF_H
#define KS_VERSIONS_DIFF_H

#include "base/file.h"
#include "ksym/versions.h"
#include "versions/symtree.h"
#include "versions/symtypes.h"

#define KS_DIFF_NONE UINT32_MAX

/* A symtypes file, or an image: types whose names are unique. */
struct ks_diff_unit {
	char *path;
	struct ks_file file;
	KS_VEC(char) text;		/* symtypes of an image */
	struct ks_symtypes st;
	struct ks_diff_tree {
		struct ks_symtree tree;
		enum { KS_DIFF_UNPARSED, KS_DIFF_PARSED, KS_DIFF_UNKNOWN_LANGUAGE } state;
	} *trees;			/* of types, then of symbols */
	bool has_types;
};

struct ks_diff_side_symbol {
	uint32_t crc;
	uint32_t unit;			/* KS_DIFF_NONE: a version is all that is known */
	uint32_t number;		/* in the unit */
};

struct ks_diff_side {
	KS_VEC(struct ks_diff_unit *) units;
	struct ks_strpool names;
	KS_VEC(struct ks_diff_side_symbol) symbols;	/* by number of the name */
};

struct ks_diff_symbol {
	const char *name;
	uint8_t state;			/* enum ksym_diff_state */
	uint8_t worst;
	uint32_t number[2];		/* on each side, KS_DIFF_NONE */
	uint32_t nr_causes;
};

struct ks_diff_cause {
	const char *name[2];		/* "s#list_head", or the symbol's */
	const char *shown[2];		/* "list_head" */
	bool is_symbol;
	bool follows;
	uint8_t how;			/* worst of its own changes */
	uint8_t worst;			/* ... and of what follows from it */
	uint64_t len[2];
	uint32_t first_change, nr_changes;
	uint32_t nr_symbols, nr_alone;
	KS_VEC(uint32_t) because;	/* causes that it follows from */
	KS_VEC(uint32_t) follow;	/* the reverse, through any number of steps */
	uint32_t symbol;		/* the one that it is, of ksym_diff.symbols */
	uint64_t *symbols;		/* of a type: a bit for each of them */
};

struct ksym_diff {
	struct ks_diff_side side[2];
	KS_VEC(struct ks_diff_symbol) symbols;
	KS_VEC(struct ks_diff_cause) causes;
	uint32_t *order;		/* causes as they are shown, ... */
	uint32_t nr_ordered;		/* ... of which there are so many */
	KS_VEC(struct ksym_diff_change) changes;
	struct ks_strpool keys;		/* of causes */
	struct ks_arena arena;
	uint64_t nr_bytes;		/* that the bits of causes take */
	struct ksym_diff_summary summary;
};

static inline bool ks_diff_bit(const uint64_t *bits, uint32_t i)
{
	return bits[i / 64] >> (i % 64) & 1;
}

static inline void ks_diff_set_bit(uint64_t *bits, uint32_t i)
{
	bits[i / 64] |= (uint64_t)1 << (i % 64);
}

/* Did @c change symbol number @symbol? */
static inline bool ks_diff_is_of(const struct ks_diff_cause *c, uint32_t symbol)
{
	return c->is_symbol ? c->symbol == symbol : c->symbols && ks_diff_bit(c->symbols, symbol);
}

/* ---- diff.c */


/* The first symbol from @from on that @c changed; UINT32_MAX: none. */
uint32_t ks_diff_next(const struct ksym_diff *d, const struct ks_diff_cause *c, uint32_t from);

/* ---- diff_read.c */

int ks_diff_read_side(struct ks_diff_side *side, const char *path, const char *debug_file,
		      const struct ksym_diff_opts *o, struct ksym_error *err) ks_must_check;
void ks_diff_unit_free(struct ks_diff_unit *u);

/* ---- diff_pair.c */

/* An old and a new unit. */
struct ks_diff_pair {
	struct ks_diff_unit *u[2];
	uint32_t *peer[2];		/* of each type of one its counterpart in the other */
	uint32_t *cause;		/* of each old type: number in ->local, KS_DIFF_NONE */
	KS_VEC(uint32_t) local;		/* numbers of ksym_diff.causes */
	KS_VEC(uint32_t) types;		/* old type of each of ->local */
};

/* The tree of text @nr of @u: a type's, or behind those a symbol's.  NULL, with *ret 0,
 * when it is in a language that is not understood here. */
const struct ks_symtree *ks_diff_tree(struct ks_diff_unit *u, uint32_t nr, int *ret);

/* Are two texts the same but for types that are counterparts? */
bool ks_diff_same(const struct ks_diff_pair *p, const char *a, uint32_t a_len, const char *b,
		  uint32_t b_len);

/* Find the types of two units that differ, and add them to the causes. */
int ks_diff_pair_types(struct ksym_diff *d, struct ks_diff_pair *p, struct ksym_error *err) ks_must_check;
/* The texts of a symbol, by its number in both units: the cause, KS_DIFF_NONE when they are
 * the same. */
int ks_diff_pair_symbol(struct ksym_diff *d, struct ks_diff_pair *p, const uint32_t number[2],
			uint32_t *cause, struct ksym_error *err) ks_must_check;
void ks_diff_pair_free(struct ks_diff_pair *p);

/* ---- diff_follow.c */

/* Of the causes of a pair, find those that follow from others. */
int ks_diff_pair_follow(struct ksym_diff *d, struct ks_diff_pair *p, struct ksym_error *err) ks_must_check;
/* When all pairs are done: which follow from which in the end. */
int ks_diff_follow(struct ksym_diff *d, struct ksym_error *err) ks_must_check;

/* ---- diff_reach.c */

/* For each of @nr texts (numbers in @roots, as for ks_diff_tree) @words words of bits: which
 * of the types, whose number in @bit is not KS_DIFF_NONE, it reaches. */
int ks_diff_reach(const struct ks_symtypes *st, const uint32_t *bit, size_t words,
		  const uint32_t *roots, size_t nr, uint64_t *out,
		  struct ksym_error *err) ks_must_check;

/* ---- diff_types.c */

struct ks_diff_node {
	const struct ks_symtree *t;
	uint32_t n;
};

/* Types yet to be compared, and where they are. */
struct ks_diff_work {
	struct ks_diff_node node[2];
	const char *where;
};

struct ks_diff_compare {
	struct ksym_diff *d;
	struct ks_diff_pair *p;
	struct ksym_error *err;
	bool failed;			/* a type could not be looked at for lack of memory */
	/* Types that stand in each other's place, each in one unit only.  NULL: not asked. */
	int (*propose)(void *arg, const struct ks_diff_node node[2]);
	void *propose_arg;
	KS_VEC(struct ks_diff_work) work;
	KS_VEC(struct ksym_diff_change) out;
};

static inline const struct ks_symtree_node *ks_diff_at(struct ks_diff_node n)
{
	return &n.t->nodes.data[n.n];
}

/* Compare two texts of types or symbols; @nr as for ks_diff_tree.  Changes go to c->out. */
int ks_diff_texts(struct ks_diff_compare *c, const uint32_t nr[2]) ks_must_check;

/* Compare what two members, parameters etc. have as type; @proto is what to say if they
 * differ, to which texts and sizes are added. */
int ks_diff_types(struct ks_diff_compare *c, const struct ks_diff_node node[2],
		  struct ksym_diff_change proto) ks_must_check;

int ks_diff_emit(struct ks_diff_compare *c, struct ksym_diff_change change) ks_must_check;

/* Size in bits, KSYM_DIFF_NOWHERE: not known. */
uint64_t ks_diff_bits(struct ks_diff_compare *c, int side, struct ks_diff_node n);
/* Are two nodes the same but for types that are counterparts? */
bool ks_diff_same_nodes(const struct ks_diff_compare *c, struct ks_diff_node o, struct ks_diff_node n);
/* @prefix.name, in the arena of the diff; NULL: out of memory. */
const char *ks_diff_where(struct ks_diff_compare *c, const char *prefix, const char *name,
			  uint32_t len);
void ks_diff_compare_free(struct ks_diff_compare *c);

/* ---- diff_members.c */

int ks_diff_aggregates(struct ks_diff_compare *c, const struct ks_diff_work *w) ks_must_check;
/* diff_enums.c */
int ks_diff_enums(struct ks_diff_compare *c, const struct ks_diff_work *w) ks_must_check;

/* ---- diff_show.c */

/* A type as C writes it, in the arena; NULL: out of memory. */
const char *ks_diff_render(struct ks_arena *a, struct ks_diff_node n);
/* "struct" of "s#...", and the name without quotes. */
const char *ks_diff_kind_of(const char *type_name);
const char *ks_diff_name_of(struct ks_arena *a, const char *type_name);

#endif
