// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dwarf/sections.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const section_names[KS_DWARF_NR] = {
	[KS_DWARF_INFO] = ".debug_info",
	[KS_DWARF_ABBREV] = ".debug_abbrev",
	[KS_DWARF_STR] = ".debug_str",
	[KS_DWARF_LINE_STR] = ".debug_line_str",
	[KS_DWARF_STR_OFFSETS] = ".debug_str_offsets",
	[KS_DWARF_ADDR] = ".debug_addr",
	[KS_DWARF_RANGES] = ".debug_ranges",
	[KS_DWARF_RNGLISTS] = ".debug_rnglists",
	[KS_DWARF_LINE] = ".debug_line",
	[KS_DWARF_LOC] = ".debug_loc",
	[KS_DWARF_LOCLISTS] = ".debug_loclists",
};

int ks_dwarf_load(struct ks_dwarf *d, unsigned int set, struct ksym_error *err)
{
	for (unsigned int i = 0; i < KS_DWARF_NR; i++) {
		struct ks_dwarf_section *s = &d->s[i];
		const uint8_t *nul;
		uint32_t n;
		int ret;

		if (!s->name)
			s->name = section_names[i];
		if (!(set & 1u << i) || s->data)
			continue;
		n = ks_elf_find_section(d->e, section_names[i]);
		if (!n)
			continue;
		ret = ks_elf_section_data(d->e, n, &s->data, &s->len, err);
		if (ret)
			return ret;
		s->name = d->e->sections[n].name;
		/* Knowing the last NUL makes every later string O(1) to check,
		 * however many units name one long string. */
		nul = s->len ? memrchr(s->data, 0, s->len) : NULL;
		s->strings_len = nul ? (size_t)(nul - s->data) + 1 : 0;
	}
	return 0;
}

bool ks_dwarf_zero_is_code(const struct ks_dwarf *d)
{
	const struct ks_elf *e = d->e;

	if (e->type == ET_REL)
		return true;
	for (uint32_t i = 1; i < e->nr_sections; i++) {
		const struct ks_elf_section *s = &e->sections[i];

		if (!s->va && s->len && (s->flags & SHF_ALLOC) && s->is_code)
			return true;
	}
	return false;
}

int ks_dwarf_bad(const struct ks_dwarf *d, enum ks_dwarf_id id, uint64_t off,
		 struct ksym_error *err, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return ks_error(err, -EBADMSG, "%s: %s: at offset 0x%llx: %s", d->e->path,
			section_names[id], (unsigned long long)off, text);
}

struct ks_cursor ks_dwarf_cursor(const struct ks_dwarf *d, enum ks_dwarf_id id, uint64_t off)
{
	static const uint8_t nothing;
	const struct ks_dwarf_section *s = &d->s[id];
	struct ks_cursor c = ks_cursor(s->data ? s->data : &nothing, s->len, d->e->swap,
				       d->e->path, section_names[id]);

	if (off > s->len)
		ks_cursor_fail(&c, s->data ? "every offset used to lie inside it"
					   : "the section, which is missing, to hold data");
	else
		c.pos += off;
	return c;
}

/* Header fields behind the version, which differ between 2-4 and 5. */
static void read_unit_fields(struct ks_cursor *c, struct ks_unit *u)
{
	if (u->version < 5) {
		u->type = DW_UT_compile;
		u->abbrev_off = ks_cursor_uint(c, u->offset_len);
		u->addr_len = ks_cursor_u8(c);
		return;
	}
	u->type = ks_cursor_u8(c);
	u->addr_len = ks_cursor_u8(c);
	u->abbrev_off = ks_cursor_uint(c, u->offset_len);
	switch (u->type) {
	case DW_UT_type:
	case DW_UT_split_type:
		ks_cursor_skip(c, 8 + u->offset_len);	/* signature, offset of the type */
		break;
	case DW_UT_skeleton:
	case DW_UT_split_compile:
		ks_cursor_skip(c, 8);			/* id of the other half */
		break;
	}
}

int ks_unit_read(const struct ks_dwarf *d, uint64_t off, struct ks_unit *u, struct ksym_error *err)
{
	struct ks_cursor c = ks_dwarf_cursor(d, KS_DWARF_INFO, off);
	uint64_t len;
	int ret;

	if (!c.failed && !ks_cursor_left(&c))
		return 0;
	*u = (struct ks_unit){ .off = off, .offset_len = 4 };
	len = ks_cursor_u32(&c);
	if (len == 0xffffffff) {
		u->offset_len = 8;
		len = ks_cursor_u64(&c);
	} else if (len >= 0xfffffff0) {
		return ks_dwarf_bad(d, KS_DWARF_INFO, off, err, "unit length 0x%llx is reserved",
				    (unsigned long long)len);
	}
	if (!c.failed && len > ks_cursor_left(&c))
		return ks_dwarf_bad(d, KS_DWARF_INFO, off, err,
				    "unit length 0x%llx: expected at most 0x%zx, what is left",
				    (unsigned long long)len, ks_cursor_left(&c));
	if (!c.failed)
		c.end = c.pos + len;
	u->end_off = (uint64_t)(c.end - c.start);
	u->version = ks_cursor_u16(&c);
	if (!c.failed && (u->version < 2 || u->version > 5))
		return ks_error(err, u->version < 2 ? -EBADMSG : -ENOTSUP,
				"%s: .debug_info: at offset 0x%llx: DWARF version %u: expected 2 to 5",
				d->e->path, (unsigned long long)off, u->version);
	read_unit_fields(&c, u);
	ret = ks_cursor_error(&c, err);
	if (ret)
		return ret;
	u->die_off = ks_cursor_off(&c);
	if (u->version >= 5) {
		/* Behind the header of the section's first table: length, then
		 * version and two bytes, and in .debug_rnglists a count. */
		u->str_offsets_base = u->addr_base = u->offset_len == 8 ? 16 : 8;
		u->rnglists_base = u->loclists_base = u->addr_base + 4;
	}
	if (u->addr_len != 4 && u->addr_len != 8)
		return ks_error(err, -ENOTSUP,
				"%s: .debug_info: at offset 0x%llx: addresses of %u bytes: expected 4 or 8",
				d->e->path, (unsigned long long)off, u->addr_len);
	return 1;
}

