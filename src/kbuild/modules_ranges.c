// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * modules.builtin.ranges, one line a range, offsets from the start of the section:
 *
 *	.text 00000000-00000000 = _text
 *	.text 0000ba20-0000c3f2 rapl intel_rapl_perf
 */
#include "kbuild/modules.h"

#include <inttypes.h>
#include <string.h>
#include "kbuild/linkmap_line.h"

static bool read_offsets(struct ks_map_field f, uint64_t *off, uint64_t *end_off)
{
	const char *dash = memchr(f.s, '-', f.len);

	return dash && ks_map_hex(f.s, (size_t)(dash - f.s), off) &&
	       ks_map_hex(dash + 1, (size_t)(f.s + f.len - (dash + 1)), end_off);
}

static int add_anchor(struct ks_module_ranges *r, uint32_t section, uint64_t off,
		      struct ks_map_field symbol, struct ksym_error *err)
{
	struct ks_module_anchor *a = ks_vec_push(&r->anchors);

	if (!a)
		return ks_error_nomem(err);
	a->section = section;
	a->off = off;
	a->symbol = ks_strpool_add(&r->strings, symbol.s, symbol.len);
	return a->symbol == KS_STRPOOL_NONE ? ks_error_nomem(err) : 0;
}

/* Names from @s to @end, with one blank between two, '-' made '_'. */
static uint32_t intern_names(struct ks_module_ranges *r, const char *s, const char *end)
{
	KS_VEC(char) text = { 0 };
	uint32_t nr = KS_STRPOOL_NONE;

	if (ks_vec_reserve(&text, (size_t)(end - s))) {
		for (; s < end; s++) {
			char c = *s == '\t' ? ' ' : *s == '-' ? '_' : *s;

			if (c != ' ' || text.data[text.len - 1] != ' ')
				text.data[text.len++] = c;
		}
		nr = ks_strpool_add(&r->strings, text.data, text.len);
	}
	ks_vec_free(&text);
	return nr;
}

static int read_line(struct ks_module_ranges *r, const struct ks_file *f,
		     const struct ks_map_line *l, struct ksym_error *err)
{
	struct ks_module_range range;
	struct ks_module_range *slot;

	if (l->nf < 3 || !read_offsets(l->f[1], &range.off, &range.end_off))
		return ks_error(err, -EBADMSG, "%s:%" PRIu64 ": expected \"section start-end module\"",
				f->path, l->nr);
	range.section = ks_strpool_add(&r->strings, l->f[0].s, l->f[0].len);
	if (range.section == KS_STRPOOL_NONE)
		return ks_error_nomem(err);
	if (ks_map_field_is(l->f[2], "=")) {
		if (l->nf != 4 || range.off != range.end_off)
			return ks_error(err, -EBADMSG,
					"%s:%" PRIu64 ": expected \"section offset-offset = symbol\"",
					f->path, l->nr);
		return add_anchor(r, range.section, range.off, l->f[3], err);
	}
	if (range.end_off <= range.off)
		return 0;
	range.modules = intern_names(r, l->f[2].s, l->end);
	slot = ks_vec_push(&r->ranges);
	if (range.modules == KS_STRPOOL_NONE || !slot)
		return ks_error_nomem(err);
	*slot = range;
	return 0;
}

int ks_module_ranges_read(struct ks_module_ranges *r, const struct ks_file *f,
			  struct ksym_error *err)
{
	struct ks_lines lines = ks_lines(f);
	struct ks_map_line l;
	int ret = ks_check_text(f, err);

	while (!ret && ks_map_line_next(&lines, &l))
		if (l.nf && l.f[0].s[0] != '#')
			ret = read_line(r, f, &l, err);
	return ret;
}

void ks_module_ranges_free(struct ks_module_ranges *r)
{
	ks_strpool_free(&r->strings);
	ks_vec_free(&r->ranges);
	ks_vec_free(&r->anchors);
}
