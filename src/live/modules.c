// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Symbols of a loaded module, by the module's own index.  The index has the module as its file
 * has it, section behind section from address 0; the kernel puts sections, and those of
 * per-CPU variables, where it likes, and drops some.  So where a section is now is seen by
 * the symbols whose name occurs once on both sides, and all of a section have to agree; of one
 * without such symbols sysfs tells.  Then every symbol is the one of its name at its address.
 */
#include "live/modules.h"

#include <string.h>
#include "base/strpool.h"

/* Symbols of one name that are looked at. */
#define MAX_NAMED	4096

struct section {
	uint64_t va, len;
	uint64_t delta;			/* now minus in the index */
	const char *name;		/* borrowed from the index */
	bool known;
};

struct match {
	struct ks_model *m;
	const char *name;		/* of the module */
	const struct ksym_index *idx;
	KS_VEC(struct section) sections;	/* in address order */
	KS_VEC(uint32_t) objects;	/* in m, of each of the index; KS_NO_OBJECT = not yet */
	struct ks_isym *begin;
	const struct ks_isym *end;
};

static bool list_sections(struct match *k)
{
	struct ksym_section s;
	struct ksym_object o;

	for (uint32_t i = 0; ksym_index_section(k->idx, i, &s); i++) {
		struct section *to = ks_vec_push(&k->sections);

		if (!to)
			return false;
		*to = (struct section){ .va = s.va, .len = s.len, .name = s.name };
	}
	for (uint32_t i = 0; ksym_index_object(k->idx, i, &o); i++) {
		uint32_t *to = ks_vec_push(&k->objects);

		if (!to)
			return false;
		*to = KS_NO_OBJECT;
	}
	return true;
}

/* The section that @s is in; NULL when it is at the end of one, or in none. */
static struct section *section_of(const struct match *k, const struct ksym_symbol *s)
{
	size_t lo = 0, hi = k->sections.len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (k->sections.data[mid].va <= s->va)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo && !k->sections.data[lo - 1].len)
		lo--;
	if (!lo || s->va - k->sections.data[lo - 1].va >= k->sections.data[lo - 1].len)
		return NULL;
	return &k->sections.data[lo - 1];
}

/* False when two symbols of a section disagree about where it is. */
static bool place(const struct match *k, const struct ks_isym *now)
{
	struct ksym_symbol s, other;
	struct section *of;

	if (!ksym_index_named(k->idx, now->name, now->name_len, 0, &s) ||
	    ksym_index_named(k->idx, now->name, now->name_len, 1, &other))
		return true;
	/* One of size 0 can belong to the end of the section before. */
	of = s.len ? section_of(k, &s) : NULL;
	if (!of)
		return true;
	if (!of->known)
		of->delta = now->va - s.va;
	of->known = true;
	return of->delta == now->va - s.va;
}

/* 1: all sections of symbols that occur once are where the symbols say; 0: they contradict. */
static int place_sections(struct match *k)
{
	struct ks_strpool names ks_cleanup_strpool = { 0 };
	KS_VEC(uint32_t) counts = { 0 };
	int ret = 1;

	for (const struct ks_isym *i = k->begin; i < k->end && ret > 0; i++) {
		uint32_t nr = ks_strpool_add(&names, i->name, i->name_len);

		if (nr == KS_STRPOOL_NONE || (nr == counts.len && !ks_vec_push(&counts)))
			ret = -ENOMEM;
		else
			counts.data[nr]++;
	}
	for (const struct ks_isym *i = k->begin; i < k->end && ret > 0; i++)
		if (counts.data[ks_strpool_find(&names, i->name, i->name_len)] == 1)
			ret = place(k, i);
	ks_vec_free(&counts);
	return ret;
}

/* Of sections without symbols whose names occur once. */
static int ask_sysfs(const struct ksym_live *l, struct match *k)
{
	for (size_t i = 0; i < k->sections.len; i++) {
		struct section *s = &k->sections.data[i];
		char text[32] = "", *path, *end;
		struct ks_file f;
		uint64_t va;
		int ret;

		if (s->known || strchr(s->name, '/'))
			continue;
		path = ks_live_path(l, "/sys/module/%s/sections/%s", k->name, s->name);
		ret = path ? ks_file_open(&f, path, NULL) : -ENOMEM;
		if (!ret) {
			memcpy(text, f.data, f.len < sizeof(text) - 1 ? f.len : sizeof(text) - 1);
			ks_file_close(&f);
		}
		free(path);
		if (ret == -ENOMEM)
			return ret;
		va = strtoull(text, &end, 16);
		s->known = va && end > text && (!*end || *end == '\n');
		s->delta = va - s->va;
	}
	return 0;
}

