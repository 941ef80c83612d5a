// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Memory runs out: at the first allocation, at the second, and so on until none of
 * them fails.  Whatever happens has to be a clean error, and nothing may be left.
 *
 * The linker's --wrap makes the library's own calls fail, and nothing but -ENOMEM is
 * right then.  A malloc() of this program's makes those of libelf and libdw fail as
 * well, and there any error will do.  The C library is left alone: its fts_open()
 * does not survive it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "elf/put.h"
#include "ksym/decode.h"
#include "ksym/holes.h"
#include "ksym/btf.h"
#include "ksym/ksym.h"
#include "ksym/versions.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
#define SANITIZED 1
#endif

static char dir[] = "/tmp/ksym-alloc.XXXXXX";

/* ------------------------------------------------------------------ allocators */

enum scope { NOBODY, LIBRARY, EVERYBODY };

static enum scope scope;
static unsigned long countdown;	/* of the allocations that succeed before one fails */
static unsigned long nr_failed;

/* Does this allocation fail?  From the one chosen on only that one: what cleans up
 * after it may allocate. */
static bool fails(enum scope of)
{
	if (scope != of)
		return false;
	if (countdown--)
		return false;
	nr_failed++;
	scope = NOBODY;
	return true;
}

void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t nr, size_t len);
void *__wrap_realloc(void *p, size_t len);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t len);
int __wrap_asprintf(char **out, const char *fmt, ...) KSYM_PRINTF(2, 3);
void *__real_malloc(size_t len);
void *__real_calloc(size_t nr, size_t len);
void *__real_realloc(void *p, size_t len);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t len);

void *__wrap_malloc(size_t len)
{
	return fails(LIBRARY) ? NULL : __real_malloc(len);
}

void *__wrap_calloc(size_t nr, size_t len)
{
	return fails(LIBRARY) ? NULL : __real_calloc(nr, len);
}

void *__wrap_realloc(void *p, size_t len)
{
	return fails(LIBRARY) ? NULL : __real_realloc(p, len);
}

char *__wrap_strdup(const char *s)
{
	return fails(LIBRARY) ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t len)
{
	return fails(LIBRARY) ? NULL : __real_strndup(s, len);
}

int __wrap_asprintf(char **out, const char *fmt, ...)
{
	va_list ap;
	int ret;

	if (fails(LIBRARY))
		return -1;
	va_start(ap, fmt);
	ret = vasprintf(out, fmt, ap);
	va_end(ap);
	return ret;
}

#ifndef SANITIZED
void *__libc_malloc(size_t len);
void *__libc_calloc(size_t nr, size_t len);
void *__libc_realloc(void *p, size_t len);
void __libc_free(void *p);

static long nr_live;	/* blocks */
static uintptr_t libc_start, libc_end;

static int find_libc(struct dl_phdr_info *info, size_t len, void *arg)
{
	(void)len;
	(void)arg;
	if (!strstr(info->dlpi_name, "/libc.so"))
		return 0;
	libc_start = info->dlpi_addr;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && info->dlpi_addr + p->p_vaddr + p->p_memsz > libc_end)
			libc_end = info->dlpi_addr + p->p_vaddr + p->p_memsz;
	}
	return 1;
}

static bool in_libc(const void *caller)
{
	return (uintptr_t)caller >= libc_start && (uintptr_t)caller < libc_end;
}

#define FAILS_HERE (!in_libc(__builtin_return_address(0)) && fails(EVERYBODY))

/* Called by every library of this program, since its symbols come first.  The names
 * keep --wrap, which renames what this file calls, away from what it defines. */
void *own_malloc(size_t len) __asm__("malloc");
void *own_calloc(size_t nr, size_t len) __asm__("calloc");
void *own_realloc(void *p, size_t len) __asm__("realloc");
void own_free(void *p) __asm__("free");

void *own_malloc(size_t len)
{
	void *p = FAILS_HERE ? NULL : __libc_malloc(len);

	__atomic_fetch_add(&nr_live, p != NULL, __ATOMIC_RELAXED);
	return p;
}

