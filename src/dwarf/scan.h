/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The DIE scanner: runs compiled abbreviations over the DIEs of a unit.
 *
 * There is one interpreter, ks_scan_values().  A pass is a struct ks_pass and a
 * callback; ks_scan_unit() is expanded where it is called, so that the callback
 * is part of the loop and byte order is a constant in it.
 *
 *   static int visit(const struct ks_scan *s, const struct ks_die *die, void *arg)
 *   {
 *           ... die->tag, die->v[slot] for the slots in die->slots ...
 *           return KS_SCAN_NEXT;
 *   }
 *   ret = ks_scan_unit(&s, visit, arg, err);
 *
 * Nesting is a counter, not a stack, so no depth is too deep.  Every DIE takes at
 * least the byte of its code and jumps go forward only, so every scan ends.  A
 * unit may end without closing its levels: that harms nobody.
 *
 * bench/bench_dwarf.c, "visit every DIE", measures the loop.
 */
#ifndef KS_DWARF_SCAN_H
#define KS_DWARF_SCAN_H

#include "dwarf/abbrev.h"

#define ks_always_inline inline __attribute__((always_inline))

struct ks_die {
	uint64_t off;			/* in .debug_info */
	const struct ks_abbrev *abbrev;	/* until the callback returns */
	uint32_t slots;			/* which of v are set */
	uint16_t tag;
	bool children;
	int64_t depth;			/* 0 for the first DIE of the unit */
	const uint8_t *end;		/* behind the values: children, or the next DIE */
	const uint8_t *sibling;		/* where the children end, NULL when not known */
	struct ks_value v[KS_NR_SLOTS];
};

/* What a callback returns, or a negative error. */
enum ks_scan_verdict {
	KS_SCAN_NEXT = 0,
	KS_SCAN_SKIP_CHILDREN = 1,
	KS_SCAN_STOP = 2,
};

struct ks_scan {
	struct ks_abbrevs *as;
	const struct ks_dwarf *d;
	const struct ks_unit *u;
	struct ks_abbrev_table *t;
};

typedef int (*ks_die_fn)(const struct ks_scan *s, const struct ks_die *die, void *arg);

/* Prepare to scan @u; @s refers to it. */
static inline int ks_scan_init(struct ks_scan *s, struct ks_abbrevs *as, const struct ks_unit *u,
			       struct ksym_error *err)
{
	*s = (struct ks_scan){ .as = as, .d = as->d, .u = u };
	return ks_abbrevs_table(as, u, &s->t, err);
}

/* Any LEB128 number at @pos: what follows it, or NULL. */
const uint8_t *ks_scan_leb(const uint8_t *pos, const uint8_t *end, bool is_signed, uint64_t *v);

static ks_always_inline const uint8_t *ks_scan_uleb(const uint8_t *pos, const uint8_t *end,
						    uint64_t *v)
{
	if (ks_likely(pos < end && *pos < 0x80)) {
		*v = *pos;
		return pos + 1;
	}
	return ks_scan_leb(pos, end, false, v);
}

static ks_always_inline uint64_t ks_scan_uint(const uint8_t *pos, unsigned int len, bool swap)
{
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;

	switch (len) {
	case 1:
		return *pos;
	case 2:
		memcpy(&v16, pos, 2);
		return swap ? __builtin_bswap16(v16) : v16;
	case 3:
		return swap == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
			       ? pos[0] | pos[1] << 8 | pos[2] << 16
			       : pos[0] << 16 | pos[1] << 8 | pos[2];
	case 4:
		memcpy(&v32, pos, 4);
		return swap ? __builtin_bswap32(v32) : v32;
	}
	memcpy(&v64, pos, 8);
	return swap ? __builtin_bswap64(v64) : v64;
}

/*
 * Run the program @op over the values at @pos, up to @end.  Returns what follows
 * them, or NULL when they run out of the unit or make no sense; no place is kept,
 * because the DIE that has them is place enough.
 */
