// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/symtext.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void ks_symtext_free(struct ks_symtext *t)
{
	ks_vec_free(&t->bytes);
	ks_vec_free(&t->refs);
}

void ks_symtext_clear(struct ks_symtext *t)
{
	t->bytes.len = t->refs.len = 0;
	t->len = 0;
}

void ks_symtext_writer_free(struct ks_symtext_writer *w)
{
	free(w->named);
	ks_vec_free(&w->grammar.stack);
}

int ks_symtext_add(struct ks_symtext *t, const char *s, size_t len, struct ksym_error *err)
{
	if (len > UINT32_MAX - t->bytes.len || !ks_vec_reserve(&t->bytes, len))
		return ks_error_nomem(err);
	if (len)
		memcpy(t->bytes.data + t->bytes.len, s, len);
	t->bytes.len += len;
	t->len += len;
	return 0;
}

int ks_symtext_add_ref(struct ks_symtext *t, struct ks_strpool *type_names, uint32_t type,
		    struct ksym_error *err)
{
	struct ks_symtext_ref *ref = ks_vec_push(&t->refs);

	if (!ref)
		return ks_error_nomem(err);
	*ref = (struct ks_symtext_ref){ .pos = (uint32_t)t->bytes.len, .type = type };
	t->len += type_names->entries[type].len;
	return 0;
}

int ks_symtext_type_name(struct ks_symtext_writer *w, uint32_t nr, uint32_t *name)
{
	const struct ks_named *n = &w->g->named.data[nr];
	const char *text, *quote;
	char buf[8], prefix = 's', *s;
	int len;

	if (!w->named) {
		w->named = calloc(w->g->named.len + 1, sizeof(*w->named));
		if (!w->named)
			return ks_error_nomem(w->err);
	}
	if (!w->named[nr]) {
		text = ks_graph_text(w->g, n->name, buf);
		quote = strchr(text, ' ') ? "'" : "";
		if (n->kind == KS_KIND_UNION)
			prefix = 'u';
		else if (n->kind == KS_KIND_ENUM)
			prefix = 'e';
		else if (n->kind == KS_KIND_TYPEDEF)
			prefix = 't';
		len = asprintf(&s, "%c#%s%s%s", prefix, quote, text, quote);
		if (len < 0)
			return ks_error_nomem(w->err);
		*name = ks_strpool_add(w->type_names, s, (size_t)len);
		free(s);
		if (*name == KS_STRPOOL_NONE)
			return ks_error_nomem(w->err);
		w->named[nr] = *name + 1;
	}
	*name = w->named[nr] - 1;
	return 0;
}

/* --------------------------------------------------------- what is written */

static struct ks_symtext_writer *writer_of(struct ks_grammar *g)
{
	return (struct ks_symtext_writer *)((char *)g - offsetof(struct ks_symtext_writer, grammar));
}

static int append(struct ks_symtext_writer *w, const char *s)
{
	size_t len = strlen(s);

	if (ks_unlikely(w->out->len + len > w->max_len))
		return ks_error(w->err, -EBADMSG,
				"%s: a type is more than %" PRIu64 " bytes when written out: expected types without a name not to be inside each other without end",
				w->path, w->max_len);
	return ks_symtext_add(w->out, s, len, w->err);
}

/* Breaks that follow each other are one blank. */
static int end_break(struct ks_symtext_writer *w)
{
	if (!w->pending_break)
		return 0;
	w->pending_break = false;
	return append(w, " ");
}

static int put_text(struct ks_grammar *g, const char *s)
{
	struct ks_symtext_writer *w = writer_of(g);
	int ret = end_break(w);

	return ret ? ret : append(w, s);
}

/* A name is taken for a reference when it looks like one. */
static int put_name(struct ks_grammar *g, ks_name name)
{
	struct ks_symtext_writer *w = writer_of(g);
	char buf[8];
	const char *s = ks_graph_text(w->g, name, buf);
	uint32_t nr;

	if (ks_likely(!ks_symtext_is_ref(s)))
		return put_text(g, s);
	nr = ks_strpool_add(w->type_names, s, strlen(s));
	return nr == KS_STRPOOL_NONE ? ks_error_nomem(w->err)
				     : ks_symtext_add_ref(w->out, w->type_names, nr, w->err);
}

static bool is_empty(struct ks_grammar *g, ks_name name)
{
	char buf[8];

	return !*ks_graph_text(writer_of(g)->g, name, buf);
}

static int put_break(struct ks_grammar *g, int levels)
{
	(void)levels;
	writer_of(g)->pending_break = true;
	return 0;
}

/* By name, or written out. */
static int put_type(struct ks_grammar *g, uint32_t ref)
{
	struct ks_symtext_writer *w = writer_of(g);
	uint32_t name;
	int ret = end_break(w);

	if (ret)
		return ret;
	if (!KS_REF_IS_NAMED(ref))
		return ks_grammar_enter(g, w->g->shapes.data[ref].node);
	ret = ks_symtext_type_name(w, KS_REF_NUMBER(ref), &name);
	return ret ? ret : ks_symtext_add_ref(w->out, w->type_names, name, w->err);
}

static bool is_part(struct ks_grammar *g, uint32_t parent, uint32_t child)
{
	(void)g;
	(void)parent;
	(void)child;
	return true;
}

static bool has_comma(struct ks_grammar *g, struct ks_grammar_frame *list, uint32_t child)
{
	return !list->first && !(g->nodes[child].flags & KS_TYPE_NO_COMMA);
}

static const struct ks_type_extra *extra(struct ks_grammar *g, uint32_t node)
{
	return ks_graph_extra(writer_of(g)->g, node);
}

static const struct ks_grammar_ops ops = {
	.text = put_text,
	.name = put_name,
	.is_empty = is_empty,
	.line_break = put_break,
	.type = put_type,
	.is_part = is_part,
	.comma = has_comma,
	.extra = extra,
};

int ks_symtext_shape(struct ks_symtext_writer *w, uint32_t shape, bool as_symbol,
		     struct ks_symtext *out)
{
	w->out = out;
	w->pending_break = false;
	w->grammar.ops = &ops;
	w->grammar.nodes = w->g->nodes.data;
	w->grammar.path = w->path;
	w->grammar.err = w->err;
	ks_symtext_clear(out);
	return ks_grammar_write(&w->grammar, w->g->shapes.data[shape].node, as_symbol);
}
