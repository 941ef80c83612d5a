/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What stands among functions of arm64 without a symbol and is no dead function: the replacement
 * of an alternative, literals, and a jump over stubs as linkers put it there. */
	.section .note.GNU-stack, "", %progbits
	.text
	.globl with_others
	.type with_others, %function
	.balign 16
with_others:
661:	mov x0, #1
662:	ldr x1, =0x123456789abcdef0
	ret
	.size with_others, . - with_others
	/* Of one piece of data a symbol covers the beginning. */
	.globl with_data
	.type with_data, %object
with_data:
	.quad 0x1122334455667788
	.size with_data, . - with_data
	.quad 0x99aabbccddeeff11
	.ltorg
	.word 0x14000400
	nop
	.subsection 1
663:	mov x0, #2
664:
	.previous
	.section .altinstructions, "a", %progbits
	.word 661b - ., 663b - .
	.hword 0
	.byte 662b - 661b, 664b - 663b
