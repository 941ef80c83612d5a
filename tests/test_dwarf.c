// SPDX-License-Identifier: LGPL-2.1-or-later
/* Units, DIEs, ranges and lines, from sections written byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "dwarf/lines.h"
#include "dwarf/scan.h"
#include "dwarf/units.h"
#include "dwarf-fixtures/writer.h"

/* Every kind of file: byte order, class, DWARF format. */
#define FOR_EACH_KIND(big, addr_len, offset_len)            \
	for (int big = 0; big < 2; big++)                   \
		for (uint8_t addr_len = 4; addr_len <= 8; addr_len += 4) \
			for (uint8_t offset_len = 4; offset_len <= 8; offset_len += 4)

static struct buf *info(struct image *m)
{
	return &m->s[KS_DWARF_INFO];
}

/* What ks_cus_read() makes of the image; the error's text is in @err. */
static int read_image(struct image *m, struct ks_elf *e, struct ks_cus *c, struct ksym_error *err)
{
	int ret;

	image_finish(m);
	err->text[0] = 0;
	assert_int_equal(ks_elf_open_memory(e, m->file, m->file_len, "test", err), 0);
	ret = ks_cus_read(c, e, true, err);
	if (ret)
		ks_elf_close(e);
	return ret;
}

static void read_good(struct image *m, struct ks_elf *e, struct ks_cus *c)
{
	struct ksym_error err;

	if (read_image(m, e, c, &err))
		fail_msg("%s", err.text);
}

/* The image is refused with @code and a sentence in which @text occurs. */
static void expect_error(struct image *m, int code, const char *text)
{
	struct ksym_error err;
	struct ks_elf e;
	struct ks_cus c;
	int ret = read_image(m, &e, &c, &err);

	if (!ret) {
		ks_cus_free(&c);
		ks_elf_close(&e);
	}
	assert_int_equal(ret, code);
	if (!strstr(err.text, text) || strncmp(err.text, "test: .debug_", 13))
		fail_msg("\"%s\" does not say \"%s\"", err.text, text);
	image_free(m);
}

/* Variables and ranges of the image, which is released. */
static void expect_vars(struct image *m, unsigned int nr, const uint64_t *vas)
{
	struct ks_elf e;
	struct ks_cus c;

	read_good(m, &e, &c);
	assert_int_equal(c.nr_vars, nr);
	for (unsigned int i = 0; i < nr; i++)
		assert_int_equal(c.vars[i].va, vas[i]);
	ks_cus_free(&c);
	ks_elf_close(&e);
	image_free(m);
}

static void expect_ranges(struct image *m, unsigned int nr, const uint64_t (*pairs)[2])
{
	struct ks_elf e;
	struct ks_cus c;

	read_good(m, &e, &c);
	assert_int_equal(c.nr_ranges, nr);
	for (unsigned int i = 0; i < nr; i++) {
		assert_int_equal(c.ranges[i].va, pairs[i][0]);
		assert_int_equal(c.ranges[i].end_va, pairs[i][1]);
	}
	ks_cus_free(&c);
	ks_elf_close(&e);
	image_free(m);
}

#define VARS(m, ...)                                                                  \
	expect_vars(m, sizeof((uint64_t[]){ __VA_ARGS__ }) / 8, (uint64_t[]){ __VA_ARGS__ })

enum { CU = 1, VAR, BLOCK, FUNC, STRUCT, OTHER };

/* Declarations that most tests share. */
static void declare_common(struct image *m)
{
	declare(m, CU, DW_TAG_compile_unit, true, DW_AT_name, DW_FORM_string, DW_AT_language,
		DW_FORM_implicit_const, DW_LANG_C99, 0);
	declare(m, VAR, DW_TAG_variable, false, DW_AT_location, DW_FORM_block1, 0);
	declare(m, BLOCK, DW_TAG_lexical_block, true, 0);
	declare(m, FUNC, DW_TAG_subprogram, true, DW_AT_sibling, DW_FORM_ref4, 0);
	declare(m, STRUCT, DW_TAG_structure_type, true, DW_AT_sibling, DW_FORM_ref4, 0);
}

static void begin_cu(struct image *m)
{
	unit_begin(m, 0);
	put_uleb(info(m), CU);
	put_string(info(m), "a.c");
}

