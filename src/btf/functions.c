// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One name, one prototype: a tracer that attaches by name has to find what it was told.
 * So a name that stands for several functions gets none, nor one whose parameters are not
 * where the ABI has them.  The rules are pahole's; docs/design.md has the table.
 */
#include "btf/objects.h"

#include <string.h>

/* ------------------------------------------------------------ equal enough */

struct pair {
	ks_ref a, b;
};

struct comparison {
	const struct ks_items *it;
	const struct ks_graph *g;
	KS_VEC(struct pair) todo;
	unsigned int steps;		/* left to be made */
};

/* Enough for any prototype, and the end of those that double at each step. */
#define MAX_STEPS 65536u

/* What a reference leads to. */
static unsigned int kind_of(const struct comparison *c, ks_ref ref)
{
	if (!KS_REF_IS_NAMED(ref))
		return KS_BTF_KIND(ks_item(c->it, ref));
	switch (c->g->named.data[KS_REF_NUMBER(ref)].kind) {
	case KS_KIND_UNION:
		return BTF_KIND_UNION;
	case KS_KIND_ENUM:
		return BTF_KIND_ENUM;
	case KS_KIND_TYPEDEF:
		return BTF_KIND_TYPEDEF;
	}
	return BTF_KIND_STRUCT;
}

/* Text of the name; definitions told apart by a number have it behind a newline. */
static size_t name_of(const struct comparison *c, ks_ref ref, const char **s, char buf[8])
{
	if (KS_REF_IS_NAMED(ref))
		*s = ks_graph_text(c->g, c->g->named.data[KS_REF_NUMBER(ref)].name, buf);
	else
		*s = ks_strpool_get(&c->it->strings, ks_item(c->it, ref)[0]);
	return strcspn(*s, "\n");
}

static bool same_name(const struct comparison *c, ks_ref a, ks_ref b)
{
	char buf_a[8], buf_b[8];
	const char *s, *t;
	size_t len = name_of(c, a, &s, buf_a);

	return len == name_of(c, b, &t, buf_b) && !memcmp(s, t, len);
}

static bool push_pair(struct comparison *c, ks_ref a, ks_ref b)
{
	struct pair *p = ks_vec_push(&c->todo);

	if (p)
		*p = (struct pair){ a, b };
	return p;
}

static bool push_protos(struct comparison *c, const uint32_t *t, const uint32_t *u)
{
	bool ok = KS_BTF_VLEN(t) == KS_BTF_VLEN(u) && push_pair(c, t[2], u[2]);

	for (uint32_t i = 0; i < KS_BTF_VLEN(t) && ok; i++)
		ok = push_pair(c, t[4 + 2 * i], u[4 + 2 * i]);
	return ok;
}

/* Names are taken for what they stand for, and const on one side does not matter. */
static bool same_pair(struct comparison *c, ks_ref a, ks_ref b)
{
	while (a != b) {
		unsigned int kind, other;
		const uint32_t *t, *u;

		if (!a || !b || !c->steps--)
			return false;
		kind = kind_of(c, a);
		other = kind_of(c, b);
		if (kind != other && kind == BTF_KIND_CONST) {
			a = ks_item(c->it, a)[2];
			continue;
		}
		if (kind != other && other == BTF_KIND_CONST) {
			b = ks_item(c->it, b)[2];
			continue;
		}
		if (kind != other)
			return false;
		if (KS_REF_IS_NAMED(a) || KS_REF_IS_NAMED(b))
			return same_name(c, a, b);
		t = ks_item(c->it, a);
		u = ks_item(c->it, b);
		switch (kind) {
		case BTF_KIND_PTR:
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
		case KS_BTF_TYPE_TAG:
			a = t[2];
			b = u[2];
			break;
		case BTF_KIND_ARRAY:
			if (t[5] != u[5])
				return false;
			a = t[3];
			b = u[3];
			break;
		case BTF_KIND_FUNC_PROTO:
			return push_protos(c, t, u);
		case BTF_KIND_INT:
			return t[2] == u[2] && t[3] == u[3] && same_name(c, a, b);
		case KS_BTF_FLOAT:
			return t[2] == u[2] && same_name(c, a, b);
		default:
			return same_name(c, a, b);
		}
	}
	return true;
}

static bool same_function(struct comparison *c, ks_ref a, ks_ref b)
{
	bool same = push_pair(c, a, b);

	c->steps = MAX_STEPS;
	while (same && c->todo.len) {
		struct pair p = c->todo.data[--c->todo.len];

		same = same_pair(c, p.a, p.b);
	}
	c->todo.len = 0;
	return same;
}

