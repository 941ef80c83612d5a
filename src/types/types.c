// SPDX-License-Identifier: LGPL-2.1-or-later
#include "types/types.h"

#include <string.h>

void ks_types_free(struct ks_types *t)
{
	ks_vec_free(&t->nodes);
	ks_vec_free(&t->extras);
	ks_vec_free(&t->files);
	ks_vec_free(&t->objects);
	ks_vec_free(&t->headers);
	ks_vec_free(&t->units);
	ks_vec_free(&t->bits);
	ks_vec_free(&t->ranks);
	ks_strpool_free(&t->names);
	*t = (struct ks_types){ 0 };
}

/* Without the processor's instruction, which not all have, faster than libgcc's table. */
static inline uint32_t popcount(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555u;
	x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (uint32_t)(x * 0x0101010101010101u >> 56);
}

uint32_t ks_types_at(const struct ks_types *t, uint64_t off)
{
	uint64_t at = off - t->base_off, word = at / 64, mask = (uint64_t)1 << at % 64;

	if (off < t->base_off || word >= t->bits.len || !(t->bits.data[word] & mask))
		return 0;
	return t->ranks.data[word] + popcount(t->bits.data[word] & (mask - 1));
}

uint64_t ks_types_off(const struct ks_types *t, uint32_t node)
{
	for (size_t i = 0; i < t->ranks.len; i++) {
		uint64_t bits = t->bits.data[i];
		uint32_t n = t->ranks.data[i];

		if (node < n || node >= n + (uint32_t)__builtin_popcountll(bits))
			continue;
		for (; n < node; n++)
			bits &= bits - 1;
		return t->base_off + i * 64 + (unsigned int)__builtin_ctzll(bits);
	}
	return t->base_off;
}

uint32_t ks_types_unit(const struct ks_types *t, uint32_t node)
{
	size_t lo = 0, hi = t->units.len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->units.data[mid] <= node)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? (uint32_t)lo - 1 : 0;
}

const struct ks_type_extra *ks_extra_of(const struct ks_type_extra *extras, size_t nr, uint32_t node)
{
	static const struct ks_type_extra none;
	size_t lo = 0, hi = nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (extras[mid].node < node)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < nr && extras[lo].node == node ? &extras[lo] : &none;
}

const char *ks_name_text(const char *str, const struct ks_strpool *names, ks_name name,
			 char buf[8])
{
	switch (KS_NAME_KIND(name)) {
	case 1:
		return str + KS_NAME_BITS(name);
	case 2:
		for (unsigned int i = 0; i < 7; i++)
			buf[i] = (char)(name >> 8 * i & 0xff);
		buf[7] = 0;
		return buf;
	case 3:
		return ks_strpool_get(names, (uint32_t)KS_NAME_BITS(name));
	}
	buf[0] = 0;
	return buf;
}

ks_name ks_name_make(struct ks_strpool *names, const char *s, size_t len)
{
	uint32_t n;

	if (len < 8) {
		ks_name name = KS_NAME_SHORT;

		for (size_t i = 0; i < len; i++)
			name |= (ks_name)(uint8_t)s[i] << 8 * i;
		return name;
	}
	n = ks_strpool_add(names, s, len);
	return n == KS_STRPOOL_NONE ? 0 : KS_NAME_POOL(n);
}
