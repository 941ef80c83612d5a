// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/expand.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NO_TYPE UINT32_MAX

/* A reference that may have to be expanded: the first of its type in a text. */
struct edge {
	uint32_t type;
	struct ks_crc before;	/* of the text since the reference before, with the names of
				   references that are never the first */
	struct ks_crc named;	/* before, and the name of the type */
};

/* A text, of a type or a symbol. */
struct item {
	uint32_t first_edge, nr_edges;
	struct ks_crc rest;	/* of the text behind the last edge */
};

struct ks_expander {
	const struct ks_typemap *m;
	struct ks_crc_tables tables;
	KS_VEC(struct edge) edges;
	struct item *types, *symbols;
	struct ks_crc *names;	/* of each type */
};

/* ---------------------------------------------------------------- compile */

/* @seen: of each type, the number of the last item that refers to it. */
static int compile(struct ks_expander *e, const struct ks_expansion *x, uint32_t own_type,
		   uint32_t number, uint32_t *seen, struct item *out)
{
	const struct ks_typemap *m = e->m;
	const char *bytes = m->all_bytes.data + x->first_byte;
	struct ks_crc crc = KS_CRC_EMPTY;
	uint32_t pos = 0;

	out->first_edge = (uint32_t)e->edges.len;
	for (uint32_t i = 0; i < x->nr_refs; i++) {
		const struct ks_symtext_ref *ref = &m->all_refs.data[x->first_ref + i];
		struct ks_crc text = ks_crc_of(&e->tables, bytes + pos, ref->pos - pos);
		struct edge *edge;

		pos = ref->pos;
		text = ks_crc_join(&e->tables, crc, text);
		crc = ks_crc_join(&e->tables, text, e->names[ref->type]);
		if (ref->type == own_type || seen[ref->type] == number)
			continue;
		seen[ref->type] = number;
		edge = ks_vec_push(&e->edges);
		if (!edge)
			return -ENOMEM;
		*edge = (struct edge){ .type = ref->type, .before = text, .named = crc };
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
		ret = compile(e, &m->symbols.data[i], NO_TYPE, (uint32_t)m->types.len + i + 1, seen,
			      &e->symbols[i]);
	return ret;
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
		if (e->types && e->symbols && e->names)
			ret = compile_all(e, seen);
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
	free(e);
}

/* ----------------------------------------------------------------- expand */

struct frame {
	const struct edge *edge, *end;
	struct ks_crc rest;
};

/* One thread's.  Every type is entered once a symbol, so the stack has room for all. */
struct walk {
	struct ks_expander *e;
	uint32_t *seen;		/* of each type: the number of the last symbol + 1 */
	struct frame *stack;
	uint32_t first, end;	/* symbols to do */
	uint32_t *crcs;
	uint32_t unknown;	/* a type that has no text, ... */
	uint32_t unknown_in;	/* ... met in this symbol; NO_TYPE: none */
};

static inline struct frame frame_of(const struct ks_expander *e, const struct item *item)
{
	const struct edge *edge = item->nr_edges ? e->edges.data + item->first_edge : NULL;

	return (struct frame){ edge, edge ? edge + item->nr_edges : NULL, item->rest };
}

static uint32_t expand(struct walk *w, uint32_t symbol)
{
	const struct ks_expander *e = w->e;
	const struct ks_crc_tables *t = &e->tables;
	struct frame *f = w->stack;
	uint32_t crc = 0, stamp = symbol + 1;

	*f = frame_of(e, &e->symbols[symbol]);
	for (;;) {
		const struct edge *edge = f->edge;

		if (edge == f->end) {
			crc = ks_crc_join_crc(t, crc, f->rest);
			if (f == w->stack)
				return crc;
			f--;
			continue;
		}
		f->edge++;
		if (w->seen[edge->type] == stamp) {
			crc = ks_crc_join_crc(t, crc, edge->named);
			continue;
		}
		w->seen[edge->type] = stamp;
		crc = ks_crc_join_crc(t, crc, edge->before);
		if (ks_unlikely(!e->m->types.data[edge->type].known) && w->unknown_in == NO_TYPE) {
			w->unknown = edge->type;
			w->unknown_in = symbol;
		}
		*++f = frame_of(e, &e->types[edge->type]);
	}
}

static void *run(void *arg)
{
	struct walk *w = arg;

	for (uint32_t i = w->first; i < w->end; i++)
		w->crcs[i] = expand(w, i);
	return NULL;
}

static int start(struct walk *w, struct ks_expander *e)
{
	w->e = e;
	w->unknown_in = NO_TYPE;
	w->seen = calloc(e->m->types.len + 1, sizeof(*w->seen));
	w->stack = malloc((e->m->types.len + 2) * sizeof(*w->stack));
	return w->seen && w->stack ? 0 : -ENOMEM;
}

int ks_expand_all(struct ks_expander *e, uint32_t *crcs, unsigned int nr_threads,
		  struct ksym_error *err)
{
	uint32_t nr = (uint32_t)e->m->symbols.len;
	struct walk *walks = calloc(nr_threads, sizeof(*walks));
	pthread_t *threads = calloc(nr_threads, sizeof(*threads));
	unsigned int started = 0;
	int ret = walks && threads ? 0 : -ENOMEM;

	for (unsigned int i = 0; i < nr_threads && !ret; i++) {
		ret = start(&walks[i], e);
		walks[i].first = (uint32_t)((uint64_t)nr * i / nr_threads);
		walks[i].end = (uint32_t)((uint64_t)nr * (i + 1) / nr_threads);
		walks[i].crcs = crcs;
	}
	for (unsigned int i = 1; i < nr_threads && !ret; i++, started++)
		if (pthread_create(&threads[i], NULL, run, &walks[i]))
			break;
	if (!ret) {
		run(&walks[0]);
		/* Whatever no thread could be had for. */
		for (unsigned int i = started + 1; i < nr_threads; i++)
			run(&walks[i]);
	}
	for (unsigned int i = 1; i <= started; i++)
		pthread_join(threads[i], NULL);
	if (ret)
		ret = ks_error_nomem(err);
	for (unsigned int i = 0; i < nr_threads && !ret; i++)
		if (walks[i].unknown_in != NO_TYPE)
			ret = ks_error(err, -EBADMSG,
				       "%s: a reference to '%s': expected a type that is there, or a rule that tells it",
				       e->m->path, ks_strpool_get(&e->m->names, walks[i].unknown));
	for (unsigned int i = 0; walks && i < nr_threads; i++) {
		free(walks[i].seen);
		free(walks[i].stack);
	}
	free(walks);
	free(threads);
	return ret;
}

/* ------------------------------------------------------------------- text */

struct place {
	const struct ks_expansion *x;
	uint32_t pos, ref;
};

int ks_expand_text(struct ks_expander *e, uint32_t nr,
		   int (*write)(void *arg, const char *s, size_t len), void *arg,
		   struct ksym_error *err)
{
	const struct ks_typemap *m = e->m;
	bool *seen = calloc(m->types.len + 1, 1);
	KS_VEC(struct place) stack = { 0 };
	struct place *top = ks_vec_push(&stack);
	int ret = seen && top ? 0 : ks_error_nomem(err);

	if (!ret)
		top->x = &m->symbols.data[nr];
	while (!ret && stack.len) {
		const struct ks_expansion *x;
		const struct ks_symtext_ref *ref;
		uint32_t end, pos;

		top = &stack.data[stack.len - 1];
		x = top->x;
		ref = top->ref < x->nr_refs ? &m->all_refs.data[x->first_ref + top->ref] : NULL;
		end = ref ? ref->pos : x->nr_bytes;
		pos = top->pos;
		top->pos = end;
		top->ref++;
		if (end > pos)
			ret = write(arg, m->all_bytes.data + x->first_byte + pos, end - pos);
		if (ret || !ref) {
			stack.len--;
			continue;
		}
		if (seen[ref->type] || !m->types.data[ref->type].known) {
			ret = write(arg, m->names.entries[ref->type].s, m->names.entries[ref->type].len);
			continue;
		}
		seen[ref->type] = true;
		top = ks_vec_push(&stack);
		if (!top)
			ret = ks_error_nomem(err);
		else
			top->x = &m->types.data[ref->type];
	}
	ks_vec_free(&stack);
	free(seen);
	return ret;
}
