// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/symbols.h"
#include "ksym/versions.h"

#include <string.h>

void ks_exports_free(struct ks_exports *x)
{
	ks_strpool_free(&x->names);
	ks_vec_free(&x->v);
}

int ks_exports_add(struct ks_exports *x, const char *name, size_t len, struct ksym_error *err)
{
	uint32_t nr = ks_strpool_add(&x->names, name, len);
	struct ks_export *s;

	if (nr == KS_STRPOOL_NONE)
		return ks_error_nomem(err);
	if (nr < x->v.len)
		return 0;
	s = ks_vec_push(&x->v);
	if (!s)
		return ks_error_nomem(err);
	*s = (struct ks_export){ .name = ks_strpool_get(&x->names, nr), .same = nr,
				 .root = UINT32_MAX, .pointer = UINT32_MAX, .name_space = "" };
	return 0;
}

uint32_t ks_exports_find(const struct ks_exports *x, const char *name)
{
	if (*name == '_' && !strncmp(name, KS_POINTER_PREFIX, KS_POINTER_PREFIX_LEN))
		name += KS_POINTER_PREFIX_LEN;
	return ks_strpool_find(&x->names, name, strlen(name));
}

int ks_exports_order(struct ks_exports *x, struct ksym_error *err)
{
	const char **names = malloc((x->v.len + 1) * sizeof(*names));
	uint32_t *order = malloc((x->v.len + 1) * sizeof(*order));
	int ret = names && order ? 0 : -ENOMEM;

	for (size_t i = 0; i < x->v.len && !ret; i++)
		names[i] = x->v.data[i].name;
	if (!ret)
		ret = ksym_versions_order(names, x->v.len, order);
	for (uint32_t i = 0; i < x->v.len && !ret; i++)
		x->v.data[order[i]].order = i;
	free(names);
	free(order);
	return ret ? ks_error_nomem(err) : 0;
}

struct place {
	uint32_t section, symbol;
	uint64_t va;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->va != y->va)
		return x->va < y->va ? -1 : 1;
	return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

/* Make a ring of those that are at one place. */
static int link_same(struct ks_exports *x, struct ksym_error *err)
{
	struct place *places = malloc((x->v.len + 1) * sizeof(*places));
	size_t nr = 0;

	if (!places)
		return ks_error_nomem(err);
	for (uint32_t i = 0; i < x->v.len; i++)
		if (x->v.data[i].section)
			places[nr++] = (struct place){ x->v.data[i].section, i, x->v.data[i].va };
	qsort(places, nr, sizeof(*places), compare_places);
	for (size_t i = 0, j; i < nr; i = j) {
		for (j = i; j < nr && places[j].section == places[i].section &&
			    places[j].va == places[i].va; j++)
			x->v.data[places[j].symbol].same =
				j + 1 < nr && places[j + 1].section == places[i].section &&
						places[j + 1].va == places[i].va
					? places[j + 1].symbol
					: places[i].symbol;
	}
	free(places);
	return 0;
}

int ks_exports_locate(struct ks_exports *x, const struct ks_elf *e,
		      void (*warn)(void *arg, const char *name), void *arg, struct ksym_error *err)
{
	for (uint32_t i = 1; i < e->nr_symbols; i++) {
		struct ks_elf_symbol s;
		struct ks_export *export;
		uint32_t nr;
		int ret = ks_elf_symbol(e, i, &s, err);

		if (ret)
			return ret;
		if (s.bind == STB_LOCAL || !s.shndx || !*s.name)
			continue;
		nr = ks_exports_find(x, s.name);
		if (nr == KS_NO_SYMBOL)
			continue;
		export = &x->v.data[nr];
		if (!export->section) {
			export->section = s.shndx;
			export->va = s.va;
		} else if (export->section != s.shndx || export->va != s.va) {
			warn(arg, export->name);
		}
	}
	return link_same(x, err);
}
