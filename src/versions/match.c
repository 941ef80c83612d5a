// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/match.h"

#include <stdlib.h>
#include <string.h>
#include "dwarf/scan.h"
#include "dwarf/units.h"

enum slot {
	SLOT_NAME,
	SLOT_LINKAGE_NAME,
	SLOT_ABSTRACT_ORIGIN,
	SLOT_LANGUAGE,
	SLOT_STR_OFFSETS_BASE,
};

/* -------------------------------------------------------------- the pass */

static unsigned int pass_slot(unsigned int tag, unsigned int attr, unsigned int form)
{
	(void)form;
	switch (attr) {
	case DW_AT_name:
		return tag == DW_TAG_subprogram || tag == DW_TAG_variable ? SLOT_NAME
									  : KS_SLOT_NONE;
	case DW_AT_linkage_name:
		return SLOT_LINKAGE_NAME;
	case DW_AT_abstract_origin:
		return SLOT_ABSTRACT_ORIGIN;
	case DW_AT_language:
		return SLOT_LANGUAGE;
	case DW_AT_str_offsets_base:
		return SLOT_STR_OFFSETS_BASE;
	}
	return KS_SLOT_NONE;
}

/* In C, structures hold no functions. */
static unsigned int c_action(unsigned int tag, uint32_t slots)
{
	(void)slots;
	switch (tag) {
	case DW_TAG_compile_unit:
	case DW_TAG_partial_unit:
		return KS_DIE_REPORT;
	case DW_TAG_subprogram:
	case DW_TAG_variable:
		return KS_DIE_REPORT | KS_DIE_PRUNE;
	}
	return KS_DIE_PRUNE;
}

static unsigned int any_action(unsigned int tag, uint32_t slots)
{
	switch (tag) {
	case DW_TAG_namespace:
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
		return 0;
	}
	return c_action(tag, slots);
}

static const struct ks_pass c_pass = { .slot = pass_slot, .action = c_action };
static const struct ks_pass any_pass = { .slot = pass_slot, .action = any_action };

/* ------------------------------------------------------------------ hits */

static inline bool has(const struct ks_die *die, enum slot slot)
{
	return die->slots & 1u << slot;
}

static int name_of(struct ks_matcher *m, const struct ks_unit *u, const struct ks_die *die,
		   const char **name)
{
	*name = "";
	if (has(die, SLOT_LINKAGE_NAME))
		return ks_value_string(m->d, u, &die->v[SLOT_LINKAGE_NAME], name, m->err);
	if (has(die, SLOT_NAME))
		return ks_value_string(m->d, u, &die->v[SLOT_NAME], name, m->err);
	return 0;
}

/* Offset that the abstract origin of @die names; 0 when there is none in this file. */
static uint64_t origin_off(const struct ks_unit *u, const struct ks_die *die)
{
	const struct ks_value *v = &die->v[SLOT_ABSTRACT_ORIGIN];

	if (v->form >= DW_FORM_ref1 && v->form <= DW_FORM_ref_udata)
		return v->u < u->end_off - u->off ? u->off + v->u : 0;
	return v->form == DW_FORM_ref_addr ? v->u : 0;
}

/* Base of the unit's strings, when its first DIE names one. */
static int read_bases(struct ks_matcher *m, struct ks_scan *s, struct ks_abbrevs *abbrevs,
		      struct ks_unit *u, struct ks_die *die)
{
	int ret = ks_scan_init(s, abbrevs, u, m->err);

	if (!ret)
		ret = ks_scan_die(s, u->die_off, die, m->err);
	if (!ret && has(die, SLOT_STR_OFFSETS_BASE))
		u->str_offsets_base = die->v[SLOT_STR_OFFSETS_BASE].u;
	return ret;
}

