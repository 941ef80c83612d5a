/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libksym: know exactly what every symbol of a Linux kernel is.
 *
 * Words used here:
 *   image      an ELF file of a kernel: vmlinux, vmlinux.o, a .ko, a .o
 *   object     one translation unit as linked, named by its path in the build
 *              tree ("kernel/sched/core.o")
 *   module     in KBUILD_MODNAME form, so with '_' and never '-'
 *   owner      the object of a symbol, and the modules that object belongs to
 *   identity   (name, modules, object suffix): unique within an image
 *   index      everything ksym knows about one image, keyed by its build ID
 *
 * Conventions, valid for every function unless it says otherwise:
 *   - Functions that can fail return 0 or a negative errno value.  Where a
 *     struct ksym_error pointer is taken it may be NULL; if it is not, a
 *     failing call stores one line of text there that names the file, the
 *     place in it, and what was expected.  A succeeding call leaves it alone.
 *   - Addresses (`va`) are link-time virtual addresses of the image; lengths
 *     and sizes are in bytes.  Images without addresses (ET_REL: .ko, .o,
 *     vmlinux.o) are given the layout described at ksym_index_section().
 *   - Strings inside the structures that queries fill in are borrowed: they
 *     live as long as the index.  Nothing in them may be freed.
 *   - An index is immutable.  Any number of threads may query one index at the
 *     same time; creating and closing it belongs to one thread.
 *   - Structures whose first member is `size` must have it set to their
 *     sizeof (KSYM_OPTS does that).  Zero in any other member asks for the
 *     default, so a newer library keeps working for older programs.
 */
#ifndef KSYM_KSYM_H
#define KSYM_KSYM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

#if defined(__GNUC__)
#define KSYM_MUST_CHECK __attribute__((warn_unused_result))
#define KSYM_PRINTF(a, b) __attribute__((format(printf, a, b)))
#else
#define KSYM_MUST_CHECK
#define KSYM_PRINTF(a, b)
#endif

#define KSYM_VERSION_MAJOR 0
#define KSYM_VERSION_MINOR 2

/** Longest symbol name, with its terminating NUL.  The kernel's own limit
 *  (KSYM_NAME_LEN) is 512. */
#define KSYM_NAME_LEN 1024

/** Initialiser of an options structure: struct ksym_x o = KSYM_OPTS(o, ...); */
#define KSYM_OPTS(var, ...) { .size = sizeof(var), ##__VA_ARGS__ }

/** ksym_version() - version of the library, as "0.2.0".  Static storage. */
const char *ksym_version(void);

/* ------------------------------------------------------------------ errors */

/** What went wrong, for a person to read.  `text` is one line without a
 *  newline; `code` is the negative errno value that was returned:
 *    -EBADMSG   input is malformed, truncated or altered
 *    -ENOTSUP   input is well-formed but of a kind or version not supported
 *    -ENODATA   input lacks what the call needs (no symbol table, say)
 *    others     as the system calls give them (-ENOENT, -ENOMEM, ...)
 */
struct ksym_error {
	int code;
	char text[1020];
};

/* --------------------------------------------------------------- messages */

enum ksym_message_kind {
	KSYM_MESSAGE_WARNING = 1,	/* something is odd; the result stands */
	KSYM_MESSAGE_PROGRESS,		/* a new stage of a long call began */
};

/** Receives messages while a long call runs, on the thread that made the
 *  call.  `text` is one line, valid during the call only. */
typedef void (*ksym_message_fn)(void *arg, enum ksym_message_kind kind, const char *text);

/* --------------------------------------------------------------- the index */

struct ksym_index;

/** Which symbols an index holds. */
enum ksym_selection {
	KSYM_SELECT_DEFAULT = 0,	/* = KSYM_SELECT_KALLSYMS */
	KSYM_SELECT_KALLSYMS,		/* those /proc/kallsyms would show (KALLSYMS_ALL) */
	KSYM_SELECT_TEXT,		/* of those, functions and code labels only */
	KSYM_SELECT_ALL,		/* every defined symbol with a name */
};

