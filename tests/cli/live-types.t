#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What ksym live says of types, from /sys/kernel/btf of a recorded tree: the sample as if it
# ran, with a module.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

build_sample "$tmp/k" || { cat "$tmp/log"; exit 4; }
vmlinux=$tmp/k/vmlinux index=$tmp/index root=$tmp/root
unset KSYM_INDEX_PATH XDG_CACHE_HOME
export HOME=/home/somebody
"$ksym" index -q --build-tree "$tmp/k" -o "$index" "$vmlinux"
btf=$root/sys/kernel/btf kallsyms=$root/proc/kallsyms
mkdir -p "$root/proc/sys/kernel" "$btf"
echo 6.1.0 > "$root/proc/sys/kernel/osrelease"

cat > "$tmp/veth.c" <<'END'
struct net { int queues[3]; };
struct net veth_net = { { 1 } };
static int twice;
static int __attribute__((noinline, used)) s_next(struct net *n) { return n->queues[0] + twice; }
int veth_open(struct net *net, char *name);
int veth_open(struct net *net, char *name) { return s_next(net) + *name; }
int *where(void);
int *where(void) { return &twice; }
int veth_xmit(int n);
int veth_xmit(int n) { return n * 3; }
int veth_poll(int n);
int veth_poll(int n) { return n * 5; }
int veth_stop(int n);
int veth_stop(int n) { return n * 7; }
END
cat > "$tmp/percpu.c" <<'END'
__attribute__((section(".data..percpu"))) struct rq { long n[5]; } runqueues = { { 1 } };
__attribute__((section(".data..percpu"))) int this_one = 1;
END
for f in veth percpu; do
	gcc -O1 -g -fno-pic -c -o "$tmp/$f.o" "$tmp/$f.c" || exit 4
done
"$ksym" show "$index" | awk '{ print $1, $3, $4 }' > "$tmp/kernel"
cp "$tmp/kernel" "$kallsyms"
printf '%s\t[veth]\n' 'ffffffffc0001000 t s_next' 'ffffffffc0001040 T veth_open' \
	'ffffffffc0001080 t veth_xmit.constprop.0' 'ffffffffc00010a0 t veth_xmit.constprop.0.cold' \
	'ffffffffc00010c0 t veth_poll.isra.0' 'ffffffffc00010e0 t veth_poll.constprop.1' \
	'ffffffffc0001100 t veth_stop.part.0' 'ffffffffc0001120 t .isra.0' 'ffffffffc0001140 t veth_stop.' \
	'ffffffffc0002000 D veth_net' 'ffffffffc0002010 b twice' >> "$kallsyms"
# Every function, also those that share their name: pahole of some kernels has one of them.
"$ksym" btf -q --vars none --functions all -o "$btf/vmlinux" "$vmlinux"
"$ksym" btf -q --vars all --functions all --base "$btf/vmlinux" -o "$btf/veth" "$tmp/veth.o"

live()
{
	run live --sysroot "$root" "$@"
}

# declared IDENTITY TEXT: what stands behind the last tab
declared()
{
	live find --index "$index" "$1"
	ok "$1: $2" is "$(sed 's/.*	//' "$out")" "$2"
}

# ---- functions
declared schedule 'int schedule(int x);'
declared 'veth_open [veth]' 'int veth_open(struct net *net, char *name);'
declared 's_next [veth]' 'int s_next(struct net *n);'
declared 'veth_xmit.constprop.0 [veth]' 'int veth_xmit(int n);'
for n in veth_poll.isra.0 veth_poll.constprop.1; do
	declared "$n [veth]" 'one of its name is int veth_poll(int n);'
done
for n in veth_xmit.constprop.0.cold veth_stop.part.0 veth_stop. .isra.0; do
	live find --index "$index" "$n [veth]"
	ok "$n: is another function" not grep ';' "$out"
done
live find --index "$index" 's_next {seq_file.o}'
ok 'functions of one name are not told apart' matches "$out" \
	'	one of its name is int s_next\(.*\);'
live find --index "$index" startup
ok 'nothing is said of what BTF does not have' not grep ';' "$out"
va=$(sed -n 's/ T schedule$//p' "$kallsyms")
live at --index "$index" "$va" ffffffffc0001044
ok 'at' is "$(sed 's/.*	//' "$out")" "int schedule(int x);
int veth_open(struct net *net, char *name);"
live show --index "$index"
ok 'show: not unasked' not grep 'schedule(' "$out"
live show --index "$index" --types
ok 'show --types' grep -q ' T schedule.*	int schedule(int x);$' "$out"
live show --index "$index" --types --kallsyms
ok 'show --types: not for readers of kallsyms' status_is 2
live find --index "$index" s_next --json
ok '--json: find' json "$out" "[s['btf'] for s in d['symbols']] == ['vmlinux'] * 3 + ['veth'] and
	all(s['declaration'] is None and s['ambiguous_declarations'] for s in d['symbols'][:3]) and
	d['symbols'][3]['declaration'] == 'int s_next(struct net *n)'"
