/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words instead of instructions, so that every machine can assemble it. */
	.text
	.globl	startup
	.type	startup, %function
startup:
	.long	0, 0, 0, 0
	.globl	startup_inner
startup_inner:
	.long	0, 0
	.size	startup, . - startup

	.type	local_thunk, %function
local_thunk:
	.long	0, 0
	.size	local_thunk, . - local_thunk

	.data
	.globl	initial_stack
	.type	initial_stack, %object
initial_stack:
	.long	1, 2
	.size	initial_stack, . - initial_stack
	.section .note.GNU-stack, "", %progbits
