# SPDX-License-Identifier: LGPL-2.1-or-later
# In the guest: the extra module, and a program that uses it.  For tests/kernels/btf-live.
# shellcheck shell=sh source-path=SCRIPTDIR source=live-lib.sh
. ./live-lib.sh
sys=/sys/kernel/btf

# found KEY VALUE: the program printed that
found()
{
	grep -qxF "$1=$2" /tmp/found || { echo "expected $1=$2"; cat /tmp/found; return 1; }
}

# A program that ended holds the module until the kernel gets round to freeing it.
remove()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		rmmod "$1" && return
		sleep 1
	done
	return 1
}

ok 'the program finds no such variables in a stock kernel' not ./btf_read btf-read.bpf.o
ok 'on another base the module is not inserted' not other/load
ok 'nothing is loaded then' not grep vmlinux_btf_extra /proc/modules
ok 'load inserts the module' extra/load
ok "/sys/kernel/btf has it, to the byte" cmp extra/vmlinux_btf_extra.btf $sys/vmlinux_btf_extra
ok 'the kernel found nothing wrong with it' sh -c '! dmesg | grep -e "BPF:" -e "failed to validate"'
bpftool btf dump -B $sys/vmlinux file $sys/vmlinux_btf_extra > /tmp/dump 2> /tmp/why
ok 'bpftool reads it' [ -s /tmp/dump ]
ok 'variables are all there is' sh -c "! grep '^\[' /tmp/dump | grep -v -e '\] VAR ' -e '\] DATASEC '"
note "$(grep -c '\] VAR ' /tmp/dump) variables, $(stat -c %s $sys/vmlinux_btf_extra) bytes"
ok 'a BPF program that names variables is loaded and run' sh -c './btf_read btf-read.bpf.o > /tmp/found'
ok 'it reads an integer' found pid_max "$(cat /proc/sys/kernel/pid_max)"
ok 'a static one' found max_threads "$(cat /proc/sys/kernel/threads-max)"
ok 'a string behind a pointer' found command_line "$(cat /proc/cmdline)"
ok 'a member of a structure' found release "$(uname -r)"
cpu=$(sed -n 's/^cpu=//p' /tmp/found)
ok 'a per-CPU one' found cpu_of_rq "${cpu:-none}"
ok 'the module can be taken away' remove vmlinux_btf_extra
ok 'and its file with it' [ ! -e $sys/vmlinux_btf_extra ]

ok 'the module into which ksym put the section is inserted' insmod put.ko
ok 'with the same types' cmp extra/vmlinux_btf_extra.btf $sys/vmlinux_btf_extra
ok 'a module whose section was replaced is inserted' insmod veth.ko
ok 'with its types' cmp veth.btf $sys/veth
done_testing
