// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/typemap.h"

#include <stdlib.h>
#include <string.h>
#include "versions/kabi.h"

void ks_typemap_free(struct ks_typemap *m)
{
	ks_strpool_free(&m->names);
	ks_vec_free(&m->types);
	ks_vec_free(&m->symbols);
	ks_vec_free(&m->all_bytes);
	ks_vec_free(&m->all_refs);
}

/* Keep a copy of @t as @x. */
static int keep(struct ks_typemap *m, struct ks_expansion *x, const struct ks_symtext *t,
		struct ksym_error *err)
{
	*x = (struct ks_expansion){ .known = true, .first_byte = m->all_bytes.len,
				    .first_ref = m->all_refs.len, .nr_bytes = (uint32_t)t->bytes.len,
				    .nr_refs = (uint32_t)t->refs.len };
	if (!ks_vec_reserve(&m->all_bytes, t->bytes.len) || !ks_vec_reserve(&m->all_refs, t->refs.len))
		return ks_error_nomem(err);
	if (t->bytes.len)
		memcpy(m->all_bytes.data + m->all_bytes.len, t->bytes.data, t->bytes.len);
	if (t->refs.len)
		memcpy(m->all_refs.data + m->all_refs.len, t->refs.data,
		       t->refs.len * sizeof(*t->refs.data));
	m->all_bytes.len += t->bytes.len;
	m->all_refs.len += t->refs.len;
	return 0;
}

/* Entries for all names there are. */
static int extend_types(struct ks_typemap *m, struct ksym_error *err)
{
	while (m->types.len < m->names.nr)
		if (!ks_vec_push(&m->types))
			return ks_error_nomem(err);
	return 0;
}

/* ----------------------------------------------------------------- choice */

struct candidate {
	uint32_t name, graph, shape;
	uint32_t unit, unit_node;
};

struct candidates {
	KS_VEC(struct candidate) v;
};

static int collect(struct candidates *c, struct ks_symtext_writer *w, uint32_t graph,
		   struct ksym_error *err)
{
	const struct ks_graph *g = w->g;

	for (uint32_t i = 0; i < g->named.len; i++) {
		uint32_t name;
		int ret = ks_symtext_type_name(w, i, &name);

		if (ret)
			return ret;
		for (uint32_t s = g->named.data[i].shapes; s; s = g->shapes.data[s].next) {
			struct candidate *slot = ks_vec_push(&c->v);

			if (!slot)
				return ks_error_nomem(err);
			*slot = (struct candidate){ name, graph, s, g->shapes.data[s].unit,
						    g->shapes.data[s].unit_node };
		}
	}
	return 0;
}

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	return x->unit_node < y->unit_node ? -1 : x->unit_node > y->unit_node;
}

static bool equal_texts(const struct ks_symtext *a, const struct ks_symtext *b)
{
	return a->len == b->len && a->bytes.len == b->bytes.len && a->refs.len == b->refs.len &&
	       !memcmp(a->bytes.data, b->bytes.data, a->bytes.len) &&
	       (!a->refs.len ||
		!memcmp(a->refs.data, b->refs.data, a->refs.len * sizeof(*a->refs.data)));
}

/* The longest of @nr texts of one type, in .debug_info's order: @best. */
static int choose(struct ks_typemap *m, struct ks_symtext_writer *writers, const struct candidate *c,
		  size_t nr, struct ks_symtext *best, struct ks_symtext *other, struct ksym_error *err)
{
	const char *name = ks_strpool_get(&m->names, c->name), *text;
	bool tie = false;
	int ret;

	if (m->kabi && ks_kabi_type_string(m->kabi, name, &text))
		return ks_kabi_parse_type(&m->names, name, text, best, m->path, err);
	ret = ks_symtext_shape(&writers[c->graph], c->shape, false, best);
	for (size_t i = 1; i < nr && !ret; i++) {
		struct ks_symtext swap;

		ret = ks_symtext_shape(&writers[c[i].graph], c[i].shape, false, other);
		if (ret || other->len < best->len)
			continue;
		if (other->len == best->len) {
			tie |= !equal_texts(other, best);
			continue;
		}
		tie = false;
		swap = *best;
		*best = *other;
		*other = swap;
	}
	if (tie && m->tie && !ret)
		m->tie(m->tie_arg, name);
	return ret;
}

int ks_typemap_add_types(struct ks_typemap *m, struct ks_symtext_writer *writers, size_t nr_graphs,
			 struct ksym_error *err)
{
	struct candidates c = { 0 };
	struct ks_symtext best = { 0 }, other = { 0 };
	int ret = 0;

	for (uint32_t i = 0; i < nr_graphs && !ret; i++)
		ret = collect(&c, &writers[i], i, err);
	if (c.v.len)
		qsort(c.v.data, c.v.len, sizeof(*c.v.data), compare_candidates);
	for (size_t i = 0, j; i < c.v.len && !ret; i = j) {
		for (j = i + 1; j < c.v.len && c.v.data[j].name == c.v.data[i].name; j++)
			;
		ret = choose(m, writers, &c.v.data[i], j - i, &best, &other, err);
		if (!ret)
			ret = extend_types(m, err);
		if (!ret)
			ret = keep(m, &m->types.data[c.v.data[i].name], &best, err);
	}
	ks_vec_free(&c.v);
	ks_symtext_free(&best);
	ks_symtext_free(&other);
	return ret;
}

int ks_typemap_add_symbol(struct ks_typemap *m, struct ks_symtext_writer *w, const char *symbol,
			  uint32_t shape, struct ksym_error *err)
{
	struct ks_expansion *x = ks_vec_push(&m->symbols);
	struct ks_symtext t = { 0 };
	const char *text;
	int ret;

	if (!x)
		return ks_error_nomem(err);
	if (!w && ks_kabi_type_string(m->kabi, symbol, &text))
		ret = ks_kabi_parse_type(&m->names, symbol, text, &t, m->path, err);
	else
		ret = ks_symtext_shape(w, shape, true, &t);
	if (!ret)
		ret = keep(m, x, &t, err);
	ks_symtext_free(&t);
	return ret;
}

int ks_typemap_finish(struct ks_typemap *m, struct ksym_error *err)
{
	struct ks_symtext t = { 0 };
	int ret = extend_types(m, err);

	/* Rules may give texts to types that no unit has; these may refer to more. */
	for (uint32_t i = 0; i < m->types.len && !ret; i++) {
		const char *name = ks_strpool_get(&m->names, i), *text;

		if (m->types.data[i].known || !m->kabi || !ks_kabi_type_string(m->kabi, name, &text))
			continue;
		ret = ks_kabi_parse_type(&m->names, name, text, &t, m->path, err);
		if (!ret)
			ret = keep(m, &m->types.data[i], &t, err);
		if (!ret)
			ret = extend_types(m, err);
	}
	ks_symtext_free(&t);
	return ret;
}
