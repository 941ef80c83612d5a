// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/cursor.h"

int ks_cursor_error(const struct ks_cursor *c, struct ksym_error *err)
{
	if (!c->failed)
		return 0;
	return ks_error(err, -EBADMSG, "%s: %s: at offset 0x%llx: expected %s", c->file, c->what,
			(unsigned long long)ks_cursor_off(c), c->why);
}

uint64_t ks_cursor_uleb_slow(struct ks_cursor *c)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; shift < 70; shift += 7) {
		uint8_t b = ks_cursor_u8(c);

		/* The tenth byte has room for one bit. */
		if (shift == 63 && b > 1)
			break;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (c->failed)
			return 0;
		if (!(b & 0x80))
			return v;
	}
	ks_cursor_fail(c, "a LEB128 number of at most 64 bits");
	return 0;
}

int64_t ks_cursor_sleb(struct ks_cursor *c)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; shift < 70; shift += 7) {
		uint8_t b = ks_cursor_u8(c);

		if (shift == 63 && b != 0 && b != 0x7f)
			break;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (c->failed)
			return 0;
		if (!(b & 0x80)) {
			if (shift < 57 && (b & 0x40))
				v |= ~(uint64_t)0 << (shift + 7);
			return (int64_t)v;
		}
	}
	ks_cursor_fail(c, "a signed LEB128 number of at most 64 bits");
	return 0;
}

const char *ks_cursor_string(struct ks_cursor *c, size_t *len)
{
	const uint8_t *nul = c->failed ? NULL : memchr(c->pos, 0, ks_cursor_left(c));
	const char *s = (const char *)c->pos;

	if (!nul) {
		ks_cursor_fail(c, "a string that ends inside the section");
		if (len)
			*len = 0;
		return "";
	}
	if (len)
		*len = (size_t)(nul - c->pos);
	c->pos = nul + 1;
	return s;
}
