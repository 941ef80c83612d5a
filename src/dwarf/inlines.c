// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Inlined functions are DIEs inside those of the functions that swallowed them.  Whatever
 * does not cover the address is jumped over, so a search costs little more than the
 * functions of the unit by number.
 */
#include "dwarf/inlines.h"

#include "dwarf/ranges.h"
#include "dwarf/scan.h"

/* Deeper chains are cut: compilers make none of a tenth of that. */
#define MAX_DEPTH 256

enum slot {
	SLOT_NAME,
	SLOT_LOW_PC,
	SLOT_HIGH_PC,
	SLOT_RANGES,
	SLOT_ORIGIN,
	SLOT_CALL_FILE,
	SLOT_CALL_LINE,
	SLOT_STR_OFFSETS_BASE,
	SLOT_ADDR_BASE,
	SLOT_RNGLISTS_BASE,
};

static unsigned int pass_slot(unsigned int tag, unsigned int attr, unsigned int form)
{
	(void)form;
	switch (attr) {
	case DW_AT_low_pc:
		return SLOT_LOW_PC;
	case DW_AT_high_pc:
		return SLOT_HIGH_PC;
	case DW_AT_ranges:
		return SLOT_RANGES;
	case DW_AT_str_offsets_base:
		return SLOT_STR_OFFSETS_BASE;
	case DW_AT_addr_base:
	case DW_AT_GNU_addr_base:
		return SLOT_ADDR_BASE;
	case DW_AT_rnglists_base:
		return SLOT_RNGLISTS_BASE;
	}
	if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine)
		return KS_SLOT_NONE;
	switch (attr) {
	case DW_AT_name:
		return SLOT_NAME;
	case DW_AT_abstract_origin:
	case DW_AT_specification:
		return SLOT_ORIGIN;
	case DW_AT_call_file:
		return SLOT_CALL_FILE;
	case DW_AT_call_line:
		return SLOT_CALL_LINE;
	}
	return KS_SLOT_NONE;
}

static unsigned int pass_action(unsigned int tag, uint32_t slots)
{
	(void)slots;
	switch (tag) {
	case DW_TAG_compile_unit:
	case DW_TAG_skeleton_unit:
		return KS_DIE_REPORT;
	case DW_TAG_subprogram:
	case DW_TAG_inlined_subroutine:
		return KS_DIE_REPORT | KS_DIE_MAY_PRUNE;
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		return 0;
	}
	return KS_DIE_PRUNE;
}

static const struct ks_pass pass = { .slot = pass_slot, .action = pass_action };

struct search {
	struct ks_inlines *r;
	const struct ks_cus *cus;
	struct ks_unit *u;
	uint64_t va;
	uint64_t budget;	/* for range lists */
	bool covered;
	struct ksym_error *err;
};

static bool has(const struct ks_die *die, enum slot slot)
{
	return die->slots & 1u << slot;
}

static int one_range(void *arg, uint64_t va, uint64_t end_va, struct ksym_error *err)
{
	struct search *s = arg;

	(void)err;
	s->covered |= s->va >= va && s->va < end_va;
	return 0;
}

/* Is the address in the code of the DIE?  1, 0, or an error. */
static int covers(struct search *s, const struct ks_die *die)
{
	const struct ks_value *high = &die->v[SLOT_HIGH_PC];
	uint64_t va, end_va;
	int ret;

	s->covered = false;
	if (has(die, SLOT_RANGES)) {
		ret = ks_ranges_read(&s->r->d, s->u, &die->v[SLOT_RANGES], &s->budget, one_range, s,
				     s->err);
		return ret ? ret : s->covered;
	}
	if (!has(die, SLOT_LOW_PC) || !has(die, SLOT_HIGH_PC))
		return 0;
	ret = ks_value_va(&s->r->d, s->u, &die->v[SLOT_LOW_PC], &va, s->err);
	if (ret)
		return ret;
	if (ks_form_is_constant(high->form)) {
		end_va = va + high->u;
	} else {
		ret = ks_value_va(&s->r->d, s->u, high, &end_va, s->err);
		if (ret)
			return ret;
	}
	return s->va >= va && s->va < end_va;
}

/* Offset in .debug_info of the DIE that a value refers to, UINT64_MAX for others. */
static uint64_t reference(const struct ks_unit *u, const struct ks_value *v)
{
	switch (v->form) {
	case DW_FORM_ref1:
	case DW_FORM_ref2:
	case DW_FORM_ref4:
	case DW_FORM_ref8:
	case DW_FORM_ref_udata:
		return v->u < u->end_off - u->off ? u->off + v->u : UINT64_MAX;
	case DW_FORM_ref_addr:
		return v->u;
	}
	return UINT64_MAX;
}

