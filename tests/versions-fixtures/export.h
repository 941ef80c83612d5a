/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the kernel since 6.5 marks what an object exports, and since 6.14 keeps its type
 * in the exporting object's DWARF.  The section has, for each symbol, two strings and the
 * symbol's address behind a local label that is called after it.
 */
#ifndef EXPORT_H
#define EXPORT_H

#define STRING_OF(x) #x
#define STRING(x) STRING_OF(x)

#ifdef __LP64__
#define EXPORT_ADDRESS ".balign 8\n.quad "
#else
#define EXPORT_ADDRESS ".balign 4\n.long "
#endif

#define EXPORT(sym) \
	__asm__(".pushsection .export_symbol, \"a\"\n" \
		"__export_symbol_" STRING(sym) ":\n" \
		".asciz \"GPL\"\n.asciz \"\"\n" \
		EXPORT_ADDRESS STRING(sym) "\n" \
		".popsection")

/* The pointer that carries the type of what other objects define. */
#define EXPORT_TYPED(sym) \
	static __typeof__(sym) *__gendwarfksyms_ptr_##sym \
	__attribute__((used, section(".discard.gendwarfksyms"))) = &sym; \
	EXPORT(sym)

#endif
