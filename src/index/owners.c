// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Which object each symbol comes from.
 *
 * Three sources are asked, and believed in this order: linker maps, which know
 * everything; DWARF, which knows the code each unit owns and where its variables
 * are; STT_FILE symbols, which group the local symbols by source file.  All that
 * agree are recorded; the first that disagrees is recorded too.
 */
#include "index/owners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "holes/holes.h"
#include "kbuild/objpath.h"

/* ------------------------------------------------------------ edge symbols */

bool ks_edge_name(const char *name)
{
	static const char *const ends[] = {
		"start", "end", "begin", "stop", "text", "data", "bss", "load", "brk", "base",
		"limit",
	};
	size_t len = strlen(name);

	if (!strncmp(name, "__start_", 8) || !strncmp(name, "__stop_", 7) ||
	    !strncmp(name, "__end_", 6) || !strncmp(name, "__begin_", 8))
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t n = strlen(ends[i]);

		if (name[0] == '_' && len > n && !memcmp(name + len - n, ends[i], n))
			return true;
	}
	return false;
}

/*
 * A symbol of the linker script at the edge of a piece must not be given to the
 * object that happens to begin there; a label of assembly there must.  Only their
 * names tell them apart.  Behind the start of a piece only labels are possible.
 */
static bool belongs(const struct ks_isym *s, uint64_t piece_va)
{
	return !s->maybe_edge || s->va > piece_va || !ks_edge_name(s->name);
}

/* ------------------------------------------------------------------- DWARF */

static int name_units(struct ks_dwarf_owners *d, struct ks_model *m)
{
	struct ks_tu_name *names = calloc(d->cus.nr_cus + 1, sizeof(*names));
	const char *root;
	uint64_t total = 0;
	int ret = 0;

	if (!names)
		return ks_error_nomem(m->err);
	for (uint32_t i = 0; i < d->cus.nr_cus; i++) {
		names[i] = (struct ks_tu_name){ d->cus.cus[i].name, d->cus.cus[i].comp_dir };
		total += strlen(names[i].name) + strlen(names[i].comp_dir);
		if (total > KS_NAMES_MAX) {
			free(names);
			return ks_error(m->err, -EBADMSG,
					"%s: .debug_info: names of units: expected less than %u bytes in all",
					m->debug->path, KS_NAMES_MAX);
		}
	}
	root = ks_objpath_root(&m->arena, names, d->cus.nr_cus);
	for (uint32_t i = 0; i < d->cus.nr_cus && root; i++) {
		const char *path;
		size_t len;

		d->cu_object[i] = KS_NO_OBJECT;
		if (!names[i].name[0] || ks_is_lto_name(names[i].name))
			continue;
		path = ks_objpath(&m->arena, root, &names[i], &len);
		if (path)
			d->cu_object[i] = ks_model_object(m, path, len, 0);
		if (!path || d->cu_object[i] == KS_NO_OBJECT) {
			ret = ks_error_nomem(m->err);
			break;
		}
	}
	if (!root)
		ret = ks_error_nomem(m->err);
	free(names);
	return ret;
}

static bool range_has(const struct ks_cu_range *r, uint64_t va)
{
	return va >= r->va && va < r->end_va;
}

/*
 * Symbols and ranges are both in address order: walk them side by side.
 *
 * A unit's range can begin inside its function: compilers leave out the space that
 * -fpatchable-function-entry reserves at the start (arm64).
 */
static void match_ranges(struct ks_dwarf_owners *d, const struct ks_model *m)
{
	const struct ks_cu_range *ranges = d->cus.ranges;
	size_t r = 0, nr = d->cus.nr_ranges;

	for (size_t i = 0; i < m->syms.len && nr; i++) {
		const struct ks_isym *s = &m->syms.data[i];

		if (!s->is_text)
			continue;
		/* Ranges can overlap only in broken input; the last that begins at or
		 * before the symbol decides. */
		while (r + 1 < nr && ranges[r + 1].va <= s->va)
			r++;
		if (range_has(&ranges[r], s->va)) {
			if (belongs(s, ranges[r].va))
				d->sym_cu[i] = ranges[r].cu;
			continue;
		}
		for (size_t k = r; k < nr && k <= r + 1; k++)
			if (ranges[k].va > s->va && ranges[k].va - s->va < s->len) {
				d->sym_cu[i] = ranges[k].cu;
				break;
			}
	}
}

