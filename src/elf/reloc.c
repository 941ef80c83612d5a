// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Debug sections, and tables of addresses in code, take few kinds of relocation:
 * plain words, distances from their own place, and on machines whose linker relaxes code (RISC-V, LoongArch)
 * differences made of an addition and a subtraction at the same place.
 */
#include "elf/reloc.h"

#include <stdlib.h>
#include <string.h>
#include "base/range.h"

enum op { OP_UNKNOWN, OP_NONE, OP_SET, OP_PLACE, OP_ADD, OP_SUB, OP_SUB6, OP_SET6, OP_ULEB };

struct kind {
	uint16_t machine;
	uint16_t type;
	uint8_t op;
	uint8_t len;
};

#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif

/* Numbers are those of each machine's ELF supplement. */
static const struct kind kinds[] = {
	{ EM_X86_64, R_X86_64_64, OP_SET, 8 },
	{ EM_X86_64, R_X86_64_32, OP_SET, 4 },
	{ EM_X86_64, R_X86_64_32S, OP_SET, 4 },
	{ EM_X86_64, R_X86_64_DTPOFF32, OP_NONE, 0 },
	{ EM_X86_64, R_X86_64_DTPOFF64, OP_NONE, 0 },
	{ EM_386, R_386_32, OP_SET, 4 },
	{ EM_386, R_386_TLS_LDO_32, OP_NONE, 0 },
	{ EM_AARCH64, R_AARCH64_ABS64, OP_SET, 8 },
	{ EM_AARCH64, R_AARCH64_ABS32, OP_SET, 4 },
	{ EM_AARCH64, R_AARCH64_PREL32, OP_PLACE, 4 },
	{ EM_ARM, R_ARM_ABS32, OP_SET, 4 },
	{ EM_S390, R_390_64, OP_SET, 8 },
	{ EM_S390, R_390_32, OP_SET, 4 },
	{ EM_S390, R_390_TLS_LDO64, OP_NONE, 0 },
	{ EM_PPC64, R_PPC64_ADDR64, OP_SET, 8 },
	{ EM_PPC64, R_PPC64_ADDR32, OP_SET, 4 },
	{ EM_PPC64, R_PPC64_DTPREL64, OP_NONE, 0 },
	{ EM_PPC, R_PPC_ADDR32, OP_SET, 4 },
	{ EM_PPC, R_PPC_DTPREL32, OP_NONE, 0 },
	{ EM_PPC, R_PPC_UADDR32, OP_SET, 4 },
	{ EM_PPC64, R_PPC64_UADDR64, OP_SET, 8 },
	{ EM_PPC64, R_PPC64_UADDR32, OP_SET, 4 },
	{ EM_MIPS, R_MIPS_32, OP_SET, 4 },
	{ EM_MIPS, R_MIPS_64, OP_SET, 8 },
	{ EM_SPARCV9, R_SPARC_32, OP_SET, 4 },
	{ EM_SPARCV9, R_SPARC_64, OP_SET, 8 },
	{ EM_SPARCV9, R_SPARC_UA32, OP_SET, 4 },
	{ EM_SPARCV9, R_SPARC_UA64, OP_SET, 8 },
	{ EM_PARISC, R_PARISC_DIR32, OP_SET, 4 },
	{ EM_PARISC, R_PARISC_DIR64, OP_SET, 8 },
	{ EM_68K, R_68K_32, OP_SET, 4 },
	{ EM_RISCV, R_RISCV_32, OP_SET, 4 },
	{ EM_RISCV, R_RISCV_64, OP_SET, 8 },
	{ EM_RISCV, R_RISCV_ADD8, OP_ADD, 1 },
	{ EM_RISCV, R_RISCV_ADD16, OP_ADD, 2 },
	{ EM_RISCV, R_RISCV_ADD32, OP_ADD, 4 },
	{ EM_RISCV, R_RISCV_ADD64, OP_ADD, 8 },
	{ EM_RISCV, R_RISCV_SUB8, OP_SUB, 1 },
	{ EM_RISCV, R_RISCV_SUB16, OP_SUB, 2 },
	{ EM_RISCV, R_RISCV_SUB32, OP_SUB, 4 },
	{ EM_RISCV, R_RISCV_SUB64, OP_SUB, 8 },
	{ EM_RISCV, R_RISCV_SUB6, OP_SUB6, 1 },
	{ EM_RISCV, R_RISCV_SET6, OP_SET6, 1 },
	{ EM_RISCV, R_RISCV_SET8, OP_SET, 1 },
	{ EM_RISCV, R_RISCV_SET16, OP_SET, 2 },
	{ EM_RISCV, R_RISCV_SET32, OP_SET, 4 },
	{ EM_RISCV, 60 /* SET_ULEB128 */, OP_ULEB, 0 },
	{ EM_RISCV, 61 /* SUB_ULEB128 */, OP_ULEB, 0 },
	{ EM_LOONGARCH, 1, OP_SET, 4 },
	{ EM_LOONGARCH, 2, OP_SET, 8 },
	{ EM_LOONGARCH, 47, OP_ADD, 1 },
	{ EM_LOONGARCH, 48, OP_ADD, 2 },
	{ EM_LOONGARCH, 50, OP_ADD, 4 },
	{ EM_LOONGARCH, 51, OP_ADD, 8 },
	{ EM_LOONGARCH, 52, OP_SUB, 1 },
	{ EM_LOONGARCH, 53, OP_SUB, 2 },
	{ EM_LOONGARCH, 55, OP_SUB, 4 },
	{ EM_LOONGARCH, 56, OP_SUB, 8 },
	{ EM_LOONGARCH, 105, OP_ADD, 0 },
	{ EM_LOONGARCH, 106, OP_SUB6, 1 },
	{ EM_LOONGARCH, 107, OP_ULEB, 0 },
	{ EM_LOONGARCH, 108, OP_ULEB, 0 },
};

