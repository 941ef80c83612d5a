// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kbuild/modules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "kbuild/linkmap_line.h"

struct word {
	const char *s;
	size_t len;
};

static ks_cold int expected(const struct ks_file *f, const struct ks_lines *l, const char *what,
			    struct ksym_error *err)
{
	return ks_error(err, -EBADMSG, "%s:%" PRIu64 ": expected %s", f->path, l->nr, what);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The next word of @rest, which loses it; false at its end. */
static bool next_word(struct word *rest, struct word *w)
{
	while (rest->len && is_blank(*rest->s)) {
		rest->s++;
		rest->len--;
	}
	*w = (struct word){ rest->s, 0 };
	while (rest->len && !is_blank(*rest->s)) {
		rest->s++;
		rest->len--;
		w->len++;
	}
	return w->len != 0;
}

static bool has_prefix(struct word w, const char *prefix)
{
	size_t n = strlen(prefix);

	return w.len > n && !memcmp(w.s, prefix, n);
}

static bool has_suffix(struct word w, const char *suffix)
{
	size_t n = strlen(suffix);

	return w.len > n && !memcmp(w.s + w.len - n, suffix, n);
}

/* Without the suffix, if it has it. */
static struct word cut_suffix(struct word w, const char *suffix)
{
	return has_suffix(w, suffix) ? (struct word){ w.s, w.len - strlen(suffix) } : w;
}

static struct word cut_prefix(struct word w, const char *prefix)
{
	size_t n = strlen(prefix);

	return has_prefix(w, prefix) ? (struct word){ w.s + n, w.len - n } : w;
}

static struct word base_name(struct word w)
{
	const char *slash = memrchr(w.s, '/', w.len);

	return slash ? (struct word){ slash + 1, (size_t)(w.s + w.len - (slash + 1)) } : w;
}

/* Number of @w followed by @suffix, with every '-' made @dash. */
static uint32_t intern(struct ks_strpool *pool, struct word w, const char *suffix, char dash)
{
	char stack[256], *buf = stack;
	size_t n = strlen(suffix), len = w.len + n;
	uint32_t nr;

	if (len > sizeof(stack))
		buf = malloc(len);
	if (!buf)
		return KS_STRPOOL_NONE;
	for (size_t i = 0; i < w.len; i++)
		buf[i] = w.s[i] == '-' ? dash : w.s[i];
	memcpy(buf + w.len, suffix, n);
	nr = ks_strpool_add(pool, buf, len);
	if (buf != stack)
		free(buf);
	return nr;
}

static uint32_t intern_object(struct ks_modules *m, struct word object)
{
	while (has_prefix(object, "./"))
		object = cut_prefix(object, "./");
	return ks_strpool_add(&m->objects, object.s, object.len);
}

static int add(struct ks_modules *m, struct word object, struct word module, uint32_t source,
	       struct ksym_error *err)
{
	struct ks_module_pair *p = ks_vec_push(&m->pairs);

	if (!p)
		return ks_error_nomem(err);
	p->object = intern_object(m, object);
	p->name = intern(&m->names, base_name(module), "", '_');
	p->sources = source;
	if (p->object == KS_STRPOOL_NONE || p->name == KS_STRPOOL_NONE) {
		m->pairs.len--;
		return ks_error_nomem(err);
	}
	return 0;
}

int ks_modules_add(struct ks_modules *m, const char *object, size_t object_len, const char *module,
		   size_t module_len, uint32_t source, struct ksym_error *err)
{
	return add(m, (struct word){ object, object_len }, (struct word){ module, module_len },
		   source, err);
}

/* ------------------------------------------------- lists of objects */

struct objs_module {
	struct word path;	/* without suffix, and without the prefix of installed paths */
	bool is_installed;	/* it had that prefix */
};

/* "kernel/fs/ext4/ext4.ko:", "fs/ext4/ext4.o:", "ext4:"; false when it is none. */
static bool objs_module(struct word w, struct objs_module *mod)
{
	bool colon = w.len && w.s[w.len - 1] == ':';

	mod->is_installed = false;
	if (colon)
		w.len--;
	mod->path = cut_suffix(w, ".ko");
	if (mod->path.len != w.len) {
		/* An installed path; "kernel/" there is no directory of the sources. */
		mod->is_installed = has_prefix(mod->path, "kernel/");
		mod->path = cut_prefix(mod->path, "kernel/");
	} else {
		mod->path = cut_suffix(w, ".o");
		if (mod->path.len == w.len && !colon)
			return false;
	}
	return base_name(mod->path).len != 0;
}

/*
 * The prefix of installed paths may be on the objects too.  The sources have a
 * directory of that name, so it is one only where the object then is in the same
 * top directory as the module: "kernel/fs/ext4/super.o" of "kernel/fs/ext4/ext4.ko",
 * but not "kernel/configs.o" of "kernel/kernel/configs.ko".
 */
static struct word objs_object(const struct objs_module *mod, struct word object)
{
	struct word bare = cut_prefix(object, "kernel/");
	const char *slash = memchr(mod->path.s, '/', mod->path.len);
	size_t top = slash ? (size_t)(slash + 1 - mod->path.s) : 0;