/* First variable at or behind @va. */
static size_t first_var(const struct ks_dwarf_owners *d, uint64_t va)
{
	size_t lo = 0, hi = d->cus.nr_vars;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (d->cus.vars[mid].va < va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* "calls" is the variable of symbol "calls", "calls.0" and "init_once.calls". */
static bool is_named(const struct ks_isym *s, const char *var)
{
	size_t len = strlen(var);
	const char *tail = s->name_len > len ? s->name + s->name_len - len : NULL;

	if (!len)
		return false;
	if (!strncmp(s->name, var, len) && (!s->name[len] || s->name[len] == '.'))
		return true;
	return tail && tail[-1] == '.' && !strcmp(tail, var);
}

/* A set of units, as far as it matters: none, one, or several. */
struct unit_set {
	uint32_t cu;
	bool several;
};

static void add_unit(struct unit_set *set, uint32_t cu)
{
	set->several |= set->cu != KS_NO_OBJECT && set->cu != cu;
	set->cu = cu;
}

/*
 * The unit with a variable at the symbol's address.  Variables of no size share
 * their address with the next one, so there can be several: then it is the one with
 * a variable of that name, or else the one that leaves the name to a declaration.
 * (A weak variable that lost is described at the winner's address under the same
 * name: then DWARF knows no more than that it is one of two.)
 */
static uint32_t var_unit(const struct ks_dwarf_owners *d, const struct ks_isym *s, size_t v)
{
	struct unit_set all = { KS_NO_OBJECT }, named = all, unnamed = all;

	for (; v < d->cus.nr_vars && d->cus.vars[v].va == s->va; v++) {
		uint32_t cu = d->cus.vars[v].cu;

		add_unit(&all, cu);
		if (!d->cus.vars[v].name[0])
			add_unit(&unnamed, cu);
		else if (is_named(s, d->cus.vars[v].name))
			add_unit(&named, cu);
	}
	if (!all.several)
		return all.cu;
	if (named.cu == KS_NO_OBJECT)
		named = unnamed;
	return named.several ? KS_NO_OBJECT : named.cu;
}

static void match_vars(struct ks_dwarf_owners *d, const struct ks_model *m)
{
	size_t v = 0;

	for (size_t i = 0; i < m->syms.len; i++) {
		const struct ks_isym *s = &m->syms.data[i];

		if (s->is_text || s->section == KS_SHN_ABS)
			continue;
		while (v < d->cus.nr_vars && d->cus.vars[v].va < s->va)
			v++;
		if (v < d->cus.nr_vars && d->cus.vars[v].va == s->va && !s->maybe_edge)
			d->sym_cu[i] = var_unit(d, s, v);
	}
}

int ks_dwarf_owners_read(struct ks_dwarf_owners *d, struct ks_model *m)
{
	int ret;

	ks_model_progress(m, "reading debug information");
	ret = ks_cus_read(&d->cus, m->debug, true, m->err);
	if (ret)
		return ret;
	d->cu_object = calloc(d->cus.nr_cus + 1, sizeof(*d->cu_object));
	d->sym_cu = malloc((m->syms.len + 1) * sizeof(*d->sym_cu));
	if (!d->cu_object || !d->sym_cu)
		return ks_error_nomem(m->err);
	memset(d->sym_cu, 0xff, (m->syms.len + 1) * sizeof(*d->sym_cu));
	ret = name_units(d, m);
	if (ret)
		return ret;
	match_ranges(d, m);
	match_vars(d, m);
	return 0;
}

void ks_dwarf_owners_free(struct ks_dwarf_owners *d)
{
	free(d->cu_object);
	free(d->sym_cu);
	ks_cus_free(&d->cus);
}

/* ----------------------------------------------------------------- verdict */

/*
 * The padding in front of a function (objtool's __pfx_, clang's __cfi_) has a symbol
 * of its own.  No unit's ranges need to include it, and its place in the symbol table
 * says nothing because objtool appends it: it is where the function is.
 */
static const char *prefix_of(const struct ks_isym *s)
{
	if (!strncmp(s->name, "__pfx_", 6) || !strncmp(s->name, "__cfi_", 6))
		return s->name + 6;
	return NULL;
}

/* Has a unit of @object a variable there that can be this symbol? */
static bool has_var(const struct ks_dwarf_owners *d, const struct ks_isym *s, uint32_t object)
{
	for (size_t v = first_var(d, s->va); v < d->cus.nr_vars && d->cus.vars[v].va == s->va; v++) {
		const struct ks_cu_var *var = &d->cus.vars[v];

		if (d->cu_object[var->cu] == object && (!var->name[0] || is_named(s, var->name)))
			return true;
	}
	return false;
}

/* What DWARF says of a symbol; where it could mean several units, the one that has
 * a second source on its side. */
static uint32_t dwarf_object(const struct ks_dwarf_owners *d, const struct ks_isym *s, size_t i,
			     uint32_t file_object)
{
	if (!d->sym_cu)
		return KS_NO_OBJECT;
	if (!s->is_text && !s->maybe_edge && s->section != KS_SHN_ABS) {
		if (s->object != KS_NO_OBJECT && has_var(d, s, s->object))
			return s->object;
		if (file_object != KS_NO_OBJECT && has_var(d, s, file_object))
			return file_object;
		/* A label at the end of another group is not the variable behind it. */
		if (file_object != KS_NO_OBJECT && !s->len)
			return KS_NO_OBJECT;
	}
	return d->sym_cu[i] == KS_NO_OBJECT ? KS_NO_OBJECT : d->cu_object[d->sym_cu[i]];
}

/* A source that knows no more than "entry.o" agrees with "arch/x86/entry.o". */
static bool agree(const struct ks_model *m, uint32_t object, uint32_t other)
{
	const char *path = ks_strpool_get(&m->objects, object);
	const char *base = ks_strpool_get(&m->objects, other), *slash = strrchr(path, '/');

	return object == other || (slash && !strcmp(slash + 1, base));
}

static void claim(const struct ks_model *m, struct ks_isym *s, uint32_t object, uint16_t source)
{
	if (object == KS_NO_OBJECT)
		return;
	if (s->object == KS_NO_OBJECT)
		s->object = object;
	if (agree(m, s->object, object))
		s->sources |= source;
	else if (s->other_object == KS_NO_OBJECT)
		s->other_object = object;
}

/*
 * Is the map an authority on this symbol?  Not where constants of several objects
 * were merged: it names the object whose copy was kept.  Not for a variable without
 * size at the start of a piece, when its group or DWARF name another object: it
 * then is the end of the piece before.
 */
static bool map_knows(const struct ks_model *m, const struct ks_dwarf_owners *d,
		      const struct ks_piece *e, size_t i, uint32_t file_object)
{
	const struct ks_isym *s = &m->syms.data[i];
	uint32_t other = file_object;

	if (other == KS_NO_OBJECT && d->sym_cu && d->sym_cu[i] != KS_NO_OBJECT)
		other = d->cu_object[d->sym_cu[i]];
	if (other == KS_NO_OBJECT || agree(m, e->object, other))
		return true;
	if (e->merged && other == file_object)
		return false;
	return s->len || s->va != e->va || s->is_text || !has_var(d, s, other);
}

static void decide(struct ks_model *m, const struct ks_pieces *p, const struct ks_dwarf_owners *d,
		   const uint32_t *sym_file_object)
{
	for (size_t i = 0; i < m->syms.len; i++) {
		struct ks_isym *s = &m->syms.data[i];
		const struct ks_piece *e = ks_pieces_find(p, s->section, s->va);

		if (s->maybe_edge && ks_pieces_cover(p, s->section)) {
			/* The map tells labels from what the linker script makes. */
			if (ks_strpool_find(&p->assigned, s->name, s->name_len) != KS_STRPOOL_NONE)
				continue;
			if (e)
				claim(m, s, e->object, e->source);
			if (s->object == KS_NO_OBJECT)
				continue;
		} else if (e && map_knows(m, d, e, i, sym_file_object[i])) {
			claim(m, s, e->object, e->source);
		}
		claim(m, s, dwarf_object(d, s, i, sym_file_object[i]), KSYM_SOURCE_DWARF);
		if (!prefix_of(s))
			claim(m, s, sym_file_object[i], KSYM_SOURCE_FILE);
		m->nr_disagreements += s->other_object != KS_NO_OBJECT && !s->unlisted;
	}
	if (m->nr_disagreements)
		ks_model_warn(m, "%s: two sources disagree about the object of %u symbols (`ksym check --disagreements` lists them)",
			      m->image->path, m->nr_disagreements);
}

#define NEAR 256

static void follow_function(struct ks_model *m, size_t i)
{
	struct ks_isym *s = &m->syms.data[i];
	const char *name = prefix_of(s);

	/* The function comes right behind its padding; a hostile size reaches further. */
	for (size_t k = i + 1; name && k < m->syms.len && k - i <= NEAR &&
			       m->syms.data[k].va <= s->va + s->len; k++) {
		const struct ks_isym *f = &m->syms.data[k];

		if (f->va != s->va + s->len || strcmp(f->name, name))
			continue;
		s->object = f->object;
		s->other_object = f->other_object;
		s->sources = f->sources;
		return;
	}
}

/* The trampoline of a static call is where the key is, which its unit defines. */
static int follow_keys(struct ks_model *m)
{
	struct ks_strpool keys ks_cleanup_strpool = { 0 };
	uint32_t *object = calloc(m->syms.len + 1, sizeof(*object));

	if (!object)
		return ks_error_nomem(m->err);
	for (size_t i = 0; i < m->syms.len; i++) {
		const struct ks_isym *s = &m->syms.data[i];
		uint32_t n;

		if (strncmp(s->name, "__SCK__", 7))
			continue;
		n = ks_strpool_add(&keys, s->name + 7, s->name_len - 7);
		if (n == KS_STRPOOL_NONE) {
			free(object);
			return ks_error_nomem(m->err);
		}
		/* A name that two units use (static keys) leads nowhere. */
		object[n] = keys.nr == n + 1 && !object[n] ? s->object + 1 : 0;
	}
	for (size_t i = 0; i < m->syms.len; i++) {
		struct ks_isym *s = &m->syms.data[i];
		uint32_t n;

		if (s->object != KS_NO_OBJECT || strncmp(s->name, "__SCT__", 7))
			continue;
		n = ks_strpool_find(&keys, s->name + 7, s->name_len - 7);
		if (n != KS_STRPOOL_NONE && object[n])
			claim(m, s, object[n] - 1, KSYM_SOURCE_DWARF);
	}
	free(object);
	return 0;
}

static int follow_companions(struct ks_model *m)
{
	for (size_t i = 0; i < m->syms.len; i++)
		if (m->syms.data[i].object == KS_NO_OBJECT)
			follow_function(m, i);
	return follow_keys(m);
}

/* A .o is one object, whatever its debug information is able to say. */
static int own_by_image(struct ks_model *m, const struct ks_dwarf_owners *d)
{
	const char *path = m->image->path;
	uint32_t object;

	if (d->cus.nr_cus == 1 && d->cu_object[0] != KS_NO_OBJECT)
		object = d->cu_object[0];
	else
		object = ks_model_object(m, path, strlen(path), 0);
	if (object == KS_NO_OBJECT)
		return ks_error_nomem(m->err);
	for (size_t i = 0; i < m->syms.len; i++)
		claim(m, &m->syms.data[i], object, KSYM_SOURCE_IMAGE);
	return 0;
}

static bool is_single_object(const struct ks_model *m, const struct ks_dwarf_owners *d)
{
	if (m->image->type != ET_REL || ks_model_is_module(m))
		return false;
	return d->cus.nr_cus == 1 || (!d->cus.nr_cus && m->files.len <= 1);
}

/* Debug information of a kind unknown here is as good as none. */
static int ask_dwarf(struct ks_dwarf_owners *d, struct ks_model *m)
{
	struct ksym_error *err = m->err, own = { 0 };
	int ret;

	m->err = &own;
	ret = ks_dwarf_owners_read(d, m);
	m->err = err;
	if (ret == -ENOTSUP) {
		ks_model_warn(m, "%s; going on without debug information", own.text);
		ks_dwarf_owners_free(d);
		*d = (struct ks_dwarf_owners){ 0 };
		return 0;
	}
	if (ret && err)
		*err = own;
	return ret;
}

static int compare_dead(const void *pa, const void *pb)
{
	const struct ks_idead *a = pa, *b = pb;

	return a->va < b->va ? -1 : a->va > b->va;
}

static int add_dead(struct ks_model *m, const struct ks_dwarf_owners *d, const struct ks_hole *x)
{
	struct ks_idead *out;

	if (x->kind != KSYM_HOLE_FUNCTION || !x->len || x->len >= UINT32_MAX)
		return 0;
	out = ks_vec_push(&m->dead);
	if (!out)
		return ks_error_nomem(m->err);
	*out = (struct ks_idead){
		.va = x->va, .len = x->len, .name = x->name ? x->name : "",
		.object = x->cu != UINT32_MAX ? d->cu_object[x->cu] : KS_NO_OBJECT,
		.flags = x->confidence,
	};
	return 0;
}

/* Functions without symbol, as far as they are known to be functions.  That they cannot be
 * found, or not be named, is no reason to have no index. */
static int find_dead(struct ks_model *m, const struct ks_dwarf_owners *d)
{
	struct ksym_error own;
	struct ks_holes h;
	int ret = ks_holes_find(&h, m->image, m->symfile, &own), why = ret;

	if (!ret && d->cu_object && h.v.len)
		why = ks_holes_name(&h, m->debug, &d->cus, &own);
	if (why == -ENOMEM)
		ret = ks_error_nomem(m->err);
	else if (why)
		ks_model_warn(m, "%s; going on without %s of dead functions", own.text,
			      ret ? "a list" : "names");
	if (ret)
		return ret == -ENOMEM ? ret : 0;
	for (size_t i = 0; i < h.v.len && !ret; i++)
		ret = add_dead(m, d, &h.v.data[i]);
	/* Holes are in the order of sections. */
	if (!ret && m->dead.len)
		qsort(m->dead.data, m->dead.len, sizeof(*m->dead.data), compare_dead);
	ks_holes_free(&h);
	return ret;
}

int ks_model_find_owners(struct ks_model *m)
{
	struct ks_pieces p = { 0 };
	struct ks_dwarf_owners d = { 0 };
	uint32_t *sym_file_object = malloc((m->syms.len + 1) * sizeof(*sym_file_object));
	int ret = 0;

	if (!sym_file_object)
		ret = ks_error_nomem(m->err);
	if (!ret)
		ret = ks_pieces_read(&p, m);
	if (!ret && m->debug)
		ret = ask_dwarf(&d, m);
	if (!ret && !p.v.len && is_single_object(m, &d)) {
		ret = own_by_image(m, &d);
	} else if (!ret) {
		ret = ks_file_owners_read(m, &d, sym_file_object);
		if (!ret) {
			decide(m, &p, &d, sym_file_object);
			ret = follow_companions(m);
		}
	}
	if (!ret)
		ret = find_dead(m, &d);
	ks_pieces_free(&p);
	ks_dwarf_owners_free(&d);
	free(sym_file_object);
	return ret;
}
