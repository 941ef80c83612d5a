#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The program under the name pahole: what kernel builds ask of it, and what it refuses.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
ln -s "$(realpath "$ksym")" "$tmp/pahole"

# pahole ARG...: as run does it
pahole()
{
	"$tmp/pahole" "$@" > "$out" 2> "$err"
	status=$?
}

# kinds FILE [BASE]: "KIND name" of each type, of a BTF file
kinds()
{
	python3 - "$@" <<-'END'
		import struct, sys
		names = ' INT PTR ARRAY STRUCT UNION ENUM FWD TYPEDEF VOLATILE CONST RESTRICT FUNC FUNC_PROTO VAR DATASEC FLOAT DECL_TAG TYPE_TAG ENUM64'.split(' ')
		extra = {1: 4, 3: 12, 14: 4, 17: 4}
		each = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}
		text = b''
		for path in sys.argv[:0:-1]:
		    data = open(path, 'rb').read()
		    magic, _, _, head, off, size, soff, slen = struct.unpack_from('<HBBIIIII', data)
		    assert magic == 0xeb9f and head + soff + slen == len(data)
		    text += data[head + soff:head + soff + slen]
		at, end = head + off, head + off + size
		while at < end:
		    name, info, _ = struct.unpack_from('<III', data, at)
		    kind, nr = info >> 24 & 31, info & 0xffff
		    print(names[kind], text[name:text.index(b'\0', name)].decode())
		    at += 12 + extra.get(kind, 0) + nr * each.get(kind, 0)
		assert at == end
	END
}

# section FILE OUT [NAME]: the bytes of .BTF
section()
{
	objcopy -O binary --only-section="${3:-.BTF}" --set-section-flags "${3:-.BTF}=alloc" "$1" "$2" 2> /dev/null
}

# made FEATURE... : what these make of the object, in $tmp/kinds
made()
{
	pahole --btf_encode_detached="$tmp/made.btf" "$@" "$tmp/a.o"
	[ "$status" -eq 0 ] && kinds "$tmp/made.btf" > "$tmp/kinds"
}

# ---- what is asked about it
pahole --version
ok 'version' is "$(cat "$out")" v1.32
ok 'as scripts/pahole-version.sh reads it' is "$(sed -E 's/v([0-9]+)\.([0-9]+)/\1\2/' "$out")" 132
pahole --numeric_version
ok 'numeric version' is "$(cat "$out")" 132
pahole --supported_btf_features
ok 'features are listed on one line' one_line "$out"
for f in encode_force var float decl_tag type_tag enum64 optimized_func consistent_func \
	decl_tag_kfuncs reproducible_build distilled_base global_var attributes layout; do
	ok "feature $f is one of them" sh -c "tr , '\n' < '$out' | grep -qx $f"
done
pahole --help
ok '--help: status 0' status_is 0
ok '--help on standard output' contains "$out" --btf_encode_detached

# ---- what is refused
pahole "$tmp/a.o"
ok 'to print structures: status 2' status_is 2
ok 'is refused with a sentence' contains "$err" 'structures are not printed'
for o in '-C list_head' '--sizes' '--holes=1' '-E' '--compile' '--sort' '--contains=x'; do
	# shellcheck disable=SC2086 # an option and its argument
	pahole $o "$tmp/a.o"
	ok "$o: status 2" status_is 2
	ok "$o: one line" one_line "$err"
	ok "$o: says what it does instead" contains "$err" 'encodes BTF and does nothing else'
done
pahole --frobnicate "$tmp/a.o"
ok 'an unknown option: status 2' status_is 2
pahole -J
ok 'no file: status 2' status_is 2
pahole -J --btf_base
ok 'an option without its argument: status 2' status_is 2
pahole --btf_features_strict=var,no_such -J "$tmp/a.o"
ok 'strict: an unknown feature: status 2' status_is 2
ok 'strict: it is named' contains "$err" no_such
pahole -J --jobs=many "$tmp/a.o"
ok 'jobs that are no number: status 2' status_is 2
pahole -J --lang_exclude=c "$tmp/a.o"
ok 'to leave out C: status 2' status_is 2
pahole --btf_encode_detached="$tmp/x" "$tmp/a.o" "$tmp/b.o"
ok 'two files into one: status 2' status_is 2
pahole -J "$tmp/missing.o"
ok 'no such file: status 4' status_is 4
head -c 700 /bin/sh > "$tmp/cut"
pahole -J "$tmp/cut"
ok 'a file that is cut off: status 3' status_is 3