	if (mod->is_installed && top && bare.len > top && !memcmp(bare.s, mod->path.s, top))
		return bare;
	return object;
}

static int read_objs_line(struct ks_modules *m, const struct ks_file *f, const struct ks_lines *l,
			  struct ksym_error *err)
{
	static const char form[] = "\"module.o: object.o ...\"";
	struct word rest = { l->s, l->len }, w;
	struct objs_module mod;
	const char *colon = memchr(l->s, ':', l->len);
	int nr_objects = 0;
	int ret;

	/* The colon may stand anywhere between the module and its first object. */
	if (colon) {
		struct word head = { l->s, (size_t)(colon - l->s) }, more;

		rest = (struct word){ colon + 1, (size_t)(l->s + l->len - (colon + 1)) };
		if (!next_word(&head, &w) || next_word(&head, &more))
			return expected(f, l, form, err);
		if (colon == w.s + w.len)
			w.len++;
	} else if (!next_word(&rest, &w) || *w.s == '#') {
		return 0;
	}
	if (*w.s == '#')
		return 0;
	if (!objs_module(w, &mod))
		return expected(f, l, form, err);
	while (next_word(&rest, &w)) {
		if (!has_suffix(w, ".o"))
			return expected(f, l, form, err);
		ret = add(m, objs_object(&mod, w), mod.path, KSYM_MODULE_SOURCE_OBJS, err);
		if (ret)
			return ret;
		nr_objects++;
	}
	if (nr_objects)
		return 0;

	uint32_t object = intern(&m->objects, mod.path, ".o", '-');

	if (object == KS_STRPOOL_NONE)
		return ks_error_nomem(err);
	w = (struct word){ ks_strpool_get(&m->objects, object), mod.path.len + 2 };
	return add(m, w, mod.path, KSYM_MODULE_SOURCE_OBJS, err);
}

int ks_modules_read_objs(struct ks_modules *m, const struct ks_file *f, struct ksym_error *err)
{
	struct ks_lines l = ks_lines(f);
	int ret = ks_check_text(f, err);

	while (!ret && ks_lines_next(&l))
		ret = read_objs_line(m, f, &l, err);
	return ret;
}

/* ------------------------------------------------- modules.builtin */

static int add_file(struct ks_modules *m, struct word path, struct ksym_error *err)
{
	struct ks_module_file *file = ks_vec_push(&m->files);

	if (!file)
		return ks_error_nomem(err);
	file->object = intern(&m->objects, path, ".o", '-');
	file->name = intern(&m->names, base_name(path), "", '_');
	if (file->object == KS_STRPOOL_NONE || file->name == KS_STRPOOL_NONE) {
		m->files.len--;
		return ks_error_nomem(err);
	}
	return 0;
}

int ks_modules_read_builtin(struct ks_modules *m, const struct ks_file *f, struct ksym_error *err)
{
	struct ks_lines l = ks_lines(f);
	int ret = ks_check_text(f, err);

	m->has_builtin = true;
	while (!ret && ks_lines_next(&l)) {
		struct word rest = { l.s, l.len }, w, more;

		if (!next_word(&rest, &w) || *w.s == '#')
			continue;
		if (!has_suffix(w, ".ko") || next_word(&rest, &more))
			return expected(f, &l, "the path of a module, \"kernel/fs/ext4/ext4.ko\"",
					err);
		w = cut_prefix(cut_suffix(w, ".ko"), "kernel/");
		if (!base_name(w).len)
			return expected(f, &l, "the path of a module, \"kernel/fs/ext4/ext4.ko\"",
					err);
		ret = add_file(m, w, err);
	}
	return ret;
}

/* "ext4.file=fs/ext4/ext4", several paths when modules share the object that says so. */
static int read_entry(struct ks_modules *m, struct word entry, struct ksym_error *err)
{
	static const char key[] = ".file=";
	const char *found = memmem(entry.s, entry.len, key, strlen(key)), *value;
	struct word rest, path;
	int ret = 0;

	if (!found || memchr(entry.s, '=', entry.len) != found + strlen(key) - 1)
		return 0;
	value = found + strlen(key);
	rest = (struct word){ value, entry.len - (size_t)(value - entry.s) };
	while (!ret && next_word(&rest, &path)) {
		if (!base_name(path).len)
			continue;
		m->has_builtin = true;
		ret = add_file(m, path, err);
	}
	return ret;
}

int ks_modules_read_modinfo(struct ks_modules *m, const void *data, size_t len,
			    struct ksym_error *err)
{
	const char *s = data, *end;
	int ret = 0;

