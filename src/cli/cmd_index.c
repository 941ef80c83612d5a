// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli.h"

#include <ksym/versions.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void hex_build_id(const struct ksym_index_info *info, char *buf)
{
	for (uint32_t i = 0; i < info->build_id_len; i++)
		buf += sprintf(buf, "%02x", info->build_id[i]);
	*buf = 0;
}

static void print_json(const char *path, const struct ksym_index_info *info)
{
	struct json_object *o = json_object_new_object();
	char id[130];

	hex_build_id(info, id);
	json_object_object_add(o, "index", cli_json_string(path));
	json_object_object_add(o, "bytes", json_object_new_uint64(info->file_len));
	json_object_object_add(o, "build_id", json_object_new_string(id));
	json_object_object_add(o, "symbols", json_object_new_int64(info->nr_symbols));
	json_object_object_add(o, "objects", json_object_new_int64(info->nr_objects));
	json_object_object_add(o, "modules", json_object_new_int64(info->nr_modules));
	json_object_object_add(o, "versions", json_object_new_boolean(info->has_versions));
	cli_json_print(o);
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* Make *@idx one that has the versions of @image as well. */
static int add_versions(const struct cli_args *a, const char *image, struct ksym_index **idx)
{
	struct ksym_versions_opts o = KSYM_OPTS(o, .debug_file = cli_value(a, OPT_DEBUG),
		.no_debug_search = a->given[OPT_NO_DEBUG_SEARCH], .stable = a->given[OPT_STABLE]);
	struct ksym_index *with;
	struct ksym_versions *v;
	struct ksym_error err;
	int status, ret;

	if (!cli_jobs(a, &o.nr_threads, &status))
		return status;
	if (!a->given[OPT_QUIET])
		o.message = cli_message;
	if (ksym_versions_read(image, &o, &v, &err))
		return cli_fail(&err);
	ret = ksym_index_with_versions(*idx, v, &with, &err);
	ksym_versions_close(v);
	if (ret)
		return cli_fail(&err);
	ksym_index_close(*idx);
	*idx = with;
	return CLI_OK;
}

int cmd_index(const struct cli_args *a)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	const char *path = cli_value(a, OPT_OUTPUT);
	struct ksym_build_opts opts;
	struct ksym_index *idx;
	struct ksym_error err;
	char *default_path = NULL;
	int status, ret;

	if (!cli_build_opts(a, &opts, &status))
		return status;
	if (!a->given[OPT_VERSIONS] && (a->given[OPT_STABLE] || a->given[OPT_JOBS]))
		return cli_usage_error(a, "--stable and --jobs go with --versions");
	ret = ksym_index_build(a->operands[0], &opts, &idx, &err);
	if (ret)
		return cli_fail(&err);
	if (a->given[OPT_VERSIONS]) {
		status = add_versions(a, a->operands[0], &idx);
		if (status)
			goto out;
	}
	if (!path) {
		if (asprintf(&default_path, "%s.ksym", a->operands[0]) < 0)
			default_path = NULL;
		path = default_path;
	}
	if (path && is_same_file(path, a->operands[0])) {
		status = cli_usage_error(a, "%s is the image itself", path);
		goto out;
	}
	if (!path || ksym_index_write(idx, path, &err)) {
		status = path ? cli_fail(&err) : CLI_SYSTEM;
		goto out;
	}
	cli_progress_end();
	ksym_index_info(idx, &info);
	if (a->given[OPT_JSON])
		print_json(path, &info);
	else if (!a->given[OPT_QUIET] && isatty(STDERR_FILENO))
		fprintf(stderr, "%s: %u symbols, %u objects, %u modules, %.1f MB\n", path,
			info.nr_symbols, info.nr_objects, info.nr_modules,
			(double)info.file_len / 1e6);
out:
	free(default_path);
	ksym_index_close(idx);
	return status;
}