static void put_location(struct image *m, uint64_t va)
{
	put(info(m), 1u + m->addr_len, 1);
	put(info(m), DW_OP_addr, 1);
	put_va(m, KS_DWARF_INFO, va);
}

static void put_var(struct image *m, uint64_t va)
{
	put_uleb(info(m), VAR);
	put_location(m, va);
}

/* ----------------------------------------------------------------- forms */

struct form {
	unsigned int form;
	uint16_t version;	/* the first that has it */
	uint64_t value;		/* what is written, and read for numbers */
	char kind;		/* see put_form() */
};

static const struct form forms[] = {
	{ DW_FORM_addr, 2, 0x12345678, 'a' },	   { DW_FORM_block2, 2, 300, '2' },
	{ DW_FORM_block4, 2, 70, '4' },		   { DW_FORM_data2, 2, 0xfedc, 'h' },
	{ DW_FORM_data4, 2, 0xfedcba98, 'w' },	   { DW_FORM_data8, 2, 0xfedcba9876543210, 'd' },
	{ DW_FORM_string, 2, 0, 's' },		   { DW_FORM_block, 2, 200, 'u' },
	{ DW_FORM_block1, 2, 200, '1' },	   { DW_FORM_data1, 2, 0xfe, 'b' },
	{ DW_FORM_flag, 2, 1, 'b' },		   { DW_FORM_sdata, 2, (uint64_t)-70000, 'L' },
	{ DW_FORM_strp, 2, 0x1234, 'o' },	   { DW_FORM_udata, 2, 1ull << 63, 'l' },
	{ DW_FORM_ref_addr, 2, 0x1234, 'r' },	   { DW_FORM_ref1, 2, 0xfe, 'b' },
	{ DW_FORM_ref2, 2, 0xfedc, 'h' },	   { DW_FORM_ref4, 2, 0x1234, 'w' },
	{ DW_FORM_ref8, 2, 0x1234, 'd' },	   { DW_FORM_ref_udata, 2, 300, 'l' },
	{ DW_FORM_sec_offset, 4, 0x1234, 'o' },	   { DW_FORM_exprloc, 4, 200, 'u' },
	{ DW_FORM_flag_present, 4, 1, '0' },	   { DW_FORM_ref_sig8, 4, 77, 'd' },
	{ DW_FORM_strx, 5, 300, 'l' },		   { DW_FORM_addrx, 5, 300, 'l' },
	{ DW_FORM_ref_sup4, 5, 5, 'w' },	   { DW_FORM_strp_sup, 5, 5, 'o' },
	{ DW_FORM_data16, 5, 16, 'q' },		   { DW_FORM_line_strp, 5, 5, 'o' },
	{ DW_FORM_loclistx, 5, 300, 'l' },	   { DW_FORM_rnglistx, 5, 300, 'l' },
	{ DW_FORM_ref_sup8, 5, 5, 'd' },	   { DW_FORM_strx1, 5, 200, 'b' },
	{ DW_FORM_strx2, 5, 0xfedc, 'h' },	   { DW_FORM_strx3, 5, 0xfedcba, 't' },
	{ DW_FORM_strx4, 5, 0xfedcba98, 'w' },	   { DW_FORM_addrx1, 5, 200, 'b' },
	{ DW_FORM_addrx2, 5, 0xfedc, 'h' },	   { DW_FORM_addrx3, 5, 0xfedcba, 't' },
	{ DW_FORM_addrx4, 5, 0xfedcba98, 'w' },	   { DW_FORM_GNU_addr_index, 4, 300, 'l' },
	{ DW_FORM_GNU_str_index, 4, 300, 'l' },	   { DW_FORM_GNU_ref_alt, 4, 5, 'o' },
	{ DW_FORM_GNU_strp_alt, 4, 5, 'o' },	   { DW_FORM_implicit_const, 5, (uint64_t)-3, 'c' },
};

#define NR_FORMS (sizeof(forms) / sizeof(*forms))

static bool is_block(const struct form *f)
{
	return strchr("124u", f->kind);
}

