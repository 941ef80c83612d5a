// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Line tables: .debug_line is part 'l', .debug_str 's', .debug_line_str 't'.
 * Options: one byte, bit 0 big-endian, bit 1 32-bit, bit 2 no code at 0.
 */
#include "elf-writer.h"
#include "fuzz.h"

#include <string.h>
#include "dwarf/lines.h"

static void check_table(const struct ks_line_table *t)
{
	size_t total = 0;

	for (uint32_t i = 0; i < t->nr_files; i++)
		total += strlen(t->files[i]);
	for (size_t i = 0; i < t->nr_rows; i++) {
		const struct ks_line_row *row = &t->rows[i], *found;

		fz_require(row->end_sequence || row->file < t->nr_files);
		if (i && !t->rows[i - 1].end_sequence)
			fz_require(t->rows[i - 1].va <= row->va);
		if (i > 1000)
			continue;
		found = ks_line_table_find(t, row->va);
		if (found)
			fz_require(found->va <= row->va && found->file < t->nr_files);
	}
	fz_require(!t->nr_rows || t->rows[t->nr_rows - 1].end_sequence);
	ks_line_table_find(t, 0);
	ks_line_table_find(t, UINT64_MAX);
	fz_require(total < SIZE_MAX);
}

static void find_name(struct ks_elf *e, struct ks_cu cu)
{
	struct ks_arena arena = { 0 };
	struct ks_dwarf d = { .e = e };
	struct ksym_error err;
	uint64_t spent = 0;
	int ret;

	cu.name = "arch/x86/include/asm/irq.h";
	cu.language = 0x8001;	/* assembler */
	ret = ks_dwarf_load(&d, ~0u, &err);
	fz_require(!ret);
	ret = ks_lines_assembler_name(&d, &cu, &arena, &spent, &err);
	if (ret)
		fz_check_error(ret, &err);
	else
		fz_require(strlen(cu.name));
	ks_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fz_parts parts = fz_split(data, len);
	unsigned int flags = fz_option(&parts, 0);
	const struct ks_cu cu = { .name = "kernel/fork.c", .comp_dir = "/build", .version = 5 };
	static const char *const names[] = { ".debug_line", ".debug_str", ".debug_line_str" };
	struct ks_line_table t = { 0 };
	struct ksym_error err;
	struct fz_elf w;
	struct ks_elf e;
	int ret;

	fz_elf_begin(&w, !(flags & 2), flags & 1, ET_EXEC, EM_X86_64);
	fz_elf_section(&w, ".text", SHT_NOBITS, SHF_ALLOC | SHF_EXECINSTR, flags & 4 ? 0x1000 : 0,
		       NULL, 0x40000000);
	for (int i = 0; i < 3; i++) {
		const struct fz_part *p = fz_part(&parts, "lst"[i]);

		if (p->given)
			fz_elf_section(&w, names[i], SHT_PROGBITS, 0, 0, p->p, p->len);
	}
	fz_elf_end(&w);
	ret = ks_elf_open_memory(&e, w.file, w.file_len, "input", &err);
	fz_require(!ret);
	ret = ks_line_table_read(&t, &e, &cu, &err);
	if (ret) {
		fz_check_error(ret, &err);
	} else {
		check_table(&t);
		ks_line_table_free(&t);
	}
	find_name(&e, cu);
	ks_elf_close(&e);
	fz_elf_free(&w);
	return 0;
}
