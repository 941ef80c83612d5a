// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static void print_text(const struct ksym_index *idx, const struct ksym_index_info *info,
		       const struct ksym_match *m, const struct ksym_symbol *s, bool with_path,
		       struct cli_types *types)
{
	struct ksym_object o;
	char line[16384];

	ksym_symbol_format(idx, s, KSYM_FORMAT_FULL, line, sizeof(line));
	fputs(line, stdout);
	if (m->sympos)
		printf("\tsympos %u of %u", m->sympos, m->nr_same_name);
	if (info->has_text_va && s->va >= info->text_va)
		printf("\t_text+0x%llx", (unsigned long long)(s->va - info->text_va));
	/* Where nothing is printed to tell it by, its path does. */
	if (with_path && ksym_index_object(idx, s->object, &o) && o.path[0])
		printf("\t{%s}", o.path);
	cli_print_type(types, s);
	putchar('\n');
}

static void print_json(const struct ksym_index *idx, const struct ksym_index_info *info,
		       const struct ksym_match *m, const struct ksym_symbol *s,
		       struct cli_types *types)
{
	struct json_object *o = cli_json_symbol(idx, s);

	if (m->sympos)
		json_object_object_add(o, "sympos", json_object_new_int64(m->sympos));
	json_object_object_add(o, "same_name", json_object_new_int64(m->nr_same_name));
	if (info->has_text_va && s->va >= info->text_va)
		json_object_object_add(o, "text_offset",
				       json_object_new_uint64(s->va - info->text_va));
	cli_json_type(o, types, s);
	cli_json_list_item(o);
}

/* The probe, instead of the symbol. */
static int print_probe(const struct cli_args *a, const struct ksym_index *idx,
		       const struct ksym_live *live, const struct ksym_symbol *s)
{
	static const char *const kinds[] = {
		[KSYM_PROBE_KPROBE] = "kprobe",
		[KSYM_PROBE_BPFTRACE] = "bpftrace",
		[KSYM_PROBE_PERF] = "perf",
		[KSYM_PROBE_FTRACE] = "ftrace",
	};
	const char *want = cli_value(a, OPT_PROBE);
	struct ksym_error err;
	char text[4096];
	int kind = 0;

	while (kind < 4 && strcmp(kinds[kind], want))
		kind++;
	if (kind == 4)
		return cli_usage_error(a, "--probe %s: expected kprobe, bpftrace, perf or ftrace", want);
	if (ksym_probe_format(idx, s, (enum ksym_probe)kind, live, text, sizeof(text), &err) < 0)
		return cli_fail(&err);
	if (a->given[OPT_JSON]) {
		struct json_object *o = cli_json_symbol(idx, s);

		json_object_object_add(o, "probe", cli_json_string(text));
		cli_json_print(o);
	} else {
		puts(text);
	}
	return CLI_OK;
}

int cli_find(const struct cli_args *a, const struct ksym_index *idx, const struct ksym_live *live,
	     struct cli_types *types, const char *identity)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	struct ksym_match *matches;
	int status = CLI_OK, n;
	struct ksym_error err;
	struct ksym_symbol s;

	ksym_index_info(idx, &info);
	n = ksym_index_find(idx, identity, NULL, 0, &err);
	if (n < 0)
		return cli_fail(&err);
	matches = calloc((size_t)n + 1, sizeof(*matches));
	if (!matches)
		return CLI_SYSTEM;
	n = ksym_index_find(idx, identity, matches, (uint32_t)n, &err);
	if (a->given[OPT_PROBE] && n == 1 && ksym_index_symbol(idx, matches[0].symbol, &s)) {
		status = print_probe(a, idx, live, &s);
		free(matches);
		return status;
	}
	if (a->given[OPT_JSON])
		cli_json_list_begin("symbols");
	for (int i = 0; i < n; i++) {
		if (!ksym_index_symbol(idx, matches[i].symbol, &s))
			continue;
		if (a->given[OPT_JSON])
			print_json(idx, &info, &matches[i], &s, types);
		else
			print_text(idx, &info, &matches[i], &s, n > 1, types);
	}
	if (a->given[OPT_JSON])
		cli_json_list_end();
	if (types)
		status = types->status;
	if (!status && n != 1) {
		status = CLI_DIFFERS;
		fflush(stdout);
		if (n)
			cli_say("ksym: \"%s\" fits %d symbols: add [module] or {object} as printed",
				identity, n);
		else
			cli_say("ksym: no symbol is called \"%s\"", identity);
	}
	free(matches);
	return status;
}

int cmd_find(const struct cli_args *a)
{
	struct ksym_index *idx;
	int status = cli_load(a, &idx);

	if (!status)
		status = cli_find(a, idx, NULL, NULL, a->operands[1]);
	ksym_index_close(idx);
	return status;
}

/* The positions of all symbols of a name, as livepatch counts. */
int cmd_sympos(const struct cli_args *a)
{
	const char *name = a->operands[1];
	struct ksym_index_info info = { .size = sizeof(info) };
	struct ksym_index *idx;
	struct ksym_symbol s;
	int status = cli_load(a, &idx);
	uint32_t nr = 0;

	if (status)
		return status;
	ksym_index_info(idx, &info);
	if (a->given[OPT_JSON])
		cli_json_list_begin("symbols");
	for (; ksym_index_named(idx, name, strlen(name), nr, &s); nr++) {
		struct json_object *o;

		if (!a->given[OPT_JSON]) {
			char line[16384];
			struct ksym_object obj;

			ksym_symbol_format(idx, &s, KSYM_FORMAT_FULL, line, sizeof(line));
			printf("%u %s", nr + 1, line);
			if (ksym_index_object(idx, s.object, &obj) && obj.path[0])
				printf("\t{%s}", obj.path);
			putchar('\n');
			continue;
		}
		o = cli_json_symbol(idx, &s);
		json_object_object_add(o, "sympos", json_object_new_int64(nr + 1));
		cli_json_list_item(o);
	}
	if (a->given[OPT_JSON])
		cli_json_list_end();
	if (!nr) {
		status = CLI_DIFFERS;
		fflush(stdout);
		cli_say("ksym: no symbol is called \"%s\"", name);
	}
	ksym_index_close(idx);
	return status;
}
