// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/items.h"

#include <dwarf.h>
#include <string.h>
#include <xxhash.h>
#include "ksym/btf.h"

#define FIRST_SLOTS 4096u
#define MAX_DIMENSIONS 16u	/* half of the references that a kernel follows */
/* Of whole sizes that BTF and the kernel do not take. */
#define FAKE_INT "__SANITIZED_FAKE_INT__"

/* ------------------------------------------------------------------- table */

static uint32_t *slot_of(struct ks_items *it, const uint32_t *words, uint32_t nr)
{
	uint32_t mask = it->nr_slots - 1, i = (uint32_t)XXH3_64bits(words, nr * sizeof(*words)) & mask;

	for (;; i = (i + 1) & mask) {
		const uint32_t *t;

		if (!it->slots[i])
			return &it->slots[i];
		t = ks_item(it, it->slots[i]);
		/* Equal first words, equal lengths. */
		if (t[1] == words[1] && !memcmp(t, words, nr * sizeof(*words)))
			return &it->slots[i];
	}
}

static bool grow(struct ks_items *it)
{
	uint32_t *slots = calloc(2 * (size_t)it->nr_slots, sizeof(*slots));

	if (!slots)
		return false;
	free(it->slots);
	it->slots = slots;
	it->nr_slots *= 2;
	for (uint32_t i = 1; i < it->at.len; i++) {
		const uint32_t *t = ks_item(it, i);

		*slot_of(it, t, ks_btf_words(t)) = i;
	}
	return true;
}

uint32_t ks_items_add(struct ks_items *it, const uint32_t *words, uint32_t nr)
{
	uint32_t *slot, *at;

	if (it->at.len >= it->nr_slots / 2 && (it->nr_slots > UINT32_MAX / 4 || !grow(it)))
		return 0;
	slot = slot_of(it, words, nr);
	if (*slot)
		return *slot;
	if (it->words.len > UINT32_MAX - nr || !ks_vec_reserve(&it->words, nr))
		return 0;
	at = ks_vec_push(&it->at);
	if (!at)
		return 0;
	*at = (uint32_t)it->words.len;
	memcpy(it->words.data + it->words.len, words, nr * sizeof(*words));
	it->words.len += nr;
	*slot = (uint32_t)it->at.len - 1;
	return *slot;
}

int ks_items_init(struct ks_items *it, const char *path, unsigned int flags, uint64_t name_budget,
		  struct ksym_error *err)
{
	uint32_t name, integer[4] = { 0, KS_BTF_INFO(BTF_KIND_INT, 0, 0), 4, BTF_INT_SIGNED << 24 | 32 };

	*it = (struct ks_items){ .path = path, .flags = flags, .err = err, .nr_slots = FIRST_SLOTS,
				.name_budget = name_budget };
	it->slots = calloc(it->nr_slots, sizeof(*it->slots));
	if (it->slots && ks_vec_push(&it->at) && ks_strpool_add(&it->strings, "", 0) == 0) {
		name = ks_strpool_add(&it->strings, "int", 3);
		integer[0] = name;
		if (name != KS_STRPOOL_NONE)
			it->index_type = ks_items_add(it, integer, 4);
	}
	if (it->index_type)
		return 0;
	ks_items_free(it);
	return ks_error_nomem(err);
}

void ks_items_free(struct ks_items *it)
{
	ks_strpool_free(&it->strings);
	ks_vec_free(&it->words);
	ks_vec_free(&it->at);
	ks_vec_free(&it->tags);
	free(it->slots);
	*it = (struct ks_items){ 0 };
}

/* -------------------------------------------------------------- conversion */

struct convert {
	struct ks_items *it;
	const struct ks_graph *g;
	ks_ref *refs;
	KS_VEC(uint32_t) w;		/* the item being made */
	KS_VEC(struct ks_btf_tag) tags;	/* its tags */
	bool no_memory, too_large, too_long;
};

static uint32_t string(struct convert *c, ks_name name)
{
	char buf[8];
	const char *s = name ? ks_graph_text(c->g, name, buf) : "";
	size_t len = strlen(s);
	uint32_t n;

	/* Strings may overlap, all in one that is as long as the file. */
	c->too_long |= len > c->it->name_budget;
	if (c->too_long)
		return 0;
	c->it->name_budget -= len;
	n = ks_strpool_add(&c->it->strings, s, len);
	c->no_memory |= n == KS_STRPOOL_NONE;
	return n;
}

