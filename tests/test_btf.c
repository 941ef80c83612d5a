// SPDX-License-Identifier: LGPL-2.1-or-later
/* The API of <ksym/btf.h>, on objects that are compiled here and on BTF made word by word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "btf/format.h"
#include "ksym/btf.h"

static char dir[] = "/tmp/ksym-btf.XXXXXX";
static char object[64], other[64], file[64];

#define INFO(kind, vlen) KS_BTF_INFO(kind, 0, vlen)
#define INT 1, INFO(BTF_KIND_INT, 0), 4, BTF_INT_SIGNED << 24 | 32	/* "int" */

/* Strings of what is made here: 1 "int", 5 "s", 7 "x", 9 "sec", 13 "f" */
static const char strings[] = "\0int\0s\0x\0sec\0f";

static size_t make(uint8_t *to, const uint32_t *words, size_t nr, bool swap)
{
	uint32_t header[6] = { 0, 24, 0, (uint32_t)(4 * nr), (uint32_t)(4 * nr), sizeof(strings) };
	uint16_t magic = swap ? __builtin_bswap16(BTF_MAGIC) : BTF_MAGIC;
	size_t len = 0;

	for (size_t i = 0; i < 6 + nr; i++, len += 4) {
		uint32_t w = i < 6 ? header[i] : words[i - 6];

		w = swap ? __builtin_bswap32(w) : w;
		memcpy(to + len, &w, 4);
	}
	memcpy(to, &magic, 2);
	to[2] = BTF_VERSION;
	to[3] = 0;
	memcpy(to + len, strings, sizeof(strings));
	return len + sizeof(strings);
}

static int read_bytes(struct ksym_btf **b, const void *data, size_t len, const struct ksym_btf *base,
		      struct ksym_error *err)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	return ksym_btf_read(b, file, base, err);
}

static int read_words(struct ksym_btf **b, const uint32_t *words, size_t nr, bool swap)
{
	struct ksym_error err = { 0 };
	uint8_t *data = malloc(24 + 4 * nr + sizeof(strings));
	size_t len;
	int ret;

	assert_non_null(data);
	len = make(data, words, nr, swap);
	ret = read_bytes(b, data, len, NULL, &err);
	free(data);
	if (ret)
		assert_non_null(strstr(err.text, "BTF: "));
	return ret;
}

#define READ(b, ...)                                                                       \
	read_words(b, (const uint32_t[]){ __VA_ARGS__ },                                   \
		   sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4, false)

/* -------------------------------------------------------------------- text */

static void expect_text(const struct ksym_btf *b, uint32_t type, const char *name, const char *text)
{
	char buf[128], cut[4];

	assert_int_equal(ksym_btf_type_text(b, type, name, buf, sizeof(buf)), strlen(text));
	assert_string_equal(buf, text);
	assert_int_equal(ksym_btf_type_text(b, type, name, cut, sizeof(cut)), strlen(text));
	assert_memory_equal(cut, text, sizeof(cut) - 1);
	assert_int_equal(cut[3], 0);
	assert_int_equal(ksym_btf_type_text(b, type, name, NULL, 0), strlen(text));
}

static void types_are_spelled_as_in_c(void **state)
{
	struct ksym_btf *b;

	(void)state;
	assert_int_equal(READ(&b,
			      INT,						/* 1 */
			      0, INFO(BTF_KIND_PTR, 0), 1,			/* 2 int * */
			      0, INFO(BTF_KIND_FUNC_PROTO, 2), 1, 7, 2, 0, 0,	/* 3 */
			      0, INFO(BTF_KIND_PTR, 0), 3,			/* 4 */
			      0, INFO(BTF_KIND_ARRAY, 0), 0, 4, 1, 3,		/* 5 of pointers */
			      0, INFO(BTF_KIND_PTR, 0), 5,			/* 6 to that array */
			      0, INFO(BTF_KIND_CONST, 0), 1,			/* 7 */
			      0, INFO(BTF_KIND_PTR, 0), 7,			/* 8 */
			      0, INFO(BTF_KIND_CONST, 0), 8,			/* 9 */
			      5, INFO(BTF_KIND_STRUCT, 0), 0,			/* 10 */
			      0, INFO(BTF_KIND_VOLATILE, 0), 10,		/* 11 */
			      5, KS_BTF_INFO(BTF_KIND_FWD, 1, 0), 0,		/* 12 */
			      0, INFO(BTF_KIND_STRUCT, 0), 0,			/* 13 */
			      0, INFO(BTF_KIND_FUNC_PROTO, 0), 6), 0);		/* 14 */
	expect_text(b, 1, NULL, "int");
	expect_text(b, 2, "p", "int *p");
	expect_text(b, 4, "f", "int (*f)(int *x, ...)");
	expect_text(b, 5, "ops", "int (*ops[3])(int *x, ...)");
	expect_text(b, 6, "p", "int (*(*p)[3])(int *x, ...)");
	expect_text(b, 9, "p", "const int *const p");
	expect_text(b, 11, "v", "volatile struct s v");
	expect_text(b, 12, NULL, "union s");
	expect_text(b, 13, "x", "struct {...} x");
	expect_text(b, 14, "f", "int (*(*f(void))[3])(int *x, ...)");
	expect_text(b, 0, NULL, "void");
	ksym_btf_close(b);
}

