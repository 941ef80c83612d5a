// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dwarf/funcs.h"

#include "dwarf/ranges.h"
#include "dwarf/scan.h"

enum slot {
	SLOT_NAME,
	SLOT_LOW_PC,
	SLOT_HIGH_PC,
	SLOT_DECL_FILE,
	SLOT_DECL_LINE,
	SLOT_ORIGIN,
	SLOT_EXTERNAL,
	SLOT_DECLARATION,
	SLOT_INLINE,
	SLOT_RANGES,
	SLOT_RNGLISTS_BASE,
	SLOT_STR_OFFSETS_BASE,
	SLOT_ADDR_BASE,
};

static unsigned int func_slot(unsigned int attr)
{
	switch (attr) {
	case DW_AT_name:
		return SLOT_NAME;
	case DW_AT_low_pc:
		return SLOT_LOW_PC;
	case DW_AT_high_pc:
		return SLOT_HIGH_PC;
	case DW_AT_decl_file:
		return SLOT_DECL_FILE;
	case DW_AT_decl_line:
		return SLOT_DECL_LINE;
	case DW_AT_abstract_origin:
	case DW_AT_specification:
		return SLOT_ORIGIN;
	case DW_AT_external:
		return SLOT_EXTERNAL;
	case DW_AT_declaration:
		return SLOT_DECLARATION;
	case DW_AT_inline:
		return SLOT_INLINE;
	case DW_AT_ranges:
		return SLOT_RANGES;
	}
	return KS_SLOT_NONE;
}

static unsigned int pass_slot(unsigned int tag, unsigned int attr, unsigned int form)
{
	(void)form;
	if (tag == DW_TAG_subprogram)
		return func_slot(attr);
	if (tag != DW_TAG_compile_unit && tag != DW_TAG_skeleton_unit)
		return KS_SLOT_NONE;
	switch (attr) {
	case DW_AT_low_pc:
		return SLOT_LOW_PC;
	case DW_AT_rnglists_base:
		return SLOT_RNGLISTS_BASE;
	case DW_AT_str_offsets_base:
		return SLOT_STR_OFFSETS_BASE;
	case DW_AT_addr_base:
	case DW_AT_GNU_addr_base:
		return SLOT_ADDR_BASE;
	}
	return KS_SLOT_NONE;
}

/* Bodies hold nothing that is asked for, so all but what encloses functions is
 * jumped over. */
