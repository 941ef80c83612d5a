// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Owners by STT_FILE symbol.
 *
 * A linker writes the local symbols object by object, each C object's led by a
 * symbol with the base name of its source.  That alone groups local symbols; which
 * "core.c" it was is found by the group's members that DWARF knows, and for groups
 * without such a member by position: units and groups are both in link order.
 *
 * Objects made from assembly bring no such symbol.  GNU ld then makes one from the
 * object's own name ("entry_64.o").  lld does not, so such locals trail behind the
 * group of the object linked before; the locals a linker makes of hidden globals trail
 * behind the last group.  Where either may be, what follows the last member that
 * DWARF confirms is claimed for nobody.
 */
#include "index/owners.h"

#include <stdlib.h>
#include <string.h>
#include "kbuild/objpath.h"

#define DW_LANG_MIPS_ASSEMBLER 0x8001
#define DW_LANG_ASSEMBLY 0x31

struct grouping {
	struct ks_model *m;
	const struct ks_dwarf_owners *d;
	uint32_t *order;	/* local symbols in the order of the file */
	size_t nr_order;
	size_t *first;		/* group -> first of its members in order; one more at the end */
	uint32_t *group_cu;	/* KS_NO_OBJECT: not known */
	uint32_t *group_object;
	uint8_t *cu_used;
	bool linker_names;	/* the linker makes a symbol where the object has none */
};

static const char *base_name(const char *s)
{
	const char *slash = strrchr(s, '/');

	return slash ? slash + 1 : s;
}

/* Name of a group's source.  arm64 prefixes all symbols of some objects, and so
 * these ones. */
static const char *file_name(const struct grouping *g, size_t group)
{
	static const char *const prefixes[] = { "__kvm_nvhe_", "__pi_", "__efistub_" };
	const char *s = g->m->files.data[group];

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (!strncmp(s, prefixes[i], strlen(prefixes[i])))
			return s + strlen(prefixes[i]);
	return s;
}

static bool is_object_name(const char *s)
{
	size_t len = strlen(s);

	return len > 2 && !strcmp(s + len - 2, ".o");
}

/* "core.c" is "kernel/core.c"; "entry_64.o" was made from "arch/x86/entry_64.S", and
 * "kernel/core.dwo" from "core.c". */
static bool same_source(const struct grouping *g, size_t group, uint32_t cu)
{
	const char *file = base_name(file_name(g, group));
	const char *name = base_name(g->d->cus.cus[cu].name);
	const char *file_dot = strrchr(file, '.'), *name_dot = strrchr(name, '.');

	if (!file_dot || !name_dot || (!is_object_name(file) && strcmp(name_dot, ".dwo")))
		return !strcmp(file, name);
	return file_dot - file == name_dot - name && !memcmp(file, name, (size_t)(file_dot - file));
}

static bool is_assembler(const struct grouping *g, uint32_t cu)
{
	return g->d->cus.cus[cu].language == DW_LANG_MIPS_ASSEMBLER ||
	       g->d->cus.cus[cu].language == DW_LANG_ASSEMBLY;
}

/* Members of each group, in the order of the symbol table. */
static int order_members(struct grouping *g)
{
	struct ks_model *m = g->m;
	uint32_t nr = m->symfile->nr_symbols;
	uint32_t *by_elf = calloc((size_t)nr + 1, sizeof(*by_elf));
	size_t group = 0;

	g->order = malloc((m->syms.len + 1) * sizeof(*g->order));
	g->first = calloc(m->files.len + 1, sizeof(*g->first));
	if (!by_elf || !g->order || !g->first) {
		free(by_elf);
		return ks_error_nomem(m->err);
	}
	for (size_t i = 0; i < m->syms.len; i++)
		by_elf[m->syms.data[i].elf_index] = (uint32_t)i + 1;
	for (uint32_t k = 0; k < nr; k++) {
		const struct ks_isym *s;

		if (!by_elf[k])
			continue;
		s = &m->syms.data[by_elf[k] - 1];
		if (s->file == KS_NO_OBJECT)
			continue;
		while (group <= s->file)
			g->first[group++] = g->nr_order;
		g->order[g->nr_order++] = by_elf[k] - 1;
	}
	while (group <= m->files.len)
		g->first[group++] = g->nr_order;
	free(by_elf);
	return 0;
}

/* The unit of that source which most members name. */
static void vote(struct grouping *g, size_t group, uint32_t *votes)
{
	uint32_t best = KS_NO_OBJECT;

	for (int pass = 0; pass < 2; pass++)
		for (size_t k = g->first[group]; k < g->first[group + 1]; k++) {
			uint32_t cu = g->d->sym_cu[g->order[k]];

			if (cu == KS_NO_OBJECT || !same_source(g, group, cu))
				continue;
			if (pass)
				votes[cu] = 0;
			else if (++votes[cu], best == KS_NO_OBJECT || votes[cu] > votes[best])
				best = cu;
		}
	g->group_cu[group] = best;
	if (best != KS_NO_OBJECT)
		g->cu_used[best] = 1;
}

/* A group nobody voted for lies between its neighbours' units.  That is a short way,
 * unless the file is made to keep us busy. */
#define MAX_STEPS (1u << 26)

