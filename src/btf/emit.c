// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/emit.h"

#include <string.h>
#include <xxhash.h>

#define FIRST_SLOTS 1024u

uint32_t ks_btf_types_add(struct ks_btf_types *t, const uint32_t *words, uint32_t nr)
{
	uint32_t *at;

	if (t->words.len > UINT32_MAX - nr || t->at.len >= INT32_MAX ||
	    !ks_vec_reserve(&t->words, nr))
		return 0;
	at = ks_vec_push(&t->at);
	if (!at)
		return 0;
	*at = (uint32_t)t->words.len;
	memcpy(t->words.data + t->words.len, words, nr * sizeof(*words));
	t->words.len += nr;
	return (uint32_t)t->at.len - 1;
}

void ks_btf_types_free(struct ks_btf_types *t)
{
	ks_vec_free(&t->words);
	ks_vec_free(&t->at);
}

/* --------------------------------------------------------------- hash tables */

static uint32_t *type_slot(struct ks_emit *e, const uint32_t *words, uint32_t nr)
{
	uint32_t mask = e->nr_slots - 1, i = (uint32_t)XXH3_64bits(words, nr * sizeof(*words)) & mask;

	for (;; i = (i + 1) & mask) {
		const uint32_t *t;

		if (!e->slots[i])
			return &e->slots[i];
		t = ks_btf_type(&e->out, e->slots[i]);
		if (t[1] == words[1] && !memcmp(t, words, nr * sizeof(*words)))
			return &e->slots[i];
	}
}

static bool grow_slots(struct ks_emit *e)
{
	uint32_t *old = e->slots, nr = e->nr_slots;

	if (nr > UINT32_MAX / 4)
		return false;
	e->slots = calloc(2 * (size_t)nr, sizeof(*e->slots));
	if (!e->slots) {
		e->slots = old;
		return false;
	}
	e->nr_slots = 2 * nr;
	for (uint32_t i = 0; i < nr; i++) {
		const uint32_t *t = old[i] ? ks_btf_type(&e->out, old[i]) : NULL;

		if (t)
			*type_slot(e, t, ks_btf_words(t)) = old[i];
	}
	free(old);
	return true;
}

uint32_t ks_emit_type(struct ks_emit *e, const uint32_t *words, uint32_t nr)
{
	uint32_t *slot;

	if (e->nr_used >= e->nr_slots / 2 && !grow_slots(e))
		return 0;
	slot = type_slot(e, words, nr);
	if (!*slot) {
		*slot = ks_btf_types_add(&e->out, words, nr);
		e->nr_used++;
	}
	return *slot;
}

static struct ks_emit_memo *memo_slot(struct ks_emit *e, uint32_t item, uint32_t context)
{
	uint64_t hash = ((uint64_t)context << 32 | item) * 0x9e3779b97f4a7c15u;
	uint32_t mask = e->cap_memo - 1, i = (uint32_t)(hash >> 32) & mask;

	for (;; i = (i + 1) & mask) {
		struct ks_emit_memo *m = &e->memo[i];

		if (!m->id || (m->item == item && m->context == context))
			return m;
	}
}

static bool remember(struct ks_emit *e, uint32_t item, uint32_t context, uint32_t id)
{
	if (e->nr_memo >= e->cap_memo / 2) {
		struct ks_emit_memo *old = e->memo;
		uint32_t cap = e->cap_memo;

		if (cap > UINT32_MAX / 4)
			return false;
		e->memo = calloc(2 * (size_t)cap, sizeof(*e->memo));
		if (!e->memo) {
			e->memo = old;
			return false;
		}
		e->cap_memo = 2 * cap;
		for (uint32_t i = 0; i < cap; i++)
			if (old[i].id)
				*memo_slot(e, old[i].item, old[i].context) = old[i];
		free(old);
	}
	*memo_slot(e, item, context) = (struct ks_emit_memo){ item, context, id };
	e->nr_memo++;
	return true;
}

/* ------------------------------------------------------------- named types */

