/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Second half of test_dwarf.c: range lists, line programs, damaged files. */
#ifndef KS_TESTS_DWARF_RANGES_LINES_H
#define KS_TESTS_DWARF_RANGES_LINES_H

/* ---------------------------------------------------------------- ranges */

#define RANGES(m, ...)                                                                \
	expect_ranges(m, sizeof((uint64_t[][2]){ __VA_ARGS__ }) / 16,                 \
		      (const uint64_t[][2]){ __VA_ARGS__ })

static void high_pc_is_an_address_or_a_length(void **state)
{
	(void)state;
	FOR_EACH_KIND(big, addr_len, offset_len)
		for (unsigned int i = 0; i < 2; i++) {
			struct image m = image_begin(big, addr_len, offset_len, 4);

			declare(&m, CU, DW_TAG_compile_unit, false, DW_AT_high_pc,
				i ? DW_FORM_addr : DW_FORM_data2, DW_AT_low_pc, DW_FORM_addr, 0);
			unit_begin(&m, 0);
			put_uleb(info(&m), CU);
			put(info(&m), i ? 0x1010 : 0x10, i ? addr_len : 2);
			put_va(&m, KS_DWARF_INFO, 0x1000);
			unit_end(&m);
			RANGES(&m, { 0x1000, 0x1010 });
		}
}

/* A unit with DW_AT_low_pc @low and DW_AT_ranges of @form and value @ranges; the
 * list itself is up to the caller. */
static struct image with_ranges(int big, uint8_t addr_len, uint8_t offset_len, uint16_t version,
				uint64_t low, unsigned int form, uint64_t ranges)
{
	struct image m = image_begin(big, addr_len, offset_len, version);

	declare(&m, CU, DW_TAG_compile_unit, false, DW_AT_ranges, form, DW_AT_low_pc, DW_FORM_addr,
		DW_AT_addr_base, DW_FORM_sec_offset, DW_AT_rnglists_base, DW_FORM_sec_offset, 0);
	unit_begin(&m, 0);
	put_uleb(info(&m), CU);
	if (form == DW_FORM_rnglistx)
		put_uleb(info(&m), ranges);
	else
		put_off(&m, KS_DWARF_INFO, ranges);
	put_va(&m, KS_DWARF_INFO, low);
	put_off(&m, KS_DWARF_INFO, addr_len);
	put_off(&m, KS_DWARF_INFO, 5);
	unit_end(&m);
	return m;
}

static void put_pair(struct image *m, uint64_t start, uint64_t end)
{
	put_va(m, KS_DWARF_RANGES, start);
	put_va(m, KS_DWARF_RANGES, end);
}

static void old_lists_are_offsets_from_their_base(void **state)
{
	(void)state;
	FOR_EACH_KIND(big, addr_len, offset_len) {
		struct image m = with_ranges(big, addr_len, offset_len, 4, 0x1000,
					     DW_FORM_sec_offset, 3);

		put_bytes(&m.s[KS_DWARF_RANGES], "abc", 3);
		put_pair(&m, 0x10, 0x20);
		put_pair(&m, 0x30, 0x30);			/* empty */
		put_pair(&m, 1, 1);				/* discarded by GNU ld */
		put_pair(&m, UINT64_MAX - 1, UINT64_MAX - 1);	/* discarded by lld */
		put_pair(&m, UINT64_MAX, 0);			/* base */
		put_pair(&m, 0x1100, 0x1200);
		put_pair(&m, 0, 0x80);				/* discarded */
		put_pair(&m, UINT64_MAX, 0x2000);
		put_pair(&m, 0, 0x10);
		put_pair(&m, UINT64_MAX, UINT64_MAX - 1);	/* a discarded base */
		put_pair(&m, 0x10, 0x20);
		put_pair(&m, 0, 0);
		put_pair(&m, 0x77, 0x99);			/* another list */
		RANGES(&m, { 0x1010, 0x1020 }, { 0x1100, 0x1200 }, { 0x2000, 0x2010 });
	}
}

static void entry(struct image *m, unsigned int kind)
{
	put(&m->s[KS_DWARF_RNGLISTS], kind, 1);
}

static void uleb2(struct image *m, uint64_t a, uint64_t b)
{
	put_uleb(&m->s[KS_DWARF_RNGLISTS], a);
	put_uleb(&m->s[KS_DWARF_RNGLISTS], b);
}

