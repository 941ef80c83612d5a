// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files about modules: modules.builtin, modules.builtin.objs, modules_thick.builtin and
 * modules.builtin.ranges.  Every reader gets every file. */
#include "fuzz.h"

#include <string.h>
#include "kbuild/modules.h"

typedef int (*reader)(struct ks_modules *m, const struct ks_file *f, struct ksym_error *err);

static void check_pairs(const struct ks_modules *m)
{
	for (size_t i = 0; i < m->pairs.len; i++) {
		const struct ks_module_pair *p = &m->pairs.data[i];
		int c;

		fz_require(p->object < m->objects.nr && p->name < m->names.nr && p->sources);
		if (!i)
			continue;
		c = strcmp(ks_strpool_get(&m->objects, p[-1].object),
			   ks_strpool_get(&m->objects, p->object));
		fz_require(c < 0 || (!c && strcmp(ks_strpool_get(&m->names, p[-1].name),
						  ks_strpool_get(&m->names, p->name)) < 0));
	}
}

static void read_twice(reader read, const struct ks_file *f)
{
	struct ks_modules m = { 0 };
	struct ksym_error err;

	for (int i = 0; i < 2; i++) {
		int ret = read(&m, f, &err);

		if (ret) {
			fz_check_error(ret, &err);
			break;
		}
		ret = ks_modules_finish(&m, &err);
		fz_require(!ret);
		check_pairs(&m);
	}
	ks_modules_free(&m);
}

static void read_ranges(const struct ks_file *f)
{
	struct ks_module_ranges r = { 0 };
	struct ksym_error err;
	int ret = ks_module_ranges_read(&r, f, &err);

	if (ret)
		fz_check_error(ret, &err);
	for (size_t i = 0; i < r.ranges.len; i++) {
		const struct ks_module_range *g = &r.ranges.data[i];

		fz_require(g->off < g->end_off);
		fz_require(g->section < r.strings.nr && g->modules < r.strings.nr);
	}
	for (size_t i = 0; i < r.anchors.len; i++)
		fz_require(r.anchors.data[i].section < r.strings.nr &&
			   r.anchors.data[i].symbol < r.strings.nr);
	ks_module_ranges_free(&r);
}

static int read_modinfo(struct ks_modules *m, const struct ks_file *f, struct ksym_error *err)
{
	return ks_modules_read_modinfo(m, f->data, f->len, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ks_file f = fz_memory_file(data, len);

	fz_require(ks_modules_format(&f) <= KS_MODULES_RANGES);
	read_twice(ks_modules_read_objs, &f);
	read_twice(ks_modules_read_builtin, &f);
	read_twice(ks_modules_read_any, &f);
	read_twice(read_modinfo, &f);
	read_ranges(&f);
	return 0;
}
