// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Runs in a guest and looks at its /proc/kallmodsyms.
 *
 *   file SHOW             it has SHOW's lines, at the addresses where the kernel runs
 *   modules SHOW SIZES    behind them those of loaded modules; SIZES: "size name" lines
 *   time                  how long reading takes, compared with /proc/kallsyms
 *   stress SECONDS        read again and again; every line has to be whole
 *
 * Prints "guest-ok TEXT" and "guest-not-ok TEXT"; exit status 1 when there is any of those.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FILE_NAME "/proc/kallmodsyms"
#define MAX (64u << 20)

struct buf {
	char *p;
	size_t len;
};

struct line {
	unsigned long long va, size;
	const char *rest, *end;
};

static int status;

static bool ok(bool good, const char *text)
{
	printf("guest-%sok %s\n", good ? "" : "not-", text);
	if (!good)
		status = 1;
	return good;
}

/* Everything behind the file's position, @step bytes at a time. */
static struct buf read_fd(int fd, size_t step, size_t max)
{
	static char pool[MAX];
	struct buf b = { pool, 0 };
	ssize_t n = 1;

	while (n > 0 && b.len < max) {
		n = read(fd, b.p + b.len, step < max - b.len ? step : max - b.len);
		if (n > 0)
			b.len += (size_t)n;
	}
	b.p = malloc(b.len + 1);
	if (!b.p || n < 0)
		exit(4);
	memcpy(b.p, pool, b.len);
	b.p[b.len] = 0;
	return b;
}

static struct buf read_file(const char *path, size_t step)
{
	int fd = open(path, O_RDONLY);
	struct buf b = { NULL, 0 };

	if (fd < 0) {
		printf("guest-not-ok %s can be opened\n", path);
		exit(1);
	}
	b = read_fd(fd, step, MAX - 1);
	close(fd);
	return b;
}

static bool next_line(const char **p, struct line *l)
{
	char *e;

	if (!**p)
		return false;
	l->end = strchr(*p, '\n');
	if (!l->end)
		return false;
	l->va = strtoull(*p, &e, 16);
	if (e != *p + 16 || *e != ' ')
		return false;
	l->size = strtoull(e + 1, &e, 16);
	if (*e != ' ' || e[2] != ' ')
		return false;
	l->rest = e + 1;
	*p = l->end + 1;
	return true;
}

static unsigned long long va_of(const struct buf *b, const char *name)
{
	const char *p = b->p;
	size_t n = strlen(name);
	struct line l;

	while (next_line(&p, &l))
		if (!strncmp(l.rest + 2, name, n) && l.rest[2 + n] == '\n')
			return l.va;
	return 0;
}

/* Per-CPU symbols of x86 count from 0 and stay where they are. */
static bool slides(unsigned long long va)
{
	return va >> 63;
}

/* The lines of @want at the start of @got; *@behind: what follows them. */
static bool same_lines(const struct buf *got, const struct buf *want, bool zero, const char **behind)
{
	unsigned long long slide = va_of(got, "_text") - va_of(want, "_text");
	const char *g = got->p, *w = want->p;
	unsigned int nr = 0;
	struct line a, b;

	if (zero)
		slide = 0;
	while (next_line(&w, &b)) {
		unsigned long long va = zero ? 0 : b.va + (slides(b.va) ? slide : 0);

		nr++;
		if (!next_line(&g, &a) || a.va != va || a.size != (zero ? 0 : b.size) ||
		    a.end - a.rest != b.end - b.rest || memcmp(a.rest, b.rest, (size_t)(a.end - a.rest))) {
			printf("# line %u: got      %.*s\n", nr, (int)(g - a.rest + 30), a.rest - 30);
			printf("# line %u: expected %.*s\n", nr, (int)(b.end - b.rest + 30), b.rest - 30);
			return false;
		}
	}
	if (*w)
		return false;
	printf("# %u lines, %sat %#llx more\n", nr, zero ? "zeroed, " : "", slide);
	*behind = g;
	return nr > 1000;
}

static void set_restrict(char c)
{
	int fd = open("/proc/sys/kernel/kptr_restrict", O_WRONLY);

	if (fd < 0 || write(fd, &c, 1) != 1)
		ok(false, "kptr_restrict can be set");
	close(fd);
}

/* As nobody opens and sees it. */
static void look_as_nobody(const struct buf *want, char restrict_to)
{
	const char *behind;
	struct buf got;
	int st = 0;
	char text[80];

	snprintf(text, sizeof(text), "kptr_restrict %c: nobody sees zeroes only", restrict_to);
	fflush(stdout);
	if (!fork()) {
		if (setgid(65534) || setuid(65534))
			_exit(4);
		got = read_file(FILE_NAME, 65536);
		ok(same_lines(&got, want, true, &behind), text);
		fflush(stdout);
		_exit(status);
	}
	wait(&st);
	status |= st != 0;
}

