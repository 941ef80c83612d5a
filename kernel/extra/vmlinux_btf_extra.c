// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel shows the section .BTF of a loaded module as /sys/kernel/btf/MODULE, and BPF
 * programs find variables in it.  This module is nothing but that section, which the
 * Makefile adds: the types of the kernel's own variables, which the kernel's BTF lacks.
 */
#include <linux/init.h>
#include <linux/module.h>

static int __init vmlinux_btf_extra_init(void)
{
	return 0;
}
module_init(vmlinux_btf_extra_init);

/* Without it the module could not be unloaded. */
static void __exit vmlinux_btf_extra_exit(void)
{
}
module_exit(vmlinux_btf_extra_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("BTF of the kernel's variables");
