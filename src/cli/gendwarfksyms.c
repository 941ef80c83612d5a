// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The program under the name gendwarfksyms: the command line, the output and its order are
 * those of the kernel's tool, whose place it can take in a build.
 */
#include "versions.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static void usage(FILE *f)
{
	fputs("Usage: gendwarfksyms [OPTION]... FILE... < LIST\n\n"
	      "Prints versions of the symbols of LIST, one a line, out of the debug information of\n"
	      "FILEs, as the kernel's scripts/gendwarfksyms does. (This is `ksym versions`.)\n\n"
	      "  -d, --debug            ignored\n"
	      "      --dump-dies        print what is gone through, to standard error\n"
	      "      --dump-die-map     the same\n"
	      "      --dump-types       print the text of each type\n"
	      "      --dump-versions    print the text that each version is the checksum of\n"
	      "  -s, --stable           mind kABI rules and __kabi_ members\n"
	      "  -T, --symtypes FILE    write a symtypes file\n"
	      "  -h, --help             this text\n", f);
}

static int print(const struct versions_result *res)
{
	const char **names = calloc(res->nr + 1, sizeof(*names));
	uint32_t *order = calloc(res->nr + 1, sizeof(*order));
	char why[512];

	for (size_t i = 0; names && i < res->nr; i++)
		names[i] = res->rows[i].name;
	if (!names || !order || ksym_versions_order(names, res->nr, order)) {
		free(names);
		free(order);
		return CLI_SYSTEM;
	}
	for (size_t i = 0; i < res->nr; i++) {
		const struct version_row *row = &res->rows[order[i]];

		if (row->v.status != KSYM_VERSION_KNOWN) {
			versions_reason(row, why, sizeof(why));
			cli_say("warning: gendwarfksyms: no information for symbol %s: %s", row->name,
				why);
		}
		printf("#SYMVER %s 0x%08x\n", row->name, row->v.crc);
	}
	free(names);
	free(order);
	return CLI_OK;
}

static int run(struct versions_request *req, const char *symtypes)
{
	struct versions_result res;
	struct ksym_error err;
	int status = versions_run(req, &res);

	if (!status && symtypes &&
	    ksym_file_write(symtypes, res.symtypes ? res.symtypes : "", res.symtypes_len, &err))
		status = cli_fail(&err);
	if (!status)
		status = print(&res);
	versions_free(&res);
	return status;
}

int gendwarfksyms_main(int argc, char **argv)
{
	struct versions_request req = { .jobs = 1, .quiet = true, .hash_order = true };
	const char *symtypes = NULL;
	int opt, dump_dies = 0, dump_types = 0, dump_versions = 0, status;
	const struct option options[] = {
		{ "debug", no_argument, NULL, 'd' },
		{ "dump-dies", no_argument, &dump_dies, 1 },
		{ "dump-die-map", no_argument, &dump_dies, 1 },
		{ "dump-types", no_argument, &dump_types, 1 },
		{ "dump-versions", no_argument, &dump_versions, 1 },
		{ "stable", no_argument, NULL, 's' },
		{ "symtypes", required_argument, NULL, 'T' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	size_t bad;
	char **list;

	while ((opt = getopt_long(argc, argv, "dsT:h", options, NULL)) != -1) {
		switch (opt) {
		case 's':
			req.stable = true;
			break;
		case 'T':
			symtypes = optarg;
			break;
		case 'h':
			usage(stdout);
			return cli_finish(CLI_OK);
		case '?':
			usage(stderr);
			return CLI_USAGE;
		}
	}
	if (optind >= argc) {
		usage(stderr);
		cli_say("gendwarfksyms: expected a FILE");
		return CLI_USAGE;
	}
	list = versions_read_list(stdin, &req.nr_symbols, &bad);
	if (bad)
		cli_say("gendwarfksyms: standard input: line %zu: expected the name of a symbol", bad);
	req.files = (const char *const *)argv + optind;
	req.nr_files = (size_t)(argc - optind);
	req.symbols = (const char *const *)list;
	req.symtypes = symtypes != NULL;
	req.dump_dies = dump_dies;
	req.dump_types = dump_types;
	req.dump_versions = dump_versions;
	status = !list ? CLI_SYSTEM : bad ? CLI_BAD_INPUT : CLI_OK;
	if (!status && req.nr_symbols)
		status = run(&req, symtypes);
	versions_free_list(list);
	return cli_finish(status);
}
