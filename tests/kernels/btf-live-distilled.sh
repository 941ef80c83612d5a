# SPDX-License-Identifier: LGPL-2.1-or-later
# In the guest: a module on a distilled base, made of other BTF than the kernel's.  For
# tests/kernels/btf-live.
# shellcheck shell=sh source-path=SCRIPTDIR source=live-lib.sh
. ./live-lib.sh
sys=/sys/kernel/btf

# shown FILE: the module's own structure, and its functions; an alias that the module brings along
# is the second of its name, ___2 to bpftool
shown()
{
	bpftool btf dump -B $sys/vmlinux file "$1" format c | sed -n '/^struct btf_distilled {/,/^}/{s/___2//;p}'
	bpftool btf dump -B $sys/vmlinux file "$1" | grep -o "FUNC 'btf_distilled_use'"
}

shown exact.btf > /tmp/exact
ok 'what is to be seen is known' grep -q 'struct kobject kobj;' /tmp/exact
ok 'its functions too' grep -q FUNC /tmp/exact
ok 'the module is inserted' insmod btf_distilled.ko
ok 'the kernel found nothing wrong with it' sh -c '! dmesg | grep -e "BPF:" -e "failed to validate" -e "not mapped"'
shown $sys/btf_distilled > /tmp/shown
ok "/sys/kernel/btf has the types, on the kernel's own" cmp /tmp/exact /tmp/shown
ok 'they are not those of the file: the kernel has put its numbers in' not cmp -s split.btf $sys/btf_distilled
note "$(stat -c %s $sys/btf_distilled) bytes"
ok 'it can be taken away' rmmod btf_distilled
# Numbers of the other BTF, which the kernel takes for its own.
insmod plain.ko 2> /tmp/why
shown $sys/btf_distilled > /tmp/shown 2> /tmp/why
ok 'without its base the kernel would see others' not cmp -s /tmp/exact /tmp/shown
done_testing
