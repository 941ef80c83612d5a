// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a machine offers.  Nothing of it has to be there but /proc. */
#include "live/live.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/opts.h"
#include "live/kallsyms.h"

char *ks_live_path(const struct ksym_live *l, const char *fmt, ...)
{
	char *rest, *path;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&rest, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	if (asprintf(&path, "%s%s", l->sysroot, rest) < 0)
		path = NULL;
	free(rest);
	return path;
}

int ks_live_file(const struct ksym_live *l, const char *path, struct ks_file *f, char **path_out,
		 struct ksym_error *err)
{
	int ret;

	*path_out = ks_live_path(l, "%s", path);
	if (!*path_out)
		return ks_error_nomem(err);
	ret = ks_file_open(f, *path_out, NULL);
	return ret == -ENOMEM ? ks_error_nomem(err) : !ret;
}

static int exists(const struct ksym_live *l, const char *path, bool *is, struct ksym_error *err)
{
	char *full = ks_live_path(l, "%s", path);

	*is = full && !access(full, F_OK);
	free(full);
	return full ? 0 : ks_error_nomem(err);
}

/* The number in a file of /proc/sys, -1 when there is none. */
static int number_in(const struct ksym_live *l, const char *path, int *v, struct ksym_error *err)
{
	char text[16] = "", *full;
	struct ks_file f;
	int ret = ks_live_file(l, path, &f, &full, err);

	*v = -1;
	if (ret > 0) {
		memcpy(text, f.data, f.len < sizeof(text) - 1 ? f.len : sizeof(text) - 1);
		if (strchr("-0123456789", text[0]) && text[0])
			*v = atoi(text);
		ks_file_close(&f);
	}
	free(full);
	return ret < 0 ? ret : 0;
}

/* It becomes part of paths. */
static int read_release(struct ksym_live *l, struct ksym_error *err)
{
	char *path = ks_live_path(l, "/proc/sys/kernel/osrelease");
	struct ks_file f;
	size_t n = 0;
	int ret;

	if (!path)
		return ks_error_nomem(err);
	ret = ks_file_open(&f, path, err);
	if (ret)
		goto out;
	while (n < f.len && f.data[n] > 0x20 && f.data[n] < 0x7f && f.data[n] != '/')
		n++;
	if (!n || n > 255 || f.data[0] == '.' || (n < f.len && f.data[n] != '\n'))
		ret = ks_error(err, -EBADMSG, "%s: expected the release of a kernel", path);
	else if (!(l->release = strndup((const char *)f.data, n)))
		ret = ks_error_nomem(err);
	ks_file_close(&f);
out:
	free(path);
	return ret;
}

/* A kernel may be without notes, or without a build ID in them. */
static int read_build_id(struct ksym_live *l, struct ksym_error *err)
{
	struct ks_file f;
	const uint8_t *id;
	char *path;
	int ret = ks_live_file(l, "/sys/kernel/notes", &f, &path, err);

	if (ret > 0) {
		id = ks_notes_build_id(f.data, f.len, &l->build_id_len);
		if (id)
			memcpy(l->build_id, id, l->build_id_len);
		ks_file_close(&f);
	}
	free(path);
	return ret < 0 ? ret : 0;
}

static int count_kallsyms(struct ksym_live *l, struct ksym_error *err)
{
	struct ks_kallsyms_line line;
	struct ks_kallsyms k;
	struct ks_file f;
	char *path;
	/* A kernel without it is one more thing to tell. */
	int ret = ks_live_file(l, "/proc/kallsyms", &f, &path, err);

	if (ret > 0) {
		k = ks_kallsyms(&f);
		while ((ret = ks_kallsyms_next(&k, &line, err)) > 0) {
			l->info.nr_kernel_symbols += !line.module_len;
			l->info.nr_module_symbols += !!line.module_len;
			l->info.shows_addresses |= line.va != 0;
		}
		ks_file_close(&f);
	}
	free(path);
	return ret;
}

/* The type that programs for the iterator are written for is in the kernel's BTF. */
static int look_at_btf(struct ksym_live *l, struct ksym_error *err)
{
	static const char name[] = "\0bpf_iter__ksym";
	struct ks_file f;
	char *path;
	int ret = ks_live_file(l, "/sys/kernel/btf/vmlinux", &f, &path, err);

	if (ret > 0) {
		l->info.has_btf = f.len > 0;
		l->info.has_ksym_iterator = memmem(f.data, f.len, name, sizeof(name)) != NULL;
		ks_file_close(&f);
	}
	free(path);
	return ret < 0 ? ret : 0;
}

