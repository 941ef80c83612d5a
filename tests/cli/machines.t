#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The sample kernel, built for several machines by several compilers and linkers in
# several ways, is the same to ksym: every symbol has the object that defines it, by
# map and by DWARF, and the modules of that object.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

cat > "$tmp/compare.py" <<'END'
# compare.py BUILD DIGITS SAMPLE: owners against what nm says of each object.  Leaves
# BUILD/check.WHAT, empty when all is well.
import json, re, subprocess, sys

build, digits, sample = sys.argv[1:]

def load(name):
    with open(build + "/" + name, encoding="utf-8") as f:
        return json.load(f)["symbols"]

def nm(path):
    text = subprocess.run(["nm", "--defined-only", build + "/" + path], check=True,
                          capture_output=True, text=True).stdout
    # Without mapping symbols and others that kallsyms leaves out.
    return [l.split() for l in text.splitlines() if not re.search(r" (\$|\.L|_SDA_)", l)]

def expect(good, *text):
    if not good:
        raise AssertionError(" ".join(map(str, text)))

# Objects and modules as sample/build lists them.
modules = {}
for line in re.search(r"list='(.*?)'", open(sample + "/build").read(), re.S)[1].split("\n"):
    source, *names = line.split()
    modules[source.rsplit(".", 1)[0] + ".o"] = sorted(
        n.split("/")[-1].replace("-", "_") for n in names)

by_map = load("map.json")

def check_map():
    # The linker script discards .modinfo.
    defined = {(words[-1], obj) for obj in modules for words in nm(obj)
               if words[-1] != "sample_license"}
    got = {(s["name"], s["object"]) for s in by_map if s["object"]}
    expect(got == defined, "differ:", sorted(got ^ defined))
    rest = {s["name"] for s in by_map if not s["object"]}
    script = set(re.findall(r"(\w+) = \.;", open(sample + "/vmlinux.lds").read()))
    expect(rest <= script, "no owner:", rest - script)

def check_modules():
    for s in by_map:
        expect(s["modules"] == modules.get(s["object"], []), s)

def check_addresses():
    expect(all(re.fullmatch("[0-9a-f]{%s}" % digits, s["address"]) for s in by_map), "digits")
    want = sorted(map(tuple, nm("vmlinux")))
    got = sorted((s["address"], s["type"], s["name"]) for s in by_map)
    expect(got == want, set(got) ^ set(want))

def check_dwarf():
    by_dwarf = load("dwarf.json")
    expect(len(by_dwarf) == len(by_map), len(by_dwarf), len(by_map))
    nr = 0
    for m, d in zip(by_map, by_dwarf):
        expect((m["address"], m["name"]) == (d["address"], d["name"]), m, d)
        # Assembly without instructions has no debug information.
        if m["object"] == "arch/x86/entry.o":
            expect(d["object"] in (None, m["object"]), m, d)
            continue
        for key in "object", "modules", "suffix":
            expect(m.get(key) == d.get(key), m, d)
        expect(not d["object"] or d["sources"] == ["dwarf"], d)
        nr += d["object"] is not None
    expect(nr >= 25, nr, "symbols have an owner by DWARF")

def check_file():
    for m, f in zip(by_map, load("file.json")):
        expect((m["address"], m["name"]) == (f["address"], f["name"]), m, f)
        if f["object"]:
            expect(f["object"] == m["object"].split("/")[-1], m, f)
        else:
            # lld invents no STT_FILE for objects without.
            expect(not m["type"].islower() or m["object"] == "arch/x86/entry.o", m, f)

for what in "map", "modules", "addresses", "dwarf", "file":
    with open(build + "/check." + what, "w") as f:
        try:
            globals()["check_" + what]()
        except AssertionError as e:
            print(e, file=f)
END

# try NAME DIGITS: what $build holds.
try()
{
	variant=$1
	vmlinux=$build/vmlinux
	run show --json --build-tree "$build" "$vmlinux"
	cp "$out" "$build/map.json"
	ok "$variant: status 0" status_is 0
	ok "$variant: nothing on standard error" empty "$err"
	# DWARF alone: without map, without STT_FILE symbols.
	"$ksym" objs --build-tree "$build" > "$build/objs.txt"
	"$objcopy" -w --strip-symbol='*.[cSo]' "$vmlinux" "$build/nofile"
	"$ksym" show --json --builtin "$build/objs.txt" "$build/nofile" \
		> "$build/dwarf.json"
	# Only STT_FILE.
	"$objcopy" --strip-debug --keep-file-symbols "$vmlinux" "$build/nodebug"
	"$ksym" show --json --no-debug-search "$build/nodebug" > "$build/file.json"
	python3 "$tmp/compare.py" "$build" "$2" "$source/sample" || echo died > "$build/check.map"
	ok "$variant: owners by map are those of nm" empty "$build/check.map"
	ok "$variant: modules are those of the build" empty "$build/check.modules"
	ok "$variant: addresses and letters are those of nm" empty "$build/check.addresses"
	ok "$variant: owners by DWARF are those of the map" empty "$build/check.dwarf"
	ok "$variant: owners by STT_FILE are those of the map" empty "$build/check.file"
	run check --data "$vmlinux"
	ok "$variant: every identity is unique by DWARF" status_is 0
	ok "$variant: no data symbol is ambiguous" not grep -q 'not unique,' "$out"
	run at "$vmlinux" schedule
	ok "$variant: has lines" contains "$out" 'kernel/sched/core.c:'
	"$ksym" index --build-tree "$build" -o "$build/index" "$vmlinux"
	run show --json "$build/index"
	ok "$variant: the index says the same" same "$build/map.json" "$out"
}

