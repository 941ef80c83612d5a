// SPDX-License-Identifier: LGPL-2.1-or-later
/* The lowest layer: memory, strings, cursor, files, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>
#include "base/arena.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/range.h"
#include "base/strpool.h"
#include "base/vec.h"

static char dir[] = "/tmp/ksym-base.XXXXXX";

static const char *path_of(const char *name)
{
	static char buf[4][256];
	static unsigned int n;
	char *p = buf[n++ % 4];

	snprintf(p, sizeof(buf[0]), "%s/%s", dir, name);
	return p;
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static unsigned int nr_files_in(const char *path)
{
	DIR *d = opendir(path);
	unsigned int n = 0;

	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.' || (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."));
	closedir(d);
	return n;
}

/* ------------------------------------------------------------------- range */

static void range_test_never_wraps(void **state)
{
	(void)state;
	assert_true(ks_in_range(0, 0, 0));
	assert_true(ks_in_range(10, 0, 10));
	assert_true(ks_in_range(3, 7, 10));
	assert_false(ks_in_range(4, 7, 10));
	assert_false(ks_in_range(11, 0, 10));
	assert_false(ks_in_range(UINT64_MAX, 1, 10));
	assert_false(ks_in_range(1, UINT64_MAX, 10));
	assert_false(ks_in_range(UINT64_MAX, UINT64_MAX, UINT64_MAX));
	assert_true(ks_in_range(0, UINT64_MAX, UINT64_MAX));
	assert_true(ks_in_range(UINT64_MAX, 0, UINT64_MAX));
}

/* ------------------------------------------------------------------- arena */

static void arena_memory_is_zeroed_aligned_and_apart(void **state)
{
	static const size_t lens[] = { 1, 16, 0, 3, 100, 65535, 65536, 65537, 300000, 7, 1 << 20 };
	const size_t nr = sizeof(lens) / sizeof(*lens);
	struct ks_arena a ks_cleanup_arena = { 0 };
	unsigned char *pieces[20 * sizeof(lens) / sizeof(*lens)];

	(void)state;
	for (size_t i = 0; i < 20 * nr; i++) {
		pieces[i] = ks_arena_alloc(&a, lens[i % nr]);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % 16, 0);
		for (size_t k = 0; k < lens[i % nr]; k++)
			assert_int_equal(pieces[i][k], 0);
		memset(pieces[i], (int)(i + 1) & 0xff, lens[i % nr]);
	}
	for (size_t i = 0; i < 20 * nr; i++)
		for (size_t k = 0; k < lens[i % nr]; k++)
			assert_int_equal(pieces[i][k], (i + 1) & 0xff);
}

static void arena_alignment_returns_after_odd_strings(void **state)
{
	struct ks_arena a ks_cleanup_arena = { 0 };

	(void)state;
	for (size_t n = 0; n < 100; n++) {
		char *s = ks_arena_strdup(&a, "0123456789", n % 11);
		void *p = ks_arena_alloc(&a, n % 5);

		assert_non_null(s);
		assert_int_equal(strlen(s), n % 11);
		assert_memory_equal(s, "0123456789", n % 11);
		assert_int_equal((uintptr_t)p % 16, 0);
	}
}

static void arena_copies_bytes_behind_a_zero_byte_too(void **state)
{
	struct ks_arena a ks_cleanup_arena = { 0 };

	(void)state;
	assert_memory_equal(ks_arena_strdup(&a, "a\0b", 3), "a\0b", 4);
	assert_string_equal(ks_arena_strdup(&a, NULL, 0), "");
}

static void arena_refuses_lengths_that_wrap(void **state)
{
	struct ks_arena a ks_cleanup_arena = { 0 };

	(void)state;
	assert_null(ks_arena_alloc(&a, SIZE_MAX));
	assert_null(ks_arena_alloc(&a, SIZE_MAX - 4096));
	assert_null(ks_arena_strdup(&a, "", SIZE_MAX));
	assert_null(ks_arena_strdup(&a, "", SIZE_MAX - 1));
	assert_non_null(ks_arena_alloc(&a, 1));
	assert_null(ks_arena_alloc(&a, SIZE_MAX));
	assert_null(ks_arena_strdup(&a, "", SIZE_MAX));
}

