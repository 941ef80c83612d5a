// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/diff.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_TEXT 240		/* of a type; the rest is "..." */

/* What is yet to be written, last first: a text, or a node. */
struct task {
	const char *s;
	uint32_t len;
	uint32_t node;
};

struct writer {
	const struct ks_symtree *t;
	KS_VEC(struct task) tasks;
	char buf[MAX_TEXT + 8];
	size_t len;
	bool failed;
};

static void put(struct writer *w, const char *s, size_t len)
{
	size_t room = MAX_TEXT - w->len;

	memcpy(w->buf + w->len, s, len < room ? len : room);
	w->len += len < room ? len : room;
}

static void later(struct writer *w, const char *s, uint32_t len, uint32_t node)
{
	struct task *t = ks_vec_push(&w->tasks);

	if (t)
		*t = (struct task){ s, len, node };
	else
		w->failed = true;
}

static void later_text(struct writer *w, const char *s)
{
	later(w, s, (uint32_t)strlen(s), KS_DIFF_NONE);
}

static void later_type(struct writer *w, const struct ks_symtree_node *n)
{
	if (n->type != KS_SYMTREE_NONE)
		later(w, NULL, 0, n->type);
}

static const char *prefix_word(char c)
{
	switch (c) {
	case 's': return "struct ";
	case 'u': return "union ";
	case 'e': return "enum ";
	}
	return "";
}

const char *ks_diff_kind_of(const char *type_name)
{
	switch (type_name[0]) {
	case 's': return "struct";
	case 'u': return "union";
	case 'e': return "enum";
	case 'E': return "enumerator";
	}
	return "typedef";
}

const char *ks_diff_name_of(struct ks_arena *a, const char *type_name)
{
	size_t len = strlen(type_name + 2);

	if (type_name[2] == '\'' && len > 2)
		return ks_arena_strdup(a, type_name + 3, len - 2);
	return type_name + 2;
}

static void write_ref(struct writer *w, const char *s, uint32_t len)
{
	const char *word = prefix_word(s[0]);

	put(w, word, strlen(word));
	if (len > 3 && s[2] == '\'')
		put(w, s + 3, len - 4);
	else
		put(w, s + 2, len - 2);
}

/* "ret (*)(a, b)": the parameters, last first; @pointer: what points to it. */
static void write_function(struct writer *w, const struct ks_symtree_node *n, const char *pointer)
{
	size_t first = w->tasks.len;

	later_type(w, n);
	later_text(w, pointer);
	later_text(w, "(");
	for (uint32_t i = n->first; i != KS_SYMTREE_NONE; i = w->t->nodes.data[i].next) {
		if (i != n->first)
			later_text(w, ", ");
		later_type(w, &w->t->nodes.data[i]);
	}
	later_text(w, ")");
	for (size_t i = first, j = w->tasks.len; i + 1 < j; i++) {
		struct task t = w->tasks.data[i];

		w->tasks.data[i] = w->tasks.data[--j];
		w->tasks.data[j] = t;
	}
}

static void write_pointer(struct writer *w, const struct ks_symtree_node *n, const char *sign)
{
	const struct ks_symtree_node *to = &w->t->nodes.data[n->type];

	if (n->name_len) {		/* Rust's pointers have names */
		put(w, w->t->text + n->name, n->name_len);
	} else if (to->kind == KS_KIND_SUBROUTINE) {
		write_function(w, to, " (*)");
	} else {
		later_text(w, sign);
		later_type(w, n);
	}
}

/* "const char", but "char * const". */
static void write_qualifier(struct writer *w, const struct ks_symtree_node *n, const char *word)
{
	const struct ks_symtree_node *to = &w->t->nodes.data[n->type];

	if (to->kind == KS_KIND_POINTER) {
		later_text(w, word);
		later_text(w, " ");
	} else {
		put(w, word, strlen(word));
		put(w, " ", 1);
	}
	later_type(w, n);
}

static void write_node(struct writer *w, uint32_t nr)
{
	const struct ks_symtree_node *n = &w->t->nodes.data[nr];
	const char *name = w->t->text + n->name;

	switch (n->kind) {
	case KS_SYMTREE_REF:
		write_ref(w, name, n->name_len);
		return;
	case KS_KIND_BASE:
	case KS_KIND_TYPEDEF:
		put(w, name, n->name_len);
		return;
	case KS_KIND_POINTER:
		write_pointer(w, n, " *");
		return;
	case KS_KIND_REFERENCE:
	case KS_KIND_RVALUE_REFERENCE:
		write_pointer(w, n, " &");
		return;
	case KS_KIND_CONST:
		write_qualifier(w, n, "const");
		return;
	case KS_KIND_VOLATILE:
		write_qualifier(w, n, "volatile");
		return;
	case KS_KIND_RESTRICT:
		write_qualifier(w, n, "restrict");
		return;
	case KS_KIND_ARRAY:
		later(w, name, n->name_len, KS_DIFF_NONE);
		later_type(w, n);
		return;
	case KS_KIND_SUBROUTINE:
	case KS_KIND_FUNCTION:
		write_function(w, n, " ");
		return;
	case KS_KIND_STRUCT:
	case KS_KIND_CLASS:
		put(w, "struct { ... }", 14);
		return;
	case KS_KIND_UNION:
		put(w, "union { ... }", 13);
		return;
	case KS_KIND_ENUM:
		put(w, "enum { ... }", 12);
		return;
	}
	if (n->type != KS_SYMTREE_NONE)
		later_type(w, n);
	else
		put(w, w->t->text + n->start, n->len);
}

const char *ks_diff_render(struct ks_arena *a, struct ks_diff_node node)
{
	struct writer w = { .t = node.t };
	const char *s = NULL;

	later(&w, NULL, 0, node.n);
	while (w.tasks.len && !w.failed && w.len < MAX_TEXT) {
		struct task t = w.tasks.data[--w.tasks.len];

		if (t.node == KS_DIFF_NONE)
			put(&w, t.s, t.len);
		else
			write_node(&w, t.node);
	}
	while (w.len && w.buf[w.len - 1] == ' ')
		w.len--;
	if (w.len == MAX_TEXT) {
		memcpy(w.buf + w.len, "...", 3);
		w.len += 3;
	}
	if (!w.failed)
		s = ks_arena_strdup(a, w.buf, w.len);
	ks_vec_free(&w.tasks);
	return s;
}
