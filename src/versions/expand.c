// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/expander.h"

#include <stdlib.h>
#include <string.h>
#include "base/threads.h"

/* ---------------------------------------------------------------- compile */

/* @seen: of each type, the number of the last item that refers to it. */
static int compile(struct ks_expander *e, const struct ks_expansion *x, uint32_t own_type,
		   uint32_t number, uint32_t *seen, struct ks_item *out)
{
	const struct ks_typemap *m = e->m;
	const char *bytes = m->all_bytes.data + x->first_byte;
	struct ks_crc crc = KS_CRC_EMPTY;
	uint32_t pos = 0;

	out->first_edge = (uint32_t)e->edges.len;
	for (uint32_t i = 0; i < x->nr_refs; i++) {
		const struct ks_symtext_ref *ref = &m->all_refs.data[x->first_ref + i];
		struct ks_crc text = ks_crc_of(&e->tables, bytes + pos, ref->pos - pos);
		struct ks_edge *edge;

		pos = ref->pos;
		text = ks_crc_join(&e->tables, crc, text);
		crc = ks_crc_join(&e->tables, text, e->names[ref->type]);
		if (ref->type == own_type || seen[ref->type] == number)
			continue;
		seen[ref->type] = number;
		edge = ks_vec_push(&e->edges);
		if (!edge)
			return -ENOMEM;
		*edge = (struct ks_edge){ .type = ref->type, .before = text, .named = crc };
		crc = KS_CRC_EMPTY;
	}
	out->nr_edges = (uint32_t)e->edges.len - out->first_edge;
	out->rest = ks_crc_join(&e->tables, crc,
				ks_crc_of(&e->tables, bytes + pos, x->nr_bytes - pos));
	return 0;
}

static int compile_all(struct ks_expander *e, uint32_t *seen)
{
	const struct ks_typemap *m = e->m;
	int ret = 0;

	for (uint32_t i = 0; i < m->types.len; i++)
		e->names[i] = ks_crc_of(&e->tables, m->names.entries[i].s, m->names.entries[i].len);
	for (uint32_t i = 0; i < m->types.len && !ret; i++)
		if (m->types.data[i].known)
			ret = compile(e, &m->types.data[i], i, i + 1, seen, &e->types[i]);
	for (uint32_t i = 0; i < m->symbols.len && !ret; i++)
		ret = compile(e, &m->symbols.data[i], KS_NO_TYPE, (uint32_t)m->types.len + i + 1, seen,
			      &e->symbols[i]);
	return ret;
}

/* Types that come with each one are counted up to here. */
#define LARGE 64

/* Do at least LARGE types come with @type?  @seen: of each type, the last one asked for. */
static bool is_large(const struct ks_expander *e, uint32_t type, uint32_t *seen)
{
	uint32_t queue[LARGE], nr = 1;

	queue[0] = type;
	seen[type] = type + 1;
	for (uint32_t i = 0; i < nr; i++) {
		const struct ks_item *item = &e->types[queue[i]];

		for (uint32_t n = 0; n < item->nr_edges; n++) {
			uint32_t next = e->edges.data[item->first_edge + n].type;

			if (seen[next] == type + 1)
				continue;
			seen[next] = type + 1;
			if (nr == LARGE)
				return true;
			queue[nr++] = next;
		}
	}
	return false;
}

static void find_large(struct ks_expander *e, uint32_t *seen)
{
	memset(seen, 0, e->m->types.len * sizeof(*seen));
	for (uint32_t i = 0; i < e->m->types.len; i++)
		e->is_large[i] = is_large(e, i, seen);
}

/* Every type is expanded at most once, and its references are at least named. */
static int make_powers(struct ks_expander *e)
{
	const struct ks_typemap *m = e->m;
	uint64_t max_len = m->all_bytes.len;
	size_t nr;
	uint32_t step;

	for (size_t i = 0; i < m->all_refs.len; i++)
		max_len += m->names.entries[m->all_refs.data[i].type].len;
	nr = (size_t)(max_len >> KS_POWER_BITS) + 1;
	e->low = malloc(sizeof(*e->low) << KS_POWER_BITS);
	e->high = malloc(nr * sizeof(*e->high));
	if (!e->low || !e->high)
		return -ENOMEM;
	step = ks_crc_factor(&e->tables, 1);
	e->low[0] = e->high[0] = KS_CRC_EMPTY.factor;
	for (size_t i = 1; i < 1u << KS_POWER_BITS; i++)
		e->low[i] = e->tables.multiply(&e->tables, e->low[i - 1], step);
	step = ks_crc_factor(&e->tables, 1u << KS_POWER_BITS);
	for (size_t i = 1; i < nr; i++)
		e->high[i] = e->tables.multiply(&e->tables, e->high[i - 1], step);
	return 0;
}

