// SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only
#include "notes.h"

#define NOTE_HEADER_LEN 12	/* u32 length of name, u32 length of content, u32 type */
#define NOTE_GNU_BUILD_ID 3

static uint32_t get_u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Name and content are padded to four bytes each; the last one may lack its padding. */
static size_t padded(uint32_t len)
{
	return ((size_t)len + 3) & ~(size_t)3;
}

const uint8_t *ks_notes_build_id(const void *notes, size_t len, uint32_t *id_len)
{
	const uint8_t *p = notes;

	*id_len = 0;
	while (len >= NOTE_HEADER_LEN) {
		uint32_t name_len = get_u32(p), desc_len = get_u32(p + 4), type = get_u32(p + 8);
		const uint8_t *name = p + NOTE_HEADER_LEN;
		size_t left = len - NOTE_HEADER_LEN;

		if (name_len > left || padded(name_len) > left ||
		    desc_len > left - padded(name_len))
			return NULL;
		if (type == NOTE_GNU_BUILD_ID && name_len == 4 && !memcmp(name, "GNU", 4) &&
		    desc_len && desc_len <= KS_BUILD_ID_MAX) {
			*id_len = desc_len;
			return name + padded(name_len);
		}
		left -= padded(name_len);
		if (padded(desc_len) >= left)
			return NULL;
		p = name + padded(name_len) + padded(desc_len);
		len = left - padded(desc_len);
	}
	return NULL;
}

void ks_build_id_text(const uint8_t *id, uint32_t len, char *text)
{
	for (uint32_t i = 0; i < len; i++) {
		*text++ = "0123456789abcdef"[id[i] >> 4];
		*text++ = "0123456789abcdef"[id[i] & 15];
	}
	*text = 0;
}
