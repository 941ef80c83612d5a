// SPDX-License-Identifier: LGPL-2.1-or-later
#include "holes/mcount.h"

#include <string.h>
#include "base/range.h"
#include "elf/reloc.h"

unsigned int ks_mcount_before(uint16_t machine)
{
	return machine == EM_AARCH64 || machine == EM_RISCV ? 8 : 0;
}

static uint64_t get(const struct ks_elf *e, const uint8_t *p)
{
	uint64_t v64;
	uint32_t v32;

	if (e->addr_len == 8) {
		memcpy(&v64, p, 8);
		return e->swap ? __builtin_bswap64(v64) : v64;
	}
	memcpy(&v32, p, 4);
	return e->swap ? __builtin_bswap32(v32) : v32;
}

/* ------------------------------------------------------------ linked files */

/* 1 when both ends of the table are there, 0 when not. */
static int find_bounds(struct ks_mcount *m, const struct ks_elf *symfile, struct ksym_error *err)
{
	static const char *const names[] = { "__start_mcount_loc", "__stop_mcount_loc",
					     "__init_begin", "__init_end" };
	uint64_t *const vas[] = { &m->start_va, &m->stop_va, &m->init_va, &m->init_end_va };
	unsigned int found = 0;

	for (uint32_t i = 1; i < symfile->nr_symbols && found != 15; i++) {
		struct ks_elf_symbol s;
		int ret = ks_elf_symbol(symfile, i, &s, err);

		if (ret)
			return ret;
		for (unsigned int k = 0; s.name[0] == '_' && s.name[1] == '_' && s.shndx && k < 4; k++)
			if (!strcmp(s.name, names[k])) {
				*vas[k] = s.va;
				found |= 1u << k;
			}
	}
	if ((found & 12) != 12)
		m->init_va = m->init_end_va = 0;
	return (found & 3) == 3;
}

int ks_relas_in(struct ks_elf *image, uint64_t start, uint64_t stop, ks_rela_fn fn, void *arg,
		struct ksym_error *err)
{
	for (uint32_t i = 1; i < image->nr_sections; i++) {
		const struct ks_elf_section *s = &image->sections[i];
		const struct ks_elf_section *of = s->info < image->nr_sections ?
						  &image->sections[s->info] : image->sections;
		Elf_Data *d;
		size_t nr;

		/* Those of one section need be looked at only if it has the table. */
		if (s->type != SHT_RELA || !s->len || !s->entsize ||
		    (s->info && (!(of->flags & SHF_ALLOC) || start < of->va ||
				 start - of->va >= of->len)))
			continue;
		d = elf_getdata(elf_getscn(image->elf, i), NULL);
		if (!d)
			return ks_elf_bad(image, i, err, "cannot be read: %s", elf_errmsg(-1));
		nr = d->d_size / (image->class == ELFCLASS64 ? sizeof(Elf64_Rela) : sizeof(Elf32_Rela));
		for (size_t k = 0; k < nr && k < INT32_MAX; k++) {
			GElf_Rela r;
			int ret;

			if (!gelf_getrela(d, (int)k, &r))
				return ks_elf_bad(image, i, err, "entry %zu cannot be read: %s", k,
						  elf_errmsg(-1));
			if (r.r_offset < start || r.r_offset >= stop)
				continue;
			ret = fn(arg, i, k, &r, err);
			if (ret)
				return ret;
		}
	}
	return 0;
}

struct take {
	struct ks_mcount *m;
	struct ks_elf *image;
};

static int take_rela(void *arg, uint32_t section, size_t nr, const GElf_Rela *r,
		     struct ksym_error *err)
{
	struct take *t = arg;
	uint64_t off = r->r_offset - t->m->start_va;

