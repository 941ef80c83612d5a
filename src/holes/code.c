// SPDX-License-Identifier: LGPL-2.1-or-later
#include "holes/code.h"

#include <elf.h>
#include <string.h>

/* Instructions are little-endian whatever data is. */
static uint32_t word(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* -------------------------------------------------------------------- x86 */

/*
 * The no-operation at @p: its length, 0 when there is none.
 *
 *   [66]... 90            nop, xchg %ax,%ax
 *   [66]... [2e] 0f 1f /0 nopw %cs:0x0(%rax,%rax,1) and shorter ones
 *   8d 76 00 and others   lea 0x0(%esi),%esi of 32-bit code
 */
static size_t x86_nop(const uint8_t *p, size_t len, bool is32)
{
	size_t i = 0, need;
	uint8_t modrm;

	while (i < len && i < 11 && p[i] == 0x66)
		i++;
	if (i < len && p[i] == 0x2e)
		i++;
	if (i < len && p[i] == 0x90)
		return i + 1;
	if (is32 && len - i >= 2 && p[i] == 0x8d) {
		if (p[i + 1] == 0x76 && len - i >= 3 && !p[i + 2])
			return i + 3;
		if (len - i >= 4 && !memcmp(p + i, "\x8d\x74\x26\0", 4))
			return i + 4;
		if (len - i >= 6 && !memcmp(p + i, "\x8d\xb6\0\0\0\0", 6))
			return i + 6;
		if (len - i >= 7 && !memcmp(p + i, "\x8d\xb4\x26\0\0\0\0", 7))
			return i + 7;
	}
	if (len - i < 3 || p[i] != 0x0f || p[i + 1] != 0x1f)
		return 0;
	modrm = p[i + 2];
	if (modrm >> 3 & 7 || modrm >> 6 == 3)
		return 0;
	need = i + 3 + ((modrm & 7) == 4) + (modrm >> 6 == 1 ? 1 : modrm >> 6 == 2 ? 4 : 0);
	return need <= len ? need : 0;
}

static size_t x86_fill(const uint8_t *p, size_t len, bool is32)
{
	size_t i = 0, n;

	for (; i < len; i += n) {
		n = p[i] == 0xcc || !p[i] ? 1 : x86_nop(p + i, len - i, is32);
		if (!n)
			break;
	}
	return i;
}

/* Long paddings begin with a jump over the rest. */
static size_t x86_padding(const uint8_t *p, size_t len, bool is32)
{
	size_t skip = len >= 2 && p[0] == 0xeb && p[1] < 0x80 && p[1] <= len - 2 &&
		      x86_fill(p + 2, p[1], is32) == p[1] ? 2 : 0;

	return skip + x86_fill(p + skip, len - skip, is32);
}

/*
 * Padding is found from the front, as instructions are; the end of code is where nothing
 * but padding follows.  The last bytes of a jump's target can look like padding: then
 * what they belong to begins up to four bytes before.
 */
static size_t x86_code_len(const uint8_t *p, size_t len, bool is32)
{
	size_t end = len, i = len;

	while (i && len - i < 4096) {
		i--;
		if (x86_padding(p + i, len - i, is32) == len - i)
			end = i;
		else if (end - i > 15)
			break;
	}
	for (size_t back = 1; back <= 4 && back <= end; back++) {
		uint8_t op = p[end - back];

		if ((op == 0xe9 || op == 0xe8) && len - end >= 5 - back) {
			/* Where it would lead: no kernel is larger than 128 MB. */
			int32_t rel = (int32_t)word(p + end - back + 1);

			if (rel > -(1 << 27) && rel < 1 << 27)
				return end - back + 5;
		}
	}
	return end;
}

/* Is there, at @p + @at, a call that leads to @p + @target? */
static bool x86_is_call(const uint8_t *p, size_t len, size_t at, int64_t target)
{
	return len >= 5 && at <= len - 5 && p[at] == 0xe8 &&
	       (int64_t)at + 5 + (int32_t)word(p + at + 1) == target;
}

/* ------------------------------------------------------------------ arm64 */

#define ARM64_NOP 0xd503201f

/* Does nothing that follows get its turn: ret, retaa, retab, b, br, braa and its like, brk, udf? */
static bool arm64_ends(uint32_t insn)
{
	return (insn & 0xfffffc1f) == 0xd65f0000 || (insn & 0xfffffbff) == 0xd65f0bff ||
	       (insn & 0xfc000000) == 0x14000000 || (insn & 0xfefff000) == 0xd61f0000 ||
	       (insn & 0xffe0001f) == 0xd4200000 || !(insn >> 16);
}

static bool arm64_is_padding(uint32_t insn)
{
	switch (insn) {
	case ARM64_NOP:
	case 0x14000400:	/* b 0x1000 on: over stubs for errata, which a linker put there */
	case 0:			/* udf #0: what linkers leave */
	case 0xd4200000:	/* brk #0 */
	case 0xd4d4d4d4:	/* lld */
		return true;
	}
	return false;
}

static size_t arm64_padding(const uint8_t *p, size_t len)
{
	size_t i = 0;

	/* Sections may end inside a word. */
	while (i < len && (len - i >= 4 ? arm64_is_padding(word(p + i)) : !p[i]))
		i += len - i >= 4 ? 4 : 1;
	return i;
}

static size_t arm64_code_len(const uint8_t *p, size_t len)
{
	while (len % 4 && !p[len - 1])
		len--;
	while (len >= 4 && len % 4 == 0 && arm64_is_padding(word(p + len - 4)))
		len -= 4;
	return len;
}

/* ------------------------------------------------------------------- s390 */

/* The first two bits tell the length. */
static size_t s390_insn_len(uint8_t first)
{
	return first < 0x40 ? 2 : first < 0xc0 ? 4 : 6;
}

/* The padding instruction at @p: its length, 0 when there is none. */
static size_t s390_nop(const uint8_t *p, size_t len)
{
	if (len >= 2 && ((p[0] == 0x07 && (p[1] == 0x07 || !p[1])) || (!p[0] && !p[1])))
		return 2;	/* nopr; zeros */
	return len >= 4 && p[0] == 0x47 && !p[1] && !p[2] && !p[3] ? 4 : 0;	/* nop */
}

static size_t s390_padding(const uint8_t *p, size_t len)
{
	size_t i = 0, n;

	while (i < len && (n = s390_nop(p + i, len - i)))
		i += n;
	return i;
}

static size_t s390_code_len(const uint8_t *p, size_t len)
{
	size_t end = 0;

	for (size_t i = 0, n; i < len; i += n) {
		n = s390_nop(p + i, len - i);
		if (n)
			continue;
		n = s390_insn_len(p[i]);
		end = n < len - i ? i + n : len;
	}
	return end;
}

/* Does nothing that follows get its turn: br, j, jg, bc 15? */
static bool s390_ends(const uint8_t *p)
{
	return (p[0] == 0x07 && p[1] >= 0xf0) || ((p[0] == 0xa7 || p[0] == 0xc0) && p[1] == 0xf4) ||
	       (p[0] == 0x47 && p[1] >= 0xf0);
}

/* brcl 0, which ftrace will patch, behind code that does not go on. */
static size_t s390_next_function(const uint8_t *p, size_t len)
{
	static const uint8_t space[] = { 0xc0, 0x04, 0, 0, 0, 0 };
	bool ended = false;

	for (size_t i = 0, n; i < len; i += n) {
		n = s390_nop(p + i, len - i);
		if (n)
			continue;
		if (ended && len - i >= sizeof(space) && !memcmp(p + i, space, sizeof(space)))
			return i;
		n = s390_insn_len(p[i]);
		ended = len - i >= 2 && s390_ends(p + i);
	}
	return len;
}

/* ---------------------------------------------------------------- any one */

bool ks_padding_known(const struct ks_code *c)
{
	return c->machine == EM_X86_64 || c->machine == EM_386 || c->machine == EM_AARCH64 ||
	       c->machine == EM_S390;
}

size_t ks_padding_len(const struct ks_code *c, const uint8_t *p, size_t len)
{
	size_t i = 0;

	switch (c->machine) {
	case EM_X86_64:
	case EM_386:
		return x86_padding(p, len, c->machine == EM_386);
	case EM_AARCH64:
		return arm64_padding(p, len);
	case EM_S390:
		return s390_padding(p, len);
	}
	while (i < len && !p[i])
		i++;
	return i;
}

size_t ks_code_len(const struct ks_code *c, const uint8_t *p, size_t len)
{
	switch (c->machine) {
	case EM_X86_64:
	case EM_386:
		return x86_code_len(p, len, c->machine == EM_386);
	case EM_AARCH64:
		return arm64_code_len(p, len);
	case EM_S390:
		return s390_code_len(p, len);
	}
	while (len && !p[len - 1])
		len--;
	return len;
}

size_t ks_landing_pad(const struct ks_code *c, const uint8_t *p, size_t off)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	uint32_t insn;

	if (off < 4)
		return off;
	if (c->machine == EM_X86_64 && !memcmp(p + off - 4, endbr64, 4))
		return off - 4;
	insn = word(p + off - 4);
	if (c->machine == EM_AARCH64 &&
	    ((insn & 0xffffff3f) == 0xd503241f || insn == 0xd503233f || insn == 0xd503237f))
		return off - 4;
	return off;
}

