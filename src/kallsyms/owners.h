/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sizes and owners of the symbols, as the tables that tables/owners.h describes. */
#ifndef KS_KALLSYMS_OWNERS_H
#define KS_KALLSYMS_OWNERS_H

#include "base/strpool.h"
#include "kallsyms/kallsyms.h"
#include "tables/owners.h"

struct ks_own_symbol {
	uint64_t va, len;
	uint32_t owner;		/* in `owners` below + 1, 0 = none */
};

struct ks_own_model {
	KS_VEC(struct ks_own_symbol) syms;
	/* What the pass before has taken for the tables whose length depends on addresses: these
	 * take no less, so that addresses come to rest.  0: no such pass. */
	uint32_t sizes_len, modules_len;
	/* Each "module NUL module NUL … NUL object", in the order of their numbers. */
	struct ks_strpool owners;
};

struct ks_own_blob {
	uint8_t *data;		/* from malloc() */
	uint32_t len;
	uint32_t off[KS_NR_OWN_TABLES], table_len[KS_NR_OWN_TABLES];
};

/* From an image's owners, for the symbols of @k. */
int ks_own_collect(struct ks_kallsyms *k, struct ks_own_model *m) ks_must_check;
void ks_own_model_free(struct ks_own_model *m);
int ks_own_encode(const struct ks_own_model *m, struct ks_own_blob *out,
		  struct ksym_error *err) ks_must_check;
/* Everything, and the labels. */
int ks_kallsyms_print_owners(struct ks_kallsyms *k, struct ks_asm *out) ks_must_check;

#endif