static void check_file(const char *path)
{
	struct buf want = read_file(path, 65536), got = read_file(FILE_NAME, 65536), again, part;
	const char *behind = "";
	unsigned int seed = 1;
	bool same = true;
	struct stat st;
	int fd;

	ok(same_lines(&got, &want, false, &behind), "every line is the one of ksym show");
	ok(!stat(FILE_NAME, &st) && (st.st_mode & 07777) == 0444 && !st.st_uid, "its mode is 0444");
	again = read_file(FILE_NAME, 97);
	ok(again.len == got.len && !memcmp(again.p, got.p, got.len), "short reads give the same");
	again = read_file(FILE_NAME, 1 << 20);
	ok(again.len == got.len && !memcmp(again.p, got.p, got.len), "large reads give the same");
	fd = open(FILE_NAME, O_RDONLY);
	for (unsigned int i = 0; i < 25 && same; i++) {
		seed = seed * 1103515245 + 12345;
		off_t off = i == 3 ? 0 : (off_t)(seed % got.len);
		size_t n = got.len - (size_t)off < 5000 ? got.len - (size_t)off : 5000;

		same = lseek(fd, off, SEEK_SET) == off;
		part = read_fd(fd, 1 + seed % 4096, n);
		same &= part.len == n && !memcmp(part.p, got.p + off, n);
		free(part.p);
	}
	ok(same, "reads from 25 places give what is there");
	ok(lseek(fd, (off_t)got.len + 100000, SEEK_SET) < 0 || read(fd, &same, 1) == 0,
	   "nothing is behind the end");
	close(fd);
	for (char c = '0'; c <= '2'; c++) {
		set_restrict(c);
		look_as_nobody(&want, c);
	}
	got = read_file(FILE_NAME, 65536);
	ok(same_lines(&got, &want, true, &behind), "kptr_restrict 2: root sees zeroes only");
	set_restrict('1');
	fd = open(FILE_NAME, O_RDONLY);
	got = read_file(FILE_NAME, 65536);
	ok(same_lines(&got, &want, false, &behind), "kptr_restrict 1: root sees all");
	if (!setgid(65534) && !setuid(65534)) {
		got = read_fd(fd, 65536, MAX - 1);
		ok(same_lines(&got, &want, false, &behind), "who has opened it counts, not who reads it");
	}
}

static void check_modules(const char *show, const char *sizes)
{
	struct buf want = read_file(show, 65536), got = read_file(FILE_NAME, 65536);
	struct buf list = read_file(sizes, 65536);
	unsigned int nr = 0, sized = 0, wrong = 0;
	const char *p = "";
	struct line l;
	char key[700];

	ok(same_lines(&got, &want, false, &p), "with modules: the kernel's own lines are the same");
	while (next_line(&p, &l)) {
		const char *name = l.rest + 2, *blank = memchr(name, ' ', (size_t)(l.end - name));

		/* Others are generated code, or of no size. */
		if (!blank || blank[1] != '[' || l.end[-1] != ']') {
			wrong++;
			continue;
		}
		if (!strncmp(blank + 1, "[__builtin", 10) || !strncmp(blank + 1, "[bpf]", 5))
			continue;
		nr++;
		sized += l.size != 0;
		snprintf(key, sizeof(key), "\n%llx %.*s\n", l.size, (int)(blank - name), name);
		if (!strstr(list.p, key) && strncmp(list.p, key + 1, strlen(key) - 1)) {
			if (wrong++ < 5)
				printf("# size: %.*s\n", (int)(l.end - l.rest + 30), l.rest - 30);
		}
	}
	printf("# %u symbols of modules, %u with a size\n", nr, sized);
	ok(nr > 20 && sized > 10, "symbols of modules follow");
	ok(!wrong, "each has its module and the size its object file tells");
	ok(!*p, "nothing else follows");
}

static double seconds(const char *path)
{
	static char buf[65536];
	struct timespec a, b;
	int fd;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < 5; i++) {
		fd = open(path, O_RDONLY);
		while (read(fd, buf, sizeof(buf)) > 0)
			;
		close(fd);
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

static void stress(long duration)
{
	time_t end = time(NULL) + duration;
	unsigned int rounds = 0;
	bool whole = true;

	while (time(NULL) < end && whole) {
		struct buf b = read_file(FILE_NAME, rounds % 3 ? 4096 : 111);
		const char *p = b.p;
		struct line l;

		while (next_line(&p, &l))
			;
		whole = !*p && b.len > 100000;
		free(b.p);
		rounds++;
	}
	printf("# read %u times\n", rounds);
	ok(whole && rounds > 3, "every line is whole");
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && !strcmp(argv[1], "file")) {
		check_file(argv[2]);
	} else if (argc == 4 && !strcmp(argv[1], "modules")) {
		check_modules(argv[2], argv[3]);
	} else if (argc == 2 && !strcmp(argv[1], "time")) {
		double a = seconds("/proc/kallsyms"), b = seconds(FILE_NAME);

		printf("# 5 times: /proc/kallsyms %.2f s, " FILE_NAME " %.2f s: ratio %.2f\n", a, b,
		       b / a);
	} else if (argc == 3 && !strcmp(argv[1], "stress")) {
		stress(atol(argv[2]));
	} else {
		return 2;
	}
	return status;
}
