# SPDX-License-Identifier: LGPL-2.1-or-later
# In the guest: /proc/kallmodsyms of the module.  TAP; see live.
# shellcheck shell=sh
. ./live-lib.sh

firmware=/lib/firmware/ksym/$(cat build-id).ksym
mkdir -p /lib/firmware/ksym

# refused NAME FILE REASON: an index that must not be taken
refused()
{
	cp "$2" "$firmware"
	dmesg -c > /dev/null
	insmod ./kallmodsyms.ko > /tmp/out 2>&1
	ok "$1: insmod fails" [ $? -ne 0 ]
	ok "$1: the log says why" sh -c "dmesg | grep -q 'kallmodsyms: .*$3'"
	ok "$1: nothing is there" [ ! -e /proc/kallmodsyms ]
}

size=$(wc -c < index)
dmesg -c > /dev/null
insmod ./kallmodsyms.ko 2> /dev/null
ok 'no index: insmod fails' [ $? -ne 0 ]
ok 'no index: the log names the file' sh -c "dmesg | grep -q 'kallmodsyms: $firmware: cannot be read: error -2'"
refused 'index of another kernel' other-index 'of another kernel, with the build ID'
head -c $((size / 2)) index > /tmp/bad
refused 'truncated index' /tmp/bad 'truncated or extended'
(cat index; echo) > /tmp/bad
refused 'extended index' /tmp/bad 'truncated or extended'
(head -c $((size / 2)) index; printf '\252\125'; tail -c +$((size / 2 + 3)) index) > /tmp/bad
refused 'altered index' /tmp/bad 'checksum of the content'
(head -c 8 index; printf '\143\000'; tail -c +11 index) > /tmp/bad
refused 'index of another version' /tmp/bad 'incompatible version'
: > /tmp/bad
refused 'empty index' /tmp/bad 'cannot be read'

cp index "$firmware"
ok 'the module loads' insmod ./kallmodsyms.ko
ok 'mode 0444' [ "$(stat -c %a /proc/kallmodsyms)" = 444 ]
./ksym show index > /tmp/show
nr=$(wc -l < /tmp/show)
cat /proc/kallmodsyms > /tmp/all
cat /proc/kallsyms > /tmp/kallsyms
head -n "$nr" /tmp/all > /tmp/core
cut -d ' ' -f 2- /tmp/core > /tmp/a
cut -d ' ' -f 2- /tmp/show > /tmp/b
ok "the $nr symbols of the kernel are those of ksym show" cmp /tmp/a /tmp/b
awk '{ print $1, $3, $4 }' /tmp/all > /tmp/a
awk '{ print $1, $2, $3 }' /tmp/kallsyms > /tmp/b
ok 'addresses, letters and names are those of /proc/kallsyms' cmp /tmp/a /tmp/b
# Shifted by one and the same number, which KASLR chose.
shift=$((0x$(sed -n 's/ .* T _text$//p' /tmp/core) - 0x$(sed -n 's/ .* T _text$//p' /tmp/show)))
note "KASLR added $shift"
for s in $(seq 7 4999 "$nr"); do
	a=$(sed -n "${s}s/ .*//p" /tmp/core) b=$(sed -n "${s}s/ .*//p" /tmp/show)
	case $b in 0000*) [ "$a" = "$b" ] ;; *) [ $((0x$a - 0x$b)) = "$shift" ] ;; esac ||
		echo "line $s: $a, linked at $b"
done > /tmp/wrong
ok 'addresses are those of the image, shifted' [ ! -s /tmp/wrong ]

# Modules: true sizes.
for m in $(cat modules); do
	insmod "./$m.ko"
	ok "$m: its symbols appear" grep -q "\[$m\]$" /proc/kallmodsyms
	./ksym show --no-debug-search -q "./$m.ko" | awk '{ print $2, $4 }' | sort -u > /tmp/a
	grep " [tT] .*\[$m\]$" /proc/kallmodsyms | grep -v '__pfx_\|__cfi_' |
		awk '{ print $2, $4 }' | sort -u > /tmp/b
	ok "$m: sizes of functions are those in its file" \
		sh -c '[ -s /tmp/b ] && ! comm -13 /tmp/a /tmp/b | grep .'
	rmmod "$m"
	ok "$m: its symbols are gone" not grep "\[$m\]$" /proc/kallmodsyms
done

