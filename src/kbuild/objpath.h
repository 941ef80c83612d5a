/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the names compilers give to translation units to paths of objects. */
#ifndef KS_KBUILD_OBJPATH_H
#define KS_KBUILD_OBJPATH_H

#include <stdbool.h>
#include "base/arena.h"

/* One translation unit as debug information names it. */
struct ks_tu_name {
	const char *name;	/* DW_AT_name */
	const char *comp_dir;	/* "" when unknown */
};

/*
 * The directory above the kernel's own ("/build/linux-6.1", without a slash at
 * the end) when names are absolute: the one that most of them have in common in
 * front of a top-level directory of the kernel.  "" when there is none.
 */
const char *ks_objpath_root(struct ks_arena *a, const struct ks_tu_name *names,
			    size_t nr) ks_must_check;

/*
 * Path of the object in the build tree: "kernel/sched/core.c" gives
 * "kernel/sched/core.o", "<root>/arch/x86/kernel/head_64.S" gives
 * "arch/x86/kernel/head_64.o"; Rust's "rust/kernel/lib.rs/@/kernel.0-cgu.0"
 * gives "rust/kernel.o".  NULL when out of memory.
 */
const char *ks_objpath(struct ks_arena *a, const char *root, const struct ks_tu_name *tu,
		       size_t *len) ks_must_check;

/* Is this the name of what link-time optimisation makes in place of objects
 * ("lto.tmp", "ld-temp.o", "<artificial>")?  Such a name tells nothing. */
bool ks_is_lto_name(const char *path);

#endif
