/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sections put into a finished ELF file. */
#ifndef KS_ELF_PUT_H
#define KS_ELF_PUT_H

#include <stddef.h>
#include "base/file.h"

/* One that is put: SHT_PROGBITS, not loaded, aligned to 4.  Without data it is taken away, if
 * it is there. */
struct ks_elf_section_put {
	const char *name;
	const void *data;
	size_t len;
};

#define KS_ELF_MAX_PUT 2u

/*
 * Write the ELF file @from, of any class, byte order and type, to @to, which may be the same
 * file, with @nr sections, at most KS_ELF_MAX_PUT, behind everything else.  Each takes the
 * place of one of its name; if that is loaded (SHF_ALLOC), a kernel will go on seeing it, so it
 * stays where it is and is called NAME.loaded from then on.  Whole or not at all.
 *
 * No other section moves, nor changes its number; what is taken away leaves a header of type
 * SHT_NULL.  Doing it again does not make the file longer; a section that somebody else put
 * into the file's middle leaves its bytes there.
 */
int ks_elf_put_sections(const char *from, const char *to, const struct ks_elf_section_put *sections,
			unsigned int nr, struct ksym_error *err) ks_must_check;

/* The same without writing: what the file becomes.  Its first @keep_len bytes, with these
 * patches, of which one is each section's data, and nothing behind the last. */
struct ks_elf_put_plan {
	uint64_t keep_len;
	struct ks_file_patch patches[KS_ELF_MAX_PUT + 3];
	unsigned int nr_patches;
	uint8_t header[64], *names, *shdrs;	/* the others, by malloc() */
};

int ks_elf_put_plan(struct ks_elf_put_plan *plan, const struct ks_file *f,
		    const struct ks_elf_section_put *sections, unsigned int nr,
		    struct ksym_error *err) ks_must_check;
void ks_elf_put_free(struct ks_elf_put_plan *plan);

#endif
