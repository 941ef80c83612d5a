/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* BTF in memory, as it stands in a file, and what is known of it. */
#ifndef KS_BTF_FILE_H
#define KS_BTF_FILE_H

#include <pthread.h>
#include "btf/emit.h"
#include "btf/index.h"
#include "ksym/btf.h"

struct ks_btf_section_var {
	uint32_t id, section;		/* types: VAR, DATASEC */
	uint32_t off, len;
};

struct ksym_btf {
	const struct ksym_btf *base;
	struct ksym_btf *own_base;	/* the same, when it is distilled: see distill.h */
	char *path;
	uint8_t *data;			/* the bytes */
	size_t len;
	bool swap;			/* their byte order is not ours */
	/* In our byte order; type @id is at words[at[id - first]]. */
	uint32_t *words;
	uint32_t *at;			/* one more than there are types */
	uint32_t first, nr;		/* number of the first type; of types here */
	const char *strings;
	uint32_t first_string, strings_len;
	unsigned int addr_len;		/* of pointers */
	KS_VEC(struct ks_btf_section_var) vars;
	struct ksym_btf_info info;
	/* Made when first needed, as something's base: */
	struct ks_btf_index *index;
	pthread_mutex_t lock;
};

/* The words of type @id, here or in the base; NULL when it is 0 or there is none. */
const uint32_t *ks_btf_by_id(const struct ksym_btf *b, uint32_t id);
/* The string at @off, here or in the base; "" when there is none. */
const char *ks_btf_string(const struct ksym_btf *b, uint32_t off);

/* All types that a split one goes on from, and bytes of strings. */
static inline uint32_t ks_btf_end(const struct ksym_btf *b)
{
	return b->first + b->nr;
}

static inline uint32_t ks_btf_strings_end(const struct ksym_btf *b)
{
	return b->first_string + b->strings_len;
}

enum ks_btf_form {
	KS_BTF_SWAPPED = 1 << 0,	/* in the other byte order */
	KS_BTF_LAYOUT = 1 << 1,		/* with the lengths of all kinds, for readers who know fewer */
};

/*
 * Make a file of @types, whose names are numbers in @strings.  With a @base types are
 * numbered from its end on.  @form: enum ks_btf_form.
 */
int ks_btf_make(struct ksym_btf **out, const struct ks_btf_types *types,
		const struct ks_strpool *strings, const struct ksym_btf *base, unsigned int form,
		const char *path, struct ksym_error *err) ks_must_check;

/* What is known of the image that @from is of is true of @b, which was made of it, as well. */
void ks_btf_inherit(struct ksym_btf *b, const struct ksym_btf *from);

/* Check what was read and note down what is in it. */
int ks_btf_check(struct ksym_btf *b, struct ksym_error *err) ks_must_check;

/* A file of @len bytes, which are taken over. */
int ks_btf_open(struct ksym_btf **out, uint8_t *data, size_t len, const struct ksym_btf *base,
		const char *path, struct ksym_error *err) ks_must_check;

#endif
