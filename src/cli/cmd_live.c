// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const char *const servers[] = {
	[KSYM_KALLMODSYMS_NONE] = "none",
	[KSYM_KALLMODSYMS_BUILTIN] = "kernel",
	[KSYM_KALLMODSYMS_MODULE] = "module",
};

static const char *hex(const uint8_t *id, uint32_t len, char buf[129])
{
	buf[0] = 0;
	for (uint32_t i = 0; i < len && i < 64; i++)
		snprintf(buf + 2 * i, 3, "%02x", id[i]);
	return buf;
}

static void print_text(const struct ksym_live_info *i)
{
	const struct {
		const char *name, *path;
	} files[] = {
		{ "modules.builtin", i->modules_builtin },
		{ "modules.builtin.modinfo", i->modules_builtin_modinfo },
		{ "modules.builtin.ranges", i->modules_builtin_ranges },
		{ "modules.builtin.objs", i->modules_builtin_objs },
	};
	char id[129];

	printf("release          %s\n", i->release);
	printf("build ID         %s\n", i->build_id_len ? hex(i->build_id, i->build_id_len, id) : "unknown");
	if (i->index_path)
		printf("index            %s%s\n", i->index_path, i->index_is_image ? " (made of the image)" : "");
	else
		printf("index            none found\n");
	/* One candidate a line. */
	for (const char *s = i->index_why; s && *s;) {
		int n = (int)strcspn(s, "\n");

		printf("                 not: %.*s\n", n, s);
		s += n + (s[n] == '\n');
	}
	printf("kallsyms         %u symbols of the kernel, %u of modules and generated code\n",
	       i->nr_kernel_symbols, i->nr_module_symbols);
	printf("addresses        %s", i->shows_addresses ? "shown" : "hidden");
	if (i->kptr_restrict >= 0)
		printf("; kptr_restrict %d", i->kptr_restrict);
	if (i->perf_event_paranoid >= 0)
		printf("; perf_event_paranoid %d", i->perf_event_paranoid);
	printf("\nkallmodsyms      %s\n",
	       i->kallmodsyms == KSYM_KALLMODSYMS_NONE	  ? "not in /proc"
	       : i->kallmodsyms == KSYM_KALLMODSYMS_BUILTIN ? "/proc/kallmodsyms, by the kernel itself"
							    : "/proc/kallmodsyms, by kallmodsyms.ko");
	printf("iterator         %s\n", i->iterator_path     ? i->iterator_path
					: i->has_ksym_iterator ? "possible: `ksym mount`"
							       : "this kernel has none");
	printf("BTF              %s\n", i->has_btf ? "/sys/kernel/btf/vmlinux" : "none");
	for (size_t k = 0; k < sizeof(files) / sizeof(*files); k++)
		if (files[k].path)
			printf("built-in modules %s\n", files[k].path);
}

static void add_string(struct json_object *o, const char *key, const char *s)
{
	json_object_object_add(o, key, s ? cli_json_string(s) : NULL);
}

static void add_number(struct json_object *o, const char *key, int v)
{
	json_object_object_add(o, key, v >= 0 ? json_object_new_int(v) : NULL);
}

static void print_json(const struct ksym_live_info *i)
{
	struct json_object *o = json_object_new_object(), *not = json_object_new_array();
	char id[129];

	add_string(o, "release", i->release);
	add_string(o, "build_id", i->build_id_len ? hex(i->build_id, i->build_id_len, id) : NULL);
	add_string(o, "index", i->index_path);
	json_object_object_add(o, "index_is_image", json_object_new_boolean(i->index_is_image));
	for (const char *s = i->index_why; s && *s;) {
		size_t n = strcspn(s, "\n");
		char *line = strndup(s, n);

		json_object_array_add(not, line ? cli_json_string(line) : NULL);
		free(line);
		s += n + (s[n] == '\n');
	}
	json_object_object_add(o, "not_taken", not);
	json_object_object_add(o, "kernel_symbols", json_object_new_int64(i->nr_kernel_symbols));
	json_object_object_add(o, "module_symbols", json_object_new_int64(i->nr_module_symbols));
	json_object_object_add(o, "addresses", json_object_new_boolean(i->shows_addresses));
	add_number(o, "kptr_restrict", i->kptr_restrict);
	add_number(o, "perf_event_paranoid", i->perf_event_paranoid);
	add_string(o, "kallmodsyms", servers[i->kallmodsyms]);
	add_string(o, "iterator", i->iterator_path);
	json_object_object_add(o, "iterator_possible", json_object_new_boolean(i->has_ksym_iterator));
	json_object_object_add(o, "btf", json_object_new_boolean(i->has_btf));
	add_string(o, "modules_builtin", i->modules_builtin);
	add_string(o, "modules_builtin_modinfo", i->modules_builtin_modinfo);
	add_string(o, "modules_builtin_ranges", i->modules_builtin_ranges);
	add_string(o, "modules_builtin_objs", i->modules_builtin_objs);
	cli_json_print(o);
}

