// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Two units: types of the same name are counterparts.  Of those left over, two that stand in
 * each other's place somewhere, and whose texts are the same but for their names, are one
 * type that was renamed; what their texts refer to may be renamed with them.
 */
#include "versions/diff.h"

#include <string.h>
#include <xxhash.h>

const struct ks_symtree *ks_diff_tree(struct ks_diff_unit *u, uint32_t nr, int *ret)
{
	struct ks_diff_tree *t = &u->trees[nr];
	struct ks_symtypes_text text = nr < u->st.types.len ? u->st.types.data[nr]
					: u->st.symbol_texts.data[nr - u->st.types.len];

	*ret = 0;
	if (t->state == KS_DIFF_UNPARSED) {
		int failed = text.s ? ks_symtree_parse(&t->tree, text.s, text.len) : -EBADMSG;

		if (failed == -ENOMEM) {
			*ret = failed;
			return NULL;
		}
		t->state = failed ? KS_DIFF_UNKNOWN_LANGUAGE : KS_DIFF_PARSED;
	}
	return t->state == KS_DIFF_PARSED ? &t->tree : NULL;
}

/* ------------------------------------------------------------------- same */

/* Length of the word at @pos of a text, or 1 for a blank; 0: the end. */
static uint32_t word(const char *s, uint32_t pos, uint32_t len)
{
	const char *blank;
	size_t ref;

	if (pos == len)
		return 0;
	ref = ks_symtypes_ref(s + pos, s + len);
	if (ref)
		return (uint32_t)ref;
	blank = memchr(s + pos, ' ', len - pos);
	if (!blank)
		return len - pos;
	return blank == s + pos ? 1 : (uint32_t)(blank - (s + pos));
}

static bool is_ref(const char *s, uint32_t len)
{
	return len > 2 && s[1] == '#';
}

static uint32_t find(const struct ks_diff_pair *p, int side, const char *s, uint32_t len)
{
	return ks_strpool_find(&p->u[side]->st.map.names, s, len);
}

/* Walk two texts in step.  Words that differ and are no counterparts are handed to @other,
 * which says whether to go on. */
static bool same_words(const struct ks_diff_pair *p, const char *a, uint32_t a_len, const char *b,
		       uint32_t b_len, bool (*other)(void *arg, uint32_t o, uint32_t n, uint32_t nr),
		       void *arg)
{
	uint32_t i = 0, j = 0;

	for (uint32_t nr = 0;; nr++) {
		uint32_t x = word(a, i, a_len), y = word(b, j, b_len);
		uint32_t o = KS_DIFF_NONE, n = KS_DIFF_NONE;

		if (!x || !y)
			return !x && !y;
		if (is_ref(a + i, x) && is_ref(b + j, y)) {
			o = find(p, 0, a + i, x);
			n = find(p, 1, b + j, y);
		}
		/* Equal names are counterparts. */
		if ((x != y || memcmp(a + i, b + j, x)) &&
		    (o == KS_DIFF_NONE || n == KS_DIFF_NONE || p->peer[0][o] != n) &&
		    (!other || !other(arg, o, n, nr)))
			return false;
		i += x;
		j += y;
	}
}

bool ks_diff_same(const struct ks_diff_pair *p, const char *a, uint32_t a_len, const char *b,
		  uint32_t b_len)
{
	if (a_len == b_len && !memcmp(a, b, a_len))
		return true;
	return same_words(p, a, a_len, b, b_len, NULL, NULL);
}

/* ----------------------------------------------------------------- renames */

/* Pairs assumed to be one type until one of them turns out not to be. */
struct renames {
	struct ks_diff_pair *p;
	struct ksym_error *err;
	KS_VEC(uint32_t) old;		/* accepted and assumed ones */
	size_t nr_accepted;
	uint64_t budget;		/* bytes that may yet be looked at */
	bool failed;
};

static bool is_lone(const struct ks_diff_pair *p, int side, uint32_t nr)
{
	return nr != KS_DIFF_NONE && p->peer[side][nr] == KS_DIFF_NONE && p->u[side]->st.types.data[nr].s;
}

static bool assume(struct renames *r, uint32_t o, uint32_t n)
{
	struct ks_diff_pair *p = r->p;
	uint32_t *slot;

	if (!is_lone(p, 0, o) || !is_lone(p, 1, n))
		return false;
	slot = ks_vec_push(&r->old);
	if (!slot) {
		r->failed = true;
		return false;
	}
	*slot = o;
	p->peer[0][o] = n;
	p->peer[1][n] = o;
	return true;
}

