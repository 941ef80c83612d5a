// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/diff.h"

#include <stdio.h>
#include <string.h>

#define POINTERS                                                                          \
	(KS_KINDS(KS_KIND_POINTER) | KS_KINDS(KS_KIND_REFERENCE) |                        \
	 KS_KINDS(KS_KIND_RVALUE_REFERENCE))
/* What changes nothing about how a value is kept and passed. */
#define QUALIFIERS                                                                        \
	(KS_KINDS(KS_KIND_CONST) | KS_KINDS(KS_KIND_VOLATILE) | KS_KINDS(KS_KIND_RESTRICT) | \
	 KS_KINDS(KS_KIND_IMMUTABLE) | KS_KINDS(KS_KIND_SHARED))
#define WRAPPERS                                                                          \
	(POINTERS | QUALIFIERS | KS_KINDS(KS_KIND_ATOMIC) | KS_KINDS(KS_KIND_PACKED) |    \
	 KS_KINDS(KS_KIND_ARRAY))
#define FUNCTIONS (KS_KINDS(KS_KIND_FUNCTION) | KS_KINDS(KS_KIND_SUBROUTINE))
/* Types that wrap types without end are hostile. */
#define MAX_STEPS 1000
/* Of "ops.open(2)"; what is longer loses its beginning. */
#define MAX_WHERE ((size_t)250)

void ks_diff_compare_free(struct ks_diff_compare *c)
{
	ks_vec_free(&c->work);
	ks_vec_free(&c->out);
}

int ks_diff_emit(struct ks_diff_compare *c, struct ksym_diff_change change)
{
	struct ksym_diff_change *slot;

	if (c->propose)
		return 0;
	slot = ks_vec_push(&c->out);
	if (!slot || !change.where)
		return ks_error_nomem(c->err);
	*slot = change;
	return 0;
}

const char *ks_diff_where(struct ks_diff_compare *c, const char *prefix, const char *name,
			  uint32_t len)
{
	char *s;
	size_t n = strlen(prefix);
	bool dot = n && len && *name != '(';

	if (c->propose)
		return "";
	if (len > MAX_WHERE)
		len = (uint32_t)MAX_WHERE;
	if (n + len > MAX_WHERE) {	/* the inner ones tell more */
		prefix += n + len - MAX_WHERE;
		n = MAX_WHERE - len;
	}
	s = ks_arena_alloc(&c->d->arena, n + dot + len + 1);
	if (!s)
		return NULL;
	memcpy(s, prefix, n);
	if (dot)
		s[n] = '.';
	memcpy(s + n + dot, name, len);
	return s;
}

bool ks_diff_same_nodes(const struct ks_diff_compare *c, struct ks_diff_node o, struct ks_diff_node n)
{
	const struct ks_symtree_node *a = ks_diff_at(o), *b = ks_diff_at(n);

	return ks_diff_same(c->p, o.t->text + a->start, a->len, n.t->text + b->start, b->len);
}

/* -------------------------------------------------------------- one side */

/* What a reference leads to; false: nothing that is understood. */
static bool follow_ref(struct ks_diff_compare *c, int side, struct ks_diff_node *n)
{
	const struct ks_symtree_node *x = ks_diff_at(*n);
	struct ks_diff_unit *u = c->p->u[side];
	uint32_t nr = ks_strpool_find(&u->st.map.names, n->t->text + x->name, x->name_len);
	int ret;

	if (nr == KS_STRPOOL_NONE)
		return false;
	n->t = ks_diff_tree(u, nr, &ret);
	n->n = 0;
	c->failed |= ret != 0;
	return n->t;
}

/* The type behind typedefs and qualifiers. */
static bool resolve(struct ks_diff_compare *c, int side, struct ks_diff_node *n)
{
	for (int i = 0; i < MAX_STEPS; i++) {
		const struct ks_symtree_node *x = ks_diff_at(*n);

		if (x->kind == KS_SYMTREE_REF) {
			struct ks_diff_node to = *n;

			if (!follow_ref(c, side, &to))
				return false;
			if (ks_diff_at(to)->kind != KS_KIND_TYPEDEF)
				return true;
			*n = to;
		} else if (ks_kind_in(x->kind, QUALIFIERS) || x->kind == KS_KIND_TYPEDEF) {
			if (x->type == KS_SYMTREE_NONE)
				return false;
			n->n = x->type;
		} else {
			return true;
		}
	}
	return false;
}

