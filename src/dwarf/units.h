/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the index wants from DWARF: the compilation units, the code each of them
 * owns, and the variables each of them defines.
 */
#ifndef KS_DWARF_UNITS_H
#define KS_DWARF_UNITS_H

#include "elf/elf.h"

struct ks_cu {
	const char *name;	/* DW_AT_name; "" when absent.  For assembler units whose name is
				   an included file: the source file, from the line table */
	const char *comp_dir;	/* DW_AT_comp_dir; "" when absent */
	uint64_t off;		/* of the unit header in .debug_info */
	uint64_t line_off;	/* DW_AT_stmt_list, UINT64_MAX when absent */
	uint16_t language;	/* DW_LANG_*, 0 when absent */
	uint8_t version;	/* of the unit: 2 to 5 */
};

struct ks_cu_range {
	uint64_t va, end_va;	/* [va, end_va), never empty */
	uint32_t cu;
};

struct ks_cu_var {
	uint64_t va;		/* DW_OP_addr of the DIE's location */
	const char *name;	/* DW_AT_name; "" when it is said elsewhere; borrowed */
	uint32_t cu;
};

struct ks_cus {
	struct ks_cu *cus;	/* strings are borrowed from sections of the ks_elf, or arena */
	uint32_t nr_cus;
	struct ks_cu_range *ranges;	/* sorted by va, then cu */
	size_t nr_ranges;
	struct ks_cu_var *vars;		/* sorted by va, cu, name; duplicates removed */
	size_t nr_vars;
	struct ks_arena arena;
};

/*
 * Compilation units of @e in .debug_info order, with ranges, and @with_vars
 * the variables at a fixed address: file-scope ones and those static inside
 * functions.  -ENODATA when there is no .debug_info.
 *
 * Of the skeletons of split DWARF the name is that of the .dwo file, when they have
 * no other, and the variables are not known.  Left out: type and partial units; ranges of code that the linker discarded; for the same reason
 * variables outside every allocated section and, in linked files, at address 0.
 */
int ks_cus_read(struct ks_cus *c, struct ks_elf *e, bool with_vars,
		struct ksym_error *err) ks_must_check;
void ks_cus_free(struct ks_cus *c);

/* The range around @va, or NULL. */
const struct ks_cu_range *ks_cus_range(const struct ks_cus *c, uint64_t va);

/* C, or an assembler: then structures and namespaces hold no functions. */
bool ks_language_is_c(uint16_t language);

#define ks_cleanup_cus __attribute__((cleanup(ks_cus_free)))

#endif