static ks_always_inline const uint8_t *
ks_scan_values(const struct ks_abbrev_table *t, const union ks_op *op, unsigned int nr,
	       const uint8_t *pos, const uint8_t *end, struct ks_value *values, const bool swap)
{
#define KS_SCAN_NEED(n)                                          \
	do {                                                     \
		if (ks_unlikely((n) > (uint64_t)(end - pos)))    \
			return NULL;                             \
	} while (0)

	for (const union ks_op *last = op + nr; op < last; op++) {
		struct ks_value *v = &values[op->slot];
		unsigned int kind = op->kind, skip = op->skip;
		const uint8_t *nul;
		uint64_t n;

		v->form = op->form;
again:
		switch (kind) {
#define KS_SCAN_FIXED(size)                                      \
		KS_SCAN_NEED(size);                              \
		v->u = ks_scan_uint(pos, size, swap);            \
		pos += (size)
		case KS_OP_U1:
			KS_SCAN_FIXED(1);
			break;
		case KS_OP_U2:
			KS_SCAN_FIXED(2);
			break;
		case KS_OP_U3:
			KS_SCAN_FIXED(3);
			break;
		case KS_OP_U4:
			KS_SCAN_FIXED(4);
			break;
		case KS_OP_U8:
			KS_SCAN_FIXED(8);
			break;
		case KS_OP_DATA16:
			KS_SCAN_NEED(16);
			v->p = pos;
			v->len = 16;
			pos += 16;
			break;
		case KS_OP_ULEB:
			pos = ks_scan_uleb(pos, end, &v->u);
			if (ks_unlikely(!pos))
				return NULL;
			break;
		case KS_OP_SLEB:
			pos = ks_scan_leb(pos, end, true, &v->u);
			if (ks_unlikely(!pos))
				return NULL;
			break;
		case KS_OP_STRING:
			nul = memchr(pos, 0, (size_t)(end - pos));
			if (ks_unlikely(!nul || nul - pos > UINT32_MAX))
				return NULL;
			v->p = pos;
			v->len = (uint32_t)(nul - pos);
			pos = nul + 1;
			break;
		case KS_OP_BLOCK1:
		case KS_OP_BLOCK2:
		case KS_OP_BLOCK4:
			n = kind == KS_OP_BLOCK1 ? 1 : kind == KS_OP_BLOCK2 ? 2 : 4;
			KS_SCAN_NEED(n);
			v->len = (uint32_t)(n == 1   ? ks_scan_uint(pos, 1, swap)
					    : n == 2 ? ks_scan_uint(pos, 2, swap)
						     : ks_scan_uint(pos, 4, swap));
			pos += n;
			KS_SCAN_NEED(v->len);
			v->p = pos;
			pos += v->len;
			break;
		case KS_OP_BLOCK:
			pos = ks_scan_uleb(pos, end, &n);
			if (ks_unlikely(!pos || n > UINT32_MAX))
				return NULL;
			KS_SCAN_NEED(n);
			v->p = pos;
			v->len = (uint32_t)n;
			pos += n;
			break;
		case KS_OP_FLAG:
			v->u = 1;
			break;
		case KS_OP_CONST:
			v->u = (uint64_t)(++op)->value;
			break;
		case KS_OP_INDIRECT:
			pos = ks_scan_uleb(pos, end, &n);
			if (ks_unlikely(!pos || n > UINT16_MAX))
				return NULL;
			v->form = (uint16_t)n;
			kind = ks_form_kind(t, (unsigned int)n);
			/* Neither can stand in a DIE. */
			if (kind == KS_OP_INDIRECT || kind == KS_OP_CONST)
				return NULL;
			goto again;
		default:
			return NULL;
		}
		KS_SCAN_NEED(skip);
		pos += skip;
	}
	return pos;
#undef KS_SCAN_FIXED
#undef KS_SCAN_NEED
}

/* Errors of the loop: -EBADMSG. */
ks_cold int ks_scan_bad_values(const struct ks_scan *s, const uint8_t *die, struct ksym_error *err);
ks_cold int ks_scan_bad_code(const struct ks_scan *s, const uint8_t *die, struct ksym_error *err);
ks_cold int ks_scan_bad_sibling(const struct ks_scan *s, const uint8_t *die, uint64_t value,
				struct ksym_error *err);

/* Where the sibling value @v of a DIE that ends at @pos leads, or NULL. */
static ks_always_inline const uint8_t *ks_scan_sibling(const struct ks_scan *s,
						       const struct ks_value *v,
						       const uint8_t *pos, const uint8_t *base)
{
	/* @pos is inside the unit, so a sibling beyond it cannot underflow. */
	if (ks_unlikely(v->u <= (uint64_t)(pos - base) || v->u > s->u->end_off - s->u->off))
		return NULL;
	return base + v->u;
}