/** Where ownership and module information comes from.  All lists are
 *  NULL-terminated or NULL; several files of a kind are merged. */
struct ksym_build_opts {
	size_t size;
	const char *const *map_files;	  /* linker maps: vmlinux.map, vmlinux.o.map */
	const char *const *builtin_files; /* modules.builtin.objs, modules_thick.builtin,
					     modules.builtin.ranges, modules.builtin */
	const char *build_tree;		  /* a kernel build tree: maps, modules.builtin and
					     .cmd files are found in it */
	const char *source_tree;	  /* a kernel source tree, evaluated with ... */
	const char *config_file;	  /* ... this .config */
	const char *debug_file;		  /* separate debug file; NULL: search for one */
	enum ksym_selection select;
	bool no_debug_search;		  /* do not look for separate debug files */
	ksym_message_fn message;
	void *message_arg;
};

/**
 * ksym_index_build() - make an index of an image in memory.
 * @image_path: ELF file of any class, byte order and machine
 * @opts: NULL for defaults
 * @out: the index, to be given to ksym_index_close()
 *
 * Reads the symbol table, debug information and whatever @opts names; works
 * out owners, modules and identities.  Since: 0.1
 */
KSYM_MUST_CHECK int ksym_index_build(const char *image_path, const struct ksym_build_opts *opts,
				     struct ksym_index **out, struct ksym_error *err);

/** ksym_index_open() - map an index file.  The work done does not depend on
 *  the file's size: header and directory are checked here, every later access
 *  is range-checked, and ksym_index_verify() checks the content.  Since: 0.1 */
KSYM_MUST_CHECK int ksym_index_open(const char *path, struct ksym_index **out,
				    struct ksym_error *err);

/** ksym_index_load() - open @path when it is an index, else build one from it
 *  as an image with @opts; an index is verified.  An index through a pipe will do,
 *  an image has to be a file.  -EINVAL when @opts names sources for an index, which
 *  has its owners already.  Since: 0.1 */
KSYM_MUST_CHECK int ksym_index_load(const char *path, const struct ksym_build_opts *opts,
				    struct ksym_index **out, struct ksym_error *err);

/** ksym_index_verify() - read the whole index once: its checksum, and that
 *  every table in it is consistent.  Since: 0.1 */
KSYM_MUST_CHECK int ksym_index_verify(const struct ksym_index *idx, struct ksym_error *err);

/** ksym_index_write() - write the index to @path.  The file appears complete
 *  or not at all (temporary file, fsync, rename).  Since: 0.1 */
KSYM_MUST_CHECK int ksym_index_write(const struct ksym_index *idx, const char *path,
				     struct ksym_error *err);

/** ksym_index_close() - release an index.  NULL is allowed.  Since: 0.1 */
void ksym_index_close(struct ksym_index *idx);

/** What an index was made of. */
struct ksym_index_info {
	size_t size;
	uint64_t file_len;		/* length of the index in bytes */
	uint64_t text_va;		/* address of _text, 0 when there is none */
	const uint8_t *build_id;
	uint32_t build_id_len;		/* 0 when the image has none */
	uint32_t nr_symbols;
	uint32_t nr_objects;
	uint32_t nr_modules;
	uint32_t nr_sections;
	uint16_t elf_type;		/* ET_* */
	uint16_t elf_machine;		/* EM_* */
	uint8_t elf_class;		/* ELFCLASS* */
	uint8_t elf_data;		/* ELFDATA* */
	bool has_text_va;
	bool has_versions;		/* of exported symbols: ksym_versions_read() */
};

/** ksym_index_info() - fill @info, of which `size` must be set.  Since: 0.1 */
void ksym_index_info(const struct ksym_index *idx, struct ksym_index_info *info);

/* ---------------------------------------------------------------- sections */

struct ksym_section {
	const char *name;
	uint64_t va;
	uint64_t len;
	bool is_text;			/* code: executable, and not only because some of a data
					   section is */
	bool is_writable;
};

