// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/scopes.h"

#include <string.h>

/* No kernel comes near these; they bound what a hostile file can make us do.  Beyond them
 * types are told apart that need not be. */
#define MAX_CHAIN	256u		/* variants of one type that are looked through */
#define MAX_BITS	(64u << 20)	/* words for one unit */
#define MAX_FLOW	(1ull << 32)	/* words looked at, for all units together */
/* Beyond these there is no BTF. */
#define MAX_STEPS	(1ull << 32)	/* choices compared */
#define MAX_CHOICES	(32u << 20)	/* choices kept */

/* ---------------------------------------------------------------- contexts */

static const struct ks_choice *choices_of(const struct ks_scopes *s, uint32_t context)
{
	return s->choices.data + s->contexts.data[context].first;
}

/* What @context says of @named; 0 when nothing. */
static uint32_t chosen(const struct ks_scopes *s, uint32_t context, uint32_t named)
{
	const struct ks_choice *v = choices_of(s, context);
	uint32_t lo = 0, hi = s->contexts.data[context].nr;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (v[mid].named < named)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->contexts.data[context].nr && v[lo].named == named ? v[lo].item : 0;
}

/* Do they say nothing different?  *@all: @b says nothing that @a does not. */
static bool agree(struct ks_scopes *s, uint32_t a, const struct ks_choice *b, uint32_t nr_b, bool *all)
{
	const struct ks_choice *v = choices_of(s, a), *end = v + s->contexts.data[a].nr;

	s->steps += 1 + (uint64_t)nr_b + s->contexts.data[a].nr;

	*all = true;
	for (uint32_t i = 0; i < nr_b; i++) {
		while (v < end && v->named < b[i].named)
			v++;
		if (v == end || v->named != b[i].named)
			*all = false;
		else if (v->item != b[i].item)
			return false;
	}
	return true;
}

/* Whether a hostile file has us compare or keep more than any kernel does. */
static int check_limits(const struct ks_scopes *s)
{
	if (s->steps <= MAX_STEPS && s->choices.len <= MAX_CHOICES)
		return 0;
	return ks_error(s->err, -E2BIG,
			"%s: .debug_info: types that differ and have one name: expected fewer of them",
			s->it->path);
}

static int add_context(struct ks_scopes *s, uint32_t first, uint32_t *context)
{
	struct ks_context *c = ks_vec_push(&s->contexts);

	if (!c || s->choices.len > UINT32_MAX)
		return ks_error_nomem(s->err);
	*c = (struct ks_context){ first, (uint32_t)s->choices.len - first };
	*context = (uint32_t)s->contexts.len - 1;
	return 0;
}

static bool push_choice(struct ks_scopes *s, struct ks_choice c)
{
	struct ks_choice *slot = ks_vec_push(&s->choices);

	if (slot)
		*slot = c;
	return slot;
}

/* All that @a and @b, which agree, say. */
static int unite(struct ks_scopes *s, uint32_t a, const struct ks_choice *b, uint32_t nr_b,
		 uint32_t *context)
{
	uint32_t first = (uint32_t)s->choices.len, i = 0, j = 0, nr_a = s->contexts.data[a].nr;
	bool ok = true;

	while (ok && (i < nr_a || j < nr_b)) {
		const struct ks_choice *v = choices_of(s, a);

		if (j == nr_b || (i < nr_a && v[i].named < b[j].named)) {
			ok = push_choice(s, v[i++]);
		} else {
			i += i < nr_a && v[i].named == b[j].named;
			ok = push_choice(s, b[j++]);
		}
	}
	return ok ? add_context(s, first, context) : ks_error_nomem(s->err);
}

/* ---------------------------------------------------------------- variants */

