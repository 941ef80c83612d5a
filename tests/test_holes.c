// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Holes in images that no compiler makes, and the errors that tests/cli/weak.t and mcount.t
 * do not come to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fuzz/elf-writer.h"
#include "fuzz/fuzz.h"
#include "holes/holes.h"
#include "ksym/holes.h"

#define TEXT_VA 0x1000
#define DATA_VA 0x8000

struct symbol {
	const char *name;
	uint64_t va, len;
	uint16_t shndx;		/* 1 .text, 2 .init.data */
};

/* A little-endian image of these bytes and symbols; its path. */
static const char *image(uint16_t type, uint16_t machine, const uint8_t *text, size_t text_len,
			 const void *table, size_t table_len, const struct symbol *symbols, size_t nr)
{
	static uint8_t symtab[24 * 16];
	char strings[256] = "";
	size_t strings_len = 1, at = 24;
	unsigned int strtab, n;
	struct fz_elf e;
	const char *path;

	fz_elf_begin(&e, true, false, type, machine);
	fz_elf_section(&e, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, TEXT_VA, text, text_len);
	fz_elf_section(&e, ".init.data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, DATA_VA, table, table_len);
	memset(symtab, 0, sizeof(symtab));
	for (size_t i = 0; i < nr; i++) {
		size_t len = strlen(symbols[i].name) + 1;

		at += fz_elf_symbol(&e, symtab + at, (uint32_t)strings_len,
				    ELF64_ST_INFO(STB_GLOBAL, symbols[i].shndx == 1 ? STT_FUNC : STT_NOTYPE),
				    symbols[i].shndx, symbols[i].va, symbols[i].len);
		memcpy(strings + strings_len, symbols[i].name, len);
		strings_len += len;
	}
	strtab = fz_elf_section(&e, ".strtab", SHT_STRTAB, 0, 0, (uint8_t *)strings, strings_len);
	n = fz_elf_section(&e, ".symtab", SHT_SYMTAB, 0, 0, symtab, at);
	e.s[n].link = strtab;
	e.s[n].info = 1;
	e.s[n].entsize = 24;
	fz_elf_end(&e);
	fz_elf_unpoison(&e);
	path = fz_path(0, e.file, e.file_len);
	fz_elf_free(&e);
	return path;
}

/* f at 0x1000, a hole of 0x30 bytes without padding, g. */
static const struct symbol around[] = {
	{ "f", TEXT_VA, 0x10, 1 }, { "g", TEXT_VA + 0x40, 0x10, 1 },
};

static void fill(uint8_t text[0x50])
{
	memset(text, 0xc3, 0x50);
}

static struct ks_elf elf;

static void find(struct ks_holes *h, const char *path)
{
	struct ksym_error err;

	if (ks_elf_open(&elf, path, &err) || ks_holes_find(h, &elf, &elf, &err))
		fail_msg("%s", err.text);
}

static void holes_are_split_once_at_each_start(void **state)
{
	const uint64_t starts[] = { TEXT_VA, TEXT_VA + 0x10, TEXT_VA + 0x20, TEXT_VA + 0x20,
				    TEXT_VA + 0x30, TEXT_VA + 0x30, TEXT_VA + 0x30, TEXT_VA + 0x40 };
	uint8_t text[0x50];
	struct ks_holes h;

	(void)state;
	fill(text);
	find(&h, image(ET_EXEC, EM_X86_64, text, sizeof(text), text, 8, around, 2));
	assert_int_equal(h.v.len, 1);
	assert_int_equal(h.v.data[0].va, TEXT_VA + 0x10);
	assert_int_equal(h.v.data[0].len, 0x30);
	assert_int_equal(ks_holes_split(&h, starts, sizeof(starts) / sizeof(*starts), NULL), 0);
	assert_int_equal(h.v.len, 3);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(h.v.data[i].va, TEXT_VA + 0x10 + 0x10 * i);
		assert_int_equal(h.v.data[i].len, 0x10);
	}
	assert_int_equal(h.gaps.len, 1);
	assert_int_equal(h.gaps.data[0].nr, 3);
	ks_holes_free(&h);
	ks_elf_close(&elf);
}

