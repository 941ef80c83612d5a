// SPDX-License-Identifier: LGPL-2.1-or-later
#include "types/load.h"

#include "dwarf/lines.h"
#include "dwarf/scan.h"
#include "types/names.h"
#include "types/pass.h"

/* ----------------------------------------------------------------- a node */

static inline bool has(const struct ks_die *die, enum ks_load_slot slot)
{
	return die->slots & 1u << slot;
}

static inline bool number(const struct ks_die *die, enum ks_load_slot slot, uint64_t *n)
{
	if (!has(die, slot) || !ks_form_is_constant(die->v[slot].form))
		return false;
	*n = die->v[slot].u;
	return true;
}

/* Up to 7 bytes of text are their own name. */
static inline ks_name short_name(const struct ks_loader *l, const struct ks_value *v)
{
	const uint8_t *end = l->d->s[KS_DWARF_INFO].data + l->d->s[KS_DWARF_INFO].len;
	uint64_t bytes = 0;

	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && end - v->p >= 8)
		memcpy(&bytes, v->p, 8);
	else
		for (unsigned int i = 0; i < v->len; i++)
			bytes |= (uint64_t)v->p[i] << 8 * i;
	return KS_NAME_SHORT | (v->len ? bytes & UINT64_MAX >> (64 - 8 * v->len) : 0);
}

static inline ks_name str_name(const struct ks_loader *l, uint64_t off)
{
	return KS_NAME_STR(l->strings ? ks_dwarf_strings_first(l->strings, off) : off);
}

static ks_cold int odd_name(struct ks_loader *l, const struct ks_value *v, ks_name *name)
{
	const char *str = (const char *)l->d->s[KS_DWARF_STR].data, *s;
	int ret = ks_value_string(l->d, l->u, v, &s, l->err);

	if (ret)
		return ret;
	if (str && s >= str && (size_t)(s - str) < l->d->s[KS_DWARF_STR].strings_len)
		*name = str_name(l, (uint64_t)(s - str));
	else
		*name = ks_name_make(&l->t->names, s, strlen(s));
	return *name ? 0 : ks_error_nomem(l->err);
}

static inline int name_of(struct ks_loader *l, const struct ks_value *v, ks_name *name)
{
	if (ks_likely(v->form == DW_FORM_strp && v->u < l->d->s[KS_DWARF_STR].strings_len)) {
		*name = str_name(l, v->u);
		return 0;
	}
	if (v->form == DW_FORM_string && v->len < 8) {
		*name = short_name(l, v);
		return 0;
	}
	return odd_name(l, v, name);
}

static ks_cold int odd_type(struct ks_loader *l, const struct ks_die *die, uint32_t *type)
{
	const struct ks_value *v = &die->v[SLOT_TYPE];

	switch (v->form) {
	case DW_FORM_ref_addr:
		if (v->u >= l->d->s[KS_DWARF_INFO].len)
			break;
		if (v->u <= l->t->base_off || v->u >= l->end_off)
			l->wide = true;
		else
			*type = (uint32_t)(v->u - l->t->base_off);
		return 0;
	case DW_FORM_ref_sig8:
	case DW_FORM_ref_sup4:
	case DW_FORM_ref_sup8:
	case DW_FORM_GNU_ref_alt:
		return ks_error(l->err, -ENOTSUP,
				"%s: .debug_info: at offset 0x%llx: a type in a %s: expected types "
				"to be in the unit that uses them",
				l->d->e->path, (unsigned long long)die->off,
				v->form == DW_FORM_ref_sig8 ? "type unit" : "supplementary file");
	}
	return ks_dwarf_bad(l->d, KS_DWARF_INFO, die->off, l->err,
			    "DIE: DW_AT_type: expected a reference to a DIE of the file");
}

