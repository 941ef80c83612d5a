// SPDX-License-Identifier: LGPL-2.1-or-later
/* Enumerations: enumerators are matched by name, those left over by value. */
#include "versions/diff.h"

#include <string.h>

#define UNMATCHED UINT32_MAX

struct enumerator {
	uint32_t node;
	uint32_t nr;
	uint32_t match;
	uint64_t value;
	const char *name;
	uint32_t name_len;
};

struct list {
	KS_VEC(struct enumerator) v;
	KS_VEC(struct enumerator *) sorted;
};

struct enums {
	struct ks_diff_compare *c;
	const struct ks_diff_work *w;
	struct list l[2];
};

static int list(struct enums *e, int side)
{
	struct ks_diff_node n = e->w->node[side];
	struct list *l = &e->l[side];

	for (uint32_t i = ks_diff_at(n)->first; i != KS_SYMTREE_NONE; i = n.t->nodes.data[i].next) {
		const struct ks_symtree_node *x = &n.t->nodes.data[i];
		struct enumerator *m = ks_vec_push(&l->v);

		if (!m)
			return ks_error_nomem(e->c->err);
		*m = (struct enumerator){
			.node = i, .nr = (uint32_t)l->v.len - 1, .match = UNMATCHED,
			.value = x->value, .name = n.t->text + x->name, .name_len = x->name_len };
	}
	if (!ks_vec_reserve(&l->sorted, l->v.len + 1))
		return ks_error_nomem(e->c->err);
	l->sorted.len = l->v.len;
	for (size_t i = 0; i < l->v.len; i++)
		l->sorted.data[i] = &l->v.data[i];
	return 0;
}

static int compare_names(const struct enumerator *x, const struct enumerator *y)
{
	uint32_t min = x->name_len < y->name_len ? x->name_len : y->name_len;
	int ret = memcmp(x->name, y->name, min);

	return ret ? ret : x->name_len < y->name_len ? -1 : x->name_len > y->name_len;
}

static int by_name(const void *a, const void *b)
{
	const struct enumerator *x = *(const struct enumerator *const *)a;
	const struct enumerator *y = *(const struct enumerator *const *)b;
	int ret = compare_names(x, y);

	return ret ? ret : x->nr < y->nr ? -1 : x->nr > y->nr;
}

