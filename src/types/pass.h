/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which attributes of which DIEs the loader reads (load.h lists them): three passes. */
#ifndef KS_TYPES_PASS_H
#define KS_TYPES_PASS_H

#include "dwarf/abbrev.h"
#include "types/types.h"

enum ks_load_slot {
	SLOT_NAME,
	SLOT_TYPE,
	SLOT_VALUE,		/* byte_size, data_member_location, const_value, ... */
	SLOT_UPPER_BOUND,
	SLOT_ENCODING,
	SLOT_ALIGNMENT,
	SLOT_ACCESSIBILITY,
	SLOT_BIT_SIZE,
	SLOT_BIT_OFFSET,
	SLOT_DECLARATION,
	SLOT_DECL_FILE,
	SLOT_STMT_LIST,
	SLOT_STR_OFFSETS_BASE,
	SLOT_ADDR_BASE,
	SLOT_LOCLISTS_BASE,
	SLOT_LANGUAGE,
	SLOT_OLD_BIT_OFFSET,
	SLOT_OLD_SIZE,
	SLOT_EXTERNAL,
	SLOT_ORIGIN,
	SLOT_LOCATION,
	SLOT_PLACES,		/* a location that changes */
	SLOT_CONST_VALUE,
	SLOT_LOW_PC,
	SLOT_CALLING_CONVENTION,
	SLOT_PRODUCER,
	SLOT_ARTIFICIAL,
};

#define SLOTS_EXTRA                                                                       \
	(1u << SLOT_ENCODING | 1u << SLOT_ALIGNMENT | 1u << SLOT_ACCESSIBILITY |          \
	 1u << SLOT_BIT_SIZE | 1u << SLOT_BIT_OFFSET | 1u << SLOT_OLD_BIT_OFFSET)

#define SLOTS_OBJECT                                                                      \
	(1u << SLOT_EXTERNAL | 1u << SLOT_DECLARATION | 1u << SLOT_ORIGIN |               \
	 1u << SLOT_LOCATION | 1u << SLOT_CONST_VALUE | 1u << SLOT_LOW_PC |               \
	 1u << SLOT_CALLING_CONVENTION | 1u << SLOT_ARTIFICIAL)

/* Tags with a kind of their own; DW_TAG_* above are KS_KIND_OTHER. */
#define NR_TAGS 0x50

extern const uint8_t ks_tag_kinds[NR_TAGS];

/* clang's, and only in later versions of <dwarf.h>. */
#define TAG_LLVM_annotation 0x6000

static inline unsigned int kind_of(unsigned int tag)
{
	return tag < NR_TAGS && ks_tag_kinds[tag] ? ks_tag_kinds[tag] : KS_KIND_OTHER;
}

extern const struct ks_pass ks_pass_over_bodies, ks_pass_in_bodies, ks_pass_all;

#endif
