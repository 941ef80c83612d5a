// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kbuild/cmd.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)16 << 10)
#define LINE_MAX_LEN ((size_t)16 << 20)

static bool is_quote(char c)
{
	return c == '\'' || c == '"';
}

static struct ks_cmd_modfiles find_c(const char *line, const char *end)
{
	static const char key[] = "DKBUILD_MODFILE=";

	while ((line = memmem(line, (size_t)(end - line), key, sizeof(key) - 1))) {
		const char *s, *stop;

		line += sizeof(key) - 1;
		for (s = line; s < end && is_quote(*s); s++)
			;
		for (stop = s; stop < end && !is_quote(*stop); stop++)
			;
		if (s > line && stop > s)
			return (struct ks_cmd_modfiles){ s, (size_t)(stop - s) };
		/* Not one inside these quotes begins a new one: go on behind them. */
		line = s;
	}
	return (struct ks_cmd_modfiles){ "", 0 };
}

static struct ks_cmd_modfiles find_rust(const char *line, const char *end)
{
	static const char key[] = "RUST_MODFILE=";

	while ((line = memmem(line, (size_t)(end - line), key, sizeof(key) - 1))) {
		const char *stop;

		line += sizeof(key) - 1;
		stop = memchr(line, ' ', (size_t)(end - line));
		if (!stop)
			stop = end;
		if (stop > line)
			return (struct ks_cmd_modfiles){ line, (size_t)(stop - line) };
	}
	return (struct ks_cmd_modfiles){ "", 0 };
}

struct ks_cmd_modfiles ks_cmd_modfiles(const char *line, size_t len)
{
	struct ks_cmd_modfiles m = find_c(line, line + len);

	return m.len ? m : find_rust(line, line + len);
}

/* Read up to the first newline; what was read behind it is dropped. */
static int read_line(struct ks_cmd_reader *r, int fd, const char *path, struct ksym_error *err)
{
	r->line.len = 0;
	for (;;) {
		const char *nl;
		ssize_t n;

		if (!ks_vec_reserve(&r->line, CHUNK))
			return ks_error_nomem(err);
		n = read(fd, r->line.data + r->line.len, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ks_error(err, -errno, "%s/%s: cannot read", r->dir, path);
		if (!n)
			return r->line.len ? 0 : -ENOENT;
		nl = memchr(r->line.data + r->line.len, '\n', (size_t)n);
		if (nl) {
			r->line.len = (size_t)(nl - r->line.data);
			return 0;
		}
		r->line.len += (size_t)n;
		if (r->line.len > LINE_MAX_LEN)
			return ks_error(err, -EBADMSG, "%s/%s:1: expected a line below 16 MiB",
					r->dir, path);
	}
}

int ks_cmd_read(struct ks_cmd_reader *r, const char *path, struct ksym_error *err)
{
	/* Not to be held up by a pipe of that name. */
	int fd = openat(r->dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | r->flags);
	struct stat st;
	int ret;

	if (fd < 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
		    errno == ENAMETOOLONG)
			return -ENOENT;
		return ks_error(err, -errno, "%s/%s: cannot open", r->dir, path);
	}
	ret = fstat(fd, &st) || !S_ISREG(st.st_mode) ? -ENOENT : read_line(r, fd, path, err);
	close(fd);
	return ret;
}

int ks_cmd_read_object(struct ks_cmd_reader *r, const char *object, size_t len,
		       struct ksym_error *err)
{
	static const char suffix[] = ".cmd";
	const char *slash = memrchr(object, '/', len);
	size_t dir_len;
	char *p;

	if (!slash || slash + 1 == object + len)
		return -ENOENT;
	dir_len = (size_t)(slash + 1 - object);
	r->path.len = 0;
	if (!ks_vec_reserve(&r->path, len + 1 + sizeof(suffix)))
		return ks_error_nomem(err);
	p = mempcpy(r->path.data, object, dir_len);
	*p++ = '.';
	p = mempcpy(p, slash + 1, len - dir_len);
	memcpy(p, suffix, sizeof(suffix));
	return ks_cmd_read(r, r->path.data, err);
}

void ks_cmd_reader_free(struct ks_cmd_reader *r)
{
	ks_vec_free(&r->path);
	ks_vec_free(&r->line);
}
