// SPDX-License-Identifier: LGPL-2.1-or-later
/* The way from a symbol to a cause: breadth first through the old types. */
#include "versions/diff.h"

#include <stdio.h>
#include <string.h>

struct way {
	struct ks_diff_unit *u;
	uint32_t *from;			/* text that a type was first met in */
	KS_VEC(uint32_t) queue;
};

static const struct ks_expansion *text_of(const struct ks_symtypes *st, uint32_t nr)
{
	return nr < st->map.types.len ? &st->map.types.data[nr]
				      : &st->map.symbols.data[nr - st->map.types.len];
}

/* Find type @to from text @root on. */
static int search(struct way *w, uint32_t root, uint32_t to, struct ksym_error *err)
{
	const struct ks_symtypes *st = &w->u->st;
	uint32_t *slot = ks_vec_push(&w->queue);

	if (!slot)
		return ks_error_nomem(err);
	*slot = root;
	for (size_t i = 0; i < w->queue.len; i++) {
		uint32_t from = w->queue.data[i];
		const struct ks_expansion *x = text_of(st, from);

		for (uint32_t r = 0; r < x->nr_refs; r++) {
			uint32_t type = ks_symtypes_refs(st, x)[r].type;

			if (w->from[type] != KS_DIFF_NONE)
				continue;
			w->from[type] = from;
			if (type == to)
				return 0;
			slot = ks_vec_push(&w->queue);
			if (!slot)
				return ks_error_nomem(err);
			*slot = type;
		}
	}
	return ks_error(err, -ENOENT, "expected a cause of the symbol");
}

/* The node of @t that refers to @name. */
static uint32_t find_ref(const struct ks_symtree *t, const struct ks_strpool_entry *name)
{
	for (uint32_t i = 0; i < t->nodes.len; i++) {
		const struct ks_symtree_node *n = &t->nodes.data[i];

		if (n->kind == KS_SYMTREE_REF && n->name_len == name->len &&
		    !memcmp(t->text + n->name, name->s, name->len))
			return i;
	}
	return KS_DIFF_NONE;
}

static unsigned int position(const struct ks_symtree *t, uint32_t n)
{
	unsigned int nr = 1;

	for (uint32_t i = t->nodes.data[t->nodes.data[n].parent].first; i != n && i != KS_SYMTREE_NONE;
	     i = t->nodes.data[i].next)
		nr++;
	return nr;
}

struct label {
	char text[512];
	size_t pos;			/* written from the back */
};

static void prepend(struct label *l, const char *s, size_t len)
{
	if (len > l->pos)
		len = 0;
	l->pos -= len;
	memcpy(l->text + l->pos, s, len);
}

static const char *part_name(uint8_t kind)
{
	switch (kind) {
	case KS_KIND_FUNCTION:
		return "parameter ";
	case KS_KIND_VARIABLE:
		return "type of the variable";
	case KS_KIND_TYPEDEF:
		return "target";
	}
	return "member ";
}

/* Where node @n is, from the inside out: "member ops.open(2:flags)". */
static const char *describe(struct label *l, const struct ks_symtree *t, uint32_t n)
{
	char buf[300];
	bool inner = false;
	const char *what = part_name(t->nodes.data[0].kind);

	l->pos = sizeof(l->text) - 1;
	l->text[l->pos] = 0;
	for (; t->nodes.data[n].parent != KS_SYMTREE_NONE; n = t->nodes.data[n].parent) {
		const struct ks_symtree_node *x = &t->nodes.data[n], *up = &t->nodes.data[x->parent];
		bool function = up->kind == KS_KIND_FUNCTION || up->kind == KS_KIND_SUBROUTINE;
		int len = x->name_len < 200 ? (int)x->name_len : 200;

		if (x->kind == KS_KIND_PARAMETER && up->kind == KS_KIND_FUNCTION) {
			len = snprintf(buf, sizeof(buf), "%u%s%.*s%s%s", position(t, n), len ? " (" : "",
				       len, t->text + x->name, len ? ")" : "", inner ? ": " : "");
			prepend(l, buf, (size_t)len);
		} else if (x->kind == KS_KIND_PARAMETER) {
			len = snprintf(buf, sizeof(buf), "(%u%s%.*s)%s", position(t, n), len ? ":" : "",
				       len, t->text + x->name, inner ? "." : "");
			prepend(l, buf, (size_t)len);
			inner = false;
			continue;
		} else if (function && up->type == n) {
			if (up->kind == KS_KIND_FUNCTION)
				what = inner ? "return type: " : "return type";
			else
				prepend(l, "()", 2);
			inner = up->kind == KS_KIND_FUNCTION;
			continue;
		} else if (x->kind == KS_KIND_MEMBER && x->name_len) {
			if (inner)
				prepend(l, ".", 1);
			prepend(l, t->text + x->name, (size_t)len);
		} else {
			continue;
		}
		inner = true;
	}
	if (l->text[l->pos] && l->text[l->pos] != '(' && what[strlen(what) - 1] != ' ')
		prepend(l, " ", 1);
	prepend(l, what, strlen(what));
	return l->text + l->pos;
}

