/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An assembly function whose end no symbol covers, and what ftrace's calls need. */
	.section .note.GNU-stack, "", %progbits
	.text
	.globl with_tail
	.type with_tail, %function
	.balign 16
with_tail:
	nop
#ifdef __x86_64__
	ret
	.size with_tail, . - with_tail
	xor %eax, %eax
	ret
	.globl __fentry__
	.type __fentry__, %function
	.balign 16
__fentry__:
	ret
	.size __fentry__, . - __fentry__
#else
	ret
	.size with_tail, . - with_tail
	mov x0, #0
	ret
#endif
	.section __ex_table, "a", %progbits
	.balign 4
	.long 0, 0, 0
