/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Relocations of the debug sections of ET_REL files. */
#ifndef KS_ELF_RELOC_H
#define KS_ELF_RELOC_H

#include "elf/elf.h"

/* Replace sections[@n].data, which is loaded, by a relocated copy when there are
 * relocations for it. */
int ks_elf_relocate(struct ks_elf *e, uint32_t n, struct ksym_error *err) ks_must_check;

#endif
