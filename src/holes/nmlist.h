/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which entries of __mcount_loc the kernel's own build would keep. */
#ifndef KS_HOLES_NMLIST_H
#define KS_HOLES_NMLIST_H

#include "base/vec.h"
#include "elf/elf.h"

struct ks_nm_func {
	uint64_t va, len;
};

struct ks_nm_list {
	KS_VEC(struct ks_nm_func) v;	/* sorted by address */
	unsigned int before;		/* see ks_mcount_before() */
};

/*
 * The functions that scripts/sorttable takes from `nm -S` of @e.  It reads four words an
 * entry, whatever the lines are: symbols without size or value make it misread what is next
 * to them, and what it makes of that is part of the result.
 */
int ks_nm_list_read(struct ks_nm_list *l, const struct ks_elf *e, struct ksym_error *err) ks_must_check;
void ks_nm_list_free(struct ks_nm_list *l);

/* Does its search find a function at @va?  Where functions enclose each other it may not. */
bool ks_nm_list_has(const struct ks_nm_list *l, uint64_t va);

#endif