static int open_live(const struct cli_args *a, struct ksym_live **live)
{
	struct ksym_live_opts o = KSYM_OPTS(o);
	struct ksym_error err;

	o.sysroot = cli_value(a, OPT_SYSROOT);
	o.index_file = cli_value(a, OPT_INDEX);
	if (!a->given[OPT_QUIET])
		o.message = cli_message;
	if (ksym_live_open(&o, live, &err))
		return cli_fail(&err);
	cli_progress_end();
	return CLI_OK;
}

/* "show", "at ADDR..." or "find IDENTITY" */
static int query(const struct cli_args *a, struct ksym_live *live)
{
	const char *word = a->operands[0];
	struct cli_types types = { 0 }, *wanted = NULL;
	struct ksym_index *idx;
	struct ksym_error err;
	int status = CLI_OK;

	if (ksym_live_index(live, &idx, &err))
		return cli_fail(&err);
	cli_progress_end();
	/* All of them at once are long. */
	if (!a->given[OPT_PROBE] && (a->given[OPT_TYPES] || a->given[OPT_JSON] || strcmp(word, "show"))) {
		status = cli_types_open(a, live, idx, &types);
		wanted = &types;
	}
	if (!status && !strcmp(word, "show"))
		status = cli_show(a, idx, wanted);
	else if (!status && !strcmp(word, "at"))
		status = cli_at(a, idx, 1, wanted, false);
	else if (!status)
		status = cli_find(a, idx, live, wanted, a->operands[1]);
	cli_types_close(&types);
	ksym_index_close(idx);
	return status;
}

static int check_usage(const struct cli_args *a)
{
	const char *word = a->operands[0];

	if (!word)
		return CLI_OK;
	if (strcmp(word, "show") && strcmp(word, "at") && strcmp(word, "find"))
		return cli_usage_error(a, "\"%s\": expected show, at or find", word);
	if (!strcmp(word, "show") && a->nr_operands != 1)
		return cli_usage_error(a, "show takes no operand");
	if (!strcmp(word, "at") && a->nr_operands < 2)
		return cli_usage_error(a, "expected at ADDR...");
	if (!strcmp(word, "find") && a->nr_operands != 2)
		return cli_usage_error(a, "expected find IDENTITY");
	if (a->given[OPT_PROBE] && strcmp(word, "find"))
		return cli_usage_error(a, "--probe belongs to find");
	if (a->given[OPT_TYPES] && (a->given[OPT_KALLSYMS] || a->given[OPT_PERF]))
		return cli_usage_error(a, "--types: the formats of --kallsyms and --perf have no room for them");
	return CLI_OK;
}

int cmd_live(const struct cli_args *a)
{
	struct ksym_live_info info = { .size = sizeof(info) };
	struct ksym_live *live;
	int status = check_usage(a);

	if (!status)
		status = open_live(a, &live);
	if (status)
		return status;
	ksym_live_info(live, &info);
	if (a->nr_operands)
		status = query(a, live);
	else if (a->given[OPT_JSON])
		print_json(&info);
	else
		print_text(&info);
	ksym_live_close(live);
	return status;
}

int cmd_mount(const struct cli_args *a)
{
	struct ksym_mount_opts o = KSYM_OPTS(o);
	struct ksym_live *live;
	struct ksym_error err;
	int status = open_live(a, &live);

	if (status)
		return status;
	o.dir = a->operands[0];
	if (ksym_mount(live, &o, &err))
		status = cli_fail(&err);
	ksym_live_close(live);
	return status;
}

int cmd_umount(const struct cli_args *a)
{
	struct ksym_mount_opts o = KSYM_OPTS(o);
	struct ksym_error err;

	o.dir = a->operands[0];
	return ksym_umount(&o, &err) ? cli_fail(&err) : CLI_OK;
}