void *own_calloc(size_t nr, size_t len)
{
	void *p = FAILS_HERE ? NULL : __libc_calloc(nr, len);

	__atomic_fetch_add(&nr_live, p != NULL, __ATOMIC_RELAXED);
	return p;
}

void *own_realloc(void *old, size_t len)
{
	void *p = FAILS_HERE ? NULL : __libc_realloc(old, len);

	__atomic_fetch_add(&nr_live, p && !old, __ATOMIC_RELAXED);
	return p;
}

void own_free(void *p)
{
	__atomic_fetch_sub(&nr_live, p != NULL, __ATOMIC_RELAXED);
	__libc_free(p);
}

#define LIVE __atomic_load_n(&nr_live, __ATOMIC_RELAXED)
#else
#define LIVE 0L	/* the leak sanitizer's task */
#endif

/* ------------------------------------------------------------------- the work */

static unsigned int nr_entries(const char *path)
{
	DIR *d = opendir(path);
	unsigned int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

struct work {
	const char *image;
	const char *const *builtin;
	const char *build_tree;
	const char *map;	/* lines of nm -n, to make kallsyms tables of */
	const char *index;	/* to be written */
	struct ksym_error err;
	bool has_lines;
};

static int build_and_write(struct work *w)
{
	struct ksym_build_opts o = KSYM_OPTS(o, .build_tree = w->build_tree,
					     .builtin_files = w->builtin, .no_debug_search = true);
	struct ksym_index *idx;
	int ret = ksym_index_build(w->image, &o, &idx, &w->err);

	if (ret) {
		assert_null(idx);
		return ret;
	}
	ret = ksym_index_write(idx, w->index, &w->err);
	ksym_index_close(idx);
	return ret;
}

static int open_and_check(struct work *w)
{
	struct ksym_check_result r = { .size = sizeof(r) };
	struct ksym_index *idx;
	int ret = ksym_index_load(w->index, NULL, &idx, &w->err);

	if (ret) {
		assert_null(idx);
		return ret;
	}
	ret = ksym_index_check(idx, NULL, NULL, &r, &w->err);
	ksym_index_close(idx);
	return ret;
}

static int read_lines(struct work *w)
{
	struct ksym_build_opts o = KSYM_OPTS(o, .no_debug_search = true);
	struct ksym_lines *lines;
	const char *file;
	uint32_t line;
	int ret = ksym_lines_open(w->image, &o, &lines, &w->err);

	if (ret) {
		assert_null(lines);
		return ret;
	}
	for (uint64_t va = 0x40100000; va < 0x40100200 && (!ret || ret == -ENOENT); va += 16)
		ret = ksym_lines_at(lines, va, &file, &line, &w->err);
	ksym_lines_close(lines);
	return ret == -ENOENT ? 0 : ret;
}

static int write_nothing(void *arg, const char *s, size_t len)
{
	(void)arg;
	return s[len - 1] != '\n';
}

static int write_tables(struct work *w)
{
	struct ksym_build_opts b = KSYM_OPTS(b, .build_tree = w->build_tree,
					     .no_debug_search = true);
	struct ksym_kallsyms_opts o = KSYM_OPTS(o, .all_symbols = true, .lto_clang = true,
						.owners_image = w->image, .owners_build = &b);

	return ksym_kallsyms_write(w->map, &o, write_nothing, NULL, &w->err);
}

static int do_work(struct work *w)
{
	int ret = build_and_write(w);

	if (!ret && w->map)
		ret = write_tables(w);
	if (!ret)
		ret = open_and_check(w);
	if (!ret && w->has_lines)
		ret = read_lines(w);
	return ret;
}

/* Is the index, if there is one, that which plenty of memory gives? */
static void expect_whole(const struct work *w, const struct ks_file *want)
{
	struct ks_file got;

	if (access(w->index, F_OK))
		return;
	assert_int_equal(ks_file_open(&got, w->index, NULL), 0);
	assert_int_equal(got.len, want->len);
	assert_memory_equal(got.data, want->data, want->len);
	ks_file_close(&got);
	assert_int_equal(unlink(w->index), 0);
}

static void run_out(struct work *w, enum scope of)
{
	unsigned int nr_fds, nr_files;
	struct ks_file want;
	unsigned long n;
	char path[128], index[128];
	long live;

	/* Once in peace, so that what libraries keep for ever is there. */
	snprintf(path, sizeof(path), "%s/want", dir);
	w->index = path;
	if (do_work(w))
		fail_msg("%s", w->err.text);
	assert_int_equal(ks_file_open(&want, path, NULL), 0);
	snprintf(index, sizeof(index), "%s/index", dir);
	w->index = index;
	nr_files = nr_entries(dir);
	nr_fds = nr_entries("/proc/self/fd");
	for (n = 0;; n++) {
		unsigned long before = nr_failed;
		int ret;

		memset(&w->err, 0, sizeof(w->err));
		live = LIVE;
		countdown = n;
		scope = of;
		ret = do_work(w);
		scope = NOBODY;
		if (LIVE != live)
			fail_msg("allocation %lu failed: %ld blocks are left", n, LIVE - live);
		if (nr_entries("/proc/self/fd") != nr_fds)
			fail_msg("allocation %lu failed: a file is left open", n);
		if (nr_failed == before) {
			if (ret)
				fail_msg("none failed: %s", w->err.text);
			break;
		}
		if (of == LIBRARY && (ret != -ENOMEM || w->err.code != -ENOMEM))
			fail_msg("allocation %lu failed: %d, \"%s\"", n, ret, w->err.text);
		if (ret && (ret > 0 || w->err.code != ret || !w->err.text[0]))
			fail_msg("allocation %lu failed: %d, %d \"%s\"", n, ret, w->err.code,
				 w->err.text);
		expect_whole(w, &want);
		if (nr_entries(dir) != nr_files)
			fail_msg("allocation %lu failed: a file is left in the directory", n);
	}
	expect_whole(w, &want);
	assert_true(n > 30);
	ks_file_close(&want);
	assert_int_equal(unlink(path), 0);
}

static char tree[64], vmlinux[96], ranges[96], module[96], map[96];
static const char *const builtin[] = { ranges, NULL };

static struct work by_dwarf(void)
{
	return (struct work){ .image = vmlinux, .has_lines = true };
}

static struct work by_build_tree(void)
{
	return (struct work){ .image = vmlinux, .build_tree = tree, .map = map };
}

static struct work by_ranges(void)
{
	return (struct work){ .image = vmlinux, .builtin = builtin };
}

static struct work of_module(void)
{
	return (struct work){ .image = module, .build_tree = tree, .has_lines = true };
}

#define RUN_OUT(what, of)                                                               \
	static void what##_##of(void **state)                                           \
	{                                                                               \
		struct work w = what();                                                 \
                                                                                        \
		(void)state;                                                            \
		run_out(&w, of);                                                        \
	}
RUN_OUT(by_dwarf, LIBRARY)
RUN_OUT(by_build_tree, LIBRARY)
RUN_OUT(by_ranges, LIBRARY)
RUN_OUT(of_module, LIBRARY)
#ifndef SANITIZED
RUN_OUT(by_dwarf, EVERYBODY)
RUN_OUT(by_build_tree, EVERYBODY)
RUN_OUT(of_module, EVERYBODY)
#endif

/* ------------------------------------------------ work that writes nothing */

/* Call @fn with the first allocation failing, the second, and so on. */
static void run_out_of(int (*fn)(void *arg, struct ksym_error *err), void *arg, unsigned long at_least)
{
	struct ksym_error err = { 0 };
	unsigned long n;

	if (fn(arg, &err))
		fail_msg("%s", err.text);
	for (n = 0;; n++) {
		unsigned long before = nr_failed;
		long live = LIVE;
		int ret;

		memset(&err, 0, sizeof(err));
		countdown = n;
		scope = LIBRARY;
		ret = fn(arg, &err);
		scope = NOBODY;
		if (LIVE != live)
			fail_msg("allocation %lu failed: %ld blocks are left", n, LIVE - live);
		if (nr_failed == before) {
			assert_int_equal(ret, 0);
			break;
		}
		if (ret && (ret != -ENOMEM || err.code != -ENOMEM))
			fail_msg("allocation %lu failed: %d, \"%s\"", n, ret, err.text);
	}
	assert_true(n > at_least);
}

/* ---------------------------------------------------------------- comparisons */

static int take_step(void *arg, const struct ksym_diff_step *step)
{
	*(const char **)arg = step->name;
	return 0;
}

static int compare(void *arg, struct ksym_error *err)
{
	char (*path)[64] = arg;
	struct ksym_diff_cause c;
	struct ksym_diff *d;
	const char *name;
	uint32_t nr_changes = 0;
	int ret = ksym_diff_read(path[0], path[1], NULL, &d, err);

	if (ret)
		return ret;
	for (uint32_t i = 0; !ret && ksym_diff_cause(d, i, &c); i++) {
		ret = ksym_diff_path(d, ksym_diff_next_symbol(d, i, 0), i, take_step, &name, err);
		nr_changes += c.nr_changes;
	}
	ksym_diff_close(d);
	/* What only threads need, it does without. */
	if (!ret)
		assert_int_equal(nr_changes, 7);
	return ret;
}

/* Two symtypes files with a rename, types that follow, parameters and enumerators. */
static void write_symtypes(const char *path, bool is_new)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f,
		"s#in structure_type in { member base_type int byte_size(4) encoding(5) x "
		"data_member_location(0)%s } byte_size(%d)\n"
		"s#out structure_type out { member s#in i data_member_location(0) , member t#n n "
		"data_member_location(%d) } byte_size(%d)\n"
		"t#n typedef_type n { base_type int byte_size(4) encoding(5) }\n"
		"e#e enumeration_type e { enumerator A = 0 , enumerator B = %d } byte_size(4)\n"
		"s#%s structure_type %s { member pointer_type { s#%s } byte_size(8) p "
		"data_member_location(0) } byte_size(8)\n"
		"f subprogram ( formal_parameter pointer_type { s#out } byte_size(8)%s ) -> e#e\n"
		"g variable s#%s\n",
		is_new ? " , member t#n y data_member_location(4)" : "", is_new ? 8 : 4,
		is_new ? 8 : 4, is_new ? 12 : 8, is_new + 1, is_new ? "b" : "a", is_new ? "b" : "a",
		is_new ? "b" : "a", is_new ? " o , formal_parameter t#n n" : " o",
		is_new ? "b" : "a");
	assert_int_equal(fclose(f), 0);
}

