#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ksym live, and find --probe, on a recorded tree: the sample as if it ran.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

build_sample "$tmp/k" || { cat "$tmp/log"; exit 4; }
vmlinux=$tmp/k/vmlinux index=$tmp/index root=$tmp/root
unset KSYM_INDEX_PATH XDG_CACHE_HOME
export HOME=/home/somebody
"$ksym" index -q --build-tree "$tmp/k" -o "$index" "$vmlinux"
id=$(readelf -n "$vmlinux" | sed -n 's/.*Build ID: //p')
octal=$(echo "$id" | sed 's/../\\x&/g')
mkdir -p "$root/proc/sys/kernel" "$root/sys/kernel/tracing" "$root/lib/modules/6.1.0"
echo 6.1.0 > "$root/proc/sys/kernel/osrelease"
echo 1 > "$root/proc/sys/kernel/kptr_restrict"
python3 - "$id" "$root/sys/kernel/notes" <<'END'
import struct, sys
ident = bytes.fromhex(sys.argv[1])
with open(sys.argv[2], 'wb') as f:
    f.write(struct.pack('=III', 4, 3, 1) + b'Xen\0' + b'abc\0')
    f.write(struct.pack('=III', 4, len(ident), 3) + b'GNU\0' + ident)
END

# The kernel runs 0x10000000 higher than it was linked, with a module loaded.
"$ksym" show "$index" > "$tmp/show"
python3 - "$tmp/show" "$root/proc/kallsyms" "$tmp/expected" <<'END'
import sys
with open(sys.argv[1]) as f:
    lines = [l.rstrip('\n').split(' ', 4) for l in f]
modules = ['ffffffffc0001000 t s_next\t[veth]', 'ffffffffc0001040 T veth_open\t[veth]']
with open(sys.argv[2], 'w') as kallsyms, open(sys.argv[3], 'w') as expected:
    for va, size, kind, name, *rest in lines:
        now = f'{int(va, 16) + 0x10000000:016x}'
        kallsyms.write(f'{now} {kind} {name}\n')
        expected.write(' '.join([now, size, kind, name, *rest]) + '\n')
    for m in modules:
        va, kind, name, module = m.replace('\t', ' ').split(' ')
        kallsyms.write(m + '\n')
        expected.write(f'{va} 0 {kind} {name} {module}\n')
END

live()
{
	run live --sysroot "$root" "$@"
}

# ---- what is there
live
ok 'status 0 without an index' status_is 0
ok 'release' contains "$out" 'release          6.1.0'
ok 'build ID' contains "$out" "build ID         $id"
ok 'no index' contains "$out" 'index            none found'
ok 'number of symbols' contains "$out" "kallsyms         $(wc -l < "$tmp/show") symbols of the kernel, 2 of modules"
ok 'kptr_restrict' contains "$out" 'addresses        shown; kptr_restrict 1'
ok 'nobody serves kallmodsyms' contains "$out" 'kallmodsyms      not in /proc'
ok 'no iterator' contains "$out" 'iterator         this kernel has none'
live --json
ok '--json: the same' json "$out" "d['release'] == '6.1.0' and d['build_id'] == '$id' and
	d['index'] is None and d['module_symbols'] == 2 and d['addresses'] and
	d['kptr_restrict'] == 1 and d['perf_event_paranoid'] is None and
	d['kallmodsyms'] == 'none' and not d['btf'] and d['modules_builtin'] is None"

# ---- where the index is looked for
"$ksym" index -q -o "$tmp/other" "$tmp/k/kernel/core.o" 2> "$tmp/log" ||
	printf 'nothing' > "$tmp/other"
found_at()
{
	mkdir -p "$(dirname "$2")"
	cp "${3:-$index}" "$2"
	live --json
	ok "index: $1" json "$out" "d['index'] == '$2' and d['index_is_image'] == ${4:-False}"
	rm "$2"
}
XDG_CACHE_HOME=/cache
export XDG_CACHE_HOME
found_at 'in XDG_CACHE_HOME' "$root/cache/ksym/$id.ksym"
unset XDG_CACHE_HOME
found_at 'in ~/.cache' "$root/home/somebody/.cache/ksym/$id.ksym"
found_at 'for the firmware loader' "$root/lib/firmware/ksym/$id.ksym"
found_at 'by build ID' "$root/usr/lib/debug/.build-id/$(echo "$id" | sed 's,^..,&/,').ksym"
found_at 'in /boot' "$root/boot/vmlinux-6.1.0.ksym"
found_at 'in /usr/lib/debug/boot' "$root/usr/lib/debug/boot/vmlinux-6.1.0.ksym"
found_at 'in /usr/lib/debug/lib/modules' "$root/usr/lib/debug/lib/modules/6.1.0/vmlinux.ksym"
found_at 'in the build tree' "$root/lib/modules/6.1.0/build/vmlinux.ksym"
found_at 'an image' "$root/usr/lib/debug/boot/vmlinux-6.1.0" "$vmlinux" True
mkdir -p "$tmp/a" "$tmp/b"
cp "$index" "$tmp/b/$id.ksym"
KSYM_INDEX_PATH=$tmp/a::$tmp/b
export KSYM_INDEX_PATH
live --json
ok 'index: in KSYM_INDEX_PATH' json "$out" "d['index'] == '$tmp/b/$id.ksym'"
unset KSYM_INDEX_PATH
mkdir -p "$root/boot"
cp "$tmp/other" "$root/boot/vmlinux-6.1.0.ksym"
cp "$index" "$root/usr/lib/debug/boot/vmlinux-6.1.0.ksym"
live --json
ok 'index: one that does not fit is passed over' json "$out" \
	"d['index'] == '$root/usr/lib/debug/boot/vmlinux-6.1.0.ksym' and len(d['not_taken']) == 1"
