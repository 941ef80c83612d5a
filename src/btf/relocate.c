// SPDX-License-Identifier: LGPL-2.1-or-later
/* Split BTF on a distilled base, put on a real one. */
#include "btf/distill.h"

#include <string.h>

/* Types of one name that are looked at; no kernel has more. */
#define MAX_CANDIDATES 64u

/* ------------------------------------------------------------------ locate */

static bool is_composite(const uint32_t *t)
{
	return KS_BTF_KIND(t) == BTF_KIND_STRUCT || KS_BTF_KIND(t) == BTF_KIND_UNION;
}

/*
 * The kernel's rules (kernel/bpf/btf_relocate.c), which are those of libbpf.  @alone: @u is the
 * only structure or union of its name, so the size is not asked for.
 */
static bool fits(const uint32_t *d, const uint32_t *u, bool alone, bool embedded)
{
	unsigned int kind = KS_BTF_KIND(u);

	if (kind != BTF_KIND_FWD && !(is_composite(u) && alone) && u[2] != d[2])
		return false;
	switch (KS_BTF_KIND(d)) {
	case BTF_KIND_INT:
		return kind == BTF_KIND_INT && !((d[3] ^ u[3]) >> 24 & 0xf);
	case KS_BTF_FLOAT:
		return kind == KS_BTF_FLOAT;
	case BTF_KIND_ENUM:
	case KS_BTF_ENUM64:
		return kind == BTF_KIND_ENUM || kind == KS_BTF_ENUM64;
	case BTF_KIND_FWD:
		return kind == BTF_KIND_FWD ? KS_BTF_KFLAG(d) == KS_BTF_KFLAG(u) : is_composite(u);
	}
	/* Of structures and unions not even the kind is asked for. */
	return !embedded || u[2] == d[2];
}

/* Is there no more than one structure or union of this name? */
static bool is_alone(const struct ksym_btf *base, uint32_t name)
{
	unsigned int nr = 0, nr_seen = 0;

	for (uint32_t id = ks_btf_index_named(base, BTF_KIND_STRUCT, name);
	     id && nr < 2 && nr_seen < MAX_CANDIDATES; id = ks_btf_index_next(base, id), nr_seen++)
		nr += is_composite(ks_btf_by_id(base, id));
	return nr < 2;
}

unsigned int ks_btf_locate(const struct ksym_btf *base, const uint32_t *d, const char *name,
			   bool embedded, uint32_t *found)
{
	/* One of each family of kinds, as btf/index.h has them. */
	static const unsigned int families[] = { BTF_KIND_STRUCT, BTF_KIND_ENUM, BTF_KIND_INT, KS_BTF_FLOAT };
	unsigned int nr = 0, nr_seen = 0;
	uint32_t off;
	bool alone;

	if (!ks_btf_index_string(base, name, &off))
		return 0;
	alone = is_alone(base, off);
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		for (uint32_t id = ks_btf_index_named(base, families[i], off); id && nr < 2;
		     id = ks_btf_index_next(base, id)) {
			if (nr_seen++ == MAX_CANDIDATES)
				return 2;
			if (!fits(d, ks_btf_by_id(base, id), alone, embedded))
				continue;
			*found = id;
			nr++;
		}
	}
	return nr;
}

/* -------------------------------------------------------------------- copy */

int ks_btf_copy_init(struct ks_btf_copy *c, const struct ksym_btf *from, struct ksym_error *err)
{
	*c = (struct ks_btf_copy){ .path = from->path, .err = err, .budget = 1 << 20 };
	for (; from; from = from->base)
		c->budget += 16 * (uint64_t)from->len;
	return ks_vec_push(&c->types.at) ? 0 : ks_error_nomem(err);
}

static int copy_name(struct ks_btf_copy *c, const struct ksym_btf *b, uint32_t *name)
{
	const char *s = ks_btf_string(b, *name);
	size_t len = strnlen(s, c->budget + 1);

	if (len > c->budget)
		return ks_error(c->err, -E2BIG, "%s: BTF: expected names that overlap less", c->path);
	c->budget -= len;
	*name = ks_strpool_add(&c->strings, s, len);
	return *name == KS_STRPOOL_NONE ? ks_error_nomem(c->err) : 0;
}

int ks_btf_copy_add(struct ks_btf_copy *c, const struct ksym_btf *b, const uint32_t *t, uint32_t nr,
		    uint32_t **words)
{
	uint32_t id = ks_btf_types_add(&c->types, t, nr);
	int ret = 0;

	if (!id)
		return ks_error_nomem(c->err);
	*words = ks_btf_type(&c->types, id);
	ks_btf_for_each_name(word, t)
		if (word < nr && !ret)
			ret = copy_name(c, b, &(*words)[word]);
	return ret;
}

