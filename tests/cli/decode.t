#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ksym decode: dumps of all kinds, ambiguous names, modules, inlined functions.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# Two files with functions of the same names and sizes, told apart by what they call.
for x in one two; do
	cat > "$tmp/$x.c" <<-END
		extern volatile int sink;
		__attribute__((noinline)) void leaf_$x(void) { sink = 1; }
		static inline __attribute__((always_inline)) void inner(int v)
		{
			leaf_$x(); sink = v;
		}
		static __attribute__((noinline)) int helper(int v)
		{
			inner(v);
			return v + sink;
		}
		static __attribute__((noinline)) int quiet(int v) { sink = v; return sink; }
		int top_$x(int v) { int r = helper(v); r += quiet(v); return r + sink; }
	END
done
cat > "$tmp/three.c" <<-'END'
	volatile int sink;
	static __attribute__((noinline)) int sized(int v) { return v + sink; }
	int top_three(int v) { return sized(v) + 1; }
END
cat > "$tmp/four.c" <<-'END'
	extern volatile int sink;
	static __attribute__((noinline)) int sized(int v) { sink = v; sink = v + 1; sink = v * 3; sink = v * 5; return v; }
	int top_four(int v) { return sized(v) + 1; }
END
cat > "$tmp/mod.c" <<-'END'
	static const char info[] __attribute__((section(".modinfo"), used)) = "name=some_mod";
	extern int outside(int);
	int in_module(int v)
	{
		return outside(v) + 1;
	}
END
cd "$tmp" || exit 4
flags='-O2 -g -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -falign-functions=16'
for f in one two three four mod; do
	# shellcheck disable=SC2086 # words
	gcc $flags -c $f.c -o $f.o || exit 4
done
ld -nostdlib -Ttext=0xffffffff81000000 -e 0 --build-id=sha1 -o vmlinux one.o two.o three.o four.o || exit 4
mkdir -p modules/kernel/drivers
ld -r --build-id=sha1 -o modules/kernel/drivers/some-mod.ko mod.o
"$ksym" index -q vmlinux

# place NAME DIR FILE: "offset size" behind the first call in function NAME of FILE, and
# the size that a kernel prints.
after_call()
{
	python3 - "$1" "$2" "$3" <<-'END'
		import re, subprocess, sys
		name, near, path = sys.argv[1:]
		def run(*a):
		    return subprocess.run(a, capture_output=True, text=True, check=True).stdout
		syms = sorted((int(f[0], 16), f[2]) for f in map(str.split, run('nm', path).splitlines())
		              if len(f) == 3 and f[1] in 'tTbBdD')
		# The one of the name that is nearest behind the symbol given.
		base = next(va for va, n in syms if n == near)
		va = min((v for v, n in syms if n == name), key=lambda v: abs(v - base))
		nexts = [v for v, n in syms if v > va]
		size = (nexts[0] if nexts else va + 64) - va
		for line in run('objdump', '-d', f'--start-address={va}', f'--stop-address={va + size}',
		                path).splitlines():
		    m = re.match(r' *([0-9a-f]+):\t([0-9a-f ]+?) *\t(call|ret)', line)
		    if m and (m[3] == 'call' or len(sys.argv) < 0):
		        print(f'+0x{int(m[1], 16) + len(m[2].split()) - va:x}/0x{size:x}')
		        break
		else:
		    print(f'+0x2/0x{size:x}')
	END
}

helper=$(after_call helper leaf_two vmlinux)
top=$(after_call top_two leaf_two vmlinux)
leaf=$(after_call leaf_two leaf_two vmlinux)
cat > oops <<END
[   12.345678] BUG: unable to handle page fault for address: 0000000000001234
[   12.345678] CPU: 0 PID: 1 Comm: init Not tainted 6.1.0 #1
[   12.345678] RIP: 0010:leaf_two$leaf
[   12.345678] Code: 00 00 c3
[   12.345678] Call Trace:
[   12.345678]  <TASK>
[   12.345678]  helper$helper
[   12.345678]  top_two$top
[   12.345678]  </TASK>
[   12.345678] no+symbol here+0x12, and 1+0x2/0x3
END
run decode vmlinux < oops
ok 'status 0' status_is 0
ok 'nothing on standard error' empty "$err"
ok 'as many lines' is "$(wc -l < "$out")" "$(wc -l < oops)"
grep -v '+0x.*/0x' oops > plain
grep -v '+0x.*/0x' "$out" > "$tmp/got"
ok 'other lines are untouched' same plain "$tmp/got"
ok 'what is no symbol is untouched' contains "$out" 'no+symbol here+0x12, and 1+0x2/0x3'
ok 'what was executed: its line' contains "$out" "RIP: 0010:leaf_two$leaf {two.o} (two.c:2)"
ok 'the call decides which helper; inlined functions and their callers' contains "$out" \
	"helper$helper {two.o} (two.c:5 inner < two.c:9)"