/* Number of elements of "[2][3]"; "[]" has none. */
static uint64_t nr_elements(struct ks_diff_node n)
{
	const struct ks_symtree_node *x = ks_diff_at(n);
	const char *s = n.t->text + x->name, *end = s + x->name_len;
	uint64_t total = 1, dim = 0;

	for (; s < end; s++) {
		if (*s == '[') {
			dim = 0;
		} else if (*s >= '0' && *s <= '9') {
			if (dim > UINT32_MAX)
				return KSYM_DIFF_NOWHERE;
			dim = dim * 10 + (uint64_t)(*s - '0');
		} else if (*s == ']') {
			if (__builtin_mul_overflow(total, dim, &total))
				return KSYM_DIFF_NOWHERE;
		}
	}
	return total;
}

uint64_t ks_diff_bits(struct ks_diff_compare *c, int side, struct ks_diff_node n)
{
	uint64_t factor = 8, bits;

	for (int i = 0; i < MAX_STEPS; i++) {
		const struct ks_symtree_node *x = ks_diff_at(n);

		if (x->kind == KS_SYMTREE_REF) {
			if (!follow_ref(c, side, &n))
				break;
			continue;
		}
		if (ks_symtree_has(x, KS_SYMTREE_BYTE_SIZE))
			return __builtin_mul_overflow(factor, x->size, &bits) ? KSYM_DIFF_NOWHERE
									      : bits;
		if (x->kind == KS_KIND_ARRAY) {
			uint64_t nr = nr_elements(n);

			if (nr == KSYM_DIFF_NOWHERE || __builtin_mul_overflow(factor, nr, &factor))
				break;
		} else if (!ks_kind_in(x->kind, QUALIFIERS | KS_KINDS(KS_KIND_TYPEDEF) |
						KS_KINDS(KS_KIND_ATOMIC) | KS_KINDS(KS_KIND_PACKED))) {
			break;
		}
		if (x->type == KS_SYMTREE_NONE)
			break;
		n.n = x->type;
	}
	return KSYM_DIFF_NOWHERE;
}

/* ------------------------------------------------------------ classification */

static bool is_void(struct ks_diff_node n)
{
	const struct ks_symtree_node *x = ks_diff_at(n);

	return x->kind == KS_KIND_BASE && x->name_len == 4 && !memcmp(n.t->text + x->name, "void", 4);
}

static void say(struct ksym_diff_change *to, enum ksym_diff_class how, const char *note)
{
	to->how = how;
	to->note = note;
}

/* Two arrays of which the elements are the same. */
static bool same_elements(struct ks_diff_compare *c, const struct ks_diff_node node[2])
{
	struct ks_diff_node e[2] = { { node[0].t, ks_diff_at(node[0])->type },
				     { node[1].t, ks_diff_at(node[1])->type } };

	return resolve(c, 0, &e[0]) && resolve(c, 1, &e[1]) && ks_diff_same_nodes(c, e[0], e[1]);
}

static void classify_pointers(struct ks_diff_compare *c, const struct ks_diff_node node[2],
			      struct ksym_diff_change *to)
{
	struct ks_diff_node t[2] = { { node[0].t, ks_diff_at(node[0])->type },
				     { node[1].t, ks_diff_at(node[1])->type } };

	if (!resolve(c, 0, &t[0]) || !resolve(c, 1, &t[1]))
		say(to, KSYM_DIFF_DEPENDS, "points to another type");
	else if (ks_diff_same_nodes(c, t[0], t[1]))
		say(to, KSYM_DIFF_COMPATIBLE, "points to the same type, but for typedefs and qualifiers");
	else if (ks_kind_in(ks_diff_at(t[0])->kind, FUNCTIONS) ||
		 ks_kind_in(ks_diff_at(t[1])->kind, FUNCTIONS))
		say(to, KSYM_DIFF_INCOMPATIBLE, "points to a function that is called otherwise");
	else if (ks_diff_at(t[0])->kind == KS_KIND_BASE && ks_diff_at(t[1])->kind == KS_KIND_BASE &&
		 ks_diff_at(t[0])->size == ks_diff_at(t[1])->size)
		/* char with a sign, or without: compilers have an option for that. */
		say(to, KSYM_DIFF_DEPENDS, "points to values of the same size that are read otherwise");
	else
		say(to, KSYM_DIFF_DEPENDS, is_void(t[0]) || is_void(t[1])
			    ? "points to void on one side" : "points to another type");
}