static void comparison_LIBRARY(void **state)
{
	char path[2][64];

	(void)state;
	for (int i = 0; i < 2; i++) {
		snprintf(path[i], sizeof(path[i]), "%s/%d.symtypes", dir, i);
		write_symtypes(path[i], i);
	}
	run_out_of(compare, path, 100);
	unlink(path[0]);
	unlink(path[1]);
}

/* ------------------------------------------------------------------- versions */

static char kabi[96];

/* A number of all that is said of an object with rules. */
static int read_versions(void *arg, struct ksym_error *err)
{
	struct ksym_versions_opts o = KSYM_OPTS(o, .stable = true, .no_debug_search = true);
	uint64_t *want = arg, sum = 0;
	struct ksym_version x;
	struct ksym_versions *v;
	int ret = ksym_versions_read(kabi, &o, &v, err);

	if (ret) {
		assert_null(v);
		return ret;
	}
	for (uint32_t i = 0; ksym_versions_get(v, i, &x); i++)
		sum = (sum ^ x.crc ^ (uint64_t)x.status << 32) * 0x9e3779b97f4a7c15u;
	ret = ksym_versions_write_symtypes(v, true, write_nothing, NULL, err);
	ksym_versions_close(v);
	/* All or nothing: no rule may be forgotten. */
	if (!*want)
		*want = sum;
	assert_int_equal(sum, *want);
	return ret;
}

