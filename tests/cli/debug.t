#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Separate debug files: found by link, by build ID, given by name; wrong ones refused.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

build_sample "$tmp/k" || { cat "$tmp/log"; exit 4; }
mkdir "$tmp/link" "$tmp/apart"
cp "$tmp/k/vmlinux" "$tmp/whole"
objcopy --only-keep-debug "$tmp/whole" "$tmp/link/vmlinux.debug"
cp "$tmp/link/vmlinux.debug" "$tmp/apart/file.debug"
# Without symbols, and without debug information only; each with and without a link.
strip -o "$tmp/apart/stripped" "$tmp/whole"
strip --strip-debug --keep-file-symbols -o "$tmp/apart/nodebug" "$tmp/whole"
for i in stripped nodebug; do
	(cd "$tmp/link" && objcopy --add-gnu-debuglink=vmlinux.debug ../apart/$i $i)
done
"$ksym" show --json "$tmp/whole" > "$tmp/want.json"
"$ksym" show "$tmp/whole" > "$tmp/want"
"$ksym" at "$tmp/whole" schedule+1 > "$tmp/line"

# says_all NAME FILE [OPTION...]: says all that the unstripped image says.
says_all()
{
	name=$1 file=$2; shift 2
	run show --json "$@" "$file"
	ok "$name: the same symbols and owners" same "$tmp/want.json" "$out"
	run at "$@" "$file" schedule+1
	ok "$name: the same line" same "$tmp/line" "$out"
}

for i in stripped nodebug; do
	says_all "$i, .gnu_debuglink" "$tmp/link/$i"
	says_all "$i, --debug" "$tmp/apart/$i" --debug "$tmp/apart/file.debug"
	says_all "$i, --debug is the unstripped image" "$tmp/apart/$i" --debug "$tmp/whole"
	says_all "$i, --debug and --no-debug-search" "$tmp/apart/$i" --no-debug-search \
		--debug "$tmp/apart/file.debug"
done
mkdir "$tmp/link/.debug"
mv "$tmp/link/vmlinux.debug" "$tmp/link/.debug"
says_all 'link into .debug' "$tmp/link/stripped"
objcopy --compress-debug-sections=zlib "$tmp/apart/file.debug" "$tmp/apart/compressed.debug"
says_all 'compressed debug file' "$tmp/apart/stripped" --debug "$tmp/apart/compressed.debug"
objcopy --compress-debug-sections=zlib-gnu "$tmp/apart/file.debug" "$tmp/apart/gnu.debug"
says_all 'debug file with .zdebug sections' "$tmp/apart/stripped" --debug "$tmp/apart/gnu.debug"

# The build ID's place is one folder of the system, so a private view of it is needed.
id=$(readelf -n "$tmp/whole" | sed -n 's/.*Build ID: //p')
if [ -d /usr/lib/debug ] && unshare -rm mount -t tmpfs none /usr/lib/debug 2> "$tmp/log"; then
	# shellcheck disable=SC2016 # for the inner shell
	unshare -rm sh -c '
		mount -t tmpfs none /usr/lib/debug
		dir=/usr/lib/debug/.build-id/$(echo "$4" | cut -c 1-2)
		mkdir -p "$dir"
		cp "$2" "$dir/$(echo "$4" | cut -c 3-).debug"
		"$1" show --json "$3"' sh "$ksym" "$tmp/apart/file.debug" "$tmp/apart/stripped" "$id" \
		> "$out" 2> "$err"
	ok 'found by build ID' same "$tmp/want.json" "$out"
else
	skip 'found by build ID' 'no private mounts here'
fi

# refused NAME STATUS TEXT ARG...
refused()
{
	name=$1 want=$2 text=$3; shift 3
	run "$@"
	ok "$name: status $want" status_is "$want"
	ok "$name: says why" contains "$err" "$text"
	ok "$name: one line" one_line "$err"
	ok "$name: no data" empty "$out"
}

for c in show check; do
	refused "$c: stripped, nothing found" 3 'has no symbol table' $c "$tmp/apart/stripped"
	refused "$c: --no-debug-search" 3 'has no symbol table' \
		$c --no-debug-search "$tmp/link/stripped"
	refused "$c: missing debug file" 4 'none: cannot open' \
		$c --debug "$tmp/none" "$tmp/apart/stripped"
	refused "$c: debug file without debug information" 3 'has no .debug_info' \
		$c --debug "$tmp/apart/nodebug" "$tmp/apart/stripped"
	echo text > "$tmp/text"
	refused "$c: debug file that is none" 3 'text: ' $c --debug "$tmp/text" "$tmp/whole"
done
CFLAGS='-O1 -g' build_sample "$tmp/other"
refused 'debug file of another build' 3 'its build ID is not that of' \
	show --debug "$tmp/other/vmlinux" "$tmp/apart/stripped"
refused 'debug file of another build, although the image has symbols' 3 \
	'its build ID is not that of' show --debug "$tmp/other/vmlinux" "$tmp/whole"
refused 'debug file of another build, for lines' 3 'its build ID is not that of' \
	at --debug "$tmp/other/vmlinux" --image "$tmp/whole" "$tmp/whole" schedule
if has s390x-linux-gnu-gcc && build_sample "$tmp/s390x" s390x-linux-gnu-gcc; then
	refused 'debug file of another machine' 3 'is for another machine than' \
		show --debug "$tmp/s390x/vmlinux" "$tmp/whole"
else
	skip 'debug file of another machine' 'no s390x compiler'
fi
# debuginfod, with a folder for a server.
if ls /usr/lib/*/libdebuginfod.so.1 > /dev/null 2>&1; then
	id=$("$ksym" index --json -o "$tmp/id.ksym" "$tmp/whole" | sed -n 's/.*"build_id":"\(.*\)".*/\1/p')
	mkdir -p "$tmp/server/buildid/$id"
	cp "$tmp/whole" "$tmp/server/buildid/$id/debuginfo"
	export DEBUGINFOD_URLS="file://$tmp/server" DEBUGINFOD_CACHE_PATH="$tmp/cache"
	run show "$tmp/apart/stripped"
	ok 'debuginfod: status 0' status_is 0
	ok 'debuginfod: the same symbols' same "$tmp/want" "$out"
	DEBUGINFOD_URLS=
else
	skip 'debuginfod: status 0' 'no libdebuginfod'
	skip 'debuginfod: the same symbols' 'no libdebuginfod'
fi

run show --no-debug-search "$tmp/apart/nodebug"
cut -d ' ' -f 1-4 "$tmp/want" > "$tmp/want4"
cut -d ' ' -f 1-4 "$out" > "$tmp/got4"
ok 'symbols need no debug information' same "$tmp/want4" "$tmp/got4"
done_testing
