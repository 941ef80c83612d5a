// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dwarf/units.h"

#include <stdlib.h>
#include <string.h>
#include "dwarf/lines.h"
#include "dwarf/ranges.h"
#include "dwarf/scan.h"

enum slot {
	SLOT_NAME,
	SLOT_COMP_DIR,
	SLOT_LOW_PC,
	SLOT_HIGH_PC,
	SLOT_RANGES,
	SLOT_STMT_LIST,
	SLOT_LANGUAGE,
	SLOT_STR_OFFSETS_BASE,
	SLOT_ADDR_BASE,
	SLOT_RNGLISTS_BASE,
	SLOT_DWO_NAME,
	SLOT_LOCATION,
};

/* Addresses that sections occupy, as few intervals as possible, sorted. */
struct extent {
	uint64_t va, end_va;
};

struct reader {
	struct ks_dwarf d;
	struct ks_abbrevs c_as, as;	/* of units in C and assembler; in other languages */
	struct ks_cus *out;
	struct ksym_error *err;
	KS_VEC(struct ks_cu) cus;
	KS_VEC(struct ks_cu_range) ranges;
	KS_VEC(struct ks_cu_var) vars;
	KS_VEC(struct extent) extents;
	uint64_t ranges_budget, lines_spent;
	bool zero_is_code;
	/* See may_hold_address(): from seen on, seen_hit is the first hit. */
	const uint8_t *seen, *seen_hit;
	const struct ks_unit *u;
	uint32_t cu;		/* number of u */
};

/* -------------------------------------------------------------- the pass */

static unsigned int unit_slot(unsigned int attr)
{
	switch (attr) {
	case DW_AT_name:
		return SLOT_NAME;
	case DW_AT_comp_dir:
		return SLOT_COMP_DIR;
	case DW_AT_low_pc:
		return SLOT_LOW_PC;
	case DW_AT_high_pc:
		return SLOT_HIGH_PC;
	case DW_AT_ranges:
		return SLOT_RANGES;
	case DW_AT_stmt_list:
		return SLOT_STMT_LIST;
	case DW_AT_language:
		return SLOT_LANGUAGE;
	case DW_AT_str_offsets_base:
		return SLOT_STR_OFFSETS_BASE;
	case DW_AT_addr_base:
	case DW_AT_GNU_addr_base:
		return SLOT_ADDR_BASE;
	case DW_AT_rnglists_base:
		return SLOT_RNGLISTS_BASE;
	case DW_AT_dwo_name:
	case DW_AT_GNU_dwo_name:
		return SLOT_DWO_NAME;
	}
	return KS_SLOT_NONE;
}

static unsigned int pass_slot(unsigned int tag, unsigned int attr, unsigned int form)
{
	if (tag == DW_TAG_variable && attr == DW_AT_location &&
	    (ks_form_is_block((uint16_t)form) || form == DW_FORM_indirect))
		return SLOT_LOCATION;
	if (tag == DW_TAG_variable && attr == DW_AT_name)
		return SLOT_NAME;
	if (tag == DW_TAG_compile_unit || tag == DW_TAG_skeleton_unit)
		return unit_slot(attr);
	return KS_SLOT_NONE;
}

/* Variables at fixed addresses are in units, namespaces, functions and the blocks
 * of these; in C nothing else need be entered. */
static unsigned int c_action(unsigned int tag, uint32_t slots)
{
	switch (tag) {
	case DW_TAG_compile_unit:
	case DW_TAG_skeleton_unit:
		return KS_DIE_REPORT;
	case DW_TAG_variable:
		return slots & 1u << SLOT_LOCATION ? KS_DIE_REPORT : KS_DIE_PRUNE;
	case DW_TAG_subprogram:
		return KS_DIE_REPORT | KS_DIE_MAY_PRUNE;
	case DW_TAG_partial_unit:
	case DW_TAG_type_unit:
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_inlined_subroutine:
	case DW_TAG_entry_point:
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_with_stmt:
	case DW_TAG_common_block:
		return 0;
	}
	return KS_DIE_PRUNE;
}