/**
 * ksym_index_section() - the @i-th allocated section, in address order.
 *
 * For images that are linked this is what the section headers say.  For
 * ET_REL images, whose sections all start at 0, ksym lays the allocated
 * sections out one after the other in header order from address 0, each
 * aligned as its header asks; `va` is that address.
 *
 * Returns false when there is no such section.  Since: 0.1
 */
bool ksym_index_section(const struct ksym_index *idx, uint32_t i, struct ksym_section *out);

/* ----------------------------------------------------- objects and modules */

/** Sources of ownership, as a set.  In the order in which they are believed. */
enum ksym_source {
	KSYM_SOURCE_MAP = 1 << 0,	/* linker map of the image */
	KSYM_SOURCE_OBJECT_MAP = 1 << 1,/* linker map of vmlinux.o */
	KSYM_SOURCE_DWARF = 1 << 2,	/* DWARF: CU ranges, variables */
	KSYM_SOURCE_FILE = 1 << 3,	/* STT_FILE symbols */
	KSYM_SOURCE_IMAGE = 1 << 4,	/* the image is that one object */
};

/** Sources of an object's modules, as a set. */
enum ksym_module_source {
	KSYM_MODULE_SOURCE_OBJS = 1 << 0,   /* modules.builtin.objs, modules_thick.builtin */
	KSYM_MODULE_SOURCE_CMD = 1 << 1,    /* .cmd files */
	KSYM_MODULE_SOURCE_RANGES = 1 << 2, /* modules.builtin.ranges */
	KSYM_MODULE_SOURCE_KBUILD = 1 << 3, /* evaluation of the source tree */
	KSYM_MODULE_SOURCE_NAME = 1 << 4,   /* modules.builtin lists the object's own path */
	KSYM_MODULE_SOURCE_IMAGE = 1 << 5,  /* the image itself says so */
};

/** Number that stands for "no object known". */
#define KSYM_NO_OBJECT UINT32_MAX

struct ksym_object {
	const char *path;		/* "kernel/sched/core.o" */
	const char *text_suffix;	/* shown as {…} on its text symbols; NULL: not needed */
	const char *data_suffix;	/* the same for its data symbols; both point into path */
	uint32_t first_module;		/* see ksym_index_object_module() */
	uint32_t nr_modules;
	uint32_t module_sources;	/* set of enum ksym_module_source */
};

/** ksym_index_object() - false when there is no object @i.  Since: 0.1 */
bool ksym_index_object(const struct ksym_index *idx, uint32_t i, struct ksym_object *out);

/** ksym_index_object_module() - the name of module @n of @obj, n < nr_modules;
 *  names are sorted.  NULL when there is none.  Since: 0.1 */
const char *ksym_index_object_module(const struct ksym_index *idx, const struct ksym_object *obj,
				     uint32_t n);

/* ----------------------------------------------------------------- symbols */

struct ksym_symbol {
	uint32_t index;			/* position in address order: 0 ... nr_symbols - 1 */
	uint32_t object;		/* for ksym_index_object(), or KSYM_NO_OBJECT */
	uint32_t other_object;		/* what a second source says instead, or KSYM_NO_OBJECT */
	uint32_t sources;		/* set of enum ksym_source that name `object` */
	uint64_t va;
	uint64_t len;			/* true size; 0 when the image gives none */
	char type;			/* letter as in /proc/kallsyms; of .ko and .o as nm(1) has it */
	bool is_text;			/* it lies in a section of code */
	uint16_t name_len;
	char name[KSYM_NAME_LEN];
};

/** ksym_index_symbol() - symbol @i in address order, ties in the order
 *  /proc/kallsyms has.  False when there is none.  Since: 0.1 */
bool ksym_index_symbol(const struct ksym_index *idx, uint32_t i, struct ksym_symbol *out);