head -c 1000 "$index" > "$root/boot/vmlinux-6.1.0.ksym"
live
ok 'index: a truncated one is told' contains "$out" 'vmlinux-6.1.0.ksym: truncated'
rm "$root/boot/vmlinux-6.1.0.ksym" "$root/usr/lib/debug/boot/vmlinux-6.1.0.ksym"
live --index "$index" --json
ok '--index' json "$out" "d['index'] == '$index'"
live --index "$tmp/k/kernel/core.o"
ok '--index: of something else is refused' status_is 3
ok '--index: one line' one_line "$err"
live --index "$tmp/nothing"
ok '--index: that is not there' status_is 4

# ---- one index of everything
live show --index "$index"
cp "$out" "$tmp/live"
ok 'show: status 0' status_is 0
ok 'show: all of the kernel as in the index, shifted; then the module' is \
	"$(sed 's/ s_next .*/ s_next/' "$out")" "$(sed 's/ s_next .*/ s_next/' "$tmp/expected")"
ok 'show: names stay unique with a module' is "$(grep -c ' s_next \[veth\]$' "$out")" 1
live show --index "$index" --kallsyms
ok 'show --kallsyms: a tab before the module' grep -q '	\[veth\]$' "$out"
live show --index "$index" --perf
ok 'show --perf: modules that are loaded stay behind a tab' grep -q ' veth_open	\[veth\]$' "$out"
ok 'show --perf: the others are part of the name' grep -q ' t lio_get_msglevel {liquidio,liquidio_vf}$' "$out"
ok 'show --perf: no other brackets' not grep ' .*\[.*\[\| [^	]*\[' "$out"
sed 's/^\([0-9a-f]*\) /\1 0 /' "$tmp/expected" | cut -d ' ' -f 1,3- | sed '$s/ 0 / 5c /
	s/ \[veth\]$/ [veth]/' > "$root/proc/kallmodsyms"
live find --index "$index" 'veth_open [veth]'
ok 'find: the size of a module'"'"'s symbol from /proc/kallmodsyms' contains "$out" \
	'ffffffffc0001040 5c T veth_open [veth]'
live
ok 'kallmodsyms by the kernel itself' contains "$out" 'kallmodsyms      /proc/kallmodsyms, by the kernel itself'
echo 'ffffffff81000000 T x' > "$root/proc/kallmodsyms"
live show --index "$index"
ok 'malformed kallmodsyms is refused' status_is 3
ok 'malformed kallmodsyms: file and line' contains "$err" 'proc/kallmodsyms:1: expected'
rm "$root/proc/kallmodsyms"
live find --index "$index" 'veth_open [veth]'
ok 'find: in the module' contains "$out" 'ffffffffc0001040 0 T veth_open [veth]'
va=$(sed -n 's/ .* T _text$//p' "$tmp/live")
live at --index "$index" "$va"
ok 'at: an address of now' status_is 0
live at --index "$index" ffffffffc0001044
ok 'at: in the module' is "$(cat "$out")" 'veth_open+0x4/0x0 [veth]'
live at --index "$index" 1000
ok 'at: nothing there' status_is 1
sed -i '1d' "$root/proc/kallsyms"
live show --index "$index"
ok 'show: an index with other symbols is refused' status_is 3
ok 'show: one line' one_line "$err"
"$ksym" show "$index" | awk '{ print $1, $3, $4 }' > "$root/proc/kallsyms"

# ---- without an index: modules.builtin.ranges
text=$(sed -n 's/ .* T _text$//p' "$tmp/show")
fn=$(grep ' [tT] complain$' "$tmp/show" | cut -d ' ' -f 1)
off=$(printf %08x $((0x$fn - 0x$text)))
printf '.text 00000000-00000000 = _text\n.text %s-%08x some_module other-module\n' "$off" \
	$((0x$off + 1)) > "$root/lib/modules/6.1.0/modules.builtin.ranges"