/* Elsewhere types have functions: those of a local class are defined inside it. */
static unsigned int any_action(unsigned int tag, uint32_t slots)
{
	switch (tag) {
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
	case DW_TAG_interface_type:
		return KS_DIE_REPORT | KS_DIE_MAY_PRUNE;
	}
	return c_action(tag, slots);
}

static const struct ks_pass c_pass = { .slot = pass_slot, .action = c_action };
static const struct ks_pass any_pass = { .slot = pass_slot, .action = any_action };

bool ks_language_is_c(uint16_t language)
{
	switch (language) {
	case DW_LANG_C89:
	case DW_LANG_C:
	case DW_LANG_C99:
	case DW_LANG_C11:
	case 0x2c:	/* C17, newer than some dwarf.h */
	case DW_LANG_Mips_Assembler:
		return true;
	}
	return false;
}

/* ------------------------------------------------------------- variables */

static int compare_extents(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

static int read_extents(struct reader *r)
{
	const struct ks_elf *e = r->d.e;
	size_t nr = 0;

	r->zero_is_code = ks_dwarf_zero_is_code(&r->d);
	for (uint32_t i = 1; i < e->nr_sections; i++) {
		const struct ks_elf_section *s = &e->sections[i];
		struct extent *x;

		if (!(s->flags & SHF_ALLOC) || (s->flags & SHF_TLS) || !s->len ||
		    s->len > UINT64_MAX - s->va)
			continue;
		x = ks_vec_push(&r->extents);
		if (!x)
			return ks_error_nomem(r->err);
		*x = (struct extent){ .va = s->va, .end_va = s->va + s->len };
	}
	if (!r->extents.len)
		return 0;
	qsort(r->extents.data, r->extents.len, sizeof(struct extent), compare_extents);
	for (size_t i = 1; i < r->extents.len; i++) {
		struct extent *x = &r->extents.data[nr], *y = &r->extents.data[i];

		if (y->va <= x->end_va || y->va - x->end_va < 0x10000)
			x->end_va = y->end_va > x->end_va ? y->end_va : x->end_va;
		else
			r->extents.data[++nr] = *y;
	}
	r->extents.len = nr + 1;
	return 0;
}

static bool in_image(const struct reader *r, uint64_t va)
{
	size_t lo = 0, hi = r->extents.len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (va < r->extents.data[mid].va)
			hi = mid;
		/* A label at the very end of a section is a variable, too. */
		else if (va <= r->extents.data[mid].end_va)
			return true;
		else
			lo = mid + 1;
	}
	return false;
}

/*
 * May the DIEs in [@pos, @end) hold a location DW_OP_addr X with X in the image?
 *
 * Half of a kernel's DIEs are inside functions, and few functions have static
 * variables.  A location as wanted is a length below 128, then DW_OP_addr, then an
 * address in the image: looking for that byte is several times faster than
 * reading the DIEs (bench_dwarf, "with variables").  Where it seems to be there,
 * the DIEs are read.
 */
static bool may_hold_address(struct reader *r, const uint8_t *pos, const uint8_t *end)
{
	unsigned int addr_len = r->u->addr_len;

	/* Functions may be nested: what was looked through is not looked through
	 * again, or the time would be quadratic. */
	if (r->seen <= pos && pos <= r->seen_hit)
		return r->seen_hit < end;
	if ((size_t)(end - pos) < addr_len + 2u)
		return false;
	r->seen = pos;
	r->seen_hit = end;
	end -= addr_len;
	for (pos++; (pos = memchr(pos, DW_OP_addr, (size_t)(end - pos))); pos++) {
		/* At most an addition of 64 bits follows. */
		if (pos[-1] < 1 + addr_len || pos[-1] > 1 + addr_len + 11)
			continue;
		if (in_image(r, ks_scan_uint(pos + 1, addr_len, r->d.e->swap))) {
			r->seen_hit = pos;
			return true;
		}
	}
	return false;
}

