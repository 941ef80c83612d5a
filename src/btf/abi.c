// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/abi.h"

#include "btf/collect.h"
#include "dwarf/locs.h"
#include "dwarf/scan.h"

#define NO_REG UINT32_MAX
/* Links from a type to what it wraps, and of a DIE to its origin: nothing real has more. */
#define MAX_LINKS 64

/* ------------------------------------------------------------ the machine */

void ks_abi_init(struct ks_abi *abi, const struct ks_dwarf *d)
{
	static const uint8_t x86_64[] = { 5, 4, 1, 2, 8, 9 };
	static const uint8_t s390[] = { 2, 3, 4, 5, 6 };
	static const uint8_t arm[] = { 0, 1, 2, 3, 4, 5, 6, 7 };

	*abi = (struct ks_abi){ .d = d, .word = d->e->addr_len, .two_regs = true };
	/* Lists are read once; the factor is there for producers that share them. */
	abi->budget = 16 * (uint64_t)(d->s[KS_DWARF_LOC].len + d->s[KS_DWARF_LOCLISTS].len);
	switch (d->e->machine) {
	case EM_X86_64:
		abi->regs = x86_64;
		abi->nr_regs = 6;
		break;
	case EM_S390:
		abi->regs = s390;
		abi->nr_regs = 5;
		abi->two_regs = false;
		break;
	case EM_AARCH64:
	case EM_ARM:
		abi->regs = arm;
		abi->nr_regs = 8;
		break;
	case EM_SPARC:
	case EM_SPARCV9:
		abi->nr_regs = 6;
		break;
	case EM_ARC:
	case EM_MIPS:
	case EM_PPC:
	case EM_PPC64:
	case EM_RISCV:
		abi->nr_regs = 8;
		break;
	}
}

/* ------------------------------------------------------------------- types */

/* Bytes that a value of the type takes; 0 when not known. */
static uint64_t size_of(const struct ks_abi *abi, const struct ks_types *t, uint32_t node)
{
	for (unsigned int i = 0; i < MAX_LINKS && node && node != KS_TYPE_DANGLING; i++) {
		const struct ks_type *n = &t->nodes.data[node];

		if (n->kind == KS_KIND_POINTER)
			return abi->word;
		if (n->attrs & KS_ATTR_VALUE && n->value)
			return n->value;
		node = n->type;
	}
	return 0;
}

static bool is_struct(const struct ks_types *t, uint32_t node)
{
	for (unsigned int i = 0; i < MAX_LINKS && node && node != KS_TYPE_DANGLING; i++) {
		const struct ks_type *n = &t->nodes.data[node];

		if (n->kind == KS_KIND_STRUCT)
			return true;
		if (n->kind != KS_KIND_CONST && n->kind != KS_KIND_TYPEDEF)
			return false;
		node = n->type;
	}
	return false;
}

/* What a member of the type has to be aligned to, 1 when that is not simple. */
static uint64_t alignment_of(const struct ks_abi *abi, const struct ks_types *t, uint32_t node)
{
	for (unsigned int i = 0; i < MAX_LINKS && node && node != KS_TYPE_DANGLING; i++) {
		const struct ks_type *n = &t->nodes.data[node];

		switch (n->kind) {
		case KS_KIND_POINTER:
			return abi->word;
		case KS_KIND_BASE:
		case KS_KIND_ENUM:
			return n->value && n->value <= abi->word && !(n->value & (n->value - 1))
				       ? n->value
				       : 1;
		case KS_KIND_STRUCT:
		case KS_KIND_UNION:
			return 1;
		}
		node = n->type;
	}
	return 1;
}

/* Does a member lie where only a packed structure has it? */
static bool is_packed(const struct ks_abi *abi, const struct ks_types *t, uint32_t node)
{
	const struct ks_type *nodes = t->nodes.data, *n = &nodes[node];

	if (n->kind != KS_KIND_STRUCT || !n->name)
		return false;
	for (uint32_t i = node + 1; i < n->end; i = nodes[i].end) {
		uint64_t alignment;

		if (nodes[i].kind != KS_KIND_MEMBER || nodes[i].attrs & KS_ATTR_BIT_SIZE)
			continue;
		alignment = alignment_of(abi, t, nodes[i].type);
		if (nodes[i].value % alignment || n->value % alignment)
			return true;
	}
	return false;
}

/* -------------------------------------------------------------- parameters */

struct place {
	const struct ks_abi *abi;
	const struct ks_unit *u;
	uint64_t size;			/* of the parameter */
	unsigned int nr;		/* of expressions seen */
	uint32_t reg;			/* that it is in when the function begins */
};

