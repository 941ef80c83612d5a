#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ksym show: its formats, and that an index says what its image says.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

build_sample "$tmp/k" || { cat "$tmp/log"; exit 4; }
vmlinux=$tmp/k/vmlinux
index=$tmp/index
"$ksym" index --build-tree "$tmp/k" -o "$index" "$vmlinux"

run show "$index"
cp "$out" "$tmp/full"
ok 'status 0' status_is 0
ok 'nothing on standard error' empty "$err"
ok 'address size type name [modules] {object}' matches "$out" \
	'^[0-9a-f]{16} [0-9a-f]+ [a-zA-Z] [^] []+( \[[a-z_]+\])*( \{[^}]+\})?$'
cut -d ' ' -f 1 "$out" > "$tmp/addresses"
ok 'addresses ascend' sort -c "$tmp/addresses"
ok 'object where the name is ambiguous' contains "$out" ' t s_next {seq_file.o}'
ok 'longer path where the shorter is not enough' contains "$out" ' t s_next {sched/core.o}'
ok 'module instead where that is enough' grep -q ' t free_netbuf \[liquidio\]$' "$out"
ok 'all modules of a shared object' \
	grep -q ' t lio_get_msglevel \[liquidio\] \[liquidio_vf\]$' "$out"
ok 'plain name where it is unique' grep -q ' t complain$' "$out"
nm -S "$vmlinux" | awk '{ print $1, NF == 4 ? $2 : 0, $NF }' | sed 's/ 0*\([0-9a-f]\)/ \1/' |
	sort > "$tmp/nm"
awk '{ print $1, $2, $4 }' "$tmp/full" | sort > "$tmp/sizes"
ok 'sizes are those of nm' same "$tmp/nm" "$tmp/sizes"
run show "$vmlinux" --build-tree "$tmp/k"
ok 'image and index show the same' same "$tmp/full" "$out"
run show "$vmlinux" -B "$tmp/k" -q
ok 'letters do as well as words' same "$tmp/full" "$out"

# What parsers of /proc/kallsyms take: libbpf's is "%llx %c %499s%*[^\n]\n".
run show --kallsyms "$index"
cp "$out" "$tmp/kallsyms"
ok '--kallsyms: status 0' status_is 0
module='\[[a-z_]+\]' object='\{[^}]+\}'
ok '--kallsyms: no size, a tab before what follows the name' matches "$out" \
	"^[0-9a-f]{16} [a-zA-Z] [^] 	{}[]+(	($module|$object)( $module)*( $object)?)?\$"
ok '--kallsyms: a scanf like that of libbpf reads it' python3 - "$out" "$tmp/full" <<'END'
import re, sys
want = [(int(w[0], 16), w[2], w[3]) for w in (l.split() for l in open(sys.argv[2]))]
text, got = open(sys.argv[1]).read(), []
line = re.compile(r"\s*([0-9a-f]+)\s*(\S)\s+(\S{1,499})[^\n]*\n")
pos = 0
while pos < len(text):
    m = line.match(text, pos)
    got.append((int(m[1], 16), m[2], m[3]))
    pos = m.end()
assert got == want, (got, want)
END
run show -k "$vmlinux" --build-tree "$tmp/k"
ok '--kallsyms: image and index show the same' same "$tmp/kallsyms" "$out"
ok '--kallsyms: the same annotations as in the full form' is \
	"$(tr '\t' ' ' < "$tmp/kallsyms" | cut -d ' ' -f 3-)" "$(cut -d ' ' -f 4- "$tmp/full")"

run show --json "$index"
cp "$out" "$tmp/json"
ok '--json: status 0' status_is 0
ok '--json: valid' valid_json "$out"
ok '--json: addresses are lowercase strings' json "$out" \
	'all(re.fullmatch("[0-9a-f]{16}", s["address"]) for s in d["symbols"])'
ok '--json: as many symbols as lines' json "$out" "len(d['symbols']) == $(wc -l < "$tmp/full")"
ok '--json: full path and sources' json "$out" '[(s["object"], s["suffix"], s["sources"])
	for s in d["symbols"] if s["name"] == "s_next"][0] ==
	("kernel/sched/core.o", "sched/core.o", ["map", "dwarf", "stt-file"])'
ok '--json: modules and their source' json "$out" '[(s["modules"], s["module_sources"])
	for s in d["symbols"] if s["name"] == "lio_get_channels"] ==
	[(["liquidio", "liquidio_vf"], ["cmd"])]'
ok '--json: no object at the edges of sections' json "$out" 'all(s["object"] is None
	for s in d["symbols"] if re.search("^_(_start|_stop|_end|stext|etext|edata|_bss|end)",
	s["name"]))'
ok '--json: sizes are numbers' json "$out" \
	'sum(s["size"] for s in d["symbols"] if s["name"] == "startup") == 24'
python3 - "$out" > "$tmp/again" <<'END'
import json, sys
for s in json.load(open(sys.argv[1]))["symbols"]:
    words = [s["address"], "%x" % s["size"], s["type"], s["name"]]
    words += ["[%s]" % m for m in s["modules"]]
    words += ["{%s}" % s["suffix"]] if "suffix" in s else []
    print(*words)
END
ok '--json: says what the text says' same "$tmp/full" "$tmp/again"
run show --json "$vmlinux" --build-tree "$tmp/k"
ok '--json: image and index show the same' same "$tmp/json" "$out"
ok '--json: the sources of the sample agree' json "$out" \
	'[s["name"] for s in d["symbols"] if "disagrees" in s] == []'

# Bytes that are no UTF-8 are possible in names, but not in JSON.
printf '\t.text\n"caf\303\251":\n"bad\377\200x":\n\t.long 0\n' > "$tmp/utf.s"
if gcc -c "$tmp/utf.s" -o "$tmp/utf.o" 2> "$tmp/log"; then
	run show --json "$tmp/utf.o"
	ok '--json: valid with any bytes in names' valid_json "$out"
	ok '--json: UTF-8 stays as it is' json "$out" \
		'"caf\u00e9" in [s["name"] for s in d["symbols"]]'
else
	skip '--json: valid with any bytes in names' 'assembler takes no such name'
fi

# shellcheck disable=SC2016 # $? is for the inner shell
ok 'a reader that goes away is no reason for words' is "$(
	("$ksym" show "$index"; echo "$?" >&2) 2>&1 >&- | grep -v '^[0-4]$')" \
	'ksym: cannot write to standard output: Bad file descriptor'
"$ksym" show "$index" > /dev/full 2> "$err"
ok 'full disk: status 4' is $? 4
ok 'full disk: one line' one_line "$err"
"$ksym" show "$index" 2> "$err" | head -n 1 > "$out"
ok 'closed pipe: nothing is said' empty "$err"
# shellcheck disable=SC2002 # a pipe is what is to be tried
cat "$index" | "$ksym" show /dev/stdin > "$out" 2> "$err"
ok 'index through a pipe' same "$tmp/full" "$out"
done_testing
