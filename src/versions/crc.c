// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/crc.h"

#include <zlib.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

/* Bits are reflected: the highest is x^0. */
#define POLYNOMIAL 0xedb88320u

/* @product holds powers from x^0 in bit 63 to x^63 in bit 0. */
static inline uint32_t reduce(const struct ks_crc_tables *t, uint64_t product)
{
	uint32_t high = (uint32_t)product;

	return (uint32_t)(product >> 32) ^ t->shift[3][high & 0xff] ^ t->shift[2][high >> 8 & 0xff] ^
	       t->shift[1][high >> 16 & 0xff] ^ t->shift[0][high >> 24];
}

static uint32_t multiply(const struct ks_crc_tables *t, uint32_t a, uint32_t b)
{
	uint64_t multiple[16] = { 0 }, product = 0;

	multiple[1] = b;
	for (unsigned int i = 2; i < 16; i += 2) {
		multiple[i] = multiple[i / 2] << 1;
		multiple[i + 1] = multiple[i] ^ b;
	}
	for (unsigned int i = 0; i < 32; i += 4)
		product ^= multiple[a >> i & 15] << i;
	return reduce(t, product << 1);
}

#ifdef __x86_64__
__attribute__((target("pclmul"))) static uint32_t
multiply_pclmul(const struct ks_crc_tables *t, uint32_t a, uint32_t b)
{
	__m128i product = _mm_clmulepi64_si128(_mm_cvtsi32_si128((int)a), _mm_cvtsi32_si128((int)b), 0);

	return reduce(t, (uint64_t)_mm_cvtsi128_si64(product) << 1);
}
#endif

void ks_crc_init(struct ks_crc_tables *t)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (unsigned int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
		t->shift[0][i] = crc;
	}
	for (unsigned int n = 1; n < 4; n++)
		for (uint32_t i = 0; i < 256; i++)
			t->shift[n][i] = t->shift[n - 1][i] >> 8 ^
					 t->shift[0][t->shift[n - 1][i] & 0xff];
	t->multiply = multiply;
#ifdef __x86_64__
	if (__builtin_cpu_supports("pclmul"))
		t->multiply = multiply_pclmul;
#endif
}

uint32_t ks_crc_factor(const struct ks_crc_tables *t, uint64_t len)
{
	uint32_t factor = KS_CRC_EMPTY.factor, square = 0x00800000u;	/* x^8 */

	for (; len; len >>= 1, square = t->multiply(t, square, square))
		if (len & 1)
			factor = t->multiply(t, factor, square);
	return factor;
}

struct ks_crc ks_crc_of(const struct ks_crc_tables *t, const void *data, size_t len)
{
	return (struct ks_crc){ (uint32_t)crc32_z(0, data, len), ks_crc_factor(t, len), len };
}
