/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libksym: BTF, from debug information and from files.
 *
 * BTF is the compact form of types that the kernel carries with it.  A struct ksym_btf is
 * one set of types: of an image, or split, which is to say that it goes on where its base
 * ends and refers to the base's types by number.  The conventions of ksym.h hold.
 */
#ifndef KSYM_BTF_H
#define KSYM_BTF_H

#include <ksym/ksym.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

struct ksym_btf;

/** Which variables ksym_btf_encode() describes. */
enum ksym_btf_vars {
	KSYM_BTF_VARS_NONE = 1,
	KSYM_BTF_VARS_PERCPU,	/* those of the per-CPU section */
	KSYM_BTF_VARS_ALL,	/* every variable with an address, those static in functions too */
};

/** What ksym_btf_encode() leaves out or lets pass; bits of ->flags. */
enum ksym_btf_flag {
	/* Kinds that readers older than some kernel do not know: */
	KSYM_BTF_NO_FLOAT = 1 << 0,	/* 5.13: FLOAT; written as INT */
	KSYM_BTF_NO_DECL_TAG = 1 << 1,	/* 5.16: DECL_TAG */
	KSYM_BTF_NO_TYPE_TAG = 1 << 2,	/* 5.17: TYPE_TAG */
	KSYM_BTF_NO_ENUM64 = 1 << 3,	/* 6.0: ENUM64; written as ENUM, values cut off */
	KSYM_BTF_NO_KFUNC_TAGS = 1 << 4,	/* no "bpf_kfunc" on kernel functions for BPF */
	/* Functions: */
	KSYM_BTF_NO_FUNCTIONS = 1 << 5,
	KSYM_BTF_ALL_FUNCTIONS = 1 << 6,	/* even when one name stands for several, or a
						   parameter is not where the ABI has it */
	KSYM_BTF_NO_OPTIMIZED = 1 << 7,	/* not those that only exist as NAME.isra.0 or alike */
	/* Units: */
	KSYM_BTF_RUST = 1 << 8,		/* those in Rust too; the kernel refuses their names */
	/* Variables in split BTF only, types as far as these need them: what goes with
	 * KSYM_BTF_VARS_ALL and a base that is of the same image. */
	KSYM_BTF_ONLY_VARS = 1 << 9,
	/* Pointers into arenas in the prototypes of kernel functions for BPF are tagged so; for
	 * kernels from 6.15 on. */
	KSYM_BTF_ATTRIBUTES = 1 << 10,
	/* An array of several dimensions is one of all their elements, as pahole wrote it up to
	 * 1.31; relocations of programs that look into one do not match then.  With a base that
	 * has such arrays it is so in any case. */
	KSYM_BTF_FLAT_ARRAYS = 1 << 11,
	/* Behind the types the lengths of all kinds, so that a reader can pass over kinds that are
	 * newer than itself; kernels from 7.1 on take it. */
	KSYM_BTF_LAYOUT = 1 << 12,
};

/** How to make BTF.  ->size is sizeof() the struct; what is 0 or NULL has a default. */
struct ksym_btf_opts {
	size_t size;
	enum ksym_btf_vars vars;	/* default: KSYM_BTF_VARS_PERCPU */
	unsigned int flags;		/* enum ksym_btf_flag */
	const struct ksym_btf *base;	/* default: none; must outlive the result */
	unsigned int nr_threads;	/* default: 1; the result is the same for any number */
};

/**
 * BTF of the image at @path from its DWARF, which may be in a separate file.  Threads: any,
 * several at once.  @opts may be NULL.  Errors: as ksym_index_build(); -ENODATA when there
 * is no DWARF; -E2BIG when it cannot be written as BTF.
 * Since: 0.3
 */
int ksym_btf_encode(struct ksym_btf **btf, const char *path, const struct ksym_btf_opts *opts,
		    struct ksym_error *err);