/* One entry of each kind, and the discarded ones. */
static void put_every_kind(struct image *m)
{
	entry(m, DW_RLE_offset_pair);		/* from DW_AT_low_pc */
	uleb2(m, 0x10, 0x20);
	entry(m, DW_RLE_base_addressx);
	put_uleb(&m->s[KS_DWARF_RNGLISTS], 1);
	entry(m, DW_RLE_offset_pair);
	uleb2(m, 0x200, 0x300);
	entry(m, DW_RLE_offset_pair);		/* empty */
	uleb2(m, 0x200, 0x200);
	entry(m, DW_RLE_startx_endx);
	uleb2(m, 0, 1);
	entry(m, DW_RLE_startx_length);
	uleb2(m, 2, 0x40);
	entry(m, DW_RLE_startx_length);		/* discarded */
	uleb2(m, 3, 0x40);
	entry(m, DW_RLE_base_address);
	put_va(m, KS_DWARF_RNGLISTS, 0x4000);
	entry(m, DW_RLE_offset_pair);
	uleb2(m, 0, 1);
	entry(m, DW_RLE_base_address);		/* discarded */
	put_va(m, KS_DWARF_RNGLISTS, UINT64_MAX);
	entry(m, DW_RLE_offset_pair);
	uleb2(m, 0, 0x1000);
	entry(m, DW_RLE_start_end);
	put_va(m, KS_DWARF_RNGLISTS, 0x5000);
	put_va(m, KS_DWARF_RNGLISTS, 0x5005);
	entry(m, DW_RLE_start_length);
	put_va(m, KS_DWARF_RNGLISTS, 0x6000);
	put_uleb(&m->s[KS_DWARF_RNGLISTS], 0x300);
	entry(m, DW_RLE_start_length);		/* discarded by GNU ld */
	put_va(m, KS_DWARF_RNGLISTS, 0);
	put_uleb(&m->s[KS_DWARF_RNGLISTS], 0x300);
	entry(m, DW_RLE_end_of_list);
	entry(m, 0x99);
	put_va(m, KS_DWARF_ADDR, 0x777);	/* before DW_AT_addr_base */
	put_va(m, KS_DWARF_ADDR, 0x2000);
	put_va(m, KS_DWARF_ADDR, 0x2100);
	put_va(m, KS_DWARF_ADDR, 0x3000);
	put_va(m, KS_DWARF_ADDR, UINT64_MAX);
}

static void new_lists_have_entries_of_every_kind(void **state)
{
	(void)state;
	FOR_EACH_KIND(big, addr_len, offset_len)
		for (unsigned int i = 0; i < 2; i++) {
			struct image m = with_ranges(big, addr_len, offset_len, 5, 0x1000,
						     i ? DW_FORM_rnglistx : DW_FORM_sec_offset,
						     i ? 2 : 7);

			if (i) {
				put_bytes(&m.s[KS_DWARF_RNGLISTS], "12345", 5);
				put_off(&m, KS_DWARF_RNGLISTS, 0);
				put_off(&m, KS_DWARF_RNGLISTS, 0);
				put_off(&m, KS_DWARF_RNGLISTS, 3u * offset_len);
			} else {
				put_bytes(&m.s[KS_DWARF_RNGLISTS], "1234567", 7);
			}
			put_every_kind(&m);
			RANGES(&m, { 0x1010, 0x1020 }, { 0x2000, 0x2100 }, { 0x2300, 0x2400 },
			       { 0x3000, 0x3040 }, { 0x4000, 0x4001 }, { 0x5000, 0x5005 },
			       { 0x6000, 0x6300 });
		}
}

static void expect_bad_rnglist(const char *bytes, size_t len, const char *text)
{
	struct image m = with_ranges(false, 8, 4, 5, 0x1000, DW_FORM_sec_offset, 0);

	put_bytes(&m.s[KS_DWARF_RNGLISTS], bytes, len);
	expect_error(&m, -EBADMSG, text);
}