static void push(struct convert *c, uint32_t word)
{
	uint32_t *slot = ks_vec_push(&c->w);

	if (slot)
		*slot = word;
	else
		c->no_memory = true;
}

static void begin(struct convert *c, uint32_t name, unsigned int kind, uint32_t size_or_type)
{
	c->w.len = c->tags.len = 0;
	push(c, name);
	push(c, KS_BTF_INFO(kind, 0, 0));
	push(c, size_or_type);
}

static void count_part(struct convert *c)
{
	if (KS_BTF_VLEN(c->w.data) == KS_BTF_MAX_VLEN)
		c->too_large = true;
	else
		c->w.data[1]++;
}

static uint32_t end(struct convert *c)
{
	uint32_t item = c->no_memory ? 0 : ks_items_add(c->it, c->w.data, (uint32_t)c->w.len);

	c->no_memory |= !item;
	for (size_t i = 0; i < c->tags.len && !c->no_memory; i++) {
		struct ks_btf_tag *tag = ks_vec_push(&c->it->tags);

		if (!tag) {
			c->no_memory = true;
			break;
		}
		*tag = c->tags.data[i];
		tag->item = item;
	}
	return item;
}

/* What the graph's reference is among items. */
static ks_ref ref_of(const struct convert *c, ks_ref ref)
{
	return KS_REF_IS_NAMED(ref) ? ref : c->refs[ref];
}

static void note_tag(struct convert *c, const struct ks_type *n, int32_t part)
{
	struct ks_btf_tag *tag;

	if (n->value != KS_TAG_DECL || c->it->flags & KSYM_BTF_NO_DECL_TAG)
		return;
	tag = ks_vec_push(&c->tags);
	if (!tag) {
		c->no_memory = true;
		return;
	}
	*tag = (struct ks_btf_tag){ .text = string(c, n->name), .part = part };
}

/* Tags among the children of a node. */
static void note_tags(struct convert *c, uint32_t node, int32_t part)
{
	const struct ks_type *nodes = c->g->nodes.data;

	for (uint32_t i = node + 1; i < nodes[node].end; i = nodes[i].end)
		if (nodes[i].kind == KS_KIND_TAG)
			note_tag(c, &nodes[i], part);
}

/* A size that the kernel takes for an integer. */
static bool is_int_size(uint64_t size)
{
	return size && size <= 16 && !(size & (size - 1));
}

static uint32_t base_item(struct convert *c, uint32_t node)
{
	const struct ks_type *n = &c->g->nodes.data[node];
	uint64_t ate = ks_graph_extra(c->g, node)->encoding, size = n->value;
	uint32_t name = string(c, n->name), encoding = 0;

	if (ate == DW_ATE_float && !(c->it->flags & KSYM_BTF_NO_FLOAT) &&
	    (size == 2 || size == 4 || size == 8 || size == 12 || size == 16)) {
		begin(c, name, KS_BTF_FLOAT, (uint32_t)size);
		return end(c);
	}
	if (ate == DW_ATE_signed || ate == DW_ATE_signed_char)
		encoding = BTF_INT_SIGNED;
	else if (ate == DW_ATE_boolean)
		encoding = BTF_INT_BOOL;
	if (!is_int_size(size)) {
		name = ks_strpool_add(&c->it->strings, FAKE_INT, strlen(FAKE_INT));
		c->no_memory |= name == KS_STRPOOL_NONE;
		size = 4;
	}
	begin(c, name, BTF_KIND_INT, (uint32_t)size);
	push(c, encoding << 24 | (uint32_t)(8 * size));
	return end(c);
}

static uint32_t wrapper_item(struct convert *c, unsigned int kind, uint32_t name, ks_ref type)
{
	begin(c, name, kind, type);
	return end(c);
}

/* PTR -> TYPE_TAG ... -> what it points to; the last tag is next to the pointer. */
static uint32_t pointer_item(struct convert *c, uint32_t node)
{
	const struct ks_type *nodes = c->g->nodes.data;
	ks_ref ref = ref_of(c, nodes[node].type);

	for (uint32_t i = node + 1; i < nodes[node].end; i++)
		if (nodes[i].kind == KS_KIND_TAG && nodes[i].value == KS_TAG_TYPE &&
		    !(c->it->flags & KSYM_BTF_NO_TYPE_TAG))
			ref = wrapper_item(c, KS_BTF_TYPE_TAG, string(c, nodes[i].name), ref);
	return wrapper_item(c, BTF_KIND_PTR, 0, ref);
}

