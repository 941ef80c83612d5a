// SPDX-License-Identifier: LGPL-2.1-or-later
/* Why a symbol has no version: what is at its place? */
#include "versions/job.h"

#include <string.h>
#include "dwarf/units.h"

static const struct ks_cu *unit_at(const struct ks_cus *c, uint64_t va)
{
	size_t lo = 0, hi = c->nr_ranges;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->ranges[mid].va <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && va < c->ranges[lo - 1].end_va ? &c->cus[c->ranges[lo - 1].cu] : NULL;
}

static int reason_of(const struct ks_export *x, const struct ks_cus *c, struct ks_arena *arena,
		     struct ks_reason *out, struct ksym_error *err)
{
	const struct ks_cu *cu;

	if (!x->section) {
		out->status = KSYM_VERSION_UNDEFINED;
		return 0;
	}
	cu = unit_at(c, x->va);
	if (!cu) {
		out->status = KSYM_VERSION_NO_UNIT;
		return 0;
	}
	out->status = cu->language == DW_LANG_Mips_Assembler ? KSYM_VERSION_ASSEMBLY
							     : KSYM_VERSION_NO_DIE;
	out->unit = ks_arena_strdup(arena, cu->name, strlen(cu->name));
	return out->unit ? 0 : ks_error_nomem(err);
}

int ks_job_reasons(struct ks_job *j, struct ksym_error *err)
{
	struct ks_cus c = { 0 };
	bool any = false;
	int ret;

	j->reasons = calloc(j->exports.v.len + 1, sizeof(*j->reasons));
	if (!j->reasons)
		return ks_error_nomem(err);
	for (size_t i = 0; i < j->exports.v.len; i++)
		any |= j->exports.v.data[i].root == UINT32_MAX;
	if (!any)
		return 0;
	ret = ks_cus_read(&c, j->debug, false, err);
	for (size_t i = 0; i < j->exports.v.len && !ret; i++)
		if (j->exports.v.data[i].root == UINT32_MAX)
			ret = reason_of(&j->exports.v.data[i], &c, &j->arena, &j->reasons[i], err);
	ks_cus_free(&c);
	return ret;
}
