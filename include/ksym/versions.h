/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libksym: versions of exported symbols.
 *
 * The version of a symbol is a checksum of its type and of all types that this is made of,
 * so that a module built against other types is not loaded.  It is computed from DWARF,
 * bit for bit as the kernel's gendwarfksyms does it, so for C and Rust alike.
 *
 * The conventions are those of <ksym/ksym.h>.
 */
#ifndef KSYM_VERSIONS_H
#define KSYM_VERSIONS_H

#include <ksym/ksym.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

struct ksym_versions;

struct ksym_versions_opts {
	size_t size;
	const char *const *symbols;	/* names, NULL-terminated; NULL: what the image exports */
	const char *debug_file;		/* separate debug file; NULL: search for one */
	bool no_debug_search;		/* do not look for separate debug files */
	bool stable;			/* mind kABI rules and __kabi_ members */
	bool report_ties;		/* a message for every type of which two different texts
					   are equally long */
	unsigned int nr_threads;	/* 0: one.  The result is the same for any number */
	ksym_write_fn dump_dies;	/* receives what gendwarfksyms --dump-dies prints */
	void *dump_dies_arg;
	ksym_message_fn message;
	void *message_arg;
};

/**
 * ksym_versions_read() - versions of symbols of an image.
 * @image_path: ELF file of any class, byte order and machine, with DWARF 2 to 5; or an
 *	index that has versions
 * @opts: NULL for defaults
 * @out: to be given to ksym_versions_close()
 *
 * Symbols that share an address share a version.  -ENODATA when there is no debug
 * information, or no version in the index.  -EINVAL when @opts asks of an index what takes
 * an image (a list of symbols, a debug file, DIEs, ties), or when `stable` is not as it was
 * when the index was made.  Since: 0.2; indexes: 0.3
 */
KSYM_MUST_CHECK int ksym_versions_read(const char *image_path,
				       const struct ksym_versions_opts *opts,
				       struct ksym_versions **out, struct ksym_error *err);

/** ksym_versions_close() - NULL is allowed.  Since: 0.2 */
void ksym_versions_close(struct ksym_versions *v);

/** ksym_index_with_versions() - a new index, which has all that @idx has, and the versions
 *  @v with the texts of types behind them.  Those of @idx itself, if it has any, are left
 *  out; so are tables that this version of the library does not know.  Close *@out with
 *  ksym_index_close(); it does not depend on the others.  Since: 0.3 */
KSYM_MUST_CHECK int ksym_index_with_versions(const struct ksym_index *idx,
					     const struct ksym_versions *v,
					     struct ksym_index **out, struct ksym_error *err);

/** Why a symbol has no version. */
enum ksym_version_status {
	KSYM_VERSION_KNOWN = 0,
	KSYM_VERSION_UNDEFINED,		/* the image does not define it, nor does DWARF tell of it */
	KSYM_VERSION_ASSEMBLY,		/* it is in a unit of assembly, which tells no types */
	KSYM_VERSION_NO_DIE,		/* its unit has no DIE for it */
	KSYM_VERSION_NO_UNIT,		/* it is in no unit that has debug information */
};

struct ksym_version {
	const char *name;
	uint32_t crc;			/* 0 when not known */
	enum ksym_version_status status;
	const char *unit;		/* source file that it is in, if known and no version is */
	uint32_t place;			/* equal for symbols at one address */
	bool gpl;			/* exported with EXPORT_SYMBOL_GPL() */
	const char *name_space;		/* that it is exported to; "" for none */
};

/** ksym_versions_nr() - number of symbols.  Since: 0.2 */
uint32_t ksym_versions_nr(const struct ksym_versions *v);

/** ksym_versions_get() - symbol @i, in the order of the list that was given, or of the
 *  image's symbol table.  False when there is none.  Since: 0.2 */
bool ksym_versions_get(const struct ksym_versions *v, uint32_t i, struct ksym_version *out);

/** ksym_versions_order() - the order in which gendwarfksyms goes through symbols that are
 *  given to it as @names, and prints them: that of its hash table.  @order receives @nr
 *  positions in @names.  -ENOMEM is the only error.  Since: 0.2 */
KSYM_MUST_CHECK int ksym_versions_order(const char *const *names, size_t nr, uint32_t *order);

/** ksym_versions_write_symtypes() - the text of a symtypes file: a line for each type and,
 *  @with_symbols, each symbol, sorted.  Since: 0.2 */
KSYM_MUST_CHECK int ksym_versions_write_symtypes(const struct ksym_versions *v, bool with_symbols,
						 ksym_write_fn fn, void *arg,
						 struct ksym_error *err);

/** ksym_versions_write_expanded() - the text whose checksum the version of symbol @i is.
 *  It may be megabytes long and comes in many pieces.  Since: 0.2 */
