// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A program like any other: nothing but the public header and the shared library.
 * That it links proves that everything the header declares is exported.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <errno.h>
#include <ksym/ksym.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/ksym-api.XXXXXX";
static char source[3000], vmlinux[64], index_path[64], missing[64], no_elf[64];

static int shell(const char *command)
{
	char buf[8192];

	snprintf(buf, sizeof(buf), "cd %s && { %s; } > log 2>&1", dir, command);
	return system(buf);
}

static struct ksym_index *open_index(void)
{
	struct ksym_error err;
	struct ksym_index *idx;

	if (ksym_index_open(index_path, &idx, &err))
		fail_msg("%s", err.text);
	return idx;
}

/* ------------------------------------------------------------------- normal use */

static void version_is_that_of_the_header(void **state)
{
	char want[32];

	(void)state;
	snprintf(want, sizeof(want), "%d.%d.", KSYM_VERSION_MAJOR, KSYM_VERSION_MINOR);
	assert_memory_equal(ksym_version(), want, strlen(want));
}

static void index_is_built_written_opened_and_loaded(void **state)
{
	struct ksym_build_opts o = KSYM_OPTS(o, .build_tree = dir);
	struct ksym_index_info built = { .size = sizeof(built) }, read = { .size = sizeof(read) };
	struct ksym_index *idx;
	char path[80];

	(void)state;
	assert_int_equal(ksym_index_build(vmlinux, &o, &idx, NULL), 0);
	assert_int_equal(ksym_index_verify(idx, NULL), 0);
	ksym_index_info(idx, &built);
	assert_true(built.nr_symbols > 40);
	assert_int_equal(built.nr_objects, 10);
	assert_int_equal(built.nr_modules, 3);
	assert_int_equal(built.build_id_len, 20);
	assert_true(built.has_text_va);
	snprintf(path, sizeof(path), "%s/again.ksym", dir);
	assert_int_equal(ksym_index_write(idx, path, NULL), 0);
	ksym_index_close(idx);
	for (int load = 0; load < 2; load++) {
		assert_int_equal(load ? ksym_index_load(path, NULL, &idx, NULL)
				      : ksym_index_open(path, &idx, NULL), 0);
		ksym_index_info(idx, &read);
		assert_int_equal(read.file_len, built.file_len);
		assert_int_equal(read.text_va, built.text_va);
		assert_int_equal(read.nr_symbols, built.nr_symbols);
		assert_int_equal(ksym_index_verify(idx, NULL), 0);
		ksym_index_close(idx);
	}
	/* An image is loaded by building. */
	assert_int_equal(ksym_index_load(vmlinux, NULL, &idx, NULL), 0);
	ksym_index_info(idx, &read);
	assert_int_equal(read.nr_symbols, built.nr_symbols);
	ksym_index_close(idx);
	ksym_index_close(NULL);
}

static void symbols_objects_and_sections_are_walked(void **state)
{
	struct ksym_index *idx = open_index();
	struct ksym_index_info info = { .size = sizeof(info) };
	static struct ksym_symbol s, same;
	struct ksym_section sect;
	struct ksym_object o;
	uint32_t i, nr_module_names = 0;
	uint64_t last_va = 0;

	(void)state;
	ksym_index_info(idx, &info);
	for (i = 0; ksym_index_symbol(idx, i, &s); i++) {
		assert_int_equal(s.index, i);
		assert_true(s.va >= last_va);
		last_va = s.va;
		assert_int_equal(strlen(s.name), s.name_len);
		if (s.len) {
			assert_true(ksym_index_at(idx, s.va, &same));
			assert_true(same.va == s.va);
		}
		assert_true(ksym_index_named(idx, s.name, s.name_len, 0, &same));
		assert_string_equal(same.name, s.name);
		assert_true(s.object == KSYM_NO_OBJECT || ksym_index_object(idx, s.object, &o));
		assert_int_equal(s.object == KSYM_NO_OBJECT, !s.sources);
	}
	assert_int_equal(i, info.nr_symbols);
	for (i = 0; ksym_index_object(idx, i, &o); i++) {
		for (uint32_t n = 0; n < o.nr_modules; n++) {
			assert_non_null(ksym_index_object_module(idx, &o, n));
			/* Sorted by name. */
			assert_true(!n || strcmp(ksym_index_object_module(idx, &o, n - 1),
						 ksym_index_object_module(idx, &o, n)) < 0);
			nr_module_names++;
		}
		assert_null(ksym_index_object_module(idx, &o, o.nr_modules));
		assert_null(ksym_index_object_module(idx, &o, UINT32_MAX));
		/* Suffixes point into the path. */
		assert_true(!o.text_suffix || (o.text_suffix >= o.path &&
					       o.text_suffix < o.path + strlen(o.path)));
	}
	assert_int_equal(i, info.nr_objects);
	assert_int_equal(nr_module_names, 5);
	assert_false(ksym_index_object(idx, KSYM_NO_OBJECT, &o));
	for (i = 0; ksym_index_section(idx, i, &sect); i++)
		assert_non_null(sect.name);
	assert_int_equal(i, info.nr_sections);
	ksym_index_close(idx);
}

