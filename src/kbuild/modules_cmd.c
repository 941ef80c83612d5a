// SPDX-License-Identifier: LGPL-2.1-or-later
/* Modules of objects, from the .cmd files of a build tree. */
#include "kbuild/modules.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kbuild/cmd.h"
#include "kbuild/linkmap_line.h"

static const char suffix[] = ".o.cmd";

static int add_line(struct ks_modules *m, const char *object, size_t object_len, const char *line,
		    size_t len, struct ksym_error *err)
{
	struct ks_cmd_modfiles files = ks_cmd_modfiles(line, len);
	const char *s = files.s, *end = s + files.len;
	int ret = 0;

	if (!files.len)
		return 0;
	if (!ks_cmd_has_several(files))
		return ks_modules_claim(m, object, object_len, s, files.len, err);
	while (!ret && s < end) {
		const char *stop = memchr(s, ' ', (size_t)(end - s));

		if (!stop)
			stop = end;
		if (stop > s && stop[-1] != '/')
			ret = ks_modules_add(m, object, object_len, s, (size_t)(stop - s),
					     KSYM_MODULE_SOURCE_CMD, err);
		s = stop + 1;
	}
	return ret;
}

int ks_modules_read_cmd(struct ks_modules *m, const char *object, const struct ks_file *f,
			struct ksym_error *err)
{
	struct ks_lines l = ks_lines(f);
	int ret = ks_check_text(f, err);

	if (ret || !ks_lines_next(&l))
		return ret;
	return add_line(m, object, strlen(object), l.s, l.len, err);
}

/* Was the object built to be part of a loadable module? */
static bool is_loadable(const char *line, size_t len)
{
	static const char flag[] = " -DMODULE ";

	return memmem(line, len, flag, sizeof(flag) - 1) != NULL;
}

/* ".super.o.cmd" at @e: add what it says of "fs/ext4/super.o". */
static int read_tree_cmd(struct ks_modules *m, struct ks_cmd_reader *r, const FTSENT *e,
			 size_t *nr_cmds, struct ksym_error *err)
{
	/* The path below the tree: after the tree's own name and '/'. */
	const char *path = e->fts_path + strlen(r->dir);
	const char *name = e->fts_name + 1;
	size_t name_len = e->fts_namelen - 1 - strlen(".cmd");
	char *object;
	int dir_len, ret;

	while (*path == '/')
		path++;
	dir_len = (int)(e->fts_path + e->fts_pathlen - e->fts_namelen - path);
	ret = ks_cmd_read(r, path, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	++*nr_cmds;
	if (is_loadable(r->line.data, r->line.len) || memchr(r->line.data, 0, r->line.len))
		return 0;
	if (asprintf(&object, "%.*s%.*s", dir_len, path, (int)name_len, name) < 0)
		return ks_error_nomem(err);
	ret = add_line(m, object, strlen(object), r->line.data, r->line.len, err);
	free(object);
	return ret;
}

static bool is_object_cmd(const FTSENT *e)
{
	size_t n = sizeof(suffix) - 1;

	return e->fts_namelen > n + 1 && e->fts_name[0] == '.' &&
	       !strcmp(e->fts_name + e->fts_namelen - n, suffix);
}

/* Directories without objects of the kernel. */
static bool is_foreign(const FTSENT *e)
{
	static const char *const top[] = { "tools", "scripts", "Documentation", "debian" };

	if (e->fts_level > 0 && e->fts_name[0] == '.')
		return true;
	for (size_t i = 0; e->fts_level == 1 && i < sizeof(top) / sizeof(*top); i++)
		if (!strcmp(e->fts_name, top[i]))
			return true;
	return false;
}

static int walk(struct ks_modules *m, struct ks_cmd_reader *r, FTS *fts, struct ksym_error *err)
{
	size_t nr_cmds = 0;
	int ret = 0;
	FTSENT *e;

	while (!ret && (errno = 0, e = fts_read(fts))) {
		switch (e->fts_info) {
		case FTS_D:
			if (is_foreign(e))
				fts_set(fts, e, FTS_SKIP);
			break;
		case FTS_DNR:
		case FTS_ERR:
			return ks_error_errno(err, e->fts_errno, e->fts_path, "cannot read");
		case FTS_NSOK:
		case FTS_F:
			if (is_object_cmd(e))
				ret = read_tree_cmd(m, r, e, &nr_cmds, err);
			break;
		}
	}
	if (ret)
		return ret;
	if (errno)
		return ks_error_errno(err, errno, r->dir, "cannot read");
	if (!nr_cmds)
		return ks_error(err, -ENODATA, "%s: expected a kernel build tree, found no .cmd files",
				r->dir);
	return 0;
}

/* modules.builtin of the tree, unless one was read already or there is none. */
static int read_tree_builtin(struct ks_modules *m, const char *tree, struct ksym_error *err)
{
	struct ks_file f;
	char *path;
	int ret = 0;

	if (m->has_builtin)
		return 0;
	if (asprintf(&path, "%s/modules.builtin", tree) < 0)
		return ks_error_nomem(err);
	if (!access(path, F_OK)) {
		ret = ks_file_open(&f, path, err);
		if (!ret) {
			ret = ks_modules_read_builtin(m, &f, err);
			ks_file_close(&f);
		}
	}
	free(path);
	return ret;
}

int ks_modules_read_cmds(struct ks_modules *m, const char *build_tree, struct ksym_error *err)
{
	struct ks_cmd_reader r = { .dir = build_tree, .flags = O_NOFOLLOW };
	char *const roots[] = { (char *)build_tree, NULL };
	FTS *fts;
	int ret = read_tree_builtin(m, build_tree, err);

	if (ret)
		return ret;
	r.dirfd = open(build_tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r.dirfd < 0)
		return ks_error_errno(err, errno, build_tree, "cannot open");
	fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR | FTS_NOSTAT, NULL);
	if (fts) {
		ret = walk(m, &r, fts, err);
		fts_close(fts);
	} else {
		ret = ks_error_errno(err, errno, build_tree, "cannot read");
	}
	ks_cmd_reader_free(&r);
	close(r.dirfd);
	return ret;
}
