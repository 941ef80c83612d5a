// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/match.h"

#include <string.h>
#include <xxhash.h>

/* Candidates of one name that are tried for one type; no kernel has more. */
#define MAX_CANDIDATES 64u
#define NO_NAME UINT32_MAX
/* Pairs for each type, and besides, that are looked at; a kernel has less than one.  Chains of
 * pointers into which structures point at every place have as many as their square. */
#define MAX_PAIRS_EACH 16u
#define MAX_PAIRS_MORE (4u << 20)

struct pair {
	uint32_t a, b;			/* types of the one, and of the other side */
	uint32_t parents;		/* number + 1 in ->links of one that rests on it */
	bool bad;
};

struct link {
	uint32_t parent, next;
};

struct match {
	struct ks_btf_types *t;
	const struct ksym_btf *base;	/* the other side; NULL: also t */
	uint32_t *names;		/* of strings of t: canonical offset in base, or NO_NAME */
	KS_VEC(struct pair) pairs;
	KS_VEC(struct link) links;
	uint32_t *slots;		/* of pairs by (a, b), number + 1 */
	uint32_t nr_slots;
	KS_VEC(uint32_t) bad;		/* pairs whose parents are to be told */
	bool too_many;			/* pairs */
	const char *path;
	struct ksym_error *err;
};

/* ------------------------------------------------------------------- pairs */

static const uint32_t *other(const struct match *m, uint32_t b)
{
	return m->base ? ks_btf_by_id(m->base, b) : ks_btf_type(m->t, b);
}

static bool same_name(const struct match *m, uint32_t a, uint32_t b)
{
	if (!m->base)
		return a == b;
	return m->names[a] == b || (m->names[a] != NO_NAME &&
				    m->names[a] == ks_btf_index_canonical(m->base, b));
}

static uint32_t *pair_slot(const struct match *m, uint32_t a, uint32_t b)
{
	uint64_t hash = ((uint64_t)a << 32 | b) * 0x9e3779b97f4a7c15u;
	uint32_t mask = m->nr_slots - 1, i = (uint32_t)(hash >> 32) & mask;

	for (;; i = (i + 1) & mask) {
		uint32_t n = m->slots[i];

		if (!n || (m->pairs.data[n - 1].a == a && m->pairs.data[n - 1].b == b))
			return &m->slots[i];
	}
}

static bool grow(struct match *m)
{
	uint32_t *slots;

	if (m->nr_slots > UINT32_MAX / 4)
		return false;
	slots = calloc(2 * (size_t)m->nr_slots, sizeof(*slots));
	if (!slots)
		return false;
	free(m->slots);
	m->slots = slots;
	m->nr_slots *= 2;
	for (uint32_t i = 0; i < m->pairs.len; i++)
		*pair_slot(m, m->pairs.data[i].a, m->pairs.data[i].b) = i + 1;
	return true;
}

static int failed(const struct match *m)
{
	return m->too_many ? ks_error(m->err, -E2BIG,
				      "%s: .debug_info: types that look alike: expected fewer pairs than %zu, which were compared",
				      m->path, m->pairs.len)
			   : ks_error_nomem(m->err);
}

/* The pair, new or known.  If not, failed() says why. */
static bool add_pair(struct match *m, uint32_t a, uint32_t b, uint32_t *nr)
{
	uint32_t *slot;
	struct pair *p;

	if (m->pairs.len >= m->nr_slots / 2 && !grow(m))
		return false;
	slot = pair_slot(m, a, b);
	if (!*slot) {
		m->too_many = m->pairs.len / MAX_PAIRS_EACH > m->t->at.len + MAX_PAIRS_MORE / MAX_PAIRS_EACH;
		if (m->too_many)
			return false;
		p = ks_vec_push(&m->pairs);
		if (!p)
			return false;
		*p = (struct pair){ .a = a, .b = b };
		*slot = (uint32_t)m->pairs.len;
	}
	*nr = *slot - 1;
	return true;
}