/**
 * ksym_index_at() - the symbol that covers @va, else the nearest one before it
 * in the same section.
 *
 * Of several symbols at one address the one a kernel would print is taken: the
 * first with a size that covers @va, else the first.  A label without size inside
 * a function (assembly has them) counts up to the next symbol, as in the kernel's own
 * stack dumps.  Compare va - out->va with out->len to see whether @va is really
 * inside: it may be in padding, or in a function that has no symbol, which
 * ksym_index_dead_at() in <ksym/holes.h> knows.  False when nothing precedes @va in its section.  Since: 0.1
 */
bool ksym_index_at(const struct ksym_index *idx, uint64_t va, struct ksym_symbol *out);

/**
 * ksym_index_named() - symbols called exactly @name.
 * @name: not necessarily terminated; @name_len bytes
 * @nth: 0 for the first, 1 for the next ...: in address order, in loadable modules
 *       in the order of the symbol table.  That is how livepatch counts (sympos).
 *
 * False when there is no such symbol.  Since: 0.1
 */
bool ksym_index_named(const struct ksym_index *idx, const char *name, size_t name_len,
		      uint32_t nth, struct ksym_symbol *out);

/** What ksym_index_find() found. */
struct ksym_match {
	uint32_t symbol;		/* for ksym_index_symbol() */
	uint32_t sympos;		/* as livepatch counts: 1 for the first symbol of that name
					   in address order, in loadable modules in that of the
					   symbol table; 0 when the index holds another
					   selection of symbols than the kernel lists */
	uint32_t nr_same_name;		/* how many symbols have that name */
};

/**
 * ksym_index_find() - symbols that a text identity selects.
 * @identity: "name", "name [module]…", "name {object}", "name [module]… {object}".
 *            Modules may be given with '-' for '_'.  {object} is any suffix of the
 *            object's path at component borders: {core.o}, {kernel/sched/core.o}.
 *            With modules given, exactly these; without, any.  An identity with
 *            modules or object that is printed so for a symbol selects nothing else.
 * @matches: room for @max_matches; may be NULL when that is 0
 *
 * Returns the number of all matches, which can exceed @max_matches, or
 * -EINVAL when @identity is not of that form.  Since: 0.1
 */
int ksym_index_find(const struct ksym_index *idx, const char *identity,
		    struct ksym_match *matches, uint32_t max_matches, struct ksym_error *err);

/* -------------------------------------------------------------------- text */

enum ksym_format {
	KSYM_FORMAT_FULL = 0,		/* address size type name [modules] {object} */
	KSYM_FORMAT_KALLSYMS,		/* address type name<TAB>[modules] {object} */
	KSYM_FORMAT_IDENTITY,		/* name [modules] {object} */
	KSYM_FORMAT_PERF,		/* address type name {modules,object}; symbols of loaded
					   modules as KSYM_FORMAT_KALLSYMS: for perf's --kallsyms */
};

/**
 * ksym_symbol_format() - one line of text, without newline.
 *
 * Like snprintf: returns the length the text has, which did not fit when it is
 * not below @len.  Since: 0.1
 */
size_t ksym_symbol_format(const struct ksym_index *idx, const struct ksym_symbol *sym,
			  enum ksym_format format, char *buf, size_t len);

/* ------------------------------------------------------------------- check */

/** Why a symbol has no identity of its own. */
enum ksym_ambiguity {
	KSYM_AMBIGUOUS_SAME_OBJECT = 1,	/* one object has the name more than once */
	KSYM_AMBIGUOUS_SAME_PATH,	/* of two objects no more than one path is known */
	KSYM_AMBIGUOUS_NO_OWNER,	/* no source knows its object */
	KSYM_AMBIGUOUS_ALIAS,		/* same object, address and size: one thing twice */
};

typedef void (*ksym_ambiguity_fn)(void *arg, const struct ksym_symbol *sym,
				  enum ksym_ambiguity why);