static void arena_can_be_used_after_being_freed(void **state)
{
	struct ks_arena a = { 0 };

	(void)state;
	ks_arena_free(&a);
	assert_non_null(ks_arena_alloc(&a, 10));
	ks_arena_free(&a);
	ks_arena_free(&a);
	assert_null(a.blocks);
	assert_string_equal(ks_arena_strdup(&a, "again", 5), "again");
	ks_arena_free(&a);
}

/* ------------------------------------------------------------------ vector */

static void vector_keeps_its_elements_while_growing(void **state)
{
	KS_VEC(uint32_t) v = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		uint32_t *slot = ks_vec_push(&v);

		assert_non_null(slot);
		assert_int_equal(*slot, 0);
		*slot = i * 3;
	}
	assert_int_equal(v.len, 10000);
	assert_true(v.cap >= v.len);
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(v.data[i], i * 3);
	ks_vec_free(&v);
	assert_null(v.data);
	assert_int_equal(v.len + v.cap, 0);
}

static void vector_elements_are_zeroed_when_pushed_again(void **state)
{
	KS_VEC(uint64_t) v = { 0 };

	(void)state;
	*ks_vec_push(&v) = UINT64_MAX;
	v.len = 0;
	assert_int_equal(*ks_vec_push(&v), 0);
	ks_vec_free(&v);
}

static void vector_refuses_room_that_wraps(void **state)
{
	KS_VEC(uint64_t) v = { 0 };

	(void)state;
	assert_true(ks_vec_reserve(&v, 100));
	assert_true(v.cap >= 100);
	*ks_vec_push(&v) = 7;
	assert_false(ks_vec_reserve(&v, SIZE_MAX));
	assert_false(ks_vec_reserve(&v, SIZE_MAX / 2));
	assert_false(ks_vec_reserve(&v, SIZE_MAX / 8));
	assert_int_equal(v.len, 1);
	assert_int_equal(v.data[0], 7);
	ks_vec_free(&v);
}

/* ----------------------------------------------------------------- strpool */

static void strpool_numbers_count_in_order_of_first_sight(void **state)
{
	struct ks_strpool p ks_cleanup_strpool = { 0 };
	char buf[32];

	(void)state;
	assert_int_equal(ks_strpool_find(&p, "x", 1), KS_STRPOOL_NONE);
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 5000; i++) {
			int n = snprintf(buf, sizeof(buf), "name%u", i * 7919 % 5000);

			assert_int_equal(ks_strpool_add(&p, buf, (size_t)n), i);
		}
	assert_int_equal(p.nr, 5000);
	for (uint32_t i = 0; i < 5000; i++) {
		int n = snprintf(buf, sizeof(buf), "name%u", i * 7919 % 5000);

		assert_int_equal(ks_strpool_find(&p, buf, (size_t)n), i);
		assert_string_equal(ks_strpool_get(&p, i), buf);
	}
	assert_int_equal(ks_strpool_find(&p, "name5000", 8), KS_STRPOOL_NONE);
	assert_int_equal(ks_strpool_find(&p, "name", 4), KS_STRPOOL_NONE);
}

static void strpool_tells_strings_apart_by_length_and_zero_bytes(void **state)
{
	struct ks_strpool p ks_cleanup_strpool = { 0 };

	(void)state;
	assert_int_equal(ks_strpool_add(&p, "", 0), 0);
	assert_int_equal(ks_strpool_add(&p, "\0", 1), 1);
	assert_int_equal(ks_strpool_add(&p, "a", 1), 2);
	assert_int_equal(ks_strpool_add(&p, "a\0", 2), 3);
	assert_int_equal(ks_strpool_add(&p, "a\0b", 3), 4);
	assert_int_equal(ks_strpool_add(&p, "ab", 1), 2);
	assert_int_equal(ks_strpool_find(&p, "a\0c", 3), KS_STRPOOL_NONE);
	assert_string_equal(ks_strpool_get(&p, 0), "");
	assert_memory_equal(ks_strpool_get(&p, 4), "a\0b", 4);
}

