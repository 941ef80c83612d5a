// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What dead functions are called, by DWARF.
 *
 *   exact  a DIE begins at the address
 *   line   the line table has the line of a declaration at the address, and of the
 *          functions declared there one DIE alone is without an address
 *   order  as `line`, but there are as many such DIEs as bodies: macros declare several
 *          functions in one line.  That the bodies come in the order of the source, and how
 *          DIEs come, is seen from functions of the unit that are alive.
 *
 * Where the compiler folded equal functions it kept the bodies but lost the addresses of
 * all DIEs but the first's.  So the last two are needed: 462 of 576 in Debian's 6.1.
 */
#include "holes/holes.h"

#include <string.h>
#include "base/strpool.h"
#include "dwarf/funcs.h"
#include "dwarf/lines.h"

/* By how much a row or DIE can begin behind the function: space for ftrace, which some
 * compilers leave out. */
#define SLACK 16

/* Of functions. */
#define ALIGNMENT 16

/* A body that was declared somewhere, or a function that was. */
struct place {
	uint64_t key;		/* line, and path of the file */
	uint32_t i;		/* hole, or function of the unit */
	bool is_candidate;
};

struct namer {
	struct ks_holes *h;
	struct ks_elf *debug;
	const struct ks_cus *cus;
	struct ks_funcs_reader r;
	struct ks_cu_funcs f;
	struct ks_line_table t;
	uint32_t cu;			/* which is worked on */
	bool die_behind_space;		/* in that unit */
	struct ks_strpool names;	/* of symbols ... */
	uint32_t *named;		/* ... and the symbol of each; global ones first */
	struct ks_strpool paths;
	KS_VEC(struct place) places;	/* of one unit */
	KS_VEC(uint64_t) starts;
	struct ksym_error *err;
};

static uint64_t slack(const struct namer *n)
{
	return n->h->image->machine == EM_AARCH64 ? SLACK : 0;
}

/* The unit of a function at @va, or ~0. */
static uint32_t unit_at(const struct namer *n, uint64_t va)
{
	const struct ks_cu_range *r = ks_cus_range(n->cus, va);

	if (!r && slack(n))
		r = ks_cus_range(n->cus, va + slack(n));
	return r ? r->cu : UINT32_MAX;
}

static void set_name(struct ks_hole *o, const char *name, enum ksym_hole_confidence how)
{
	if (!name[0])
		return;
	o->name = name;
	o->confidence = (uint8_t)how;
	o->kind = KSYM_HOLE_FUNCTION;
}

/* How far a loop's alignment can put code behind the start of its function. */
#define LOOP_ALIGNMENT 64

/*
 * Does a function at @va, where no code is, begin with the padding in front of hole @o?  ftrace's
 * space, or the alignment of a loop.
 */
static bool begins_with_padding(const struct namer *n, const struct ks_hole *o, uint64_t va)
{
	const struct ks_gap *g = &n->h->gaps.data[o->gap];
	const struct ks_elf_section *s = &n->h->image->sections[g->section];

	return s->data && va >= g->va && va < o->va && o->va - va <= LOOP_ALIGNMENT &&
	       ks_padding_len(&n->h->code, s->data + (va - s->va), o->va - va) == o->va - va;
}

/* Holes are in order of addresses, DIEs are not: each looks for its hole. */
static void name_by_address(struct namer *n, size_t first, size_t end)
{
	for (size_t i = 0; i < n->f.v.len; i++) {
		const struct ks_cu_func *f = &n->f.v.data[i];
		size_t lo = first, hi = end;
		struct ks_hole *o;

		if (!f->has_va)
			continue;
		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;

			if (n->h->v.data[mid].va <= f->va)
				lo = mid + 1;
			else
				hi = mid;
		}
		o = lo > first ? &n->h->v.data[lo - 1] : NULL;
		if (lo < end && (!o || f->va - o->va >= o->len) &&
		    begins_with_padding(n, &n->h->v.data[lo], f->va)) {
			o = &n->h->v.data[lo];
			o->len += o->va - f->va;
			o->va = f->va;
		}
		if (!o || f->va - o->va > slack(n))
			continue;
		set_name(o, f->name, KSYM_HOLE_EXACT);
		if (o->name && f->end_va > o->va && f->end_va - o->va <= o->len)
			o->len = f->end_va - o->va;
	}
}

static const struct ks_code_symbol *symbol_named(const struct namer *n, const char *name)
{
	uint32_t k = ks_strpool_find(&n->names, name, strlen(name));

	return k == KS_STRPOOL_NONE ? NULL : &n->h->syms.data[n->named[k]];
}

/* Where the symbol says that a function of the unit is, of which the DIE does not say it: it
 * is alive, and its body was folded with others. */
