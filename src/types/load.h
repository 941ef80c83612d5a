/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From DWARF to nodes.  The pass reads, of each tag:
 *
 *   types                    name, byte_size, type, alignment; encoding of base types;
 *                            declaration and decl_file of aggregates
 *   member, formal_parameter name, type, data_member_location, bit_size,
 *                            data_bit_offset, accessibility
 *   enumerator, variant      name, const_value; discr_value
 *   subrange_type            count, upper_bound
 *   subprogram, variable     name, type: of those that are asked for
 *
 * Numbers count in the forms data1-8, sdata, udata, implicit_const; in any other form
 * (an expression, a reference) they are as good as absent.  Names count in any form of
 * a string.  Types may be named by any reference inside the file.  A DIE with a tag that
 * is none of these becomes a node of KS_KIND_OTHER, and its children are read; bodies of
 * functions are jumped over.
 *
 * KS_LOADER_ALL reads more: every function, with ->objects for it and its parameters; every
 * variable that has an address, also those in functions; types that are only known in
 * functions; tags (DW_TAG_LLVM_annotation).  In it nested types keep their own names.
 */
#ifndef KS_TYPES_LOAD_H
#define KS_TYPES_LOAD_H

#include "dwarf/abbrev.h"
#include "dwarf/strings.h"
#include "types/types.h"

/* A node whose end has not come. */
struct ks_open_node {
	int64_t depth;
	uint32_t node;
};

enum ks_loader_mode {
	KS_LOADER_ROOTS,	/* functions and variables that are asked for; without bodies */
	KS_LOADER_BODIES,	/* the same, but types in bodies, too */
	KS_LOADER_ALL,
};

/* One thread each. */
struct ks_loader {
	const struct ks_dwarf *d;
	bool private_opaque;		/* what is defined in a .c file is opaque */
	bool keep_files;		/* fill ->files */
	enum ks_loader_mode mode;
	const struct ks_dwarf_strings *strings;	/* NULL: those of the file are merged */
	bool rust;			/* KS_LOADER_ALL: read units in Rust, too */
	uint32_t nr_rust;		/* those passed over */
	uint32_t nr_skeletons;		/* units of which all but the code is in another file */
	struct ks_abbrevs as;
	struct ksym_error *err;
	/* Of the unit being read: */
	struct ks_types *t;
	const struct ks_unit *u;
	const uint64_t *roots;		/* functions and variables to read, sorted */
	size_t nr_roots;
	uint64_t end_off;		/* of all that @t holds */
	bool wide, nested;
	KS_VEC(struct ks_open_node) open;
	KS_VEC(int8_t) is_private;	/* by file number: -1 not known, 0, 1 */
	uint64_t line_off;		/* of the unit's line table, UINT64_MAX: none */
	uint64_t lines_spent;
};

int ks_loader_init(struct ks_loader *l, const struct ks_dwarf *d, enum ks_loader_mode mode,
		   bool private_opaque, struct ksym_error *err) ks_must_check;
void ks_loader_free(struct ks_loader *l);

/* Begin anew in @t with what lies in [@off, @end_off) of .debug_info. */
int ks_loader_begin(struct ks_loader *l, struct ks_types *t, uint64_t off,
		    uint64_t end_off) ks_must_check;
/* Read one unit; units come in their order.  @roots: offsets of the functions and
 * variables that become nodes, sorted; KS_LOADER_ALL needs none. */
int ks_loader_unit(struct ks_loader *l, const struct ks_unit *u, const uint64_t *roots,
		   size_t nr_roots) ks_must_check;

enum ks_loaded {
	KS_LOADED = 0,
	KS_LOADED_WANT_ALL = 1,		/* something refers to another unit */
};

/* A type that is not there although something refers to it: it may be in a body that was
 * jumped over.  Types that are used outside may refer to such ones. */
#define KS_TYPE_DANGLING UINT32_MAX

/* Make nodes refer to each other.  An enum ks_loaded, or a negative error. */
int ks_loader_end(struct ks_loader *l) ks_must_check;

#endif