/* A number for a type that will be written. */
static int reserve(struct ks_emit *e, uint32_t item, uint32_t context, uint32_t *id)
{
	struct ks_emit_todo *todo = ks_vec_push(&e->todo);
	uint32_t *at = todo ? ks_vec_push(&e->out.at) : NULL;

	if (!at || e->out.at.len > INT32_MAX)
		return ks_error_nomem(e->err);
	*id = (uint32_t)e->out.at.len - 1;
	*todo = (struct ks_emit_todo){ *id, item, context };
	return 0;
}

/* The type of which no more is known than its name. */
static int declaration(struct ks_emit *e, uint32_t named, uint32_t *id)
{
	const struct ks_named *n = &e->s->g->named.data[named];
	char buf[8];
	const char *s = ks_graph_text(e->s->g, n->name, buf);
	uint32_t words[3] = { 0 };

	*id = e->fwd_id[named];
	if (*id)
		return 0;
	/* Definitions told apart by a number have it behind a newline. */
	words[0] = ks_strpool_add(&e->it->strings, s, strcspn(s, "\n"));
	if (n->kind == KS_KIND_ENUM) {
		words[1] = KS_BTF_INFO(BTF_KIND_ENUM, 0, 0);
		words[2] = 4;
	} else {
		words[1] = KS_BTF_INFO(BTF_KIND_FWD, n->kind == KS_KIND_UNION, 0);
	}
	if (words[0] != KS_STRPOOL_NONE)
		*id = e->fwd_id[named] = ks_btf_types_add(&e->out, words, 3);
	return *id ? 0 : ks_error_nomem(e->err);
}

static int named_id(struct ks_emit *e, uint32_t named, uint32_t context, uint32_t *id)
{
	struct ks_scopes *s = e->s;
	uint32_t nr;
	int ret;

	if (ks_likely(!s->tainted[named])) {
		*id = e->named_id[named];
		if (*id)
			return 0;
		if (!s->item_of[named])
			return declaration(e, named, id);
		ret = reserve(e, s->item_of[named], KS_CONTEXT_NONE, id);
		e->named_id[named] = ret ? 0 : *id;
		return ret;
	}
	ret = ks_scopes_variant(s, named, context, &nr);
	if (ret)
		return ret;
	if (nr == UINT32_MAX)
		return declaration(e, named, id);
	*id = s->v.data[nr].id;
	if (*id)
		return 0;
	ret = reserve(e, s->v.data[nr].item, s->v.data[nr].context, id);
	if (!ret)
		s->v.data[nr].id = *id;
	return ret;
}

/* -------------------------------------------------------------- references */

/* *@id of what has one, or 0 for an item that has to be written first. */
static int try_ref(struct ks_emit *e, ks_ref ref, uint32_t context, uint32_t *id)
{
	*id = 0;
	if (KS_REF_IS_NAMED(ref))
		return named_id(e, KS_REF_NUMBER(ref), context, id);
	*id = e->s->item_tainted[ref] ? memo_slot(e, ref, context)->id : e->item_id[ref];
	return 0;
}

/* Put the words of @item, with numbers of types for references, into ->w: 1, or 0 when some
 * item, which is now on the stack, has to be written first. */
static int resolve(struct ks_emit *e, uint32_t item, uint32_t context)
{
	const uint32_t *t = ks_item(e->it, item);
	uint32_t nr = ks_btf_words(t);
	int ready = 1;

	e->w.len = 0;
	if (!ks_vec_reserve(&e->w, nr))
		return ks_error_nomem(e->err);
	memcpy(e->w.data, t, nr * sizeof(*t));
	e->w.len = nr;
	ks_btf_for_each_ref(word, t) {
		struct ks_emit_frame *frame;
		int ret;

		if (!t[word])
			continue;
		ret = try_ref(e, t[word], context, &e->w.data[word]);
		if (ret)
			return ret;
		if (e->w.data[word])
			continue;
		ready = 0;
		frame = ks_vec_push(&e->stack);
		if (!frame)
			return ks_error_nomem(e->err);
		*frame = (struct ks_emit_frame){ t[word], context };
	}
	return ready;
}

static int note_written(struct ks_emit *e, uint32_t item, uint32_t id)
{
	struct ks_emit_written *w = ks_vec_push(&e->written);

	if (!w)
		return ks_error_nomem(e->err);
	*w = (struct ks_emit_written){ item, id };
	return 0;
}

