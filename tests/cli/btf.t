#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# BTF of small programs: what the comments of their sources say must be in it, by several
# compilers, linked and not; read by tests/kernels/btf.py, which knows the kernel's rules.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

fixtures=$source/tests/btf-fixtures
reader=$source/tests/kernels/btf.py
export PYTHONDONTWRITEBYTECODE=1

# built NAME CC FLAGS SOURCE...: into $tmp/NAME.o and $tmp/NAME.linked.
built()
{
	if ! has "$2"; then
		skip "$1: BTF" "no $2"
		return 1
	fi
	stem=$1
	shift
	"$fixtures/build" "$tmp/$stem" "$@" > "$tmp/log" 2>&1 && return
	ok "$stem: compiles" empty "$tmp/log"
	return 1
}

# judged NAME WORDS SOURCE...: what `ksym btf` makes of both.
judged()
{
	stem=$1 words=$2
	shift 2
	for form in linked o; do
		"$ksym" btf --vars=all "$tmp/$stem.$form" -o "$tmp/$stem.$form.btf" > "$out" 2> "$err" ||
			cat "$err"
		(
			cd "$fixtures" || exit
			./judge "$tmp/$stem.$form.btf" "$tmp/$stem.$form" "$words,$form" "$@"
		) > "$tmp/verdict" 2>&1
		ok "$stem.$form: $(sed -n 's/ are as they should be//p' "$tmp/verdict" | grep . || echo facts)" \
			matches "$tmp/verdict" ' are as they should be$'
	done
}

# ------------------------------------------------------------------ facts, by compilers
# cc, flags, words for the judge; the first two do where sanitizers are slow.
while read -r cc dwarf level words; do
	flags="-gdwarf-$dwarf -O$level"
	what=$cc-$dwarf-O$level
	for set in kinds kfuncs 'two-a two-b' functions variables tags; do
		case $set-$level-$cc in
		functions-0-* | variables-2-*) continue ;;
		tags-*-clang) ;;
		tags-*) continue ;;
		esac
		sources=
		for s in $set; do sources="$sources $s.c"; done
		# shellcheck disable=SC2086 # a list of words
		built "${set%% *}-$what" "$cc" "$flags" $sources &&
			judged "${set%% *}-$what" "$words" $sources
	done
done <<END
gcc 5 2 gcc,x86,64
clang 5 0 clang,x86,64
$([ -n "${KSYM_TEST_QUICK-}" ] || cat <<MORE
gcc 4 0 gcc,x86,64
clang 4 2 clang,x86,64
s390x-linux-gnu-gcc 5 2 gcc,64
s390x-linux-gnu-gcc 4 0 gcc,64
aarch64-linux-gnu-gcc 5 2 gcc,64
aarch64-linux-gnu-gcc 4 0 gcc,64
powerpc-linux-gnu-gcc 5 2 gcc,32
powerpc-linux-gnu-gcc 4 0 gcc,32
MORE
)
END

# --------------------------------------------------------------------------- the command
image=$tmp/kinds-gcc-5-O2.linked
two=$tmp/two-a-gcc-5-O2.linked
facts()
{
	"$reader" print "$@"
}

run btf "$two" -o "$tmp/default.btf"
ok 'btf: status 0' status_is 0
ok 'btf: nothing on standard output, with -o' empty "$out"
facts "$tmp/default.btf" > "$tmp/default"
facts "$tmp/two-a-gcc-5-O2.linked.btf" > "$tmp/all"
ok 'btf: without --vars no variables but those of the per-CPU section' is \
	"$(grep -cE '^(var|datasec)' "$tmp/default")" 0
grep -vE '^(var|datasec)' "$tmp/all" > "$tmp/rest"
ok 'btf: --vars=all adds variables and nothing else that has a name' same "$tmp/default" "$tmp/rest"
run btf --vars=none "$image" -o "$tmp/none.btf"
ok 'btf: --vars=none: status 0' status_is 0
ok 'btf: --vars=none: no VAR' is "$(facts "$tmp/none.btf" | grep -c '^var')" 0
run btf "$tmp/variables-clang-5-O0.linked" -o "$tmp/percpu.btf"
ok 'btf: per-CPU variables by default, and no others' is \
	"$(facts "$tmp/percpu.btf" | grep '^var' | grep -vc ' \.data\.\.percpu ')" 0
