// SPDX-License-Identifier: LGPL-2.1-or-later
/* The steps that several threads share: matching, and types into graphs. */
#include "versions/job.h"

#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------- threads */

static bool take(struct ks_worker *w, size_t nr, size_t *i)
{
	*i = atomic_fetch_add(&w->job->next, 1);
	return *i < nr;
}

static int run_workers(struct ks_job *j, void *(*fn)(void *))
{
	atomic_store(&j->next, 0);
	ks_failure_init(&j->failure);
	ks_threads_run(j->nr_workers, fn, j->workers, sizeof(*j->workers));
	return ks_failure_get(&j->failure, j->err);
}

/* ------------------------------------------------------------------- match */

static void *match_units(void *arg)
{
	struct ks_worker *w = arg;
	struct ks_job *j = w->job;
	int ret = ks_matcher_init(&w->matcher, &j->d, &j->units, &j->exports, &w->err);
	size_t i;

	if (ret)
		ks_failure_note(&j->failure, 0, ret, &w->err);
	while (!ret && take(w, j->units.v.len, &i)) {
		ret = ks_matcher_unit(&w->matcher, (uint32_t)i, &j->hits[i]);
		if (ret)
			ks_failure_note(&j->failure, (uint32_t)i, ret, &w->err);
	}
	ks_matcher_free(&w->matcher);
	return NULL;
}

int ks_job_match(struct ks_job *j)
{
	int ret;

	j->hits = calloc(j->units.v.len + 1, sizeof(*j->hits));
	if (!j->hits)
		return ks_error_nomem(j->err);
	ret = run_workers(j, match_units);
	return ret ? ret : ks_match_choose(&j->roots, &j->exports, j->hits, j->units.v.len, j->err);
}

/* ------------------------------------------------------------------- types */

