/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * BTF is made of 32-bit words, all but its header.  A type is, in words:
 *
 *   name, info (kind, flag, number of parts), size or type, then by kind:
 *   INT           encoding and bits          ARRAY    type, index type, number of elements
 *   STRUCT UNION  name, type, offset ...     ENUM     name, value ...
 *   ENUM64        name, low, high ...        FUNC_PROTO   name, type ...
 *   VAR           linkage                    DATASEC  type, offset, size ...
 *   DECL_TAG      which part, -1 for all
 *
 * What is common to all kinds is told by tables here, so that nobody needs to know each.
 */
#ifndef KS_BTF_FORMAT_H
#define KS_BTF_FORMAT_H

#include <linux/btf.h>
#include <stdbool.h>
#include <stdint.h>

/* Kinds that came after the oldest header we build with. */
enum {
	KS_BTF_FLOAT = 16,
	KS_BTF_DECL_TAG = 17,
	KS_BTF_TYPE_TAG = 18,
	KS_BTF_ENUM64 = 19,
	KS_BTF_NR_KINDS = 20,
};

/* As 7.2 has them; older kernels take fewer bits and want the others to be 0. */
#define KS_BTF_KIND(t) ((t)[1] >> 24 & 0x7f)
#define KS_BTF_VLEN(t) ((t)[1] & 0xffffff)
#define KS_BTF_KFLAG(t) ((t)[1] >> 31)
#define KS_BTF_INFO(kind, kflag, vlen) \
	((uint32_t)(kflag) << 31 | (uint32_t)(kind) << 24 | (uint32_t)(vlen))
#define KS_BTF_MAX_VLEN 0xffffu	/* that all kernels take */

/* How a kind is laid out. */
struct ks_btf_layout {
	bool known;
	bool has_type;		/* word 2 is a type, not a size */
	bool is_named;		/* the name is what others know it by */
	uint8_t fixed;		/* words behind the first three */
	uint8_t part;		/* words of each part behind these, 0: has none */
	int8_t part_name, part_type;	/* which words of a part these are, -1: none */
};

extern const struct ks_btf_layout ks_btf_layouts[128];

static inline const struct ks_btf_layout *ks_btf_layout(const uint32_t *t)
{
	return &ks_btf_layouts[KS_BTF_KIND(t)];
}

/* Words of a type in all. */
static inline uint32_t ks_btf_words(const uint32_t *t)
{
	const struct ks_btf_layout *l = ks_btf_layout(t);

	return 3u + l->fixed + l->part * KS_BTF_VLEN(t);
}

/*
 * Call what follows for each reference to a type in @t: `word` is its place in @t.  An
 * array has two that are no parts.
 *   ks_btf_for_each_ref(word, t)
 *           t[word] = ...;
 */
#define ks_btf_for_each_ref(word, t)                                                       \
	for (uint32_t word = ks_btf_first_ref(t); word; word = ks_btf_next_ref(t, word))

static inline uint32_t ks_btf_part_ref(const uint32_t *t, uint32_t i)
{
	const struct ks_btf_layout *l = ks_btf_layout(t);

	if (!l->part || l->part_type < 0 || i >= KS_BTF_VLEN(t))
		return 0;
	return 3u + l->fixed + i * l->part + (uint32_t)l->part_type;
}

static inline uint32_t ks_btf_first_ref(const uint32_t *t)
{
	if (ks_btf_layout(t)->has_type)
		return 2;
	return KS_BTF_KIND(t) == BTF_KIND_ARRAY ? 3 : ks_btf_part_ref(t, 0);
}

static inline uint32_t ks_btf_next_ref(const uint32_t *t, uint32_t word)
{
	const struct ks_btf_layout *l = ks_btf_layout(t);

	if (KS_BTF_KIND(t) == BTF_KIND_ARRAY)
		return word == 3 ? 4 : 0;
	if (word == 2)
		return ks_btf_part_ref(t, 0);
	return l->part ? ks_btf_part_ref(t, (word - 3 - l->fixed) / l->part + 1) : 0;
}

/* The same for names: the type's own, then those of its parts. */
#define ks_btf_for_each_name(word, t)                                                      \
	for (uint32_t word = 0, ks_i = 0; word != UINT32_MAX;                              \
	     word = ks_btf_part_name(t, ks_i++))

static inline uint32_t ks_btf_part_name(const uint32_t *t, uint32_t i)
{
	const struct ks_btf_layout *l = ks_btf_layout(t);

	if (!l->part || l->part_name < 0 || i >= KS_BTF_VLEN(t))
		return UINT32_MAX;
	return 3u + l->fixed + i * l->part + (uint32_t)l->part_name;
}

#endif