/* The second word of a type's text, the first blank counted, is its name. */
static bool other_word(void *arg, uint32_t o, uint32_t n, uint32_t nr)
{
	return nr == 2 || assume(arg, o, n);
}

static bool is_declaration(struct ks_symtypes_text t)
{
	return t.len >= 4 && !memcmp(t.s + t.len - 4, " { }", 4);
}

static bool renamed(struct renames *r, uint32_t o)
{
	const struct ks_symtypes *a = &r->p->u[0]->st, *b = &r->p->u[1]->st;
	struct ks_symtypes_text x = a->types.data[o], y = b->types.data[r->p->peer[0][o]];
	const char *old_name = ks_strpool_get(&a->map.names, o);

	/* Declarations have nothing that could be the same. */
	if (old_name[0] != ks_strpool_get(&b->map.names, r->p->peer[0][o])[0] || is_declaration(x) ||
	    is_declaration(y))
		return false;
	/* Guesses that all fail after a long way do not deserve more. */
	if (r->budget < (uint64_t)x.len + y.len)
		return false;
	r->budget -= (uint64_t)x.len + y.len;
	return same_words(r->p, x.s, x.len, y.s, y.len, other_word, r);
}

/* Suppose that @o and @n are one type, and see what follows. */
static int try_rename(struct renames *r, uint32_t o, uint32_t n)
{
	struct ks_diff_pair *p = r->p;
	bool ok = assume(r, o, n);

	for (size_t i = r->nr_accepted; ok && i < r->old.len; i++)
		ok = renamed(r, r->old.data[i]);
	if (ok) {
		r->nr_accepted = r->old.len;
	} else {
		for (size_t i = r->nr_accepted; i < r->old.len; i++) {
			p->peer[1][p->peer[0][r->old.data[i]]] = KS_DIFF_NONE;
			p->peer[0][r->old.data[i]] = KS_DIFF_NONE;
		}
		r->old.len = r->nr_accepted;
	}
	return r->failed ? ks_error_nomem(r->err) : 0;
}

static int propose(void *arg, const struct ks_diff_node node[2])
{
	struct renames *r = arg;
	const struct ks_symtree_node *a = ks_diff_at(node[0]), *b = ks_diff_at(node[1]);
	uint32_t o = find(r->p, 0, node[0].t->text + a->name, a->name_len);
	uint32_t n = find(r->p, 1, node[1].t->text + b->name, b->name_len);

	return is_lone(r->p, 0, o) && is_lone(r->p, 1, n) ? try_rename(r, o, n) : 0;
}

static bool raw_same(struct ks_symtypes_text a, struct ks_symtypes_text b)
{
	return a.len == b.len && (!a.len || !memcmp(a.s, b.s, a.len));
}

/* A structure that became a union of the same name, say. */
static void match_kinds(struct ks_diff_pair *p)
{
	const struct ks_symtypes *a = &p->u[0]->st;

	for (uint32_t o = 0; o < a->types.len; o++) {
		const struct ks_strpool_entry *name = &a->map.names.entries[o];
		char buf[KSYM_NAME_LEN];

		if (!is_lone(p, 0, o) || name->len >= sizeof(buf))
			continue;
		memcpy(buf, name->s, name->len);
		for (const char *kind = "suet"; *kind; kind++) {
			uint32_t n;

			buf[0] = *kind;
			n = find(p, 1, buf, name->len);
			if (n == KS_STRPOOL_NONE || !is_lone(p, 1, n))
				continue;
			p->peer[0][o] = n;
			p->peer[1][n] = o;
			break;
		}
	}
}

static int match_renamed(struct ksym_diff *d, struct ks_diff_pair *p, struct ksym_error *err)
{
	struct renames r = { .p = p, .err = err,
			     .budget = 64 * (uint64_t)(p->u[0]->st.map.all_bytes.len +
						       p->u[1]->st.map.all_bytes.len) + (1 << 20) };
	struct ks_diff_compare c = { .d = d, .p = p, .err = err, .propose = propose,
				     .propose_arg = &r };
	const struct ks_symtypes *a = &p->u[0]->st, *b = &p->u[1]->st;
	int ret = 0;

	for (uint32_t o = 0; o < a->types.len && !ret; o++) {
		uint32_t nr[2] = { o, p->peer[0][o] };

		if (nr[1] != KS_DIFF_NONE && !raw_same(a->types.data[o], b->types.data[nr[1]]))
			ret = ks_diff_texts(&c, nr);
	}
	for (uint32_t i = 0; i < a->symbol_texts.len && !ret; i++) {
		const struct ks_strpool_entry *name = &a->symbols.entries[i];
		uint32_t j = ks_strpool_find(&b->symbols, name->s, name->len);
		uint32_t nr[2] = { (uint32_t)a->types.len + i, (uint32_t)b->types.len + j };

		if (j != KS_STRPOOL_NONE && !raw_same(a->symbol_texts.data[i], b->symbol_texts.data[j]))
			ret = ks_diff_texts(&c, nr);
	}
	ks_diff_compare_free(&c);
	ks_vec_free(&r.old);
	return ret;
}