static void bad_lists_are_refused(void **state)
{
	struct image m;

	(void)state;
	expect_bad_rnglist("\x08\0\0", 3, "kind of range list");
	expect_bad_rnglist("\x04\x10\x20", 3, "one more byte");		/* no end */
	expect_bad_rnglist("\x04\x10", 2, "byte");
	expect_bad_rnglist("\x06\x10", 2, "bits");
	expect_bad_rnglist("\x01\x10\0", 3, ".debug_addr");
	expect_bad_rnglist("\x04\x20\x10\0", 4, "an end behind its start");
	expect_bad_rnglist("\x07\0\0\0\0\0\0\0\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\0", 20,
			   "an end behind its start");
	expect_bad_rnglist("\x04\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13, "LEB128");
	m = with_ranges(false, 8, 4, 5, 0x1000, DW_FORM_sec_offset, 1000);
	put(&m.s[KS_DWARF_RNGLISTS], 0, 1);
	expect_error(&m, -EBADMSG, "0x0");
	m = with_ranges(false, 8, 4, 5, 0x1000, DW_FORM_rnglistx, UINT64_MAX);
	put(&m.s[KS_DWARF_RNGLISTS], 0, 1);
	expect_error(&m, -EBADMSG, "smaller number");
	m = with_ranges(false, 8, 4, 4, 0x1000, DW_FORM_sec_offset, 0);
	expect_error(&m, -EBADMSG, ".debug_ranges");
	m = with_ranges(false, 8, 4, 4, 0x1000, DW_FORM_data1, 0);
	expect_error(&m, -EBADMSG, "form");
}

static void one_list_is_not_read_for_every_unit(void **state)
{
	struct image m = image_begin(false, 8, 4, 4);

	(void)state;
	declare(&m, CU, DW_TAG_compile_unit, false, DW_AT_ranges, DW_FORM_sec_offset, 0);
	for (unsigned int i = 0; i < 20000; i++) {
		unit_begin(&m, 0);
		put_uleb(info(&m), CU);
		put(info(&m), 0, 4);
		unit_end(&m);
		put_pair(&m, 0x1000 + i, 0x1001 + i);
	}
	put_pair(&m, 0, 0);
	expect_error(&m, -EBADMSG, "more bits");
}

/* ----------------------------------------------------------------- lines */

static struct buf *line(struct image *m)
{
	return &m->s[KS_DWARF_LINE];
}

/* How a line program's header differs from the usual. */
struct line_opts {
	uint8_t min_inst_len, max_ops, line_range, opcode_base;
	const char *tables;	/* of versions 2 to 4 */
	size_t tables_len;
};

static size_t header_len_at, table_from;

/* Header with directories "dir", "/abs" and files a.c, dir/b.c, /abs/c.c, /d.c. */
static void line_begin(struct image *m, const struct line_opts *opts)
{
	static const char old_tables[] = "dir\0/abs\0/src\0\0a.c\0\0\0\0b.c\0\1\0\0c.c\0\2\0\0"
					 "/d.c\0\1\0\0e.c\0\3\0\0";
	static const char new_tables[] = "\1\1\x08\4/src\0dir\0/abs\0/src\0"
					 "\3\1\x08\2\x0b\5\x1e\6";
	static const char *const names[] = { "a.c", "a.c", "b.c", "c.c", "/d.c", "e.c" };
	static const uint8_t dirs[] = { 0, 0, 1, 2, 1, 3 };
	static const uint8_t lens[] = { 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1 };
	struct line_opts o = opts ? *opts : (struct line_opts){ 0 };

	table_from = open_length(m, KS_DWARF_LINE);
	put(line(m), m->version, 2);
	if (m->version >= 5) {
		put(line(m), m->addr_len, 1);
		put(line(m), 0, 1);
	}
	put_off(m, KS_DWARF_LINE, 0);
	header_len_at = line(m)->len;
	put(line(m), o.min_inst_len ? o.min_inst_len : 1, 1);
	if (m->version >= 4)
		put(line(m), o.max_ops ? o.max_ops : 1, 1);
	put(line(m), 1, 1);
	put(line(m), (uint8_t)-5, 1);
	put(line(m), o.line_range ? o.line_range : 14, 1);
	put(line(m), o.opcode_base ? o.opcode_base : 14, 1);
	/* One standard opcode more than the standard has, with two operands. */
	put_bytes(line(m), lens, 12);
	put(line(m), 2, 1);
	if (o.tables) {
		put_bytes(line(m), o.tables, o.tables_len);
	} else if (m->version < 5) {
		put_bytes(line(m), old_tables, sizeof(old_tables));
	} else {
		put_bytes(line(m), new_tables, sizeof(new_tables) - 1);
		for (unsigned int i = 0; i < 6; i++) {
			put_string(line(m), names[i]);
			put(line(m), dirs[i], 1);
			put_bytes(line(m), "MD5 MD5 MD5 MD5 ", 16);
		}
	}
	patch(line(m), header_len_at - m->offset_len, line(m)->len - header_len_at, m->offset_len);
}

static void set_address(struct image *m, uint64_t va)
{
	put(line(m), 0, 1);
	put_uleb(line(m), 1u + m->addr_len);
	put(line(m), DW_LNE_set_address, 1);
	put_va(m, KS_DWARF_LINE, va);
}

static void end_seq(struct image *m)
{
	put_bytes(line(m), "\0\1\1", 3);
}

/* Line table of the image; the unit's directory is /src. */
static int read_lines(struct image *m, struct ks_line_table *t, struct ksym_error *err)
{
	struct ks_cu cu = { .name = "a.c", .comp_dir = "/src" };
	struct ks_elf e;
	int ret;

	image_finish(m);
	assert_int_equal(ks_elf_open_memory(&e, m->file, m->file_len, "test", err), 0);
	ret = ks_line_table_read(t, &e, &cu, err);
	ks_elf_close(&e);
	return ret;
}

static void expect_line(const struct ks_line_table *t, uint64_t va, uint64_t row_va,
			const char *file, uint32_t number)
{
	const struct ks_line_row *row = ks_line_table_find(t, va);

	if (!file) {
		assert_null(row);
		return;
	}
	assert_non_null(row);
	assert_int_equal(row->va, row_va);
	assert_string_equal(t->files[row->file], file);
	assert_int_equal(row->line, number);
}

static void line_programs_run(void **state)
{
	(void)state;
	FOR_EACH_KIND(big, addr_len, offset_len)
		for (uint16_t version = 2; version <= 5; version++) {
			struct image m = image_begin(big, addr_len, offset_len, version);
			struct ks_line_table t;
			struct ksym_error err;

			line_begin(&m, NULL);
			set_address(&m, 0x2000);
			put_bytes(line(&m), "\1", 1);		/* copy: a.c:1 */
			put_bytes(line(&m), "\3\xe4\0\2\x10\4\2\1", 8); /* dir/b.c:101, 2010 */
			put_bytes(line(&m), "\x0d\x81\1\5", 4);	/* the opcode unknown */
			put_bytes(line(&m), "\0\4\x80zzz", 6);	/* an extended one, too */
			put_bytes(line(&m), "\4\3", 2);
			put(line(&m), 14 + 6 + 14 * 3, 1);	/* /abs/c.c:102 at 2013 */
			put_bytes(line(&m), "\x08\4\4\1", 4);	/* /d.c:102 at 2013 + 17 */
			put(line(&m), DW_LNS_fixed_advance_pc, 1);
			put(line(&m), 0x100, 2);
			put_bytes(line(&m), "\4\5\1", 3);	/* e.c:102 at 2124 */
			put_bytes(line(&m), "\4\x63\2\x10\1", 5);	/* no such file, at 2134 */
			put_bytes(line(&m), "\2\x10", 2);
			end_seq(&m);
			set_address(&m, 0x1000);		/* an earlier sequence */
			put_bytes(line(&m), "\1\2\x10", 3);
			end_seq(&m);
			set_address(&m, 0);			/* discarded */
			put_bytes(line(&m), "\1\2\x10", 3);
			end_seq(&m);
			set_address(&m, UINT64_MAX);
			put_bytes(line(&m), "\1\2\x10", 3);
			end_seq(&m);
			close_length(&m, KS_DWARF_LINE, table_from);
			if (read_lines(&m, &t, &err))
				fail_msg("%s", err.text);
			assert_int_equal(t.nr_rows, 9);
			expect_line(&t, 0xfff, 0, NULL, 0);
			expect_line(&t, 0x100f, 0x1000, "a.c", 1);
			expect_line(&t, 0x1010, 0, NULL, 0);
			expect_line(&t, 0x1fff, 0, NULL, 0);
			expect_line(&t, 0x2000, 0x2000, "a.c", 1);
			expect_line(&t, 0x200f, 0x2000, "a.c", 1);
			expect_line(&t, 0x2010, 0x2010, "dir/b.c", 101);
			expect_line(&t, 0x2014, 0x2013, "/abs/c.c", 102);
			expect_line(&t, 0x2024, 0x2024, "/d.c", 102);
			expect_line(&t, 0x2124, 0x2124, "e.c", 102);
			expect_line(&t, 0x2140, 0x2134, "", 102);
			expect_line(&t, 0x2144, 0, NULL, 0);
			ks_line_table_free(&t);
			image_free(&m);
		}
}

static void rows_out_of_order_are_sorted(void **state)
{
	struct image m = image_begin(false, 8, 4, 4);
	struct ks_line_table t;
	struct ksym_error err;

	(void)state;
	line_begin(&m, NULL);
	set_address(&m, 0x2010);
	put_bytes(line(&m), "\1", 1);
	set_address(&m, 0x2000);
	put_bytes(line(&m), "\3\1\1", 3);
	set_address(&m, 0x2100);	/* behind the end */
	put_bytes(line(&m), "\3\1\1", 3);
	set_address(&m, 0x2020);
	end_seq(&m);
	close_length(&m, KS_DWARF_LINE, table_from);
	assert_int_equal(read_lines(&m, &t, &err), 0);
	expect_line(&t, 0x2000, 0x2000, "a.c", 2);
	expect_line(&t, 0x201f, 0x2010, "a.c", 1);
	expect_line(&t, 0x2020, 0, NULL, 0);
	expect_line(&t, 0x2100, 0, NULL, 0);
	ks_line_table_free(&t);
	image_free(&m);
}

static void addresses_advance_by_instructions_and_operations(void **state)
{
	static const struct line_opts opts[] = { { .min_inst_len = 4 },
						 { .min_inst_len = 16, .max_ops = 3 } };
	static const uint64_t vas[] = { 0x2000 + 7 * 4, 0x2000 + 7 / 3 * 16 };

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		struct image m = image_begin(false, 8, 4, 4);
		struct ks_line_table t;
		struct ksym_error err;

		line_begin(&m, &opts[i]);
		set_address(&m, 0x2000);
		put_bytes(line(&m), "\1\2\5\2\2\3\5\1", 8);
		put_bytes(line(&m), "\2\x09", 2);
		end_seq(&m);
		close_length(&m, KS_DWARF_LINE, table_from);
		assert_int_equal(read_lines(&m, &t, &err), 0);
		expect_line(&t, vas[i], vas[i], "a.c", 6);
		expect_line(&t, vas[i] - 1, 0x2000, "a.c", 1);
		ks_line_table_free(&t);
		image_free(&m);
	}
}

