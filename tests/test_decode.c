// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Dumps, as far as tests/cli/decode.t does not reach: what a text must look like to name a
 * symbol, and how a decoder is used.  The kernel is the fuzz targets' small image.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz/fuzz.h"
#include "fuzz/image.h"
#include "ksym/decode.h"

static struct ksym_decoder *decoder;
static char path[64];

static int set_up(void **state)
{
	struct ksym_decoder_opts o = KSYM_OPTS(o, .build = { .size = sizeof(o.build), .no_debug_search = true });
	struct fz_elf e;

	(void)state;
	fz_image(&e, ET_EXEC);
	snprintf(path, sizeof(path), "%s", fz_path(0, e.file, e.file_len));
	fz_elf_free(&e);
	return ksym_decoder_open(path, &o, &decoder, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	ksym_decoder_close(decoder);
	return 0;
}

/* Decode a copy that ends where the text does, without a 0. */
static uint32_t decode(const char *text)
{
	size_t len = strlen(text);
	char *copy = malloc(len + !len);
	uint32_t nr;

	assert_non_null(copy);
	memcpy(copy, text, len);
	assert_int_equal(ksym_decode(decoder, copy, len, &nr, NULL), 0);
	free(copy);
	return nr;
}

static struct ksym_decoded only(const char *text)
{
	struct ksym_decoded r;

	if (decode(text) != 1)
		fail_msg("\"%s\" names %u symbols", text, decode(text));
	assert_true(ksym_decoded_get(decoder, 0, &r));
	assert_false(ksym_decoded_get(decoder, 1, &r));
	assert_true(ksym_decoded_get(decoder, 0, &r));
	return r;
}

static void places_are_found_by_their_form(void **state)
{
	static const char *const none[] = {
		"", "+", "one_x", "one_x+", "one_x+0x", "one_x+0x1", "one_x+1/2", "one_x+0x1/", "one_x+0x1/0x",
		"one_x+0xg/0x20", "+0x1/0x20", "1one+0x1/0x20", "one_x +0x1/0x20", "one_x+0x1 /0x20",
		"one_x+0x12345678123456781/0x20", "one_x+0x1 (/bin/init)", "one_x+0x1 ([kernel.kallsyms]",
		"one_x+0x1 (", "one_x+0x1 ()", "one_x+0x1 [x]", "a+0x1+0x2/0x3",
	};
	static const struct { const char *text; unsigned int off, len; } one[] = {
		{ "one_x+0x1/0x20", 0, 14 },
		{ " one_x+0x1/0x20 ", 1, 14 },
		{ "x\n+one_x+0x1/0x20\n", 3, 14 },
		{ "one_x+0x1/0x20 [", 0, 14 },
		{ "one_x+0x1/0x20 []", 0, 14 },
		{ "one_x+0x1/0x20 [not closed", 0, 14 },
		{ "one_x+0x1/0x20 [a b", 0, 14 },
		{ "one_x+0x1/0x20 [a xyz]", 0, 14 },
		{ "one_x+0x1/0x20 [mod-a]", 0, 22 },
		{ "one_x+0x1/0x20 [mod 0123abc] x", 0, 28 },
		{ "one_x+0x1 ([kernel.kallsyms])", 0, 29 },
		{ "one_x+0x1 (/usr/lib/vmlinux-6.1)", 0, 32 },
		{ "one_x+0x1 (/lib/modules/a.ko.xz)", 0, 32 },
	};
	struct ksym_decoded r;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		if (decode(none[i]))
			fail_msg("\"%s\" is taken for a symbol", none[i]);
	for (size_t i = 0; i < sizeof(one) / sizeof(*one); i++) {
		r = only(one[i].text);
		assert_int_equal(r.text_off, one[i].off);
		assert_int_equal(r.text_len, one[i].len);
	}
}

static void modules_that_are_not_at_hand_stay_unknown(void **state)
{
	struct ksym_decoded r = only("one_x+0x1/0x20 [mod 0123abc]");

	(void)state;
	assert_int_equal(r.decided, KSYM_DECIDED_UNKNOWN);
	assert_string_equal(r.module, "mod");
	assert_string_equal(r.replacement, "one_x+0x1/0x20 [mod 0123abc]");
	r = only("nothing+0x1/0x20");
	assert_int_equal(r.decided, KSYM_DECIDED_UNKNOWN);
	assert_int_equal(r.nr_candidates, 0);
	assert_string_equal(r.replacement, "nothing+0x1/0x20");
}

static void size_and_offset_tell_functions_apart(void **state)
{
	struct ksym_decoded r = only("s_next+0x1/0xb");

	(void)state;
	assert_int_equal(r.decided, KSYM_DECIDED_SIZE);
	assert_int_equal(r.va, 0x40100021);
	assert_true(r.is_return);
	/* What a kernel prints: up to the next symbol. */
	r = only("s_next+0x0/0x10");
	assert_int_equal(r.decided, KSYM_DECIDED_NOT);
	assert_int_equal(r.nr_candidates, 2);
	r = only("s_next+0x1f/0x20");
	assert_int_equal(r.nr_candidates, 2);
	assert_non_null(strstr(r.replacement, "undecided:"));
	/* One of that name: the size may be another. */
	r = only("one_x+0x1/0x99");
	assert_int_equal(r.decided, KSYM_DECIDED_UNIQUE);
	assert_int_equal(r.va, 0x40100061);
}

static void an_address_decides_when_another_tells_the_move(void **state)
{
	struct ksym_decoded r;

	(void)state;
	assert_int_equal(decode(" [<0000000140101061>] one_x+0x1/0x20\n"
				" [<0000000140101042>] s_next+0x2/0x20\n"), 2);
	assert_true(ksym_decoded_get(decoder, 1, &r));
	assert_int_equal(r.decided, KSYM_DECIDED_ADDRESS);
	assert_int_equal(r.va, 0x40100042);
	/* An address that was hashed is moved by no whole pages. */
	assert_int_equal(decode(" [<00000000deadbeef>] one_x+0x1/0x20\n"
				" [<0000000140101042>] s_next+0x2/0x20\n"), 2);
	assert_true(ksym_decoded_get(decoder, 1, &r));
	assert_int_equal(r.decided, KSYM_DECIDED_NOT);
}

/* What is executed is no place that a call returns to. */
static void marks_tell_what_was_executed(void **state)
{
	static const char *const executed[] = {
		"RIP: 0010:one_x+0x1/0x20", "pc : one_x+0x1/0x20", "PC is at one_x+0x1/0x20",
		"BUG: KASAN: use-after-free in one_x+0x1/0x20", "NIP [c000000000001000] one_x+0x1/0x20",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(executed) / sizeof(*executed); i++)
		assert_false(only(executed[i]).is_return);
	assert_true(only(" one_x+0x1/0x20").is_return);
	assert_false(only(" one_x+0x0/0x20").is_return);
}

static void results_are_those_of_the_last_text(void **state)
{
	struct ksym_decoded r;

	(void)state;
	assert_int_equal(decode("one_x+0x1/0x20 one_x+0x2/0x20"), 2);
	assert_true(ksym_decoded_get(decoder, 1, &r));
	assert_int_equal(decode("no symbol"), 0);
	assert_false(ksym_decoded_get(decoder, 0, &r));
}

/* Would take minutes if each place looked through the whole line. */
static void a_long_line_is_read_once(void **state)
{
	static const char *const parts[] = {
		"a+0x1/0x1 [", "a+0x1 (", "a+0x1/0x1 ", "one_x+0x1/0x20 [mod ",
	};
	const size_t len = 1 << 20;
	char *text = malloc(len + 1);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		size_t n = strlen(parts[i]);
		uint32_t nr;

		for (size_t at = 0; at < len; at++)
			text[at] = parts[i][at % n];
		assert_int_equal(ksym_decode(decoder, text, len / n * n, &nr, NULL), 0);
		assert_int_equal(nr, strchr(parts[i], '/') ? len / n : 0);
	}
	free(text);
}