static void put_form(struct image *m, const struct form *f)
{
	static const char fixed[] = "0bht w   d";	/* position is length */
	const char *p = strchr(fixed, f->kind);
	struct buf *b = info(m);

	if (p && f->kind != ' ')
		put(b, f->value, f->kind == 'd' ? 8 : f->kind == 'w' ? 4 : (unsigned int)(p - fixed));
	else if (f->kind == 'a')
		put_va(m, KS_DWARF_INFO, f->value);
	else if (f->kind == 'r')
		put(b, f->value, m->version == 2 ? m->addr_len : m->offset_len);
	else if (f->kind == 'o')
		put_off(m, KS_DWARF_INFO, f->value);
	else if (f->kind == 'l')
		put_uleb(b, f->value);
	else if (f->kind == 'L')
		put_sleb(b, (int64_t)f->value);
	else if (f->kind == 's')
		put_string(b, "some text");
	else if (f->kind == 'u')
		put_uleb(b, f->value);
	else if (is_block(f))
		put(b, f->value, (unsigned int)f->kind - '0');
	for (uint64_t i = 0; (is_block(f) || f->kind == 'q') && i < f->value; i++)
		put(b, 0xee, 1);
}

/* An attribute of each form, wanted by nobody, is before a location. */
static void write_form(struct image *m, const struct form *f, bool indirect)
{
	unsigned int form = indirect ? DW_FORM_indirect : f->form;

	declare_common(m);
	declare(m, OTHER, DW_TAG_variable, false, 0x3ffe, form,
		f->kind == 'c' ? (int)f->value : 0x3fff, f->kind == 'c' ? 0x3fff : DW_FORM_data1,
		f->kind == 'c' ? DW_FORM_data1 : DW_AT_location,
		f->kind == 'c' ? DW_AT_location : DW_FORM_block1,
		f->kind == 'c' ? DW_FORM_block1 : 0, 0);
	begin_cu(m);
	put_uleb(info(m), OTHER);
	if (indirect)
		put_uleb(info(m), f->form);
	put_form(m, f);
	put(info(m), 0x55, 1);
	put_location(m, DATA_VA + 16);
	put_var(m, DATA_VA + 32);
	put(info(m), 0, 1);
	unit_end(m);
}

static void every_form_is_passed_over_by_its_size(void **state)
{
	(void)state;
	FOR_EACH_KIND(big, addr_len, offset_len)
		for (size_t i = 0; i < NR_FORMS; i++)
			for (uint16_t v = forms[i].version; v <= 5; v++) {
				struct image m = image_begin(big, addr_len, offset_len, v);

				write_form(&m, &forms[i], false);
				VARS(&m, DATA_VA + 16, DATA_VA + 32);
			}
}

static void every_form_may_be_indirect(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_FORMS; i++) {
		struct image m = image_begin(false, 8, 4, 5);

		if (forms[i].kind == 'c')
			continue;
		write_form(&m, &forms[i], true);
		VARS(&m, DATA_VA + 16, DATA_VA + 32);
	}
}

static void indirect_to_what_only_a_declaration_can_hold_is_refused(void **state)
{
	static const struct form bad[] = { { DW_FORM_implicit_const, 5, 0, '0' },
					   { DW_FORM_indirect, 5, DW_FORM_data1, 'l' },
					   { 0x7777, 5, 0, '0' } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct image m = image_begin(false, 8, 4, 5);

		write_form(&m, &bad[i], true);
		expect_error(&m, -EBADMSG, "well-formed");
	}
}

static unsigned int want_one(unsigned int tag, unsigned int attr, unsigned int form)
{
	(void)tag;
	(void)form;
	return attr == 0x3ffe ? 7 : KS_SLOT_NONE;
}

static unsigned int report_all(unsigned int tag, uint32_t slots)
{
	(void)tag;
	(void)slots;
	return KS_DIE_REPORT;
}

/* Scan the image's first unit with a pass that wants attribute 0x3ffe in slot 7. */
static int scan_image(struct image *m, ks_die_fn fn, void *arg, struct ksym_error *err)
{
	static const struct ks_pass pass = { .slot = want_one, .action = report_all };
	struct ks_elf e;
	struct ks_dwarf d = { .e = &e };
	struct ks_abbrevs as;
	struct ks_unit u;
	struct ks_scan s;
	int ret;

	image_finish(m);
	assert_int_equal(ks_elf_open_memory(&e, m->file, m->file_len, "test", err), 0);
	assert_int_equal(ks_dwarf_load(&d, ~0u, err), 0);
	assert_int_equal(ks_abbrevs_init(&as, &d, &pass, err), 0);
	assert_int_equal(ks_unit_read(&d, 0, &u, err), 1);
	ret = ks_scan_init(&s, &as, &u, err);
	if (!ret)
		ret = ks_scan_unit(&s, fn, arg, err);
	ks_abbrevs_free(&as);
	ks_elf_close(&e);
	return ret;
}

