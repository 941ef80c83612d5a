// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tables become a file. */
#include "index/hash.h"
#include "index/index.h"

#include <stdlib.h>
#include <string.h>

static size_t aligned(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

int ks_index_assemble(const uint8_t header[KS_HDR_LEN], const struct ks_index_part parts[KS_NR_TABLES],
		      uint8_t **out, size_t *out_len, struct ksym_error *err)
{
	static const uint32_t tags[KS_NR_TABLES] = KS_TABLE_TAGS;
	size_t header_len = KS_HDR_LEN + KS_NR_TABLES * KS_DIR_ENTRY_LEN, len = header_len;
	uint8_t *h, *dir;

	for (unsigned int i = 0; i < KS_NR_TABLES; i++)
		len += aligned(parts[i].len);
	h = calloc(1, len);
	if (!h)
		return ks_error_nomem(err);
	memcpy(h, header, KS_HDR_LEN);
	memcpy(h, KS_MAGIC, KS_MAGIC_LEN);
	ks_index_store(h + KS_HDR_MAJOR, KS_FORMAT_MAJOR, 2);
	ks_index_store(h + KS_HDR_MINOR, KS_FORMAT_MINOR, 2);
	ks_index_store(h + KS_HDR_HEADER_LEN, header_len, 4);
	ks_index_store(h + KS_HDR_FILE_LEN, len, 8);
	ks_index_store(h + KS_HDR_NR_TABLES, KS_NR_TABLES, 4);
	ks_index_store(h + KS_HDR_HEADER_HASH, 0, 8);
	dir = h + KS_HDR_LEN;
	for (size_t i = 0, off = header_len; i < KS_NR_TABLES; i++, dir += KS_DIR_ENTRY_LEN) {
		ks_index_store(dir, tags[i], 4);
		ks_index_store(dir + 4, i < KS_FIRST_OPTIONAL ? KS_DIR_REQUIRED : 0, 2);
		ks_index_store(dir + 6, parts[i].bits, 2);
		ks_index_store(dir + 8, off, 8);
		ks_index_store(dir + 16, parts[i].len, 8);
		if (parts[i].len)
			memcpy(h + off, parts[i].p, parts[i].len);
		off += aligned(parts[i].len);
	}
	ks_index_store(h + KS_HDR_CONTENT_HASH, ks_index_hash(h + header_len, len - header_len), 8);
	ks_index_store(h + KS_HDR_HEADER_HASH,
		       ks_index_hash(h, KS_HDR_LEN) ^
			       ks_index_hash(h + KS_HDR_LEN, header_len - KS_HDR_LEN), 8);
	*out = h;
	*out_len = len;
	return 0;
}

int ks_index_replace(const struct ksym_index *idx, enum ks_table table, const void *data, size_t len,
		     struct ksym_index **out, struct ksym_error *err)
{
	struct ks_index_part parts[KS_NR_TABLES];
	uint8_t *file;
	size_t file_len;
	int ret;

	*out = NULL;
	for (unsigned int i = 0; i < KS_NR_TABLES; i++)
		parts[i] = (struct ks_index_part){ idx->t.tab[i].p, idx->t.tab[i].len,
						   (uint16_t)idx->t.tab[i].bits };
	parts[table] = (struct ks_index_part){ data, len, 0 };
	ret = ks_index_assemble(idx->t.base, parts, &file, &file_len, err);
	return ret ? ret : ks_index_adopt(file, file_len, idx->path, out, err);
}
