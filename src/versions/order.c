// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/order.h"

#include <string.h>

/* Kinds whose children are gone through as a list. */
#define KINDS_CONTAINER                                                                   \
	(KS_KINDS_AGGREGATE | KS_KINDS(KS_KIND_ARRAY) | KS_KINDS(KS_KIND_SUBROUTINE) |    \
	 KS_KINDS(KS_KIND_FUNCTION) | KS_KINDS(KS_KIND_VARIANT_PART) |                    \
	 KS_KINDS(KS_KIND_VARIANT))
#define KINDS_FUNCTION (KS_KINDS(KS_KIND_SUBROUTINE) | KS_KINDS(KS_KIND_FUNCTION))

enum step {
	STEP_ENTER,
	STEP_CHILDREN,
	STEP_TYPE,
	STEP_LEAVE,
};

void ks_order_free(struct ks_order *o)
{
	ks_vec_free(&o->state);
	ks_vec_free(&o->entered);
	ks_vec_free(&o->stack);
	ks_vec_free(&o->stands_for);
	ks_vec_free(&o->files);
}

static ks_cold int entangled(const struct ks_order *o)
{
	return ks_error(o->err, -EBADMSG,
			"%s: .debug_info: unit at offset 0x%llx: types lead back to each other in too many ways",
			o->t->path, (unsigned long long)o->t->base_off);
}

/* Is there nothing to walk at @node?  It is done; or an aggregate on the way; or something
 * else on the way to which no aggregate led back: that goes round for ever. */
static inline bool is_passed(const struct ks_order *o, uint32_t node)
{
	uint8_t state;

	if (!node || node == KS_TYPE_DANGLING)
		return true;
	state = o->state.data[node];
	if (ks_likely(!state))
		return false;
	return (state & KS_ORDER_DONE) ||
	       ks_kind_in(o->t->nodes.data[node].kind, KS_KINDS_AGGREGATE) ||
	       o->entered.data[node] == o->nr_entered;
}

static inline int enter(struct ks_order *o, uint32_t node)
{
	struct ks_order_frame *f;

	if (is_passed(o, node))
		return 0;
	if (ks_unlikely(!o->budget--))
		return entangled(o);
	f = ks_vec_push(&o->stack);
	if (ks_unlikely(!f))
		return ks_error_nomem(o->err);
	f->node = node;
	f->child = node + 1;
	o->state.data[node] |= KS_ORDER_OPEN;
	o->nr_entered += ks_kind_in(o->t->nodes.data[node].kind, KS_KINDS_AGGREGATE);
	o->entered.data[node] = o->nr_entered;
	return 0;
}

/* Does @node, of a list, believe to be the first although another one is before it? */
static void mark_comma(struct ks_order *o, uint32_t node)
{
	struct ks_type *nodes = o->t->nodes.data;
	uint32_t i = nodes[node].parent + 1;

	if (o->first && nodes[node].kind == KS_KIND_PARAMETER) {
		while (i < node && nodes[i].kind != KS_KIND_PARAMETER)
			i = nodes[i].end;
		if (i < node)
			nodes[node].flags |= KS_TYPE_NO_COMMA;
	}
	o->first = false;
}

/* A member or parameter without more to walk than its type. */
static inline int walk_typed(struct ks_order *o, uint32_t node)
{
	struct ks_type *n = &o->t->nodes.data[node];

	/* Parameters are met again where a function type is; members never. */
	if (o->state.data[node] & KS_ORDER_DONE)
		return 0;
	if (o->kabi || !is_passed(o, n->type))
		return enter(o, node);
	if (o->first)
		mark_comma(o, node);
	o->state.data[node] |= KS_ORDER_DONE;
	return 0;
}

static int walk_child(struct ks_order *o, uint32_t parent, uint32_t node)
{
	const struct ks_type *n = &o->t->nodes.data[node];
	unsigned int parent_kind = o->t->nodes.data[parent].kind;

	switch (n->kind) {
	case KS_KIND_PARAMETER:
		return ks_kind_in(parent_kind, KINDS_FUNCTION) ? walk_typed(o, node) : 0;
	case KS_KIND_MEMBER:
		if (!ks_kind_in(parent_kind, KINDS_CONTAINER & ~KINDS_FUNCTION))
			return 0;
		if (o->kabi && ks_kabi_leaves_out(o, node))
			return 0;
		return walk_typed(o, node);
	case KS_KIND_VARIANT_PART:
	case KS_KIND_VARIANT:
		return enter(o, node);
	case KS_KIND_ENUMERATOR:
		return o->kabi ? ks_kabi_enumerator(o, parent, node) : 0;
	}
	return 0;
}

/* 1 when a child was entered, 0 when all are done. */
static int walk_children(struct ks_order *o, struct ks_order_frame *f)
{
	const struct ks_type *nodes = o->t->nodes.data;
	uint32_t node = f->node, end = nodes[node].end, i = f->child;
	size_t depth = o->stack.len;

	if (nodes[node].flags & KS_TYPE_OPAQUE)
		return 0;
	if (nodes[node].kind == KS_KIND_ENUM && !o->kabi)
		i = end;
	while (i < end) {
		int ret = walk_child(o, node, i);

		i = nodes[i].end;
		if (ret)
			return ret;
		if (o->stack.len > depth) {
			o->stack.data[depth - 1].child = i;
			return 1;
		}
	}
	o->first = false;
	return 0;
}

