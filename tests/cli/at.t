#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ksym at: from addresses to symbols and source lines.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

build_sample "$tmp/k" || { cat "$tmp/log"; exit 4; }
vmlinux=$tmp/k/vmlinux
index=$tmp/index
"$ksym" index --build-tree "$tmp/k" -o "$index" "$vmlinux"

# hex NUMBER, va NAME: address of the first symbol of that name by nm.
hex()
{
	printf '%x' "$1"
}

va()
{
	nm -n "$vmlinux" | awk -v name="$1" '$3 == name { print $1; exit }'
}

len()
{
	nm -S "$vmlinux" | awk -v name="$1" '$4 == name { print $2; exit }' | sed 's/^0*//'
}

start=$(va schedule)
size=$(len schedule)

run at "$index" "$start"
ok 'status 0' status_is 0
ok 'symbol+offset/size {object}' is "$(cat "$out")" "schedule+0x0/0x$size {sched/core.o}"
ok 'nothing on standard error' empty "$err"
run at "$index" "0x$(hex $((0x$start + 3)))"
ok '0x is allowed' is "$(cat "$out")" "schedule+0x3/0x$size {sched/core.o}"
run at "$index" "$(hex $((0x$start + 3)) | tr a-f A-F)"
ok 'capital digits are allowed' is "$(cat "$out")" "schedule+0x3/0x$size {sched/core.o}"
run at "$index" schedule+3
ok 'symbol+offset is an address' is "$(cat "$out")" "schedule+0x3/0x$size {sched/core.o}"
run at "$index" schedule+0x3
ok 'symbol+0xoffset is an address' is "$(cat "$out")" "schedule+0x3/0x$size {sched/core.o}"
run at "$index" schedule
ok 'symbol is an address' is "$(cat "$out")" "schedule+0x0/0x$size {sched/core.o}"
run at "$index" 's_next {seq_file.o}+2'
ok 'identity+offset is an address' matches "$out" '^s_next\+0x2/0x[0-9a-f]+ \{seq_file\.o\}$'
run at "$index" 'free_netbuf [liquidio_vf]+1' 'lio_get_msglevel+1'
ok 'modules follow' matches "$out" \
	'^[a-z_]+\+0x1/0x[0-9a-f]+ (\[liquidio_vf\]|\[liquidio\] \[liquidio_vf\])$'
ok 'one line for each address' is "$(wc -l < "$out")" 2
run at "$index" "schedule+$size"
ok 'behind the end, in padding: offset is the size' is "$(cat "$out")" \
	"schedule+0x$size/0x$size {sched/core.o}"

run at "$index" s_next
ok 'ambiguous symbol: status 1' status_is 1
ok 'ambiguous symbol: one line' one_line "$err"
ok 'ambiguous symbol: says how many' contains "$err" 'fits 3 symbols'
ok 'ambiguous symbol: its line is ??' is "$(cat "$out")" '??'
printf '%s\n' schedule 'no such thing' 's_next {seq_file.o}+2' > "$tmp/in"
run at "$index" - < "$tmp/in"
ok 'a bad word among others: status 1' status_is 1
ok 'a bad word among others: the others are answered' is "$(sed -n '1s/+.*//p;$s/+.*//p' "$out" | tr '\n' ' ')" \
	'schedule s_next '
run at "$index" no_such_symbol
ok 'unknown symbol: status 1' status_is 1
ok 'unknown symbol: one line' one_line "$err"
run at "$index" schedule+x
ok 'bad offset: status 2' status_is 2
run at "$index" schedule+11112222333344445
ok 'offset over 64 bits: status 2' status_is 2
run at "$index" 'schedule {'
ok 'malformed identity: status 2' status_is 2
run at "$index" 10 "$start"
ok 'nothing at the address: status 1' status_is 1
ok 'nothing at the address: ??, and the others are answered' is "$(tr '\n' ' ' < "$out")" \
	"?? schedule+0x0/0x$size {sched/core.o} "

printf '%s\nschedule+1 10\n\n  0x%s\n' "$start" "$start" > "$tmp/addresses"
"$ksym" at "$index" - < "$tmp/addresses" > "$out" 2> "$err"
ok '- reads addresses, several a line: status' is $? 1
ok '- reads addresses, several a line' is "$(sed 's, .*,,' "$out" | tr '\n' ' ')" \
	"schedule+0x0/0x$size schedule+0x1/0x$size ?? schedule+0x0/0x$size "