void ks_btf_copy_free(struct ks_btf_copy *c)
{
	ks_btf_types_free(&c->types);
	ks_strpool_free(&c->strings);
}

/* ---------------------------------------------------------------- relocate */

struct relocate {
	const struct ksym_btf *split, *distilled, *base;
	uint32_t *map;			/* of types of the distilled base */
	bool *embedded;
	struct ksym_error *err;
};

static void find_embedded(struct relocate *r)
{
	for (uint32_t i = 0; i < r->split->nr; i++) {
		const uint32_t *t = ks_btf_by_id(r->split, r->split->first + i);

		if (!is_composite(t))
			continue;
		ks_btf_for_each_ref(word, t) {
			uint32_t part = ks_btf_embedded(r->split, t[word]);

			if (part && part < r->split->first)
				r->embedded[part] = true;
		}
	}
}

/* Is what a kernel would take it for what it was? */
static bool is_same_kind(const uint32_t *d, const uint32_t *u)
{
	if (is_composite(d))
		return KS_BTF_KIND(d) == KS_BTF_KIND(u);
	return KS_BTF_KIND(d) != BTF_KIND_FWD || !is_composite(u) ||
	       KS_BTF_KFLAG(d) == (KS_BTF_KIND(u) == BTF_KIND_UNION);
}

static int find_all(struct relocate *r)
{
	for (uint32_t id = 1; id < r->split->first; id++) {
		const uint32_t *d = ks_btf_by_id(r->distilled, id);
		const char *name = ks_btf_string(r->distilled, d[0]);
		unsigned int nr;

		if (!ks_btf_is_distilled(r->distilled, d) || KS_BTF_KIND(d) == KS_BTF_ENUM64)
			return ks_error(r->err, -EBADMSG,
					"%s: BTF: type %u: is of kind %u: expected a distilled base of named INT, FLOAT, FWD, STRUCT, UNION, ENUM",
					r->distilled->path, id, KS_BTF_KIND(d));
		nr = ks_btf_locate(r->base, d, name, r->embedded[id], &r->map[id]);
		if (nr == 1 && is_same_kind(d, ks_btf_by_id(r->base, r->map[id])))
			continue;
		return ks_error(r->err, -EBADMSG,
				"%s: BTF: type %u of the distilled base: expected one type \"%.*s\" of its kind and size in %s, there %s",
				r->distilled->path, id, (int)strnlen(name, 100), name, r->base->path,
				nr > 1 ? "are several" : "is none");
	}
	return 0;
}

static uint32_t relocated(const struct relocate *r, uint32_t id)
{
	return id < r->split->first ? r->map[id] : id - r->split->first + ks_btf_end(r->base);
}

static int copy_all(const struct relocate *r, struct ks_btf_copy *c)
{
	for (uint32_t i = 0; i < r->split->nr; i++) {
		const uint32_t *t = ks_btf_by_id(r->split, r->split->first + i);
		uint32_t *w;
		int ret = ks_btf_copy_add(c, r->split, t, ks_btf_words(t), &w);

		if (ret)
			return ret;
		ks_btf_for_each_ref(word, w)
			w[word] = relocated(r, w[word]);
	}
	return 0;
}

int ksym_btf_relocate(struct ksym_btf **out, const struct ksym_btf *split, const struct ksym_btf *base,
		      struct ksym_error *err)
{
	struct relocate r = { .split = split, .distilled = split->base, .base = base, .err = err };
	struct ks_btf_copy c;
	int ret = 0;

	if (!r.distilled || r.distilled->base || base->base || base->swap != split->swap)
		return ks_error(err, -EINVAL,
				"%s: BTF: expected it to be split, on a distilled base, and %s to be whole and of its byte order",
				split->path, base->path);
	r.map = calloc(split->first, sizeof(*r.map));
	r.embedded = calloc(split->first, sizeof(*r.embedded));
	if (!r.map || !r.embedded || !ks_btf_index_make(base))
		ret = ks_error_nomem(err);
	if (!ret) {
		find_embedded(&r);
		ret = find_all(&r);
	}
	if (!ret) {
		ret = ks_btf_copy_init(&c, split, err);
		if (!ret)
			ret = copy_all(&r, &c);
		if (!ret)
			ret = ks_btf_make(out, &c.types, &c.strings, base, split->swap ? KS_BTF_SWAPPED : 0,
					  split->path, err);
		ks_btf_copy_free(&c);
	}
	if (!ret)
		ks_btf_inherit(*out, split);
	free(r.map);
	free(r.embedded);
	return ret;
}
