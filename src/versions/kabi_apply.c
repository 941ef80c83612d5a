// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Rules and __kabi_ members applied to nodes, before their types are merged:
 *
 *   a type of rule declonly            becomes opaque
 *   an enumerator                      is ignored, or has another value
 *   a type of rule byte_size           has another size
 *   union { new; reserved }            is what the reserved member is: a type T, where
 *                                      "reserved" is a member T __kabi_reserved*, or
 *                                      T __kabi_renamedNAME, or a structure that begins so;
 *                                      what has the union for a type is called NAME then
 *   a member that is such a union,     is left out
 *   but with __kabi_ignored*
 *   any other member __kabi_*          has no name
 *
 * The NAME of a union that is met for the first time as the last thing inside the type of
 * another member goes to that member, too, as it does in gendwarfksyms.
 */
#include "versions/order.h"

#include <stdio.h>
#include <string.h>

#define PREFIX "__kabi_"

enum status {
	STATUS_NONE,		/* nothing was looked at */
	STATUS_NORMAL,
	STATUS_RESERVED,
	STATUS_IGNORED,
};

/* What the members of a union say. */
struct verdict {
	enum status status;
	uint32_t type;		/* STATUS_RESERVED: what the union stands for */
	const char *name;	/* that its user gets; NULL: none */
	char buf[8];
};

static const char *text_of(const struct ks_order *o, const struct ks_type *n, char buf[8])
{
	return n->flags & KS_TYPE_NAMELESS ? "" :
	       ks_name_text(o->t->str, &o->t->names, n->name, buf);
}

static bool is_kabi(const char *name)
{
	return !strncmp(name, PREFIX, sizeof(PREFIX) - 1);
}

/* What a member's name says; *@rest is what follows "renamed". */
static enum status status_of(const char *name, const char **rest)
{
	*rest = NULL;
	if (!is_kabi(name))
		return STATUS_NORMAL;
	name += sizeof(PREFIX) - 1;
	if (!strncmp(name, "reserved", 8))
		return STATUS_RESERVED;
	if (!strncmp(name, "ignored", 7))
		return STATUS_IGNORED;
	if (strncmp(name, "renamed", 7))
		return STATUS_NORMAL;
	*rest = name + 7;
	return STATUS_RESERVED;
}

/* The first member of structure @node: 0 when it has none. */
static uint32_t first_member(const struct ks_order *o, uint32_t node)
{
	const struct ks_type *nodes = o->t->nodes.data;

	for (uint32_t i = node + 1; i < nodes[node].end; i = nodes[i].end)
		if (nodes[i].kind == KS_KIND_MEMBER)
			return i;
	return 0;
}

/* What member @i of a union says of the union. */
static enum status member_status(const struct ks_order *o, uint32_t i, struct verdict *v)
{
	const struct ks_type *nodes = o->t->nodes.data, *n = &nodes[i];
	enum status status = status_of(text_of(o, n, v->buf), &v->name);
	uint32_t inner;

	v->type = n->type;
	if (status != STATUS_NORMAL || !n->type || n->type == KS_TYPE_DANGLING ||
	    nodes[n->type].kind != KS_KIND_STRUCT)
		return status;
	inner = first_member(o, n->type);
	if (!inner)
		return STATUS_NONE;
	v->type = nodes[inner].type;
	return status_of(text_of(o, &nodes[inner], v->buf), &v->name);
}

/* Of the first two members one may say something. */
static void judge(const struct ks_order *o, uint32_t node, struct verdict *v)
{
	const struct ks_type *nodes = o->t->nodes.data;
	unsigned int nr = 0;

	*v = (struct verdict){ 0 };
	for (uint32_t i = node + 1; i < nodes[node].end; i = nodes[i].end) {
		if (nodes[i].kind != KS_KIND_MEMBER)
			continue;
		v->status = member_status(o, i, v);
		if (v->status > STATUS_NORMAL || (++nr >= 2 && v->status))
			return;
	}
	v->status = STATUS_NONE;
}

static int number_of(const struct ks_order *o, const char *value, uint64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoul(value, &end, 10);
	if (errno || *end)
		return ks_error(o->err, -EBADMSG, "%s: kABI rule: '%s': expected a number", o->t->path,
				value);
	return 0;
}

/* ------------------------------------------------------------------- rules */

static int apply_size(struct ks_order *o, struct ks_type *n)
{
	const char *value;
	char buf[8];

	if (!(n->attrs & KS_ATTR_VALUE) ||
	    !ks_kabi_find(o->kabi, KS_KABI_BYTE_SIZE, text_of(o, n, buf), &value))
		return 0;
	return number_of(o, value, &n->value);
}

