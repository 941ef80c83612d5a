// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two symtypes files (parts a and b), or other lists of versions, and all that a comparison
 * of them can be asked. */
#include "fuzz.h"

#include <string.h>
#include "ksym/versions.h"

static int count_step(void *arg, const struct ksym_diff_step *step)
{
	fz_require(step->kind && step->name && step->through);
	++*(unsigned int *)arg;
	return 0;
}

static void check_change(const struct ksym_diff_change *c)
{
	fz_require(*ksym_diff_kind_name(c->kind) && *ksym_diff_class_name(c->how));
	fz_require(c->where && c->nr && (c->nr == 1) == !c->last);
}

static uint32_t check_cause(const struct ksym_diff *d, uint32_t i, const struct ksym_diff_cause *c)
{
	struct ksym_diff_change change;
	struct ksym_diff_cause f;
	struct ksym_diff_symbol s;
	struct ksym_error err;
	uint32_t nr = 0;

	fz_require(c->name && c->new_name && c->nr_changes && c->nr_symbols);
	fz_require(c->nr_alone <= c->nr_symbols);
	fz_require(!c->follows || !c->nr_follow);
	for (uint32_t n = 0; n < c->nr_changes; n++) {
		fz_require(ksym_diff_change(d, i, n, &change));
		check_change(&change);
	}
	fz_require(!ksym_diff_change(d, i, c->nr_changes, &change));
	for (uint32_t n = 0; n < c->nr_follow; n++)
		fz_require(ksym_diff_cause(d, ksym_diff_follow(d, i, n), &f) && f.follows);
	for (uint32_t n = 0; (n = ksym_diff_next_symbol(d, i, n)) != UINT32_MAX; n++) {
		unsigned int steps = 0;

		fz_require(ksym_diff_symbol(d, n, &s) && s.state == KSYM_DIFF_CHANGED);
		fz_require(!ksym_diff_path(d, n, i, count_step, &steps, &err));
		fz_require(!steps == !*c->kind);
		nr++;
	}
	fz_require(nr == c->nr_symbols);
	return c->follows ? 0 : nr;
}

static void check(const struct ksym_diff *d, bool types)
{
	struct ksym_diff_summary sum = { .size = sizeof(sum) };
	struct ksym_diff_symbol s;
	struct ksym_diff_cause c;
	uint32_t nr = 0, links = 0;

	ksym_diff_summary(d, &sum);
	for (; ksym_diff_symbol(d, nr, &s); nr++) {
		fz_require(s.state != KSYM_DIFF_CHANGED || s.old_crc != s.new_crc);
		/* Where types are known, they tell why. */
		fz_require(s.state != KSYM_DIFF_CHANGED || s.nr_causes || !types);
		links += s.nr_causes;
	}
	fz_require(nr == sum.nr_changed + sum.nr_added + sum.nr_removed);
	for (uint32_t i = 0; ksym_diff_cause(d, i, &c); i++)
		links -= check_cause(d, i, &c);
	fz_require(!links);
}

static bool is_list(const struct fz_part *p)
{
	return p->len > 8 && (!memcmp(p->p, "0x", 2) || !memcmp(p->p, "#SYMVER ", 8));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fz_parts parts = fz_split(data, len);
	const struct fz_part *a = fz_part(&parts, 'a'), *b = fz_part(&parts, 'b');
	struct ksym_diff_opts o = KSYM_OPTS(o, .no_debug_search = true);
	struct ksym_diff *d;
	struct ksym_error err;
	int ret = ksym_diff_read(fz_path(0, a->p, a->len), fz_path(1, b->p, b->len), &o, &d, &err);

	if (ret) {
		fz_check_error(ret, &err);
		return 0;
	}
	check(d, !is_list(a) && !is_list(b));
	ksym_diff_close(d);
	return 0;
}