static void expect_bad_lines(uint16_t version, const struct line_opts *opts, const char *program,
			     size_t len, const char *text)
{
	struct image m = image_begin(false, 8, 4, version);
	struct ks_line_table t;
	struct ksym_error err;

	line_begin(&m, opts);
	put_bytes(line(&m), program, len);
	close_length(&m, KS_DWARF_LINE, table_from);
	assert_int_equal(read_lines(&m, &t, &err), -EBADMSG);
	if (!strstr(err.text, text) || !strstr(err.text, ".debug_line"))
		fail_msg("\"%s\" does not say \"%s\"", err.text, text);
	image_free(&m);
}

#define TABLES(s) &(struct line_opts){ .tables = s, .tables_len = sizeof(s) - 1 }

static void bad_line_tables_are_refused(void **state)
{
	struct image m = image_begin(false, 8, 4, 4);
	struct ks_line_table t;
	struct ksym_error err;

	(void)state;
	expect_bad_lines(4, NULL, "\1", 1, "end its last sequence");
	expect_bad_lines(4, NULL, "\0\0", 2, "extended opcode");
	expect_bad_lines(4, NULL, "\0\x7f\1", 3, "extended opcode");
	expect_bad_lines(4, NULL, "\0\4\2\0\0\0", 6, "1, 2, 4 or 8 bytes");
	expect_bad_lines(4, NULL, "\0\3\3zzzz\0\0\0\0", 11, "within its length");
	expect_bad_lines(4, NULL, "\2", 1, "one more byte");
	expect_bad_lines(4, TABLES("\0a.c\0\1\0\0\0"), "", 0, "directory 1");
	expect_bad_lines(4, TABLES("\0a.c"), "", 0, "ends inside");
	expect_bad_lines(5, TABLES("\0\x05"), "", 0, "as many entries");
	expect_bad_lines(5, TABLES("\1\1\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), "", 0,
			 "as many entries");
	expect_bad_lines(5, TABLES("\1\1\x1a\1\0"), "", 0, "names as strings");
	expect_bad_lines(5, TABLES("\1\1\x1f\1\0\1\0\0"), "", 0, "string that ends");
	expect_bad_lines(5, TABLES("\0\0\2\1\x08\2\x0f\1a.c\0\5"), "", 0, "directory 5");

	/* Fields that line_begin() never writes wrong. */
	for (unsigned int i = 0; i < 4; i++) {
		static const size_t at[] = { 14, 15, 6, 0 };	/* range, base, header, table */
		static const uint64_t value[] = { 0, 0, 0xfffff, 0xfffff };
		static const unsigned int len[] = { 1, 1, 4, 4 };

		line(&m)->len = 0;
		line_begin(&m, NULL);
		put(line(&m), 0xff, 1);
		close_length(&m, KS_DWARF_LINE, table_from);
		patch(line(&m), at[i], value[i], len[i]);
		assert_int_equal(read_lines(&m, &t, &err), -EBADMSG);
	}
	line(&m)->len = 0;
	line_begin(&m, NULL);
	close_length(&m, KS_DWARF_LINE, table_from);
	patch(line(&m), 4, 6, 2);
	assert_int_equal(read_lines(&m, &t, &err), -ENOTSUP);
	image_free(&m);
}

static void assembler_unit_gets_its_source_as_name(void **state)
{
	static const struct {
		const char *tables;
		size_t len;
		const char *name;
	} cases[] = {
#define CASE(t, n) { t, sizeof(t) - 1, n }
		CASE("arch/lib\0inc\0\0gen.h\0\2\0\0entry.S\0\1\0\0\0", "arch/lib/entry.S"),
		CASE("arch/lib\0\0gen.h\0\1\0\0a.S\0\1\0\0b.s\0\1\0\0\0", "inc/gen.h"),
		CASE("arch/lib\0\0gen.h\0\1\0\0a.S\0\1\0\0a.S\0\1\0\0\0", "arch/lib/a.S"),
		CASE("\0gen.h\0\0\0\0\0", "inc/gen.h"),
#undef CASE
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct image m = image_begin(true, 8, 4, 4);
		struct line_opts opts = { .tables = cases[i].tables, .tables_len = cases[i].len };
		struct ks_elf e;
		struct ks_cus c;

		declare(&m, CU, DW_TAG_compile_unit, false, DW_AT_name, DW_FORM_string,
			DW_AT_stmt_list, DW_FORM_sec_offset, DW_AT_language, DW_FORM_data2, 0);
		unit_begin(&m, 0);
		put_uleb(info(&m), CU);
		put_string(info(&m), "inc/gen.h");
		put(info(&m), 0, 4);
		put(info(&m), DW_LANG_Mips_Assembler, 2);
		unit_end(&m);
		line_begin(&m, &opts);
		close_length(&m, KS_DWARF_LINE, table_from);
		read_good(&m, &e, &c);
		assert_string_equal(c.cus[0].name, cases[i].name);
		ks_cus_free(&c);
		ks_elf_close(&e);
		image_free(&m);
	}
}

/* --------------------------------------------------------------- damage */

/* Read all there is; only crashes and hangs matter. */
static void read_damaged(struct image *m)
{
	struct ks_line_table t;
	struct ksym_error err;
	struct ks_elf e;
	struct ks_cus c;

	image_finish(m);
	assert_int_equal(ks_elf_open_memory(&e, m->file, m->file_len, "test", &err), 0);
	if (!ks_cus_read(&c, &e, true, &err)) {
		for (uint32_t i = 0; i < c.nr_cus; i++)
			if (!ks_line_table_read(&t, &e, &c.cus[i], &err))
				ks_line_table_free(&t);
		ks_cus_free(&c);
	}
	ks_elf_close(&e);
}

/* A file with something of everything. */
static struct image rich_image(uint16_t version)
{
	struct image m = with_ranges(false, 8, 4, version, 0x1000, DW_FORM_sec_offset, 0);

	if (version < 5) {
		put_pair(&m, 0x10, 0x20);
		put_pair(&m, UINT64_MAX, 0x2000);
		put_pair(&m, 0x10, 0x20);
		put_pair(&m, 0, 0);
	} else {
		put_every_kind(&m);
	}
	put(&m.s[KS_DWARF_ABBREV], 0, 1);

	uint64_t abbrev_off = m.s[KS_DWARF_ABBREV].len;

	declare_common(&m);
	declare(&m, OTHER, DW_TAG_compile_unit, true, DW_AT_name, DW_FORM_strp, DW_AT_stmt_list,
		DW_FORM_sec_offset, DW_AT_language, DW_FORM_implicit_const, DW_LANG_Mips_Assembler,
		0);
	declare(&m, 500, DW_TAG_variable, false, 0x3ffe, DW_FORM_indirect, DW_AT_location,
		DW_FORM_block, 0);
	put(&m.s[KS_DWARF_ABBREV], 0, 1);
	unit_begin(&m, abbrev_off);
	put_uleb(info(&m), OTHER);
	put(info(&m), 0, 4);
	put(info(&m), 0, 4);
	put_uleb(info(&m), FUNC);
	put(info(&m), unit_here(&m) + 4 + 12, 4);
	put_var(&m, DATA_VA);
	put(info(&m), 0, 1);
	put_uleb(info(&m), 500);
	put_uleb(info(&m), DW_FORM_udata);
	put_uleb(info(&m), 300);
	put_location(&m, DATA_VA + 8);
	put(info(&m), 0, 1);
	unit_end(&m);
	put_string(&m.s[KS_DWARF_STR], "gen.h");
	line_begin(&m, NULL);
	set_address(&m, 0x2000);
	put_bytes(line(&m), "\1\3\xe4\0\2\x10\4\2\1\x50\x60\x08", 12);
	end_seq(&m);
	close_length(&m, KS_DWARF_LINE, table_from);
	return m;
}

static void any_damaged_byte_does_no_harm(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };

	(void)state;
	for (uint16_t version = 3; version <= 5; version++) {
		struct image m = rich_image(version);

		for (unsigned int id = 0; id < KS_DWARF_NR; id++)
			for (size_t i = 0; i < m.s[id].len; i++)
				for (size_t j = 0; j < sizeof(values); j++) {
					uint8_t old = m.s[id].p[i];

					m.s[id].p[i] = values[j];
					read_damaged(&m);
					m.s[id].p[i] = old;
				}
		image_free(&m);
	}
}