static void identity_leads_to_one_symbol(void **state)
{
	struct ksym_index *idx = open_index();
	struct ksym_check_result r = { .size = sizeof(r) };
	static struct ksym_symbol s;
	struct ksym_match m[3];
	char text[128];

	(void)state;
	assert_int_equal(ksym_index_find(idx, "s_next", m, 3, NULL), 3);
	assert_int_equal(ksym_index_find(idx, "s_next {seq_file.o}", m, 3, NULL), 1);
	assert_int_equal(m[0].sympos, 2);
	assert_int_equal(m[0].nr_same_name, 3);
	assert_true(ksym_index_symbol(idx, m[0].symbol, &s));
	ksym_symbol_format(idx, &s, KSYM_FORMAT_IDENTITY, text, sizeof(text));
	assert_string_equal(text, "s_next {seq_file.o}");
	assert_int_equal(ksym_index_check(idx, NULL, NULL, &r, NULL), 0);
	assert_int_equal(r.nr_text_ambiguous, 0);
	assert_true(r.nr_text_shared >= 7);
	ksym_index_close(idx);
}

static void lines_are_found(void **state)
{
	struct ksym_index *idx = open_index();
	struct ksym_error err = { 0 };
	static struct ksym_symbol s;
	struct ksym_lines *lines;
	const char *file;
	uint32_t line = 0;

	(void)state;
	assert_true(ksym_index_named(idx, "schedule", 8, 0, &s));
	assert_int_equal(ksym_lines_open(vmlinux, NULL, &lines, NULL), 0);
	assert_int_equal(ksym_lines_at(lines, s.va, &file, &line, NULL), 0);
	assert_non_null(strstr(file, "kernel/sched/core.c"));
	assert_true(line > 0);
	assert_int_equal(ksym_lines_at(lines, 0x10, &file, &line, NULL), -ENOENT);
	assert_int_equal(ksym_lines_at(lines, 0x10, &file, &line, &err), -ENOENT);
	assert_int_equal(ksym_lines_at(lines, UINT64_MAX, &file, &line, NULL), -ENOENT);
	/* As ksym.h promises of every failing call. */
	assert_int_equal(err.code, -ENOENT);
	ksym_lines_close(lines);
	ksym_lines_close(NULL);
	ksym_index_close(idx);
}

struct text {
	size_t len, nr;
	int result;
};

static int take(void *arg, const char *text, size_t len)
{
	struct text *t = arg;

	assert_non_null(text);
	t->len += len;
	t->nr++;
	return t->result;
}

static void build_output_is_handed_over(void **state)
{
	struct ksym_ranges_opts r = KSYM_OPTS(r, .build_tree = dir);
	struct ksym_objs_opts o = KSYM_OPTS(o, .build_tree = dir);
	struct text t = { 0 };

	(void)state;
	assert_int_equal(ksym_ranges_write(&r, take, &t, NULL), 0);
	assert_true(t.len > 0);
	t = (struct text){ 0 };
	assert_int_equal(ksym_objs_write(&o, take, &t, NULL), 0);
	assert_true(t.len > 0);
	/* What the callback returns ends it and is returned. */
	t = (struct text){ .result = -12345 };
	assert_int_equal(ksym_ranges_write(&r, take, &t, NULL), -12345);
	assert_int_equal(t.nr, 1);
	t = (struct text){ .result = 7 };
	assert_int_equal(ksym_objs_write(&o, take, &t, NULL), 7);
	assert_int_equal(t.nr, 1);
}

struct messages {
	unsigned int nr_progress, nr_warnings;
	pthread_t thread;
};

static void hear(void *arg, enum ksym_message_kind kind, const char *text)
{
	struct messages *m = arg;

	assert_true(text[0] && !strchr(text, '\n'));
	assert_true(pthread_equal(m->thread, pthread_self()));
	if (kind == KSYM_MESSAGE_PROGRESS)
		m->nr_progress++;
	else
		m->nr_warnings++;
}

