// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What gendwarfksyms --dump-dies prints: each symbol with everything that it reaches, an
 * aggregate once a symbol.  Commas are where that tool puts them (order.h): what is met for
 * the first time looks at whether it is the first of its list, what is met again is printed
 * as it was then.
 */
#include "versions/job.h"

#include <stdio.h>
#include <string.h>

struct dumper {
	struct ks_grammar grammar;
	const struct ks_types *t;
	ksym_write_fn write;
	void *arg;
	uint8_t *done;		/* of each node: it was met, all of it */
	uint8_t *no_comma;	/* when it was met last for the first time */
	uint32_t *expanded;	/* of aggregates: the symbol in which they were last, + 1 */
	uint32_t symbol;
	int indent;
	bool pending_break, first;
};

static struct dumper *dumper_of(struct ks_grammar *g)
{
	return (struct dumper *)((char *)g - offsetof(struct dumper, grammar));
}

static int put_text(struct ks_grammar *g, const char *s)
{
	struct dumper *d = dumper_of(g);
	int ret = 0;

	if (!*s)
		return 0;
	if (d->pending_break) {
		d->pending_break = false;
		ret = d->write(d->arg, "\n", 1);
		for (int i = 0; i < d->indent && !ret; i++)
			ret = d->write(d->arg, "  ", 2);
	}
	return ret ? ret : d->write(d->arg, s, strlen(s));
}

static const char *name_text(const struct dumper *d, ks_name name, char buf[8])
{
	return ks_name_text(d->t->str, &d->t->names, name, buf);
}

static int put_name(struct ks_grammar *g, ks_name name)
{
	char buf[8];

	return put_text(g, name_text(dumper_of(g), name, buf));
}

static bool is_empty(struct ks_grammar *g, ks_name name)
{
	char buf[8];

	return !*name_text(dumper_of(g), name, buf);
}

static int put_break(struct ks_grammar *g, int levels)
{
	struct dumper *d = dumper_of(g);

	d->indent += levels;
	d->pending_break = true;
	return 0;
}

static ks_cold int too_deep(struct dumper *d)
{
	return ks_error(d->grammar.err, -EBADMSG,
			"%s: .debug_info: unit at offset 0x%llx: types lead back to each other without an end",
			d->t->path, (unsigned long long)d->t->base_off);
}

static int put_type(struct ks_grammar *g, uint32_t node)
{
	struct dumper *d = dumper_of(g);
	const struct ks_type *n = &d->t->nodes.data[node];
	struct ks_grammar_frame *f;
	int ret;

	if (g->stack.len > 16 * d->t->nodes.len + 1024)
		return too_deep(d);
	ret = ks_grammar_enter(g, node);
	if (ret)
		return ret;
	f = &g->stack.data[g->stack.len - 1];
	f->fresh = !d->done[node];
	if (!ks_kind_in(n->kind, KS_KINDS_AGGREGATE))
		return 0;
	f->closed = (n->flags & KS_TYPE_OPAQUE) || d->expanded[node] == d->symbol;
	/* The second time it is not gone into. */
	if (d->expanded[node] == d->symbol)
		f->fresh = false;
	d->expanded[node] = d->symbol;
	return 0;
}

static bool is_part(struct ks_grammar *g, uint32_t parent, uint32_t child)
{
	const struct ks_type *n = &g->nodes[child];

	return n->parent == parent && ks_kind_in(n->kind, ks_parts[g->nodes[parent].kind]) &&
	       !(n->flags & KS_TYPE_LEFT_OUT);
}

static bool has_comma(struct ks_grammar *g, struct ks_grammar_frame *list, uint32_t child)
{
	struct dumper *d = dumper_of(g);

	(void)list;
	if (!d->done[child]) {
		d->no_comma[child] = d->first;
		d->first = false;
	}
	return !d->no_comma[child];
}

static void list(struct ks_grammar *g, const struct ks_grammar_frame *f, bool begins)
{
	struct dumper *d = dumper_of(g);
	unsigned int kind = g->nodes[f->node].kind;

	/* Variants come and go with their structure. */
	if (kind == KS_KIND_VARIANT || kind == KS_KIND_VARIANT_PART ? !d->done[f->node] : f->fresh)
		d->first = begins;
}

static void leave(struct ks_grammar *g, const struct ks_grammar_frame *f)
{
	struct dumper *d = dumper_of(g);

	if (!f->closed || (g->nodes[f->node].flags & KS_TYPE_OPAQUE))
		d->done[f->node] = true;
}

static const struct ks_type_extra *extra(struct ks_grammar *g, uint32_t node)
{
	return ks_types_extra(dumper_of(g)->t, node);
}

static const struct ks_grammar_ops ops = {
	.text = put_text,
	.name = put_name,
	.is_empty = is_empty,
	.line_break = put_break,
	.type = put_type,
	.is_part = is_part,
	.comma = has_comma,
	.list = list,
	.leave = leave,
	.extra = extra,
};

/* The node that is written for a root, which no symbol before it has written. */
static int dump_root(struct dumper *d, uint32_t node, uint8_t *dumped)
{
	int ret;

	if (dumped[node])
		return 0;
	dumped[node] = true;
	d->symbol++;
	ret = ks_grammar_write(&d->grammar, node, true);
	return ret ? ret : d->write(d->arg, "\n", 1);
}

int ks_dump_roots(const struct ks_types *t, const uint32_t *roots, size_t nr_roots,
		  ksym_write_fn write, void *arg, struct ksym_error *err)
{
	struct dumper d = { .t = t, .write = write, .arg = arg };
	uint8_t *dumped = calloc(t->nodes.len, 1);
	int ret = 0;

	d.grammar = (struct ks_grammar){ .ops = &ops, .nodes = t->nodes.data, .path = t->path,
					 .err = err };
	d.done = calloc(t->nodes.len, 1);
	d.no_comma = calloc(t->nodes.len, 1);
	d.expanded = calloc(t->nodes.len, sizeof(*d.expanded));
	if (!dumped || !d.done || !d.no_comma || !d.expanded)
		ret = ks_error_nomem(err);
	for (size_t i = 0; i < nr_roots && !ret; i++)
		ret = dump_root(&d, roots[i], dumped);
	free(dumped);
	free(d.done);
	free(d.no_comma);
	free(d.expanded);
	ks_vec_free(&d.grammar.stack);
	return ret;
}
