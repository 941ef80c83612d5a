// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/diff.h"

#include <string.h>

#include "base/opts.h"

/* Causes are looked at by so many at a time, which bounds the memory for it. */
#define MAX_WORDS 32
/* No kernel takes a hundredth of it. */
#define MAX_BYTES ((uint64_t)1 << 28)

/* ------------------------------------------------------------------ symbols */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct ks_diff_symbol *)a)->name, ((const struct ks_diff_symbol *)b)->name);
}

static int add_symbol(struct ksym_diff *d, const char *name, uint32_t o, uint32_t n,
		      struct ksym_error *err)
{
	struct ks_diff_symbol *s = ks_vec_push(&d->symbols);

	if (!s)
		return ks_error_nomem(err);
	*s = (struct ks_diff_symbol){ .name = name, .number = { o, n }, .state = KSYM_DIFF_CHANGED };
	if (o == KS_DIFF_NONE) {
		s->state = KSYM_DIFF_ADDED;
		d->summary.nr_added++;
	} else if (n == KS_DIFF_NONE) {
		s->state = KSYM_DIFF_REMOVED;
		d->summary.nr_removed++;
	} else {
		d->summary.nr_changed++;
	}
	return 0;
}

static int match_symbols(struct ksym_diff *d, struct ksym_error *err)
{
	const struct ks_diff_side *a = &d->side[0], *b = &d->side[1];
	int ret = 0;

	d->summary.nr_old = (uint32_t)a->symbols.len;
	d->summary.nr_new = (uint32_t)b->symbols.len;
	for (uint32_t i = 0; i < a->symbols.len && !ret; i++) {
		const struct ks_strpool_entry *name = &a->names.entries[i];
		uint32_t j = ks_strpool_find(&b->names, name->s, name->len);

		if (j == KS_STRPOOL_NONE)
			ret = add_symbol(d, name->s, i, KS_DIFF_NONE, err);
		else if (a->symbols.data[i].crc != b->symbols.data[j].crc)
			ret = add_symbol(d, name->s, i, j, err);
	}
	for (uint32_t j = 0; j < b->symbols.len && !ret; j++) {
		const struct ks_strpool_entry *name = &b->names.entries[j];

		if (ks_strpool_find(&a->names, name->s, name->len) == KS_STRPOOL_NONE)
			ret = add_symbol(d, name->s, KS_DIFF_NONE, j, err);
	}
	if (d->symbols.len)
		qsort(d->symbols.data, d->symbols.len, sizeof(*d->symbols.data), by_name);
	return ret;
}

/* -------------------------------------------------------------------- pairs */

/* A symbol that changed, of which both units are known. */
struct changed {
	uint32_t unit[2], number[2];	/* in the units */
	uint32_t symbol;
};

static int by_units(const void *a, const void *b)
{
	const struct changed *x = a, *y = b;

	for (int side = 0; side < 2; side++)
		if (x->unit[side] != y->unit[side])
			return x->unit[side] < y->unit[side] ? -1 : 1;
	return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

static int mark(struct ksym_diff *d, uint32_t nr, uint32_t symbol, struct ksym_error *err)
{
	struct ks_diff_cause *cause = &d->causes.data[nr];

	if (!cause->symbols) {
		size_t words = d->symbols.len / 64 + 1;

		d->nr_bytes += words * sizeof(*cause->symbols);
		if (d->nr_bytes > MAX_BYTES)
			return ks_error(err, -ENOTSUP,
					"%zu types differ, for %zu symbols: expected less than 256 MiB to tell which goes with which",
					d->causes.len, d->symbols.len);
		cause->symbols = calloc(words, sizeof(*cause->symbols));
	}
	if (!cause->symbols)
		return ks_error_nomem(err);
	ks_diff_set_bit(cause->symbols, symbol);
	return 0;
}

/* One side of some of a pair's causes: what the symbols reach. */
static int reach_side(struct ks_diff_pair *p, int side, size_t first, size_t nr_causes, size_t words,
		      const struct changed *v, size_t nr, uint64_t *out, struct ksym_error *err)
{
	const struct ks_symtypes *st = &p->u[side]->st;
	uint32_t *bit = malloc((st->types.len + 1) * sizeof(*bit));
	uint32_t *roots = malloc((nr + 1) * sizeof(*roots));
	int ret = 0;

	if (!bit || !roots) {
		ret = ks_error_nomem(err);
	} else {
		memset(bit, 0xff, (st->types.len + 1) * sizeof(*bit));
		for (size_t i = 0; i < nr_causes; i++) {
			uint32_t o = p->types.data[first + i];

			bit[side ? p->peer[0][o] : o] = (uint32_t)i;
		}
		for (size_t i = 0; i < nr; i++)
			roots[i] = (uint32_t)st->types.len + v[i].number[side];
		ret = ks_diff_reach(st, bit, words, roots, nr, out, err);
	}
	free(bit);
	free(roots);
	return ret;
}

static int mark_row(struct ksym_diff *d, const struct ks_diff_pair *p, size_t first,
		    const uint64_t *x, const uint64_t *y, size_t words, uint32_t symbol,
		    struct ksym_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < words; i++)
		for (uint64_t both = x[i] & y[i]; both && !ret; both &= both - 1) {
			size_t bit = i * 64 + (size_t)__builtin_ctzll(both);

			ret = mark(d, p->local.data[first + bit], symbol, err);
		}
	return ret;
}