static int check_value(const struct ks_scan *s, const struct ks_die *die, void *arg)
{
	const struct form *f = *(const struct form **)arg;
	const struct ks_value *v = &die->v[7];

	(void)s;
	if (!(die->slots & 1u << 7))
		return KS_SCAN_NEXT;
	assert_int_equal(v->form, f->form);
	if (f->kind == 's') {
		assert_string_equal((const char *)v->p, "some text");
		assert_int_equal(v->len, 9);
	} else if (is_block(f) || f->kind == 'q') {
		assert_int_equal(v->len, f->value);
		assert_int_equal(v->p[v->len - 1], 0xee);
	} else {
		assert_true(v->u == f->value);
	}
	*(const struct form **)arg = NULL;
	return KS_SCAN_STOP;
}

static void every_form_gives_its_value(void **state)
{
	(void)state;
	FOR_EACH_KIND(big, addr_len, offset_len)
		for (size_t i = 0; i < 2 * NR_FORMS; i++) {
			struct image m = image_begin(big, addr_len, offset_len, 5);
			const struct form *f = &forms[i / 2];
			struct ksym_error err;

			if (i % 2 && f->kind == 'c')
				continue;
			write_form(&m, f, i % 2);
			assert_int_equal(scan_image(&m, check_value, &f, &err), 0);
			assert_null(f);
			image_free(&m);
		}
}

/* ------------------------------------------------------------------ DIEs */

static void sibling_jumps_over_children_of_types(void **state)
{
	struct image m = image_begin(false, 8, 4, 4);
	size_t at;

	(void)state;
	declare_common(&m);
	begin_cu(&m);
	put_uleb(info(&m), STRUCT);
	at = info(&m)->len;
	put(info(&m), 0, 4);
	put_bytes(info(&m), "\xff\xff\xff no declarations of these", 28);
	patch(info(&m), at, unit_here(&m), 4);
	put_var(&m, DATA_VA);
	unit_end(&m);
	VARS(&m, DATA_VA);
}

static void children_without_sibling_are_walked_but_not_wanted(void **state)
{
	struct image m = image_begin(true, 4, 4, 3);

	(void)state;
	declare_common(&m);
	declare(&m, OTHER, DW_TAG_structure_type, true, 0);
	begin_cu(&m);
	put_uleb(info(&m), OTHER);
	put_uleb(info(&m), OTHER);
	put_var(&m, DATA_VA + 1);
	put(info(&m), 0, 1);
	put_var(&m, DATA_VA + 2);
	put(info(&m), 0, 1);
	/* What follows is wanted again, even below something that is not reported. */
	put_uleb(info(&m), BLOCK);
	put_var(&m, DATA_VA + 3);
	put(info(&m), 0, 1);
	put_var(&m, DATA_VA + 4);
	unit_end(&m);
	VARS(&m, DATA_VA + 3, DATA_VA + 4);
}

/* A structure whose sibling is at @sibling of the unit. */
static struct image with_sibling(uint64_t sibling)
{
	struct image m = image_begin(false, 8, 4, 4);

	declare_common(&m);
	begin_cu(&m);
	put_uleb(info(&m), STRUCT);
	put(info(&m), sibling, 4);
	put_bytes(info(&m), "\0\0", 2);
	unit_end(&m);
	return m;
}

static void sibling_that_does_not_go_forward_is_refused(void **state)
{
	/* The structure is at 16, its values end at 21, the unit at 23. */
	static const uint64_t bad[] = { 0, 1, 11, 16, 17, 21, 24, 0xffffffff };
	struct image m;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		m = with_sibling(bad[i]);
		expect_error(&m, -EBADMSG, "sibling");
	}
	m = with_sibling(22);
	expect_vars(&m, 0, NULL);
	m = with_sibling(23);
	expect_vars(&m, 0, NULL);
}