# ---- what it makes
cat > "$tmp/a.c" <<'END'
enum big { SMALL, BIG = 0x123456789 };
struct list { struct list *next, *prev; };
struct thing { struct list list; double size; enum big big; };
struct thing thing;
static int hidden = 3;
static __attribute__((section(".data..percpu"), used)) int counter;
int use(struct thing *t, int n) { hidden += n; return t->big == BIG ? hidden : counter; }
END
cat > "$tmp/b.c" <<'END'
struct list { struct list *next, *prev; };
struct own { struct list list; int n; };
int own(struct own *o) { return o->n; }
END
gcc -g -O1 -c -o "$tmp/a.o" "$tmp/a.c"
gcc -g -O1 -c -o "$tmp/b.o" "$tmp/b.c"
cp "$tmp/a.o" "$tmp/a.orig"

pahole --btf_encode_detached="$tmp/a.btf" --btf_features=default "$tmp/a.o"
ok 'detached: status 0' status_is 0
ok 'detached: nothing is said' empty "$err"
ok 'detached: the object stays' cmp "$tmp/a.o" "$tmp/a.orig"
pahole -J --btf_features=default "$tmp/a.o"
ok '-J: status 0' status_is 0
section "$tmp/a.o" "$tmp/section"
ok '-J: the section has the same bytes' cmp "$tmp/a.btf" "$tmp/section"
cp "$tmp/a.o" "$tmp/once"
pahole -J --btf_features=default "$tmp/a.o"
ok '-J again: nothing changes' cmp "$tmp/a.o" "$tmp/once"
run btf -q -o "$tmp/k.btf" "$tmp/a.orig"
ok 'it is what ksym btf makes' cmp "$tmp/a.btf" "$tmp/k.btf"
cp "$tmp/a.orig" "$tmp/k.o"
run btf -q --embed "$tmp/k.o"
ok 'and puts there with --embed' cmp "$tmp/a.o" "$tmp/k.o"
ok 'the object can be linked' ld -r -o "$tmp/r.o" "$tmp/a.o"
for j in '-j' '-j4' '--jobs=3' '--jobs'; do
	pahole $j --btf_encode_detached="$tmp/j.btf" --btf_features=default "$tmp/a.o"
	ok "$j: the same bytes" cmp "$tmp/a.btf" "$tmp/j.btf"
done
if has bpftool || [ -x /usr/sbin/bpftool ]; then
	PATH=$PATH:/usr/sbin bpftool btf dump file "$tmp/a.o" format c > "$tmp/c" 2> "$err"
	ok 'bpftool reads it' contains "$tmp/c" 'struct thing {'
else
	skip 'bpftool reads it' 'bpftool is missing'
fi

ok 'default features' made --btf_features=default
ok 'have structures' contains "$tmp/kinds" 'STRUCT thing'
ok 'have functions' contains "$tmp/kinds" 'FUNC use'
ok 'have floats' contains "$tmp/kinds" 'FLOAT double'
ok 'have large enumerations' contains "$tmp/kinds" 'ENUM64 big'
ok 'have no variables but per-CPU ones' not grep -q 'VAR \(thing\|hidden\)' "$tmp/kinds"
for list in default,global_var +global_var global_var,default; do
	ok "$list" made --btf_features=$list
	ok "$list: have global variables" contains "$tmp/kinds" 'VAR thing'
	ok "$list: and static ones" contains "$tmp/kinds" 'VAR hidden'
	ok "$list: and the rest" contains "$tmp/kinds" 'FLOAT double'
done
ok 'a list may be given in parts' made --btf_features=float --btf_features=global_var
ok 'then all count' contains "$tmp/kinds" 'FLOAT double'
ok 'then all count: variables' contains "$tmp/kinds" 'VAR thing'
ok 'of features that are not listed there are none' not grep -q ENUM64 "$tmp/kinds"
ok 'what is unknown is passed over' made --btf_features=float,no_such
ok 'and the others count' contains "$tmp/kinds" 'FLOAT double'
ok 'options of old: none' made
ok 'have no floats' not grep -q FLOAT "$tmp/kinds"
ok 'but large enumerations' contains "$tmp/kinds" 'ENUM64 big'
ok '--btf_gen_floats' made --btf_gen_floats
ok 'has floats' contains "$tmp/kinds" 'FLOAT double'
ok '--skip_encoding_btf_enum64' made --skip_encoding_btf_enum64
ok 'has no large enumerations' not grep -q ENUM64 "$tmp/kinds"
ok '--encode_all_btf_vars' made --encode_all_btf_vars
ok 'has variables' contains "$tmp/kinds" 'VAR thing'
ok '--skip_encoding_btf_vars' made --skip_encoding_btf_vars
ok 'has none' not grep -q '^VAR\|^DATASEC' "$tmp/kinds"