/* Which symbols reach which causes on both sides. */
static int reach(struct ksym_diff *d, struct ks_diff_pair *p, const struct changed *v, size_t nr,
		 struct ksym_error *err)
{
	int ret = 0;

	for (size_t first = 0; first < p->local.len && !ret; first += MAX_WORDS * 64) {
		size_t n = p->local.len - first < MAX_WORDS * 64 ? p->local.len - first : MAX_WORDS * 64;
		size_t words = (n + 63) / 64;
		uint64_t *rows = calloc(2 * nr, words * sizeof(*rows));

		if (!rows)
			return ks_error_nomem(err);
		for (int side = 0; side < 2 && !ret; side++)
			ret = reach_side(p, side, first, n, words, v, nr, rows + (size_t)side * nr * words,
					 err);
		for (size_t i = 0; i < nr && !ret; i++)
			ret = mark_row(d, p, first, rows + i * words, rows + (nr + i) * words, words,
				       v[i].symbol, err);
		free(rows);
	}
	return ret;
}

static int compare_pair(struct ksym_diff *d, const struct changed *v, size_t nr, struct ksym_error *err)
{
	struct ks_diff_pair p = { .u = { d->side[0].units.data[v->unit[0]],
					 d->side[1].units.data[v->unit[1]] } };
	int ret = ks_diff_pair_types(d, &p, err);

	if (!ret)
		ret = ks_diff_pair_follow(d, &p, err);
	if (!ret)
		ret = reach(d, &p, v, nr, err);
	for (size_t i = 0; i < nr && !ret; i++) {
		uint32_t cause;

		ret = ks_diff_pair_symbol(d, &p, v[i].number, &cause, err);
		if (!ret && cause != KS_DIFF_NONE)
			d->causes.data[cause].symbol = v[i].symbol;
	}
	ks_diff_pair_free(&p);
	return ret;
}

static int compare_pairs(struct ksym_diff *d, struct ksym_error *err)
{
	KS_VEC(struct changed) v = { 0 };
	int ret = 0;

	for (uint32_t i = 0; i < d->symbols.len && !ret; i++) {
		const struct ks_diff_side_symbol *s[2];
		struct changed *slot;

		if (d->symbols.data[i].state != KSYM_DIFF_CHANGED)
			continue;
		for (int side = 0; side < 2; side++)
			s[side] = &d->side[side].symbols.data[d->symbols.data[i].number[side]];
		if (s[0]->unit == KS_DIFF_NONE || s[1]->unit == KS_DIFF_NONE)
			continue;
		slot = ks_vec_push(&v);
		if (!slot)
			ret = ks_error_nomem(err);
		else
			*slot = (struct changed){ { s[0]->unit, s[1]->unit },
						  { s[0]->number, s[1]->number }, i };
	}
	if (v.len)
		qsort(v.data, v.len, sizeof(*v.data), by_units);
	for (size_t i = 0, end; i < v.len && !ret; i = end) {
		for (end = i + 1; end < v.len && !memcmp(v.data[end].unit, v.data[i].unit,
							 sizeof(v.data[i].unit)); end++)
			;
		ret = compare_pair(d, v.data + i, end - i, err);
	}
	ks_vec_free(&v);
	return ret;
}

/* ------------------------------------------------------------------ results */

uint32_t ks_diff_next(const struct ksym_diff *d, const struct ks_diff_cause *c, uint32_t from)
{
	if (c->is_symbol)
		return c->symbol >= from ? c->symbol : UINT32_MAX;
	for (uint32_t i = from; c->symbols && i < d->symbols.len; i++) {
		uint64_t rest = c->symbols[i / 64] >> (i % 64);

		if (rest)
			return i + (uint32_t)__builtin_ctzll(rest);
		i |= 63;
	}
	return UINT32_MAX;
}

