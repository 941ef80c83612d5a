// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dwarf/scan.h"

const uint8_t *ks_scan_leb(const uint8_t *pos, const uint8_t *end, bool is_signed, uint64_t *v)
{
	struct ks_cursor c = { .pos = pos, .end = end, .start = pos };

	*v = is_signed ? (uint64_t)ks_cursor_sleb(&c) : ks_cursor_uleb(&c);
	return c.failed ? NULL : c.pos;
}

static uint64_t info_off(const struct ks_scan *s, const uint8_t *pos)
{
	return (uint64_t)(pos - s->d->s[KS_DWARF_INFO].data);
}

int ks_scan_bad_values(const struct ks_scan *s, const uint8_t *die, struct ksym_error *err)
{
	return ks_dwarf_bad(s->d, KS_DWARF_INFO, info_off(s, die), err,
			    "DIE: expected its attributes to be well-formed and to end inside the unit, at 0x%llx",
			    (unsigned long long)s->u->end_off);
}

int ks_scan_bad_code(const struct ks_scan *s, const uint8_t *die, struct ksym_error *err)
{
	return ks_dwarf_bad(s->d, KS_DWARF_INFO, info_off(s, die), err,
			    "DIE: expected an abbreviation code of at most 64 bits");
}

int ks_scan_bad_sibling(const struct ks_scan *s, const uint8_t *die, uint64_t value,
			struct ksym_error *err)
{
	return ks_dwarf_bad(s->d, KS_DWARF_INFO, info_off(s, die), err,
			    "DIE: sibling at 0x%llx of the unit: expected one behind this DIE and inside the unit",
			    (unsigned long long)value);
}

int ks_scan_die(struct ks_scan *s, uint64_t off, struct ks_die *die, struct ksym_error *err)
{
	const uint8_t *info = s->d->s[KS_DWARF_INFO].data, *end = info + s->u->end_off;
	const struct ks_abbrev *a;
	const uint8_t *pos;
	uint64_t code;
	int ret;

	if (off < s->u->die_off || off >= s->u->end_off)
		return ks_dwarf_bad(s->d, KS_DWARF_INFO, off, err,
				    "expected an offset inside the unit at 0x%llx",
				    (unsigned long long)s->u->off);
	pos = ks_scan_uleb(info + off, end, &code);
	if (!pos || !code)
		return ks_scan_bad_code(s, info + off, err);
	if (code < s->t->dense.len && s->t->dense.data[code].tag) {
		a = &s->t->dense.data[code];
	} else {
		ret = ks_abbrev_find(s->as, s->t, code, off, &a, err);
		if (ret)
			return ret;
	}
	if (a->skip > (uint64_t)(end - pos))
		return ks_scan_bad_values(s, info + off, err);
	pos = ks_scan_values(s->t, s->t->ops.data + a->ops, a->nr_ops, pos + a->skip, end, die->v,
			     s->d->e->swap);
	if (!pos)
		return ks_scan_bad_values(s, info + off, err);
	die->off = off;
	die->abbrev = a;
	die->slots = a->slots;
	die->tag = a->tag;
	die->children = a->flags & KS_ABBREV_CHILDREN;
	die->depth = off == s->u->die_off ? 0 : -1;
	die->end = pos;
	die->sibling = NULL;
	if (a->slots & 1u << KS_SLOT_SIBLING) {
		die->sibling = ks_scan_sibling(s, &die->v[KS_SLOT_SIBLING], pos, info + s->u->off);
		if (!die->sibling)
			return ks_scan_bad_sibling(s, info + off, die->v[KS_SLOT_SIBLING].u, err);
	}
	return 0;
}