static void versions_LIBRARY(void **state)
{
	uint64_t sum = 0;

	(void)state;
	run_out_of(read_versions, &sum, 100);
}

static struct ksym_index *kept_index;
static struct ksym_versions *kept_versions;

/* Versions into an index, and out of the file again. */
static int keep_versions(void *arg, struct ksym_error *err)
{
	struct ksym_versions_opts o = KSYM_OPTS(o, .stable = true);
	const char *path = arg;
	struct ksym_index *with;
	struct ksym_versions *v;
	int ret = ksym_index_with_versions(kept_index, kept_versions, &with, err);

	if (ret) {
		assert_null(with);
		return ret;
	}
	ret = ksym_index_write(with, path, err);
	ksym_index_close(with);
	if (!ret)
		ret = ksym_versions_read(path, &o, &v, err);
	if (ret)
		return ret;
	assert_int_equal(ksym_versions_nr(v), ksym_versions_nr(kept_versions));
	ret = ksym_versions_write_symtypes(v, true, write_nothing, NULL, err);
	ksym_versions_close(v);
	return ret;
}

static void indexed_LIBRARY(void **state)
{
	struct ksym_versions_opts o = KSYM_OPTS(o, .stable = true, .no_debug_search = true);
	struct ksym_build_opts b = KSYM_OPTS(b, .no_debug_search = true, .select = KSYM_SELECT_ALL);
	char path[96];

	(void)state;
	snprintf(path, sizeof(path), "%s/kabi.ksym", tree);
	assert_int_equal(ksym_index_build(kabi, &b, &kept_index, NULL), 0);
	assert_int_equal(ksym_versions_read(kabi, &o, &kept_versions, NULL), 0);
	run_out_of(keep_versions, path, 40);
	ksym_versions_close(kept_versions);
	ksym_index_close(kept_index);
}

