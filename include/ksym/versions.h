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
 * @image_path: ELF file of any class, byte order and machine, with DWARF 2 to 5
 * @opts: NULL for defaults
 * @out: to be given to ksym_versions_close()
 *
 * Symbols that share an address share a version.  -ENODATA when there is no debug
 * information.  Since: 0.2
 */
KSYM_MUST_CHECK int ksym_versions_read(const char *image_path,
				       const struct ksym_versions_opts *opts,
				       struct ksym_versions **out, struct ksym_error *err);

/** ksym_versions_close() - NULL is allowed.  Since: 0.2 */
void ksym_versions_close(struct ksym_versions *v);

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

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