static void padding_is_no_hole(void **state)
{
	static const struct { uint16_t machine; uint8_t bytes[12]; size_t len; } paddings[] = {
		{ EM_X86_64, { 0x90 }, 1 },
		{ EM_X86_64, { 0xcc }, 1 },
		{ EM_X86_64, { 0 }, 1 },
		{ EM_X86_64, { 0x66, 0x90 }, 2 },
		{ EM_X86_64, { 0x0f, 0x1f, 0x00 }, 3 },
		{ EM_X86_64, { 0x0f, 0x1f, 0x40, 0x00 }, 4 },
		{ EM_X86_64, { 0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0x90, 0x90, 0x90 }, 12 },
		{ EM_X86_64, { 0x66, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0xcc }, 12 },
		{ EM_386, { 0x8d, 0x76, 0x00 }, 3 },
		{ EM_386, { 0x8d, 0x74, 0x26, 0x00 }, 4 },
		{ EM_386, { 0x8d, 0xb6, 0, 0, 0, 0 }, 6 },
		{ EM_AARCH64, { 0x1f, 0x20, 0x03, 0xd5 }, 4 },
		{ EM_AARCH64, { 0 }, 1 },
		{ EM_AARCH64, { 0x00, 0x00, 0x20, 0xd4 }, 4 },
	};
	uint8_t text[0x50];

	(void)state;
	for (size_t i = 0; i < sizeof(paddings) / sizeof(*paddings); i++) {
		struct ks_code c = { .machine = paddings[i].machine };
		struct ks_holes h;

		fill(text);
		for (size_t k = 0; k < 0x30; k++)
			text[0x10 + k] = paddings[i].bytes[k % paddings[i].len];
		assert_int_equal(ks_padding_len(&c, text + 0x10, 0x30), 0x30);
		assert_int_equal(ks_code_len(&c, text + 0x10, 0x30), 0);
		/* One byte more or less. */
		assert_int_equal(ks_padding_len(&c, text + 0x10, 0), 0);
		find(&h, image(ET_EXEC, paddings[i].machine, text, sizeof(text), text, 8, around, 2));
		if (h.v.len)
			fail_msg("padding %zu is taken for code", i);
		ks_holes_free(&h);
		ks_elf_close(&elf);
	}
}

static void functions_of_s390_begin_with_space_behind_code_that_ends(void **state)
{
	/* nopr nopr; brcl 0, br; nopr nopr; brcl 0, lghi 0, br; nopr; lghi with 0x0707 in it */
	static const uint8_t text[] = { 7, 7, 7, 7, 0xc0, 4, 0, 0, 0, 0, 7, 0xfe, 7, 7, 7, 7,
					0xc0, 4, 0, 0, 0, 0, 0xa7, 0x29, 0, 0, 7, 0xfe, 7, 7,
					0xa7, 0x29, 7, 7, 0x47, 0, 0, 0 };
	const struct ks_code c = { .machine = EM_S390, .swap = true };
	bool proven;

	(void)state;
	assert_int_equal(ks_padding_len(&c, text, sizeof(text)), 4);
	assert_int_equal(ks_code_len(&c, text + 4, 12), 8);
	assert_int_equal(ks_code_len(&c, text, sizeof(text)), 34);
	assert_int_equal(ks_next_function(&c, text + 4, sizeof(text) - 4, 0, 2, &proven), 12);
	assert_false(proven);
	assert_int_equal(ks_next_function(&c, text + 16, sizeof(text) - 16, 0, 2, &proven),
			 sizeof(text) - 16);
	for (size_t len = 0; len <= sizeof(text); len++) {
		assert_true(ks_code_len(&c, text, len) <= len);
		assert_true(ks_padding_len(&c, text, len) <= len);
		assert_true(ks_next_function(&c, text, len, 0, 2, &proven) <= len);
	}
}

