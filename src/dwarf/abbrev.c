// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dwarf/abbrev.h"

#include <stdlib.h>

/* Attributes of one declaration.  Compilers stay below 40; the bound keeps sums
 * of sizes inside 16 bits. */
#define MAX_ATTRS 1024

struct attr {
	uint16_t form;
	uint8_t kind;
	uint8_t slot;
	bool sibling;		/* to jump by */
	int64_t value;		/* of DW_FORM_implicit_const */
};

struct ks_abbrev_decl {
	unsigned int tag;
	bool children;
	unsigned int nr;
	struct attr attrs[MAX_ATTRS + 1];	/* the last one is never complete */
};

unsigned int ks_form_kind(const struct ks_abbrev_table *t, unsigned int form)
{
	switch (form) {
	case DW_FORM_data1:
	case DW_FORM_ref1:
	case DW_FORM_flag:
	case DW_FORM_strx1:
	case DW_FORM_addrx1:
		return KS_OP_U1;
	case DW_FORM_data2:
	case DW_FORM_ref2:
	case DW_FORM_strx2:
	case DW_FORM_addrx2:
		return KS_OP_U2;
	case DW_FORM_strx3:
	case DW_FORM_addrx3:
		return KS_OP_U3;
	case DW_FORM_data4:
	case DW_FORM_ref4:
	case DW_FORM_ref_sup4:
	case DW_FORM_strx4:
	case DW_FORM_addrx4:
		return KS_OP_U4;
	case DW_FORM_data8:
	case DW_FORM_ref8:
	case DW_FORM_ref_sig8:
	case DW_FORM_ref_sup8:
		return KS_OP_U8;
	case DW_FORM_data16:
		return KS_OP_DATA16;
	case DW_FORM_addr:
		return t->addr_len == 8 ? KS_OP_U8 : KS_OP_U4;
	case DW_FORM_ref_addr:
		return t->ref_addr_len == 8 ? KS_OP_U8 : KS_OP_U4;
	case DW_FORM_strp:
	case DW_FORM_line_strp:
	case DW_FORM_strp_sup:
	case DW_FORM_sec_offset:
	case DW_FORM_GNU_ref_alt:
	case DW_FORM_GNU_strp_alt:
		return t->offset_len == 8 ? KS_OP_U8 : KS_OP_U4;
	case DW_FORM_udata:
	case DW_FORM_ref_udata:
	case DW_FORM_strx:
	case DW_FORM_addrx:
	case DW_FORM_loclistx:
	case DW_FORM_rnglistx:
	case DW_FORM_GNU_addr_index:
	case DW_FORM_GNU_str_index:
		return KS_OP_ULEB;
	case DW_FORM_sdata:
		return KS_OP_SLEB;
	case DW_FORM_string:
		return KS_OP_STRING;
	case DW_FORM_block1:
		return KS_OP_BLOCK1;
	case DW_FORM_block2:
		return KS_OP_BLOCK2;
	case DW_FORM_block4:
		return KS_OP_BLOCK4;
	case DW_FORM_block:
	case DW_FORM_exprloc:
		return KS_OP_BLOCK;
	case DW_FORM_flag_present:
		return KS_OP_FLAG;
	case DW_FORM_implicit_const:
		return KS_OP_CONST;
	case DW_FORM_indirect:
		return KS_OP_INDIRECT;
	}
	return KS_OP_BAD;
}

/* Bytes a value takes, or -1 when only the value itself tells. */
static int kind_len(unsigned int kind)
{
	static const int8_t lens[] = {
		[KS_OP_U1] = 1,	     [KS_OP_U2] = 2,	  [KS_OP_U3] = 3,
		[KS_OP_U4] = 4,	     [KS_OP_U8] = 8,	  [KS_OP_DATA16] = 16,
		[KS_OP_ULEB] = -1,   [KS_OP_SLEB] = -1,	  [KS_OP_STRING] = -1,
		[KS_OP_BLOCK1] = -1, [KS_OP_BLOCK2] = -1, [KS_OP_BLOCK4] = -1,
		[KS_OP_BLOCK] = -1,  [KS_OP_FLAG] = 0,	  [KS_OP_CONST] = 0,
		[KS_OP_INDIRECT] = -1,
	};

	return lens[kind];
}

/* References that may name a sibling: those inside the unit. */
static bool is_unit_ref(unsigned int form)
{
	return form >= DW_FORM_ref1 && form <= DW_FORM_ref_udata;
}

/* Read the attributes of a declaration. */
static void read_attrs(const struct ks_pass *pass, const struct ks_abbrev_table *t,
		       struct ks_cursor *cursor, struct ks_abbrev_decl *decl)
{
	/* A copy, which can live in registers. */
	struct ks_cursor c = *cursor;

