// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A name of its own for every symbol.
 *
 * The identity of a symbol is its name, the modules of its object, and, only
 * where that is not enough, the end of its object's path.  How much of the path
 * is needed is a property of the object, so that all its symbols look alike, and
 * is counted apart for text and data: nearly every object has a data symbol called
 * __func__.0, and naming every object everywhere would help nobody.
 *
 * The rule: all symbols that collide without a suffix get the last component.
 * While two still collide, the one with the longer path gets one component more,
 * never both.  A collision between a text and a data symbol is settled by naming
 * the data symbol's object.
 */
#include "index/model.h"

#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- name order */

struct name_key {
	uint64_t prefix;	/* first eight bytes, as a number that sorts like them */
	uint32_t sym;
	uint32_t order;		/* of equal names: by address, in modules by symbol table */
};

static const struct ks_isym *key_syms(const struct ks_isym *syms, const struct name_key *k)
{
	return &syms[k->sym];
}

static int compare_names(const void *pa, const void *pb, void *arg)
{
	const struct name_key *a = pa, *b = pb;
	const struct ks_isym *sa, *sb;
	int c;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	sa = key_syms(arg, a);
	sb = key_syms(arg, b);
	/* Names shorter than eight bytes with equal prefixes are equal. */
	c = sa->name_len >= 8 ? strcmp(sa->name + 8, sb->name + 8) : 0;
	if (c)
		return c;
	return a->order < b->order ? -1 : 1;
}

static int order_names(struct ks_model *m)
{
	size_t n = m->syms.len;
	struct name_key *keys = malloc((n + 1) * sizeof(*keys));
	bool is_module = ks_model_is_module(m);

	m->name_order = malloc((n + 1) * sizeof(*m->name_order));
	if (!keys || !m->name_order) {
		free(keys);
		return ks_error_nomem(m->err);
	}
	for (size_t i = 0; i < n; i++) {
		const struct ks_isym *s = &m->syms.data[i];
		uint64_t prefix = 0;

		for (uint32_t k = 0; k < 8; k++)
			prefix = prefix << 8 | (k < s->name_len ? (unsigned char)s->name[k] : 0);
		keys[i] = (struct name_key){ prefix, (uint32_t)i,
					     is_module ? s->elf_index : (uint32_t)i };
	}
	qsort_r(keys, n, sizeof(*keys), compare_names, m->syms.data);
	for (size_t i = 0; i < n; i++)
		m->name_order[i] = keys[i].sym;
	free(keys);
	return 0;
}

/* ---------------------------------------------------------------- collisions */

/* One object's text or data in a run of symbols of one name. */
struct party {
	uint32_t object;	/* KS_NO_OBJECT or a pathless one: cannot be named */
	uint32_t module_set;
	const char *suffix;	/* "" = none */
	bool is_text;
};

struct work {
	struct ks_model *m;
	uint32_t *module_set;	/* of each object: equal numbers, equal modules */
	uint8_t *raise;		/* of each object: bit 0 its text suffix grows, bit 1 its data's */
	struct party *parties;
	size_t nr;
};

static bool nameable(const struct work *w, uint32_t object)
{
	return object != KS_NO_OBJECT && w->m->objs.data[object].path[0];
}

