// SPDX-License-Identifier: LGPL-2.1-or-later
#include "types/graph.h"

#include <string.h>

struct merge {
	struct ks_graph *dst;
	const struct ks_graph *src;
	uint32_t *named, *shapes;
	size_t extra;			/* of src, the next one to copy */
};

static bool copy_name(struct merge *m, ks_name *name)
{
	const char *s;

	if (KS_NAME_KIND(*name) != 3)
		return true;
	s = ks_strpool_get(&m->src->names, (uint32_t)KS_NAME_BITS(*name));
	*name = ks_name_make(&m->dst->names, s, strlen(s));
	return *name;
}

static bool add_named(struct merge *m, uint32_t i)
{
	struct ks_named named = m->src->named.data[i], *slot;
	uint32_t *nr;

	named.shapes = 0;
	if (!copy_name(m, &named.name) || !ks_graph_reserve(m->dst))
		return false;
	nr = ks_graph_named_slot(m->dst, named.kind, named.name);
	if (!*nr) {
		slot = ks_vec_push(&m->dst->named);
		if (!slot)
			return false;
		*slot = named;
		*nr = (uint32_t)m->dst->named.len;
	}
	m->named[i] = *nr - 1;
	return true;
}

static ks_ref map_ref(const struct merge *m, ks_ref ref)
{
	return KS_REF_IS_NAMED(ref) ? KS_REF_NAMED | m->named[KS_REF_NUMBER(ref)] : m->shapes[ref];
}

static bool copy_shape(struct merge *m, uint32_t i)
{
	const struct ks_shape *s = &m->src->shapes.data[i];
	const struct ks_type *nodes = m->src->nodes.data;
	struct ks_graph *dst = m->dst;
	uint32_t top = (uint32_t)dst->nodes.len, end = nodes[s->node].end;
	size_t first_extra = dst->extras.len;

	if (dst->nodes.len > KS_REF_NAMED)
		return false;
	for (uint32_t n = s->node; n < end; n++) {
		struct ks_type *copy = ks_vec_push(&dst->nodes);
		struct ks_type_extra *x;

		if (!copy)
			return false;
		*copy = nodes[n];
		copy->end -= s->node;
		copy->type = map_ref(m, copy->type);
		if (!copy_name(m, &copy->name))
			return false;
		if (!(copy->attrs & KS_ATTRS_EXTRA))
			continue;
		x = ks_vec_push(&dst->extras);
		if (!x)
			return false;
		*x = m->src->extras.data[m->extra++];
		x->node -= s->node;
	}
	return ks_graph_settle(dst, top, first_extra, s->unit, s->unit_node, &m->shapes[i]);
}

/* Shapes that are new in the other graph join those of their name. */
static void add_shapes(struct merge *m, uint32_t i, size_t nr_before)
{
	struct ks_named *named = &m->dst->named.data[m->named[i]];

	for (uint32_t s = m->src->named.data[i].shapes; s; s = m->src->shapes.data[s].next) {
		uint32_t copy = m->shapes[s];

		if (copy < nr_before)
			continue;
		m->dst->shapes.data[copy].next = named->shapes;
		named->shapes = copy;
	}
}

int ks_graph_merge(struct ks_graph *dst, const struct ks_graph *src, uint32_t *named,
		   uint32_t *shapes, struct ksym_error *err)
{
	struct merge m = { .dst = dst, .src = src, .named = named, .shapes = shapes };
	size_t nr_before = dst->shapes.len;
	bool ok = true;

	shapes[0] = 0;
	for (uint32_t i = 0; i < src->named.len && ok; i++)
		ok = add_named(&m, i);
	/* A shape refers to named types and to shapes before it. */
	for (uint32_t i = 1; i < src->shapes.len && ok; i++)
		ok = copy_shape(&m, i);
	if (!ok)
		return ks_error_nomem(err);
	for (uint32_t i = 0; i < src->named.len; i++)
		add_shapes(&m, i, nr_before);
	return 0;
}