/* Write all items on the stack, which have no name. */
static int write_stack(struct ks_emit *e)
{
	int ret = 0;

	while (ret >= 0 && e->stack.len) {
		struct ks_emit_frame f = e->stack.data[e->stack.len - 1];
		bool tainted = e->s->item_tainted[f.item];
		uint32_t id;

		ret = try_ref(e, f.item, f.context, &id);
		if (ret < 0 || id) {
			e->stack.len--;
			continue;
		}
		ret = resolve(e, f.item, f.context);
		if (ret <= 0)
			continue;
		id = ks_emit_type(e, e->w.data, (uint32_t)e->w.len);
		if (!id || (tainted && !remember(e, f.item, f.context, id)))
			return ks_error_nomem(e->err);
		if (!tainted)
			e->item_id[f.item] = id;
		ret = note_written(e, f.item, id);
		e->stack.len--;
	}
	return ret < 0 ? ret : 0;
}

static int write_named(struct ks_emit *e, const struct ks_emit_todo *todo)
{
	int ret = 0;

	while (!ret) {
		ret = resolve(e, todo->item, todo->context);
		if (ret > 0)
			break;
		if (!ret)
			ret = write_stack(e);
	}
	if (ret < 0)
		return ret;
	if (e->out.words.len > UINT32_MAX - e->w.len || !ks_vec_reserve(&e->out.words, e->w.len))
		return ks_error_nomem(e->err);
	e->out.at.data[todo->id] = (uint32_t)e->out.words.len;
	memcpy(e->out.words.data + e->out.words.len, e->w.data, e->w.len * sizeof(*e->w.data));
	e->out.words.len += e->w.len;
	return note_written(e, todo->item, todo->id);
}

static int write_todo(struct ks_emit *e)
{
	int ret = 0;

	for (size_t i = 0; i < e->todo.len && !ret; i++) {
		struct ks_emit_todo todo = e->todo.data[i];

		ret = write_named(e, &todo);
	}
	e->todo.len = 0;
	return ret;
}

int ks_emit_ref(struct ks_emit *e, ks_ref ref, uint32_t context, uint32_t *id)
{
	struct ks_emit_frame *frame;
	int ret;

	*id = 0;
	if (!ref)
		return 0;
	ret = try_ref(e, ref, context, id);
	if (!ret && !*id) {
		frame = ks_vec_push(&e->stack);
		if (!frame)
			return ks_error_nomem(e->err);
		*frame = (struct ks_emit_frame){ ref, context };
		ret = write_stack(e);
		if (!ret)
			ret = try_ref(e, ref, context, id);
	}
	return ret ? ret : write_todo(e);
}

/* --------------------------------------------------------------------- all */

static int compare_shapes(const void *a, const void *b)
{
	const struct ks_shape *x = *(const struct ks_shape *const *)a;
	const struct ks_shape *y = *(const struct ks_shape *const *)b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	return x->unit_node < y->unit_node ? -1 : x->unit_node > y->unit_node;
}

/* What nothing needs to refer to: base types, and aggregates without a name. */
static int emit_nameless(struct ks_emit *e, const struct ks_graph *g, const ks_ref *refs)
{
	const struct ks_shape **v = malloc((g->shapes.len + 1) * sizeof(const struct ks_shape *));
	size_t nr = 0;
	uint32_t id;
	int ret = v ? 0 : ks_error_nomem(e->err);

	for (size_t i = 1; i < g->shapes.len && !ret; i++) {
		const struct ks_type *n = &g->nodes.data[g->shapes.data[i].node];

		if (refs[i] && (n->kind == KS_KIND_BASE ||
				(ks_kind_in(n->kind, KS_KINDS_AGGREGATE) && !n->name)))
			v[nr++] = &g->shapes.data[i];
	}
	if (nr)
		qsort(v, nr, sizeof(const struct ks_shape *), compare_shapes);
	for (size_t i = 0; i < nr && !ret; i++)
		ret = ks_emit_ref(e, refs[v[i] - g->shapes.data], e->s->unit_context[v[i]->unit], &id);
	free(v);
	return ret;
}

