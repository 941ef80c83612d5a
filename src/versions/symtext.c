// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/symtext.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
	[KS_KIND_VARIANT_PART] = "variant_part {",
	[KS_KIND_VARIANT] = "variant {",
	[KS_KIND_FUNCTION] = "subprogram",
};

/* "type name { type } attributes" */
#define KINDS_WRAPPER                                                                     \
	(KS_KINDS(KS_KIND_POINTER) | KS_KINDS(KS_KIND_REFERENCE) |                        \
	 KS_KINDS(KS_KIND_RVALUE_REFERENCE) | KS_KINDS(KS_KIND_CONST) |                   \
	 KS_KINDS(KS_KIND_VOLATILE) | KS_KINDS(KS_KIND_RESTRICT) |                        \
	 KS_KINDS(KS_KIND_ATOMIC) | KS_KINDS(KS_KIND_IMMUTABLE) |                         \
	 KS_KINDS(KS_KIND_PACKED) | KS_KINDS(KS_KIND_SHARED) |                            \
	 KS_KINDS(KS_KIND_TYPEDEF) | KS_KINDS(KS_KIND_TEMPLATE_TYPE))
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

void ks_symtext_free(struct ks_symtext *t)
{
	ks_vec_free(&t->bytes);
	ks_vec_free(&t->refs);
}

void ks_symtext_clear(struct ks_symtext *t)
{
	t->bytes.len = t->refs.len = 0;
	t->len = 0;
}

void ks_symtext_writer_free(struct ks_symtext_writer *w)
{
	free(w->named);
	ks_vec_free(&w->stack);
}

int ks_symtext_add(struct ks_symtext *t, const char *s, size_t len, struct ksym_error *err)
{
	if (len > UINT32_MAX - t->bytes.len || !ks_vec_reserve(&t->bytes, len))
		return ks_error_nomem(err);
	memcpy(t->bytes.data + t->bytes.len, s, len);
	t->bytes.len += len;
	t->len += len;
	return 0;
}

int ks_symtext_add_ref(struct ks_symtext *t, struct ks_strpool *type_names, uint32_t type,
		    struct ksym_error *err)
{
	struct ks_symtext_ref *ref = ks_vec_push(&t->refs);

	if (!ref)
		return ks_error_nomem(err);
	*ref = (struct ks_symtext_ref){ .pos = (uint32_t)t->bytes.len, .type = type };
	t->len += type_names->entries[type].len;
	return 0;
}

int ks_symtext_type_name(struct ks_symtext_writer *w, uint32_t nr, uint32_t *name)
{
	const struct ks_named *n = &w->g->named.data[nr];
	const char *text, *quote;
	char buf[8], prefix = 's', *s;
	int len;

	if (!w->named) {
		w->named = calloc(w->g->named.len + 1, sizeof(*w->named));
		if (!w->named)
			return ks_error_nomem(w->err);
	}
	if (!w->named[nr]) {
		text = ks_graph_text(w->g, n->name, buf);
		quote = strchr(text, ' ') ? "'" : "";
		if (n->kind == KS_KIND_UNION)
			prefix = 'u';
		else if (n->kind == KS_KIND_ENUM)
			prefix = 'e';
		else if (n->kind == KS_KIND_TYPEDEF)
			prefix = 't';
		len = asprintf(&s, "%c#%s%s%s", prefix, quote, text, quote);
		if (len < 0)
			return ks_error_nomem(w->err);
		*name = ks_strpool_add(w->type_names, s, (size_t)len);
		free(s);
		if (*name == KS_STRPOOL_NONE)
			return ks_error_nomem(w->err);
		w->named[nr] = *name + 1;
	}
	*name = w->named[nr] - 1;
	return 0;
}

/* ---------------------------------------------------------------- pieces */

static int add(struct ks_symtext_writer *w, const char *s)
{
	size_t len = strlen(s);

	if (ks_unlikely(w->out->len + len > w->max_len))
		return ks_error(w->err, -EBADMSG,
				"%s: a type is more than %" PRIu64 " bytes when written out: expected types without a name not to be inside each other without end",
				w->path, w->max_len);
	return ks_symtext_add(w->out, s, len, w->err);
}

/* A name, which is taken for a reference when it looks like one. */
static int add_name(struct ks_symtext_writer *w, ks_name name)
{
	char buf[8];
	const char *s = ks_graph_text(w->g, name, buf);
	uint32_t nr;

	if (ks_likely(!ks_symtext_is_ref(s)))
		return add(w, s);
	nr = ks_strpool_add(w->type_names, s, strlen(s));
	return nr == KS_STRPOOL_NONE ? ks_error_nomem(w->err)
				     : ks_symtext_add_ref(w->out, w->type_names, nr, w->err);
}

static int add_number(struct ks_symtext_writer *w, const char *before, uint64_t n, const char *after)
{
	char buf[64];

	snprintf(buf, sizeof(buf), "%s%" PRIu64 "%s", before, n, after);
	return add(w, buf);
}

