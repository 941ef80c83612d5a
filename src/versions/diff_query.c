// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/diff.h"

#include <string.h>

const char *ksym_diff_kind_name(enum ksym_diff_kind kind)
{
	static const char *const names[KSYM_DIFF_NR_KINDS] = {
		[KSYM_DIFF_MEMBER_ADDED] = "member-added",
		[KSYM_DIFF_MEMBER_REMOVED] = "member-removed",
		[KSYM_DIFF_MEMBER_MOVED] = "member-moved",
		[KSYM_DIFF_MEMBER_RENAMED] = "member-renamed",
		[KSYM_DIFF_MEMBER_RETYPED] = "member-retyped",
		[KSYM_DIFF_MEMBER_REPLACED] = "member-replaced",
		[KSYM_DIFF_MEMBER_REGROUPED] = "member-regrouped",
		[KSYM_DIFF_BIT_FIELD] = "bit-field",
		[KSYM_DIFF_SIZE] = "size",
		[KSYM_DIFF_ALIGNMENT] = "alignment",
		[KSYM_DIFF_DEFINED] = "became-defined",
		[KSYM_DIFF_UNDEFINED] = "became-undefined",
		[KSYM_DIFF_ENUMERATOR_ADDED] = "enumerator-added",
		[KSYM_DIFF_ENUMERATOR_REMOVED] = "enumerator-removed",
		[KSYM_DIFF_ENUMERATOR_RENUMBERED] = "enumerator-renumbered",
		[KSYM_DIFF_ENUMERATOR_RENAMED] = "enumerator-renamed",
		[KSYM_DIFF_PARAMETER_ADDED] = "parameter-added",
		[KSYM_DIFF_PARAMETER_REMOVED] = "parameter-removed",
		[KSYM_DIFF_PARAMETER_RETYPED] = "parameter-retyped",
		[KSYM_DIFF_PARAMETER_RENAMED] = "parameter-renamed",
		[KSYM_DIFF_RETURN] = "return-type",
		[KSYM_DIFF_TARGET] = "typedef-target",
		[KSYM_DIFF_VARIABLE] = "variable-type",
		[KSYM_DIFF_TYPE_RENAMED] = "type-renamed",
		[KSYM_DIFF_TYPE_KIND] = "type-kind",
		[KSYM_DIFF_TEXT] = "text",
	};

	return (unsigned int)kind < KSYM_DIFF_NR_KINDS && names[kind] ? names[kind] : "";
}

const char *ksym_diff_class_name(enum ksym_diff_class c)
{
	switch (c) {
	case KSYM_DIFF_COMPATIBLE:
		return "compatible";
	case KSYM_DIFF_DEPENDS:
		return "depends";
	case KSYM_DIFF_INCOMPATIBLE:
		return "incompatible";
	}
	return "";
}

void ksym_diff_summary(const struct ksym_diff *d, struct ksym_diff_summary *out)
{
	size_t size = out->size < sizeof(*out) ? out->size : sizeof(*out);

	if (size > sizeof(size))
		memcpy((char *)out + sizeof(size), (const char *)&d->summary + sizeof(size),
		       size - sizeof(size));
}

bool ksym_diff_symbol(const struct ksym_diff *d, uint32_t i, struct ksym_diff_symbol *out)
{
	const struct ks_diff_symbol *s;

	if (i >= d->symbols.len)
		return false;
	s = &d->symbols.data[i];
	*out = (struct ksym_diff_symbol){ .name = s->name, .state = s->state, .worst = s->worst,
					  .nr_causes = s->nr_causes };
	if (s->number[0] != KS_DIFF_NONE)
		out->old_crc = d->side[0].symbols.data[s->number[0]].crc;
	if (s->number[1] != KS_DIFF_NONE)
		out->new_crc = d->side[1].symbols.data[s->number[1]].crc;
	return true;
}

static const struct ks_diff_cause *cause_at(const struct ksym_diff *d, uint32_t i)
{
	return i < d->nr_ordered ? &d->causes.data[d->order[i]] : NULL;
}

bool ksym_diff_cause(const struct ksym_diff *d, uint32_t i, struct ksym_diff_cause *out)
{
	const struct ks_diff_cause *c = cause_at(d, i);

	if (!c)
		return false;
	*out = (struct ksym_diff_cause){
		.kind = c->is_symbol ? "" : ks_diff_kind_of(c->name[0]), .name = c->shown[0],
		.new_kind = c->is_symbol ? "" : ks_diff_kind_of(c->name[1]), .new_name = c->shown[1],
		.worst = c->worst, .old_len = c->len[0], .new_len = c->len[1],
		.nr_changes = c->nr_changes, .nr_symbols = c->nr_symbols, .nr_alone = c->nr_alone,
		.nr_follow = (uint32_t)c->follow.len, .follows = c->follows,
	};
	return true;
}

uint32_t ksym_diff_follow(const struct ksym_diff *d, uint32_t cause, uint32_t i)
{
	const struct ks_diff_cause *c = cause_at(d, cause);

	return c && i < c->follow.len ? c->follow.data[i] : UINT32_MAX;
}

bool ksym_diff_change(const struct ksym_diff *d, uint32_t cause, uint32_t i,
		      struct ksym_diff_change *out)
{
	const struct ks_diff_cause *c = cause_at(d, cause);

	if (!c || i >= c->nr_changes)
		return false;
	*out = d->changes.data[c->first_change + i];
	return true;
}

uint32_t ksym_diff_next_symbol(const struct ksym_diff *d, uint32_t cause, uint32_t from)
{
	const struct ks_diff_cause *c = cause_at(d, cause);

	return c ? ks_diff_next(d, c, from) : UINT32_MAX;
}