# Command lines of kernels' builds.
made --btf_features=encode_force,var,float,enum64,decl_tag,type_tag,optimized_func,consistent_func,decl_tag_kfuncs
cp "$tmp/kinds" "$tmp/expected"
ok 'all that builds list is the default' sh -c "'$tmp/pahole' --btf_encode_detached='$tmp/j.btf' --btf_features=default '$tmp/a.o' && cmp '$tmp/made.btf' '$tmp/j.btf'"
for flags in '' \
	'--skip_encoding_btf_vars' \
	'--btf_gen_floats' \
	'--btf_gen_floats -j' \
	'--btf_gen_floats -j --lang_exclude=rust' \
	'--btf_gen_floats -j --lang_exclude=rust --skip_encoding_btf_inconsistent_proto --btf_gen_optimized' \
	'--btf_gen_floats -j --skip_encoding_btf_enum64' \
	'-j --btf_features=encode_force,var,float,enum64,decl_tag,type_tag,optimized_func,consistent_func --lang_exclude=rust' \
	'-j --btf_features=encode_force,var,float,enum64,decl_tag,type_tag,optimized_func,consistent_func,decl_tag_kfuncs -j --btf_features=+reproducible_build --lang_exclude=rust' \
	'-j4 --btf_features=encode_force,var,float,enum64,decl_tag,type_tag,optimized_func,consistent_func,decl_tag_kfuncs,attributes --lang_exclude=rust' \
	'-j2 --btf_features=encode_force,var,float,enum64,decl_tag,type_tag,optimized_func,consistent_func,decl_tag_kfuncs --btf_features=attributes --btf_features=layout -j2 --lang_exclude=rust' \
	'-j --btf_features=encode_force,var,float --btf_features=distilled_base'
do
	cp "$tmp/a.orig" "$tmp/k.o"
	# shellcheck disable=SC2086
	LLVM_OBJCOPY=objcopy pahole -J $flags "$tmp/k.o"
	section "$tmp/k.o" "$tmp/section"
	ok "a build's -J $flags" sh -c '[ "$1" = 0 ] && [ -s "$2" ]' - "$status" "$tmp/section"
done

printf 'int grid[2][3];\n' | gcc -g -c -o "$tmp/grid.o" -x c -
for flag in '' --flat_arrays; do
	# shellcheck disable=SC2086
	pahole --btf_features=default,global_var $flag --btf_encode_detached="$tmp/grid.btf" "$tmp/grid.o"
	"$(dirname "$0")/../kernels/btf.py" print "$tmp/grid.btf" --only var > "$tmp/grid$flag"
done
ok 'an array of arrays is one' contains "$tmp/grid" 'var global int grid[2][3] .bss 0x0 24'
ok '--flat_arrays: an array of all elements' contains "$tmp/grid--flat_arrays" 'var global int grid[6] .bss 0x0 24'

# ---- split
pahole -J --btf_features=default --btf_base "$tmp/a.btf" "$tmp/b.o"
ok 'split: status 0' status_is 0
section "$tmp/b.o" "$tmp/b.btf"
kinds "$tmp/b.btf" "$tmp/a.btf" > "$tmp/kinds"
ok 'split: has its own' contains "$tmp/kinds" 'STRUCT own'
ok 'split: has its functions' contains "$tmp/kinds" 'FUNC own'
ok 'split: but nothing that the base has' not grep -q 'STRUCT list\|INT int' "$tmp/kinds"
gcc -g -O1 -c -o "$tmp/b2.o" "$tmp/b.c"
pahole -J --btf_features=default --btf_base="$tmp/a.o" "$tmp/b2.o"
section "$tmp/b2.o" "$tmp/b2.btf"
ok 'split: the base may be an image' cmp "$tmp/b.btf" "$tmp/b2.btf"
pahole -J --btf_base "$tmp/a.c" "$tmp/b2.o"
ok 'split: a base that is none: status 3' status_is 3
pahole -J --btf_base "$tmp/missing" "$tmp/b2.o"
ok 'split: no such base: status 4' status_is 4

