/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kallmodsyms.ko: /proc/kallmodsyms on a kernel that was built without it.
 *
 *   main.c     the file: one line for each symbol
 *   index.c    the index of the running kernel, from the firmware loader
 *   running.c  what only the running kernel knows: who may see addresses, and the
 *              symbols of loaded modules and of generated code
 *   tables-*.c the reader of src/tables, as it is
 */
#ifndef KMS_KALLMODSYMS_H
#define KMS_KALLMODSYMS_H

#include <linux/kallsyms.h>
#include <linux/module.h>
#include "../src/tables/reader.h"

/* ---- index.c */

struct kms_index {
	struct ks_tables t;
	const struct firmware *fw;
	unsigned long offset;	/* what KASLR added to addresses from _text on */
};

/* 0, or an error whose reason is in the log. */
int kms_index_load(struct kms_index *idx);
void kms_index_release(struct kms_index *idx);

/* The address in the running kernel of what the index has at @va. */
static inline u64 kms_index_va(const struct kms_index *idx, u64 va)
{
	/* Per-CPU symbols of x86-64 are offsets into the per-CPU area. */
	return va >= idx->t.text_va ? va + idx->offset : va;
}

/* ---- running.c */

/* A symbol that no index has. */
struct kms_symbol {
	unsigned long value;
	unsigned long size;	/* 0 when nobody says */
	char type;
	char name[KSYM_NAME_LEN];
	char module[MODULE_NAME_LEN];
};

/* Find the functions that the kernel does not export; 0, or an error whose reason is in
 * the log. */
int kms_running_init(void);
/* Address of a symbol of the kernel, 0 when there is none. */
unsigned long kms_running_lookup(const char *name);
/* May the opener see addresses?  The rule of /proc/kallsyms. */
bool kms_running_shows_values(const struct cred *cred);

/* Symbols come from these, in the order of /proc/kallsyms. */
enum kms_source { KMS_MODULES, KMS_FTRACE, KMS_BPF, KMS_KPROBES, KMS_NR_SOURCES };

/* The @n-th symbol of a source; false when there is none. */
bool kms_running_symbol(enum kms_source source, unsigned int n, struct kms_symbol *s);

#endif
