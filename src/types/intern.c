// SPDX-License-Identifier: LGPL-2.1-or-later
#include "types/intern.h"

#include <string.h>
#include "types/load.h"

/* In ->refs: the node waits for what it is made of. */
#define OPEN (KS_REF_NAMED - 1)

const uint64_t ks_parts[KS_NR_KINDS] = {
	[KS_KIND_STRUCT] = ~(KS_KINDS_AGGREGATE | KS_KINDS(KS_KIND_TEMPLATE_TYPE) |
			     KS_KINDS(KS_KIND_FUNCTION)),
	[KS_KIND_CLASS] = ~(KS_KINDS_AGGREGATE | KS_KINDS(KS_KIND_TEMPLATE_TYPE) |
			    KS_KINDS(KS_KIND_FUNCTION)),
	[KS_KIND_UNION] = ~(KS_KINDS_AGGREGATE | KS_KINDS(KS_KIND_TEMPLATE_TYPE) |
			    KS_KINDS(KS_KIND_FUNCTION)),
	[KS_KIND_ENUM] = KS_KINDS(KS_KIND_ENUMERATOR) | KS_KINDS(KS_KIND_TAG),
	[KS_KIND_ARRAY] = KS_KINDS(KS_KIND_SUBRANGE),
	[KS_KIND_SUBROUTINE] = KS_KINDS(KS_KIND_PARAMETER) | KS_KINDS(KS_KIND_MORE_PARAMETERS),
	[KS_KIND_FUNCTION] = KS_KINDS(KS_KIND_PARAMETER) | KS_KINDS(KS_KIND_MORE_PARAMETERS) |
			     KS_KINDS(KS_KIND_TAG),
	[KS_KIND_VARIABLE] = KS_KINDS(KS_KIND_TAG),
	[KS_KIND_TYPEDEF] = KS_KINDS(KS_KIND_TAG),
	[KS_KIND_POINTER] = KS_KINDS(KS_KIND_TAG),
	[KS_KIND_MEMBER] = KS_KINDS(KS_KIND_TAG),
	[KS_KIND_PARAMETER] = KS_KINDS(KS_KIND_TAG),
	[KS_KIND_VARIANT_PART] = ~(uint64_t)0,
	[KS_KIND_VARIANT] = KS_KINDS(KS_KIND_MEMBER),
};

void ks_interner_free(struct ks_interner *in)
{
	ks_vec_free(&in->refs);
	ks_vec_free(&in->todo);
	ks_vec_free(&in->stack);
	ks_vec_free(&in->open);
}

int ks_interner_begin(struct ks_interner *in, const struct ks_types *t, uint32_t unit)
{
	in->t = t;
	in->unit = unit;
	in->todo.len = in->stack.len = in->open.len = in->refs.len = 0;
	if (!ks_vec_reserve(&in->refs, t->nodes.len))
		return ks_error_nomem(in->err);
	in->refs.len = t->nodes.len;
	memset(in->refs.data, 0, in->refs.len * sizeof(*in->refs.data));
	return 0;
}

/* ------------------------------------------------------------------ named */

/* Names from a pool are the unit's; the graph keeps its own. */
static int graph_name(struct ks_interner *in, ks_name name, ks_name *out)
{
	const char *s;

	*out = name;
	if (KS_NAME_KIND(name) != 3)
		return 0;
	s = ks_strpool_get(&in->t->names, (uint32_t)KS_NAME_BITS(name));
	*out = ks_name_make(&in->g->names, s, strlen(s));
	return *out ? 0 : ks_error_nomem(in->err);
}

/* The named type (@kind, @name): its number + 1 in *@nr, or 0 when the name is "". */
static int find_named(struct ks_interner *in, unsigned int kind, ks_name name, uint32_t *nr)
{
	struct ks_graph *g = in->g;
	struct ks_named *named;
	char buf[8];
	uint32_t *slot;
	int ret = graph_name(in, name, &name);

	if (ret)
		return ret;
	slot = ks_graph_named_slot(g, kind, name);
	*nr = *slot;
	if (ks_likely(*nr))
		return 0;
	if (!*ks_graph_text(g, name, buf))
		return 0;
	if (!ks_graph_reserve(g) || !(named = ks_vec_push(&g->named)))
		return ks_error_nomem(in->err);
	*named = (struct ks_named){ .name = name, .kind = (uint8_t)kind };
	*nr = (uint32_t)g->named.len;
	*ks_graph_named_slot(g, kind, name) = *nr;
	return 0;
}

/* The name by which a node is known. */
static ks_name alias_of(const struct ks_interner *in, uint32_t node)
{
	size_t lo = 0, hi = in->nr_aliases;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (in->aliases[mid].node < node)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < in->nr_aliases && in->aliases[lo].node == node ? in->aliases[lo].name
								    : in->t->nodes.data[node].name;
}