static int compare_offs(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Offsets of the DIEs of roots, as the loader wants them. */
static int sort_roots(struct ks_worker *w, const struct ks_root *roots, size_t nr)
{
	w->offs.len = 0;
	if (!ks_vec_reserve(&w->offs, nr))
		return ks_error_nomem(&w->err);
	for (size_t i = 0; i < nr; i++)
		w->offs.data[w->offs.len++] = roots[i].off;
	qsort(w->offs.data, w->offs.len, sizeof(*w->offs.data), compare_offs);
	return 0;
}

/* The node whose text is that of the symbol. */
static int root_node(struct ks_worker *w, const struct ks_root *root, uint32_t *node)
{
	const struct ks_type *nodes = w->types.nodes.data;
	const char *name = w->job->exports.v.data[root->symbol].name;
	uint32_t pointer;

	*node = ks_types_at(&w->types, root->off);
	if (!*node || (nodes[*node].kind != KS_KIND_FUNCTION && nodes[*node].kind != KS_KIND_VARIABLE))
		return ks_error(&w->err, -EBADMSG,
				"%s: .debug_info: at offset 0x%llx: abstract origin of '%s': expected a function or a variable",
				w->types.path, (unsigned long long)root->off, name);
	if (!root->pointer)
		return 0;
	pointer = nodes[*node].type;
	if (!pointer || pointer == KS_TYPE_DANGLING || nodes[pointer].kind != KS_KIND_POINTER)
		return ks_error(&w->err, -EBADMSG,
				"%s: .debug_info: at offset 0x%llx: " KS_POINTER_PREFIX "%s: expected a pointer",
				w->types.path, (unsigned long long)root->off, name);
	*node = pointer;
	pointer = nodes[pointer].type;
	if (!pointer)
		return ks_error(&w->err, -EBADMSG,
				"%s: .debug_info: at offset 0x%llx: " KS_POINTER_PREFIX "%s: expected a pointer to something",
				w->types.path, (unsigned long long)root->off, name);
	if (pointer != KS_TYPE_DANGLING && nodes[pointer].kind == KS_KIND_SUBROUTINE)
		*node = pointer;
	return 0;
}

static int find_nodes(struct ks_worker *w, const struct ks_root *roots, size_t nr)
{
	int ret = 0;

	w->nodes.len = w->units.len = 0;
	for (size_t i = 0; i < nr && !ret; i++) {
		uint32_t *node = ks_vec_push(&w->nodes), *unit = ks_vec_push(&w->units);

		ret = node && unit ? root_node(w, &roots[i], node) : ks_error_nomem(&w->err);
		if (!ret)
			*unit = roots[i].unit;
	}
	return ret;
}

/* Nodes of roots, and what depends on the order in which these are walked. */
static int walk_roots(struct ks_worker *w, size_t first, size_t nr, bool hide)
{
	struct ks_job *j = w->job;
	int ret = find_nodes(w, j->roots.v.data + first, nr);

	w->order.err = &w->err;
	return ret ? ret : ks_order_walk(&w->order, &w->types, j->opts->stable ? &j->kabi : NULL,
					 w->nodes.data, w->units.data, nr, hide);
}

static int dump_roots(struct ks_worker *w)
{
	const struct ksym_versions_opts *o = w->job->opts;

	return ks_dump_roots(&w->types, w->nodes.data, w->nodes.len, o->dump_dies, o->dump_dies_arg,
			     &w->err);
}

/* Put the types that the loaded roots reach into the graph.  @hide: see order.h. */
static int intern_roots(struct ks_worker *w, size_t first, size_t nr, uint32_t unit, bool hide)
{
	int ret = walk_roots(w, first, nr, hide);

	if (!ret)
		ret = ks_interner_begin(&w->interner, &w->types, unit);
	for (size_t i = 0; i < nr && !ret; i++) {
		struct ks_job_root *out = &w->job->shapes[first + i];

		out->worker = w->number;
		ret = ks_intern(&w->interner, w->nodes.data[i], &out->shape);
	}
	return ret;
}

static int load_with(struct ks_worker *w, struct ks_loader *l, uint32_t unit)
{
	const struct ks_unit *u = &w->job->units.v.data[unit];
	int ret = ks_loader_begin(l, &w->types, u->off, u->end_off);

	if (!ret)
		ret = ks_loader_unit(l, u, w->offs.data, w->offs.len);
	return ret ? ret : ks_loader_end(l);
}

int ks_job_load_unit(struct ks_worker *w, uint32_t unit, size_t first, size_t nr)
{
	const struct ks_unit *u = &w->job->units.v.data[unit];
	int ret = sort_roots(w, w->job->roots.v.data + first, nr);

	if (!ret && (w->offs.data[0] < u->off || w->offs.data[w->offs.len - 1] >= u->end_off))
		return KS_LOADED_WANT_ALL;
	return ret ? ret : load_with(w, &w->loader, unit);
}

int ks_job_intern_unit(struct ks_worker *w, uint32_t unit, size_t first, size_t nr)
{
	int ret = intern_roots(w, first, nr, unit, false);

	if (ret != -ENOLINK)
		return ret;
	ret = load_with(w, &w->bodies_loader, unit);
	return ret ? ret : intern_roots(w, first, nr, unit, false);
}

int ks_job_start_types(struct ks_worker *w)
{
	struct ks_job *j = w->job;
	int ret = ks_loader_init(&w->loader, &j->d, KS_LOADER_ROOTS, true, &w->err);

	if (!ret)
		ret = ks_loader_init(&w->bodies_loader, &j->d, KS_LOADER_BODIES, true, &w->err);
	if (!ret)
		ret = ks_graph_init(&w->graph, (const char *)j->d.s[KS_DWARF_STR].data, &w->err);
	w->interner = (struct ks_interner){ .g = &w->graph, .err = &w->err };
	return ret;
}

static void worker_stop(struct ks_worker *w)
{
	ks_loader_free(&w->loader);
	ks_loader_free(&w->bodies_loader);
	ks_types_free(&w->types);
	ks_graph_free(&w->graph);
	ks_interner_free(&w->interner);
	ks_order_free(&w->order);
	ks_vec_free(&w->offs);
	ks_vec_free(&w->nodes);
	ks_vec_free(&w->units);
}

static void *do_units(void *arg)
{
	struct ks_worker *w = arg;
	struct ks_job *j = w->job;
	int ret = ks_job_start_types(w);
	size_t i;

	if (ret)
		ks_failure_note(&j->failure, 0, ret, &w->err);
	/* Largest first: behind one that failed there may be units before it. */
	while (take(w, j->nr_todo + 1, &i)) {
		const struct ks_job_unit *todo;

		if (!i) {
			ret = ks_job_reasons(j, &w->err);
			if (ret)
				ks_failure_note(&j->failure, UINT32_MAX - 1, ret, &w->err);
			continue;
		}
		todo = &j->todo[i - 1];
		if (todo->unit >= atomic_load(&j->failure.unit))
			continue;
		ret = ks_job_load_unit(w, todo->unit, todo->first_root, todo->nr_roots);
		if (!ret)
			ret = ks_job_intern_unit(w, todo->unit, todo->first_root, todo->nr_roots);
		if (ret)
			ks_failure_note(&j->failure, todo->unit, ret, &w->err);
	}
	/* What only serves to load is not needed from here on. */
	ks_types_free(&w->types);
	return NULL;
}

static int load_all(struct ks_worker *w, struct ks_loader *l)
{
	struct ks_job *j = w->job;
	size_t done = 0;
	int ret = sort_roots(w, j->roots.v.data, j->roots.v.len);

	if (!ret)
		ret = ks_loader_begin(l, &w->types, 0, j->d.s[KS_DWARF_INFO].len);
	for (size_t i = 0; i < j->units.v.len && !ret; i++) {
		const struct ks_unit *u = &j->units.v.data[i];

		while (done < w->offs.len && w->offs.data[done] < u->off)
			done++;
		ret = ks_loader_unit(l, u, w->offs.data + done, w->offs.len - done);
	}
	return ret ? ret : ks_loader_end(l);
}

/*
 * Units that refer to each other, as link-time optimisation leaves them: all are loaded at
 * once.  gendwarfksyms knows the names of types in a unit only once it has come to that
 * unit, and what it has seen without a name stays so; if that is no way to write types
 * down, as they contain themselves, names are used as they are.
 */
static int do_all(struct ks_worker *w)
{
	struct ks_job *j = w->job;
	int ret = ks_job_start_types(w);

	w->bodies_loader.keep_files = true;
	if (!ret)
		ret = load_all(w, &w->bodies_loader);
	if (ret > 0)
		ret = ks_error(&w->err, -EBADMSG,
			       "%s: .debug_info: a DW_AT_type leads out of the section", w->types.path);
	if (!ret)
		ret = intern_roots(w, 0, j->roots.v.len, 0, true);
	if (ret == -ELOOP) {
		ks_graph_free(&w->graph);
		ret = ks_graph_init(&w->graph, (const char *)j->d.s[KS_DWARF_STR].data, &w->err);
		for (size_t i = 0; i < w->types.nodes.len; i++)
			w->types.nodes.data[i].flags &= (uint8_t)~KS_TYPE_NAMELESS;
		if (!ret)
			ret = intern_roots(w, 0, j->roots.v.len, 0, false);
	}
	if (!ret && j->opts->dump_dies)
		ret = dump_roots(w);
	if (ret && j->err)
		*j->err = w->err;
	return ret;
}

static int compare_units(const void *a, const void *b, void *arg)
{
	const struct ks_units *units = arg;
	const struct ks_job_unit *x = a, *y = b;
	const struct ks_unit *u = &units->v.data[x->unit], *v = &units->v.data[y->unit];
	uint64_t x_len = u->end_off - u->off, y_len = v->end_off - v->off;

	if (x_len != y_len)
		return x_len > y_len ? -1 : 1;
	return x->unit < y->unit ? -1 : x->unit > y->unit;
}

/* Roots are in the order of units. */
static int list_units(struct ks_job *j)
{
	const struct ks_root *roots = j->roots.v.data;

	j->todo = calloc(j->roots.v.len + 1, sizeof(*j->todo));
	j->shapes = calloc(j->roots.v.len + 1, sizeof(*j->shapes));
	if (!j->todo || !j->shapes)
		return ks_error_nomem(j->err);
	for (uint32_t i = 0; i < j->roots.v.len; i++) {
		if (!i || roots[i].unit != roots[i - 1].unit)
			j->todo[j->nr_todo++] = (struct ks_job_unit){ roots[i].unit, i, 0 };
		j->todo[j->nr_todo - 1].nr_roots++;
	}
	if (j->nr_todo)
		qsort_r(j->todo, j->nr_todo, sizeof(*j->todo), compare_units, &j->units);
	return 0;
}

/* In the order of units, once it is clear that they can be read one by one. */
static int dump_units(struct ks_worker *w)
{
	struct ks_job *j = w->job;
	const struct ks_root *roots = j->roots.v.data;
	int ret = 0;

	for (size_t first = 0, nr; first < j->roots.v.len && !ret; first += nr) {
		uint32_t unit = roots[first].unit;

		for (nr = 1; first + nr < j->roots.v.len && roots[first + nr].unit == unit; nr++)
			;
		ret = ks_job_load_unit(w, unit, first, nr);
		if (!ret)
			ret = ks_job_intern_unit(w, unit, first, nr);
		if (!ret)
			ret = dump_roots(w);
	}
	if (ret && j->err)
		*j->err = w->err;
	return ret;
}

int ks_job_types(struct ks_job *j)
{
	int ret = list_units(j);

	if (!ret)
		ret = run_workers(j, do_units);
	if (!ret && j->opts->dump_dies)
		ret = dump_units(&j->workers[0]);
	if (ret != KS_LOADED_WANT_ALL)
		return ret;
	for (unsigned int i = 0; i < j->nr_workers; i++)
		worker_stop(&j->workers[i]);
	j->nr_workers = 1;
	return do_all(&j->workers[0]);
}

void ks_job_free(struct ks_job *j)
{
	for (size_t i = 0; j->hits && i < j->units.v.len; i++)
		ks_vec_free(&j->hits[i].v);
	free(j->hits);
	for (unsigned int i = 0; j->workers && i < j->nr_workers; i++)
		worker_stop(&j->workers[i]);
	free(j->workers);
	free(j->todo);
	free(j->reasons);
	ks_arena_free(&j->arena);
	free(j->shapes);
	ks_vec_free(&j->roots.v);
	ks_vec_free(&j->units.v);
	ks_exports_free(&j->exports);
	ks_kabi_free(&j->kabi);
}