/* ------------------------------------------------------------ holes and dumps */

static char weak[96], dump[8192];

static int read_holes(void *arg, struct ksym_error *err)
{
	struct ksym_build_opts o = KSYM_OPTS(o, .no_debug_search = true);
	struct ksym_holes_info info = { .size = sizeof(info) };
	struct ksym_mcount_entry e;
	struct ksym_holes *h;
	struct ksym_hole hole;
	unsigned int named = 0;
	int ret = ksym_holes_read(weak, &o, &h, err);

	(void)arg;
	if (ret) {
		assert_null(h);
		return ret;
	}
	/* All or nothing. */
	for (uint32_t i = 0; ksym_holes_get(h, i, &hole); i++)
		named += hole.name && hole.object && hole.has_live;
	assert_int_equal(named, 8);
	ksym_holes_info(h, &info);
	assert_false(ksym_holes_get(h, info.nr_holes, &hole));
	assert_true(ksym_mcount_entry(h, 0, &e));
	ksym_holes_close(h);
	return 0;
}

static void holes_LIBRARY(void **state)
{
	(void)state;
	run_out_of(read_holes, NULL, 50);
}

static int clean_table(void *arg, struct ksym_error *err)
{
	struct ksym_clean_result r = { .size = sizeof(r) };
	const char *out = arg;
	int ret = ksym_mcount_clean(weak, out, KSYM_CLEAN_UNRELOCATE, &r, err);

	if (ret) {
		assert_int_not_equal(access(out, F_OK), 0);
		return ret;
	}
	assert_int_equal(r.nr_kept, 14);
	assert_int_equal(r.nr_relocations, 7);
	assert_int_equal(unlink(out), 0);
	return 0;
}

static void clean_LIBRARY(void **state)
{
	char out[64];

	(void)state;
	snprintf(out, sizeof(out), "%s/clean", dir);
	run_out_of(clean_table, out, 10);
}

static int decode_dump(void *arg, struct ksym_error *err)
{
	const char *const dirs[] = { tree, NULL };
	struct ksym_decoder_opts o = KSYM_OPTS(o, .module_dirs = dirs,
					       .build = { .size = sizeof(o.build), .no_debug_search = true });
	unsigned int decided = 0, lines = 0;
	struct ksym_decoder *d;
	struct ksym_decoded r;
	uint32_t nr;
	int ret = ksym_decoder_open(vmlinux, &o, &d, err);

	(void)arg;
	if (ret) {
		assert_null(d);
		return ret;
	}
	ret = ksym_decode(d, dump, strlen(dump), &nr, err);
	for (uint32_t i = 0; ksym_decoded_get(d, i, &r); i++) {
		decided += r.nr_candidates == 1;
		lines += r.nr_frames > 0;
	}
	ksym_decoder_close(d);
	if (!ret) {
		assert_int_equal(nr, 4);
		assert_int_equal(decided, 3);
		assert_int_equal(lines, 3);
	}
	return ret;
}