/* ------------------------------------------------------------------- refs */

/* 1 and *@ref, or 0 when the node has to be interned first, or a negative error. */
static inline int try_ref(struct ks_interner *in, uint32_t node, ks_ref *ref)
{
	const struct ks_type *n;
	uint32_t nr = 0, *todo;
	int ret;

	if (!node) {
		*ref = 0;
		return 1;
	}
	if (ks_unlikely(node == KS_TYPE_DANGLING))
		return ks_error(in->err, -ENOLINK,
				"%s: .debug_info: unit at offset 0x%llx: a DW_AT_type: expected it to lead to a DIE of a type",
				in->t->path, (unsigned long long)in->t->base_off);
	*ref = in->refs.data[node];
	if (ks_likely(*ref && *ref != OPEN))
		return 1;
	n = &in->t->nodes.data[node];
	if (ks_unlikely(*ref == OPEN))
		return ks_error(in->err, -ELOOP,
				"%s: .debug_info: at offset 0x%llx: a type without a name that is made of itself",
				in->t->path, (unsigned long long)ks_types_off(in->t, node));
	if (!ks_kind_in(n->kind, KS_KINDS_NAMED) || !n->name || (n->flags & KS_TYPE_NAMELESS))
		return 0;
	ret = find_named(in, n->kind, ks_unlikely(in->nr_aliases) ? alias_of(in, node) : n->name, &nr);
	if (ret || !nr)
		return ret;
	todo = ks_vec_push(&in->todo);
	if (!todo)
		return ks_error_nomem(in->err);
	*todo = node;
	*ref = in->refs.data[node] = KS_REF_NAMED | (nr - 1);
	return 1;
}

/* ----------------------------------------------------------------- shapes */

static int copy_extra(struct ks_interner *in, uint32_t node, uint32_t copy)
{
	struct ks_type_extra *x = ks_vec_push(&in->g->extras);

	if (!x)
		return ks_error_nomem(in->err);
	*x = *ks_types_extra(in->t, node);
	x->node = copy;
	return 0;
}

/* Append a copy of @node, a part of what begins at @top, to the graph's nodes. */
static inline int copy_node(struct ks_interner *in, uint32_t node, uint32_t top)
{
	const struct ks_type *n = &in->t->nodes.data[node];
	struct ks_graph *g = in->g;
	uint32_t copy = (uint32_t)g->nodes.len;
	struct ks_type *c = ks_vec_push(&g->nodes);
	int ret;

	if (ks_unlikely(!c))
		return ks_error_nomem(in->err);
	*c = *n;
	/* Relative to the top, so that equal shapes are equal bytes. */
	c->end = copy + 1 - top;
	c->parent = 0;
	c->flags &= KS_TYPE_OPAQUE | KS_TYPE_IGNORED | KS_TYPE_NO_COMMA;
	if (c->flags & KS_TYPE_OPAQUE)
		c->attrs = 0, c->value = 0;
	if (ks_unlikely(n->flags & KS_TYPE_NAMELESS))
		c->name = 0;
	if (ks_unlikely(KS_NAME_KIND(c->name) == 3)) {
		ret = graph_name(in, c->name, &c->name);
		if (ret)
			return ret;
	}
	return ks_unlikely(c->attrs & KS_ATTRS_EXTRA) ? copy_extra(in, node, copy - top) : 0;
}

static int need(struct ks_interner *in, uint32_t node)
{
	uint32_t *slot = ks_vec_push(&in->stack);

	if (!slot)
		return ks_error_nomem(in->err);
	*slot = node;
	return 0;
}

/* The type of the node copied last: 1, or 0 when it has to be interned first. */
static inline int copy_type(struct ks_interner *in, uint32_t type)
{
	ks_ref ref = 0;
	int ret = try_ref(in, type, &ref);

	if (ret > 0)
		in->g->nodes.data[in->g->nodes.len - 1].type = ref;
	else if (!ret)
		ret = need(in, type);
	else
		return ret;
	return ret;
}

/* What node @i is no part of ends with what was copied last. */
static void close_parts(struct ks_interner *in, uint32_t i, uint32_t top)
{
	struct ks_graph *g = in->g;

	while (in->open.len) {
		struct ks_open_variant *o = &in->open.data[in->open.len - 1];

		if (i < in->t->nodes.data[o->node].end)
			return;
		g->nodes.data[top + o->copy].end = (uint32_t)g->nodes.len - top;
		in->open.len--;
	}
}

