/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which objects make up which built-in module, asked of the source tree's own
 * Kbuild makefiles by GNU make.  Nothing is compiled, and nothing is written
 * into the tree.
 *
 * A makefile is a program: evaluating a tree runs what its makefiles run with
 * $(shell ...), with the rights of the caller.  Only trees from where one would
 * also build a kernel should be given here.
 */
#ifndef KS_KBUILD_EVALUATE_H
#define KS_KBUILD_EVALUATE_H

#include "kbuild/modules.h"

struct ks_evaluate_opts {
	const char *source_tree;
	const char *config_file;	/* its .config */
	const char *arch;		/* SRCARCH; NULL: from the .config */
	ksym_message_fn message;	/* told of directories that could not be evaluated */
	void *message_arg;
};

/* An object linked into vmlinux and what the kernel calls its KBUILD_MODFILE: the
 * path of the module it is or would be part of, with ".o" and without "kernel/". */
struct ks_kbuild_part {
	uint32_t object, module;	/* in strings */
};

struct ks_kbuild_config;

struct ks_kbuild {
	struct ks_kbuild_config *config;	/* read once: it may be a pipe */
	struct ks_strpool strings;
	KS_VEC(struct ks_kbuild_part) parts;	/* sorted by text, no duplicates */
};

/* Every object of vmlinux, sorted, with the module each may be part of: here every
 * object has one, "kernel/fork.o" is part of itself.  Nothing to free on failure. */
int ks_kbuild_read(struct ks_kbuild *k, const struct ks_evaluate_opts *opts,
		   struct ksym_error *err) ks_must_check;
/* Drop the parts of what is no module.  @builtin: the paths with ".o" that
 * modules.builtin lists; NULL: a module is what has a MODULE_LICENSE() in one of its
 * sources, for that is what the kernel makes modules.builtin of. */
int ks_kbuild_keep_modules(struct ks_kbuild *k, const struct ks_evaluate_opts *opts,
			   const struct ks_strpool *builtin, struct ksym_error *err) ks_must_check;
void ks_kbuild_free(struct ks_kbuild *k);

/* Adds a pair with KSYM_MODULE_SOURCE_KBUILD for each object of each built-in
 * module.  If a modules.builtin was read into @m before, it decides what is a module;
 * else the sources themselves do. */
int ks_kbuild_evaluate(struct ks_modules *m, const struct ks_evaluate_opts *opts,
		       struct ksym_error *err) ks_must_check;
#endif