static bool alive_at(const struct namer *n, const struct ks_cu_func *f, uint64_t *va)
{
	const struct ks_code_symbol *s = symbol_named(n, f->name);

	if (f->has_va || !s || unit_at(n, s->va) != n->cu)
		return false;
	*va = s->va;
	return true;
}

/* A function with a body of its own, of which no DIE says where, and no symbol that it is
 * alive. */
static bool is_candidate(const struct namer *n, const struct ks_cu_func *f)
{
	uint64_t va;

	return f->external && !f->has_va && !f->declaration && !f->is_inline && !f->has_instance &&
	       f->decl_line && f->name[0] && !alive_at(n, f, &va);
}

/* The key of a place: a file with two numbers in the table has one path.  Of a file that is
 * not there it ends with KS_STRPOOL_NONE. */
static int place_key(struct namer *n, uint32_t file, uint32_t line, uint64_t *key)
{
	uint32_t path = KS_STRPOOL_NONE;

	if (file < n->t.nr_files) {
		path = ks_strpool_add(&n->paths, n->t.files[file], strlen(n->t.files[file]));
		if (path == KS_STRPOOL_NONE)
			return ks_error_nomem(n->err);
	}
	*key = (uint64_t)line << 32 | path;
	return 0;
}

/* The line at which the body at @va begins; false when none is known. */
static bool line_of(const struct namer *n, uint64_t va, uint32_t *file, uint32_t *line)
{
	const struct ks_line_row *row = NULL;

	for (uint64_t off = 0; off <= slack(n) && !row; off += 4) {
		row = ks_line_table_find(&n->t, va + off);
		if (row && row->va < va)
			row = NULL;
	}
	if (!row)
		return false;
	/* Of several rows the first: back to the lowest address that is not before. */
	while (row > n->t.rows && row[-1].va >= va && !row[-1].end_sequence)
		row--;
	*file = row->file;
	*line = row->line;
	return *line;
}

static int add_place(struct namer *n, uint32_t file, uint32_t line, bool is_candidate, size_t i)
{
	struct place *p = ks_vec_push(&n->places);

	if (!p)
		return ks_error_nomem(n->err);
	*p = (struct place){ .i = (uint32_t)i, .is_candidate = is_candidate };
	return place_key(n, file, line, &p->key);
}

static int compare_places(const void *pa, const void *pb)
{
	const struct place *a = pa, *b = pb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->is_candidate != b->is_candidate)
		return a->is_candidate ? 1 : -1;
	return a->i < b->i ? -1 : a->i > b->i;
}

/*
 * Do the DIEs of functions that one line declares come in the order of the bodies?  Those
 * of which both are known tell: 1 yes, -1 in the reverse order, 0 nobody knows or they
 * disagree.
 */
static int direction(struct namer *n)
{
	struct { uint32_t line, file; uint64_t va; } last = { 0 };
	unsigned int up = 0, down = 0;

	for (size_t i = 0; i < n->f.v.len; i++) {
		const struct ks_cu_func *f = &n->f.v.data[i];
		uint64_t va = f->va;

		if (!f->decl_line || f->declaration || (!f->has_va && !alive_at(n, f, &va)))
			continue;
		if (f->decl_line == last.line && f->decl_file == last.file && va != last.va) {
			up += va > last.va;
			down += va < last.va;
		}
		last.line = f->decl_line;
		last.file = f->decl_file;
		last.va = va;
	}
	return up && !down ? 1 : down && !up ? -1 : 0;
}

/* Bodies and candidates of one line: if they are as many, each body is the candidate of
 * its rank. */
static void name_line(struct namer *n, const struct place *p, size_t nr, int dir)
{
	size_t bodies = 0;

	while (bodies < nr && !p[bodies].is_candidate)
		bodies++;
	if (nr != 2 * bodies || (bodies > 1 && !dir))
		return;
	for (size_t i = 0; i < bodies; i++) {
		const struct place *c = dir < 0 ? &p[nr - 1 - i] : &p[bodies + i];

		set_name(&n->h->v.data[p[i].i], n->f.v.data[c->i].name,
			 bodies == 1 ? KSYM_HOLE_LINE : KSYM_HOLE_ORDER);
	}
}

static int name_by_line(struct namer *n, size_t first, size_t end)
{
	uint32_t file, line;
	int ret = 0, dir;

	n->places.len = 0;
	for (size_t i = first; i < end && !ret; i++)
		if (!n->h->v.data[i].name && line_of(n, n->h->v.data[i].va, &file, &line))
			ret = add_place(n, file, line, false, i);
	for (size_t i = 0; i < n->f.v.len && !ret; i++)
		if (is_candidate(n, &n->f.v.data[i]))
			ret = add_place(n, n->f.v.data[i].decl_file, n->f.v.data[i].decl_line, true, i);
	if (ret || !n->places.len)
		return ret;
	qsort(n->places.data, n->places.len, sizeof(*n->places.data), compare_places);
	dir = direction(n);
	for (size_t i = 0, k; i < n->places.len; i = k) {
		for (k = i + 1; k < n->places.len && n->places.data[k].key == n->places.data[i].key; k++)
			;
		if ((uint32_t)n->places.data[i].key != KS_STRPOOL_NONE)
			name_line(n, &n->places.data[i], k - i, dir);
	}
	return 0;
}