static void strpool_does_not_keep_the_callers_bytes(void **state)
{
	struct ks_strpool p ks_cleanup_strpool = { 0 };
	char buf[] = "first";

	(void)state;
	assert_int_equal(ks_strpool_add(&p, buf, 5), 0);
	memcpy(buf, "other", 5);
	assert_string_equal(ks_strpool_get(&p, 0), "first");
	assert_int_equal(ks_strpool_add(&p, buf, 5), 1);
}

/* ------------------------------------------------------------------ cursor */

static struct ks_cursor cursor(const void *data, size_t len, bool swap)
{
	return ks_cursor(data, len, swap, "FILE", ".sect");
}

static void cursor_reads_every_width_in_both_byte_orders(void **state)
{
	static const uint8_t le[] = { 1, 2, 1, 4, 3, 2, 1, 8, 7, 6, 5, 4, 3, 2, 1 };
	static const uint8_t be[] = { 1, 1, 2, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8 };
	const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	(void)state;
	for (int order = 0; order < 2; order++) {
		struct ks_cursor c = cursor(order ? be : le, 15, order != big);

		assert_int_equal(ks_cursor_u8(&c), 1);
		assert_int_equal(ks_cursor_u16(&c), 0x102);
		assert_int_equal(ks_cursor_u32(&c), 0x1020304);
		assert_true(ks_cursor_u64(&c) == 0x102030405060708);
		assert_false(ks_cursor_more(&c));
		assert_false(c.failed);
		assert_int_equal(ks_cursor_error(&c, NULL), 0);
		c = cursor(order ? be : le, 15, order != big);
		assert_int_equal(ks_cursor_uint(&c, 1), 1);
		assert_int_equal(ks_cursor_uint(&c, 2), 0x102);
		assert_int_equal(ks_cursor_uint(&c, 4), 0x1020304);
		assert_true(ks_cursor_uint(&c, 8) == 0x102030405060708);
	}
}

static void cursor_failure_is_sticky_and_reported_where_it_began(void **state)
{
	static const uint8_t data[] = { 1, 2, 3, 4, 5 };
	struct ks_cursor c = cursor(data, sizeof(data), false);
	struct ksym_error err = { 0 };
	size_t len = 99;

	(void)state;
	assert_int_equal(ks_cursor_u8(&c), 1);
	assert_int_equal(ks_cursor_u64(&c), 0);
	assert_true(c.failed);
	assert_int_equal(ks_cursor_left(&c), 4);
	/* Enough bytes are there for these, but the cursor has failed. */
	assert_int_equal(ks_cursor_u8(&c), 0);
	assert_int_equal(ks_cursor_u16(&c), 0);
	assert_int_equal(ks_cursor_u32(&c), 0);
	assert_int_equal(ks_cursor_uint(&c, 1), 0);
	assert_int_equal(ks_cursor_uleb(&c), 0);
	assert_int_equal(ks_cursor_sleb(&c), 0);
	assert_string_equal(ks_cursor_string(&c, &len), "");
	assert_int_equal(len, 0);
	assert_false(ks_cursor_skip(&c, 1));
	assert_false(ks_cursor_skip(&c, 0));
	assert_false(ks_cursor_seek(&c, 0));
	assert_false(ks_cursor_more(&c));
	assert_int_equal(ks_cursor_off(&c), 1);
	assert_int_equal(ks_cursor_error(&c, &err), -EBADMSG);
	assert_int_equal(err.code, -EBADMSG);
	assert_string_equal(err.text, "FILE: .sect: at offset 0x1: expected 64 more bits");
	assert_int_equal(ks_cursor_error(&c, NULL), -EBADMSG);
}

static void cursor_moves_only_inside_its_data(void **state)
{
	static const uint8_t data[4] = { 9, 8, 7, 6 };
	struct ks_cursor c = cursor(data, sizeof(data), false);

	(void)state;
	assert_true(ks_cursor_skip(&c, 4));
	assert_true(ks_cursor_seek(&c, 0));
	assert_true(ks_cursor_seek(&c, 4));
	assert_true(ks_cursor_skip(&c, 0));
	assert_true(ks_cursor_seek(&c, 1));
	assert_int_equal(ks_cursor_u8(&c), 8);
	assert_false(ks_cursor_seek(&c, 5));
	assert_int_equal(ks_cursor_off(&c), 2);
	c = cursor(data, sizeof(data), false);
	assert_false(ks_cursor_skip(&c, UINT64_MAX));
	c = cursor(data, sizeof(data), false);
	assert_false(ks_cursor_seek(&c, UINT64_MAX));
}