static const struct kind *find_kind(uint16_t machine, uint32_t type)
{
	static const struct kind none = { .op = OP_NONE };

	if (!type)
		return &none;	/* type 0 is NONE on every machine */
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].machine == machine && kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

struct pass {
	struct ks_elf *e;
	uint32_t section;	/* whose contents change */
	uint32_t rel_section;
	uint8_t *data;
	size_t len;
	Elf_Data *syms, *xndx;
	uint64_t *sym_va;	/* per symbol */
	size_t nr_syms;
};

static int read_symbol_vas(struct pass *p, uint32_t symtab, struct ksym_error *err)
{
	struct ks_elf *e = p->e;
	size_t entsize = e->class == ELFCLASS64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	Elf_Data *d;

	if (symtab != e->symtab || !symtab)
		return ks_elf_bad(e, p->rel_section, err, "linked section %u is not .symtab",
				  symtab);
	d = e->symtab_data;
	p->nr_syms = d->d_size / entsize;
	p->sym_va = malloc((p->nr_syms ? p->nr_syms : 1) * sizeof(*p->sym_va));
	if (!p->sym_va)
		return ks_error_nomem(err);
	for (uint32_t i = 0; i < p->nr_syms; i++) {
		struct ks_elf_symbol sym;
		int ret = ks_elf_symbol(e, i, &sym, err);

		if (ret)
			return ret;
		p->sym_va[i] = sym.va;
	}
	return 0;
}

static uint64_t get(const struct pass *p, const uint8_t *at, unsigned int len)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < len; i++)
		v = v << 8 | at[p->e->data == ELFDATA2MSB ? i : len - 1 - i];
	return v;
}

static void put(const struct pass *p, uint8_t *at, unsigned int len, uint64_t v)
{
	for (unsigned int i = 0; i < len; i++, v >>= 8)
		at[p->e->data == ELFDATA2MSB ? len - 1 - i : i] = (uint8_t)v;
}

/* A ULEB128 keeps its length: the assembler reserved enough. */
static void put_uleb(const struct pass *p, uint64_t off, uint64_t v, bool subtract)
{
	uint64_t old = 0, end = off;

	for (unsigned int shift = 0; end < p->len && shift < 64; shift += 7) {
		old |= (uint64_t)(p->data[end] & 0x7f) << shift;
		if (!(p->data[end++] & 0x80))
			break;
	}
	v = subtract ? old - v : v;
	for (; off < end; off++, v >>= 7)
		p->data[off] = (uint8_t)((v & 0x7f) | (off + 1 < end ? 0x80 : 0));
}

static int apply(struct pass *p, const struct kind *k, const GElf_Rela *r, bool is_rela,
		 struct ksym_error *err)
{
	size_t n = GELF_R_SYM(r->r_info);
	uint64_t v;
	uint8_t *at;

