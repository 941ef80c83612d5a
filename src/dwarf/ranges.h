/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DW_AT_ranges: .debug_ranges of DWARF 2 to 4, .debug_rnglists of DWARF 5. */
#ifndef KS_DWARF_RANGES_H
#define KS_DWARF_RANGES_H

#include "dwarf/sections.h"

/* Receives a range that is not empty and no mark of discarded code: 0 or a
 * negative error, which ends the list. */
typedef int (*ks_range_fn)(void *arg, uint64_t va, uint64_t end_va, struct ksym_error *err);

/* [@va, @end_va) through the same filter.  Linkers mark what they discarded with
 * the highest addresses (-1, and -2 where -1 means something else). */
int ks_range_emit(const struct ks_dwarf *d, const struct ks_unit *u, uint64_t va, uint64_t end_va,
		  ks_range_fn fn, void *arg, struct ksym_error *err) ks_must_check;

/* The list that the DW_AT_ranges value @v names.  Takes the bytes read from
 * *@budget and fails when that is used up: lists may overlap in hostile files. */
int ks_ranges_read(const struct ks_dwarf *d, const struct ks_unit *u, const struct ks_value *v,
		   uint64_t *budget, ks_range_fn fn, void *arg,
		   struct ksym_error *err) ks_must_check;

#endif