static void messages_arrive_on_the_calling_thread(void **state)
{
	struct messages m = { .thread = pthread_self() };
	struct ksym_build_opts o = KSYM_OPTS(o, .build_tree = dir, .message = hear,
					     .message_arg = &m);
	struct ksym_index *idx;

	(void)state;
	assert_int_equal(ksym_index_build(vmlinux, &o, &idx, NULL), 0);
	assert_true(m.nr_progress >= 2);
	assert_int_equal(m.nr_warnings, 0);
	ksym_index_close(idx);
}

/* ----------------------------------------------------------------------- options */

/* Options of a newer version: one member more. */
#define NEWER(type) struct { type known; char more[24]; }

static void options_from_the_future_are_refused_when_set(void **state)
{
	NEWER(struct ksym_build_opts) b = { .known.size = sizeof(b),
					    .known.no_debug_search = true };
	NEWER(struct ksym_ranges_opts) r = { .known.size = sizeof(r), .known.build_tree = dir };
	NEWER(struct ksym_objs_opts) o = { .known.size = sizeof(o), .known.build_tree = dir };
	struct ksym_error err;
	struct ksym_index *idx;
	struct ksym_lines *lines;
	struct text t = { 0 };

	(void)state;
	assert_int_equal(ksym_index_build(vmlinux, &b.known, &idx, NULL), 0);
	ksym_index_close(idx);
	assert_int_equal(ksym_lines_open(vmlinux, &b.known, &lines, NULL), 0);
	ksym_lines_close(lines);
	assert_int_equal(ksym_ranges_write(&r.known, take, &t, NULL), 0);
	assert_int_equal(ksym_objs_write(&o.known, take, &t, NULL), 0);
	for (size_t i = 0; i < sizeof(b.more); i++) {
		b.more[i] = r.more[i] = o.more[i] = 1;
		memset(&err, 0, sizeof(err));
		assert_int_equal(ksym_index_build(vmlinux, &b.known, &idx, &err), -EINVAL);
		assert_null(idx);
		assert_int_equal(err.code, -EINVAL);
		assert_int_equal(ksym_index_build(vmlinux, &b.known, &idx, NULL), -EINVAL);
		assert_int_equal(ksym_index_load(vmlinux, &b.known, &idx, NULL), -EINVAL);
		assert_true(ksym_ranges_write(&r.known, take, &t, NULL) < 0);
		assert_int_equal(ksym_objs_write(&o.known, take, &t, NULL), -EINVAL);
		b.more[i] = r.more[i] = o.more[i] = 0;
	}
}

static void lines_refuse_options_from_the_future_too(void **state)
{
	NEWER(struct ksym_build_opts) b = { .known.size = sizeof(b), .more[23] = 1 };
	struct ksym_lines *lines;

	(void)state;
	assert_int_equal(ksym_lines_open(vmlinux, &b.known, &lines, NULL), -EINVAL);
	assert_null(lines);
}

static void options_without_size_are_refused(void **state)
{
	struct ksym_build_opts b = { 0 };
	struct ksym_index *idx;

	(void)state;
	assert_int_equal(ksym_index_build(vmlinux, &b, &idx, NULL), -EINVAL);
	assert_null(idx);
}

/*
 * Options of an older version end where memory ends; what is behind @len bytes of them
 * must not be read.  In a child, since reading it would be the end of this program.
 */
static void with_old_options(const void *opts, size_t len, bool lines)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	assert_true(p != MAP_FAILED);
	assert_int_equal(mprotect(p + page, page, PROT_NONE), 0);
	memcpy(p + page - len, opts, len);
	*(size_t *)(void *)(p + page - len) = len;
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		const struct ksym_build_opts *o = (const void *)(p + page - len);
		struct ksym_index *idx;
		struct ksym_lines *l;

		signal(SIGSEGV, SIG_DFL);
		_exit(lines ? ksym_lines_open(vmlinux, o, &l, NULL) != 0
			    : ksym_index_build(vmlinux, o, &idx, NULL) != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	munmap(p, 2 * page);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("options of %zu bytes: status 0x%x", len, (unsigned int)status);
}

static void options_from_the_past_are_understood(void **state)
{
	struct ksym_build_opts o = KSYM_OPTS(o);

	(void)state;
	with_old_options(&o, sizeof(o.size), false);
	with_old_options(&o, offsetof(struct ksym_build_opts, build_tree), false);
	with_old_options(&o, offsetof(struct ksym_build_opts, message), false);
}

