// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/arrays.h"

#include <errno.h>
#include "btf/format.h"
#include "btf/index.h"

/* Members of the base that are looked at, in all: kernels have some thirty structures to ask. */
#define MAX_STEPS (1u << 20)

struct search {
	const struct ksym_btf *base;
	const struct ks_graph *g;
	unsigned int steps;
	bool flat, nested;
};

/* Elements of all dimensions, if @node is an array of several. */
static bool is_matrix(const struct ks_type *nodes, uint32_t node, uint32_t *nr)
{
	unsigned int nr_dimensions = 0;

	if (nodes[node].kind != KS_KIND_ARRAY)
		return false;
	*nr = 1;
	for (uint32_t i = node + 1; i < nodes[node].end; i = nodes[i].end) {
		if (nodes[i].kind != KS_KIND_SUBRANGE)
			continue;
		nr_dimensions++;
		*nr *= nodes[i].attrs & KS_ATTR_VALUE ? (uint32_t)nodes[i].value : 0;
	}
	return nr_dimensions > 1;
}

/* The member called as @name is in structure @t of the base. */
static void look_at(struct search *s, const uint32_t *t, uint32_t name, uint32_t nr)
{
	for (uint32_t i = 0; i < KS_BTF_VLEN(t) && s->steps; i++) {
		const uint32_t *member = t + 3 + (size_t)3 * i, *type;

		s->steps--;
		if (ks_btf_index_canonical(s->base, member[0]) != name)
			continue;
		type = ks_btf_by_id(s->base, member[1]);
		if (!member[1] || KS_BTF_KIND(type) != BTF_KIND_ARRAY)
			continue;
		if (type[3] && KS_BTF_KIND(ks_btf_by_id(s->base, type[3])) == BTF_KIND_ARRAY)
			s->nested = true;
		else if (type[5] == nr)
			s->flat = true;
	}
}

/* Everything in the base with the name of @node, a structure with such a member @m. */
static void ask(struct search *s, uint32_t node, uint32_t m, uint32_t nr)
{
	const struct ks_type *nodes = s->g->nodes.data;
	char buf[8];
	uint32_t name, member;

	if (!ks_btf_index_string(s->base, ks_graph_text(s->g, nodes[node].name, buf), &name) ||
	    !ks_btf_index_string(s->base, ks_graph_text(s->g, nodes[m].name, buf), &member))
		return;
	for (uint32_t id = ks_btf_index_named(s->base, BTF_KIND_STRUCT, name); id && s->steps;
	     id = ks_btf_index_next(s->base, id)) {
		const uint32_t *t = ks_btf_by_id(s->base, id);

		s->steps--;
		if ((KS_BTF_KIND(t) == BTF_KIND_STRUCT || KS_BTF_KIND(t) == BTF_KIND_UNION) &&
		    t[2] == nodes[node].value)
			look_at(s, t, member, nr);
	}
}

int ks_btf_arrays_flat(const struct ksym_btf *base, const struct ks_graph *g, bool *flat)
{
	struct search s = { .base = base, .g = g, .steps = MAX_STEPS };
	const struct ks_type *nodes = g->nodes.data;

	*flat = false;
	if (!ks_btf_index_make(base))
		return -ENOMEM;
	for (size_t i = 1; i < g->shapes.len && s.steps && !s.nested; i++) {
		uint32_t node = g->shapes.data[i].node, nr;

		if (!ks_kind_in(nodes[node].kind, KS_KINDS_STRUCT | KS_KINDS(KS_KIND_UNION)) ||
		    !nodes[node].name)
			continue;
		for (uint32_t m = node + 1; m < nodes[node].end; m = nodes[m].end)
			if (nodes[m].kind == KS_KIND_MEMBER && nodes[m].name && nodes[m].type &&
			    !KS_REF_IS_NAMED(nodes[m].type) &&
			    is_matrix(nodes, g->shapes.data[nodes[m].type].node, &nr))
				ask(&s, node, m, nr);
	}
	*flat = s.flat && !s.nested;
	return 0;
}
