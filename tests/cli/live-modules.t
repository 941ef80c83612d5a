#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ksym live with indexes of loaded modules: the sample as if it ran, with a module of two objects.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

build_sample "$tmp/k" || { cat "$tmp/log"; exit 4; }
index=$tmp/index root=$tmp/root
unset KSYM_INDEX_PATH XDG_CACHE_HOME
export HOME=/home/somebody
"$ksym" index -q --build-tree "$tmp/k" -o "$index" "$tmp/k/vmlinux"
kallsyms=$root/proc/kallsyms notes=$root/sys/module/veth/notes
mkdir -p "$root/proc/sys/kernel" "$notes" "$tmp/net"
echo 6.1.0 > "$root/proc/sys/kernel/osrelease"
"$ksym" show "$index" | awk '{ print $1, $3, $4 }' > "$tmp/kernel"

# Two functions called setup and two variables called state; veth_open is alone.
for n in rx tx; do
	cat > "$tmp/net/$n.c" <<-'EOF'
	static int state;
	static int __attribute__((noinline, noclone, used)) setup(int n) { return state += n; }
	EOF
done
echo 'int veth_open(int n); int veth_open(int n) { return setup(n + 1); }' >> "$tmp/net/rx.c"
echo 'int veth_close(void); int veth_close(void) { return setup(2) * state; }' >> "$tmp/net/tx.c"
echo 'static const char name[] __attribute__((section(".modinfo"), used)) = "name=veth";' >> "$tmp/net/tx.c"
(
	cd "$tmp" && for n in rx tx; do gcc -O2 -g -fno-pic -c -o net/$n.o net/$n.c || exit 1; done
	ld -r --build-id=sha1 -o veth.ko net/rx.o net/tx.o
) || exit 4
"$ksym" index -q -o "$tmp/veth.ksym" "$tmp/veth.ko"
id=$(readelf -n "$tmp/veth.ko" | sed -n 's/.*Build ID: //p')
objcopy -O binary --set-section-flags .note.gnu.build-id=alloc \
	--only-section=.note.gnu.build-id "$tmp/veth.ko" "$notes/.note.gnu.build-id"
mkdir -p "$root/lib/firmware/ksym"
place=$root/lib/firmware/ksym/$id.ksym

# loaded [TEXT [DATA]]: code is there now, and variables
loaded()
{
	cp "$tmp/kernel" "$kallsyms"
	nm "$tmp/veth.ko" | awk '$2 ~ /[tTbB]/' | while read -r va letter name; do
		case $letter in
		[tT]) base=${1:-0xc0001000} ;;
		*) base=${2:-0xc0008000} ;;
		esac
		printf 'ffffffff%08x %s %s\t[veth]\n' $((base + 0x$va)) "$letter" "$name"
	done >> "$kallsyms"
}

live()
{
	run live --sysroot "$root" "$@"
}

# Size and object of each, in the order of the symbol table of the module's file.
readelf -sW "$tmp/veth.ko" | awk '
	$4 == "FILE" { sub(/c$/, "o", $8); file = $8 }
	$4 == "FUNC" || $4 == "OBJECT" { printf "%x %s %s\n", $3, $8, file }' > "$tmp/truth"

loaded
live show -x "$index"
ok 'no index: names with a module' grep -q ' 0 t setup \[veth\]$' "$out"
cp "$tmp/veth.ksym" "$place"
live show -x "$index"
ok 'a section without a name that occurs once: its symbols stay what they were' \
	is "$(grep -c ' 0 b state \[veth\]$' "$out")" 2
mkdir "$root/sys/module/veth/sections"
echo 0xffffffffc0008000 > "$root/sys/module/veth/sections/.bss"
live show -x "$index"
cp "$out" "$tmp/live"
for n in setup state; do
	grep " $n \[veth\]" "$out" | sed 's/^[0-9a-f]* \([0-9a-f]*\) . \([a-z]*\) \[veth\] {\(.*\)}$/\1 \2 \3/' |
		sort > "$tmp/got"
	grep " $n " "$tmp/truth" | sort > "$tmp/want"
	ok "$n: size and object of each" cmp "$tmp/got" "$tmp/want"
done
ok 'the right one of two' is "$(sed -n 's/ .* setup \[veth\] {tx.o}$//p' "$out")" \
	"$(printf ffffffff%x $((0xc0001000 + 0x$(nm "$tmp/veth.ko" | grep ' t setup$' | sed -n '2s/ .*//p'))))"
live find -x "$index" veth_open
ok 'the size of one that is alone' matches "$out" '^[0-9a-f]* [1-9a-f][0-9a-f]* T veth_open \[veth\]'
ok 'the kernel is what it was' is "$(grep -v '\[veth\]' "$tmp/live")" "$("$ksym" show "$index")"
live show -x "$index" --perf
ok '--perf: the object is part of the name, the module stays behind the tab' \
	grep -q ' t setup {tx.o}	\[veth\]$' "$out"
live find -x "$index" 'setup [veth] {rx.o}' --json
ok '--json: the object and where it is known from' json "$out" "[s['object'] for s in d['symbols']] == ['net/rx.o'] and
	d['symbols'][0]['modules'] == ['veth'] and 'dwarf' in d['symbols'][0]['sources']"
echo 0xffffffffc0002000 > "$root/sys/module/veth/sections/.bss"
loaded 0xc0009000 0xc0002000
live show -x "$index"
ok 'sections in another order' is "$(grep -c ' setup \[veth\] {[rt]x.o}$' "$out")" 2
loaded
sed -i '/ state	/d' "$kallsyms"
live show -x "$index"
ok 'a section that the kernel does not list' is "$(grep -c ' setup \[veth\] {[rt]x.o}$' "$out")" 2

# ---- what does not fit
loaded
sed -i 's/^\([0-9a-f]*\). T veth_close	/\1f T veth_close	/' "$kallsyms"
live show -x "$index"
ok 'symbols elsewhere: the index is not believed' not grep '\[veth\] {' "$out"
ok 'symbols elsewhere: it is told' contains "$err" '[veth]: its symbols are not where its index has them'
ok 'symbols elsewhere: and done without' status_is 0
loaded
cp "$index" "$place"
live show -x "$index"
ok 'the index of something else' contains "$err" 'of another build'
ok 'the index of something else: is not taken' not grep '\[veth\] {' "$out"
head -c 300 "$tmp/veth.ksym" > "$place"
live show -x "$index"
ok 'a truncated index: it is told' contains "$err" "$id.ksym: truncated"
ok 'a truncated index: and done without' status_is 0
cp "$tmp/veth.ksym" "$place"
head -c 30 "$tmp/veth.ko" > "$notes/.note.gnu.build-id"
live show -x "$index"
ok 'a malformed note: no index' not grep '\[veth\] {' "$out"
ok 'a malformed note: status 0' status_is 0
done_testing
