// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * __mcount_loc without its dead entries.
 *
 *   before   a b DEAD c DEAD d        after   0 0 a b c d
 *
 * That is how scripts/sorttable of Linux 6.15 leaves it.  The table keeps its length:
 * __stop_mcount_loc is an immediate operand somewhere in the kernel's code, and kernels
 * skip entries that are zero.  Those from 6.15 on skip whatever is no kernel text, so
 * also zeros that KASLR has moved; those before do not, and there the places of the zeros must
 * not be relocated.
 */
#include "holes/holes.h"
#include "holes/nmlist.h"

#include <stdio.h>
#include <string.h>
#include "base/file.h"

/* Bytes of the file that change. */
struct region {
	uint64_t off;
	uint8_t *data;
	size_t len;
	uint32_t section;
};

struct cleaner {
	struct ks_elf e;
	struct ks_mcount m;
	struct ks_nm_list live;
	KS_VEC(struct region) regions;	/* [0] is the table itself */
	KS_VEC(struct rela { uint32_t section; size_t nr; uint64_t place; }) relas;
	KS_VEC(uint64_t) values;
	KS_VEC(uint64_t) cleaned;
	uint32_t nr_zero;
	struct ksym_clean_result result;
	struct ksym_error *err;
};

static void store64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

/* A copy of the @len bytes from @skip of section @n, to be changed. */
static int region(struct cleaner *c, uint32_t n, uint64_t skip, size_t len, struct region **out)
{
	Elf_Data *d = elf_rawdata(elf_getscn(c->e.elf, n), NULL);
	struct region *r;
	GElf_Shdr sh;

	for (size_t i = 1; i < c->regions.len; i++)
		if (c->regions.data[i].section == n) {
			*out = &c->regions.data[i];
			return 0;
		}
	if (!d || !d->d_buf || d->d_size < skip + len || !gelf_getshdr(elf_getscn(c->e.elf, n), &sh))
		return ks_elf_bad(&c->e, n, c->err, "cannot be read: %s", elf_errmsg(-1));
	r = ks_vec_push(&c->regions);
	if (r)
		*r = (struct region){ .off = sh.sh_offset + skip, .data = malloc(len + !len),
				      .len = len, .section = n };
	if (!r || !r->data)
		return ks_error_nomem(c->err);
	memcpy(r->data, (const uint8_t *)d->d_buf + skip, len);
	*out = r;
	return 0;
}

/* ----------------------------------------------------------- what is known */

static int check_layout(struct cleaner *c, struct ksym_error *err)
{
	const struct ks_elf *e = &c->e;

	if (e->type == ET_REL)
		return ks_error(err, -ENOTSUP,
				"%s: is not linked: expected a vmlinux, as modules keep their entries in relocations that are applied when they are loaded",
				e->path);
	if ((e->machine != EM_X86_64 && e->machine != EM_AARCH64) || e->class != ELFCLASS64 ||
	    e->data != ELFDATA2LSB)
		return ks_error(err, -ENOTSUP,
				"%s: machine %u: expected little-endian x86-64 or arm64, whose __mcount_loc is known here",
				e->path, e->machine);
	if (!c->m.v.len)
		return ks_error(err, -ENODATA,
				"%s: has no __start_mcount_loc and __stop_mcount_loc with entries between them",
				e->path);
	if (strcmp(e->sections[c->m.section].name, ".init.data"))
		return ks_error(err, -ENOTSUP, "%s: __mcount_loc is in section %s: expected .init.data",
				e->path, e->sections[c->m.section].name);
	return 0;
}

/* "Linux version 6.1.…": whether it is 6.15 or later; -ENODATA when it does not say. */
static int is_recent(struct cleaner *c)
{
	for (uint32_t i = 1; i < c->e.nr_symbols; i++) {
		const struct ks_elf_section *sect;
		unsigned int major, minor;
		struct ks_elf_symbol s;
		const uint8_t *data;
		char text[64] = "";
		size_t len;
		int ret = ks_elf_symbol(&c->e, i, &s, c->err);

		if (ret)
			return ret;
		if (strcmp(s.name, "linux_banner") || !s.shndx || s.shndx >= c->e.nr_sections)
			continue;
		sect = &c->e.sections[s.shndx];
		ret = ks_elf_section_data(&c->e, s.shndx, &data, &len, c->err);
		if (ret)
			return ret;
		if (!data || s.va < sect->va || s.va - sect->va >= len)
			break;
		len -= s.va - sect->va;
		memcpy(text, data + (s.va - sect->va), len < sizeof(text) - 1 ? len : sizeof(text) - 1);
		if (sscanf(text, "Linux version %u.%u", &major, &minor) == 2)
			return major > 6 || (major == 6 && minor >= 15);
		break;
	}
	return ks_error(c->err, -ENODATA,
			"%s: does not tell its version (linux_banner): say --mode zero (Linux 6.15 and later) or --mode unrelocate",
			c->e.path);
}