static void what_cannot_be_opened_is_an_error(void **state)
{
	struct ksym_decoder_opts o = KSYM_OPTS(o, .line_image = "/no/such/file");
	struct {
		struct ksym_decoder_opts known;
		char unknown;
	} newer = { .known = { .size = sizeof(newer) }, .unknown = 1 };
	struct ksym_decoder *d = decoder;
	struct ksym_error err;

	(void)state;
	assert_int_equal(ksym_decoder_open("/no/such/file", NULL, &d, &err), -ENOENT);
	assert_null(d);
	assert_non_null(strstr(err.text, "/no/such/file"));
	assert_int_equal(ksym_decoder_open(path, &o, &d, &err), -ENOENT);
	assert_null(d);
	assert_int_equal(ksym_decoder_open(path, &newer.known, &d, &err), -EINVAL);
	assert_null(d);
	o = (struct ksym_decoder_opts){ 0 };
	assert_int_equal(ksym_decoder_open(path, &o, &d, &err), -EINVAL);
	ksym_decoder_close(NULL);
}

static void count_messages(void *arg, enum ksym_message_kind kind, const char *text)
{
	if (kind != KSYM_MESSAGE_WARNING)
		return;
	assert_non_null(strstr(text, "broken.ko"));
	++*(unsigned int *)arg;
}

/* A module that cannot be read: told once, however often it is named. */
static void a_broken_module_is_told_once(void **state)
{
	char dir[] = "/tmp/ksym-decode.XXXXXX", file[64], command[96];
	const char *const dirs[] = { dir, NULL };
	unsigned int nr_messages = 0;
	struct ksym_decoder_opts o = KSYM_OPTS(o, .module_dirs = dirs, .build = {
		.size = sizeof(o.build), .no_debug_search = true, .message = count_messages,
		.message_arg = &nr_messages });
	const char text[] = "x+0x1/0x2 [broken]\nx+0x1/0x2 [broken]\n";
	struct ksym_decoder *d;
	uint32_t nr;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/broken.ko", dir);
	f = fopen(file, "w");
	assert_non_null(f);
	fputs("\177ELF and nothing behind it", f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(ksym_decoder_open(path, &o, &d, NULL), 0);
	assert_int_equal(ksym_decode(d, text, sizeof(text) - 1, &nr, NULL), 0);
	assert_int_equal(nr, 2);
	assert_int_equal(ksym_decode(d, text, sizeof(text) - 1, &nr, NULL), 0);
	assert_int_equal(nr_messages, 1);
	ksym_decoder_close(d);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_found_by_their_form),
		cmocka_unit_test(modules_that_are_not_at_hand_stay_unknown),
		cmocka_unit_test(size_and_offset_tell_functions_apart),
		cmocka_unit_test(an_address_decides_when_another_tells_the_move),
		cmocka_unit_test(marks_tell_what_was_executed),
		cmocka_unit_test(results_are_those_of_the_last_text),
		cmocka_unit_test(a_long_line_is_read_once),
		cmocka_unit_test(what_cannot_be_opened_is_an_error),
		cmocka_unit_test(a_broken_module_is_told_once),
	};

	return cmocka_run_group_tests_name("decode", tests, set_up, tear_down);
}