static bool mark_bad(struct match *m, uint32_t nr)
{
	uint32_t *slot;

	if (m->pairs.data[nr].bad)
		return true;
	m->pairs.data[nr].bad = true;
	slot = ks_vec_push(&m->bad);
	if (slot)
		*slot = nr;
	return slot;
}

/* ----------------------------------------------------------------- examine */

static bool is_struct(unsigned int kind)
{
	return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

static bool is_enum(unsigned int kind)
{
	return kind == BTF_KIND_ENUM || kind == KS_BTF_ENUM64;
}

/* Is one a declaration of what the other is? */
static bool is_declared(const uint32_t *t, const uint32_t *u)
{
	unsigned int a = KS_BTF_KIND(t), b = KS_BTF_KIND(u);

	if (a == BTF_KIND_FWD && is_struct(b))
		return KS_BTF_KFLAG(t) == (b == BTF_KIND_UNION);
	if (b == BTF_KIND_FWD && is_struct(a))
		return KS_BTF_KFLAG(u) == (a == BTF_KIND_UNION);
	return is_enum(a) && is_enum(b) && !KS_BTF_VLEN(t) != !KS_BTF_VLEN(u);
}

/* Do they say the same by themselves? */
static bool same_words(const struct match *m, const uint32_t *t, const uint32_t *u)
{
	uint32_t nr, name = 0, part = 0, ref;

	if (t[1] != u[1])
		return false;
	nr = ks_btf_words(t);
	ref = ks_btf_first_ref(t);
	for (uint32_t i = 0; i < nr; i++) {
		if (i == name) {
			if (!same_name(m, t[i], u[i]))
				return false;
			name = ks_btf_part_name(t, part++);
		} else if (i == ref) {
			if (!t[i] != !u[i])
				return false;
			ref = ks_btf_next_ref(t, ref);
		} else if (t[i] != u[i]) {
			return false;
		}
	}
	return true;
}

static bool add_link(struct match *m, uint32_t child, uint32_t parent)
{
	struct link *l = ks_vec_push(&m->links);

	if (!l)
		return false;
	*l = (struct link){ parent, m->pairs.data[child].parents };
	m->pairs.data[child].parents = (uint32_t)m->links.len;
	return true;
}

static bool examine(struct match *m, uint32_t nr)
{
	uint32_t a = m->pairs.data[nr].a, b = m->pairs.data[nr].b, child;
	const uint32_t *t = ks_btf_type(m->t, a), *u = other(m, b);

	if (!m->base && a == b)
		return true;
	if (is_declared(t, u) && same_name(m, t[0], u[0]))
		return true;
	if (!same_words(m, t, u))
		return mark_bad(m, nr);
	ks_btf_for_each_ref(word, t) {
		if (!t[word] || (!m->base && t[word] == u[word]))
			continue;
		if (!add_pair(m, t[word], u[word], &child) || !add_link(m, child, nr))
			return false;
		if (m->pairs.data[child].bad)
			return mark_bad(m, nr);
	}
	return true;
}

/* Look at every pair, and tell those that rest on a bad one. */
static int run(struct match *m)
{
	bool ok = true;

	for (uint32_t i = 0; i < m->pairs.len && ok; i++)
		ok = examine(m, i);
	while (ok && m->bad.len) {
		uint32_t nr = m->bad.data[--m->bad.len];

		for (uint32_t l = m->pairs.data[nr].parents; l && ok; l = m->links.data[l - 1].next)
			ok = mark_bad(m, m->links.data[l - 1].parent);
	}
	return ok ? 0 : failed(m);
}

static bool is_good(const struct match *m, uint32_t a, uint32_t b)
{
	uint32_t nr = *pair_slot(m, a, b);

	return nr && !m->pairs.data[nr - 1].bad;
}

static int match_init(struct match *m, struct ks_btf_types *t, const char *path,
		      struct ksym_error *err)
{
	*m = (struct match){ .t = t, .path = path, .err = err, .nr_slots = 1024 };
	m->slots = calloc(m->nr_slots, sizeof(*m->slots));
	return m->slots ? 0 : ks_error_nomem(err);
}

static void match_free(struct match *m)
{
	free(m->names);
	free(m->slots);
	ks_vec_free(&m->pairs);
	ks_vec_free(&m->links);
	ks_vec_free(&m->bad);
}

/* --------------------------------------------------------------- renumber */

/* Is it known by its name, and may be what others of that name are? */
static bool is_named(const uint32_t *t)
{
	switch (KS_BTF_KIND(t)) {
	case BTF_KIND_VAR:
	case BTF_KIND_DATASEC:
		return false;
	}
	return ks_btf_layout(t)->is_named && t[0];
}

/* Give what is left the numbers from @first on: map[id] is what @id has become, or 0 when
 * it stays. */
static void renumber(struct ks_btf_types *t, uint32_t *map, uint32_t first)
{
	uint32_t nr = 1;

	for (uint32_t i = 1; i < t->at.len; i++)
		if (!map[i])
			map[i] = first++ | 0x80000000u;
	for (uint32_t i = 1; i < t->at.len; i++) {
		uint32_t *w = ks_btf_type(t, i);

		if (!(map[i] & 0x80000000u))
			continue;
		ks_btf_for_each_ref(word, w)
			w[word] = w[word] ? map[w[word]] & 0x7fffffffu : 0;
		t->at.data[nr++] = t->at.data[i];
	}
	t->at.len = nr;
}

/* ------------------------------------------------------------------- unify */

/* What any type that could be the same as @id has in common with it. */
static uint32_t sketch(const struct ks_btf_types *ts, uint32_t id)
{
	const uint32_t *t = id ? ks_btf_type(ts, id) : NULL;
	unsigned int kind = t ? KS_BTF_KIND(t) : 0;

	if (!t)
		return 0;
	if (is_struct(kind))
		kind = BTF_KIND_FWD;
	if (is_enum(kind))
		kind = BTF_KIND_ENUM;
	return t[0] << 5 | kind;
}

/* Of equal kind, name and own words, and references to such: which they are by hash. */
static uint64_t own_hash(const struct ks_btf_types *ts, const uint32_t *t)
{
	uint32_t nr = ks_btf_words(t), ref = ks_btf_first_ref(t);
	uint64_t h = 0;

	for (uint32_t i = 0; i < nr; i++) {
		uint32_t v = t[i];

		if (i && i == ref) {
			ref = ks_btf_next_ref(t, ref);
			v = sketch(ts, v);
		}
		h = (h ^ v) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	return h;
}

struct candidate {
	uint64_t hash;
	uint32_t id;
};

static int by_hash(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static size_t end_of_run(const struct candidate *v, size_t nr, size_t i)
{
	size_t end = i + 1;

	while (end < nr && v[end].hash == v[i].hash)
		end++;
	return end;
}

/* Each type against those before it. */
static int try_candidates(struct match *m, const struct candidate *v, size_t nr)
{
	uint32_t pair;

	for (size_t i = 0, end; i < nr; i = end) {
		end = end_of_run(v, nr, i);
		for (size_t j = i + 1; j < end; j++)
			for (size_t k = i; k < j && k < i + MAX_CANDIDATES; k++)
				if (!add_pair(m, v[j].id, v[k].id, &pair))
					return failed(m);
	}
	return m->pairs.len ? run(m) : 0;
}

static bool map_candidates(struct match *m, const struct candidate *v, size_t nr, uint32_t *map)
{
	bool any = false;

	for (size_t i = 0, end; i < nr; i = end) {
		end = end_of_run(v, nr, i);
		for (size_t j = i + 1; j < end; j++)
			for (size_t k = i; k < j && k < i + MAX_CANDIDATES; k++) {
				if (map[v[k].id] || !is_good(m, v[j].id, v[k].id))
					continue;
				map[v[j].id] = v[k].id;
				any = true;
				break;
			}
	}
	return any;
}

/* Types without a name that have become the same: they refer to such before them. */
static int map_nameless(struct ks_btf_types *t, uint32_t *map, struct ksym_error *err)
{
	uint32_t cap = 1024, *slots;

	while (cap / 2 < t->at.len && cap < 0x80000000u)
		cap *= 2;
	slots = calloc(cap, sizeof(*slots));
	if (!slots)
		return ks_error_nomem(err);
	for (uint32_t id = 1; id < t->at.len; id++) {
		uint32_t *w = ks_btf_type(t, id), nr = ks_btf_words(w), i;

		if (map[id] || KS_BTF_KIND(w) == BTF_KIND_VAR || KS_BTF_KIND(w) == BTF_KIND_DATASEC)
			continue;
		ks_btf_for_each_ref(word, w)
			w[word] = map[w[word]] ? map[w[word]] : w[word];
		if (is_named(w))
			continue;
		for (i = (uint32_t)XXH3_64bits(w, nr * sizeof(*w)) & (cap - 1); slots[i];
		     i = (i + 1) & (cap - 1)) {
			const uint32_t *u = ks_btf_type(t, slots[i]);

			if (u[1] == w[1] && !memcmp(u, w, nr * sizeof(*w)))
				break;
		}
		map[id] = slots[i];
		if (!slots[i])
			slots[i] = id;
	}
	free(slots);
	return 0;
}

/* All that @map leads to in the end, before what is left gets new numbers. */
static int follow(struct ks_btf_types *t, uint32_t *map, struct ksym_error *err)
{
	uint32_t nr = 1;

	/* Numbers of what stays, as renumber() will give them. */
	uint32_t *place = calloc(t->at.len, sizeof(*place));

	if (!place)
		return ks_error_nomem(err);
	for (uint32_t i = 1; i < t->at.len; i++)
		if (!map[i])
			place[i] = nr++;
	for (uint32_t i = 1; i < t->at.len; i++)
		if (map[i])
			map[i] = place[map[i]];
	free(place);
	return 0;
}

int ks_btf_unify(struct ks_btf_types *t, const char *path, struct ksym_error *err)
{
	KS_VEC(struct candidate) v = { 0 };
	uint32_t *map = calloc(t->at.len + 1, sizeof(*map));
	struct match m;
	int ret = match_init(&m, t, path, err);

	if (!ret && !map)
		ret = ks_error_nomem(err);
	for (uint32_t i = 1; i < t->at.len && !ret; i++) {
		const uint32_t *w = ks_btf_type(t, i);
		struct candidate *c;

		if (!is_named(w) || KS_BTF_KIND(w) == BTF_KIND_FUNC)
			continue;
		c = ks_vec_push(&v);
		if (c)
			*c = (struct candidate){ own_hash(t, w), i };
		else
			ret = ks_error_nomem(err);
	}
	if (v.len)
		qsort(v.data, v.len, sizeof(*v.data), by_hash);
	if (!ret)
		ret = try_candidates(&m, v.data, v.len);
	if (!ret && map_candidates(&m, v.data, v.len, map)) {
		ret = map_nameless(t, map, err);
		if (!ret)
			ret = follow(t, map, err);
		if (!ret)
			renumber(t, map, 1);
	}
	free(map);
	ks_vec_free(&v);
	match_free(&m);
	return ret;
}

/* ------------------------------------------------------------------- split */

static int translate_names(struct match *m, const struct ks_strpool *strings)
{
	m->names = malloc(((size_t)strings->nr + 1) * sizeof(*m->names));
	if (!m->names)
		return ks_error_nomem(m->err);
	for (uint32_t i = 0; i < strings->nr; i++)
		if (!ks_btf_index_string(m->base, ks_strpool_get(strings, i), &m->names[i]))
			m->names[i] = NO_NAME;
	return 0;
}

/* Can the type of the base be what ours is?  A mere declaration is not. */
static bool is_candidate(const struct match *m, uint32_t a, uint32_t b)
{
	const uint32_t *t = ks_btf_type(m->t, a), *u = ks_btf_by_id(m->base, b);

	if (KS_BTF_KIND(u) == BTF_KIND_FWD)
		return KS_BTF_KIND(t) == BTF_KIND_FWD;
	if (is_enum(KS_BTF_KIND(u)) && is_enum(KS_BTF_KIND(t)))
		return KS_BTF_VLEN(u) || !KS_BTF_VLEN(t);
	return true;
}

#define for_each_candidate(b, m, a)                                                        \
	for (uint32_t b = first_candidate(m, a), ks_nr = 0; b && ks_nr < MAX_CANDIDATES;   \
	     b = ks_btf_index_next((m)->base, b), ks_nr++)

static uint32_t first_candidate(const struct match *m, uint32_t a)
{
	const uint32_t *t = ks_btf_type(m->t, a);

	if (!is_named(t) || m->names[t[0]] == NO_NAME)
		return 0;
	return ks_btf_index_named(m->base, KS_BTF_KIND(t), m->names[t[0]]);
}

/* What ours with names is in the base.  A declaration is a declaration there, or else the
 * only type of the name. */
static uint32_t find_named(const struct match *m, uint32_t a)
{
	bool is_fwd = KS_BTF_KIND(ks_btf_type(m->t, a)) == BTF_KIND_FWD;
	uint32_t found = 0, nr = 0;

	for_each_candidate(b, m, a) {
		if (!is_candidate(m, a, b) || !is_good(m, a, b))
			continue;
		if (!is_fwd || KS_BTF_KIND(ks_btf_by_id(m->base, b)) == BTF_KIND_FWD)
			return b;
		found = b;
		nr++;
	}
	return nr == 1 ? found : 0;
}

/* The type of the base that has these words, once references are those of the base. */
static uint32_t find_nameless(const struct match *m, const uint32_t *map, uint32_t a, uint32_t *w)
{
	const uint32_t *t = ks_btf_type(m->t, a);

	memcpy(w, t, ks_btf_words(t) * sizeof(*t));
	ks_btf_for_each_ref(word, t) {
		w[word] = t[word] ? map[t[word]] : 0;
		if (t[word] && !w[word])
			return 0;
	}
	ks_btf_for_each_name(word, t) {
		w[word] = m->names[t[word]];
		if (w[word] == NO_NAME)
			return 0;
	}
	return ks_btf_index_nameless(m->base, w);
}

static int map_all(struct match *m, uint32_t *map)
{
	KS_VEC(uint32_t) w = { 0 };
	int ret = 0;

	for (uint32_t a = 1; a < m->t->at.len; a++)
		if (first_candidate(m, a))
			map[a] = find_named(m, a);
	for (uint32_t a = 1; a < m->t->at.len && !ret; a++) {
		const uint32_t *t = ks_btf_type(m->t, a);

		if (is_named(t) || KS_BTF_KIND(t) == BTF_KIND_VAR || KS_BTF_KIND(t) == BTF_KIND_DATASEC)
			continue;
		w.len = 0;
		if (ks_vec_reserve(&w, ks_btf_words(t)))
			map[a] = find_nameless(m, map, a, w.data);
		else
			ret = ks_error_nomem(m->err);
	}
	ks_vec_free(&w);
	return ret;
}

int ks_btf_split(struct ks_btf_types *t, const struct ks_strpool *strings,
		 const struct ksym_btf *base, const char *path, struct ksym_error *err)
{
	uint32_t *map = calloc(t->at.len + 1, sizeof(*map)), pair;
	struct match m;
	int ret = match_init(&m, t, path, err);

	m.base = base;
	if (!ret && (!map || !ks_btf_index_make(base)))
		ret = ks_error_nomem(err);
	if (!ret)
		ret = translate_names(&m, strings);
	for (uint32_t a = 1; a < t->at.len && !ret; a++)
		for_each_candidate(b, &m, a)
			if (is_candidate(&m, a, b) && !add_pair(&m, a, b, &pair)) {
				ret = failed(&m);
				break;
			}
	if (!ret)
		ret = run(&m);
	if (!ret)
		ret = map_all(&m, map);
	if (!ret)
		renumber(t, map, ks_btf_end(base));
	free(map);
	match_free(&m);
	return ret;
}