/* What it means that a value has another type. */
static void classify(struct ks_diff_compare *c, const struct ks_diff_node node[2],
		     struct ksym_diff_change *to)
{
	struct ks_diff_node r[2] = { node[0], node[1] };
	const struct ks_symtree_node *a, *b;
	bool known = resolve(c, 0, &r[0]) && resolve(c, 1, &r[1]);

	a = ks_diff_at(r[0]);
	b = ks_diff_at(r[1]);
	if (known && ks_diff_same_nodes(c, r[0], r[1]))
		say(to, KSYM_DIFF_COMPATIBLE, "the same type, but for typedefs and qualifiers");
	else if (to->kind == KSYM_DIFF_RETURN && is_void(r[0]))
		say(to, KSYM_DIFF_DEPENDS, "returned nothing before");
	else if (to->kind == KSYM_DIFF_RETURN && is_void(r[1]))
		say(to, KSYM_DIFF_INCOMPATIBLE, "returns nothing now");
	else if (a->kind == KS_KIND_ARRAY && b->kind == KS_KIND_ARRAY && same_elements(c, r) &&
		 to->old_bits == to->new_bits)
		say(to, KSYM_DIFF_COMPATIBLE, "an array of the same elements and size");
	else if (to->old_bits != to->new_bits)
		say(to, KSYM_DIFF_INCOMPATIBLE, "of another size");
	else if (ks_kind_in(a->kind, POINTERS) && ks_kind_in(b->kind, POINTERS))
		classify_pointers(c, r, to);
	else if (a->kind == KS_KIND_BASE && b->kind == KS_KIND_BASE &&
		 ks_symtree_has(a, KS_SYMTREE_ENCODING) && a->encoding == b->encoding)
		say(to, KSYM_DIFF_COMPATIBLE, "kept in the same way");
	else if (a->kind == KS_KIND_BASE && b->kind == KS_KIND_BASE)
		say(to, KSYM_DIFF_DEPENDS, "of the same size, but read otherwise");
	else
		say(to, KSYM_DIFF_DEPENDS, "another type of the same size");
}

/* ------------------------------------------------------------------ types */

/* The type inside wrappers that both have. */
static void unwrap(struct ks_diff_node n[2])
{
	for (;;) {
		const struct ks_symtree_node *a = ks_diff_at(n[0]), *b = ks_diff_at(n[1]);

		if (a->kind != b->kind || !ks_kind_in(a->kind, WRAPPERS) ||
		    a->type == KS_SYMTREE_NONE || b->type == KS_SYMTREE_NONE ||
		    a->size != b->size || a->align != b->align || a->name_len != b->name_len ||
		    memcmp(n[0].t->text + a->name, n[1].t->text + b->name, a->name_len))
			return;
		n[0].n = a->type;
		n[1].n = b->type;
	}
}

static bool is_inside(struct ks_diff_node n[2])
{
	uint8_t kind = ks_diff_at(n[0])->kind;

	return kind == ks_diff_at(n[1])->kind && (ks_kind_in(kind, FUNCTIONS) ||
						  ks_kind_in(kind, KS_KINDS_AGGREGATE));
}

static int add_work(struct ks_diff_compare *c, const struct ks_diff_node node[2], const char *where)
{
	struct ks_diff_work *w = ks_vec_push(&c->work);

	if (!w || !where)
		return ks_error_nomem(c->err);
	*w = (struct ks_diff_work){ { node[0], node[1] }, where };
	return 0;
}

int ks_diff_types(struct ks_diff_compare *c, const struct ks_diff_node node[2],
		  struct ksym_diff_change proto)
{
	struct ks_diff_node core[2] = { node[0], node[1] };

	if (ks_diff_same_nodes(c, node[0], node[1]))
		return 0;
	unwrap(core);
	if (is_inside(core))
		return add_work(c, core, proto.where);
	if (c->propose)
		return ks_diff_at(core[0])->kind == KS_SYMTREE_REF &&
				       ks_diff_at(core[1])->kind == KS_SYMTREE_REF
			       ? c->propose(c->propose_arg, core) : 0;
	proto.old_text = ks_diff_render(&c->d->arena, node[0]);
	proto.new_text = ks_diff_render(&c->d->arena, node[1]);
	if (!proto.old_text || !proto.new_text)
		return ks_error_nomem(c->err);
	proto.old_bits = ks_diff_bits(c, 0, node[0]);
	proto.new_bits = ks_diff_bits(c, 1, node[1]);
	classify(c, node, &proto);
	return ks_diff_emit(c, proto);
}