# Reading in pieces.
cat /proc/kallmodsyms > /tmp/all
ok 'short reads' sh -c 'dd if=/proc/kallmodsyms bs=113 2> /dev/null | cmp - /tmp/all'
ok 'single bytes' sh -c 'dd if=/proc/kallmodsyms bs=1 count=3000 2> /dev/null > /tmp/a
	head -c 3000 /tmp/all | cmp - /tmp/a'
for skip in 1 77 1000; do
	dd if=/proc/kallmodsyms bs=1000 skip=$skip count=9 2> /dev/null > /tmp/a
	dd if=/tmp/all bs=1000 skip=$skip count=9 2> /dev/null > /tmp/b
	ok "from byte ${skip}000 on" cmp /tmp/a /tmp/b
done

# Who sees what.
zeros='^0\{16\} 0 '
for k in 0 1 2; do
	echo $k > /proc/sys/kernel/kptr_restrict
	ok "kptr_restrict $k: nobody sees neither address nor size" not \
		su nobody -c "grep -v '$zeros' /proc/kallmodsyms"
	ok "kptr_restrict $k: nobody sees all names" [ "$(su nobody -c 'wc -l < /proc/kallmodsyms')" \
		= "$(wc -l < /tmp/all)" ]
	ok "kptr_restrict $k: nobody sees as much as in /proc/kallsyms" not \
		su nobody -c "grep -v '^0\{16\} ' /proc/kallsyms"
done
ok 'kptr_restrict 2: nor does root' not grep -v "$zeros" /proc/kallmodsyms
echo 1 > /proc/sys/kernel/kptr_restrict
ok 'kptr_restrict 1: root sees all' cmp /proc/kallmodsyms /tmp/all
ok 'what counts is who opened it' sh -c 'su nobody -c cat < /proc/kallmodsyms | cmp - /tmp/all'

# Modules come and go while it is read.
note "$(cat seconds) seconds of reading while modules come and go"
(while [ ! -e /tmp/stop ]; do
	for m in $(cat modules); do insmod "./$m.ko"; done
	for m in $(cat modules); do rmmod "$m"; done
	echo >> /tmp/loads
done) &
line='^[0-9a-f]\{16\} [0-9a-f]* [a-zA-Z?] [^] []\+\( \[[a-z0-9_]*\]\)*\( {[^}]*}\)\?$'
for n in 1 2; do
	(while [ ! -e /tmp/stop ]; do
		cat /proc/kallmodsyms > "/tmp/read.$n"
		head -n "$nr" "/tmp/read.$n" | cmp - /tmp/core >> "/tmp/torn.$n" 2>&1
		tail -n +$((nr + 1)) "/tmp/read.$n" | grep -v "$line" >> "/tmp/torn.$n"
		dd if=/proc/kallmodsyms bs=3001 skip=1500 2> /dev/null > /dev/null
		echo >> "/tmp/reads.$n"
	done) &
done
sleep "$(cat seconds)"
touch /tmp/stop
wait
note "modules came $(wc -l < /tmp/loads) times, two readers read $(cat /tmp/reads.* | wc -l) times"
cat /tmp/torn.* > /tmp/torn
ok 'no line is torn' not grep . /tmp/torn
for n in 1 2 3; do
	a=$({ time -p cat /proc/kallmodsyms > /dev/null; } 2>&1 | sed -n 's/^real *//p')
	b=$({ time -p cat /proc/kallsyms > /dev/null; } 2>&1 | sed -n 's/^real *//p')
	note "cat: kallmodsyms $a s, kallsyms $b s"
done

# Nothing stays, though somebody reads.
exec 3< /proc/kallmodsyms
read -r line <&3
ok 'the module goes while the file is open' rmmod kallmodsyms
exec 3<&-
ok 'no file is left' [ ! -e /proc/kallmodsyms ]
ok 'no device is left' [ ! -e /sys/devices/kallmodsyms ]
ok 'no probe is left' sh -c 'mount -t debugfs debugfs /sys/kernel/debug 2> /dev/null
	[ ! -s /sys/kernel/debug/kprobes/list ]'
ok 'no symbol of it is left' not grep '\[kallmodsyms\]' /proc/kallsyms
ok 'and it loads again' insmod ./kallmodsyms.ko
rmmod kallmodsyms
dmesg > /tmp/log
ok 'the kernel complains about nothing' not grep -E \
	'BUG|WARNING|Oops|Call Trace|KASAN|possible recursive|circular locking|suspicious RCU' /tmp/log
done_testing