/* What @die refers to as its type, counted from base_off until ks_loader_end(). */
static inline int type_of(struct ks_loader *l, const struct ks_die *die, uint32_t *type)
{
	const struct ks_value *v = &die->v[SLOT_TYPE];
	const struct ks_unit *u = l->u;

	if (ks_likely(v->form >= DW_FORM_ref1 && v->form <= DW_FORM_ref_udata &&
		      v->u < u->end_off - u->off)) {
		*type = (uint32_t)(u->off - l->t->base_off + v->u);
		return 0;
	}
	return odd_type(l, die, type);
}

/* ".c" as in upstream's rule: what is defined there can be no part of an interface. */
static bool is_source(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && !strcmp(dot, ".c");
}

static int read_files(struct ks_loader *l)
{
	const char **names = NULL;
	uint32_t nr = 0;
	int ret;

	ret = ks_line_files_read(l->d, l->line_off, &l->lines_spent, &names, &nr, l->err);
	for (uint32_t i = 0; i < nr && !ret; i++) {
		int8_t *slot = ks_vec_push(&l->is_private);

		if (!slot)
			ret = ks_error_nomem(l->err);
		else
			*slot = is_source(names[i]);
	}
	free(names);
	return ret;
}

static int private_definition(struct ks_loader *l, const struct ks_die *die, bool *is_private)
{
	uint64_t file;
	int ret;

	*is_private = false;
	if (!number(die, SLOT_DECL_FILE, &file))
		return 0;
	if (!l->is_private.len && l->line_off != UINT64_MAX) {
		ret = read_files(l);
		if (ret)
			return ret;
	}
	if (file >= l->is_private.len)
		return ks_dwarf_bad(l->d, KS_DWARF_INFO, die->off, l->err,
				    "DIE: DW_AT_decl_file %llu: expected below %zu, the files of the unit's line table",
				    (unsigned long long)file, l->is_private.len);
	*is_private = l->is_private.data[file];
	return 0;
}

static int keep_file(struct ks_loader *l, const struct ks_die *die, bool is_private)
{
	struct ks_type_file *f;
	uint64_t file;

	if (!number(die, SLOT_DECL_FILE, &file))
		return 0;
	f = ks_vec_push(&l->t->files);
	if (!f)
		return ks_error_nomem(l->err);
	f->node = (uint32_t)l->t->nodes.len - 1;
	f->file = (uint32_t)file;
	f->is_private = is_private;
	return 0;
}

static int aggregate_flags(struct ks_loader *l, const struct ks_die *die, struct ks_type *n)
{
	bool is_private;
	int ret;

	if (has(die, SLOT_DECLARATION) && die->v[SLOT_DECLARATION].u) {
		n->flags |= KS_TYPE_DECLARATION | KS_TYPE_OPAQUE;
		return 0;
	}
	if (!l->private_opaque)
		return 0;
	ret = private_definition(l, die, &is_private);
	if (is_private)
		n->flags |= KS_TYPE_PRIVATE | KS_TYPE_OPAQUE;
	return ret || !l->keep_files ? ret : keep_file(l, die, is_private);
}

/* DWARF 2 has an expression that adds the offset. */
static void old_member_offset(const struct ks_die *die, struct ks_type *n)
{
	const struct ks_value *v = &die->v[SLOT_VALUE];

	if (has(die, SLOT_VALUE) && ks_form_is_block(v->form) && v->len > 1 &&
	    *v->p == DW_OP_plus_uconst && ks_scan_uleb(v->p + 1, v->p + v->len, &n->value))
		n->attrs |= KS_ATTR_VALUE;
}

/* Before DWARF 4 bit fields were counted from the most significant bit of a piece of
 * storage.  Without its size, which is then that of the type, it stays as it is. */
