// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * modules.builtin.ranges from maps: part 'm' is vmlinux.map, 'o' vmlinux.o.map, 'b'
 * modules.builtin.  The .cmd files are those of a few objects, in a temporary tree.
 */
#include "fuzz.h"

#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];

static const struct {
	const char *object_dir, *cmd, *modfile;
} objects[] = {
	{ "kernel", "core.o", "kernel/core" },
	{ "fs", "seq_file.o", "fs/seq_file" },
	{ "net", "main.o", "net/one-x" },
	{ "net", "both.o", "net/one-x net/two" },
	{ "net", "odd.o", "net/ a/ b" },
	{ "x", "y.o", "x/y" },
};

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

static void make_tree(void)
{
	const char *tmp = getenv("TMPDIR");
	char path[256];
	FILE *f;

	snprintf(dir, sizeof(dir), "%.40s/ksym-fuzz-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
	fz_require(mkdtemp(dir));
	atexit(remove_tree);
	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, objects[i].object_dir);
		mkdir(path, 0700);
		snprintf(path, sizeof(path), "%s/%s/.%s.cmd", dir, objects[i].object_dir,
			 objects[i].cmd);
		f = fopen(path, "w");
		fz_require(f);
		fprintf(f, "savedcmd := gcc -DKBUILD_MODFILE='\"%s\"' -c\n", objects[i].modfile);
		fclose(f);
	}
}

static int check_text(void *arg, const char *text, size_t len)
{
	(void)arg;
	fz_require(len && text[len - 1] == '\n');
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fz_parts parts = fz_split(data, len);
	const struct fz_part *m = fz_part(&parts, 'm'), *o = fz_part(&parts, 'o');
	const struct fz_part *b = fz_part(&parts, 'b');
	struct ksym_ranges_opts opts = KSYM_OPTS(opts);
	struct ksym_error err;
	int ret;

	if (!dir[0])
		make_tree();
	opts.build_tree = dir;
	opts.map_file = fz_path(0, m->p, m->len);
	opts.object_map_file = fz_path(1, o->p, o->len);
	opts.modules_builtin = fz_path(2, b->p, b->len);
	ret = ksym_ranges_write(&opts, check_text, NULL, &err);
	if (ret)
		fz_check_error(ret, &err);
	return 0;
}
