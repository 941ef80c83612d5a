// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The index file.  Its magic, length and checksums are put right first, so that what
 * is altered behind them is seen.  Either it is refused, or every access to it is in
 * bounds; and if its check accepts it, its answers agree with each other.
 */
#include "fuzz.h"

#include <string.h>
#include "index/hash.h"
#include "index/index.h"

static void store(uint8_t *p, uint64_t v, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

static void put_right(uint8_t *h, size_t len)
{
	uint8_t fixed[KS_HDR_LEN];
	size_t header_len;

	if (len < KS_HDR_LEN)
		return;
	memcpy(h, KS_MAGIC, KS_MAGIC_LEN);
	store(h + KS_HDR_FILE_LEN, len, 8);
	header_len = ks_get32(h + KS_HDR_HEADER_LEN);
	if (header_len < KS_HDR_LEN || header_len > len)
		return;
	store(h + KS_HDR_CONTENT_HASH, ks_index_hash(h + header_len, len - header_len), 8);
	memcpy(fixed, h, KS_HDR_LEN);
	memset(fixed + KS_HDR_HEADER_HASH, 0, 8);
	store(h + KS_HDR_HEADER_HASH,
	      ks_index_hash(fixed, KS_HDR_LEN) ^
		      ks_index_hash(h + KS_HDR_LEN, header_len - KS_HDR_LEN), 8);
}

/* What the reader offers beyond the library's own calls. */
static void query_tables(const struct ks_tables *t, bool consistent)
{
	const uint32_t tries[] = { 0, 1, 7, t->nr_symbols / 2, t->nr_symbols - 1, t->nr_symbols,
				   t->tab[KS_PAGE].nr, UINT32_MAX / 2, UINT32_MAX };
	char name[KS_NAME_MAX + 1];
	struct ks_owner owner;
	struct ks_sect sect;
	struct ks_sym sym;
	struct ks_obj obj;
	size_t total = 0;

	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		uint32_t n = tries[i];
		const char *s;
		bool equal;

		if (ks_tables_symbol(t, n, &sym)) {
			uint32_t count = ks_tables_count_to(t, sym.va);

			fz_require(n < t->nr_symbols && count <= t->nr_symbols);
			if (consistent) {
				fz_require(count > n);
				fz_require(!sym.va || ks_tables_count_to(t, sym.va - 1) <= n);
			}
			ks_tables_section_at(t, sym.va);
		}
		fz_require(ks_tables_name(t, n, name) <= KS_NAME_MAX);
		fz_require(ks_tables_find(t, name, strlen(name), &equal) <= t->nr_symbols + 15);
		if (ks_tables_section(t, n, &sect))
			ks_tables_at(t, sect.va + sect.len, &sym);
		ks_tables_owner(t, n, &owner);
		ks_tables_object(t, n, &obj);
		ks_tables_rank(t, n);
		fz_require(ks_tables_ordered(t, n) == KS_NONE ||
			   ks_tables_ordered(t, n) < t->nr_symbols);
		s = ks_tables_object_module(t, n);
		total += s ? strlen(s) : 0;
		s = ks_tables_module(t, n);
		total += s ? strlen(s) : 0;
	}
	fz_require(total < SIZE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ksym_index idx = { .path = (char *)"input" };
	uint8_t *copy = malloc(len ? len : 1);
	struct ksym_error err;
	const char *why = NULL;
	int ret;

	fz_require(copy);
	memcpy(copy, data, len);
	put_right(copy, len);
	ret = ks_tables_init(&idx.t, copy, len, ks_index_hash, &why);
	if (ret) {
		fz_require(why && (ret == -EBADMSG || ret == -ENOTSUP));
	} else {
		ret = ksym_index_verify(&idx, &err);
		if (ret)
			fz_check_error(ret, &err);
		query_tables(&idx.t, !ret);
		fz_query_index(&idx, !ret);
	}
	free(copy);
	return 0;
}