static void lines_understand_options_from_the_past_too(void **state)
{
	struct ksym_build_opts o = KSYM_OPTS(o);

	(void)state;
	with_old_options(&o, sizeof(o.size), true);
}

/* ------------------------------------------------------------------------ errors */

/* The call failed with @want, and the error says so in one line. */
static void expect_error(int ret, int want, struct ksym_error *err)
{
	assert_int_equal(ret, want);
	assert_int_equal(err->code, want);
	assert_true(err->text[0]);
	assert_null(strchr(err->text, '\n'));
	memset(err, 0, sizeof(*err));
}

static void every_failing_call_says_why_to_those_who_want_to_know(void **state)
{
	struct ksym_build_opts half = KSYM_OPTS(half, .source_tree = dir);
	struct ksym_ranges_opts r = KSYM_OPTS(r, .build_tree = missing);
	struct ksym_objs_opts o = KSYM_OPTS(o), both = KSYM_OPTS(both, .build_tree = dir,
								.source_tree = dir);
	struct ksym_index *idx, *good = open_index();
	struct ksym_error err = { 0 };
	struct ksym_lines *lines;
	struct ksym_match m;
	char nowhere[128];
	struct text t = { 0 };

	(void)state;
	snprintf(nowhere, sizeof(nowhere), "%s/no/such/file", dir);
	for (int quiet = 0; quiet < 2; quiet++) {
		struct ksym_error *e = quiet ? NULL : &err;

#define FAILS(call, want)                                                               \
	do {                                                                            \
		int ret = (call);                                                       \
                                                                                        \
		if (quiet)                                                              \
			assert_int_equal(ret, want);                                    \
		else                                                                    \
			expect_error(ret, want, &err);                                  \
	} while (0)

		FAILS(ksym_index_build(missing, NULL, &idx, e), -ENOENT);
		assert_null(idx);
		FAILS(ksym_index_build(no_elf, NULL, &idx, e), -EBADMSG);
		assert_null(idx);
		FAILS(ksym_index_build(vmlinux, &half, &idx, e), -EINVAL);
		FAILS(ksym_index_open(missing, &idx, e), -ENOENT);
		assert_null(idx);
		FAILS(ksym_index_open(no_elf, &idx, e), -EBADMSG);
		FAILS(ksym_index_open(vmlinux, &idx, e), -EBADMSG);
		FAILS(ksym_index_load(missing, NULL, &idx, e), -ENOENT);
		FAILS(ksym_index_load(no_elf, NULL, &idx, e), -EBADMSG);
		assert_null(idx);
		FAILS(ksym_index_write(good, nowhere, e), -ENOENT);
		FAILS(ksym_index_find(good, "a b", &m, 1, e), -EINVAL);
		FAILS(ksym_lines_open(missing, NULL, &lines, e), -ENOENT);
		assert_null(lines);
		FAILS(ksym_lines_open(no_elf, NULL, &lines, e), -EBADMSG);
		FAILS(ksym_ranges_write(&r, take, &t, e), -ENOENT);
		FAILS(ksym_objs_write(&o, take, &t, e), -EINVAL);
		FAILS(ksym_objs_write(&both, take, &t, e), -EINVAL);
#undef FAILS
	}
	assert_int_equal(t.nr, 0);
	ksym_index_close(good);
}

static void succeeding_call_leaves_the_error_alone(void **state)
{
	struct ksym_error err, before;
	struct ksym_index *idx;
	struct ksym_lines *lines;
	struct ksym_check_result r = { .size = sizeof(r) };

	(void)state;
	memset(&err, 0x55, sizeof(err));
	before = err;
	assert_int_equal(ksym_index_build(vmlinux, NULL, &idx, &err), 0);
	assert_int_equal(ksym_index_verify(idx, &err), 0);
	assert_int_equal(ksym_index_check(idx, NULL, NULL, &r, &err), 0);
	assert_int_equal(ksym_index_find(idx, "none", NULL, 0, &err), 0);
	ksym_index_close(idx);
	assert_int_equal(ksym_index_open(index_path, &idx, &err), 0);
	ksym_index_close(idx);
	assert_int_equal(ksym_lines_open(vmlinux, NULL, &lines, &err), 0);
	ksym_lines_close(lines);
	assert_memory_equal(&err, &before, sizeof(err));
}

/* ---------------------------------------------------------- header and library */