/* What follows the operation at @pos; NULL when it is none that we know. */
static const uint8_t *skip_op(const struct place *p, const uint8_t *pos, const uint8_t *end)
{
	unsigned int op = *pos++, leb = 0, fixed = 0;
	uint64_t n;

	switch (op) {
	case DW_OP_addr:
		fixed = p->u->addr_len;
		break;
	case DW_OP_const1u:
	case DW_OP_const1s:
	case DW_OP_pick:
	case DW_OP_deref_size:
	case DW_OP_xderef_size:
		fixed = 1;
		break;
	case DW_OP_const2u:
	case DW_OP_const2s:
	case DW_OP_bra:
	case DW_OP_skip:
		fixed = 2;
		break;
	case DW_OP_const4u:
	case DW_OP_const4s:
		fixed = 4;
		break;
	case DW_OP_const8u:
	case DW_OP_const8s:
		fixed = 8;
		break;
	case DW_OP_constu:
	case DW_OP_consts:
	case DW_OP_plus_uconst:
	case DW_OP_regx:
	case DW_OP_fbreg:
	case DW_OP_piece:
	case DW_OP_addrx:
	case DW_OP_constx:
	case DW_OP_convert:
	case DW_OP_reinterpret:
	case DW_OP_GNU_convert:
	case DW_OP_GNU_reinterpret:
	case DW_OP_breg0 ... DW_OP_breg31:
		leb = 1;
		break;
	case DW_OP_bregx:
	case DW_OP_bit_piece:
	case DW_OP_regval_type:
	case DW_OP_GNU_regval_type:
		leb = 2;
		break;
	case DW_OP_deref_type:
	case DW_OP_GNU_deref_type:
		fixed = 1;
		leb = 1;
		break;
	case DW_OP_entry_value:
	case DW_OP_GNU_entry_value:
	case DW_OP_implicit_value:
		pos = ks_scan_uleb(pos, end, &n);
		return pos && n <= (uint64_t)(end - pos) ? pos + n : NULL;
	case DW_OP_implicit_pointer:
	case DW_OP_GNU_implicit_pointer:
		fixed = p->u->offset_len;
		leb = 1;
		break;
	case DW_OP_deref:
	case DW_OP_dup ... DW_OP_over:
	case DW_OP_swap ... DW_OP_plus:
	case DW_OP_shl ... DW_OP_xor:
	case DW_OP_eq ... DW_OP_ne:
	case DW_OP_lit0 ... DW_OP_reg31:
	case DW_OP_nop:
	case DW_OP_call_frame_cfa:
	case DW_OP_stack_value:
		break;
	default:
		return NULL;
	}
	if (fixed > (uint64_t)(end - pos))
		return NULL;
	pos += fixed;
	for (; leb && pos; leb--)
		pos = ks_scan_leb(pos, end, false, &n);
	return pos;
}

static bool is_reg(unsigned int op)
{
	return op >= DW_OP_reg0 && op <= DW_OP_reg31;
}

static void set_reg(struct place *p, uint32_t reg)
{
	if (p->reg == NO_REG)
		p->reg = reg;
}

/* DW_OP_entry_value: of the register that it consists of. */
static void entry_value(struct place *p, const uint8_t *pos, const uint8_t *end)
{
	uint64_t len;

	pos = ks_scan_uleb(pos + 1, end, &len);
	if (pos && len == 1 && pos < end && is_reg(*pos))
		set_reg(p, *pos - DW_OP_reg0);
}

/* Several operations. */
static void pieces(struct place *p, const uint8_t *expr, const uint8_t *end)
{
	unsigned int op = *expr;

	if (op == DW_OP_constu || op == DW_OP_consts || (op >= DW_OP_lit0 && op <= DW_OP_lit31))
		return;
	if (p->size > p->abi->word && p->abi->two_regs) {
		for (const uint8_t *pos = expr; pos && pos < end; pos = skip_op(p, pos, end))
			if (is_reg(*pos))
				set_reg(p, *pos - DW_OP_reg0);
		return;
	}
	if (p->nr)
		return;
	if (is_reg(op)) {
		set_reg(p, op - DW_OP_reg0);
	} else if (op >= DW_OP_breg0 && op <= DW_OP_breg31) {
		for (const uint8_t *pos = skip_op(p, expr, end); pos && pos < end;
		     pos = skip_op(p, pos, end))
			if (*pos == DW_OP_stack_value)
				set_reg(p, op - DW_OP_breg0);
	}
}

/* A register of the first expression, or of an entry value in any. */
static int look(void *arg, const uint8_t *expr, uint64_t len)
{
	struct place *p = arg;
	const uint8_t *end = expr + len, *next = len ? skip_op(p, expr, end) : NULL;
	bool is_value = next && end - next == 1 && *next == DW_OP_stack_value;

	if (!len)
		goto out;
	if (next != end && !is_value) {
		pieces(p, expr, end);
		goto out;
	}
	if (is_reg(*expr)) {
		if (!p->nr)
			set_reg(p, *expr - DW_OP_reg0);
	} else if (*expr >= DW_OP_breg0 && *expr <= DW_OP_breg31) {
		if (!p->nr && is_value)
			set_reg(p, *expr - DW_OP_breg0);
	} else if (*expr == DW_OP_entry_value || *expr == DW_OP_GNU_entry_value) {
		entry_value(p, expr, end);
	}
out:
	p->nr++;
	return p->reg == NO_REG ? 0 : KS_LOCS_STOP;
}

