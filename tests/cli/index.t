#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ksym index: where the file goes, what it is like, that it is whole or not there.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

build_sample "$tmp/k" || { cat "$tmp/log"; exit 4; }
vmlinux=$tmp/k/vmlinux

# shellcheck disable=SC2317 # called by way of ok
# only DIR NAME...: these are all the files in it.
only()
{
	dir=$1; shift
	is "$(cd "$dir" && find . ! -name . | sort | tr '\n' ' ')" "$(printf './%s ' "$@")"
}

# alter FILE OFFSET: one byte there becomes another one.
alter()
{
	python3 - "$1" "$2" <<-'END'
		import sys
		with open(sys.argv[1], "r+b") as f:
		    f.seek(int(sys.argv[2]), 2 if int(sys.argv[2]) < 0 else 0)
		    b = f.read(1)[0]
		    f.seek(-1, 1)
		    f.write(bytes([b ^ 1]))
	END
}

mkdir "$tmp/d"
cp "$vmlinux" "$tmp/d/vmlinux"
run index "$tmp/d/vmlinux"
ok 'status 0' status_is 0
ok 'nothing is printed' empty "$out"
ok 'nothing is said when standard error is no terminal' empty "$err"
ok 'default name is IMAGE.ksym, and no other file is left' only "$tmp/d" vmlinux vmlinux.ksym
ok 'mode follows umask 022' is "$(stat -c %a "$tmp/d/vmlinux.ksym")" 644
cp "$tmp/d/vmlinux.ksym" "$tmp/first"
(umask 077; "$ksym" index -o "$tmp/private" "$vmlinux")
ok 'mode follows umask 077' is "$(stat -c %a "$tmp/private")" 600
(umask 002; "$ksym" index "--output=$tmp/group" "$vmlinux")
ok 'mode follows umask 002' is "$(stat -c %a "$tmp/group")" 664
ok 'the same image gives the same bytes, whatever its path' same "$tmp/first" "$tmp/private"
(cd "$tmp/d" && "$ksym" index vmlinux)
ok 'the same by a relative path' cmp "$tmp/first" "$tmp/d/vmlinux.ksym"
# As /dev/stdout is one.
mkdir "$tmp/link"
ln -s /proc/self/fd/1 "$tmp/link/stdout"
run index -o "$tmp/link/stdout" "$vmlinux"
ok 'a link to standard output is written through' cmp "$out" "$tmp/first"
ok 'a link to standard output stays a link' test -L "$tmp/link/stdout"
ok 'a link to standard output: no other file is left' only "$tmp/link" stdout
ln -sf /proc/self/fd/1 "$tmp/link/stdout"
"$ksym" index -o "$tmp/link/stdout" "$vmlinux" | cat > "$out"
ok 'a link to a pipe is written through' cmp "$out" "$tmp/first"
ok 'a link to a pipe stays a link' test -L "$tmp/link/stdout"

run index --json -o "$tmp/i" "$vmlinux"
ok '--json: status 0' status_is 0
ok '--json: valid' valid_json "$out"
id=$(readelf -n "$vmlinux" | sed -n 's/.*Build ID: //p')
ok '--json: build ID is that of readelf' json "$out" "d['build_id'] == '$id' and len('$id') == 40"
ok '--json: path and length' json "$out" \
	"d['index'] == '$tmp/i' and d['bytes'] == $(stat -c %s "$tmp/i")"
ok '--json: counts' json "$out" "d['symbols'] > 40 and d['objects'] == 10 and d['modules'] == 0"

# Not even half a file, and what was there before stays.
ok 'index of a missing directory' not "$ksym" index -o "$tmp/no/dir/i" "$vmlinux"
run index -o "$tmp/no/dir/i" "$vmlinux"
ok 'index of a missing directory: status 4' status_is 4
ok 'index of a missing directory: one line' one_line "$err"
echo 'old text' > "$tmp/d/old"
(
	ulimit -f 1
	trap '' XFSZ
	exec "$ksym" index -o "$tmp/d/old" "$vmlinux"
) 2> "$err"
ok 'file too large: status 4' is $? 4
ok 'file too large: one line' one_line "$err"
ok 'file too large: the old file stays' is "$(cat "$tmp/d/old")" 'old text'
ok 'file too large: nothing else is left' only "$tmp/d" old vmlinux vmlinux.ksym
head -c 5000 "$vmlinux" > "$tmp/d/cut"
run index "$tmp/d/cut"
ok 'truncated image: status 3' status_is 3
ok 'truncated image: no file' only "$tmp/d" cut old vmlinux vmlinux.ksym
run index "$tmp/first"
ok 'an index is no image: status 3' status_is 3
ok 'an index is no image: one line' one_line "$err"

# Damage is told before anything is printed.
size=$(stat -c %s "$tmp/first")
for offset in 9 20 26 130 200 600 $((size / 2)) -1; do
	cp "$tmp/first" "$tmp/damaged"
	alter "$tmp/damaged" "$offset"
	run show "$tmp/damaged"
	ok "byte $offset altered: status 3" status_is 3
	ok "byte $offset altered: one line" one_line "$err"
	ok "byte $offset altered: no data" empty "$out"
done
for length in 8 100 144 500 $((size - 1)); do
	head -c "$length" "$tmp/first" > "$tmp/damaged"
	run show "$tmp/damaged"
	ok "cut at $length: status 3" status_is 3
	ok "cut at $length: says truncated" contains "$err" 'truncated'
done

strip -o "$tmp/stripped" "$vmlinux"
run index "$tmp/stripped"
ok 'stripped image: status 3' status_is 3
ok 'stripped image: says what to do' contains "$err" 'has no symbol table'
ok 'stripped image: one line' one_line "$err"

# Selections.
for select in kallsyms text all; do
	"$ksym" show --select $select "$vmlinux" > "$tmp/$select"
done
"$ksym" show "$vmlinux" > "$tmp/default"
ok 'default selection is kallsyms' same "$tmp/kallsyms" "$tmp/default"
ok 'text selects code' is "$(cut -d ' ' -f 3 "$tmp/text" | sort -u | tr -d '\n')" "$(
	cut -d ' ' -f 3 "$tmp/text" | grep '[tTwW]' | sort -u | tr -d '\n')"
ok 'text is part of kallsyms' is "$(grep -cxFf "$tmp/text" "$tmp/kallsyms")" \
	"$(wc -l < "$tmp/text")"
nm "$vmlinux" | grep -cv ' U ' > "$tmp/count"
ok 'all selects what nm lists' is "$(wc -l < "$tmp/all")" "$(cat "$tmp/count")"
done_testing
