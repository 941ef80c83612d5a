// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dwarf/abbrev.h"

#include <stdlib.h>

/* Attributes of one declaration.  Compilers stay below 40; the bound keeps sums
 * of sizes inside 16 bits. */
#define MAX_ATTRS 1024

struct ks_abbrev_decl {
	uint64_t code;
	unsigned int tag;
	bool children;
	unsigned int nr;
	struct {
		uint16_t form;
		uint8_t kind;
		uint8_t slot;
		bool sibling;
		int64_t value;
	} attrs[MAX_ATTRS];
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
		[KS_OP_NOTHING] = 0, [KS_OP_U1] = 1,    [KS_OP_U2] = 2,      [KS_OP_U3] = 3,
		[KS_OP_U4] = 4,      [KS_OP_U8] = 8,    [KS_OP_DATA16] = 16, [KS_OP_ULEB] = -1,
		[KS_OP_SLEB] = -1,   [KS_OP_STRING] = -1, [KS_OP_BLOCK1] = -1, [KS_OP_BLOCK2] = -1,
		[KS_OP_BLOCK4] = -1, [KS_OP_BLOCK] = -1, [KS_OP_FLAG] = 0,   [KS_OP_CONST] = 0,
		[KS_OP_INDIRECT] = -1,
	};

	return lens[kind];
}

/* References that may name a sibling: those inside the unit. */
static bool is_unit_ref(unsigned int form)
{
	return form >= DW_FORM_ref1 && form <= DW_FORM_ref_udata;
}

/* Read one declaration into @decl.  A code of 0 is the end of the table. */
static void read_decl(struct ks_abbrevs *as, const struct ks_abbrev_table *t, struct ks_cursor *c)
{
	const struct ks_pass *pass = as->pass;
	struct ks_abbrev_decl *decl = as->decl;
	uint64_t attr, form;
	uint8_t children;

	decl->nr = 0;
	decl->code = ks_cursor_uleb(c);
	if (!decl->code)
		return;
	attr = ks_cursor_uleb(c);
	if (!attr || attr > UINT16_MAX)
		ks_cursor_fail(c, "a tag from 1 to 0xffff");
	decl->tag = (unsigned int)attr;
	children = ks_cursor_u8(c);
	if (children > DW_CHILDREN_yes)
		ks_cursor_fail(c, "0 or 1 for \"has children\"");
	decl->children = children;
	for (;;) {
		attr = ks_cursor_uleb(c);
		form = ks_cursor_uleb(c);
		if (c->failed || (!attr && !form))
			return;
		if (attr > UINT16_MAX || form > UINT16_MAX) {
			ks_cursor_fail(c, "an attribute and a form up to 0xffff");
			return;
		}
		if (decl->nr == MAX_ATTRS) {
			ks_cursor_fail(c, "at most 1024 attributes in a declaration");
			return;
		}

		unsigned int kind = ks_form_kind(t, (unsigned int)form);
		unsigned int slot = KS_SLOT_NONE;

		if (kind == KS_OP_BAD) {
			ks_cursor_fail(c, "a form of DWARF 2 to 5 before this");
			return;
		}
		if (attr != DW_AT_sibling)
			slot = pass->slot(decl->tag, (unsigned int)attr, (unsigned int)form);
		decl->attrs[decl->nr].form = (uint16_t)form;
		decl->attrs[decl->nr].kind = (uint8_t)kind;
		decl->attrs[decl->nr].slot = (uint8_t)slot;
		decl->attrs[decl->nr].sibling = attr == DW_AT_sibling &&
						is_unit_ref((unsigned int)form);
		decl->attrs[decl->nr].value = kind == KS_OP_CONST ? ks_cursor_sleb(c) : 0;
		decl->nr++;
	}
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
	/* Two ops and a spare one for each attribute: *skip stays valid below. */
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
	a->flags = (uint8_t)(action | (decl->children ? KS_ABBREV_CHILDREN : 0));
	a->nr_ops = (uint16_t)(t->ops.len - first);
	a->ops = (uint32_t)first;
	return t->ops.len <= UINT32_MAX;
}

