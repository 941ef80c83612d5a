// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PIPE_MAX ((size_t)1 << 30)

static int read_pipe(struct ks_file *f, int fd, struct ksym_error *err)
{
	size_t cap = 1 << 16, len = 0;
	uint8_t *buf = malloc(cap);

	while (buf) {
		ssize_t n = read(fd, buf + len, cap - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int e = errno;

			free(buf);
			return ks_error_errno(err, e, f->path, "cannot read");
		}
		if (!n) {
			f->data = buf;
			f->len = len;
			return 0;
		}
		len += (size_t)n;
		if (len == cap) {
			uint8_t *p;

			if (cap >= PIPE_MAX) {
				free(buf);
				return ks_error(err, -EFBIG, "%s: input from a pipe is over 1 GiB",
						f->path);
			}
			p = realloc(buf, cap * 2);
			if (!p)
				break;
			cap *= 2;
			buf = p;
		}
	}
	free(buf);
	return ks_error_nomem(err);
}

int ks_file_open(struct ks_file *f, const char *path, struct ksym_error *err)
{
	struct stat st;
	int fd, ret = 0;

	*f = (struct ks_file){ .path = path };
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ks_error_errno(err, errno, path, "cannot open");
	if (fstat(fd, &st)) {
		ret = ks_error_errno(err, errno, path, "cannot stat");
	} else if (S_ISDIR(st.st_mode)) {
		ret = ks_error_errno(err, EISDIR, path, "cannot read");
	} else if (!S_ISREG(st.st_mode) || !st.st_size) {
		/* Pipes, and files of /proc and /sys, which claim to be empty. */
		ret = read_pipe(f, fd, err);
	} else if ((uint64_t)st.st_size > SIZE_MAX / 2) {
		ret = ks_error_errno(err, EFBIG, path, "cannot map");
	} else {
		void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

		if (p == MAP_FAILED && errno == ENODEV) {
			/* A file of /sys that tells its size. */
			ret = read_pipe(f, fd, err);
		} else if (p == MAP_FAILED) {
			ret = ks_error_errno(err, errno, path, "cannot map");
		} else {
			f->data = p;
			f->len = (size_t)st.st_size;
			f->mapped = true;
		}
	}
	close(fd);
	return ret;
}

void ks_file_close(struct ks_file *f)
{
	if (f->mapped)
		munmap((void *)f->data, f->len);
	else
		free((void *)f->data);
	*f = (struct ks_file){ 0 };
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_direct(const char *path, const void *data, size_t len, struct ksym_error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return ks_error_errno(err, errno, path, "cannot open for writing");
	ret = write_all(fd, data, len);
	if (close(fd) && !ret)
		ret = -errno;
	return ret ? ks_error_errno(err, -ret, path, "cannot write") : 0;
}

/* Links in /dev and /proc stand for files that somebody has open. */
static bool is_open_file(const char *path)
{
	char target[64];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	target[n > 0 ? n : 0] = 0;
	return !strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6) ||
	       !strncmp(target, "/dev/", 5) || !strncmp(target, "/proc/", 6);
}

static int replace(const char *path, const void *data, size_t len, struct ksym_error *err);

int ks_file_write(const char *path, const void *data, size_t len, struct ksym_error *err)
{
	struct stat st;
	char *target;
	int ret;

	if (stat(path, &st))
		return replace(path, data, len, err);
	if (!S_ISREG(st.st_mode) || is_open_file(path))
		return write_direct(path, data, len, err);
	/* Through a link: the file is replaced, not the link. */
	target = realpath(path, NULL);
	if (!target)
		return ks_error_errno(err, errno, path, "cannot resolve");
	ret = replace(target, data, len, err);
	free(target);
	return ret;
}