/* The address @expr always gives: 1, or 0 when it is no fixed one. */
static int fixed_location(struct reader *r, const struct ks_value *expr, uint64_t *va)
{
	const uint8_t *pos = expr->p, *end = pos + expr->len;
	uint64_t n;
	int ret;

	if (pos == end)
		return 0;
	switch (*pos++) {
	case DW_OP_addr:
		if ((size_t)(end - pos) < r->u->addr_len)
			return 0;
		*va = ks_scan_uint(pos, r->u->addr_len, r->d.e->swap);
		pos += r->u->addr_len;
		break;
	case DW_OP_addrx:
	case DW_OP_GNU_addr_index:
		pos = ks_scan_uleb(pos, end, &n);
		if (!pos)
			return 0;
		ret = ks_unit_addrx(&r->d, r->u, n, va, r->err);
		if (ret)
			return ret;
		break;
	default:
		return 0;
	}
	if (pos == end)
		return 1;
	/* clang: a variable merged into a larger one. */
	if (*pos++ != DW_OP_plus_uconst)
		return 0;
	pos = ks_scan_uleb(pos, end, &n);
	if (pos != end)
		return 0;
	*va += n;
	return 1;
}

static bool has(const struct ks_die *die, enum slot slot)
{
	return die->slots & 1u << slot;
}

static int visit(const struct ks_scan *s, const struct ks_die *die, void *arg)
{
	struct reader *r = arg;
	struct ks_cu_var *var;
	uint64_t va;
	int ret;

	(void)s;
	if (!die->depth)
		return KS_SCAN_NEXT;
	if (die->tag != DW_TAG_variable) {
		/* Other forms of a location: indices, and blocks with long lengths. */
		if (!die->sibling || r->u->version < 4 || r->d.s[KS_DWARF_ADDR].len)
			return KS_SCAN_NEXT;
		return may_hold_address(r, die->end, die->sibling) ? KS_SCAN_NEXT
								    : KS_SCAN_SKIP_CHILDREN;
	}
	if (!ks_form_is_block(die->v[SLOT_LOCATION].form))
		return KS_SCAN_NEXT;
	ret = fixed_location(r, &die->v[SLOT_LOCATION], &va);
	if (ret <= 0)
		return ret;
	/* On x86 per-CPU data is at address 0, but so are thousands of discarded
	 * variables: what claims to be there belongs to nobody. */
	if (!in_image(r, va) || (!va && r->d.e->type != ET_REL))
		return KS_SCAN_NEXT;
	var = ks_vec_push(&r->vars);
	if (!var)
		return ks_error_nomem(r->err);
	*var = (struct ks_cu_var){ .va = va, .name = "", .cu = r->cu };
	if (has(die, SLOT_NAME)) {
		ret = ks_value_string(&r->d, r->u, &die->v[SLOT_NAME], &var->name, r->err);
		if (ret)
			return ret;
	}
	return KS_SCAN_NEXT;
}

/* ----------------------------------------------------------------- units */

static int add_range(void *arg, uint64_t va, uint64_t end_va, struct ksym_error *err)
{
	struct reader *r = arg;
	struct ks_cu_range *range;

	if (!va && !r->zero_is_code)
		return 0;
	range = ks_vec_push(&r->ranges);
	if (!range)
		return ks_error_nomem(err);
	*range = (struct ks_cu_range){ .va = va, .end_va = end_va, .cu = r->cu };
	return 0;
}

