#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Symbol versions: ksym versions, and the program under the name gendwarfksyms, against the
# kernel's gendwarfksyms where there is one (GENDWARFKSYMS=PATH, or tests/kernels/fetch
# gendwarfksyms has put one into the cache), and against what that printed once.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

fixtures=$source/tests/versions-fixtures
ln -s "$ksym" "$tmp/gendwarfksyms"
tool=$tmp/gendwarfksyms
objects=$tmp/objects

# A few ways of compiling do for the first part; all of them when there is a program to
# compare with.
# Sanitizers are slow: there the first part it is (KSYM_TEST_QUICK, set by run-sanitizers).
oracle=
[ -n "${KSYM_TEST_QUICK-}" ] ||
	oracle=$("$source/tests/kernels/fetch" --cached gendwarfksyms 2> /dev/null |
		sed -n 's/^gendwarfksyms=//p')
if [ -n "$oracle" ]; then
	"$fixtures/build" "$objects" > "$tmp/missing"
else
	"$fixtures/build" "$objects" gcc-dwarf5 clang-dwarf5 > "$tmp/missing"
fi
sed 's/^/# not made: /' "$tmp/missing"

# as_tool LIST ARG...: under the kernel's name for it.
as_tool()
{
	list=$1
	shift
	"$tool" "$@" < "$list" > "$out" 2> "$err"
	status=$?
}

