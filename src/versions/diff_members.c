// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Structures and unions.  Members of anonymous structures and unions count as members of
 * what these are in, as they do in C, at offsets from its start.  They are matched by name;
 * those left over by place.
 */
#include "versions/diff.h"

#include <stdio.h>
#include <string.h>

#define UNMATCHED UINT32_MAX
#define MAX_LOOKS 10000

struct member {
	uint32_t node;
	uint32_t nr;			/* position */
	uint64_t at;			/* in bits */
	uint64_t bits;
	uint64_t variant;		/* of a variant part: its value + 1 */
	uint32_t depth;			/* of anonymous ones around it */
	uint32_t match;
	const char *name;
	uint32_t name_len;
	bool bit_field;
};

struct list {
	KS_VEC(struct member) v;
	KS_VEC(struct member *) by_name;
};

struct aggregates {
	struct ks_diff_compare *c;
	const struct ks_diff_work *w;
	struct list l[2];
	bool kept;			/* all old members are where they were, as wide */
	bool is_union;
};

/* ----------------------------------------------------------------- flatten */

struct level {
	uint32_t next;			/* item */
	uint64_t at;			/* of what the items are in */
	uint64_t variant;
	uint32_t depth;
};

static bool is_anonymous(const struct ks_symtree *t, const struct ks_symtree_node *m)
{
	uint8_t kind = t->nodes.data[m->type].kind;

	return !m->name_len && (ks_kind_in(kind, KS_KINDS_STRUCT) || kind == KS_KIND_UNION);
}

static int add_member(struct ks_diff_compare *c, int side, struct ks_diff_node n, uint64_t at,
		      const struct level *l, struct list *out)
{
	const struct ks_symtree_node *x = ks_diff_at(n);
	struct member *m = ks_vec_push(&out->v);

	if (!m)
		return ks_error_nomem(c->err);
	*m = (struct member){
		.node = n.n, .nr = (uint32_t)out->v.len - 1, .at = at, .variant = l->variant,
		.depth = l->depth, .match = UNMATCHED, .name = n.t->text + x->name,
		.name_len = x->name_len, .bit_field = ks_symtree_has(x, KS_SYMTREE_BIT_SIZE),
	};
	m->bits = m->bit_field ? x->bit_size
			       : ks_diff_bits(c, side, (struct ks_diff_node){ n.t, x->type });
	return 0;
}

static int flatten(struct ks_diff_compare *c, int side, struct ks_diff_node n, struct list *out)
{
	KS_VEC(struct level) stack = { 0 };
	struct level *l = ks_vec_push(&stack);
	int ret = 0;

	if (l)
		l->next = ks_diff_at(n)->first;
	else
		ret = ks_error_nomem(c->err);
	while (!ret && stack.len) {
		struct level inner, *top = &stack.data[stack.len - 1];
		struct ks_diff_node m = { n.t, top->next };
		const struct ks_symtree_node *x;

		if (m.n == KS_SYMTREE_NONE) {
			stack.len--;
			continue;
		}
		x = ks_diff_at(m);
		top->next = x->next;
		inner = *top;
		inner.at += x->location * 8 + x->bit_off;
		if (x->kind == KS_KIND_MEMBER && !is_anonymous(n.t, x)) {
			ret = add_member(c, side, m, inner.at, top, out);
			continue;
		}
		if (x->kind == KS_KIND_VARIANT)
			inner.variant = x->value + 1;
		if (x->kind == KS_KIND_MEMBER)
			x = &n.t->nodes.data[x->type];
		inner.next = x->first;
		inner.depth++;
		l = ks_vec_push(&stack);
		if (l)
			*l = inner;
		else
			ret = ks_error_nomem(c->err);
	}
	ks_vec_free(&stack);
	return ret;
}

/* ------------------------------------------------------------------- match */

static int compare_names(const struct member *a, const struct member *b)
{
	uint32_t min = a->name_len < b->name_len ? a->name_len : b->name_len;
	int ret;

	if (a->variant != b->variant)
		return a->variant < b->variant ? -1 : 1;
	ret = memcmp(a->name, b->name, min);
	return ret ? ret : a->name_len < b->name_len ? -1 : a->name_len > b->name_len;
}

static int by_name(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a, *y = *(const struct member *const *)b;
	int ret = compare_names(x, y);

	return ret ? ret : x->nr < y->nr ? -1 : x->nr > y->nr;
}

