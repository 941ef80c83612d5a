#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The kernel's symbol tables: compared with a plain model of scripts/kallsyms, and what
# becomes of maps that are none.  (check-kernel compares with the real tools.)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

model=$source/tests/kallsyms-fixtures/model.py

# alike SEED GENERATION OPTION...
alike()
{
	seed=$1 generation=$2; shift 2
	python3 "$model" "$generation" "$@" "$tmp/$seed.map" > "$tmp/want" || exit 4
	run kallsyms --quiet --generation "$generation" "$@" "$tmp/$seed.map"
	ok "map $seed, $generation $*: status 0" status_is 0
	ok "map $seed, $generation $*: the model's tables" same "$tmp/want" "$out"
}

# Under sanitizers fewer: nearly all the time is the model's.
seeds='1 2 3 4 5 6 7 8 9 10'
[ -z "${KSYM_TEST_QUICK-}" ] || seeds='1 2 3'
for seed in $seeds; do
	python3 "$model" make $seed > "$tmp/$seed.map"
	alike $seed 6.1 --all-symbols
	alike $seed 6.1 --all-symbols --absolute-percpu --base-relative --lto-clang
	alike $seed 6.1 --all-symbols --base-relative
	alike $seed 6.12 --all-symbols
	alike $seed 6.12 --all-symbols --absolute-percpu
	alike $seed 6.12
	alike $seed 7 --all-symbols
	alike $seed 7 --all-symbols --pc-relative
	alike $seed 7 --pc-relative
done

# Ties between equally frequent pairs, codes within codes, names of one letter.
printf '%s\n' '0000000000001000 T _text' '0000000000001000 T _stext' '0000000000001000 t aaaa' \
	'0000000000001000 t aaa' '0000000000001001 t abababab' '0000000000001002 t baba' \
	'0000000000001003 W w' '0000000000001003 t __w' '0000000000001003 t _w' \
	'0000000000001003 T __start_w' '0000000000001004 T _etext' > "$tmp/ties.map"
alike ties 6.1 --base-relative
alike ties 6.12
alike ties 7 --pc-relative

# How the generation is chosen.
cp "$tmp/ties.map" "$tmp/map"
python3 "$model" 6.1 --base-relative "$tmp/map" > "$tmp/want-6.1"
python3 "$model" 6.12 "$tmp/map" > "$tmp/want-6.12"
python3 "$model" 7 --pc-relative "$tmp/map" > "$tmp/want-7"
python3 "$model" 7 "$tmp/map" > "$tmp/want-7-absolute"
run kallsyms --base-relative "$tmp/map"
ok '--base-relative means 6.1' same "$tmp/want-6.1" "$out"
run kallsyms "$tmp/map"
ok 'no option means 6.12' same "$tmp/want-6.12" "$out"
run kallsyms --pc-relative "$tmp/map"
ok '--pc-relative means 7' same "$tmp/want-7" "$out"
run kallsyms --pc-relative - < "$tmp/map"
ok 'reads standard input' same "$tmp/want-7" "$out"
ln -s "$ksym" "$tmp/kallsyms"
ln -s "$ksym" "$tmp/kallsyms-7"
ln -s "$ksym" "$tmp/kallsyms-9"
"$tmp/kallsyms" --base-relative "$tmp/map" > "$out"
ok 'called kallsyms: is scripts/kallsyms' same "$tmp/want-6.1" "$out"
"$tmp/kallsyms-7" "$tmp/map" > "$out"
ok 'called kallsyms-7: that of Linux 7' same "$tmp/want-7-absolute" "$out"
"$tmp/kallsyms-9" "$tmp/map" > "$out" 2> "$err"; status=$?
ok 'called kallsyms-9: usage' status_is 2
for wrong in '--generation 8' '--generation 7 --base-relative' '--generation 6.12 --pc-relative' \
	'--generation 7 --absolute-percpu' '--generation 6.1 --pc-relative' \
	'--lto-clang --pc-relative'; do
	# shellcheck disable=SC2086 # options
	run kallsyms $wrong "$tmp/map"
	ok "$wrong: usage" status_is 2
	ok "$wrong: no data" empty "$out"
done