static void static_variables_of_functions_are_found(void **state)
{
	(void)state;
	for (uint16_t version = 2; version <= 5; version++) {
		struct image m = image_begin(false, 8, 4, version);

		declare_common(&m);
		begin_cu(&m);
		for (unsigned int i = 0; i < 2; i++) {
			size_t at = info(&m)->len + 1;

			put_uleb(info(&m), FUNC);
			put(info(&m), 0, 4);
			put_uleb(info(&m), BLOCK);
			put_uleb(info(&m), BLOCK);
			/* The second has a register only. */
			if (i)
				put_bytes(info(&m), "\x02\x01\x55", 3);
			else
				put_var(&m, DATA_VA + 8);
			put_bytes(info(&m), "\0\0\0", 3);
			patch(info(&m), at, unit_here(&m), 4);
		}
		put_var(&m, DATA_VA);
		unit_end(&m);
		VARS(&m, DATA_VA, DATA_VA + 8);
	}
}

static void functions_of_local_classes_are_entered_unless_in_c(void **state)
{
	static const uint16_t languages[] = { DW_LANG_C_plus_plus, DW_LANG_C99 };

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		struct image m = image_begin(false, 8, 4, 5);

		declare_common(&m);
		declare(&m, OTHER, DW_TAG_compile_unit, true, DW_AT_language, DW_FORM_data2, 0);
		declare(&m, OTHER + 1, DW_TAG_class_type, true, 0);
		unit_begin(&m, 0);
		put_uleb(info(&m), OTHER);
		put(info(&m), languages[i], 2);
		put_uleb(info(&m), OTHER + 1);
		put_var(&m, DATA_VA + 8);
		put(info(&m), 0, 1);
		unit_end(&m);
		expect_vars(&m, 1 - i, (uint64_t[]){ DATA_VA + 8 });
	}
}

static void any_depth_of_nesting_is_walked(void **state)
{
	struct image m = image_begin(false, 8, 4, 4);

	(void)state;
	declare_common(&m);
	begin_cu(&m);
	for (unsigned int i = 0; i < 100000; i++)
		put_uleb(info(&m), BLOCK);
	put_var(&m, DATA_VA);
	for (unsigned int i = 0; i < 100000; i++)
		put(info(&m), 0, 1);
	put_var(&m, DATA_VA + 1);
	unit_end(&m);
	VARS(&m, DATA_VA, DATA_VA + 1);
}

static void nested_functions_take_no_quadratic_time(void **state)
{
	struct image m = image_begin(false, 8, 4, 4);
	enum { NR = 200000 };

	(void)state;
	declare_common(&m);
	begin_cu(&m);
	for (uint64_t i = 0, end = unit_here(&m) + NR * 5 + 11; i < NR; i++) {
		put_uleb(info(&m), FUNC);
		put(info(&m), end, 4);
	}
	put_var(&m, DATA_VA);
	unit_end(&m);
	VARS(&m, DATA_VA);
}

static void unit_may_end_with_levels_open(void **state)
{
	struct image m = image_begin(false, 8, 4, 4);

	(void)state;
	declare_common(&m);
	begin_cu(&m);
	for (unsigned int i = 0; i < 1000; i++)
		put_uleb(info(&m), BLOCK);
	put_var(&m, DATA_VA);
	unit_end(&m);
	VARS(&m, DATA_VA);
}

static void fixed_locations_only_are_variables(void **state)
{
	struct image m = image_begin(false, 8, 4, 5);
	struct buf *b = info(&m);

	(void)state;
	declare_common(&m);
	begin_cu(&m);
	put_var(&m, DATA_VA + 1);
	put_var(&m, DATA_VA + 1);	/* again */
	put_var(&m, 0);			/* discarded */
	put_var(&m, 0x50000);		/* between sections */
	put_var(&m, UINT64_MAX);	/* discarded by lld */
	put_bytes(b, "\x02\x01\x9c", 3);	/* DW_OP_call_frame_cfa */
	put_bytes(b, "\x02\x00", 2);		/* nothing */
	put_bytes(b, "\x02\x02\xa1\x01", 4);	/* DW_OP_addrx 1 */
	put_bytes(b, "\x02\x0b\x03", 3);	/* DW_OP_addr, DW_OP_plus_uconst 5 */
	put(b, DATA_VA + 2, 8);
	put_bytes(b, "\x23\x05", 2);
	put_bytes(b, "\x02\x0a\x03", 3);	/* DW_OP_addr, DW_OP_stack_value */
	put(b, DATA_VA + 3, 8);
	put(b, DW_OP_stack_value, 1);
	put_bytes(b, "\x02\x02\x03\x00", 4);	/* an address cut short */
	unit_end(&m);
	put(&m.s[KS_DWARF_ADDR], 0, 8);
	put(&m.s[KS_DWARF_ADDR], 0, 8);
	put(&m.s[KS_DWARF_ADDR], DATA_VA + 4, 8);
	VARS(&m, DATA_VA + 1, DATA_VA + 4, DATA_VA + 7);
}