KSYM_MUST_CHECK int ksym_versions_write_expanded(const struct ksym_versions *v, uint32_t i,
						 ksym_write_fn fn, void *arg,
						 struct ksym_error *err);

/* -------------------------------------------------------------- comparison */

/*
 * Two sets of versions, and why they differ.
 *
 * A version changes when the text of a type changes from which the symbol is made.  A
 * cause is such a type: one that both the old and the new symbol are made of and whose own
 * text differs; or the symbol itself.  Every symbol that changed has at least one.
 */
struct ksym_diff;

/** What a change does to modules built before it. */
enum ksym_diff_class {
	KSYM_DIFF_COMPATIBLE = 1,	/* nothing: they would work as they did */
	KSYM_DIFF_DEPENDS,		/* types do not tell: it depends on what they do with it */
	KSYM_DIFF_INCOMPATIBLE,		/* what they were compiled for is elsewhere or otherwise */
};

enum ksym_diff_kind {
	KSYM_DIFF_MEMBER_ADDED = 1,
	KSYM_DIFF_MEMBER_REMOVED,
	KSYM_DIFF_MEMBER_MOVED,		/* to another offset, as old_at and new_at tell */
	KSYM_DIFF_MEMBER_RENAMED,	/* same place, same type */
	KSYM_DIFF_MEMBER_RETYPED,
	KSYM_DIFF_MEMBER_REPLACED,	/* another name and type at the same place */
	KSYM_DIFF_MEMBER_REGROUPED,	/* into or out of an anonymous structure or union */
	KSYM_DIFF_BIT_FIELD,		/* another width, or no bit field */
	KSYM_DIFF_SIZE,			/* of a structure, union or enumeration */
	KSYM_DIFF_ALIGNMENT,
	KSYM_DIFF_DEFINED,		/* was declared only, or private to a .c file */
	KSYM_DIFF_UNDEFINED,		/* is declared only, or private to a .c file, now */
	KSYM_DIFF_ENUMERATOR_ADDED,
	KSYM_DIFF_ENUMERATOR_REMOVED,
	KSYM_DIFF_ENUMERATOR_RENUMBERED,
	KSYM_DIFF_ENUMERATOR_RENAMED,
	KSYM_DIFF_PARAMETER_ADDED,
	KSYM_DIFF_PARAMETER_REMOVED,
	KSYM_DIFF_PARAMETER_RETYPED,
	KSYM_DIFF_PARAMETER_RENAMED,
	KSYM_DIFF_RETURN,		/* type of what a function returns */
	KSYM_DIFF_TARGET,		/* what a typedef stands for */
	KSYM_DIFF_VARIABLE,		/* type of a variable */
	KSYM_DIFF_TYPE_RENAMED,		/* same in all but its name */
	KSYM_DIFF_TYPE_KIND,		/* a structure became a union, say */
	KSYM_DIFF_TEXT,			/* something else in the text of the type */
	KSYM_DIFF_NR_KINDS
};

/** ksym_diff_kind_name() - "member-added".  Static storage.  Since: 0.2 */
const char *ksym_diff_kind_name(enum ksym_diff_kind kind);
/** ksym_diff_class_name() - "compatible", "depends", "incompatible".  Static storage.
 *  Since: 0.2 */
const char *ksym_diff_class_name(enum ksym_diff_class c);

struct ksym_diff_opts {
	size_t size;
	const char *old_debug_file;	/* separate debug files; NULL: search */
	const char *new_debug_file;
	bool no_debug_search;
	bool stable;			/* as in struct ksym_versions_opts */
	unsigned int nr_threads;	/* 0: one.  The result is the same for any number */
	ksym_message_fn message;
	void *message_arg;
};

/**
 * ksym_diff_read() - compare the versions of two kernels.
 * @old_path, @new_path: each an image (vmlinux, .ko, .o), an index that has versions, a
 *	directory, of which all .ko files below it count or, if there are none, all .ksym
 *	files, a symtypes file, or a list of versions: Module.symvers, or what `ksym versions`
 *	prints
 * @opts: NULL for defaults
 * @out: to be given to ksym_diff_close()
 *
 * Of a list of versions, which tells no types, there are no causes.  -EBADMSG, -ENODATA
 * and others as ksym_versions_read().  Since: 0.2
 */
KSYM_MUST_CHECK int ksym_diff_read(const char *old_path, const char *new_path,
				   const struct ksym_diff_opts *opts, struct ksym_diff **out,
				   struct ksym_error *err);

/** ksym_diff_close() - NULL is allowed.  Since: 0.2 */
void ksym_diff_close(struct ksym_diff *d);

