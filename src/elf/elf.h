/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One ELF file, of any class, byte order and machine, through libelf.
 *
 * What this layer adds to libelf: section contents that are ready to be read
 * (decompressed, and for ET_REL with relocations applied), an address for every
 * allocated section even in ET_REL files, checks that sizes are believable
 * before memory is allocated, and errors that say where.
 */
#ifndef KS_ELF_ELF_H
#define KS_ELF_ELF_H

#include <libelf.h>
#include <gelf.h>
#include "base/arena.h"

struct ks_elf_section {
	const char *name;
	uint64_t va;		/* linked: sh_addr; ET_REL: the laid-out address; see ks_elf_open() */
	uint64_t len;		/* of the contents, once decompressed */
	uint64_t flags;		/* SHF_* */
	uint64_t entsize;
	uint32_t type;		/* SHT_* */
	uint32_t link, info;
	bool is_code;		/* executable, and not only because a linker merged a section that
				   is into data; see ks_elf_open() */
	const uint8_t *data;	/* NULL until ks_elf_section_data() */
};

struct ks_elf_symbol {
	const char *name;	/* "" for none; lives as long as the ks_elf */
	uint64_t va;		/* ET_REL: of the laid-out section */
	uint64_t len;
	uint32_t shndx;		/* real section number, or KS_SHN_ABS, KS_SHN_COMMON, 0 = undefined */
	uint8_t type, bind;	/* STT_*, STB_* */
	uint8_t visibility;	/* STV_* */
};

#define KS_SHN_ABS	0xfffffff1u
#define KS_SHN_COMMON	0xfffffff2u

struct ks_elf {
	const char *path;
	Elf *elf;
	int fd;
	uint16_t type, machine;		/* ET_*, EM_* */
	uint8_t class, data;		/* ELFCLASS*, ELFDATA* */
	bool swap;			/* byte order is not this machine's */
	uint8_t addr_len;		/* 4 or 8 */
	uint8_t build_id_len;
	uint8_t build_id[64];
	struct ks_elf_section *sections;/* [0] is the null section */
	uint32_t nr_sections;
	uint32_t symtab;		/* section number, 0 = none */
	Elf_Data *symtab_data, *xndx_data;
	uint32_t nr_symbols;		/* with the null symbol */
	uint64_t strtab_len;
	const char *strtab;
	struct ks_arena arena;
};

/*
 * Open @path and read its headers.  ET_REL: allocated sections are laid out in
 * header order from address 0, aligned; others keep address 0.
 *
 * One input section that is executable makes the whole output section so: .data of Linux 7.2
 * for x86-64 is.  A section that can be written and has more variables than functions is data.
 */
int ks_elf_open(struct ks_elf *e, const char *path, struct ksym_error *err) ks_must_check;
/* The same for bytes in memory, which must outlive @e; @path is for errors. */
int ks_elf_open_memory(struct ks_elf *e, const void *data, size_t len, const char *path,
		       struct ksym_error *err) ks_must_check;
void ks_elf_close(struct ks_elf *e);

/* Number of the first section called @name, 0 when there is none.  ".debug_x"
 * also finds ".zdebug_x". */
uint32_t ks_elf_find_section(const struct ks_elf *e, const char *name);

/*
 * The number that @e has for each section of @symfile, 0 for those it lacks: *@map, from malloc().
 * A separate debug file may number its sections differently, and says of all of them that they
 * are SHT_NOBITS.  Its symbols also tell which of @e's sections are code.
 */
int ks_elf_match_sections(struct ks_elf *e, const struct ks_elf *symfile, uint32_t **map,
			  struct ksym_error *err) ks_must_check;

/* Contents of section @n: *@data (owned by @e) and *@len.  SHT_NOBITS has none
 * (*@len 0).  Decompressed, relocated; kept for the next call. */
int ks_elf_section_data(struct ks_elf *e, uint32_t n, const uint8_t **data, size_t *len,
			struct ksym_error *err) ks_must_check;

/* Symbol @i of .symtab, 0 < i < nr_symbols. */
int ks_elf_symbol(const struct ks_elf *e, uint32_t i, struct ks_elf_symbol *out,
		  struct ksym_error *err) ks_must_check;

/*
 * The file with the debug information of @e: @e itself, @debug_path when that
 * is not NULL, else what libdwfl finds by build ID, .gnu_debuglink or
 * debuginfod (@search).  *@out is @e, or @store opened (then the caller closes
 * it), or NULL when there is none anywhere.  @section: what is looked for,
 * ".debug_info" or ".symtab".
 */
int ks_elf_find_debug(struct ks_elf *e, const char *section, const char *debug_path, bool search,
		      struct ks_elf *store, struct ks_elf **out,
		      struct ksym_error *err) ks_must_check;

/* "FILE: section NAME" errors: -EBADMSG and the sentence. */
ks_cold int ks_elf_bad(const struct ks_elf *e, uint32_t section, struct ksym_error *err,
		       const char *fmt, ...) KSYM_PRINTF(4, 5);

#define ks_cleanup_elf __attribute__((cleanup(ks_elf_close)))

#endif