/**
 * Read the BTF at @path: a file of BTF alone, or an image with a section .BTF.  Split BTF
 * needs its @base, which must outlive it; for other BTF @base is NULL.  An image that has a
 * distilled base (section .BTF.base) beside it needs none; with one it is put on that, as
 * ksym_btf_relocate() does.  Everything is checked: kinds, lengths, that each type number and
 * string offset is inside.  -ENODATA when the image has none, -EBADMSG when it is no BTF, or
 * not on that base.
 * Since: 0.3
 */
int ksym_btf_read(struct ksym_btf **btf, const char *path, const struct ksym_btf *base,
		  struct ksym_error *err);

/**
 * The split BTF @split, on a base that is whole, so that it does not depend on the very numbers
 * of that: on a distilled base, which has what is referred to, by name and size, and no more;
 * what a name does not tell is in the result.  Kernels from 6.11 on take it, as sections .BTF
 * and .BTF.base of a module (ksym_btf_embed() writes both).  The result owns its base and does
 * not need those of @split.  -EINVAL when @split is no such BTF.
 * Since: 0.3
 */
int ksym_btf_distill(struct ksym_btf **btf, const struct ksym_btf *split, struct ksym_error *err);

/**
 * The other way round: @split, on a distilled base, put on the whole @base, which must outlive
 * the result.  -EBADMSG when a type is not in @base, or several are that could be it.
 * Since: 0.3
 */
int ksym_btf_relocate(struct ksym_btf **btf, const struct ksym_btf *split,
		      const struct ksym_btf *base, struct ksym_error *err);

/** What it goes on from, NULL when it is whole.  Since: 0.3 */
const struct ksym_btf *ksym_btf_base(const struct ksym_btf *btf);

/** Since: 0.3 */
void ksym_btf_close(struct ksym_btf *btf);

/** The bytes, as they stand in a file.  Until ksym_btf_close(). */
const void *ksym_btf_data(const struct ksym_btf *btf, size_t *len);

/** Write them to @path, whole or not at all. */
int ksym_btf_write(const struct ksym_btf *btf, const char *path, struct ksym_error *err);

/**
 * Write the image @path with these bytes as its section .BTF, in place of one that is there,
 * to @out, which may be @path itself; whole or not at all.  Nothing else moves.  One that is
 * loaded with the image (SHF_ALLOC), which a kernel goes on seeing, stays as .BTF.loaded.  A distilled base becomes its
 * section .BTF.base; one that is there of another .BTF is taken away.
 * Since: 0.3
 */
int ksym_btf_embed(const struct ksym_btf *btf, const char *path, const char *out,
		   struct ksym_error *err);

/** One variable, as VAR and DATASEC tell. */
struct ksym_btf_var {
	const char *name;
	const char *section;
	uint32_t type;		/* number of its type */
	uint32_t off, len;	/* in the section; bytes */
	bool is_global;
};

struct ksym_btf_info {
	size_t size;
	uint32_t first;			/* number of the first type; 1 if not split */
	uint32_t nr_types;
	uint32_t nr_kinds[32];		/* by BTF_KIND_* */
	uint32_t types_len, strings_len;	/* bytes */
	uint32_t nr_vars;		/* that ksym_btf_var() knows */
	/* Of ksym_btf_encode(): functions left out, by reason. */
	uint32_t nr_inconsistent, nr_ambiguous, nr_registers, nr_optimized, nr_packed;
	uint32_t nr_rust;		/* units passed over */
};

/** @info->size is set by the caller. */
void ksym_btf_info(const struct ksym_btf *btf, struct ksym_btf_info *info);

/** Variable @i, in the order of sections and of their entries; false when there is none. */
bool ksym_btf_var(const struct ksym_btf *btf, uint32_t i, struct ksym_btf_var *var);

/**
 * What C would call type @type: "struct list_head", "int (*)(void *)", "char[16]".  With
 * @name, a declaration of that name: "char name[16]".  Returns the length that the whole
 * text has; at most @len bytes with the NUL are put into @buf.
 * Since: 0.3
 */
size_t ksym_btf_type_text(const struct ksym_btf *btf, uint32_t type, const char *name, char *buf,
			  size_t len);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
