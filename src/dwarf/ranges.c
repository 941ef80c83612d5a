// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dwarf/ranges.h"

static uint64_t max_va(const struct ks_unit *u)
{
	return u->addr_len == 4 ? UINT32_MAX : UINT64_MAX;
}

static bool is_tombstone(const struct ks_unit *u, uint64_t va)
{
	return va >= max_va(u) - 1;
}

int ks_range_emit(const struct ks_dwarf *d, const struct ks_unit *u, uint64_t va, uint64_t end_va,
		  ks_range_fn fn, void *arg, struct ksym_error *err)
{
	if (va == end_va || is_tombstone(u, va))
		return 0;
	if (end_va < va || end_va > max_va(u))
		return ks_dwarf_bad(d, KS_DWARF_INFO, u->off, err,
				    "a range of this unit is 0x%llx to 0x%llx: expected an end behind its start",
				    (unsigned long long)va, (unsigned long long)end_va);
	return fn(arg, va, end_va, err);
}

/* One list while it is read. */
struct list {
	const struct ks_dwarf *d;
	const struct ks_unit *u;
	struct ks_cursor c;
	uint64_t base_va;
	ks_range_fn fn;
	void *arg;
};

/* [@va, @va + @len), which must not wrap. */
static int emit_len(const struct list *l, uint64_t va, uint64_t len, struct ksym_error *err)
{
	uint64_t end_va;

	if (is_tombstone(l->u, va))
		return 0;
	if (__builtin_add_overflow(va, len, &end_va))
		end_va = 0;	/* lies before its start: told so there */
	return ks_range_emit(l->d, l->u, va, end_va, l->fn, l->arg, err);
}

/* Two offsets from the base address. */
static int emit_pair(const struct list *l, uint64_t start, uint64_t end, struct ksym_error *err)
{
	if (start == end || is_tombstone(l->u, l->base_va) || is_tombstone(l->u, start))
		return 0;
	/* Sums are taken modulo the size of an address: a base may be above. */
	return ks_range_emit(l->d, l->u, (l->base_va + start) & max_va(l->u),
			     (l->base_va + end) & max_va(l->u), l->fn, l->arg, err);
}

/* .debug_ranges: pairs of addresses; (0, 0) ends, (highest, X) sets the base. */
static int read_pairs(struct list *l, struct ksym_error *err)
{
	while (!l->c.failed) {
		uint64_t start = ks_cursor_uint(&l->c, l->u->addr_len);
		uint64_t end = ks_cursor_uint(&l->c, l->u->addr_len);
		int ret;

		if (!start && !end)
			break;
		if (start == max_va(l->u)) {
			l->base_va = end;
			continue;
		}
		ret = emit_pair(l, start, end, err);
		if (ret)
			return ret;
	}
	return ks_cursor_error(&l->c, err);
}

/* .debug_rnglists: one entry.  1 at the end of the list. */
static int read_entry(struct list *l, struct ksym_error *err)
{
	unsigned int kind = ks_cursor_u8(&l->c);
	uint64_t a, b;
	int ret;

	switch (kind) {
	case DW_RLE_end_of_list:
		return 1;
	case DW_RLE_base_addressx:
		a = ks_cursor_uleb(&l->c);
		return l->c.failed ? 0 : ks_unit_addrx(l->d, l->u, a, &l->base_va, err);
	case DW_RLE_startx_endx:
	case DW_RLE_startx_length:
		a = ks_cursor_uleb(&l->c);
		b = ks_cursor_uleb(&l->c);
		if (l->c.failed)
			return 0;
		ret = ks_unit_addrx(l->d, l->u, a, &a, err);
		if (ret)
			return ret;
		if (kind == DW_RLE_startx_length)
			return emit_len(l, a, b, err);
		ret = ks_unit_addrx(l->d, l->u, b, &b, err);
		return ret ? ret : ks_range_emit(l->d, l->u, a, b, l->fn, l->arg, err);
	case DW_RLE_offset_pair:
		a = ks_cursor_uleb(&l->c);
		b = ks_cursor_uleb(&l->c);
		return l->c.failed ? 0 : emit_pair(l, a, b, err);
	case DW_RLE_base_address:
		l->base_va = ks_cursor_uint(&l->c, l->u->addr_len);
		return 0;
	case DW_RLE_start_end:
		a = ks_cursor_uint(&l->c, l->u->addr_len);
		b = ks_cursor_uint(&l->c, l->u->addr_len);
		return l->c.failed ? 0
				   : ks_range_emit(l->d, l->u, a, b, l->fn, l->arg, err);
	case DW_RLE_start_length:
		a = ks_cursor_uint(&l->c, l->u->addr_len);
		b = ks_cursor_uleb(&l->c);
		return l->c.failed ? 0 : emit_len(l, a, b, err);
	}
	ks_cursor_fail(&l->c, "a kind of range list entry from 0 to 7 before this");
	return 0;
}

static int read_entries(struct list *l, struct ksym_error *err)
{
	while (!l->c.failed) {
		int ret = read_entry(l, err);

		if (ret < 0)
			return ret;
		if (ret)
			break;
	}
	return ks_cursor_error(&l->c, err);
}

int ks_ranges_read(const struct ks_dwarf *d, const struct ks_unit *u, const struct ks_value *v,
		   uint64_t *budget, ks_range_fn fn, void *arg, struct ksym_error *err)
{
	enum ks_dwarf_id id = u->version >= 5 ? KS_DWARF_RNGLISTS : KS_DWARF_RANGES;
	struct list l = { .d = d, .u = u, .base_va = u->low_va, .fn = fn, .arg = arg };
	uint64_t off = v->u, start, full = d->s[id].len;
	int ret;

	if (v->form == DW_FORM_rnglistx) {
		/* An array of offsets, from its own start, is behind the header. */
		if (v->u > full)
			return ks_dwarf_bad(d, id, 0, err, "list 0x%llx: expected a smaller number",
					    (unsigned long long)v->u);
		l.c = ks_dwarf_cursor(d, id, u->rnglists_base);
		ks_cursor_skip(&l.c, v->u * u->offset_len);
		off = ks_cursor_uint(&l.c, u->offset_len);
		ret = ks_cursor_error(&l.c, err);
		if (ret)
			return ret;
		if (off > full)
			off = full + 1;
		else
			off += u->rnglists_base;
	} else if (v->form != DW_FORM_sec_offset && v->form != DW_FORM_data4 &&
		   v->form != DW_FORM_data8) {
		return ks_dwarf_bad(d, KS_DWARF_INFO, u->off, err,
				    "DW_AT_ranges of form 0x%x in this unit: expected an offset",
				    v->form);
	}
	l.c = ks_dwarf_cursor(d, id, off);
	start = ks_cursor_off(&l.c);
	/* The end of what may be read stands in for a check of every entry. */
	if (ks_cursor_left(&l.c) > *budget)
		l.c.end = l.c.pos + *budget;
	ret = u->version >= 5 ? read_entries(&l, err) : read_pairs(&l, err);
	*budget -= ks_cursor_off(&l.c) - start;
	return ret;
}
