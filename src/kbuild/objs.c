// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * modules.builtin.objs: for each built-in module one line, sorted,
 *
 *	fs/exportfs/exportfs.o: fs/exportfs/expfs.o
 *	fs/mbcache.o: fs/mbcache.o
 *
 * the path of its .ko with the suffix .o, then its objects, sorted as well.
 */
#include <stdlib.h>
#include <string.h>
#include "base/opts.h"
#include "kbuild/evaluate.h"
#include "kbuild/evaluate-parts.h"
#include "kbuild/modules.h"

static int compare_lines(const void *a, const void *b, void *arg)
{
	const struct ks_kbuild_part *x = a, *y = b;
	const struct ks_strpool *p = arg;
	int c = strcmp(ks_strpool_get(p, x->module), ks_strpool_get(p, y->module));

	return c ? c : strcmp(ks_strpool_get(p, x->object), ks_strpool_get(p, y->object));
}

static int write_lines(struct ks_kbuild *k, ksym_write_fn fn, void *arg, struct ksym_error *err)
{
	const struct ks_kbuild_part *p = k->parts.data;
	struct ks_text line ks_cleanup_text = { 0 };
	int ret = 0;

	if (!k->parts.len)
		return 0;
	qsort_r(k->parts.data, k->parts.len, sizeof(*p), compare_lines, &k->strings);
	for (size_t i = 0; !ret && i < k->parts.len; i++) {
		bool first = !i || p[i].module != p[i - 1].module;
		bool last = i + 1 == k->parts.len || p[i].module != p[i + 1].module;

		if (first)
			ks_text_addf(&line, "%s:", ks_strpool_get(&k->strings, p[i].module));
		if (first || p[i].object != p[i - 1].object)
			ks_text_addf(&line, " %s", ks_strpool_get(&k->strings, p[i].object));
		if (!last)
			continue;
		ks_text_add(&line, "\n", 1);
		if (line.nomem)
			return ks_error_nomem(err);
		ret = fn(arg, line.data, line.len);
		if (ret)
			ks_error(err, ret, "the output was not taken");
		line.len = 0;
	}
	return ret;
}

/* How much of their directories two paths share. */
static size_t shared_dirs(const char *a, const char *b)
{
	size_t shared = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '/')
			shared = i + 1;
	return shared;
}

/* The path of the module called @name that @object is in.  Of several modules of
 * one name, which a kernel should not have, the one that lies nearest. */
static const char *module_path(const struct ks_modules *m, uint32_t name, const char *object)
{
	const char *best = NULL;

	for (size_t i = 0; i < m->files.len; i++) {
		const char *path = ks_strpool_get(&m->objects, m->files.data[i].object);

		if (m->files.data[i].name == name &&
		    (!best || shared_dirs(path, object) > shared_dirs(best, object)))
			best = path;
	}
	return best;
}

/* Objects of the modules that modules.builtin lists, as .cmd files tell. */
/* The caller's modules.builtin, if there is one. */
static int read_builtin(struct ks_modules *m, const char *path, struct ksym_error *err)
{
	struct ks_file f ks_cleanup_file = { 0 };
	int ret;

	if (!path)
		return 0;
	ret = ks_file_open(&f, path, err);
	return ret ? ret : ks_modules_read_builtin(m, &f, err);
}

static int read_build_tree(struct ks_kbuild *k, const struct ksym_objs_opts *o,
			   struct ksym_error *err)
{
	const char *tree = o->build_tree;
	struct ks_modules m = { 0 };
	int ret = read_builtin(&m, o->modules_builtin, err);

	if (!ret)
		ret = ks_modules_read_cmds(&m, tree, err);
	if (!ret)
		ret = ks_modules_finish(&m, err);
	if (!ret && !m.has_builtin)
		ret = ks_error(err, -ENODATA, "%s/modules.builtin: no such file", tree);
	for (size_t i = 0; !ret && i < m.pairs.len; i++) {
		const char *object = ks_strpool_get(&m.objects, m.pairs.data[i].object);
		const char *module = module_path(&m, m.pairs.data[i].name, object);
		struct ks_kbuild_part *p;

		if (!module)
			continue;
		p = ks_vec_push(&k->parts);
		if (!p) {
			ret = ks_error_nomem(err);
			break;
		}
		p->object = ks_strpool_add(&k->strings, object, strlen(object));
		p->module = ks_strpool_add(&k->strings, module, strlen(module));
		if (p->object == KS_STRPOOL_NONE || p->module == KS_STRPOOL_NONE)
			ret = ks_error_nomem(err);
	}
	ks_modules_free(&m);
	return ret;
}

static int read_source_tree(struct ks_kbuild *k, const struct ksym_objs_opts *o,
			    struct ksym_error *err)
{
	const struct ks_evaluate_opts opts = {
		.source_tree = o->source_tree,
		.config_file = o->config_file,
		.arch = o->arch,
		.message = o->message,
		.message_arg = o->message_arg,
	};
	struct ks_strpool builtin ks_cleanup_strpool = { 0 };
	struct ks_modules m = { 0 };
	int ret;

	if (!o->config_file)
		return ks_error(err, -EINVAL, "a source tree needs a configuration file");
	if (o->message)
		o->message(o->message_arg, KSYM_MESSAGE_PROGRESS, "evaluating the source tree");
	ret = read_builtin(&m, o->modules_builtin, err);
	for (size_t i = 0; i < m.files.len && !ret; i++) {
		const char *path = ks_strpool_get(&m.objects, m.files.data[i].object);

		if (ks_strpool_add(&builtin, path, strlen(path)) == KS_STRPOOL_NONE)
			ret = ks_error_nomem(err);
	}
	if (!ret)
		ret = ks_kbuild_read(k, &opts, err);
	if (!ret)
		ret = ks_kbuild_keep_modules(k, &opts, m.has_builtin ? &builtin : NULL, err);
	ks_modules_free(&m);
	return ret;
}

int ksym_objs_write(const struct ksym_objs_opts *opts, ksym_write_fn fn, void *arg,
		    struct ksym_error *err)
{
	struct ks_kbuild k = { 0 };
	struct ksym_objs_opts o;
	int ret = ks_opts_copy(&o, sizeof(o), opts, err);

	if (ret)
		return ret;
	if (!o.source_tree == !o.build_tree)
		return ks_error(err, -EINVAL, "either a source tree or a build tree is needed");
	ret = o.build_tree ? read_build_tree(&k, &o, err) : read_source_tree(&k, &o, err);
	if (!ret)
		ret = write_lines(&k, fn, arg, err);
	ks_kbuild_free(&k);
	return ret;
}
