// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Functions for BPF: those in a set8 of .BTF_ids whose second word has bit 0.  A member of a
 * set is an ID, 0 until resolve_btfids comes, and flags.
 */
#define WORD(x) ".4byte " #x "\n"
#define SET(name, flags, members) \
	asm(".pushsection .BTF_ids,\"a\"\n" \
	    "__BTF_ID__set8__" #name ":\n" WORD(0) WORD(flags) members \
	    ".size __BTF_ID__set8__" #name ", .-__BTF_ID__set8__" #name "\n.popsection\n")
#define ID(name, nr, flags) \
	"__BTF_ID__func__" #name "__" #nr ":\n.type __BTF_ID__func__" #name "__" #nr ", %object\n" \
	".size __BTF_ID__func__" #name "__" #nr ", 4\n" WORD(0) WORD(flags)
#define KEEP __attribute__((noinline)) int

SET(kernel_functions, 1, ID(plain, 10, 1) ID(fast, 11, 0x1000) ID(under__score, 12, 0) ID(missing, 13, 0));
SET(other, 0, ID(in_other, 14, 1));
asm(".pushsection .BTF_ids,\"a\"\n" ID(loose, 15, 0) ".popsection\n");

KEEP plain(int a) { return a + 1; } /*1= tag bpf_kfunc -1 on int plain(int a) static */
KEEP fast(int a) { return a + 2; } /*1= tag bpf_kfunc -1 on int fast(int a) static */
/*1= tag bpf_fastcall -1 on int fast(int a) static */
KEEP under__score(int a) { return a + 3; } /*1= tag bpf_kfunc -1 on int under__score(int a) static */
KEEP in_other(int a) { return a + 4; } /*! tag bpf_kfunc -1 on int in_other(int a) */
KEEP loose(int a) { return a + 5; } /*! tag bpf_kfunc -1 on int loose(int a) */
/*= func int loose(int a) static */
/*! tag bpf_fastcall -1 on int plain */

int use(void)
{
	return plain(1) + fast(2) + under__score(3) + in_other(4) + loose(5);
}
