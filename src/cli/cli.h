/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line.  One table of commands and options (commands.c) yields
 * parsing, --help, the man pages and completion.  Nothing here includes more of
 * the library than its public header.
 */
#ifndef KSYM_CLI_H
#define KSYM_CLI_H

#include <ksym/ksym.h>
#include <json-c/json.h>
#include <stdio.h>

/* Exit status. */
enum {
	CLI_OK = 0,
	CLI_DIFFERS = 1,	/* not found, ambiguous, or differences */
	CLI_USAGE = 2,
	CLI_BAD_INPUT = 3,
	CLI_SYSTEM = 4,
};

enum cli_option_id {
	OPT_HELP, OPT_JSON, OPT_OUTPUT, OPT_QUIET,
	OPT_MAP, OPT_BUILTIN, OPT_BUILD_TREE, OPT_SOURCE_TREE, OPT_CONFIG, OPT_DEBUG,
	OPT_NO_DEBUG_SEARCH, OPT_SELECT,
	OPT_KALLSYMS, OPT_DATA, OPT_DISAGREEMENTS, OPT_LINES, OPT_ARCH,
	OPT_PROBE, OPT_TYPES, OPT_SYSROOT, OPT_INDEX, OPT_PERF,
	OPT_VERSIONS, OPT_SYMBOLS, OPT_STABLE, OPT_SYMTYPES, OPT_VERSIONS_FORMAT, OPT_JOBS, OPT_TIES,
	OPT_DUMP_DIES, OPT_DUMP_TYPES, OPT_DUMP_VERSIONS,
	OPT_GENERATION, OPT_ALL_SYMBOLS, OPT_ABSOLUTE_PERCPU, OPT_BASE_RELATIVE, OPT_LTO_CLANG,
	OPT_PC_RELATIVE, OPT_OWNERS, OPT_STATS,
	OPT_SYMBOL, OPT_SUMMARY, OPT_ALL,
	OPT_CLEAN, OPT_LIST, OPT_NUMBER, OPT_MODE, OPT_WEAK, OPT_MODULE_DIR,
	OPT_VARS, OPT_FUNCTIONS, OPT_RUST, OPT_FLAT_ARRAYS, OPT_BTF_BASE, OPT_EMBED, OPT_DISTILL,
	OPT_KERNEL_IMAGE, OPT_KERNEL_BASE, OPT_BUILD, OPT_HEADERS,
	NR_CLI_OPTIONS
};

struct cli_option {
	const char *name;	/* without "--" */
	char letter;		/* 0 = none */
	const char *arg;	/* what its argument is called, NULL = takes none */
	const char *help;
	bool repeat;
};

extern const struct cli_option cli_options[NR_CLI_OPTIONS];

struct cli_args {
	const struct cli_command *command;
	const char **values[NR_CLI_OPTIONS];	/* NULL-terminated; NULL = not given */
	bool given[NR_CLI_OPTIONS];
	const char **operands;			/* NULL-terminated */
	int nr_operands;
};

struct cli_command {
	const char *name;
	const char *operands;		/* "FILE ADDR..." */
	const char *summary;		/* one line, for the list */
	const char *text;		/* paragraphs, for --help and the man page */
	const char *examples;		/* lines: "$ command", "# what it does" */
	int min_operands, max_operands;	/* max -1 = any */
	const enum cli_option_id *options;
	int nr_options;
	int (*run)(const struct cli_args *a);
};

extern const struct cli_command cli_commands[];
extern const int nr_cli_commands;

int cmd_index(const struct cli_args *a);
int cmd_show(const struct cli_args *a);
int cmd_at(const struct cli_args *a);
int cmd_find(const struct cli_args *a);
int cmd_check(const struct cli_args *a);
int cmd_ranges(const struct cli_args *a);
int cmd_objs(const struct cli_args *a);
int cmd_live(const struct cli_args *a);
int cmd_mount(const struct cli_args *a);
int cmd_umount(const struct cli_args *a);

struct cli_types;

/* What show, at and find do with any index.  @first: operand with the first address;
 * @live, @types: NULL when it is of a file, or for @types, no types are wanted. */
int cli_show(const struct cli_args *a, const struct ksym_index *idx, struct cli_types *types);
int cli_at(const struct cli_args *a, const struct ksym_index *idx, int first,
	   struct cli_types *types, bool with_lines);