live show
ok 'ranges: give modules' grep -q "^$fn 0 [tT] complain \[other_module\] \[some_module\]$" "$out"
ok 'ranges: to nobody else' is "$(grep -c other_module "$out")" 1
live
ok 'ranges: are told' contains "$out" "built-in modules $root/lib/modules/6.1.0/modules.builtin.ranges"

# ---- what is refused
sed 's/^[0-9a-f]*/0000000000000000/' "$root/proc/kallsyms" > "$tmp/hidden"
cp "$root/proc/kallsyms" "$tmp/kallsyms"
cp "$tmp/hidden" "$root/proc/kallsyms"
live
ok 'hidden addresses: live tells' contains "$out" 'addresses        hidden'
live show
ok 'hidden addresses: show fails' status_is 4
ok 'hidden addresses: one line' one_line "$err"
echo 'ffffffff81000000 T _text [veth]' > "$root/proc/kallsyms"
live
ok 'malformed kallsyms is refused' status_is 3
ok 'malformed kallsyms: file and line' contains "$err" 'proc/kallsyms:1: expected'
cp "$tmp/kallsyms" "$root/proc/kallsyms"
for release in ../x a/b '' '6.1 2'; do
	printf '%s\n' "$release" > "$root/proc/sys/kernel/osrelease"
	live
	ok "a release that is none is refused" status_is 3
done
echo 6.1.0 > "$root/proc/sys/kernel/osrelease"
run live --sysroot "$tmp/nothing"
ok 'no /proc' status_is 4
for args in 'nonsense' 'show x' 'at' 'find' 'find a b' 'show --probe kprobe'; do
	# shellcheck disable=SC2086 # several words
	live $args
	ok "usage: live $args" status_is 2
done

# ---- probes
off=$(printf 0x%x $((0x$fn - 0x$text)))
run find "$index" complain --probe kprobe
ok 'kprobe: a line for kprobe_events' is "$(cat "$out")" "p:ksym/complain_${off#0x} _text+$off"
run find "$index" complain -p bpftrace
ok 'bpftrace' is "$(cat "$out")" "kprobe:_text+$off"
run find "$index" complain -p kprobe --json
ok '--json: the symbol and its probe' json "$out" "d['name'] == 'complain' and
	d['probe'] == 'p:ksym/complain_${off#0x} _text+$off'"
run find "$index" 's_next {seq_file.o}' --probe kprobe
ok 'kprobe: of several of a name' matches "$out" '^p:ksym/s_next_[0-9a-f]+ _text\+0x[0-9a-f]+$'
run find "$index" s_next --probe kprobe
ok 'an ambiguous name gets no probe' status_is 1
ok 'an ambiguous name gets no probe: nothing like one is printed' not grep -q 'ksym/' "$out"
run find "$index" complain --probe nonsense
ok 'usage: --probe nonsense' status_is 2
for kind in perf ftrace; do
	run find "$index" complain --probe $kind
	ok "$kind: takes the running kernel" status_is 3
	ok "$kind: says so" contains "$err" 'use `ksym live find`'
done
data=$(awk '$3 == "d" || $3 == "D" || $3 == "b" { print $4; exit }' "$tmp/show")
run find "$index" "$data" --probe kprobe
ok 'data cannot be probed' status_is 3
live find --index "$index" complain --probe perf
ok 'perf: the address of now' is "$(cat "$out")" "ksym:complain_${off#0x}=$(printf 0x%x "0x$fn")"

tracing=$root/sys/kernel/tracing
live find --index "$index" complain --probe ftrace
ok 'ftrace: no list' status_is 4
awk '$3 == "t" || $3 == "T" { print $4 }' "$tmp/show" > "$tracing/available_filter_functions"
for object in seq_file.o sched/core.o; do
	line=$(awk '$3 == "t" || $3 == "T"' "$tmp/show" | grep -n " s_next.*{$object}$" | cut -d : -f 1)
	live find --index "$index" "s_next {$object}" --probe ftrace
	ok "ftrace: s_next {$object} by its neighbours" is "$(cat "$out")" "$line"
done
echo s_next > "$tracing/available_filter_functions"
live find --index "$index" 's_next {seq_file.o}' --probe ftrace
ok 'ftrace: what cannot be told apart is not guessed' status_is 3
awk '($3 == "t" || $3 == "T") && NR % 2 { print $1, $4 }' "$tmp/show" > "$tracing/available_filter_functions_addrs"
va=$(sed -n 's/ .* s_next {seq_file.o}$//p' "$tmp/show")
grep -q "^$va " "$tracing/available_filter_functions_addrs" ||
	printf '%s s_next\n' "$va" >> "$tracing/available_filter_functions_addrs"
live find --index "$index" 's_next {seq_file.o}' --probe ftrace
ok 'ftrace: with addresses' is "$(sed -n "$(cat "$out")p" "$tracing/available_filter_functions_addrs")" "$va s_next"
done_testing