/*
 * An array of arrays for each dimension but the last.  Those that the kernel would not follow
 * are one.
 */
static uint32_t array_item(struct convert *c, uint32_t node)
{
	const struct ks_type *nodes = c->g->nodes.data;
	uint32_t nr[MAX_DIMENSIONS] = { 0 }, item = 0;
	unsigned int nr_dimensions = 0;
	unsigned int most = c->it->flags & KSYM_BTF_FLAT_ARRAYS ? 1 : MAX_DIMENSIONS;
	ks_ref element = ref_of(c, nodes[node].type);

	for (uint32_t i = node + 1; i < nodes[node].end; i = nodes[i].end) {
		uint32_t value = nodes[i].attrs & KS_ATTR_VALUE ? (uint32_t)nodes[i].value : 0;

		if (nodes[i].kind != KS_KIND_SUBRANGE)
			continue;
		if (nr_dimensions < most)
			nr[nr_dimensions++] = value;
		else
			nr[most - 1] *= value;
	}
	do {
		begin(c, 0, BTF_KIND_ARRAY, 0);
		push(c, element);
		push(c, c->it->index_type);
		push(c, nr_dimensions ? nr[--nr_dimensions] : 0);
		item = end(c);
		element = item;
	} while (nr_dimensions && item);
	return item;
}

static uint64_t member_offset(const struct convert *c, uint32_t node, uint32_t *bit_size)
{
	const struct ks_type *n = &c->g->nodes.data[node];
	const struct ks_type_extra *x = ks_graph_extra(c->g, node);

	*bit_size = n->attrs & KS_ATTR_BIT_SIZE ? (uint32_t)x->bit_size : 0;
	return n->attrs & KS_ATTR_BIT_OFFSET ? x->bit_offset : 8 * n->value;
}

static void struct_parts(struct convert *c, uint32_t node, bool kflag)
{
	const struct ks_type *nodes = c->g->nodes.data;

	for (uint32_t i = node + 1; i < nodes[node].end; i = nodes[i].end) {
		uint32_t bit_size;
		uint64_t off;

		if (nodes[i].kind == KS_KIND_TAG)
			note_tag(c, &nodes[i], -1);
		if (nodes[i].kind != KS_KIND_MEMBER)
			continue;
		off = member_offset(c, i, &bit_size);
		c->too_large |= kflag ? bit_size > 255 || off > 0xffffff : off > UINT32_MAX;
		note_tags(c, i, (int32_t)KS_BTF_VLEN(c->w.data));
		push(c, string(c, nodes[i].name));
		push(c, ref_of(c, nodes[i].type));
		push(c, kflag ? bit_size << 24 | (uint32_t)off : (uint32_t)off);
		count_part(c);
	}
}

static uint32_t struct_item(struct convert *c, uint32_t node)
{
	const struct ks_type *nodes = c->g->nodes.data, *n = &nodes[node];
	bool kflag = false;
	uint32_t bit_size;

	for (uint32_t i = node + 1; i < n->end && !kflag; i = nodes[i].end)
		kflag = nodes[i].kind == KS_KIND_MEMBER && (member_offset(c, i, &bit_size), bit_size);
	c->too_large |= n->value > UINT32_MAX;
	begin(c, string(c, n->name), n->kind == KS_KIND_UNION ? BTF_KIND_UNION : BTF_KIND_STRUCT,
	      (uint32_t)n->value);
	c->w.data[1] |= (uint32_t)kflag << 31;
	struct_parts(c, node, kflag);
	return end(c);
}

/* Is the type behind an enumeration a signed one? */
static bool is_signed(const struct convert *c, ks_ref ref)
{
	uint64_t ate;
	uint32_t node;

	if (!ref || KS_REF_IS_NAMED(ref))
		return false;
	node = c->g->shapes.data[ref].node;
	if (c->g->nodes.data[node].kind != KS_KIND_BASE)
		return false;
	ate = ks_graph_extra(c->g, node)->encoding;
	return ate == DW_ATE_signed || ate == DW_ATE_signed_char;
}

