#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A section put into ELF files: what binutils and elfutils think of the result.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
put=$KSYM_BUILD/tests/put_section
head -c 3001 /dev/zero | tr '\0' 'b' > "$tmp/types"
echo 'other types' > "$tmp/other"

cat > "$tmp/a.c" <<'END'
int counter __attribute__((section(".data.counted"))) = 1;
static const char text[] = "text";
const char *name(void) { return text; }
int _start(void) { return counter++; }
END

# sections FILE: all but what is put and what is written anew
sections()
{
	readelf -SW "$1" | sed -n 's/^ *\[ *\([0-9]*\)\] //p' | grep -v -e '^\.BTF ' -e '^\.shstrtab ' -e '^\.strtab '
}

# lint FILE: the complaints of eu-elflint
lint()
{
	eu-elflint --gnu-ld "$1" 2>&1 | grep -v '^No errors' || :
}

# check NAME FILE: put, and put again
check()
{
	cp "$2" "$tmp/once"
	ok "$1: put" "$put" "$tmp/once" "$tmp/once" .BTF "$tmp/types"
	objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc "$tmp/once" "$tmp/got" 2> /dev/null
	[ -s "$tmp/got" ] || llvm-objcopy --dump-section=.BTF="$tmp/got" "$tmp/once" "$tmp/ignored" 2> /dev/null
	ok "$1: its bytes" cmp "$tmp/types" "$tmp/got"
	sections "$2" > "$tmp/before"
	sections "$tmp/once" > "$tmp/after"
	ok "$1: no other section moves" same "$tmp/before" "$tmp/after"
	ok "$1: readelf has nothing to say" empty "$(readelf -aW "$tmp/once" 2>&1 > /dev/null | grep -v 'Unrecognized' > "$tmp/said"; echo "$tmp/said")"
	if has eu-elflint; then
		lint "$2" > "$tmp/before"
		lint "$tmp/once" > "$tmp/after"
		ok "$1: nor has elflint more than before" same "$tmp/before" "$tmp/after"
	fi
	"$put" "$tmp/once" "$tmp/twice" .BTF "$tmp/types"
	ok "$1: put again changes nothing" cmp "$tmp/once" "$tmp/twice"
	"$put" "$tmp/once" "$tmp/twice" .BTF "$tmp/other"
	"$put" "$tmp/twice" "$tmp/twice" .BTF "$tmp/types"
	ok "$1: nor does putting another and the same again" cmp "$tmp/once" "$tmp/twice"
}

for cc in gcc clang 'gcc -m32' aarch64-linux-gnu-gcc s390x-linux-gnu-gcc; do
	has "${cc%% *}" || { skip "$cc" "${cc%% *} is missing"; continue; }
	# shellcheck disable=SC2086 # a command and its options
	if ! $cc -g -c -o "$tmp/a.o" "$tmp/a.c" 2> "$tmp/log"; then
		skip "$cc" 'cannot compile here'
		continue
	fi
	check "$cc: object" "$tmp/a.o"
	# shellcheck disable=SC2086
	if $cc -g -nostdlib -static -o "$tmp/a" "$tmp/a.c" 2> "$tmp/log"; then
		check "$cc: program" "$tmp/a"
	fi
done

# What kernel builds do with it next.
gcc -g -c -o "$tmp/a.o" "$tmp/a.c"
gcc -g -nostdlib -static -o "$tmp/a" "$tmp/a.c"
"$put" "$tmp/a" "$tmp/b" .BTF "$tmp/types"
objcopy --only-section=.BTF --set-section-flags .BTF=alloc,readonly --strip-all "$tmp/b" "$tmp/only" 2> "$tmp/log"
printf '\1\0' | dd of="$tmp/only" conv=notrunc bs=1 seek=16 status=none
ok 'objcopy --only-section makes an object of it' ld -r -o "$tmp/linked.o" "$tmp/only" "$tmp/a.o"
objcopy -O binary --only-section=.BTF "$tmp/linked.o" "$tmp/got"
ok 'which can be linked' cmp "$tmp/types" "$tmp/got"
"$put" "$tmp/a.o" "$tmp/b.o" .BTF "$tmp/types"
ok 'an object with it can be linked' gcc -nostdlib -static -o "$tmp/c" "$tmp/b.o"
strip -g -o "$tmp/c" "$tmp/b.o"
ok 'and stripped' contains "$tmp/c" bbbbbbbb
nm "$tmp/a" > "$tmp/before"
nm "$tmp/b" > "$tmp/after"
ok 'symbols stay' same "$tmp/before" "$tmp/after"
ok 'the program runs as before' sh -c "'$tmp/a'; a=\$?; '$tmp/b'; [ \$a = \$? ]"

# A section that is loaded stays for whom it is loaded.
gcc -g -nostdlib -static -o "$tmp/l" -x c - <<'END'
const char btf[] __attribute__((section(".BTF"), used)) = "loaded types";
int _start(void) { return btf[0]; }
END
"$put" "$tmp/l" "$tmp/m" .BTF "$tmp/types"
readelf -SW "$tmp/m" > "$tmp/after"
ok 'a loaded section gets another name' contains "$tmp/after" .BTF.loaded
objcopy -O binary --only-section=.BTF.loaded "$tmp/m" "$tmp/got"
ok 'and keeps its bytes' contains "$tmp/got" 'loaded types'
readelf -lW "$tmp/l" | grep LOAD > "$tmp/before"
readelf -lW "$tmp/m" | grep LOAD > "$tmp/after"
ok 'and its segment' same "$tmp/before" "$tmp/after"
"$put" "$tmp/m" "$tmp/n" .BTF "$tmp/types"
ok 'once' cmp "$tmp/m" "$tmp/n"

# Files, as users have them.
cp "$tmp/a" "$tmp/link-to"
chmod 751 "$tmp/link-to"
ln -s link-to "$tmp/link"
"$put" "$tmp/link" "$tmp/link" .BTF "$tmp/types"
ok 'behind a link the file changes' cmp "$tmp/b" "$tmp/link-to"
ok 'and the link is one still' [ -h "$tmp/link" ]
ok 'its mode stays' is "$(stat -c %a "$tmp/link-to")" 751
cp "$tmp/a" "$tmp/original"
ok 'into a folder that is not there: refused' not "$put" "$tmp/a" "$tmp/nowhere/a" .BTF "$tmp/types"
head -c 900 "$tmp/a" > "$tmp/cut"
cp "$tmp/cut" "$tmp/cut.orig"
"$put" "$tmp/cut" "$tmp/cut" .BTF "$tmp/types" 2> "$err"
status=$?
ok 'a file that is cut off: refused' status_is 3
ok 'in one line' one_line "$err"
ok 'which names it' contains "$err" "$tmp/cut: "
ok 'and left as it is' cmp "$tmp/cut" "$tmp/cut.orig"
mkdir "$tmp/empty"
cp "$tmp/cut" "$tmp/empty"
"$put" "$tmp/empty/cut" "$tmp/empty/cut" .BTF "$tmp/types" 2> /dev/null
ok 'nothing is left behind' is "$(ls "$tmp/empty")" cut
done_testing
