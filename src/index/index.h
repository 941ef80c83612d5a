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

/* Everything of symbol @i but the name. */
void ks_index_fill(const struct ksym_index *idx, uint32_t i, const struct ks_sym *s,
		   struct ksym_symbol *out);

struct ks_listing;

/* ksym_index_build() of the symbols that @listing has. */
int ks_index_build_listed(const char *image_path, const struct ksym_build_opts *opts,
			  const struct ks_listing *listing, struct ksym_index **out,
			  struct ksym_error *err) ks_must_check;

#endif
