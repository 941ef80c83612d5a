/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What --stable adds: rules that a distribution puts into an object, and members whose
 * names begin with __kabi_, both of which keep versions as they were although types have
 * changed.  Documentation/kbuild/gendwarfksyms.rst of the kernel describes them.
 */
#ifndef KS_VERSIONS_KABI_H
#define KS_VERSIONS_KABI_H

#include "elf/elf.h"
#include "types/types.h"
#include "versions/symtext.h"

enum ks_kabi_kind {
	KS_KABI_DECLONLY,
	KS_KABI_ENUMERATOR_IGNORE,
	KS_KABI_ENUMERATOR_VALUE,
	KS_KABI_BYTE_SIZE,
	KS_KABI_TYPE_STRING,
	KS_KABI_NR_KINDS
};

struct ks_kabi {
	struct ks_kabi_rules {
		struct ks_strpool targets;
		KS_VEC(const char *) values;	/* of each; borrowed from the ELF file */
	} rules[KS_KABI_NR_KINDS];
};

void ks_kabi_free(struct ks_kabi *k);
/* Rules in section .discard.gendwarfksyms.kabi_rules. */
int ks_kabi_read(struct ks_kabi *k, struct ks_elf *e, struct ksym_error *err) ks_must_check;

/* The value of a rule. */
bool ks_kabi_find(const struct ks_kabi *k, enum ks_kabi_kind kind, const char *target,
		  const char **value);
/* Text that replaces that of the type or symbol @name. */
bool ks_kabi_type_string(const struct ks_kabi *k, const char *name, const char **text);
/* That text, taken apart. */
int ks_kabi_parse_type(struct ks_strpool *type_names, const char *name, const char *text,
		       struct ks_symtext *out, const char *path, struct ksym_error *err) ks_must_check;

#endif
