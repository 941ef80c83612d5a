/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes ELF files with DWARF sections byte by byte, of any class, byte order and
 * DWARF format, right or wrong.  For tests: running out of memory aborts. */
#ifndef KS_TESTS_DWARF_WRITER_H
#define KS_TESTS_DWARF_WRITER_H

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "dwarf/sections.h"

struct buf {
	uint8_t *p;
	size_t len, cap;
	bool big;
};

/* Where the image's code and data are. */
#define TEXT_VA 0x1000
#define TEXT_LEN 0x8000
#define DATA_VA 0x100000
#define DATA_LEN 0x1000

struct image {
	bool big;		/* byte order */
	uint8_t addr_len;	/* 4 or 8, and so the class */
	uint8_t offset_len;	/* 4 or 8: format of the units that follow */
	uint16_t version;	/* of the units that follow */
	uint8_t unit_type;	/* of these, for version 5; 0: DW_UT_compile */
	uint16_t elf_type;	/* 0: ET_EXEC */
	struct buf s[KS_DWARF_NR];
	size_t unit;		/* where the open unit starts */
	uint8_t *file;		/* what image_finish() made */
	size_t file_len;
};

static inline void put(struct buf *b, uint64_t v, unsigned int len)
{
	if (b->len + len > b->cap) {
		b->cap = 2 * b->cap + 256;
		b->p = realloc(b->p, b->cap);
		if (!b->p)
			abort();
	}
	for (unsigned int i = 0; i < len; i++)
		b->p[b->len + i] = (uint8_t)(v >> 8 * (b->big ? len - 1 - i : i));
	b->len += len;
}

static inline void patch(struct buf *b, size_t off, uint64_t v, unsigned int len)
{
	size_t end = b->len;

	b->len = off;
	put(b, v, len);
	b->len = end;
}

static inline void put_uleb(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		put(b, v | 0x80, 1);
	put(b, v, 1);
}

static inline void put_sleb(struct buf *b, int64_t v)
{
	for (; v < -64 || v > 63; v >>= 7)
		put(b, (uint64_t)v | 0x80, 1);
	put(b, (uint64_t)v & 0x7f, 1);
}

static inline void put_bytes(struct buf *b, const void *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		put(b, ((const uint8_t *)p)[i], 1);
}

static inline void put_string(struct buf *b, const char *s)
{
	put_bytes(b, s, strlen(s) + 1);
}

static inline struct image image_begin(bool big, uint8_t addr_len, uint8_t offset_len,
				       uint16_t version)
{
	struct image m = { .big = big, .addr_len = addr_len, .offset_len = offset_len,
			   .version = version };

	for (unsigned int i = 0; i < KS_DWARF_NR; i++)
		m.s[i].big = big;
	return m;
}

/* An address, or an offset between sections. */
static inline void put_va(struct image *m, enum ks_dwarf_id id, uint64_t va)
{
	put(&m->s[id], va, m->addr_len);
}

static inline void put_off(struct image *m, enum ks_dwarf_id id, uint64_t off)
{
	put(&m->s[id], off, m->offset_len);
}

/* A length, to be patched by close_length(); returns where it counts from. */
static inline size_t open_length(struct image *m, enum ks_dwarf_id id)
{
	if (m->offset_len == 8)
		put(&m->s[id], 0xffffffff, 4);
	put_off(m, id, 0);
	return m->s[id].len;
}

static inline void close_length(struct image *m, enum ks_dwarf_id id, size_t from)
{
	patch(&m->s[id], from - m->offset_len, m->s[id].len - from, m->offset_len);
}

/* Declaration @code: pairs of attribute and form follow, then 0.  Behind
 * DW_FORM_implicit_const its value as an int. */
static inline void declare(struct image *m, uint64_t code, unsigned int tag, int children, ...)
{
	struct buf *b = &m->s[KS_DWARF_ABBREV];
	unsigned int attr, form;
	va_list ap;

	put_uleb(b, code);
	put_uleb(b, tag);
	put(b, (unsigned int)children, 1);
	va_start(ap, children);
	while ((attr = va_arg(ap, unsigned int))) {
		put_uleb(b, attr);
		form = va_arg(ap, unsigned int);
		put_uleb(b, form);
		if (form == DW_FORM_implicit_const)
			put_sleb(b, va_arg(ap, int));
	}
	va_end(ap);
	put(b, 0, 2);
}

