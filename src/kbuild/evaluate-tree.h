/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The walk over a source tree, and its start at the top of it. */
#ifndef KS_KBUILD_EVALUATE_TREE_H
#define KS_KBUILD_EVALUATE_TREE_H

#include <stdarg.h>
#include "kbuild/evaluate-parts.h"

/* What a directory adds to vmlinux. */
enum ks_tree_role {
	KS_DIR_BUILTIN = 1,	/* its built-in.a: obj-y */
	KS_DIR_LIB = 2,		/* its lib.a: lib-y */
};

enum ks_dir_stage {
	KS_DIR_NEW = 0,
	KS_DIR_DONE,
	KS_DIR_AGAIN,		/* make stopped in it; it is to be tried alone */
	KS_DIR_ALONE,		/* being tried alone */
	KS_DIR_FAILED,
};

/* Lines that make answers with. */
enum ks_tree_kind {
	KS_LIST_DIRS,
	KS_LIST_LIB,
	KS_LIST_ONE,
	KS_LIST_MULTI,		/* a composite and the objects linked in through it */
	KS_LIST_NAME,		/* a composite that gives objects its name only */
	KS_LIST_BEGIN,
	KS_LIST_END,
	KS_LIST_LIBS,
	KS_LIST_FILES,
	KS_LIST_VALUE,
};

struct ks_tree_list {
	enum ks_tree_kind kind;
	const char *name;	/* for kinds with a name, else NULL; in make's output */
	size_t name_len;
	const char *words, *end;
};

struct ks_tree {
	const struct ks_evaluate_opts *opts;
	const struct ks_kconfig *config;
	const char *arch;		/* SRCARCH */
	struct ks_kbuild *out;
	char *tmp;			/* temporary directory make runs in */
	struct ks_strpool dirs;
	KS_VEC(struct ks_dir) state;	/* by number of the directory */
	KS_VEC(struct ks_tree_list) lists; /* of the directory being answered */
};

struct ks_dir {
	uint8_t roles, stage;
};

int ks_tree_open(struct ks_tree *t, struct ksym_error *err) ks_must_check;
void ks_tree_close(struct ks_tree *t);
/* evaluate-top.c: write the files every make run reads, queue the first directories. */
int ks_tree_start(struct ks_tree *t, struct ksym_error *err) ks_must_check;
int ks_tree_walk(struct ks_tree *t, struct ksym_error *err) ks_must_check;

/* For evaluate-top.c. */
int ks_tree_write(struct ks_tree *t, const char *name, const char *text, size_t len,
		  struct ksym_error *err) ks_must_check;
int ks_tree_write_text(struct ks_tree *t, const char *name, const struct ks_text *text,
		       struct ksym_error *err) ks_must_check;
int ks_tree_make(struct ks_tree *t, struct ks_text *out, char *why, size_t why_len, bool *done,
		 struct ksym_error *err) ks_must_check;
int ks_tree_add_dir(struct ks_tree *t, const char *parent, const char *s, size_t len,
		    enum ks_tree_role role, struct ksym_error *err) ks_must_check;
bool ks_tree_has(const struct ks_tree *t, const char *dir, const char *name);
bool ks_tree_answer(const char **pos, const char *end, struct ks_tree_list *l);
void ks_tree_warn(const struct ks_tree *t, const char *fmt, ...) KSYM_PRINTF(2, 3);

#endif
