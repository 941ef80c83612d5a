/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The .debug_* sections of one file, the headers of its units, and the values
 * that a DIE does not hold itself but names by offset or index.
 */
#ifndef KS_DWARF_SECTIONS_H
#define KS_DWARF_SECTIONS_H

#include <dwarf.h>
#include "base/cursor.h"
#include "base/vec.h"
#include "elf/elf.h"

enum ks_dwarf_id {
	KS_DWARF_INFO,
	KS_DWARF_ABBREV,
	KS_DWARF_STR,
	KS_DWARF_LINE_STR,
	KS_DWARF_STR_OFFSETS,
	KS_DWARF_ADDR,
	KS_DWARF_RANGES,
	KS_DWARF_RNGLISTS,
	KS_DWARF_LINE,
	KS_DWARF_LOC,
	KS_DWARF_LOCLISTS,
	KS_DWARF_NR,
};

/* What few need, and what takes time to relocate. */
#define KS_DWARF_SET_LOCATIONS (1u << KS_DWARF_LOC | 1u << KS_DWARF_LOCLISTS)

struct ks_dwarf {
	struct ks_elf *e;
	struct ks_dwarf_section {
		const uint8_t *data;	/* NULL: absent, empty or not loaded */
		size_t len;
		const char *name;	/* as in the file */
		size_t strings_len;	/* bytes up to the last NUL, which is included */
	} s[KS_DWARF_NR];
};

/* Load those of @set (bits 1 << KS_DWARF_*) that @e has; no section is
 * required.  May be called again for more.  @d starts as { .e = e }. */
int ks_dwarf_load(struct ks_dwarf *d, unsigned int set, struct ksym_error *err) ks_must_check;

/* Can code be at address 0?  If not, what claims to be there was discarded by the
 * linker: GNU ld resolves references to it to 0. */
bool ks_dwarf_zero_is_code(const struct ks_dwarf *d);

/* "FILE: SECTION: at offset 0xN: TEXT", -EBADMSG. */
ks_cold int ks_dwarf_bad(const struct ks_dwarf *d, enum ks_dwarf_id id, uint64_t off,
			 struct ksym_error *err, const char *fmt, ...) KSYM_PRINTF(5, 6);

/* A cursor over a whole section, standing at @off; failed when @off is outside. */
struct ks_cursor ks_dwarf_cursor(const struct ks_dwarf *d, enum ks_dwarf_id id, uint64_t off);

struct ks_unit {
	uint64_t off;		/* of the header in .debug_info */
	uint64_t die_off;	/* of the first DIE */
	uint64_t end_off;	/* behind the last byte */
	uint64_t abbrev_off;
	uint16_t version;	/* 2 to 5 */
	uint8_t type;		/* DW_UT_*; DW_UT_compile below version 5 */
	uint8_t addr_len;	/* 4 or 8 */
	uint8_t offset_len;	/* 4 or 8: 32- or 64-bit DWARF */

	/* What the first DIE says; until then, what holds when it says nothing: */
	uint64_t str_offsets_base, addr_base, rnglists_base, loclists_base;
	uint64_t low_va;	/* DW_AT_low_pc: base of range lists */
};

/* The unit at @off of .debug_info: 1, or 0 when @off is the end of the section,
 * or a negative error.  The next one is at ->end_off. */
int ks_unit_read(const struct ks_dwarf *d, uint64_t off, struct ks_unit *u,
		 struct ksym_error *err) ks_must_check;

/* All units of a file. */
struct ks_units {
	KS_VEC(struct ks_unit) v;
};

int ks_units_read(struct ks_units *u, const struct ks_dwarf *d,
		  struct ksym_error *err) ks_must_check;
/* Number of the unit that @off is in, UINT32_MAX when in none. */
uint32_t ks_units_find(const struct ks_units *u, uint64_t off);

/* The value of an attribute as a DIE holds it. */
struct ks_value {
	union {
		uint64_t u;	/* numbers, offsets, indices; sign-extended if they have a sign */
		int64_t s;
		const uint8_t *p;	/* strings, blocks, data16 */
	};
	uint32_t len;		/* of blocks; of strings without NUL */
	uint16_t form;		/* DW_FORM_*, never DW_FORM_indirect */
};

/* Is @form an index into .debug_addr? */
static inline bool ks_form_is_addrx(uint16_t form)
{
	return form == DW_FORM_addrx || (form >= DW_FORM_addrx1 && form <= DW_FORM_addrx4) ||
	       form == DW_FORM_GNU_addr_index;
}

/* Is @form a plain number? */
static inline bool ks_form_is_constant(uint16_t form)
{
	return form == DW_FORM_data1 || form == DW_FORM_data2 || form == DW_FORM_data4 ||
	       form == DW_FORM_data8 || form == DW_FORM_udata || form == DW_FORM_sdata ||
	       form == DW_FORM_implicit_const;
}

static inline bool ks_form_is_string(uint16_t form)
{
	return form == DW_FORM_string || form == DW_FORM_strp || form == DW_FORM_line_strp ||
	       form == DW_FORM_strx || (form >= DW_FORM_strx1 && form <= DW_FORM_strx4) ||
	       form == DW_FORM_GNU_str_index;
}

/* Is @form a block or an expression? */
static inline bool ks_form_is_block(uint16_t form)
{
	return form == DW_FORM_exprloc || form == DW_FORM_block || form == DW_FORM_block1 ||
	       form == DW_FORM_block2 || form == DW_FORM_block4;
}

/* Text of a string attribute; borrowed from the section.  *@s is "" for strings
 * of a supplementary file, which is not read. */
int ks_value_string(const struct ks_dwarf *d, const struct ks_unit *u, const struct ks_value *v,
		    const char **s, struct ksym_error *err) ks_must_check;

/* Address number @index of the unit. */
int ks_unit_addrx(const struct ks_dwarf *d, const struct ks_unit *u, uint64_t index,
		  uint64_t *va, struct ksym_error *err) ks_must_check;

/* Address in a DW_FORM_addr or addrx form. */
int ks_value_va(const struct ks_dwarf *d, const struct ks_unit *u, const struct ks_value *v,
		uint64_t *va, struct ksym_error *err) ks_must_check;


#endif
