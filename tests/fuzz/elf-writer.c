// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elf-writer.h"

#include <string.h>
#include "fuzz.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(HAVE_ASAN)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, len) ((void)(p), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(p, len) ((void)(p), (void)(len))
#endif

#define GAP 32

void fz_elf_store(const struct fz_elf *e, uint8_t *p, uint64_t v, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++, v >>= 8)
		p[e->big ? len - 1 - i : i] = (uint8_t)v;
}

void fz_elf_begin(struct fz_elf *e, bool is64, bool big, uint16_t type, uint16_t machine)
{
	*e = (struct fz_elf){ .is64 = is64, .big = big, .type = type, .machine = machine, .nr = 1 };
	e->s[0].name = "";
}

unsigned int fz_elf_section(struct fz_elf *e, const char *name, uint32_t type, uint64_t flags,
			    uint64_t va, const uint8_t *data, uint64_t len)
{
	fz_require(e->nr < FZ_MAX_SECTIONS - 1);
	e->s[e->nr] = (struct fz_elf_section){ .name = name, .type = type, .flags = flags, .va = va,
					       .data = data, .len = len };
	return e->nr++;
}

size_t fz_elf_symbol(const struct fz_elf *e, uint8_t *p, uint32_t name, uint8_t info,
		     uint16_t shndx, uint64_t va, uint64_t len)
{
	fz_elf_store(e, p, name, 4);
	if (e->is64) {
		p[4] = info;
		p[5] = 0;
		fz_elf_store(e, p + 6, shndx, 2);
		fz_elf_store(e, p + 8, va, 8);
		fz_elf_store(e, p + 16, len, 8);
		return 24;
	}
	fz_elf_store(e, p + 4, va, 4);
	fz_elf_store(e, p + 8, len, 4);
	p[12] = info;
	p[13] = 0;
	fz_elf_store(e, p + 14, shndx, 2);
	return 16;
}

struct field {
	uint64_t v;
	unsigned int len;
};

static uint8_t *put_fields(const struct fz_elf *e, uint8_t *p, const struct field *f, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		fz_elf_store(e, p, f[i].v, f[i].len);
		p += f[i].len;
	}
	return p;
}

static void put_header(const struct fz_elf *e, size_t shoff)
{
	const unsigned int w = e->is64 ? 8 : 4;
	const struct field f[] = {
		{ e->type, 2 }, { e->machine, 2 }, { EV_CURRENT, 4 }, { 0, w }, { 0, w },
		{ shoff, w }, { 0, 4 }, { e->is64 ? 64 : 52, 2 }, { 0, 2 }, { 0, 2 },
		{ e->is64 ? 64 : 40, 2 }, { e->nr, 2 }, { e->nr - 1, 2 },
	};

	memcpy(e->file, ELFMAG, SELFMAG);
	e->file[EI_CLASS] = e->is64 ? ELFCLASS64 : ELFCLASS32;
	e->file[EI_DATA] = e->big ? ELFDATA2MSB : ELFDATA2LSB;
	e->file[EI_VERSION] = EV_CURRENT;
	put_fields(e, e->file + EI_NIDENT, f, sizeof(f) / sizeof(*f));
}

static void put_section_headers(const struct fz_elf *e, uint8_t *p, const uint32_t *names)
{
	const unsigned int w = e->is64 ? 8 : 4;

	for (unsigned int i = 0; i < e->nr; i++) {
		const struct fz_elf_section *s = &e->s[i];
		const struct field f[] = {
			{ names[i], 4 }, { s->type, 4 }, { s->flags, w }, { s->va, w },
			{ s->off, w }, { s->len, w }, { s->link, 4 }, { s->info, 4 },
			{ i ? 1 : 0, w }, { s->entsize, w },
		};

		p = put_fields(e, p, f, sizeof(f) / sizeof(*f));
	}
}

void fz_elf_end(struct fz_elf *e)
{
	char strings[1024] = "";
	uint32_t names[FZ_MAX_SECTIONS] = { 0 };
	size_t strings_len = 1, off = 64 + GAP, shoff;

	fz_elf_section(e, ".shstrtab", SHT_STRTAB, 0, 0, (const uint8_t *)strings, 0);
	for (unsigned int i = 1; i < e->nr; i++) {
		size_t n = strlen(e->s[i].name) + 1;

		fz_require(strings_len + n <= sizeof(strings));
		names[i] = (uint32_t)strings_len;
		memcpy(strings + strings_len, e->s[i].name, n);
		strings_len += n;
	}
	e->s[e->nr - 1].len = strings_len;
	for (unsigned int i = 1; i < e->nr; i++) {
		e->s[i].off = off;
		if (e->s[i].data)
			off = (off + e->s[i].len + GAP + 15) & ~(size_t)15;
	}
	shoff = off;
	e->file_len = shoff + e->nr * (e->is64 ? 64u : 40u);
	e->file = calloc(1, e->file_len);
	fz_require(e->file);
	put_header(e, shoff);
	put_section_headers(e, e->file + shoff, names);
	for (unsigned int i = 1; i < e->nr; i++) {
		const struct fz_elf_section *s = &e->s[i];
		size_t end = i + 1 < e->nr ? e->s[i + 1].off : shoff;

		if (!s->data)
			continue;
		memcpy(e->file + s->off, s->data, s->len);
		ASAN_POISON_MEMORY_REGION(e->file + s->off + s->len, end - s->off - s->len);
	}
}

void fz_elf_unpoison(struct fz_elf *e)
{
	ASAN_UNPOISON_MEMORY_REGION(e->file, e->file_len);
}

void fz_elf_free(struct fz_elf *e)
{
	fz_elf_unpoison(e);
	free(e->file);
	e->file = NULL;
}