static ks_always_inline int ks_scan_loop(struct ks_scan *s, ks_die_fn fn, void *arg,
					 struct ksym_error *err, const bool swap)
{
	const uint8_t *info = s->d->s[KS_DWARF_INFO].data, *base = info + s->u->off;
	const uint8_t *pos = info + s->u->die_off, *end = info + s->u->end_off;
	const struct ks_abbrev *dense = s->t->dense.data;
	const union ks_op *ops = s->t->ops.data;
	size_t nr_dense = s->t->dense.len;
	/* Depth of the DIE whose children are passed over one by one, until their
	 * end brings the depth back to it; INT64_MAX when nothing is. */
	int64_t depth = 0, quiet = INT64_MAX;
	struct ks_die die;

	while (pos < end) {
		const uint8_t *start = pos;
		const struct ks_abbrev *a;
		uint64_t code;
		bool prune;
		int ret;

		pos = ks_scan_uleb(pos, end, &code);
		if (ks_unlikely(!pos))
			return ks_scan_bad_code(s, start, err);
		/* dense[0] is the end of children, which has no tag. */
		if (ks_likely(code < nr_dense && (dense[code].tag || !code))) {
			a = &dense[code];
		} else {
			ret = ks_abbrev_find(s->as, s->t, code, (uint64_t)(start - info), &a, err);
			if (ret)
				return ret;
			dense = s->t->dense.data;
			nr_dense = s->t->dense.len;
			ops = s->t->ops.data;
		}
		if (ks_unlikely(a->skip > (uint64_t)(end - pos)))
			return ks_scan_bad_values(s, start, err);
		pos += a->skip;
		if (a->nr_ops) {
			pos = ks_scan_values(s->t, ops + a->ops, a->nr_ops, pos, end, die.v, swap);
			if (ks_unlikely(!pos))
				return ks_scan_bad_values(s, start, err);
		}
		if (!(a->flags & (KS_DIE_REPORT | KS_DIE_PRUNE))) {
			depth += a->delta;
			if (depth <= quiet)
				quiet = INT64_MAX;
			if (depth <= 0)
				break;
			continue;
		}

		prune = a->flags & KS_DIE_PRUNE;
		die.sibling = NULL;
		if (a->slots & 1u << KS_SLOT_SIBLING) {
			die.sibling = ks_scan_sibling(s, &die.v[KS_SLOT_SIBLING], pos, base);
			if (ks_unlikely(!die.sibling))
				return ks_scan_bad_sibling(s, start, die.v[KS_SLOT_SIBLING].u, err);
		}
		if (quiet == INT64_MAX) {
			if (a->flags & KS_DIE_REPORT) {
				die.off = (uint64_t)(start - info);
				die.abbrev = a;
				die.slots = a->slots;
				die.tag = a->tag;
				die.children = a->flags & KS_ABBREV_CHILDREN;
				die.depth = depth;
				die.end = pos;
				ret = fn(s, &die, arg);
				if (ret < 0)
					return ret;
				if (ret == KS_SCAN_STOP)
					break;
				prune |= ret == KS_SCAN_SKIP_CHILDREN;
			}
			if (prune && (a->flags & KS_ABBREV_CHILDREN) && !die.sibling)
				quiet = depth;
		}
		if (prune && die.sibling)
			pos = die.sibling;
		else
			depth += a->delta;
		if (depth <= 0)
			break;
	}
	return 0;
}

/* Call @fn for the DIEs of the unit that the pass reports, in their order. */
static ks_always_inline int ks_scan_unit(struct ks_scan *s, ks_die_fn fn, void *arg,
					 struct ksym_error *err)
{
	return s->d->e->swap ? ks_scan_loop(s, fn, arg, err, true)
			     : ks_scan_loop(s, fn, arg, err, false);
}

/* Read the one DIE at @off of .debug_info, inside the unit.  @die->abbrev lives
 * until the next call. */
int ks_scan_die(struct ks_scan *s, uint64_t off, struct ks_die *die,
		struct ksym_error *err) ks_must_check;

#endif
