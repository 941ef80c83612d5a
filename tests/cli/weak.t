#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ksym weak, sizes, sympos, and what show and at make of dead functions.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

fixture=$source/tests/weak-fixtures/build

# truth DIR: "address name" of the functions of weak.o that have no symbol of their own in
# vmlinux, as the object says where they are.
truth()
{
	python3 - "$1" <<-'END'
		import subprocess, sys
		def nm(path):
		    return [(int(f[0], 16), f[1], f[2]) for f in (line.split() for line in
		            subprocess.run(['nm', '-n', path], capture_output=True, text=True,
		                           check=True).stdout.splitlines()) if len(f) == 3]
		vmlinux = nm(sys.argv[1] + '/vmlinux')
		where = {name: va for va, kind, name in vmlinux}
		for section, anchor in (('.text', 'live_one'), ('.init.text', 'startup_code')):
		    table = [line.split() for line in subprocess.run(
		        ['objdump', '-t', '-j', section, sys.argv[1] + '/weak.o'], capture_output=True,
		        text=True, check=True).stdout.splitlines()]
		    objs = {f[-1]: int(f[0], 16) for f in table
		            if len(f) >= 5 and section in f and f[-1][0] not in '.$'}
		    base = where[anchor] - objs[anchor]
		    for name, off in sorted(objs.items(), key=lambda x: x[1]):
		        if where.get(name) != base + off:
		            print(f'{base + off:016x} {name}')
	END
}

check_image()
{
	what=$1 dir=$2
	vmlinux=$dir/vmlinux
	truth "$dir" > "$tmp/want"
	run weak "$vmlinux"
	ok "$what: status 0" status_is 0
	ok "$what: nothing on standard error" empty "$err"
	awk '$3 == "function" { print $1, $4 }' "$out" > "$tmp/got"
	ok "$what: the dead functions are those the object has and the image lost" same "$tmp/want" "$tmp/got"
	ok "$what: eight of them" is "$(wc -l < "$tmp/want")" 8
	ok "$what: the tail of assembly is none of them" is "$(awk '$3 == "assembly"' "$out" | wc -l)" 1
	ok "$what: nothing else is a hole" is "$(awk 'NF > 8 && $3 == "code"' "$out" | wc -l)" 0
	ok "$what: totals" contains "$out" '7 of 21 entries of __mcount_loc are dead'
	run weak --json "$vmlinux"
	ok "$what: JSON" valid_json "$out"
	nm "$vmlinux" | awk '{ print $3, $1 }' | sort > "$tmp/nm"
	ok "$what: JSON: who won is the symbol of that name" python3 -c '
import json, sys
nm = dict(line.split() for line in open(sys.argv[2]))
holes = [h for h in json.load(open(sys.argv[1]))["holes"] if h["name"]]
sys.exit(not (len(holes) == 8 and all(h["won"] == nm[h["name"]] and h["won_object"] == "strong.o" and
	h["object"] == "weak.o" and h["confidence"] in ("exact", "line", "order") for h in holes)))' \
		"$out" "$tmp/nm"
	run weak --no-debug-search "$dir/nodebug"
	ok "$what: without debug information: status 0" status_is 0
	awk '$3 == "function" { print $1 }' "$out" > "$tmp/got"
	grep -v untraced "$tmp/want" | cut -d ' ' -f 1 > "$tmp/traced"
	ok "$what: without debug information: those that are traced" same "$tmp/traced" "$tmp/got"
	ok "$what: without debug information: no names" is "$(awk '$3 == "function" && $4 != "?"' "$out" | wc -l)" 0

	run show --weak "$vmlinux"
	awk '$3 == "w" { print $1, $4 }' "$out" > "$tmp/got"
	ok "$what: show --weak lists them" same "$tmp/want" "$tmp/got"
	cut -d ' ' -f 1 "$out" > "$tmp/order"
	ok "$what: show --weak: in place" sort -c "$tmp/order"
	run show --weak --kallsyms "$vmlinux"
	ok "$what: show --weak --kallsyms: a tab before the object" contains "$out" "$(printf ' w first_lost\t{weak.o}')"
	run show "$vmlinux"
	ok "$what: show without --weak does not" is "$(awk '$3 == "w"' "$out" | wc -l)" 0

	"$ksym" index -q -o "$tmp/index" "$vmlinux"
	while read -r va dead; do
		for file in "$vmlinux" "$tmp/index"; do
			run at "$file" "$va"
			ok "$what: at: $dead, ${file##*/}" matches "$out" "^$dead\\+0x0/0x[0-9a-f]+ \\{weak\\.o\\} \\(dead\\)"
		done
	done < "$tmp/want"
	run at --json "$tmp/index" "$(sed -n 's/ lost_middle//p' "$tmp/want")"
	ok "$what: at --json" json "$out" 'd["addresses"][0]["dead"]["name"] == "lost_middle" and
		d["addresses"][0]["symbol"]["name"] == "live_one" and not d["addresses"][0]["inside"]'
	run at "$tmp/index" keeps_living+1
	ok "$what: at: a weak function that lives is no dead one" matches "$out" '^keeps_living\+0x1/0x[0-9a-f]+$'

	run sizes "$tmp/index"
	ok "$what: sizes: functions before dead ones, the true size and the guess" matches "$out" \
		"^[+-][0-9]+	[0-9]+ real, [0-9]+ seen	[a-z_]+.*	"
	ok "$what: sizes: why" contains "$out" '4 dead functions behind it'
	run sizes --all --json "$tmp/index"
	ok "$what: sizes --json: real and seen differ" json "$out" \
		'd["sizes"] and all(s["size"] != s["seen"] for s in d["sizes"])'
}

