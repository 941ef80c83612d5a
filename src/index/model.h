/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is known of an image while its index is being made.  The steps run in
 * this order, each filling in its part:
 *
 *   symbols.c   symbols, in the order of /proc/kallsyms
 *   owners.c    objects, and each symbol's owner (with files.c for STT_FILE); functions
 *               without symbol
 *   members.c   modules of the objects
 *   identity.c  which objects have to be named, and how far
 *   encode.c    the tables
 */
#ifndef KS_INDEX_MODEL_H
#define KS_INDEX_MODEL_H

#include "base/strpool.h"
#include "base/vec.h"
#include "elf/elf.h"
#include "ksym/ksym.h"

#define KS_NO_OBJECT KSYM_NO_OBJECT

struct ks_isym {
	uint64_t va, len;
	const char *name;	/* borrowed from the symbol table */
	uint32_t name_len;
	uint32_t elf_index;
	uint32_t section;	/* as ks_elf_symbol.shndx */
	uint32_t file;		/* STT_FILE group: position in files, or KS_NO_OBJECT */
	uint32_t object, other_object;
	uint16_t sources;	/* enum ksym_source */
	char type;		/* letter */
	bool is_text;
	bool unlisted;		/* not in the index, but it may tell about others */
	bool maybe_edge;	/* global, no type, no size: a label of assembly, or put by the
				   linker script at the edge of something */
};

struct ks_iobject {
	const char *path;	/* "" for the unknown objects of a known module */
	uint32_t first_module, nr_modules;	/* in object_modules */
	uint16_t module_sources;
	uint16_t text_suffix, data_suffix;	/* components to show, 0 = none */
};

/* Symbols by address: those to list, when it is not the image that decides. */
struct ks_listed {
	uint64_t va;
	const char *name;
};

struct ks_listing {
	const struct ks_listed *syms;
	size_t nr;
};

/* A function that has code but no symbol. */
struct ks_idead {
	uint64_t va, len;
	const char *name;	/* borrowed from debug information; "" when it is not known */
	uint32_t object;
	uint32_t flags;		/* confidence: enum ksym_hole_confidence */
};

struct ks_model {
	const struct ksym_build_opts *opts;
	const struct ks_listing *listing;	/* or NULL */
	struct ksym_error *err;
	struct ks_elf *image;	/* sections, build ID */
	struct ks_elf *symfile;	/* has the symbol table: image or its debug file */
	struct ks_elf *debug;	/* has .debug_info; NULL when there is none */

	uint32_t *section_map;	/* the image's number of each section of symfile, 0 = none; from
				   malloc() */
	KS_VEC(struct ks_isym) syms;
	KS_VEC(struct ks_idead) dead;	/* sorted by address */
	KS_VEC(const char *) files;	/* names of STT_FILE symbols, in order */
	uint64_t text_va;
	bool has_text_va;
	uint32_t nr_unprintable, nr_too_long, nr_disagreements;

	struct ks_strpool objects;	/* keys: path, or path NUL number; see ks_model_object() */
	KS_VEC(struct ks_iobject) objs;	/* one for each of objects, filled by members.c */
	struct ks_strpool modules;
	KS_VEC(uint32_t) object_modules;
	uint32_t *name_order;		/* symbols by name, then address; from identity.c */
	struct ks_arena arena;
};

void ks_model_free(struct ks_model *m);
KSYM_PRINTF(2, 3) void ks_model_warn(const struct ks_model *m, const char *fmt, ...);
void ks_model_progress(const struct ks_model *m, const char *what);

int ks_model_read_symbols(struct ks_model *m) ks_must_check;
int ks_model_find_owners(struct ks_model *m) ks_must_check;
void ks_model_drop_unlisted(struct ks_model *m);
int ks_model_find_modules(struct ks_model *m) ks_must_check;
int ks_model_make_identities(struct ks_model *m) ks_must_check;
/* *@out from malloc(). */
int ks_model_encode(struct ks_model *m, void **out, size_t *len) ks_must_check;

/* ---- between the steps */

/* Number of the object with this path in m->objects, KS_NO_OBJECT when out of
 * memory.  @nth != 0 makes another object of the same path. */
uint32_t ks_model_object(struct ks_model *m, const char *path, size_t len, uint32_t nth);

/* Does /proc/kallsyms show a symbol of this name and letter? */
bool ks_kallsyms_shows(const char *name, size_t len, char type);
/* The letter nm(1) prints. */
char ks_nm_letter(const struct ks_elf *e, const struct ks_elf_symbol *s);

/* *@name: what .modinfo calls the loadable module that the image is, "" if it is none. */
int ks_model_own_name(const struct ks_model *m, const char **name) ks_must_check;
/* Is the image a loadable module?  vmlinux.o has a .modinfo as well, of many. */
bool ks_model_is_module(const struct ks_model *m);

/* Start of the last @nr components of @path, as an offset; 0 for all of them. */
size_t ks_path_suffix(const char *path, unsigned int nr);

#endif
