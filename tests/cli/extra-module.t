#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ksym extra-module: the folder it writes, without a kernel.  tests/kernels/btf-live inserts the
# module.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
ln -s "$(realpath "$ksym")" "$tmp/pahole"

cat > "$tmp/a.c" <<'END'
struct list { struct list *next, *prev; };
struct list list;
static unsigned int hidden = 3;
static __attribute__((section(".data..percpu"), used)) int counter;
int use(struct list *l, int n) { hidden += (unsigned int)n; return l->next ? (int)hidden : counter; }
END
gcc -g -O1 -c -o "$tmp/plain.o" "$tmp/a.c"
cp "$tmp/plain.o" "$tmp/image"
"$tmp/pahole" -J --btf_features=default "$tmp/image"

run extra-module --image "$tmp/image" "$tmp/dir"
ok 'status 0' status_is 0
ok 'silent' empty "$err"
ok 'says what it made' matches "$out" '^.*/dir: [0-9]+ variables, [0-9]+ bytes, on the BTF of .*/image$'
for f in vmlinux_btf_extra.c vmlinux_btf_extra.btf base.btf Makefile README.txt load; do
	ok "$f is there" [ -s "$tmp/dir/$f" ]
done
ok 'and nothing else' is "$(ls "$tmp/dir" | wc -l | tr -d ' ')" 6
for f in vmlinux_btf_extra.c Makefile README.txt load; do
	ok "$f is that of the source" cmp "$source/kernel/extra/$f" "$tmp/dir/$f"
done
ok 'load can be run' [ -x "$tmp/dir/load" ]
objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc "$tmp/image" "$tmp/base"
ok 'base.btf is the BTF of the image, to the byte' cmp "$tmp/base" "$tmp/dir/base.btf"
if has bpftool || [ -x /usr/sbin/bpftool ]; then
	PATH=$PATH:/usr/sbin bpftool btf dump -B "$tmp/dir/base.btf" file "$tmp/dir/vmlinux_btf_extra.btf" > "$tmp/dump" 2>&1
	ok 'bpftool finds a global variable' contains "$tmp/dump" "VAR 'list'"
	ok 'and a static one' contains "$tmp/dump" "VAR 'hidden'"
	ok 'and what the base lacks, alone' not grep -E '\] (STRUCT|FUNC|FUNC_PROTO) ' "$tmp/dump"
else
	skip 'bpftool finds the variables' 'bpftool is missing'
fi

# Kinds that the base has not got its kernel may not know.
cat > "$tmp/k.c" <<'END'
enum big { SMALL, BIG = 0x123456789 };
enum big big;
double number;
END
gcc -g -c -o "$tmp/k" "$tmp/k.c"
"$tmp/pahole" --skip_encoding_btf_enum64 --btf_encode_detached="$tmp/k.old" "$tmp/plain.o"
run extra-module --image "$tmp/k" --base "$tmp/k.old" "$tmp/dir8"
ok 'on a base of old: status 0' status_is 0
PATH=$PATH:/usr/sbin bpftool btf dump -B "$tmp/k.old" file "$tmp/dir8/vmlinux_btf_extra.btf" > "$tmp/dump" 2>&1
ok 'on a base of old: no new kinds' not grep -E 'ENUM64|FLOAT' "$tmp/dump"
ok 'on a base of old: but the types' contains "$tmp/dump" "ENUM 'big'"

run extra-module --json --jobs 3 --image "$tmp/image" "$tmp/dir2"
ok '--json' json "$out" 'd["variables"] >= 2 and d["base"].endswith("/image") and d["bytes"] > 24'
ok 'on any number of threads the same' diff -r "$tmp/dir" "$tmp/dir2"
run extra-module --image "$tmp/image" "$tmp/dir2"
ok 'once more into the same folder' diff -r "$tmp/dir" "$tmp/dir2"