/* ------------------------------------------------------------------ choice */

static int compare_funcs(const void *a, const void *b)
{
	const struct ks_btf_func *x = a, *y = b;

	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

/* Is it called in another way than its prototype says? */
static bool is_optimized(const struct ks_objects *o, const struct ks_btf_func *f)
{
	bool optimized = false;

	if (!(f->flags & KS_FUNC_OPTIMIZED))
		return false;
	if (f->flags & KS_FUNC_HAS_VA)
		ks_btf_symbols_at(o->s, f->name, f->va, &optimized);
	return optimized || f->flags & KS_FUNC_NOCALL;
}

/* Of those with one name: the first that is the symbol's, if it can be one that is called as
 * it says. */
static const struct ks_btf_func *choose(const struct ks_objects *o, const struct ks_btf_func *f,
					size_t nr)
{
	const struct ks_btf_func *first = NULL;
	bool optimized;

	if (nr == 1)
		return f;
	for (size_t i = 0; i < nr; i++) {
		if (!(f[i].flags & KS_FUNC_HAS_VA) ||
		    !ks_btf_symbols_at(o->s, f[i].name, f[i].va, &optimized))
			continue;
		if (!is_optimized(o, &f[i]))
			return &f[i];
		if (!first)
			first = &f[i];
	}
	return first ? first : f;
}

/* Is there a reason not to describe it?  Counted by the first. */
static bool is_left_out(struct ks_objects *o, struct comparison *c, const struct ks_btf_func *f,
			size_t nr, const struct ks_btf_func *best)
{
	const struct ks_btf_name *name = &o->s->v.data[f->name];
	uint32_t flags = 0;
	bool same = true;

	if (o->opts->flags & KSYM_BTF_NO_OPTIMIZED && !(name->flags & KS_NAME_PLAIN))
		return true;
	if (o->opts->flags & KSYM_BTF_ALL_FUNCTIONS)
		return false;
	for (size_t i = 0; i < nr; i++)
		flags |= f[i].flags;
	for (size_t i = 1; i < nr && same; i++)
		same = same_function(c, o->refs[f->shape], o->refs[f[i].shape]);
	if (name->flags & KS_NAME_AMBIGUOUS)
		o->info->nr_ambiguous++;
	else if (flags & KS_FUNC_UNEXPECTED)
		o->info->nr_registers++;
	else if (flags & KS_FUNC_REORDERED || is_optimized(o, best))
		o->info->nr_optimized++;
	else if (flags & KS_FUNC_PACKED)
		o->info->nr_packed++;
	else if (!same)
		o->info->nr_inconsistent++;
	else
		return false;
	return true;
}

/* -------------------------------------------------------------------- emit */

int ks_emit_tag(struct ks_objects *o, const char *text, uint32_t id, int32_t part)
{
	uint32_t words[4] = { 0, KS_BTF_INFO(KS_BTF_DECL_TAG, 0, 0), id, (uint32_t)part };

	words[0] = ks_strpool_add(&o->e->it->strings, text, strlen(text));
	if (words[0] == KS_STRPOOL_NONE || !ks_btf_types_add(&o->e->out, words, 4))
		return ks_error_nomem(o->err);
	return 0;
}

static int emit_node_tags(struct ks_objects *o, uint32_t node, uint32_t id, int32_t part)
{
	const struct ks_graph *g = &o->c->g;
	int ret = 0;
	char buf[8];

	for (uint32_t i = node + 1; i < g->nodes.data[node].end && !ret; i = g->nodes.data[i].end)
		if (g->nodes.data[i].kind == KS_KIND_TAG && g->nodes.data[i].value == KS_TAG_DECL)
			ret = ks_emit_tag(o, ks_graph_text(g, g->nodes.data[i].name, buf), id, part);
	return ret;
}

int ks_emit_object_tags(struct ks_objects *o, ks_ref shape, uint32_t id)
{
	const struct ks_graph *g = &o->c->g;
	uint32_t node = g->shapes.data[shape].node;
	int32_t part = 0;
	int ret = 0;

	if (o->opts->flags & KSYM_BTF_NO_DECL_TAG)
		return 0;
	for (uint32_t i = node + 1; i < g->nodes.data[node].end && !ret; i = g->nodes.data[i].end)
		if (g->nodes.data[i].kind == KS_KIND_PARAMETER)
			ret = emit_node_tags(o, i, id, part++);
	return ret ? ret : emit_node_tags(o, node, id, -1);
}

/* A pointer into an arena, like the pointer @id: 0 when out of memory. */
static uint32_t arena_pointer(struct ks_objects *o, uint32_t id)
{
	uint32_t tag[3] = { 0, KS_BTF_INFO(KS_BTF_TYPE_TAG, 1, 0), 0 };
	uint32_t pointer[3] = { 0, KS_BTF_INFO(BTF_KIND_PTR, 0, 0), 0 };

	if (!id || KS_BTF_KIND(ks_btf_type(&o->e->out, id)) != BTF_KIND_PTR)
		return id;
	tag[0] = ks_strpool_add(&o->e->it->strings, "address_space(1)", 16);
	tag[2] = ks_btf_type(&o->e->out, id)[2];
	if (tag[0] == KS_STRPOOL_NONE)
		return 0;
	pointer[2] = ks_emit_type(o->e, tag, 3);
	return pointer[2] ? ks_emit_type(o->e, pointer, 3) : 0;
}

/* The prototype @id of a kernel function that BPF programs call with pointers into arenas. */
static int arena_proto(struct ks_objects *o, uint8_t flags, uint32_t *id)
{
	static const struct {
		uint8_t flag, word;
	} places[] = { { KS_NAME_ARENA_RETURN, 2 }, { KS_NAME_ARENA_FIRST, 4 }, { KS_NAME_ARENA_SECOND, 6 } };
	uint32_t nr = ks_btf_words(ks_btf_type(&o->e->out, *id));
	uint32_t *words = malloc(nr * sizeof(*words));
	bool ok = words;

	if (ok)
		memcpy(words, ks_btf_type(&o->e->out, *id), nr * sizeof(*words));
	for (size_t i = 0; i < sizeof(places) / sizeof(*places) && ok; i++) {
		uint32_t *type = places[i].word < nr && flags & places[i].flag ? &words[places[i].word] : NULL;

		if (type && *type) {
			*type = arena_pointer(o, *type);
			ok = *type;
		}
	}
	if (ok)
		*id = ks_emit_type(o->e, words, nr);
	free(words);
	return ok && *id ? 0 : ks_error_nomem(o->err);
}

static int emit_function(struct ks_objects *o, const struct ks_btf_func *f)
{
	const struct ks_strpool_entry *name = &o->s->names.entries[f->name];
	uint32_t words[3] = { 0, KS_BTF_INFO(BTF_KIND_FUNC, 0, 0), 0 }, id;
	uint8_t flags = o->s->v.data[f->name].flags;
	int ret = ks_emit_ref(o->e, o->refs[f->shape], o->e->s->unit_context[f->unit], &words[2]);

	if (!ret && o->opts->flags & KSYM_BTF_ATTRIBUTES &&
	    flags & (KS_NAME_ARENA_RETURN | KS_NAME_ARENA_FIRST | KS_NAME_ARENA_SECOND))
		ret = arena_proto(o, flags, &words[2]);
	if (ret)
		return ret;
	words[0] = ks_strpool_add(&o->e->it->strings, name->s, name->len);
	if (words[0] == KS_STRPOOL_NONE)
		return ks_error_nomem(o->err);
	id = ks_btf_types_add(&o->e->out, words, 3);
	if (!id)
		return ks_error_nomem(o->err);
	ret = ks_emit_object_tags(o, f->tags ? f->tags : f->shape, id);
	if (o->opts->flags & (KSYM_BTF_NO_KFUNC_TAGS | KSYM_BTF_NO_DECL_TAG))
		return ret;
	if (!ret && flags & KS_NAME_KFUNC)
		ret = ks_emit_tag(o, "bpf_kfunc", id, -1);
	if (!ret && flags & KS_NAME_FASTCALL)
		ret = ks_emit_tag(o, "bpf_fastcall", id, -1);
	return ret;
}

int ks_emit_functions(struct ks_objects *o)
{
	struct comparison c = { .it = o->e->it, .g = &o->c->g };
	struct ks_btf_func *f = o->c->funcs.data;
	size_t nr = o->c->funcs.len, end;
	int ret = 0;

	if (nr)
		qsort(f, nr, sizeof(*f), compare_funcs);
	for (size_t i = 0; i < nr && !ret; i = end) {
		const struct ks_btf_func *best;

		for (end = i + 1; end < nr && f[end].name == f[i].name; end++)
			;
		best = choose(o, f + i, end - i);
		if (!is_left_out(o, &c, f + i, end - i, best))
			ret = emit_function(o, best);
	}
	ks_vec_free(&c.todo);
	return ret;
}