/* Is aggregate @node defined in a .c file, as far as is known of its file's number? */
static int judge_file(struct ks_order *o, uint32_t node)
{
	const struct ks_type_file *f = o->t->files.data;
	struct ks_type *n = &o->t->nodes.data[node];
	struct ks_order_file *known;
	size_t lo = 0, hi = o->t->files.len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (f[mid].node < node)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == o->t->files.len || f[lo].node != node || (n->flags & KS_TYPE_DECLARATION))
		return 0;
	/* Numbers are below that of the files of a unit. */
	while (o->files.len <= f[lo].file)
		if (!ks_vec_push(&o->files))
			return ks_error_nomem(o->err);
	known = &o->files.data[f[lo].file];
	if (known->unit != o->unit)
		*known = (struct ks_order_file){ o->unit, f[lo].is_private };
	n->flags &= (uint8_t)~(KS_TYPE_PRIVATE | KS_TYPE_OPAQUE);
	if (known->is_private)
		n->flags |= KS_TYPE_PRIVATE | KS_TYPE_OPAQUE;
	return 0;
}

static void hide_name(struct ks_order *o, uint32_t node)
{
	struct ks_type *nodes = o->t->nodes.data;

	if (!ks_kind_in(nodes[node].kind, KS_KINDS_TYPES))
		return;
	nodes[node].flags |= KS_TYPE_NAMELESS;
	for (uint32_t i = node + 1; nodes[node].kind == KS_KIND_ENUM && i < nodes[node].end; i++)
		nodes[i].flags |= KS_TYPE_NAMELESS;
}

static int begin(struct ks_order *o, uint32_t node)
{
	const struct ks_type *n = &o->t->nodes.data[node];
	int ret = 0;

	if (ks_unlikely(o->hide && node >= o->unit_end))
		hide_name(o, node);
	if (o->t->files.len && ks_kind_in(n->kind, KS_KINDS_AGGREGATE)) {
		ret = judge_file(o, node);
		if (ret)
			return ret;
	}

	if (ks_kind_in(n->kind, KS_KINDS(KS_KIND_PARAMETER) | KS_KINDS(KS_KIND_MEMBER) |
					KS_KINDS(KS_KIND_VARIANT) | KS_KINDS(KS_KIND_VARIANT_PART)))
		mark_comma(o, node);
	if (o->kabi)
		ret = ks_kabi_enter(o, node);
	if (ks_kind_in(n->kind, KINDS_CONTAINER) && !(n->flags & KS_TYPE_OPAQUE))
		o->first = true;
	return ret;
}

static void leave(struct ks_order *o, uint32_t node)
{
	struct ks_type *n = &o->t->nodes.data[node];

	if (o->new_name && ks_kind_in(n->kind, KS_KINDS(KS_KIND_MEMBER) | KS_KINDS(KS_KIND_PARAMETER)) &&
	    !(o->state.data[node] & KS_ORDER_DONE))
		n->name = o->new_name;
	o->state.data[node] = KS_ORDER_DONE;
	o->stack.len--;
}

/* Go on with the node on top. */
static int step(struct ks_order *o)
{
	size_t depth = o->stack.len;
	struct ks_order_frame *f = &o->stack.data[depth - 1];
	uint32_t node = f->node;
	int ret;

	switch (f->step) {
	case STEP_ENTER:
		if (o->kabi && o->t->nodes.data[node].kind == KS_KIND_UNION) {
			ret = ks_kabi_enter_union(o, node);
			if (ret) {
				leave(o, node);
				return ret < 0 ? ret : enter(o, o->stands_for.data[node]);
			}
		}
		ret = begin(o, node);
		if (ret)
			return ret;
		f->step = STEP_CHILDREN;
		__attribute__((fallthrough));
	case STEP_CHILDREN:
		if (ks_kind_in(o->t->nodes.data[node].kind, KINDS_CONTAINER)) {
			ret = walk_children(o, f);
			if (ret)
				return ret < 0 ? ret : 0;
		}
		f->step = STEP_LEAVE;
		ret = enter(o, o->t->nodes.data[node].type);
		if (ret || o->stack.len > depth)
			return ret;
		__attribute__((fallthrough));
	default:
		leave(o, node);
		return 0;
	}
}

static int begin_walk(struct ks_order *o, size_t nr)
{
	o->state.len = o->entered.len = o->stands_for.len = o->stack.len = o->files.len = 0;
	o->nr_entered = 0;
	o->new_name = 0;
	o->first = false;
	o->budget = 64 * (uint64_t)nr + (1 << 20);
	if (!ks_vec_reserve(&o->state, nr) || !ks_vec_reserve(&o->entered, nr) ||
	    (o->kabi && !ks_vec_reserve(&o->stands_for, nr)))
		return ks_error_nomem(o->err);
	o->state.len = o->entered.len = nr;
	memset(o->state.data, 0, nr);
	if (o->kabi)
		memset(o->stands_for.data, 0, nr * sizeof(*o->stands_for.data));
	return 0;
}

int ks_order_walk(struct ks_order *o, struct ks_types *t, const struct ks_kabi *kabi,
		  const uint32_t *roots, const uint32_t *units, size_t nr_roots, bool hide)
{
	int ret;

	o->t = t;
	o->kabi = kabi;
	o->hide = hide;
	ret = begin_walk(o, t->nodes.len);
	for (size_t i = 0; i < nr_roots && !ret; i++) {
		const struct ks_type *n = &t->nodes.data[roots[i]];

		o->unit = units ? units[i] + 1 : 1;
		o->unit_end = o->unit < t->units.len ? t->units.data[o->unit] : UINT32_MAX;
		/* A variable, or what points to one, tells its type. */
		ret = enter(o, ks_kind_in(n->kind, KINDS_FUNCTION) ? roots[i] : n->type);
		while (!ret && o->stack.len)
			ret = step(o);
	}
	return ret || !kabi ? ret : ks_kabi_redirect(o);
}