# Bases.
run extra-module --image "$tmp/image" --base "$tmp/base" "$tmp/dir3"
ok 'the same base as a file: status 0' status_is 0
ok 'the same base as a file: the same types' \
	cmp "$tmp/dir/vmlinux_btf_extra.btf" "$tmp/dir3/vmlinux_btf_extra.btf"
run extra-module --image "$tmp/plain.o" --base "$tmp/base" "$tmp/dir4"
ok 'an image without BTF, and a base: status 0' status_is 0
ok 'an image without BTF, and a base: the same types' \
	cmp "$tmp/dir/vmlinux_btf_extra.btf" "$tmp/dir4/vmlinux_btf_extra.btf"
run extra-module --image "$tmp/plain.o" "$tmp/dir5"
ok 'an image without BTF, and no base: status 2' status_is 2
ok 'an image without BTF, and no base: asks for it' contains "$err" --base
"$tmp/pahole" --btf_features=default,global_var --btf_encode_detached="$tmp/other" "$tmp/plain.o"
run extra-module --image "$tmp/image" --base "$tmp/other" "$tmp/dir5"
ok 'another base than that of the image: status 3' status_is 3
ok 'another base than that of the image: one line' one_line "$err"
ok 'nothing is written then' [ ! -e "$tmp/dir5" ]

# load, on a running kernel of the test's making.
mkdir -p "$tmp/sys/sys/kernel/btf" "$tmp/bin"
for c in insmod rmmod; do
	printf '#!/bin/sh\necho %s "$@" >> "%s"\n' "$c" "$tmp/done" > "$tmp/bin/$c"
done
chmod 755 "$tmp/bin/insmod" "$tmp/bin/rmmod"
# load_it: status and $err, what was called in $tmp/done
load_it()
{
	: > "$tmp/done"
	PATH=$tmp/bin:$PATH SYSROOT=$tmp/sys "$tmp/dir/load" > "$out" 2> "$err"
	status=$?
}
load_it
ok 'load without the module: status 4' status_is 4
: > "$tmp/dir/vmlinux_btf_extra.ko"
load_it
ok 'load on a kernel without BTF: status 1' status_is 1
cp "$tmp/other" "$tmp/sys/sys/kernel/btf/vmlinux"
load_it
ok 'load on another kernel: status 1' status_is 1
ok 'load on another kernel: inserts nothing' empty "$tmp/done"
ok 'load on another kernel: says why' contains "$err" 'another one'
cp "$tmp/base" "$tmp/sys/sys/kernel/btf/vmlinux"
load_it
ok 'load, but the kernel does not show it: status 1' status_is 1
ok 'load, but the kernel does not show it: it is removed again' contains "$tmp/done" 'rmmod vmlinux_btf_extra'
cp "$tmp/dir/vmlinux_btf_extra.btf" "$tmp/sys/sys/kernel/btf/vmlinux_btf_extra"
load_it
ok 'load: status 0' status_is 0
ok 'load: inserted' is "$(cat "$tmp/done")" 'insmod vmlinux_btf_extra.ko'

# Failing.
run extra-module
ok 'no folder: status 2' status_is 2
run extra-module --headers "$tmp" --image "$tmp/image" "$tmp/dir6"
ok '--headers without --build: status 2' status_is 2
run extra-module --image "$tmp/missing" "$tmp/dir6"
ok 'no such image: status 4' status_is 4
run extra-module --image "$tmp/image" "$tmp/no/such/dir"
ok 'a folder that cannot be made: status 4' status_is 4
gcc -O1 -c -o "$tmp/nodebug.o" "$tmp/a.c"
run extra-module --image "$tmp/nodebug.o" --base "$tmp/base" "$tmp/dir6"
ok 'no debug information: status 3' status_is 3
run extra-module --build --headers "$tmp/missing" --image "$tmp/image" "$tmp/dir7"
ok '--build without headers: status 4' status_is 4
ok '--build without headers: standard output is empty' empty "$out"
done_testing