static void cursor_refuses_integers_of_odd_length(void **state)
{
	static const uint8_t data[16];

	(void)state;
	for (unsigned int len = 0; len < 20; len++) {
		struct ks_cursor c = cursor(data, sizeof(data), false);

		ks_cursor_uint(&c, len);
		assert_int_equal(c.failed, len != 1 && len != 2 && len != 4 && len != 8);
	}
}

static void cursor_string_has_to_end_inside(void **state)
{
	static const char data[] = { 'a', 'b', 0, 0, 'c' };
	struct ks_cursor c = cursor(data, sizeof(data), false);
	size_t len;

	(void)state;
	assert_string_equal(ks_cursor_string(&c, &len), "ab");
	assert_int_equal(len, 2);
	assert_string_equal(ks_cursor_string(&c, NULL), "");
	assert_false(c.failed);
	assert_string_equal(ks_cursor_string(&c, &len), "");
	assert_true(c.failed);
	assert_int_equal(ks_cursor_off(&c), 4);
}

/* Bytes as a string literal holds them, without the terminator. */
#define BYTES(s) (s), sizeof(s) - 1

static void unsigned_leb_has_at_most_64_bits(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		uint64_t value;
		bool fails;
	} cases[] = {
		{ BYTES("\x00"), 0, false },
		{ BYTES("\x7f"), 127, false },
		{ BYTES("\x80\x01"), 128, false },
		{ BYTES("\xe5\x8e\x26"), 624485, false },
		{ BYTES("\x80\x00"), 0, false },
		{ BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), UINT64_MAX >> 1, false },
		{ BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), UINT64_MAX, false },
		{ BYTES("\xff\x80\x80\x80\x80\x80\x80\x80\x80\x00"), 127, false },
		{ BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), 0, true },
		{ BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), 0, true },
		{ BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"), 0, true },
		{ BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x81\x00"), 0, true },
		{ BYTES(""), 0, true },
		{ BYTES("\x80"), 0, true },
		{ BYTES("\xff\xff\xff"), 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ks_cursor c = cursor(cases[i].bytes, cases[i].len, false);

		assert_true(ks_cursor_uleb(&c) == cases[i].value);
		assert_int_equal(c.failed, cases[i].fails);
		if (!c.failed)
			assert_int_equal(ks_cursor_left(&c), 0);
	}
}

static void signed_leb_has_at_most_64_bits(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int64_t value;
		bool fails;
	} cases[] = {
		{ BYTES("\x02"), 2, false },
		{ BYTES("\x7e"), -2, false },
		{ BYTES("\x3f"), 63, false },
		{ BYTES("\x40"), -64, false },
		{ BYTES("\xff\x00"), 127, false },
		{ BYTES("\x81\x7f"), -127, false },
		{ BYTES("\x80\x01"), 128, false },
		{ BYTES("\x80\x7f"), -128, false },
		{ BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x40"), INT64_MIN / 2, false },
		{ BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\x3f"), INT64_MAX / 2, false },
		{ BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f"), INT64_MIN, false },
		{ BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00"), INT64_MAX, false },
		{ BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), -1, false },
		{ BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), 0, true },
		{ BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x40"), 0, true },
		{ BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"), 0, true },
		{ BYTES(""), 0, true },
		{ BYTES("\xff"), 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ks_cursor c = cursor(cases[i].bytes, cases[i].len, false);

		assert_true(ks_cursor_sleb(&c) == cases[i].value);
		assert_int_equal(c.failed, cases[i].fails);
		if (!c.failed)
			assert_int_equal(ks_cursor_left(&c), 0);
	}
}

/* ------------------------------------------------------------------- files */

static void file_is_mapped_whole(void **state)
{
	struct ks_file f;

	(void)state;
	write_text(path_of("a"), "hello");
	assert_int_equal(ks_file_open(&f, path_of("a"), NULL), 0);
	assert_true(f.mapped);
	assert_int_equal(f.len, 5);
	assert_memory_equal(f.data, "hello", 5);
	ks_file_close(&f);
	assert_null(f.data);
}

static void empty_file_has_data_that_is_not_null(void **state)
{
	struct ks_file f;

	(void)state;
	write_text(path_of("empty"), "");
	assert_int_equal(ks_file_open(&f, path_of("empty"), NULL), 0);
	assert_int_equal(f.len, 0);
	assert_non_null(f.data);
	ks_file_close(&f);
}

static void pipe_is_read_to_its_end(void **state)
{
	enum { LEN = 300001 };
	char fd_path[64];
	struct ks_file f;
	int fds[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		for (int i = 0; i < LEN; i++) {
			char c = (char)(i * 31);

			if (write(fds[1], &c, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	close(fds[1]);
	snprintf(fd_path, sizeof(fd_path), "/dev/fd/%d", fds[0]);
	assert_int_equal(ks_file_open(&f, fd_path, NULL), 0);
	close(fds[0]);
	assert_false(f.mapped);
	assert_int_equal(f.len, LEN);
	for (int i = 0; i < LEN; i++)
		assert_int_equal((char)f.data[i], (char)(i * 31));
	ks_file_close(&f);
}

static void file_of_proc_that_claims_to_be_empty_is_read(void **state)
{
	struct ks_file f;

	(void)state;
	assert_int_equal(ks_file_open(&f, "/proc/self/status", NULL), 0);
	assert_true(f.len > 10);
	assert_memory_equal(f.data, "Name:", 5);
	ks_file_close(&f);
}

static void what_cannot_be_opened_is_named_in_one_line(void **state)
{
	struct ksym_error err = { 0 };
	const char *path = path_of("missing");
	struct ks_file f;
	char want[512];

	(void)state;
	assert_int_equal(ks_file_open(&f, path, &err), -ENOENT);
	assert_int_equal(err.code, -ENOENT);
	snprintf(want, sizeof(want), "%s: cannot open: No such file or directory", path);
	assert_string_equal(err.text, want);
	assert_null(f.data);
	assert_int_equal(ks_file_open(&f, dir, &err), -EISDIR);
	snprintf(want, sizeof(want), "%s: cannot read: Is a directory", dir);
	assert_string_equal(err.text, want);
	assert_int_equal(ks_file_open(&f, path, NULL), -ENOENT);
}

static void written_file_is_complete_and_obeys_umask(void **state)
{
	static const mode_t masks[] = { 022, 077, 0, 027 };
	struct ks_file f;
	struct stat st;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const char *path = path_of("written");
		mode_t old = umask(masks[i]);
		unsigned int before;

		unlink(path);
		before = nr_files_in(dir);
		assert_int_equal(ks_file_write(path, "some\0bytes", 10, NULL), 0);
		assert_int_equal(umask(old), masks[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0666 & ~masks[i]);
		assert_int_equal(nr_files_in(dir), before + 1);
		assert_int_equal(ks_file_open(&f, path, NULL), 0);
		assert_int_equal(f.len, 10);
		assert_memory_equal(f.data, "some\0bytes", 10);
		ks_file_close(&f);
	}
}

static void writing_replaces_a_file_that_others_have_open(void **state)
{
	const char *path = path_of("replaced");
	struct ks_file old;

	(void)state;
	write_text(path, "old text");
	assert_int_equal(ks_file_open(&old, path, NULL), 0);
	assert_int_equal(ks_file_write(path, "new", 3, NULL), 0);
	assert_memory_equal(old.data, "old text", 8);
	ks_file_close(&old);
	assert_int_equal(ks_file_open(&old, path, NULL), 0);
	assert_int_equal(old.len, 3);
	ks_file_close(&old);
}

/* A limit on the size of files makes write() fail half way, root or not. */
static void failed_write_leaves_nothing_behind(void **state)
{
	static char big[100000];
	const char *path = path_of("partial"), *kept = path_of("kept");
	struct rlimit old, small;
	struct ksym_error err = { 0 };
	unsigned int before;
	struct ks_file f;

	(void)state;
	write_text(kept, "as it was");
	before = nr_files_in(dir);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ 4096, old.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int ret = ks_file_write(path, big, sizeof(big), &err);
	int ret_kept = ks_file_write(kept, big, sizeof(big), NULL);

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(ret, -EFBIG);
	assert_int_equal(ret_kept, -EFBIG);
	assert_int_equal(err.code, -EFBIG);
	assert_non_null(strstr(err.text, "partial: cannot write: "));
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(nr_files_in(dir), before);
	assert_int_equal(ks_file_open(&f, kept, NULL), 0);
	assert_int_equal(f.len, 9);
	assert_memory_equal(f.data, "as it was", 9);
	ks_file_close(&f);
}

static void writing_into_a_missing_directory_fails(void **state)
{
	struct ksym_error err = { 0 };

	(void)state;
	assert_int_equal(ks_file_write(path_of("no/such/file"), "x", 1, &err), -ENOENT);
	assert_int_equal(err.code, -ENOENT);
	assert_non_null(strstr(err.text, "no/such/file: cannot create: "));
	assert_int_equal(ks_file_write(path_of("no/such/file"), "x", 1, NULL), -ENOENT);
}

static void writing_over_a_directory_fails(void **state)
{
	unsigned int before;

	(void)state;
	assert_int_equal(mkdir(path_of("subdir"), 0777), 0);
	before = nr_files_in(dir);
	assert_int_equal(ks_file_write(path_of("subdir"), "x", 1, NULL), -EISDIR);
	assert_int_equal(nr_files_in(dir), before);
}

static void pipe_and_device_are_written_directly(void **state)
{
	const char *fifo = path_of("fifo");
	char buf[16];
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	fd = open(fifo, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(ks_file_write(fifo, "through", 7, NULL), 0);
	assert_int_equal(read(fd, buf, sizeof(buf)), 7);
	assert_memory_equal(buf, "through", 7);
	close(fd);
	assert_int_equal(stat(fifo, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(ks_file_write("/dev/null", "x", 1, NULL), 0);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(ks_file_write("/dev/full", "x", 1, NULL), -ENOSPC);
}

static void lines_are_cut_at_newlines(void **state)
{
	static const struct {
		const char *text;
		const char *lines[6];
	} cases[] = {
		{ "", { NULL } },
		{ "\n", { "", NULL } },
		{ "a", { "a", NULL } },
		{ "a\n", { "a", NULL } },
		{ "a\nb", { "a", "b", NULL } },
		{ "a\r\nb\r\n\r\n\r", { "a", "b", "", "", NULL } },
		{ "a\rb\n\n\nc\r\r\n", { "a\rb", "", "", "c\r", NULL } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ks_file f = { .data = (const uint8_t *)cases[i].text,
				     .len = strlen(cases[i].text) };
		struct ks_lines l = ks_lines(&f);
		uint64_t n = 0;

		while (ks_lines_next(&l)) {
			assert_non_null(cases[i].lines[n]);
			assert_int_equal(l.len, strlen(cases[i].lines[n]));
			assert_memory_equal(l.s, cases[i].lines[n], l.len);
			assert_int_equal(l.nr, ++n);
		}
		assert_null(cases[i].lines[n]);
		assert_false(ks_lines_next(&l));
	}
}

/* ------------------------------------------------------------------ errors */

static void error_returns_its_code_with_or_without_a_place_for_text(void **state)
{
	struct ksym_error err = { 0 };

	(void)state;
	assert_int_equal(ks_error(NULL, -EBADMSG, "%s", "x"), -EBADMSG);
	assert_int_equal(ks_error(&err, -ENOTSUP, "%s: %d", "x", 3), -ENOTSUP);
	assert_int_equal(err.code, -ENOTSUP);
	assert_string_equal(err.text, "x: 3");
	assert_int_equal(ks_error_errno(&err, EACCES, "p", "cannot q"), -EACCES);
	assert_string_equal(err.text, "p: cannot q: Permission denied");
	assert_int_equal(ks_error_nomem(&err), -ENOMEM);
	assert_int_equal(err.code, -ENOMEM);
	assert_int_equal(ks_error_nomem(NULL), -ENOMEM);
	assert_int_equal(ks_error_errno(NULL, EACCES, "p", "q"), -EACCES);
}

static void control_bytes_never_reach_the_text_of_an_error(void **state)
{
	struct ksym_error err = { 0 };
	char all[256];

	(void)state;
	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = 0;
	assert_int_equal(ks_error(&err, -EBADMSG, "%s", all), -EBADMSG);
	assert_int_equal(strlen(err.text), 255);
	for (int i = 1; i < 256; i++) {
		if (i < 0x20 || i == 0x7f)
			assert_int_equal(err.text[i - 1], '?');
		else if (i < 0x7f)
			assert_int_equal(err.text[i - 1], i);
	}
	ks_error_errno(&err, ENOENT, "a\nb\033[2Jc", "cannot open");
	assert_string_equal(err.text, "a?b?[2Jc: cannot open: No such file or directory");
}

static void long_error_is_cut_and_terminated(void **state)
{
	struct ksym_error err;
	char s[5000];

	(void)state;
	memset(&err, 0x55, sizeof(err));
	memset(s, 'x', sizeof(s) - 1);
	s[sizeof(s) - 1] = 0;
	assert_int_equal(ks_error(&err, -EBADMSG, "%s", s), -EBADMSG);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static int set_up(void **state)
{
	(void)state;
	umask(022);
	return mkdtemp(dir) ? 0 : -1;
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
		cmocka_unit_test(range_test_never_wraps),
		cmocka_unit_test(arena_memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(arena_alignment_returns_after_odd_strings),
		cmocka_unit_test(arena_copies_bytes_behind_a_zero_byte_too),
		cmocka_unit_test(arena_refuses_lengths_that_wrap),
		cmocka_unit_test(arena_can_be_used_after_being_freed),
		cmocka_unit_test(vector_keeps_its_elements_while_growing),
		cmocka_unit_test(vector_elements_are_zeroed_when_pushed_again),
		cmocka_unit_test(vector_refuses_room_that_wraps),
		cmocka_unit_test(strpool_numbers_count_in_order_of_first_sight),
		cmocka_unit_test(strpool_tells_strings_apart_by_length_and_zero_bytes),
		cmocka_unit_test(strpool_does_not_keep_the_callers_bytes),
		cmocka_unit_test(cursor_reads_every_width_in_both_byte_orders),
		cmocka_unit_test(cursor_failure_is_sticky_and_reported_where_it_began),
		cmocka_unit_test(cursor_moves_only_inside_its_data),
		cmocka_unit_test(cursor_refuses_integers_of_odd_length),
		cmocka_unit_test(cursor_string_has_to_end_inside),
		cmocka_unit_test(unsigned_leb_has_at_most_64_bits),
		cmocka_unit_test(signed_leb_has_at_most_64_bits),
		cmocka_unit_test(file_is_mapped_whole),
		cmocka_unit_test(empty_file_has_data_that_is_not_null),
		cmocka_unit_test(pipe_is_read_to_its_end),
		cmocka_unit_test(file_of_proc_that_claims_to_be_empty_is_read),
		cmocka_unit_test(what_cannot_be_opened_is_named_in_one_line),
		cmocka_unit_test(written_file_is_complete_and_obeys_umask),
		cmocka_unit_test(writing_replaces_a_file_that_others_have_open),
		cmocka_unit_test(failed_write_leaves_nothing_behind),
		cmocka_unit_test(writing_into_a_missing_directory_fails),
		cmocka_unit_test(writing_over_a_directory_fails),
		cmocka_unit_test(pipe_and_device_are_written_directly),
		cmocka_unit_test(lines_are_cut_at_newlines),
		cmocka_unit_test(error_returns_its_code_with_or_without_a_place_for_text),
		cmocka_unit_test(control_bytes_never_reach_the_text_of_an_error),
		cmocka_unit_test(long_error_is_cut_and_terminated),
	};

	return cmocka_run_group_tests_name("base", tests, set_up, tear_down);
}