/* The name of the DIE at @off, which may be in any unit; "" when it cannot be. */
static int name_at(struct ks_matcher *m, uint64_t off, const char **name)
{
	uint32_t nr = ks_units_find(m->units, off);
	struct ks_unit u;
	struct ks_scan s;
	struct ks_die die;
	int ret;

	*name = "";
	if (nr == UINT32_MAX || off < m->units->v.data[nr].die_off)
		return 0;
	u = m->units->v.data[nr];
	ret = read_bases(m, &s, &m->origins, &u, &die);
	if (!ret)
		ret = ks_scan_die(&s, off, &die, m->err);
	if (!ret && (die.tag == DW_TAG_subprogram || die.tag == DW_TAG_variable))
		ret = name_of(m, &u, &die, name);
	return ret;
}

static int visit(const struct ks_scan *s, const struct ks_die *die, void *arg)
{
	struct ks_matcher *m = arg;
	struct ks_hit hit = { .off = die->off, .origin_symbol = KS_NO_SYMBOL }, *slot;
	const char *name, *origin_name = "";
	uint64_t origin = 0;
	int ret;

	(void)s;
	if (!die->depth)
		return KS_SCAN_NEXT;
	ret = name_of(m, m->u, die, &name);
	if (!ret && has(die, SLOT_ABSTRACT_ORIGIN))
		origin = origin_off(m->u, die);
	if (!ret && origin)
		ret = name_at(m, origin, &origin_name);
	if (ret)
		return ret;
	hit.symbol = ks_exports_find(m->x, name);
	if (origin) {
		hit.off = origin;
		hit.origin_symbol = ks_exports_find(m->x, origin_name);
		name = origin_name;
	}
	if (hit.symbol == KS_NO_SYMBOL && hit.origin_symbol == KS_NO_SYMBOL)
		return KS_SCAN_NEXT;
	hit.pointer = !strncmp(name, KS_POINTER_PREFIX, KS_POINTER_PREFIX_LEN);
	slot = ks_vec_push(&m->hits->v);
	if (!slot)
		return ks_error_nomem(m->err);
	*slot = hit;
	return KS_SCAN_NEXT;
}

int ks_matcher_unit(struct ks_matcher *m, uint32_t unit, struct ks_hits *hits)
{
	struct ks_scan s;
	struct ks_die die;
	int ret;

	m->hits = hits;
	m->unit = m->units->v.data[unit];
	m->u = &m->unit;
	if (m->unit.die_off == m->unit.end_off)
		return 0;
	ret = read_bases(m, &s, &m->c, &m->unit, &die);
	if (ret || (die.tag != DW_TAG_compile_unit && die.tag != DW_TAG_partial_unit))
		return ret;
	if (!has(&die, SLOT_LANGUAGE) || !ks_language_is_c((uint16_t)die.v[SLOT_LANGUAGE].u))
		ret = ks_scan_init(&s, &m->any, &m->unit, m->err);
	return ret ? ret : ks_scan_unit(&s, visit, m, m->err);
}

int ks_matcher_init(struct ks_matcher *m, const struct ks_dwarf *d, const struct ks_units *units,
		    const struct ks_exports *x, struct ksym_error *err)
{
	int ret;

	*m = (struct ks_matcher){ .d = d, .units = units, .x = x, .err = err };
	ret = ks_abbrevs_init(&m->c, d, &c_pass, err);
	if (!ret)
		ret = ks_abbrevs_init(&m->any, d, &any_pass, err);
	if (!ret)
		ret = ks_abbrevs_init(&m->origins, d, &c_pass, err);
	if (ret)
		ks_matcher_free(m);
	return ret;
}

void ks_matcher_free(struct ks_matcher *m)
{
	ks_abbrevs_free(&m->c);
	ks_abbrevs_free(&m->any);
	ks_abbrevs_free(&m->origins);
}

/* ---------------------------------------------------------------- choice */

/* A symbol that is called @symbol, or is at the place of one that is, and has no root
 * so far. */
