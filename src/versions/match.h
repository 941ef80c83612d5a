/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which DIE tells the type of a symbol?
 *
 * The first one, in the order of .debug_info, of a function or a variable at the top
 * of a unit, in a namespace, a structure or a class, that has the symbol's name:
 * its linkage name or else its name, or those of its abstract origin, which then is what
 * tells.  It may be a mere declaration.  A symbol that has none may have a pointer
 * variable that was made to tell (KS_POINTER_PREFIX).
 */
#ifndef KS_VERSIONS_MATCH_H
#define KS_VERSIONS_MATCH_H

#include "dwarf/sections.h"
#include "dwarf/abbrev.h"
#include "versions/symbols.h"

/* A DIE that may tell about a symbol. */
struct ks_hit {
	uint64_t off;			/* of the DIE that has the type */
	uint32_t symbol, origin_symbol;	/* by own name, by that of the abstract origin */
	bool pointer;			/* to the type */
};

struct ks_hits {
	KS_VEC(struct ks_hit) v;
};

/* One thread each. */
struct ks_matcher {
	const struct ks_dwarf *d;
	const struct ks_units *units;
	const struct ks_exports *x;
	struct ks_hits *hits;
	struct ksym_error *err;
	struct ks_abbrevs c, any;	/* for units in C; in other languages */
	struct ks_abbrevs origins;	/* for units looked into while one is scanned */
	const struct ks_unit *u;
	struct ks_unit unit;
};

int ks_matcher_init(struct ks_matcher *m, const struct ks_dwarf *d, const struct ks_units *units,
		    const struct ks_exports *x, struct ksym_error *err) ks_must_check;
void ks_matcher_free(struct ks_matcher *m);
/* Append the hits of unit number @unit to @hits. */
int ks_matcher_unit(struct ks_matcher *m, uint32_t unit, struct ks_hits *hits) ks_must_check;

/* Where the type of a symbol is told. */
struct ks_root {
	uint64_t off;
	uint32_t unit;			/* in which it was found */
	bool pointer;
	uint32_t symbol;		/* the first that it tells about */
};

struct ks_roots {
	KS_VEC(struct ks_root) v;	/* in the order in which they were found */
};

/* Choose among the hits of all units (one struct ks_hits each). */
int ks_match_choose(struct ks_roots *roots, struct ks_exports *x, const struct ks_hits *hits,
		    size_t nr_units, struct ksym_error *err) ks_must_check;

#endif