static int apply_enumerator(struct ks_order *o, const struct ks_type *parent, struct ks_type *n)
{
	char buf[8], parent_buf[8], *target;
	const char *name = text_of(o, n, buf), *parent_name = text_of(o, parent, parent_buf);
	const char *value;
	int ret = 0;

	if (!*name || !*parent_name ||
	    !(o->kabi->rules[KS_KABI_ENUMERATOR_IGNORE].targets.nr |
	      o->kabi->rules[KS_KABI_ENUMERATOR_VALUE].targets.nr))
		return 0;
	if (asprintf(&target, "%s %s", parent_name, name) < 0)
		return ks_error_nomem(o->err);
	if (ks_kabi_find(o->kabi, KS_KABI_ENUMERATOR_IGNORE, target, &value)) {
		n->flags |= KS_TYPE_IGNORED;
	} else if (ks_kabi_find(o->kabi, KS_KABI_ENUMERATOR_VALUE, target, &value)) {
		n->attrs |= KS_ATTR_VALUE;
		ret = number_of(o, value, &n->value);
	}
	free(target);
	return ret;
}

/* ----------------------------------------------------------------- the walk */

int ks_kabi_enter_union(struct ks_order *o, uint32_t node)
{
	struct ks_type *n = &o->t->nodes.data[node];
	struct verdict v;

	judge(o, node, &v);
	if (v.status <= STATUS_NORMAL)
		return 0;
	if (v.status == STATUS_IGNORED) {
		n->flags |= KS_TYPE_IGNORED | KS_TYPE_OPAQUE;
		n->name = 0;
		return 1;
	}
	if (!v.type)
		return ks_error(o->err, -EBADMSG,
				"%s: .debug_info: at offset 0x%llx: a reserved member: expected it to have a type",
				o->t->path, (unsigned long long)ks_types_off(o->t, node));
	o->new_name = 0;
	if (v.name) {
		o->new_name = ks_name_make(&o->t->names, v.name, strlen(v.name));
		if (!o->new_name)
			return ks_error_nomem(o->err);
	}
	o->stands_for.data[node] = v.type;
	return 1;
}

int ks_kabi_enter(struct ks_order *o, uint32_t node)
{
	struct ks_type *n = &o->t->nodes.data[node];
	const char *value;
	char buf[8];

	if (n->kind == KS_KIND_MEMBER || n->kind == KS_KIND_PARAMETER) {
		if (is_kabi(text_of(o, n, buf)))
			n->name = 0;
		o->new_name = 0;
		return 0;
	}
	if (ks_kind_in(n->kind, KS_KINDS_AGGREGATE) &&
	    ks_kabi_find(o->kabi, KS_KABI_DECLONLY, text_of(o, n, buf), &value))
		n->flags |= KS_TYPE_OPAQUE;
	return ks_kind_in(n->kind, KS_KINDS_TYPES) ? apply_size(o, n) : 0;
}

int ks_kabi_enumerator(struct ks_order *o, uint32_t parent, uint32_t node)
{
	return apply_enumerator(o, &o->t->nodes.data[parent], &o->t->nodes.data[node]);
}

bool ks_kabi_leaves_out(struct ks_order *o, uint32_t node)
{
	struct ks_type *nodes = o->t->nodes.data, *n = &nodes[node];
	struct verdict v;

	if (!n->type || n->type == KS_TYPE_DANGLING || nodes[n->type].kind != KS_KIND_UNION ||
	    !ks_kind_in(nodes[n->parent].kind, KS_KINDS_STRUCT | KS_KINDS(KS_KIND_UNION)))
		return false;
	judge(o, n->type, &v);
	if (v.status != STATUS_IGNORED)
		return false;
	n->flags |= KS_TYPE_LEFT_OUT;
	return true;
}

/* What @i stands for in the end; all on the way there then stand for that at once. */
static int resolve(struct ks_order *o, uint32_t i, uint32_t *out)
{
	uint32_t *stands_for = o->stands_for.data, end = i;

	for (size_t steps = 0; stands_for[end]; steps++) {
		if (steps > o->t->nodes.len)
			return ks_error(o->err, -EBADMSG,
					"%s: .debug_info: at offset 0x%llx: unions with reserved members that stand for each other",
					o->t->path, (unsigned long long)ks_types_off(o->t, i));
		end = stands_for[end];
		/* The end of an earlier chain can be no type. */
		if (end == KS_TYPE_DANGLING)
			break;
	}
	while (i != end && stands_for[i]) {
		uint32_t next = stands_for[i];

		stands_for[i] = end;
		i = next;
		if (i == KS_TYPE_DANGLING)
			break;
	}
	*out = end;
	return 0;
}

int ks_kabi_redirect(struct ks_order *o)
{
	for (uint32_t i = 1; i < o->t->nodes.len; i++) {
		struct ks_type *n = &o->t->nodes.data[i];
		uint32_t type = n->type;
		int ret = 0;

		if (type && type != KS_TYPE_DANGLING && o->stands_for.data[type])
			ret = resolve(o, type, &type);
		if (ret)
			return ret;
		n->type = type;
	}
	return 0;
}
