/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Types as text, as genksyms' and gendwarfksyms' symtypes files have them:
 *
 *   s#list_head structure_type list_head { member pointer_type { s#list_head }
 *   byte_size(8) next data_member_location(0) , ... } byte_size(16)
 *
 * A type with a name is a reference - s# structure, u# union, e# enumeration, t# typedef -
 * and has a text of its own; a type without is written out where it is used.
 */
#ifndef KS_VERSIONS_SYMTEXT_H
#define KS_VERSIONS_SYMTEXT_H

#include "types/graph.h"
#include "versions/grammar.h"

/* A text with references in it: piece i is text up to pos, then a reference. */
struct ks_symtext_ref {
	uint32_t pos;			/* in bytes; references come before what is there */
	uint32_t type;			/* number in the writer's type names */
};

struct ks_symtext {
	KS_VEC(char) bytes;		/* without the references */
	KS_VEC(struct ks_symtext_ref) refs;
	uint64_t len;			/* with them */
};

/* What turns graphs into texts.  One thread each. */
struct ks_symtext_writer {
	const struct ks_graph *g;
	struct ks_strpool *type_names;	/* "s#list_head" */
	uint32_t *named;		/* number there of each named type of g, + 1; 0 not known */
	uint64_t max_len;
	struct ksym_error *err;
	const char *path;
	struct ks_grammar grammar;
	bool pending_break;
	struct ks_symtext *out;
};

void ks_symtext_free(struct ks_symtext *t);
void ks_symtext_clear(struct ks_symtext *t);
void ks_symtext_writer_free(struct ks_symtext_writer *w);

/* Number of the name of named type @nr. */
int ks_symtext_type_name(struct ks_symtext_writer *w, uint32_t nr, uint32_t *name) ks_must_check;

/* Write the text of a shape; @as_symbol: of an exported function or variable. */
int ks_symtext_shape(struct ks_symtext_writer *w, uint32_t shape, bool as_symbol,
		  struct ks_symtext *out) ks_must_check;

/* Append @len bytes to @t, where a fragment that looks like a reference is one. */
int ks_symtext_add(struct ks_symtext *t, const char *s, size_t len, struct ksym_error *err) ks_must_check;
int ks_symtext_add_ref(struct ks_symtext *t, struct ks_strpool *type_names, uint32_t type,
		    struct ksym_error *err) ks_must_check;

/* Does @s begin as a reference does? */
static inline bool ks_symtext_is_ref(const char *s)
{
	return (s[0] == 's' || s[0] == 'u' || s[0] == 'e' || s[0] == 't') && s[1] == '#';
}

#endif