static void library_exports_what_the_header_declares_and_nothing_else(void **state)
{
	char command[8000];
	Dl_info info;

	(void)state;
	/* By its name dlsym() finds the library's own, not this program's stub for it. */
	assert_true(dladdr(dlsym(RTLD_DEFAULT, "ksym_version"), &info));
	assert_non_null(strstr(info.dli_fname, "libksym.so"));
	snprintf(command, sizeof(command),
		 "cat %s/include/ksym/*.h | ${CC:-cc} -E -P -x c -I %s/include - | grep -oE '\\<ksym_[a-z_]+\\(' |"
		 " tr -d '(' | sort -u > declared && test $(wc -l < declared) -ge 20 &&"
		 " nm -D --defined-only %s | awk '$2 == \"T\" { sub(/@.*/, \"\", $3); print $3 }"
		 " $2 != \"T\" && $2 != \"A\" { print }' | sort > exported &&"
		 " diff declared exported", source, source, info.dli_fname);
	if (shell(command)) {
		shell("cp log why");
		snprintf(command, sizeof(command), "cat %s/why >&2", dir);
		(void)!system(command);
		fail_msg("nm -D differs from the header");
	}
}

static void header_stands_alone_in_c_and_cxx(void **state)
{
	static const char *const compilers[] = {
		"${CC:-cc} -std=c99 -x c", "${CC:-cc} -std=c11 -x c", "c++ -std=c++11 -x c++",
		"clang -std=c99 -x c",
	};
	char command[8000];
	unsigned int nr = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(compilers) / sizeof(*compilers); i++) {
		snprintf(command, sizeof(command), "echo 'int x;' | %s -c -o x.o -", compilers[i]);
		if (shell(command))
			continue;	/* not here */
		snprintf(command, sizeof(command),
			 "for h in %s/include/ksym/*.h; do echo \"#include \\\"$h\\\"\"; done | %s -Wall -Wextra -Wpedantic -Werror"
			 " -Wundef -I %s/include -c -o x.o -",
			 source, compilers[i], source);
		if (shell(command))
			fail_msg("%s", command);
		nr++;
	}
	assert_true(nr >= 2);
}

static int set_up(void **state)
{
	const char *env = getenv("KSYM_SOURCE");
	struct ksym_build_opts o = KSYM_OPTS(o, .build_tree = dir);
	struct ksym_index *idx;
	struct ksym_error err;
	char command[3100];
	FILE *f;

	(void)state;
	unsetenv("DEBUGINFOD_URLS");
	if (!realpath(env ? env : ".", source) || !mkdtemp(dir))
		return -1;
	snprintf(vmlinux, sizeof(vmlinux), "%s/vmlinux", dir);
	snprintf(index_path, sizeof(index_path), "%s/index", dir);
	snprintf(missing, sizeof(missing), "%s/missing", dir);
	snprintf(no_elf, sizeof(no_elf), "%s/no-elf", dir);
	f = fopen(no_elf, "w");
	if (!f || fputs("text, and no ELF file\n", f) < 0 || fclose(f))
		return -1;
	snprintf(command, sizeof(command), "%s/sample/build %s", source, dir);
	if (shell(command))
		return -1;
	if (ksym_index_build(vmlinux, &o, &idx, &err) || ksym_index_write(idx, index_path, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	ksym_index_close(idx);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_is_that_of_the_header),
		cmocka_unit_test(index_is_built_written_opened_and_loaded),
		cmocka_unit_test(symbols_objects_and_sections_are_walked),
		cmocka_unit_test(identity_leads_to_one_symbol),
		cmocka_unit_test(lines_are_found),
		cmocka_unit_test(build_output_is_handed_over),
		cmocka_unit_test(messages_arrive_on_the_calling_thread),
		cmocka_unit_test(options_from_the_future_are_refused_when_set),
		cmocka_unit_test(lines_refuse_options_from_the_future_too),
		cmocka_unit_test(options_without_size_are_refused),
		cmocka_unit_test(options_from_the_past_are_understood),
		cmocka_unit_test(lines_understand_options_from_the_past_too),
		cmocka_unit_test(every_failing_call_says_why_to_those_who_want_to_know),
		cmocka_unit_test(succeeding_call_leaves_the_error_alone),
		cmocka_unit_test(library_exports_what_the_header_declares_and_nothing_else),
		cmocka_unit_test(header_stands_alone_in_c_and_cxx),
	};

	return cmocka_run_group_tests_name("api", tests, set_up, tear_down);
}
