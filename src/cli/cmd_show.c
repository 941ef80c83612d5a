// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli.h"

#include <ksym/holes.h>

static void print_symbol(const struct cli_args *a, const struct ksym_index *idx,
			 const struct ksym_symbol *s, struct cli_types *types)
{
	enum ksym_format format = a->given[OPT_PERF]	   ? KSYM_FORMAT_PERF
				  : a->given[OPT_KALLSYMS] ? KSYM_FORMAT_KALLSYMS
							   : KSYM_FORMAT_FULL;
	char line[16384];
	size_t len;

	if (a->given[OPT_JSON]) {
		struct json_object *o = cli_json_symbol(idx, s);

		cli_json_type(o, types, s);
		cli_json_list_item(o);
		return;
	}
	len = ksym_symbol_format(idx, s, format, line, sizeof(line));
	if (len > sizeof(line) - 1)
		len = sizeof(line) - 1;
	fwrite(line, 1, len, stdout);
	cli_print_type(types, s);
	putchar('\n');
}

/* The mark is the letter: nm's for a weak symbol without definition, which no symbol in the
 * list has. */
static void print_dead(const struct cli_args *a, const struct ksym_index *idx,
		       const struct ksym_index_info *info, const struct ksym_dead *d)
{
	struct ksym_object o;

	if (a->given[OPT_JSON]) {
		struct json_object *item = cli_json_dead(idx, d);

		json_object_object_add(item, "type", json_object_new_string("w"));
		json_object_object_add(item, "dead", json_object_new_boolean(true));
		cli_json_list_item(item);
		return;
	}
	printf("%0*llx ", info->elf_class == 1 ? 8 : 16, (unsigned long long)d->va);
	if (!a->given[OPT_KALLSYMS])
		printf("%llx ", (unsigned long long)d->len);
	if (d->name)
		printf("w %s", d->name);
	else
		printf("w __dead_%llx", (unsigned long long)d->va);
	if (ksym_index_object(idx, d->object, &o) && o.path[0])
		printf("%c{%s}", a->given[OPT_KALLSYMS] ? '\t' : ' ', o.path);
	putchar('\n');
}

int cli_show(const struct cli_args *a, const struct ksym_index *idx, struct cli_types *types)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	struct ksym_symbol s;
	struct ksym_dead d;
	uint32_t dead = 0;
	bool more = a->given[OPT_WEAK] && ksym_index_dead(idx, dead++, &d);

	ksym_index_info(idx, &info);
	setvbuf(stdout, NULL, _IOFBF, 1 << 18);
	if (a->given[OPT_JSON])
		cli_json_list_begin("symbols");
	for (uint32_t i = 0; ksym_index_symbol(idx, i, &s) && !ferror(stdout); i++) {
		for (; more && d.va < s.va; more = ksym_index_dead(idx, dead++, &d))
			print_dead(a, idx, &info, &d);
		print_symbol(a, idx, &s, types);
	}
	for (; more; more = ksym_index_dead(idx, dead++, &d))
		print_dead(a, idx, &info, &d);
	if (a->given[OPT_JSON])
		cli_json_list_end();
	return types ? types->status : CLI_OK;
}

int cmd_show(const struct cli_args *a)
{
	struct ksym_index *idx;
	int status = cli_load(a, &idx);

	if (!status)
		status = cli_show(a, idx, NULL);
	ksym_index_close(idx);
	return status;
}
