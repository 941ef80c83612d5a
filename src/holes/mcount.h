/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * __mcount_loc: the addresses at which ftrace may patch calls in.
 *
 * In a linked kernel it is the part of .init.data between __start_mcount_loc and
 * __stop_mcount_loc, a word an entry.  On arm64, where the kernel relocates itself,
 * words can be zero and the addresses are in the R_AARCH64_RELATIVE entries of
 * .rela.dyn.  In modules and objects a section has that name (on arm64
 * __patchable_function_entries), and relocations have the addresses.
 */
#ifndef KS_HOLES_MCOUNT_H
#define KS_HOLES_MCOUNT_H

#include "base/vec.h"
#include "elf/elf.h"

struct ks_mcount {
	KS_VEC(uint64_t) v;	/* addresses in the order of the table; 0 = cleaned away */
	uint32_t section;	/* which holds the table; 0 = there is none */
	uint64_t start_va, stop_va;
	unsigned int entry_len;	/* bytes a word */
	uint64_t init_va, init_end_va;	/* what a kernel frees when it has booted; equal: not known */
	bool by_reloc;		/* the addresses are in relocations */
	bool in_object;		/* which is laid out from 0: no entry was cleaned away */
};

static inline bool ks_mcount_is_zero(const struct ks_mcount *m, uint64_t va)
{
	return !va && !m->in_object;
}

/* The table of @image, whose symbols @symfile has; empty when it has none. */
int ks_mcount_read(struct ks_mcount *m, struct ks_elf *image, const struct ks_elf *symfile,
		   struct ksym_error *err) ks_must_check;
void ks_mcount_free(struct ks_mcount *m);

/*
 * By how much an entry can lie in front of the function it is of: arm64 and RISC-V
 * can reserve space there.
 */
unsigned int ks_mcount_before(uint16_t machine);

/* Calls @fn for each relocation of @image whose place is in [@start, @stop); @fn gets
 * section, number, and the record.  Of linked files; places are addresses. */
typedef int (*ks_rela_fn)(void *arg, uint32_t section, size_t nr, const GElf_Rela *r,
			  struct ksym_error *err);
int ks_relas_in(struct ks_elf *image, uint64_t start, uint64_t stop, ks_rela_fn fn, void *arg,
		struct ksym_error *err) ks_must_check;

#endif
