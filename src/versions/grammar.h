/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How types are written, whether to a symtypes file (symtext.c) or as --dump-dies shows
 * them (dump.c):
 *
 *   structure_type NAME {            pointer_type {          subroutine_type (
 *     member TYPE NAME ATTRIBUTES ,    TYPE                    formal_parameter TYPE NAME ,
 *     ...                            } byte_size(8)            ...
 *   } byte_size(16)                                          )
 *                                                            -> TYPE
 *
 * The walk is on an explicit stack.  Its user says what becomes of texts and breaks between
 * them, and goes on to types that are referred to.
 */
#ifndef KS_VERSIONS_GRAMMAR_H
#define KS_VERSIONS_GRAMMAR_H

#include "types/types.h"

/* A node that is being written. */
struct ks_grammar_frame {
	uint32_t node;
	uint32_t child;			/* the next one */
	uint8_t step;
	bool closed;			/* an aggregate of which only the name is written */
	bool first;			/* of its list nothing was written so far */
	bool fresh;			/* the user's; true at first */
};

struct ks_grammar;

struct ks_grammar_ops {
	int (*text)(struct ks_grammar *g, const char *s);
	int (*name)(struct ks_grammar *g, ks_name name);	/* never 0 */
	bool (*is_empty)(struct ks_grammar *g, ks_name name);
	/* A line ends, and the next one is indented by so many levels more. */
	int (*line_break)(struct ks_grammar *g, int levels);
	/* What a node refers to, never 0: ks_grammar_enter() it or write a name. */
	int (*type)(struct ks_grammar *g, uint32_t ref);
	/* Is @child, of which the frame on top would be next, one of its parts? */
	bool (*is_part)(struct ks_grammar *g, uint32_t parent, uint32_t child);
	/* Is there a comma before @child? */
	bool (*comma)(struct ks_grammar *g, struct ks_grammar_frame *list, uint32_t child);
	/* A list of children begins, or ends; a node is complete.  May be NULL. */
	void (*list)(struct ks_grammar *g, const struct ks_grammar_frame *f, bool begins);
	void (*leave)(struct ks_grammar *g, const struct ks_grammar_frame *f);
	const struct ks_type_extra *(*extra)(struct ks_grammar *g, uint32_t node);
};

struct ks_grammar {
	const struct ks_grammar_ops *ops;
	const struct ks_type *nodes;
	const char *path;
	struct ksym_error *err;
	KS_VEC(struct ks_grammar_frame) stack;
};

/* Write @node, inside what is being written. */
int ks_grammar_enter(struct ks_grammar *g, uint32_t node) ks_must_check;

/* Write @node and all that comes of it.  @as_symbol: as the text of the exported function
 * or variable that it is, or that has it for a type. */
int ks_grammar_write(struct ks_grammar *g, uint32_t node, bool as_symbol) ks_must_check;

#endif