static int add_variant(struct ks_scopes *s, uint32_t named, uint32_t item, uint32_t context,
		       uint32_t *nr)
{
	struct ks_variant *v = ks_vec_push(&s->v);

	if (!v || s->v.len > INT32_MAX)
		return ks_error_nomem(s->err);
	*v = (struct ks_variant){ .item = item, .context = context, .next = s->variants[named] };
	s->variants[named] = (uint32_t)s->v.len;
	*nr = (uint32_t)s->v.len - 1;
	return 0;
}

/* The first variant of @named that is @item and agrees with @b: number + 1, or 0.  Chains are
 * newest first.  *@all: it says all that @b says. */
static uint32_t find_variant(struct ks_scopes *s, uint32_t named, uint32_t item,
			     const struct ks_choice *b, uint32_t nr_b, bool *all)
{
	uint32_t found = 0, nr_seen = 0;
	bool says_all = true;

	for (uint32_t i = s->variants[named]; i && nr_seen < MAX_CHAIN;
	     i = s->v.data[i - 1].next, nr_seen++)
		if (s->v.data[i - 1].item == item &&
		    agree(s, s->v.data[i - 1].context, b, nr_b, &says_all)) {
			found = i;
			*all = says_all;
		}
	return found;
}

/* The same, and it says all that @b says from now on; or a new one. */
static int extend_variant(struct ks_scopes *s, uint32_t named, uint32_t item,
			  const struct ks_choice *b, uint32_t nr_b)
{
	uint32_t first = (uint32_t)s->choices.len, context = KS_CONTEXT_NONE, nr;
	bool all = true;
	uint32_t found = find_variant(s, named, item, b, nr_b, &all);
	int ret = check_limits(s);

	if (ret || (found && all))
		return ret;
	if (found)
		return unite(s, s->v.data[found - 1].context, b, nr_b, &s->v.data[found - 1].context);
	for (uint32_t i = 0; i < nr_b; i++)
		if (!push_choice(s, b[i]))
			return ks_error_nomem(s->err);
	if (nr_b)
		ret = add_context(s, first, &context);
	return ret ? ret : add_variant(s, named, item, context, &nr);
}

int ks_scopes_variant(struct ks_scopes *s, uint32_t named, uint32_t context, uint32_t *variant)
{
	uint32_t item = s->item_of[named], found;
	bool all;
	int ret;

	*variant = UINT32_MAX;
	if (s->ambiguous[named]) {
		uint32_t choice = chosen(s, context, named);

		/* A type alias is never only declared. */
		if (!choice && s->g->named.data[named].kind != KS_KIND_TYPEDEF)
			return 0;
		item = choice ? choice : item;
	}
	if (!item)
		return 0;
	found = find_variant(s, named, item, choices_of(s, context), s->contexts.data[context].nr, &all);
	ret = check_limits(s);
	if (!ret && !found)
		ret = add_variant(s, named, item, context, variant);
	else
		*variant = found - 1;
	return ret;
}

/* ------------------------------------------------------------------- taint */

static bool ref_tainted(const struct ks_scopes *s, ks_ref ref)
{
	return KS_REF_IS_NAMED(ref) ? s->tainted[KS_REF_NUMBER(ref)] : s->item_tainted[ref];
}

/* One round over all items: did it find more? */
static bool taint_items(struct ks_scopes *s)
{
	bool more = false;

	for (uint32_t i = 1; i < s->it->at.len; i++) {
		const uint32_t *t = ks_item(s->it, i);

		if (s->item_tainted[i])
			continue;
		ks_btf_for_each_ref(word, t)
			if (ref_tainted(s, t[word])) {
				s->item_tainted[i] = more = true;
				break;
			}
	}
	return more;
}

static void taint(struct ks_scopes *s)
{
	bool more = true;

	for (size_t i = 0; i < s->g->named.len; i++)
		s->tainted[i] = s->ambiguous[i];
	while (more) {
		more = taint_items(s);
		for (size_t i = 0; i < s->g->named.len; i++)
			s->tainted[i] |= s->item_tainted[s->item_of[i]];
	}
}

/* ------------------------------------------------------------ definitions */

