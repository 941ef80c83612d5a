// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/collect.h"

#include <stdatomic.h>
#include <stdio.h>
#include "base/threads.h"
#include "btf/abi.h"
#include "btf/across.h"
#include "btf/apart.h"

#define MAX_LINKS 16	/* from a DIE to its origin's origin */
/* Children of a function that are looked through for its parameters and tags, which come first:
 * all that are there could be asked of one, and it could have any number. */
#define MAX_CHILDREN 4096u

struct job {
	const struct ks_dwarf *d;
	const struct ks_btf_symbols *s;
	const struct ks_collect_opts *opts;
	struct ksym_error *err;
	struct ks_units units;
	struct ks_dwarf_strings strings;	/* if not merged */
	struct worker *workers;
	unsigned int nr_workers;
	atomic_size_t next;
	struct ks_failure failure;	/* of the first unit that failed, or that wants all others */
};

/* The last definition of a named type. */
struct seen {
	uint32_t unit, shape;		/* unit + 1 */
};

struct worker {
	struct job *job;
	struct ks_loader loader;
	struct ks_types types;
	struct ks_graph g;
	struct ks_interner in;
	struct ks_abi abi;
	struct ks_defs unit_defs;
	struct ks_btf_defs defs;
	bool across;			/* are all units loaded together? */
	KS_VEC(struct ks_btf_func) funcs;
	KS_VEC(struct ks_btf_variable) vars;
	KS_VEC(struct seen) seen;	/* of each named type */
	KS_VEC(uint32_t) last;		/* of each name of functions: number + 1 in funcs */
	struct ks_aliases aliases;
	struct ksym_error err;
};

/* ----------------------------------------------------------------- origins */

/* Number of the first one of @node or of a node behind it. */
static size_t first_object(const struct ks_types *t, uint32_t node)
{
	size_t lo = 0, hi = t->objects.len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->objects.data[mid].node < node)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static const struct ks_type_object *object_of(const struct ks_types *t, uint32_t node)
{
	size_t i = first_object(t, node);

	return i < t->objects.len && t->objects.data[i].node == node ? &t->objects.data[i] : NULL;
}

/* What an object or its origin says of it. */
struct said {
	bool external, nocall, artificial;
	uint32_t node;	/* where that is said which it does not say itself */
};

static void add_said(struct said *said, const struct ks_type_object *o)
{
	said->external |= o->external;
	said->nocall |= o->nocall;
	said->artificial |= o->artificial;
}

/* Give @node the name and type that its origin has, where it has none. */
static struct said inherit(struct ks_types *t, uint32_t node, const struct ks_type_object *o)
{
	struct ks_type *n = &t->nodes.data[node];
	struct said said = { .node = node };

	add_said(&said, o);
	for (unsigned int i = 0; i < MAX_LINKS && o && o->origin; i++) {
		uint32_t origin = ks_types_at(t, o->origin);
		const struct ks_type *from = &t->nodes.data[origin];

		if (!origin || from->kind != n->kind)
			break;
		if (!n->name)
			n->name = from->name;
		if (!n->type)
			n->type = from->type;
		said.node = origin;
		o = object_of(t, origin);
		if (o)
			add_said(&said, o);
	}
	return said;
}

/* The unit whose types an object has, of which @node says most. */
static uint32_t home(const struct worker *w, uint32_t unit, uint32_t node)
{
	return w->across ? ks_types_unit(&w->types, node) : unit;
}

/* --------------------------------------------------------------- functions */

/* Tags of the function, or of one of its parameters. */
static bool has_tags(const struct ks_types *t, uint32_t node)
{
	const struct ks_type *nodes = t->nodes.data;
	uint32_t i = node + 1;

	for (uint32_t nr = 0; i < nodes[node].end && nr < MAX_CHILDREN; nr++) {
		if (nodes[i].kind == KS_KIND_TAG)
			return true;
		i = nodes[i].kind == KS_KIND_PARAMETER ? i + 1 : nodes[i].end;
	}
	return false;
}

/* Tags stand where the source is described, not where the code is. */
static int find_tags(struct worker *w, uint32_t node, const struct ks_type_object *o, ks_ref *tags)
{
	struct ks_types *t = &w->types;
	uint32_t origin = has_tags(t, node) ? 0 : ks_types_at(t, o->origin);

	if (!origin || t->nodes.data[origin].kind != KS_KIND_FUNCTION || !has_tags(t, origin))
		return 0;
	return ks_intern(&w->in, origin, tags);
}

