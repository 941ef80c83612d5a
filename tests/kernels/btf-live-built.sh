# SPDX-License-Identifier: LGPL-2.1-or-later
# In the guest: a kernel in whose build ksym was pahole.  For tests/kernels/btf-live.
# shellcheck shell=sh source-path=SCRIPTDIR source=live-lib.sh
. ./live-lib.sh
sys=/sys/kernel/btf

ok 'the kernel shows its types, to the byte' cmp vmlinux.btf $sys/vmlinux
bpftool btf dump file $sys/vmlinux > /tmp/dump 2> /tmp/why
for what in "STRUCT 'task_struct'" "FUNC 'vfs_read'" "VAR 'runqueues'" "DATASEC '.data..percpu'"; do
	ok "bpftool finds $what" grep -F "] $what" /tmp/dump
done
ok 'and renders C' sh -c "bpftool btf dump file $sys/vmlinux format c > /tmp/c"
ok 'with structures in it' grep -q '^struct list_head {' /tmp/c
for m in configfs minix; do
	ok "module $m is inserted" insmod $m.ko
	ok "$m: its types are shown, to the byte" cmp $m.btf $sys/$m
	ok "$m: bpftool reads them on the kernel's" sh -c "bpftool btf dump file $sys/$m > /tmp/dump-$m"
	ok "$m: its own functions are there" grep -q "\\] FUNC '.*$m" /tmp/dump-$m
done
ok 'the kernel found nothing wrong with any' sh -c '! dmesg | grep -i -e "BPF:" -e "failed to validate"'
done_testing
