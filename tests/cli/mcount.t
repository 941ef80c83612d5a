#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ksym mcount: totals, lists, numbers, and a clean table.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

fixture=$source/tests/weak-fixtures/build

# table FILE: the words between __start_mcount_loc and __stop_mcount_loc, then the
# relocations there as "type value", of which arm64 takes the addresses.
table()
{
	python3 - "$1" <<-'END'
		import re, subprocess, sys
		def out(*args):
		    return subprocess.run(args, capture_output=True, text=True, check=True).stdout
		path = sys.argv[1]
		nm = {f[2]: int(f[0], 16) for f in map(str.split, out('nm', path).splitlines()) if len(f) == 3}
		start, stop = nm['__start_mcount_loc'], nm['__stop_mcount_loc']
		m = re.search(r' \.init\.data +PROGBITS +([0-9a-f]+) +([0-9a-f]+)', out('readelf', '-SW', path))
		off = start - int(m[1], 16) + int(m[2], 16)
		data = open(path, 'rb').read()[off:off + stop - start]
		for i in range(0, len(data), 8):
		    print(f'{int.from_bytes(data[i:i + 8], "little"):016x}')
		for f in map(str.split, out('readelf', '-rW', path).splitlines()):
		    if len(f) >= 3 and re.fullmatch('[0-9a-f]{16}', f[0]) and start <= int(f[0], 16) < stop:
		        print(f[0], f[2], f[-1])
	END
}

# expected FILE BEFORE VAS: what the rule of sorttable leaves of the addresses, by nm.
expected()
{
	python3 - "$@" <<-'END'
		import subprocess, sys
		before = int(sys.argv[2])
		nm = [f for f in map(str.split, subprocess.run(['nm', '-S', sys.argv[1]], capture_output=True,
		      text=True, check=True).stdout.splitlines()) if len(f) == 4 and f[2] in 'tTW']
		funcs = [(int(f[0], 16), int(f[1], 16)) for f in nm]
		vas = [int(line, 16) for line in open(sys.argv[3])]
		live = sorted(v for v in vas if any(a - before <= v < a + n for a, n in funcs))
		for v in [0] * (len(vas) - len(live)) + live:
		    print(f'{v:016x}')
	END
}

vas()
{
	"$ksym" mcount --list "$1" | cut -d ' ' -f 1
}

