#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Versions of sources: the command that a build used is found, and nothing of the build is
# touched by running it again.
. "$(dirname "$0")/lib.sh"

has cc || { skip 'versions of sources' 'no compiler'; done_testing; }

mkdir -p "$tmp/tree/kernel" "$tmp/src"
tree=$tmp/tree
cat > "$tree/kernel/fork.c" <<'END'
#include "fork.h"
int do_fork(struct fork *f, const char *why) { return why ? f->nr : 0; }
asm(".pushsection .export_symbol,\"a\"; __export_symbol_do_fork: .asciz \"GPL\"; .asciz \"" SPACE "\"; .popsection");
END
echo 'struct fork { int nr; unsigned long flags; };' > "$tree/kernel/fork.h"
(cd "$tree" && cc -g -O2 -DSPACE='"NS"' -c -o kernel/fork.o kernel/fork.c) || exit 4
run versions "$tree/kernel/fork.o"
ok 'an object has a version' is "$status" 0
expected=$(cat "$out")
ok 'of the symbol it exports' contains "$out" '#SYMVER do_fork 0x'
run versions --format symvers "$tree/kernel/fork.o"
ok 'Module.symvers has license and namespace' \
	is "$(cut -f 2,4,5 "$out")" "do_fork	EXPORT_SYMBOL_GPL	NS"

# As Kbuild writes it: quoted, escaped for make, and with more behind it.
printf '%s\n' "savedcmd_kernel/fork.o := cc -Wp,-MMD,kernel/.fork.o.d -O2 -DSPACE='\"NS\"' -DHASH='\"\$(pound)\$\$\"' -c -o kernel/fork.o kernel/fork.c ; echo behind > behind" \
	> "$tree/kernel/.fork.o.cmd"
cp "$tree/kernel/fork.o" "$tmp/before.o"
run versions --symtypes "$tmp/symtypes" --build-tree "$tree" kernel/fork.c
ok 'a source of a build tree, by its .cmd file' is "$status" 0
ok 'the same version' is "$(cat "$out")" "$expected"
ok 'the symtypes file has its types' contains "$tmp/symtypes" 's#fork structure_type fork { member'
ok 'the object stays as it was' cmp "$tree/kernel/fork.o" "$tmp/before.o"
ok 'no list of dependencies is written' not test -e "$tree/kernel/.fork.o.d"
ok 'what follows the compiler is not run' not test -e "$tree/behind"
run versions "$tree/kernel/fork.c"
ok 'the .cmd file beside the source' is "$(cat "$out")" "$expected"
run versions --json "$tree/kernel/fork.c"
ok 'JSON names the source' contains "$out" "\"file\":\"$tree/kernel/fork.c\""

rm "$tree/kernel/.fork.o.cmd"
run versions "$tree/kernel/fork.c"
ok 'no command: exit status 3' is "$status" 3
ok 'and what is missing' contains "$err" 'compile_commands.json'

printf '[{"directory":"%s","file":"kernel/fork.c","output":"kernel/fork.o","command":"cc -O2 -DSPACE='\''\\"NS\\"'\'' -c -o kernel/fork.o kernel/fork.c"}]' \
	"$tree" > "$tree/compile_commands.json"
run versions --build-tree "$tree" "$tree/kernel/fork.c"
ok 'compile_commands.json, as a command' is "$(cat "$out")" "$expected"
printf '[{"directory":"%s","file":"%s/kernel/fork.c","arguments":["cc","-O2","-DSPACE=\\"NS\\"","-c","-o","kernel/fork.o","kernel/fork.c"]}]' \
	"$tree" "$tree" > "$tree/compile_commands.json"
run versions --build-tree "$tree" "$tree/kernel/fork.c"
ok 'compile_commands.json, as words' is "$(cat "$out")" "$expected"
ok 'the object still stays as it was' cmp "$tree/kernel/fork.o" "$tmp/before.o"

echo 'int broken(' > "$tree/kernel/fork.c"
TMPDIR=$tmp/src run versions --build-tree "$tree" "$tree/kernel/fork.c"
ok 'a source that does not compile: exit status 3' is "$status" 3
ok 'with the command' contains "$err" 'cannot be compiled by'
ok 'nothing on standard output' not test -s "$out"
ok 'no temporary file stays' is "$(ls "$tmp/src")" ''
done_testing
