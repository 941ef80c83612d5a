/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text of a type or symbol as gendwarfksyms writes it, as a tree.
 *
 *   type       = reference | "base_type" NAME attributes | "unspecified_type"
 *              | WRAPPER [NAME] "{" type "}" attributes       pointer_type, const_type ...
 *              | "array_type" {"[" [N] "]"} "{" type "}"
 *              | FUNCTION "(" [parameter {"," parameter}] ")" "->" type
 *              | AGGREGATE [NAME] "{" [item {"," item}] "}" attributes
 *              | "variable" type
 *   item       = "member" type [NAME] attributes | "enumerator" NAME ["=" N]
 *              | "variant_part" "{" [item ...] "}" | "variant" "{" [item ...] "}" attributes
 *   parameter  = "formal_parameter" type [NAME]
 *   attributes = { "byte_size(N)" | "encoding(N)" | ... }
 *
 * Words have one blank between them; names of Rust's types can have some inside.
 */
#ifndef KS_VERSIONS_SYMTREE_H
#define KS_VERSIONS_SYMTREE_H

#include "types/types.h"

/* Kinds of nodes: enum ks_kind, and this one. */
#define KS_SYMTREE_REF KS_KIND_OTHER

enum ks_symtree_attr {
	KS_SYMTREE_BYTE_SIZE = 1 << 0,
	KS_SYMTREE_ENCODING = 1 << 1,
	KS_SYMTREE_ALIGNMENT = 1 << 2,
	KS_SYMTREE_ACCESSIBILITY = 1 << 3,
	KS_SYMTREE_BIT_SIZE = 1 << 4,
	KS_SYMTREE_BIT_OFFSET = 1 << 5,
	KS_SYMTREE_LOCATION = 1 << 6,
	KS_SYMTREE_VALUE = 1 << 7,	/* of enumerators and variants */
};

#define KS_SYMTREE_NONE UINT32_MAX

struct ks_symtree_node {
	uint8_t kind;
	uint8_t attrs;			/* enum ks_symtree_attr: which of the below are there */
	uint32_t start, len;		/* in the text */
	uint32_t name, name_len;	/* in the text; a reference's, [N]... of an array */
	uint32_t parent;		/* KS_SYMTREE_NONE: of the root, which is node 0 */
	uint32_t type;			/* what it points to, has, or returns */
	uint32_t first, last, next;	/* items or parameters; brother */
	uint64_t size, align, bit_size, bit_off, location, value;
	uint32_t encoding;
};

struct ks_symtree {
	const char *text;
	KS_VEC(struct ks_symtree_node) nodes;
};

/* Nothing that a compiler makes is so deep; what is hostile would have every level of it
 * compared with all levels below. */
#define KS_SYMTREE_MAX_DEPTH 200

/* 0; -EBADMSG when the text is in another language (genksyms's, say) or too deep,
 * without telling more; -ENOMEM.  @text has to stay. */
int ks_symtree_parse(struct ks_symtree *t, const char *text, uint32_t len) ks_must_check;
void ks_symtree_free(struct ks_symtree *t);

static inline bool ks_symtree_has(const struct ks_symtree_node *n, unsigned int attr)
{
	return n->attrs & attr;
}

#endif