# ---------------------------------------------------------- what gendwarfksyms printed once
case $(gcc -dumpversion) in
12 | 12.*)
	"$fixtures/expect" "$tool" "$tmp/got" > "$tmp/log" 2>&1
	for expected in "$fixtures"/expected/*; do
		name=$(basename "$expected")
		ok "$name is what gendwarfksyms printed" same "$expected" "$tmp/got/$name"
	done ;;
*)
	skip 'what gendwarfksyms printed' "that was with gcc 12, this is $(gcc -dumpversion)" ;;
esac

# ------------------------------------------------------------------------------- ksym versions
g=$objects/gcc-dwarf5
run versions "$g/base.o"
ok 'versions: status 0' status_is 0
ok 'versions: nothing on standard error' empty "$err"
ok 'versions: lines are those of gendwarfksyms' matches "$out" '^#SYMVER [a-z0-9_]+ 0x[0-9a-f]{8}$'
sort "$out" > "$tmp/sorted"
run versions --symbols "$g/base.list" "$g/base.o"
ok 'versions: a list of symbols' status_is 0
sort "$out" > "$tmp/listed"
ok 'versions: the object itself says what it exports' same "$tmp/listed" "$tmp/sorted"
cp "$out" "$tmp/by-file"

# An index that has them says what the object says.
"$ksym" index -q --select all --versions -o "$tmp/base.ksym" "$g/base.o" || exit 4
for options in '' '--format symvers' '--symtypes /dev/stdout' --json; do
	# shellcheck disable=SC2086 # words
	run versions $options "$g/base.o"
	sed "s|$g/base.o|$tmp/base.ksym|;s|$g/base|$tmp/base|" "$out" > "$tmp/of-object"
	# shellcheck disable=SC2086 # words
	run versions $options "$tmp/base.ksym"
	ok "an index of versions $options: status 0" status_is 0
	ok "an index of versions $options: the same words" same "$tmp/of-object" "$out"
done
run versions --dump-versions "$g/base.o"
cp "$err" "$tmp/of-object"
run versions --dump-versions "$tmp/base.ksym"
ok 'an index of versions --dump-versions: the same words' same "$tmp/of-object" "$err"
for options in --dump-dies --ties "--symbols $g/base.list" "--debug $g/base.o" --stable; do
	# shellcheck disable=SC2086 # words
	run versions $options "$tmp/base.ksym"
	ok "an index of versions $options: exit status 2" status_is 2
	ok "an index of versions $options: one line" one_line "$err"
done
run index --stable -o "$tmp/base.none" "$g/base.o"
ok 'index --stable without --versions: exit status 2' status_is 2
strip -g -o "$tmp/stripped.o" "$g/base.o"
run index --versions --no-debug-search -o "$tmp/stripped.ksym" "$tmp/stripped.o"
ok 'index --versions without debug information: exit status 3' status_is 3
ok 'index --versions without debug information: no file' not test -e "$tmp/stripped.ksym"

"$ksym" versions --symbols - "$g/base.o" < "$g/base.list" > "$tmp/by-stdin"
ok 'versions: the list may come on standard input' same "$tmp/by-file" "$tmp/by-stdin"
as_tool "$g/base.list" "$g/base.o"
sort "$out" > "$tmp/other"
ok 'versions: the same as under the name gendwarfksyms' same "$tmp/other" "$tmp/listed"

run versions -T "$tmp/symtypes" "$g/aggregates.o"
ok 'versions -T: status 0' status_is 0
as_tool "$g/aggregates.list" -T "$tmp/symtypes2" "$g/aggregates.o"
ok 'versions -T: the same as under the name gendwarfksyms' same "$tmp/symtypes" "$tmp/symtypes2"
ok 'versions -T: sorted by name' sort -c "$tmp/symtypes"
as_tool "$g/kabi.list" --stable -T "$tmp/symtypes2" "$g/kabi.o"
run versions --stable -T "$tmp/symtypes" "$g/kabi.o"
ok 'versions --stable: the same as under the name gendwarfksyms' same "$tmp/symtypes" "$tmp/symtypes2"
ok 'versions --stable: rules apply' contains "$tmp/symtypes" 's#declonly structure_type declonly { }'

# One type, two versions of the source: the version changes with the type, and with it only.
printf 'struct s { int a; };\nstruct s x; int y;\n' > "$tmp/v.h"
printf '#include "v.h"\n' > "$tmp/v.c"
gcc -g -c -I "$tmp" -o "$tmp/v1.o" "$tmp/v.c"
printf 'struct s { long a; };\n\nstruct s x; int y;\n' > "$tmp/v.h"
gcc -g -c -I "$tmp" -o "$tmp/v2.o" "$tmp/v.c"
printf 'x\ny\n' > "$tmp/xy"
"$ksym" versions --symbols "$tmp/xy" "$tmp/v1.o" > "$tmp/v1"
"$ksym" versions --symbols "$tmp/xy" "$tmp/v2.o" > "$tmp/v2"
ok 'a changed type changes the version' not same "$tmp/v1" "$tmp/v2"
ok 'and of nothing else' is "$(grep ' y ' "$tmp/v1")" "$(grep ' y ' "$tmp/v2")"

# The exports of older objects and of linked modules.
gcc -g -O2 -c -o "$tmp/ksymtab.o" "$fixtures/ksymtab.c"
cat > "$tmp/module.lds" <<'END'
SECTIONS {
	__ksymtab 0 : { *(SORT(___ksymtab+*)) }
	__ksymtab_gpl 0 : { *(SORT(___ksymtab_gpl+*)) }
}
END
ld -r -T "$tmp/module.lds" -o "$tmp/ksymtab.ko" "$tmp/ksymtab.o"
printf 'exported\ngpl_only\n' > "$tmp/list"
for image in "$tmp/ksymtab.o" "$tmp/ksymtab.ko"; do
	what=$(basename "$image")
	run versions "$image"
	ok "$what: status 0" status_is 0
	sort "$out" > "$tmp/sorted"
	as_tool "$tmp/list" "$image"
	sort "$out" > "$tmp/listed"
	ok "$what: what it exports is seen without a list" same "$tmp/listed" "$tmp/sorted"
done

# Symbols without information: told once each, and the rest goes on.
run versions "$g/exports.o" --symbols "$g/exports.list"
ok 'no information: status 1' status_is 1
ok 'no information: the others have versions' contains "$out" '#SYMVER original 0x'
ok 'no information: version 0' contains "$out" '#SYMVER not_there 0x00000000'
for name in not_there in_assembly; do
	ok "no information: one line says so of $name" is "$(grep -cw "$name" "$err")" 1
done
ok 'no information: nothing is said of the others' is "$(grep -cw original "$err")" 0
as_tool "$g/exports.list" "$g/exports.o"
ok 'no information: status 0 under the other name' status_is 0
ok 'no information: warned about under the other name' \
	is "$(grep -c 'no information for symbol' "$err")" 2

# Threads and order change nothing.
if [ -f "$objects/gcc-dwarf5/two.o" ]; then
	set -- "$g/base.o" "$g/aggregates.o" "$g/names.o"
	"$ksym" versions -J 1 "$@" > "$tmp/one"
	"$ksym" versions -J 2 "$@" > "$tmp/two"
	ok 'several files, one and two threads: the same bytes' same "$tmp/one" "$tmp/two"
	cat "$g/base.list" "$g/aggregates.list" "$g/names.list" > "$tmp/all"
	ok 'several files: as many versions as exports' \
		is "$(grep -c '^#SYMVER' "$tmp/one")" "$(grep -c . "$tmp/all")"
fi
run versions --json "$g/aggregates.o"
ok 'versions --json: status 0' status_is 0
ok 'versions --json: is JSON' valid_json "$out"

# ----------------------------------------------------------------------------------- mistakes
run versions
ok 'versions without a file: status 2' status_is 2
run versions "$tmp/none.o"
ok 'versions of a file that is not there: not status 0' not status_is 0
ok 'versions of a file that is not there: one line' one_line "$err"
echo 'int x;' | gcc -x c - -c -o "$tmp/nodebug.o"
run versions "$tmp/nodebug.o" --symbols "$tmp/xy"
ok 'versions without debug information: status 3' status_is 3
ok 'versions without debug information: one line' one_line "$err"
ok 'versions without debug information: nothing on standard output' empty "$out"
run versions -T "$tmp/not-made" "$tmp/nodebug.o" --symbols "$tmp/xy"
ok 'versions without debug information: no symtypes file' not test -e "$tmp/not-made"
run versions -T "$tmp/no/such/folder" "$g/base.o"
ok 'versions: a symtypes file that cannot be made: status 4' status_is 4
: > "$tmp/nothing"
as_tool "$tmp/nothing" "$tmp/none.o"
ok 'gendwarfksyms, no symbols: status 0 whatever the file' status_is 0
ok 'gendwarfksyms, no symbols: no output' empty "$out"
as_tool "$tmp/xy" "$tmp/none.o"
ok 'gendwarfksyms, no such file: not status 0' not status_is 0
as_tool "$tmp/xy"
ok 'gendwarfksyms without files: not status 0' not status_is 0
as_tool "$tmp/xy" --no-such-option "$tmp/v1.o"
ok 'gendwarfksyms, unknown option: not status 0' not status_is 0
as_tool "$tmp/xy" --help
ok 'gendwarfksyms --help: status 0' status_is 0
printf ' x y z\ny\nx\n' > "$tmp/odd"
as_tool "$tmp/odd" "$tmp/v1.o"
ok 'gendwarfksyms: of a line the first word counts, and names count once' \
	is "$(sort "$out")" "$(sort "$tmp/v1")"
printf 'x\n\ny\n' > "$tmp/odd"
as_tool "$tmp/odd" "$tmp/v1.o"
ok 'gendwarfksyms: an empty line is an error' not status_is 0

# ------------------------------------------------------------------ side by side, every fixture
# Types in type units and supplementary files may be refused; gcc for kernels makes none.
if [ -n "$oracle" ]; then
	"$fixtures/random" "$objects/random" 0 100
	mkdir "$objects/refused"
	mv "$objects"/odd/pointer-untyped.* "$objects/refused"
	for variant in "$objects"/*; do
		set -- -m symtypes,stable,dies,versions,types
		case ${variant##*/} in
		gcc-dwarf5 | odd) set -- ;;
		gcc-types* | dwz | refused) set -- -r "$@" ;;
		# What --stable makes of units that refer to each other is not exact yet.
		random) set -- -m symtypes,dies,versions,types
			ok 'random, --stable: as gendwarfksyms does' "$fixtures/compare" -q \
				-m stable "$tool" "$oracle" "$variant"/*[13579].o ;;
		esac
		ok "${variant##*/}: as gendwarfksyms does" \
			"$fixtures/compare" -q "$@" "$tool" "$oracle" "$variant"/*.o
	done
	printf 'z\nx\nboth\nnone\ny\n' > "$tmp/several"
	as_tool "$tmp/several" "$objects/odd/several-1.o" "$objects/odd/several-2.o"
	"$oracle" "$objects/odd/several-1.o" "$objects/odd/several-2.o" < "$tmp/several" \
		> "$tmp/expected" 2> /dev/null
	ok 'several files in one call: as gendwarfksyms does' same "$tmp/expected" "$out"
else
	skip 'fixtures against gendwarfksyms' \
		'it is not here: tests/kernels/fetch gendwarfksyms, or GENDWARFKSYMS=PATH'
fi
done_testing