# ---- split, on a distilled base
gcc -g -O1 -c -o "$tmp/d.o" "$tmp/b.c"
pahole -J -j1 --btf_features=default --btf_features_strict=distilled_base --btf_base "$tmp/a.btf" "$tmp/d.o"
ok 'distilled: status 0' status_is 0
section "$tmp/d.o" "$tmp/d.btf"
section "$tmp/d.o" "$tmp/d.base" .BTF.base
kinds "$tmp/d.base" > "$tmp/kinds"
ok 'distilled: a base of names' is "$(sort "$tmp/kinds" | tr '\n' ,)" 'INT int,STRUCT list,'
kinds "$tmp/d.btf" "$tmp/d.base" > "$tmp/kinds"
ok 'distilled: the rest goes on from that' is "$(grep -c 'STRUCT own\|FUNC own' "$tmp/kinds")" 2
cp "$tmp/d.o" "$tmp/once"
pahole -J --btf_features=default --btf_features=distilled_base --btf_base "$tmp/a.btf" "$tmp/d.o"
ok 'distilled again: nothing changes' cmp "$tmp/d.o" "$tmp/once"
run btf -q --distill --base "$tmp/a.btf" -o "$tmp/k.btf" "$tmp/d.o"
ok 'ksym btf --distill makes the same' cmp "$tmp/k.btf" "$tmp/d.btf"
ok 'ksym btf --distill: the base beside it' cmp "$tmp/k.btf.base" "$tmp/d.base"
pahole -J --btf_features=default,distilled_base --btf_base "$tmp/a.btf" --btf_encode_detached="$tmp/x.btf" "$tmp/d.o"
ok 'distilled and detached: there is no place for the base, so it is not' cmp "$tmp/x.btf" "$tmp/b.btf"
pahole -J --btf_features=default --btf_base "$tmp/a.btf" "$tmp/d.o"
ok 'not distilled any more: status 0' status_is 0
section "$tmp/d.o" "$tmp/d.btf"
ok 'not distilled any more: on the base itself' cmp "$tmp/b.btf" "$tmp/d.btf"
readelf -SW "$tmp/d.o" > "$tmp/sections"
ok 'not distilled any more: the distilled base is gone' not grep -q 'BTF\.base' "$tmp/sections"
ok 'and the object can be linked' ld -r -o "$tmp/r.o" "$tmp/d.o"
pahole -J --btf_features=default,distilled_base "$tmp/d.o"
ok 'distilled without a base: as if it was not asked for' status_is 0
readelf -SW "$tmp/d.o" > "$tmp/sections"
ok 'without a base: no base' not grep -q 'BTF\.base' "$tmp/sections"

# ---- layout
ok 'layout' made --btf_features=default,layout
cp "$tmp/kinds" "$tmp/expected"
ok 'layout: its place is in a longer header' is "$(od -An -tu4 -j4 -N4 "$tmp/made.btf" | tr -d ' ')" 32
ok 'layout: of 20 kinds' is "$(od -An -tu4 -j28 -N4 "$tmp/made.btf" | tr -d ' ')" 80
ok 'without' made --btf_features=default
ok 'layout: the same types' cmp "$tmp/kinds" "$tmp/expected"
ok 'without it the header is as it was' is "$(od -An -tu4 -j4 -N4 "$tmp/made.btf" | tr -d ' ')" 24
pahole -J --btf_features=default,layout --btf_base "$tmp/a.btf" "$tmp/d.o"
run vars --base "$tmp/a.btf" "$tmp/d.o"
ok 'layout: of split BTF, too' status_is 1

# ---- several
gcc -g -O1 -c -o "$tmp/b1.o" "$tmp/b.c"
gcc -g -O1 -c -o "$tmp/b2.o" "$tmp/b.c"
gcc -O1 -c -o "$tmp/plain.o" "$tmp/b.c"
cp "$tmp/plain.o" "$tmp/plain.orig"
pahole -J --btf_features=default --btf_base "$tmp/a.btf" "$tmp/b1.o" "$tmp/plain.o" "$tmp/b2.o"
ok 'several files: status 0' status_is 0
ok 'what has no debug information stays as it is' cmp "$tmp/plain.o" "$tmp/plain.orig"
for n in 1 2; do
	section "$tmp/b$n.o" "$tmp/b$n.btf"
	ok "several files: number $n has the types it has alone" cmp "$tmp/b.btf" "$tmp/b$n.btf"
done
pahole -J -V "$tmp/plain.o"
ok 'no debug information: status 0' status_is 0
ok 'no debug information: -V says so' one_line "$err"
done_testing