check_clean()
{
	what=$1 dir=$2 before=$3
	vmlinux=$dir/vmlinux
	run mcount "$vmlinux"
	ok "$what: totals" contains "$out" '21 entries, 14 live, 7 dead, 0 zero'
	ok "$what: by section" contains "$out" '.init.text: 1 live, 1 dead'
	run mcount --json "$vmlinux"
	ok "$what: --json" json "$out" 'd["entries"] == 21 and d["dead"] == 7 and
		sum(s["live"] + s["dead"] for s in d["sections"]) == 21'
	vas "$vmlinux" > "$tmp/vas"
	expected "$vmlinux" "$before" "$tmp/vas" > "$tmp/want"
	cp "$vmlinux" "$tmp/before"
	chmod 750 "$vmlinux"
	run mcount --clean --mode zero -o "$tmp/zero" "$vmlinux"
	ok "$what: --clean: status 0" status_is 0
	ok "$what: --clean: says what it did" contains "$out" '14 of 21 entries kept, 7 made zero'
	ok "$what: --output: the input stays" cmp "$vmlinux" "$tmp/before"
	ok "$what: --output: mode is kept" is "$(stat -c %a "$tmp/zero")" 750
	vas "$tmp/zero" > "$tmp/got"
	ok "$what: --clean: zeros, then the live ones, sorted" same "$tmp/want" "$tmp/got"
	run mcount "$tmp/zero"
	ok "$what: --clean: nothing dead is left" contains "$out" '14 entries, 14 live, 0 dead, 7 zero'
	if "$source/tests/weak-fixtures/sorttable" "$tmp/sorttable" 2> "$tmp/log"; then
		cp "$vmlinux" "$tmp/oracle"
		nm -S "$tmp/oracle" > "$tmp/nm"
		"$tmp/sorttable" -s "$tmp/nm" "$tmp/oracle" > "$tmp/log" 2>&1
		# It also says that __ex_table is sorted.
		python3 -c '
import re, subprocess, sys
out = lambda *a: subprocess.run(a, capture_output=True, text=True, check=True).stdout
va = next(int(l.split()[0], 16) for l in out("nm", sys.argv[1]).splitlines() if l.endswith("main_extable_sort_needed"))
for m in re.finditer(r"(?:PROGBITS) +([0-9a-f]+) +([0-9a-f]+) +([0-9a-f]+)", out("readelf", "-SW", sys.argv[1])):
    start, off, n = (int(x, 16) for x in m.groups())
    if start <= va < start + n:
        with open(sys.argv[1], "r+b") as f:
            f.seek(off + va - start)
            f.write(b"\1\0\0\0")' "$tmp/oracle"
		ok "$what: --clean: byte for byte what sorttable makes" cmp "$tmp/oracle" "$tmp/zero"
	else
		skip "$what: --clean: byte for byte what sorttable makes" "$(cat "$tmp/log")"
	fi

	run mcount --clean "$vmlinux"
	ok "$what: --mode auto of Linux 6.1: relocations go" contains "$out" 'relocations made void'
	vas "$vmlinux" > "$tmp/got"
	ok "$what: --mode auto: the same table" same "$tmp/want" "$tmp/got"
	table "$vmlinux" > "$tmp/table"
	ok "$what: --mode auto: seven relocations are void" is "$(grep -c 'R_.*_NONE' "$tmp/table")" 7
	ok "$what: --mode auto: in place, mode is kept" is "$(stat -c %a "$vmlinux")" 750
	cp "$vmlinux" "$tmp/once"
	run mcount --clean "$vmlinux"
	ok "$what: --clean twice: status 0" status_is 0
	ok "$what: --clean twice changes nothing" cmp "$tmp/once" "$vmlinux"
	cp "$tmp/before" "$vmlinux"
	sed 's/Linux version 6\.1\.0/Linux version 6.15./' "$vmlinux" > "$tmp/new"
	run mcount --clean "$tmp/new"
	ok "$what: --mode auto of Linux 6.15: zeros alone" contains "$out" '7 made zero'
	ok "$what: --mode auto of Linux 6.15: no relocation goes" not grep -q void "$out"
	sed 's/Linux version/Minix version/' "$vmlinux" > "$tmp/new"
	run mcount --clean "$tmp/new"
	ok "$what: no version: refused" status_is 3
	ok "$what: no version: one line" one_line "$err"
}

"$fixture" "$tmp/x86" gcc > "$tmp/log" 2>&1 || { cat "$tmp/log"; exit 4; }
check_clean x86-64 "$tmp/x86" 0
if has aarch64-linux-gnu-gcc; then
	"$fixture" "$tmp/arm64" aarch64-linux-gnu-gcc > "$tmp/log" 2>&1 || { cat "$tmp/log"; exit 4; }
	check_clean arm64 "$tmp/arm64" 8
else
	skip arm64 'no aarch64-linux-gnu-gcc'
fi

refused()
{
	name=$1; shift
	cp "$1" "$tmp/refused"
	cp "$1" "$tmp/refused.before"
	run mcount --clean "$tmp/refused"
	ok "$name: status 3" status_is 3
	ok "$name: one line" one_line "$err"
	ok "$name: untouched" cmp "$tmp/refused" "$tmp/refused.before"
}

vmlinux=$tmp/x86/vmlinux
refused 'object' "$tmp/x86/weak.o"
objcopy --rename-section .init.data=.elsewhere "$vmlinux" "$tmp/moved"
refused 'table in another section' "$tmp/moved"
objcopy --strip-symbol __stop_mcount_loc "$vmlinux" "$tmp/endless" 2> "$tmp/log" ||
	objcopy --redefine-sym __stop_mcount_loc=gone "$vmlinux" "$tmp/endless"