static unsigned int pass_action(unsigned int tag, uint32_t slots)
{
	(void)slots;
	switch (tag) {
	case DW_TAG_compile_unit:
	case DW_TAG_skeleton_unit:
		return KS_DIE_REPORT;
	case DW_TAG_subprogram:
		return KS_DIE_REPORT | KS_DIE_PRUNE;
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

struct visit {
	struct ks_funcs_reader *r;
	struct ks_unit *u;
	struct ks_cu_funcs *out;
	struct ks_cu_func *f;	/* whose ranges are being read */
	struct ksym_error *err;
};

static bool has(const struct ks_die *die, enum slot slot)
{
	return die->slots & 1u << slot;
}

static uint32_t number(const struct ks_die *die, enum slot slot)
{
	const struct ks_value *v = &die->v[slot];

	return has(die, slot) && ks_form_is_constant(v->form) && v->u < UINT32_MAX ? (uint32_t)v->u : 0;
}

/* Offset of the DIE that a reference inside the unit names, UINT64_MAX for others. */
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

/* The function at @off, among those before the last one: DIEs come in the order of
 * their offsets, and an abstract instance, as compilers write it, before the concrete
 * ones. */
static uint32_t find(const struct ks_cu_funcs *f, uint64_t off)
{
	size_t lo = 0, hi = f->v.len - 1;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (f->v.data[mid].off < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < f->v.len - 1 && f->v.data[lo].off == off ? (uint32_t)lo : UINT32_MAX;
}

/* A function in several parts begins with its first range; the others are what the
 * compiler moved away. */
static int first_range(void *arg, uint64_t va, uint64_t end_va, struct ksym_error *err)
{
	struct visit *w = arg;

	(void)err;
	if (!w->f->has_va) {
		w->f->has_va = va || ks_dwarf_zero_is_code(&w->r->d);
		w->f->va = va;
		w->f->end_va = end_va;
	}
	return 0;
}

static int read_code(const struct ks_scan *s, struct visit *w, const struct ks_die *die,
		     struct ks_cu_func *f)
{
	const struct ks_value *high = &die->v[SLOT_HIGH_PC];
	int ret;

	w->f = f;
	if (has(die, SLOT_RANGES))
		return ks_ranges_read(s->d, w->u, &die->v[SLOT_RANGES], &w->r->ranges_budget,
				      first_range, w, w->err);
	if (!has(die, SLOT_LOW_PC))
		return 0;
	ret = ks_value_va(s->d, w->u, &die->v[SLOT_LOW_PC], &f->va, w->err);
	if (ret)
		return ret;
	/* Of what the linker threw away the address is 0 or one of the highest. */
	f->has_va = (f->va || ks_dwarf_zero_is_code(s->d)) && f->va < UINT64_MAX - 1;
	if (!f->has_va || !has(die, SLOT_HIGH_PC))
		return 0;
	if (ks_form_is_constant(high->form)) {
		f->end_va = f->va + high->u;
		return 0;
	}
	return ks_value_va(s->d, w->u, high, &f->end_va, w->err);
}

/* What the unit says of itself, and other values need. */
static int read_unit(const struct ks_scan *s, struct visit *w, const struct ks_die *die)
{
	if (has(die, SLOT_STR_OFFSETS_BASE))
		w->u->str_offsets_base = die->v[SLOT_STR_OFFSETS_BASE].u;
	if (has(die, SLOT_ADDR_BASE))
		w->u->addr_base = die->v[SLOT_ADDR_BASE].u;
	if (has(die, SLOT_RNGLISTS_BASE))
		w->u->rnglists_base = die->v[SLOT_RNGLISTS_BASE].u;
	return has(die, SLOT_LOW_PC) ? ks_value_va(s->d, w->u, &die->v[SLOT_LOW_PC], &w->u->low_va,
						   w->err) : 0;
}

static int visit(const struct ks_scan *s, const struct ks_die *die, void *arg)
{
	struct visit *w = arg;
	struct ks_cu_func *f;

	if (die->tag != DW_TAG_subprogram)
		return die->depth ? KS_SCAN_NEXT : read_unit(s, w, die);
	f = ks_vec_push(&w->out->v);
	if (!f)
		return ks_error_nomem(w->err);
	*f = (struct ks_cu_func){
		.off = die->off,
		.name = "",
		.decl_file = number(die, SLOT_DECL_FILE),
		.decl_line = number(die, SLOT_DECL_LINE),
		.origin = UINT32_MAX,
		.external = has(die, SLOT_EXTERNAL) && die->v[SLOT_EXTERNAL].u,
		.declaration = has(die, SLOT_DECLARATION) && die->v[SLOT_DECLARATION].u,
		.is_inline = has(die, SLOT_INLINE) && die->v[SLOT_INLINE].u,
	};
	if (has(die, SLOT_NAME)) {
		int ret = ks_value_string(s->d, w->u, &die->v[SLOT_NAME], &f->name, w->err);

		if (ret)
			return ret;
	} else if (has(die, SLOT_ORIGIN)) {
		f->origin = find(w->out, reference(w->u, &die->v[SLOT_ORIGIN]));
	}
	return read_code(s, w, die, f);
}

/* What an instance does not say itself, its origin does.  Origins stand before their
 * instances, so what they inherit is there already. */
static void inherit(struct ks_cu_funcs *f)
{
	for (size_t i = 0; i < f->v.len; i++) {
		struct ks_cu_func *x = &f->v.data[i], *of;

		if (x->origin == UINT32_MAX)
			continue;
		of = &f->v.data[x->origin];
		x->name = of->name;
		x->external |= of->external;
		if (!x->decl_file)
			x->decl_file = of->decl_file;
		if (!x->decl_line)
			x->decl_line = of->decl_line;
		of->has_instance |= x->has_va;
	}
}

int ks_funcs_init(struct ks_funcs_reader *r, struct ks_elf *e, struct ksym_error *err)
{
	int ret;

	*r = (struct ks_funcs_reader){ .d = { .e = e } };
	ret = ks_dwarf_load(&r->d, ~(1u << KS_DWARF_LINE | KS_DWARF_SET_LOCATIONS), err);
	r->ranges_budget = 16 * (uint64_t)(r->d.s[KS_DWARF_RANGES].len + r->d.s[KS_DWARF_RNGLISTS].len);
	return ret ? ret : ks_abbrevs_init(&r->as, &r->d, &pass, err);
}

void ks_funcs_free(struct ks_funcs_reader *r)
{
	ks_abbrevs_free(&r->as);
}

int ks_cu_funcs_read(struct ks_funcs_reader *r, const struct ks_cu *cu, struct ks_cu_funcs *f,
		     struct ksym_error *err)
{
	struct ks_unit u;
	struct visit w = { .r = r, .u = &u, .out = f, .err = err };
	struct ks_scan s;
	int ret = ks_unit_read(&r->d, cu->off, &u, err);

	f->v.len = 0;
	if (ret <= 0 || u.die_off == u.end_off)
		return ret < 0 ? ret : 0;
	ret = ks_scan_init(&s, &r->as, &u, err);
	if (!ret)
		ret = ks_scan_unit(&s, visit, &w, err);
	if (!ret && f->v.len >= UINT32_MAX)
		ret = ks_error(err, -EFBIG, "%s: more than 2^32 functions in a unit", r->d.e->path);
	if (!ret)
		inherit(f);
	return ret;
}