# Lines that are none end the work from 6.12 on; before, they are passed over.
hostile()
{
	name=$1; shift
	run kallsyms --generation 6.12 --all-symbols "$tmp/bad"
	ok "$name: refused" status_is 3
	ok "$name: in one line" one_line "$err"
	ok "$name: no data" empty "$out"
	run kallsyms --generation 6.1 --all-symbols "$tmp/bad"
	ok "$name, 6.1: passed over" status_is 0
	ok "$name, 6.1: the others are there" contains "$out" "	.long	$1"
}
{ cat "$tmp/map"; echo; } > "$tmp/bad"
run kallsyms --all-symbols "$tmp/bad"
ok 'an empty line: refused' status_is 3
{ cat "$tmp/map"; echo 'zebra'; } > "$tmp/bad"
hostile 'a line without address' 11
{ cat "$tmp/map"; echo '1000 T'; } > "$tmp/bad"
hostile 'a line without name' 11
{ cat "$tmp/map"; echo '1000T x'; echo '0000000000001008 t ok'; } > "$tmp/bad"
hostile 'a line without blank' 13
{ cat "$tmp/map"; printf '1000 \377 x\n'; } > "$tmp/bad"
run kallsyms --all-symbols "$tmp/bad"
ok 'a letter that is none: refused' status_is 3
{ cat "$tmp/map"; echo "1000 t $(printf 'x%.0s' $(seq 512))"; } > "$tmp/bad"
run kallsyms "$tmp/bad"
ok 'a name of 512 bytes: left out' same "$tmp/want-6.12" "$out"
ok 'a name of 512 bytes: a warning' contains "$err" '512'
: > "$tmp/bad"
run kallsyms "$tmp/bad"
ok 'an empty map, 6.12: tables of nothing' contains "$out" '	.long	0'
run kallsyms --base-relative "$tmp/bad"
ok 'an empty map, 6.1: refused' status_is 3
echo 'ffffffff81000000 T far' >> "$tmp/map"
run kallsyms --all-symbols "$tmp/map"
ok 'an address too far away: refused' status_is 3
ok 'an address too far away: no data' empty "$out"

# Sizes, modules and objects: linked with a reader, the tables say what `ksym show` does.
if build_sample "$tmp/k"; then
	nm -n "$tmp/k/vmlinux" > "$tmp/k.map"
	run show --build-tree "$tmp/k" "$tmp/k/vmlinux"
	cp "$out" "$tmp/show"
	ok 'the sample has an object of two modules' contains "$tmp/show" '[liquidio] [liquidio_vf]'
	for options in '6.1 --base-relative' '6.1 --base-relative --absolute-percpu' '6.12'; do
		# shellcheck disable=SC2086 # options
		run kallsyms --generation $options --all-symbols --build-tree "$tmp/k" \
			--owners "$tmp/k/vmlinux" --stats "$tmp/k.map"
		ok "owners, $options: status 0" status_is 0
		ok "owners, $options: says what they take" contains "$err" ' a symbol), ranges '
		# shellcheck disable=SC2086 # options
		"$ksym" kallsyms --generation $options --all-symbols "$tmp/k.map" > "$tmp/plain"
		head -c "$(wc -c < "$tmp/plain")" "$out" > "$tmp/start"
		ok "owners, $options: the other tables are as without" same "$tmp/plain" "$tmp/start"
		case $options in *percpu*) percpu=1 ;; *) percpu=0 ;; esac
		mv "$out" "$tmp/tables.S"
		gcc -O1 -no-pie -z noexecstack -DBITS_PER_LONG=64 -DABSOLUTE_PERCPU=$percpu \
			"-I$source/src" -o "$tmp/reader" "$source/tests/kallsyms-fixtures/reader.c" \
			"$source/src/tables/owners.c" "$source/src/tables/line.c" "$tmp/tables.S" \
			"-Wl,--defsym=_text=0x$(sed -n 's/ T _text$//p' "$tmp/k.map")" 2> "$err"
		"$tmp/reader" > "$out" 2>> "$err"
		ok "owners, $options: the reader's lines are those of show" same "$tmp/show" "$out"
	done
	grep -v ' _text$' "$tmp/k.map" > "$tmp/bad"
	echo '0000000000000008 t nowhere' >> "$tmp/bad"
	run kallsyms --all-symbols --owners "$tmp/k/vmlinux" "$tmp/bad"
	ok 'owners: a symbol that the image has not: a warning' contains "$err" '1 symbols that'
	run kallsyms --owners "$tmp/missing" "$tmp/k.map"
	ok 'owners: an image that is missing: status 4' status_is 4
	ok 'owners: an image that is missing: no data' empty "$out"
else
	skip 'owners' 'the sample kernel cannot be built here'
fi
: > "$tmp/bad"
run kallsyms --owners "$tmp/missing" "$tmp/bad"
ok 'owners of no symbols: no image is needed' status_is 0
ok 'owners of no symbols: the tables are there' contains "$out" 'kallsyms_owners_end:'

done_testing