static int sort_defs(struct ks_scopes *s, const struct ks_btf_collection *c, const ks_ref *refs)
{
	const struct ks_graph *g = s->g;
	uint32_t *fill;

	s->defs = malloc((c->defs.len + 1) * sizeof(*s->defs));
	s->first_def = calloc(s->nr_units + 2, sizeof(*s->first_def));
	s->nr_own = calloc(s->nr_units + 1, sizeof(*s->nr_own));
	if (!s->defs || !s->first_def || !s->nr_own || c->defs.len > UINT32_MAX)
		return ks_error_nomem(s->err);
	fill = s->first_def + 1;
	for (size_t i = 0; i < c->defs.len; i++)
		fill[c->defs.data[i].unit + 1]++;
	for (uint32_t i = 1; i <= s->nr_units; i++)
		fill[i] += fill[i - 1];
	for (size_t i = 0; i < c->defs.len; i++) {
		const struct ks_btf_def *d = &c->defs.data[i];
		uint32_t item = g->nodes.data[g->shapes.data[d->shape].node].flags & KS_TYPE_OPAQUE
					? 0
					: refs[d->shape];

		s->defs[fill[d->unit]++] = (struct ks_choice){ d->named, item };
		s->nr_own[d->unit] += !d->foreign;
	}
	/* In the order of units, not of the threads that read them. */
	for (size_t i = 0; i < c->defs.len; i++) {
		struct ks_choice d = s->defs[i];

		if (d.item && !s->item_of[d.named])
			s->item_of[d.named] = d.item;
		else if (d.item && s->item_of[d.named] != d.item)
			s->ambiguous[d.named] = true;
	}
	return 0;
}

static int compare_choices(const void *a, const void *b)
{
	const struct ks_choice *x = a, *y = b;

	if (x->named != y->named)
		return x->named < y->named ? -1 : 1;
	return x->item < y->item ? -1 : x->item > y->item;
}

/* What a unit says of ambiguous names. */
static int unit_context(struct ks_scopes *s, uint32_t unit)
{
	uint32_t first = (uint32_t)s->choices.len, nr = first;
	int ret;

	/* Until they are sorted by number of the definition: numbers of items depend on threads. */
	for (uint32_t i = s->first_def[unit]; i < s->first_def[unit + 1]; i++)
		if (s->ambiguous[s->defs[i].named] && s->defs[i].item &&
		    !push_choice(s, (struct ks_choice){ s->defs[i].named, i }))
			return ks_error_nomem(s->err);
	if (s->choices.len == first)
		return 0;
	qsort(s->choices.data + first, s->choices.len - first, sizeof(*s->choices.data),
	      compare_choices);
	for (uint32_t i = first; i < s->choices.len; i++)
		if (nr == first || s->choices.data[nr - 1].named != s->choices.data[i].named)
			s->choices.data[nr++] = s->choices.data[i];
	s->choices.len = nr;
	for (uint32_t i = first; i < nr; i++)
		s->choices.data[i].item = s->defs[s->choices.data[i].item].item;
	ret = add_context(s, first, &s->unit_context[unit]);
	return ret;
}

/* ------------------------------------------------------------------- reach */

/* Which choices of a unit can be reached from an item: the work of one unit at a time. */
struct reach {
	struct ks_scopes *s;
	uint32_t stamp;
	uint32_t *item_stamp, *item_local;	/* of each item: when visited, number */
	uint32_t *named_stamp, *named_item;	/* of each named type: what it is in the unit */
	KS_VEC(uint32_t) items;			/* visited, by number */
	KS_VEC(uint64_t) bits;			/* words of each */
	size_t words;
	uint64_t spent;				/* words looked at */
	KS_VEC(struct ks_choice) key;
};

/* The item that a reference leads to in this unit; 0 when it stops there. */
static uint32_t target(const struct reach *r, ks_ref ref)
{
	uint32_t n = KS_REF_NUMBER(ref);

	if (!KS_REF_IS_NAMED(ref))
		return r->s->item_tainted[n] ? n : 0;
	return r->s->tainted[n] && r->named_stamp[n] == r->stamp ? r->named_item[n] : 0;
}