/* Code of the unit: DW_AT_ranges, else DW_AT_low_pc to DW_AT_high_pc. */
static int read_code(struct reader *r, const struct ks_unit *u, const struct ks_die *die)
{
	const struct ks_value *high = &die->v[SLOT_HIGH_PC];
	uint64_t end_va;
	int ret;

	if (has(die, SLOT_RANGES))
		return ks_ranges_read(&r->d, u, &die->v[SLOT_RANGES], &r->ranges_budget, add_range,
				      r, r->err);
	if (!has(die, SLOT_LOW_PC) || !has(die, SLOT_HIGH_PC))
		return 0;
	if (ks_form_is_constant(high->form)) {
		/* A sum that wraps lies before its start, and is told so there. */
		end_va = u->low_va + high->u;
	} else {
		ret = ks_value_va(&r->d, u, high, &end_va, r->err);
		if (ret)
			return ret;
	}
	return ks_range_emit(&r->d, u, u->low_va, end_va, add_range, r, r->err);
}

/* Offsets and bases that other values of the unit need. */
static int read_bases(struct reader *r, struct ks_unit *u, const struct ks_die *die)
{
	if (has(die, SLOT_STR_OFFSETS_BASE))
		u->str_offsets_base = die->v[SLOT_STR_OFFSETS_BASE].u;
	if (has(die, SLOT_ADDR_BASE))
		u->addr_base = die->v[SLOT_ADDR_BASE].u;
	if (has(die, SLOT_RNGLISTS_BASE))
		u->rnglists_base = die->v[SLOT_RNGLISTS_BASE].u;
	if (has(die, SLOT_LOW_PC))
		return ks_value_va(&r->d, u, &die->v[SLOT_LOW_PC], &u->low_va, r->err);
	return 0;
}

static int read_unit_die(struct reader *r, struct ks_unit *u, const struct ks_die *die)
{
	struct ks_cu *cu = ks_vec_push(&r->cus);
	int ret;

	if (!cu)
		return ks_error_nomem(r->err);
	*cu = (struct ks_cu){ .name = "", .comp_dir = "", .off = u->off, .line_off = UINT64_MAX,
			      .version = (uint8_t)u->version };
	ret = read_bases(r, u, die);
	if (!ret && has(die, SLOT_NAME))
		ret = ks_value_string(&r->d, u, &die->v[SLOT_NAME], &cu->name, r->err);
	if (!ret && has(die, SLOT_COMP_DIR))
		ret = ks_value_string(&r->d, u, &die->v[SLOT_COMP_DIR], &cu->comp_dir, r->err);
	if (ret)
		return ret;
	if (has(die, SLOT_DWO_NAME) && !cu->name[0]) {
		ret = ks_value_string(&r->d, u, &die->v[SLOT_DWO_NAME], &cu->name, r->err);
		if (ret)
			return ret;
	}
	if (has(die, SLOT_STMT_LIST))
		cu->line_off = die->v[SLOT_STMT_LIST].u;
	if (has(die, SLOT_LANGUAGE))
		cu->language = (uint16_t)die->v[SLOT_LANGUAGE].u;
	if (cu->language == DW_LANG_Mips_Assembler) {
		ret = ks_lines_assembler_name(&r->d, cu, &r->out->arena, &r->lines_spent, r->err);
		if (ret)
			return ret;
	}
	return read_code(r, u, die);
}

static int read_unit(struct reader *r, struct ks_unit *u, bool with_vars)
{
	struct ks_scan s;
	struct ks_die die;
	int ret;

	if ((u->type != DW_UT_compile && u->type != DW_UT_skeleton) || u->die_off == u->end_off)
		return 0;
	ret = ks_scan_init(&s, &r->c_as, u, r->err);
	if (!ret)
		ret = ks_scan_die(&s, u->die_off, &die, r->err);
	if (ret)
		return ret;
	if (die.tag != DW_TAG_compile_unit && die.tag != DW_TAG_skeleton_unit)
		return 0;
	/* Split DWARF: the skeleton knows the code and the line table; names and
	 * variables are in another file. */
	if (u->type == DW_UT_skeleton || has(&die, SLOT_DWO_NAME))
		with_vars = false;
	if (r->cus.len == UINT32_MAX)
		return ks_error(r->err, -ENOTSUP, "%s: more than 2^32 - 1 units", r->d.e->path);
	r->u = u;
	r->cu = (uint32_t)r->cus.len;
	ret = read_unit_die(r, u, &die);
	if (ret || !with_vars)
		return ret;
	if (!ks_language_is_c(r->cus.data[r->cu].language)) {
		ret = ks_scan_init(&s, &r->as, u, r->err);
		if (ret)
			return ret;
	}
	return ks_scan_unit(&s, visit, r, r->err);
}