/* -------------------------------------------------------------- functions */

struct parameters {
	KS_VEC(uint32_t) v;		/* nodes */
};

static int list_parameters(struct ks_diff_compare *c, struct ks_diff_node n, struct parameters *out)
{
	for (uint32_t i = ks_diff_at(n)->first; i != KS_SYMTREE_NONE; i = n.t->nodes.data[i].next) {
		uint32_t *slot;

		if (n.t->nodes.data[i].type == KS_SYMTREE_NONE)
			continue;
		slot = ks_vec_push(&out->v);
		if (!slot)
			return ks_error_nomem(c->err);
		*slot = i;
	}
	return 0;
}

static struct ks_diff_node type_of(struct ks_diff_node n)
{
	return (struct ks_diff_node){ n.t, ks_diff_at(n)->type };
}

static const char *parameter_where(struct ks_diff_compare *c, const char *prefix, size_t position,
				   struct ks_diff_node n)
{
	const struct ks_symtree_node *x = ks_diff_at(n);
	char buf[KSYM_NAME_LEN];
	int len = snprintf(buf, sizeof(buf), "(%zu%s%.*s)", position, x->name_len ? ":" : "",
			   x->name_len < 500 ? (int)x->name_len : 500, n.t->text + x->name);

	return ks_diff_where(c, prefix, buf, (uint32_t)len);
}

static bool same_name(struct ks_diff_node a, struct ks_diff_node b)
{
	const struct ks_symtree_node *x = ks_diff_at(a), *y = ks_diff_at(b);

	return x->name_len == y->name_len &&
	       !memcmp(a.t->text + x->name, b.t->text + y->name, x->name_len);
}

static bool same_parameter(struct ks_diff_compare *c, struct ks_diff_node a, struct ks_diff_node b)
{
	return ks_diff_same_nodes(c, type_of(a), type_of(b));
}

/* One parameter that both functions have. */
static int compare_parameter(struct ks_diff_compare *c, const char *prefix, size_t i, size_t j,
			     const struct ks_diff_node node[2])
{
	struct ks_diff_node types[2] = { type_of(node[0]), type_of(node[1]) };
	struct ksym_diff_change proto = {
		.kind = KSYM_DIFF_PARAMETER_RETYPED,
		.where = parameter_where(c, prefix, i + 1, node[0]),
		.nr = 1, .old_at = i + 1, .new_at = j + 1,
	};
	int ret;

	if (!proto.where)
		return ks_error_nomem(c->err);
	ret = ks_diff_types(c, types, proto);
	if (ret || same_name(node[0], node[1]) || c->propose)
		return ret;
	proto.kind = KSYM_DIFF_PARAMETER_RENAMED;
	proto.how = KSYM_DIFF_COMPATIBLE;
	proto.becomes = parameter_where(c, prefix, j + 1, node[1]);
	proto.old_bits = proto.new_bits = KSYM_DIFF_NOWHERE;
	if (!proto.becomes)
		return ks_error_nomem(c->err);
	if (!ks_diff_at(node[0])->name_len || !ks_diff_at(node[1])->name_len)
		proto.note = "declared without a name on one side";
	return ks_diff_emit(c, proto);
}

/* One parameter that @side alone has. */
static int lone_parameter(struct ks_diff_compare *c, const char *prefix, int side, size_t i,
			  struct ks_diff_node n)
{
	struct ksym_diff_change change = {
		.kind = side ? KSYM_DIFF_PARAMETER_ADDED : KSYM_DIFF_PARAMETER_REMOVED,
		.how = KSYM_DIFF_INCOMPATIBLE, .nr = 1,
		.where = parameter_where(c, prefix, i + 1, n),
		.old_at = side ? KSYM_DIFF_NOWHERE : i + 1,
		.new_at = side ? i + 1 : KSYM_DIFF_NOWHERE,
		.old_bits = side ? KSYM_DIFF_NOWHERE : ks_diff_bits(c, 0, type_of(n)),
		.new_bits = side ? ks_diff_bits(c, 1, type_of(n)) : KSYM_DIFF_NOWHERE,
	};
	const char *text;