static int match_types(struct ksym_diff *d, struct ks_diff_pair *p, struct ksym_error *err)
{
	const struct ks_symtypes *a = &p->u[0]->st, *b = &p->u[1]->st;
	int ret;

	for (int side = 0; side < 2; side++) {
		size_t len = p->u[side]->st.types.len + 1;

		p->peer[side] = malloc(len * sizeof(*p->peer[side]));
		if (!p->peer[side])
			return ks_error_nomem(err);
		memset(p->peer[side], 0xff, len * sizeof(*p->peer[side]));
	}
	for (uint32_t o = 0; o < a->types.len; o++) {
		const struct ks_strpool_entry *name = &a->map.names.entries[o];
		uint32_t n = ks_strpool_find(&b->map.names, name->s, name->len);

		if (n == KS_STRPOOL_NONE)
			continue;
		p->peer[0][o] = n;
		p->peer[1][n] = o;
	}
	ret = match_renamed(d, p, err);
	if (!ret)
		match_kinds(p);
	return ret;
}

/* ------------------------------------------------------------------ causes */

/* The cause that these two texts are, new or known from another pair of units. */
static int find_cause(struct ksym_diff *d, const char *const name[2],
		      const struct ks_symtypes_text text[2], bool is_symbol, uint32_t *nr, bool *is_new,
		      struct ksym_error *err)
{
	struct { XXH128_hash_t name[2], text[2]; uint64_t is_symbol; } key = { .is_symbol = is_symbol };
	struct ks_diff_cause *cause;

	for (int side = 0; side < 2; side++) {
		key.name[side] = XXH3_128bits(name[side], strlen(name[side]));
		key.text[side] = XXH3_128bits(text[side].s ? text[side].s : "", text[side].len);
	}
	*nr = ks_strpool_add(&d->keys, (const char *)&key, sizeof(key));
	if (*nr == KS_STRPOOL_NONE)
		return ks_error_nomem(err);
	*is_new = *nr == d->causes.len;
	if (!*is_new)
		return 0;
	cause = ks_vec_push(&d->causes);
	if (!cause)
		return ks_error_nomem(err);
	cause->name[0] = name[0];
	cause->name[1] = name[1];
	for (int side = 0; side < 2; side++) {
		cause->shown[side] = is_symbol ? name[side] : ks_diff_name_of(&d->arena, name[side]);
		if (!cause->shown[side])
			return ks_error_nomem(err);
	}
	cause->is_symbol = is_symbol;
	cause->len[0] = cause->len[1] = UINT64_MAX;
	return 0;
}

static int add_changes(struct ksym_diff *d, struct ks_diff_cause *cause, struct ks_diff_compare *c)
{
	size_t nr = c->out.len;

	if (!ks_vec_reserve(&d->changes, nr))
		return ks_error_nomem(c->err);
	cause->first_change = (uint32_t)d->changes.len;
	cause->nr_changes = (uint32_t)nr;
	if (nr)
		memcpy(d->changes.data + d->changes.len, c->out.data, nr * sizeof(*c->out.data));
	d->changes.len += nr;
	for (size_t i = 0; i < nr; i++)
		if (c->out.data[i].how > cause->how)
			cause->how = (uint8_t)c->out.data[i].how;
	return 0;
}

static int emit_rename(struct ks_diff_compare *c, const struct ks_diff_cause *cause)
{
	bool kind = cause->name[0][0] != cause->name[1][0];
	struct ksym_diff_change change = {
		.kind = KSYM_DIFF_TYPE_RENAMED, .how = KSYM_DIFF_COMPATIBLE, .where = "", .nr = 1,
		.becomes = cause->shown[1],
		.old_at = KSYM_DIFF_NOWHERE, .new_at = KSYM_DIFF_NOWHERE,
		.old_bits = KSYM_DIFF_NOWHERE, .new_bits = KSYM_DIFF_NOWHERE,
	};

	if (kind)
		return 0;
	c->out.len = 0;
	return ks_diff_emit(c, change);
}