static int read_units(struct reader *r, bool with_vars)
{
	struct ks_unit u;
	uint64_t off = 0;
	int ret;

	while ((ret = ks_unit_read(&r->d, off, &u, r->err)) > 0) {
		ret = read_unit(r, &u, with_vars);
		if (ret)
			return ret;
		off = u.end_off;
	}
	return ret;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct ks_cu_range *x = a, *y = b;

	if (x->va != y->va)
		return x->va < y->va ? -1 : 1;
	if (x->cu != y->cu)
		return x->cu < y->cu ? -1 : 1;
	return x->end_va < y->end_va ? -1 : x->end_va > y->end_va;
}

static int compare_vars(const void *a, const void *b)
{
	const struct ks_cu_var *x = a, *y = b;

	if (x->va != y->va)
		return x->va < y->va ? -1 : 1;
	if (x->cu != y->cu)
		return x->cu < y->cu ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Hand over what was read. */
static void finish(struct reader *r)
{
	struct ks_cus *c = r->out;
	size_t nr = 0;

	if (r->ranges.len)
		qsort(r->ranges.data, r->ranges.len, sizeof(*r->ranges.data), compare_ranges);
	if (r->vars.len)
		qsort(r->vars.data, r->vars.len, sizeof(*r->vars.data), compare_vars);
	for (size_t i = 0; i < r->vars.len; i++)
		if (!nr || compare_vars(&r->vars.data[nr - 1], &r->vars.data[i]))
			r->vars.data[nr++] = r->vars.data[i];
	c->cus = r->cus.data;
	c->nr_cus = (uint32_t)r->cus.len;
	c->ranges = r->ranges.data;
	c->nr_ranges = r->ranges.len;
	c->vars = r->vars.data;
	c->nr_vars = nr;
}

int ks_cus_read(struct ks_cus *c, struct ks_elf *e, bool with_vars, struct ksym_error *err)
{
	struct reader r = { .d = { .e = e }, .out = c, .err = err };
	int ret;

	*c = (struct ks_cus){ 0 };
	ret = ks_dwarf_load(&r.d, ~(1u << KS_DWARF_LINE | KS_DWARF_SET_LOCATIONS), err);
	if (ret)
		return ret;
	if (!r.d.s[KS_DWARF_INFO].len)
		return ks_error(err, -ENODATA, "%s: has no .debug_info", e->path);
	/* Lists are read once; the factor is there for producers that share them. */
	r.ranges_budget = 16 * (uint64_t)(r.d.s[KS_DWARF_RANGES].len +
					  r.d.s[KS_DWARF_RNGLISTS].len);
	ret = ks_abbrevs_init(&r.c_as, &r.d, &c_pass, err);
	if (!ret)
		ret = ks_abbrevs_init(&r.as, &r.d, &any_pass, err);
	if (!ret)
		ret = read_extents(&r);
	if (!ret)
		ret = read_units(&r, with_vars);
	finish(&r);
	ks_vec_free(&r.extents);
	ks_abbrevs_free(&r.c_as);
	ks_abbrevs_free(&r.as);
	if (ret)
		ks_cus_free(c);
	return ret;
}

void ks_cus_free(struct ks_cus *c)
{
	free(c->cus);
	free(c->ranges);
	free(c->vars);
	ks_arena_free(&c->arena);
	*c = (struct ks_cus){ 0 };
}

const struct ks_cu_range *ks_cus_range(const struct ks_cus *c, uint64_t va)
{
	size_t lo = 0, hi = c->nr_ranges;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->ranges[mid].va <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && va < c->ranges[lo - 1].end_va ? &c->ranges[lo - 1] : NULL;
}
