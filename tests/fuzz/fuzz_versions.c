// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Versions of an image's symbols.  Debug sections are parts as in fuzz_dwarf.c; part 'n'
 * names symbols, a line each, which lie 8 bytes apart (one after an empty line shares the
 * place of the one before); 'k' is the section of kABI rules, 'e' .export_symbol.
 * Options: one byte, bit 0 big-endian, bit 1 32-bit, bit 2 ET_REL, bit 3 --stable, bit 4
 * what the image exports instead of all symbols, bit 5 two threads as well.
 *
 * Whatever comes out: any number of threads says the same, and a version is the CRC of the
 * text that is said to be the symbol's.
 */
#include "elf-writer.h"
#include "fuzz.h"

#include <errno.h>
#include <string.h>
#include "ksym/versions.h"

#define MAX_SYMBOLS 64
#define MAX_TEXT (1u << 20)

static const struct {
	char tag;
	const char *name;
} sections[] = {
	{ 'i', ".debug_info" }, { 'a', ".debug_abbrev" }, { 's', ".debug_str" },
	{ 't', ".debug_line_str" }, { 'o', ".debug_str_offsets" }, { 'd', ".debug_addr" },
	{ 'l', ".debug_line" }, { 'e', ".export_symbol" },
	{ 'k', ".discard.gendwarfksyms.kabi_rules" },
};

struct names {
	const char *list[MAX_SYMBOLS + 1];
	uint64_t va[MAX_SYMBOLS];
	unsigned int nr;
	char text[4096];
};

static void split_names(struct names *n, const struct fz_part *p)
{
	size_t len = p->len < sizeof(n->text) - 1 ? p->len : sizeof(n->text) - 1;
	uint64_t va = 0;
	char *s = n->text, *end = n->text + len;

	memcpy(n->text, p->p, len);
	*end = 0;
	while (s < end && n->nr < MAX_SYMBOLS) {
		char *line = s;

		s += strcspn(s, "\n");
		if (s < end)
			*s++ = 0;
		if (!*line) {
			if (s == line)
				break;
			va -= va ? 8 : 0;
			continue;
		}
		n->va[n->nr] = va;
		n->list[n->nr++] = line;
		va += 8;
	}
}

static void write_symbols(struct fz_elf *e, const struct names *n, uint8_t *strings, uint8_t *symtab)
{
	size_t strings_len = 1, symtab_len = e->is64 ? 24 : 16;
	unsigned int strtab;

	for (unsigned int i = 0; i < n->nr; i++) {
		size_t len = strlen(n->list[i]) + 1;

		symtab_len += fz_elf_symbol(e, symtab + symtab_len, (uint32_t)strings_len,
					    ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 1, n->va[i], 8);
		memcpy(strings + strings_len, n->list[i], len);
		strings_len += len;
	}
	strtab = fz_elf_section(e, ".strtab", SHT_STRTAB, 0, 0, strings, strings_len);
	fz_elf_section(e, ".symtab", SHT_SYMTAB, 0, 0, symtab, symtab_len);
	e->s[strtab + 1].link = strtab;
	e->s[strtab + 1].info = 1;
	e->s[strtab + 1].entsize = e->is64 ? 24 : 16;
}

struct text {
	uint32_t crc;
	size_t len;
};

/* CRC-32 bit by bit: slow, and surely right. */
static int take(void *arg, const char *s, size_t len)
{
	struct text *t = arg;

	if (len > MAX_TEXT - t->len)
		return -EFBIG;
	t->len += len;
	for (size_t i = 0; i < len; i++) {
		t->crc ^= (uint8_t)s[i];
		for (int bit = 0; bit < 8; bit++)
			t->crc = t->crc >> 1 ^ (t->crc & 1 ? 0xedb88320u : 0);
	}
	return 0;
}

static struct text symtypes(const struct ksym_versions *v)
{
	struct text t = { .crc = UINT32_MAX };
	struct ksym_error err;
	int ret = ksym_versions_write_symtypes(v, true, take, &t, &err);

	if (ret && ret != -EFBIG)
		fz_check_error(ret, &err);
	return t;
}

static void check(const struct ksym_versions *v, const struct ksym_versions *two)
{
	struct text a = symtypes(v), b = symtypes(two);
	struct ksym_version x, y;
	struct ksym_error err;

	fz_require(a.crc == b.crc && a.len == b.len);
	fz_require(ksym_versions_nr(v) == ksym_versions_nr(two));
	for (uint32_t i = 0; i < ksym_versions_nr(v); i++) {
		struct text t = { .crc = UINT32_MAX };
		int ret;

		fz_require(ksym_versions_get(v, i, &x) && ksym_versions_get(two, i, &y));
		fz_require(!strcmp(x.name, y.name) && x.crc == y.crc && x.status == y.status);
		if (x.status != KSYM_VERSION_KNOWN) {
			fz_require(!x.crc);
			continue;
		}
		ret = ksym_versions_write_expanded(v, i, take, &t, &err);
		if (!ret)
			fz_require(~t.crc == x.crc);
		else
			fz_require(ret == -EFBIG);
	}
	fz_require(!ksym_versions_get(v, ksym_versions_nr(v), &x));
}

static void read_versions(const char *path, const struct names *n, unsigned int flags)
{
	struct ksym_versions_opts o = {
		.size = sizeof(o), .no_debug_search = true, .stable = flags & 8, .nr_threads = 1,
		.symbols = flags & 16 ? NULL : (const char *const *)n->list,
	};
	struct ksym_versions *v, *two;
	struct ksym_error err, err2;
	int ret = ksym_versions_read(path, &o, &v, &err), ret2;

	o.nr_threads = flags & 32 ? 2 : 1;
	ret2 = ksym_versions_read(path, &o, &two, &err2);
	if (ret != ret2 || (ret && strcmp(err.text, err2.text)))
		fprintf(stderr, "1 thread: %s\n2 threads: %s\n", ret ? err.text : "",
			ret2 ? err2.text : "");
	fz_require(ret == ret2);
	if (ret) {
		fz_require(!strcmp(err.text, err2.text));
		fz_check_error(ret, &err);
		return;
	}
	check(v, two);
	ksym_versions_close(two);
	ksym_versions_close(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t strings[4200], symtab[(MAX_SYMBOLS + 1) * 24];
	struct fz_parts parts = fz_split(data, len);
	unsigned int flags = fz_option(&parts, 0);
	struct names n = { 0 };
	struct fz_elf e;

	split_names(&n, fz_part(&parts, 'n'));
	fz_elf_begin(&e, !(flags & 2), flags & 1, flags & 4 ? ET_REL : ET_EXEC, EM_X86_64);
	fz_elf_section(&e, ".data", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0, NULL, 0x1000);
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		const struct fz_part *p = fz_part(&parts, sections[i].tag);

		if (p->given)
			fz_elf_section(&e, sections[i].name, SHT_PROGBITS, 0, 0, p->p, p->len);
	}
	write_symbols(&e, &n, strings, symtab);
	fz_elf_end(&e);
	fz_elf_unpoison(&e);
	read_versions(fz_path(0, e.file, e.file_len), &n, flags);
	fz_elf_free(&e);
	return 0;
}
