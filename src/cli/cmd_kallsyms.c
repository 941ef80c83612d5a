// SPDX-License-Identifier: LGPL-2.1-or-later
/* The kernel's symbol tables, in place of scripts/kallsyms. */
#include "cli.h"

#include <string.h>

static int print_all(void *arg, const char *s, size_t len)
{
	(void)arg;
	fwrite(s, 1, len, stdout);	/* cli_finish() asks whether that worked */
	return 0;
}

static bool generation(const char *s, enum ksym_kallsyms_generation *out)
{
	static const char *const names[] = { [KSYM_KALLSYMS_6_1] = "6.1",
					     [KSYM_KALLSYMS_6_12] = "6.12",
					     [KSYM_KALLSYMS_7] = "7" };

	for (int i = KSYM_KALLSYMS_6_1; i <= KSYM_KALLSYMS_7; i++) {
		if (!strcmp(s, names[i])) {
			*out = (enum ksym_kallsyms_generation)i;
			return true;
		}
	}
	return false;
}

static void print_stats(const struct ksym_kallsyms_stats *s)
{
	fprintf(stderr, "%u symbols, %u of them code; %u owners in %u ranges\n", s->nr_symbols,
		s->nr_text_symbols, s->nr_owners, s->nr_ranges);
	fprintf(stderr, "%u bytes: sizes %u (%.2f a symbol), ranges %u, names %u\n", s->len,
		s->sizes_len, s->nr_symbols ? (double)s->sizes_len / s->nr_symbols : 0.0,
		s->ranges_len, s->names_len);
}

int cmd_kallsyms(const struct cli_args *a)
{
	struct ksym_kallsyms_opts o = KSYM_OPTS(o);
	struct ksym_kallsyms_stats stats = KSYM_OPTS(stats);
	struct ksym_build_opts build;
	int status;
	const char *g = cli_value(a, OPT_GENERATION);
	const char *map = strcmp(a->operands[0], "-") ? a->operands[0] : "/dev/stdin";
	struct ksym_error err = { 0 };

	if (g && !generation(g, &o.generation))
		return cli_usage_error(a, "--generation %s: expected 6.1, 6.12 or 7", g);
	o.all_symbols = a->given[OPT_ALL_SYMBOLS];
	o.absolute_percpu = a->given[OPT_ABSOLUTE_PERCPU];
	o.base_relative = a->given[OPT_BASE_RELATIVE];
	o.lto_clang = a->given[OPT_LTO_CLANG];
	o.pc_relative = a->given[OPT_PC_RELATIVE];
	o.owners_image = cli_value(a, OPT_OWNERS);
	o.owners = o.owners_image != NULL;
	o.owners_build = &build;
	o.stats = &stats;
	if (!cli_build_opts(a, &build, &status))
		return status;
	if (!a->given[OPT_QUIET])
		o.message = cli_message;
	if (ksym_kallsyms_write(map, &o, print_all, NULL, &err))
		return cli_fail(&err);
	cli_progress_end();
	if (a->given[OPT_STATS] && o.owners)
		print_stats(&stats);
	return CLI_OK;
}
