// SPDX-License-Identifier: LGPL-2.1-or-later
/* Holes and __mcount_loc as ksym/holes.h shows them. */
#include "base/opts.h"
#include "holes/holes.h"
#include "kbuild/objpath.h"

#include <stdlib.h>
#include <string.h>

struct ksym_holes {
	char *path;
	struct ks_elf image, debug_store, symbols_store;
	struct ks_elf *debug;
	struct ks_cus cus;
	struct ks_holes h;
	const char **cu_object;		/* of each unit; NULL = not known */
	uint32_t *entry_index;		/* of each entry of __mcount_loc; 0 = none */
	uint32_t *traced, nr_traced;	/* holes with entries there, sorted by those */
	struct ks_arena arena;
};

static int name_units(struct ksym_holes *o, struct ksym_error *err)
{
	struct ks_tu_name *names = calloc((size_t)o->cus.nr_cus + 1, sizeof(*names));
	const char *root;
	int ret = 0;

	o->cu_object = calloc((size_t)o->cus.nr_cus + 1, sizeof(*o->cu_object));
	if (!names || !o->cu_object) {
		free(names);
		return ks_error_nomem(err);
	}
	for (uint32_t i = 0; i < o->cus.nr_cus; i++)
		names[i] = (struct ks_tu_name){ o->cus.cus[i].name, o->cus.cus[i].comp_dir };
	root = ks_objpath_root(&o->arena, names, o->cus.nr_cus);
	if (!root)
		ret = ks_error_nomem(err);
	/* Paths of those units only that are asked for: names may share their bytes. */
	for (size_t i = 0; i < o->h.v.len && !ret; i++) {
		const uint32_t cus[] = { o->h.v.data[i].cu, o->h.v.data[i].live_cu };

		for (unsigned int k = 0; k < 2; k++) {
			uint32_t cu = cus[k];
			size_t len;

			if (cu == UINT32_MAX || o->cu_object[cu] || !names[cu].name[0] ||
			    ks_is_lto_name(names[cu].name))
				continue;
			o->cu_object[cu] = ks_objpath(&o->arena, root, &names[cu], &len);
			if (!o->cu_object[cu])
				ret = ks_error_nomem(err);
		}
	}
	free(names);
	return ret;
}

static bool is_init(const struct ks_mcount *m, uint64_t va)
{
	return va >= m->init_va && va < m->init_end_va;
}

static int compare_entries(const void *pa, const void *pb, void *arg)
{
	const uint64_t *v = arg;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	if (v[a] != v[b])
		return v[a] < v[b] ? -1 : 1;
	return a < b ? -1 : a > b;
}

/* A kernel sorts the table, leaves out zeros, and when it has booted takes out what was
 * freed; what it counts is the rest, dead entries among them. */
static int number_entries(struct ksym_holes *o, struct ksym_error *err)
{
	const struct ks_mcount *m = &o->h.mcount;
	uint32_t *order = malloc((m->v.len + 1) * sizeof(*order)), nr = 0;

	o->entry_index = calloc(m->v.len + 1, sizeof(*o->entry_index));
	if (!order || !o->entry_index) {
		free(order);
		return ks_error_nomem(err);
	}
	for (size_t i = 0; i < m->v.len; i++)
		order[i] = (uint32_t)i;
	if (m->v.len)
		qsort_r(order, m->v.len, sizeof(*order), compare_entries, m->v.data);
	for (size_t i = 0; i < m->v.len; i++) {
		uint64_t va = m->v.data[order[i]];

		if (!ks_mcount_is_zero(m, va) && !is_init(m, va))
			o->entry_index[order[i]] = ++nr;
	}
	free(order);
	return 0;
}

static int compare_traced(const void *pa, const void *pb, void *arg)
{
	const struct ks_hole *v = arg;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	if (v[a].mcount_va != v[b].mcount_va)
		return v[a].mcount_va < v[b].mcount_va ? -1 : 1;
	return a < b ? -1 : a > b;
}