/* Name the holes [@first, @end), all of unit @cu. */
static int name_unit(struct namer *n, uint32_t cu, size_t first, size_t end)
{
	bool left = false;
	int ret;

	n->cu = cu;
	if (n->cus->cus[cu].language == DW_LANG_Mips_Assembler) {
		for (size_t i = first; i < end; i++)
			if (!n->h->v.data[i].traced)
				n->h->v.data[i].kind = KSYM_HOLE_ASSEMBLY;
		return 0;
	}
	ret = ks_cu_funcs_read(&n->r, &n->cus->cus[cu], &n->f, n->err);
	if (ret)
		return ret;
	name_by_address(n, first, end);
	for (size_t i = first; i < end; i++)
		left |= !n->h->v.data[i].name;
	if (!left)
		return 0;
	ret = ks_line_table_read(&n->t, n->debug, &n->cus->cus[cu], n->err);
	if (ret)
		return ret;
	ret = name_by_line(n, first, end);
	ks_line_table_free(&n->t);
	ks_strpool_free(&n->paths);
	return ret;
}

static int compare_keys(const void *pa, const void *pb)
{
	const struct place *a = pa, *b = pb;

	return a->key < b->key ? -1 : a->key > b->key;
}

/* ----------------------------------------------------------------- starts */

/* Is there padding right in front of @va, which is in hole @o, and code in front of that? */
static bool behind_padding(const struct namer *n, const struct ks_hole *o, uint64_t va)
{
	const struct ks_gap *g = &n->h->gaps.data[o->gap];
	const struct ks_elf_section *s = &n->h->image->sections[g->section];
	uint64_t off = va - o->va, len = s->data ? ks_code_len(&n->h->code, s->data + (o->va - s->va), off)
						 : off;

	return len && len < off;
}

static int add_start(struct namer *n, uint64_t va)
{
	uint64_t *slot = ks_vec_push(&n->starts);

	if (!slot)
		return ks_error_nomem(n->err);
	*slot = va;
	return 0;
}

/* Do the DIEs of the unit begin behind the space for ftrace, as those of gcc 12 for arm64 do?
 * Functions that are alive tell. */
static bool die_behind_space(const struct namer *n)
{
	for (size_t i = 0; i < n->f.v.len && slack(n); i++) {
		const struct ks_cu_func *f = &n->f.v.data[i];
		const struct ks_code_symbol *s = f->has_va ? symbol_named(n, f->name) : NULL;

		if (s && s->va < f->va && f->va - s->va <= slack(n))
			return true;
	}
	return false;
}

/* A DIE begins at @va, in hole @o: there, or in front of it is nothing but padding. */
static int add_die_start(struct namer *n, struct ks_hole *o, uint64_t va)
{
	const struct ks_elf_section *s = &n->h->image->sections[n->h->gaps.data[o->gap].section];
	uint64_t off = va - o->va;

	if (o->traced || (n->die_behind_space && off <= slack(n)))
		return off > slack(n) ? add_start(n, va) : 0;
	if (!s->data || ks_padding_len(&n->h->code, s->data + (o->va - s->va), off) < off)
		return add_start(n, va);
	o->va += off;
	o->len -= off;
	return 0;
}

/*
 * Functions without entries in __mcount_loc that begin inside hole @o: DIEs with addresses there;
 * and rows with the line of a candidate's declaration that is not the hole's own, where
 * alignment makes it a start.  Macros have one line for the whole body.
 */
static int find_starts(struct namer *n, struct ks_hole *o)
{
	struct place own = { 0 };
	uint32_t file, line;
	int ret = 0;

	for (size_t i = 0; i < n->f.v.len && !ret; i++)
		if (n->f.v.data[i].has_va && n->f.v.data[i].va > o->va &&
		    n->f.v.data[i].va - o->va < o->len)
			ret = add_die_start(n, o, n->f.v.data[i].va);
	if (!ret && o->kind == KSYM_HOLE_FUNCTION && line_of(n, o->va, &file, &line))
		ret = place_key(n, file, line, &own.key);
	for (size_t i = 0; i < n->t.nr_rows && !ret; i++) {
		const struct ks_line_row *row = &n->t.rows[i];
		struct place key = { 0 };

		if (row->end_sequence || row->va <= o->va || row->va - o->va >= o->len ||
		    row->va % ALIGNMENT ||
		    !n->places.len)
			continue;
		ret = place_key(n, row->file, row->line, &key.key);
		if (!ret && key.key != own.key &&
		    bsearch(&key, n->places.data, n->places.len, sizeof(key), compare_keys) &&
		    behind_padding(n, o, row->va))
			ret = add_start(n, row->va);
	}
	return ret;
}

