/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be looked up in BTF that is the base of other BTF.  Made when first needed. */
#ifndef KS_BTF_INDEX_H
#define KS_BTF_INDEX_H

#include <stdbool.h>
#include <stdint.h>

struct ksym_btf;
struct ks_btf_index;

/* All of it, so that the other functions find it.  Threads: any. */
bool ks_btf_index_make(const struct ksym_btf *b) __attribute__((warn_unused_result));
void ks_btf_index_free(struct ks_btf_index *x);

/* Offset of the string @s. */
bool ks_btf_index_string(const struct ksym_btf *b, const char *s, uint32_t *off);
/* The offset that stands for all strings that read like the one at @off. */
uint32_t ks_btf_index_canonical(const struct ksym_btf *b, uint32_t off);

/* The first type of @kind with the name at the canonical @off; 0 when none.  FWD, STRUCT
 * and UNION are one kind here, ENUM and ENUM64 another. */
uint32_t ks_btf_index_named(const struct ksym_btf *b, unsigned int kind, uint32_t off);
/* The next one after @id. */
uint32_t ks_btf_index_next(const struct ksym_btf *b, uint32_t id);

/* The type without a name, or tag, of these words, whose names are canonical offsets. */
uint32_t ks_btf_index_nameless(const struct ksym_btf *b, const uint32_t *words);

#endif