/* Parameters that are prototypes of as many parameters: 2,000 to the fourth. */
static void spelling_ends_where_the_text_does(void **state)
{
	enum { DEPTH = 6, NR = 2000 };
	uint32_t *w = calloc(DEPTH * (3 + 2 * NR) + 4, 4), *p = w;
	struct ksym_btf *b;
	char buf[4096];

	(void)state;
	assert_non_null(w);
	memcpy(p, (uint32_t[]){ INT }, 16);
	p += 4;
	for (uint32_t i = 0; i < DEPTH; i++) {
		*p++ = 0;
		*p++ = INFO(BTF_KIND_FUNC_PROTO, NR);
		*p++ = 0;
		for (uint32_t k = 0; k < NR; k++) {
			*p++ = 0;
			*p++ = i + 1;
		}
	}
	assert_int_equal(read_words(&b, w, (size_t)(p - w), false), 0);
	for (uint32_t id = 1; id <= DEPTH + 1; id++)
		assert_in_range(ksym_btf_type_text(b, id, "f", buf, sizeof(buf)), 1, sizeof(buf) - 1);
	ksym_btf_close(b);
	free(w);
}

/* ------------------------------------------------------------------ errors */

static void what_is_no_btf_is_refused(void **state)
{
	struct ksym_btf *b;

	(void)state;
	/* A pointer to itself, aliases in a circle, a structure without a name in itself. */
	assert_int_equal(READ(&b, 0, INFO(BTF_KIND_PTR, 0), 1), -EBADMSG);
	assert_int_equal(READ(&b, 7, INFO(BTF_KIND_TYPEDEF, 0), 2, 5, INFO(BTF_KIND_TYPEDEF, 0), 1),
			 -EBADMSG);
	assert_int_equal(READ(&b, 0, INFO(BTF_KIND_STRUCT, 1), 4, 7, 1, 0), -EBADMSG);
	/* With a name it may lead to itself. */
	assert_int_equal(READ(&b, 5, INFO(BTF_KIND_STRUCT, 1), 4, 7, 2, 0, 0, INFO(BTF_KIND_PTR, 0), 1), 0);
	ksym_btf_close(b);
	/* Types and names outside, kinds and sizes that there are not. */
	assert_int_equal(READ(&b, 0, INFO(BTF_KIND_PTR, 0), 2), -EBADMSG);
	assert_int_equal(READ(&b, sizeof(strings), INFO(BTF_KIND_INT, 0), 4, 32), -EBADMSG);
	assert_int_equal(READ(&b, 1, INFO(BTF_KIND_INT, 0), 3, 24), -EBADMSG);
	assert_int_equal(READ(&b, 0, INFO(0, 0), 0), -EBADMSG);
	assert_int_equal(READ(&b, 0, INFO(20, 0), 0), -EBADMSG);
	/* A section of what is no variable, a function without prototype, a pointer to one. */
	assert_int_equal(READ(&b, INT, 9, INFO(BTF_KIND_DATASEC, 1), 4, 1, 0, 4), -EBADMSG);
	assert_int_equal(READ(&b, INT, 13, INFO(BTF_KIND_FUNC, 0), 1), -EBADMSG);
	assert_int_equal(READ(&b, INT, 7, INFO(BTF_KIND_VAR, 0), 1, 1, 0, INFO(BTF_KIND_PTR, 0), 2),
			 -EBADMSG);
}