/* Do @nr parameters come before @node? */
static bool is_at(const struct ks_types *t, uint32_t node, uint32_t nr)
{
	uint32_t parent = t->nodes.data[node].parent, seen = 0, i = parent + 1;

	for (; parent && i < node && seen < MAX_CHILDREN && nr != UINT32_MAX; seen++) {
		nr -= t->nodes.data[i].kind == KS_KIND_PARAMETER;
		i = t->nodes.data[i].end;
	}
	return !nr && (!parent || i >= node);
}

/* Names and types of parameters: false when one has no name. */
static bool inherit_params(struct ks_types *t, uint32_t node, const struct ks_type_object *o,
			   size_t nr, uint32_t *flags)
{
	uint32_t place = 0;

	for (uint32_t i = node + 1; i < t->nodes.data[node].end; i = t->nodes.data[i].end) {
		struct ks_type *n = &t->nodes.data[i];
		uint32_t origin;

		if (n->kind != KS_KIND_PARAMETER || n->parent != node)
			continue;
		while (nr && o->node < i)
			o++, nr--;
		if (nr && o->node == i && o->origin && !n->type) {
			origin = ks_types_at(t, o->origin);
			if (origin && t->nodes.data[origin].kind == KS_KIND_PARAMETER &&
			    !is_at(t, origin, place))
				*flags |= KS_FUNC_REORDERED;
			inherit(t, i, o);
		}
		if (!n->name)
			return false;
		place++;
	}
	return true;
}

/* Is it said of a parameter where it is?  Of a function in several ranges no address is. */
static bool has_places(const struct ks_types *t, uint32_t node, const struct ks_type_object *o,
		       size_t nr)
{
	for (size_t i = 0; i < nr && o[i].node < t->nodes.data[node].end; i++) {
		const struct ks_type *n = &t->nodes.data[o[i].node];

		if (o[i].form && n->kind == KS_KIND_PARAMETER && n->parent == node)
			return true;
	}
	return false;
}

/* The same as the last one of the name, in a unit before: nothing new. */
static bool is_known(struct worker *w, const struct ks_btf_func *f)
{
	struct ks_btf_func *last;

	if (f->flags || !w->last.data[f->name])
		return false;
	last = &w->funcs.data[w->last.data[f->name] - 1];
	return last->shape == f->shape && last->unit < f->unit && !(last->flags & KS_FUNC_HAS_VA);
}

static int add_function(struct worker *w, uint32_t unit, uint32_t node,
			const struct ks_type_object *o, size_t nr)
{
	struct ks_types *t = &w->types;
	struct ks_btf_func f = { .unit = unit, .node = node }, *slot;
	struct said said = { .node = node };
	char buf[8];
	int ret;

	if (nr && o->node == node) {
		if (o->declared)
			return 0;
		said = inherit(t, node, o);
		f.unit = home(w, unit, said.node);
		if (o->has_va) {
			f.va = o->va;
			f.flags = KS_FUNC_HAS_VA;
		}
	}
	if (!t->nodes.data[node].name)
		return 0;
	f.name = ks_btf_symbols_find(w->job->s, ks_name_text(t->str, &t->names,
							     t->nodes.data[node].name, buf));
	if (f.name == KS_STRPOOL_NONE || !inherit_params(t, node, o, nr, &f.flags))
		return 0;
	f.flags |= said.nocall ? KS_FUNC_NOCALL : 0;
	if (f.flags || has_places(t, node, o, nr)) {
		ret = ks_abi_check(&w->abi, t, node, o, nr, &f.flags, &w->err);
		if (ret)
			return ret;
	}
	ret = ks_intern(&w->in, node, &f.shape);
	if (!ret && nr && o->node == node && o->origin)
		ret = find_tags(w, node, o, &f.tags);
	if (ret || is_known(w, &f))
		return ret;
	slot = ks_vec_push(&w->funcs);
	if (!slot)
		return ks_error_nomem(&w->err);
	*slot = f;
	w->last.data[f.name] = (uint32_t)w->funcs.len;
	return 0;
}

/* --------------------------------------------------------------- variables */

/* DW_OP_deref_size 1, 1, DW_OP_mul, 0, DW_OP_plus, DW_OP_stack_value: clang keeps variables
 * that only ever have two values in a byte, and for a bool this is what it says then.  Other
 * numbers mean other values than those in the byte. */
