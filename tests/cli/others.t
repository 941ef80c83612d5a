#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What ksym weak must take for no dead function; and dead ones whose entries in __mcount_loc are
# zero already, as in kernels from 6.15 on.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

fixture=$source/tests/weak-fixtures/build

# kinds KIND: how many holes of that kind the last run printed
kinds()
{
	awk -v k="$1" '$1 ~ /^[0-9a-f]+$/ && $3 == k' "$out" | wc -l
}

# ------------------------------------------- one executable piece makes .data executable
mkdir "$tmp/wx"
cat > "$tmp/wx/a.c" <<-'END'
	int first = 1, second = 2;
	static int same = 3;
	int one(void) { return same++; }
END
cat > "$tmp/wx/b.c" <<-'END'
	static int same = 4;
	int two(void) { return same++; }
END
cat > "$tmp/wx/page.S" <<-'END'
		.section .note.GNU-stack, "", %progbits
		.section .data.page, "awx", %progbits
		.long 0x12345678, 0x9abcdef0
		.globl page
		.type page, %object
	page:	.long 1, 2
		.size page, 8
		.long 0x13579bdf, 0x2468ace1
END
(cd "$tmp/wx" && gcc -g -O2 -ffreestanding -fno-pic -fno-asynchronous-unwind-tables -c a.c b.c page.S &&
	ld -static -o vmlinux -e one -Ttext=0xffffffff81000000 -Tdata=0xffffffff82000000 a.o page.o b.o &&
	objcopy --only-keep-debug vmlinux debug && objcopy --strip-all vmlinux bare) > "$tmp/log" 2>&1 ||
	{ cat "$tmp/log"; exit 4; }
readelf -WS "$tmp/wx/vmlinux" > "$tmp/wx/flags"
ok 'executable .data: it is' grep -q '\.data .* WAX ' "$tmp/wx/flags"
run weak "$tmp/wx/vmlinux"
ok 'executable .data: no hole' is "$(kinds code)" 0
run weak --debug "$tmp/wx/debug" "$tmp/wx/bare"
ok 'executable .data: no hole, with a separate debug file' is "$(kinds code) $status" '0 0'
run check --json "$tmp/wx/vmlinux"
ok 'executable .data: its variables are data' json "$out" 'd["text"]["symbols"] == 2'
ok 'executable .data: and have owners' json "$out" 'd["data"]["no_owner"] <= 4'
run show --json "$tmp/wx/vmlinux"
ok 'executable .data: letters are those of nm' json "$out" 'all(s["type"] in "tT" for s in d["symbols"]
	if s["name"] in ("first", "same", "page", "one", "two"))'
ok 'executable .data: every variable of C has its object' json "$out" \
	'sorted(s["object"] for s in d["symbols"] if s["name"] == "same") == ["a.o", "b.o"]'
run check --json --debug "$tmp/wx/debug" "$tmp/wx/bare"
ok 'executable .data: the same with a separate debug file' json "$out" 'd["text"]["symbols"] == 2'

# -------------------------------------------------------------- entries that are zero
# zeroed WHAT DIR: where the table says nothing of the dead any more
zeroed()
{
	what=$1 dir=$2
	run weak "$dir/vmlinux"
	awk '$3 == "function" { print $1, $2, $4 }' "$out" > "$tmp/want"
	awk '$1 ~ /^[0-9a-f]+$/ && $3 ~ /function|code|assembly/ { print $1 }' "$out" > "$tmp/starts"
	"$ksym" mcount --clean --mode zero -o "$dir/clean" "$dir/vmlinux" > /dev/null || exit 4
	run weak "$dir/clean"
	awk '$3 == "function" { print $1, $2, $4 }' "$out" > "$tmp/got"
	ok "$what: zeroed: the same dead functions" same "$tmp/want" "$tmp/got"
	ok "$what: zeroed: as many" is "$(kinds function) $(kinds code)" "$(wc -l < "$tmp/want") 0"
	"${3}objcopy" --strip-debug "$dir/clean" "$dir/bare"
	run weak --no-debug-search "$dir/bare"
	awk '$1 ~ /^[0-9a-f]+$/ && $3 ~ /function|code|assembly/ { print $1 }' "$out" > "$tmp/got"
	ok "$what: zeroed, without debug information: each begins where it did" same "$tmp/starts" "$tmp/got"
}

"$fixture" "$tmp/x86" gcc > "$tmp/log" 2>&1 || { cat "$tmp/log"; exit 4; }
zeroed x86-64 "$tmp/x86" ''
ok 'x86-64: zeroed, without debug information: who calls __fentry__ is a function' is \
	"$(kinds function) $(kinds code)" '7 2'
if ! has aarch64-linux-gnu-gcc; then
	skip arm64 'no aarch64-linux-gnu-gcc'
	done_testing
fi
"$fixture" "$tmp/arm64" aarch64-linux-gnu-gcc > "$tmp/log" 2>&1 || { cat "$tmp/log"; exit 4; }
zeroed arm64 "$tmp/arm64" aarch64-linux-gnu-

# ------------------------------------------------- alternatives, literals, stubs of arm64
cd "$tmp/arm64" || exit 4
aarch64-linux-gnu-gcc -c "$source/tests/weak-fixtures/others.S" -o others.o &&
	aarch64-linux-gnu-ld -nostdlib -Bsymbolic -shared -z notext --build-id=none -T weak.lds \
		-o others weak.o strong.o tail.o others.o > "$tmp/log" 2>&1 || { cat "$tmp/log"; exit 4; }
run weak vmlinux
cut -d ' ' -f 3,4 "$out" > "$tmp/want"
run weak others
cut -d ' ' -f 3,4 "$out" > "$tmp/got"
ok 'arm64: alternatives, literals and jumps over stubs are no holes' same "$tmp/want" "$tmp/got"
run weak others.o
ok 'arm64: nor in an object' is "$(kinds code) $status" '0 0'
aarch64-linux-gnu-objcopy --remove-section .altinstructions others no-table
run weak no-table
ok 'arm64: a replacement that no table names is code' is "$(kinds code)" 1
done_testing
