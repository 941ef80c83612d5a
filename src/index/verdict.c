// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Is every identity unique?  Works on the finished tables and shares no code with
 * identity.c, so that each proves the other.
 */
#include "index/index.h"

#include <stdlib.h>
#include <string.h>
#include "base/vec.h"

struct entry {
	uint32_t sym;
	uint32_t object;	/* KS_NONE = none */
	bool is_text;
	uint8_t why;		/* enum ksym_ambiguity, 0 = unique */
	char *identity;
	uint64_t va, len;
};

struct verdict {
	const struct ksym_index *idx;
	uint8_t *why;		/* for each symbol */
	struct ksym_check_result result;
	KS_VEC(struct entry) run;
	struct ksym_error *err;
};

static int compare_identities(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	int c = strcmp(a->identity, b->identity);

	return c ? c : (a->sym > b->sym) - (a->sym < b->sym);
}

static bool pathless(const struct verdict *v, uint32_t object)
{
	struct ks_obj o;

	return object == KS_NONE || !ks_tables_object(&v->idx->t, object, &o) || !o.path[0];
}

static enum ksym_ambiguity reason(const struct verdict *v, const struct entry *a,
				  const struct entry *b)
{
	if (pathless(v, a->object) || pathless(v, b->object))
		return KSYM_AMBIGUOUS_NO_OWNER;
	if (a->object != b->object)
		return KSYM_AMBIGUOUS_SAME_PATH;
	if (a->va == b->va && a->len == b->len)
		return KSYM_AMBIGUOUS_ALIAS;
	return KSYM_AMBIGUOUS_SAME_OBJECT;
}

/* Symbols of one name: who shares it, and whose identity is another's as well. */
static void judge_run(struct verdict *v)
{
	size_t n = v->run.len, nr_text = 0;

	for (size_t i = 0; i < n; i++)
		nr_text += v->run.data[i].is_text;
	if (nr_text > 1)
		v->result.nr_text_shared += (uint32_t)nr_text;
	if (n - nr_text > 1)
		v->result.nr_data_shared += (uint32_t)(n - nr_text);
	if (n < 2)
		return;
	qsort(v->run.data, n, sizeof(*v->run.data), compare_identities);
	for (size_t i = 0; i + 1 < n; i++) {
		struct entry *a = &v->run.data[i], *b = a + 1;

		if (strcmp(a->identity, b->identity))
			continue;
		if (!v->why[a->sym])
			v->why[a->sym] = reason(v, a, b);
		v->why[b->sym] = reason(v, a, b);
	}
}

static int add_entry(struct verdict *v, const struct ksym_symbol *s)
{
	struct entry *e = ks_vec_push(&v->run);
	char buf[8192];
	size_t len = ksym_symbol_format(v->idx, s, KSYM_FORMAT_IDENTITY, buf, sizeof(buf));

	if (!e)
		return ks_error_nomem(v->err);
	*e = (struct entry){ .sym = s->index, .object = s->object, .is_text = s->is_text,
			     .va = s->va, .len = s->len };
	e->identity = malloc(len + 1);
	if (!e->identity)
		return ks_error_nomem(v->err);
	if (len < sizeof(buf))
		memcpy(e->identity, buf, len + 1);
	else
		ksym_symbol_format(v->idx, s, KSYM_FORMAT_IDENTITY, e->identity, len + 1);
	return 0;
}

static void end_run(struct verdict *v)
{
	judge_run(v);
	for (size_t i = 0; i < v->run.len; i++)
		free(v->run.data[i].identity);
	v->run.len = 0;
}

static int judge_all(struct verdict *v)
{
	const struct ks_tables *t = &v->idx->t;
	struct ksym_symbol s;
	char last[KS_NAME_MAX + 1] = "";

	for (uint32_t pos = 0; pos < t->nr_symbols; pos++) {
		uint32_t i = ks_tables_ordered(t, pos);
		bool no_owner;
		int ret;

		if (i == KS_NONE || !ksym_index_symbol(v->idx, i, &s))
			return ks_error(v->err, -EBADMSG, "%s: name order is broken", v->idx->path);
		if (strcmp(last, s.name)) {
			end_run(v);
			memcpy(last, s.name, s.name_len + 1u);
		}
		no_owner = pathless(v, s.object);
		*(s.is_text ? &v->result.nr_text : &v->result.nr_data) += 1;
		*(s.is_text ? &v->result.nr_text_no_owner : &v->result.nr_data_no_owner) += no_owner;
		v->result.nr_disagreements += s.other_object != KSYM_NO_OBJECT;
		ret = add_entry(v, &s);
		if (ret)
			return ret;
	}
	end_run(v);
	return 0;
}

int ksym_index_check(const struct ksym_index *idx, ksym_ambiguity_fn fn, void *arg,
		     struct ksym_check_result *result, struct ksym_error *err)
{
	struct verdict v = { .idx = idx, .err = err };
	struct ksym_symbol s;
	int ret;

	v.why = calloc(idx->t.nr_symbols + 1, 1);
	if (!v.why)
		return ks_error_nomem(err);
	ret = judge_all(&v);
	for (uint32_t i = 0; i < idx->t.nr_symbols && !ret; i++) {
		if (!v.why[i] || !ksym_index_symbol(idx, i, &s))
			continue;
		*(s.is_text ? &v.result.nr_text_ambiguous : &v.result.nr_data_ambiguous) += 1;
		if (fn)
			fn(arg, &s, v.why[i]);
	}
	for (size_t i = 0; i < v.run.len; i++)
		free(v.run.data[i].identity);
	ks_vec_free(&v.run);
	free(v.why);
	v.result.size = result->size;
	if (!ret)
		memcpy(result, &v.result,
		       result->size < sizeof(v.result) ? result->size : sizeof(v.result));
	return ret;
}
