// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Which modules each object belongs to.
 *
 * Lists of objects, .cmd files, the evaluated source tree and modules.builtin
 * speak of objects by path; modules.builtin.ranges speaks of addresses and is
 * brought to objects through the symbols there.  Symbols whose object nobody
 * knows, but whose modules are known, get an object without a path.
 */
#include "index/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kbuild/evaluate.h"
#include "kbuild/modules.h"

struct member {
	uint32_t object, module;
	uint32_t sources;
};

struct members {
	KS_VEC(struct member) v;
};

static int add_member(struct members *out, struct ks_model *m, uint32_t object, const char *module,
		      size_t len, uint32_t source)
{
	struct member *e = ks_vec_push(&out->v);
	uint32_t n = ks_strpool_add(&m->modules, module, len);

	if (!e || n == KS_STRPOOL_NONE)
		return ks_error_nomem(m->err);
	*e = (struct member){ object, n, source };
	return 0;
}

/* ------------------------------------------------------------ lists by path */

static int read_builtin_file(struct ks_modules *mods, struct ks_module_ranges *ranges,
			     const char *path, struct ksym_error *err)
{
	struct ks_file f ks_cleanup_file = { 0 };
	int ret = ks_file_open(&f, path, err);

	if (ret)
		return ret;
	if (ks_modules_format(&f) == KS_MODULES_RANGES)
		return ks_module_ranges_read(ranges, &f, err);
	return ks_modules_read_any(mods, &f, err);
}

static int read_tree_file(struct ks_model *m, struct ks_modules *mods,
			  struct ks_module_ranges *ranges, const char *name)
{
	size_t len = strlen(m->opts->build_tree) + strlen(name) + 2;
	char *path = ks_arena_alloc(&m->arena, len);

	if (!path)
		return ks_error_nomem(m->err);
	snprintf(path, len, "%s/%s", m->opts->build_tree, name);
	return access(path, R_OK) ? 0 : read_builtin_file(mods, ranges, path, m->err);
}

/*
 * From Linux 6.19 on modules.builtin is made of the linked image, which has .modinfo until it is
 * stripped; before, of vmlinux.o.
 */
static int read_modinfo(struct ks_model *m, struct ks_modules *mods)
{
	uint32_t n = ks_elf_find_section(m->image, ".modinfo");
	const uint8_t *data;
	size_t len;
	int ret;

	/* What a loadable module has there is about itself. */
	if (!n || ks_model_is_module(m) || m->image->sections[n].type == SHT_NOBITS)
		return 0;
	ret = ks_elf_section_data(m->image, n, &data, &len, m->err);
	return ret ? ret : ks_modules_read_modinfo(mods, data, len, m->err);
}

static int read_lists(struct ks_model *m, struct ks_modules *mods, struct ks_module_ranges *ranges)
{
	static const char *const in_tree[] = { "modules.builtin", "modules.builtin.objs",
					       "modules_thick.builtin" };
	const struct ksym_build_opts *o = m->opts;
	int ret = read_modinfo(m, mods);

	for (const char *const *f = o->builtin_files; f && *f && !ret; f++)
		ret = read_builtin_file(mods, ranges, *f, m->err);
	if (o->build_tree && !ret) {
		for (size_t i = 0; i < sizeof(in_tree) / sizeof(*in_tree) && !ret; i++)
			ret = read_tree_file(m, mods, ranges, in_tree[i]);
		ks_model_progress(m, "reading .cmd files");
		if (!ret)
			ret = ks_modules_read_cmds(mods, o->build_tree, m->err);
	}
	if (o->source_tree && !ret) {
		const struct ks_evaluate_opts e = {
			.source_tree = o->source_tree,
			.config_file = o->config_file,
			.message = o->message,
			.message_arg = o->message_arg,
		};

		ks_model_progress(m, "evaluating the source tree's makefiles");
		ret = ks_kbuild_evaluate(mods, &e, m->err);
	}
	return ret ? ret : ks_modules_finish(mods, m->err);
}

static int take_pairs(struct ks_model *m, struct members *out, const struct ks_modules *mods)
{
	int ret = 0;

	for (size_t i = 0; i < mods->pairs.len && !ret; i++) {
		const struct ks_module_pair *p = &mods->pairs.data[i];
		const char *path = ks_strpool_get(&mods->objects, p->object);
		const char *name = ks_strpool_get(&mods->names, p->name);
		uint32_t object = ks_strpool_find(&m->objects, path, strlen(path));

		if (object != KS_STRPOOL_NONE)
			ret = add_member(out, m, object, name, strlen(name), p->sources);
	}
	/* modules.builtin: a module of one object often bears its name. */
	for (size_t i = 0; i < mods->files.len && !ret; i++) {
		const char *path = ks_strpool_get(&mods->objects, mods->files.data[i].object);
		const char *name = ks_strpool_get(&mods->names, mods->files.data[i].name);
		uint32_t object = ks_strpool_find(&m->objects, path, strlen(path));

		if (object != KS_STRPOOL_NONE)
			ret = add_member(out, m, object, name, strlen(name), KSYM_MODULE_SOURCE_NAME);
	}
	return ret;
}