static int by_value(const void *a, const void *b)
{
	const struct enumerator *x = *(const struct enumerator *const *)a;
	const struct enumerator *y = *(const struct enumerator *const *)b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

static int compare_values(const struct enumerator *x, const struct enumerator *y)
{
	return x->value < y->value ? -1 : x->value > y->value;
}

static void match(struct enums *e, const size_t nr[2],
		  int (*compare)(const struct enumerator *, const struct enumerator *))
{
	size_t i = 0, j = 0;

	while (i < nr[0] && j < nr[1]) {
		struct enumerator *o = e->l[0].sorted.data[i], *n = e->l[1].sorted.data[j];
		int cmp = compare(o, n);

		if (!cmp) {
			o->match = n->nr;
			n->match = o->nr;
		}
		i += cmp <= 0;
		j += cmp >= 0;
	}
}

static const struct enumerator *counterpart(const struct enums *e, const struct enumerator *o)
{
	return o->match == UNMATCHED ? NULL : &e->l[1].v.data[o->match];
}

static void match_all(struct enums *e)
{
	size_t nr[2] = { e->l[0].v.len, e->l[1].v.len };

	for (int side = 0; side < 2; side++)
		qsort(e->l[side].sorted.data, nr[side], sizeof(*e->l[side].sorted.data), by_name);
	match(e, nr, compare_names);
	/* Where others are renumbered, the same value says nothing. */
	for (size_t i = 0; i < nr[0]; i++) {
		const struct enumerator *n = counterpart(e, &e->l[0].v.data[i]);

		if (n && n->value != e->l[0].v.data[i].value)
			return;
	}
	for (int side = 0; side < 2; side++) {
		struct list *l = &e->l[side];

		nr[side] = 0;
		for (size_t i = 0; i < l->v.len; i++)
			if (l->v.data[i].match == UNMATCHED)
				l->sorted.data[nr[side]++] = &l->v.data[i];
		qsort(l->sorted.data, nr[side], sizeof(*l->sorted.data), by_value);
	}
	match(e, nr, compare_values);
}

static const char *where(struct enums *e, const struct enumerator *m)
{
	return ks_diff_where(e->c, e->w->where, m->name, m->name_len);
}

static struct ksym_diff_change about(struct enums *e, enum ksym_diff_kind kind,
				     enum ksym_diff_class how, const struct enumerator *o,
				     const struct enumerator *n)
{
	return (struct ksym_diff_change){
		.kind = kind, .how = how, .where = where(e, o ? o : n), .nr = 1,
		.old_at = o ? o->value : KSYM_DIFF_NOWHERE,
		.new_at = n ? n->value : KSYM_DIFF_NOWHERE,
		.old_bits = KSYM_DIFF_NOWHERE, .new_bits = KSYM_DIFF_NOWHERE,
	};
}

/*
 * Enumerations often end with one or two that count the others, as __NFT_MAX and NFT_MAX.
 * Their values grow with each one added, which does not make the others another thing:
 * it is so when all that have another value come last, and there are at most two.
 */
static bool only_end_moved(const struct enums *e)
{
	size_t nr = 0;

	for (size_t i = 0; i < e->l[0].v.len; i++) {
		const struct enumerator *o = &e->l[0].v.data[i], *n = counterpart(e, o);

		if (!n)
			return false;
		if (n->value == o->value && nr)
			return false;
		nr += n->value != o->value;
	}
	return nr && nr <= 2 && nr < e->l[0].v.len;
}

/* Those renumbered by the same distance one after the other are one change. */
static int renumbered(struct enums *e, size_t *i, bool end)
{
	const struct enumerator *o = &e->l[0].v.data[*i], *n = counterpart(e, o), *last = o;
	struct ksym_diff_change change = about(e, KSYM_DIFF_ENUMERATOR_RENUMBERED,
					       end ? KSYM_DIFF_DEPENDS : KSYM_DIFF_INCOMPATIBLE, o, n);
	uint64_t distance = n->value - o->value;

	while (++*i < e->l[0].v.len) {
		const struct enumerator *m = &e->l[0].v.data[*i], *to = counterpart(e, m);

		if (!to || to->value - m->value != distance)
			break;
		last = m;
		change.nr++;
	}
	if (end)
		change.note = "comes last: counts the others, it seems";
	if (change.nr > 1) {
		change.last = where(e, last);
		if (!change.last)
			return ks_error_nomem(e->c->err);
	}
	return ks_diff_emit(e->c, change);
}

static int emit(struct enums *e)
{
	bool end = only_end_moved(e);
	int ret = 0;

	for (size_t i = 0; i < e->l[0].v.len && !ret;) {
		const struct enumerator *o = &e->l[0].v.data[i], *n = counterpart(e, o);

		if (n && n->value != o->value) {
			ret = renumbered(e, &i, end);
			continue;
		}
		i++;
		if (!n) {
			ret = ks_diff_emit(e->c, about(e, KSYM_DIFF_ENUMERATOR_REMOVED,
						       KSYM_DIFF_INCOMPATIBLE, o, NULL));
		} else if (compare_names(o, n)) {
			struct ksym_diff_change change = about(e, KSYM_DIFF_ENUMERATOR_RENAMED,
							       KSYM_DIFF_COMPATIBLE, o, n);

			change.becomes = where(e, n);
			if (!change.becomes)
				return ks_error_nomem(e->c->err);
			ret = ks_diff_emit(e->c, change);
		}
	}
	for (size_t i = 0; i < e->l[1].v.len && !ret; i++)
		if (e->l[1].v.data[i].match == UNMATCHED)
			ret = ks_diff_emit(e->c, about(e, KSYM_DIFF_ENUMERATOR_ADDED,
						       KSYM_DIFF_COMPATIBLE, NULL, &e->l[1].v.data[i]));
	return ret;
}

static int emit_size(struct enums *e)
{
	const struct ks_symtree_node *o = ks_diff_at(e->w->node[0]), *n = ks_diff_at(e->w->node[1]);

	if (o->size == n->size)
		return 0;
	return ks_diff_emit(e->c, (struct ksym_diff_change){
		.kind = KSYM_DIFF_SIZE, .how = KSYM_DIFF_INCOMPATIBLE, .where = e->w->where, .nr = 1,
		.old_at = KSYM_DIFF_NOWHERE, .new_at = KSYM_DIFF_NOWHERE,
		.old_bits = o->size * 8, .new_bits = n->size * 8 });
}

int ks_diff_enums(struct ks_diff_compare *c, const struct ks_diff_work *w)
{
	struct enums e = { .c = c, .w = w };
	int ret = list(&e, 0);

	if (!ret)
		ret = list(&e, 1);
	if (!ret) {
		match_all(&e);
		ret = emit(&e);
	}
	if (!ret)
		ret = emit_size(&e);
	for (int side = 0; side < 2; side++) {
		ks_vec_free(&e.l[side].v);
		ks_vec_free(&e.l[side].sorted);
	}
	return ret;
}
