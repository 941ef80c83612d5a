#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Modules from every source there is, object by object.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

build_sample "$tmp/k" || { cat "$tmp/log"; exit 4; }
vmlinux=$tmp/k/vmlinux

# What sample/build says: "object module,module", sorted.
sed -n "/^list='/,/'\$/p" "$source/sample/build" | tr -d "'" | sed 's/^list=//' |
	while read -r file modules; do
		# shellcheck disable=SC2086 # words
		echo "${file%.*}.o $(for m in $modules; do basename "$m"; done | tr - _ | sort |
			paste -s -d ,)"
	done | sort > "$tmp/want"
grep . "$tmp/want" | grep -v ' $' > "$tmp/want.modules"

# objects OPTION...: "object modules" of the image with these options, sorted.
objects()
{
	owners "$@" 2> "$err" | awk '$3 != "-" { print $3, $4 }' | sort -u
}

# gives NAME SOURCES OPTION...: the modules are those of the build, by these sources.
gives()
{
	name=$1 sources=$2; shift 2
	objects "$@" > "$tmp/got"
	ok "$name: nothing on standard error" empty "$err"
	name=${name%%: nothing*}
	ok "$name: modules of every object" same "$tmp/want" "$tmp/got"
	name=${name%%: modules*}
	ok "$name: sources" json "$tmp/owners.json" \
		"{tuple(s['module_sources']) for s in d['symbols'] if s['modules']} == {$sources}"
}

map=$tmp/k/vmlinux.map
gives '--build-tree' '("cmd",)' --build-tree "$tmp/k" "$vmlinux"

# A list of objects, as newer kernels write it, and in the forms of older ones.
sed 's,@,drivers/net/liquidio/,g' > "$tmp/modules.builtin.objs" <<'END'
@liquidio.o: @lio_main.o @lio_ethtool.o
@liquidio_vf.o: @lio_vf_main.o @lio_ethtool.o
drivers/powercap/intel-rapl.o: drivers/powercap/rapl-common.o
END
sed 's/^/kernel\//; s/\.o:/.ko:/' "$tmp/modules.builtin.objs" > "$tmp/modules_thick.builtin"
sed 's/:/ /' "$tmp/modules.builtin.objs" > "$tmp/no-colon"
for list in modules.builtin.objs modules_thick.builtin no-colon; do
	gives "--map --builtin $list" '("objs",)' --map "$map" --builtin "$tmp/$list" "$vmlinux"
done
gives '--build-tree --builtin' '("objs", "cmd")' --build-tree "$tmp/k" \
	--builtin "$tmp/modules.builtin.objs" "$vmlinux"
head -n 1 "$tmp/modules.builtin.objs" > "$tmp/one"
tail -n 2 "$tmp/modules.builtin.objs" > "$tmp/two"
gives 'several lists' '("objs",)' --map "$map" -b "$tmp/one" -b "$tmp/two" "$vmlinux"
gives '--source-tree' '("kbuild",)' --map "$map" --source-tree "$source/sample" \
	--config "$source/sample/config" "$vmlinux"

# ksym objs prints such a list.
run objs --build-tree "$tmp/k"
ok 'objs --build-tree: status 0' status_is 0
sort "$out" > "$tmp/got"
tr ' ' '\n' < "$tmp/modules.builtin.objs" | sort > "$tmp/words"
tr ' ' '\n' < "$out" | sort > "$tmp/got.words"
ok 'objs --build-tree: the list' same "$tmp/words" "$tmp/got.words"
cp "$out" "$tmp/objs"
gives 'objs, given back' '("objs",)' --map "$map" --builtin "$tmp/objs" "$vmlinux"
run objs --source-tree "$source/sample" --config "$source/sample/config"
ok 'objs --source-tree: the same list' same "$tmp/objs" "$out"
run objs --build-tree "$tmp/k" "$tmp/k/modules.builtin"
ok 'objs MODULES.BUILTIN: the same list' same "$tmp/objs" "$out"
grep -v intel "$tmp/k/modules.builtin" > "$tmp/fewer"
run objs --source-tree "$source/sample" --config "$source/sample/config" "$tmp/fewer"
ok 'objs MODULES.BUILTIN: decides what is a module' is "$(grep -c intel "$out")" 0
run objs --build-tree "$tmp/k" "$tmp/none"
ok 'objs MODULES.BUILTIN: missing: status 4' status_is 4

# By DWARF alone, objects without a symbol that DWARF knows are missing.
objects --builtin "$tmp/modules.builtin.objs" "$vmlinux" | grep -v '^entry.o' > "$tmp/got"
grep -v entry.o "$tmp/want" > "$tmp/want.dwarf"
ok '--builtin and DWARF: modules of every object' same "$tmp/want.dwarf" "$tmp/got"

# Ranges are by address: what they cover has modules, even with no owner known.
run ranges --build-tree "$tmp/k"
ok 'ranges: status 0' status_is 0
cp "$out" "$tmp/modules.builtin.ranges"
run ranges "$tmp/k/modules.builtin" "$map"
(cd "$tmp/k" && "$ksym" ranges modules.builtin vmlinux.map) > "$tmp/relative"
ok 'ranges: operands and --build-tree give the same' same \
	"$tmp/modules.builtin.ranges" "$tmp/relative"