/* Keep what was compiled: 0, -EEXIST, or -ENOMEM. */
static int insert(struct ks_abbrev_table *t, uint64_t code, const struct ks_abbrev *a)
{
	/* Codes that follow each other closely, as every producer's do, are an
	 * array; memory stays in proportion to the declarations read. */
	if (code < t->nr + 16) {
		while (t->dense.len <= code)
			if (!ks_vec_push(&t->dense))
				return -ENOMEM;
		if (t->dense.data[code].tag)
			return -EEXIST;
		t->dense.data[code] = *a;
		return 0;
	}

	struct ks_abbrev_sparse *s = ks_vec_push(&t->sparse);

	if (!s)
		return -ENOMEM;
	*s = (struct ks_abbrev_sparse){ .code = code, .a = *a };
	return 0;
}

static int compare_sparse(const void *a, const void *b)
{
	const struct ks_abbrev_sparse *x = a, *y = b;

	return x->code < y->code ? -1 : x->code > y->code;
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
		    (s[i].code < t->dense.len && t->dense.data[s[i].code].tag))
			return ks_dwarf_bad(as->d, KS_DWARF_ABBREV, t->off, err,
					    "code %llu occurs twice in this table",
					    (unsigned long long)s[i].code);
	return 0;
}

/* Read on until @code is there, or to the end once codes are far apart. */
static int read_table(struct ks_abbrevs *as, struct ks_abbrev_table *t, uint64_t code,
		      struct ksym_error *err)
{
	struct ks_cursor c = ks_dwarf_cursor(as->d, KS_DWARF_ABBREV, t->next_off);

	for (;;) {
		uint64_t start = ks_cursor_off(&c);
		struct ks_abbrev a;
		int ret;

		read_decl(as, t, &c);
		ret = ks_cursor_error(&c, err);
		if (ret)
			return ret;
		if (ks_cursor_off(&c) - start > as->budget)
			return ks_dwarf_bad(as->d, KS_DWARF_ABBREV, t->off, err,
					    "tables overlap: expected each to be read once");
		as->budget -= ks_cursor_off(&c) - start;
		t->next_off = ks_cursor_off(&c);
		if (!as->decl->code)
			return finish(as, t, err);
		if (!compile(as, t, &a))
			return ks_error_nomem(err);
		t->nr++;
		ret = insert(t, as->decl->code, &a);
		if (ret == -EEXIST)
			return ks_dwarf_bad(as->d, KS_DWARF_ABBREV, start, err,
					    "code %llu occurs twice in this table",
					    (unsigned long long)as->decl->code);
		if (ret)
			return ks_error_nomem(err);
		if (as->decl->code == code && !t->sparse.len)
			return 0;
	}
}

int ks_abbrev_find(struct ks_abbrevs *as, struct ks_abbrev_table *t, uint64_t code,
		   uint64_t die_off, const struct ks_abbrev **out, struct ksym_error *err)
{
	size_t lo = 0, hi;

	if (!t->whole) {
		int ret = read_table(as, t, code, err);

		if (ret)
			return ret;
	}
	if (code < t->dense.len && t->dense.data[code].tag) {
		*out = &t->dense.data[code];
		return 0;
	}
	for (hi = t->sparse.len; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->sparse.data[mid].code == code) {
			*out = &t->sparse.data[mid].a;
			return 0;
		}
		if (t->sparse.data[mid].code < code)
			lo = mid + 1;
		else
			hi = mid;
	}
	return ks_dwarf_bad(as->d, KS_DWARF_INFO, die_off, err,
			    "abbreviation %llu: expected one of the table at 0x%llx of .debug_abbrev",
			    (unsigned long long)code, (unsigned long long)t->off);
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
