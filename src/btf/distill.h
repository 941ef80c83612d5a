/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Split BTF that outlives its base.  It refers to types of the base by number, and the next build
 * of that has other numbers.  So a module can carry, as section .BTF.base, a distilled base:
 * only what the split BTF refers to, of each no more than kind, name and size.  Who loads the
 * module finds these by name in the base that is there, and puts its numbers in.
 *
 *   distilled base    INT FLOAT FWD, and STRUCT UNION ENUM without their parts; all named
 *   split, first      the types that it had, in their order
 *   split, then       of the base: what these need and a name does not tell, as pointers,
 *                     arrays, prototypes, types without a name
 *
 * A name alone tells nothing where the base has it twice.  Kernels from 6.11 on then refuse the
 * module; so what they would not find again (locate() in distill.c has their rules) is not
 * distilled but copied whole.
 */
#ifndef KS_BTF_DISTILL_H
#define KS_BTF_DISTILL_H

#include "btf/file.h"

/* Can the type @t of @b be in a distilled base? */
bool ks_btf_is_distilled(const struct ksym_btf *b, const uint32_t *t);

/*
 * How many types of @base a kernel would take the distilled type @d, called @name, for: 0, 1, or
 * 2 for more; *@found is the last.  @embedded: it is part of a structure, so its size counts.
 * The base has an index.
 */
unsigned int ks_btf_locate(const struct ksym_btf *base, const uint32_t *d, const char *name,
			   bool embedded, uint32_t *found);

/* The composite that a member of type @id is or consists of, in @b; 0 when it is none. */
uint32_t ks_btf_embedded(const struct ksym_btf *b, uint32_t id);

/* Types copied from BTF that was read; strings by number, as ks_btf_make() wants them. */
struct ks_btf_copy {
	struct ks_btf_types types;
	struct ks_strpool strings;
	uint64_t budget;		/* bytes of names, which may overlap in a file */
	const char *path;
	struct ksym_error *err;
};

int ks_btf_copy_init(struct ks_btf_copy *c, const struct ksym_btf *from, struct ksym_error *err) ks_must_check;
/* Type @t of @b; @nr words of it. */
int ks_btf_copy_add(struct ks_btf_copy *c, const struct ksym_btf *b, const uint32_t *t, uint32_t nr,
		    uint32_t **words) ks_must_check;
void ks_btf_copy_free(struct ks_btf_copy *c);

#endif
