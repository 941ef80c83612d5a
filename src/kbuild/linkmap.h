/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Linker maps: which object's section landed where.  GNU ld and LLVM lld. */
#ifndef KS_KBUILD_LINKMAP_H
#define KS_KBUILD_LINKMAP_H

#include "base/file.h"
#include "base/strpool.h"

/* One input section of one object: "  .text  0xffffffff81000000  0x1b2  init/main.o". */
struct ks_map_input {
	uint32_t section;	/* name of the input section, in strings */
	uint32_t object;	/* path as in design.md: no "vmlinux.a(" or "./"; in strings */
	uint32_t output;	/* number of the output section it is in */
	uint64_t va;
	uint64_t len;
};

struct ks_map_output {
	uint32_t name;		/* in strings */
	uint64_t va;
	uint64_t len;
};

struct ks_linkmap {
	struct ks_strpool strings;
	struct ks_map_output *outputs;
	size_t nr_outputs;
	struct ks_map_input *inputs;	/* in the order of the file; len > 0 */
	size_t nr_inputs;
	struct ks_strpool assigned;	/* symbols that the linker script makes: "_text = ." */
	bool is_lld;
	bool is_relocatable;		/* map of an `ld -r` link (vmlinux.o): outputs start at 0 */
};

/*
 * Read a map into @m, which needs no initialisation and is left empty on failure.
 *
 * What has no object is left out: padding, entries the linker made up, sections it
 * discarded.  Sections that are not loaded (.debug_info, .comment) are in as the
 * map has them, at address 0 like the sections of relocatable maps and the per-CPU
 * area of x86-64: only the image can tell.  An input can exceed its output where
 * the linker merges equal strings and lists sizes from before or after.
 *
 * -EBADMSG: no linker map, or a number in it that is none.
 */
int ks_linkmap_parse(struct ks_linkmap *m, const struct ks_file *f,
		     struct ksym_error *err) ks_must_check;
void ks_linkmap_free(struct ks_linkmap *m);

#endif