refused 'table without end' "$tmp/endless"
objcopy -O elf32-i386 "$tmp/x86/strong.o" "$tmp/other" 2> "$tmp/log" || cp "$tmp/x86/strong.o" "$tmp/other"
refused 'other machine' "$tmp/other"
mkdir "$tmp/locked"
cp "$vmlinux" "$tmp/locked/vmlinux"
if [ "$(id -u)" != 0 ]; then
	chmod 500 "$tmp/locked"
	run mcount --clean "$tmp/locked/vmlinux"
	ok 'no right to write: status 4' status_is 4
	chmod 700 "$tmp/locked"
fi
run mcount --clean -o "$tmp/none/file" "$vmlinux"
ok 'no such folder: status 4' status_is 4
ok 'no such folder: one line' one_line "$err"

# Numbers for set_ftrace_filter: the table sorted, without what is freed after boot.
run mcount --index 'lost_*' --index live_one "$vmlinux"
ok '--index: numbers of live functions' is "$(tr '\n' ' ' < "$out")" '2 live_one 13 lost_middle 14 lost_untraced '
run mcount --index startup_code "$vmlinux"
ok '--index: freed ones have none' status_is 1
cp "$vmlinux" "$tmp/clean"
"$ksym" mcount -q --clean "$tmp/clean"
run mcount --index live_one --json "$tmp/clean"
ok '--index: cleaned, the dead do not count' json "$out" 'd["functions"] == [{"index": 1, "function": "live_one"}]'
printf '%s\n' do_one_initcall 'vfs_read' 'nf_hook [nf]' 'vfs_write' > "$tmp/lines"
run mcount --index 'vfs_*' "$tmp/lines"
ok '--index: lines of available_filter_functions' is "$(tr '\n' ' ' < "$out")" '2 vfs_read 4 vfs_write '
run mcount --index none "$tmp/lines"
ok '--index: nothing fits: status 1' status_is 1
run mcount --index a --clean "$vmlinux"
ok '--index with --clean: status 2' status_is 2
run mcount --mode zero "$vmlinux"
ok '--mode without --clean: status 2' status_is 2
run mcount --clean --mode never "$vmlinux"
ok '--mode that is none: status 2' status_is 2
run mcount
ok 'no FILE: status 2' status_is 2
# The kernel's tool reads the line of an absolute symbol of one letter with the one behind it.
objcopy --add-symbol k=0x50 "$tmp/x86/vmlinux" "$tmp/letter"
run mcount --clean --mode zero -o "$tmp/zero" "$tmp/letter"
ok 'a symbol of one letter: one live function more is lost' contains "$out" '13 of 21 entries kept, 8 made zero'
ok 'a symbol of one letter: which it says' contains "$err" \
	"1 of them are of functions that are alive, the first at $(nm "$tmp/letter" | sed -n 's/ . keeps_living$//p')"
run mcount --clean --mode zero --json -o "$tmp/zero" "$tmp/letter"
ok 'a symbol of one letter: --json' json "$out" 'd["live"] == 1'

# A dead function in each of many gaps: the time must not go with the square of their number.
cat > "$tmp/many.S" <<-'END'
		.section .note.GNU-stack, "", %progbits
		.macro one
		.type f\@, %function
	f\@:	ret
		.size f\@, 1
	.Ld\@:	xor %eax, %eax
		ret
		.section .init.data, "aw"
		.quad .Ld\@
		.text
		.endm
		.section .init.data, "aw"
		.globl __start_mcount_loc, __stop_mcount_loc
	__start_mcount_loc:
		.text
		.rept 150000
		one
		.endr
		.section .init.data, "aw"
	__stop_mcount_loc:
END
gcc -c "$tmp/many.S" -o "$tmp/many.o" && ld -e 0 -Ttext=0x1000000 "$tmp/many.o" -o "$tmp/many" || exit 4
(ulimit -t 6; "$ksym" mcount --list "$tmp/many" > "$out" 2> "$err")
ok 'many gaps: each entry is found at once' is "$(grep -c ' dead ?' "$out")" 150000

done_testing
