# SPDX-License-Identifier: LGPL-2.1-or-later
# In the guest of `intree --stress`: readers, while modules are loaded and unloaded.
# What the kernel reports (lockdep, KASAN, a crash) is looked for in its log.
seconds=$(cat seconds)
dmesg -n 1
./guest stress "$seconds" &
a=$!
./guest stress "$seconds" &
b=$!
n=0
end=$(($(date +%s) + seconds))
while [ "$(date +%s)" -lt "$end" ]; do
	for m in modules/*.ko; do insmod "$m" 2> /dev/null && n=$((n + 1)); done
	for m in modules/*.ko; do rmmod "$(basename "$m" .ko)" 2> /dev/null; done
done
status=0
wait $a || status=1
wait $b || status=1
echo "# modules were loaded $n times"
[ $n -gt 10 ] || status=1
if dmesg | grep -E 'BUG:|WARNING:|KASAN|Oops|INFO: (possible|task|rcu)|suspicious RCU|general protection'; then
	status=1
fi
exit $status
