// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files for and from kernel builds: ranges, objs. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

struct text {
	char *s;
	size_t len, cap;
};

/* Gather the whole text before a byte of it is printed. */
static int gather(void *arg, const char *s, size_t len)
{
	struct text *t = arg;

	if (len > t->cap - t->len) {
		size_t cap = t->cap * 2 + len + 4096;
		char *p = realloc(t->s, cap);

		if (!p)
			return -1;
		t->s = p;
		t->cap = cap;
	}
	memcpy(t->s + t->len, s, len);
	t->len += len;
	return 0;
}

static int print(struct text *t, int ret, const struct ksym_error *err)
{
	int status = CLI_OK;

	cli_progress_end();
	if (ret)
		status = cli_fail(err);
	else if (t->len)
		fwrite(t->s, 1, t->len, stdout);
	free(t->s);
	return status;
}

int cmd_ranges(const struct cli_args *a)
{
	struct ksym_ranges_opts o = KSYM_OPTS(o);
	struct ksym_error err = { 0 };
	struct text t = { 0 };

	o.build_tree = cli_value(a, OPT_BUILD_TREE);
	if (!o.build_tree && a->nr_operands < 2)
		return cli_usage_error(a, "expected --build-tree DIR or MODULES.BUILTIN VMLINUX.MAP [VMLINUX.O.MAP]");
	if (!o.build_tree)
		o.build_tree = ".";
	o.modules_builtin = a->operands[0];
	if (a->nr_operands > 1)
		o.map_file = a->operands[1];
	if (a->nr_operands > 2)
		o.object_map_file = a->operands[2];
	return print(&t, ksym_ranges_write(&o, gather, &t, &err), &err);
}

int cmd_objs(const struct cli_args *a)
{
	struct ksym_objs_opts o = KSYM_OPTS(o);
	struct ksym_error err = { 0 };
	struct text t = { 0 };

	o.source_tree = cli_value(a, OPT_SOURCE_TREE);
	o.config_file = cli_value(a, OPT_CONFIG);
	o.build_tree = cli_value(a, OPT_BUILD_TREE);
	o.arch = cli_value(a, OPT_ARCH);
	o.modules_builtin = a->operands[0];
	if (!a->given[OPT_QUIET])
		o.message = cli_message;
	if (!o.build_tree && !(o.source_tree && o.config_file))
		return cli_usage_error(a, "expected --source-tree DIR --config FILE, or --build-tree DIR");
	return print(&t, ksym_objs_write(&o, gather, &t, &err), &err);
}