static unsigned int nr_components(const char *path)
{
	unsigned int n = 1;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

static uint16_t *suffix_of(const struct work *w, const struct party *p)
{
	struct ks_iobject *o = &w->m->objs.data[p->object];

	return p->is_text ? &o->text_suffix : &o->data_suffix;
}

static int compare_parties(const void *pa, const void *pb, void *arg)
{
	const struct party *a = pa, *b = pb;
	const struct work *w = arg;
	const char *path_a, *path_b;
	unsigned int na, nb;
	int c;

	if (a->module_set != b->module_set)
		return a->module_set < b->module_set ? -1 : 1;
	c = strcmp(a->suffix, b->suffix);
	if (c)
		return c;
	/* Within a colliding group: the shortest path first, text before data. */
	path_a = nameable(w, a->object) ? w->m->objs.data[a->object].path : "";
	path_b = nameable(w, b->object) ? w->m->objs.data[b->object].path : "";
	na = *path_a ? nr_components(path_a) : 0;
	nb = *path_b ? nr_components(path_b) : 0;
	if (na != nb)
		return na < nb ? -1 : 1;
	if (strlen(path_a) != strlen(path_b))
		return strlen(path_a) < strlen(path_b) ? -1 : 1;
	c = strcmp(path_a, path_b);
	if (c)
		return c;
	if (a->is_text != b->is_text)
		return a->is_text ? -1 : 1;
	return (a->object > b->object) - (a->object < b->object);
}

static void raise_suffix(struct work *w, const struct party *p)
{
	w->raise[p->object] |= p->is_text ? 1 : 2;
}

/* What grows in a pass grows at its end, once: the result does not depend on the
 * order in which names are looked at. */
static bool apply_raises(struct work *w)
{
	bool changed = false;

	for (size_t i = 0; i < w->m->objs.len; i++) {
		struct ks_iobject *o = &w->m->objs.data[i];
		unsigned int max = nr_components(o->path);

		if ((w->raise[i] & 1) && o->text_suffix < max && o->text_suffix < UINT16_MAX) {
			o->text_suffix++;
			changed = true;
		}
		if ((w->raise[i] & 2) && o->data_suffix < max && o->data_suffix < UINT16_MAX) {
			o->data_suffix++;
			changed = true;
		}
		w->raise[i] = 0;
	}
	return changed;
}

/* Parties [from, to) have one name, one set of modules and one suffix. */
static void settle(struct work *w, size_t from, size_t to)
{
	size_t nr_text = 0;

	for (size_t i = from; i < to; i++)
		nr_text += w->parties[i].is_text;
	if (w->parties[from].suffix[0]) {
		for (size_t i = from + 1; i < to; i++)
			if (w->parties[i].object != w->parties[from].object ||
			    w->parties[i].is_text != w->parties[from].is_text)
				raise_suffix(w, &w->parties[i]);
		return;
	}
	for (size_t i = from; i < to; i++)
		/* One function among data keeps its plain name. */
		if (nameable(w, w->parties[i].object) && !(w->parties[i].is_text && nr_text == 1))
			raise_suffix(w, &w->parties[i]);
}

static void settle_run(struct work *w, const uint32_t *syms, size_t nr)
{
	struct ks_model *m = w->m;

	w->nr = 0;
	for (size_t i = 0; i < nr; i++) {
		const struct ks_isym *s = &m->syms.data[syms[i]];
		struct party *p = &w->parties[w->nr++];

		*p = (struct party){ s->object, 0, "", s->is_text };
		if (s->object == KS_NO_OBJECT)
			continue;
		p->module_set = w->module_set[s->object];
		if (nameable(w, s->object) && *suffix_of(w, p)) {
			const char *path = m->objs.data[s->object].path;

			p->suffix = path + ks_path_suffix(path, *suffix_of(w, p));
		}
	}
	qsort_r(w->parties, w->nr, sizeof(*w->parties), compare_parties, w);
	for (size_t i = 0, j; i < w->nr; i = j) {
		bool distinct = false;

		for (j = i + 1; j < w->nr && w->parties[j].module_set == w->parties[i].module_set &&
				!strcmp(w->parties[j].suffix, w->parties[i].suffix);
		     j++)
			distinct |= w->parties[j].object != w->parties[i].object ||
				    w->parties[j].is_text != w->parties[i].is_text;
		/* Nothing helps where one object has the name more than once. */
		if (distinct)
			settle(w, i, j);
	}
}

/* Numbers for sets of modules: 0 is "none", as for symbols without object. */
static int number_module_sets(struct work *w)
{
	struct ks_strpool sets ks_cleanup_strpool = { 0 };
	struct ks_model *m = w->m;

	w->module_set = calloc(m->objs.len + 1, sizeof(*w->module_set));
	if (!w->module_set || ks_strpool_add(&sets, "", 0) == KS_STRPOOL_NONE)
		return ks_error_nomem(m->err);
	for (size_t i = 0; i < m->objs.len; i++) {
		const struct ks_iobject *o = &m->objs.data[i];

		if (o->nr_modules)
			w->module_set[i] = ks_strpool_add(
				&sets, (const char *)(m->object_modules.data + o->first_module),
				o->nr_modules * sizeof(*m->object_modules.data));
		if (w->module_set[i] == KS_STRPOOL_NONE)
			return ks_error_nomem(m->err);
	}
	return 0;
}

int ks_model_make_identities(struct ks_model *m)
{
	struct work w = { .m = m };
	size_t n = m->syms.len, longest = 1;
	KS_VEC(size_t) runs = { 0 };	/* starts and ends, in turn */
	bool changed = true;
	int ret = order_names(m);

	if (!ret)
		ret = number_module_sets(&w);
	for (size_t i = 0, j; i < n && !ret; i = j) {
		const struct ks_isym *s = &m->syms.data[m->name_order[i]];

		for (j = i + 1; j < n; j++) {
			const struct ks_isym *o = &m->syms.data[m->name_order[j]];

			if (o->name_len != s->name_len || memcmp(o->name, s->name, s->name_len))
				break;
		}
		if (j - i < 2)
			continue;
		if (j - i > longest)
			longest = j - i;
		if (!ks_vec_reserve(&runs, 2)) {
			ret = ks_error_nomem(m->err);
			break;
		}
		runs.data[runs.len++] = i;
		runs.data[runs.len++] = j;
	}
	w.parties = malloc(longest * sizeof(*w.parties));
	w.raise = calloc(m->objs.len + 1, 1);
	if (!ret && (!w.parties || !w.raise))
		ret = ks_error_nomem(m->err);
	/* Each pass lengthens what collides; paths are a few components deep.  The
	 * bound stops hostile paths, whose leftovers `check` reports. */
	for (unsigned int pass = 0; pass < 64 && changed && !ret; pass++) {
		for (size_t i = 0; i < runs.len; i += 2)
			settle_run(&w, m->name_order + runs.data[i], runs.data[i + 1] - runs.data[i]);
		changed = apply_raises(&w);
	}
	free(w.parties);
	free(w.raise);
	free(w.module_set);
	ks_vec_free(&runs);
	return ret;
}
