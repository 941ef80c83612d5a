// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/apart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct definition {
	uint32_t unit;
	ks_name name;
	uint32_t kind, node;
};

static int by_name(const void *a, const void *b)
{
	const struct definition *x = a, *y = b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

static int by_node(const void *a, const void *b)
{
	const struct ks_alias *x = a, *y = b;

	return x->node < y->node ? -1 : x->node > y->node;
}

/* Name for the @nr-th definition of a name: one that no type can have. */
static ks_name numbered(struct ks_types *t, ks_name name, uint32_t nr, uint64_t *budget,
			struct ksym_error *err)
{
	char buf[8], *text;
	const char *s = ks_name_text(t->str, &t->names, name, buf);
	size_t name_len = strlen(s);
	ks_name made;
	int len;

	if (name_len > *budget) {
		ks_error(err, -EBADMSG,
			 "%s: .debug_info: unit at offset 0x%llx: names of types with several definitions: expected them to be shorter",
			 t->path, (unsigned long long)t->base_off);
		return 0;
	}
	*budget -= name_len;
	len = asprintf(&text, "%s\n%u", s, nr);
	if (len < 0) {
		ks_error_nomem(err);
		return 0;
	}
	made = ks_name_make(&t->names, text, (size_t)len);
	free(text);
	if (!made)
		ks_error_nomem(err);
	return made;
}

int ks_tell_apart(struct ks_aliases *out, struct ks_types *t, const bool *clash, struct ksym_error *err)
{
	KS_VEC(struct definition) v = { 0 };
	/* Of bytes of the unit's, which any number of definitions can name at once. */
	uint64_t budget = 64 * (64 * (uint64_t)t->bits.len) + (1 << 20);
	uint32_t nr = 0;
	int ret = 0;

	out->len = 0;
	for (uint32_t i = 1; i < t->nodes.len && !ret; i++) {
		const struct ks_type *n = &t->nodes.data[i];
		uint32_t unit = clash ? ks_types_unit(t, i) : 0;
		struct definition *def;

		if (!ks_kind_in(n->kind, KS_KINDS_NAMED) || !n->name || !ks_is_definition(n) ||
		    (clash && !clash[unit]))
			continue;
		def = ks_vec_push(&v);
		if (def)
			*def = (struct definition){ unit, n->name, n->kind, i };
		else
			ret = ks_error_nomem(err);
	}
	if (v.len)
		qsort(v.data, v.len, sizeof(*v.data), by_name);
	for (size_t i = 1; i < v.len && !ret; i++) {
		struct ks_alias *alias;
		ks_name name;

		nr = v.data[i].name == v.data[i - 1].name && v.data[i].kind == v.data[i - 1].kind &&
				     v.data[i].unit == v.data[i - 1].unit
			     ? nr + 1
			     : 0;
		if (!nr)
			continue;
		name = numbered(t, v.data[i].name, nr, &budget, err);
		alias = name ? ks_vec_push(out) : NULL;
		if (alias)
			*alias = (struct ks_alias){ v.data[i].node, name };
		else
			ret = name ? ks_error_nomem(err) : err->code;
	}
	ks_vec_free(&v);
	if (out->len)
		qsort(out->data, out->len, sizeof(*out->data), by_node);
	return ret;
}
