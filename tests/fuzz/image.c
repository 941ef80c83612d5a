// SPDX-License-Identifier: LGPL-2.1-or-later
#include "image.h"

#include <string.h>
#include "fuzz.h"

#define TEXT_VA 0x40100000u
#define DATA_VA 0x40200000u

static const struct {
	const char *name;
	uint8_t info;
	uint16_t shndx;		/* 1 .text, 2 .data */
	uint64_t off, len;
} symbols[] = {
	{ "fs/seq_file.c", ELF64_ST_INFO(STB_LOCAL, STT_FILE), SHN_ABS, 0, 0 },
	{ "s_next", ELF64_ST_INFO(STB_LOCAL, STT_FUNC), 1, 0x00, 0x10 },
	{ "buf", ELF64_ST_INFO(STB_LOCAL, STT_OBJECT), 2, 0x00, 0x08 },
	{ "net/main.c", ELF64_ST_INFO(STB_LOCAL, STT_FILE), SHN_ABS, 0, 0 },
	{ "s_next", ELF64_ST_INFO(STB_LOCAL, STT_FUNC), 1, 0x20, 0x0b },
	{ "s_next.cold", ELF64_ST_INFO(STB_LOCAL, STT_FUNC), 1, 0x30, 0x04 },
	{ "buf", ELF64_ST_INFO(STB_LOCAL, STT_OBJECT), 2, 0x08, 0x08 },
	{ "net/both.c", ELF64_ST_INFO(STB_LOCAL, STT_FILE), SHN_ABS, 0, 0 },
	{ "s_next", ELF64_ST_INFO(STB_LOCAL, STT_FUNC), 1, 0x40, 0x20 },
	{ "one_x", ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 1, 0x60, 0x20 },
	{ "one_x_alias", ELF64_ST_INFO(STB_WEAK, STT_FUNC), 1, 0x60, 0x20 },
	{ "_text", ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 1, 0x00, 0 },
	{ "_etext", ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 1, 0x80, 0 },
};

void fz_image(struct fz_elf *e, uint16_t type)
{
	const size_t nr = sizeof(symbols) / sizeof(*symbols);
	static const uint8_t modinfo[] = "license=GPL\0name=one_x";
	uint8_t table[24 * (sizeof(symbols) / sizeof(*symbols) + 1)] = { 0 };
	char strings[512] = "";
	size_t strings_len = 1, at = 24;
	unsigned int strtab, symtab;
	bool rel = type == ET_REL;

	fz_elf_begin(e, true, false, type, EM_X86_64);
	fz_elf_section(e, ".text", SHT_NOBITS, SHF_ALLOC | SHF_EXECINSTR, rel ? 0 : TEXT_VA, NULL,
		       0x80);
	fz_elf_section(e, ".data", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, rel ? 0 : DATA_VA, NULL, 0x10);
	if (rel)
		fz_elf_section(e, ".modinfo", SHT_PROGBITS, SHF_ALLOC, 0, modinfo, sizeof(modinfo));
	for (size_t i = 0; i < nr; i++) {
		size_t n = strlen(symbols[i].name) + 1;
		uint64_t base = rel || symbols[i].shndx == SHN_ABS ? 0
				: symbols[i].shndx == 1		   ? TEXT_VA
								   : DATA_VA;

		fz_require(strings_len + n <= sizeof(strings));
		memcpy(strings + strings_len, symbols[i].name, n);
		at += fz_elf_symbol(e, table + at, (uint32_t)strings_len, symbols[i].info,
				    symbols[i].shndx, base + symbols[i].off, symbols[i].len);
		strings_len += n;
	}
	strtab = fz_elf_section(e, ".strtab", SHT_STRTAB, 0, 0, (const uint8_t *)strings,
				strings_len);
	symtab = fz_elf_section(e, ".symtab", SHT_SYMTAB, 0, 0, table, at);
	e->s[symtab].link = strtab;
	e->s[symtab].info = (uint32_t)nr - 3;
	e->s[symtab].entsize = 24;
	fz_elf_end(e);
	fz_elf_unpoison(e);	/* it is going to be written to a file */
	/* What they point to is gone when this returns. */
	memset(e->s, 0, sizeof(e->s));
}