	if (c->propose)
		return 0;
	text = ks_diff_render(&c->d->arena, type_of(n));
	if (!text)
		return ks_error_nomem(c->err);
	if (side)
		change.new_text = text;
	else
		change.old_text = text;
	return ks_diff_emit(c, change);
}

/* How far ahead a parameter's counterpart is looked for. */
#define LOOK_AHEAD 16

/* Position in [j, end) of the counterpart of parameter @o, or end. */
static size_t find_parameter(struct ks_diff_compare *c, struct ks_diff_node o, struct ks_diff_node fn,
			     const struct parameters *v, size_t j, size_t end)
{
	size_t stop = end - j > LOOK_AHEAD ? j + LOOK_AHEAD : end;

	for (size_t k = j; k < stop; k++) {
		struct ks_diff_node n = { fn.t, v->v.data[k] };

		if (same_parameter(c, o, n) && same_name(o, n))
			return k;
	}
	for (size_t k = j; k < stop; k++) {
		struct ks_diff_node n = { fn.t, v->v.data[k] };

		if (ks_diff_at(o)->name_len ? same_name(o, n) : same_parameter(c, o, n))
			return k;
	}
	return end;
}

static int compare_parameters(struct ks_diff_compare *c, const struct ks_diff_work *w,
			      const struct parameters v[2])
{
	size_t nr[2] = { v[0].v.len, v[1].v.len }, j = 0;
	int ret = 0;

	for (size_t i = 0; i < nr[0] && !ret; i++) {
		struct ks_diff_node n[2] = { { w->node[0].t, v[0].v.data[i] }, { w->node[1].t, 0 } };
		size_t k = nr[0] == nr[1] ? i : find_parameter(c, n[0], w->node[1], &v[1], j, nr[1]);

		if (k == nr[1]) {
			ret = lone_parameter(c, w->where, 0, i, n[0]);
			continue;
		}
		for (; j < k && !ret; j++)
			ret = lone_parameter(c, w->where, 1, j,
					     (struct ks_diff_node){ w->node[1].t, v[1].v.data[j] });
		n[1].n = v[1].v.data[k];
		if (!ret)
			ret = compare_parameter(c, w->where, i, k, n);
		j = k + 1;
	}
	for (; j < nr[1] && !ret; j++)
		ret = lone_parameter(c, w->where, 1, j,
				     (struct ks_diff_node){ w->node[1].t, v[1].v.data[j] });
	return ret;
}

static int compare_functions(struct ks_diff_compare *c, const struct ks_diff_work *w)
{
	struct ks_diff_node types[2] = { type_of(w->node[0]), type_of(w->node[1]) };
	struct parameters v[2] = { 0 };
	int ret = list_parameters(c, w->node[0], &v[0]);

	if (!ret)
		ret = list_parameters(c, w->node[1], &v[1]);
	if (!ret)
		ret = compare_parameters(c, w, v);
	if (!ret)
		ret = ks_diff_types(c, types, (struct ksym_diff_change){
			.kind = KSYM_DIFF_RETURN, .where = ks_diff_where(c, w->where, "()", 2),
			.nr = 1, .old_at = KSYM_DIFF_NOWHERE, .new_at = KSYM_DIFF_NOWHERE });
	ks_vec_free(&v[0].v);
	ks_vec_free(&v[1].v);
	return ret;
}

/* ------------------------------------------------------------------- roots */

static bool is_declaration(const struct ks_symtree_node *n)
{
	return n->first == KS_SYMTREE_NONE && !ks_symtree_has(n, KS_SYMTREE_BYTE_SIZE);
}

static struct ksym_diff_change of_whole(enum ksym_diff_kind kind, enum ksym_diff_class how)
{
	return (struct ksym_diff_change){
		.kind = kind, .how = how, .where = "", .nr = 1,
		.old_at = KSYM_DIFF_NOWHERE, .new_at = KSYM_DIFF_NOWHERE,
		.old_bits = KSYM_DIFF_NOWHERE, .new_bits = KSYM_DIFF_NOWHERE,
	};
}