static int tell(struct way *w, const uint32_t *types, size_t nr, ksym_diff_step_fn fn, void *arg,
		struct ksym_error *err)
{
	struct ks_symtypes *st = &w->u->st;
	struct ks_arena arena = { 0 };
	int ret = 0;

	for (size_t i = nr; i-- > 0 && !ret;) {
		const struct ks_strpool_entry *name = &st->map.names.entries[types[i]];
		const struct ks_symtree *t = ks_diff_tree(w->u, w->from[types[i]], &ret);
		uint32_t n = t ? find_ref(t, name) : KS_DIFF_NONE;
		struct ksym_diff_step step = { .through = "", .kind = ks_diff_kind_of(name->s) };
		struct label label;

		step.name = ks_diff_name_of(&arena, name->s);
		if (n != KS_DIFF_NONE)
			step.through = describe(&label, t, n);
		if (ret || !step.name)
			ret = ks_error_nomem(err);
		else
			ret = fn(arg, &step);
	}
	ks_arena_free(&arena);
	return ret;
}

static int find_and_tell(struct way *w, uint32_t root, uint32_t to, ksym_diff_step_fn fn, void *arg,
			 struct ksym_error *err)
{
	KS_VEC(uint32_t) types = { 0 };
	int ret;

	memset(w->from, 0xff, (w->u->st.types.len + 1) * sizeof(*w->from));
	ret = search(w, root, to, err);
	for (uint32_t at = to; !ret; at = w->from[at]) {
		uint32_t *slot = ks_vec_push(&types);

		if (!slot) {
			ret = ks_error_nomem(err);
			break;
		}
		*slot = at;
		if (w->from[at] == root)
			break;
	}
	if (!ret)
		ret = tell(w, types.data, types.len, fn, arg, err);
	ks_vec_free(&types);
	return ret;
}

int ksym_diff_path(const struct ksym_diff *d, uint32_t symbol, uint32_t cause, ksym_diff_step_fn fn,
		   void *arg, struct ksym_error *err)
{
	const struct ks_diff_cause *c = cause < d->nr_ordered ? &d->causes.data[d->order[cause]] : NULL;
	const struct ks_diff_side_symbol *s;
	struct way w = { 0 };
	uint32_t to;
	int ret;

	if (!c || symbol >= d->symbols.len || !ks_diff_is_of(c, symbol))
		return ks_error(err, -ENOENT, "expected a cause of the symbol");
	if (c->is_symbol)
		return 0;
	s = &d->side[0].symbols.data[d->symbols.data[symbol].number[0]];
	w.u = d->side[0].units.data[s->unit];
	to = ks_strpool_find(&w.u->st.map.names, c->name[0], strlen(c->name[0]));
	w.from = malloc((w.u->st.types.len + 1) * sizeof(*w.from));
	if (!w.from)
		return ks_error_nomem(err);
	ret = find_and_tell(&w, (uint32_t)w.u->st.types.len + s->number, to, fn, arg, err);
	free(w.from);
	ks_vec_free(&w.queue);
	return ret;
}