/* A new file beside @path, with the mode of any new file: *@tmp is its name. */
static int create_beside(const char *path, char **tmp)
{
	for (int attempt = 0;; attempt++) {
		struct timespec now;
		int fd;

		clock_gettime(CLOCK_MONOTONIC, &now);
		if (asprintf(tmp, "%s.%x.%lx.%d", path, (unsigned int)getpid(),
			     (unsigned long)now.tv_nsec, attempt) < 0)
			return -ENOMEM;
		fd = open(*tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0)
			return fd;
		fd = -errno;
		free(*tmp);
		if (fd != -EEXIST || attempt == 100)
			return fd;
	}
}

static int replace(const char *path, const void *data, size_t len, struct ksym_error *err)
{
	char *tmp;
	int fd, ret;

	fd = create_beside(path, &tmp);
	if (fd < 0)
		return fd == -ENOMEM ? ks_error_nomem(err)
				     : ks_error_errno(err, -fd, path, "cannot create");
	ret = write_all(fd, data, len);
	if (!ret && fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret && rename(tmp, path))
		ret = -errno;
	if (ret) {
		unlink(tmp);
		ks_error_errno(err, -ret, path, "cannot write");
	}
	free(tmp);
	return ret;
}

static size_t at_most(uint64_t len, size_t max)
{
	return len < max ? (size_t)len : max;
}

/* @in to @out, @len bytes or all, within the kernel where that can be. */
static int copy_all(int in, int out, uint64_t len)
{
	char buf[1 << 16];
	ssize_t n;

	while (len && (n = copy_file_range(in, NULL, out, NULL, at_most(len, 1 << 30), 0)) > 0)
		len -= (size_t)n;
	/* Some file systems cannot, or claim that there is nothing to copy. */
	while (len) {
		int ret;

		n = read(in, buf, at_most(len, sizeof(buf)));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : 0;
		ret = write_all(out, buf, (size_t)n);
		if (ret)
			return ret;
		len -= (size_t)n;
	}
	return 0;
}

static int patch_all(int fd, const struct ks_file_patch *patches, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (lseek(fd, (off_t)patches[i].off, SEEK_SET) < 0)
			return -errno;
		if (write_all(fd, patches[i].data, patches[i].len))
			return -errno;
	}
	return 0;
}

int ks_file_copy(const char *from, const char *to, uint64_t len,
		 const struct ks_file_patch *patches, size_t nr, struct ksym_error *err)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out, ret = 0;
	char *target, *tmp;
	struct stat st;

	if (in < 0)
		return ks_error_errno(err, errno, from, "cannot open");
	if (fstat(in, &st) || !S_ISREG(st.st_mode)) {
		close(in);
		return ks_error_errno(err, EINVAL, from, "is no regular file");
	}
	target = realpath(to, NULL);
	out = create_beside(target ? target : to, &tmp);
	if (out < 0) {
		close(in);
		free(target);
		return out == -ENOMEM ? ks_error_nomem(err)
				      : ks_error_errno(err, -out, to, "cannot create");
	}
	if (fchmod(out, st.st_mode & 07777))
		ret = -errno;
	if (!ret)
		ret = copy_all(in, out, len);
	if (!ret)
		ret = patch_all(out, patches, nr);
	if (!ret && fsync(out))
		ret = -errno;
	if (close(out) && !ret)
		ret = -errno;
	if (!ret && rename(tmp, target ? target : to))
		ret = -errno;
	if (ret) {
		unlink(tmp);
		ks_error_errno(err, -ret, to, "cannot write");
	}
	close(in);
	free(tmp);
	free(target);
	return ret;
}

bool ks_lines_next(struct ks_lines *l)
{
	const char *nl;

	if (l->pos == l->end)
		return false;
	nl = memchr(l->pos, '\n', (size_t)(l->end - l->pos));
	l->s = l->pos;
	l->len = (size_t)((nl ? nl : l->end) - l->s);
	l->pos = nl ? nl + 1 : l->end;
	l->nr++;
	if (l->len && l->s[l->len - 1] == '\r')
		l->len--;
	return true;
}

int ksym_file_write(const char *path, const void *data, size_t len, struct ksym_error *err)
{
	return ks_file_write(path, data, len, err);
}
