// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Types refer to each other in circles, so what one reaches is found by circle: Tarjan's
 * algorithm yields the strongly connected components of the references, each after those
 * that it refers to.  The bits of a component are those of its types and of the components
 * below it.
 */
#include "versions/diff.h"

#define UNSEEN UINT32_MAX

struct frame {
	uint32_t type;
	uint32_t ref;			/* next of its references */
};

struct search {
	const struct ks_symtypes *st;
	const uint32_t *bit;
	size_t words;
	uint32_t *index, *low;		/* of each type, in order of first sight */
	uint32_t *component;		/* of each type, UNSEEN: none so far */
	uint32_t *open;			/* types that have none, a stack */
	struct frame *stack;
	uint64_t *rows;			/* of components */
	uint32_t nr_open, nr_stack, nr_seen, nr_components;
};

static const struct ks_expansion *text_of(const struct ks_symtypes *st, uint32_t nr)
{
	return nr < st->map.types.len ? &st->map.types.data[nr]
				      : &st->map.symbols.data[nr - st->map.types.len];
}

static void or_row(uint64_t *to, const uint64_t *from, size_t words)
{
	for (size_t i = 0; i < words; i++)
		to[i] |= from[i];
}

/* All types from @type up on the stack are a component. */
static void close_component(struct search *s, uint32_t type)
{
	uint64_t *row = s->rows + s->nr_components * s->words;
	uint32_t member, first = s->nr_open;

	do {
		member = s->open[--first];
		s->component[member] = s->nr_components;
	} while (member != type);
	for (uint32_t i = first; i < s->nr_open; i++) {
		const struct ks_expansion *x = &s->st->map.types.data[s->open[i]];

		if (s->bit[s->open[i]] != KS_DIFF_NONE)
			ks_diff_set_bit(row, s->bit[s->open[i]]);
		for (uint32_t r = 0; r < x->nr_refs; r++) {
			uint32_t c = s->component[ks_symtypes_refs(s->st, x)[r].type];

			if (c != s->nr_components)
				or_row(row, s->rows + c * s->words, s->words);
		}
	}
	s->nr_open = first;
	s->nr_components++;
}

static void enter(struct search *s, uint32_t type)
{
	s->index[type] = s->low[type] = s->nr_seen++;
	s->open[s->nr_open++] = type;
	s->stack[s->nr_stack++] = (struct frame){ .type = type };
}

static void visit(struct search *s, uint32_t root)
{
	enter(s, root);
	while (s->nr_stack) {
		struct frame *f = &s->stack[s->nr_stack - 1];
		const struct ks_expansion *x = &s->st->map.types.data[f->type];
		uint32_t to, type = f->type;

		if (f->ref < x->nr_refs) {
			to = ks_symtypes_refs(s->st, x)[f->ref++].type;
			if (s->index[to] == UNSEEN)
				enter(s, to);
			else if (s->component[to] == UNSEEN && s->index[to] < s->low[type])
				s->low[type] = s->index[to];
			continue;
		}
		if (s->low[type] == s->index[type])
			close_component(s, type);
		s->nr_stack--;
		if (s->nr_stack) {
			uint32_t parent = s->stack[s->nr_stack - 1].type;

			if (s->low[type] < s->low[parent])
				s->low[parent] = s->low[type];
		}
	}
}

int ks_diff_reach(const struct ks_symtypes *st, const uint32_t *bit, size_t words,
		  const uint32_t *roots, size_t nr, uint64_t *out, struct ksym_error *err)
{
	size_t n = st->map.types.len + 1;
	struct search s = { .st = st, .bit = bit, .words = words };
	uint32_t *numbers = malloc(4 * n * sizeof(*numbers));
	int ret = 0;

	s.stack = malloc(n * sizeof(*s.stack));
	s.rows = calloc(n, words * sizeof(*s.rows) + 1);
	if (!numbers || !s.stack || !s.rows) {
		ret = ks_error_nomem(err);
		goto out;
	}
	memset(numbers, 0xff, 4 * n * sizeof(*numbers));
	s.index = numbers;
	s.low = numbers + n;
	s.component = numbers + 2 * n;
	s.open = numbers + 3 * n;
	for (size_t i = 0; i < nr; i++) {
		const struct ks_expansion *x = text_of(st, roots[i]);

		for (uint32_t r = 0; r < x->nr_refs; r++) {
			uint32_t type = ks_symtypes_refs(st, x)[r].type;

			if (s.index[type] == UNSEEN)
				visit(&s, type);
			or_row(out + i * words, s.rows + s.component[type] * words, words);
		}
	}
out:
	free(numbers);
	free(s.stack);
	free(s.rows);
	return ret;
}