/* The unit around @off of .debug_info, with its bases; 1, 0 when there is none, or an error. */
static int unit_around(struct search *s, uint64_t off, struct ks_unit *u, struct ks_scan *scan)
{
	size_t lo = 0, hi = s->cus->nr_cus;
	struct ks_die die;
	int ret;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->cus->cus[mid].off <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return 0;
	ret = ks_unit_read(&s->r->d, s->cus->cus[lo - 1].off, u, s->err);
	if (ret <= 0 || off < u->die_off || off >= u->end_off)
		return ret < 0 ? ret : 0;
	ret = ks_scan_init(scan, &s->r->as, u, s->err);
	if (!ret)
		ret = ks_scan_die(scan, u->die_off, &die, s->err);
	if (ret)
		return ret;
	if (has(&die, SLOT_STR_OFFSETS_BASE))
		u->str_offsets_base = die.v[SLOT_STR_OFFSETS_BASE].u;
	return 1;
}

/* The name of an inlined function is that of what it is an instance of. */
static int find_name(struct search *s, uint64_t off, const char **name)
{
	struct ks_scan scan;
	struct ks_unit u;
	struct ks_die die;
	int ret;

	for (unsigned int step = 0; step < 4 && off != UINT64_MAX; step++) {
		ret = unit_around(s, off, &u, &scan);
		if (ret <= 0)
			return ret;
		ret = ks_scan_die(&scan, off, &die, s->err);
		if (ret)
			return ret;
		if (has(&die, SLOT_NAME))
			return ks_value_string(&s->r->d, &u, &die.v[SLOT_NAME], name, s->err);
		off = has(&die, SLOT_ORIGIN) ? reference(&u, &die.v[SLOT_ORIGIN]) : UINT64_MAX;
	}
	return 0;
}

static uint32_t number(const struct ks_die *die, enum slot slot)
{
	const struct ks_value *v = &die->v[slot];

	return has(die, slot) && ks_form_is_constant(v->form) && v->u < UINT32_MAX ? (uint32_t)v->u : 0;
}

static int visit(const struct ks_scan *scan, const struct ks_die *die, void *arg)
{
	struct search *s = arg;
	struct ks_inline *in;
	int ret;

	(void)scan;
	if (!die->depth) {
		if (has(die, SLOT_STR_OFFSETS_BASE))
			s->u->str_offsets_base = die->v[SLOT_STR_OFFSETS_BASE].u;
		if (has(die, SLOT_ADDR_BASE))
			s->u->addr_base = die->v[SLOT_ADDR_BASE].u;
		if (has(die, SLOT_RNGLISTS_BASE))
			s->u->rnglists_base = die->v[SLOT_RNGLISTS_BASE].u;
		return has(die, SLOT_LOW_PC) ? ks_value_va(&s->r->d, s->u, &die->v[SLOT_LOW_PC],
							   &s->u->low_va, s->err) : 0;
	}
	ret = covers(s, die);
	if (ret < 0)
		return ret;
	if (!ret)
		return KS_SCAN_SKIP_CHILDREN;
	if (die->tag == DW_TAG_subprogram)
		return KS_SCAN_NEXT;
	if (s->r->v.len == MAX_DEPTH)
		return KS_SCAN_STOP;
	in = ks_vec_push(&s->r->v);
	if (!in)
		return ks_error_nomem(s->err);
	*in = (struct ks_inline){ .name = "", .call_file = number(die, SLOT_CALL_FILE),
				  .call_line = number(die, SLOT_CALL_LINE) };
	in->origin = has(die, SLOT_ORIGIN) ? reference(s->u, &die->v[SLOT_ORIGIN]) : UINT64_MAX;
	return KS_SCAN_NEXT;
}

int ks_inlines_init(struct ks_inlines *r, struct ks_elf *e, struct ksym_error *err)
{
	int ret;

	*r = (struct ks_inlines){ .d = { .e = e } };
	ret = ks_dwarf_load(&r->d, ~(1u << KS_DWARF_LINE | KS_DWARF_SET_LOCATIONS), err);
	return ret ? ret : ks_abbrevs_init(&r->as, &r->d, &pass, err);
}

void ks_inlines_free(struct ks_inlines *r)
{
	ks_abbrevs_free(&r->as);
	ks_vec_free(&r->v);
}

int ks_inlines_at(struct ks_inlines *r, const struct ks_cus *cus, uint32_t cu, uint64_t va,
		  struct ksym_error *err)
{
	struct ks_unit u;
	struct search s = { .r = r, .cus = cus, .u = &u, .va = va, .err = err };
	struct ks_scan scan;
	int ret = ks_unit_read(&r->d, cus->cus[cu].off, &u, err);

	r->v.len = 0;
	if (ret <= 0 || u.die_off == u.end_off)
		return ret < 0 ? ret : 0;
	s.budget = 16 * (uint64_t)(r->d.s[KS_DWARF_RANGES].len + r->d.s[KS_DWARF_RNGLISTS].len);
	ret = ks_scan_init(&scan, &r->as, &u, err);
	if (!ret)
		ret = ks_scan_unit(&scan, visit, &s, err);
	/* Only now: reading a DIE moves what the scan stands on. */
	for (size_t i = 0; i < r->v.len && !ret; i++) {
		ret = find_name(&s, r->v.data[i].origin, &r->v.data[i].name);
		ret = ret < 0 ? ret : 0;
	}
	return ret;
}
