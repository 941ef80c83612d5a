// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * DWARF units: an ELF file is put around the sections of the input.
 * Options: one byte, bit 0 big-endian, bit 1 32-bit, bit 2 ET_REL, bit 3 code at 0.
 */
#include "elf-writer.h"
#include "fuzz.h"

#include <string.h>
#include "dwarf/lines.h"
#include "dwarf/units.h"

static const struct {
	char tag;
	const char *name;
} sections[] = {
	{ 'i', ".debug_info" }, { 'a', ".debug_abbrev" }, { 's', ".debug_str" },
	{ 't', ".debug_line_str" }, { 'o', ".debug_str_offsets" }, { 'd', ".debug_addr" },
	{ 'r', ".debug_ranges" }, { 'n', ".debug_rnglists" }, { 'l', ".debug_line" },
};

static void write_elf(struct fz_elf *e, const struct fz_parts *parts)
{
	unsigned int flags = fz_option(parts, 0);
	uint64_t start = flags & 8 ? 0 : 0x1000, data = 0x78000000;

	fz_elf_begin(e, !(flags & 2), flags & 1, flags & 4 ? ET_REL : ET_EXEC, EM_X86_64);
	fz_elf_section(e, ".text", SHT_NOBITS, SHF_ALLOC | SHF_EXECINSTR, start, NULL,
		       data - start);
	fz_elf_section(e, ".data", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, data, NULL, 0x1000000);
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		const struct fz_part *p = fz_part(parts, sections[i].tag);

		if (p->given)
			fz_elf_section(e, sections[i].name, SHT_PROGBITS, 0, 0, p->p, p->len);
	}
	fz_elf_end(e);
}

static void check_cus(const struct ks_cus *c)
{
	size_t total = 0;

	for (uint32_t i = 0; i < c->nr_cus; i++)
		total += strlen(c->cus[i].name) + strlen(c->cus[i].comp_dir);
	for (size_t i = 0; i < c->nr_ranges; i++) {
		fz_require(c->ranges[i].va < c->ranges[i].end_va);
		fz_require(c->ranges[i].cu < c->nr_cus);
		fz_require(!i || c->ranges[i - 1].va <= c->ranges[i].va);
	}
	for (size_t i = 0; i < c->nr_vars; i++) {
		fz_require(c->vars[i].cu < c->nr_cus);
		fz_require(!i || c->vars[i - 1].va < c->vars[i].va ||
			   (c->vars[i - 1].va == c->vars[i].va &&
			    c->vars[i - 1].cu < c->vars[i].cu));
	}
	fz_require(total < SIZE_MAX);
}

static void read_lines(struct ks_elf *e, const struct ks_cu *cu)
{
	struct ks_line_table t = { 0 };
	struct ksym_error err;
	int ret;

	if (cu->line_off == UINT64_MAX)
		return;
	ret = ks_line_table_read(&t, e, cu, &err);
	if (ret)
		fz_check_error(ret, &err);
	else
		ks_line_table_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fz_parts parts = fz_split(data, len);
	struct ksym_error err;
	struct fz_elf w;
	struct ks_elf e;
	struct ks_cus c;
	int ret;

	write_elf(&w, &parts);
	ret = ks_elf_open_memory(&e, w.file, w.file_len, "input", &err);
	fz_require(!ret);
	ret = ks_cus_read(&c, &e, true, &err);
	if (ret) {
		fz_check_error(ret, &err);
	} else {
		check_cus(&c);
		for (uint32_t i = 0; i < c.nr_cus && i < 16; i++)
			read_lines(&e, &c.cus[i]);
		ks_cus_free(&c);
	}
	ks_elf_close(&e);
	fz_elf_free(&w);
	return 0;
}