/* Compare the texts of a cause that is new. */
static int fill_cause(struct ksym_diff *d, struct ks_diff_pair *p, uint32_t nr, const uint32_t text[2],
		      struct ksym_error *err)
{
	struct ks_diff_compare c = { .d = d, .p = p, .err = err };
	struct ks_diff_cause *cause = &d->causes.data[nr];
	int ret = ks_diff_texts(&c, text);

	if (!ret && strcmp(cause->name[0], cause->name[1]))
		ret = emit_rename(&c, cause);
	if (!ret)
		ret = add_changes(d, cause, &c);
	for (int side = 0; side < 2 && !ret; side++) {
		const struct ks_symtree *t = ks_diff_tree(p->u[side], text[side], &ret);

		if (t && ks_symtree_has(&t->nodes.data[0], KS_SYMTREE_BYTE_SIZE))
			cause->len[side] = t->nodes.data[0].size;
	}
	ks_diff_compare_free(&c);
	return ret;
}

static int add_type(struct ksym_diff *d, struct ks_diff_pair *p, uint32_t o, struct ksym_error *err)
{
	const struct ks_symtypes *a = &p->u[0]->st, *b = &p->u[1]->st;
	uint32_t text[2] = { o, p->peer[0][o] }, nr, *slot;
	const char *name[2] = { ks_strpool_get(&a->map.names, o), ks_strpool_get(&b->map.names, text[1]) };
	struct ks_symtypes_text texts[2] = { a->types.data[o], b->types.data[text[1]] };
	bool is_new;
	int ret = find_cause(d, name, texts, false, &nr, &is_new, err);

	if (!ret && is_new)
		ret = fill_cause(d, p, nr, text, err);
	if (ret)
		return ret;
	slot = ks_vec_push(&p->local);
	if (slot)
		*slot = nr;
	p->cause[o] = (uint32_t)p->local.len - 1;
	slot = slot ? ks_vec_push(&p->types) : NULL;
	if (!slot)
		return ks_error_nomem(err);
	*slot = o;
	return 0;
}

int ks_diff_pair_types(struct ksym_diff *d, struct ks_diff_pair *p, struct ksym_error *err)
{
	const struct ks_symtypes *a = &p->u[0]->st, *b = &p->u[1]->st;
	int ret = match_types(d, p, err);

	if (ret)
		return ret;
	p->cause = malloc((a->types.len + 1) * sizeof(*p->cause));
	if (!p->cause)
		return ks_error_nomem(err);
	memset(p->cause, 0xff, (a->types.len + 1) * sizeof(*p->cause));
	for (uint32_t o = 0; o < a->types.len && !ret; o++) {
		uint32_t n = p->peer[0][o];
		bool renamed = n != KS_DIFF_NONE && strcmp(ks_strpool_get(&a->map.names, o),
							   ks_strpool_get(&b->map.names, n));

		if (n == KS_DIFF_NONE || (raw_same(a->types.data[o], b->types.data[n]) && !renamed))
			continue;
		if (renamed || !ks_diff_same(p, a->types.data[o].s ? a->types.data[o].s : "",
					     a->types.data[o].len,
					     b->types.data[n].s ? b->types.data[n].s : "",
					     b->types.data[n].len))
			ret = add_type(d, p, o, err);
	}
	return ret;
}

int ks_diff_pair_symbol(struct ksym_diff *d, struct ks_diff_pair *p, const uint32_t number[2],
			uint32_t *cause, struct ksym_error *err)
{
	const struct ks_symtypes *st[2] = { &p->u[0]->st, &p->u[1]->st };
	struct ks_symtypes_text texts[2] = { st[0]->symbol_texts.data[number[0]],
					     st[1]->symbol_texts.data[number[1]] };
	const char *name = ks_strpool_get(&st[0]->symbols, number[0]);
	const char *const names[2] = { name, name };
	uint32_t text[2] = { (uint32_t)st[0]->types.len + number[0],
			     (uint32_t)st[1]->types.len + number[1] };
	bool is_new;
	int ret;

	*cause = KS_DIFF_NONE;
	if (raw_same(texts[0], texts[1]) ||
	    ks_diff_same(p, texts[0].s, texts[0].len, texts[1].s, texts[1].len))
		return 0;
	ret = find_cause(d, names, texts, true, cause, &is_new, err);
	return ret || !is_new ? ret : fill_cause(d, p, *cause, text, err);
}

void ks_diff_pair_free(struct ks_diff_pair *p)
{
	free(p->peer[0]);
	free(p->peer[1]);
	free(p->cause);
	ks_vec_free(&p->local);
	ks_vec_free(&p->types);
}