int ks_emit_all(struct ks_emit *e, const struct ks_graph *g, const ks_ref *refs)
{
	struct ks_scopes *s = e->s;
	uint32_t id;
	int ret = 0;

	for (uint32_t unit = 0; unit < s->nr_units && !ret; unit++) {
		uint32_t first = s->first_def[unit];

		for (uint32_t i = first; i < first + s->nr_own[unit] && !ret; i++) {
			uint32_t named = s->defs[i].named;

			/* A declaration of what is defined somewhere is written for those
			 * that refer to it, if any does. */
			if (!s->defs[i].item && s->item_of[named])
				continue;
			if (!e->named_id[named])
				ret = named_id(e, named, s->unit_context[unit], &id);
		}
		if (!ret)
			ret = write_todo(e);
	}
	return ret ? ret : emit_nameless(e, g, refs);
}

static int by_item(const void *a, const void *b)
{
	const struct ks_emit_written *x = a, *y = b;

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

struct tag {
	uint32_t id, text;
	int32_t part;
	const char *s;		/* of text, whose number is no order */
};

/* Tags of parts first, as their order in the source has it. */
static int compare_tags(const void *a, const void *b)
{
	const struct tag *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->part != y->part)
		return (uint32_t)x->part < (uint32_t)y->part ? -1 : 1;
	return strcmp(x->s, y->s);
}

static int write_tags(struct ks_emit *e, struct tag *tags, size_t nr)
{
	if (nr)
		qsort(tags, nr, sizeof(*tags), compare_tags);
	for (size_t i = 0; i < nr; i++) {
		uint32_t words[4] = { tags[i].text, KS_BTF_INFO(KS_BTF_DECL_TAG, 0, 0), tags[i].id,
				      (uint32_t)tags[i].part };

		if (i && !compare_tags(&tags[i - 1], &tags[i]))
			continue;
		if (!ks_btf_types_add(&e->out, words, 4))
			return ks_error_nomem(e->err);
	}
	return 0;
}

int ks_emit_tags(struct ks_emit *e)
{
	KS_VEC(struct tag) v = { 0 };
	int ret = 0;

	if (!e->it->tags.len)
		return 0;
	if (e->written.len)
		qsort(e->written.data, e->written.len, sizeof(*e->written.data), by_item);
	for (size_t i = 0; i < e->it->tags.len && !ret; i++) {
		const struct ks_btf_tag *tag = &e->it->tags.data[i];
		size_t lo = 0, hi = e->written.len;

		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;

			if (e->written.data[mid].item < tag->item)
				lo = mid + 1;
			else
				hi = mid;
		}
		for (; lo < e->written.len && e->written.data[lo].item == tag->item; lo++) {
			struct tag *slot = ks_vec_push(&v);

			if (!slot) {
				ret = ks_error_nomem(e->err);
				break;
			}
			*slot = (struct tag){ e->written.data[lo].id, tag->text, tag->part,
					      ks_strpool_get(&e->it->strings, tag->text) };
		}
	}
	if (!ret)
		ret = write_tags(e, v.data, v.len);
	ks_vec_free(&v);
	return ret;
}

int ks_emit_init(struct ks_emit *e, struct ks_items *it, struct ks_scopes *s, struct ksym_error *err)
{
	*e = (struct ks_emit){ .it = it, .s = s, .err = err, .cap_memo = FIRST_SLOTS,
			       .nr_slots = FIRST_SLOTS };
	e->named_id = calloc(s->g->named.len + 1, sizeof(*e->named_id));
	e->fwd_id = calloc(s->g->named.len + 1, sizeof(*e->fwd_id));
	e->item_id = calloc(it->at.len, sizeof(*e->item_id));
	e->memo = calloc(e->cap_memo, sizeof(*e->memo));
	e->slots = calloc(e->nr_slots, sizeof(*e->slots));
	if (e->named_id && e->fwd_id && e->item_id && e->memo && e->slots &&
	    ks_vec_push(&e->out.at))
		return 0;
	ks_emit_free(e);
	return ks_error_nomem(err);
}

void ks_emit_free(struct ks_emit *e)
{
	ks_btf_types_free(&e->out);
	free(e->named_id);
	free(e->fwd_id);
	free(e->item_id);
	ks_vec_free(&e->todo);
	ks_vec_free(&e->stack);
	ks_vec_free(&e->w);
	free(e->memo);
	free(e->slots);
	ks_vec_free(&e->written);
	*e = (struct ks_emit){ 0 };
}
