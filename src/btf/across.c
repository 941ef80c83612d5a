// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/across.h"

#include <stdlib.h>

/* Definitions that units have together, for each DIE of the file: with dwz as many as without it,
 * where a quarter of the DIEs is one, of fewer DIEs. */
#define MAX_DEFS_PER_DIE 8u

struct link {
	uint32_t from, to;	/* units */
};

struct across {
	const struct ks_types *t;
	const struct ks_def **sorted;	/* by unit, in their order */
	uint32_t *first_def;		/* of a unit, in sorted; one more at the end */
	KS_VEC(struct link) links;	/* by from */
	uint32_t *first_link;		/* the same */
	uint32_t *seen;			/* unit + 1 that came by last */
	uint32_t *todo;			/* units */
};

/* Sorts by counting: @first has room for one more number than there are units. */
static int sort_own(struct across *a, const struct ks_def *own, size_t nr)
{
	uint32_t *fill = calloc(a->t->units.len + 1, sizeof(*fill));

	if (!fill)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		a->first_def[ks_types_unit(a->t, own[i].node) + 1]++;
	for (size_t i = 0; i < a->t->units.len; i++)
		a->first_def[i + 1] += a->first_def[i];
	for (size_t i = 0; i < nr; i++) {
		uint32_t unit = ks_types_unit(a->t, own[i].node);

		a->sorted[a->first_def[unit] + fill[unit]++] = &own[i];
	}
	free(fill);
	return 0;
}

/* From each unit to those in which types of its types are. */
static int find_links(struct across *a)
{
	const struct ks_types *t = a->t;

	for (uint32_t unit = 0; unit < t->units.len; unit++) {
		uint32_t begin = t->units.data[unit];
		uint32_t end = unit + 1 < t->units.len ? t->units.data[unit + 1] : (uint32_t)t->nodes.len;

		a->first_link[unit] = (uint32_t)a->links.len;
		a->seen[unit] = unit + 1;
		for (uint32_t i = begin; i < end; i++) {
			uint32_t type = t->nodes.data[i].type, to;
			struct link *l;

			if (!type || type == KS_TYPE_DANGLING || (type >= begin && type < end))
				continue;
			to = ks_types_unit(t, type);
			if (a->seen[to] == unit + 1)
				continue;
			a->seen[to] = unit + 1;
			l = ks_vec_push(&a->links);
			if (!l)
				return -ENOMEM;
			*l = (struct link){ unit, to };
		}
	}
	a->first_link[t->units.len] = (uint32_t)a->links.len;
	memset(a->seen, 0, t->units.len * sizeof(*a->seen));
	return 0;
}

static int add_unit(const struct across *a, struct ks_btf_defs *out, uint32_t unit, uint32_t of)
{
	uint32_t nr = a->first_def[of + 1] - a->first_def[of];

	if (!ks_vec_reserve(out, nr))
		return -ENOMEM;
	for (uint32_t i = a->first_def[of]; i < a->first_def[of + 1]; i++)
		out->data[out->len++] = (struct ks_btf_def){ unit, a->sorted[i]->named,
							     a->sorted[i]->shape, of != unit };
	return 0;
}

/* Its own definitions come first, then those of the nearest. */
static int follow(struct across *a, struct ks_btf_defs *out, uint32_t unit, uint64_t *budget)
{
	uint32_t nr = 1;

	a->todo[0] = unit;
	a->seen[unit] = unit + 1;
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t at = a->todo[i], links = a->first_link[at + 1] - a->first_link[at];
		uint64_t cost = 1 + links + a->first_def[at + 1] - a->first_def[at];
		int ret;

		if (cost > *budget)
			return -E2BIG;
		*budget -= cost;
		ret = add_unit(a, out, unit, at);
		if (ret)
			return ret;
		for (uint32_t k = a->first_link[at]; k < a->first_link[at + 1]; k++) {
			uint32_t to = a->links.data[k].to;

			if (a->seen[to] == unit + 1)
				continue;
			a->seen[to] = unit + 1;
			a->todo[nr++] = to;
		}
	}
	return 0;
}

int ks_across(struct ks_btf_defs *out, const struct ks_types *t, const struct ks_def *own,
	      size_t nr_own, struct ksym_error *err)
{
	size_t nr = t->units.len + 1;
	struct across a = {
		.t = t,
		.sorted = malloc((nr_own + 1) * sizeof(*a.sorted)),
		.first_def = calloc(nr + 1, sizeof(*a.first_def)),
		.first_link = calloc(nr + 1, sizeof(*a.first_link)),
		.seen = calloc(nr, sizeof(*a.seen)),
		.todo = calloc(nr, sizeof(*a.todo)),
	};
	uint64_t budget = MAX_DEFS_PER_DIE * (uint64_t)t->nodes.len + (1 << 20);
	int ret = -ENOMEM;

	if (a.sorted && a.first_def && a.first_link && a.seen && a.todo && nr_own < UINT32_MAX)
		ret = sort_own(&a, own, nr_own);
	if (!ret)
		ret = find_links(&a);
	for (uint32_t unit = 0; unit < t->units.len && !ret; unit++)
		ret = follow(&a, out, unit, &budget);
	free(a.sorted);
	free(a.first_def);
	free(a.first_link);
	free(a.seen);
	free(a.todo);
	ks_vec_free(&a.links);
	if (ret == -E2BIG)
		return ks_error(err, -EBADMSG,
				"%s: .debug_info: expected units to refer to fewer others", t->path);
	return ret ? ks_error_nomem(err) : 0;
}