static void dump_LIBRARY(void **state)
{
	(void)state;
	run_out_of(decode_dump, NULL, 50);
}

/* Of a function of the image, with an address, of two of a name, and of the module. */
static bool write_dump(void)
{
	struct ksym_build_opts o = KSYM_OPTS(o, .no_debug_search = true);
	struct ksym_symbol s, only = { 0 }, shared = { 0 }, ours = { 0 }, other;
	struct ksym_index *idx;

	if (ksym_index_build(vmlinux, &o, &idx, NULL))
		return false;
	for (uint32_t i = 0; ksym_index_symbol(idx, i, &s); i++) {
		if (!s.is_text || s.len < 8 || s.object == KSYM_NO_OBJECT)
			continue;
		if (ksym_index_named(idx, s.name, s.name_len, 1, &other))
			shared = s;
		else
			only = s;
	}
	ksym_index_close(idx);
	if (ksym_index_build(module, &o, &idx, NULL))
		return false;
	for (uint32_t i = 0; ksym_index_symbol(idx, i, &s); i++)
		if (s.is_text && s.len >= 8)
			ours = s;
	ksym_index_close(idx);
	if (!only.len || !shared.len || !ours.len)
		return false;
	snprintf(dump, sizeof(dump),
		 " %s+0x1/0x%llx\n [<%016llx>] %s+0x2/0x%llx\n %s+0x0/0xfffff\n %s+0x1/0x%llx [module 00]\n",
		 only.name, (unsigned long long)only.len, (unsigned long long)only.va + 0x1002, only.name,
		 (unsigned long long)only.len, shared.name, ours.name, (unsigned long long)ours.len);
	return true;
}

/* A module gets a section: all of it or nothing, and no other file stays. */
static void section_LIBRARY(void **state)
{
	unsigned int nr = nr_entries(dir);
	char to[64];
	unsigned long n;

	(void)state;
	snprintf(to, sizeof(to), "%s/put", dir);
	for (n = 0;; n++) {
		struct ksym_error err = { 0 };
		unsigned long before = nr_failed;
		long live = LIVE;
		int ret;

		countdown = n;
		scope = LIBRARY;
		ret = ks_elf_put_sections(module, to, &(struct ks_elf_section_put){ ".BTF", "types", 5 }, 1,
					  &err);
		scope = NOBODY;
		if (LIVE != live)
			fail_msg("allocation %lu failed: %ld blocks are left", n, LIVE - live);
		assert_int_equal(nr_entries(dir), nr + !ret);
		if (nr_failed == before) {
			assert_int_equal(ret, 0);
			break;
		}
		if (ret != -ENOMEM || err.code != -ENOMEM)
			fail_msg("allocation %lu failed: %d, \"%s\"", n, ret, err.text);
	}
	assert_true(n > 2);
	unlink(to);
}

/* ------------------------------------------------------------------------- BTF */

/* All of an image, what another file adds to that, the same read again, distilled, and put into a
 * copy, which is read on the base. */
static int make_btf(void *arg, struct ksym_error *err)
{
	struct ksym_btf_opts o = { .size = sizeof(o), .vars = KSYM_BTF_VARS_ALL };
	struct ksym_btf *base = NULL, *split = NULL, *read = NULL, *distilled = NULL, *on = NULL;
	char (*path)[64] = arg;
	int ret = ksym_btf_encode(&base, vmlinux, &o, err);

	o.base = base;
	if (!ret)
		ret = ksym_btf_encode(&split, module, &o, err);
	if (!ret)
		ret = ksym_btf_write(split, path[0], err);
	if (!ret)
		ret = ksym_btf_read(&read, path[0], base, err);
	if (!ret)
		ret = ksym_btf_distill(&distilled, split, err);
	if (!ret)
		ret = ksym_btf_embed(distilled, module, path[1], err);
	if (!ret)
		ret = ksym_btf_read(&on, path[1], base, err);
	ksym_btf_close(on);
	ksym_btf_close(distilled);
	ksym_btf_close(read);
	ksym_btf_close(split);
	ksym_btf_close(base);
	return ret;
}

