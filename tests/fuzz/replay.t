#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Replay the fuzz targets' corpora: every file, and the same few hundred mutants of each.
# TAP, one line a target.  KSYM_BUILD is the build; see driver.c.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${KSYM_BUILD:-$here/../../build}
tmp=$(mktemp -d) || exit 4
trap 'rm -rf "$tmp"' EXIT
set -- "$here"/fuzz_*.c
echo "1..$#"
# Index files of the format of the day, whatever the corpus has.
mkdir "$tmp/index"
for image in "$here"/corpus/elf/seed-x86-*; do
	"$build/ksym" index -q --no-debug-search -o "$tmp/index/$(basename "$image")" "$image"
done
# Images with dead weak functions are made by compilers.
mkdir "$tmp/holes"
for cc in gcc aarch64-linux-gnu-gcc; do
	"$here/../weak-fixtures/build" "$tmp/$cc" $cc > "$tmp/log" 2>&1 &&
		cp "$tmp/$cc/vmlinux" "$tmp/holes/$cc"
done
n=0 failed=0
for source; do
	n=$((n + 1))
	t=${source##*/fuzz_}
	t=${t%.c}
	more=
	case $t in
	index | holes) more=$tmp/$t ;;
	put) more=$here/corpus/elf ;;
	esac
	if counts=$(timeout "${KSYM_TEST_SECONDS:-300}" "$build/tests/fuzz/fuzz_$t" "$here/corpus/$t" ${more:+"$more"} \
		2> "$tmp/err")
	then
		echo "ok $n - corpus of $t replayed: $counts"
	else
		failed=$((failed + 1))
		echo "not ok $n - corpus of $t replayed"
		tail -n 60 "$tmp/err" | sed 's/^/# /'
	fi
done
[ $failed -eq 0 ]