/* The object in the model; one without path is what the symbol has already. */
static int object_in_model(struct match *k, uint32_t nr, uint32_t *out)
{
	struct ks_model *m = k->m;
	struct ks_iobject *to;
	struct ksym_object o;
	uint32_t *module;

	if (nr >= k->objects.len || !ksym_index_object(k->idx, nr, &o) || !o.path[0])
		return 0;
	if (k->objects.data[nr] == KS_NO_OBJECT) {
		size_t next = m->objs.len;
		const char *path = ks_arena_strdup(&m->arena, o.path, strlen(o.path));
		uint32_t in_model = path ? ks_model_object(m, path, strlen(path), (uint32_t)next + 1)
					 : KS_NO_OBJECT;

		to = ks_vec_push(&m->objs);
		module = ks_vec_push(&m->object_modules);
		if (in_model != next || !to || !module)
			return ks_error_nomem(m->err);
		*module = ks_strpool_add(&m->modules, k->name, strlen(k->name));
		if (*module == KS_STRPOOL_NONE)
			return ks_error_nomem(m->err);
		*to = (struct ks_iobject){
			.path = path,
			.first_module = (uint32_t)m->object_modules.len - 1,
			.nr_modules = 1,
			.module_sources = KSYM_MODULE_SOURCE_IMAGE,
		};
		k->objects.data[nr] = in_model;
	}
	*out = k->objects.data[nr];
	return 0;
}

static int take(struct match *k, struct ks_isym *now)
{
	struct ksym_symbol s;

	for (uint32_t n = 0; n < MAX_NAMED && ksym_index_named(k->idx, now->name, now->name_len, n, &s);
	     n++) {
		const struct section *of = section_of(k, &s);

		if (!of || !of->known || s.va + of->delta != now->va)
			continue;
		now->len = s.len;
		now->is_text = s.is_text;
		now->sources = (uint16_t)s.sources;
		return object_in_model(k, s.object, &now->object);
	}
	return 0;
}

static int read_build_id(const struct ksym_live *l, const char *name, uint8_t id[KS_BUILD_ID_MAX],
			 uint32_t *id_len, struct ksym_error *err)
{
	char *path = ks_live_path(l, "/sys/module/%s/notes/.note.gnu.build-id", name);
	const uint8_t *found;
	struct ks_file f;
	int ret;

	*id_len = 0;
	if (!path)
		return ks_error_nomem(err);
	ret = ks_file_open(&f, path, NULL);
	if (!ret) {
		found = ks_notes_build_id(f.data, f.len, id_len);
		if (found)
			memcpy(id, found, *id_len);
		else
			*id_len = 0;
		ks_file_close(&f);
	}
	free(path);
	return ret == -ENOMEM ? ks_error_nomem(err) : 0;
}

int ks_live_take_module(const struct ksym_live *l, struct ks_model *m, const char *name,
			struct ks_isym *begin, const struct ks_isym *end)
{
	struct match k = { .m = m, .name = name, .begin = begin, .end = end };
	struct ksym_index *idx = NULL;
	uint8_t id[KS_BUILD_ID_MAX];
	uint32_t id_len = 0;
	int ret = 0;

	if (ks_live_is_module_name(name))
		ret = read_build_id(l, name, id, &id_len, m->err);
	if (!ret && id_len)
		ret = ks_live_search_module(l, id, id_len, &idx, m->err);
	if (ret || !idx)
		return ret;
	k.idx = idx;
	ret = list_sections(&k) ? place_sections(&k) : -ENOMEM;
	if (!ret)
		ks_model_warn(m, "[%s]: its symbols are not where its index has them", name);
	else if (ret > 0 && ask_sysfs(l, &k))
		ret = -ENOMEM;
	for (struct ks_isym *s = begin; s < end && ret > 0; s++)
		if (take(&k, s))
			ret = -ENOMEM;
	ks_vec_free(&k.sections);
	ks_vec_free(&k.objects);
	ksym_index_close(idx);
	return ret < 0 ? ks_error_nomem(m->err) : 0;
}