static bool old_bit_offset(const struct ks_loader *l, const struct ks_die *die,
			   const struct ks_type_extra *x, uint64_t at, uint64_t *off)
{
	uint64_t in_piece, len;

	if (!number(die, SLOT_OLD_BIT_OFFSET, &in_piece) || !number(die, SLOT_OLD_SIZE, &len))
		return false;
	*off = 8 * at + (l->d->e->data == ELFDATA2MSB ? in_piece : 8 * len - in_piece - x->bit_size);
	return true;
}

static ks_cold int add_extra(struct ks_loader *l, const struct ks_die *die, uint32_t node)
{
	struct ks_type_extra *x = ks_vec_push(&l->t->extras);
	uint16_t attrs = 0;

	if (!x)
		return ks_error_nomem(l->err);
	x->node = node;
	if (number(die, SLOT_ENCODING, &x->encoding))
		attrs |= KS_ATTR_ENCODING;
	if (number(die, SLOT_ALIGNMENT, &x->alignment))
		attrs |= KS_ATTR_ALIGNMENT;
	if (number(die, SLOT_ACCESSIBILITY, &x->accessibility))
		attrs |= KS_ATTR_ACCESSIBILITY;
	if (number(die, SLOT_BIT_SIZE, &x->bit_size))
		attrs |= KS_ATTR_BIT_SIZE;
	if (number(die, SLOT_BIT_OFFSET, &x->bit_offset) ||
	    old_bit_offset(l, die, x, l->t->nodes.data[node].value, &x->bit_offset))
		attrs |= KS_ATTR_BIT_OFFSET;
	l->t->nodes.data[node].attrs |= attrs;
	return 0;
}

/* ---------------------------------------------------------------- objects */

/* Is @v an expression that begins with a fixed address? */
static bool is_address(const struct ks_value *v)
{
	return ks_form_is_block(v->form) && v->len &&
	       (*v->p == DW_OP_addr || *v->p == DW_OP_addrx || *v->p == DW_OP_GNU_addr_index);
}

static int origin_of(struct ks_loader *l, const struct ks_die *die, uint64_t *off)
{
	const struct ks_value *v = &die->v[SLOT_ORIGIN];

	if (v->form >= DW_FORM_ref1 && v->form <= DW_FORM_ref_udata &&
	    v->u < l->u->end_off - l->u->off) {
		*off = l->u->off + v->u;
		return 0;
	}
	if (v->form != DW_FORM_ref_addr || v->u >= l->d->s[KS_DWARF_INFO].len)
		return ks_dwarf_bad(l->d, KS_DWARF_INFO, die->off, l->err,
				    "DIE: DW_AT_abstract_origin or DW_AT_specification: expected a reference to a DIE of the file");
	if (v->u <= l->t->base_off || v->u >= l->end_off)
		l->wide = true;
	*off = v->u;
	return 0;
}

static int add_object(struct ks_loader *l, const struct ks_die *die, uint32_t node)
{
	const struct ks_value *v = &die->v[SLOT_LOCATION];
	struct ks_type_object *o = ks_vec_push(&l->t->objects);

	if (!o)
		return ks_error_nomem(l->err);
	o->node = node;
	o->external = has(die, SLOT_EXTERNAL) && die->v[SLOT_EXTERNAL].u;
	o->declared = has(die, SLOT_DECLARATION) && die->v[SLOT_DECLARATION].u;
	o->has_value = has(die, SLOT_CONST_VALUE);
	o->artificial = has(die, SLOT_ARTIFICIAL);
	o->nocall = has(die, SLOT_CALLING_CONVENTION) &&
		    die->v[SLOT_CALLING_CONVENTION].u == DW_CC_nocall;
	if (has(die, SLOT_LOW_PC)) {
		int ret = ks_value_va(l->d, l->u, &die->v[SLOT_LOW_PC], &o->va, l->err);

		if (ret)
			return ret;
		o->has_va = true;
	}
	if (has(die, SLOT_LOCATION)) {
		o->form = v->form;
		if (ks_form_is_block(v->form)) {
			o->expr = v->p;
			o->len = v->len;
		} else {
			o->list = v->u;
		}
	}
	return has(die, SLOT_ORIGIN) ? origin_of(l, die, &o->origin) : 0;
}

