// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli.h"

int cli_show(const struct cli_args *a, const struct ksym_index *idx)
{
	enum ksym_format format = a->given[OPT_PERF]	   ? KSYM_FORMAT_PERF
				  : a->given[OPT_KALLSYMS] ? KSYM_FORMAT_KALLSYMS
							   : KSYM_FORMAT_FULL;
	struct ksym_symbol s;
	char line[16384];

	setvbuf(stdout, NULL, _IOFBF, 1 << 18);
	if (a->given[OPT_JSON])
		cli_json_list_begin("symbols");
	for (uint32_t i = 0; ksym_index_symbol(idx, i, &s) && !ferror(stdout); i++) {
		size_t len;

		if (a->given[OPT_JSON]) {
			cli_json_list_item(cli_json_symbol(idx, &s));
			continue;
		}
		len = ksym_symbol_format(idx, &s, format, line, sizeof(line) - 1);
		if (len > sizeof(line) - 2)
			len = sizeof(line) - 2;
		line[len] = '\n';
		fwrite(line, 1, len + 1, stdout);
	}
	if (a->given[OPT_JSON])
		cli_json_list_end();
	return CLI_OK;
}

int cmd_show(const struct cli_args *a)
{
	struct ksym_index *idx;
	int status = cli_load(a, &idx);

	if (!status)
		status = cli_show(a, idx);
	ksym_index_close(idx);
	return status;
}
