// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tables of sizes and owners, as a kernel has them.  Parts: o, offsets of symbols (i32);
 * t, the tables, whose length and checksum are made to fit.  Option: bits of the form of
 * the offsets. */
#include "fuzz.h"

#include <string.h>
#include "tables/owners.h"

static size_t use_names(const struct ks_owners *o, uint32_t owner)
{
	struct ks_own_names n;
	size_t total = 0;

	ks_owners_names(o, owner, &n);
	for (; n.nr_modules; n.nr_modules--, n.modules += strlen(n.modules) + 1) {
		fz_require(*n.modules);
		total += strlen(n.modules);
	}
	fz_require(!n.object || *n.object);
	return total + (n.object ? strlen(n.object) : 0);
}

static void use(const struct ks_owners *o)
{
	struct ks_own_iter it, other;
	uint64_t len, other_len, sum = 0;
	uint32_t owner, other_owner;

	fz_require(ks_owners_seek(o, &it, 0));
	for (uint32_t i = 0; i < o->nr_symbols; i++) {
		uint64_t va = ks_owners_va(o, i);

		fz_require(ks_owners_next(o, &it, &len, &owner));
		fz_require(owner <= o->nr_owners);
		sum += use_names(o, owner);
		/* From anywhere the same. */
		fz_require(ks_owners_seek(o, &other, i));
		fz_require(ks_owners_next(o, &other, &other_len, &other_owner));
		fz_require(other_len == len && other_owner == owner);
		ks_owners_at(o, va, &len, &owner);
	}
	fz_require(!ks_owners_next(o, &it, &len, &owner));
	fz_require(sum < SIZE_MAX);
}

static void store(uint8_t *p, uint64_t v, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fz_parts p = fz_split(data, len);
	const struct fz_part *o = fz_part(&p, 'o'), *t = fz_part(&p, 't');
	int32_t *offsets = malloc(o->len + 4);
	uint8_t *blob = malloc(t->len + 1);
	struct ks_own_addresses va = { .offsets = offsets, .base = 0x40100000,
				       .nr = (uint32_t)(o->len / 4),
				       .absolute_percpu = fz_option(&p, 0) & 1 };
	static struct ks_owners tables;
	const char *why;

	fz_require(offsets && blob);
	memcpy(offsets, o->p, o->len);
	memcpy(blob, t->p, t->len);
	if (t->len >= KS_OWN_HEADER_LEN) {
		store(blob + KS_OWN_LEN, t->len, 4);
		if (fz_option(&p, 0) & 2)
			store(blob + KS_OWN_NR_SYMBOLS, va.nr, 4);
		store(blob + KS_OWN_HASH,
		      ks_owners_hash(blob + KS_OWN_HASH + 8, t->len - KS_OWN_HASH - 8), 8);
	}
	if (!ks_owners_init(&tables, blob, t->len, &va, &why))
		use(&tables);
	else
		fz_require(why && *why);
	free(offsets);
	free(blob);
	return 0;
}
