// SPDX-License-Identifier: LGPL-2.1-or-later
/* Split BTF on a distilled base, and put on a real one, word by word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "btf/file.h"

static char file[] = "/tmp/ksym-distill.XXXXXX";

#define INFO(kind, vlen) KS_BTF_INFO(kind, 0, vlen)
#define INT 1, INFO(BTF_KIND_INT, 0), 4, BTF_INT_SIGNED << 24 | 32	/* "int" */
#define PTR(to) 0, INFO(BTF_KIND_PTR, 0), to
/* A structure, called @name, of one member of type @type, called x. */
#define ONE(name, size, type) name, INFO(BTF_KIND_STRUCT, 1), size, X, type, 0

static const char strings[] = "\0int\0s\0x\0own\0e\0f";
enum { S = 5, X = 7, OWN = 9, E = 13, F = 15 };

static struct ksym_btf *from_words(const uint32_t *words, size_t nr, const struct ksym_btf *base, bool swap)
{
	uint32_t *data = calloc(6 + nr + sizeof(strings), 4);
	const uint32_t header[] = { BTF_MAGIC | BTF_VERSION << 16, 24, 0, (uint32_t)(4 * nr), (uint32_t)(4 * nr),
				    sizeof(strings) };
	struct ksym_btf *b = NULL;
	struct ksym_error err;
	FILE *f = fopen(file, "w");

	assert_non_null(data);
	assert_non_null(f);
	memcpy(data, header, sizeof(header));
	memcpy(data + 6, words, 4 * nr);
	for (size_t i = 0; swap && i < 6 + nr; i++)
		data[i] = __builtin_bswap32(data[i]);
	/* Magic number, version, flags are of 2, 1, 1 bytes. */
	if (swap)
		memcpy(data, (uint8_t[]){ BTF_MAGIC >> 8, BTF_MAGIC & 0xff, BTF_VERSION, 0 }, 4);
	memcpy(data + 6 + nr, strings, sizeof(strings));
	assert_int_equal(fwrite(data, 1, 24 + 4 * nr + sizeof(strings), f), 24 + 4 * nr + sizeof(strings));
	fclose(f);
	free(data);
	if (ksym_btf_read(&b, file, base, &err))
		fail_msg("%s", err.text);
	return b;
}

#define READ(base, ...)                                                                    \
	from_words((const uint32_t[]){ __VA_ARGS__ },                                      \
		   sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4, base, false)

static struct ksym_btf *distill(const struct ksym_btf *split)
{
	struct ksym_btf *b = NULL;
	struct ksym_error err;

	if (ksym_btf_distill(&b, split, &err))
		fail_msg("%s", err.text);
	return b;
}

/* Type @id is of @kind, called @name, with @vlen parts, and @word is its third word. */
static void expect(const struct ksym_btf *b, uint32_t id, unsigned int kind, const char *name,
		   unsigned int vlen, uint32_t word)
{
	const uint32_t *t = ks_btf_by_id(b, id);

	assert_non_null(t);
	assert_int_equal(KS_BTF_KIND(t), kind);
	assert_string_equal(ks_btf_string(b, t[0]), name);
	assert_int_equal(KS_BTF_VLEN(t), vlen);
	assert_int_equal(t[2], word);
}

static uint32_t nr_types(const struct ksym_btf *b)
{
	struct ksym_btf_info info = { .size = sizeof(info) };

	ksym_btf_info(b, &info);
	return info.nr_types;
}

/* ----------------------------------------------------------------- distill */