static const uint32_t small[] = {
	INT, 7, INFO(BTF_KIND_VAR, 0), 1, BTF_VAR_GLOBAL_ALLOCATED,
	9, INFO(BTF_KIND_DATASEC, 1), 8, 2, 4, 4,
};

static void check_small(const struct ksym_btf *b)
{
	struct ksym_btf_info info = { .size = sizeof(info) };
	struct ksym_btf_var var;

	ksym_btf_info(b, &info);
	assert_int_equal(info.first, 1);
	assert_int_equal(info.nr_types, 3);
	assert_int_equal(info.nr_vars, 1);
	assert_int_equal(info.nr_kinds[BTF_KIND_DATASEC], 1);
	ksym_btf_var(b, 0, &var);
	assert_string_equal(var.name, "x");
	assert_string_equal(var.section, "sec");
	assert_int_equal(var.type, 1);
	assert_int_equal(var.off, 4);
	assert_int_equal(var.len, 4);
	assert_true(var.is_global);
}

static void both_byte_orders_are_read(void **state)
{
	struct ksym_btf *b;

	(void)state;
	for (int swap = 0; swap < 2; swap++) {
		assert_int_equal(read_words(&b, small, sizeof(small) / 4, swap), 0);
		check_small(b);
		ksym_btf_close(b);
	}
}

static void every_shorter_file_is_refused(void **state)
{
	uint8_t data[256];
	size_t len = make(data, small, sizeof(small) / 4, false);
	struct ksym_error err;
	struct ksym_btf *b;

	(void)state;
	for (size_t cut = 1; cut < len; cut++)
		assert_int_equal(read_bytes(&b, data, cut, NULL, &err), -EBADMSG);
}

static void a_header_may_be_longer_but_not_wrong(void **state)
{
	uint8_t data[256], moved[256] = { 0 };
	size_t len = make(data, small, sizeof(small) / 4, false);
	struct ksym_error err;
	struct ksym_btf *b;

	(void)state;
	memcpy(moved, data, 24);
	memcpy(moved + 32, data + 24, len - 24);
	moved[4] = 32;
	assert_int_equal(read_bytes(&b, moved, len + 8, NULL, &err), 0);
	check_small(b);
	ksym_btf_close(b);
	/* Lengths and offsets beyond the end, types that lie between words. */
	for (unsigned int at = 4; at < 24; at += 4) {
		uint32_t bad[] = { 1, 0x7fffffff, UINT32_MAX };

		for (size_t i = at == 8; i < 3; i++) {
			uint8_t copy[256];

			if (!(at % 8) && !i && at != 8)
				continue;
			memcpy(copy, data, len);
			memcpy(copy + at, &bad[i], 4);
			assert_int_equal(read_bytes(&b, copy, len, NULL, &err), -EBADMSG);
		}
	}
}

/* ------------------------------------------------------------------ encode */

static struct ksym_btf *encode(const char *path, const struct ksym_btf *base, unsigned int nr_threads)
{
	struct ksym_btf_opts o = { .size = sizeof(o), .vars = KSYM_BTF_VARS_ALL, .base = base,
				   .nr_threads = nr_threads };
	struct ksym_error err = { 0 };
	struct ksym_btf *b;

	if (ksym_btf_encode(&b, path, &o, &err))
		fail_msg("%s", err.text);
	return b;
}

static void assert_same(const struct ksym_btf *a, const struct ksym_btf *b)
{
	size_t len_a, len_b;
	const void *x = ksym_btf_data(a, &len_a), *y = ksym_btf_data(b, &len_b);

	assert_int_equal(len_a, len_b);
	assert_memory_equal(x, y, len_a);
}

