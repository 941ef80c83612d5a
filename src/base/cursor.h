/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sticky cursor over untrusted bytes.
 *
 * Reading past the end marks the cursor failed, and from then on every read
 * returns 0 and moves nothing: a parser may read a whole record and ask once,
 * with ks_cursor_error(), whether that was real.  Loops must end on failure:
 * test ks_cursor_more() or ->failed in their condition.
 */
#ifndef KS_BASE_CURSOR_H
#define KS_BASE_CURSOR_H

#include <string.h>
#include "base/range.h"
#include "base/error.h"

struct ks_cursor {
	const uint8_t *pos, *end;
	const uint8_t *start;	/* offset 0 of errors' "at offset" */
	const char *file, *what;/* "vmlinux", ".debug_info" */
	const char *why;	/* what was expected where it failed */
	bool swap;		/* the data's byte order is not ours */
	bool failed;
};

static inline struct ks_cursor ks_cursor(const void *data, size_t len, bool swap, const char *file,
					 const char *what)
{
	const uint8_t *p = data;

	/* An empty section may be no memory at all. */
	return (struct ks_cursor){ .pos = p, .end = len ? p + len : p, .start = p,
				   .file = file, .what = what, .swap = swap };
}

static inline size_t ks_cursor_left(const struct ks_cursor *c)
{
	return (size_t)(c->end - c->pos);
}

static inline uint64_t ks_cursor_off(const struct ks_cursor *c)
{
	return (uint64_t)(c->pos - c->start);
}

static inline bool ks_cursor_more(const struct ks_cursor *c)
{
	return !c->failed && c->pos < c->end;
}

/* Mark failed; @why is a static string naming what was expected. */
static inline void ks_cursor_fail(struct ks_cursor *c, const char *why)
{
	if (!c->failed) {
		c->failed = true;
		c->why = why;
	}
}

/* 0, or the error of the first failed read: "FILE: WHAT: at offset 0xN: expected WHY". */
int ks_cursor_error(const struct ks_cursor *c, struct ksym_error *err) ks_must_check;

static inline bool ks_cursor_skip(struct ks_cursor *c, uint64_t n)
{
	if (ks_unlikely(c->failed || n > ks_cursor_left(c))) {
		ks_cursor_fail(c, "more bytes");
		return false;
	}
	c->pos += n;
	return true;
}

/* Move to an offset from the start. */
static inline bool ks_cursor_seek(struct ks_cursor *c, uint64_t off)
{
	if (ks_unlikely(c->failed || off > (uint64_t)(c->end - c->start))) {
		ks_cursor_fail(c, "an offset inside the section");
		return false;
	}
	c->pos = c->start + off;
	return true;
}

#define KS_CURSOR_READ(bits)                                                            \
	static inline uint##bits##_t ks_cursor_u##bits(struct ks_cursor *c)             \
	{                                                                               \
		uint##bits##_t v;                                                       \
                                                                                        \
		if (ks_unlikely(c->failed || sizeof(v) > ks_cursor_left(c))) {          \
			ks_cursor_fail(c, #bits " more bits");                          \
			return 0;                                                       \
		}                                                                       \
		memcpy(&v, c->pos, sizeof(v));                                          \
		c->pos += sizeof(v);                                                    \
		return c->swap ? __builtin_bswap##bits(v) : v;                          \
	}
KS_CURSOR_READ(16)
KS_CURSOR_READ(32)
KS_CURSOR_READ(64)
#undef KS_CURSOR_READ

static inline uint8_t ks_cursor_u8(struct ks_cursor *c)
{
	if (ks_unlikely(c->failed || c->pos == c->end)) {
		ks_cursor_fail(c, "one more byte");
		return 0;
	}
	return *c->pos++;
}

/* An unsigned integer of 1, 2, 4 or 8 bytes; other sizes fail. */
static inline uint64_t ks_cursor_uint(struct ks_cursor *c, unsigned int len)
{
	switch (len) {
	case 1:
		return ks_cursor_u8(c);
	case 2:
		return ks_cursor_u16(c);
	case 4:
		return ks_cursor_u32(c);
	case 8:
		return ks_cursor_u64(c);
	}
	ks_cursor_fail(c, "an integer of 1, 2, 4 or 8 bytes");
	return 0;
}

uint64_t ks_cursor_uleb_slow(struct ks_cursor *c);
int64_t ks_cursor_sleb(struct ks_cursor *c);

static inline uint64_t ks_cursor_uleb(struct ks_cursor *c)
{
	if (ks_likely(!c->failed && c->pos < c->end && *c->pos < 0x80))
		return *c->pos++;
	return ks_cursor_uleb_slow(c);
}

/* A terminated string inside the data; "" when it failed.  @len may be NULL. */
const char *ks_cursor_string(struct ks_cursor *c, size_t *len);

#endif
