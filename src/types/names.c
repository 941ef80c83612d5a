// SPDX-License-Identifier: LGPL-2.1-or-later
#include "types/names.h"

#include <stdio.h>
#include <string.h>

struct paths {
	struct ks_types *t;
	struct ksym_error *err;
	uint64_t budget;
	ks_name *of;		/* of each node from first on: what it adds, 0 = nothing */
	uint32_t first;
};

static ks_name join(struct paths *p, ks_name path, ks_name name)
{
	char path_buf[8], name_buf[8], *s;
	const char *path_text = ks_name_text(p->t->str, &p->t->names, path, path_buf);
	const char *text = name ? ks_name_text(p->t->str, &p->t->names, name, name_buf)
				: "<anonymous>";
	size_t len = strlen(path_text) + 2 + strlen(text);
	ks_name joined;

	if (len > p->budget) {
		ks_error(p->err, -EBADMSG, "%s: .debug_info: unit at offset 0x%llx: names of nested types: expected them to be shorter",
			 p->t->path, (unsigned long long)p->t->base_off);
		return 0;
	}
	p->budget -= len;
	if (asprintf(&s, "%s::%s", path_text, text) < 0) {
		ks_error_nomem(p->err);
		return 0;
	}
	joined = ks_name_make(&p->t->names, s, len);
	free(s);
	if (!joined)
		ks_error_nomem(p->err);
	return joined;
}

int ks_names_add_paths(struct ks_types *t, uint32_t first, uint64_t budget, struct ksym_error *err)
{
	struct ksym_error own;
	struct paths p = { .t = t, .err = err ? err : &own, .budget = budget, .first = first };
	int ret = 0;

	p.of = calloc(t->nodes.len - first + 1, sizeof(*p.of));
	if (!p.of)
		return ks_error_nomem(err);
	for (uint32_t i = first; i < t->nodes.len && !ret; i++) {
		struct ks_type *n = &t->nodes.data[i];
		ks_name path = n->parent ? p.of[n->parent - first] : 0, own_path = 0;

		if (!ks_kind_in(n->kind, KS_KINDS_WITH_PATH))
			continue;
		if (path && (n->name || ks_kind_in(n->kind, KS_KINDS_PATH))) {
			own_path = join(&p, path, n->name);
			if (!own_path)
				ret = p.err->code;
			if (n->name)
				n->name = own_path;
		} else {
			own_path = n->name;
		}
		if (ks_kind_in(n->kind, KS_KINDS_PATH))
			p.of[i - first] = own_path;
	}
	free(p.of);
	return ret;
}
