// SPDX-License-Identifier: LGPL-2.1-or-later
/* An index from a file: one that is there, or one made of an image. */
#include "base/opts.h"
#include "index/hash.h"
#include "index/index.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool ks_index_is(const char *path)
{
	uint8_t magic[KS_MAGIC_LEN];
	struct stat st;
	bool is;
	int fd;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	is = pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	     !memcmp(magic, KS_MAGIC, KS_MAGIC_LEN);
	close(fd);
	return is;
}

/* An index of the open @file, which it takes over also when it fails. */
static int from_file(struct ks_file *file, const char *path, struct ksym_index **out,
		     struct ksym_error *err)
{
	struct ksym_index *idx = calloc(1, sizeof(*idx));
	const char *why;
	int ret;

	*out = NULL;
	if (!idx) {
		ks_file_close(file);
		return ks_error_nomem(err);
	}
	idx->file = *file;
	idx->path = strdup(path);
	ret = idx->path ? ks_tables_init(&idx->t, file->data, file->len, ks_index_hash, &why)
			: ks_error_nomem(err);
	if (ret && idx->path)
		ks_error(err, ret, "%s: %s", path, why);
	if (ret)
		ksym_index_close(idx);
	else
		*out = idx;
	return ret;
}

int ksym_index_open(const char *path, struct ksym_index **out, struct ksym_error *err)
{
	struct ks_file file;
	int ret = ks_file_open(&file, path, err);

	*out = NULL;
	return ret ? ret : from_file(&file, path, out, err);
}

int ksym_index_load(const char *path, const struct ksym_build_opts *opts, struct ksym_index **out,
		    struct ksym_error *err)
{
	struct ksym_build_opts o;
	struct ks_file file;
	int ret = ks_file_open(&file, path, err);

	*out = NULL;
	if (ret)
		return ret;
	if (file.len < KS_MAGIC_LEN || memcmp(file.data, KS_MAGIC, KS_MAGIC_LEN)) {
		bool mapped = file.mapped, empty = !file.len;

		ks_file_close(&file);
		if (!mapped && !empty)
			return ks_error(err, -ENOTSUP, "%s: no index; an image cannot be read from a pipe",
					path);
		return ksym_index_build(path, opts, out, err);
	}
	ret = ks_opts_copy(&o, sizeof(o), opts, err);
	if (!ret && (o.map_files || o.builtin_files || o.build_tree || o.source_tree || o.debug_file ||
		     o.select))
		ret = ks_error(err, -EINVAL, "%s: is an index: maps, trees, lists and a selection belong to `ksym index`",
			       path);
	if (ret) {
		ks_file_close(&file);
		return ret;
	}
	ret = from_file(&file, path, out, err);
	if (!ret)
		ret = ksym_index_verify(*out, err);
	if (ret) {
		ksym_index_close(*out);
		*out = NULL;
	}
	return ret;
}