	for (;;) {
		uint64_t attr = ks_cursor_uleb(&c), form = ks_cursor_uleb(&c);
		struct attr *a = &decl->attrs[decl->nr];

		if (c.failed || (!attr && !form))
			break;
		if (attr > UINT16_MAX || form > UINT16_MAX)
			ks_cursor_fail(&c, "an attribute and a form up to 0xffff before this");
		else if (decl->nr == MAX_ATTRS)
			ks_cursor_fail(&c, "at most 1024 attributes in a declaration");
		if (c.failed)
			break;
		a->form = (uint16_t)form;
		a->kind = form < KS_NR_FORMS ? t->kinds[form]
					     : (uint8_t)ks_form_kind(t, (unsigned int)form);
		a->sibling = attr == DW_AT_sibling && is_unit_ref((unsigned int)form);
		a->slot = attr == DW_AT_sibling
				  ? KS_SLOT_NONE
				  : (uint8_t)pass->slot(decl->tag, (unsigned int)attr,
							(unsigned int)form);
		if (ks_unlikely(a->kind == KS_OP_BAD))
			ks_cursor_fail(&c, "a form of DWARF 2 to 5 before this");
		else if (a->kind == KS_OP_CONST)
			a->value = ks_cursor_sleb(&c);
		decl->nr++;
	}
	*cursor = c;
}

/* Read the declaration at the cursor into as->decl. */
static void read_decl(struct ks_abbrevs *as, const struct ks_abbrev_table *t, struct ks_cursor *c)
{
	struct ks_abbrev_decl *decl = as->decl;
	uint64_t tag;
	uint8_t children;

	decl->nr = 0;
	ks_cursor_uleb(c);	/* code */
	tag = ks_cursor_uleb(c);
	if (!tag || tag > UINT16_MAX)
		ks_cursor_fail(c, "a tag from 1 to 0xffff before this");
	decl->tag = (unsigned int)tag;
	children = ks_cursor_u8(c);
	if (children > DW_CHILDREN_yes)
		ks_cursor_fail(c, "0 or 1 for \"has children\" before this");
	decl->children = children;
	read_attrs(as->pass, t, c, decl);
}

/* Translate the declaration that was read. */
static bool compile(struct ks_abbrevs *as, struct ks_abbrev_table *t, struct ks_abbrev *a)
{
	const struct ks_abbrev_decl *decl = as->decl;
	unsigned int action;
	uint16_t *skip = &a->skip;
	bool jump, only_jump;
	size_t first = t->ops.len;

	*a = (struct ks_abbrev){ .tag = (uint16_t)decl->tag, .delta = decl->children };
	for (unsigned int i = 0; i < decl->nr; i++)
		if (decl->attrs[i].slot != KS_SLOT_NONE)
			a->slots |= 1u << decl->attrs[i].slot;
	action = as->pass->action(decl->tag, a->slots);
	if (!(action & KS_DIE_REPORT)) {
		action &= KS_DIE_PRUNE;
		a->slots = 0;
	}
	jump = decl->children && (action & (KS_DIE_PRUNE | KS_DIE_MAY_PRUNE));
	if (!jump)
		action &= KS_DIE_REPORT;
	only_jump = jump && !(action & KS_DIE_REPORT);
	if (t->ops.len > UINT32_MAX - 2 * MAX_ATTRS)
		return false;
	/* At most two elements for each attribute: *skip stays where it is below. */
	if (!ks_vec_reserve(&t->ops, 2 * decl->nr + 1))
		return false;
	for (unsigned int i = 0; i < decl->nr; i++) {
		unsigned int kind = decl->attrs[i].kind;
		unsigned int slot = action & KS_DIE_REPORT ? decl->attrs[i].slot : KS_SLOT_NONE;
		int len = kind_len(kind);
		union ks_op *op;

		if (jump && decl->attrs[i].sibling) {
			slot = KS_SLOT_SIBLING;
			a->slots |= 1u << KS_SLOT_SIBLING;
		}
		if (slot == KS_SLOT_NONE && len >= 0) {
			*skip += (uint16_t)len;
			continue;
		}
		op = &t->ops.data[t->ops.len++];
		*op = (union ks_op){ .kind = (uint8_t)kind, .slot = (uint8_t)slot,
				     .form = decl->attrs[i].form };
		skip = &op->skip;
		if (kind == KS_OP_CONST)
			t->ops.data[t->ops.len++].value = decl->attrs[i].value;
		/* Whoever jumps need not know where the DIE itself ends. */
		if (slot == KS_SLOT_SIBLING && only_jump)
			break;
	}
	a->flags = (uint8_t)(KS_ABBREV_DECLARED | action |
			     (decl->children ? KS_ABBREV_CHILDREN : 0));
	a->nr_ops = (uint16_t)(t->ops.len - first);
	a->ops = (uint32_t)first;
	return true;
}