	if (GELF_R_TYPE(r->r_info) == R_AARCH64_NONE)
		return 0;
	if (GELF_R_TYPE(r->r_info) != R_AARCH64_RELATIVE || off % t->m->entry_len)
		return ks_elf_bad(t->image, section, err,
				  "entry %zu: relocation of __mcount_loc of type %u at 0x%llx: expected R_AARCH64_RELATIVE of whole words",
				  nr, (unsigned int)GELF_R_TYPE(r->r_info),
				  (unsigned long long)r->r_offset);
	t->m->v.data[off / t->m->entry_len] = (uint64_t)r->r_addend;
	t->m->by_reloc = true;
	return 0;
}

static int read_linked(struct ks_mcount *m, struct ks_elf *image, const struct ks_elf *symfile,
		       struct ksym_error *err)
{
	const struct ks_elf_section *s = NULL;
	const uint8_t *data;
	uint64_t size;
	size_t len;
	int ret = find_bounds(m, symfile, err);

	if (ret <= 0)
		return ret;
	if (m->start_va == m->stop_va)
		return 0;
	size = m->stop_va - m->start_va;
	for (uint32_t i = 1; i < image->nr_sections && !m->section; i++) {
		s = &image->sections[i];
		if ((s->flags & SHF_ALLOC) && s->type != SHT_NOBITS && m->start_va >= s->va &&
		    ks_in_range(m->start_va - s->va, size, s->len))
			m->section = i;
	}
	if (!m->section || size % m->entry_len)
		return ks_elf_bad(image, 0, err,
				  "__start_mcount_loc 0x%llx and __stop_mcount_loc 0x%llx: expected a section with whole words between them",
				  (unsigned long long)m->start_va, (unsigned long long)m->stop_va);
	ret = ks_elf_section_data(image, m->section, &data, &len, err);
	if (ret)
		return ret;
	data += m->start_va - s->va;
	if (!ks_vec_reserve(&m->v, size / m->entry_len))
		return ks_error_nomem(err);
	for (uint64_t off = 0; off < size; off += m->entry_len)
		m->v.data[m->v.len++] = get(image, data + off);
	return image->machine == EM_AARCH64
		       ? ks_relas_in(image, m->start_va, m->stop_va, take_rela,
				     &(struct take){ m, image }, err)
		       : 0;
}

/* ----------------------------------------------------- objects and modules */

static int read_object(struct ks_mcount *m, struct ks_elf *image, struct ksym_error *err)
{
	for (uint32_t i = 1; i < image->nr_sections; i++) {
		struct ks_elf_section *s = &image->sections[i];
		const uint8_t *data;
		size_t len;
		int ret;

		/* There can be several, one for each section of code. */
		if (s->type == SHT_NOBITS || s->type == SHT_RELA || !(s->flags & SHF_ALLOC) ||
		    (strcmp(s->name, "__mcount_loc") && strcmp(s->name, "__patchable_function_entries")))
			continue;
		ret = ks_elf_section_data(image, i, &data, &len, err);
		if (!ret)
			ret = ks_elf_relocate(image, i, err);
		if (ret)
			return ret;
		if (!ks_vec_reserve(&m->v, len / m->entry_len))
			return ks_error_nomem(err);
		for (size_t off = 0; len - off >= m->entry_len; off += m->entry_len)
			m->v.data[m->v.len++] = get(image, s->data + off);
		m->section = i;
		m->start_va = s->va;
		m->stop_va = s->va + len;
	}
	m->by_reloc = true;
	return 0;
}

int ks_mcount_read(struct ks_mcount *m, struct ks_elf *image, const struct ks_elf *symfile,
		   struct ksym_error *err)
{
	int ret;

	*m = (struct ks_mcount){ .entry_len = image->addr_len, .in_object = image->type == ET_REL };
	ret = image->type == ET_REL ? read_object(m, image, err)
				    : read_linked(m, image, symfile, err);
	if (ret)
		ks_mcount_free(m);
	return ret;
}

void ks_mcount_free(struct ks_mcount *m)
{
	ks_vec_free(&m->v);
}
