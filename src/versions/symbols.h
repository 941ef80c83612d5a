/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The symbols whose versions are asked for.  Those that the symbol table has at one
 * address are one thing under several names: what is found for one is found for all.
 */
#ifndef KS_VERSIONS_SYMBOLS_H
#define KS_VERSIONS_SYMBOLS_H

#include "base/strpool.h"
#include "base/vec.h"
#include "elf/elf.h"

#define KS_NO_SYMBOL UINT32_MAX

struct ks_export {
	const char *name;
	uint32_t section;	/* 0 while the symbol table does not know it */
	uint64_t va;
	uint32_t same;		/* next one at this address; a ring, of itself if alone */
	uint32_t order;		/* when gendwarfksyms comes to it: ksym_versions_order() */
	uint32_t root;		/* into the roots; UINT32_MAX while none was found */
	bool gpl;		/* for modules under the GPL only */
	const char *name_space;	/* borrowed from the ELF file; "" for none */
	uint32_t pointer;	/* hit of the newest __gendwarfksyms_ptr_, UINT32_MAX: none */
};

struct ks_exports {
	struct ks_strpool names;	/* numbers are those of symbols */
	KS_VEC(struct ks_export) v;
};

/* The prefix of variables that exist to carry a symbol's type, after which they are
 * called: `typeof(sym) *__gendwarfksyms_ptr_sym`. */
#define KS_POINTER_PREFIX "__gendwarfksyms_ptr_"
#define KS_POINTER_PREFIX_LEN (sizeof(KS_POINTER_PREFIX) - 1)

void ks_exports_free(struct ks_exports *x);
/* Add @name, if it is new. */
int ks_exports_add(struct ks_exports *x, const char *name, size_t len,
		   struct ksym_error *err) ks_must_check;
/* The symbol called so, or whose pointer is: KS_NO_SYMBOL when none is. */
uint32_t ks_exports_find(const struct ks_exports *x, const char *name);

/* Number ->order of all, once none is added any more. */
int ks_exports_order(struct ks_exports *x, struct ksym_error *err) ks_must_check;

/* Learn addresses from the symbol table of @e.  @warn is told of names that have two. */
int ks_exports_locate(struct ks_exports *x, const struct ks_elf *e,
		      void (*warn)(void *arg, const char *name), void *arg,
		      struct ksym_error *err) ks_must_check;

/* Read what @e says of exports; @add: add those that are new. */
int ks_exports_read(struct ks_exports *x, struct ks_elf *e, bool add,
		    struct ksym_error *err) ks_must_check;

#endif
