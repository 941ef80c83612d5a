/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which modules an object belongs to, gathered from every source there is.
 *
 * Object paths are those of the build tree without a leading "./"; module names
 * are kept in KBUILD_MODNAME form ('-' becomes '_', directory dropped).
 */
#ifndef KS_KBUILD_MODULES_H
#define KS_KBUILD_MODULES_H

#include "base/file.h"
#include "base/strpool.h"
#include "base/vec.h"

/* A set of pairs (object, module), each with the sources that name it.  All zero is
 * an empty one. */
struct ks_modules {
	struct ks_strpool objects;	/* object paths */
	struct ks_strpool names;	/* module names */
	KS_VEC(struct ks_module_pair) pairs;
	KS_VEC(struct ks_module_file) files;	/* entries of modules.builtin */
	KS_VEC(struct ks_module_claim) claims;	/* for ks_modules_finish() */
	bool has_builtin;			/* a modules.builtin was read */
};

struct ks_module_pair {
	uint32_t object, name;
	uint32_t sources;	/* set of enum ksym_module_source; duplicates of a pair are merged
				   by ks_modules_finish() */
};

/* "kernel/fs/ext4/ext4.ko" of modules.builtin: path without "kernel/" and ".ko" */
struct ks_module_file {
	uint32_t object;	/* that path with ".o", in objects */
	uint32_t name;
};

/* A .cmd file's word that @object is in one module.  True of every object, part of
 * a module or not; it counts when @file is among the files of modules.builtin. */
struct ks_module_claim {
	uint32_t object, file;		/* both in objects; file: its path with ".o" */
};

/* Add a pair.  Of @module the directory is dropped and '-' made '_'; no suffix is. */
int ks_modules_add(struct ks_modules *m, const char *object, size_t object_len, const char *module,
		   size_t module_len, uint32_t source, struct ksym_error *err) ks_must_check;

/* modules.builtin.objs or modules_thick.builtin: "module.o: object.o object.o ...".
 * Tolerated: ".ko", a "kernel/" prefix of modules given as ".ko" and of their
 * objects, a missing colon, empty lines, '#'.  A module without objects is one
 * object of the same path. */
int ks_modules_read_objs(struct ks_modules *m, const struct ks_file *f,
			 struct ksym_error *err) ks_must_check;
/* modules.builtin: "kernel/fs/ext4/ext4.ko" a line.  Fills files, adds no pairs: an
 * object of that path is the module, when there is one. */
int ks_modules_read_builtin(struct ks_modules *m, const struct ks_file *f,
			    struct ksym_error *err) ks_must_check;
/* The same out of section .modinfo, @len bytes, of an image or vmlinux.o, of which the kernel's
 * makefiles make that file: all that says "ext4.file=fs/ext4/ext4", and nothing else there. */
int ks_modules_read_modinfo(struct ks_modules *m, const void *data, size_t len,
			    struct ksym_error *err) ks_must_check;
/* One .cmd file: -DKBUILD_MODFILE='"a/b c/d"' or RUST_MODFILE=...; the object is
 * known from the file's name, given here.  As in the kernel's own scripts: a single
 * module counts only when modules.builtin, read before or after, lists it (every
 * object has one); several count always. */
int ks_modules_read_cmd(struct ks_modules *m, const char *object, const struct ks_file *f,
			struct ksym_error *err) ks_must_check;
/* Every .cmd file of a build tree, and its modules.builtin if none was read before
 * and it has one.  Objects built for loadable modules (-DMODULE) are left out, and
 * so are tools/, scripts/ and Documentation/, which hold nothing of the kernel.
 * -ENODATA: there is no .cmd file in it. */
int ks_modules_read_cmds(struct ks_modules *m, const char *build_tree,
			 struct ksym_error *err) ks_must_check;

/* @object is part of module file @modfile ("fs/ext4/ext4") if that is one at all. */
int ks_modules_claim(struct ks_modules *m, const char *object, size_t object_len,
		     const char *modfile, size_t modfile_len,
		     struct ksym_error *err) ks_must_check;

/* What a file about modules is, by its content. */
enum ks_modules_format {
	KS_MODULES_UNKNOWN,
	KS_MODULES_EMPTY,	/* nothing but comments and empty lines */
	KS_MODULES_OBJS,	/* ks_modules_read_objs() */
	KS_MODULES_BUILTIN,	/* ks_modules_read_builtin() */
	KS_MODULES_RANGES,	/* ks_module_ranges_read() */
};
enum ks_modules_format ks_modules_format(const struct ks_file *f);

/* Guess which of the formats a file has by its content and read it.  -ENOTSUP for
 * ranges, which are no pairs. */
int ks_modules_read_any(struct ks_modules *m, const struct ks_file *f,
			struct ksym_error *err) ks_must_check;

/* Make pairs of the single modules from .cmd files that modules.builtin lists, and
 * forget the others (all, when no modules.builtin was read); sort pairs by (object,
 * name) text, merge duplicates.  More may be added and finished again. */
int ks_modules_finish(struct ks_modules *m, struct ksym_error *err) ks_must_check;
void ks_modules_free(struct ks_modules *m);

/* modules.builtin.ranges is by address, so it is kept apart. */
struct ks_module_range {
	uint32_t section;	/* section name, in strings */
	uint64_t off, end_off;	/* from the anchor's base: section start */
	uint32_t modules;	/* text: names separated by one blank, in strings */
};

/* All zero is an empty one. */
struct ks_module_ranges {
	struct ks_strpool strings;
	KS_VEC(struct ks_module_range) ranges;
	KS_VEC(struct ks_module_anchor) anchors;
};

/* ".text 00000000-00000000 = _text": symbol @symbol is at @off of section @section. */
struct ks_module_anchor {
	uint32_t section, symbol;	/* in strings */
	uint64_t off;
};

/* Reads what ksym_ranges_write() writes.  -EBADMSG: a line of another form.  The
 * kernel's script can print ranges that end before they start, where the linker
 * placed sections against their order; they cover nothing and are left out. */
int ks_module_ranges_read(struct ks_module_ranges *r, const struct ks_file *f,
			  struct ksym_error *err) ks_must_check;
void ks_module_ranges_free(struct ks_module_ranges *r);

#endif
