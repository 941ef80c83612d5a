// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/grammar.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const kind_names[KS_NR_KINDS] = {
	[KS_KIND_BASE] = "base_type",
	[KS_KIND_UNSPECIFIED] = "unspecified_type",
	[KS_KIND_POINTER] = "pointer_type",
	[KS_KIND_REFERENCE] = "reference_type",
	[KS_KIND_RVALUE_REFERENCE] = "rvalue_reference_type",
	[KS_KIND_CONST] = "const_type",
	[KS_KIND_VOLATILE] = "volatile_type",
	[KS_KIND_RESTRICT] = "restrict_type",
	[KS_KIND_ATOMIC] = "atomic_type",
	[KS_KIND_IMMUTABLE] = "immutable_type",
	[KS_KIND_PACKED] = "packed_type",
	[KS_KIND_SHARED] = "shared_type",
	[KS_KIND_TYPEDEF] = "typedef_type",
	[KS_KIND_TEMPLATE_TYPE] = "template_type_parameter_type",
	[KS_KIND_ARRAY] = "array_type",
	[KS_KIND_SUBROUTINE] = "subroutine_type",
	[KS_KIND_STRUCT] = "structure_type",
	[KS_KIND_CLASS] = "class_type",
	[KS_KIND_UNION] = "union_type",
	[KS_KIND_ENUM] = "enumeration_type",
	[KS_KIND_ENUMERATOR] = "enumerator",
	[KS_KIND_MEMBER] = "member ",
	[KS_KIND_PARAMETER] = "formal_parameter ",
	[KS_KIND_VARIANT_PART] = "variant_part",
	[KS_KIND_VARIANT] = "variant",
	[KS_KIND_FUNCTION] = "subprogram",
};

/* "type (list) -> type" */
#define KINDS_FUNCTION (KS_KINDS(KS_KIND_SUBROUTINE) | KS_KINDS(KS_KIND_FUNCTION))
/* "{ list }" */
#define KINDS_LIST                                                                        \
	(KS_KINDS_AGGREGATE | KS_KINDS(KS_KIND_VARIANT_PART) | KS_KINDS(KS_KIND_VARIANT))
/* What stands in lists, with commas between. */
#define KINDS_LISTED                                                                      \
	(KS_KINDS(KS_KIND_MEMBER) | KS_KINDS(KS_KIND_PARAMETER) |                         \
	 KS_KINDS(KS_KIND_ENUMERATOR) | KS_KINDS(KS_KIND_VARIANT_PART) |                  \
	 KS_KINDS(KS_KIND_VARIANT))


static int add(struct ks_grammar *g, const char *s)
{
	return g->ops->text(g, s);
}

static int add_number(struct ks_grammar *g, const char *before, uint64_t n, const char *after)
{
	char buf[64];

	snprintf(buf, sizeof(buf), "%s%" PRIu64 "%s", before, n, after);
	return add(g, buf);
}

/* The full name, if it has one that is not "". */
static int add_own_name(struct ks_grammar *g, const struct ks_type *n)
{
	int ret;

	if (!n->name || (n->flags & KS_TYPE_NAMELESS) || g->ops->is_empty(g, n->name))
		return 0;
	ret = add(g, " ");
	return ret ? ret : g->ops->name(g, n->name);
}

static int add_attributes(struct ks_grammar *g, uint32_t node)
{
	const struct ks_type *n = &g->nodes[node];
	const struct ks_type_extra *x = n->attrs & KS_ATTRS_EXTRA ? g->ops->extra(g, node) : NULL;
	int ret = 0;

	if (n->kind == KS_KIND_MEMBER || n->kind == KS_KIND_PARAMETER) {
		if (n->attrs & KS_ATTR_ACCESSIBILITY)
			ret = add_number(g, " accessibility(", x->accessibility, ")");
		if (!ret && n->attrs & KS_ATTR_BIT_SIZE)
			ret = add_number(g, " bit_size(", x->bit_size, ")");
		if (!ret && n->attrs & KS_ATTR_BIT_OFFSET)
			ret = add_number(g, " data_bit_offset(", x->bit_offset, ")");
		if (!ret && n->attrs & KS_ATTR_VALUE)
			ret = add_number(g, " data_member_location(", n->value, ")");
		return ret;
	}
	if (n->attrs & KS_ATTR_VALUE)
		ret = add_number(g, n->kind == KS_KIND_VARIANT ? " discr_value(" : " byte_size(",
				 n->value, ")");
	if (!ret && n->attrs & KS_ATTR_ENCODING)
		ret = add_number(g, " encoding(", x->encoding, ")");
	if (!ret && n->attrs & KS_ATTR_ALIGNMENT)
		ret = add_number(g, " alignment(", x->alignment, ")");
	return ret;
}

