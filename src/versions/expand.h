/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The version of a symbol: the CRC of its text in which each reference is replaced by
 * the text of the type, where that has not been done before in the same symbol.
 *
 * bench/bench_types.c, "versions", measures it.
 */
#ifndef KS_VERSIONS_EXPAND_H
#define KS_VERSIONS_EXPAND_H

#include "versions/crc.h"
#include "versions/typemap.h"

struct ks_expander;

int ks_expander_open(struct ks_expander **out, const struct ks_typemap *m,
		     struct ksym_error *err) ks_must_check;
void ks_expander_close(struct ks_expander *e);

/* Versions of those symbols of the map that are @wanted; NULL: all. */
int ks_expand_all(struct ks_expander *e, const bool *wanted, uint32_t *crcs, unsigned int nr_threads,
		  struct ksym_error *err) ks_must_check;

/* Write the expanded text of symbol @nr, which may be megabytes, piece by piece. */
int ks_expand_text(struct ks_expander *e, uint32_t nr,
		   int (*write)(void *arg, const char *s, size_t len), void *arg,
		   struct ksym_error *err) ks_must_check;

#endif
