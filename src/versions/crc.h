/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CRC-32 (that of zlib) of texts put together from pieces whose CRC is known.
 *
 * A CRC is the remainder of a polynomial over GF(2), so for texts A and B
 *
 *   crc(A B) = crc(A) * x^(8 len(B)) + crc(B)      modulo the CRC's polynomial,
 *
 * where + is exclusive or.  A piece is its CRC and its factor x^(8 len); joining two
 * takes two multiplications whatever their length.
 */
#ifndef KS_VERSIONS_CRC_H
#define KS_VERSIONS_CRC_H

#include <stddef.h>
#include <stdint.h>

struct ks_crc {
	uint32_t crc;
	uint32_t factor;	/* x^(8 len); bit 31 is x^0 */
	uint64_t len;
};

/* Of the empty text. */
#define KS_CRC_EMPTY ((struct ks_crc){ 0, 0x80000000u, 0 })

struct ks_crc_tables {
	uint32_t (*multiply)(const struct ks_crc_tables *t, uint32_t a, uint32_t b);
	uint32_t shift[4][256];	/* remainders of byte n's powers of x, from x^32 on */
};

void ks_crc_init(struct ks_crc_tables *t);

struct ks_crc ks_crc_of(const struct ks_crc_tables *t, const void *data, size_t len);

/* x^(8 len). */
uint32_t ks_crc_factor(const struct ks_crc_tables *t, uint64_t len);

static inline uint32_t ks_crc_join_crc(const struct ks_crc_tables *t, uint32_t a, struct ks_crc b)
{
	return t->multiply(t, a, b.factor) ^ b.crc;
}

static inline struct ks_crc ks_crc_join(const struct ks_crc_tables *t, struct ks_crc a,
					struct ks_crc b)
{
	return (struct ks_crc){ ks_crc_join_crc(t, a.crc, b), t->multiply(t, a.factor, b.factor),
			       a.len + b.len };
}

#endif
