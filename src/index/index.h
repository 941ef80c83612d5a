/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_INDEX_INDEX_H
#define KS_INDEX_INDEX_H

#include "base/file.h"
#include "ksym/ksym.h"
#include "tables/reader.h"

struct ksym_index {
	struct ks_tables t;
	struct ks_file file;	/* when it was opened */
	void *memory;		/* when it was built; from malloc() */
	char *path;		/* of the index or the image, for messages */
};

/* An index of the tables in @data, from malloc(), which it takes over also when it
 * fails.  @path: of what they were made of, for messages. */
int ks_index_adopt(void *data, size_t len, const char *path, struct ksym_index **out,
		   struct ksym_error *err) ks_must_check;

/* The loadable module that a symbol is in, NULL when it is of the kernel itself. */
const char *ks_index_loaded_module(const struct ksym_index *idx, const struct ksym_symbol *s);

/* Everything of symbol @i but the name. */
void ks_index_fill(const struct ksym_index *idx, uint32_t i, const struct ks_sym *s,
		   struct ksym_symbol *out);

struct ks_listing;

/* ksym_index_build() of the symbols that @listing has. */
int ks_index_build_listed(const char *image_path, const struct ksym_build_opts *opts,
			  const struct ks_listing *listing, struct ksym_index **out,
			  struct ksym_error *err) ks_must_check;

#endif