/* Copy what @node is made of: 1, or 0 when some type has to be interned first. */
static int copy_parts(struct ks_interner *in, uint32_t node, uint32_t top)
{
	const struct ks_type *nodes = in->t->nodes.data;
	uint32_t end = nodes[node].end;
	int ready = 1;

	in->open.len = 0;
	for (uint32_t i = node + 1; i < end;) {
		const struct ks_type *n = &nodes[i];
		int ret;

		if (!ks_kind_in(n->kind, ks_parts[nodes[n->parent].kind]) ||
		    (n->flags & KS_TYPE_LEFT_OUT)) {
			i = n->end;
			continue;
		}
		if (ks_unlikely(in->open.len))
			close_parts(in, i, top);
		ret = copy_node(in, i, top);
		if (ret)
			return ret;
		if (n->type) {
			ret = copy_type(in, n->type);
			if (ret < 0)
				return ret;
			ready &= ret;
		}
		if (ks_unlikely(n->end > i + 1) && ks_parts[n->kind]) {
			struct ks_open_variant *o = ks_vec_push(&in->open);

			if (!o)
				return ks_error_nomem(in->err);
			*o = (struct ks_open_variant){ i, (uint32_t)in->g->nodes.len - 1 - top };
			i++;
		} else {
			i = n->end;
		}
	}
	close_parts(in, end, top);
	return ready;
}

static uint32_t unit_of(const struct ks_interner *in, uint32_t node)
{
	return in->unit + (in->t->units.len > 1 ? ks_types_unit(in->t, node) : 0);
}

/* Intern @node by itself: 1 and *@nr, or 0 when what it needs was put on the stack. */
static int try_shape(struct ks_interner *in, uint32_t node, uint32_t *nr)
{
	const struct ks_type *n = &in->t->nodes.data[node];
	struct ks_graph *g = in->g;
	uint32_t top = (uint32_t)g->nodes.len;
	size_t first_extra = g->extras.len;
	int ret, ready = 1;

	if (g->nodes.len > KS_REF_NAMED)
		return ks_error(in->err, -ENOTSUP, "%s: .debug_info: too many different types", in->t->path);
	ret = copy_node(in, node, top);
	if (!ret && n->type) {
		ret = copy_type(in, n->type);
		ready = ret > 0;
		ret = ret < 0 ? ret : 0;
	}
	if (!ret && ks_parts[n->kind] && !(n->flags & KS_TYPE_OPAQUE)) {
		ret = copy_parts(in, node, top);
		ready &= ret > 0;
		ret = ret < 0 ? ret : 0;
	}
	if (!ret && ready) {
		g->nodes.data[top].end = (uint32_t)g->nodes.len - top;
		if (ks_graph_settle(g, top, first_extra, unit_of(in, node), node, nr))
			return 1;
		ret = ks_error_nomem(in->err);
	}
	g->nodes.len = top;
	g->extras.len = first_extra;
	return ret;
}

/* Intern @node, and first all on the way to it that has no name.  @memo: it is no
 * named type, so others can refer to its shape. */
static int intern_one(struct ks_interner *in, uint32_t node, bool memo, uint32_t *nr)
{
	int ret = need(in, node);

	while (!ret && in->stack.len) {
		uint32_t n = in->stack.data[in->stack.len - 1];
		bool keep = memo || in->stack.len > 1;

		/* Needed twice by the same. */
		if (keep && in->refs.data[n] && in->refs.data[n] != OPEN) {
			*nr = in->refs.data[n];
			in->stack.len--;
			continue;
		}
		ret = try_shape(in, n, nr);
		if (ret < 0)
			return ret;
		if (keep)
			in->refs.data[n] = ret ? *nr : OPEN;
		if (ret)
			in->stack.len--;
		ret = 0;
	}
	return ret;
}

static int intern_named(struct ks_interner *in, uint32_t node)
{
	struct ks_graph *g = in->g;
	size_t nr_shapes = g->shapes.len;
	uint32_t nr = 0;
	int ret = intern_one(in, node, false, &nr);

	/* A new one, and none of those that it needed. */
	if (!ret && nr >= nr_shapes) {
		struct ks_named *named = &g->named.data[KS_REF_NUMBER(in->refs.data[node])];

		g->shapes.data[nr].next = named->shapes;
		named->shapes = nr;
	}
	if (!ret && in->defs) {
		struct ks_def *def = ks_vec_push(in->defs);

		if (!def)
			return ks_error_nomem(in->err);
		*def = (struct ks_def){ KS_REF_NUMBER(in->refs.data[node]), nr, node };
	}
	return ret;
}

int ks_intern(struct ks_interner *in, uint32_t node, ks_ref *ref)
{
	int ret = try_ref(in, node, ref);

	in->stack.len = 0;
	if (!ret)
		ret = intern_one(in, node, true, ref);
	while (ret >= 0 && in->todo.len)
		ret = intern_named(in, in->todo.data[--in->todo.len]);
	return ret < 0 ? ret : 0;
}