static bool visit(struct reach *r, uint32_t item)
{
	uint32_t *slot;

	if (r->item_stamp[item] == r->stamp)
		return true;
	slot = ks_vec_push(&r->items);
	if (!slot)
		return false;
	*slot = item;
	r->item_stamp[item] = r->stamp;
	r->item_local[item] = (uint32_t)r->items.len - 1;
	return true;
}

static bool visit_all(struct reach *r)
{
	for (size_t i = 0; i < r->items.len; i++) {
		const uint32_t *t = ks_item(r->s->it, r->items.data[i]);

		ks_btf_for_each_ref(word, t) {
			uint32_t to = target(r, t[word]);

			if (to && !visit(r, to))
				return false;
		}
	}
	return true;
}

/* Let bits flow against references until nothing changes; false: that would take too long. */
static bool flow(struct reach *r)
{
	bool more = true;

	while (more) {
		more = false;
		if (r->spent > MAX_FLOW)
			return false;
		for (size_t i = r->items.len; i-- > 0;) {
			const uint32_t *t = ks_item(r->s->it, r->items.data[i]);
			uint64_t *bits = r->bits.data + i * r->words;

			ks_btf_for_each_ref(word, t) {
				uint32_t to = target(r, t[word]);
				const uint64_t *from;

				if (!to)
					continue;
				r->spent += r->words;
				from = r->bits.data + r->item_local[to] * r->words;
				for (size_t w = 0; w < r->words; w++) {
					more |= (from[w] & ~bits[w]) != 0;
					bits[w] |= from[w];
				}
			}
		}
	}
	return true;
}

/* Items of the unit, and the bits of what can be reached.  1: that would be too much. */
static int reach_unit(struct reach *r, uint32_t unit)
{
	struct ks_scopes *s = r->s;
	const struct ks_context *c = &s->contexts.data[s->unit_context[unit]];
	bool ok = true;

	r->stamp++;
	r->items.len = r->bits.len = 0;
	r->words = (c->nr + 63) / 64;
	for (uint32_t i = s->first_def[unit]; i < s->first_def[unit + 1]; i++) {
		struct ks_choice d = s->defs[i];

		if (!d.item || !s->tainted[d.named] || r->named_stamp[d.named] == r->stamp)
			continue;
		r->named_stamp[d.named] = r->stamp;
		r->named_item[d.named] = d.item;
		ok = ok && visit(r, d.item);
	}
	if (!ok || !visit_all(r))
		return ks_error_nomem(s->err);
	if (r->words && r->items.len > MAX_BITS / r->words)
		return 1;
	if (!ks_vec_reserve(&r->bits, r->items.len * r->words))
		return ks_error_nomem(s->err);
	r->bits.len = r->items.len * r->words;
	if (r->bits.len)
		memset(r->bits.data, 0, r->bits.len * sizeof(*r->bits.data));
	for (uint32_t i = 0; i < c->nr; i++) {
		uint32_t item = s->choices.data[c->first + i].item;

		if (r->item_stamp[item] == r->stamp)
			r->bits.data[r->item_local[item] * r->words + i / 64] |= (uint64_t)1 << i % 64;
	}
	return !flow(r);
}

/* Every tainted type in all that the unit says. */
static int whole_variants(struct ks_scopes *s, uint32_t unit)
{
	uint32_t nr;
	int ret = 0;

	for (uint32_t i = s->first_def[unit]; i < s->first_def[unit + 1] && !ret; i++) {
		struct ks_choice d = s->defs[i];

		if (d.item && s->tainted[d.named])
			ret = add_variant(s, d.named, d.item, s->unit_context[unit], &nr);
	}
	return ret;
}

