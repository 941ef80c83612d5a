// SPDX-License-Identifier: LGPL-2.1-or-later
/* The printer of lines: its three forms, and that it keeps to its buffer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include "tables/line.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

struct what {
	unsigned int digits;
	uint64_t va, len;
	char type;
	const char *name;
	const char *modules[4];
	const char *object;
};

static size_t print(char *buf, size_t cap, enum ks_line_form form, const struct what *w)
{
	struct ks_line l;

	ks_line_start(&l, buf, cap, form);
	ks_line_symbol(&l, w->digits, w->va, w->len, w->type, w->name, strlen(w->name));
	for (size_t i = 0; i < ARRAY_SIZE(w->modules) && w->modules[i]; i++)
		ks_line_module(&l, w->modules[i], strlen(w->modules[i]));
	if (w->object)
		ks_line_object(&l, w->object, strlen(w->object));
	return ks_line_end(&l);
}

static const struct what plain = { 16, 0xffffffff811b5120, 0x74, 't', "s_next", { NULL }, NULL };
static const struct what rich = { 16, 0xffffffff811b5120, 0x74, 't', "s_next",
				  { "liquidio", "liquidio_vf" }, "trace.o" };

static void forms_are_as_documented(void **state)
{
	static const struct {
		const struct what *w;
		enum ks_line_form form;
		const char *text;
	} cases[] = {
		{ &plain, KS_LINE_FULL, "ffffffff811b5120 74 t s_next" },
		{ &plain, KS_LINE_KALLSYMS, "ffffffff811b5120 t s_next" },
		{ &plain, KS_LINE_IDENTITY, "s_next" },
		{ &rich, KS_LINE_FULL,
		  "ffffffff811b5120 74 t s_next [liquidio] [liquidio_vf] {trace.o}" },
		{ &rich, KS_LINE_KALLSYMS,
		  "ffffffff811b5120 t s_next\t[liquidio] [liquidio_vf] {trace.o}" },
		{ &plain, KS_LINE_PERF, "ffffffff811b5120 t s_next" },
		{ &rich, KS_LINE_PERF,
		  "ffffffff811b5120 t s_next {liquidio,liquidio_vf,trace.o}" },
		{ &rich, KS_LINE_IDENTITY, "s_next [liquidio] [liquidio_vf] {trace.o}" },
	};
	char buf[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(print(buf, sizeof(buf), cases[i].form, cases[i].w),
				 strlen(cases[i].text));
		assert_string_equal(buf, cases[i].text);
	}
}

static void object_alone_follows_the_tab(void **state)
{
	struct what w = plain;
	char buf[200];

	(void)state;
	w.object = "core.o";
	print(buf, sizeof(buf), KS_LINE_KALLSYMS, &w);
	assert_string_equal(buf, "ffffffff811b5120 t s_next\t{core.o}");
}

static void hidden_addresses_keep_their_width(void **state)
{
	struct what w = rich;
	char buf[200];

	(void)state;
	w.va = w.len = 0;
	print(buf, sizeof(buf), KS_LINE_FULL, &w);
	assert_string_equal(buf, "0000000000000000 0 t s_next [liquidio] [liquidio_vf] {trace.o}");
	w.digits = 8;
	print(buf, sizeof(buf), KS_LINE_KALLSYMS, &w);
	assert_string_equal(buf, "00000000 t s_next\t[liquidio] [liquidio_vf] {trace.o}");
}

static void digits_are_a_minimum(void **state)
{
	struct what w = plain;
	char buf[200];

	(void)state;
	w.digits = 8;
	w.len = 0xffffffffffffffff;
	print(buf, sizeof(buf), KS_LINE_FULL, &w);
	assert_string_equal(buf, "ffffffff811b5120 ffffffffffffffff t s_next");
	w.digits = 99;
	w.va = 1;
	w.len = 0;
	print(buf, sizeof(buf), KS_LINE_FULL, &w);
	assert_string_equal(buf, "0000000000000001 0 t s_next");
}

static void every_buffer_is_kept_and_terminated(void **state)
{
	char whole[200];
	size_t len = print(whole, sizeof(whole), KS_LINE_FULL, &rich);

	(void)state;
	assert_int_equal(print(NULL, 0, KS_LINE_FULL, &rich), len);
	for (size_t cap = 1; cap < len + 3; cap++) {
		/* Its own block, so that a sanitizer sees where it ends. */
		char *buf = malloc(cap);
		size_t fits = cap - 1 < len ? cap - 1 : len;

		assert_non_null(buf);
		memset(buf, 'x', cap);
		assert_int_equal(print(buf, cap, KS_LINE_FULL, &rich), len);
		assert_memory_equal(buf, whole, fits);
		assert_int_equal(buf[fits], 0);
		free(buf);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_as_documented),
		cmocka_unit_test(object_alone_follows_the_tab),
		cmocka_unit_test(hidden_addresses_keep_their_width),
		cmocka_unit_test(digits_are_a_minimum),
		cmocka_unit_test(every_buffer_is_kept_and_terminated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
