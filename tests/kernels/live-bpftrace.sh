# SPDX-License-Identifier: LGPL-2.1-or-later
# In the guest: bpftrace takes the probe that `ksym live find` prints.  TAP; see live.
# shellcheck shell=sh
. ./live-lib.sh

mkdir -p /lib/firmware/ksym
cp index "/lib/firmware/ksym/$(cat build-id).ksym"
probe=$(ksym live find 'c_start {proc.o}' --probe bpftrace)

# hits: how often it was hit in three seconds
hits()
{
	bpftrace -e "$probe { @hits = count(); } interval:s:3 { exit(); }" 2>&1 | tee /tmp/out |
		sed -n 's/^@hits: //p'
}

# Who reads /proc/kallsyms reads ours.
ksym live show --kallsyms > /tmp/ours
mount --bind /tmp/ours /proc/kallsyms
bpftrace -e 'kprobe:proc_reg_open { @[kstack(1)] = count(); } interval:s:2 { exit(); }' \
	> /tmp/out 2>&1 &
sleep 1
cat /proc/cpuinfo > /dev/null
for i in $(seq 60); do cat /proc/cpuinfo > /dev/null; sleep 0.1; done
wait
umount /proc/kallsyms
ok 'bpftrace resolves by the text of --kallsyms' grep -q 'proc_reg_open+' /tmp/out

(while [ ! -e /tmp/stop ]; do cat /proc/consoles /proc/crypto > /dev/null; sleep 0.1; done) &
ok "bpftrace: $probe is not hit by the others called c_start" [ "$(hits)" = 0 ]
(while [ ! -e /tmp/stop ]; do cat /proc/cpuinfo > /dev/null; sleep 0.1; done) &
ok "bpftrace: $probe is hit by its own" [ "$(hits)" -gt 0 ]
touch /tmp/stop
wait
done_testing