static bool is_one_byte(struct ks_cursor *c)
{
	static const uint8_t ops[] = { DW_OP_deref_size, 1, DW_OP_lit1, DW_OP_mul, DW_OP_lit0,
				       DW_OP_plus, DW_OP_stack_value };

	return ks_cursor_left(c) == sizeof(ops) && !memcmp(c->pos, ops, sizeof(ops));
}

/* The address that an expression consists of: 1, or 0 when it is something else. */
static int address_of(struct worker *w, const struct ks_unit *u, const struct ks_type_object *o,
		      uint64_t *va, bool *one_byte)
{
	struct ks_cursor c = ks_cursor(o->expr, o->len, w->job->d->e->swap, w->types.path,
				       ".debug_info");
	unsigned int op = ks_cursor_u8(&c);
	uint64_t index;
	int ret = 0;

	if (op == DW_OP_addr) {
		*va = ks_cursor_uint(&c, u->addr_len);
	} else {
		index = ks_cursor_uleb(&c);
		if (!c.failed)
			ret = ks_unit_addrx(w->job->d, u, index, va, &w->err);
	}
	if (ret)
		return ret;
	/* Any other operation makes it a value: of a pointer, mostly. */
	if (!c.failed && ks_cursor_left(&c) && *c.pos == DW_OP_plus_uconst) {
		ks_cursor_u8(&c);
		*va += ks_cursor_uleb(&c);
	}
	*one_byte = !c.failed && is_one_byte(&c);
	return !c.failed && (*one_byte || !ks_cursor_left(&c));
}

static int add_variable(struct worker *w, uint32_t unit, uint32_t node,
			const struct ks_type_object *o)
{
	struct ks_types *t = &w->types;
	struct ks_btf_variable v = { .unit = unit, .node = node }, *slot;
	struct said said;
	int ret;

	if (!o->expr || o->declared)
		return 0;
	ret = address_of(w, &t->headers.data[ks_types_unit(t, node)].u, o, &v.va, &v.one_byte);
	if (ret <= 0)
		return ret;
	said = inherit(t, node, o);
	v.unit = home(w, unit, said.node);
	v.external = said.external;
	if (said.artificial || !t->nodes.data[node].name || !t->nodes.data[node].type)
		return 0;
	ret = ks_intern(&w->in, node, &v.shape);
	if (ret)
		return ret;
	slot = ks_vec_push(&w->vars);
	if (!slot)
		return ks_error_nomem(&w->err);
	*slot = v;
	return 0;
}

/* ------------------------------------------------------------------- types */

/* Everything in the unit of number @unit, whose nodes are [@first, @end). */
static int intern_nodes(struct worker *w, uint32_t unit, uint32_t first, uint32_t end)
{
	const struct ks_types *t = &w->types;
	size_t skipped = first_object(t, first), nr = t->objects.len - skipped;
	const struct ks_type_object *o = nr ? &t->objects.data[skipped] : NULL;
	int ret = 0;
	ks_ref ref;

	for (uint32_t i = first; i < end && !ret; i++) {
		unsigned int kind = t->nodes.data[i].kind;

		while (nr && o->node < i)
			o++, nr--;
		if (ks_kind_in(kind, KS_KINDS_NAMED | KS_KINDS(KS_KIND_BASE)))
			ret = ks_intern(&w->in, i, &ref);
		else if (kind == KS_KIND_FUNCTION && w->job->opts->functions)
			ret = add_function(w, unit, i, o, nr);
		else if (kind == KS_KIND_VARIABLE && w->job->opts->variables && nr && o->node == i)
			ret = add_variable(w, unit, i, o);
	}
	return ret;
}

/* Does a unit define a named type in two ways? */
static int find_clash(struct worker *w, uint32_t first_unit, bool *clash)
{
	size_t nr = w->g.named.len;

	*clash = false;
	if (nr > w->seen.len) {
		if (!ks_vec_reserve(&w->seen, nr - w->seen.len))
			return ks_error_nomem(&w->err);
		memset(w->seen.data + w->seen.len, 0, (nr - w->seen.len) * sizeof(*w->seen.data));
		w->seen.len = nr;
	}
	for (size_t i = 0; i < w->unit_defs.len; i++) {
		const struct ks_def *def = &w->unit_defs.data[i];
		struct seen *seen = &w->seen.data[def->named];

		if (!ks_is_definition(&w->g.nodes.data[w->g.shapes.data[def->shape].node]))
			continue;
		*clash |= seen->unit == first_unit + 1 && seen->shape != def->shape;
		*seen = (struct seen){ first_unit + 1, def->shape };
	}
	return 0;
}