/* What names and types do not tell: of things that KS_LOADER_ALL alone reads. */
static int read_more(struct ks_loader *l, const struct ks_die *die, struct ks_type *n)
{
	uint32_t node = (uint32_t)l->t->nodes.len - 1;
	const struct ks_value *v;
	const char *name;
	int ret;

	switch (n->kind) {
	case KS_KIND_FUNCTION:
	case KS_KIND_VARIABLE:
	case KS_KIND_PARAMETER:
		return die->slots & SLOTS_OBJECT ? add_object(l, die, node) : 0;
	case KS_KIND_MEMBER:
		/* A static member is no part of the layout. */
		if (has(die, SLOT_EXTERNAL) && die->v[SLOT_EXTERNAL].u)
			n->flags |= KS_TYPE_LEFT_OUT;
		return 0;
	case KS_KIND_TAG:
		if (!has(die, SLOT_NAME) || !has(die, SLOT_CONST_VALUE) ||
		    !ks_form_is_string(die->v[SLOT_CONST_VALUE].form))
			return 0;
		v = &die->v[SLOT_NAME];
		ret = ks_value_string(l->d, l->u, v, &name, l->err);
		if (ret)
			return ret;
		n->value = !strcmp(name, "btf_decl_tag") ? KS_TAG_DECL
			   : !strcmp(name, "btf_type_tag") ? KS_TAG_TYPE
							   : 0;
		return name_of(l, &die->v[SLOT_CONST_VALUE], &n->name);
	}
	return 0;
}

/* ----------------------------------------------------------------- a unit */

static inline bool is_root(struct ks_loader *l, uint64_t off)
{
	while (l->nr_roots && *l->roots < off) {
		l->roots++;
		l->nr_roots--;
	}
	return l->nr_roots && *l->roots == off;
}

/* Everything that is not inside what lies @depth deep ends before the next node. */
static inline void close_nodes(struct ks_loader *l, int64_t depth)
{
	while (l->open.len && l->open.data[l->open.len - 1].depth >= depth)
		l->t->nodes.data[l->open.data[--l->open.len].node].end = (uint32_t)l->t->nodes.len;
}

static inline int open_node(struct ks_loader *l, uint32_t node, int64_t depth)
{
	struct ks_open_node *open = ks_vec_push(&l->open);

	if (!open)
		return ks_error_nomem(l->err);
	*open = (struct ks_open_node){ .depth = depth, .node = node };
	return 0;
}

/* A DIE that becomes no node, nor what is in it. */
static inline bool is_left_out(struct ks_loader *l, const struct ks_die *die, unsigned int kind)
{
	/* Variables without a location may be where others come from. */
	if (l->mode == KS_LOADER_ALL)
		return kind == KS_KIND_VARIABLE && has(die, SLOT_LOCATION) &&
		       !is_address(&die->v[SLOT_LOCATION]);
	return (kind == KS_KIND_FUNCTION || kind == KS_KIND_VARIABLE) && !is_root(l, die->off);
}