int ks_expander_open(struct ks_expander **out, const struct ks_typemap *m, struct ksym_error *err)
{
	struct ks_expander *e = calloc(1, sizeof(*e));
	uint32_t *seen = calloc(m->types.len + 1, sizeof(*seen));
	int ret = -ENOMEM;

	*out = NULL;
	if (e && seen) {
		e->m = m;
		ks_crc_init(&e->tables);
		e->types = calloc(m->types.len + 1, sizeof(*e->types));
		e->symbols = calloc(m->symbols.len + 1, sizeof(*e->symbols));
		e->names = calloc(m->types.len + 1, sizeof(*e->names));
		e->is_large = calloc(m->types.len + 1, sizeof(*e->is_large));
		if (e->types && e->symbols && e->names && e->is_large)
			ret = compile_all(e, seen);
		if (!ret)
			ret = make_powers(e);
		if (!ret)
			find_large(e, seen);
	}
	free(seen);
	if (ret) {
		ks_expander_close(e);
		return ks_error_nomem(err);
	}
	*out = e;
	return 0;
}

void ks_expander_close(struct ks_expander *e)
{
	if (!e)
		return;
	ks_vec_free(&e->edges);
	free(e->types);
	free(e->symbols);
	free(e->names);
	free(e->is_large);
	free(e->low);
	free(e->high);
	free(e);
}

/* ----------------------------------------------------------------- expand */

/*
 * Most symbols lead to the same couple of thousand types, by way of some hundred that are
 * met first: a structure device, a sk_buff.  What such a type expands to when nothing has
 * been expanded before is the same for every symbol; it is walked once, for all symbols
 * that come to it first, and kept as a base.
 *
 * What has been expanded before comes with all that it leads to.  Where the walk of the base
 * comes to such a type, the symbol has only the name; the rest of the base is as it is,
 * because that type leads to nothing that is not there already.  So these parts are cut out,
 * and as the CRC of every part of the base can be told from those of its beginnings, that
 * takes a handful of multiplications for each cut.
 */
struct mark {
	uint32_t base;		/* number of the base that this was made for */
	uint32_t parent;	/* type in whose text it is expanded; KS_NO_TYPE: none */
	uint64_t before_len, after_len;		/* of the text up to its expansion, and with it */
	uint32_t before_crc, after_crc;
};

struct frame {
	const struct ks_edge *edge, *end;
	struct ks_crc rest;
	uint32_t type;
};

/* One thread's.  Every type is entered once a symbol, so the stack has room for all. */
struct walk {
	struct ks_expander *e;
	struct frame *stack;
	uint32_t *seen;		/* of each type: the last symbol that expanded it, + 1 */
	uint32_t *list;		/* types that this symbol expanded so far */
	uint32_t nr_list;
	uint32_t *cuts;
	struct mark *marks;	/* of each type */
	uint32_t base;		/* number of bases made */
	uint32_t base_type;
	uint32_t base_crc;
	uint64_t base_len;
	const uint32_t *order;	/* symbols, those of one base side by side */
	uint32_t first, end;	/* of them, what this thread does */
	uint32_t *crcs;
	uint32_t unknown;	/* a type that has no text, ... */
	uint32_t unknown_in;	/* ... met in this symbol; KS_NO_TYPE: none */
};

static inline struct frame frame_of(const struct ks_expander *e, const struct ks_item *item,
				    uint32_t type)
{
	const struct ks_edge *edge = item->nr_edges ? e->edges.data + item->first_edge : NULL;

	return (struct frame){ edge, edge ? edge + item->nr_edges : NULL, item->rest, type };
}

/* x^(8 len) */
static inline uint32_t power(const struct ks_expander *e, uint64_t len)
{
	return e->tables.multiply(&e->tables, e->low[len & ((1u << KS_POWER_BITS) - 1)],
				  e->high[len >> KS_POWER_BITS]);
}

static void note_unknown(struct walk *w, uint32_t type, uint32_t symbol)
{
	if (w->e->m->types.data[type].known || w->unknown_in <= symbol)
		return;
	w->unknown = type;
	w->unknown_in = symbol;
}