objcopy --strip-debug -w --strip-symbol='*.[cSo]' "$vmlinux" "$tmp/bare"
"$ksym" show --json --no-debug-search --builtin "$tmp/modules.builtin.ranges" "$tmp/bare" > "$out"
"$ksym" show --json --build-tree "$tmp/k" "$vmlinux" > "$tmp/all.json"
python3 - "$tmp/all.json" "$out" > "$tmp/got" <<'END'
import json, sys
full, bare = [json.load(open(p))["symbols"] for p in sys.argv[1:]]
for f, b in zip(full, bare):
    if f["text"] and f["modules"] != b["modules"] or b["object"]:
        print(f, b)
    if b["modules"] and b["module_sources"] != ["ranges"]:
        print(b)
END
ok 'ranges without owners: modules of every function' empty "$tmp/got"
run show --no-debug-search --builtin "$tmp/modules.builtin.ranges" "$tmp/bare"
ok 'ranges without owners: what is ambiguous is told apart by module' \
	grep -q ' t free_netbuf \[liquidio_vf\]$' "$out"

# modules.builtin alone knows modules of one object that bears their name.
printf 'kernel/fs/seq_file.ko\nkernel/drivers/powercap/intel-rapl.ko\n' > "$tmp/builtin"
objects --map "$map" --builtin "$tmp/builtin" "$vmlinux" | grep -v ' $' > "$tmp/got"
echo 'fs/seq_file.o seq_file' > "$tmp/want.name"
ok 'modules.builtin: objects that bear the name' same "$tmp/want.name" "$tmp/got"
ok 'modules.builtin: source' json "$tmp/owners.json" \
	"{tuple(s['module_sources']) for s in d['symbols'] if s['modules']} == {('name',)}"

# An image that is not stripped yet says it itself.
printf 'seq_file.file=fs/seq_file\0seq_file.license=GPL\0intel_rapl.file=drivers/powercap/intel-rapl\0x.description=a.file=b\0file=c\0' \
	> "$tmp/modinfo"
objcopy --add-section .modinfo="$tmp/modinfo" "$vmlinux" "$tmp/unstripped"
objects --map "$map" "$tmp/unstripped" | grep -v ' $' > "$tmp/got"
ok '.modinfo of the image: as modules.builtin' same "$tmp/want.name" "$tmp/got"

# A loadable module is what it calls itself, and lists of built-in ones say nothing of it.
cat > "$tmp/mod.c" <<'END'
static const char name[] __attribute__((used, section(".modinfo"))) = "name=my_module";
static __attribute__((noinline, used)) int helper(int x) { return x + 1; }
int entry(int x) { return helper(x); }
END
mkdir -p "$tmp/tree/fs"
for i in one two; do
	cp "$tmp/mod.c" "$tmp/tree/fs/$i.c"
	[ $i = one ] || sed -i 's/int entry/int other/; /modinfo/d' "$tmp/tree/fs/$i.c"
	(cd "$tmp/tree" && gcc -g -O1 -ffreestanding -c fs/$i.c -o fs/$i.o)
done
(cd "$tmp/tree" && ld -r -o my-module.ko fs/one.o fs/two.o)
run show "$tmp/tree/my-module.ko"
ok '.ko: status 0' status_is 0
ok '.ko: every symbol is in the module' is "$(grep -c '\[my_module\]' "$out")" \
	"$(wc -l < "$out")"
ok '.ko: its objects are told apart' contains "$out" ' t helper [my_module] {one.o}'
echo 'fs/other.o: fs/one.o' > "$tmp/other"
run show "$tmp/tree/my-module.ko" --builtin "$tmp/other"
ok '.ko: lists of built-in modules do not apply' not grep -q '\[other\]' "$out"

# One object.
run show --json "$tmp/tree/fs/two.o"
ok '.o: it is the object of all its symbols' json "$out" \
	'{s["object"] for s in d["symbols"]} == {"fs/two.o"}'
echo 'fs/mine.o: fs/two.o' > "$tmp/mine"
run show "$tmp/tree/fs/two.o" --builtin "$tmp/mine"
ok '.o: modules by a list' is "$(grep -c '\[mine\]' "$out")" "$(wc -l < "$out")"

# What is missing or malformed is told.
run show --build-tree "$tmp/none" "$vmlinux"
ok 'missing build tree: refused' test "$status" -ge 3
ok 'missing build tree: one line' one_line "$err"
ok 'missing build tree: no data' empty "$out"
run show --map "$tmp/none" "$vmlinux"
ok 'missing map: status 4' status_is 4
run show --builtin "$tmp/none" "$vmlinux"
ok 'missing list: status 4' status_is 4
run show --map "$tmp/mod.c" "$vmlinux"
ok 'map that is none: status 3' status_is 3
ok 'map that is none: one line' one_line "$err"
run show --builtin "$tmp/mod.c" "$vmlinux"
ok 'list that is none: status 3' status_is 3
sed 's/40102/40112/g' "$map" > "$tmp/other.map"
run show --map "$tmp/other.map" "$vmlinux"
ok 'map of another link: status 3' status_is 3
ok 'map of another link: says so' contains "$err" 'the map is of another link'
done_testing