# sample NAME DIGITS FLAGS CC [LD]: build and try.
sample()
{
	variant=$1 digits=$2 flags=$3; shift 3
	objcopy=$(printf '%s' "$1" | sed 's/gcc$/objcopy/; s/^clang$/objcopy/')
	build=$tmp/$(printf '%s' "$variant" | tr ' ' _)
	if ! has "$1" || ! CFLAGS="-O2 $flags" build_sample "$build" "$@"; then
		skip "$variant" "cannot be built here: $(tail -n 1 "$tmp/log")"
		return 1
	fi
	try "$variant" "$digits"
}

sample 'gcc DWARF 5' 16 '-gdwarf-5' gcc
sample 'gcc DWARF 4' 16 '-gdwarf-4' gcc
sample 'gcc compressed' 16 '-g -gz=zlib -ffunction-sections -fdata-sections' gcc
sample 'clang lld DWARF 5' 16 '-gdwarf-5' clang
sample 'clang lld DWARF 4' 16 '-gdwarf-4' clang
sample 'arm64' 16 '-g' aarch64-linux-gnu-gcc
sample 's390x' 16 '-g' s390x-linux-gnu-gcc
sample 'ppc 32 bit' 8 '-g' powerpc-linux-gnu-gcc

# By way of vmlinux.o: two maps, whose positions add up.
export RELOCATABLE=1
for cc in gcc clang; do
	sample "$cc vmlinux.o" 16 '-g' $cc || continue
	ok "$cc vmlinux.o: owners come from its own map" json "$build/map.json" \
		'{x for s in d["symbols"] for x in s.get("sources", []) if "map" in x} ==
		{"object-map"}'
	run show --map "$build/vmlinux.map" "$build/vmlinux"
	ok "$cc vmlinux.o: vmlinux.map alone says nothing: status 3" status_is 3
	ok "$cc vmlinux.o: ... and what else to give" contains "$err" 'give vmlinux.o.map as well'
	"$ksym" show --build-tree "$build" "$build/vmlinux" > "$tmp/tree"
	run show --map "$build/vmlinux.o.map" --map "$build/vmlinux.map" "$build/vmlinux" \
		--builtin "$build/modules.builtin"
	cut -d ' ' -f 1-4 "$tmp/tree" > "$tmp/want"
	cut -d ' ' -f 1-4 "$out" > "$tmp/got"
	ok "$cc vmlinux.o: maps may be given in any order" same "$tmp/want" "$tmp/got"
	# vmlinux.o itself is an image, too.
	run show --json --map "$build/vmlinux.o.map" --build-tree "$build" "$build/vmlinux.o"
	ok "$cc vmlinux.o: as an image: status 0" status_is 0
	python3 - "$build/map.json" "$out" > "$tmp/why2" <<-'END'
		import json, sys
		# The script's symbols are not there yet; those of .modinfo not discarded.
		final, early = [{(s["name"], s["object"], tuple(s["modules"]))
		    for s in json.load(open(p))["symbols"] if s["object"]} for p in sys.argv[1:]]
		early = {s for s in early if s[0] != "sample_license"}
		print(sorted(final ^ early))
	END
	ok "$cc vmlinux.o: as an image: the same owners" is "$(cat "$tmp/why2")" '[]'
done
unset RELOCATABLE

# dwz moves what units share into partial units.
build=$tmp/gcc_DWARF_4
if has dwz && [ -f "$build/vmlinux" ] && dwz "$build/vmlinux" 2> "$tmp/log"; then
	try 'after dwz' 16
else
	skip 'after dwz' 'no dwz'
fi
# Split DWARF: the skeletons tell the objects.
if CFLAGS='-O2 -g' build_sample "$tmp/one" && CFLAGS='-O2 -g -gsplit-dwarf' build_sample "$tmp/split"; then
	"$ksym" show "$tmp/one/vmlinux" | grep -E ' [tT] ' > "$tmp/one.text"
	run show "$tmp/split/vmlinux"
	ok 'split DWARF: status 0' status_is 0
	grep -E ' [tT] ' "$out" > "$tmp/split.text"
	ok 'split DWARF: the same text' same "$tmp/one.text" "$tmp/split.text"
else
	skip 'split DWARF: status 0' 'cannot be built'
	skip 'split DWARF: the same text' 'cannot be built'
fi
done_testing