static int find_reg(struct ks_abi *abi, const struct ks_unit *u, const struct ks_type_object *o,
		    uint64_t size, uint32_t *reg, struct ksym_error *err)
{
	struct place p = { .abi = abi, .u = u, .size = size, .reg = NO_REG };
	int ret = 0;

	if (o->expr)
		look(&p, o->expr, o->len);
	else if (!ks_form_is_block(o->form))
		ret = ks_locs_read(abi->d, u, o->form, o->list, &abi->budget, look, &p, err);
	*reg = p.reg;
	return ret;
}

/* ---------------------------------------------------------------- function */

struct param {
	const struct ks_type_object *o;		/* NULL: nothing is said of it */
	uint32_t node;
	uint64_t size;
	unsigned int slots;
	bool in_memory;
};

static void describe(const struct ks_abi *abi, const struct ks_types *t, struct param *p)
{
	p->size = size_of(abi, t, t->nodes.data[p->node].type);
	p->in_memory = p->size > (abi->two_regs ? 2u : 1u) * abi->word;
	p->slots = abi->two_regs && p->size > abi->word && p->size < INT32_MAX
			   ? (unsigned int)((p->size + abi->word - 1) / abi->word)
			   : 1;
}

/* gcc, or clang where the callers know better than the ABI: 1 when the parameter takes
 * registers. */
static int check_one(struct ks_abi *abi, const struct ks_unit *u, const struct param *p,
		     unsigned int slot, bool *unexpected, bool *optimized, struct ksym_error *err)
{
	uint32_t reg;
	int ret;

	if (!p->o || !p->o->form) {
		*optimized = true;
		return 1;
	}
	if (slot >= abi->nr_regs)
		return 0;
	ret = find_reg(abi, u, p->o, p->size, &reg, err);
	if (ret)
		return ret;
	if (reg == NO_REG)
		*optimized = true;
	else if (abi->regs && reg != abi->regs[slot])
		*unexpected = true;
	return 1;
}

/* clang, which keeps to the ABI: only what is known to be elsewhere counts. */
static int check_window(struct ks_abi *abi, const struct ks_unit *u, const struct param *p,
			unsigned int slot, bool *unexpected, struct ksym_error *err)
{
	uint32_t reg = NO_REG;
	int ret = p->o && p->o->form ? find_reg(abi, u, p->o, p->size, &reg, err) : 0;

	if (ret || reg == NO_REG || !abi->regs)
		return ret;
	for (unsigned int i = slot; i < abi->nr_regs && i < slot + p->slots; i++)
		if (reg == abi->regs[i])
			return 0;
	*unexpected = true;
	return 0;
}

int ks_abi_check(struct ks_abi *abi, const struct ks_types *t, uint32_t node,
		 const struct ks_type_object *objects, size_t nr, uint32_t *flags,
		 struct ksym_error *err)
{
	const struct ks_type_unit *unit = &t->headers.data[ks_types_unit(t, node)];
	bool to_abi = unit->clang && !(*flags & KS_FUNC_NOCALL), unexpected = false, optimized = false;
	bool has_struct = false;
	unsigned int slot = 0, number = 0;

	for (uint32_t i = node + 1; i < t->nodes.data[node].end; i = t->nodes.data[i].end) {
		struct param p = { .node = i };
		int ret = 0;

		if (t->nodes.data[i].kind != KS_KIND_PARAMETER || t->nodes.data[i].parent != node)
			continue;
		while (nr && objects->node < i)
			objects++, nr--;
		if (nr && objects->node == i)
			p.o = objects;
		describe(abi, t, &p);
		has_struct |= is_struct(t, t->nodes.data[i].type);
		if (!p.o || !p.o->form)
			optimized = true;
		if (to_abi) {
			if (!p.in_memory && slot < abi->nr_regs) {
				ret = check_window(abi, &unit->u, &p, slot, &unexpected, err);
				slot += p.slots;
			}
		} else {
			ret = check_one(abi, &unit->u, &p, slot, &unexpected, &optimized, err);
			if (ret > 0)
				slot += p.in_memory ? 1 : p.slots;
		}
		if (ret < 0)
			return ret;
		if (number++ >= abi->nr_regs && t->nodes.data[i].type &&
		    t->nodes.data[i].type != KS_TYPE_DANGLING &&
		    is_packed(abi, t, t->nodes.data[i].type))
			*flags |= KS_FUNC_PACKED;
	}
	if (unexpected && !has_struct)
		*flags |= KS_FUNC_UNEXPECTED;
	if (optimized)
		*flags |= KS_FUNC_OPTIMIZED;
	return 0;
}
