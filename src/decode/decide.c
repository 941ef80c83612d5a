// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Which of several functions of one name a dump means.
 *
 * The size that a kernel prints is the distance to the next symbol, so that is compared.
 * Where that leaves several, an address in the dump decides, once others of which the
 * symbol is known tell by how much the kernel was moved; or the chain of calls does: in
 * front of where a frame returns to stands a call, and if that is a direct one, it has to
 * be one of the function that the dump has above.
 */
#include "decode/decode.h"

#include <stdlib.h>
#include <string.h>
#include "base/range.h"

/* -------------------------------------------------------------- candidates */

/* Of so many symbols of one name a place can mean one: no kernel has more than fifty, and a dump
 * could name those of hostile files as often as it likes. */
#define MAX_NAMED 256

/* What a kernel takes for the size of symbol @s. */
static uint64_t seen_size(const struct ksym_index *idx, const struct ksym_symbol *s)
{
	uint32_t at = s->index, step = 1;	/* symbol @at is not behind @s */
	struct ksym_section sect;
	struct ksym_symbol next;

	/* Any number can share the address: leaps that grow, then leaps that shrink. */
	while (ksym_index_symbol(idx, at + step, &next) && next.va <= s->va) {
		at += step;
		step += step < UINT32_MAX / 4 ? step : 0;
	}
	for (; step; step /= 2)
		if (ksym_index_symbol(idx, at + step, &next) && next.va <= s->va)
			at += step;
	if (ksym_index_symbol(idx, at + 1, &next))
		return next.va - s->va;
	for (uint32_t i = 0; ksym_index_section(idx, i, &sect); i++)
		if (s->va >= sect.va && s->va - sect.va < sect.len)
			return sect.va + sect.len - s->va;
	return s->len;
}

/* Symbols called as the place says, the offset and the size being possible. */
static int add_candidates(struct ksym_decoder *d, struct ks_place *p, bool by_size,
			  struct ksym_error *err)
{
	const char *name = d->text + p->start;
	struct ksym_symbol s;

	p->first = (uint32_t)d->candidates.len;
	p->nr_named = 0;
	for (uint32_t n = 0; n < MAX_NAMED &&
			     ksym_index_named(p->image->idx, name, p->name_len, n, &s); n++) {
		uint64_t seen = seen_size(p->image->idx, &s);
		struct ks_candidate *c;

		p->nr_named++;
		if (!s.is_text || p->off > seen ||
		    (by_size && p->has_size && p->size != seen && p->size != s.len))
			continue;
		c = ks_vec_push(&d->candidates);
		if (!c)
			return ks_error_nomem(err);
		*c = (struct ks_candidate){ s.index, s.va };
	}
	p->nr = (uint32_t)(d->candidates.len - p->first);
	return 0;
}

static int find_candidates(struct ksym_decoder *d, struct ks_place *p, struct ksym_error *err)
{
	int ret;

	if (p->module[0])
		ret = ks_image_find(d, p->module, p->build_id, &p->image, err);
	else
		p->image = d->images, ret = 0;
	if (ret || !p->image)
		return ret;
	ret = add_candidates(d, p, true, err);
	/* One of that name alone is meant even if it has another size: a dump can be of a
	 * kernel built nearly the same. */
	if (!ret && !p->nr && p->nr_named == 1)
		ret = add_candidates(d, p, false, err);
	p->decided = p->nr == 0 ? KSYM_DECIDED_UNKNOWN
		   : p->nr > 1 ? KSYM_DECIDED_NOT
		   : p->nr_named > 1 ? KSYM_DECIDED_SIZE : KSYM_DECIDED_UNIQUE;
	return ret;
}

/* Leave the @n-th candidate alone. */
static void choose(struct ksym_decoder *d, struct ks_place *p, uint32_t n, enum ksym_decided how)
{
	d->candidates.data[p->first] = d->candidates.data[p->first + n];
	p->nr = 1;
	p->decided = (uint8_t)how;
}

/* --------------------------------------------------------------- addresses */

struct moved {
	const struct ks_image *image;
	uint64_t by;
	uint32_t nr;
};

/* By how much each image was moved, as most places say that tell. */
static int decide_by_address(struct ksym_decoder *d, struct ksym_error *err)
{
	KS_VEC(struct moved) v = { 0 };

	for (size_t i = 0; i < d->places.len; i++) {
		const struct ks_place *p = &d->places.data[i];
		struct moved *m;
		size_t k = 0;
		uint64_t by;

		if (!p->has_address || p->nr != 1 || v.len > 64)
			continue;
		by = p->address - p->off - d->candidates.data[p->first].va;
		while (k < v.len && (v.data[k].image != p->image || v.data[k].by != by))
			k++;
		if (k == v.len) {
			/* Kernels are moved by whole pages; hashed addresses are not. */
			if (by & 0xfff)
				continue;
			m = ks_vec_push(&v);
			if (!m) {
				ks_vec_free(&v);
				return ks_error_nomem(err);
			}
			*m = (struct moved){ .image = p->image, .by = by };
		}
		v.data[k].nr++;
	}
	for (size_t i = 0; i < d->places.len; i++) {
		struct ks_place *p = &d->places.data[i];
		const struct moved *best = NULL;

		for (size_t k = 0; k < v.len; k++)
			if (v.data[k].image == p->image && (!best || v.data[k].nr > best->nr))
				best = &v.data[k];
		for (uint32_t k = 0; best && p->has_address && p->nr > 1 && k < p->nr; k++)
			if (d->candidates.data[p->first + k].va + p->off + best->by == p->address)
				choose(d, p, k, KSYM_DECIDED_ADDRESS);
	}
	ks_vec_free(&v);
	return 0;
}