/* --------------------------------------------------------- declarations */

static void codes_may_be_far_apart_and_in_any_order(void **state)
{
	static const uint64_t codes[] = { 1ull << 63, 7, 100000, 2, 0xffffffffff, 6 };
	struct image m = image_begin(false, 8, 4, 4);

	(void)state;
	declare_common(&m);
	m.s[KS_DWARF_ABBREV].len = 0;
	for (unsigned int i = 0; i < 6; i++)
		declare(&m, codes[i], DW_TAG_variable, false, DW_AT_location, DW_FORM_block1, 0);
	declare(&m, 1, DW_TAG_compile_unit, true, DW_AT_name, DW_FORM_string, 0);
	put(&m.s[KS_DWARF_ABBREV], 0, 1);
	begin_cu(&m);
	for (unsigned int i = 0; i < 6; i++) {
		put_uleb(info(&m), codes[i]);
		put_location(&m, DATA_VA + i);
	}
	unit_end(&m);
	VARS(&m, DATA_VA, DATA_VA + 1, DATA_VA + 2, DATA_VA + 3, DATA_VA + 4, DATA_VA + 5);
}

static void code_declared_twice_is_refused(void **state)
{
	static const uint64_t codes[] = { CU, 1ull << 40 };

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		struct image m = image_begin(false, 8, 4, 4);

		declare_common(&m);
		declare(&m, codes[i], DW_TAG_variable, false, 0);
		declare(&m, codes[i], DW_TAG_variable, false, 0);
		put(&m.s[KS_DWARF_ABBREV], 0, 1);
		begin_cu(&m);
		put_uleb(info(&m), 99);
		unit_end(&m);
		expect_error(&m, -EBADMSG, "occurs twice");
	}
}

/* A unit whose DIE needs declaration OTHER, which is @bytes. */
static void expect_bad_declaration(const char *bytes, size_t len, const char *text)
{
	struct image m = image_begin(false, 8, 4, 4);

	declare_common(&m);
	put_bytes(&m.s[KS_DWARF_ABBREV], bytes, len);
	begin_cu(&m);
	put_uleb(info(&m), OTHER);
	put_bytes(info(&m), "\0\0\0\0\0\0\0\0", 8);
	unit_end(&m);
	expect_error(&m, -EBADMSG, text);
}

static void bad_declarations_are_refused(void **state)
{
	static const char overflow[] = "\x06\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f\0\0\0\0";
	struct image m = image_begin(false, 8, 4, 4);

	(void)state;
	expect_bad_declaration("", 0, "one more byte");
	expect_bad_declaration("\x06\x34", 2, "one more byte");
	expect_bad_declaration("\x06\x34\0\x03", 4, "byte");
	expect_bad_declaration("\x06\x34\0\x03\x08\x3a", 6, "byte");
	expect_bad_declaration("\x06\0\0\0\0\0", 6, "tag");
	expect_bad_declaration("\x06\x34\x02\0\0\0", 6, "children");
	expect_bad_declaration("\x06\x34\0\x03\x02\0\0\0", 8, "form");
	expect_bad_declaration("\x06\x34\0\x03\x80\x80\x04\0\0\0", 10, "0xffff");
	expect_bad_declaration("\x07\x34\0\0\0\0", 6, "abbreviation 6");
	expect_bad_declaration(overflow, sizeof(overflow), "LEB128");

	/* More attributes than any compiler writes. */
	declare(&m, CU, DW_TAG_compile_unit, true, 0);
	m.s[KS_DWARF_ABBREV].len -= 2;
	for (unsigned int i = 0; i < 1025; i++)
		put_bytes(&m.s[KS_DWARF_ABBREV], "\x03\x19", 2);
	put(&m.s[KS_DWARF_ABBREV], 0, 3);
	begin_cu(&m);
	unit_end(&m);
	expect_error(&m, -EBADMSG, "1024");
}

