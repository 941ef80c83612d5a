// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * BTF of an image.  Debug sections are parts as in fuzz_dwarf.c; part 'n' names symbols, a
 * line each: "f" or "o" for what it is, and the name.  Functions are in .text, 16 bytes apart,
 * the rest 8 bytes apart in .data; one after an empty line shares the place of the one
 * before.  'k' is .BTF_ids, in which symbols are that begin with __BTF_ID.
 * Options: one byte, bit 0 big-endian, bit 1 32-bit, bit 2 ET_REL, bits 3 to 4 the machine;
 * a second one: flags of the encoder.
 *
 * Whatever comes out: any number of threads makes the same bytes, which can be read; variables
 * do not overlap; and when they are split off, no type that has a name is with them.
 */
#include "elf-writer.h"
#include "fuzz.h"

#include <errno.h>
#include <linux/btf.h>
#include <string.h>
#include "ksym/btf.h"

#define MAX_SYMBOLS 64
#define IDS "__BTF_ID"

static const struct {
	char tag;
	const char *name;
} sections[] = {
	{ 'i', ".debug_info" }, { 'a', ".debug_abbrev" }, { 's', ".debug_str" },
	{ 't', ".debug_line_str" }, { 'o', ".debug_str_offsets" }, { 'd', ".debug_addr" },
	{ 'c', ".debug_loclists" }, { 'x', ".debug_loc" },
};

enum { TEXT = 1, DATA, IDS_SECTION };

struct symbol {
	const char *name;
	uint64_t va;
	unsigned int section;
	bool function;
};

struct names {
	struct symbol list[MAX_SYMBOLS];
	unsigned int nr;
	char text[4096];
};

static void split_names(struct names *n, const struct fz_part *p)
{
	size_t len = p->len < sizeof(n->text) - 1 ? p->len : sizeof(n->text) - 1;
	uint64_t next[4] = { 0 };
	bool again = false;
	char *s = n->text, *end = n->text + len;

	memcpy(n->text, p->p, len);
	*end = 0;
	while (s < end && n->nr < MAX_SYMBOLS) {
		struct symbol *sym = &n->list[n->nr];
		char *line = s;

		s += strcspn(s, "\n");
		if (s < end)
			*s++ = 0;
		if (!line[0] || !line[1]) {
			again = true;
			continue;
		}
		sym->name = line + 1;
		sym->function = line[0] == 'f';
		sym->section = sym->function ? TEXT : !strncmp(line + 1, IDS, strlen(IDS)) ? IDS_SECTION : DATA;
		if (!again)
			next[sym->section] += sym->function ? 16 : 8;
		again = false;
		sym->va = next[sym->section] - (sym->function ? 16 : 8);
		n->nr++;
	}
}

static void write_symbols(struct fz_elf *e, const struct names *n, const uint64_t starts[4],
			  uint8_t *strings, uint8_t *symtab)
{
	size_t strings_len = 1, symtab_len = e->is64 ? 24 : 16;
	unsigned int strtab;

	for (unsigned int i = 0; i < n->nr; i++) {
		const struct symbol *s = &n->list[i];
		size_t len = strlen(s->name) + 1;

		symtab_len += fz_elf_symbol(e, symtab + symtab_len, (uint32_t)strings_len,
					    ELF64_ST_INFO(STB_GLOBAL, s->function ? STT_FUNC : STT_OBJECT),
					    s->section, starts[s->section] + s->va, s->function ? 16 : 8);
		memcpy(strings + strings_len, s->name, len);
		strings_len += len;
	}
	strtab = fz_elf_section(e, ".strtab", SHT_STRTAB, 0, 0, strings, strings_len);
	fz_elf_section(e, ".symtab", SHT_SYMTAB, 0, 0, symtab, symtab_len);
	e->s[strtab + 1].link = strtab;
	e->s[strtab + 1].info = 1;
	e->s[strtab + 1].entsize = e->is64 ? 24 : 16;
}

/* Sections in order, no variable begins before the one before it ends. */
static void check_vars(const struct ksym_btf *btf, uint32_t nr)
{
	struct ksym_btf_var last = { .section = "" }, var;

	for (uint32_t i = 0; i < nr; i++, last = var) {
		ksym_btf_var(btf, i, &var);
		fz_require(var.len && *var.name && *var.section);
		if (i && !strcmp(last.section, var.section))
			fz_require(last.off <= var.off && last.len <= var.off - last.off);
	}
}

