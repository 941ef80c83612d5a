/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which functions were inlined at an address. */
#ifndef KS_DWARF_INLINES_H
#define KS_DWARF_INLINES_H

#include "dwarf/abbrev.h"
#include "dwarf/units.h"

struct ks_inline {
	const char *name;		/* "" when it is not known; borrowed from the sections */
	uint32_t call_file, call_line;	/* where it was called; 0 = not known; the file as the
					   unit's line table numbers it */
	uint64_t origin;		/* DIE of the function in .debug_info */
};

struct ks_inlines {
	struct ks_dwarf d;
	struct ks_abbrevs as;
	KS_VEC(struct ks_inline) v;	/* of the last call: outermost first */
};

int ks_inlines_init(struct ks_inlines *r, struct ks_elf *e, struct ksym_error *err) ks_must_check;
void ks_inlines_free(struct ks_inlines *r);

/* Fill @r->v with the functions inlined at @va, which is in a range of unit @cu; none
 * when what is there is no inlined function. */
int ks_inlines_at(struct ks_inlines *r, const struct ks_cus *cus, uint32_t cu, uint64_t va,
		  struct ksym_error *err) ks_must_check;

#endif