/* -------------------------------------------------- modules.builtin.ranges */

static int add_words(struct ks_model *m, struct members *out, uint32_t object, const char *words,
		     uint32_t source)
{
	int ret = 0;

	while (*words && !ret) {
		size_t n = strcspn(words, " ");

		if (n)
			ret = add_member(out, m, object, words, n, source);
		words += n + (words[n] == ' ');
	}
	return ret;
}

/* An object without a path for symbols of which only the modules are known. */
static uint32_t pathless_object(struct ks_model *m, const char *words)
{
	char key[1024];

	key[0] = 0;
	return ks_strpool_add(&m->objects, key,
			      1 + (size_t)snprintf(key + 1, sizeof(key) - 1, "%.1000s", words));
}

/* What the symbols of an object say about its modules. */
struct vote {
	uint32_t object;
	uint32_t words;		/* text of the list in r->strings, or none */
	uint32_t count;
};

#define NO_WORDS UINT32_MAX

static int compare_votes(const void *pa, const void *pb)
{
	const struct vote *a = pa, *b = pb;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return (a->words > b->words) - (a->words < b->words);
}

/* A range where it is in the image. */
struct placed {
	uint32_t section;	/* ELF section, 0 = the image has none of that name */
	uint32_t words;
	uint64_t va, end_va;
};

static int compare_placed(const void *pa, const void *pb)
{
	const struct placed *a = pa, *b = pb;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	return (a->end_va > b->end_va) - (a->end_va < b->end_va);
}

static struct placed *place_ranges(const struct ks_model *m, const struct ks_module_ranges *r)
{
	struct placed *p = calloc(r->ranges.len + 1, sizeof(*p));
	uint32_t name = NO_WORDS, section = 0;

	for (size_t i = 0; p && i < r->ranges.len; i++) {
		const struct ks_module_range *range = &r->ranges.data[i];
		uint64_t base;

		if (!i || range->section != name)
			section = ks_elf_find_section(m->image,
						      ks_strpool_get(&r->strings, range->section));
		name = range->section;
		base = m->image->sections[section].va;
		p[i] = (struct placed){ section, range->modules, base + range->off,
					base + range->end_off };
	}
	if (p)
		qsort(p, r->ranges.len, sizeof(*p), compare_placed);
	return p;
}

/* The modules at a symbol; *@covered: does its section have ranges at all? */
static uint32_t words_at(const struct placed *p, size_t nr, const struct ks_isym *s, bool *covered)
{
	size_t lo = 0, hi = nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p[mid].section < s->section ||
		    (p[mid].section == s->section && p[mid].va <= s->va))
			lo = mid + 1;
		else
			hi = mid;
	}
	*covered = (lo && p[lo - 1].section == s->section) ||
		   (lo < nr && p[lo].section == s->section);
	return lo && p[lo - 1].section == s->section && s->va < p[lo - 1].end_va ? p[lo - 1].words
										: NO_WORDS;
}

/*
 * Ranges cut sections where objects begin, but symbols at a border (without size,
 * or in storage that objects share) may be another object's.  So an object's modules
 * are those that most of its symbols with a size are in the range of.
 */
static int count_votes(struct ks_model *m, const struct ks_module_ranges *r, struct vote *votes,
		       size_t *nr)
{
	struct placed *placed = place_ranges(m, r);
	int ret = placed ? 0 : ks_error_nomem(m->err);

	for (size_t i = 0; i < m->syms.len && !ret; i++) {
		struct ks_isym *s = &m->syms.data[i];
		uint32_t words;
		bool covered;

		if (!s->section || s->section >= m->image->nr_sections || !s->len)
			continue;
		words = words_at(placed, r->ranges.len, s, &covered);
		if (!covered)
			continue;
		if (s->object == KS_NO_OBJECT && words != NO_WORDS) {
			s->object = pathless_object(m, ks_strpool_get(&r->strings, words));
			if (s->object == KS_NO_OBJECT)
				ret = ks_error_nomem(m->err);
		}
		if (s->object != KS_NO_OBJECT)
			votes[(*nr)++] = (struct vote){ s->object, words, 1 };
	}
	free(placed);
	return ret;
}

static int take_ranges(struct ks_model *m, struct members *out, const struct ks_module_ranges *r)
{
	struct vote *votes;
	size_t nr = 0, i, j;
	int ret;

	if (!r->ranges.len)
		return 0;
	votes = malloc((m->syms.len + 1) * sizeof(*votes));
	ret = votes ? count_votes(m, r, votes, &nr) : ks_error_nomem(m->err);
	if (!ret)
		qsort(votes, nr, sizeof(*votes), compare_votes);
	for (i = 0; i < nr && !ret; i = j) {
		struct vote best = { .words = NO_WORDS };

		for (j = i; j < nr && votes[j].object == votes[i].object;) {
			struct vote v = votes[j];

			for (v.count = 0; j < nr && votes[j].object == v.object &&
					  votes[j].words == v.words; j++)
				v.count++;
			if (v.count > best.count)
				best = v;
		}
		if (best.words != NO_WORDS)
			ret = add_words(m, out, best.object, ks_strpool_get(&r->strings, best.words),
					KSYM_MODULE_SOURCE_RANGES);
	}
	free(votes);
	return ret;
}

