/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The functions of one compilation unit. */
#ifndef KS_DWARF_FUNCS_H
#define KS_DWARF_FUNCS_H

#include "dwarf/abbrev.h"
#include "dwarf/units.h"

struct ks_cu_func {
	uint64_t off;		/* of the DIE */
	uint64_t va, end_va;	/* va: its first address, when has_va; end_va 0 = not known */
	const char *name;	/* "" for none; borrowed from the sections */
	uint32_t decl_file, decl_line;	/* 0 = not said */
	uint32_t origin;	/* position of the function it is an instance of, or ~0 */
	bool has_va;
	bool external, declaration, is_inline;	/* is_inline: DW_AT_inline says so */
	bool has_instance;	/* another DIE is an instance of it */
};

struct ks_cu_funcs {
	KS_VEC(struct ks_cu_func) v;	/* in the order of their DIEs */
};

/* What reading several units of one file takes. */
struct ks_funcs_reader {
	struct ks_dwarf d;
	struct ks_abbrevs as;
	uint64_t ranges_budget;
};

int ks_funcs_init(struct ks_funcs_reader *r, struct ks_elf *e, struct ksym_error *err) ks_must_check;
void ks_funcs_free(struct ks_funcs_reader *r);

/* Functions of @cu: those at file scope, and in other languages than C those of
 * namespaces and types.  @f is emptied first; ks_vec_free(&f->v) is the caller's. */
int ks_cu_funcs_read(struct ks_funcs_reader *r, const struct ks_cu *cu, struct ks_cu_funcs *f,
		     struct ksym_error *err) ks_must_check;

#endif