static int sort_traced(struct ksym_holes *o, struct ksym_error *err)
{
	o->traced = malloc((o->h.v.len + 1) * sizeof(*o->traced));
	if (!o->traced)
		return ks_error_nomem(err);
	for (uint32_t i = 0; i < o->h.v.len; i++)
		if (o->h.v.data[i].traced)
			o->traced[o->nr_traced++] = i;
	if (o->nr_traced)
		qsort_r(o->traced, o->nr_traced, sizeof(*o->traced), compare_traced, o->h.v.data);
	return 0;
}

static int read_all(struct ksym_holes *o, const struct ksym_build_opts *opts,
		    struct ksym_error *err)
{
	struct ks_elf *symfile = &o->image;
	int ret = ks_elf_open(&o->image, o->path, err);

	if (!ret)
		ret = ks_elf_find_debug(&o->image, ".debug_info", opts->debug_file,
					!opts->no_debug_search, &o->debug_store, &o->debug, err);
	if (ret)
		return ret;
	if (o->debug && o->debug->nr_symbols > 1 && o->debug->nr_symbols >= o->image.nr_symbols)
		symfile = o->debug;
	else if (o->image.nr_symbols <= 1)
		ret = ks_elf_find_debug(&o->image, ".symtab", NULL, !opts->no_debug_search,
					&o->symbols_store, &symfile, err);
	if (!ret && (!symfile || symfile->nr_symbols <= 1))
		ret = ks_error(err, -ENODATA, "%s: has no symbol table, without which all code is a hole",
			       o->path);
	if (!ret)
		ret = ks_holes_find(&o->h, &o->image, symfile, err);
	if (!ret)
		ret = number_entries(o, err);
	if (ret || !o->debug || !o->h.v.len)
		return ret;
	ret = ks_cus_read(&o->cus, o->debug, false, err);
	if (!ret)
		ret = ks_holes_name(&o->h, o->debug, &o->cus, err);
	return ret ? ret : name_units(o, err);
}

int ksym_holes_read(const char *image_path, const struct ksym_build_opts *opts,
		    struct ksym_holes **out, struct ksym_error *err)
{
	struct ksym_build_opts full;
	struct ksym_holes *o;
	int ret = ks_opts_copy(&full, sizeof(full), opts, err);

	*out = NULL;
	if (ret)
		return ret;
	o = calloc(1, sizeof(*o));
	if (!o)
		return ks_error_nomem(err);
	o->image.fd = o->debug_store.fd = o->symbols_store.fd = -1;
	o->path = strdup(image_path);
	ret = o->path ? read_all(o, &full, err) : ks_error_nomem(err);
	if (!ret)
		ret = sort_traced(o, err);
	if (ret)
		ksym_holes_close(o);
	else
		*out = o;
	return ret;
}

void ksym_holes_close(struct ksym_holes *o)
{
	if (!o)
		return;
	ks_holes_free(&o->h);
	ks_cus_free(&o->cus);
	free(o->cu_object);
	free(o->entry_index);
	free(o->traced);
	ks_arena_free(&o->arena);
	ks_elf_close(&o->symbols_store);
	ks_elf_close(&o->debug_store);
	ks_elf_close(&o->image);
	free(o->path);
	free(o);
}