/* Walk @type with nothing before it, and note where everything is. */
static void make_base(struct walk *w, uint32_t type, uint32_t symbol)
{
	const struct ks_expander *e = w->e;
	const struct ks_crc_tables *t = &e->tables;
	struct frame *f = w->stack;
	uint32_t crc = 0, base = ++w->base;
	uint64_t len = 0;

	w->base_type = type;
	*f = frame_of(e, &e->types[type], type);
	w->marks[type] = (struct mark){ .base = base, .parent = KS_NO_TYPE };
	note_unknown(w, type, symbol);
	for (;;) {
		const struct ks_edge *edge = f->edge;

		if (edge == f->end) {
			crc = ks_crc_join_crc(t, crc, f->rest);
			len += f->rest.len;
			w->marks[f->type].after_crc = crc;
			w->marks[f->type].after_len = len;
			if (f == w->stack)
				break;
			f--;
			continue;
		}
		f->edge++;
		if (w->marks[edge->type].base == base) {
			crc = ks_crc_join_crc(t, crc, edge->named);
			len += edge->named.len;
			continue;
		}
		crc = ks_crc_join_crc(t, crc, edge->before);
		len += edge->before.len;
		w->marks[edge->type] = (struct mark){ .base = base, .parent = f->type,
						      .before_crc = crc, .before_len = len };
		note_unknown(w, edge->type, symbol);
		f++;
		*f = frame_of(e, &e->types[edge->type], edge->type);
	}
	w->base_crc = crc;
	w->base_len = len;
}

static int compare_cuts(const void *a, const void *b, void *arg)
{
	const struct mark *marks = arg, *x = &marks[*(const uint32_t *)a],
			  *y = &marks[*(const uint32_t *)b];

	return x->before_len < y->before_len ? -1 : x->before_len > y->before_len;
}

/* The base with what the symbol expanded before cut out, behind @crc. */
static uint32_t join_base(struct walk *w, uint32_t crc, uint32_t stamp)
{
	const struct ks_expander *e = w->e;
	const struct ks_crc_tables *t = &e->tables;
	uint32_t nr = 0, from_crc = 0, factor;
	uint64_t from_len = 0;

	for (uint32_t i = 0; i < w->nr_list; i++) {
		const struct mark *m = &w->marks[w->list[i]];

		if (m->base == w->base &&
		    (m->parent == KS_NO_TYPE || w->seen[m->parent] != stamp))
			w->cuts[nr++] = w->list[i];
	}
	if (nr > 1)
		qsort_r(w->cuts, nr, sizeof(*w->cuts), compare_cuts, w->marks);
	for (uint32_t i = 0; i <= nr; i++) {
		const struct mark *m = i < nr ? &w->marks[w->cuts[i]] : NULL;

		/* From the end of the last cut to the beginning of this one. */
		factor = power(e, (m ? m->before_len : w->base_len) - from_len);
		crc = t->multiply(t, crc, factor) ^ (m ? m->before_crc : w->base_crc) ^
		      t->multiply(t, from_crc, factor);
		if (!m)
			break;
		crc = ks_crc_join_crc(t, crc, e->names[w->cuts[i]]);
		from_crc = m->after_crc;
		from_len = m->after_len;
	}
	return crc;
}

static uint32_t expand(struct walk *w, uint32_t symbol)
{
	const struct ks_expander *e = w->e;
	const struct ks_crc_tables *t = &e->tables;
	struct frame *f = w->stack;
	uint32_t crc = 0, stamp = symbol + 1;
	bool in_base = false;	/* what is in the base is expanded, too */

	w->nr_list = 0;
	*f = frame_of(e, &e->symbols[symbol], KS_NO_TYPE);
	for (;;) {
		const struct ks_edge *edge = f->edge;
		uint32_t type;

		if (edge == f->end) {
			crc = ks_crc_join_crc(t, crc, f->rest);
			if (f == w->stack)
				return crc;
			f--;
			continue;
		}
		f->edge++;
		type = edge->type;
		if (w->seen[type] == stamp || (in_base && w->marks[type].base == w->base)) {
			crc = ks_crc_join_crc(t, crc, edge->named);
			continue;
		}
		crc = ks_crc_join_crc(t, crc, edge->before);
		if (!in_base && f == w->stack && e->is_large[type]) {
			struct frame symbol_frame = *f;

			if (w->base_type != type)
				make_base(w, type, symbol);
			*f = symbol_frame;
			crc = join_base(w, crc, stamp);
			in_base = true;
			continue;
		}
		w->seen[type] = stamp;
		w->list[w->nr_list++] = type;
		note_unknown(w, type, symbol);
		f++;
		*f = frame_of(e, &e->types[type], type);
	}
}