"$fixture" "$tmp/x86" gcc > "$tmp/log" 2>&1 || { cat "$tmp/log"; exit 4; }
objcopy --strip-debug "$tmp/x86/vmlinux" "$tmp/x86/nodebug"
check_image x86-64 "$tmp/x86"
if has aarch64-linux-gnu-gcc; then
	"$fixture" "$tmp/arm64" aarch64-linux-gnu-gcc > "$tmp/log" 2>&1 || { cat "$tmp/log"; exit 4; }
	aarch64-linux-gnu-objcopy --strip-debug "$tmp/arm64/vmlinux" "$tmp/arm64/nodebug"
	check_image arm64 "$tmp/arm64"
else
	skip arm64 'no aarch64-linux-gnu-gcc'
fi

# Objects: what is weak there has its symbol, so nothing is dead.
run weak "$tmp/x86/weak.o"
ok 'object: status 0' status_is 0
ok 'object: no hole' is "$(grep -c function "$out")" 1
run mcount "$tmp/x86/weak.o"
ok 'object: entries from relocations' contains "$out" '13 entries, 13 live, 0 dead, 0 zero'
ld -r -o "$tmp/both.o" "$tmp/x86/weak.o" "$tmp/x86/strong.o" "$tmp/x86/tail.o"
run weak "$tmp/both.o"
ok 'vmlinux.o: the same eight' is "$(awk '$3 == "function" { print $4 }' "$out" | sort | tr '\n' ' ')" \
	'early_lost first_lost lost_middle lost_untraced one_lost one_lost_too two_lost two_lost_too '

"$ksym" index -q -o "$tmp/index" "$tmp/x86/vmlinux"
run sympos "$tmp/index" first_lost
ok 'sympos: one' matches "$out" '^1 [0-9a-f]{16} [0-9a-f]+ T first_lost'
build_sample "$tmp/k" || { cat "$tmp/log"; exit 4; }
run sympos "$tmp/k/vmlinux" s_next
ok 'sympos: in the order of addresses' is "$(cut -d ' ' -f 1 "$out" | tr '\n' ' ')" '1 2 3 '
cut -d ' ' -f 2 "$out" > "$tmp/vas"
ok 'sympos: addresses ascend' sort -c "$tmp/vas"
run sympos --json "$tmp/k/vmlinux" s_next
ok 'sympos --json' json "$out" '[s["sympos"] for s in d["symbols"]] == [1, 2, 3] and
	len({s["object"] for s in d["symbols"]}) == 3'
run sympos "$tmp/k/vmlinux" no_such
ok 'sympos: no such symbol: status 1' status_is 1
ok 'sympos: no such symbol: one line' one_line "$err"
run weak "$tmp/k/vmlinux"
ok 'sample: no false hole' is "$(grep -c 'function\|code ?' "$out")" "$(grep -c '^[0-9]* gaps' "$out")"
done_testing