static void names_and_sizes_are_the_base_and_the_rest_is_split(void **state)
{
	struct ksym_btf *base = READ(NULL,
		INT,								/* 1 */
		S, INFO(BTF_KIND_STRUCT, 2), 8, X, 1, 0, X, 3, 32,		/* 2 */
		PTR(2),								/* 3 */
		F, INFO(KS_BTF_FLOAT, 0), 8,					/* 4: not used */
		E, INFO(KS_BTF_ENUM64, 1), 8, X, 1, 1,				/* 5 */
		0, INFO(BTF_KIND_UNION, 1), 4, X, 1, 0,				/* 6 */
		F, KS_BTF_INFO(BTF_KIND_FWD, 1, 0), 0),				/* 7 */
		*split = READ(base,
		OWN, INFO(BTF_KIND_STRUCT, 4), 24, X, 3, 0, X, 5, 64, X, 6, 128, X, 9, 160,	/* 8 */
		PTR(7)),							/* 9 */
		*b = distill(split);
	const struct ksym_btf *small = ksym_btf_base(b);

	(void)state;
	assert_int_equal(nr_types(small), 4);
	expect(small, 1, BTF_KIND_INT, "int", 0, 4);
	expect(small, 2, BTF_KIND_STRUCT, "s", 0, 8);
	expect(small, 3, BTF_KIND_ENUM, "e", 0, 8);
	expect(small, 4, BTF_KIND_FWD, "f", 0, 0);
	assert_int_equal(KS_BTF_KFLAG(ks_btf_by_id(small, 4)), 1);
	/* Its own first, then the pointer and what has no name. */
	assert_int_equal(nr_types(b), 4);
	expect(b, 5, BTF_KIND_STRUCT, "own", 4, 24);
	assert_int_equal(ks_btf_by_id(b, 5)[4], 7);
	assert_int_equal(ks_btf_by_id(b, 5)[7], 3);
	assert_int_equal(ks_btf_by_id(b, 5)[10], 8);
	assert_int_equal(ks_btf_by_id(b, 5)[13], 6);
	expect(b, 6, BTF_KIND_PTR, "", 0, 4);
	expect(b, 7, BTF_KIND_PTR, "", 0, 2);
	expect(b, 8, BTF_KIND_UNION, "", 1, 4);
	assert_int_equal(ks_btf_by_id(b, 8)[4], 1);
	ksym_btf_close(b);
	ksym_btf_close(split);
	ksym_btf_close(base);
}

static void what_a_name_does_not_tell_is_copied(void **state)
{
	/* Two of a name and a size; two of a name and other sizes; a constant of each. */
	struct ksym_btf *base = READ(NULL,
		INT,								/* 1 */
		ONE(S, 4, 1), S, INFO(BTF_KIND_STRUCT, 2), 4, X, 1, 0, X, 4, 0,	/* 2 3 */
		ONE(F, 4, 1), ONE(F, 8, 1),					/* 4 5 */
		E, INFO(BTF_KIND_ENUM, 1), 4, X, 1, E, INFO(BTF_KIND_ENUM, 1), 4, X, 2),	/* 6 7 */
		*split = READ(base, PTR(3), PTR(5), PTR(6)),
		*b = distill(split);
	const struct ksym_btf *small = ksym_btf_base(b);

	(void)state;
	/* int and the first f, which the copied s consists of, and the f that is referred to. */
	assert_int_equal(nr_types(small), 3);
	expect(small, 1, BTF_KIND_INT, "int", 0, 4);
	expect(small, 2, BTF_KIND_STRUCT, "f", 0, 4);
	expect(small, 3, BTF_KIND_STRUCT, "f", 0, 8);
	assert_int_equal(nr_types(b), 5);
	expect(b, 4, BTF_KIND_PTR, "", 0, 7);
	expect(b, 5, BTF_KIND_PTR, "", 0, 3);
	expect(b, 6, BTF_KIND_PTR, "", 0, 8);
	expect(b, 7, BTF_KIND_STRUCT, "s", 2, 4);
	expect(b, 8, BTF_KIND_ENUM, "e", 1, 4);
	ksym_btf_close(b);
	ksym_btf_close(split);
	ksym_btf_close(base);
}