static void code_of_machines_not_known_is_a_hole_only_when_traced(void **state)
{
	const struct symbol symbols[] = {
		around[0], around[1], { "__start_mcount_loc", DATA_VA, 0, 2 },
		{ "__stop_mcount_loc", DATA_VA + 8, 0, 2 },
	};
	const uint64_t entry = TEXT_VA + 0x20;
	uint8_t text[0x50];
	struct ks_holes h;

	(void)state;
	fill(text);
	find(&h, image(ET_EXEC, EM_S390 + 1, text, sizeof(text), text, 8, around, 2));
	assert_int_equal(h.v.len, 0);
	ks_holes_free(&h);
	ks_elf_close(&elf);
	find(&h, image(ET_EXEC, EM_S390 + 1, text, sizeof(text), &entry, 8, symbols, 4));
	assert_int_equal(h.v.len, 1);
	assert_int_equal(h.v.data[0].mcount_va, entry);
	ks_holes_free(&h);
	ks_elf_close(&elf);
}

static void tables_without_whole_words_in_a_section_are_refused(void **state)
{
	static const struct { uint64_t start, stop; } bad[] = {
		{ DATA_VA, DATA_VA + 12 },		/* half a word */
		{ DATA_VA + 8, DATA_VA },		/* backwards */
		{ DATA_VA, DATA_VA + 24 },		/* beyond the section */
		{ DATA_VA + 32, DATA_VA + 40 },		/* in none */
		{ DATA_VA, UINT64_MAX - 7 },
	};
	const uint64_t entries[2] = { TEXT_VA, TEXT_VA + 0x40 };
	struct ksym_error err;
	struct ksym_holes *o;
	uint8_t text[0x50];

	(void)state;
	fill(text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const struct symbol symbols[] = {
			around[0], around[1], { "__start_mcount_loc", bad[i].start, 0, 2 },
			{ "__stop_mcount_loc", bad[i].stop, 0, 2 },
		};
		const char *path = image(ET_EXEC, EM_X86_64, text, sizeof(text), entries, 16, symbols, 4);

		assert_int_equal(ksym_holes_read(path, NULL, &o, &err), -EBADMSG);
		assert_null(o);
		assert_non_null(strstr(err.text, "__start_mcount_loc"));
		assert_int_equal(ksym_mcount_clean(path, "/no/such/folder/x", KSYM_CLEAN_ZERO, NULL, &err),
				 -EBADMSG);
	}
}

static void an_image_without_symbols_has_no_holes_to_tell(void **state)
{
	struct ksym_build_opts opts = KSYM_OPTS(opts, .no_debug_search = true);
	struct ksym_holes *o;
	struct ksym_error err;
	uint8_t text[0x50];

	(void)state;
	fill(text);
	assert_int_equal(ksym_holes_read(image(ET_EXEC, EM_X86_64, text, sizeof(text), text, 8, NULL, 0),
					 &opts, &o, &err), -ENODATA);
	assert_null(o);
	assert_int_equal(ksym_holes_read("/no/such/file", &opts, &o, &err), -ENOENT);
	assert_null(o);
	ksym_holes_close(NULL);
}

static void zeros_are_cleaned_away_and_numbers_go_on(void **state)
{
	/* Live, dead, zero, live: not in order. */
	const uint64_t entries[4] = { TEXT_VA + 0x40, TEXT_VA + 0x20, 0, TEXT_VA };
	const struct symbol symbols[] = {
		around[0], around[1], { "__start_mcount_loc", DATA_VA, 0, 2 },
		{ "__stop_mcount_loc", DATA_VA + 32, 0, 2 },
	};
	static const unsigned int numbers[4] = { 3, 2, 0, 1 };
	struct ksym_build_opts opts = KSYM_OPTS(opts, .no_debug_search = true);
	struct ksym_holes_info info = { .size = sizeof(info) };
	struct ksym_mcount_entry e;
	struct ksym_holes *o;
	struct ksym_hole hole;
	uint8_t text[0x50];

	(void)state;
	fill(text);
	assert_int_equal(ksym_holes_read(image(ET_EXEC, EM_X86_64, text, sizeof(text), entries, 32,
					       symbols, 4), &opts, &o, NULL), 0);
	ksym_holes_info(o, &info);
	assert_int_equal(info.nr_mcount, 3);
	assert_int_equal(info.nr_mcount_dead, 1);
	assert_int_equal(info.nr_mcount_zero, 1);
	for (unsigned int i = 0; i < 4; i++) {
		assert_true(ksym_mcount_entry(o, i, &e));
		assert_int_equal(e.va, entries[i]);
		assert_int_equal(e.index, numbers[i]);
		assert_int_equal(e.is_dead, i == 1);
		assert_int_equal(e.is_zero, i == 2);
	}
	assert_false(ksym_mcount_entry(o, 4, &e));
	/* The dead one and what is in front of it. */
	assert_int_equal(info.nr_holes, 2);
	assert_true(ksym_holes_get(o, 1, &hole));
	assert_true(hole.is_traced && hole.kind == KSYM_HOLE_FUNCTION && !hole.name);
	assert_string_equal(hole.before, "f");
	assert_false(ksym_holes_get(o, 2, &hole));
	/* A caller of an older header gets what it knows of. */
	memset(&info, 0xff, sizeof(info));
	info.size = offsetof(struct ksym_holes_info, nr_functions);
	ksym_holes_info(o, &info);
	assert_int_equal(info.nr_holes, 2);
	assert_int_equal(info.nr_functions, UINT32_MAX);
	ksym_holes_close(o);
}

