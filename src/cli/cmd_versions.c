// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum format {
	FORMAT_SYMVER,
	FORMAT_SYMVERS,
	FORMAT_JSON,
};

/* What Module.symvers calls the module that @file is. */
static void module_of(const char *file, char *buf, size_t len)
{
	const char *base = strrchr(file, '/'), *dot;
	int n = (int)strlen(file);

	base = base ? base + 1 : file;
	/* vmlinux-6.1.0-56-cloud-amd64, vmlinux.o */
	if (!strncmp(base, "vmlinux", 7)) {
		snprintf(buf, len, "vmlinux");
		return;
	}
	/* x.ko, x.o; x.ko.ksym */
	if (n > 5 && !strcmp(file + n - 5, ".ksym"))
		n -= 5;
	dot = memrchr(base, '.', (size_t)(file + n - base));
	if (dot)
		n = (int)(dot - file);
	snprintf(buf, len, "%.*s", n, file);
}

static struct json_object *json_row(const struct version_row *row)
{
	static const char *const status[] = { "known", "undefined", "assembly", "no-die", "no-unit" };
	struct json_object *o = json_object_new_object();
	char crc[16];

	snprintf(crc, sizeof(crc), "0x%08x", row->v.crc);
	json_object_object_add(o, "name", cli_json_string(row->name));
	json_object_object_add(o, "crc", row->v.status ? NULL : json_object_new_string(crc));
	json_object_object_add(o, "status", json_object_new_string(status[row->v.status]));
	json_object_object_add(o, "file", row->file ? cli_json_string(row->file) : NULL);
	json_object_object_add(o, "gpl", json_object_new_boolean(row->v.gpl));
	if (*row->name_space)
		json_object_object_add(o, "namespace", cli_json_string(row->name_space));
	if (row->unit)
		json_object_object_add(o, "unit", cli_json_string(row->unit));
	return o;
}

static void print_row(const struct version_row *row, enum format format)
{
	char module[4096];

	switch (format) {
	case FORMAT_JSON:
		cli_json_list_item(json_row(row));
		break;
	case FORMAT_SYMVERS:
		module_of(row->file ? row->file : "", module, sizeof(module));
		printf("0x%08x\t%s\t%s\tEXPORT_SYMBOL%s\t%s\n", row->v.crc, row->name, module,
		       row->v.gpl ? "_GPL" : "", row->name_space);
		break;
	case FORMAT_SYMVER:
		printf("#SYMVER %s 0x%08x\n", row->name, row->v.crc);
		break;
	}
}

/* Whatever has no version is told, and whether something is not there at all. */
static int print(const struct versions_result *res, enum format format, bool quiet)
{
	int status = CLI_OK;
	char why[512];

	if (format == FORMAT_JSON)
		cli_json_list_begin("versions");
	for (size_t i = 0; i < res->nr; i++)
		print_row(&res->rows[i], format);
	if (format == FORMAT_JSON)
		cli_json_list_end();
	fflush(stdout);
	for (size_t i = 0; i < res->nr; i++) {
		const struct version_row *row = &res->rows[i];

		if (row->v.status == KSYM_VERSION_KNOWN)
			continue;
		if (row->v.status == KSYM_VERSION_UNDEFINED)
			status = CLI_DIFFERS;
		versions_reason(row, why, sizeof(why));
		if (!quiet)
			cli_say("ksym: no information for symbol %s: %s", row->name, why);
	}
	return status;
}

/* ---------------------------------------------------------------- arguments */

static int read_symbols(const struct cli_args *a, struct versions_request *req)
{
	const char *path = cli_value(a, OPT_SYMBOLS);
	FILE *f = strcmp(path, "-") ? fopen(path, "r") : stdin;
	char **list;
	size_t bad;

	if (!f) {
		cli_say("ksym: %s: open: %s", path, strerror(errno));
		return CLI_SYSTEM;
	}
	list = versions_read_list(f, &req->nr_symbols, &bad);
	if (f != stdin)
		fclose(f);
	req->symbols = (const char *const *)list;
	if (bad) {
		cli_say("ksym: %s: line %zu: expected the name of a symbol", path, bad);
		return CLI_BAD_INPUT;
	}
	return list ? CLI_OK : CLI_SYSTEM;
}