struct ksym_check_result {
	size_t size;
	uint32_t nr_text;		/* text symbols looked at */
	uint32_t nr_text_shared;	/* of them, those whose plain name is not unique */
	uint32_t nr_text_ambiguous;	/* of them, those whose identity is not unique */
	uint32_t nr_data;
	uint32_t nr_data_shared;
	uint32_t nr_data_ambiguous;
	uint32_t nr_text_no_owner;	/* text symbols without an object */
	uint32_t nr_data_no_owner;
	uint32_t nr_disagreements;	/* symbols about whose object two sources disagree */
};

/** ksym_index_check() - is every identity unique?  Calls @fn (may be NULL) for
 *  each symbol whose is not, in address order; fills @result.  Since: 0.1 */
KSYM_MUST_CHECK int ksym_index_check(const struct ksym_index *idx, ksym_ambiguity_fn fn, void *arg,
				     struct ksym_check_result *result, struct ksym_error *err);

/* ------------------------------------------------------------ source lines */

struct ksym_lines;

/** ksym_lines_open() - the line tables of an image (or its separate debug
 *  file).  -ENODATA when there are none.  Close with ksym_lines_close().
 *  One thread at a time may use it.  Since: 0.1 */
KSYM_MUST_CHECK int ksym_lines_open(const char *image_path, const struct ksym_build_opts *opts,
				    struct ksym_lines **out, struct ksym_error *err);

/** ksym_lines_build_id() - build ID of the image, borrowed until ksym_lines_close();
 *  *@len is 0 when it has none.  Since: 0.1 */
const uint8_t *ksym_lines_build_id(const struct ksym_lines *lines, uint32_t *len);

/** ksym_lines_at() - source file and line of the instruction at @va.  @file is
 *  borrowed until ksym_lines_close().  0, -ENOENT when no line covers @va, or
 *  another error.  Since: 0.1 */
KSYM_MUST_CHECK int ksym_lines_at(struct ksym_lines *lines, uint64_t va, const char **file,
				  uint32_t *line, struct ksym_error *err);
void ksym_lines_close(struct ksym_lines *lines);

/* ----------------------------------------------------- kernel build output */

/** Receives a piece of output text; non-zero stops and is returned. */
typedef int (*ksym_write_fn)(void *arg, const char *text, size_t len);

/** ksym_file_write() - write @len bytes to @path.  The file appears complete or not at
 *  all (temporary file, fsync, rename); what exists and is no regular file is written to
 *  directly.  Since: 0.2 */
KSYM_MUST_CHECK int ksym_file_write(const char *path, const void *data, size_t len,
				    struct ksym_error *err);

struct ksym_ranges_opts {
	size_t size;
	const char *build_tree;		/* where .cmd files are; the default of the three below */
	const char *modules_builtin;	/* modules.builtin */
	const char *map_file;		/* vmlinux.map */
	const char *object_map_file;	/* vmlinux.o.map */
};

/** ksym_ranges_write() - text of modules.builtin.ranges, byte for byte what the
 *  kernel's generate_builtin_ranges.awk prints.  Since: 0.1 */
KSYM_MUST_CHECK int ksym_ranges_write(const struct ksym_ranges_opts *opts, ksym_write_fn fn,
				      void *arg, struct ksym_error *err);

struct ksym_objs_opts {
	size_t size;
	const char *source_tree;	/* evaluated with GNU make, nothing is compiled */
	const char *config_file;
	const char *build_tree;		/* instead: read the .cmd files of a finished build */
	const char *arch;		/* SRCARCH; NULL: from the .config */
	const char *modules_builtin;	/* modules.builtin: decides what is a module; NULL: the
					   build tree's, or the sources themselves */
	ksym_message_fn message;
	void *message_arg;
};

/** ksym_objs_write() - text of modules.builtin.objs: one line "module.o: object.o …"
 *  for each built-in module, sorted.  Since: 0.1 */
KSYM_MUST_CHECK int ksym_objs_write(const struct ksym_objs_opts *opts, ksym_write_fn fn, void *arg,
				    struct ksym_error *err);

