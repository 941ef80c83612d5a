// SPDX-License-Identifier: LGPL-2.1-or-later
/* Exports as objects had them before 6.5, and as linked modules have them. */
#include "types.h"

#define KSYMTAB(sym, gpl) \
	__asm__(".pushsection ___ksymtab" gpl "+" #sym ", \"a\"\n" \
		".balign 4\n__ksymtab_" #sym ":\n" \
		".long " #sym " - .\n.long __kstrtab_" #sym " - .\n.long __kstrtabns_" #sym " - .\n" \
		".previous\n" \
		".section __ksymtab_strings, \"aMS\", %progbits, 1\n" \
		"__kstrtab_" #sym ": .asciz \"" #sym "\"\n" \
		"__kstrtabns_" #sym ": .asciz \"\"\n" \
		".popsection")

int exported(struct list *l, enum colour c)
{
	return l->next && c;
}
struct even gpl_only;
int not_exported(void)
{
	return exported(0, BLUE);
}
KSYMTAB(exported, "");
KSYMTAB(gpl_only, "_gpl");