int cli_find(const struct cli_args *a, const struct ksym_index *idx, const struct ksym_live *live,
	     struct cli_types *types, const char *identity);
int cmd_versions(const struct cli_args *a);
int cmd_kallsyms(const struct cli_args *a);
int cmd_kbuild(const struct cli_args *a);
int cmd_diff(const struct cli_args *a);
int cmd_weak(const struct cli_args *a);
int cmd_sizes(const struct cli_args *a);
int cmd_mcount(const struct cli_args *a);
int cmd_sympos(const struct cli_args *a);
int cmd_decode(const struct cli_args *a);
int cmd_btf(const struct cli_args *a);
int cmd_vars(const struct cli_args *a);
int cmd_extra_module(const struct cli_args *a);

/* ---- pahole.c: the program under that name */
int pahole_main(int argc, char **argv);

/* ---- help.c */
void cli_help(FILE *f);
void cli_command_help(FILE *f, const struct cli_command *c);
void cli_man(FILE *f, const struct cli_command *c);	/* NULL: ksym(1) itself */

/* ---- common.c */

/* The last value of an option, NULL when it was not given. */
const char *cli_value(const struct cli_args *a, enum cli_option_id id);
/* Print "ksym: text" on stderr; the exit status that fits the error. */
int cli_fail(const struct ksym_error *err);
/* One line on stderr, whatever control bytes the arguments hold. */
void cli_say(const char *fmt, ...) KSYM_PRINTF(1, 2);
int cli_usage_error(const struct cli_args *a, const char *fmt, ...) KSYM_PRINTF(2, 3);
/* Options for building an index; false: *status is the exit status. */
bool cli_build_opts(const struct cli_args *a, struct ksym_build_opts *o, int *status);
/* Load operand 0. */
int cli_load(const struct cli_args *a, struct ksym_index **idx);
/* Read the holes of operand 0; fills @info. */
struct ksym_holes;
struct ksym_holes_info;
int cli_read_holes(const struct cli_args *a, struct ksym_holes **holes, struct ksym_holes_info *info);
extern const char *const cli_confidences[];	/* names of enum ksym_hole_confidence */
/* How many threads --jobs asks for: @s, or NULL for as many as there are processors.  False when
 * that is no number from 1 to 1024. */
bool cli_parse_jobs(const char *s, unsigned int *nr);
/* The same of a command; false: *status is the exit status. */
bool cli_jobs(const struct cli_args *a, unsigned int *nr, int *status);
/* Call @fn(@arg) by @nr threads, this one among them, or as many as can be had. */
void cli_run_threads(unsigned int nr, void *(*fn)(void *), void *arg);
/* Flush stdout; CLI_SYSTEM when it could not be written, else @status. */
int cli_finish(int status);

/* Progress on a terminal. */
void cli_message(void *arg, enum ksym_message_kind kind, const char *text);
void cli_progress_end(void);

/* ---- types.c */
struct cli_types {
	struct ksym_live_types *types;	/* NULL: there are none */
	int status;			/* the first failure's */
};

/* The exit status; a kernel without BTF, or with such as cannot be read, has no types, unless it is
 * that what was asked for. */
int cli_types_open(const struct cli_args *a, const struct ksym_live *live,
		   const struct ksym_index *idx, struct cli_types *t);
void cli_types_close(struct cli_types *t);
/* A tab and a declaration, when one is known; what it can be, when that is not certain. */
void cli_print_type(struct cli_types *t, const struct ksym_symbol *s);
void cli_json_type(struct json_object *o, struct cli_types *t, const struct ksym_symbol *s);

/* ---- json.c */
/* Of any bytes: what is not UTF-8 is replaced. */
struct json_object *cli_json_string(const char *s);
struct json_object *cli_json_address(unsigned int elf_class, uint64_t va);
struct json_object *cli_json_va(const struct ksym_index *idx, uint64_t va);
struct ksym_dead;
struct json_object *cli_json_dead(const struct ksym_index *idx, const struct ksym_dead *d);
struct json_object *cli_json_symbol(const struct ksym_index *idx, const struct ksym_symbol *s);
/* A list printed element by element: begin, item (takes the object), end. */
void cli_json_list_begin(const char *name);
void cli_json_list_item(struct json_object *o);
void cli_json_list_end(void);
/* The whole document. */
void cli_json_print(struct json_object *o);

#endif