static bool same_bytes(const struct ksym_btf *a, const struct ksym_btf *b)
{
	size_t a_len, b_len;
	const void *p = ksym_btf_data(a, &a_len), *q = ksym_btf_data(b, &b_len);

	return a_len == b_len && !memcmp(p, q, a_len);
}

static void check_again(const struct ksym_btf *btf)
{
	struct ksym_btf *again;
	struct ksym_error err;
	size_t len;
	const void *data = ksym_btf_data(btf, &len);

	if (ksym_btf_read(&again, fz_path(1, data, len), NULL, &err))
		fz_unexpected("ksym_btf_read", &err);
	fz_require(same_bytes(btf, again));
	ksym_btf_close(again);
}

/* What has a name is in the base; types without that only variables need are not. */
static void check_split(const char *path, struct ksym_btf_opts *o)
{
	static const uint8_t whole[] = { BTF_KIND_FWD, BTF_KIND_TYPEDEF, BTF_KIND_FUNC };
	struct ksym_btf_info info = { .size = sizeof(info) };
	struct ksym_btf *base, *split;
	struct ksym_error err;

	o->vars = KSYM_BTF_VARS_NONE;
	if (ksym_btf_encode(&base, path, o, &err))
		return;
	o->vars = KSYM_BTF_VARS_ALL;
	o->base = base;
	if (ksym_btf_encode(&split, path, o, &err)) {
		ksym_btf_close(base);
		return;
	}
	ksym_btf_info(split, &info);
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
		fz_require(!info.nr_kinds[whole[i]]);
	/* Arrays have an index of type int, which nobody may have named before. */
	fz_require(info.nr_kinds[BTF_KIND_INT] <= 1);
	check_vars(split, info.nr_vars);
	ksym_btf_close(split);
	ksym_btf_close(base);
}

static void encode(const char *path, unsigned int flags)
{
	struct ksym_btf_opts o = { .size = sizeof(o), .vars = KSYM_BTF_VARS_ALL, .nr_threads = 1,
				   .flags = flags & ~(unsigned int)KSYM_BTF_ONLY_VARS };
	struct ksym_btf_info info = { .size = sizeof(info) };
	struct ksym_btf *one, *two;
	struct ksym_error err, err2;
	int ret = ksym_btf_encode(&one, path, &o, &err), ret2;

	o.nr_threads = 2;
	ret2 = ksym_btf_encode(&two, path, &o, &err2);
	fz_require(ret == ret2);
	if (ret) {
		fz_require(!strcmp(err.text, err2.text));
		fz_check_error(ret, &err);
		return;
	}
	fz_require(same_bytes(one, two));
	ksym_btf_info(one, &info);
	check_vars(one, info.nr_vars);
	check_again(one);
	ksym_btf_close(two);
	ksym_btf_close(one);
	o.nr_threads = 1;
	check_split(path, &o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint16_t machines[4] = { EM_X86_64, EM_S390, EM_AARCH64, EM_PPC };
	static uint8_t strings[4200], symtab[(MAX_SYMBOLS + 1) * 24];
	struct fz_parts parts = fz_split(data, len);
	const struct fz_part *ids = fz_part(&parts, 'k');
	unsigned int flags = fz_option(&parts, 0);
	bool linked = !(flags & 4);
	const uint64_t starts[4] = { 0, linked ? 0x1000 : 0, linked ? 0x2000 : 0, linked ? 0x3000 : 0 };
	struct names n = { 0 };
	struct fz_elf e;

	split_names(&n, fz_part(&parts, 'n'));
	fz_elf_begin(&e, !(flags & 2), flags & 1, linked ? ET_EXEC : ET_REL, machines[flags >> 3 & 3]);
	fz_elf_section(&e, ".text", SHT_NOBITS, SHF_ALLOC | SHF_EXECINSTR, starts[TEXT], NULL, 0x1000);
	fz_elf_section(&e, ".data", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, starts[DATA], NULL, 0x1000);
	fz_elf_section(&e, ".BTF_ids", SHT_PROGBITS, SHF_ALLOC, starts[IDS_SECTION], ids->p, ids->len);
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		const struct fz_part *p = fz_part(&parts, sections[i].tag);

		if (p->given)
			fz_elf_section(&e, sections[i].name, SHT_PROGBITS, 0, 0, p->p, p->len);
	}
	write_symbols(&e, &n, starts, strings, symtab);
	fz_elf_end(&e);
	fz_elf_unpoison(&e);
	encode(fz_path(0, e.file, e.file_len), fz_option(&parts, 1));
	fz_elf_free(&e);
	return 0;
}