/* Pass over one declaration; its code, 0 at the end of the table. */
static uint64_t skip_decl(struct ks_cursor *cursor)
{
	/* A copy, which can live in registers: all declarations come through here. */
	struct ks_cursor c = *cursor;
	uint64_t code = ks_cursor_uleb(&c);

	if (code) {
		uint64_t attr, form;

		ks_cursor_uleb(&c);	/* tag */
		ks_cursor_u8(&c);	/* children */
		do {
			attr = ks_cursor_uleb(&c);
			form = ks_cursor_uleb(&c);
			if (form == DW_FORM_implicit_const)
				ks_cursor_sleb(&c);
		} while ((attr || form) && !c.failed);
	}
	*cursor = c;
	return code;
}

/* Note where @code is declared: 0, -EEXIST, or -ENOMEM. */
static int insert(struct ks_abbrev_table *t, uint64_t code, uint64_t off)
{
	struct ks_abbrev a = { .flags = KS_ABBREV_DECLARED, .ops = (uint32_t)(off - t->off) };
	struct ks_abbrev_sparse *s;

	/* Codes that follow each other closely, as every producer's do, are an
	 * array; memory stays in proportion to the declarations read. */
	if (code < ++t->nr + 16) {
		while (t->dense.len <= code)
			if (!ks_vec_push(&t->dense))
				return -ENOMEM;
		if (t->dense.data[code].flags)
			return -EEXIST;
		t->dense.data[code] = a;
		return 0;
	}
	s = ks_vec_push(&t->sparse);
	if (!s)
		return -ENOMEM;
	*s = (struct ks_abbrev_sparse){ .code = code, .a = a };
	return 0;
}

static int compare_sparse(const void *a, const void *b)
{
	const struct ks_abbrev_sparse *x = a, *y = b;

	return x->code < y->code ? -1 : x->code > y->code;
}

static int bad_twice(const struct ks_abbrevs *as, uint64_t off, uint64_t code,
		     struct ksym_error *err)
{
	return ks_dwarf_bad(as->d, KS_DWARF_ABBREV, off, err, "code %llu occurs twice in a table",
			    (unsigned long long)code);
}

/* The table is read to its end: make it searchable. */
static int finish(struct ks_abbrevs *as, struct ks_abbrev_table *t, struct ksym_error *err)
{
	struct ks_abbrev_sparse *s = t->sparse.data;

	t->whole = true;
	if (!t->sparse.len)
		return 0;
	qsort(s, t->sparse.len, sizeof(*s), compare_sparse);
	for (size_t i = 0; i < t->sparse.len; i++)
		if ((i && s[i].code == s[i - 1].code) ||
		    (s[i].code < t->dense.len && t->dense.data[s[i].code].flags))
			return bad_twice(as, t->off, s[i].code, err);
	return 0;
}

/* Read on until @code is there, or to the end once codes are far apart. */
static int read_table(struct ks_abbrevs *as, struct ks_abbrev_table *t, uint64_t code,
		      struct ksym_error *err)
{
	struct ks_cursor c = ks_dwarf_cursor(as->d, KS_DWARF_ABBREV, t->next_off);

	for (;;) {
		uint64_t start = ks_cursor_off(&c), found = skip_decl(&c);
		int ret = ks_cursor_error(&c, err);

		if (ret)
			return ret;
		t->next_off = ks_cursor_off(&c);
		if (t->next_off - start > as->budget)
			return ks_dwarf_bad(as->d, KS_DWARF_ABBREV, t->off, err,
					    "tables overlap: expected each to be read once");
		as->budget -= t->next_off - start;
		if (!found)
			return finish(as, t, err);
		if (t->next_off - t->off > UINT32_MAX)
			return ks_dwarf_bad(as->d, KS_DWARF_ABBREV, t->off, err,
					    "a table: expected less than 2^32 bytes");
		ret = insert(t, found, start);
		if (ret)
			return ret == -EEXIST ? bad_twice(as, start, found, err)
					      : ks_error_nomem(err);
		if (found == code && !t->sparse.len)
			return 0;
	}
}

/* The entry of @code, compiled or not; NULL when it was not found so far. */
static struct ks_abbrev *lookup(struct ks_abbrev_table *t, uint64_t code)
{
	size_t lo = 0, hi = t->whole ? t->sparse.len : 0;