void ksym_holes_info(const struct ksym_holes *o, struct ksym_holes_info *info)
{
	struct ksym_holes_info full = {
		.size = info->size,
		.nr_holes = (uint32_t)o->h.v.len,
		.nr_gaps = (uint32_t)o->h.gaps.len,
		.nr_mcount_dead = o->h.nr_dead_entries,
		.elf_machine = o->image.machine,
		.elf_class = o->image.class,
		.has_debug = o->debug,
	};

	for (size_t i = 0; i < o->h.gaps.len; i++) {
		const struct ks_gap *g = &o->h.gaps.data[i];
		bool traced = false;

		for (uint32_t k = 0; k < g->nr; k++)
			traced |= o->h.v.data[g->first + k].traced;
		full.nr_traced_gaps += traced;
	}
	for (size_t i = 0; i < o->h.v.len; i++) {
		const struct ks_hole *x = &o->h.v.data[i];

		full.nr_functions += x->kind == KSYM_HOLE_FUNCTION;
		full.nr_assembly += x->kind == KSYM_HOLE_ASSEMBLY;
		full.nr_code += x->kind == KSYM_HOLE_CODE;
		full.nr_exact += x->confidence == KSYM_HOLE_EXACT;
		full.nr_line += x->confidence == KSYM_HOLE_LINE;
		full.nr_order += x->confidence == KSYM_HOLE_ORDER;
	}
	for (size_t i = 0; i < o->h.mcount.v.len; i++) {
		bool zero = ks_mcount_is_zero(&o->h.mcount, o->h.mcount.v.data[i]);

		full.nr_mcount += !zero;
		full.nr_mcount_zero += zero;
	}
	memcpy(info, &full, info->size < sizeof(full) ? info->size : sizeof(full));
}

static const char *unit_object(const struct ksym_holes *o, uint32_t cu)
{
	return cu != UINT32_MAX && o->cu_object ? o->cu_object[cu] : NULL;
}

bool ksym_holes_get(const struct ksym_holes *o, uint32_t i, struct ksym_hole *out)
{
	const struct ks_hole *x;
	const struct ks_gap *g;
	uint32_t before;

	if (i >= o->h.v.len)
		return false;
	x = &o->h.v.data[i];
	g = &o->h.gaps.data[x->gap];
	*out = (struct ksym_hole){
		.va = x->va, .len = x->len, .gap_va = g->va, .gap_len = g->end_va - g->va,
		.mcount_va = x->mcount_va, .kind = (enum ksym_hole_kind)x->kind,
		.confidence = (enum ksym_hole_confidence)x->confidence, .is_traced = x->traced,
		.name = x->name, .object = unit_object(o, x->cu),
		.section = o->image.sections[g->section].name,
	};
	before = x->label != KS_NO_SYMBOL ? x->label : g->before;
	if (before != KS_NO_SYMBOL) {
		out->before = o->h.syms.data[before].name;
		out->before_va = o->h.syms.data[before].va;
		out->before_len = o->h.syms.data[before].end_va - out->before_va;
	}
	if (x->live != KS_NO_SYMBOL) {
		out->has_live = true;
		out->live_va = o->h.syms.data[x->live].va;
		out->live_object = unit_object(o, x->live_cu);
	}
	return true;
}

/* The hole whose entry @va is, or NULL. */
static const struct ks_hole *hole_of(const struct ksym_holes *o, uint64_t va)
{
	size_t lo = 0, hi = o->nr_traced;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (o->h.v.data[o->traced[mid]].mcount_va < va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < o->nr_traced && o->h.v.data[o->traced[lo]].mcount_va == va
		       ? &o->h.v.data[o->traced[lo]] : NULL;
}

bool ksym_mcount_entry(const struct ksym_holes *o, uint32_t i, struct ksym_mcount_entry *out)
{
	const struct ks_code_symbol *s;
	uint64_t va;

	*out = (struct ksym_mcount_entry){ 0 };
	if (i >= o->h.mcount.v.len)
		return false;
	va = out->va = o->h.mcount.v.data[i];
	out->index = o->entry_index[i];
	out->is_zero = ks_mcount_is_zero(&o->h.mcount, va);
	if (out->is_zero)
		return true;
	out->is_init = is_init(&o->h.mcount, va);
	s = ks_holes_function(&o->h, va, ks_mcount_before(o->image.machine));
	if (s) {
		out->function = s->name;
		out->function_va = s->va;
		out->section = o->image.sections[s->section].name;
	} else {
		const struct ks_hole *x = hole_of(o, va);

		out->is_dead = true;
		out->function = x ? x->name : NULL;
		out->function_va = x ? x->va : 0;
		out->section = x ? o->image.sections[o->h.gaps.data[x->gap].section].name : NULL;
	}
	return true;
}