static uint32_t unknown(const struct ks_exports *x, uint32_t symbol)
{
	uint32_t i = symbol;

	if (symbol == KS_NO_SYMBOL)
		return KS_NO_SYMBOL;
	do {
		if (x->v.data[i].root == UINT32_MAX)
			return i;
		i = x->v.data[i].same;
	} while (i != symbol);
	return KS_NO_SYMBOL;
}

static int add_root(struct ks_roots *roots, struct ks_exports *x, uint32_t symbol, uint64_t off,
		    uint32_t unit, bool pointer, struct ksym_error *err)
{
	struct ks_root *root = ks_vec_push(&roots->v);
	uint32_t i = symbol;

	if (!root)
		return ks_error_nomem(err);
	*root = (struct ks_root){ .off = off, .unit = unit, .pointer = pointer, .symbol = symbol };
	do {
		x->v.data[i].root = (uint32_t)roots->v.len - 1;
		i = x->v.data[i].same;
	} while (i != symbol);
	return 0;
}

static void set_pointer(struct ks_exports *x, uint32_t symbol, uint32_t hit)
{
	uint32_t i = symbol;

	do {
		x->v.data[i].pointer = hit;
		i = x->v.data[i].same;
	} while (i != symbol);
}

/* A symbol whose type a pointer of the unit tells, if nothing else does. */
struct told {
	uint32_t order, symbol;
};

static int compare_told(const void *a, const void *b)
{
	const struct told *x = a, *y = b;

	return x->order < y->order ? -1 : x->order > y->order;
}

static int choose_pointers(struct ks_roots *roots, struct ks_exports *x, const struct ks_hits *hits,
			   uint32_t unit, struct ksym_error *err)
{
	struct told *told = malloc((2 * hits->v.len + 1) * sizeof(*told));
	size_t nr = 0;
	int ret = told ? 0 : ks_error_nomem(err);

	for (uint32_t i = 0; i < hits->v.len && !ret; i++) {
		const struct ks_hit *h = &hits->v.data[i];
		uint32_t symbols[2] = { h->symbol, h->origin_symbol };

		for (int k = 0; k < 2 && h->pointer; k++)
			if (symbols[k] != KS_NO_SYMBOL)
				told[nr++] = (struct told){ x->v.data[symbols[k]].order, symbols[k] };
	}
	if (!ret)
		qsort(told, nr, sizeof(*told), compare_told);
	for (size_t i = 0; i < nr && !ret; i++) {
		const struct ks_export *s = &x->v.data[told[i].symbol];

		if (s->root == UINT32_MAX && s->pointer != UINT32_MAX)
			ret = add_root(roots, x, told[i].symbol, hits->v.data[s->pointer].off, unit, true,
				       err);
	}
	free(told);
	return ret;
}

static int choose_in_unit(struct ks_roots *roots, struct ks_exports *x, const struct ks_hits *hits,
			  uint32_t unit, struct ksym_error *err)
{
	bool pointers = false;
	int ret = 0;

	for (uint32_t i = 0; i < hits->v.len && !ret; i++) {
		const struct ks_hit *h = &hits->v.data[i];
		uint32_t symbol = unknown(x, h->symbol);

		if (symbol == KS_NO_SYMBOL)
			symbol = unknown(x, h->origin_symbol);
		if (symbol == KS_NO_SYMBOL)
			continue;
		pointers |= h->pointer;
		if (h->pointer)
			set_pointer(x, symbol, i);
		else
			ret = add_root(roots, x, symbol, h->off, unit, false, err);
	}
	return ret || !pointers ? ret : choose_pointers(roots, x, hits, unit, err);
}

int ks_match_choose(struct ks_roots *roots, struct ks_exports *x, const struct ks_hits *hits,
		    size_t nr_units, struct ksym_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < nr_units && !ret; i++)
		ret = choose_in_unit(roots, x, &hits[i], (uint32_t)i, err);
	return ret;
}