ok 'btf: ... all three' is "$(facts "$tmp/percpu.btf" | grep -c '^var')" 3

# Split: what is the base's stays there.
run btf "$two" --vars=none -o "$tmp/base.btf"
run btf --vars=all --base "$tmp/base.btf" "$two" -o "$tmp/extra.btf"
ok 'split: status 0' status_is 0
ok 'split: no rule is broken' "$reader" check "$tmp/extra.btf" "$tmp/base.btf"
ok 'split: only variables' is "$(facts "$tmp/extra.btf" "$tmp/base.btf" | grep -vcE '^(var|datasec) ')" 0
grep -E '^(var|datasec) ' "$tmp/all" > "$tmp/want"
facts "$tmp/extra.btf" "$tmp/base.btf" > "$tmp/got"
ok 'split: those that one file has' same "$tmp/want" "$tmp/got"
run btf --vars=all --base "$tmp/base.btf" "$image" -o "$tmp/module.btf"
ok 'split: of another image: status 0' status_is 0
ok 'split: of another image: no rule is broken' "$reader" check "$tmp/module.btf" "$tmp/base.btf"
facts "$tmp/module.btf" "$tmp/base.btf" | sort > "$tmp/got"
facts "$tmp/base.btf" | sort > "$tmp/of-base"
facts "$tmp/kinds-gcc-5-O2.linked.btf" | sort | comm -23 - "$tmp/of-base" > "$tmp/want"
ok 'split: of another image: what the base lacks' same "$tmp/want" "$tmp/got"

# On a distilled base: what is read of the file alone, and on a base of other numbers.
cat > "$tmp/module.c" <<'END'
struct list { struct list *next, *prev; };
struct kernel { int n; struct list list; };
struct own { struct list list; struct kernel *kernel; long n; };
struct own own = { .n = 1 };
static struct kernel *pointer = (void *)1;
struct kernel *use(struct own *o) { struct kernel *k = pointer; pointer = o->kernel; return k; }
END
sed '/own/d;/pointer/d' "$tmp/module.c" > "$tmp/base1.c"
printf 'struct kernel kernel; char c; struct list *l;\n' >> "$tmp/base1.c"
(echo 'union more { long l; float f; } more;'; cat "$tmp/base1.c") > "$tmp/base2.c"
for f in module base1 base2; do
	gcc -g -O1 -c -o "$tmp/$f.o" "$tmp/$f.c"
done
run btf -q --vars=all "$tmp/base1.o" -o "$tmp/base1.btf"
run btf -q --vars=all "$tmp/base2.o" -o "$tmp/base2.btf"
run btf -q --vars=all --distill --embed --base "$tmp/base1.btf" "$tmp/module.o"
ok 'distill: status 0' status_is 0
strip -g "$tmp/module.o"
for form in '' "--base=$tmp/base1.btf" "--base=$tmp/base2.btf"; do
	# shellcheck disable=SC2086 # nothing, or an option
	run vars $form "$tmp/module.o"
	ok "distill: variables with their types $form" is "$(sed 's/.* \.[a-z.]* *//; s/;.*//' "$out" | sort | tr '\n' ,)" \
		'static struct kernel *pointer,struct own own,'