static void a_table_is_cleaned_by_the_kernel_s_version(void **state)
{
	const uint64_t entries[2] = { TEXT_VA + 0x20, TEXT_VA };
	uint64_t table[8] = { entries[0], entries[1] };
	const struct symbol symbols[] = {
		around[0], around[1], { "__start_mcount_loc", DATA_VA, 0, 2 },
		{ "__stop_mcount_loc", DATA_VA + 16, 0, 2 }, { "linux_banner", DATA_VA + 16, 0, 2 },
	};
	static const struct { const char *banner; int ret; enum ksym_clean_mode mode; } cases[] = {
		{ "Linux version 6.14.11 x", 0, KSYM_CLEAN_UNRELOCATE },
		{ "Linux version 6.15-rc1", 0, KSYM_CLEAN_ZERO },
		{ "Linux version 7.0", 0, KSYM_CLEAN_ZERO },
		{ "Linux version x", -ENODATA, KSYM_CLEAN_AUTO },
		{ "", -ENODATA, KSYM_CLEAN_AUTO },
	};
	char dir[] = "/tmp/ksym-holes.XXXXXX", out[64];
	uint8_t text[0x50];

	(void)state;
	fill(text);
	assert_non_null(mkdtemp(dir));
	snprintf(out, sizeof(out), "%s/clean", dir);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ksym_clean_result r = { .size = sizeof(r) };
		const char *path;
		struct ks_elf e;
		const uint8_t *data;
		size_t len;

		memset(table + 2, 0, sizeof(table) - 16);
		memcpy(table + 2, cases[i].banner, strlen(cases[i].banner));
		path = image(ET_EXEC, EM_X86_64, text, sizeof(text), table, sizeof(table), symbols, 5);
		assert_int_equal(ksym_mcount_clean(path, out, KSYM_CLEAN_AUTO, &r, NULL), cases[i].ret);
		if (cases[i].ret)
			continue;
		assert_int_equal(r.mode, cases[i].mode);
		assert_int_equal(r.nr_kept, 1);
		assert_int_equal(r.nr_cleaned, 1);
		assert_int_equal(ks_elf_open(&e, out, NULL), 0);
		assert_int_equal(ks_elf_section_data(&e, 2, &data, &len, NULL), 0);
		assert_int_equal(len, sizeof(table));
		assert_memory_equal(data, (&(const uint64_t[2]){ 0, TEXT_VA }), 16);
		assert_memory_equal(data + 16, table + 2, sizeof(table) - 16);
		ks_elf_close(&e);
		assert_int_equal(unlink(out), 0);
	}
	/* Nothing is left of those that failed. */
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holes_are_split_once_at_each_start),
		cmocka_unit_test(padding_is_no_hole),
		cmocka_unit_test(functions_of_s390_begin_with_space_behind_code_that_ends),
		cmocka_unit_test(code_of_machines_not_known_is_a_hole_only_when_traced),
		cmocka_unit_test(tables_without_whole_words_in_a_section_are_refused),
		cmocka_unit_test(an_image_without_symbols_has_no_holes_to_tell),
		cmocka_unit_test(zeros_are_cleaned_away_and_numbers_go_on),
		cmocka_unit_test(a_table_is_cleaned_by_the_kernel_s_version),
	};

	return cmocka_run_group_tests_name("holes", tests, NULL, NULL);
}