static void *run(void *arg)
{
	struct walk *w = arg;

	for (uint32_t i = w->first; i < w->end; i++)
		w->crcs[w->order[i]] = expand(w, w->order[i]);
	return NULL;
}

/* ---------------------------------------------------------------- threads */

static int start(struct walk *w, struct ks_expander *e)
{
	size_t nr = e->m->types.len + 2;

	w->e = e;
	w->base_type = w->unknown_in = KS_NO_TYPE;
	w->seen = calloc(nr, sizeof(*w->seen));
	w->list = calloc(nr, sizeof(*w->list));
	w->cuts = calloc(nr, sizeof(*w->cuts));
	w->marks = calloc(nr, sizeof(*w->marks));
	w->stack = malloc(nr * sizeof(*w->stack));
	return w->seen && w->list && w->cuts && w->marks && w->stack ? 0 : -ENOMEM;
}

static void stop(struct walk *w)
{
	free(w->seen);
	free(w->list);
	free(w->cuts);
	free(w->marks);
	free(w->stack);
}

/* The type whose base a symbol takes: KS_NO_TYPE if none. */
static uint32_t base_of(const struct ks_expander *e, uint32_t symbol)
{
	const struct ks_item *item = &e->symbols[symbol];

	for (uint32_t i = 0; i < item->nr_edges; i++)
		if (e->is_large[e->edges.data[item->first_edge + i].type])
			return e->edges.data[item->first_edge + i].type;
	return KS_NO_TYPE;
}

struct key {
	uint32_t base, symbol;
};

static int compare_keys(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->base != y->base)
		return x->base < y->base ? -1 : 1;
	return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

static uint32_t *sort_symbols(const struct ks_expander *e, const bool *wanted, uint32_t *nr)
{
	struct key *keys = malloc((e->m->symbols.len + 1) * sizeof(*keys));
	uint32_t *order = malloc((e->m->symbols.len + 1) * sizeof(*order));

	*nr = 0;
	for (uint32_t i = 0; keys && i < e->m->symbols.len; i++)
		if (!wanted || wanted[i])
			keys[(*nr)++] = (struct key){ base_of(e, i), i };
	if (keys)
		qsort(keys, *nr, sizeof(*keys), compare_keys);
	for (uint32_t i = 0; keys && order && i < *nr; i++)
		order[i] = keys[i].symbol;
	if (!keys) {
		free(order);
		order = NULL;
	}
	free(keys);
	return order;
}

/* Of all threads it is the first symbol whose error is told. */
static int find_unknown(const struct ks_expander *e, const struct walk *walks, unsigned int nr,
			struct ksym_error *err)
{
	const struct walk *first = &walks[0];

	for (unsigned int i = 1; i < nr; i++)
		if (walks[i].unknown_in < first->unknown_in)
			first = &walks[i];
	if (first->unknown_in == KS_NO_TYPE)
		return 0;
	return ks_error(err, -EBADMSG,
			"%s: a reference to '%s': expected a type that is there, or a rule that tells it",
			e->m->path, ks_strpool_get(&e->m->names, first->unknown));
}

int ks_expand_all(struct ks_expander *e, const bool *wanted, uint32_t *crcs, unsigned int nr_threads,
		  struct ksym_error *err)
{
	uint32_t nr, *order = sort_symbols(e, wanted, &nr);
	struct walk *walks = calloc(nr_threads, sizeof(*walks));
	int ret = walks && order ? 0 : -ENOMEM;

	for (unsigned int i = 0; i < nr_threads && !ret; i++) {
		ret = start(&walks[i], e);
		walks[i].first = (uint32_t)((uint64_t)nr * i / nr_threads);
		walks[i].end = (uint32_t)((uint64_t)nr * (i + 1) / nr_threads);
		walks[i].order = order;
		walks[i].crcs = crcs;
	}
	if (!ret)
		ks_threads_run(nr_threads, run, walks, sizeof(*walks));
	ret = ret ? ks_error_nomem(err) : find_unknown(e, walks, nr_threads, err);
	for (unsigned int i = 0; walks && i < nr_threads; i++)
		stop(&walks[i]);
	free(walks);
	free(order);
	return ret;
}
