// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A look at a recorded tree, with and without index, while memory runs out: at the first
 * allocation of the library, at the second, and so on.  Nothing but -ENOMEM is right
 * then, since what could not be read for lack of memory is not "not there".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
#include "ksym/ksym.h"

static char dir[] = "/tmp/ksym-live.XXXXXX";
static unsigned long countdown = ~0ul;	/* of the allocations that succeed before one fails */
static bool failed;

static bool fails(void)
{
	if (countdown--)
		return false;
	failed = true;
	return true;
}

void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t nr, size_t len);
void *__wrap_realloc(void *p, size_t len);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t len);
int __wrap_asprintf(char **out, const char *fmt, ...) KSYM_PRINTF(2, 3);
int __wrap_vasprintf(char **out, const char *fmt, va_list ap);
void *__real_malloc(size_t len);
void *__real_calloc(size_t nr, size_t len);
void *__real_realloc(void *p, size_t len);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t len);
int __real_vasprintf(char **out, const char *fmt, va_list ap);

void *__wrap_malloc(size_t len)
{
	return fails() ? NULL : __real_malloc(len);
}

void *__wrap_calloc(size_t nr, size_t len)
{
	return fails() ? NULL : __real_calloc(nr, len);
}

void *__wrap_realloc(void *p, size_t len)
{
	return fails() ? NULL : __real_realloc(p, len);
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t len)
{
	return fails() ? NULL : __real_strndup(s, len);
}

int __wrap_vasprintf(char **out, const char *fmt, va_list ap)
{
	return fails() ? -1 : __real_vasprintf(out, fmt, ap);
}

int __wrap_asprintf(char **out, const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = __wrap_vasprintf(out, fmt, ap);
	va_end(ap);
	return ret;
}

/* Of the kernel and of a module. */
static int look_at_types(const struct ksym_live *live, const struct ksym_index *idx,
			 struct ksym_error *err)
{
	static const char *const names[] = { "schedule", "veth_open" };
	struct ksym_live_type type = { .size = sizeof(type) };
	struct ksym_live_types *types;
	struct ksym_symbol s;
	int ret = ksym_live_types_open(live, idx, &types, err);

	for (size_t i = 0; i < 2 && !ret; i++) {
		assert_true(ksym_index_named(idx, names[i], strlen(names[i]), 0, &s));
		ret = ksym_live_type(types, &s, 0, &type, err);
		if (ret < 0)
			break;
		assert_int_equal(ret, KSYM_TYPE_KNOWN);
		assert_string_equal(type.file, i ? "veth" : "vmlinux");
		assert_string_equal(type.name, names[i]);
		ret = 0;
	}
	ksym_live_types_close(types);
	return ret;
}

static int look(const char *index, struct ksym_error *err)
{
	struct ksym_live_opts o = KSYM_OPTS(o);
	struct ksym_live *live;
	struct ksym_index *idx;
	struct ksym_symbol s;
	char text[4096];
	int ret;

	o.sysroot = dir;
	o.index_file = index;
	ret = ksym_live_open(&o, &live, err);
	if (ret) {
		assert_null(live);
		return ret;
	}
	ret = ksym_live_index(live, &idx, err);
	if (ret)
		assert_null(idx);
	else
		ret = look_at_types(live, idx, err);
	if (!ret) {
		assert_true(ksym_index_named(idx, "schedule", 8, 0, &s));
		ret = ksym_probe_format(idx, &s, KSYM_PROBE_FTRACE, live, text, sizeof(text), err);
		if (ret > 0) {
			assert_string_equal(text, "2");
			ret = 0;
		}
	}
	ksym_index_close(idx);
	ksym_live_close(live);
	return ret;
}

static void run_out(const char *index)
{
	struct ksym_error err;
	unsigned long n;

	assert_int_equal(look(index, &err), 0);
	for (n = 0;; n++) {
		int ret;

		memset(&err, 0, sizeof(err));
		failed = false;
		countdown = n;
		ret = look(index, &err);
		countdown = ~0ul;
		if (!failed) {
			assert_int_equal(ret, 0);
			break;
		}
		if (ret != -ENOMEM || err.code != -ENOMEM)
			fail_msg("allocation %lu failed: %d, \"%s\"", n, ret, err.text);
	}
	assert_true(n > 50);
}

static void runs_out_with_an_index(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/index", dir);
	run_out(path);
}

static void runs_out_with_ranges(void **state)
{
	(void)state;
	run_out(NULL);
}

static int set_up(void **state)
{
	const char *source = getenv("KSYM_SOURCE"), *build = getenv("KSYM_BUILD");
	char command[4096];

	(void)state;
	build = build ? build : "build";
	unsetenv("KSYM_INDEX_PATH");
	unsetenv("DEBUGINFOD_URLS");
	if (!mkdtemp(dir))
		return -1;
	snprintf(command, sizeof(command),
		 "{ cd %s/.. && %s/sample/build %s/k && cd %s &&"
		 " mkdir -p proc/sys/kernel sys/kernel/tracing sys/kernel/btf lib/modules/6.1.0 &&"
		 " %s/ksym index -q --build-tree k -o index k/vmlinux && %s/ksym show index > show &&"
		 " awk '{ print $1, $3, $4 }' show > proc/kallsyms &&"
		 " { cat show; echo 'ffffffffc0000000 21 t veth_open [veth]'; } > proc/kallmodsyms &&"
		 " printf 'ffffffffc0000000 t veth_open\t[veth]\nffffffffc0001000 d count\t[veth]\n'"
		 " >> proc/kallsyms &&"
		 " echo 'int count = 1; int veth_open(int n) { return n + count; }' > veth.c &&"
		 " gcc -g -fno-pic -c veth.c && ld -r --build-id=0x01020304 -o veth.ko veth.o &&"
		 " mkdir -p lib/firmware/ksym sys/module/veth/notes sys/module/veth/sections &&"
		 " objcopy -O binary --set-section-flags .note.gnu.build-id=alloc"
		 " --only-section=.note.gnu.build-id veth.ko sys/module/veth/notes/.note.gnu.build-id &&"
		 " %s/ksym index -q -o lib/firmware/ksym/01020304.ksym veth.ko &&"
		 " echo 0xffffffffc0001000 > sys/module/veth/sections/.data && %s/ksym btf -q -o sys/kernel/btf/vmlinux k/vmlinux &&"
		 " %s/ksym btf -q --vars all --base sys/kernel/btf/vmlinux -o sys/kernel/btf/veth veth.o &&"
		 " echo 6.1.0 > proc/sys/kernel/osrelease && echo 1 > proc/sys/kernel/kptr_restrict &&"
		 " printf 'start_kernel\nschedule\n' > sys/kernel/tracing/available_filter_functions &&"
		 " printf '.text 00000000-00000000 = _text\n.text 00000060-00000080 b a\n' >"
		 " lib/modules/6.1.0/modules.builtin.ranges; } > /dev/null 2>&1",
		 dir, source ? source : ".", dir, dir, build, build, build, build, build);
	return system(command);
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_out_with_an_index),
		cmocka_unit_test(runs_out_with_ranges),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
