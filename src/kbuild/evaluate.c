// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Objects of built-in modules, from a source tree and a .config.
 *
 * First every object of vmlinux is found, with the KBUILD_MODFILE a build would
 * give it (evaluate-tree.c).  That is not yet a module: the kernel compiles every
 * object as if it were part of one.  A module is what modules.builtin lists, and
 * that is made of the "file=" entry MODULE_LICENSE() leaves in .modinfo.
 */
#include "kbuild/evaluate-tree.h"

static int compare_parts(const void *a, const void *b, void *arg)
{
	const struct ks_kbuild_part *x = a, *y = b;
	const struct ks_strpool *p = arg;
	int c = strcmp(ks_strpool_get(p, x->object), ks_strpool_get(p, y->object));

	return c ? c : strcmp(ks_strpool_get(p, x->module), ks_strpool_get(p, y->module));
}

static void sort_parts(struct ks_kbuild *k)
{
	size_t nr = 0;

	if (!k->parts.len)
		return;
	qsort_r(k->parts.data, k->parts.len, sizeof(*k->parts.data), compare_parts, &k->strings);
	for (size_t i = 0; i < k->parts.len; i++) {
		const struct ks_kbuild_part *p = &k->parts.data[i];

		if (!nr || p->object != p[-1].object || p->module != p[-1].module)
			k->parts.data[nr++] = *p;
	}
	k->parts.len = nr;
}

struct ks_kbuild_config {
	struct ks_file file;
	struct ks_kconfig options; /* its strings lie in the file */
};

static int read_config(struct ks_kbuild *k, const char *path, struct ksym_error *err)
{
	int ret;

	k->config = calloc(1, sizeof(*k->config));
	if (!k->config)
		return ks_error_nomem(err);
	ret = ks_file_open(&k->config->file, path, err);
	return ret ? ret : ks_kconfig_read(&k->config->options, &k->config->file, err);
}

static int find_arch(struct ks_tree *t, const struct ks_evaluate_opts *opts, struct ksym_error *err)
{
	t->arch = opts->arch ? ks_kconfig_srcarch(opts->arch) : t->config->arch;
	if (!t->arch[0])
		return ks_error(err, -EBADMSG,
				"%s: neither its first lines nor its options tell "
				"the architecture",
				opts->config_file);
	/* It goes into a makefile. */
	if (strlen(t->arch) > 32 ||
	    t->arch[strspn(t->arch, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
		return ks_error(err, -EBADMSG, "%s: no architecture is called '%.40s'",
				opts->arch ? "ARCH" : opts->config_file, t->arch);
	return 0;
}

int ks_kbuild_read(struct ks_kbuild *k, const struct ks_evaluate_opts *opts, struct ksym_error *err)
{
	struct ks_tree tree = { .opts = opts, .out = k };
	int ret;

	*k = (struct ks_kbuild){ 0 };
	ret = read_config(k, opts->config_file, err);
	if (!ret) {
		tree.config = &k->config->options;
		ret = find_arch(&tree, opts, err);
	}
	if (!ret)
		ret = ks_tree_open(&tree, err);
	if (!ret)
		ret = ks_tree_start(&tree, err);
	if (!ret)
		ret = ks_tree_walk(&tree, err);
	ks_tree_close(&tree);
	if (ret)
		ks_kbuild_free(k);
	else
		sort_parts(k);
	return ret;
}

/* @is_module by number of the string: what has a license in one of its sources. */
static int find_licenses(struct ks_kbuild *k, const struct ks_evaluate_opts *opts,
			 uint8_t *is_module, struct ksym_error *err)
{
	struct ks_license license = { .source_tree = opts->source_tree,
				      .config = &k->config->options };
	uint32_t object = KS_STRPOOL_NONE;
	bool found = false;
	int ret = 0;

	for (size_t i = 0; !ret && i < k->parts.len; i++) {
		const struct ks_kbuild_part *p = &k->parts.data[i];

		/* Sorted, so an object of several modules is looked at once. */
		if (p->object != object)
			ret = ks_license_find(&license, ks_strpool_get(&k->strings, p->object),
					      &found, err);
		object = p->object;
		is_module[p->module] |= found;
	}
	ks_license_free(&license);
	return ret;
}

int ks_kbuild_keep_modules(struct ks_kbuild *k, const struct ks_evaluate_opts *opts,
			   const struct ks_strpool *builtin, struct ksym_error *err)
{
	uint8_t *is_module = calloc(k->strings.nr + 1, 1);
	size_t nr = 0;
	int ret = 0;

	if (!is_module)
		return ks_error_nomem(err);
	if (builtin) {
		for (uint32_t i = 0; i < k->strings.nr; i++) {
			const struct ks_strpool_entry *e = &k->strings.entries[i];

			is_module[i] = ks_strpool_find(builtin, e->s, e->len) != KS_STRPOOL_NONE;
		}
	} else {
		ret = find_licenses(k, opts, is_module, err);
	}
	for (size_t i = 0; i < k->parts.len; i++)
		if (is_module[k->parts.data[i].module])
			k->parts.data[nr++] = k->parts.data[i];
	k->parts.len = nr;
	free(is_module);
	return ret;
}

void ks_kbuild_free(struct ks_kbuild *k)
{
	if (k->config) {
		ks_kconfig_free(&k->config->options);
		ks_file_close(&k->config->file);
		free(k->config);
		k->config = NULL;
	}
	ks_strpool_free(&k->strings);
	ks_vec_free(&k->parts);
}

/* Names are kept as KBUILD_MODNAME: no directory, no ".o", '-' as '_'. */
static int add_pair(struct ks_modules *m, const struct ks_kbuild *k, const struct ks_kbuild_part *p,
		    struct ksym_error *err)
{
	const char *object = ks_strpool_get(&k->strings, p->object);
	const char *module = ks_strpool_get(&k->strings, p->module);
	char *name = strdup(strrchr(module, '/') ? strrchr(module, '/') + 1 : module);
	size_t len = name ? strlen(name) : 0;
	int ret;

	if (!name)
		return ks_error_nomem(err);
	if (len > 2 && !strcmp(name + len - 2, ".o"))
		len -= 2;
	for (size_t i = 0; i < len; i++)
		if (name[i] == '-')
			name[i] = '_';
	ret = ks_modules_add(m, object, strlen(object), name, len, KSYM_MODULE_SOURCE_KBUILD, err);
	free(name);
	return ret;
}

static int builtin_paths(const struct ks_modules *m, struct ks_strpool *paths,
			 struct ksym_error *err)
{
	for (size_t i = 0; i < m->files.len; i++) {
		const char *path = ks_strpool_get(&m->objects, m->files.data[i].object);

		if (ks_strpool_add(paths, path, strlen(path)) == KS_STRPOOL_NONE)
			return ks_error_nomem(err);
	}
	return 0;
}

int ks_kbuild_evaluate(struct ks_modules *m, const struct ks_evaluate_opts *opts,
		       struct ksym_error *err)
{
	struct ks_strpool builtin ks_cleanup_strpool = { 0 };
	struct ks_kbuild k;
	int ret = builtin_paths(m, &builtin, err);

	if (ret)
		return ret;
	ret = ks_kbuild_read(&k, opts, err);
	if (ret)
		return ret;
	ret = ks_kbuild_keep_modules(&k, opts, m->has_builtin ? &builtin : NULL, err);
	for (size_t i = 0; !ret && i < k.parts.len; i++)
		ret = add_pair(m, &k, &k.parts.data[i], err);
	ks_kbuild_free(&k);
	return ret;
}