/* ------------------------------------------------------------------ values */

static int take_rela(void *arg, uint32_t section, size_t nr, const GElf_Rela *r,
		     struct ksym_error *err)
{
	struct cleaner *c = arg;
	struct rela *out = ks_vec_push(&c->relas);
	uint32_t want = c->e.machine == EM_AARCH64 ? R_AARCH64_RELATIVE : R_X86_64_64;

	if (!out)
		return ks_error_nomem(err);
	*out = (struct rela){ section, nr, r->r_offset };
	if (!GELF_R_TYPE(r->r_info) && !r->r_addend)
		return 0;	/* made void before */
	if (GELF_R_TYPE(r->r_info) != want || (r->r_offset - c->m.start_va) % 8)
		return ks_error(err, -ENOTSUP,
				"%s: section %u (%s): entry %zu: relocation type %u of __mcount_loc: expected type %u of whole words",
				c->e.path, section, c->e.sections[section].name, nr,
				(unsigned int)GELF_R_TYPE(r->r_info), want);
	return 0;
}

/* The values in the order of the table, or of the relocations that hold them. */
static int read_values(struct cleaner *c)
{
	int ret = ks_relas_in(&c->e, c->m.start_va, c->m.stop_va, take_rela, c, c->err);

	if (ret)
		return ret;
	if (c->m.by_reloc && c->relas.len != c->m.v.len)
		return ks_error(c->err, -ENOTSUP,
				"%s: %zu relocations for %zu entries of __mcount_loc: expected one each",
				c->e.path, c->relas.len, c->m.v.len);
	if (!ks_vec_reserve(&c->values, c->m.v.len))
		return ks_error_nomem(c->err);
	for (size_t i = 0; i < c->m.v.len; i++) {
		uint64_t va = c->m.v.data[i];

		if (va && !ks_nm_list_has(&c->live, va)) {
			uint64_t *slot = ks_vec_push(&c->cleaned);

			if (!slot)
				return ks_error_nomem(c->err);
			*slot = va;
			c->result.nr_cleaned++;
			va = 0;
		}
		c->nr_zero += !va;
		c->values.data[c->values.len++] = va;
	}
	return 0;
}

