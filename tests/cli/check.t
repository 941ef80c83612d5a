#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ksym check: what is not unique, why, and who disagrees.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

build_sample "$tmp/k" || { cat "$tmp/log"; exit 4; }
vmlinux=$tmp/k/vmlinux

# counted FILE: the summary that check has to print, worked out from show --json.
counted()
{
	"$ksym" show --json "$@" > "$tmp/counted.json" || return 1
	python3 - "$tmp/counted.json" <<-'END'
		import json, sys
		from collections import Counter
		symbols = json.load(open(sys.argv[1]))["symbols"]
		def identity(s):
		    return s["name"], tuple(s["modules"]), s.get("suffix")
		every = Counter(identity(s) for s in symbols)
		for kind in "text", "data":
		    mine = [s for s in symbols if s["text"] == (kind == "text")]
		    names = Counter(s["name"] for s in mine)
		    print("%s: %d symbols, %d share their name, %d are not unique by identity, "
		          "%d without owner" % (kind, len(mine),
		          sum(n for n in names.values() if n > 1),
		          sum(every[identity(s)] > 1 for s in mine),
		          sum(s["object"] is None for s in mine)))
		n = sum("disagrees" in s for s in symbols)
		if n:
		    print("%d symbols about whose object two sources disagree "
		          "(--disagreements lists them)" % n)
	END
}

counted "$vmlinux" > "$tmp/want"
run check "$vmlinux"
ok 'unique text: status 0' status_is 0
ok 'unique text: counts are those of show' same "$tmp/want" "$out"
ok 'unique text: nothing on standard error' empty "$err"
run check --data --disagreements "$vmlinux"
ok 'unique text and data: nothing more to list' same "$tmp/want" "$out"
run check --json "$vmlinux"
ok '--json: status 0' status_is 0
ok '--json: valid' valid_json "$out"
ok '--json: counts' json "$out" '[set(d[k]) for k in ("text", "data")] ==
	[{"symbols", "shared", "ambiguous", "no_owner"}] * 2 and d["text"]["shared"] == 7'
ok '--json: nothing ambiguous' json "$out" 'd["not_unique"] == []'
"$ksym" index -o "$tmp/index" "$vmlinux"
run check "$tmp/index"
ok 'an index does as well' same "$tmp/want" "$out"

# Two objects that say they are made of one file; a third with a name of its own.
mkdir "$tmp/a" "$tmp/b"
for i in a/x b/y; do
	cat > "$tmp/$i.s" <<-'END'
		.file "lib/twice.c"
		.text
		.type twin, %function
		twin: .long 0, 0
		.size twin, 8
		.data
		.type datum, %object
		datum: .long 0
		.size datum, 4
	END
	(cd "$tmp" && gcc -c $i.s -o $i.o) || exit 4
done
(cd "$tmp" && ld -Map=twins.map --entry 0 -o twins a/x.o b/y.o) > "$tmp/log" 2>&1
run check --no-debug-search "$tmp/twins"
cp "$out" "$tmp/text"
ok 'ambiguous text: status 1' status_is 1
ok 'ambiguous text: heading with the reason' is "$(head -n 1 "$out")" 'not unique, same object:'
ok 'ambiguous text: all that share the identity' is \
	"$(grep -c '^  [0-9a-f]* 8 t twin.*(lib/twice.o)$' "$out")" 2
ok 'ambiguous text: data is not listed' not grep -q datum "$out"
counted --no-debug-search "$tmp/twins" > "$tmp/want"
tail -n 2 "$out" > "$tmp/got"
ok 'ambiguous text: counts are those of show' same "$tmp/want" "$tmp/got"
run check --data --no-debug-search "$tmp/twins"
ok '--data lists data as well' is "$(grep -c '^  [0-9a-f]* 4 d datum.*(lib/twice.o)$' "$out")" 2
run check --json --no-debug-search "$tmp/twins"
ok 'ambiguous text: --json: status 1' status_is 1
ok 'ambiguous text: --json: reasons' json "$out" '[(s["name"], s["reason"])
	for s in d["not_unique"]] == [("twin", "same object")] * 2 + [("datum", "same object")] * 2'

# With a map they are two objects, and the two sources do not agree.
run check --no-debug-search --map "$tmp/twins.map" "$tmp/twins"
ok 'a map tells them apart' status_is 0
ok 'disagreements are counted' contains "$out" '4 symbols about whose object two sources disagree'
run check --disagreements --no-debug-search --map "$tmp/twins.map" "$tmp/twins"
ok '--disagreements lists both' matches "$out" \
	'^(two sources disagree:|  .*\((a/x|b/y)\.o\) or lib/twice\.o|(text|data|4) .*|(text|data): .*)$'
ok '--disagreements lists each' is "$(grep -c ' or lib/twice.o$' "$out")" 4
run show --json --no-debug-search --map "$tmp/twins.map" "$tmp/twins"
ok 'show --json tells them too' json "$out" \
	'[s["disagrees"] for s in d["symbols"] if s["name"] == "twin"] == ["lib/twice.o"] * 2'
done_testing