live at --index "$index" "$va" --json
ok '--json: at' json "$out" "d['addresses'][0]['symbol']['declaration'] == 'int schedule(int x)'"
live show --index "$index" --json
ok '--json: show' json "$out" "[s['declaration'] for s in d['symbols'] if s['name'] == 'schedule'] ==
	['int schedule(int x)'] and [s['declaration'] for s in d['symbols'] if s['name'] == 'startup'] == [None]"
live find --index "$index" schedule --probe kprobe
ok 'a probe has none' not grep 'int' "$out"

# ---- variables
declared 'veth_net [veth]' 'struct net veth_net;'
live find --index "$index" 'veth_net [veth]'
ok 'the size of a variable of a module' matches "$out" '^ffffffffc0002000 c D veth_net \[veth\]'
"$ksym" btf -q --vars all --base "$btf/vmlinux" -o "$btf/vmlinux_btf_extra" "$vmlinux"
declared nr_running 'int nr_running;'
for object in core.o sched/core.o; do
	declared "counter {$object}" 'volatile int counter;'
	declared "calls.0 {$object}" 'int calls;'
done
live find counter --json
ok 'without addresses of sections, those of one name are not told apart' json "$out" \
	"len(d['symbols']) == 2 and all(s['declaration'] is None and s['btf'] == 'vmlinux_btf_extra' for s in d['symbols'])"
live find calls.0 --json
ok 'nor are those that are static in functions' json "$out" "all(s['declaration'] is None for s in d['symbols'])"
live find nr_running --json
ok 'one that is alone is told' json "$out" "d['symbols'][0]['declaration'] == 'int nr_running'"
rm "$btf/vmlinux_btf_extra"

# ---- BTF is input like any other
cp "$btf/veth" "$tmp/veth.btf"
cp "$btf/vmlinux" "$tmp/vmlinux.btf"
printf 'ffffffffc0003000 T veth_open\t[../veth]\n' >> "$kallsyms"
cp "$btf/veth" "$root/sys/kernel/veth"
live find --index "$index" "veth_open [../veth]"
ok "a path is no module" not grep "net" "$out"
sed -i '$d' "$kallsyms"
head -c 100 "$tmp/veth.btf" > "$btf/veth"
live find --index "$index" 'veth_open [veth]'
ok 'malformed BTF of a module: it is told' contains "$err" 'btf/veth: BTF: header: expected'
ok 'malformed BTF of a module: and done without' status_is 0
cp "$tmp/veth.btf" "$btf/veth"
head -c 100 "$tmp/vmlinux.btf" > "$btf/vmlinux"
live find --index "$index" schedule
ok 'malformed BTF of the kernel: it is told' contains "$err" 'btf/vmlinux: BTF: header: expected'
ok 'malformed BTF of the kernel: and done without' status_is 0
live show --index "$index" --types -q
ok 'malformed BTF of the kernel: unless it is asked for' status_is 3
ok 'malformed BTF of the kernel: one line' one_line "$err"
for n in $(seq 24 37 "$(wc -c < "$tmp/vmlinux.btf")"); do
	cp "$tmp/vmlinux.btf" "$btf/vmlinux"
	printf '\377\377' | dd of="$btf/vmlinux" bs=1 seek="$n" conv=notrunc 2> /dev/null
	live show --index "$index" --types
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || echo "byte $n: status $status"
done > "$tmp/odd"
ok 'altered BTF: no crash' not grep . "$tmp/odd"

# ---- sizes of per-CPU variables, without an index
"$ksym" btf -q -o "$btf/vmlinux" "$tmp/percpu.o"
{
	echo '0000000000010000 A __per_cpu_start'
	"$ksym" vars "$btf/vmlinux" | sed -n 's/^+\([0-9a-f]*\) .* \([a-z_]*\);$/\1 \2/p' |
		while read -r off name; do
			printf '%016x A %s\n' $((0x10000 + 0x$off)) "$name"
		done
	cat "$tmp/kernel"
} > "$kallsyms"
live find runqueues
ok 'the size of a per-CPU variable' matches "$out" '^[0-9a-f]* 28 A runqueues	.*	struct rq runqueues;$'
live find this_one
ok 'and of another one' matches "$out" '^[0-9a-f]* 4 A this_one	.*	int this_one;$'
done_testing