static int visit(const struct ks_scan *s, const struct ks_die *die, void *arg)
{
	struct ks_loader *l = arg;
	struct ks_types *t = l->t;
	unsigned int kind = kind_of(die->tag);
	uint64_t at = die->off - t->base_off;
	uint32_t node, parent;
	struct ks_type *n;
	int ret = 0;

	(void)s;
	if (!die->depth)
		return KS_SCAN_NEXT;
	close_nodes(l, die->depth);
	if (is_left_out(l, die, kind))
		return l->mode == KS_LOADER_ROOTS ? KS_SCAN_SKIP_CHILDREN : KS_SCAN_NEXT;
	if (ks_unlikely(die->tag == TAG_LLVM_annotation) && l->mode == KS_LOADER_ALL)
		kind = KS_KIND_TAG;
	if (ks_unlikely(t->nodes.len >= UINT32_MAX - 1))
		return ks_error(l->err, -ENOTSUP, "%s: .debug_info: more than 2^32 - 2 DIEs", t->path);
	node = (uint32_t)t->nodes.len;
	n = ks_vec_push(&t->nodes);
	if (ks_unlikely(!n))
		return ks_error_nomem(l->err);
	t->bits.data[at / 64] |= (uint64_t)1 << at % 64;
	/* What lies in a block of a function is no part of the function. */
	parent = 0;
	if (l->open.len && l->open.data[l->open.len - 1].depth == die->depth - 1)
		parent = l->open.data[l->open.len - 1].node;
	n->kind = (uint8_t)kind;
	n->parent = parent;
	n->end = node + 1;
	if (kind == KS_KIND_OTHER)
		n->value = die->tag;
	else if (number(die, SLOT_VALUE, &n->value))
		n->attrs = KS_ATTR_VALUE;
	else if (number(die, SLOT_UPPER_BOUND, &n->value))
		n->attrs = KS_ATTR_VALUE, n->value++;
	else if (kind == KS_KIND_MEMBER && l->mode == KS_LOADER_ALL)
		old_member_offset(die, n);
	if (has(die, SLOT_NAME))
		ret = name_of(l, &die->v[SLOT_NAME], &n->name);
	if (!ret && has(die, SLOT_TYPE))
		ret = type_of(l, die, &n->type);
	if (!ret && ks_kind_in(kind, KS_KINDS_AGGREGATE))
		ret = aggregate_flags(l, die, n);
	if (!ret && ks_unlikely(die->slots & SLOTS_EXTRA))
		ret = add_extra(l, die, node);
	if (!ret && l->mode == KS_LOADER_ALL)
		ret = read_more(l, die, n);
	if (!ret && die->children)
		ret = open_node(l, node, die->depth);
	if (parent && ks_kind_in(kind, KS_KINDS_WITH_PATH) &&
	    ks_kind_in(t->nodes.data[parent].kind, KS_KINDS_PATH))
		l->nested = true;
	return ret;
}

static int keep_header(struct ks_loader *l, const struct ks_unit *u, const struct ks_die *die)
{
	struct ks_type_unit *header = &l->t->headers.data[l->t->headers.len - 1];
	const char *producer = "";
	int ret = 0;

	if (has(die, SLOT_PRODUCER))
		ret = ks_value_string(l->d, u, &die->v[SLOT_PRODUCER], &producer, l->err);
	header->u = *u;
	header->clang = strstr(producer, "clang");
	return ret;
}