/** Whose scripts/kallsyms: what its tables look like, and how it reads its input. */
enum ksym_kallsyms_generation {
	KSYM_KALLSYMS_AUTO = 0,	/* the one that knows the options that are set; else 6.12 */
	KSYM_KALLSYMS_6_1 = 1,
	KSYM_KALLSYMS_6_12 = 2,
	KSYM_KALLSYMS_7 = 3,
};

struct ksym_kallsyms_stats;

struct ksym_kallsyms_opts {
	size_t size;
	enum ksym_kallsyms_generation generation;
	bool all_symbols;	/* not only code */
	bool absolute_percpu;	/* 6.1 and 6.12: per-CPU symbols are offsets, with the letter A */
	bool base_relative;	/* 6.1 */
	bool lto_clang;		/* 6.1: names are sorted without their ".llvm." suffix */
	bool pc_relative;	/* 7 */
	ksym_message_fn message;
	void *message_arg;
	bool owners;		/* append the tables of sizes, modules and objects, which a
				   kernel with CONFIG_KALLMODSYMS reads */
	const char *owners_image;	/* what has been linked with these symbols; NULL only when
					   the map has none */
	const struct ksym_build_opts *owners_build;	/* maps, lists, trees for it; NULL: none */
	struct ksym_kallsyms_stats *stats;	/* filled in when there are owners, or NULL */
};

/** What the tables of owners take. */
struct ksym_kallsyms_stats {
	size_t size;
	uint32_t nr_symbols, nr_text_symbols;
	uint32_t nr_ranges;	/* of symbols with the same owner */
	uint32_t nr_owners;	/* that differ in modules or object */
	uint32_t len;		/* bytes: of everything; the three below and a header */
	uint32_t sizes_len, ranges_len, names_len;
};

/** ksym_kallsyms_write() - the kernel's symbol tables as assembly, of @map_file, which
 *  has the lines of `nm -n`: byte for byte what scripts/kallsyms prints.  @fn is called
 *  once, with all of it.  -EBADMSG when a line cannot be read (6.12 and later; before,
 *  such lines are passed over) or an address does not fit.  Since: 0.2 */
KSYM_MUST_CHECK int ksym_kallsyms_write(const char *map_file, const struct ksym_kallsyms_opts *opts,
					ksym_write_fn fn, void *arg, struct ksym_error *err);

struct ksym_kbuild_opts {
	size_t size;
	const char *program;	/* the command that the kernel's build is to call; "ksym" */
	const char *data_dir;	/* where the files for the tree are; NULL: found by @program, or
				   where the library was installed */
};

enum ksym_kbuild_state {
	KSYM_KBUILD_ABSENT,
	KSYM_KBUILD_INSTALLED,
	KSYM_KBUILD_OTHER,	/* parts of it, or of another version */
};

/** ksym_kbuild_install() - put CONFIG_KALLMODSYMS into the kernel source tree @tree: a
 *  folder kernel/kallmodsyms, and marked lines in four files.  What is there already is
 *  brought up to date.  -EBADMSG, and nothing is changed, when a place where lines belong is
 *  not found.  Since: 0.2 */
KSYM_MUST_CHECK int ksym_kbuild_install(const char *tree, const struct ksym_kbuild_opts *opts,
					struct ksym_error *err);

/** ksym_kbuild_remove() - make @tree what it was before, to the byte; 0 as well when it has
 *  nothing of ksym's.  Since: 0.2 */
KSYM_MUST_CHECK int ksym_kbuild_remove(const char *tree, struct ksym_error *err);

/** ksym_kbuild_status() - is what ksym_kbuild_install() would make in @tree there?
 *  Since: 0.2 */
KSYM_MUST_CHECK int ksym_kbuild_status(const char *tree, const struct ksym_kbuild_opts *opts,
				       enum ksym_kbuild_state *state, struct ksym_error *err);

/* ------------------------------------------------------ the running kernel */

struct ksym_live;

/** Where ksym_mount() puts its file unless told otherwise. */
#define KSYM_MOUNT_DIR "/run/ksym"