echo "$start" | "$ksym" at "$index" schedule+5 - schedule+6 > "$out" 2> "$err"
ok '- stands where it stands' is "$(sed 's,/.*,,' "$out" | tr '\n' ' ')" \
	'schedule+0x5 schedule+0x0 schedule+0x6 '
: | "$ksym" at "$index" - > "$out"
ok '- of nothing: status 0' is $? 0
ok '- of nothing: no line' empty "$out"
echo 'bad+zz' | "$ksym" at "$index" - > "$out" 2> "$err"
ok '- with a bad word: status 2' is $? 2
ok '- with a bad word: one line' one_line "$err"

# Functions against the list of nm.  In startup there is a label, which is nearer.
nm -S "$vmlinux" | awk 'NF == 4 && tolower($3) == "t" && $4 != "startup" { print $1, $2, $4 }' |
	while read -r a n name; do
		for at in 0 1 $((0x$n - 1)); do
			printf '%x %s+0x%x/0x%x\n' $((0x$a + at)) "$name" $at $((0x$n))
		done
	done > "$tmp/want"
cut -d ' ' -f 1 "$tmp/want" | "$ksym" at "$index" - | sed 's/ .*//' > "$tmp/got"
cut -d ' ' -f 2 "$tmp/want" > "$tmp/names"
ok 'first, second and last byte of every function' same "$tmp/names" "$tmp/got"
run at "$index" startup_inner+3
ok 'label inside a function is nearer' is "$(cat "$out")" 'startup_inner+0x3/0x0'

# Source lines.
run at "$vmlinux" schedule
line=$(grep -n '^int schedule' "$source/sample/kernel/sched/core.c" | cut -d : -f 1)
ok 'image with DWARF: source line' contains "$out" "kernel/sched/core.c:"
ok 'image with DWARF: the line is that of the function' test \
	"$(sed 's/.*:\([0-9]*\)$/\1/' "$out")" -ge "$line"
if has addr2line; then
	cut -d ' ' -f 1 "$tmp/want" | "$ksym" at --json "$vmlinux" - > "$tmp/lines"
	cut -d ' ' -f 1 "$tmp/want" | addr2line -e "$vmlinux" |
		sed 's/ (discriminator.*//; s/.*sample\///; s/.*\(kernel\|fs\|drivers\)\//\1\//
			s/^entry.o:/??:/' > "$tmp/addr2line"
	python3 - "$tmp/lines" > "$tmp/got" <<-'END'
		import json, re, sys
		for a in json.load(open(sys.argv[1]))["addresses"]:
		    name = "%s:%s" % (a.get("file", "??"), a.get("line", "?"))
		    print(re.sub(r".*(kernel|fs|drivers)/", r"\1/", name))
	END
	ok 'lines are those of addr2line' same "$tmp/addr2line" "$tmp/got"
fi
run at --image "$vmlinux" "$index" schedule
ok '--image: source line for an index' contains "$out" "kernel/sched/core.c:"
run at --image "$tmp/none" "$index" schedule
ok '--image: missing file: status 4' status_is 4
ok '--image: missing file: one line' one_line "$err"
ok '--image: missing file: no data' empty "$out"
objcopy --strip-debug "$vmlinux" "$tmp/nodebug"
run at --image "$tmp/nodebug" "$index" schedule
ok '--image: without DWARF: status 3' status_is 3
run at --no-debug-search "$tmp/nodebug" schedule
ok 'image without DWARF: no line, no complaint' is "$(cat "$out" "$err")" \
	"schedule+0x0/0x$size"

run at --json "$index" schedule+3 10 "$start"
ok '--json: status 1, as one is missing' status_is 1
ok '--json: valid' valid_json "$out"
ok '--json: addresses are lowercase strings' json "$out" \
	'all(re.fullmatch("[0-9a-f]{16}", a["address"]) for a in d["addresses"])'
ok '--json: symbol, offset, inside' json "$out" '[(a["symbol"] and a["symbol"]["name"],
	a.get("offset"), a.get("inside")) for a in d["addresses"]] ==
	[("schedule", 3, True), (None, None, None), ("schedule", 0, True)]'
run at --json "$index" "schedule+$size"
ok '--json: behind the end is not inside' json "$out" 'd["addresses"][0]["inside"] is False'
run at --json "$vmlinux" schedule
ok '--json: file and line' json "$out" 'd["addresses"][0]["file"].endswith("kernel/sched/core.c")
	and d["addresses"][0]["line"] > 0'
done_testing
