# SPDX-License-Identifier: LGPL-2.1-or-later
# In the guest: the BPF iterator, `ksym live`, probes.  TAP; see live.
# shellcheck shell=sh
. ./live-lib.sh

id=$(cat build-id)

# quickest FILE: of several times that it is read; to be told, not judged
quickest()
{
	for n in 1 2 3 4 5 6 7; do
		begin=$(sed 's/ .*//; s/\.//' /proc/uptime)
		cat "$1" > /dev/null
		echo $(($(sed 's/ .*//; s/\.//' /proc/uptime) - begin))
	done | sort -n | head -n 1
}
file=/run/ksym/kallmodsyms

# ---- without anything
ok 'live: names the release' sh -c "ksym live | grep -q '^release  *$(uname -r)\$'"
ok 'live: names the build ID' sh -c "ksym live | grep -q '^build ID  *$id\$'"
ok 'live: no index is found' sh -c "ksym live | grep -q '^index  *none found'"
ok "mount: not without an index" sh -c "ksym mount 2>&1 | grep -q \"no index\\|BPF part\""
ok 'mount: leaves nothing when it fails' [ ! -e /run/ksym ]
mkdir -p /boot
cp other-index "/boot/vmlinux-$(uname -r).ksym"
ok 'live: the index of another kernel is told' sh -c \
	"ksym live | grep -q 'not: /boot/vmlinux-.*: of another build'"
rm /boot/vmlinux-*
mkdir -p /lib/firmware/ksym
cp index "/lib/firmware/ksym/$id.ksym"
ok 'live: the index is found' sh -c "ksym live | grep -q '^index  */lib/firmware/ksym/$id.ksym'"
ok 'live: sysroot / is the machine itself' sh -c \
	'[ "$(ksym live --sysroot / --json | grep build_id)" = "$(ksym live --json | grep build_id)" ]'

# ---- one index of everything
for m in $(cat modules); do insmod "./$m.ko"; done
ksym live show > /tmp/live
awk '{ print $1, $3, $4 }' /tmp/live | sort > /tmp/a
awk '{ print $1, $2, $3 }' /proc/kallsyms | sort > /tmp/b
ok 'live show: lists what /proc/kallsyms lists' cmp /tmp/a /tmp/b
ok 'live show: names loaded modules' grep -q ' veth_open \[veth\]' /tmp/live
ok 'live show: nobody is told why not' sh -c \
	'su nobody -c "ksym live show" 2>&1 | grep -q "shows no addresses"'
va=$(sed -n 's/ .* t s_next {kallsyms.o}$//p' /tmp/live)
ok 'live at: an address of now' [ "$(ksym live at "$va" | cut -f 1 | sed 's,/.* , ,')" = 's_next+0x0 {kallsyms.o}' ]
ok 'live find: the same address' sh -c "ksym live find 's_next {kallsyms.o}' | grep -q '^$va '"

# ---- types: those of the kernel's BTF, and of a module's
if [ -e /sys/kernel/btf/vmlinux ]; then
	ok 'types: a function' sh -c \
		"ksym live find vfs_fsync --json | grep -q '\"declaration\":\"int vfs_fsync(struct file \*file, int datasync)\"'"
	ok 'types: a per-CPU variable' sh -c "ksym live find runqueues | grep -q '	struct rq runqueues;\$'"
	ok 'types: of several of a name none is chosen' sh -c \
		"ksym live find s_next | grep -c '	one of its name is .*s_next(struct seq_file' | grep -q '^[3-9]\$'"
	ok 'types: a function of a module' sh -c \
		"ksym live find 'veth_open [veth]' | grep -q '	int veth_open(struct net_device \*dev);\$'"
	ksym live show --types > /tmp/types
	note "$(grep -c '	' /tmp/types) of $(wc -l < /tmp/types) symbols have a type, $(grep -c '	one of' /tmp/types) of them one of several"
	ok 'types: most functions of a module have one' [ "$(grep -c '\[veth\]	' /tmp/types)" -gt 20 ]
fi

# ---- indexes of modules
for m in $(cat modules); do
	[ -e "$m.ksym" ] || continue
	note_file=/sys/module/$m/notes/.note.gnu.build-id
	cp "$m.ksym" "/lib/firmware/ksym/$(tail -c 20 $note_file | od -An -tx1 | tr -d ' \n').ksym"
	ksym live show | grep "\[$m\]" > /tmp/a
	ksym show "$m.ksym" > /tmp/b
	awk '$3 == "t" || $3 == "T" { print $2, $4 }' /tmp/a | sort -u > /tmp/sizes
	awk '{ print $2, $4 }' /tmp/b | sort -u > /tmp/all-sizes
	ok "$m: sizes of its index" sh -c '[ -s /tmp/sizes ] && ! comm -23 /tmp/sizes /tmp/all-sizes | grep .'
	ok "$m: objects of its index" sh -c \
		"ksym live show --json | grep '\"modules\":\[\"$m\"\],\"object\":\"drivers/net/$m.o\"'"