/* -------------------------------------------------------- loadable modules */

/* A loadable module is one module, with everything in it. */
static int take_own_name(struct ks_model *m, struct members *out)
{
	const char *name;
	uint32_t nr;
	int ret = ks_model_own_name(m, &name);

	if (ret || !name[0])
		return ret;
	for (size_t i = 0; i < m->syms.len; i++) {
		struct ks_isym *s = &m->syms.data[i];

		if (s->object != KS_NO_OBJECT)
			continue;
		s->object = pathless_object(m, "");
		if (s->object == KS_NO_OBJECT)
			return ks_error_nomem(m->err);
	}
	nr = m->objects.nr;
	for (uint32_t i = 0; i < nr && !ret; i++)
		ret = add_member(out, m, i, name, strlen(name), KSYM_MODULE_SOURCE_IMAGE);
	return ret;
}

/* ------------------------------------------------------------------ result */

struct sort_key {
	uint32_t object;
	uint32_t sources;
	const char *module;
	uint32_t n;
};

static int compare_members(const void *pa, const void *pb)
{
	const struct sort_key *a = pa, *b = pb;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return strcmp(a->module, b->module);
}

static int make_objects(struct ks_model *m)
{
	for (uint32_t i = 0; i < m->objects.nr; i++) {
		struct ks_iobject *o = ks_vec_push(&m->objs);

		if (!o)
			return ks_error_nomem(m->err);
		o->path = ks_strpool_get(&m->objects, i);
	}
	return 0;
}

/* One entry for each pair of object and module, with all its sources. */
static size_t merge_pairs(struct sort_key *keys, size_t nr)
{
	size_t n = 0;

	qsort(keys, nr, sizeof(*keys), compare_members);
	for (size_t i = 0; i < nr; i++)
		if (n && keys[n - 1].object == keys[i].object && keys[n - 1].n == keys[i].n)
			keys[n - 1].sources |= keys[i].sources;
		else
			keys[n++] = keys[i];
	return n;
}

/* The modules of one object: those that the first source which knows it names, as
 * sources are numbered in the order in which they are believed. */
static int fill_object(struct ks_model *m, const struct sort_key *keys, size_t nr,
		       uint32_t *nr_disagreements)
{
	struct ks_iobject *o = &m->objs.data[keys[0].object];
	uint32_t all = 0, best;
	bool disagree = false;

	for (size_t i = 0; i < nr; i++)
		all |= keys[i].sources;
	best = all & -all;
	o->first_module = (uint32_t)m->object_modules.len;
	for (size_t i = 0; i < nr; i++) {
		uint32_t *slot;

		if (!(keys[i].sources & best)) {
			disagree = true;
			continue;
		}
		slot = ks_vec_push(&m->object_modules);
		if (!slot)
			return ks_error_nomem(m->err);
		*slot = keys[i].n;
		o->module_sources |= (uint16_t)keys[i].sources;
		if (++o->nr_modules > UINT16_MAX)
			return ks_error(m->err, -EBADMSG, "%s: in more than 65535 modules", o->path);
	}
	*nr_disagreements += disagree;
	return 0;
}

static int fill_objects(struct ks_model *m, const struct members *v)
{
	struct sort_key *keys = malloc((v->v.len + 1) * sizeof(*keys));
	uint32_t nr_disagreements = 0;
	size_t nr;
	int ret = 0;

	if (!keys)
		return ks_error_nomem(m->err);
	for (size_t i = 0; i < v->v.len; i++)
		keys[i] = (struct sort_key){ v->v.data[i].object, v->v.data[i].sources,
					     ks_strpool_get(&m->modules, v->v.data[i].module),
					     v->v.data[i].module };
	nr = merge_pairs(keys, v->v.len);
	for (size_t i = 0, j; i < nr && !ret; i = j) {
		for (j = i + 1; j < nr && keys[j].object == keys[i].object; j++)
			;
		ret = fill_object(m, keys + i, j - i, &nr_disagreements);
	}
	free(keys);
	if (nr_disagreements)
		ks_model_warn(m, "%s: two sources disagree about the modules of %u objects; the first is believed",
			      m->image->path, nr_disagreements);
	return ret;
}

int ks_model_find_modules(struct ks_model *m)
{
	struct ks_modules mods = { 0 };
	struct ks_module_ranges ranges = { 0 };
	struct members v = { 0 };
	int ret = read_lists(m, &mods, &ranges);

	/* Lists of built-in modules say nothing about what is inside a .ko. */
	if (!ret && !ks_model_is_module(m))
		ret = take_pairs(m, &v, &mods);
	if (!ret)
		ret = take_ranges(m, &v, &ranges);
	if (!ret)
		ret = take_own_name(m, &v);
	if (!ret)
		ret = make_objects(m);
	if (!ret)
		ret = fill_objects(m, &v);
	ks_vec_free(&v.v);
	ks_modules_free(&mods);
	ks_module_ranges_free(&ranges);
	return ret;
}