static int parse(const struct cli_args *a, struct versions_request *req, enum format *format)
{
	const char *name = cli_value(a, OPT_VERSIONS_FORMAT);
	unsigned int nr;
	int status;

	*format = a->given[OPT_JSON] ? FORMAT_JSON : FORMAT_SYMVER;
	if (name && !strcmp(name, "symvers"))
		*format = FORMAT_SYMVERS;
	else if (name && strcmp(name, "symver"))
		return cli_usage_error(a, "--format %s: expected symver or symvers", name);
	if (!cli_jobs(a, &nr, &status))
		return status;
	*req = (struct versions_request){
		.files = a->operands, .nr_files = (size_t)a->nr_operands,
		.debug_file = cli_value(a, OPT_DEBUG),
		.no_debug_search = a->given[OPT_NO_DEBUG_SEARCH],
		.stable = a->given[OPT_STABLE], .quiet = a->given[OPT_QUIET],
		.ties = a->given[OPT_TIES], .symtypes = a->given[OPT_SYMTYPES],
		.dump_dies = a->given[OPT_DUMP_DIES], .dump_types = a->given[OPT_DUMP_TYPES],
		.dump_versions = a->given[OPT_DUMP_VERSIONS],
		.jobs = nr,
	};
	if (req->debug_file && req->nr_files > 1)
		return cli_usage_error(a, "--debug goes with one FILE");
	return a->given[OPT_SYMBOLS] ? read_symbols(a, req) : CLI_OK;
}

/* Objects of operands that are sources; *@objects is as long as the operands. */
static int compile(const struct cli_args *a, char **objects, const char **files)
{
	int status = CLI_OK;

	for (int i = 0; i < a->nr_operands && !status; i++) {
		files[i] = a->operands[i];
		if (!versions_is_source(a->operands[i]))
			continue;
		status = versions_compile(a->operands[i], cli_value(a, OPT_BUILD_TREE), &objects[i]);
		if (objects[i])
			files[i] = objects[i];
	}
	return status;
}

/* A file without exports is none that a kernel's modules are linked against: say so. */
static void tell_empty(const struct cli_args *a, const struct versions_result *res)
{
	size_t row = 0;

	/* Rows are in the order of files. */
	for (int i = 0; i < a->nr_operands; i++) {
		size_t first = row;

		while (row < res->nr && res->rows[row].file == a->operands[i])
			row++;
		if (row == first)
			cli_say("ksym: %s: exports no symbol", a->operands[i]);
	}
}

int cmd_versions(const struct cli_args *a)
{
	struct versions_request req = { 0 };
	struct versions_result res = { 0 };
	char **objects = calloc((size_t)a->nr_operands + 1, sizeof(*objects));
	const char **files = calloc((size_t)a->nr_operands + 1, sizeof(*files));
	enum format format;
	struct ksym_error err;
	int status = objects && files ? parse(a, &req, &format) : CLI_SYSTEM;

	if (!status)
		status = compile(a, objects, files);
	if (!status) {
		req.files = files;
		status = versions_run(&req, &res);
	}
	if (!status && req.symtypes &&
	    ksym_file_write(cli_value(a, OPT_SYMTYPES), res.symtypes ? res.symtypes : "",
			    res.symtypes_len, &err))
		status = cli_fail(&err);
	/* What was compiled is known by its source. */
	for (size_t i = 0; i < res.nr; i++)
		for (int k = 0; k < a->nr_operands; k++)
			if (res.rows[i].file == files[k])
				res.rows[i].file = a->operands[k];
	if (!status && !req.symbols && !req.quiet)
		tell_empty(a, &res);
	if (!status)
		status = print(&res, format, req.quiet);
	versions_free(&res);
	versions_free_list((char **)req.symbols);
	for (int i = 0; objects && i < a->nr_operands; i++) {
		if (objects[i])
			unlink(objects[i]);
		free(objects[i]);
	}
	free(objects);
	free(files);
	return status;
}