/* Entry @index of a table of @entry bytes at @base of section @id: its value. */
static int table_entry(const struct ks_dwarf *d, enum ks_dwarf_id id, uint64_t base,
		       uint64_t index, unsigned int entry, uint64_t *value, struct ksym_error *err)
{
	uint64_t off;
	struct ks_cursor c;

	if (__builtin_mul_overflow(index, entry, &off) || __builtin_add_overflow(off, base, &off))
		return ks_dwarf_bad(d, id, base, err, "index 0x%llx: expected a smaller one",
				    (unsigned long long)index);
	c = ks_dwarf_cursor(d, id, off);
	*value = ks_cursor_uint(&c, entry);
	return ks_cursor_error(&c, err);
}

int ks_unit_addrx(const struct ks_dwarf *d, const struct ks_unit *u, uint64_t index,
		  uint64_t *va, struct ksym_error *err)
{
	return table_entry(d, KS_DWARF_ADDR, u->addr_base, index, u->addr_len, va, err);
}

int ks_value_va(const struct ks_dwarf *d, const struct ks_unit *u, const struct ks_value *v,
		uint64_t *va, struct ksym_error *err)
{
	if (ks_form_is_addrx(v->form))
		return ks_unit_addrx(d, u, v->u, va, err);
	if (v->form != DW_FORM_addr)
		return ks_dwarf_bad(d, KS_DWARF_INFO, u->off, err,
				    "form 0x%x in this unit: expected one of an address", v->form);
	*va = v->u;
	return 0;
}

/* The string at @off of a string section. */
static int string_at(const struct ks_dwarf *d, enum ks_dwarf_id id, uint64_t off, const char **s,
		     struct ksym_error *err)
{
	if (off >= d->s[id].strings_len)
		return ks_dwarf_bad(d, id, off, err, "expected a string that ends inside the section");
	*s = (const char *)d->s[id].data + off;
	return 0;
}

int ks_value_string(const struct ks_dwarf *d, const struct ks_unit *u, const struct ks_value *v,
		    const char **s, struct ksym_error *err)
{
	uint64_t off = 0;
	int ret;

	*s = "";
	switch (v->form) {
	case DW_FORM_string:
		*s = (const char *)v->p;
		return 0;
	case DW_FORM_strp:
		return string_at(d, KS_DWARF_STR, v->u, s, err);
	case DW_FORM_line_strp:
		return string_at(d, KS_DWARF_LINE_STR, v->u, s, err);
	case DW_FORM_strp_sup:
	case DW_FORM_GNU_strp_alt:
		return 0;
	case DW_FORM_strx:
	case DW_FORM_strx1:
	case DW_FORM_strx2:
	case DW_FORM_strx3:
	case DW_FORM_strx4:
	case DW_FORM_GNU_str_index:
		ret = table_entry(d, KS_DWARF_STR_OFFSETS, u->str_offsets_base, v->u,
				  u->offset_len, &off, err);
		return ret ? ret : string_at(d, KS_DWARF_STR, off, s, err);
	}
	return ks_dwarf_bad(d, KS_DWARF_INFO, u->off, err,
			    "form 0x%x in this unit: expected one of a string", v->form);
}

int ks_units_read(struct ks_units *u, const struct ks_dwarf *d, struct ksym_error *err)
{
	uint64_t off = 0;
	struct ks_unit unit;
	int ret;

	while ((ret = ks_unit_read(d, off, &unit, err)) > 0) {
		struct ks_unit *slot = ks_vec_push(&u->v);

		if (!slot)
			return ks_error_nomem(err);
		if (u->v.len == UINT32_MAX)
			return ks_error(err, -ENOTSUP, "%s: more than 2^32 - 2 units", d->e->path);
		*slot = unit;
		off = unit.end_off;
	}
	return ret;
}

uint32_t ks_units_find(const struct ks_units *u, uint64_t off)
{
	size_t lo = 0, hi = u->v.len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (u->v.data[mid].off <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && off < u->v.data[lo - 1].end_off ? (uint32_t)lo - 1 : UINT32_MAX;
}
