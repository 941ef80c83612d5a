/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libksym: code that no symbol covers, and the table of functions that ftrace may patch.
 *
 * When a weak function is overridden, the linker takes its symbol away and leaves its code:
 * the function before seems to have grown, and its entry in __mcount_loc belongs to nothing.
 * The conventions of ksym.h hold.
 */
#ifndef KSYM_HOLES_H
#define KSYM_HOLES_H

#include <ksym/ksym.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* ------------------------------------------------------------------- holes */

enum ksym_hole_kind {
	KSYM_HOLE_FUNCTION = 1,	/* a function: __mcount_loc or debug information says so */
	KSYM_HOLE_ASSEMBLY,	/* in an object made of assembly: a tail, or a local routine */
	KSYM_HOLE_CODE,		/* code, of which nothing is known */
};

/** How well the name of a hole is known. */
enum ksym_hole_confidence {
	KSYM_HOLE_UNNAMED = 0,
	KSYM_HOLE_EXACT,	/* debug information has the function at this address */
	KSYM_HOLE_LINE,		/* the only function without address declared in the line that
				   the code begins with */
	KSYM_HOLE_ORDER,	/* one of several such functions, and that of this rank in the
				   source: as compilers emit them, but no proof */
};

struct ksym_hole {
	uint64_t va;
	uint64_t len;			/* without the padding behind it */
	uint64_t gap_va, gap_len;	/* what lies between two symbols around it, with padding */
	uint64_t mcount_va;		/* its entry in __mcount_loc, when is_traced */
	enum ksym_hole_kind kind;
	enum ksym_hole_confidence confidence;
	bool is_traced;
	bool has_live;
	const char *name;		/* of the dead function; NULL when it is not known */
	const char *object;		/* path of its object; NULL when it is not known */
	const char *section;
	const char *before;		/* the function before the gap, to which a kernel ascribes
					   the hole; NULL at the start of a section */
	uint64_t before_va, before_len;	/* its address and true size */
	uint64_t live_va;		/* the function that won, when has_live */
	const char *live_object;	/* NULL when it is not known */
};

struct ksym_holes_info {
	size_t size;
	uint32_t nr_holes;
	uint32_t nr_gaps;		/* between symbols, with at least one hole */
	uint32_t nr_traced_gaps;	/* of them, those with an entry in __mcount_loc */
	uint32_t nr_functions;		/* holes by kind */
	uint32_t nr_assembly;
	uint32_t nr_code;
	uint32_t nr_exact;		/* holes by confidence */
	uint32_t nr_line;
	uint32_t nr_order;
	uint32_t nr_mcount;		/* entries in __mcount_loc, those that are 0 not counted */
	uint32_t nr_mcount_dead;	/* of them, those in no function with a size */
	uint32_t nr_mcount_zero;	/* cleaned away before */
	uint16_t elf_machine;
	uint8_t elf_class;
	bool has_debug;			/* debug information was there */
};

struct ksym_holes;

/**
 * ksym_holes_read() - find and name the holes of an image.
 * @image_path: vmlinux, vmlinux.o, a .ko or .o
 * @opts: debug_file and no_debug_search count; NULL for defaults
 * @out: to be given to ksym_holes_close()
 *
 * Works without debug information, too: then nothing has a name.  Since: 0.2
 */
KSYM_MUST_CHECK int ksym_holes_read(const char *image_path, const struct ksym_build_opts *opts,
				    struct ksym_holes **out, struct ksym_error *err);
/** ksym_holes_close() - NULL is allowed.  Since: 0.2 */
void ksym_holes_close(struct ksym_holes *holes);
/** ksym_holes_info() - fill @info, of which `size` must be set.  Since: 0.2 */
void ksym_holes_info(const struct ksym_holes *holes, struct ksym_holes_info *info);
/** ksym_holes_get() - hole @i, by section and address; false when there is none.  Strings
 *  live as long as @holes.  Since: 0.2 */
bool ksym_holes_get(const struct ksym_holes *holes, uint32_t i, struct ksym_hole *out);

/* ------------------------------------------------- dead functions of an index */

struct ksym_dead {
	uint32_t index;			/* for ksym_index_dead() */
	uint32_t object;		/* for ksym_index_object(), or KSYM_NO_OBJECT */
	uint64_t va;
	uint64_t len;
	const char *name;		/* NULL when it is not known; lives as long as the index */
	enum ksym_hole_confidence confidence;
};

/** ksym_index_dead() - dead function @i in address order: holes of KSYM_HOLE_FUNCTION.  False
 *  when there is none; indexes of version 0.1 have none.  Since: 0.2 */
bool ksym_index_dead(const struct ksym_index *idx, uint32_t i, struct ksym_dead *out);
/** ksym_index_dead_at() - the dead function around @va; false when there is none.  Since: 0.2 */
bool ksym_index_dead_at(const struct ksym_index *idx, uint64_t va, struct ksym_dead *out);

/* ------------------------------------------------------------ __mcount_loc */

struct ksym_mcount_entry {
	uint64_t va;
	uint64_t function_va;		/* of the function it is of, when that is known */
	const char *function;		/* live or dead; NULL when it is not known */
	const char *section;		/* of the code; NULL when the address is in none */
	bool is_dead;			/* in no function with a size */
	bool is_zero;			/* cleaned away */
	bool is_init;			/* in what a kernel frees when it has booted */
	uint32_t index;			/* number by which set_ftrace_filter of a booted kernel of
					   this image takes it: 1 for the first; 0 = none */
};

/** ksym_mcount_entry() - entry @i of __mcount_loc in the order of the table, zeros
 *  included; false when there is none.  Since: 0.2 */
bool ksym_mcount_entry(const struct ksym_holes *holes, uint32_t i, struct ksym_mcount_entry *out);

enum ksym_clean_mode {
	KSYM_CLEAN_AUTO = 0,	/* as the kernel's version asks: see ksym_mcount_clean() */
	KSYM_CLEAN_ZERO,	/* zeros only: kernels from 6.15 on */
	KSYM_CLEAN_UNRELOCATE,	/* zeros, and nothing that relocates them */
};

struct ksym_clean_result {
	size_t size;
	uint32_t nr_entries;		/* in the table */
	uint32_t nr_kept;
	uint32_t nr_cleaned;		/* by this call */
	uint32_t nr_relocations;	/* made void by this call */
	enum ksym_clean_mode mode;	/* what was done */
	uint32_t nr_live;		/* of nr_cleaned, those of functions that are alive: the kernel's
					   tool misreads `nm -S` where a symbol has a name of one letter
					   and no section, and this does as it does.  Since: 0.3 */
	uint64_t live_va;		/* the first of them */
};

/**
 * ksym_mcount_clean() - the dead entries of a linked kernel's __mcount_loc become zeros
 * at its start; the others follow, sorted.
 * @image_path: vmlinux, of x86-64 or arm64
 * @output_path: where the result goes, NULL for @image_path itself; it appears complete
 *               or not at all
 *
 * The result is what scripts/sorttable of Linux 6.15 and later makes of the table when it is
 * given `nm -S`: the table keeps its length, so that __stop_mcount_loc stays right, and kernels
 * skip zeros.  Those from 6.15 on do so also after KASLR has moved the zeros; earlier ones
 * do not, so there the relocations of the zeros are made void (R_*_NONE) as well.  -ENOTSUP
 * when the layout is not known, or when that cannot be done.  Since: 0.2
 */
KSYM_MUST_CHECK int ksym_mcount_clean(const char *image_path, const char *output_path,
				      enum ksym_clean_mode mode, struct ksym_clean_result *result,
				      struct ksym_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
