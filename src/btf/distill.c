// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/distill.h"

#include <string.h>

/* Longer chains of const, typedef and the like are not followed; no kernel's are. */
#define MAX_LINKS 64u

/* What becomes of a type of the base. */
enum role {
	UNUSED,
	DISTILLED,
	COPIED,
};

struct distill {
	const struct ksym_btf *split, *base;
	uint8_t *roles;			/* enum role, by number */
	bool *embedded;
	uint32_t *map;			/* new numbers */
	KS_VEC(uint32_t) distilled;	/* in the order in which they were met */
	KS_VEC(uint32_t) todo;		/* copied ones whose references have not been looked at */
	struct ksym_error *err;
};

bool ks_btf_is_distilled(const struct ksym_btf *b, const uint32_t *t)
{
	switch (KS_BTF_KIND(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_FWD:
	case KS_BTF_FLOAT:
	case KS_BTF_ENUM64:
		return *ks_btf_string(b, t[0]);
	}
	return false;
}

static bool is_composite(const uint32_t *t)
{
	return KS_BTF_KIND(t) == BTF_KIND_STRUCT || KS_BTF_KIND(t) == BTF_KIND_UNION;
}

uint32_t ks_btf_embedded(const struct ksym_btf *b, uint32_t id)
{
	for (unsigned int i = 0; i < MAX_LINKS && id; i++) {
		const uint32_t *t = ks_btf_by_id(b, id);

		switch (KS_BTF_KIND(t)) {
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPEDEF:
		case KS_BTF_TYPE_TAG:
			id = t[2];
			break;
		case BTF_KIND_ARRAY:
			id = t[3];
			break;
		default:
			return is_composite(t) ? id : 0;
		}
	}
	return 0;
}

/* ------------------------------------------------------------------- which */

static int mark(struct distill *d, uint32_t id)
{
	uint32_t *slot;

	if (!id || id >= d->split->first || d->roles[id] != UNUSED)
		return 0;
	if (ks_btf_is_distilled(d->base, ks_btf_by_id(d->base, id))) {
		d->roles[id] = DISTILLED;
		slot = ks_vec_push(&d->distilled);
	} else {
		d->roles[id] = COPIED;
		slot = ks_vec_push(&d->todo);
	}
	if (!slot)
		return ks_error_nomem(d->err);
	*slot = id;
	return 0;
}

/* What @t, which will be in the split, refers to. */
static int mark_refs(struct distill *d, const uint32_t *t)
{
	ks_btf_for_each_ref(word, t) {
		uint32_t part = is_composite(t) ? ks_btf_embedded(d->split, t[word]) : 0;
		int ret = mark(d, t[word]);

		if (ret)
			return ret;
		if (part && part < d->split->first)
			d->embedded[part] = true;
	}
	return 0;
}

static int drain(struct distill *d)
{
	int ret = 0;

	while (d->todo.len && !ret)
		ret = mark_refs(d, ks_btf_by_id(d->base, d->todo.data[--d->todo.len]));
	return ret;
}

/* Would a kernel find it again, and nothing else? */
static bool is_found(const struct distill *d, uint32_t id)
{
	const uint32_t *t = ks_btf_by_id(d->base, id);
	uint32_t found;

	return ks_btf_locate(d->base, t, ks_btf_string(d->base, t[0]), d->embedded[id], &found) == 1 &&
	       found == id;
}

static int choose(struct distill *d)
{
	int ret = 0;

	for (uint32_t i = 0; i < d->split->nr && !ret; i++) {
		ret = mark_refs(d, ks_btf_by_id(d->split, d->split->first + i));
		if (!ret)
			ret = drain(d);
	}
	for (size_t i = 0; i < d->distilled.len && !ret; i++) {
		uint32_t id = d->distilled.data[i], *slot;

		if (is_found(d, id))
			continue;
		d->roles[id] = COPIED;
		slot = ks_vec_push(&d->todo);
		if (slot) {
			*slot = id;
			ret = drain(d);
		} else {
			ret = ks_error_nomem(d->err);
		}
	}
	return ret;
}

/* ------------------------------------------------------------------- write */

/* Of what is called the same and is as large. */
static int make_base(struct distill *d, struct ksym_btf **out)
{
	struct ks_btf_copy c;
	int ret = ks_btf_copy_init(&c, d->base, d->err);

	for (uint32_t id = 1; id < d->split->first && !ret; id++) {
		const uint32_t *t = ks_btf_by_id(d->base, id);
		unsigned int kind = KS_BTF_KIND(t);
		bool has_parts = ks_btf_layout(t)->part;
		uint32_t *w;

		if (d->roles[id] != DISTILLED)
			continue;
		ret = ks_btf_copy_add(&c, d->base, t, has_parts ? 3 : ks_btf_words(t), &w);
		if (!ret && has_parts)
			w[1] = KS_BTF_INFO(kind == KS_BTF_ENUM64 ? BTF_KIND_ENUM : kind, 0, 0);
		d->map[id] = (uint32_t)c.types.at.len - 1;
	}
	if (!ret)
		ret = ks_btf_make(out, &c.types, &c.strings, NULL, d->split->swap ? KS_BTF_SWAPPED : 0, d->split->path, d->err);
	ks_btf_copy_free(&c);
	return ret;
}

static void renumber(const struct distill *d, uint32_t *w, uint32_t first)
{
	ks_btf_for_each_ref(word, w)
		w[word] = w[word] < d->split->first ? d->map[w[word]] : w[word] - d->split->first + first;
}

static int copy_type(const struct distill *d, struct ks_btf_copy *c, const uint32_t *t, uint32_t first)
{
	uint32_t *w;
	int ret = ks_btf_copy_add(c, d->split, t, ks_btf_words(t), &w);

	if (!ret)
		renumber(d, w, first);
	return ret;
}

static int make_split(struct distill *d, struct ksym_btf *base, struct ksym_btf **out)
{
	uint32_t first = ks_btf_end(base), next = first + d->split->nr;
	struct ks_btf_copy c;
	int ret = ks_btf_copy_init(&c, d->split, d->err);

	for (uint32_t id = 1; id < d->split->first; id++)
		if (d->roles[id] == COPIED)
			d->map[id] = next++;
	for (uint32_t i = 0; i < d->split->nr && !ret; i++)
		ret = copy_type(d, &c, ks_btf_by_id(d->split, d->split->first + i), first);
	for (uint32_t id = 1; id < d->split->first && !ret; id++)
		if (d->roles[id] == COPIED)
			ret = copy_type(d, &c, ks_btf_by_id(d->base, id), first);
	if (!ret && !ks_btf_index_make(base))
		ret = ks_error_nomem(d->err);
	if (!ret)
		ret = ks_btf_make(out, &c.types, &c.strings, base, d->split->swap ? KS_BTF_SWAPPED : 0, d->split->path, d->err);
	ks_btf_copy_free(&c);
	return ret;
}

int ksym_btf_distill(struct ksym_btf **out, const struct ksym_btf *split, struct ksym_error *err)
{
	struct distill d = { .split = split, .base = split->base, .err = err };
	struct ksym_btf *base = NULL;
	int ret = 0;

	if (!d.base || d.base->base)
		return ks_error(err, -EINVAL, "%s: BTF: expected it to be split, on a base that is whole",
				split->path);
	d.roles = calloc(split->first, 1);
	d.embedded = calloc(split->first, sizeof(*d.embedded));
	d.map = calloc(split->first, sizeof(*d.map));
	if (!d.roles || !d.embedded || !d.map || !ks_btf_index_make(d.base))
		ret = ks_error_nomem(err);
	if (!ret)
		ret = choose(&d);
	if (!ret)
		ret = make_base(&d, &base);
	if (!ret)
		ret = make_split(&d, base, out);
	if (!ret) {
		ks_btf_inherit(*out, split);
		(*out)->own_base = base;
		base = NULL;
	}
	ksym_btf_close(base);
	free(d.roles);
	free(d.embedded);
	free(d.map);
	ks_vec_free(&d.distilled);
	ks_vec_free(&d.todo);
	return ret;
}
