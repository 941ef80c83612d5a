// SPDX-License-Identifier: LGPL-2.1-or-later
#include "types/graph.h"

#include <string.h>
#include <sys/random.h>
#include <xxhash.h>

#define FIRST_SLOTS 1024u

int ks_graph_init(struct ks_graph *g, const char *str, struct ksym_error *err)
{
	*g = (struct ks_graph){ .str = str, .nr_shape_slots = FIRST_SLOTS,
				.nr_named_slots = FIRST_SLOTS };
	/* So that no input can be made to collide.  Without it all else still holds. */
	if (getrandom(&g->seed, sizeof(g->seed), GRND_NONBLOCK) != sizeof(g->seed))
		g->seed = (uintptr_t)g;
	g->shape_slots = calloc(g->nr_shape_slots, sizeof(*g->shape_slots));
	g->named_slots = calloc(g->nr_named_slots, sizeof(*g->named_slots));
	if (g->shape_slots && g->named_slots && ks_vec_push(&g->nodes) && ks_vec_push(&g->shapes) &&
	    ks_graph_reserve(g))
		return 0;
	ks_graph_free(g);
	return ks_error_nomem(err);
}

void ks_graph_free(struct ks_graph *g)
{
	ks_vec_free(&g->nodes);
	ks_vec_free(&g->extras);
	ks_vec_free(&g->shapes);
	ks_vec_free(&g->named);
	ks_strpool_free(&g->names);
	free(g->shape_hashes);
	free(g->shape_slots);
	free(g->named_slots);
	*g = (struct ks_graph){ 0 };
}

static uint64_t mix(uint64_t h)
{
	h *= 0x9e3779b97f4a7c15u;
	return h ^ h >> 32;
}

static uint32_t named_hash(const struct ks_graph *g, unsigned int kind, ks_name name)
{
	return (uint32_t)mix(mix(name ^ g->seed) + kind);
}

uint32_t *ks_graph_shape_slot(struct ks_graph *g, struct ks_hash128 hash)
{
	uint32_t mask = g->nr_shape_slots - 1, i = (uint32_t)hash.lo & mask;

	for (;; i = (i + 1) & mask) {
		uint32_t n = g->shape_slots[i];

		if (!n || (g->shape_hashes[n - 1].lo == hash.lo && g->shape_hashes[n - 1].hi == hash.hi))
			return &g->shape_slots[i];
	}
}

uint32_t *ks_graph_named_slot(struct ks_graph *g, unsigned int kind, ks_name name)
{
	uint32_t mask = g->nr_named_slots - 1, i = named_hash(g, kind, name) & mask;

	for (;; i = (i + 1) & mask) {
		uint32_t n = g->named_slots[i];

		if (!n || (g->named.data[n - 1].name == name && g->named.data[n - 1].kind == kind))
			return &g->named_slots[i];
	}
}

/* An emptied table of twice as many slots. */
static bool grow(uint32_t **slots, uint32_t *nr)
{
	uint32_t *grown;

	if (*nr > UINT32_MAX / 4)
		return false;
	grown = calloc(2 * (size_t)*nr, sizeof(*grown));
	if (!grown)
		return false;
	free(*slots);
	*slots = grown;
	*nr *= 2;
	return true;
}

bool ks_graph_reserve(struct ks_graph *g)
{
	if (g->shapes.len >= KS_REF_NAMED || g->named.len >= KS_REF_NAMED)
		return false;
	if (g->shapes.len + 1 > g->cap_shape_hashes &&
	    !ks_vec_grow((void **)&g->shape_hashes, &g->cap_shape_hashes, g->shapes.len + 1,
			 sizeof(*g->shape_hashes)))
		return false;
	if (g->shapes.len >= g->nr_shape_slots / 2) {
		if (!grow(&g->shape_slots, &g->nr_shape_slots))
			return false;
		for (size_t i = 1; i < g->shapes.len; i++)
			*ks_graph_shape_slot(g, g->shape_hashes[i]) = (uint32_t)i + 1;
	}
	if (g->named.len >= g->nr_named_slots / 2) {
		if (!grow(&g->named_slots, &g->nr_named_slots))
			return false;
		for (size_t i = 0; i < g->named.len; i++)
			*ks_graph_named_slot(g, g->named.data[i].kind, g->named.data[i].name) =
				(uint32_t)i + 1;
	}
	return true;
}

/* ----------------------------------------------------------------- shapes */

static struct ks_hash128 hash_shape(const struct ks_graph *g, uint32_t top, size_t first_extra)
{
	size_t len = (g->nodes.len - top) * sizeof(*g->nodes.data);
	XXH128_hash_t h = XXH3_128bits_withSeed(g->nodes.data + top, len, g->seed);

	if (ks_unlikely(g->extras.len > first_extra)) {
		len = (g->extras.len - first_extra) * sizeof(*g->extras.data);
		h = XXH3_128bits_withSeed(g->extras.data + first_extra, len,
					  h.low64 ^ (h.high64 << 1 | h.high64 >> 63));
	}
	return (struct ks_hash128){ h.low64, h.high64 };
}

bool ks_graph_settle(struct ks_graph *g, uint32_t top, size_t first_extra, uint32_t unit,
		     uint32_t unit_node, uint32_t *nr)
{
	struct ks_hash128 hash = hash_shape(g, top, first_extra);
	struct ks_shape *s;
	uint32_t *slot;

	if (!ks_graph_reserve(g))
		return false;
	slot = ks_graph_shape_slot(g, hash);
	if (*slot) {
		*nr = *slot - 1;
		s = &g->shapes.data[*nr];
		if (unit < s->unit || (unit == s->unit && unit_node < s->unit_node)) {
			s->unit = unit;
			s->unit_node = unit_node;
		}
		g->nodes.len = top;
		g->extras.len = first_extra;
		return true;
	}
	*nr = (uint32_t)g->shapes.len;
	s = ks_vec_push(&g->shapes);
	if (!s)
		return false;
	g->shape_hashes[*nr] = hash;
	*slot = *nr + 1;
	*s = (struct ks_shape){ .node = top, .unit = unit, .unit_node = unit_node };
	for (uint32_t i = top; i < g->nodes.len; i++)
		g->nodes.data[i].end += top;
	for (size_t i = first_extra; i < g->extras.len; i++)
		g->extras.data[i].node += top;
	return true;
}
