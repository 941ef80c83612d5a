// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a machine shows of its kernel: part 'k' is /proc/kallsyms, 'm' /proc/kallmodsyms,
 * 'n' /sys/kernel/notes, 'r' modules.builtin.ranges, 'f' available_filter_functions, 'a'
 * the same with addresses, 'o' the release.  Bit 1 of the first option asks for numbers
 * for set_ftrace_filter as well.
 */
#include "fuzz.h"

#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tables/notes.h"

static char dir[64];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_tree(void)
{
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const struct {
	char part;
	const char *path;
} files[] = {
	{ 'k', "proc/kallsyms" },
	{ 'm', "proc/kallmodsyms" },
	{ 'n', "sys/kernel/notes" },
	{ 'r', "lib/modules/6.1.0/modules.builtin.ranges" },
	{ 'f', "sys/kernel/tracing/available_filter_functions" },
	{ 'a', "sys/kernel/tracing/available_filter_functions_addrs" },
	{ 'o', "proc/sys/kernel/osrelease" },
};

static void make_tree(void)
{
	static const char *const dirs[] = { "proc", "proc/sys", "proc/sys/kernel", "sys", "sys/kernel",
					    "sys/kernel/tracing", "lib", "lib/modules",
					    "lib/modules/6.1.0" };
	const char *tmp = getenv("TMPDIR");
	char path[256];

	snprintf(dir, sizeof(dir), "%.40s/ksym-fuzz-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
	fz_require(mkdtemp(dir));
	atexit(remove_tree);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, dirs[i]);
		fz_require(!mkdir(path, 0700));
	}
}

static void write_files(const struct fz_parts *parts)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		const struct fz_part *p = fz_part(parts, files[i].part);
		char path[256];
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", dir, files[i].path);
		if (!p->given && files[i].part != 'o') {
			unlink(path);
			continue;
		}
		f = fopen(path, "w");
		fz_require(f);
		if (p->given)
			fz_require(fwrite(p->p, 1, p->len, f) == p->len);
		else
			fputs("6.1.0\n", f);
		fclose(f);
	}
}

static void try_probes(const struct ksym_live *live, const struct ksym_index *idx, bool ftrace)
{
	struct ksym_error err;
	struct ksym_symbol s;
	char text[4096];

	for (uint32_t i = 0; i < 64 && ksym_index_symbol(idx, i, &s); i++) {
		for (int kind = 0; kind < (ftrace && i < 4 ? 4 : 3); kind++) {
			int ret = ksym_probe_format(idx, &s, (enum ksym_probe)kind, live, text,
						    sizeof(text), &err);

			if (ret < 0)
				fz_check_error(ret, &err);
			else
				fz_require((size_t)ret == strlen(text));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fz_parts parts = fz_split(data, len);
	struct ksym_live_opts opts = KSYM_OPTS(opts);
	struct ksym_live_info info = { .size = sizeof(info) };
	struct ksym_live *live;
	struct ksym_index *idx;
	struct ksym_error err;
	int ret;

	if (!dir[0])
		make_tree();
	write_files(&parts);
	opts.sysroot = dir;
	ret = ksym_live_open(&opts, &live, &err);
	if (ret) {
		fz_check_error(ret, &err);
		return 0;
	}
	ksym_live_info(live, &info);
	fz_require(info.build_id_len <= KS_BUILD_ID_MAX && info.release && !info.index_path);
	ret = ksym_live_index(live, &idx, &err);
	if (ret) {
		fz_check_error(ret, &err);
	} else {
		ret = ksym_index_verify(idx, &err);
		if (ret)
			fz_unexpected("an index of /proc/kallsyms is not consistent", &err);
		fz_query_index(idx, true);
		try_probes(live, idx, fz_option(&parts, 0) & 2);
		ksym_index_close(idx);
	}
	ksym_live_close(live);
	return 0;
}
