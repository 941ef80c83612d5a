// SPDX-License-Identifier: LGPL-2.1-or-later
/* From a text identity to symbols. */
#include "index/index.h"

#include <limits.h>
#include <string.h>

#define MAX_MODULES 64

struct piece {
	const char *s;
	size_t len;
};

struct identity {
	struct piece name, object;
	struct piece modules[MAX_MODULES];
	unsigned int nr_modules;
};

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* "name [module]… {object}" */
static int parse(const char *s, struct identity *id, struct ksym_error *err)
{
	const char *all = s;

	memset(id, 0, sizeof(*id));
	s = skip_blanks(s);
	id->name = (struct piece){ s, strcspn(s, " \t[{") };
	s = skip_blanks(s + id->name.len);
	while (*s == '[') {
		size_t n = strcspn(++s, "]");

		if (!s[n] || !n || id->nr_modules == MAX_MODULES)
			goto bad;
		id->modules[id->nr_modules++] = (struct piece){ s, n };
		s = skip_blanks(s + n + 1);
	}
	if (*s == '{') {
		id->object = (struct piece){ s + 1, strcspn(s + 1, "}") };
		if (!s[1 + id->object.len] || !id->object.len)
			goto bad;
		s = skip_blanks(s + id->object.len + 2);
	}
	if (!id->name.len || *s)
		goto bad;
	return 0;
bad:
	return ks_error(err, -EINVAL, "\"%s\": expected NAME [MODULE]... {OBJECT}, as `show` prints it",
			all);
}

static bool same_module(const struct piece *p, const char *name)
{
	for (size_t i = 0; i < p->len; i++) {
		char c = p->s[i] == '-' ? '_' : p->s[i];

		if (name[i] != c)
			return false;
	}
	return !name[p->len];
}

/* Exactly the given modules, in any order? */
static bool modules_match(const struct ksym_index *idx, const struct identity *id,
			  const struct ks_obj *o)
{
	if (!id->nr_modules)
		return true;
	for (uint32_t n = 0; n < o->nr_modules; n++) {
		const char *name = ks_tables_object_module(&idx->t, o->first_module + n);
		bool found = false;

		for (unsigned int i = 0; i < id->nr_modules && name; i++)
			found |= same_module(&id->modules[i], name);
		if (!found)
			return false;
	}
	return o->nr_modules == id->nr_modules;
}

static bool object_matches(const struct piece *p, const char *path)
{
	size_t len = strlen(path);

	if (!p->len)
		return true;
	return len >= p->len && !memcmp(path + len - p->len, p->s, p->len) &&
	       (len == p->len || path[len - p->len - 1] == '/');
}

/* How well an owner fits: not at all, by a suffix of its path, or exactly as this
 * symbol is printed. */
enum fit { FIT_NOT, FIT_SUFFIX, FIT_PRINTED };

static bool is_printed_suffix(const struct piece *p, const char *suffix)
{
	return suffix ? strlen(suffix) == p->len && !memcmp(suffix, p->s, p->len) : !p->len;
}

static enum fit owner_fit(const struct ksym_index *idx, const struct identity *id, uint32_t owner,
			  bool is_text)
{
	struct ks_owner w;
	struct ks_obj o;

	if (owner == KS_NONE || !ks_tables_owner(&idx->t, owner, &w) ||
	    !ks_tables_object(&idx->t, w.object, &o))
		return !id->nr_modules && !id->object.len ? FIT_PRINTED : FIT_NOT;
	if (!modules_match(idx, id, &o) || !object_matches(&id->object, o.path))
		return FIT_NOT;
	return o.nr_modules == id->nr_modules &&
			       is_printed_suffix(&id->object, is_text ? o.text_suffix : o.data_suffix)
		       ? FIT_PRINTED
		       : FIT_SUFFIX;
}

/* How many names from position @pos on are equal to @name. */
static uint32_t count_equal(const struct ks_tables *t, uint32_t pos, const struct piece *name)
{
	char buf[KS_NAME_MAX + 1];
	uint32_t n = 0, i;

	while ((i = ks_tables_ordered(t, pos + n)) != KS_NONE &&
	       ks_tables_name(t, i, buf) == name->len && !memcmp(buf, name->s, name->len))
		n++;
	return n;
}

int ksym_index_find(const struct ksym_index *idx, const char *identity, struct ksym_match *matches,
		    uint32_t max_matches, struct ksym_error *err)
{
	uint32_t pos, nr_same, nr = 0;
	/* Of another selection of symbols the kernel counts other ones. */
	bool counts = !(idx->t.flags & KS_FLAG_NOT_KALLSYMS);
	enum fit best = FIT_SUFFIX;
	struct identity id;
	bool equal;
	int ret = parse(identity, &id, err);

	if (ret)
		return ret;
	pos = ks_tables_find(&idx->t, id.name.s, id.name.len, &equal);
	nr_same = equal ? count_equal(&idx->t, pos, &id.name) : 0;
	for (uint32_t n = 0; n < nr_same; n++) {
		uint32_t i = ks_tables_ordered(&idx->t, pos + n);
		enum fit fit = FIT_NOT;
		struct ks_sym s;

		if (ks_tables_symbol(&idx->t, i, &s))
			fit = owner_fit(idx, &id, s.owner, s.is_text);
		/* "{core.o}" is printed for one core.o and fits the others' longer paths:
		 * what is printed so is meant.  A plain name means every one. */
		if (fit == FIT_PRINTED && best == FIT_SUFFIX && (id.object.len || id.nr_modules)) {
			best = FIT_PRINTED;
			nr = 0;
		}
		if (fit < best)
			continue;
		if (nr < max_matches)
			matches[nr] = (struct ksym_match){ i, counts ? n + 1 : 0, nr_same };
		nr++;
	}
	return nr > INT_MAX ? INT_MAX : (int)nr;
}