static int look_at_files(struct ksym_live *l, struct ksym_error *err)
{
	static const char *const names[] = {
		[KS_LIVE_BUILTIN] = "modules.builtin",
		[KS_LIVE_MODINFO] = "modules.builtin.modinfo",
		[KS_LIVE_RANGES] = "modules.builtin.ranges",
		[KS_LIVE_OBJS] = "modules.builtin.objs",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *path = ks_live_path(l, "/lib/modules/%s/%s", l->release, names[i]);

		if (!path)
			return ks_error_nomem(err);
		if (access(path, R_OK)) {
			free(path);
			path = NULL;
		}
		l->builtin_path[i] = path;
	}
	l->iterator_path = ks_live_path(l, "%s/kallmodsyms", KSYM_MOUNT_DIR);
	if (!l->iterator_path)
		return ks_error_nomem(err);
	if (access(l->iterator_path, F_OK)) {
		free(l->iterator_path);
		l->iterator_path = NULL;
	}
	return 0;
}

static int fill_info(struct ksym_live *l, struct ksym_error *err)
{
	struct ksym_live_info *i = &l->info;
	bool has_file = false, has_module = false;
	int ret;

	i->release = l->release;
	i->build_id = l->build_id;
	i->build_id_len = l->build_id_len;
	i->index_path = l->index_path;
	i->index_why = l->index_why;
	i->iterator_path = l->iterator_path;
	i->modules_builtin = l->builtin_path[KS_LIVE_BUILTIN];
	i->modules_builtin_modinfo = l->builtin_path[KS_LIVE_MODINFO];
	i->modules_builtin_ranges = l->builtin_path[KS_LIVE_RANGES];
	i->modules_builtin_objs = l->builtin_path[KS_LIVE_OBJS];
	ret = number_in(l, "/proc/sys/kernel/kptr_restrict", &i->kptr_restrict, err);
	if (!ret)
		ret = number_in(l, "/proc/sys/kernel/perf_event_paranoid",
				&i->perf_event_paranoid, err);
	if (!ret)
		ret = exists(l, "/proc/kallmodsyms", &has_file, err);
	/* A built-in module has parameters there at most. */
	if (!ret)
		ret = exists(l, "/sys/module/kallmodsyms/initstate", &has_module, err);
	i->kallmodsyms = !has_file    ? KSYM_KALLMODSYMS_NONE
			 : has_module ? KSYM_KALLMODSYMS_MODULE
				      : KSYM_KALLMODSYMS_BUILTIN;
	return ret ? ret : look_at_btf(l, err);
}

static int fill(struct ksym_live *l, struct ksym_error *err)
{
	int ret = read_release(l, err);

	if (!ret)
		ret = read_build_id(l, err);
	if (!ret)
		ret = count_kallsyms(l, err);
	if (!ret)
		ret = look_at_files(l, err);
	if (!ret)
		ret = ks_live_search(l, err);
	return ret ? ret : fill_info(l, err);
}

int ksym_live_open(const struct ksym_live_opts *opts, struct ksym_live **out,
		   struct ksym_error *err)
{
	struct ksym_live *l = calloc(1, sizeof(*l));
	int ret;

	*out = NULL;
	if (!l)
		return ks_error_nomem(err);
	ret = ks_opts_copy(&l->opts, sizeof(l->opts), opts, err);
	if (!ret) {
		const char *root = l->opts.sysroot ? l->opts.sysroot : "";
		size_t len = strlen(root);

		while (len && root[len - 1] == '/')
			len--;
		l->sysroot = strndup(root, len);
		ret = l->sysroot ? fill(l, err) : ks_error_nomem(err);
	}
	if (ret)
		ksym_live_close(l);
	else
		*out = l;
	return ret;
}

void ksym_live_info(const struct ksym_live *live, struct ksym_live_info *info)
{
	struct ksym_live_info full = live->info;

	full.size = info->size;
	memcpy(info, &full, info->size < sizeof(full) ? info->size : sizeof(full));
}

void ksym_live_close(struct ksym_live *l)
{
	if (!l)
		return;
	ksym_index_close(l->index);
	for (size_t i = 0; i < sizeof(l->builtin_path) / sizeof(*l->builtin_path); i++)
		free(l->builtin_path[i]);
	free(l->index_path);
	free(l->index_why);
	free(l->iterator_path);
	free(l->release);
	free(l->sysroot);
	free(l);
}