static void what_is_written_is_read(void **state)
{
	struct ksym_btf *base = encode(object, NULL, 1), *split = encode(other, base, 1), *b;
	struct ksym_btf_info info = { .size = sizeof(info) };
	struct ksym_btf_opts o = { .size = sizeof(o), .base = split };
	struct ksym_error err;

	(void)state;
	assert_int_equal(ksym_btf_write(base, file, &err), 0);
	assert_int_equal(ksym_btf_read(&b, file, NULL, &err), 0);
	assert_same(base, b);
	ksym_btf_close(b);
	assert_int_equal(ksym_btf_write(split, file, &err), 0);
	assert_int_equal(ksym_btf_read(&b, file, base, &err), 0);
	assert_same(split, b);
	ksym_btf_info(b, &info);
	assert_true(info.first > 1);
	assert_true(info.nr_kinds[BTF_KIND_STRUCT] > 0);
	assert_true(info.nr_kinds[BTF_KIND_VAR] > 0);
	ksym_btf_close(b);
	/* Without its base, and on what is split itself. */
	assert_int_equal(ksym_btf_read(&b, file, NULL, &err), -EBADMSG);
	assert_int_equal(ksym_btf_encode(&b, object, &o, &err), -EINVAL);
	ksym_btf_close(split);
	ksym_btf_close(base);
}

static void what_is_embedded_is_read(void **state)
{
	struct ksym_btf *b = encode(object, NULL, 1), *again;
	struct ksym_error err;

	(void)state;
	assert_int_equal(ksym_btf_read(&again, object, NULL, &err), -ENODATA);
	assert_int_equal(ksym_btf_embed(b, object, file, &err), 0);
	assert_int_equal(ksym_btf_read(&again, file, NULL, &err), 0);
	assert_same(b, again);
	ksym_btf_close(again);
	ksym_btf_close(b);
}

static void options_of_another_size(void **state)
{
	struct {
		struct ksym_btf_opts o;
		uint64_t more;
	} longer = { .o = { .size = sizeof(longer), .vars = KSYM_BTF_VARS_ALL } };
	struct ksym_btf *a = encode(object, NULL, 1), *b;
	struct ksym_error err;

	(void)state;
	assert_int_equal(ksym_btf_encode(&b, object, &longer.o, &err), 0);
	assert_same(a, b);
	ksym_btf_close(b);
	longer.more = 1;
	assert_int_equal(ksym_btf_encode(&b, object, &longer.o, &err), -EINVAL);
	longer.o.size = 0;
	assert_int_equal(ksym_btf_encode(&b, object, &longer.o, &err), -EINVAL);
	ksym_btf_close(a);
}

static void *encode_in_thread(void *base)
{
	return encode(other, base, 3);
}

static void threads_make_the_same_bytes(void **state)
{
	struct ksym_btf *base = encode(object, NULL, 3), *one = encode(object, NULL, 1), *split;
	pthread_t threads[4];
	void *made;

	(void)state;
	assert_same(base, one);
	split = encode(other, one, 1);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, encode_in_thread, base), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &made), 0);
		assert_same(split, made);
		ksym_btf_close(made);
	}
	ksym_btf_close(split);
	ksym_btf_close(one);
	ksym_btf_close(base);
}

static int set_up(void **state)
{
	const char *source = getenv("KSYM_SOURCE");
	char command[1000];

	(void)state;
	unsetenv("DEBUGINFOD_URLS");
	if (!mkdtemp(dir))
		return -1;
	snprintf(object, sizeof(object), "%s/two.linked", dir);
	snprintf(other, sizeof(other), "%s/kinds.linked", dir);
	snprintf(file, sizeof(file), "%s/file", dir);
	source = source ? source : ".";
	snprintf(command, sizeof(command),
		 "{ %s/tests/btf-fixtures/build %s/two cc '-O1 -g -gz=none' two-a.c two-b.c variables.c &&"
		 " %s/tests/btf-fixtures/build %s/kinds cc '-O1 -g -gz=none' kinds.c;"
		 " } > /dev/null 2>&1", source, dir, source, dir);
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
		cmocka_unit_test(types_are_spelled_as_in_c),
		cmocka_unit_test(spelling_ends_where_the_text_does),
		cmocka_unit_test(what_is_no_btf_is_refused),
		cmocka_unit_test(both_byte_orders_are_read),
		cmocka_unit_test(every_shorter_file_is_refused),
		cmocka_unit_test(a_header_may_be_longer_but_not_wrong),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_is_embedded_is_read),
		cmocka_unit_test(options_of_another_size),
		cmocka_unit_test(threads_make_the_same_bytes),
	};

	return cmocka_run_group_tests_name("btf", tests, set_up, tear_down);
}