static int add_type(struct ks_grammar *g, uint32_t ref)
{
	return ref ? g->ops->type(g, ref) : add(g, "base_type void");
}

/* -------------------------------------------------------------- the walk */

int ks_grammar_enter(struct ks_grammar *g, uint32_t node)
{
	struct ks_grammar_frame *f = ks_vec_push(&g->stack);

	if (!f)
		return ks_error_nomem(g->err);
	*f = (struct ks_grammar_frame){ .node = node, .child = node + 1, .first = true,
					  .fresh = true };
	return 0;
}

static int unexpected(struct ks_grammar *g, const struct ks_type *n)
{
	if (n->kind == KS_KIND_OTHER)
		return ks_error(g->err, -ENOTSUP,
				"%s: .debug_info: tag 0x%" PRIx64 " in a type: expected one that C or Rust code has",
				g->path, n->value);
	return ks_error(g->err, -ENOTSUP,
			"%s: .debug_info: %s where none can be: expected members in structures, types elsewhere",
			g->path, kind_names[n->kind] ? kind_names[n->kind] : "a DIE");
}

/* Enter the next child of the list that the frame on top is: 1, or 0 at its end. */
static int next_child(struct ks_grammar *g)
{
	size_t top = g->stack.len - 1;
	uint32_t parent = g->stack.data[top].node;

	while (g->stack.data[top].child < g->nodes[parent].end) {
		struct ks_grammar_frame *f = &g->stack.data[top];
		uint32_t node = f->child;
		const struct ks_type *n = &g->nodes[node];
		int ret;

		f->child = n->end;
		if (n->kind == KS_KIND_MORE_PARAMETERS || !g->ops->is_part(g, parent, node))
			continue;
		if (n->flags & KS_TYPE_IGNORED) {
			/* It has its place, with nothing in it. */
			ret = add(g, "");
			if (ret)
				return ret;
			continue;
		}
		if (!ks_kind_in(n->kind, KINDS_LISTED))
			return unexpected(g, n);
		if (g->ops->comma(g, f, node)) {
			ret = add(g, " ,");
			if (!ret)
				ret = g->ops->line_break(g, 0);
			if (ret)
				return ret;
		}
		f->first = false;
		ret = ks_grammar_enter(g, node);
		return ret ? ret : 1;
	}
	return 0;
}

/* Leave the node on top, whose text is complete but for its attributes. */
static int leave(struct ks_grammar *g, bool attributes)
{
	struct ks_grammar_frame f = g->stack.data[--g->stack.len];

	if (g->ops->leave)
		g->ops->leave(g, &f);
	return attributes ? add_attributes(g, f.node) : 0;
}

static void list(struct ks_grammar *g, bool begins)
{
	if (g->ops->list)
		g->ops->list(g, &g->stack.data[g->stack.len - 1], begins);
}

/* "{", on lines of its own what follows. */
static int open_brace(struct ks_grammar *g)
{
	int ret = add(g, " {");

	return ret ? ret : g->ops->line_break(g, 1);
}

static int close_brace(struct ks_grammar *g)
{
	int ret = g->ops->line_break(g, -1);

	return ret ? ret : add(g, "}");
}

static int step_wrapper(struct ks_grammar *g, struct ks_grammar_frame *f, const struct ks_type *n)
{
	int ret;

	if (f->step) {
		ret = close_brace(g);
		return ret ? ret : leave(g, true);
	}
	f->step = 1;
	ret = add(g, kind_names[n->kind]);
	if (!ret)
		ret = add_own_name(g, n);
	if (!ret)
		ret = open_brace(g);
	return ret ? ret : add_type(g, n->type);
}

static int step_array(struct ks_grammar *g, struct ks_grammar_frame *f, const struct ks_type *n)
{
	uint32_t node = f->node;
	int ret;

	if (f->step) {
		ret = close_brace(g);
		return ret ? ret : leave(g, false);
	}
	f->step = 1;
	ret = add(g, "array_type");
	list(g, true);
	for (uint32_t i = node + 1; i < n->end && !ret; i = g->nodes[i].end) {
		const struct ks_type *range = &g->nodes[i];

		if (!g->ops->is_part(g, node, i))
			continue;
		ret = range->attrs & KS_ATTR_VALUE ? add_number(g, "[", range->value, "]")
						   : add(g, "[]");
	}
	list(g, false);
	if (!ret)
		ret = open_brace(g);
	return ret ? ret : add_type(g, n->type);
}

