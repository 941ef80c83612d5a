/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Types with their numbers, as they stand in a file, but for names, which are still numbers
 * of strings.
 */
#ifndef KS_BTF_EMIT_H
#define KS_BTF_EMIT_H

#include "btf/scopes.h"

/* A list of types; [0] stands for void. */
struct ks_btf_types {
	KS_VEC(uint32_t) words;
	KS_VEC(uint32_t) at;		/* first word of each */
};

static inline uint32_t *ks_btf_type(const struct ks_btf_types *t, uint32_t id)
{
	return &t->words.data[t->at.data[id]];
}

/* Append a type of @nr words: its number, or 0 when out of memory. */
uint32_t ks_btf_types_add(struct ks_btf_types *t, const uint32_t *words, uint32_t nr);
void ks_btf_types_free(struct ks_btf_types *t);

struct ks_emit {
	struct ks_btf_types out;
	struct ks_items *it;
	struct ks_scopes *s;
	struct ksym_error *err;
	uint32_t *named_id, *fwd_id;	/* of each named type */
	uint32_t *item_id;		/* of each item without a name that is not tainted */
	KS_VEC(struct ks_emit_todo) todo;	/* named types with a number, to be written */
	KS_VEC(struct ks_emit_frame) stack;
	KS_VEC(uint32_t) w;
	/* Hash tables: of (item, context), and of written types without a name. */
	struct ks_emit_memo *memo;
	uint32_t nr_memo, cap_memo;
	uint32_t *slots;
	uint32_t nr_slots, nr_used;
	KS_VEC(struct ks_emit_written) written;	/* items with tags, and their numbers */
};

/* A type that has its number, but is not written. */
struct ks_emit_todo {
	uint32_t id, item, context;
};

struct ks_emit_frame {
	uint32_t item, context;
};

struct ks_emit_memo {
	uint32_t item, context, id;	/* id 0: free */
};

struct ks_emit_written {
	uint32_t item, id;
};

int ks_emit_init(struct ks_emit *e, struct ks_items *it, struct ks_scopes *s,
		 struct ksym_error *err) ks_must_check;
void ks_emit_free(struct ks_emit *e);

/* The number of what @ref is in @context; everything that it refers to comes along. */
int ks_emit_ref(struct ks_emit *e, ks_ref ref, uint32_t context, uint32_t *id) ks_must_check;

/* The number of a type without a name, of @nr words that refer to written types; 0 when out
 * of memory. */
uint32_t ks_emit_type(struct ks_emit *e, const uint32_t *words, uint32_t nr);

/* All types that the units define, in their order, and the tags of types. */
int ks_emit_all(struct ks_emit *e, const struct ks_graph *g, const ks_ref *refs) ks_must_check;
int ks_emit_tags(struct ks_emit *e) ks_must_check;

#endif