	if (k->op == OP_NONE)
		return 0;
	if (n >= p->nr_syms)
		return ks_elf_bad(p->e, p->rel_section, err, "symbol %zu: expected below %zu", n,
				  p->nr_syms);
	if (!ks_in_range(r->r_offset, k->len ? k->len : 1, p->len))
		return ks_elf_bad(p->e, p->rel_section, err, "offset 0x%llx: expected below 0x%zx",
				  (unsigned long long)r->r_offset, p->len);
	at = p->data + r->r_offset;
	v = p->sym_va[n] + (uint64_t)(is_rela ? r->r_addend : 0);
	switch (k->op) {
	case OP_SET:
		put(p, at, k->len, is_rela ? v : v + get(p, at, k->len));
		break;
	case OP_PLACE:
		v -= p->e->sections[p->section].va + r->r_offset;
		put(p, at, k->len, is_rela ? v : v + get(p, at, k->len));
		break;
	case OP_ADD:
		put(p, at, k->len, get(p, at, k->len) + v);
		break;
	case OP_SUB:
		put(p, at, k->len, get(p, at, k->len) - v);
		break;
	case OP_SET6:
		*at = (uint8_t)((*at & 0xc0) | (v & 0x3f));
		break;
	case OP_SUB6:
		*at = (uint8_t)((*at & 0xc0) | ((*at - v) & 0x3f));
		break;
	case OP_ULEB:
		/* The set one comes first, with an even distance to its partner. */
		put_uleb(p, r->r_offset, v, k->type == 61 || k->type == 108);
		break;
	}
	return 0;
}

static int apply_section(struct pass *p, struct ksym_error *err)
{
	struct ks_elf *e = p->e;
	bool is_rela = e->sections[p->rel_section].type == SHT_RELA;
	Elf_Data *d = elf_getdata(elf_getscn(e->elf, p->rel_section), NULL);
	const struct kind *k = NULL;
	uint32_t last_type = 0;
	size_t nr, entsize;

	if (!d)
		return ks_elf_bad(e, p->rel_section, err, "cannot be read: %s", elf_errmsg(-1));
	entsize = gelf_fsize(e->elf, is_rela ? ELF_T_RELA : ELF_T_REL, 1, EV_CURRENT);
	nr = d->d_size / entsize;
	for (size_t i = 0; i < nr; i++) {
		GElf_Rela r = { 0 };
		GElf_Rel rel;
		uint32_t type;
		int ret;

		if (is_rela ? !gelf_getrela(d, (int)i, &r) : !gelf_getrel(d, (int)i, &rel))
			return ks_elf_bad(e, p->rel_section, err, "entry %zu cannot be read: %s", i,
					  elf_errmsg(-1));
		if (!is_rela) {
			r.r_offset = rel.r_offset;
			r.r_info = rel.r_info;
		}
		/* SPARC keeps data for one relocation kind above the type. */
		type = GELF_R_TYPE(r.r_info) & (e->machine == EM_SPARCV9 ? 0xff : UINT32_MAX);
		if (!k || type != last_type) {
			k = find_kind(e->machine, type);
			last_type = type;
		}
		if (!k)
			return ks_error(err, -ENOTSUP,
					"%s: section %u (%s): entry %zu: relocation type %u of machine %u is not known here",
					e->path, p->rel_section, e->sections[p->rel_section].name, i,
					type, e->machine);
		ret = apply(p, k, &r, is_rela, err);
		if (ret)
			return ret;
	}
	return 0;
}

int ks_elf_relocate(struct ks_elf *e, uint32_t n, struct ksym_error *err)
{
	struct ks_elf_section *s = &e->sections[n];
	struct pass p = { .e = e, .section = n, .len = s->len };
	int ret = 0;

	for (uint32_t i = 1; i < e->nr_sections && !ret; i++) {
		const struct ks_elf_section *rs = &e->sections[i];

		if ((rs->type != SHT_RELA && rs->type != SHT_REL) || rs->info != n || !rs->len)
			continue;
		p.rel_section = i;
		if (!p.data) {
			p.data = ks_arena_alloc(&e->arena, s->len);
			if (!p.data)
				return ks_error_nomem(err);
			memcpy(p.data, s->data, s->len);
		}
		if (!p.sym_va)
			ret = read_symbol_vas(&p, rs->link, err);
		if (!ret)
			ret = apply_section(&p, err);
	}
	free(p.sym_va);
	if (!ret && p.data)
		s->data = p.data;
	return ret;
}