static void tables_inside_each_other_take_no_quadratic_time(void **state)
{
	struct image m = image_begin(false, 8, 4, 4);

	(void)state;
	for (unsigned int i = 0; i < 20000; i++)
		declare(&m, i + 1, DW_TAG_compile_unit, false, 0);
	put(&m.s[KS_DWARF_ABBREV], 0, 1);
	for (unsigned int i = 0; i < 20000; i++) {
		unit_begin(&m, m.s[KS_DWARF_ABBREV].len * i / 20000);
		put_uleb(info(&m), 1 << 20);
		unit_end(&m);
	}
	expect_error(&m, -EBADMSG, "expected");
}

/* ----------------------------------------------------------------- units */

static void bad_unit_headers_are_refused(void **state)
{
	static const struct {
		size_t at;
		uint64_t value;
		unsigned int len;
		int code;
		const char *text;
	} bad[] = {
		{ 0, 0xfffffff0, 4, -EBADMSG, "reserved" },
		{ 0, 0xfffffffe, 4, -EBADMSG, "reserved" },
		{ 0, 0xffffffff, 4, -EBADMSG, "length" },
		{ 0, 1000, 4, -EBADMSG, "length 0x3e8" },
		{ 0, 0, 4, -EBADMSG, "more bits" },
		{ 0, 5, 4, -EBADMSG, "more bits" },
		{ 4, 1, 2, -EBADMSG, "version 1" },
		{ 4, 6, 2, -ENOTSUP, "version 6" },
		{ 6, 0x7fffffff, 4, -EBADMSG, "inside .debug_abbrev" },
		{ 10, 2, 1, -ENOTSUP, "addresses of 2 bytes" },
		{ 10, 16, 1, -ENOTSUP, "addresses of 16 bytes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct image m = image_begin(false, 8, 4, 4);

		declare_common(&m);
		begin_cu(&m);
		unit_end(&m);
		patch(info(&m), bad[i].at, bad[i].value, bad[i].len);
		expect_error(&m, bad[i].code, bad[i].text);
	}
}

static void bad_dies_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} bad[] = {
		{ "\x63", 1, "abbreviation 99" },
		{ "\xff", 1, "code" },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, "code" },
		{ "\x02\x09\x03", 3, "end inside the unit" },
		{ "\x02", 1, "end inside the unit" },
		{ "\x04\x01", 2, "end inside the unit" },
		{ "\x01no end", 7, "end inside the unit" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct image m = image_begin(false, 8, 4, 4);

		declare_common(&m);
		put(&m.s[KS_DWARF_ABBREV], 0, 1);
		begin_cu(&m);
		put_bytes(info(&m), bad[i].bytes, bad[i].len);
		unit_end(&m);
		/* What is behind the unit is none of its business. */
		begin_cu(&m);
		unit_end(&m);
		expect_error(&m, -EBADMSG, bad[i].text);
	}
}

static void units_of_every_version_and_kind_may_be_mixed(void **state)
{
	(void)state;
	FOR_EACH_KIND(big, addr_len, offset_len) {
		struct image m = image_begin(big, addr_len, offset_len, 2);
		struct ks_elf e;
		struct ks_cus c;

		declare_common(&m);
		for (m.version = 2; m.version <= 5; m.version++) {
			begin_cu(&m);
			put_var(&m, DATA_VA + m.version);
			unit_end(&m);
			m.offset_len ^= 12;
		}
		m.version = 5;
		for (m.unit_type = DW_UT_type; m.unit_type <= DW_UT_split_type; m.unit_type++) {
			if (m.unit_type == DW_UT_split_compile || m.unit_type == DW_UT_split_type)
				continue;
			begin_cu(&m);
			put_var(&m, DATA_VA + 100);
			unit_end(&m);
		}
		read_good(&m, &e, &c);
		/* The skeleton is a unit, too, but its variables are elsewhere. */
		assert_int_equal(c.nr_cus, 5);
		assert_int_equal(c.cus[4].version, 5);
		assert_int_equal(c.nr_vars, 4);
		for (unsigned int i = 0; i < 4; i++) {
			assert_int_equal(c.cus[i].version, i + 2);
			assert_int_equal(c.vars[i].cu, i);
			assert_string_equal(c.cus[i].name, "a.c");
			assert_string_equal(c.cus[i].comp_dir, "");
			assert_true(c.cus[i].line_off == UINT64_MAX);
		}
		ks_cus_free(&c);
		ks_elf_close(&e);
		image_free(&m);
	}
}

