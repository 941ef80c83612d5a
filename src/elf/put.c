// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sections put into a finished ELF file.
 *
 *   before   header | ... sections ... | names | section headers
 *   after    header | ... sections ... | data | names + 1 | section headers + 1
 *
 * Names and section headers are at the end of what linkers write, and are written anew
 * there.  Where something follows, sections or what no header knows of (a module's signature),
 * all three go behind that, and the old ones stay as bytes without a meaning.  Read by hand, as libelf would lay out the whole file anew.
 */
#include "elf/put.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/range.h"

/* Places of the fields that are read or written, and their lengths. */
struct field {
	uint8_t off, len;
};

struct layout {
	uint8_t ehdr_len, shdr_len, phdr_len;
	struct field phoff, shoff, phentsize, phnum, shentsize, shnum, shstrndx;	/* ELF header */
	struct field name, type, flags, addr, offset, size, link, info, align, entsize;	/* section */
	struct field p_offset, p_filesz;
};

#define FIELD(type, member) \
	{ offsetof(type, member), sizeof(((type *)0)->member) }
#define LAYOUT(bits) {                                                                          \
	.ehdr_len = sizeof(Elf##bits##_Ehdr), .shdr_len = sizeof(Elf##bits##_Shdr),             \
	.phdr_len = sizeof(Elf##bits##_Phdr),                                                   \
	.phoff = FIELD(Elf##bits##_Ehdr, e_phoff), .shoff = FIELD(Elf##bits##_Ehdr, e_shoff),   \
	.phentsize = FIELD(Elf##bits##_Ehdr, e_phentsize),                                      \
	.phnum = FIELD(Elf##bits##_Ehdr, e_phnum),                                              \
	.shentsize = FIELD(Elf##bits##_Ehdr, e_shentsize),                                      \
	.shnum = FIELD(Elf##bits##_Ehdr, e_shnum),                                              \
	.shstrndx = FIELD(Elf##bits##_Ehdr, e_shstrndx),                                        \
	.name = FIELD(Elf##bits##_Shdr, sh_name), .type = FIELD(Elf##bits##_Shdr, sh_type),     \
	.flags = FIELD(Elf##bits##_Shdr, sh_flags), .addr = FIELD(Elf##bits##_Shdr, sh_addr),   \
	.offset = FIELD(Elf##bits##_Shdr, sh_offset), .size = FIELD(Elf##bits##_Shdr, sh_size), \
	.link = FIELD(Elf##bits##_Shdr, sh_link), .info = FIELD(Elf##bits##_Shdr, sh_info),     \
	.align = FIELD(Elf##bits##_Shdr, sh_addralign),                                         \
	.entsize = FIELD(Elf##bits##_Shdr, sh_entsize),                                         \
	.p_offset = FIELD(Elf##bits##_Phdr, p_offset),                                          \
	.p_filesz = FIELD(Elf##bits##_Phdr, p_filesz),                                          \
}

static const struct layout layouts[] = { [ELFCLASS32] = LAYOUT(32), [ELFCLASS64] = LAYOUT(64) };

struct put {
	const struct ks_file *f;
	struct ks_elf_put_plan *plan;		/* the three below are in it */
	const struct layout *l;
	bool big_endian;
	uint8_t *ehdr;				/* as it will be */
	uint8_t *shdrs;				/* as they will be, with room for more */
	uint64_t nr, nr_old;			/* section headers */
	uint64_t shoff;				/* of the old ones */
	uint64_t strndx;
	uint8_t *names;				/* as they will be */
	uint64_t names_len, names_old_off, names_old_len;
	const struct ks_elf_section_put *sections;
	unsigned int nr_put;
	/* Of each that is put its number, 0 = none, and what it had; 0, 0 when it is new. */
	struct {
		uint64_t nr, old_off, old_len;
	} put[KS_ELF_MAX_PUT];
	struct ksym_error *err;
};

static uint64_t get(const struct put *p, const uint8_t *at, struct field f)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < f.len; i++)
		v |= (uint64_t)at[f.off + i] << 8 * (p->big_endian ? f.len - 1u - i : i);
	return v;
}

static void set(const struct put *p, uint8_t *at, struct field f, uint64_t v)
{
	for (unsigned int i = 0; i < f.len; i++)
		at[f.off + i] = (uint8_t)(v >> 8 * (p->big_endian ? f.len - 1u - i : i));
}

static uint8_t *shdr(const struct put *p, uint64_t i)
{
	return p->shdrs + i * p->l->shdr_len;
}

ks_cold static int bad(const struct put *p, const char *what, uint64_t value)
{
	return ks_error(p->err, -EBADMSG, "%s: %s 0x%llx does not fit a file of 0x%zx bytes",
			p->f->path, what, (unsigned long long)value, p->f->len);
}

/* ----------------------------------------------------------------- what is there */

static int read_header(struct put *p)
{
	const uint8_t *d = p->f->data;

	if (p->f->len < EI_NIDENT || memcmp(d, ELFMAG, SELFMAG))
		return ks_error(p->err, -EBADMSG, "%s: is no ELF file", p->f->path);
	if ((d[EI_CLASS] != ELFCLASS32 && d[EI_CLASS] != ELFCLASS64) ||
	    (d[EI_DATA] != ELFDATA2LSB && d[EI_DATA] != ELFDATA2MSB))
		return ks_error(p->err, -EBADMSG,
				"%s: ELF class %u, byte order %u: expected 1 or 2 for both", p->f->path,
				d[EI_CLASS], d[EI_DATA]);
	p->l = &layouts[d[EI_CLASS]];
	p->big_endian = d[EI_DATA] == ELFDATA2MSB;
	if (p->f->len < p->l->ehdr_len)
		return ks_error(p->err, -EBADMSG, "%s: ends within its ELF header", p->f->path);
	p->ehdr = p->plan->header;
	memcpy(p->ehdr, d, p->l->ehdr_len);
	return 0;
}

static int read_sections(struct put *p)
{
	const struct layout *l = p->l;
	const uint8_t *first;

	p->shoff = get(p, p->ehdr, l->shoff);
	p->nr = get(p, p->ehdr, l->shnum);
	p->strndx = get(p, p->ehdr, l->shstrndx);
	if (!p->shoff || get(p, p->ehdr, l->shentsize) != l->shdr_len)
		return ks_error(p->err, -ENOTSUP,
				"%s: section headers of %llu bytes at 0x%llx: expected some, of %u bytes",
				p->f->path, (unsigned long long)get(p, p->ehdr, l->shentsize),
				(unsigned long long)p->shoff, l->shdr_len);
	if (!ks_in_range(p->shoff, l->shdr_len, p->f->len))
		return bad(p, "section header table at", p->shoff);
	first = p->f->data + p->shoff;
	if (!p->nr)
		p->nr = get(p, first, l->size);
	if (p->strndx == SHN_XINDEX)
		p->strndx = get(p, first, l->link);
	if (!p->nr || p->nr > p->f->len / l->shdr_len ||
	    !ks_in_range(p->shoff, p->nr * l->shdr_len, p->f->len))
		return bad(p, "number of section headers", p->nr);
	if (!p->strndx || p->strndx >= p->nr)
		return bad(p, "number of the section with names", p->strndx);
	p->nr_old = p->nr;
	p->shdrs = p->plan->shdrs = calloc(p->nr + KS_ELF_MAX_PUT, l->shdr_len);
	if (!p->shdrs)
		return ks_error_nomem(p->err);
	memcpy(p->shdrs, first, p->nr * l->shdr_len);
	return 0;
}

/* Whether section @i has bytes in the file. */
static bool has_bytes(const struct put *p, uint64_t i)
{
	uint64_t type = get(p, shdr(p, i), p->l->type);

	return i && type != SHT_NULL && type != SHT_NOBITS;
}

static int check_sections(struct put *p)
{
	for (uint64_t i = 1; i < p->nr; i++) {
		uint64_t off = get(p, shdr(p, i), p->l->offset), len = get(p, shdr(p, i), p->l->size);

		if (has_bytes(p, i) && !ks_in_range(off, len, p->f->len))
			return ks_error(p->err, -EBADMSG,
					"%s: section %llu: offset 0x%llx, size 0x%llx lie outside the file's 0x%zx bytes",
					p->f->path, (unsigned long long)i, (unsigned long long)off,
					(unsigned long long)len, p->f->len);
	}
	return 0;
}

static int check_segments(struct put *p)
{
	uint64_t nr = get(p, p->ehdr, p->l->phnum), entsize = get(p, p->ehdr, p->l->phentsize);

	if (nr == PN_XNUM)
		nr = get(p, shdr(p, 0), p->l->info);
	if (nr && (entsize < p->l->phdr_len ||
		   !ks_in_range(get(p, p->ehdr, p->l->phoff), nr * entsize, p->f->len)))
		return bad(p, "number of program headers", nr);
	return 0;
}

static int read_names(struct put *p, size_t room)
{
	const uint8_t *sh = shdr(p, p->strndx);

	p->names_old_off = get(p, sh, p->l->offset);
	p->names_old_len = get(p, sh, p->l->size);
	if (get(p, sh, p->l->type) != SHT_STRTAB || get(p, sh, p->l->flags) & SHF_ALLOC ||
	    !p->names_old_len || p->f->data[p->names_old_off + p->names_old_len - 1])
		return ks_error(p->err, -EBADMSG,
				"%s: section %llu: expected the names of sections, ending with NUL and not loaded",
				p->f->path, (unsigned long long)p->strndx);
	for (uint64_t i = 1; i < p->nr; i++)
		if (get(p, shdr(p, i), p->l->name) >= p->names_old_len)
			return ks_error(p->err, -EBADMSG, "%s: section %llu: its name is outside of the names",
					p->f->path, (unsigned long long)i);
	p->names_len = p->names_old_len;
	p->names = p->plan->names = malloc(p->names_len + room);
	if (!p->names)
		return ks_error_nomem(p->err);
	memcpy(p->names, p->f->data + p->names_old_off, p->names_len);
	return 0;
}

/* -------------------------------------------------------------------- what will be */

/* Offset of @name among the names: there already, or behind them. */
static uint64_t name_off(struct put *p, const char *name)
{
	size_t len = strlen(name) + 1;
	const uint8_t *at = memmem(p->names, p->names_len, name, len);

	if (at)
		return (uint64_t)(at - p->names);
	memcpy(p->names + p->names_len, name, len);
	p->names_len += len;
	return p->names_len - len;
}

/* Section @i with the name of the one that is put. */
static int take_place(struct put *p, unsigned int k, uint64_t i)
{
	const struct layout *l = p->l;
	const uint8_t *sh = shdr(p, i);

	if (get(p, sh, l->type) != SHT_PROGBITS && get(p, sh, l->type) != SHT_NOBITS)
		return ks_error(p->err, -ENOTSUP,
				"%s: section %llu (%s): type %llu: expected SHT_PROGBITS, of which others make no use",
				p->f->path, (unsigned long long)i, p->sections[k].name,
				(unsigned long long)get(p, sh, l->type));
	p->put[k].nr = i;
	if (has_bytes(p, i)) {
		p->put[k].old_off = get(p, sh, l->offset);
		p->put[k].old_len = get(p, sh, l->size);
	}
	return 0;
}

static void clear_section(struct put *p, uint64_t i)
{
	memset(shdr(p, i), 0, p->l->shdr_len);
	set(p, shdr(p, i), p->l->name, name_off(p, ""));
}

/* The section's number: that of the one which it replaces, or a new one.  What is taken away is
 * every one of that name. */
static int choose_section(struct put *p, unsigned int k)
{
	const char *name = p->sections[k].name;
	const struct layout *l = p->l;
	char loaded[64];
	int ret;

	snprintf(loaded, sizeof(loaded), "%s.loaded", name);
	for (uint64_t i = 1; i < p->nr_old; i++) {
		uint8_t *sh = shdr(p, i);

		if (strcmp((const char *)p->names + get(p, sh, l->name), name))
			continue;
		if (get(p, sh, l->flags) & SHF_ALLOC) {
			set(p, sh, l->name, name_off(p, loaded));
			continue;
		}
		ret = take_place(p, k, i);
		if (ret || p->sections[k].data)
			return ret;
		clear_section(p, i);
	}
	if (p->sections[k].data)
		p->put[k].nr = p->nr++;
	return 0;
}

static bool is_put(const struct put *p, uint64_t i)
{
	for (unsigned int k = 0; k < p->nr_put; k++)
		if (p->put[k].nr == i)
			return true;
	return false;
}

static uint64_t greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Where all ends that stays. */
static uint64_t end_of_kept(const struct put *p)
{
	const struct layout *l = p->l;
	uint64_t end = l->ehdr_len, phoff = get(p, p->ehdr, l->phoff);
	uint64_t nr = get(p, p->ehdr, l->phnum), entsize = get(p, p->ehdr, l->phentsize);

	if (nr == PN_XNUM)
		nr = get(p, shdr(p, 0), l->info);
	for (uint64_t i = 0; i < nr; i++) {
		const uint8_t *ph = p->f->data + phoff + i * entsize;

		end = greater(end, phoff + (i + 1) * entsize);
		/* Of separate debug files segments may lie outside. */
		if (ks_in_range(get(p, ph, l->p_offset), get(p, ph, l->p_filesz), p->f->len))
			end = greater(end, get(p, ph, l->p_offset) + get(p, ph, l->p_filesz));
	}
	for (uint64_t i = 1; i < p->nr_old; i++)
		if (has_bytes(p, i) && !is_put(p, i) && i != p->strndx)
			end = greater(end, get(p, shdr(p, i), l->offset) + get(p, shdr(p, i), l->size));
	return end;
}

/* Whether [@from, @to) is but what aligns the next thing. */
static bool is_padding(const struct put *p, uint64_t from, uint64_t to)
{
	if (to - from >= 8)
		return false;
	while (from < to && !p->f->data[from])
		from++;
	return from == to;
}

/* Where to write from on: before those of the old things that are at the file's end. */
static uint64_t choose_start(const struct put *p)
{
	uint64_t old[2 + KS_ELF_MAX_PUT][2] = {
		{ p->shoff, p->shoff + p->nr_old * p->l->shdr_len },
		{ p->names_old_off, p->names_old_off + p->names_old_len },
	};
	uint64_t start = p->f->len;
	unsigned int nr = 2;

	for (unsigned int k = 0; k < p->nr_put; k++, nr++) {
		old[nr][0] = p->put[k].old_off;
		old[nr][1] = p->put[k].old_off + p->put[k].old_len;
	}
	/* In any order: each round finds one at least. */
	for (unsigned int i = 0; i < nr; i++) {
		for (unsigned int k = 0; k < nr; k++)
			if (old[k][1] > old[k][0] && old[k][1] <= start && is_padding(p, old[k][1], start))
				start = old[k][0];
	}
	return greater(start, end_of_kept(p));
}

static uint64_t align(uint64_t off, uint64_t to)
{
	return (off + to - 1) & -to;
}

static void set_section(struct put *p, unsigned int k, uint64_t data_off)
{
	const struct layout *l = p->l;
	uint8_t *sh = shdr(p, p->put[k].nr);

	memset(sh, 0, l->shdr_len);
	set(p, sh, l->name, name_off(p, p->sections[k].name));
	set(p, sh, l->type, SHT_PROGBITS);
	set(p, sh, l->offset, data_off);
	set(p, sh, l->size, p->sections[k].len);
	set(p, sh, l->align, 4);
}

static int set_headers(struct put *p, uint64_t names_off, uint64_t shoff)
{
	const struct layout *l = p->l;

	if ((l->offset.len == 4 && shoff + p->nr * l->shdr_len > UINT32_MAX) ||
	    p->names_len > UINT32_MAX)
		return ks_error(p->err, -ENOTSUP, "%s: would be larger than its kind of ELF file can be",
				p->f->path);
	set(p, shdr(p, p->strndx), l->offset, names_off);
	set(p, shdr(p, p->strndx), l->size, p->names_len);
	set(p, p->ehdr, l->shoff, shoff);
	/* What does not fit there is in the first section header. */
	set(p, p->ehdr, l->shnum, p->nr < SHN_LORESERVE ? p->nr : 0);
	set(p, shdr(p, 0), l->size, p->nr < SHN_LORESERVE ? 0 : p->nr);
	return 0;
}

static void add_patch(struct put *p, uint64_t off, const void *data, size_t len)
{
	p->plan->patches[p->plan->nr_patches++] = (struct ks_file_patch){ off, data, len };
}

static int lay_out(struct put *p)
{
	uint64_t end = choose_start(p), shoff;
	int ret;

	p->plan->keep_len = end;
	for (unsigned int k = 0; k < p->nr_put; k++) {
		if (!p->sections[k].data)
			continue;
		end = align(end, 4);
		add_patch(p, end, p->sections[k].data, p->sections[k].len);
		set_section(p, k, end);
		end += p->sections[k].len;
	}
	shoff = align(end + p->names_len, 8);
	ret = set_headers(p, end, shoff);
	add_patch(p, end, p->names, p->names_len);
	add_patch(p, shoff, p->shdrs, p->nr * p->l->shdr_len);
	add_patch(p, 0, p->ehdr, p->l->ehdr_len);
	return ret;
}

int ks_elf_put_plan(struct ks_elf_put_plan *plan, const struct ks_file *f,
		    const struct ks_elf_section_put *sections, unsigned int nr, struct ksym_error *err)
{
	struct put p = { .f = f, .plan = plan, .sections = sections, .nr_put = nr, .err = err };
	size_t room = 0;
	int ret;

	*plan = (struct ks_elf_put_plan){ 0 };
	for (unsigned int k = 0; k < nr; k++)
		room += 2 * strlen(sections[k].name) + sizeof(".loaded") + 1;
	ret = read_header(&p);
	if (!ret)
		ret = read_sections(&p);
	if (!ret)
		ret = check_sections(&p);
	if (!ret)
		ret = check_segments(&p);
	if (!ret)
		ret = read_names(&p, room);
	for (unsigned int k = 0; k < nr && !ret; k++)
		ret = choose_section(&p, k);
	if (!ret)
		ret = lay_out(&p);
	if (ret)
		ks_elf_put_free(plan);
	return ret;
}

void ks_elf_put_free(struct ks_elf_put_plan *plan)
{
	free(plan->names);
	free(plan->shdrs);
	*plan = (struct ks_elf_put_plan){ 0 };
}

int ks_elf_put_sections(const char *from, const char *to, const struct ks_elf_section_put *sections,
			unsigned int nr, struct ksym_error *err)
{
	struct ks_elf_put_plan plan;
	struct ks_file f ks_cleanup_file = { 0 };
	int ret = ks_file_open(&f, from, err);

	if (!ret)
		ret = ks_elf_put_plan(&plan, &f, sections, nr, err);
	if (ret)
		return ret;
	ret = ks_file_copy(from, to, plan.keep_len, plan.patches, plan.nr_patches, err);
	ks_elf_put_free(&plan);
	return ret;
}