static int compare_roots(struct ks_diff_compare *c, const struct ks_diff_node n[2])
{
	const struct ks_symtree_node *a = ks_diff_at(n[0]), *b = ks_diff_at(n[1]);
	struct ks_diff_node types[2] = { type_of(n[0]), type_of(n[1]) };
	struct ksym_diff_change change;

	if (a->kind != b->kind) {
		change = of_whole(KSYM_DIFF_TYPE_KIND, KSYM_DIFF_DEPENDS);
		change.old_text = ks_diff_render(&c->d->arena, n[0]);
		change.new_text = ks_diff_render(&c->d->arena, n[1]);
		change.old_bits = ks_diff_bits(c, 0, n[0]);
		change.new_bits = ks_diff_bits(c, 1, n[1]);
		if (change.old_bits != change.new_bits || a->kind == KS_KIND_FUNCTION ||
		    b->kind == KS_KIND_FUNCTION)
			change.how = KSYM_DIFF_INCOMPATIBLE;
		if (!change.old_text || !change.new_text)
			return ks_error_nomem(c->err);
		return ks_diff_emit(c, change);
	}
	if (ks_kind_in(a->kind, KS_KINDS_AGGREGATE)) {
		if (is_declaration(a) != is_declaration(b))
			return ks_diff_emit(c, of_whole(is_declaration(a) ? KSYM_DIFF_DEFINED
									  : KSYM_DIFF_UNDEFINED,
							KSYM_DIFF_COMPATIBLE));
		return add_work(c, n, "");
	}
	if (ks_kind_in(a->kind, FUNCTIONS))
		return add_work(c, n, "");
	if (types[0].n == KS_SYMTREE_NONE || types[1].n == KS_SYMTREE_NONE)
		return 0;
	change = of_whole(a->kind == KS_KIND_VARIABLE ? KSYM_DIFF_VARIABLE : KSYM_DIFF_TARGET, 0);
	return ks_diff_types(c, types, change);
}

/* Which words two texts differ in. */
static int compare_words(struct ks_diff_compare *c, const char *a, size_t a_len, const char *b,
			 size_t b_len)
{
	struct ksym_diff_change change = of_whole(KSYM_DIFF_TEXT, KSYM_DIFF_DEPENDS);
	size_t start = 0, end = 0, len, min = a_len < b_len ? a_len : b_len;

	while (start < min && a[start] == b[start])
		start++;
	while (start && start < a_len && a[start - 1] != ' ')
		start--;
	while (end < min - start && a[a_len - end - 1] == b[b_len - end - 1])
		end++;
	while (end && a[a_len - end] != ' ')
		end--;
	len = a_len - end - start;
	change.old_text = ks_arena_strdup(&c->d->arena, a + start, len < 200 ? len : 200);
	len = b_len - end - start;
	change.new_text = ks_arena_strdup(&c->d->arena, b + start, len < 200 ? len : 200);
	if (!change.old_text || !change.new_text)
		return ks_error_nomem(c->err);
	return ks_diff_emit(c, change);
}

static struct ks_symtypes_text text_of(const struct ks_diff_unit *u, uint32_t nr)
{
	return nr < u->st.types.len ? u->st.types.data[nr] : u->st.symbol_texts.data[nr - u->st.types.len];
}

int ks_diff_texts(struct ks_diff_compare *c, const uint32_t nr[2])
{
	struct ks_diff_node n[2] = { { 0 }, { 0 } };
	struct ks_symtypes_text a = text_of(c->p->u[0], nr[0]), b = text_of(c->p->u[1], nr[1]);
	int ret = 0;

	c->out.len = c->work.len = 0;
	for (int side = 0; side < 2 && !ret; side++)
		n[side].t = ks_diff_tree(c->p->u[side], nr[side], &ret);
	if (ret)
		return ks_error_nomem(c->err);
	if (n[0].t && n[1].t)
		ret = compare_roots(c, n);
	while (!ret && c->work.len) {
		struct ks_diff_work w = c->work.data[--c->work.len];
		uint8_t kind = ks_diff_at(w.node[0])->kind;

		if (ks_kind_in(kind, FUNCTIONS))
			ret = compare_functions(c, &w);
		else if (kind == KS_KIND_ENUM)
			ret = ks_diff_enums(c, &w);
		else
			ret = ks_diff_aggregates(c, &w);
	}
	if (!ret && c->failed)
		ret = ks_error_nomem(c->err);
	if (!ret && !c->out.len && !c->propose && !ks_diff_same(c->p, a.s ? a.s : "", a.len, b.s ? b.s : "", b.len))
		ret = compare_words(c, a.s ? a.s : "", a.len, b.s ? b.s : "", b.len);
	return ret;
}