ok 'where it returns to: the line of the call' contains "$out" "top_two$top {two.o} (two.c:13)"
"$ksym" decode --json vmlinux < oops > json
ok '--json' valid_json json
ok '--json: how it was decided' json json '[p["decided"] for p in d["places"]] == ["unique", "calls", "unique"]'
ok '--json: frames' json json '[f["inlined"] for f in d["places"][1]["frames"]] == ["inner", None]'
ok '--json: returns' json json '[p["return"] for p in d["places"]] == [False, True, True]'
run decode --image vmlinux vmlinux.ksym < oops
cp "$out" by-image
run decode vmlinux oops
ok 'index and --image: the same' same by-image "$out"
run decode vmlinux.ksym < oops
ok 'index alone: identities' contains "$out" "top_two$top"
ok 'index alone: no lines' not grep -q 'two\.c:' "$out"
ok 'index alone: what cannot be decided is said' contains "$out" "helper$helper (undecided: {one.o}, {two.o})"
sed 's/leaf_two.*/nothing+0x1\/0x2/; s/top_two.*/?/' oops > alone
run decode vmlinux < alone
ok 'no neighbours: undecided' contains "$out" "helper$helper (undecided: {one.o}, {two.o})"
ok 'unknown symbol: untouched' contains "$out" 'RIP: 0010:nothing+0x1/0x2'
sed 's/leaf_two.*/leaf_one+0x1\/0x10/; s/top_two/top_one/' oops > other
run decode vmlinux < other
ok 'other neighbours: the other one' contains "$out" "helper$helper {one.o} (one.c:5 inner < one.c:9)"
sed "s/  helper/  ? helper/" oops > unreliable
run decode vmlinux < unreliable
ok 'unreliable entries are not decided by neighbours' contains "$out" '(undecided:'

# By size, and by address with the kernel moved.
for f in three four; do
	size=$(after_call sized top_$f vmlinux)
	echo " sized+0x1/${size#*/}" | "$ksym" decode vmlinux > "$out"
	ok "size decides: $f" contains "$out" "{$f.o}"
done
quiet=$(nm vmlinux | awk '$3 == "quiet" { print $1 }' | sed -n 2p)
top_va=$(nm vmlinux | awk '$3 == "top_one" { print $1 }')
moved()
{
	python3 -c 'import sys; print("%x" % (int(sys.argv[1], 16) + 0x2a000000 + int(sys.argv[2])))' "$1" "$2"
}
cat > perf <<END
init     1 [000]     1.000000: probe:
	$(moved "$top_va" 3) top_one+0x3 ([kernel.kallsyms])
	$(moved "$quiet" 4) quiet+0x4 ([kernel.kallsyms])
	    7f0000001234 main+0x12 (/bin/init)
END
run decode vmlinux perf
ok 'perf script: an address decides' contains "$out" 'quiet+0x4 {two.o} (two.c:12)'
ok 'perf script: user space is untouched' contains "$out" 'main+0x12 (/bin/init)'

# Modules.
place=$(after_call in_module in_module modules/kernel/drivers/some-mod.ko)
id=$(readelf -n modules/kernel/drivers/some-mod.ko | sed -n 's/.*Build ID: //p')
printf '%s\n' " in_module$place [some_mod]" " in_module$place [some_mod $id]" \
	" in_module$place [some_mod 00$id]" " in_module$place [other]" > mods
run decode --modules modules vmlinux mods
ok 'module: by name' is "$(sed -n 1p "$out")" " in_module$place [some_mod] (mod.c:5)"
ok 'module: by build ID' is "$(sed -n 2p "$out")" " in_module$place [some_mod] (mod.c:5)"
ok 'module: another build ID: untouched' is "$(sed -n 3p "$out")" "$(sed -n 3p mods)"
ok 'module: unknown: untouched' is "$(sed -n 4p "$out")" "$(sed -n 4p mods)"
run decode vmlinux mods
ok 'no --modules: untouched' same mods "$out"
"$ksym" index -q -o modules/some_mod.ksym modules/kernel/drivers/some-mod.ko
rm modules/kernel/drivers/some-mod.ko
run decode --modules modules vmlinux mods
ok 'module: an index' is "$(sed -n 1p "$out")" " in_module$place [some_mod]"
run decode --modules none vmlinux mods
ok 'no such folder: status 4' status_is 4
ok 'no such folder: one line' one_line "$err"
run decode --modules none vmlinux oops
ok 'folders are searched when a module comes up' status_is 0
: > nothing
run decode vmlinux nothing
ok 'empty dump: status 0' status_is 0
ok 'empty dump: no output' empty "$out"
run decode vmlinux "$tmp/missing"
ok 'missing dump: status 4' status_is 4
ok 'missing dump: one line' one_line "$err"
head -c 100000 /dev/urandom > noise
run decode vmlinux noise
ok 'noise: status 0' status_is 0

# A function that lost its symbol.
"$source/tests/weak-fixtures/build" weak gcc > log 2>&1 || { cat log; exit 4; }
printf ' live_one+0x18/0x30\n' | "$ksym" decode weak/vmlinux > "$out"
ok 'dead function' matches "$out" '^ lost_middle\+0x8/0x[0-9a-f]+ \{weak\.o\} \(dead, seen as live_one\+0x18\) \(weak\.c:[0-9]+\)$'
done_testing
