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

/* Is the regular file @path an index? */
bool ks_index_is(const char *path);

/* Store @v in @len bytes, little-endian. */
static inline void ks_index_store(uint8_t *p, uint64_t v, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

/* Content of a table. */
struct ks_index_part {
	const uint8_t *p;
	size_t len;
	uint16_t bits;
};

/* An index file of tables.  @header has what no length and no checksum is; *@out from
 * malloc(). */
int ks_index_assemble(const uint8_t header[KS_HDR_LEN], const struct ks_index_part parts[KS_NR_TABLES],
		      uint8_t **out, size_t *out_len, struct ksym_error *err) ks_must_check;

/* An index that has all of @idx, but of table @table this content. */
int ks_index_replace(const struct ksym_index *idx, enum ks_table table, const void *data, size_t len,
		     struct ksym_index **out, struct ksym_error *err) ks_must_check;

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
