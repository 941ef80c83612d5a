/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes ELF files around the bytes of a fuzz input.  Sections lie apart, and in
 * ASan builds what lies between them is poisoned: reading past a section's end is
 * found although the file goes on.
 */
#ifndef KSYM_FUZZ_ELF_WRITER_H
#define KSYM_FUZZ_ELF_WRITER_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FZ_MAX_SECTIONS 32

struct fz_elf {
	bool is64, big;
	uint16_t type, machine;
	unsigned int nr;	/* sections, [0] is the null section */
	struct fz_elf_section {
		const char *name;
		const uint8_t *data;	/* NULL: SHT_NOBITS */
		uint64_t len, va, flags, entsize;
		uint32_t type, link, info;
		size_t off;
	} s[FZ_MAX_SECTIONS];
	uint8_t *file;
	size_t file_len;
};

void fz_elf_begin(struct fz_elf *e, bool is64, bool big, uint16_t type, uint16_t machine);
/* Number of the new section; set what else it needs in e->s[] before the end. */
unsigned int fz_elf_section(struct fz_elf *e, const char *name, uint32_t type, uint64_t flags,
			    uint64_t va, const uint8_t *data, uint64_t len);
/* Make e->file and e->file_len. */
void fz_elf_end(struct fz_elf *e);
/* Let the file be read as a whole. */
void fz_elf_unpoison(struct fz_elf *e);
void fz_elf_free(struct fz_elf *e);

/* @v in the file's byte order. */
void fz_elf_store(const struct fz_elf *e, uint8_t *p, uint64_t v, unsigned int len);

/* One entry of a symbol table at @p; its length. */
size_t fz_elf_symbol(const struct fz_elf *e, uint8_t *p, uint32_t name, uint8_t info,
		     uint16_t shndx, uint64_t va, uint64_t len);

#endif