static void functions_and_variables_are_copied(void **state)
{
	struct ksym_btf *base = READ(NULL,
		INT,
		0, INFO(BTF_KIND_FUNC_PROTO, 1), 1, X, 1,			/* 2 */
		F, INFO(BTF_KIND_FUNC, 1), 2,					/* 3 */
		X, INFO(BTF_KIND_VAR, 0), 1, 0),				/* 4 */
		*split = READ(base,
		E, INFO(KS_BTF_DECL_TAG, 0), 3, UINT32_MAX,
		S, INFO(BTF_KIND_DATASEC, 1), 4, 4, 0, 4),
		*b = distill(split);

	(void)state;
	assert_int_equal(nr_types(ksym_btf_base(b)), 1);
	expect(b, 2, KS_BTF_DECL_TAG, "e", 0, 5);
	assert_int_equal(ks_btf_by_id(b, 3)[3], 6);
	expect(b, 4, BTF_KIND_FUNC_PROTO, "", 1, 1);
	expect(b, 5, BTF_KIND_FUNC, "f", 1, 4);
	expect(b, 6, BTF_KIND_VAR, "x", 0, 1);
	ksym_btf_close(b);
	ksym_btf_close(split);
	ksym_btf_close(base);
}

static void only_split_btf_on_a_whole_base_is_distilled(void **state)
{
	struct ksym_btf *base = READ(NULL, INT), *split = READ(base, PTR(1)), *more = READ(split, PTR(2)), *b;
	struct ksym_error err;

	(void)state;
	assert_int_equal(ksym_btf_distill(&b, base, &err), -EINVAL);
	assert_int_equal(ksym_btf_distill(&b, more, &err), -EINVAL);
	ksym_btf_close(more);
	ksym_btf_close(split);
	ksym_btf_close(base);
}

/* ---------------------------------------------------------------- relocate */

static struct ksym_btf *small_split(const struct ksym_btf *base)
{
	return READ(base, ONE(OWN, 8, 4), PTR(2));
}

static struct ksym_btf *small_base(void)
{
	return READ(NULL, INT, ONE(S, 4, 1), E, INFO(BTF_KIND_ENUM, 1), 4, X, 0, PTR(3));
}

static void types_are_found_by_name_in_another_base(void **state)
{
	struct ksym_btf *base = small_base(), *split = small_split(base), *b = distill(split), *on;
	struct ksym_btf *other = READ(NULL,
		X, INFO(BTF_KIND_TYPEDEF, 0), 3,
		E, INFO(KS_BTF_ENUM64, 1), 4, X, 0, 1,
		INT,
		S, INFO(BTF_KIND_STRUCT, 2), 16, X, 3, 0, X, 3, 64);
	struct ksym_error err;

	(void)state;
	ksym_btf_close(split);
	ksym_btf_close(base);
	assert_int_equal(ksym_btf_relocate(&on, b, other, &err), 0);
	assert_ptr_equal(ksym_btf_base(on), other);
	assert_int_equal(nr_types(on), 3);
	expect(on, 5, BTF_KIND_STRUCT, "own", 1, 8);
	assert_int_equal(ks_btf_by_id(on, 5)[4], 7);
	expect(on, 6, BTF_KIND_PTR, "", 0, 4);		/* of another size: it is only pointed to */
	expect(on, 7, BTF_KIND_PTR, "", 0, 2);
	ksym_btf_close(on);
	ksym_btf_close(b);
	ksym_btf_close(other);
}

/* What ksym_btf_relocate() says of these types as base. */
static void refuse(const struct ksym_btf *b, struct ksym_btf *other, int ret, const char *why)
{
	struct ksym_error err = { 0 };
	struct ksym_btf *on;

	assert_int_equal(ksym_btf_relocate(&on, b, other, &err), ret);
	if (!strstr(err.text, why))
		fail_msg("\"%s\": expected \"%s\"", err.text, why);
	ksym_btf_close(other);
}

