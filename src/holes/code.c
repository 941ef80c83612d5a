// SPDX-License-Identifier: LGPL-2.1-or-later
#include "holes/code.h"

#include <elf.h>
#include <string.h>

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
			int32_t rel;

			/* Where it would lead: no kernel is larger than 128 MB. */
			memcpy(&rel, p + end - back + 1, sizeof(rel));
			if (rel > -(1 << 27) && rel < 1 << 27)
				return end - back + 5;
		}
	}
	return end;
}

/* ------------------------------------------------------------------ arm64 */

static uint32_t word(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Instructions are little-endian whatever data is. */
static bool arm64_is_padding(uint32_t insn)
{
	switch (insn) {
	case 0xd503201f:	/* nop */
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

/* ---------------------------------------------------------------- any one */

bool ks_padding_known(const struct ks_code *c)
{
	return c->machine == EM_X86_64 || c->machine == EM_386 || c->machine == EM_AARCH64;
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

bool ks_is_type_hash(const struct ks_code *c, const uint8_t *p, size_t len)
{
	size_t skip = ks_padding_len(c, p, len);

	/* mov $hash,%eax among no-operations; a word in front of the function. */
	if (c->machine == EM_X86_64)
		return len - skip >= 5 && len - skip <= 21 && p[skip] == 0xb8 &&
		       ks_padding_len(c, p + skip + 5, len - skip - 5) == len - skip - 5;
	return c->machine == EM_AARCH64 && len - skip == 4;
}
