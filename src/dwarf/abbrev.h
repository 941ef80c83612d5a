/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Abbreviation tables, compiled for one pass over the DIEs.
 *
 * A DIE is a code and attribute values; which attributes, in which form, its
 * abbreviation says.  A pass wants few of them.  So each declaration is
 * translated once into a short program:
 *
 *   declaration             DW_TAG_member  name strp, decl_file data1,
 *                           decl_line udata, type ref4, data_member_location data1
 *   nothing wanted          skip 5 · LEB (thrown away) then skip 5
 *   name and type wanted    skip 0 · U4 -> v[name] then skip 1
 *                                  · LEB (thrown away)
 *                                  · U4 -> v[type] then skip 1
 *
 * Sizes of neighbours that nobody wants are added up, so most DIEs of a kernel
 * cost one addition.  What to do with the DIE - report it to the pass, jump over
 * its children - is decided here too, not per DIE.
 *
 * Declarations are found once for all units that share a table, and only as far
 * as codes are met; each is compiled when the first DIE needs it, because a pass
 * that jumps over children meets few of them.
 */
#ifndef KS_DWARF_ABBREV_H
#define KS_DWARF_ABBREV_H

#include "dwarf/sections.h"
#include "base/vec.h"

/* Places for values in struct ks_die.  A pass numbers its own from 0. */
#define KS_NR_SLOTS	32
#define KS_SLOT_NONE	31	/* never read */
#define KS_SLOT_SIBLING	30	/* DW_AT_sibling, when it serves to jump */

/* What to do with the DIEs of an abbreviation. */
enum ks_die_action {
	KS_DIE_REPORT = 1 << 1,		/* call the pass */
	KS_DIE_PRUNE = 1 << 2,		/* its children are not wanted */
	KS_DIE_MAY_PRUNE = 1 << 3,	/* reported, and the pass may not want the children of
					   some: have its sibling ready */
};

struct ks_pass {
	/* Slot for the values of @attr, or KS_SLOT_NONE.  @form as declared.
	 * DW_AT_sibling is the scanner's own. */
	unsigned int (*slot)(unsigned int tag, unsigned int attr, unsigned int form);
	/* Set of enum ks_die_action; @slots is the set of slots its DIEs fill. */
	unsigned int (*action)(unsigned int tag, uint32_t slots);
};

enum ks_op_kind {
	KS_OP_U1 = 1,
	KS_OP_U2,
	KS_OP_U3,
	KS_OP_U4,
	KS_OP_U8,
	KS_OP_DATA16,
	KS_OP_ULEB,
	KS_OP_SLEB,
	KS_OP_STRING,
	KS_OP_BLOCK1,
	KS_OP_BLOCK2,
	KS_OP_BLOCK4,
	KS_OP_BLOCK,
	KS_OP_FLAG,		/* DW_FORM_flag_present: 1, no bytes */
	KS_OP_CONST,		/* the value is the next element; no bytes */
	KS_OP_INDIRECT,
	KS_OP_BAD,		/* unknown form */
};

union ks_op {
	struct {
		uint8_t kind;
		uint8_t slot;
		uint16_t form;
		uint16_t skip;	/* bytes to pass over after the value */
	};
	int64_t value;		/* of the KS_OP_CONST before */
};

/* Beside enum ks_die_action in ->flags: */
#define KS_ABBREV_CHILDREN (1 << 0)
#define KS_ABBREV_DECLARED (1 << 7)

/*
 * While tag is 0 only flags and ops count: flags is KS_ABBREV_DECLARED once the
 * declaration was found, ops is where it starts, counted from the table's start.
 */
struct ks_abbrev {
	uint32_t slots;		/* set of slots that the program fills */
	uint32_t ops;		/* where its program starts */
	uint16_t nr_ops;
	uint16_t skip;		/* bytes to pass over before it */
	uint16_t tag;		/* 0: not compiled so far */
	uint8_t flags;
	int8_t delta;		/* by what a DIE changes the depth: 1 with children, else 0;
				   -1 for code 0, the end of children */
};

_Static_assert(sizeof(struct ks_abbrev) == 16, "keep the hot table dense");

struct ks_abbrev_sparse {
	uint64_t code;
	struct ks_abbrev a;
};

/* Forms with numbers below have their kind at hand; the others are rare. */
#define KS_NR_FORMS 0x30

/* One table as seen by units of one kind. */
struct ks_abbrev_table {
	struct ks_abbrev_table *next;	/* in its bucket */
	uint64_t off;
	uint8_t addr_len, offset_len, ref_addr_len;
	uint8_t kinds[KS_NR_FORMS];
	bool whole;			/* read to its end */
	uint64_t next_off;		/* of the next declaration to read */
	KS_VEC(struct ks_abbrev) dense;	/* by code; [0] stands for the end of children */
	KS_VEC(struct ks_abbrev_sparse) sparse;	/* by code, for the codes far apart */
	KS_VEC(union ks_op) ops;
	uint64_t nr;
};

/* Buckets by offset, not by a hash of it: no choice of offsets makes lists long. */
#define KS_ABBREV_BUCKET 64

/* All tables of one pass over one file.  One thread each. */
struct ks_abbrevs {
	const struct ks_dwarf *d;
	const struct ks_pass *pass;
	struct ks_abbrev_table **buckets;	/* lists by offset / KS_ABBREV_BUCKET */
	size_t nr_buckets;
	uint64_t budget;		/* bytes of declarations that may still be read */
	struct ks_abbrev_decl *decl;	/* the one being compiled */
};

int ks_abbrevs_init(struct ks_abbrevs *as, const struct ks_dwarf *d, const struct ks_pass *pass,
		    struct ksym_error *err) ks_must_check;
void ks_abbrevs_free(struct ks_abbrevs *as);

/* The table of @u, new or known. */
int ks_abbrevs_table(struct ks_abbrevs *as, const struct ks_unit *u,
		     struct ks_abbrev_table **out, struct ksym_error *err) ks_must_check;

/* The declaration of @code, which is not in ->dense so far, or not compiled.
 * Reads on in the table, so ->dense and ->ops may move.  @die_off is for the error. */
int ks_abbrev_find(struct ks_abbrevs *as, struct ks_abbrev_table *t, uint64_t code,
		   uint64_t die_off, const struct ks_abbrev **out,
		   struct ksym_error *err) ks_must_check;

/* How a value of @form is stored: an enum ks_op_kind. */
unsigned int ks_form_kind(const struct ks_abbrev_table *t, unsigned int form);

#endif
