/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a function finds its parameters, and whether debug information agrees. */
#ifndef KS_BTF_ABI_H
#define KS_BTF_ABI_H

#include "dwarf/sections.h"
#include "types/types.h"

struct ks_abi {
	const struct ks_dwarf *d;
	unsigned int nr_regs;		/* that pass parameters */
	const uint8_t *regs;		/* their DWARF numbers, NULL when not known */
	unsigned int word;		/* bytes of a register */
	bool two_regs;			/* a structure of two words goes in two registers */
	uint64_t budget;		/* bytes of location lists that may still be read */
};

void ks_abi_init(struct ks_abi *abi, const struct ks_dwarf *d);

/*
 * What of enum ks_btf_func_flag holds for the function @node, whose parameters have their
 * types.  @objects: those of its descendants, @nr.
 */
int ks_abi_check(struct ks_abi *abi, const struct ks_types *t, uint32_t node,
		 const struct ks_type_object *objects, size_t nr, uint32_t *flags,
		 struct ksym_error *err) ks_must_check;

#endif