/* The full name, if it has one that is not "". */
static int add_own_name(struct ks_symtext_writer *w, const struct ks_type *n)
{
	char buf[8];
	int ret;

	if (!n->name || !*ks_graph_text(w->g, n->name, buf))
		return 0;
	ret = add(w, " ");
	return ret ? ret : add_name(w, n->name);
}

static int add_attributes(struct ks_symtext_writer *w, uint32_t node)
{
	const struct ks_type *n = &w->g->nodes.data[node];
	const struct ks_type_extra *x = n->attrs & KS_ATTRS_EXTRA ? ks_graph_extra(w->g, node) : NULL;
	int ret = 0;

	if (n->kind == KS_KIND_MEMBER || n->kind == KS_KIND_PARAMETER) {
		if (n->attrs & KS_ATTR_ACCESSIBILITY)
			ret = add_number(w, " accessibility(", x->accessibility, ")");
		if (!ret && n->attrs & KS_ATTR_BIT_SIZE)
			ret = add_number(w, " bit_size(", x->bit_size, ")");
		if (!ret && n->attrs & KS_ATTR_BIT_OFFSET)
			ret = add_number(w, " data_bit_offset(", x->bit_offset, ")");
		if (!ret && n->attrs & KS_ATTR_VALUE)
			ret = add_number(w, " data_member_location(", n->value, ")");
		return ret;
	}
	if (n->attrs & KS_ATTR_VALUE)
		ret = add_number(w, n->kind == KS_KIND_VARIANT ? " discr_value(" : " byte_size(",
				 n->value, ")");
	if (!ret && n->attrs & KS_ATTR_ENCODING)
		ret = add_number(w, " encoding(", x->encoding, ")");
	if (!ret && n->attrs & KS_ATTR_ALIGNMENT)
		ret = add_number(w, " alignment(", x->alignment, ")");
	return ret;
}

/* -------------------------------------------------------------- the walk */

static int enter(struct ks_symtext_writer *w, uint32_t node)
{
	struct ks_symtext_frame *f = ks_vec_push(&w->stack);

	if (!f)
		return ks_error_nomem(w->err);
	*f = (struct ks_symtext_frame){ .node = node, .child = node + 1, .first = true };
	return 0;
}

/* The type that a node refers to: by name, or written out. */
static int add_type(struct ks_symtext_writer *w, ks_ref ref)
{
	uint32_t name;
	int ret;

	if (!ref)
		return add(w, "base_type void");
	if (!KS_REF_IS_NAMED(ref))
		return enter(w, w->g->shapes.data[ref].node);
	ret = ks_symtext_type_name(w, KS_REF_NUMBER(ref), &name);
	return ret ? ret : ks_symtext_add_ref(w->out, w->type_names, name, w->err);
}

static int unexpected(struct ks_symtext_writer *w, const struct ks_type *n)
{
	if (n->kind == KS_KIND_OTHER)
		return ks_error(w->err, -ENOTSUP,
				"%s: .debug_info: tag 0x%" PRIx64 " in a type: expected one that C or Rust code has",
				w->path, n->value);
	return ks_error(w->err, -ENOTSUP,
			"%s: .debug_info: %s where none can be: expected members in structures, types elsewhere",
			w->path, kind_names[n->kind] ? kind_names[n->kind] : "a DIE");
}

/* The comma before all but the first of a list. */
static int add_comma(struct ks_symtext_writer *w, struct ks_symtext_frame *list, uint8_t flags)
{
	if (list->first || (flags & KS_TYPE_NO_COMMA)) {
		list->first = false;
		return 0;
	}
	return add(w, " , ");
}

/*
 * Enter the next child of the list that @f is: 1, or 0 at its end.  The stack may move.
 */
static int next_child(struct ks_symtext_writer *w, struct ks_symtext_frame *f)
{
	const struct ks_type *nodes = w->g->nodes.data;

	while (f->child < nodes[f->node].end) {
		uint32_t node = f->child;
		const struct ks_type *n = &nodes[node];
		int ret;

		f->child = n->end;
		if (n->kind == KS_KIND_MORE_PARAMETERS)
			continue;
		f->listed = true;
		if (n->flags & KS_TYPE_IGNORED)
			continue;
		if (!ks_kind_in(n->kind, KINDS_LISTED))
			return unexpected(w, n);
		ret = add_comma(w, f, n->flags);
		if (!ret)
			ret = enter(w, node);
		return ret ? ret : 1;
	}
	return 0;
}

/* Leave the node on top, whose text is complete but for @end and its attributes. */
static int leave(struct ks_symtext_writer *w, uint32_t node, const char *end, bool attributes)
{
	int ret = *end ? add(w, end) : 0;

	w->stack.len--;
	return ret || !attributes ? ret : add_attributes(w, node);
}

static int step_wrapper(struct ks_symtext_writer *w, struct ks_symtext_frame *f, const struct ks_type *n)
{
	int ret;

	if (f->step++)
		return leave(w, f->node, " }", true);
	ret = add(w, kind_names[n->kind]);
	if (!ret)
		ret = add_own_name(w, n);
	if (!ret)
		ret = add(w, " { ");
	return ret ? ret : add_type(w, n->type);
}

