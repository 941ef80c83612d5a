// SPDX-License-Identifier: LGPL-2.1-or-later
/* Run GNU make and collect what it says. */
#include "kbuild/evaluate-parts.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_MAX ((size_t)256 << 20)
#define STDERR_MAX ((size_t)4 << 20)
#define TIME_MAX   120 /* seconds; a tree of today takes one */

static char *variable(const char *name, const char * or)
{
	const char *value = getenv(name);
	char *s;

	return asprintf(&s, "%s=%s", name, value && *value ? value : or) < 0 ? NULL : s;
}

/* Neither MAKEFLAGS nor anything else of a caller's build may reach make: every
 * variable of the environment is a make variable. */
static int spawn_make(const char *dir, const char *makefile, int out_fd, int err_fd, pid_t *pid)
{
	static const char *const programs[] = { "make", "gmake" };
	char *path = variable("PATH", "/usr/local/bin:/usr/bin:/bin");
	char *tmpdir = variable("TMPDIR", "/tmp");
	char locale[] = "LC_ALL=C";
	char *env[] = { path, tmpdir, locale, NULL };
	char *argv[] = { NULL,	       (char *)"-rR",	 (char *)"-C",
			 (char *)dir,  (char *)"-I",	 (char *)"s",
			 (char *)"-f", (char *)makefile, (char *)"--no-print-directory",
			 NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, dfl;
	int ret = ENOMEM;

	if (!path || !tmpdir)
		goto out;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	sigemptyset(&none);
	sigemptyset(&dfl);
	sigaddset(&dfl, SIGPIPE);
	sigaddset(&dfl, SIGCHLD);
	/* A group of its own, so that all of it can be ended. */
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &dfl);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	ret = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!ret)
		ret = posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
	if (!ret)
		ret = posix_spawn_file_actions_adddup2(&actions, err_fd, 2);
	for (size_t i = 0; !ret && i < 2; i++) {
		argv[0] = (char *)programs[i];
		ret = posix_spawnp(pid, argv[0], &actions, &attr, argv, env);
		if (ret != ENOENT)
			break;
		ret = i ? ENOENT : 0;
	}
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
out:
	free(path);
	free(tmpdir);
	return ret;
}

/* Bytes that were read; 0 at the end, -1 when there are none now or never will be. */
static ssize_t read_some(struct pollfd *p, struct ks_text *t, size_t max)
{
	char buf[65536];
	ssize_t n;

	if (!p->revents)
		return -1;
	n = read(p->fd, buf, sizeof(buf));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return -1;
	if (n <= 0) {
		p->fd = -1;
		return 0;
	}
	if (t->len < max)
		ks_text_add(t, buf, (size_t)n);
	return n;
}

static int collect(int out_fd, int err_fd, struct ks_text *out, struct ks_text *diag,
		   struct ksym_error *err)
{
	struct pollfd fds[2] = { { .fd = out_fd, .events = POLLIN },
				 { .fd = err_fd, .events = POLLIN } };
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += TIME_MAX;
	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec >= end.tv_sec)
			return ks_error(err, -ETIMEDOUT, "make: not done after %d seconds",
					TIME_MAX);
		if (poll(fds, 2, 1000) < 0 && errno != EINTR)
			return ks_error_errno(err, errno, "make", "cannot poll its output");
		read_some(&fds[0], out, OUTPUT_MAX);
		read_some(&fds[1], diag, STDERR_MAX);
		if (out->nomem || diag->nomem)
			return ks_error_nomem(err);
		if (out->len >= OUTPUT_MAX)
			return ks_error(err, -EBADMSG, "make: more than %zu bytes of output",
					OUTPUT_MAX);
	}
	return 0;
}

/* The line with "***" is the one make stopped at; failing that, the first one. */
static void find_why(const struct ks_text *diag, char *why, size_t why_len)
{
	const char *s = diag->len ? strstr(diag->data, "*** ") : NULL;
	size_t len;

	if (s)
		while (s > diag->data && s[-1] != '\n')
			s--;
	else
		s = diag->len ? diag->data : "no reason given";
	len = strcspn(s, "\n");
	snprintf(why, why_len, "%.*s", (int)(len < why_len ? len : why_len), s);
}

int ks_make_run(const char *dir, const char *makefile, struct ks_text *out, char *why,
		size_t why_len, int *status, struct ksym_error *err)
{
	struct ks_text diag ks_cleanup_text = { 0 };
	int out_fds[2], err_fds[2], ret;
	pid_t pid;

	if (pipe2(out_fds, O_CLOEXEC))
		return ks_error_errno(err, errno, "make", "cannot make a pipe");
	if (pipe2(err_fds, O_CLOEXEC)) {
		ret = ks_error_errno(err, errno, "make", "cannot make a pipe");
		close(out_fds[0]);
		close(out_fds[1]);
		return ret;
	}
	ret = spawn_make(dir, makefile, out_fds[1], err_fds[1], &pid);
	close(out_fds[1]);
	close(err_fds[1]);
	if (ret) {
		ret = ks_error_errno(err, ret, "make", "cannot run it");
	} else {
		ret = collect(out_fds[0], err_fds[0], out, &diag, err);
		if (ret)
			kill(-pid, SIGKILL);
		/* A caller who ignores SIGCHLD leaves nothing to wait for. */
		*status = 0;
		while (waitpid(pid, status, 0) < 0 && errno == EINTR)
			;
		find_why(&diag, why, why_len);
	}
	close(out_fds[0]);
	close(err_fds[0]);
	return ret;
}