static int compare_values(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

/* The first entry from @i on that was not counted; @next leads there. */
static uint32_t not_counted(uint32_t *next, uint32_t i)
{
	while (next[i] != i)
		i = next[i] = next[next[i]];
	return i;
}

/* Which of those cleaned away are of functions that are alive; each counts once, whatever
 * encloses it. */
static int count_live(struct cleaner *c)
{
	uint32_t *next = malloc((c->cleaned.len + 1) * sizeof(*next));
	unsigned int before = ks_mcount_before(c->e.machine);
	uint64_t *v = c->cleaned.data;
	uint32_t nr = (uint32_t)c->cleaned.len;
	int ret = 0;

	if (!next)
		return ks_error_nomem(c->err);
	for (uint32_t i = 0; i <= nr; i++)
		next[i] = i;
	if (nr)
		qsort(v, nr, sizeof(*v), compare_values);
	for (uint32_t i = 1; i < c->e.nr_symbols && nr && !ret; i++) {
		struct ks_elf_symbol s;
		uint32_t lo = 0, hi = nr;

		ret = ks_elf_symbol(&c->e, i, &s, c->err);
		if (ret || !s.len || !s.shndx || s.shndx >= c->e.nr_sections || !c->e.sections[s.shndx].is_code)
			continue;
		while (lo < hi) {
			uint32_t mid = lo + (hi - lo) / 2;

			if (v[mid] + before < s.va)
				lo = mid + 1;
			else
				hi = mid;
		}
		/* From @before in front of it to its end. */
		for (lo = not_counted(next, lo); lo < nr && (v[lo] < s.va || v[lo] - s.va < s.len);
		     lo = not_counted(next, lo)) {
			if (!c->result.nr_live++ || v[lo] < c->result.live_va)
				c->result.live_va = v[lo];
			next[lo] = lo + 1;
		}
	}
	free(next);
	return ret;
}

/* ------------------------------------------------------------------ change */

/* Elf64_Rela: place, kind, addend. */
static int rela_bytes(struct cleaner *c, const struct rela *r, uint8_t **out)
{
	struct region *reg;
	int ret = region(c, r->section, 0, c->e.sections[r->section].len, &reg);

	if (ret)
		return ret;
	if (r->nr >= reg->len / 24)
		return ks_elf_bad(&c->e, r->section, c->err, "entry %zu: expected entries of 24 bytes",
				  r->nr);
	*out = reg->data + r->nr * 24;
	return 0;
}

static int put_values(struct cleaner *c)
{
	struct region *table;
	int ret = region(c, c->m.section, c->m.start_va - c->e.sections[c->m.section].va,
			 c->values.len * 8, &table);

	for (size_t i = 0; i < c->values.len && !ret; i++) {
		uint8_t *p = NULL;

		if (!c->m.by_reloc) {
			store64(c->regions.data[0].data + i * 8, c->values.data[i]);
			continue;
		}
		ret = rela_bytes(c, &c->relas.data[i], &p);
		if (!ret)
			store64(p + 16, c->values.data[i]);
	}
	return ret;
}

/* Relocations of the zeros, at the start of the table, come to nothing. */
static int drop_relocations(struct cleaner *c)
{
	uint64_t end = c->m.start_va + c->nr_zero * 8;

	if (c->e.machine == EM_AARCH64 && !c->m.by_reloc && c->nr_zero)
		return ks_error(c->err, -ENOTSUP,
				"%s: __mcount_loc has no relocations of its own (packed in .relr.dyn?), so its zeros would move with KASLR: clean it before the last link, or use Linux 6.15",
				c->e.path);
	for (size_t i = 0; i < c->relas.len; i++) {
		const struct rela *r = &c->relas.data[i];
		uint8_t *p = NULL;
		int ret;

		if (r->place >= end)
			continue;
		ret = rela_bytes(c, r, &p);
		if (ret)
			return ret;
		c->result.nr_relocations += p[8] != 0;
		store64(p + 8, 0);
		store64(p + 16, 0);
		store64(c->regions.data[0].data + (r->place - c->m.start_va), 0);
	}
	return 0;
}

static int change(struct cleaner *c, enum ksym_clean_mode mode)
{
	int ret = read_values(c);

	if (!ret)
		ret = count_live(c);
	if (!ret && mode == KSYM_CLEAN_AUTO) {
		ret = is_recent(c);
		if (ret >= 0) {
			mode = ret ? KSYM_CLEAN_ZERO : KSYM_CLEAN_UNRELOCATE;
			ret = 0;
		}
	}
	if (ret)
		return ret;
	if (c->values.len)
		qsort(c->values.data, c->values.len, sizeof(*c->values.data), compare_values);
	c->result.mode = mode;
	c->result.nr_entries = (uint32_t)c->values.len;
	c->result.nr_kept = (uint32_t)c->values.len - c->nr_zero;
	ret = put_values(c);
	return !ret && mode == KSYM_CLEAN_UNRELOCATE ? drop_relocations(c) : ret;
}

static int write_out(struct cleaner *c, const char *from, const char *to)
{
	struct ks_file_patch *patches = calloc(c->regions.len + 1, sizeof(*patches));
	int ret;

	if (!patches)
		return ks_error_nomem(c->err);
	for (size_t i = 0; i < c->regions.len; i++)
		patches[i] = (struct ks_file_patch){ c->regions.data[i].off, c->regions.data[i].data,
						     c->regions.data[i].len };
	ret = ks_file_copy(from, to, KS_FILE_WHOLE, patches, c->regions.len, c->err);
	free(patches);
	return ret;
}

int ksym_mcount_clean(const char *image_path, const char *output_path, enum ksym_clean_mode mode,
		      struct ksym_clean_result *result, struct ksym_error *err)
{
	struct cleaner c = { .err = err };
	int ret = ks_elf_open(&c.e, image_path, err);

	if (ret)
		return ret;
	ret = ks_mcount_read(&c.m, &c.e, &c.e, err);
	if (!ret)
		ret = check_layout(&c, err);
	if (!ret)
		ret = ks_nm_list_read(&c.live, &c.e, err);
	if (!ret)
		ret = change(&c, mode);
	if (!ret)
		ret = write_out(&c, image_path, output_path ? output_path : image_path);
	if (!ret && result) {
		c.result.size = result->size;
		memcpy(result, &c.result,
		       result->size < sizeof(c.result) ? result->size : sizeof(c.result));
	}
	for (size_t i = 0; i < c.regions.len; i++)
		free(c.regions.data[i].data);
	ks_vec_free(&c.regions);
	ks_vec_free(&c.relas);
	ks_vec_free(&c.values);
	ks_vec_free(&c.cleaned);
	ks_nm_list_free(&c.live);
	ks_mcount_free(&c.m);
	ks_elf_close(&c.e);
	return ret;
}
