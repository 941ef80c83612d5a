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

/* "module.o: object.o object.o" */
static struct json_object *objs_line(char *line)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	char *save = NULL, *colon = strchr(line, ':');

	if (colon)
		*colon = 0;
	json_object_object_add(o, "module", cli_json_string(line));
	for (char *w = strtok_r(colon ? colon + 1 : NULL, " ", &save); colon && w;
	     w = strtok_r(NULL, " ", &save))
		json_object_array_add(list, cli_json_string(w));
	json_object_object_add(o, "objects", list);
	return o;
}

/* ".text 00000000-00000000 = _text" or ".text 0000f6a0-0000f7b0 module module" */
static struct json_object *ranges_line(char *line)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	char *save = NULL, *section = strtok_r(line, " ", &save), *range = strtok_r(NULL, " ", &save);
	char *dash = range ? strchr(range, '-') : NULL, *w = strtok_r(NULL, " ", &save);

	if (dash)
		*dash = 0;
	json_object_object_add(o, "section", cli_json_string(section ? section : ""));
	json_object_object_add(o, "start", cli_json_string(range ? range : ""));
	json_object_object_add(o, "end", cli_json_string(dash ? dash + 1 : ""));
	if (w && !strcmp(w, "=")) {
		w = strtok_r(NULL, " ", &save);
		json_object_object_add(o, "anchor", cli_json_string(w ? w : ""));
		json_object_put(list);
		return o;
	}
	for (; w; w = strtok_r(NULL, " ", &save))
		json_object_array_add(list, cli_json_string(w));
	json_object_object_add(o, "modules", list);
	return o;
}

static void print_json(const struct text *t, const char *name,
		       struct json_object *(*line_object)(char *))
{
	char *copy = strndup(t->s ? t->s : "", t->len), *save = NULL;

	cli_json_list_begin(name);
	for (char *l = copy ? strtok_r(copy, "\n", &save) : NULL; l; l = strtok_r(NULL, "\n", &save))
		cli_json_list_item(line_object(l));
	cli_json_list_end();
	free(copy);
}

static int print(struct text *t, int ret, const struct ksym_error *err, const char *json,
		 struct json_object *(*line_object)(char *))
{
	int status = CLI_OK;

	cli_progress_end();
	if (ret)
		status = cli_fail(err);
	else if (json)
		print_json(t, json, line_object);
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
	return print(&t, ksym_ranges_write(&o, gather, &t, &err), &err,
		     a->given[OPT_JSON] ? "ranges" : NULL, ranges_line);
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
	return print(&t, ksym_objs_write(&o, gather, &t, &err), &err,
		     a->given[OPT_JSON] ? "modules" : NULL, objs_line);
}