bool ks_calls_first(const struct ks_code *c, const uint8_t *p, size_t len, int64_t target)
{
	size_t at = c->machine == EM_X86_64 && len >= 9 && ks_landing_pad(c, p, 4) == 0 ? 4 : 0;

	return c->machine == EM_X86_64 && target && x86_is_call(p, len, at, target);
}

size_t ks_next_function(const struct ks_code *c, const uint8_t *p, size_t len, int64_t target,
			unsigned int nr_nops, bool *proven)
{
	*proven = c->machine == EM_X86_64;
	if (*proven && target) {
		for (size_t i = 1; i + 5 <= len; i++)
			if (x86_is_call(p, len, i, target) && ks_landing_pad(c, p, i))
				return ks_landing_pad(c, p, i);
	} else if (c->machine == EM_S390 && nr_nops) {
		return s390_next_function(p, len);
	} else if (c->machine == EM_AARCH64 && nr_nops) {
		for (size_t i = 4; i + 4 <= len; i += 4) {
			size_t nops = 0;

			if (!arm64_ends(word(p + i - 4)))
				continue;
			while (len - i >= 8 && word(p + i) == ARM64_NOP) {
				nops++;
				i += 4;
			}
			if (nops >= nr_nops && word(p + i) != ARM64_NOP && !arm64_is_padding(word(p + i)))
				return i - 8;
		}
	}
	return len;
}

bool ks_is_type_hash(const struct ks_code *c, const uint8_t *p, size_t len)
{
	size_t skip = ks_padding_len(c, p, len);

	/* mov $hash,%eax among no-operations; a word in front of the function. */
	if (c->machine == EM_X86_64)
		return len - skip >= 5 && len - skip <= 21 && p[skip] == 0xb8 &&
		       ks_padding_len(c, p + skip + 5, len - skip - 5) == len - skip - 5;
	return c->machine == EM_AARCH64 && len - skip == 4;
}
