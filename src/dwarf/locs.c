// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dwarf/locs.h"

struct list {
	struct ks_cursor c;
	const struct ks_unit *u;
	ks_loc_fn fn;
	void *arg;
};

/* The expression that stands here, after its length. */
static int give(struct list *l, uint64_t len)
{
	const uint8_t *expr = l->c.pos;

	return ks_cursor_skip(&l->c, len) ? l->fn(l->arg, expr, len) : 0;
}

/* .debug_loc: pairs of addresses, each but those that set a base with an expression. */
static int read_pairs(struct list *l)
{
	unsigned int addr_len = l->u->addr_len;
	uint64_t max = addr_len == 4 ? UINT32_MAX : UINT64_MAX;
	int ret = 0;

	while (!ret && !l->c.failed) {
		uint64_t start = ks_cursor_uint(&l->c, addr_len);
		uint64_t end = ks_cursor_uint(&l->c, addr_len);

		if (l->c.failed || (!start && !end))
			break;
		if (start != max)
			ret = give(l, ks_cursor_u16(&l->c));
	}
	return ret;
}

/* .debug_loclists: one entry. */
static int read_entry(struct list *l)
{
	switch (ks_cursor_u8(&l->c)) {
	case DW_LLE_end_of_list:
		return KS_LOCS_STOP;
	case DW_LLE_base_addressx:
		ks_cursor_uleb(&l->c);
		return 0;
	case DW_LLE_base_address:
		ks_cursor_uint(&l->c, l->u->addr_len);
		return 0;
	case DW_LLE_GNU_view_pair:
		ks_cursor_uleb(&l->c);
		ks_cursor_uleb(&l->c);
		return 0;
	case DW_LLE_startx_endx:
	case DW_LLE_startx_length:
	case DW_LLE_offset_pair:
		ks_cursor_uleb(&l->c);
		ks_cursor_uleb(&l->c);
		break;
	case DW_LLE_default_location:
		break;
	case DW_LLE_start_end:
		ks_cursor_uint(&l->c, l->u->addr_len);
		ks_cursor_uint(&l->c, l->u->addr_len);
		break;
	case DW_LLE_start_length:
		ks_cursor_uint(&l->c, l->u->addr_len);
		ks_cursor_uleb(&l->c);
		break;
	default:
		ks_cursor_fail(&l->c, "a kind of location list entry from 0 to 9 before this");
		return 0;
	}
	return give(l, ks_cursor_uleb(&l->c));
}

static int read_entries(struct list *l)
{
	int ret = 0;

	while (!ret && !l->c.failed)
		ret = read_entry(l);
	return ret;
}

/* Where list number @nr of the unit begins: an array of offsets, from its own start, is
 * behind the header. */
static int find_list(const struct ks_dwarf *d, const struct ks_unit *u, uint64_t nr, uint64_t *off,
		     struct ksym_error *err)
{
	struct ks_cursor c = ks_dwarf_cursor(d, KS_DWARF_LOCLISTS, u->loclists_base);
	uint64_t full = d->s[KS_DWARF_LOCLISTS].len;

	if (nr > full)
		return ks_dwarf_bad(d, KS_DWARF_LOCLISTS, 0, err,
				    "list 0x%llx: expected a smaller number",
				    (unsigned long long)nr);
	ks_cursor_skip(&c, nr * u->offset_len);
	*off = ks_cursor_uint(&c, u->offset_len);
	if (!c.failed)
		*off = *off > full ? full + 1 : *off + u->loclists_base;
	return ks_cursor_error(&c, err);
}

int ks_locs_read(const struct ks_dwarf *d, const struct ks_unit *u, uint16_t form, uint64_t value,
		 uint64_t *budget, ks_loc_fn fn, void *arg, struct ksym_error *err)
{
	enum ks_dwarf_id id = u->version >= 5 ? KS_DWARF_LOCLISTS : KS_DWARF_LOC;
	struct list l = { .u = u, .fn = fn, .arg = arg };
	uint64_t off = value, start;
	int ret;

	if (form == DW_FORM_loclistx) {
		ret = find_list(d, u, value, &off, err);
		if (ret)
			return ret;
	} else if (form != DW_FORM_sec_offset && form != DW_FORM_data4 && form != DW_FORM_data8) {
		return ks_dwarf_bad(d, KS_DWARF_INFO, u->off, err,
				    "DW_AT_location of form 0x%x in this unit: expected an expression or an offset",
				    form);
	}
	l.c = ks_dwarf_cursor(d, id, off);
	start = ks_cursor_off(&l.c);
	/* The end of what may be read stands in for a check of every entry. */
	if (ks_cursor_left(&l.c) > *budget)
		l.c.end = l.c.pos + *budget;
	ret = u->version >= 5 ? read_entries(&l) : read_pairs(&l);
	*budget -= ks_cursor_off(&l.c) - start;
	return ret < 0 ? ret : ks_cursor_error(&l.c, err);
}