	if (!len)
		return 0;
	end = s + len;
	while (s < end && !ret) {
		size_t nr = strnlen(s, (size_t)(end - s));

		ret = read_entry(m, (struct word){ s, nr }, err);
		s += nr + ((size_t)(end - s) > nr);
	}
	return ret;
}

/* ------------------------------------------------- claims */

int ks_modules_claim(struct ks_modules *m, const char *object, size_t object_len,
		     const char *modfile, size_t modfile_len, struct ksym_error *err)
{
	struct ks_module_claim *c = ks_vec_push(&m->claims);

	if (!c)
		return ks_error_nomem(err);
	c->object = intern_object(m, (struct word){ object, object_len });
	c->file = intern(&m->objects, (struct word){ modfile, modfile_len }, ".o", '-');
	if (c->object == KS_STRPOOL_NONE || c->file == KS_STRPOOL_NONE) {
		m->claims.len--;
		return ks_error_nomem(err);
	}
	return 0;
}

/* Make pairs of the claims that modules.builtin confirms; forget all. */
static int settle_claims(struct ks_modules *m, struct ksym_error *err)
{
	uint32_t *name_of = NULL;	/* by object: module whose file it is, + 1 */

	if (!m->files.len || !m->claims.len) {
		ks_vec_free(&m->claims);
		return 0;
	}
	name_of = calloc(m->objects.nr, sizeof(*name_of));
	if (!name_of || !ks_vec_reserve(&m->pairs, m->claims.len)) {
		free(name_of);
		return ks_error_nomem(err);
	}
	for (size_t i = 0; i < m->files.len; i++)
		name_of[m->files.data[i].object] = m->files.data[i].name + 1;
	for (size_t i = 0; i < m->claims.len; i++) {
		const struct ks_module_claim *c = &m->claims.data[i];

		if (name_of[c->file])
			m->pairs.data[m->pairs.len++] = (struct ks_module_pair){
				c->object, name_of[c->file] - 1, KSYM_MODULE_SOURCE_CMD
			};
	}
	free(name_of);
	ks_vec_free(&m->claims);
	return 0;
}

static int compare_pairs(const void *a, const void *b, void *arg)
{
	const struct ks_module_pair *x = a, *y = b;
	const struct ks_modules *m = arg;

	if (x->object != y->object)
		return strcmp(ks_strpool_get(&m->objects, x->object),
			      ks_strpool_get(&m->objects, y->object));
	if (x->name != y->name)
		return strcmp(ks_strpool_get(&m->names, x->name),
			      ks_strpool_get(&m->names, y->name));
	return 0;
}

int ks_modules_finish(struct ks_modules *m, struct ksym_error *err)
{
	struct ks_module_pair *p;
	size_t nr = 0;
	int ret = settle_claims(m, err);

	if (ret || !m->pairs.len)
		return ret;
	p = m->pairs.data;
	qsort_r(p, m->pairs.len, sizeof(*p), compare_pairs, m);
	for (size_t i = 1; i < m->pairs.len; i++) {
		if (p[nr].object == p[i].object && p[nr].name == p[i].name)
			p[nr].sources |= p[i].sources;
		else
			p[++nr] = p[i];
	}
	m->pairs.len = nr + 1;
	return 0;
}

void ks_modules_free(struct ks_modules *m)
{
	ks_strpool_free(&m->objects);
	ks_strpool_free(&m->names);
	ks_vec_free(&m->pairs);
	ks_vec_free(&m->files);
	ks_vec_free(&m->claims);
	m->has_builtin = false;
}

/* ------------------------------------------------- formats */

/* "00001000-00002000" */
static bool is_offset_pair(struct word w)
{
	const char *dash = memchr(w.s, '-', w.len);
	uint64_t off;

	return dash && ks_map_hex(w.s, (size_t)(dash - w.s), &off) &&
	       ks_map_hex(dash + 1, (size_t)(w.s + w.len - (dash + 1)), &off);
}

enum ks_modules_format ks_modules_format(const struct ks_file *f)
{
	struct ks_lines l = ks_lines(f);
	enum ks_modules_format format = KS_MODULES_EMPTY;

	while (ks_lines_next(&l)) {
		struct word rest = { l.s, l.len }, w, second;

		if (!next_word(&rest, &w) || *w.s == '#')
			continue;
		if (next_word(&rest, &second) && is_offset_pair(second))
			return KS_MODULES_RANGES;
		if (has_suffix(w, ".o") || memchr(l.s, ':', l.len))
			return KS_MODULES_OBJS;
		if (!has_suffix(w, ".ko"))
			return KS_MODULES_UNKNOWN;
		if (second.len)
			return KS_MODULES_OBJS;
		/* So is a module of one object in a list of objects: look further. */
		format = KS_MODULES_BUILTIN;
	}
	return format;
}

int ks_modules_read_any(struct ks_modules *m, const struct ks_file *f, struct ksym_error *err)
{
	switch (ks_modules_format(f)) {
	case KS_MODULES_EMPTY:
		return 0;
	case KS_MODULES_OBJS:
		return ks_modules_read_objs(m, f, err);
	case KS_MODULES_BUILTIN:
		return ks_modules_read_builtin(m, f, err);
	case KS_MODULES_RANGES:
		return ks_error(err, -ENOTSUP, "%s:1: expected objects of modules, found ranges",
				f->path);
	case KS_MODULES_UNKNOWN:
		break;
	}
	return ks_error(err, -EBADMSG,
			"%s:1: expected modules.builtin.objs, modules_thick.builtin or modules.builtin",
			f->path);
}