/* ------------------------------------------------------------------- calls */

enum call { CALL_NONE, CALL_OTHER, CALL_DIRECT };

/* The call that returns to @va: *@target of a direct one. */
static enum call call_before(struct ks_image *m, uint64_t va, uint64_t *target)
{
	const uint8_t *p;
	int32_t rel;

	if (m->elf.machine == EM_X86_64) {
		p = ks_image_code(m, va - 5, 5);
		if (p && p[0] == 0xe8) {
			memcpy(&rel, p + 1, 4);
			*target = va + (uint64_t)(int64_t)rel;
			return CALL_DIRECT;
		}
		/* call *…: 2 to 7 bytes. */
		for (unsigned int n = 2; n <= 7; n++) {
			p = ks_image_code(m, va - n, n);
			if (p && p[0] == 0xff && (p[1] >> 3 & 7) == 2)
				return CALL_OTHER;
		}
		return CALL_NONE;
	}
	if (m->elf.machine == EM_AARCH64) {
		uint32_t insn;

		p = ks_image_code(m, va - 4, 4);
		if (!p)
			return CALL_NONE;
		insn = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		if (insn >> 26 == 0x25) {
			*target = va - 4 + (uint64_t)((int64_t)((uint64_t)insn << 38) >> 36);
			return CALL_DIRECT;
		}
		return (insn & 0xfffffc1f) == 0xd63f0000 ? CALL_OTHER : CALL_NONE;
	}
	return CALL_OTHER;
}

/* The call that returns to where candidate @n of @p would be. */
static enum call call_at(const struct ksym_decoder *d, const struct ks_place *p, uint32_t n,
			 uint64_t *target)
{
	return call_before(p->image, d->candidates.data[p->first + n].va + p->off, target);
}

static bool has_va(const struct ksym_decoder *d, const struct ks_place *p, uint64_t va)
{
	for (uint32_t n = 0; n < p->nr; n++)
		if (d->candidates.data[p->first + n].va == va)
			return true;
	return false;
}

/* The neighbour of place @i in the chain of calls, or NULL; @step -1: what it called. */
static struct ks_place *neighbour(struct ksym_decoder *d, size_t i, int step)
{
	const struct ks_place *p = &d->places.data[i];

	for (size_t k = i + (size_t)step, n = 0; k < d->places.len && n < 64; k += (size_t)step, n++) {
		struct ks_place *q = &d->places.data[k];
		uint64_t lines = step < 0 ? p->line - q->line : q->line - p->line;

		if (q->is_unreliable)
			continue;
		/* Between the first two of an oops stand its registers. */
		if (lines > (q->is_exact ? 40u : 1u + (uint64_t)(k > i ? k - i : i - k)))
			return NULL;
		return q->image && q->nr ? q : NULL;
	}
	return NULL;
}

/*
 * Of the candidates of place @i the one that the function above it, or the call in the
 * frame below it, requires.
 */
static bool decide_by_calls(struct ksym_decoder *d, size_t i)
{
	struct ks_place *p = &d->places.data[i];
	struct ks_place *callee = neighbour(d, i, -1), *caller = neighbour(d, i, 1);
	uint32_t found = 0, nr = 0, left = 0, last = 0, nr_targets = 0;
	uint64_t targets[MAX_NAMED], target;

	if (p->is_unreliable || !p->image->has_elf)
		return false;
	if (caller && !caller->is_exact && caller->image->has_elf)
		for (uint32_t n = 0; n < caller->nr; n++)
			nr_targets += call_at(d, caller, n, &targets[nr_targets]) == CALL_DIRECT;
	for (uint32_t a = 0; a < p->nr; a++) {
		uint64_t va = d->candidates.data[p->first + a].va;
		bool sure = false, possible = true;

		/* A direct call says exactly whom it calls; others leave it open. */
		if (callee && !p->is_exact) {
			enum call call = call_at(d, p, a, &target);

			sure = call == CALL_DIRECT && has_va(d, callee, target);
			possible = call != CALL_NONE;
		}
		for (uint32_t n = 0; n < nr_targets; n++)
			sure |= targets[n] == va;
		if (sure) {
			nr++;
			found = a;
		}
		if (possible) {
			left++;
			last = a;
		}
	}
	/* What no call precedes is nowhere that one returns to. */
	if (!nr && left == 1) {
		nr = 1;
		found = last;
	}
	if (nr != 1)
		return false;
	choose(d, p, found, KSYM_DECIDED_CALLS);
	return true;
}

int ks_decide(struct ksym_decoder *d, struct ksym_error *err)
{
	bool again = true;
	int ret = 0;

	for (size_t i = 0; i < d->places.len && !ret; i++)
		ret = find_candidates(d, &d->places.data[i], err);
	if (!ret)
		ret = decide_by_address(d, err);
	if (ret)
		return ret;
	/* What is decided can decide its neighbours: down the dump, and up. */
	for (unsigned int round = 0; round < 4 && again; round++) {
		again = false;
		for (size_t i = 0; i < d->places.len; i++) {
			size_t k = round & 1 ? d->places.len - 1 - i : i;

			if (d->places.data[k].nr > 1)
				again |= decide_by_calls(d, k);
		}
		if (!round)
			again = true;
	}
	return 0;
}
