/* SPDX-License-Identifier: GPL-2.0-only */
/* What the BPF program and its loader share: the contents of its maps. */
#ifndef KSYM_BPF_KALLMODSYMS_H
#define KSYM_BPF_KALLMODSYMS_H

/* Of the n-th symbol of the kernel, in the order of /proc/kallsyms. */
struct kms_record {
	unsigned int size;
	unsigned int owner;	/* first chunk << KMS_LEN_BITS | length of the text */
};

/* Text about owners, " [module] {object}" and the end of the line, in pieces. */
#define KMS_CHUNK_LEN 32
struct kms_chunk {
	char text[KMS_CHUNK_LEN];
};

struct kms_config {
	unsigned long long module_list;	/* address of the kernel's list of modules, 0 = unknown */
	unsigned int nr_kernel;		/* symbols of the kernel itself */
	unsigned int unused;
};

#define KMS_LEN_BITS 9
#define KMS_LEN_MAX ((1 << KMS_LEN_BITS) - 1)
#define KMS_CHUNKS_MAX ((KMS_LEN_MAX + KMS_CHUNK_LEN) / KMS_CHUNK_LEN)

#endif