static int step_list(struct ks_grammar *g, struct ks_grammar_frame *f, const struct ks_type *n)
{
	bool closed = f->closed;
	int ret = 0;

	if (!f->step) {
		f->step = 1;
		ret = add(g, kind_names[n->kind]);
		if (!ret && ks_kind_in(n->kind, KS_KINDS_AGGREGATE))
			ret = add_own_name(g, n);
		if (!ret)
			ret = open_brace(g);
		if (!closed)
			list(g, true);
	}
	if (!ret && !closed)
		ret = next_child(g);
	if (ret)
		return ret;
	if (!closed)
		list(g, false);
	ret = close_brace(g);
	return ret ? ret : leave(g, !closed && n->kind != KS_KIND_VARIANT_PART);
}

static int step_function(struct ks_grammar *g, struct ks_grammar_frame *f,
			 const struct ks_type *n, bool as_symbol)
{
	int ret = 0;

	if (f->step == 2)
		return leave(g, false);
	if (!f->step) {
		f->step = 1;
		ret = add(g, kind_names[as_symbol ? KS_KIND_FUNCTION : n->kind]);
		if (!ret)
			ret = add(g, " (");
		if (!ret)
			ret = g->ops->line_break(g, 1);
		list(g, true);
	}
	if (!ret)
		ret = next_child(g);
	if (ret)
		return ret;
	f->step = 2;
	list(g, false);
	ret = g->ops->line_break(g, -1);
	if (!ret)
		ret = add(g, ")");
	if (!ret)
		ret = g->ops->line_break(g, 0);
	if (!ret)
		ret = add(g, "-> ");
	return ret ? ret : add_type(g, n->type);
}

static int step_child(struct ks_grammar *g, struct ks_grammar_frame *f, const struct ks_type *n)
{
	int ret;

	if (!f->step) {
		f->step = 1;
		ret = add(g, kind_names[n->kind]);
		return ret ? ret : add_type(g, n->type);
	}
	ret = n->name ? add(g, " ") : 0;
	if (!ret && n->name)
		ret = g->ops->name(g, n->name);
	return ret ? ret : leave(g, true);
}

static int step_enumerator(struct ks_grammar *g, const struct ks_type *n)
{
	int ret = add(g, "enumerator");

	if (!ret)
		ret = add_own_name(g, n);
	if (!ret && n->attrs & KS_ATTR_VALUE) {
		ret = add(g, " = ");
		if (!ret)
			ret = add_number(g, "", n->value, "");
	}
	return ret ? ret : leave(g, false);
}

static int step_base(struct ks_grammar *g, const struct ks_type *n)
{
	int ret = add(g, "base_type");

	if (!ret)
		ret = add_own_name(g, n);
	return ret ? ret : leave(g, true);
}

/* "variable type", for a variable or what points to it. */
static int step_variable(struct ks_grammar *g, struct ks_grammar_frame *f, const struct ks_type *n)
{
	int ret;

	if (f->step)
		return leave(g, false);
	f->step = 1;
	ret = add(g, "variable ");
	return ret ? ret : add_type(g, n->type);
}

/* Write what comes next of the node on top. */
static int step(struct ks_grammar *g, bool as_symbol)
{
	struct ks_grammar_frame *f = &g->stack.data[g->stack.len - 1];
	const struct ks_type *n = &g->nodes[f->node];
	int ret;

	as_symbol &= g->stack.len == 1;
	if (n->flags & KS_TYPE_IGNORED)
		return leave(g, false);
	if (ks_kind_in(n->kind, KINDS_FUNCTION) && (as_symbol || n->kind == KS_KIND_SUBROUTINE))
		return step_function(g, f, n, as_symbol);
	if (as_symbol)
		return step_variable(g, f, n);
	if (ks_kind_in(n->kind, KS_KINDS_WRAPPER))
		return step_wrapper(g, f, n);
	if (ks_kind_in(n->kind, KINDS_LIST))
		return step_list(g, f, n);
	switch (n->kind) {
	case KS_KIND_MEMBER:
	case KS_KIND_PARAMETER:
		return step_child(g, f, n);
	case KS_KIND_ENUMERATOR:
		return step_enumerator(g, n);
	case KS_KIND_ARRAY:
		return step_array(g, f, n);
	case KS_KIND_BASE:
		return step_base(g, n);
	case KS_KIND_UNSPECIFIED:
		ret = add(g, kind_names[n->kind]);
		return ret ? ret : leave(g, false);
	}
	return unexpected(g, n);
}

int ks_grammar_write(struct ks_grammar *g, uint32_t node, bool as_symbol)
{
	int ret;

	g->stack.len = 0;
	ret = ks_grammar_enter(g, node);
	while (ret >= 0 && g->stack.len)
		ret = step(g, as_symbol);
	return ret < 0 ? ret : 0;
}