struct ksym_live_opts {
	size_t size;
	const char *sysroot;		/* a recorded tree to look at instead of /; below it
					   are proc, sys, lib, boot ... */
	const char *index_file;		/* index or image of that kernel; NULL: look for one */
	ksym_message_fn message;
	void *message_arg;
};

/** Who serves /proc/kallmodsyms. */
enum ksym_kallmodsyms {
	KSYM_KALLMODSYMS_NONE = 0,
	KSYM_KALLMODSYMS_BUILTIN,	/* the kernel itself */
	KSYM_KALLMODSYMS_MODULE,	/* kallmodsyms.ko */
};

/** What a machine offers.  Strings live as long as the ksym_live. */
struct ksym_live_info {
	size_t size;
	const char *release;
	const uint8_t *build_id;
	uint32_t build_id_len;		/* 0: the kernel has none, or does not show it */
	uint32_t nr_kernel_symbols;	/* in /proc/kallsyms */
	uint32_t nr_module_symbols;	/* there, of loaded modules and of generated code */
	bool shows_addresses;		/* /proc/kallsyms does, to this process */
	bool has_btf;			/* /sys/kernel/btf/vmlinux */
	bool has_ksym_iterator;		/* BPF programs can iterate over symbols (Linux 6.0) */
	bool index_is_image;		/* the index was made of the image index_path */
	int kptr_restrict;		/* -1: unknown */
	int perf_event_paranoid;	/* -1: unknown */
	enum ksym_kallmodsyms kallmodsyms;
	const char *index_path;		/* NULL: none was found ... */
	const char *index_why;		/* ... and what was found did not fit for these reasons,
					   a line each; NULL: there are no such */
	const char *iterator_path;	/* ksym_mount()'s file; NULL: not there */
	const char *modules_builtin;	/* paths, NULL: not there */
	const char *modules_builtin_modinfo;
	const char *modules_builtin_ranges;
	const char *modules_builtin_objs;
};

/** ksym_live_open() - look at the running kernel, and for its index in the usual
 *  places (ksym-live(1) lists them).  That nothing is found is no error.  Close with
 *  ksym_live_close().  Since: 0.2 */
KSYM_MUST_CHECK int ksym_live_open(const struct ksym_live_opts *opts, struct ksym_live **out,
				   struct ksym_error *err);
/** ksym_live_info() - fill @info, of which `size` must be set.  Since: 0.2 */
void ksym_live_info(const struct ksym_live *live, struct ksym_live_info *info);
/** ksym_live_close() - NULL is allowed.  Since: 0.2 */
void ksym_live_close(struct ksym_live *live);

/**
 * ksym_live_index() - one index of all that /proc/kallsyms lists now.
 * @out: to be given to ksym_index_close(); does not depend on @live
 *
 * Addresses are those of the running kernel.  Sizes, objects and modules of the kernel's
 * own symbols are from its index; without one modules are from modules.builtin.ranges,
 * where there is one, and sizes are 0.  Symbols of loaded modules have their module, and
 * their size where /proc/kallmodsyms tells it.
 *
 * -EACCES when this process may not see addresses, -EBADMSG when the index does not
 * have the symbols that the kernel lists.  Since: 0.2
 */
KSYM_MUST_CHECK int ksym_live_index(struct ksym_live *live, struct ksym_index **out,
				    struct ksym_error *err);

struct ksym_btf;
struct ksym_live_types;

/** What BTF has to say of a symbol. */
enum ksym_type_answer {
	KSYM_TYPE_UNKNOWN = 0,	/* nothing */
	KSYM_TYPE_KNOWN,
	KSYM_TYPE_AMBIGUOUS,	/* something of that name, but not of which of several */
};

/** The type of a function or a variable; lives as long as the ksym_live_types. */
struct ksym_live_type {
	size_t size;
	const struct ksym_btf *btf;	/* with <ksym/btf.h>: ksym_btf_type_text(btf, type, name, ...) */
	uint32_t type;			/* of a function its prototype */
	const char *name;		/* as the source has it: "count" of "count.3", "f" of "f.isra.0" */
	const char *file;		/* which of /sys/kernel/btf: "vmlinux", a module's name */
};