/* The same for all holes of a unit in a row. */
static int find_unit_starts(struct namer *n, uint32_t cu, size_t first, size_t end)
{
	int ret;

	n->cu = cu;
	if (n->cus->cus[cu].language == DW_LANG_Mips_Assembler)
		return 0;
	ret = ks_cu_funcs_read(&n->r, &n->cus->cus[cu], &n->f, n->err);
	if (!ret)
		ret = ks_line_table_read(&n->t, n->debug, &n->cus->cus[cu], n->err);
	if (ret)
		return ret;
	n->die_behind_space = die_behind_space(n);
	n->places.len = 0;
	for (size_t i = 0; i < n->f.v.len && !ret; i++)
		if (is_candidate(n, &n->f.v.data[i]))
			ret = add_place(n, n->f.v.data[i].decl_file, n->f.v.data[i].decl_line, true, i);
	if (n->places.len)
		qsort(n->places.data, n->places.len, sizeof(*n->places.data), compare_places);
	for (size_t i = first; i < end && !ret; i++)
		ret = find_starts(n, &n->h->v.data[i]);
	ks_line_table_free(&n->t);
	ks_strpool_free(&n->paths);
	return ret;
}

/* ---------------------------------------------------------------- winners */

static int index_names(struct namer *n)
{
	struct ks_holes *h = n->h;
	uint32_t nr = 0;

	n->named = malloc((h->syms.len + 1) * sizeof(*n->named));
	if (!n->named)
		return ks_error_nomem(n->err);
	for (uint32_t i = 0; i < h->syms.len; i++) {
		uint32_t k = ks_strpool_add(&n->names, h->syms.data[i].name, strlen(h->syms.data[i].name));

		if (k == KS_STRPOOL_NONE)
			return ks_error_nomem(n->err);
		/* Only a global function can be what a weak one lost to. */
		if (k == nr)
			n->named[nr++] = i;
		else if (h->syms.data[i].global && !h->syms.data[n->named[k]].global)
			n->named[k] = i;
	}
	return 0;
}

/* The live function of the name that each hole has. */
static void find_winners(struct namer *n)
{
	for (size_t i = 0; i < n->h->v.len; i++) {
		struct ks_hole *o = &n->h->v.data[i];
		const struct ks_code_symbol *s = o->name ? symbol_named(n, o->name) : NULL;

		if (!s || !s->global)
			continue;
		o->live = (uint32_t)(s - n->h->syms.data);
		o->live_cu = unit_at(n, s->va);
	}
}

static int compare_vas(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

/*
 * Call @fn for each unit's holes in a row.  A unit can have code in several sections: its
 * holes there are worked on apart, which is right, as each section is filled in order.
 */
static int each_unit(struct namer *n, int (*fn)(struct namer *n, uint32_t cu, size_t first, size_t end))
{
	struct ks_hole *v = n->h->v.data;
	size_t nr = n->h->v.len, end;
	int ret = 0;

	for (size_t i = 0; i < nr; i++)
		v[i].cu = unit_at(n, v[i].va);
	for (size_t i = 0; i < nr && !ret; i = end) {
		for (end = i; end < nr && v[end].cu == v[i].cu; end++)
			;
		if (v[i].cu != UINT32_MAX)
			ret = fn(n, v[i].cu, i, end);
	}
	return ret;
}

int ks_holes_name(struct ks_holes *h, struct ks_elf *debug, const struct ks_cus *cus,
		  struct ksym_error *err)
{
	struct namer n = { .h = h, .debug = debug, .cus = cus, .err = err };
	int ret = ks_funcs_init(&n.r, debug, err);

	if (!ret)
		ret = index_names(&n);
	if (!ret)
		ret = each_unit(&n, find_unit_starts);
	if (!ret && n.starts.len) {
		qsort(n.starts.data, n.starts.len, sizeof(*n.starts.data), compare_vas);
		ret = ks_holes_split(h, n.starts.data, n.starts.len, err);
	}
	if (!ret)
		ret = each_unit(&n, name_unit);
	if (!ret)
		find_winners(&n);
	ks_strpool_free(&n.names);
	free(n.named);
	ks_vec_free(&n.f.v);
	ks_vec_free(&n.starts);
	ks_vec_free(&n.places);
	ks_strpool_free(&n.paths);
	ks_funcs_free(&n.r);
	return ret;
}
