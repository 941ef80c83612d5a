/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Holes: code in executable sections that no symbol covers.
 *
 *   alternatives.c  code among functions that is no hole
 *   gaps.c    code between symbols, cut into functions at the entries of __mcount_loc
 *   names.c   what DWARF knows of these functions, and of others between them
 *   report.c  the public interface
 *   clean.c   __mcount_loc without its dead entries
 *
 * A symbol with a size covers its bytes.  A label without size, as assembly has them,
 * covers nothing, but it is a name for what follows it.
 */
#ifndef KS_HOLES_HOLES_H
#define KS_HOLES_HOLES_H

#include "dwarf/units.h"
#include "holes/code.h"
#include "holes/mcount.h"
#include "ksym/holes.h"

#define KS_NO_SYMBOL UINT32_MAX

/* A symbol in code. */
struct ks_code_symbol {
	uint64_t va, end_va;	/* equal: a label */
	const char *name;
	uint32_t section;	/* the image's */
	bool global;		/* or weak, or was so in its object */
};

struct ks_hole {
	uint64_t va, len;
	uint64_t mcount_va;	/* when traced */
	uint32_t gap;
	uint32_t label;		/* the last one in front of it in the gap, or KS_NO_SYMBOL */
	uint32_t cu;		/* or ~0 */
	uint8_t kind;		/* enum ksym_hole_kind */
	uint8_t confidence;	/* enum ksym_hole_confidence */
	bool traced;
	const char *name;	/* NULL = not known */
	uint32_t live;		/* symbol that won, or KS_NO_SYMBOL */
	uint32_t live_cu;	/* or ~0 */
};

struct ks_gap {
	uint64_t va, end_va;	/* between two symbols with sizes */
	uint32_t section;
	uint32_t before;	/* symbol, or KS_NO_SYMBOL at the start of a section */
	uint32_t first, nr;	/* holes */
};

/* Where no function can be dead: replacement code and data among functions. */
struct ks_span {
	uint64_t va, end_va;
};

struct ks_holes {
	struct ks_elf *image, *symfile;	/* not owned */
	struct ks_code code;
	struct ks_mcount mcount;
	uint32_t nr_dead_entries;
	KS_VEC(uint32_t) sections;		/* of code, sorted by address */
	KS_VEC(struct ks_code_symbol) syms;	/* sorted by address, longer ones first */
	KS_VEC(struct ks_span) others;	/* among functions that is no code, or not yet: alternatives, data;
					   sorted by address, apart from each other */
	uint64_t fentry_va;		/* what traced functions of x86 call first; 0 = not known */
	bool has_entry_space;		/* arm64: two no-operations in front of functions, and two at
					   their start; else only those at the start */
	KS_VEC(struct ks_gap) gaps;
	KS_VEC(struct ks_hole) v;		/* sorted by address */
};

/* Add to others where alternatives are. */
int ks_alternatives_read(struct ks_holes *h, struct ksym_error *err) ks_must_check;
/* Find the holes of @image, whose symbols @symfile has (it can be the same). */
int ks_holes_find(struct ks_holes *h, struct ks_elf *image, struct ks_elf *symfile,
		  struct ksym_error *err) ks_must_check;
/* Cut holes at the addresses @starts, which are sorted: there begin other functions. */
int ks_holes_split(struct ks_holes *h, const uint64_t *starts, size_t nr,
		   struct ksym_error *err) ks_must_check;
/* Name them, as far as @debug tells, whose units @cus are. */
int ks_holes_name(struct ks_holes *h, struct ks_elf *debug, const struct ks_cus *cus,
		  struct ksym_error *err) ks_must_check;
void ks_holes_free(struct ks_holes *h);

/* The innermost symbol with a size around @va, or one that begins up to @before behind
 * it; else NULL. */
const struct ks_code_symbol *ks_holes_function(const struct ks_holes *h, uint64_t va,
					       unsigned int before);

#endif
