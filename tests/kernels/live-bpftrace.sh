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

(while [ ! -e /tmp/stop ]; do cat /proc/consoles /proc/crypto > /dev/null; sleep 0.1; done) &
ok "bpftrace: $probe is not hit by the others called c_start" [ "$(hits)" = 0 ]
(while [ ! -e /tmp/stop ]; do cat /proc/cpuinfo > /dev/null; sleep 0.1; done) &
ok "bpftrace: $probe is hit by its own" [ "$(hits)" -gt 0 ]
touch /tmp/stop
wait
done_testing