static void forget(struct worker *w, size_t nr_funcs, size_t nr_vars)
{
	for (size_t i = nr_funcs; i < w->funcs.len; i++)
		w->last.data[w->funcs.data[i].name] = 0;
	w->funcs.len = nr_funcs;
	w->vars.len = nr_vars;
}

static int keep_defs(struct worker *w, uint32_t unit)
{
	if (!ks_vec_reserve(&w->defs, w->unit_defs.len))
		return ks_error_nomem(&w->err);
	for (size_t i = 0; i < w->unit_defs.len; i++)
		w->defs.data[w->defs.len++] = (struct ks_btf_def){
			unit, w->unit_defs.data[i].named, w->unit_defs.data[i].shape, false };
	return 0;
}

/* Everything that was loaded, of which the first unit has the number @first. */
static int intern_units(struct worker *w, uint32_t first)
{
	const struct ks_types *t = &w->types;
	int ret = ks_interner_begin(&w->in, t, first);

	w->unit_defs.len = 0;
	for (uint32_t i = 0; i < t->units.len && !ret; i++) {
		uint32_t end = i + 1 < t->units.len ? t->units.data[i + 1] : (uint32_t)t->nodes.len;

		ret = intern_nodes(w, first + i, t->units.data[i], end);
	}
	return ret;
}

/* The same once more, from the first of @nr_funcs and @nr_vars on, with definitions of one name
 * told apart, as ks_tell_apart() does it. */
static int intern_apart(struct worker *w, uint32_t first, size_t nr_funcs, size_t nr_vars,
			const bool *clash)
{
	int ret = ks_tell_apart(&w->aliases, &w->types, clash, &w->err);

	forget(w, nr_funcs, nr_vars);
	w->in.aliases = w->aliases.data;
	w->in.nr_aliases = w->aliases.len;
	return ret ? ret : intern_units(w, first);
}

/* The one unit that was loaded. */
static int intern_unit(struct worker *w, uint32_t unit)
{
	size_t nr_funcs = w->funcs.len, nr_vars = w->vars.len;
	bool clash = false;
	int ret;

	w->in.nr_aliases = 0;
	ret = intern_units(w, unit);
	if (!ret)
		ret = find_clash(w, unit, &clash);
	if (!ret && clash)
		ret = intern_apart(w, unit, nr_funcs, nr_vars, NULL);
	return ret ? ret : keep_defs(w, unit);
}

/* Types that are not there, or made of themselves: after all has been read, a fault of the
 * file's. */
static int as_bad(struct worker *w, int ret)
{
	if (ret != -ENOLINK && ret != -ELOOP)
		return ret;
	w->err.code = -EBADMSG;
	return -EBADMSG;
}

static int by_unit(const void *a, const void *b)
{
	const struct ks_btf_def *x = a, *y = b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	if (x->named != y->named)
		return x->named < y->named ? -1 : 1;
	return x->shape < y->shape ? -1 : x->shape > y->shape;
}

/* Which of all units define a named type in two ways?  *@clash is NULL when none does. */
static int find_clashes(struct worker *w, bool **clash)
{
	struct ks_btf_defs v = { 0 };

	*clash = NULL;
	if (!ks_vec_reserve(&v, w->unit_defs.len))
		return ks_error_nomem(&w->err);
	for (size_t i = 0; i < w->unit_defs.len; i++) {
		const struct ks_def *def = &w->unit_defs.data[i];

		if (ks_is_definition(&w->g.nodes.data[w->g.shapes.data[def->shape].node]))
			v.data[v.len++] = (struct ks_btf_def){ ks_types_unit(&w->types, def->node),
							       def->named, def->shape, false };
	}
	if (v.len)
		qsort(v.data, v.len, sizeof(*v.data), by_unit);
	for (size_t i = 1; i < v.len; i++) {
		const struct ks_btf_def *x = &v.data[i - 1], *y = &v.data[i];

		if (x->unit != y->unit || x->named != y->named || x->shape == y->shape)
			continue;
		if (!*clash)
			*clash = calloc(w->types.units.len, sizeof(**clash));
		if (!*clash) {
			ks_vec_free(&v);
			return ks_error_nomem(&w->err);
		}
		(*clash)[y->unit] = true;
	}
	ks_vec_free(&v);
	return 0;
}