int ks_loader_unit(struct ks_loader *l, const struct ks_unit *unit, const uint64_t *roots,
		   size_t nr_roots)
{
	struct ks_unit u = *unit;
	struct ks_scan s;
	struct ks_die die;
	uint32_t *first;
	int ret;

	first = ks_vec_push(&l->t->units);
	if (!first)
		return ks_error_nomem(l->err);
	*first = (uint32_t)l->t->nodes.len;
	if (l->mode == KS_LOADER_ALL && !ks_vec_push(&l->t->headers))
		return ks_error_nomem(l->err);
	if (u.die_off == u.end_off)
		return 0;
	l->u = &u;
	l->roots = roots;
	l->nr_roots = nr_roots;
	l->line_off = UINT64_MAX;
	l->is_private.len = 0;
	l->open.len = 0;
	l->nested = false;
	ret = ks_scan_init(&s, &l->as, &u, l->err);
	if (!ret)
		ret = ks_scan_die(&s, u.die_off, &die, l->err);
	if (ret)
		return ret;
	l->nr_skeletons += die.tag == DW_TAG_skeleton_unit;
	if (die.tag != DW_TAG_compile_unit && die.tag != DW_TAG_partial_unit)
		return 0;
	if (has(&die, SLOT_STMT_LIST))
		l->line_off = die.v[SLOT_STMT_LIST].u;
	if (has(&die, SLOT_STR_OFFSETS_BASE))
		u.str_offsets_base = die.v[SLOT_STR_OFFSETS_BASE].u;
	if (has(&die, SLOT_ADDR_BASE))
		u.addr_base = die.v[SLOT_ADDR_BASE].u;
	if (has(&die, SLOT_LOCLISTS_BASE))
		u.loclists_base = die.v[SLOT_LOCLISTS_BASE].u;
	if (l->mode == KS_LOADER_ALL) {
		ret = keep_header(l, &u, &die);
		if (ret)
			return ret;
		if (has(&die, SLOT_LANGUAGE) && die.v[SLOT_LANGUAGE].u == DW_LANG_Rust && !l->rust) {
			l->nr_rust++;
			return 0;
		}
	}
	ret = ks_scan_unit(&s, visit, l, l->err);
	close_nodes(l, INT64_MIN);
	if (!ret && l->nested && l->mode != KS_LOADER_ALL)
		ret = ks_names_add_paths(l->t, *first, 64 * (u.end_off - u.off) + (1 << 20), l->err);
	return ret;
}

int ks_loader_begin(struct ks_loader *l, struct ks_types *t, uint64_t off, uint64_t end_off)
{
	size_t nr = (size_t)((end_off - off) / 64 + 1);

	if (end_off - off > UINT32_MAX)
		return ks_error(l->err, -ENOTSUP,
				"%s: .debug_info: units with references between them of more than 4 GiB",
				l->d->e->path);
	l->t = t;
	l->end_off = end_off;
	l->wide = false;
	t->path = l->d->e->path;
	t->str = (const char *)l->d->s[KS_DWARF_STR].data;
	t->base_off = off;
	t->nodes.len = t->extras.len = t->files.len = t->objects.len = t->headers.len = 0;
	t->units.len = t->bits.len = t->ranks.len = 0;
	if (!ks_vec_push(&t->nodes) || !ks_vec_reserve(&t->bits, nr) ||
	    !ks_vec_reserve(&t->ranks, nr))
		return ks_error_nomem(l->err);
	t->bits.len = t->ranks.len = nr;
	memset(t->bits.data, 0, nr * sizeof(*t->bits.data));
	return 0;
}

int ks_loader_end(struct ks_loader *l)
{
	struct ks_types *t = l->t;
	uint32_t rank = 1;

	for (size_t i = 0; i < t->bits.len; i++) {
		t->ranks.data[i] = rank;
		rank += (uint32_t)__builtin_popcountll(t->bits.data[i]);
	}
	for (size_t i = 1; i < t->nodes.len; i++) {
		struct ks_type *n = &t->nodes.data[i];

		if (!n->type)
			continue;
		n->type = ks_types_at(t, t->base_off + n->type);
		if (ks_unlikely(!n->type))
			n->type = KS_TYPE_DANGLING;
	}
	return l->wide ? KS_LOADED_WANT_ALL : KS_LOADED;
}

int ks_loader_init(struct ks_loader *l, const struct ks_dwarf *d, enum ks_loader_mode mode,
		   bool private_opaque, struct ksym_error *err)
{
	const struct ks_pass *pass = mode == KS_LOADER_ALL    ? &ks_pass_all
				     : mode == KS_LOADER_ROOTS ? &ks_pass_over_bodies
							       : &ks_pass_in_bodies;

	*l = (struct ks_loader){ .d = d, .mode = mode, .private_opaque = private_opaque,
				 .err = err };
	return ks_abbrevs_init(&l->as, d, pass, err);
}

void ks_loader_free(struct ks_loader *l)
{
	ks_abbrevs_free(&l->as);
	ks_vec_free(&l->open);
	ks_vec_free(&l->is_private);
}