/**
 * ksym_live_types_open() - types of the symbols of a running kernel, from /sys/kernel/btf.
 * @idx: from ksym_live_index()
 *
 * Both have to outlive it.  A kernel without BTF is no error.  BTF of modules is read when
 * it is needed; what cannot be read there is told as a warning.  -EBADMSG when the
 * kernel's own is malformed.  Since: 0.3
 */
KSYM_MUST_CHECK int ksym_live_types_open(const struct ksym_live *live, const struct ksym_index *idx,
					 struct ksym_live_types **out, struct ksym_error *err);
/** ksym_live_types_close() - NULL is allowed.  Since: 0.3 */
void ksym_live_types_close(struct ksym_live_types *types);

/**
 * ksym_live_type() - the type of @sym, a symbol of the index that @types is for.
 * @nth: 0; with KSYM_TYPE_AMBIGUOUS 1, 2 ... give the others that it can be, until
 *       KSYM_TYPE_UNKNOWN
 * @out: of which `size` must be set; nothing is known of the rest for KSYM_TYPE_UNKNOWN
 *
 * BTF has functions by name alone.  So where several symbols of the kernel, or of the
 * module, have the name, the answer is KSYM_TYPE_AMBIGUOUS even if BTF has one function of
 * that name.  Variables are told by address where that of their section is known.
 *
 * Returns enum ksym_type_answer, or -ENOMEM.  Threads: one at a time.  Since: 0.3
 */
KSYM_MUST_CHECK int ksym_live_type(struct ksym_live_types *types, const struct ksym_symbol *sym,
				   uint32_t nth, struct ksym_live_type *out, struct ksym_error *err);

/** Kinds of probes. */
enum ksym_probe {
	KSYM_PROBE_KPROBE,		/* a line for tracefs' kprobe_events */
	KSYM_PROBE_BPFTRACE,		/* bpftrace's "kprobe:..." */
	KSYM_PROBE_PERF,		/* what follows `perf probe --add` */
	KSYM_PROBE_FTRACE,		/* a number for set_ftrace_filter */
};

/**
 * ksym_probe_format() - text of a probe at the first instruction of a text symbol, which
 * hits that symbol alone, whatever others share its name.
 * @live: where a number in available_filter_functions comes from; only
 *        KSYM_PROBE_FTRACE needs it
 *
 * Returns the length of the text as snprintf does, or a negative errno value: -ENOTSUP
 * when there is no such probe for the symbol.  Since: 0.2
 */
int ksym_probe_format(const struct ksym_index *idx, const struct ksym_symbol *sym,
		      enum ksym_probe kind, const struct ksym_live *live, char *buf, size_t len,
		      struct ksym_error *err);

struct ksym_mount_opts {
	size_t size;
	const char *dir;		/* NULL: KSYM_MOUNT_DIR */
};

/**
 * ksym_mount() - let a BPF iterator serve the text of /proc/kallmodsyms as
 * DIR/kallmodsyms.
 *
 * DIR is made, and a BPF file system mounted on it, unless it is in one.  The file's mode
 * is 0444; who may not see addresses in /proc/kallsyms reads zeros here as well.  Needs
 * Linux 6.0, the index, and CAP_SYS_ADMIN.  -ENOTSUP when this library was built without
 * it or the kernel cannot.  Since: 0.2
 */
KSYM_MUST_CHECK int ksym_mount(struct ksym_live *live, const struct ksym_mount_opts *opts,
			       struct ksym_error *err);
/** ksym_umount() - undo that, with the file system and the folder if ksym_mount() made
 *  them.  -ENOENT when there is no such file.  Since: 0.2 */
KSYM_MUST_CHECK int ksym_umount(const struct ksym_mount_opts *opts, struct ksym_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