static void place_by_order(struct grouping *g)
{
	uint32_t nr_cus = g->d->cus.nr_cus, from = 0;
	uint64_t steps = 0;
	size_t next = 0;

	for (size_t group = 0; group < g->m->files.len && steps < MAX_STEPS; group++) {
		uint32_t to;

		if (g->group_cu[group] != KS_NO_OBJECT) {
			from = g->group_cu[group] + 1;
			continue;
		}
		while (next < g->m->files.len &&
		       (next <= group || g->group_cu[next] == KS_NO_OBJECT))
			next++;
		to = next < g->m->files.len ? g->group_cu[next] : nr_cus;
		for (uint32_t cu = from; cu < to; cu++, steps++)
			if (!g->cu_used[cu] && same_source(g, group, cu)) {
				g->group_cu[group] = cu;
				g->cu_used[cu] = 1;
				from = cu + 1;
				break;
			}
	}
}

/* Without a unit the name of the file is all there is: "core.c" makes "core.o",
 * a new one each time unless the name has a directory. */
static int name_by_file(struct grouping *g, size_t group, struct ks_strpool *seen,
			uint32_t *count)
{
	struct ks_tu_name tu = { file_name(g, group), "" };
	const char *path;
	uint32_t n, nth = 0;
	size_t len;

	path = ks_objpath(&g->m->arena, "", &tu, &len);
	if (!path)
		return ks_error_nomem(g->m->err);
	if (!strchr(path, '/')) {
		n = ks_strpool_add(seen, path, len);
		if (n == KS_STRPOOL_NONE)
			return ks_error_nomem(g->m->err);
		nth = count[n]++;
	}
	g->group_object[group] = ks_model_object(g->m, path, len, nth);
	return g->group_object[group] == KS_NO_OBJECT ? ks_error_nomem(g->m->err) : 0;
}

static int name_groups(struct grouping *g)
{
	struct ks_strpool seen = { 0 };
	uint32_t *count = calloc(g->m->files.len + 1, sizeof(*count));
	int ret = count ? 0 : ks_error_nomem(g->m->err);

	for (size_t group = 0; group < g->m->files.len && !ret; group++) {
		g->group_object[group] = KS_NO_OBJECT;
		if (g->group_cu[group] != KS_NO_OBJECT)
			g->group_object[group] = g->d->cu_object[g->group_cu[group]];
		else if (g->m->files.data[group][0] && g->first[group] < g->first[group + 1])
			ret = name_by_file(g, group, &seen, count);
	}
	ks_strpool_free(&seen);
	free(count);
	return ret;
}

/* May symbols of others trail behind this group's own? */
static bool others_trail(const struct grouping *g, size_t group)
{
	uint32_t end = g->d->cus.nr_cus;

	if (g->group_cu[group] == KS_NO_OBJECT || g->linker_names)
		return false;
	if (group + 1 == g->m->files.len)
		return true;
	for (size_t next = group + 1; next < g->m->files.len; next++)
		if (g->group_cu[next] != KS_NO_OBJECT) {
			end = g->group_cu[next];
			break;
		}
	for (uint32_t cu = g->group_cu[group] + 1; cu < end; cu++)
		if (is_assembler(g, cu))
			return true;
	return false;
}

static void assign(const struct grouping *g, size_t group, uint32_t *sym_object)
{
	uint32_t main_cu = g->group_cu[group];
	bool trailing = false;
	size_t sure = g->first[group + 1];	/* members before this are the group's */

	if (others_trail(g, group))
		while (sure > g->first[group] && g->d->sym_cu[g->order[sure - 1]] != main_cu)
			sure--;

	for (size_t k = g->first[group]; k < g->first[group + 1]; k++) {
		uint32_t sym = g->order[k];
		uint32_t cu = g->d->sym_cu ? g->d->sym_cu[sym] : KS_NO_OBJECT;

		if (cu != KS_NO_OBJECT && cu != main_cu && is_assembler(g, cu)) {
			trailing = true;
			continue;
		}
		if (cu != KS_NO_OBJECT && cu == main_cu)
			trailing = false;
		if (!trailing && k < sure)
			sym_object[sym] = g->group_object[group];
	}
}

int ks_file_owners_read(struct ks_model *m, const struct ks_dwarf_owners *d, uint32_t *sym_object)
{
	struct grouping g = { .m = m, .d = d };
	size_t nr = m->files.len, total = 0;
	uint32_t *votes = calloc((size_t)d->cus.nr_cus + 1, sizeof(*votes));
	int ret;

	memset(sym_object, 0xff, (m->syms.len + 1) * sizeof(*sym_object));
	g.group_cu = malloc((nr + 1) * sizeof(*g.group_cu));
	g.group_object = calloc(nr + 1, sizeof(*g.group_object));
	g.cu_used = calloc((size_t)d->cus.nr_cus + 1, 1);
	if (!votes || !g.group_cu || !g.group_object || !g.cu_used) {
		ret = ks_error_nomem(m->err);
	} else {
		memset(g.group_cu, 0xff, (nr + 1) * sizeof(*g.group_cu));
		ret = order_members(&g);
	}
	for (size_t group = 0; group < nr && !ret; group++) {
		total += strlen(m->files.data[group]);
		if (total > KS_NAMES_MAX)
			ret = ks_elf_bad(m->symfile, m->symfile->symtab, m->err,
					 "names of source files: expected less than %u bytes in all",
					 KS_NAMES_MAX);
	}
	for (size_t group = 0; group < nr && !ret; group++)
		g.linker_names |= is_object_name(m->files.data[group]);
	if (!ret && d->sym_cu) {
		for (size_t group = 0; group < nr; group++)
			vote(&g, group, votes);
		place_by_order(&g);
	}
	if (!ret)
		ret = name_groups(&g);
	for (size_t group = 0; group < nr && !ret; group++)
		assign(&g, group, sym_object);
	free(votes);
	free(g.order);
	free(g.first);
	free(g.group_cu);
	free(g.group_object);
	free(g.cu_used);
	return ret;
}