struct ksym_diff_summary {
	size_t size;			/* sizeof, set by the caller */
	uint32_t nr_old, nr_new;	/* symbols that have a version */
	uint32_t nr_changed, nr_added, nr_removed;
	uint32_t nr_compatible, nr_depends, nr_incompatible;	/* of the changed ones that
								   have causes */
	uint32_t nr_causes;		/* those that follow from others are not counted */
};

/** ksym_diff_summary() - Since: 0.2 */
void ksym_diff_summary(const struct ksym_diff *d, struct ksym_diff_summary *out);

enum ksym_diff_state { KSYM_DIFF_CHANGED = 1, KSYM_DIFF_ADDED, KSYM_DIFF_REMOVED };

struct ksym_diff_symbol {
	const char *name;
	enum ksym_diff_state state;
	uint32_t old_crc, new_crc;	/* 0 where it is not there, or its types are not known */
	enum ksym_diff_class worst;	/* of its causes; 0 without any */
	uint32_t nr_causes;		/* those that follow from others are not counted */
};

/** ksym_diff_symbol() - symbol @i of those that differ, sorted by name.  False: there is
 *  none.  Since: 0.2 */
bool ksym_diff_symbol(const struct ksym_diff *d, uint32_t i, struct ksym_diff_symbol *out);

struct ksym_diff_cause {
	const char *kind;		/* "struct", "union", "enum", "typedef"; "" a symbol */
	const char *name;
	const char *new_kind;		/* the same, unless that is what changed */
	const char *new_name;
	enum ksym_diff_class worst;	/* of its changes and of what follows */
	uint64_t old_len, new_len;	/* size in bytes; UINT64_MAX: not known, or none */
	uint32_t nr_changes;
	uint32_t nr_symbols;		/* symbols that changed by it */
	uint32_t nr_alone;		/* ... and by nothing else */
	uint32_t nr_follow;		/* types that changed only because they contain this one */
	bool follows;			/* it is such a type itself */
};

/** ksym_diff_cause() - cause @i: those that most symbols have come first, and after all
 *  of these those that follow from others.  False: there is none.  Since: 0.2 */
bool ksym_diff_cause(const struct ksym_diff *d, uint32_t i, struct ksym_diff_cause *out);

/** ksym_diff_follow() - number of the @i-th type that follows from cause @cause;
 *  UINT32_MAX: there is none.  Since: 0.2 */
uint32_t ksym_diff_follow(const struct ksym_diff *d, uint32_t cause, uint32_t i);

#define KSYM_DIFF_NOWHERE UINT64_MAX

struct ksym_diff_change {
	enum ksym_diff_kind kind;
	enum ksym_diff_class how;
	const char *where;		/* member, enumerator or parameter: "ops.open(2:flags)";
					   of what was renamed the old one; "" the type itself */
	const char *last;		/* the same happened to the next ones, up to this one;
					   NULL: it stands alone */
	uint32_t nr;			/* how many */
	const char *becomes;		/* of what was renamed or replaced: the new name */
	const char *old_text;		/* its type; what was renamed: its name; NULL: none */
	const char *new_text;
	uint64_t old_at, new_at;	/* offset in bits, from the start of the structure;
					   enumerators: value; parameters: position, from 1;
					   KSYM_DIFF_NOWHERE: not there, or not known */
	uint64_t old_bits, new_bits;	/* size in bits; KSYM_DIFF_NOWHERE: as above */
	const char *note;		/* what to know about it; NULL: nothing */
};

/** ksym_diff_change() - the @i-th change of a cause.  False: there is none.  Since: 0.2 */
bool ksym_diff_change(const struct ksym_diff *d, uint32_t cause, uint32_t i,
		      struct ksym_diff_change *out);

/** ksym_diff_next_symbol() - the first symbol from @from on that @cause changed;
 *  UINT32_MAX: there is none.  Since: 0.2 */
uint32_t ksym_diff_next_symbol(const struct ksym_diff *d, uint32_t cause, uint32_t from);

struct ksym_diff_step {
	const char *through;		/* "member b", "parameter 1 (dev)", "return type" ... */
	const char *kind, *name;	/* of the type that is reached, as of a cause */
};

typedef int (*ksym_diff_step_fn)(void *arg, const struct ksym_diff_step *step);

/** ksym_diff_path() - the shortest way from a symbol to one of its causes, step by step;
 *  no step where the symbol is the cause itself.  A result of @fn that is not 0 ends it
 *  and is returned.  -ENOENT when the cause is not one of the symbol's.  Strings are valid
 *  during the call only.  Since: 0.2 */
KSYM_MUST_CHECK int ksym_diff_path(const struct ksym_diff *d, uint32_t symbol, uint32_t cause,
				   ksym_diff_step_fn fn, void *arg, struct ksym_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
