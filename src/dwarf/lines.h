/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Line number programs, DWARF 2 to 5. */
#ifndef KS_DWARF_LINES_H
#define KS_DWARF_LINES_H

#include "dwarf/sections.h"
#include "dwarf/units.h"

struct ks_line_row {
	uint64_t va;
	uint32_t file;		/* into files */
	uint32_t line;
	bool end_sequence;	/* first address behind a sequence; no line of its own */
};

/* The line table of one unit. */
struct ks_line_table {
	struct ks_line_row *rows;	/* in va order within each sequence, sequences sorted */
	size_t nr_rows;
	const char **files;		/* path as compiled: directory joined unless absolute;
					   relative to comp_dir; owned by the table; "" when
					   the table does not tell */
	uint32_t nr_files;
	struct ks_arena arena;
};

int ks_line_table_read(struct ks_line_table *t, struct ks_elf *e, const struct ks_cu *cu,
		       struct ksym_error *err) ks_must_check;
void ks_line_table_free(struct ks_line_table *t);

/* The row that covers @va, or NULL. */
const struct ks_line_row *ks_line_table_find(const struct ks_line_table *t, uint64_t va);

/*
 * The assembler names a unit after the file it read when the first instruction
 * came, which may be an included one.  When cu->name is no assembler source and
 * exactly one file of the unit's line table is, make that cu->name, in @arena.
 * *@spent starts at 0 and counts what all calls for one file read, which has a
 * bound: hostile units might share one long table.
 */
int ks_lines_assembler_name(struct ks_dwarf *d, struct ks_cu *cu, struct ks_arena *arena,
			    uint64_t *spent, struct ksym_error *err) ks_must_check;

/*
 * Names of the files of the table at @line_off of .debug_line, which is loaded, by their
 * number in the table; without directories.  *@names is the caller's to free; the names
 * are borrowed.  @spent as above.
 */
int ks_line_files_read(const struct ks_dwarf *d, uint64_t line_off, uint64_t *spent,
		       const char ***names, uint32_t *nr, struct ksym_error *err) ks_must_check;

#endif