done
run btf "$image" -o "$tmp/strange.btf"
run vars "--base=$tmp/strange.btf" "$tmp/module.o"
ok 'distill: on a base that lacks them: status 3' status_is 3
ok 'distill: and says which' contains "$err" 'of the distilled base: expected one type "'
run btf --distill -o "$tmp/x.btf" "$tmp/base1.o"
ok 'distill: without --base: status 2' status_is 2
mkdir "$tmp/many"
run btf -q --distill --base "$tmp/base1.btf" -o "$tmp/many" "$tmp/base2.o" "$image"
ok 'distill: several files, two each' is "$(find "$tmp/many" -type f | wc -l)" 4
printf 'no BTF' > "$tmp/no"
objcopy --update-section ".BTF.base=$tmp/no" "$tmp/module.o" "$tmp/hostile.o"
run vars "$tmp/hostile.o"
ok 'distill: a base that is none: status 3' status_is 3
ok 'distill: a base that is none: one line' one_line "$err"
objcopy --dump-section ".BTF.base=$tmp/no" "$tmp/module.o" "$tmp/copy.o"
head -c 24 "$tmp/base1.btf" > "$tmp/empty"
printf '\001\0\0\0\0\0\0\0\0\0\0\0\001\0\0\0\0' | dd of="$tmp/empty" bs=1 seek=20 conv=notrunc 2> /dev/null
for name in base1.btf empty; do
	objcopy --update-section ".BTF.base=$tmp/$name" "$tmp/module.o" "$tmp/hostile.o"
	run vars "--base=$tmp/base1.btf" "$tmp/hostile.o"
	ok "distill: $name in the place of the distilled base: refused" status_is 3
	ok "distill: $name in the place of the distilled base: one line" one_line "$err"
done

# The same bytes each time.
for jobs in 1 2 7; do
	"$ksym" btf --vars=all -J $jobs "$two" -o "$tmp/jobs-$jobs.btf" 2> "$err" || cat "$err"
	ok "$jobs threads: the same bytes" cmp "$tmp/jobs-$jobs.btf" "$tmp/two-a-gcc-5-O2.linked.btf"
done

# Others who read it.
dedup=$KSYM_BUILD/tests/btf_dedup
if [ -x "$dedup" ]; then
	for btf in "$tmp"/*.linked.btf "$tmp"/*.o.btf; do
		"$dedup" "$btf" > /dev/null 2>> "$tmp/merged" || echo "$btf" >> "$tmp/merged"
	done
	touch "$tmp/merged"
	ok 'libbpf: finds nothing to merge, no string that is not used' empty "$tmp/merged"
	ok 'libbpf: nor in split BTF' "$dedup" "$tmp/extra.btf" "$tmp/base.btf"
else
	skip 'libbpf: finds nothing to merge' 'no static libbpf'
fi
# The running kernel, where it can be asked: it knows its own byte order, and root.
for btf in "$tmp"/*-gcc-5-*.linked.btf "$tmp"/*-clang-5-*.btf; do
	"$reader" load "$btf" > "$out" 2>&1
	case $? in
	4) continue ;;
	0) echo "$btf" >> "$tmp/taken" ;;
	*) echo "$btf: $(tail -n 1 "$out")" >> "$tmp/refused" ;;
	esac
done
if [ -e "$tmp/taken" ] || [ -e "$tmp/refused" ]; then
	touch "$tmp/refused"
	ok "kernel: takes all $(wc -l < "$tmp/taken")" empty "$tmp/refused"
else
	skip 'kernel: takes all' 'it cannot be asked'
fi
if has bpftool; then
	# Types as C that a compiler reads again, to the same facts.
	bpftool btf dump file "$tmp/kinds-gcc-5-O2.linked.btf" format c > "$tmp/dumped.h" 2> "$err"
	ok 'bpftool: dumps it as C' contains "$tmp/dumped.h" 'struct packed_bits {'
	{
		cat "$tmp/dumped.h"
		sed -nE 's/^(struct|union|enum) ([a-z_]+) \{.*/\1 \2 *use_\1_\2;/p' "$tmp/dumped.h"
	} > "$tmp/dumped.c"
	ok 'bpftool: as C that compiles' gcc -w -g -c -o "$tmp/dumped.o" "$tmp/dumped.c"
	run btf "$tmp/dumped.o" -o "$tmp/dumped.btf"
	facts "$tmp/dumped.btf" | grep -E '^(struct struct|union union) [a-z]' > "$tmp/got"
	facts "$tmp/kinds-gcc-5-O2.linked.btf" | grep -E '^(struct struct|union union) [a-z]' > "$tmp/want"
	ok 'bpftool: and of which BTF again says the same' same "$tmp/want" "$tmp/got"
else
	skip 'bpftool: dumps it as C' 'no bpftool'
fi

