/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assembly knows names and no types; the assembler makes its own units. */
	.text
	.globl	from_assembly
	.type	from_assembly, %function
from_assembly:
	.long	0
	.size	from_assembly, . - from_assembly
	.globl	second_name
second_name:
	.long	0
	.data
	.globl	bytes
bytes:	.byte	1, 2, 3
	.section .export_symbol, "a"
__export_symbol_from_assembly:
	.asciz	"GPL"
	.asciz	""
__export_symbol_second_name:
	.asciz	"GPL"
	.asciz	""
__export_symbol_bytes:
	.asciz	"GPL"
	.asciz	"NAMESPACE"
#ifndef NO_NOTE
	.section .note.GNU-stack, "", %progbits
#endif
