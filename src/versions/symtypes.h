/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Symtypes files: a line for each type and each symbol, its name, a blank, its text.
 *
 *   s#list_head structure_type list_head { member pointer_type { s#list_head } ...
 *   i2c_del_driver subprogram ( formal_parameter pointer_type { s#i2c_driver } ...
 *
 * gendwarfksyms and genksyms write them in two languages, which share what is read here:
 * a word that begins with x# refers to a type.  symtree.h reads the texts themselves.
 */
#ifndef KS_VERSIONS_SYMTYPES_H
#define KS_VERSIONS_SYMTYPES_H

#include "versions/typemap.h"

struct ks_symtypes_text {
	const char *s;			/* borrowed from the file; NULL: no line tells it */
	uint32_t len;
};

struct ks_symtypes {
	struct ks_typemap map;		/* references are numbers of map.names */
	struct ks_strpool symbols;
	KS_VEC(struct ks_symtypes_text) types;		/* by number of the name */
	KS_VEC(struct ks_symtypes_text) symbol_texts;
};

/* Length of the word at @s, which ends with a blank at @len, without a next parameter that
 * no comma separates from it. */
size_t ks_symtypes_word(const char *s, size_t len);

/* Length of the reference at @s, quotes included; 0 when there is none. */
size_t ks_symtypes_ref(const char *s, const char *end);

/* Parse @len bytes at @text, which have to stay.  Of two lines of one name the longer
 * counts, as among units.  A type that is referred to only has no text. */
int ks_symtypes_parse(struct ks_symtypes *s, const char *path, const char *text, size_t len,
		      struct ksym_error *err) ks_must_check;
void ks_symtypes_free(struct ks_symtypes *s);

/* Versions of all symbols. */
int ks_symtypes_crcs(const struct ks_symtypes *s, uint32_t *crcs, unsigned int nr_threads,
		     struct ksym_error *err) ks_must_check;

/* The references in the text of a type or a symbol. */
static inline const struct ks_symtext_ref *ks_symtypes_refs(const struct ks_symtypes *s,
							    const struct ks_expansion *x)
{
	return s->map.all_refs.data + x->first_ref;
}

#endif