static void names_may_be_indices(void **state)
{
	(void)state;
	FOR_EACH_KIND(big, addr_len, offset_len) {
		struct image m = image_begin(big, addr_len, offset_len, 5);
		struct ks_elf e;
		struct ks_cus c;

		declare(&m, CU, DW_TAG_compile_unit, false, DW_AT_name, DW_FORM_strx2,
			DW_AT_comp_dir, DW_FORM_line_strp, DW_AT_str_offsets_base,
			DW_FORM_sec_offset, DW_AT_language, DW_FORM_implicit_const, 0x1c, 0);
		unit_begin(&m, 0);
		put_uleb(info(&m), CU);
		put(info(&m), 1, 2);
		put_off(&m, KS_DWARF_INFO, 2);
		put_off(&m, KS_DWARF_INFO, 3);
		unit_end(&m);
		put_bytes(&m.s[KS_DWARF_STR_OFFSETS], "abc", 3);
		put_off(&m, KS_DWARF_STR_OFFSETS, 1000);
		put_off(&m, KS_DWARF_STR_OFFSETS, 4);
		put_bytes(&m.s[KS_DWARF_STR], "one\0two.c", 10);
		put_bytes(&m.s[KS_DWARF_LINE_STR], "a\0/src", 7);
		read_good(&m, &e, &c);
		assert_string_equal(c.cus[0].name, "two.c");
		assert_string_equal(c.cus[0].comp_dir, "/src");
		assert_int_equal(c.cus[0].language, DW_LANG_Rust);
		ks_cus_free(&c);
		ks_elf_close(&e);
		image_free(&m);
	}
}

static void strings_outside_their_section_are_refused(void **state)
{
	static const uint64_t offs[] = { 4, 5, 9, 0xffffffff };

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		struct image m = image_begin(false, 8, 4, 4);

		declare(&m, CU, DW_TAG_compile_unit, false, DW_AT_name, DW_FORM_strp, 0);
		unit_begin(&m, 0);
		put_uleb(info(&m), CU);
		put(info(&m), offs[i], 4);
		unit_end(&m);
		put_bytes(&m.s[KS_DWARF_STR], "one\0two.c", 9);	/* without its end */
		expect_error(&m, -EBADMSG, "string that ends inside");
	}
}

/* The other half of this file, to keep each readable. */
#include "dwarf-fixtures/test_ranges_lines.h"

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_passed_over_by_its_size),
		cmocka_unit_test(every_form_may_be_indirect),
		cmocka_unit_test(indirect_to_what_only_a_declaration_can_hold_is_refused),
		cmocka_unit_test(every_form_gives_its_value),
		cmocka_unit_test(sibling_jumps_over_children_of_types),
		cmocka_unit_test(children_without_sibling_are_walked_but_not_wanted),
		cmocka_unit_test(sibling_that_does_not_go_forward_is_refused),
		cmocka_unit_test(static_variables_of_functions_are_found),
		cmocka_unit_test(functions_of_local_classes_are_entered_unless_in_c),
		cmocka_unit_test(any_depth_of_nesting_is_walked),
		cmocka_unit_test(nested_functions_take_no_quadratic_time),
		cmocka_unit_test(unit_may_end_with_levels_open),
		cmocka_unit_test(fixed_locations_only_are_variables),
		cmocka_unit_test(codes_may_be_far_apart_and_in_any_order),
		cmocka_unit_test(code_declared_twice_is_refused),
		cmocka_unit_test(bad_declarations_are_refused),
		cmocka_unit_test(tables_inside_each_other_take_no_quadratic_time),
		cmocka_unit_test(bad_unit_headers_are_refused),
		cmocka_unit_test(bad_dies_are_refused),
		cmocka_unit_test(units_of_every_version_and_kind_may_be_mixed),
		cmocka_unit_test(names_may_be_indices),
		cmocka_unit_test(strings_outside_their_section_are_refused),
		RANGES_AND_LINES_TESTS
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