static void count(struct ksym_diff *d)
{
	struct ksym_diff_summary *s = &d->summary;

	for (size_t n = 0; n < d->causes.len; n++) {
		struct ks_diff_cause *c = &d->causes.data[n];

		for (uint32_t i = 0; (i = ks_diff_next(d, c, i)) != UINT32_MAX; i++) {
			struct ks_diff_symbol *sym = &d->symbols.data[i];

			c->nr_symbols++;
			sym->nr_causes += !c->follows;
			if (c->how > sym->worst)
				sym->worst = c->how;
		}
		s->nr_causes += c->nr_symbols && !c->follows;
	}
	for (size_t n = 0; n < d->causes.len; n++) {
		struct ks_diff_cause *c = &d->causes.data[n];

		for (uint32_t i = 0; !c->follows && (i = ks_diff_next(d, c, i)) != UINT32_MAX; i++)
			c->nr_alone += d->symbols.data[i].nr_causes == 1;
	}
	for (size_t i = 0; i < d->symbols.len; i++) {
		s->nr_compatible += d->symbols.data[i].worst == KSYM_DIFF_COMPATIBLE;
		s->nr_depends += d->symbols.data[i].worst == KSYM_DIFF_DEPENDS;
		s->nr_incompatible += d->symbols.data[i].worst == KSYM_DIFF_INCOMPATIBLE;
	}
}

static int compare_causes(const void *a, const void *b, void *arg)
{
	const struct ks_diff_cause *causes = arg;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	const struct ks_diff_cause *x = &causes[i], *y = &causes[j];
	int ret;

	if (x->follows != y->follows)
		return x->follows ? 1 : -1;
	if (x->nr_symbols != y->nr_symbols)
		return x->nr_symbols > y->nr_symbols ? -1 : 1;
	if (x->worst != y->worst)
		return x->worst > y->worst ? -1 : 1;
	ret = strcmp(x->name[0], y->name[0]);
	return ret ? ret : i < j ? -1 : 1;
}

/* Types that no symbol reaches are no causes. */
static int order_causes(struct ksym_diff *d, struct ksym_error *err)
{
	uint32_t *position = malloc((d->causes.len + 1) * sizeof(*position));
	uint32_t nr = 0;

	d->order = malloc((d->causes.len + 1) * sizeof(*d->order));
	if (!d->order || !position) {
		free(position);
		return ks_error_nomem(err);
	}
	for (uint32_t i = 0; i < d->causes.len; i++)
		if (d->causes.data[i].nr_symbols)
			d->order[nr++] = i;
	d->nr_ordered = nr;
	qsort_r(d->order, nr, sizeof(*d->order), compare_causes, d->causes.data);
	memset(position, 0xff, (d->causes.len + 1) * sizeof(*position));
	for (uint32_t i = 0; i < nr; i++)
		position[d->order[i]] = i;
	for (uint32_t i = 0; i < nr; i++) {
		struct ks_diff_cause *c = &d->causes.data[d->order[i]];
		size_t kept = 0;

		for (size_t f = 0; f < c->follow.len; f++)
			if (position[c->follow.data[f]] != UINT32_MAX)
				c->follow.data[kept++] = position[c->follow.data[f]];
		c->follow.len = kept;
	}
	free(position);
	return 0;
}

static int compare_sides(struct ksym_diff *d, struct ksym_error *err)
{
	int ret = match_symbols(d, err);

	if (!ret)
		ret = compare_pairs(d, err);
	if (!ret)
		ret = ks_diff_follow(d, err);
	if (ret)
		return ret;
	count(d);
	return order_causes(d, err);
}

int ksym_diff_read(const char *old_path, const char *new_path, const struct ksym_diff_opts *opts,
		   struct ksym_diff **out, struct ksym_error *err)
{
	struct ksym_diff *d = calloc(1, sizeof(*d));
	struct ksym_diff_opts o;
	int ret;

	*out = NULL;
	if (!d)
		return ks_error_nomem(err);
	ret = ks_opts_copy(&o, sizeof(o), opts, err);
	if (!ret)
		ret = ks_diff_read_side(&d->side[0], old_path, o.old_debug_file, &o, err);
	if (!ret)
		ret = ks_diff_read_side(&d->side[1], new_path, o.new_debug_file, &o, err);
	if (!ret && o.message)
		o.message(o.message_arg, KSYM_MESSAGE_PROGRESS, "comparing types");
	if (!ret)
		ret = compare_sides(d, err);
	if (ret)
		ksym_diff_close(d);
	else
		*out = d;
	return ret;
}

void ksym_diff_close(struct ksym_diff *d)
{
	if (!d)
		return;
	for (int side = 0; side < 2; side++) {
		for (size_t i = 0; i < d->side[side].units.len; i++)
			ks_diff_unit_free(d->side[side].units.data[i]);
		ks_vec_free(&d->side[side].units);
		ks_vec_free(&d->side[side].symbols);
		ks_strpool_free(&d->side[side].names);
	}
	for (size_t i = 0; i < d->causes.len; i++) {
		ks_vec_free(&d->causes.data[i].because);
		ks_vec_free(&d->causes.data[i].follow);
		free(d->causes.data[i].symbols);
	}
	ks_vec_free(&d->symbols);
	ks_vec_free(&d->causes);
	ks_vec_free(&d->changes);
	ks_strpool_free(&d->keys);
	ks_arena_free(&d->arena);
	free(d->order);
	free(d);
}
