/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The texts of all types that exported symbols reach, and of those symbols.
 *
 * A type has one text: the longest that any unit gives it.  Of different ones that are
 * equally long it is the one that comes first in .debug_info.  (gendwarfksyms takes
 * whichever its hash table of memory addresses has first, which differs from run to run.)
 */
#ifndef KS_VERSIONS_TYPEMAP_H
#define KS_VERSIONS_TYPEMAP_H

#include "versions/symtext.h"

/* A part of all_bytes and all_refs.  ->pos of a reference counts from first_byte. */
struct ks_expansion {
	bool known;
	size_t first_byte, first_ref;
	uint32_t nr_bytes, nr_refs;
};

struct ks_kabi;

struct ks_typemap {
	struct ks_strpool names;		/* "s#list_head": numbers of types */
	KS_VEC(struct ks_expansion) types;
	KS_VEC(struct ks_expansion) symbols;	/* texts of symbols, in any order */
	KS_VEC(char) all_bytes;
	KS_VEC(struct ks_symtext_ref) all_refs;
	const char *path;
	const struct ks_kabi *kabi;		/* rules that give texts; NULL: none */
	/* Told of each type of which two texts are equally long. */
	void (*tie)(void *arg, const char *name);
	void *tie_arg;
};

void ks_typemap_free(struct ks_typemap *m);

/* Choose among the shapes that @graphs have of each type.  @writers: one of each graph. */
int ks_typemap_add_types(struct ks_typemap *m, struct ks_symtext_writer *writers, size_t nr_graphs,
			 struct ksym_error *err) ks_must_check;

/* Add the text of @symbol, which is @shape, or if @w is NULL what a rule says; its number in
 * ->symbols is the caller's to remember. */
int ks_typemap_add_symbol(struct ks_typemap *m, struct ks_symtext_writer *w, const char *symbol,
			  uint32_t shape, struct ksym_error *err) ks_must_check;

/* Make sure that every type that some text refers to has one. */
int ks_typemap_finish(struct ks_typemap *m, struct ksym_error *err) ks_must_check;

#endif