static void btf_LIBRARY(void **state)
{
	char path[2][64];

	(void)state;
	snprintf(path[0], sizeof(path[0]), "%s/btf", dir);
	snprintf(path[1], sizeof(path[1]), "%s/module.ko", dir);
	run_out_of(make_btf, path, 150);
	unlink(path[0]);
	unlink(path[1]);
}

static int set_up(void **state)
{
	const char *source = getenv("KSYM_SOURCE"), *build = getenv("KSYM_BUILD");
	char command[8000];

	(void)state;
	unsetenv("DEBUGINFOD_URLS");
#ifndef SANITIZED
	if (!dl_iterate_phdr(find_libc, NULL))
		return -1;
#endif
	if (!mkdtemp(dir))
		return -1;
	/* Beside, not inside: the directory's entries are counted. */
	snprintf(tree, sizeof(tree), "%s.tree", dir);
	snprintf(vmlinux, sizeof(vmlinux), "%s/vmlinux", tree);
	snprintf(ranges, sizeof(ranges), "%s/ranges", tree);
	snprintf(module, sizeof(module), "%s/module.ko", tree);
	snprintf(map, sizeof(map), "%s/map", tree);
	snprintf(command, sizeof(command),
		 "{ CFLAGS='-O2 -g -gz=none' %s/sample/build %s && cd %s &&"
		 " ld -r -o module.ko kernel/panic.o drivers/powercap/rapl-common.o &&"
		 " printf 'name=module\\0' > name &&"
		 " objcopy --update-section .modinfo=name module.ko; }"
		 " > /dev/null 2>&1", source ? source : ".", tree, tree);
	if (system(command))
		return -1;
	snprintf(command, sizeof(command),
		 "%s/ksym ranges --build-tree %s > %s && nm -n %s > %s && [ -s %s ]",
		 build ? build : "build", tree, ranges, vmlinux, map, map);
	if (system(command))
		return -1;
	snprintf(command, sizeof(command), "CFLAGS=-gz=none %s/tests/weak-fixtures/build %s/weak > /dev/null 2>&1",
		 source ? source : ".", tree);
	snprintf(weak, sizeof(weak), "%s/weak/vmlinux", tree);
	if (system(command))
		return -1;
	snprintf(kabi, sizeof(kabi), "%s/kabi.o", tree);
	snprintf(command, sizeof(command), "gcc -g -gz=none -c -o %s %s/tests/versions-fixtures/kabi.c",
		 kabi, source ? source : ".");
	return system(command) || !write_dump() ? -1 : 0;
}

static int tear_down(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s %s", dir, tree);
	return system(command);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(what, of, name) { name, what##_##of, NULL, NULL, NULL }
		TEST(by_dwarf, LIBRARY, "library_runs_out_with_dwarf"),
		TEST(by_build_tree, LIBRARY, "library_runs_out_with_a_build_tree"),
		TEST(by_ranges, LIBRARY, "library_runs_out_with_ranges"),
		TEST(of_module, LIBRARY, "library_runs_out_with_a_module"),
		TEST(comparison, LIBRARY, "library_runs_out_comparing_versions"),
		TEST(section, LIBRARY, "library_runs_out_putting_a_section_into_a_file"),
		TEST(versions, LIBRARY, "library_runs_out_with_versions_and_rules"),
		TEST(indexed, LIBRARY, "library_runs_out_with_versions_in_an_index"),
		TEST(btf, LIBRARY, "library_runs_out_making_btf"),
		TEST(holes, LIBRARY, "library_runs_out_with_holes"),
		TEST(clean, LIBRARY, "library_runs_out_cleaning_a_table"),
		TEST(dump, LIBRARY, "library_runs_out_with_a_dump"),
#ifndef SANITIZED
		TEST(by_dwarf, EVERYBODY, "everybody_runs_out_with_dwarf"),
		TEST(by_build_tree, EVERYBODY, "everybody_runs_out_with_a_build_tree"),
		TEST(of_module, EVERYBODY, "everybody_runs_out_with_a_module"),
#endif
	};

	return cmocka_run_group_tests_name("alloc", tests, set_up, tear_down);
}