done
rm -f /lib/firmware/ksym/*
cp index "/lib/firmware/ksym/$id.ksym"

# ---- who reads /proc/kallsyms reads ours
ksym live show --kallsyms > /tmp/ours
if [ -e kallsyms_libbpf ]; then
	mount --bind /tmp/ours /proc/kallsyms
	kallsyms_libbpf > /tmp/a
	umount /proc/kallsyms
	sed 's/	.*//' /tmp/ours > /tmp/b
	ok 'libbpf reads the text of --kallsyms' cmp /tmp/a /tmp/b
fi
if [ -e /usr/bin/perf ]; then
	ksym live show --perf > /tmp/ours
	perf record -q -e cpu-clock -a -o /tmp/perf.data -- \
		sh -c 'cat /proc/kallsyms /proc/vmallocinfo /proc/cpuinfo; ls -R /proc' > /dev/null 2>&1
	perf script --kallsyms=/tmp/ours -i /tmp/perf.data -F ip,sym -G 2> /dev/null |
		sed -n 's/^ *\(ffffffff[0-9a-f]*\) /\1	/p' | sort -u > /tmp/samples
	note "$(wc -l < /tmp/samples) places in the kernel, $(grep -c '{' /tmp/samples) of them named by more than a name"
	cut -f 1 /tmp/samples | ksym live at - | cut -f 1 > /tmp/at
	sed 's/+0x[0-9a-f]*\/0x[0-9a-f]*//; s/\] \[/,/g
		s/ \[\([^]]*\)\] {/ {\1,/; s/ \[\([^]]*\)\]$/ {\1}/' /tmp/at > /tmp/b
	sed 's/^[^+]*+\(0x[0-9a-f]*\).*/\1/' /tmp/at > /tmp/offsets
	# Of several names of one place perf may like another one.
	paste /tmp/samples /tmp/b /tmp/offsets | while IFS='	' read -r va theirs ours off; do
		[ "$theirs" != "$ours" ] || continue
		grep -q "^$(printf %x $((0x$va - off))) .* $theirs\$" /tmp/ours ||
			echo "$va: perf says $theirs, ksym $ours"
	done > /tmp/wrong
	ok 'perf script --kallsyms names what ksym names' not grep . /tmp/wrong
	cut -f 2 /tmp/samples > /tmp/a
	ok 'perf script --kallsyms tells apart what is called alike' grep -q '{.*\.o}' /tmp/a
fi

# ---- the iterator
if ksym live | grep -q '^iterator.*possible' && ! ksym mount 2>&1 | grep -q 'without its BPF part'
then
	ksym umount
	ok 'mount' ksym mount
	ok 'mount: mode 0444' [ "$(stat -c %a $file)" = 444 ]
	ok 'live: knows the file' sh -c "ksym live | grep -q '^iterator  *$file'"
	ok 'mount: not twice' not ksym mount
	cat $file > /tmp/iter
	nr=$(ksym show index | wc -l)
	head -n "$nr" /tmp/iter | cut -d ' ' -f 2- > /tmp/a
	ksym show index | cut -d ' ' -f 2- > /tmp/b
	ok 'iterator: the symbols of the kernel are those of ksym show' cmp /tmp/a /tmp/b
	awk '{ print $1, $3, $4 }' /tmp/iter > /tmp/a
	awk '{ print $1, $2, $3 }' /proc/kallsyms > /tmp/b
	ok 'iterator: addresses, letters and names are those of /proc/kallsyms' cmp /tmp/a /tmp/b
	cp index "/lib/firmware/ksym/$id.ksym"
	insmod ./kallmodsyms.ko
	cat /proc/kallmodsyms > /tmp/module
	cat $file > /tmp/iter
	ok 'iterator and module print the same, sizes of modules too' cmp /tmp/iter /tmp/module
	rmmod kallmodsyms
	cat $file > /tmp/iter
	ok 'iterator: short reads' sh -c "dd if=$file bs=113 2> /dev/null | cmp - /tmp/iter"
	a=$(quickest $file) b=$(quickest /proc/kallsyms)
	note "cat: iterator $a, kallsyms $b hundredths of a second"
	for k in 0 1 2; do
		echo $k > /proc/sys/kernel/kptr_restrict
		ok "iterator: kptr_restrict $k: nobody sees neither address nor size" not \
			su nobody -c "grep -v '^0\{16\} 0 ' $file"
		ok "iterator: kptr_restrict $k: nobody sees all names" \
			[ "$(su nobody -c "wc -l < $file")" = "$(wc -l < /tmp/iter)" ]
	done
	ok 'iterator: kptr_restrict 2: nor does root' not grep -v '^0\{16\} 0 ' $file
	echo 0 > /proc/sys/kernel/kptr_restrict
	(while [ ! -e /tmp/stop ]; do
		for m in $(cat modules); do rmmod "$m"; done
		for m in $(cat modules); do insmod "./$m.ko"; done
	done) &
	head -n "$nr" /tmp/iter > /tmp/core
	for n in 1 2 3 4 5; do
		cat $file > /tmp/iter
		head -n "$nr" /tmp/iter | cmp - /tmp/core
		tail -n +$((nr + 1)) /tmp/iter |
			grep -v '^[0-9a-f]\{16\} [0-9a-f]* [a-zA-Z?] [^ ]* \[[a-z0-9_]*\]$'
	done > /tmp/torn 2>&1
	touch /tmp/stop
	wait
	ok 'iterator: no line is torn while modules come and go' not grep . /tmp/torn
	ok 'umount' ksym umount
	ok 'umount: nothing is left' not ls -d /run/ksym
	ok 'umount: no program is left' not grep 'kallmodsyms.*\[bpf\]' /proc/kallsyms
	ok 'umount: not twice' not ksym umount
	ok 'mount: into a BPF file system that is there' ksym mount /sys/fs/bpf/ksym
	ok 'mount: works there' [ "$(wc -l < /sys/fs/bpf/ksym/kallmodsyms)" -gt "$nr" ]
	ok 'umount: from there' ksym umount /sys/fs/bpf/ksym
	ok 'umount: and leaves it' sh -c '! ls -d /sys/fs/bpf/ksym 2> /dev/null && grep -q "/sys/fs/bpf bpf" /proc/mounts'
else
	note 'no iterator here, or this ksym has none'
fi

# ---- probes: c_start is three functions, for /proc/cpuinfo, /proc/consoles, /proc/crypto
tracing=/sys/kernel/tracing
hits=

# count: $hits is how often the first function is called for the other two files and,
# behind a slash, for its own
count()
{
	echo > $tracing/trace
	cat /proc/consoles /proc/crypto > /dev/null
	others=$(grep -c '^ .* c_start\|^ .*: c_start' $tracing/trace)
	cat /proc/cpuinfo > /dev/null
	hits=$others/$(($(grep -c '^ .* c_start\|^ .*: c_start' $tracing/trace) - others))
}

only_its_own()
{
	echo "hits of others/of its own: $hits"
	case $hits in 0/0) return 1 ;; 0/*) return 0 ;; esac
	return 1
}

identity='c_start {proc.o}'
ok 'c_start is several functions' [ "$(grep -c ' t c_start [[{]' /tmp/live)" -ge 3 ]
ok 'find: the plain name fits them all' not ksym live find c_start --probe kprobe
ok 'kprobe: kprobe_events takes the line' \
	sh -c "ksym live find '$identity' --probe kprobe > $tracing/kprobe_events"
ok 'kprobe: the same without the running kernel' \
	[ "$(ksym find index "$identity" --probe kprobe)" = "$(ksym live find "$identity" --probe kprobe)" ]
echo 1 > $tracing/events/ksym/enable
count
echo 0 > $tracing/events/ksym/enable
: > $tracing/kprobe_events
ok "kprobe: it hits that function alone ($hits)" only_its_own

number=$(ksym live find "$identity" --probe ftrace)
ok "ftrace: set_ftrace_filter takes the number ($number)" \
	sh -c "echo $number > $tracing/set_ftrace_filter && [ \"\$(cat $tracing/set_ftrace_filter)\" = c_start ]"
echo function > $tracing/current_tracer
count
echo nop > $tracing/current_tracer
ok "ftrace: it hits that function alone ($hits)" only_its_own
echo > $tracing/set_ftrace_filter
ok 'a module: kprobe_events takes the line' sh -c \
	"ksym live find 'veth_open [veth]' --probe kprobe > $tracing/kprobe_events"
: > $tracing/kprobe_events

if [ -e /usr/bin/perf ]; then
	ok 'perf: probe --add takes it' perf probe -q --add "$(ksym live find "$identity" --probe perf)"
	note "perf made: $(cat $tracing/kprobe_events)"
	echo 1 > $tracing/events/ksym/enable
	count
	echo 0 > $tracing/events/ksym/enable
	: > $tracing/kprobe_events
	ok "perf: it hits that function alone ($hits)" only_its_own
fi
dmesg > /tmp/log
ok 'the kernel complains about nothing' not grep -E \
	'BUG|WARNING|Oops|Call Trace|KASAN|possible recursive|circular locking|suspicious RCU' /tmp/log
done_testing