	if (code < t->dense.len && t->dense.data[code].flags)
		return &t->dense.data[code];
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->sparse.data[mid].code == code)
			return &t->sparse.data[mid].a;
		if (t->sparse.data[mid].code < code)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

int ks_abbrev_find(struct ks_abbrevs *as, struct ks_abbrev_table *t, uint64_t code,
		   uint64_t die_off, const struct ks_abbrev **out, struct ksym_error *err)
{
	struct ks_abbrev *a = lookup(t, code);
	struct ks_cursor c;
	int ret;

	if (!a && !t->whole) {
		ret = read_table(as, t, code, err);
		if (ret)
			return ret;
		a = lookup(t, code);
	}
	if (!a)
		return ks_dwarf_bad(as->d, KS_DWARF_INFO, die_off, err,
				    "abbreviation %llu: expected one of the table at 0x%llx of .debug_abbrev",
				    (unsigned long long)code, (unsigned long long)t->off);
	if (!a->tag) {
		c = ks_dwarf_cursor(as->d, KS_DWARF_ABBREV, t->off + a->ops);
		read_decl(as, t, &c);
		ret = ks_cursor_error(&c, err);
		if (ret)
			return ret;
		if (!compile(as, t, a))
			return ks_error_nomem(err);
	}
	*out = a;
	return 0;
}

int ks_abbrevs_init(struct ks_abbrevs *as, const struct ks_dwarf *d, const struct ks_pass *pass,
		    struct ksym_error *err)
{
	/* Tables lie side by side, so reading each once reads the section once;
	 * units of different kinds may share one.  Without a bound many units
	 * with tables that start inside each other would take quadratic time. */
	*as = (struct ks_abbrevs){ .d = d, .pass = pass,
				   .budget = 16 * (uint64_t)d->s[KS_DWARF_ABBREV].len,
				   .nr_buckets = d->s[KS_DWARF_ABBREV].len / KS_ABBREV_BUCKET + 1 };
	as->decl = malloc(sizeof(*as->decl));
	as->buckets = calloc(as->nr_buckets, sizeof(struct ks_abbrev_table *));
	if (as->decl && as->buckets)
		return 0;
	ks_abbrevs_free(as);
	return ks_error_nomem(err);
}

void ks_abbrevs_free(struct ks_abbrevs *as)
{
	for (size_t i = 0; as->buckets && i < as->nr_buckets; i++) {
		struct ks_abbrev_table *t, *next;

		for (t = as->buckets[i]; t; t = next) {
			next = t->next;
			ks_vec_free(&t->dense);
			ks_vec_free(&t->sparse);
			ks_vec_free(&t->ops);
			free(t);
		}
	}
	free(as->buckets);
	free(as->decl);
	*as = (struct ks_abbrevs){ 0 };
}

int ks_abbrevs_table(struct ks_abbrevs *as, const struct ks_unit *u, struct ks_abbrev_table **out,
		     struct ksym_error *err)
{
	/* DWARF 2 made references between units as wide as an address. */
	uint8_t ref_addr_len = u->version == 2 ? u->addr_len : u->offset_len;
	struct ks_abbrev_table **bucket, *t;
	struct ks_abbrev *end;

	if (u->abbrev_off >= as->d->s[KS_DWARF_ABBREV].len)
		return ks_dwarf_bad(as->d, KS_DWARF_INFO, u->off, err,
				    "abbreviations at 0x%llx: expected an offset inside .debug_abbrev",
				    (unsigned long long)u->abbrev_off);
	bucket = &as->buckets[u->abbrev_off / KS_ABBREV_BUCKET];
	for (t = *bucket; t; t = t->next)
		if (t->off == u->abbrev_off && t->addr_len == u->addr_len &&
		    t->offset_len == u->offset_len && t->ref_addr_len == ref_addr_len)
			goto found;
	t = calloc(1, sizeof(*t));
	if (!t)
		return ks_error_nomem(err);
	t->off = t->next_off = u->abbrev_off;
	t->addr_len = u->addr_len;
	t->offset_len = u->offset_len;
	t->ref_addr_len = ref_addr_len;
	for (unsigned int i = 0; i < KS_NR_FORMS; i++)
		t->kinds[i] = (uint8_t)ks_form_kind(t, i);
	end = ks_vec_push(&t->dense);
	if (!end) {
		free(t);
		return ks_error_nomem(err);
	}
	end->delta = -1;
	t->next = *bucket;
	*bucket = t;
found:
	*out = t;
	return 0;
}