static int step_array(struct ks_symtext_writer *w, struct ks_symtext_frame *f, const struct ks_type *n)
{
	int ret;

	if (f->step++)
		return leave(w, f->node, " }", false);
	ret = add(w, "array_type");
	for (uint32_t i = f->node + 1; i < n->end && !ret; i++) {
		const struct ks_type *range = &w->g->nodes.data[i];

		ret = range->attrs & KS_ATTR_VALUE ? add_number(w, "[", range->value, "]")
						   : add(w, "[]");
	}
	if (!ret)
		ret = add(w, " { ");
	return ret ? ret : add_type(w, n->type);
}

static int step_list(struct ks_symtext_writer *w, struct ks_symtext_frame *f, const struct ks_type *n)
{
	int ret = 0;

	if (!f->step) {
		f->step = 1;
		ret = add(w, kind_names[n->kind]);
		if (!ret && ks_kind_in(n->kind, KS_KINDS_AGGREGATE)) {
			ret = add_own_name(w, n);
			if (!ret)
				ret = add(w, " {");
		}
		if (!ret)
			ret = add(w, " ");
	}
	if (!ret)
		ret = next_child(w, f);
	return ret ? ret : leave(w, f->node, f->listed ? " }" : "}", true);
}

static int step_function(struct ks_symtext_writer *w, struct ks_symtext_frame *f,
			 const struct ks_type *n, bool as_symbol)
{
	int ret = 0;

	if (f->step == 2)
		return leave(w, f->node, "", false);
	if (!f->step) {
		f->step = 1;
		ret = add(w, kind_names[as_symbol ? KS_KIND_FUNCTION : n->kind]);
		if (!ret)
			ret = add(w, " ( ");
	}
	if (!ret)
		ret = next_child(w, f);
	if (ret)
		return ret;
	f->step = 2;
	ret = add(w, f->listed ? " ) -> " : ") -> ");
	return ret ? ret : add_type(w, n->type);
}

static int step_child(struct ks_symtext_writer *w, struct ks_symtext_frame *f, const struct ks_type *n)
{
	int ret;

	if (!f->step++) {
		ret = add(w, kind_names[n->kind]);
		return ret ? ret : add_type(w, n->type);
	}
	ret = n->name ? add(w, " ") : 0;
	if (!ret && n->name)
		ret = add_name(w, n->name);
	return ret ? ret : leave(w, f->node, "", true);
}

static int step_enumerator(struct ks_symtext_writer *w, uint32_t node, const struct ks_type *n)
{
	int ret = add(w, "enumerator");

	if (!ret)
		ret = add_own_name(w, n);
	if (!ret && n->attrs & KS_ATTR_VALUE)
		ret = add_number(w, " = ", n->value, "");
	return ret ? ret : leave(w, node, "", false);
}

static int step_base(struct ks_symtext_writer *w, uint32_t node, const struct ks_type *n)
{
	int ret = add(w, "base_type");

	if (!ret)
		ret = add_own_name(w, n);
	return ret ? ret : leave(w, node, "", true);
}

/* "variable type", for a variable or what points to it. */
static int step_variable(struct ks_symtext_writer *w, struct ks_symtext_frame *f, const struct ks_type *n)
{
	int ret;

	if (f->step++)
		return leave(w, f->node, "", false);
	ret = add(w, "variable ");
	return ret ? ret : add_type(w, n->type);
}

/* Write what comes next of the node on top. */
static int step(struct ks_symtext_writer *w, bool as_symbol)
{
	struct ks_symtext_frame *f = &w->stack.data[w->stack.len - 1];
	const struct ks_type *n = &w->g->nodes.data[f->node];

	as_symbol &= w->stack.len == 1;
	if (n->flags & KS_TYPE_IGNORED)
		return leave(w, f->node, "", false);
	if (ks_kind_in(n->kind, KINDS_FUNCTION) && (as_symbol || n->kind == KS_KIND_SUBROUTINE))
		return step_function(w, f, n, as_symbol);
	if (as_symbol)
		return step_variable(w, f, n);
	if (ks_kind_in(n->kind, KINDS_WRAPPER))
		return step_wrapper(w, f, n);
	if (ks_kind_in(n->kind, KINDS_LIST))
		return step_list(w, f, n);
	switch (n->kind) {
	case KS_KIND_MEMBER:
	case KS_KIND_PARAMETER:
		return step_child(w, f, n);
	case KS_KIND_ENUMERATOR:
		return step_enumerator(w, f->node, n);
	case KS_KIND_ARRAY:
		return step_array(w, f, n);
	case KS_KIND_BASE:
		return step_base(w, f->node, n);
	case KS_KIND_UNSPECIFIED:
		return leave(w, f->node, kind_names[n->kind], false);
	}
	return unexpected(w, n);
}

int ks_symtext_shape(struct ks_symtext_writer *w, uint32_t shape, bool as_symbol, struct ks_symtext *out)
{
	int ret;

	w->out = out;
	w->stack.len = 0;
	ks_symtext_clear(out);
	ret = enter(w, w->g->shapes.data[shape].node);
	while (ret >= 0 && w->stack.len)
		ret = step(w, as_symbol);
	return ret < 0 ? ret : 0;
}
