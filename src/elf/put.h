/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A section put into a finished ELF file. */
#ifndef KS_ELF_PUT_H
#define KS_ELF_PUT_H

#include <stddef.h>
#include "base/file.h"

/*
 * Write the ELF file @from, of any class, byte order and type, to @to, which may be the same
 * file, with @len bytes @data as its section @name: SHT_PROGBITS, not loaded, aligned to 4,
 * behind everything else.  Takes the place of a section @name; if that is loaded
 * (SHF_ALLOC), a kernel will go on seeing it, so it stays where it is and is called
 * NAME.loaded from then on.  Whole or not at all.
 *
 * No other section moves, nor changes its number.  Doing it again does not make the file
 * longer; a section that somebody else put into the file's middle leaves its bytes there.
 */
int ks_elf_put_section(const char *from, const char *to, const char *name, const void *data,
		       size_t len, struct ksym_error *err) ks_must_check;

/* The same without writing: what the file becomes.  Its first @keep_len bytes, with these
 * patches, of which one is @data, and nothing behind the last. */
struct ks_elf_put_plan {
	uint64_t keep_len;
	struct ks_file_patch patches[4];
	uint8_t header[64], *names, *shdrs;	/* the others, by malloc() */
};

int ks_elf_put_plan(struct ks_elf_put_plan *plan, const struct ks_file *f, const char *name,
		    const void *data, size_t len, struct ksym_error *err) ks_must_check;
void ks_elf_put_free(struct ks_elf_put_plan *plan);

#endif
