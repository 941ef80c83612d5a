/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Equal strings of .debug_str as one.
 *
 * A final link merges them; `ld -r`, which makes modules, leaves each object its own.  Then
 * offsets are no names: this finds, for the start of each string, the first that reads the
 * same.
 */
#ifndef KS_DWARF_STRINGS_H
#define KS_DWARF_STRINGS_H

#include "dwarf/sections.h"

struct ks_dwarf_strings {
	size_t len;			/* of .debug_str up to its last NUL */
	/* Where strings start: a bit for each byte, and how many are set before each word. */
	uint64_t *bits;
	uint32_t *ranks;
	uint32_t *first;		/* of each string: the first of its text */
};

int ks_dwarf_strings_init(struct ks_dwarf_strings *s, const struct ks_dwarf *d,
			  struct ksym_error *err) ks_must_check;
void ks_dwarf_strings_free(struct ks_dwarf_strings *s);

/* What stands for the string at @off, which lies in .debug_str. */
static inline uint64_t ks_dwarf_strings_first(const struct ks_dwarf_strings *s, uint64_t off)
{
	uint64_t word = off / 64, mask = (uint64_t)1 << off % 64;

	/* The end of a string stands for itself. */
	if (!(s->bits[word] & mask))
		return off;
	return s->first[s->ranks[word] + (uint32_t)__builtin_popcountll(s->bits[word] & (mask - 1))];
}

#endif
