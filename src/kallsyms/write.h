/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of assembly.  What fails sets `failed` of the text. */
#ifndef KS_KALLSYMS_WRITE_H
#define KS_KALLSYMS_WRITE_H

#include "kallsyms/kallsyms.h"

void ks_asm_put(struct ks_asm *o, const char *s, size_t len);
void ks_asm_puts(struct ks_asm *o, const char *s);
/* @align: a directive, or NULL. */
void ks_asm_label(struct ks_asm *o, const char *align, const char *name);
/* @directive has the blanks around it: "\t.long\t". */
void ks_asm_number(struct ks_asm *o, const char *directive, uint64_t v);
void ks_asm_bytes(struct ks_asm *o, const uint8_t *p, size_t len);

#endif
