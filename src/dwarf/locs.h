/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DW_AT_location lists: .debug_loc of DWARF 2 to 4, .debug_loclists of DWARF 5. */
#ifndef KS_DWARF_LOCS_H
#define KS_DWARF_LOCS_H

#include "dwarf/sections.h"

/* Receives an expression of the list, whatever its range: 0, KS_LOCS_STOP, or a negative
 * error. */
typedef int (*ks_loc_fn)(void *arg, const uint8_t *expr, uint64_t len);

#define KS_LOCS_STOP 1

/* The list that a DW_AT_location of @form names.  Takes the bytes read from *@budget and
 * fails when that is used up: lists may overlap in hostile files. */
int ks_locs_read(const struct ks_dwarf *d, const struct ks_unit *u, uint16_t form, uint64_t value,
		 uint64_t *budget, ks_loc_fn fn, void *arg, struct ksym_error *err) ks_must_check;

#endif