/* All units, loaded together. */
static int intern_all(struct worker *w)
{
	bool *clash = NULL;
	int ret = intern_units(w, 0);

	if (!ret)
		ret = find_clashes(w, &clash);
	if (clash)
		ret = intern_apart(w, 0, 0, 0, clash);
	free(clash);
	return ret ? ret : ks_across(&w->defs, &w->types, w->unit_defs.data, w->unit_defs.len, &w->err);
}

/* ----------------------------------------------------------------- workers */

static int start(struct worker *w)
{
	const struct job *j = w->job;
	int ret = ks_loader_init(&w->loader, j->d, KS_LOADER_ALL, false, &w->err);

	w->loader.rust = j->opts->rust;
	w->loader.strings = j->strings.bits ? &j->strings : NULL;
	if (!ret)
		ret = ks_graph_init(&w->g, (const char *)j->d->s[KS_DWARF_STR].data, &w->err);
	w->in = (struct ks_interner){ .g = &w->g, .err = &w->err, .defs = &w->unit_defs };
	ks_abi_init(&w->abi, j->d);
	if (!ret && !ks_vec_reserve(&w->last, j->s->v.len + 1))
		ret = ks_error_nomem(&w->err);
	if (!ret)
		memset(w->last.data, 0, (j->s->v.len + 1) * sizeof(*w->last.data));
	return ret;
}

static void stop(struct worker *w)
{
	ks_loader_free(&w->loader);
	ks_types_free(&w->types);
	ks_graph_free(&w->g);
	ks_interner_free(&w->in);
	free(w->unit_defs.data);
	ks_vec_free(&w->defs);
	ks_vec_free(&w->funcs);
	ks_vec_free(&w->vars);
	ks_vec_free(&w->seen);
	ks_vec_free(&w->last);
	ks_vec_free(&w->aliases);
}

static int do_unit(struct worker *w, uint32_t unit)
{
	const struct ks_unit *u = &w->job->units.v.data[unit];
	int ret = ks_loader_begin(&w->loader, &w->types, u->off, u->end_off);

	if (!ret)
		ret = ks_loader_unit(&w->loader, u, NULL, 0);
	if (!ret)
		ret = ks_loader_end(&w->loader);
	return ret ? ret : as_bad(w, intern_unit(w, unit));
}

static void *do_units(void *arg)
{
	struct worker *w = arg;
	struct job *j = w->job;
	int ret = start(w);
	size_t unit;

	if (ret)
		ks_failure_note(&j->failure, 0, ret, &w->err);
	while ((unit = atomic_fetch_add(&j->next, 1)) < j->units.v.len) {
		if (unit >= atomic_load(&j->failure.unit))
			break;
		ret = do_unit(w, (uint32_t)unit);
		if (ret)
			ks_failure_note(&j->failure, (uint32_t)unit, ret, &w->err);
	}
	ks_types_free(&w->types);
	return NULL;
}

/* Units that refer to each other, as link-time optimisation leaves them. */
static int do_all(struct worker *w)
{
	struct job *j = w->job;
	int ret = start(w);

	if (!ret)
		ret = ks_loader_begin(&w->loader, &w->types, 0, j->d->s[KS_DWARF_INFO].len);
	for (size_t i = 0; i < j->units.v.len && !ret; i++)
		ret = ks_loader_unit(&w->loader, &j->units.v.data[i], NULL, 0);
	if (!ret)
		ret = ks_loader_end(&w->loader);
	if (ret > 0)
		ret = ks_error(&w->err, -EBADMSG,
			       "%s: .debug_info: a reference leads out of the section", w->types.path);
	if (!ret)
		ret = as_bad(w, intern_all(w));
	ks_types_free(&w->types);
	return ret;
}

static int run(struct job *j)
{
	ks_failure_init(&j->failure);
	ks_threads_run(j->nr_workers, do_units, j->workers, sizeof(*j->workers));
	return ks_failure_get(&j->failure, j->err);
}

/* One worker alone begins anew. */
static int run_all(struct job *j)
{
	struct worker *w = &j->workers[0];
	int ret;

	for (unsigned int i = 0; i < j->nr_workers; i++)
		stop(&j->workers[i]);
	*w = (struct worker){ .job = j, .across = true };
	j->nr_workers = 1;
	ret = do_all(w);
	if (ret && j->err)
		*j->err = w->err;
	return ret;
}

/* ------------------------------------------------------------------- merge */

