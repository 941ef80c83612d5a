/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the fuzz targets share.
 *
 * A target is one file with LLVMFuzzerTestOneInput().  libFuzzer drives it
 * (tests/fuzz/run), or driver.c, which replays the corpus (tests/fuzz/replay.t).
 *
 * Inputs of several parts are text with tags, so that bytes put in or taken out
 * of one part do not move the others: bytes before the first tag are options,
 * "@@x:" begins part x, one of 'a' to 'z'.  A part ends where the next begins.
 */
#ifndef KSYM_FUZZ_H
#define KSYM_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/file.h"
#include "ksym/ksym.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A property that must hold of every input, in every kind of build. */
#define fz_require(cond)                                                                \
	do {                                                                            \
		if (!(cond)) {                                                          \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__,         \
				__LINE__, #cond);                                       \
			abort();                                                        \
		}                                                                       \
	} while (0)

struct fz_part {
	const uint8_t *p;	/* never NULL */
	size_t len;
	bool given;
};

struct fz_parts {
	struct fz_part options;
	struct fz_part of[26];
};

/* Cut @data into parts.  Of a tag that is there twice the last counts. */
struct fz_parts fz_split(const uint8_t *data, size_t len);

static inline const struct fz_part *fz_part(const struct fz_parts *p, char tag)
{
	return &p->of[tag - 'a'];
}

/* Option @i, 0 when there are fewer. */
static inline unsigned int fz_option(const struct fz_parts *p, size_t i)
{
	return i < p->options.len ? p->options.p[i] : 0;
}

/* The bytes as an open file that ends exactly where they end. */
struct ks_file fz_memory_file(const uint8_t *data, size_t len);

/* The bytes as a file that can be opened by the path returned.  There are a few of
 * them, numbered from 0; what one holds is replaced by the next call. */
#define FZ_NR_FILES 4
const char *fz_path(unsigned int nr, const uint8_t *data, size_t len);

/* A call that must not fail did: say why, and end. */
void fz_unexpected(const char *what, const struct ksym_error *err);

/* A failed call has to explain itself: one line of printable text. */
void fz_check_error(int ret, const struct ksym_error *err);

/* Ask an index everything the library can be asked.  @consistent: it was built or
 * verified, so the answers must agree with each other. */
void fz_query_index(struct ksym_index *idx, bool consistent);

#endif
