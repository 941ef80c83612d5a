// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A place for the BPF iterator.  /sys/fs/bpf itself is closed to all but root, so by
 * default a BPF file system of our own is mounted; its source says that it is ours.
 */
#include "live/mount.h"

#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "base/opts.h"

#define OUR_SOURCE "ksym"

static bool is_bpf(const char *dir)
{
	struct statfs s;

	return !statfs(dir, &s) && (unsigned long)s.f_type == BPF_FS_MAGIC;
}

static int options(const struct ksym_mount_opts *opts, const char **dir, char **file,
		   struct ksym_error *err)
{
	struct ksym_mount_opts o;
	int ret = ks_opts_copy(&o, sizeof(o), opts, err);

	if (ret)
		return ret;
	*dir = o.dir ? o.dir : KSYM_MOUNT_DIR;
	if (asprintf(file, "%s/kallmodsyms", *dir) < 0)
		return ks_error_nomem(err);
	return 0;
}

int ksym_mount(struct ksym_live *live, const struct ksym_mount_opts *opts, struct ksym_error *err)
{
	bool made = false, mounted = false;
	const char *dir;
	char *file;
	int ret = options(opts, &dir, &file, err);

	if (ret)
		return ret;
	if (!access(file, F_OK))
		ret = ks_error_errno(err, EEXIST, file, "cannot be made");
	if (!ret && access(dir, F_OK)) {
		if (mkdir(dir, 0755))
			ret = ks_error_errno(err, errno, dir, "cannot be made");
		made = !ret;
	}
	if (!ret && !is_bpf(dir)) {
		if (mount(OUR_SOURCE, dir, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755"))
			ret = ks_error_errno(err, errno, dir, "cannot mount a BPF file system");
		mounted = !ret;
	}
	if (!ret)
		ret = ks_bpf_pin(live, file, err);
	/* The default mode is 0600; what a reader sees depends on the reader. */
	if (!ret && chmod(file, 0444)) {
		ret = ks_error_errno(err, errno, file, "cannot be opened to others");
		unlink(file);
	}
	if (ret && mounted)
		umount2(dir, 0);
	if (ret && made)
		rmdir(dir);
	free(file);
	return ret;
}

/* Is @dir where a file system of OUR_SOURCE is mounted?  A line of mountinfo has the
 * mount point as its fifth word, and behind " - " the type and the source. */
static bool is_ours(const char *dir)
{
	char *path = realpath(dir, NULL);
	struct ks_file f;
	struct ks_lines lines;
	bool ours = false;

	if (!path || ks_file_open(&f, "/proc/self/mountinfo", NULL)) {
		free(path);
		return false;
	}
	lines = ks_lines(&f);
	while (ks_lines_next(&lines)) {
		static const char end[] = " - bpf " OUR_SOURCE " ";
		const char *s = lines.s, *line_end = lines.s + lines.len;

		for (int i = 0; s && i < 4; i++) {
			s = memchr(s, ' ', (size_t)(line_end - s));
			s = s ? s + 1 : NULL;
		}
		/* A later line is mounted over an earlier one. */
		if (s && strlen(path) < (size_t)(line_end - s) && !memcmp(s, path, strlen(path)) &&
		    s[strlen(path)] == ' ')
			ours = memmem(s, (size_t)(line_end - s), end, sizeof(end) - 1) != NULL;
	}
	ks_file_close(&f);
	free(path);
	return ours;
}

int ksym_umount(const struct ksym_mount_opts *opts, struct ksym_error *err)
{
	const char *dir;
	char *file;
	int ret = options(opts, &dir, &file, err);

	if (ret)
		return ret;
	if (!is_bpf(dir))
		ret = ks_error(err, -ENOENT, "%s: is no BPF file system", dir);
	else if (unlink(file))
		ret = ks_error_errno(err, errno, file, "cannot be removed");
	if (!ret && is_ours(dir) && umount2(dir, 0))
		ret = ks_error_errno(err, errno, dir, "cannot be unmounted");
	/* Not when there is something else in it, or mounted on it. */
	if (!ret)
		rmdir(dir);
	free(file);
	return ret;
}
