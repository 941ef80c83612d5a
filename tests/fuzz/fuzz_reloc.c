// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Relocations of a debug section: its contents are part 'd', the relocations 'a'
 * (with addends) or 'r' (without), the symbol table 'y', its strings 's'.
 * Options: bit 0 big-endian, bit 1 32-bit; then the machine, 2 bytes, low one first.
 */
#include "elf-writer.h"
#include "fuzz.h"

#include <string.h>
#include "elf/elf.h"

static unsigned int write_elf(struct fz_elf *e, const struct fz_parts *parts)
{
	const struct fz_part *d = fz_part(parts, 'd'), *y = fz_part(parts, 'y');
	const struct fz_part *s = fz_part(parts, 's');
	unsigned int flags = fz_option(parts, 0), target, strtab, symtab;

	fz_elf_begin(e, !(flags & 2), flags & 1, ET_REL,
		     (uint16_t)(fz_option(parts, 1) | fz_option(parts, 2) << 8));
	fz_elf_section(e, ".text", SHT_NOBITS, SHF_ALLOC | SHF_EXECINSTR, 0, NULL, 0x4321);
	fz_elf_section(e, ".data", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0, NULL, 0x100);
	target = fz_elf_section(e, ".debug_info", SHT_PROGBITS, 0, 0, d->p, d->len);
	strtab = fz_elf_section(e, ".strtab", SHT_STRTAB, 0, 0, s->p, s->len);
	symtab = fz_elf_section(e, ".symtab", SHT_SYMTAB, 0, 0, y->p, y->len);
	e->s[symtab].link = strtab;
	e->s[symtab].entsize = e->is64 ? 24 : 16;
	for (int rela = 0; rela < 2; rela++) {
		const struct fz_part *p = fz_part(parts, rela ? 'a' : 'r');
		unsigned int n;

		if (!p->given)
			continue;
		n = fz_elf_section(e, rela ? ".rela.debug_info" : ".rel.debug_info",
				   rela ? SHT_RELA : SHT_REL, 0, 0, p->p, p->len);
		e->s[n].link = symtab;
		e->s[n].info = target;
		e->s[n].entsize = (e->is64 ? 16u : 8u) + (e->is64 ? 8u : 4u) * (unsigned int)rela;
	}
	fz_elf_end(e);
	return target;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fz_parts parts = fz_split(data, len);
	const struct fz_part *d = fz_part(&parts, 'd');
	const uint8_t *p, *again;
	struct ksym_error err;
	struct fz_elf w;
	struct ks_elf e;
	size_t n;
	unsigned int target = write_elf(&w, &parts);
	int ret = ks_elf_open_memory(&e, w.file, w.file_len, "input", &err);

	if (ret) {
		fz_check_error(ret, &err);
		fz_elf_free(&w);
		return 0;
	}
	ret = ks_elf_section_data(&e, target, &p, &n, &err);
	if (ret) {
		fz_check_error(ret, &err);
	} else {
		fz_require(n == d->len);
		ret = ks_elf_section_data(&e, target, &again, &n, &err);
		fz_require(!ret && again == p && n == d->len);
	}
	ks_elf_close(&e);
	fz_elf_free(&w);
	return 0;
}