static int by_place(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a, *y = *(const struct member *const *)b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

static void match(struct member *o, struct member *n)
{
	o->match = n->nr;
	n->match = o->nr;
}

static int sort_names(struct aggregates *a)
{
	for (int side = 0; side < 2; side++) {
		struct list *l = &a->l[side];

		if (!ks_vec_reserve(&l->by_name, l->v.len + 1))
			return ks_error_nomem(a->c->err);
		l->by_name.len = l->v.len;
		for (size_t i = 0; i < l->v.len; i++)
			l->by_name.data[i] = &l->v.data[i];
		qsort(l->by_name.data, l->v.len, sizeof(*l->by_name.data), by_name);
	}
	return 0;
}

static void match_names(struct aggregates *a)
{
	size_t i = 0, j = 0;

	while (i < a->l[0].v.len && j < a->l[1].v.len) {
		struct member *o = a->l[0].by_name.data[i], *n = a->l[1].by_name.data[j];
		int cmp = compare_names(o, n);

		if (!cmp)
			match(o, n);
		i += cmp <= 0;
		j += cmp >= 0;
	}
}

static struct ks_diff_node type_of(const struct aggregates *a, int side, const struct member *m)
{
	const struct ks_symtree *t = a->w->node[side].t;

	return (struct ks_diff_node){ t, t->nodes.data[m->node].type };
}

/* Of those without counterpart, a pair at the same place: first one of the same type, then
 * any.  In a union many are at one place, so no more than a few are looked at. */
static void match_place(struct aggregates *a, struct member *o, struct member **n, size_t nr)
{
	struct member *found = NULL;

	if (nr > 16)
		nr = 16;
	for (size_t i = 0; i < nr && n[i]->at == o->at; i++) {
		bool same;

		if (n[i]->match != UNMATCHED || n[i]->variant != o->variant || !n[i]->bits || !o->bits)
			continue;
		same = n[i]->bits == o->bits &&
		       ks_diff_same_nodes(a->c, type_of(a, 0, o), type_of(a, 1, n[i]));
		if (!found || same)
			found = n[i];
		if (same)
			break;
	}
	if (found)
		match(o, found);
}

static size_t left_over(struct list *l)
{
	size_t nr = 0;

	for (size_t i = 0; i < l->v.len; i++)
		if (l->v.data[i].match == UNMATCHED)
			l->by_name.data[nr++] = &l->v.data[i];
	qsort(l->by_name.data, nr, sizeof(*l->by_name.data), by_place);
	return nr;
}

static void match_places(struct aggregates *a)
{
	size_t nr[2] = { left_over(&a->l[0]), left_over(&a->l[1]) }, j = 0;

	for (size_t i = 0; i < nr[0]; i++) {
		struct member *o = a->l[0].by_name.data[i];

		while (j < nr[1] && a->l[1].by_name.data[j]->at < o->at)
			j++;
		match_place(a, o, a->l[1].by_name.data + j, nr[1] - j);
	}
}

/* ----------------------------------------------------------------- changes */

static const char *where(struct aggregates *a, const struct member *m)
{
	char buf[KSYM_NAME_LEN];
	int len;

	if (!m->variant)
		return ks_diff_where(a->c, a->w->where, m->name, m->name_len);
	len = snprintf(buf, sizeof(buf), "variant %llu.%.*s", (unsigned long long)(m->variant - 1),
		       m->name_len < 900 ? (int)m->name_len : 900, m->name);
	return ks_diff_where(a->c, a->w->where, buf, (uint32_t)len);
}

static struct ksym_diff_change about(struct aggregates *a, enum ksym_diff_kind kind,
				     enum ksym_diff_class how, const struct member *o,
				     const struct member *n)
{
	return (struct ksym_diff_change){
		.kind = kind, .how = how, .where = where(a, o ? o : n), .nr = 1,
		.old_at = o ? o->at : KSYM_DIFF_NOWHERE, .new_at = n ? n->at : KSYM_DIFF_NOWHERE,
		.old_bits = o ? o->bits : KSYM_DIFF_NOWHERE,
		.new_bits = n ? n->bits : KSYM_DIFF_NOWHERE,
	};
}

static int emit_texts(struct aggregates *a, struct ksym_diff_change change, const struct member *o,
		      const struct member *n)
{
	struct ks_arena *arena = &a->c->d->arena;

	if (a->c->propose)
		return 0;
	if (o)
		change.old_text = ks_diff_render(arena, type_of(a, 0, o));
	if (n)
		change.new_text = ks_diff_render(arena, type_of(a, 1, n));
	if ((o && !change.old_text) || (n && !change.new_text))
		return ks_error_nomem(a->c->err);
	return ks_diff_emit(a->c, change);
}

static bool same_name(const struct member *o, const struct member *n)
{
	return o->name_len == n->name_len && !memcmp(o->name, n->name, o->name_len);
}

/* Another name at the same place. */
static int other_name(struct aggregates *a, const struct member *o, const struct member *n)
{
	struct ksym_diff_change change = about(a, KSYM_DIFF_MEMBER_RENAMED, KSYM_DIFF_COMPATIBLE, o, n);

	if (!ks_diff_same_nodes(a->c, type_of(a, 0, o), type_of(a, 1, n)) || o->bits != n->bits) {
		change.kind = KSYM_DIFF_MEMBER_REPLACED;
		change.how = o->bits == n->bits ? KSYM_DIFF_DEPENDS : KSYM_DIFF_INCOMPATIBLE;
	}
	change.becomes = where(a, n);
	if (!change.becomes)
		return ks_error_nomem(a->c->err);
	return emit_texts(a, change, o, n);
}

/* At least one is a bit field, so the size of its type says little. */
static int bit_fields(struct aggregates *a, const struct member *o, const struct member *n)
{
	struct ksym_diff_change change = about(a, KSYM_DIFF_BIT_FIELD, KSYM_DIFF_INCOMPATIBLE, o, n);

	if (o->bits == n->bits) {
		if (ks_diff_same_nodes(a->c, type_of(a, 0, o), type_of(a, 1, n)))
			return 0;
		change.kind = KSYM_DIFF_MEMBER_RETYPED;
		change.how = KSYM_DIFF_DEPENDS;
		change.note = "the same bits, of another type";
	}
	return emit_texts(a, change, o, n);
}

static int same_place_and_name(struct aggregates *a, const struct member *o, const struct member *n)
{
	struct ks_diff_node types[2] = { type_of(a, 0, o), type_of(a, 1, n) };

	if (o->bit_field || n->bit_field)
		return bit_fields(a, o, n);
	if (o->depth != n->depth && o->at == n->at) {
		struct ksym_diff_change change = about(a, KSYM_DIFF_MEMBER_REGROUPED,
						       KSYM_DIFF_COMPATIBLE, o, n);

		change.note = o->depth < n->depth ? "is in an anonymous structure or union now"
						  : "is out of an anonymous structure or union now";
		if (ks_diff_emit(a->c, change))
			return -ENOMEM;
	}
	return ks_diff_types(a->c, types, about(a, KSYM_DIFF_MEMBER_RETYPED, 0, o, n));
}

/* Members that moved by the same distance one after the other are one change. */
static int moved(struct aggregates *a, size_t *i)
{
	const struct member *o = &a->l[0].v.data[*i], *n = &a->l[1].v.data[o->match], *last = o;
	uint64_t distance = n->at - o->at;
	struct ksym_diff_change change = about(a, KSYM_DIFF_MEMBER_MOVED, KSYM_DIFF_INCOMPATIBLE, o, n);

	while (++*i < a->l[0].v.len) {
		const struct member *m = &a->l[0].v.data[*i];

		if (m->match == UNMATCHED || a->l[1].v.data[m->match].at - m->at != distance)
			break;
		last = m;
		change.nr++;
	}
	if (change.nr > 1) {
		change.last = where(a, last);
		if (!change.last)
			return ks_error_nomem(a->c->err);
	}
	return ks_diff_emit(a->c, change);
}

static int emit_old(struct aggregates *a)
{
	int ret = 0;

	for (size_t i = 0; i < a->l[0].v.len && !ret; i++) {
		const struct member *o = &a->l[0].v.data[i];
		const struct member *n = o->match == UNMATCHED ? NULL : &a->l[1].v.data[o->match];

		if (!n)
			ret = emit_texts(a, about(a, KSYM_DIFF_MEMBER_REMOVED, KSYM_DIFF_INCOMPATIBLE, o,
						  NULL), o, NULL);
		else if (!same_name(o, n))
			ret = other_name(a, o, n);
		else
			ret = same_place_and_name(a, o, n);
	}
	for (size_t i = 0; i < a->l[0].v.len && !ret;) {
		const struct member *o = &a->l[0].v.data[i];

		if (o->match == UNMATCHED || a->l[1].v.data[o->match].at == o->at)
			i++;
		else
			ret = moved(a, &i);
	}
	return ret;
}

/* Is a new member where an old one is?  In a structure of absurdly many nobody looks. */
static bool overlaps(struct aggregates *a, const struct member *m)
{
	if (a->l[0].v.len > MAX_LOOKS)
		return true;
	for (size_t i = 0; i < a->l[0].v.len; i++) {
		const struct member *o = &a->l[0].v.data[i];

		if (m->at < o->at ? o->at - m->at < m->bits : m->at - o->at < o->bits)
			return true;
	}
	return false;
}

static int emit_added(struct aggregates *a)
{
	const struct ks_symtree_node *o = ks_diff_at(a->w->node[0]), *n = ks_diff_at(a->w->node[1]);
	int ret = 0;

	for (size_t i = 0; i < a->l[1].v.len && !ret; i++) {
		const struct member *m = &a->l[1].v.data[i];
		struct ksym_diff_change change;

		if (m->match != UNMATCHED)
			continue;
		change = about(a, KSYM_DIFF_MEMBER_ADDED, KSYM_DIFF_DEPENDS, NULL, m);
		if (a->is_union && o->size == n->size) {
			change.how = KSYM_DIFF_COMPATIBLE;
			change.note = "in a union that kept its size";
		} else if (!a->kept) {
			change.note = NULL;
		} else if (m->at >= o->size * 8) {
			change.note = "at the end: layout of existing members unchanged";
		} else if (o->size == n->size) {
			change.note = overlaps(a, m) ? "shares the place of another: layout of existing members unchanged"
						     : "in a hole: layout of existing members unchanged";
		} else {
			change.note = "layout of existing members unchanged";
		}
		ret = emit_texts(a, change, NULL, m);
	}
	return ret;
}

static bool layout_kept(const struct aggregates *a)
{
	for (size_t i = 0; i < a->l[0].v.len; i++) {
		const struct member *o = &a->l[0].v.data[i];
		const struct member *n = o->match == UNMATCHED ? NULL : &a->l[1].v.data[o->match];

		if (!n || n->at != o->at || n->bits != o->bits || n->bit_field != o->bit_field)
			return false;
	}
	return true;
}

static int emit_size(struct aggregates *a)
{
	const struct ks_symtree_node *o = ks_diff_at(a->w->node[0]), *n = ks_diff_at(a->w->node[1]);
	struct ksym_diff_change change = {
		.kind = KSYM_DIFF_SIZE, .where = a->w->where, .nr = 1,
		.how = a->kept ? KSYM_DIFF_DEPENDS : KSYM_DIFF_INCOMPATIBLE,
		.old_at = KSYM_DIFF_NOWHERE, .new_at = KSYM_DIFF_NOWHERE,
		.old_bits = o->size * 8, .new_bits = n->size * 8,
	};
	int ret = 0;

	if (a->kept)
		change.note = n->size > o->size
				      ? "layout of existing members unchanged, size grew"
				      : "layout of existing members unchanged, size shrank";
	if (o->size != n->size)
		ret = ks_diff_emit(a->c, change);
	if (!ret && o->align != n->align) {
		change.kind = KSYM_DIFF_ALIGNMENT;
		change.how = KSYM_DIFF_DEPENDS;
		change.note = NULL;
		change.old_bits = o->align * 8;
		change.new_bits = n->align * 8;
		ret = ks_diff_emit(a->c, change);
	}
	return ret;
}

/* Nothing was found, yet the texts differ. */
static int emit_order(struct aggregates *a)
{
	struct ksym_diff_change change = {
		.kind = KSYM_DIFF_TEXT, .how = KSYM_DIFF_COMPATIBLE, .where = a->w->where, .nr = 1,
		.old_at = KSYM_DIFF_NOWHERE, .new_at = KSYM_DIFF_NOWHERE,
		.old_bits = KSYM_DIFF_NOWHERE, .new_bits = KSYM_DIFF_NOWHERE,
		.note = "the same members in the same places, in another order",
	};

	for (size_t i = 0; i < a->l[0].v.len; i++)
		if (a->l[0].v.data[i].match != i)
			return ks_diff_emit(a->c, change);
	return 0;
}

static int compare(struct aggregates *a)
{
	size_t before = a->c->out.len, work = a->c->work.len;
	int ret = sort_names(a);

	if (ret)
		return ret;
	match_names(a);
	match_places(a);
	a->kept = layout_kept(a);
	a->is_union = ks_diff_at(a->w->node[0])->kind == KS_KIND_UNION;
	ret = emit_old(a);
	if (!ret)
		ret = emit_added(a);
	if (!ret)
		ret = emit_size(a);
	if (!ret && a->c->out.len == before && a->c->work.len == work && a->l[0].v.len == a->l[1].v.len)
		ret = emit_order(a);
	return ret;
}

int ks_diff_aggregates(struct ks_diff_compare *c, const struct ks_diff_work *w)
{
	struct aggregates a = { .c = c, .w = w };
	int ret = flatten(c, 0, w->node[0], &a.l[0]);

	if (!ret)
		ret = flatten(c, 1, w->node[1], &a.l[1]);
	if (!ret)
		ret = compare(&a);
	for (int side = 0; side < 2; side++) {
		ks_vec_free(&a.l[side].v);
		ks_vec_free(&a.l[side].by_name);
	}
	return ret;
}