static uint32_t enum_item(struct convert *c, uint32_t node)
{
	const struct ks_type *nodes = c->g->nodes.data, *n = &nodes[node];
	uint64_t size = n->value ? n->value : 4;
	bool wide = size > 4 && !(c->it->flags & KSYM_BTF_NO_ENUM64);
	bool negative = wide && is_signed(c, n->type);

	begin(c, string(c, n->name), wide ? KS_BTF_ENUM64 : BTF_KIND_ENUM, (uint32_t)size);
	for (uint32_t i = node + 1; i < n->end; i = nodes[i].end) {
		if (nodes[i].kind == KS_KIND_TAG)
			note_tag(c, &nodes[i], -1);
		if (nodes[i].kind != KS_KIND_ENUMERATOR)
			continue;
		push(c, string(c, nodes[i].name));
		push(c, (uint32_t)nodes[i].value);
		if (wide)
			push(c, (uint32_t)(nodes[i].value >> 32));
		else
			negative |= (int64_t)nodes[i].value < 0;
		count_part(c);
	}
	c->w.data[1] |= (uint32_t)negative << 31;
	return end(c);
}

static uint32_t proto_item(struct convert *c, uint32_t node)
{
	const struct ks_type *nodes = c->g->nodes.data, *n = &nodes[node];

	begin(c, 0, BTF_KIND_FUNC_PROTO, ref_of(c, n->type));
	for (uint32_t i = node + 1; i < n->end; i = nodes[i].end) {
		if (nodes[i].kind == KS_KIND_PARAMETER) {
			push(c, string(c, nodes[i].name));
			push(c, ref_of(c, nodes[i].type));
		} else if (nodes[i].kind == KS_KIND_MORE_PARAMETERS) {
			push(c, 0);
			push(c, 0);
		} else {
			continue;
		}
		count_part(c);
	}
	return end(c);
}

static uint32_t typedef_item(struct convert *c, uint32_t node)
{
	const struct ks_type *n = &c->g->nodes.data[node];

	begin(c, string(c, n->name), BTF_KIND_TYPEDEF, ref_of(c, n->type));
	note_tags(c, node, -1);
	return end(c);
}

static ks_ref shape_ref(struct convert *c, uint32_t node)
{
	const struct ks_type *n = &c->g->nodes.data[node];

	if (n->flags & KS_TYPE_OPAQUE)
		return 0;
	switch (n->kind) {
	case KS_KIND_BASE:
		return base_item(c, node);
	case KS_KIND_POINTER:
	case KS_KIND_REFERENCE:
	case KS_KIND_RVALUE_REFERENCE:
		return pointer_item(c, node);
	case KS_KIND_CONST:
		return wrapper_item(c, BTF_KIND_CONST, 0, ref_of(c, n->type));
	case KS_KIND_VOLATILE:
		return wrapper_item(c, BTF_KIND_VOLATILE, 0, ref_of(c, n->type));
	case KS_KIND_RESTRICT:
		return wrapper_item(c, BTF_KIND_RESTRICT, 0, ref_of(c, n->type));
	case KS_KIND_TYPEDEF:
		if (string(c, n->name))
			return typedef_item(c, node);
		break;
	case KS_KIND_ARRAY:
		return array_item(c, node);
	case KS_KIND_SUBROUTINE:
	case KS_KIND_FUNCTION:
		return proto_item(c, node);
	case KS_KIND_STRUCT:
	case KS_KIND_CLASS:
	case KS_KIND_UNION:
		return struct_item(c, node);
	case KS_KIND_ENUM:
		return enum_item(c, node);
	case KS_KIND_UNSPECIFIED:
		return 0;
	}
	/* What BTF has no word for is what it wraps. */
	return ref_of(c, n->type);
}

int ks_items_convert(struct ks_items *it, const struct ks_graph *g, ks_ref *refs)
{
	struct convert c = { .it = it, .g = g, .refs = refs };
	int ret = 0;

	refs[0] = 0;
	/* What every item begins with has its place from now on. */
	if (!ks_vec_reserve(&c.w, 16))
		return ks_error_nomem(it->err);
	/* A shape refers to shapes before it. */
	for (uint32_t i = 1; i < g->shapes.len && !ret; i++) {
		refs[i] = shape_ref(&c, g->shapes.data[i].node);
		if (c.no_memory)
			ret = ks_error_nomem(it->err);
		else if (c.too_long)
			ret = ks_error(it->err, -EBADMSG,
				       "%s: .debug_info: names: expected them to be shorter", it->path);
		else if (c.too_large)
			ret = ks_error(it->err, -E2BIG,
				       "%s: .debug_info: a type is too large for BTF: expected at most 65535 members, and bit fields in the first 2 MiB",
				       it->path);
	}
	ks_vec_free(&c.w);
	ks_vec_free(&c.tags);
	return ret;
}
