/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `ksym versions` and gendwarfksyms have in common. */
#ifndef KSYM_CLI_VERSIONS_H
#define KSYM_CLI_VERSIONS_H

#include "cli.h"
#include <ksym/versions.h>

struct versions_request {
	const char *const *files;
	size_t nr_files;
	const char *const *symbols;	/* NULL: what each file exports */
	size_t nr_symbols;
	const char *debug_file;
	bool no_debug_search;
	bool stable;
	bool quiet;			/* no progress, no warnings of the library */
	bool ties;
	bool symtypes;			/* gather them */
	bool dump_dies, dump_types, dump_versions;	/* to standard error */
	bool hash_order;		/* of --dump-versions: ksym_versions_order() */
	unsigned int jobs;
};

struct version_row {
	char *name;
	const char *file;		/* of the request; NULL: in none */
	struct ksym_version v;		/* name and unit are not to be used */
	char *unit, *name_space;
};

struct versions_result {
	struct version_row *rows;
	size_t nr, cap;
	char *symtypes;
	size_t symtypes_len, symtypes_cap;
};

/* Read all files; an exit status.  What could not be read has been told. */
int versions_run(const struct versions_request *req, struct versions_result *res);
void versions_free(struct versions_result *res);

/* Why a row has no version, as a clause. */
void versions_reason(const struct version_row *row, char *buf, size_t len);

/* Names one a line, the first word of each; false: the line at *@bad (its number) has none.
 * The array and the names are to be freed by versions_free_list(). */
char **versions_read_list(FILE *f, size_t *nr, size_t *bad);
void versions_free_list(char **list);

/* The program under the name gendwarfksyms. */
int gendwarfksyms_main(int argc, char **argv);

/*
 * Compile source file @path with the command that its .cmd file in its own directory or
 * below @tree, or compile_commands.json in @tree or the current directory, has for it, to a
 * temporary object: *@object, to be unlinked and freed.  An exit status.
 */
int versions_compile(const char *path, const char *tree, char **object);
bool versions_is_source(const char *path);

#endif