/* Header of a unit whose declarations are at @abbrev_off. */
static inline void unit_begin(struct image *m, uint64_t abbrev_off)
{
	struct buf *b = &m->s[KS_DWARF_INFO];

	m->unit = open_length(m, KS_DWARF_INFO);
	put(b, m->version, 2);
	if (m->version >= 5) {
		put(b, m->unit_type ? m->unit_type : DW_UT_compile, 1);
		put(b, m->addr_len, 1);
		put_off(m, KS_DWARF_INFO, abbrev_off);
		if (m->unit_type == DW_UT_skeleton)
			put(b, 0, 8);
		if (m->unit_type == DW_UT_type) {
			put(b, 0, 8);
			put_off(m, KS_DWARF_INFO, 0);
		}
	} else {
		put_off(m, KS_DWARF_INFO, abbrev_off);
		put(b, m->addr_len, 1);
	}
}

static inline void unit_end(struct image *m)
{
	close_length(m, KS_DWARF_INFO, m->unit);
}

/* Offset of what comes next from the start of the open unit's header. */
static inline uint64_t unit_here(const struct image *m)
{
	return m->s[KS_DWARF_INFO].len - (m->unit - (m->offset_len == 8 ? 12 : 4));
}

static inline void put_section_header(struct image *m, struct buf *b, uint32_t name, uint32_t type,
				      uint64_t flags, uint64_t va, uint64_t off, uint64_t len)
{
	put(b, name, 4);
	put(b, type, 4);
	put(b, flags, m->addr_len);
	put(b, va, m->addr_len);
	put(b, off, m->addr_len);
	put(b, len, m->addr_len);
	put(b, 0, 8);	/* link, info */
	put(b, 1, m->addr_len);
	put(b, 0, m->addr_len);
}

/* ELF header and section header table around the sections. */
static inline void image_finish(struct image *m)
{
	static const char *const names[KS_DWARF_NR] = {
		".debug_info", ".debug_abbrev", ".debug_str", ".debug_line_str",
		".debug_str_offsets", ".debug_addr", ".debug_ranges", ".debug_rnglists",
		".debug_line",
	};
	bool wide = m->addr_len == 8;
	struct buf b = { .big = m->big }, strings = { .big = m->big }, headers = { .big = m->big };
	uint16_t nr = 3;

	put_bytes(&b, "\177ELF", 4);
	put(&b, wide ? ELFCLASS64 : ELFCLASS32, 1);
	put(&b, m->big ? ELFDATA2MSB : ELFDATA2LSB, 1);
	put(&b, EV_CURRENT, 1);
	put_bytes(&b, "\0\0\0\0\0\0\0\0", 9);
	put(&b, m->elf_type ? m->elf_type : ET_EXEC, 2);
	put(&b, EM_NONE, 2);
	put(&b, EV_CURRENT, 4);
	put(&b, 0, m->addr_len);
	put(&b, 0, m->addr_len);

	size_t shoff = b.len;

	put(&b, 0, m->addr_len);
	put(&b, 0, 4);
	put(&b, wide ? 64 : 52, 2);
	put(&b, 0, 2);
	put(&b, 0, 2);
	put(&b, wide ? 64 : 40, 2);

	size_t shnum = b.len;

	put(&b, 0, 4);
	put_string(&strings, "");
	put_section_header(m, &headers, 0, SHT_NULL, 0, 0, 0, 0);
	put_section_header(m, &headers, 0, SHT_NOBITS, SHF_ALLOC | SHF_EXECINSTR, TEXT_VA, 0,
			   TEXT_LEN);
	put_section_header(m, &headers, 0, SHT_NOBITS, SHF_ALLOC | SHF_WRITE, DATA_VA, 0, DATA_LEN);
	for (unsigned int i = 0; i < KS_DWARF_NR; i++) {
		if (!m->s[i].len)
			continue;
		put_section_header(m, &headers, (uint32_t)strings.len, SHT_PROGBITS, 0, 0, b.len,
				   m->s[i].len);
		put_string(&strings, names[i]);
		put_bytes(&b, m->s[i].p, m->s[i].len);
		nr++;
	}
	put_section_header(m, &headers, 0, SHT_STRTAB, 0, 0, b.len, strings.len);
	put_bytes(&b, strings.p, strings.len);
	patch(&b, shoff, b.len, m->addr_len);
	patch(&b, shnum, nr + 1u, 2);
	patch(&b, shnum + 2, nr, 2);
	put_bytes(&b, headers.p, headers.len);
	free(strings.p);
	free(headers.p);
	free(m->file);
	m->file = b.p;
	m->file_len = b.len;
}

static inline void image_free(struct image *m)
{
	for (unsigned int i = 0; i < KS_DWARF_NR; i++)
		free(m->s[i].p);
	free(m->file);
	*m = (struct image){ 0 };
}

#endif
