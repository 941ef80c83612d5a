#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ksym diff: what it takes, how it prints, exit statuses.  diff-kinds.t has the kinds of changes.
. "$(dirname "$0")/lib.sh"

# object NAME TEXT: an object that exports what the text marks so
object()
{
	mkdir -p "$(dirname "$1")"
	{
		cat <<-'END'
		#define EXPORT(x) asm(".pushsection \".export_symbol\",\"a\"\n" \
			"__export_symbol_" #x ":\n.asciz \"GPL\"\n.asciz \"\"\n.balign 8\n.quad " #x \
			"\n.popsection");
		END
		echo "$2"
	} | gcc -g -O1 -c -x c - -o "$1" || exit 4
}

old='struct inner { int x; }; struct s { struct inner *in; long b; };
	int one(struct s *s) { return !s; } EXPORT(one)
	int two(struct inner *in) { return !in; } EXPORT(two)
	int three(int a) { return a; } EXPORT(three)'
new=$(echo "$old" | sed 's/int x;/int x; int y;/; s/three/four/g')
object "$tmp/old.o" "$old"
object "$tmp/new.o" "$new"
for v in old new; do
	"$ksym" versions -T "$tmp/$v.symtypes" "$tmp/$v.o" > "$tmp/$v.list" || exit 4
	"$ksym" versions --format symvers "$tmp/$v.o" > "$tmp/$v.symvers" || exit 4
done

run diff "$tmp/old.o" "$tmp/old.o"
ok "the same: exit status 0" status_is 0
ok "the same: nothing is on standard error" empty "$err"
run diff -q "$tmp/old.o" "$tmp/old.o"
ok "the same, quiet: nothing at all" empty "$out"

run diff "$tmp/old.o" "$tmp/new.o"
ok "different: exit status 1" status_is 1
ok "numbers come first" is "$(head -n 1 "$out")" \
	"3 symbols before, 3 after: 2 changed, 1 added, 1 removed"
cat > "$tmp/expected" <<'END'
struct inner (size 4 -> 8): depends, 2 symbols, 2 by this alone
    member-added y: int at 4, 4 bytes [depends: at the end: layout of existing members unchanged]
    size: 4 -> 8 [depends: layout of existing members unchanged, size grew]
    changes one, two
END
sed -n '/^struct/,/changes/p' "$out" > "$tmp/cause"
ok "the cause with its changes and its symbols" same "$tmp/expected" "$tmp/cause"
ok "what was added" contains "$out" "added: four"
ok "what was removed" contains "$out" "removed: three"
cp "$out" "$tmp/of-images"

run diff "$tmp/old.symtypes" "$tmp/new.symtypes"
ok "symtypes files: the same words" same "$tmp/of-images" "$out"
run diff "$tmp/old.symtypes" "$tmp/new.o"
ok "a symtypes file and an image: the same words" same "$tmp/of-images" "$out"

# Indexes that have versions are as good as the images.
for v in old new; do
	"$ksym" index -q --versions -o "$tmp/$v.ksym" "$tmp/$v.o" || exit 4
	"$ksym" index -q --versions --stable -o "$tmp/$v.stable" "$tmp/$v.o" || exit 4
done
for new_side in ksym o symtypes; do
	run diff "$tmp/old.ksym" "$tmp/new.$new_side"
	ok "an index and a file of $new_side: exit status 1" status_is 1
	ok "an index and a file of $new_side: the same words" same "$tmp/of-images" "$out"
done
run diff "$tmp/old.o" "$tmp/new.ksym"
ok "an image and an index: the same words" same "$tmp/of-images" "$out"
run diff "$tmp/old.ksym" "$tmp/old.o"
ok "an index and its image are the same: exit status 0" status_is 0
run diff --stable "$tmp/old.stable" "$tmp/new.stable"
ok "--stable: indexes that mind rules: the same words" same "$tmp/of-images" "$out"

for j in 1 2 7; do
	run diff -J $j "$tmp/old.o" "$tmp/new.o"
	ok "threads make no difference: $j" same "$tmp/of-images" "$out"
done

for kind in symvers list; do
	run diff "$tmp/old.$kind" "$tmp/new.$kind"
	ok "$kind: exit status 1" status_is 1
	ok "$kind: symbols without causes" is "$(grep -c ': 0x.* -> 0x' "$out")" 2
	run diff "$tmp/old.$kind" "$tmp/old.symtypes"
	ok "$kind: the versions of a symtypes file are the same" status_is 0
	run diff "$tmp/old.$kind" "$tmp/new.symtypes"
	ok "$kind: the versions of another are not" is "$(grep -c ': 0x.* -> 0x' "$out")" 2
done

run diff --symbol one "$tmp/old.o" "$tmp/new.o"
ok "--symbol: exit status 1" status_is 1
ok "--symbol: the first step" contains "$out" "-> parameter 1 (s): struct s"
ok "--symbol: the second step" contains "$out" "-> member in: struct inner"
ok "--symbol: not about others" not grep -q four "$out"
run diff --symbol three --symbol four "$tmp/old.o" "$tmp/new.o"
ok "--symbol: of one side" is "$(tr '\n' ' ' < "$out")" "three: removed four: added "
run diff --symbol nothing "$tmp/old.o" "$tmp/new.o"
ok "--symbol: no difference: exit status 0" status_is 0
run diff --json --symbol one "$tmp/old.o" "$tmp/new.o"
ok "--symbol --json: the way" json "$out" \
	'[s["name"] for s in d["symbols"][0]["causes"][0]["path"]] == ["s", "inner"]'

