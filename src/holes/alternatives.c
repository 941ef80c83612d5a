// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Where replacement code is that lies among functions.
 *
 * A kernel copies alternatives over other code when it has seen what processor it runs on.  On
 * x86 they have a section of their own; on arm64 they stand behind the functions of their object
 * (.subsection 1), where no symbol covers them.  .altinstructions says where:
 *
 *   0 s32  the code to be replaced, from here     8 u16  condition
 *   4 s32  the replacement, from here            10 u8   bytes of the former
 *                                                11 u8   of the latter; 0: a function makes it
 */
#include "holes/holes.h"

#include "elf/reloc.h"

#define ENTRY_LEN 12

static uint32_t get32(const struct ks_elf *e, const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return e->swap ? __builtin_bswap32(v) : v;
}

int ks_alternatives_read(struct ks_holes *h, struct ksym_error *err)
{
	struct ks_elf *e = h->image;
	uint32_t n = e->machine == EM_AARCH64 ? ks_elf_find_section(e, ".altinstructions") : 0;
	const uint8_t *p;
	size_t len;
	int ret;

	if (!n)
		return 0;
	ret = ks_elf_section_data(e, n, &p, &len, err);
	if (!ret && e->type == ET_REL && len)
		ret = ks_elf_relocate(e, n, err);
	if (ret)
		return ret;
	p = e->sections[n].data;
	for (size_t off = 0; len - off >= ENTRY_LEN; off += ENTRY_LEN) {
		uint64_t place = e->sections[n].va + off + 4;
		struct ks_span *s = p[off + 11] ? ks_vec_push(&h->others) : NULL;

		if (s)
			s->va = place + (uint64_t)(int32_t)get32(e, p + off + 4);
		else if (p[off + 11])
			return ks_error_nomem(err);
		if (s)
			s->end_va = s->va + p[off + 11];
	}
	return 0;
}