static void what_is_not_there_once_is_refused(void **state)
{
	struct ksym_btf *base = small_base(), *split = READ(base, ONE(OWN, 8, 2), PTR(3), PTR(1)),
			*b = distill(split);
	const uint32_t swapped[] = { INT };

	(void)state;
	refuse(b, READ(NULL, INT, ONE(S, 4, 1)), -EBADMSG, "\"e\"");
	refuse(b, READ(NULL, INT, ONE(S, 4, 1), E, INFO(BTF_KIND_ENUM, 1), 8, X, 0), -EBADMSG, "\"e\"");
	refuse(b, READ(NULL, INT, ONE(S, 8, 1), E, INFO(BTF_KIND_ENUM, 1), 4, X, 0), -EBADMSG, "\"s\"");
	refuse(b, READ(NULL, INT, ONE(S, 4, 1), ONE(S, 4, 0), E, INFO(BTF_KIND_ENUM, 1), 4, X, 0), -EBADMSG,
	       "are several");
	refuse(b, READ(NULL, INT, S, INFO(BTF_KIND_UNION, 1), 4, X, 1, 0, E, INFO(BTF_KIND_ENUM, 1), 4, X, 0),
	       -EBADMSG, "\"s\"");
	refuse(b, READ(NULL, 1, INFO(BTF_KIND_INT, 0), 4, 32, ONE(S, 4, 1), E, INFO(BTF_KIND_ENUM, 1), 4, X, 0),
	       -EBADMSG, "\"int\"");
	refuse(b, from_words(swapped, 4, NULL, true), -EINVAL, "byte order");
	/* On what is no distilled base. */
	refuse(split, READ(NULL, INT), -EBADMSG, "distilled base");
	refuse(base, READ(NULL, INT), -EINVAL, "distilled base");
	ksym_btf_close(b);
	ksym_btf_close(split);
	ksym_btf_close(base);
}

static void the_other_byte_order_stays(void **state)
{
	const uint32_t base_words[] = { INT, ONE(S, 4, 1) }, split_words[] = { PTR(2) };
	struct ksym_btf *base = from_words(base_words, sizeof(base_words) / 4, NULL, true);
	struct ksym_btf *split = from_words(split_words, 3, base, true), *b = distill(split), *on;
	struct ksym_error err;
	size_t len;

	(void)state;
	assert_true(b->swap && ksym_btf_base(b)->swap);
	assert_int_equal(*(const uint8_t *)ksym_btf_data(b, &len), BTF_MAGIC >> 8);
	assert_int_equal(ksym_btf_relocate(&on, b, base, &err), 0);
	expect(on, 3, BTF_KIND_PTR, "", 0, 2);
	ksym_btf_close(on);
	ksym_btf_close(b);
	ksym_btf_close(split);
	ksym_btf_close(base);
}

/* Names that are ends of one long string take no more than a bound. */
static void names_that_overlap_are_refused(void **state)
{
	enum { NR = 40000, LEN = 4000000 };
	struct ksym_btf *base = READ(NULL, INT), *split, *b;
	uint8_t *data = malloc(24 + 12 * NR + LEN);
	uint32_t header[] = { BTF_MAGIC | BTF_VERSION << 16, 24, 0, 12 * NR, 12 * NR, LEN };
	struct ksym_error err;
	FILE *f = fopen(file, "w");

	(void)state;
	assert_non_null(data);
	assert_non_null(f);
	memcpy(data, header, 24);
	for (uint32_t i = 0; i < NR; i++)
		memcpy(data + 24 + 12 * i,
		       (const uint32_t[]){ sizeof(strings) + i, INFO(BTF_KIND_TYPEDEF, 0), 1 }, 12);
	memset(data + 24 + 12 * NR, 'x', LEN);
	data[24 + 12 * NR + LEN - 1] = 0;
	assert_int_equal(fwrite(data, 1, 24 + 12 * NR + LEN, f), 24 + 12 * NR + LEN);
	fclose(f);
	free(data);
	assert_int_equal(ksym_btf_read(&split, file, base, &err), 0);
	assert_int_equal(ksym_btf_distill(&b, split, &err), -E2BIG);
	ksym_btf_close(split);
	ksym_btf_close(base);
}

static int make_file(void **state)
{
	int fd = mkstemp(file);

	(void)state;
	close(fd);
	return fd < 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_sizes_are_the_base_and_the_rest_is_split),
		cmocka_unit_test(what_a_name_does_not_tell_is_copied),
		cmocka_unit_test(functions_and_variables_are_copied),
		cmocka_unit_test(only_split_btf_on_a_whole_base_is_distilled),
		cmocka_unit_test(types_are_found_by_name_in_another_base),
		cmocka_unit_test(what_is_not_there_once_is_refused),
		cmocka_unit_test(the_other_byte_order_stays),
		cmocka_unit_test(names_that_overlap_are_refused),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