# Units that refer to each other: whose structure of a name is meant?
# said FILE: types and variables, without their addresses
said()
{
	facts "$1" | sed -nE '/^(struct|union|typedef|var) /s/ \.[a-z]+ 0x[0-9a-f]+ [0-9]+$//p' | sort
	facts "$1" | grep -E '^(struct|union|typedef) ' | sort
}
said "$tmp/two-a-gcc-5-O2.linked.btf" > "$tmp/want"
ok 'across units: there is something to find' is "$(grep -c '^var .* by_.*_[ab]$' "$tmp/want")" 12
gcc -w -g -O2 -flto -shared -fpic -nostdlib -ffreestanding -fno-stack-protector \
	-o "$tmp/lto" "$source/tests/btf-fixtures/two-a.c" "$source/tests/btf-fixtures/two-b.c" 2> "$err"
run btf --vars=all "$tmp/lto" -o "$tmp/lto.btf"
said "$tmp/lto.btf" > "$tmp/got"
ok 'link-time optimisation: the same' same "$tmp/want" "$tmp/got"
if has dwz && cp "$two" "$tmp/dwz" && dwz "$tmp/dwz" 2> "$err"; then
	ok 'dwz: units share a part' sh -c "readelf --debug-dump=info '$tmp/dwz' | grep -q DW_TAG_partial_unit"
	run btf --vars=all "$tmp/dwz" -o "$tmp/dwz.btf"
	said "$tmp/dwz.btf" > "$tmp/got"
	ok 'dwz: the same' same "$tmp/want" "$tmp/got"
else
	skip 'dwz: the same' 'no dwz, or nothing for it to do'
fi

# Arrays of arrays as one.
run btf --flat-arrays "$tmp/kinds-gcc-5-O2.linked" -o "$tmp/flat.btf"
facts "$tmp/flat.btf" | grep '^struct struct grid ' > "$tmp/got"
echo 'struct struct grid { 264: int cells[6] @0; const short int names[const 120] @192; char rows[0] @2112; }' > "$tmp/want"
ok '--flat-arrays: one array of all elements' same "$tmp/want" "$tmp/got"
run btf --vars=all --base "$tmp/flat.btf" "$tmp/kinds-gcc-5-O2.linked" -o "$tmp/on-flat.btf"
facts "$tmp/on-flat.btf" "$tmp/flat.btf" > "$tmp/got"
ok 'on a base with such arrays: variables' contains "$tmp/got" 'var global struct grid *grid_ .bss'
ok 'on a base with such arrays: no structure again' is "$(grep -c -E '^(struct|union|typedef) ' "$tmp/got")" 0

# Into the image.
cp "$two" "$tmp/embedded"
run btf --embed --vars=all "$tmp/embedded"
ok '--embed: status 0' status_is 0
objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc "$tmp/embedded" "$tmp/section" 2> "$err"
ok '--embed: the section has the same bytes' cmp "$tmp/section" "$tmp/two-a-gcc-5-O2.linked.btf"
ok '--embed: nothing else moved' is "$(nm "$tmp/embedded" | sort | md5sum)" "$(nm "$two" | sort | md5sum)"
cp "$tmp/embedded" "$tmp/once-more"
run btf --embed --vars=all "$tmp/once-more"
ok '--embed: once more: the same file' cmp "$tmp/embedded" "$tmp/once-more"

# What cannot be done.
echo 'int x;' | gcc -c -o "$tmp/plain.o" -x c -
run btf "$tmp/plain.o" -o "$tmp/never.btf"
ok 'no DWARF: status 3' status_is 3
ok 'no DWARF: one line' one_line "$err"
ok 'no DWARF: no file' not test -e "$tmp/never.btf"
head -c 100 "$tmp/base.btf" > "$tmp/cut.btf"
run btf --base "$tmp/cut.btf" "$two" -o "$tmp/never.btf"
ok 'a base that is cut off: status 3' status_is 3
ok 'a base that is cut off: one line' one_line "$err"
run btf --base "$two" "$two" -o "$tmp/never.btf"
ok 'a base without BTF: status 3' status_is 3
run btf --vars=some "$two" -o "$tmp/never.btf"
ok 'no such --vars: status 2' status_is 2
ok 'no file is left' not test -e "$tmp/never.btf"
done_testing