run diff --json "$tmp/old.o" "$tmp/new.o"
ok "--json: valid" valid_json "$out"
ok "--json: all parts" json "$out" 'd["summary"]["causes"] == 1 and
	d["causes"][0]["symbols"] == ["one", "two"] and
	[s["state"] for s in d["symbols"]] == ["added", "changed", "removed", "changed"]'
run diff --json --summary "$tmp/old.o" "$tmp/new.o"
ok "--json --summary: numbers only" json "$out" 'list(d) == ["summary"] and d["summary"]["changed"] == 2'
run diff --summary "$tmp/old.o" "$tmp/new.o"
ok "--summary: a few lines" is "$(wc -l < "$out" | tr -d ' ')" 4

# Directories: modules that share a type, one that does not, one that exports nothing.
for v in old new; do
	eval "text=\$$v"
	object "$tmp/$v/kernel/a.ko" "$text"
	object "$tmp/$v/kernel/x/b.ko" "$(echo "$text" |
		sed 's/one/b_one/g; s/two/b_two/g; s/three/b_three/g; s/four/b_three/g')"
	object "$tmp/$v/kernel/x/c.ko" 'int private;'
	echo text > "$tmp/$v/kernel/modules.order"
done
run diff --json "$tmp/old" "$tmp/new"
ok "directories: one cause for what changed in several modules" json "$out" \
	'len(d["causes"]) == 1 and d["causes"][0]["symbols"] == ["b_one", "b_two", "one", "two"]'
mv "$tmp/new/kernel/x/b.ko" "$tmp/new/kernel/renamed.ko"
cp "$out" "$tmp/before"
run diff --json "$tmp/old" "$tmp/new"
ok "directories: it does not matter which module exports a symbol" same "$tmp/before" "$out"
for v in old new; do
	mkdir "$tmp/$v-indexes"
	for ko in "$tmp/$v"/kernel/*.ko "$tmp/$v"/kernel/x/*.ko; do
		"$ksym" index -q --versions -o "$tmp/$v-indexes/$(basename "$ko").ksym" "$ko" || exit 4
	done
done
run diff --json "$tmp/old-indexes" "$tmp/new-indexes"
ok "directories of indexes: the same" same "$tmp/before" "$out"
mkdir "$tmp/none"
run diff "$tmp/none" "$tmp/new"
ok "a directory without modules: exit status 3" status_is 3
ok "a directory without modules: one line" one_line "$err"

# genksyms's texts are in another language: causes are found, words are shown.
cat > "$tmp/old.genksyms" <<'END'
s#a struct a { int x ; s#b * b ; }
s#b struct b { long y ; }
one int one ( s#a * )
END
sed 's/long y/int y/' "$tmp/old.genksyms" > "$tmp/new.genksyms"
run diff "$tmp/old.genksyms" "$tmp/new.genksyms"
ok "genksyms: the cause" contains "$out" "struct b: depends, 1 symbol, 1 by this alone"
ok "genksyms: the words" contains "$out" "text: long -> int [depends]"

# What must be refused.
bad()
{
	run diff "$2" "$tmp/old.o"
	ok "$1: exit status 3" status_is 3
	ok "$1: one line that names the file" one_line "$err"
	ok "$1: which file" contains "$err" "$2"
}
printf 'one\n' > "$tmp/word"
bad "a line without a text" "$tmp/word"
printf '0x12345678\tone\nnonsense\n' > "$tmp/crcs"
bad "a list of versions with something else in it" "$tmp/crcs"
head -c 40 "$tmp/old.o" > "$tmp/cut.o"
bad "an image that is cut off" "$tmp/cut.o"
"$ksym" index -q -o "$tmp/x.ksym" "$tmp/old.o"
bad "an index without versions" "$tmp/x.ksym"
ok "an index without versions: what to do" contains "$err" "ksym index --versions"
run diff "$tmp/old.stable" "$tmp/old.o"
ok "an index of versions that mind rules, without --stable: exit status 2" status_is 2
ok "an index of versions that mind rules, without --stable: one line" one_line "$err"
run diff --stable "$tmp/old.ksym" "$tmp/old.o"
ok "an index of versions without rules, with --stable: exit status 2" status_is 2
ok "an index of versions without rules, with --stable: one line" one_line "$err"
printf '\0\0\0\0' > "$tmp/zeros"
bad "bytes that are no text" "$tmp/zeros"
run diff "$tmp/missing" "$tmp/old.o"
ok "a file that is not there: exit status 4" status_is 4
run diff "$tmp/old.o"
ok "one operand: exit status 2" status_is 2
run diff -J 0 "$tmp/old.o" "$tmp/old.o"
ok "no thread: exit status 2" status_is 2
: > "$tmp/empty"
run diff "$tmp/empty" "$tmp/empty"
ok "empty files are the same" status_is 0
done_testing