static int unit_variants(struct reach *r, uint32_t unit)
{
	struct ks_scopes *s = r->s;
	uint32_t context = s->unit_context[unit];
	int ret = context ? reach_unit(r, unit) : 0;

	if (ret > 0)
		return whole_variants(s, unit);
	for (uint32_t i = s->first_def[unit]; i < s->first_def[unit + 1] && !ret; i++) {
		struct ks_choice d = s->defs[i];
		const uint64_t *bits = NULL;

		if (!d.item || !s->tainted[d.named])
			continue;
		r->key.len = 0;
		if (context)
			bits = r->bits.data + r->item_local[d.item] * r->words;
		for (uint32_t k = 0; context && k < s->contexts.data[context].nr; k++) {
			struct ks_choice *slot;

			if (!(bits[k / 64] >> k % 64 & 1))
				continue;
			slot = ks_vec_push(&r->key);
			if (!slot)
				return ks_error_nomem(s->err);
			*slot = choices_of(s, context)[k];
		}
		ret = extend_variant(s, d.named, d.item, r->key.data, (uint32_t)r->key.len);
	}
	return ret;
}

static int add_variants(struct ks_scopes *s)
{
	struct reach r = { .s = s };
	int ret = 0;

	r.item_stamp = calloc(s->it->at.len, sizeof(*r.item_stamp));
	r.item_local = calloc(s->it->at.len, sizeof(*r.item_local));
	r.named_stamp = calloc(s->g->named.len + 1, sizeof(*r.named_stamp));
	r.named_item = calloc(s->g->named.len + 1, sizeof(*r.named_item));
	if (!r.item_stamp || !r.item_local || !r.named_stamp || !r.named_item)
		ret = ks_error_nomem(s->err);
	for (uint32_t i = 0; i < s->nr_units && !ret; i++)
		ret = unit_variants(&r, i);
	free(r.item_stamp);
	free(r.item_local);
	free(r.named_stamp);
	free(r.named_item);
	ks_vec_free(&r.items);
	ks_vec_free(&r.bits);
	ks_vec_free(&r.key);
	return ret;
}

/* -------------------------------------------------------------------- all */

int ks_scopes_init(struct ks_scopes *s, const struct ks_items *it, const struct ks_btf_collection *c,
		   const ks_ref *refs, struct ksym_error *err)
{
	uint32_t none;
	int ret;

	*s = (struct ks_scopes){ .it = it, .g = &c->g, .err = err, .nr_units = c->nr_units };
	s->item_of = calloc(c->g.named.len + 1, sizeof(*s->item_of));
	s->ambiguous = calloc(c->g.named.len + 1, sizeof(*s->ambiguous));
	s->tainted = calloc(c->g.named.len + 1, sizeof(*s->tainted));
	s->variants = calloc(c->g.named.len + 1, sizeof(*s->variants));
	s->item_tainted = calloc(it->at.len, sizeof(*s->item_tainted));
	s->unit_context = calloc(c->nr_units + 1, sizeof(*s->unit_context));
	ret = s->item_of && s->ambiguous && s->tainted && s->variants && s->item_tainted &&
			      s->unit_context && ks_vec_reserve(&s->choices, 1)
		      ? add_context(s, 0, &none)
		      : ks_error_nomem(err);
	if (!ret)
		ret = sort_defs(s, c, refs);
	if (!ret)
		taint(s);
	for (uint32_t i = 0; i < s->nr_units && !ret; i++)
		ret = unit_context(s, i);
	if (!ret)
		ret = add_variants(s);
	if (ret)
		ks_scopes_free(s);
	return ret;
}

void ks_scopes_free(struct ks_scopes *s)
{
	free(s->item_of);
	free(s->ambiguous);
	free(s->tainted);
	free(s->item_tainted);
	free(s->unit_context);
	free(s->variants);
	free(s->defs);
	free(s->nr_own);
	free(s->first_def);
	ks_vec_free(&s->choices);
	ks_vec_free(&s->contexts);
	ks_vec_free(&s->v);
	*s = (struct ks_scopes){ 0 };
}