/* Bring what @w has found to the graph that is @c's already, or becomes it. */
static int take_over(struct ks_btf_collection *c, struct worker *w, struct ksym_error *err)
{
	uint32_t *named = calloc(w->g.named.len + 1, sizeof(*named));
	uint32_t *shapes = calloc(w->g.shapes.len + 1, sizeof(*shapes));
	int ret = named && shapes ? ks_graph_merge(&c->g, &w->g, named, shapes, err)
				  : ks_error_nomem(err);

	if (!ret && (!ks_vec_reserve(&c->funcs, w->funcs.len) ||
		     !ks_vec_reserve(&c->vars, w->vars.len) ||
		     !ks_vec_reserve(&c->defs, w->defs.len)))
		ret = ks_error_nomem(err);
	for (size_t i = 0; i < w->funcs.len && !ret; i++) {
		c->funcs.data[c->funcs.len] = w->funcs.data[i];
		c->funcs.data[c->funcs.len].tags = shapes[w->funcs.data[i].tags];
		c->funcs.data[c->funcs.len++].shape = shapes[w->funcs.data[i].shape];
	}
	for (size_t i = 0; i < w->vars.len && !ret; i++) {
		c->vars.data[c->vars.len] = w->vars.data[i];
		c->vars.data[c->vars.len++].shape = shapes[w->vars.data[i].shape];
	}
	for (size_t i = 0; i < w->defs.len && !ret; i++)
		c->defs.data[c->defs.len++] = (struct ks_btf_def){
			w->defs.data[i].unit, named[w->defs.data[i].named],
			shapes[w->defs.data[i].shape], w->defs.data[i].foreign };
	free(named);
	free(shapes);
	stop(w);
	*w = (struct worker){ 0 };
	return ret;
}

static void move(struct ks_btf_collection *c, struct worker *w)
{
	c->g = w->g;
	c->funcs.data = w->funcs.data, c->funcs.len = w->funcs.len, c->funcs.cap = w->funcs.cap;
	c->vars.data = w->vars.data, c->vars.len = w->vars.len, c->vars.cap = w->vars.cap;
	c->defs.data = w->defs.data, c->defs.len = w->defs.len, c->defs.cap = w->defs.cap;
	w->g = (struct ks_graph){ 0 };
	w->funcs.data = NULL;
	w->vars.data = NULL;
	w->defs.data = NULL;
	stop(w);
	*w = (struct worker){ 0 };
}

static int merge(struct job *j, struct ks_btf_collection *c)
{
	int ret = 0;

	for (unsigned int i = 0; i < j->nr_workers; i++) {
		c->nr_rust += j->workers[i].loader.nr_rust;
		c->nr_skeletons += j->workers[i].loader.nr_skeletons;
	}
	move(c, &j->workers[0]);
	for (unsigned int i = 1; i < j->nr_workers && !ret; i++)
		ret = take_over(c, &j->workers[i], j->err);
	return ret;
}

int ks_btf_collect(struct ks_btf_collection *c, const struct ks_dwarf *d,
		   const struct ks_btf_symbols *s, const struct ks_collect_opts *opts,
		   struct ksym_error *err)
{
	struct job j = { .d = d, .s = s, .opts = opts, .err = err };
	int ret;

	*c = (struct ks_btf_collection){ 0 };
	ret = ks_units_read(&j.units, d, err);
	if (!ret && d->e->type == ET_REL)
		ret = ks_dwarf_strings_init(&j.strings, d, err);
	c->nr_units = (uint32_t)j.units.v.len;
	j.nr_workers = opts->nr_threads ? opts->nr_threads : 1;
	if (j.nr_workers > j.units.v.len)
		j.nr_workers = j.units.v.len ? (unsigned int)j.units.v.len : 1;
	j.workers = calloc(j.nr_workers, sizeof(*j.workers));
	if (!j.workers && !ret)
		ret = ks_error_nomem(err);
	for (unsigned int i = 0; i < j.nr_workers && j.workers; i++)
		j.workers[i].job = &j;
	if (!ret)
		ret = run(&j);
	if (ret > 0)
		ret = run_all(&j);
	if (!ret)
		ret = merge(&j, c);
	for (unsigned int i = 0; i < j.nr_workers && j.workers; i++)
		stop(&j.workers[i]);
	free(j.workers);
	ks_vec_free(&j.units.v);
	ks_dwarf_strings_free(&j.strings);
	if (ret)
		ks_btf_collection_free(c);
	return ret;
}

void ks_btf_collection_free(struct ks_btf_collection *c)
{
	ks_graph_free(&c->g);
	ks_vec_free(&c->funcs);
	ks_vec_free(&c->vars);
	ks_vec_free(&c->defs);
}
