#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ksym find: from text identities to one symbol, or to all that fit.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

build_sample "$tmp/k" || { cat "$tmp/log"; exit 4; }
vmlinux=$tmp/k/vmlinux
index=$tmp/index
"$ksym" index --build-tree "$tmp/k" -o "$index" "$vmlinux"

# found NAME IDENTITY LINE: exactly this symbol is found.
found()
{
	run find "$index" "$2"
	ok "$1: status 0" status_is 0
	ok "$1: one line" one_line "$out"
	ok "$1: that symbol" contains "$out" "$3"
	ok "$1: nothing on standard error" empty "$err"
}

# ambiguous NAME IDENTITY N: N symbols are listed.
ambiguous()
{
	run find "$index" "$2"
	ok "$1: status 1" status_is 1
	ok "$1: all candidates" is "$(wc -l < "$out")" "$3"
	ok "$1: one line on standard error" one_line "$err"
	ok "$1: says how many" contains "$err" "fits $3 symbols"
}

absent()
{
	run find "$index" "$2"
	ok "$1: status 1" status_is 1
	ok "$1: no data" empty "$out"
	ok "$1: one line on standard error" one_line "$err"
}

malformed()
{
	run find "$index" "$2"
	ok "$1: status 2" status_is 2
	ok "$1: no data" empty "$out"
	ok "$1: one line on standard error" one_line "$err"
}

text=$(nm "$vmlinux" | awk '$3 == "_text" { print $1 }')
first=$(nm -n "$vmlinux" | awk '$3 == "s_next" { print $1; exit }')
found 'unique name' complain ' t complain	sympos 1 of 1	_text+0x'
found 'name and object' 's_next {sched/core.o}' \
	"$first 9 t s_next {sched/core.o}	sympos 1 of 3	_text+0x$(printf %x $((0x$first - 0x$text)))"
found 'object by a shorter end of its path' 's_next {core.o}' \
	' t s_next {sched/core.o}	sympos 1 of 3'
found 'shown identity that is the end of another path, too' 'init_once {core.o}' \
	' t init_once {core.o}	sympos 1 of 2'
found 'object by its whole path' 's_next {fs/seq_file.o}' ' s_next {seq_file.o}	sympos 2 of 3'
found 'name and module' 'free_netbuf [liquidio]' ' t free_netbuf [liquidio]	sympos 1 of 2'
found 'module with a dash' 'event_update [intel-rapl]' ' t event_update [intel_rapl]	'
found 'several modules' 'lio_get_msglevel [liquidio] [liquidio_vf]' ' t lio_get_msglevel '
found 'several modules in another order' 'lio_get_msglevel [liquidio_vf] [liquidio]' \
	' t lio_get_msglevel [liquidio] [liquidio_vf]'
found 'modules without blanks' 'lio_get_msglevel[liquidio][liquidio_vf]' ' t lio_get_msglevel '
found 'module and object' 'free_netbuf [liquidio_vf] {lio_vf_main.o}' ' free_netbuf [liquidio_vf]'
found 'blanks and a tab around' '  free_netbuf	[liquidio_vf]  ' ' free_netbuf [liquidio_vf]'
found 'object of a data symbol' 'counter {sched/core.o}' ' d counter {sched/core.o}	sympos 2 of 2'
ambiguous 'shared name' s_next 3
for o in sched/core.o seq_file.o namespace.o; do
	run find "$index" s_next
	ok "candidates are printed so that they can be told apart: $o" contains "$out" "{$o}"
done
ambiguous 'shared name in two modules' free_netbuf 2
absent 'unknown name' no_such_symbol
absent 'part of a name' s_nex
absent 'more than a name' s_nextt
absent 'wrong object' 's_next {panic.o}'
absent 'end of a component is no component' 's_next {ore.o}'
absent 'wrong module' 'free_netbuf [liquidio_pf]'
absent 'one of two modules' 'lio_get_msglevel [liquidio]'
absent 'a module too many' 'free_netbuf [liquidio] [liquidio_vf]'
absent 'module of a symbol without' 's_next [liquidio]'
malformed 'empty' ''
malformed 'no name' '[liquidio]'
malformed 'open bracket' 'free_netbuf [liquidio'
malformed 'empty brackets' 'free_netbuf []'
malformed 'open brace' 's_next {core.o'
malformed 'empty braces' 's_next {}'
malformed 'object before module' 'free_netbuf {lio_main.o} [liquidio]'
malformed 'text behind' 's_next {core.o} x'
malformed 'two names' 'two names'

# What show prints, find finds.
"$ksym" show "$index" > "$tmp/full"
while read -r address size type identity; do
	"$ksym" find "$index" "$identity" > "$out" 2> "$err"
	echo $? "$address $size $type $identity"
	grep -vqF "$address $size $type $identity	sympos " "$out" && cat "$out"
done < "$tmp/full" > "$tmp/found"
sed 's/^/0 /' "$tmp/full" > "$tmp/want"
ok 'every identity that show prints is found' same "$tmp/want" "$tmp/found"

run find --json "$index" s_next
ok '--json: status 1' status_is 1
ok '--json: valid' valid_json "$out"
ok '--json: addresses are lowercase strings' json "$out" \
	'all(re.fullmatch("[0-9a-f]{16}", s["address"]) for s in d["symbols"])'
ok '--json: sympos of each' json "$out" '[(s["sympos"], s["same_name"]) for s in d["symbols"]] ==
	[(1, 3), (2, 3), (3, 3)]'
ok '--json: offset from _text' json "$out" \
	"[int(s['address'], 16) - s['text_offset'] for s in d['symbols']] == [0x$text] * 3"
run find --json "$index" no_such_symbol
ok '--json: nothing found is a valid document' json "$out" 'd == {"symbols": []}'
run find "$vmlinux" --build-tree "$tmp/k" 's_next {seq_file.o}'
ok 'an image does as well' contains "$out" ' t s_next {seq_file.o}	sympos 2 of 3'
done_testing