static void any_truncated_section_does_no_harm(void **state)
{
	(void)state;
	for (uint16_t version = 3; version <= 5; version++) {
		struct image m = rich_image(version);

		for (unsigned int id = 0; id < KS_DWARF_NR; id++)
			for (size_t len = m.s[id].len; m.s[id].len;) {
				read_damaged(&m);
				if (!--m.s[id].len) {
					read_damaged(&m);
					m.s[id].len = len;
					break;
				}
			}
		image_free(&m);
	}
}

#define RANGES_AND_LINES_TESTS                                                        \
	cmocka_unit_test(high_pc_is_an_address_or_a_length),                          \
	cmocka_unit_test(old_lists_are_offsets_from_their_base),                      \
	cmocka_unit_test(new_lists_have_entries_of_every_kind),                       \
	cmocka_unit_test(bad_lists_are_refused),                                      \
	cmocka_unit_test(one_list_is_not_read_for_every_unit),                        \
	cmocka_unit_test(line_programs_run),                                          \
	cmocka_unit_test(rows_out_of_order_are_sorted),                               \
	cmocka_unit_test(addresses_advance_by_instructions_and_operations),           \
	cmocka_unit_test(bad_line_tables_are_refused),                                \
	cmocka_unit_test(assembler_unit_gets_its_source_as_name),                     \
	cmocka_unit_test(any_damaged_byte_does_no_harm),                              \
	cmocka_unit_test(any_truncated_section_does_no_harm),

#endif
