# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# TAP for the tests of the command, to be sourced.  A test runs `ksym` by run, then
# says with the functions below what has to be true; done_testing ends it.
set -u
export LC_ALL=C DEBUGINFOD_URLS=
# shellcheck disable=SC2034 # for the tests
source=${KSYM_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
KSYM_BUILD=${KSYM_BUILD:-$source/build}
ksym=$KSYM_BUILD/ksym
umask 022
tmp=$(mktemp -d) || exit 4
trap 'rm -rf "$tmp"' EXIT
nr=0 failures=0

# ok NAME COMMAND...: the command has to succeed; what it prints explains why not.
ok()
{
	name=$1; shift
	nr=$((nr + 1))
	if "$@" > "$tmp/why" 2>&1; then
		echo "ok $nr - $name"
	else
		failures=$((failures + 1))
		echo "not ok $nr - $name"
		echo "# failed: $*" | cut -c 1-300
		sed 's/^/# /' "$tmp/why" | head -n 25
	fi
}

not()
{
	! "$@"
}

# skip NAME REASON
skip()
{
	nr=$((nr + 1))
	echo "ok $nr - $1 # SKIP $2"
}

done_testing()
{
	echo "1..$nr"
	[ $failures -eq 0 ]
	exit
}

has()
{
	command -v "$1" > /dev/null
}

# run ARG...: standard output to $out, standard error to $err, exit status to $status.
out=$tmp/out err=$tmp/err
run()
{
	"$ksym" "$@" > "$out" 2> "$err"
	status=$?
}

# status_is N: of the last run.
status_is()
{
	[ "$status" -eq "$1" ] && return
	echo "exit status $status, expected $1; standard error:"
	cat "$err"
	return 1
}

is()
{
	[ "$1" = "$2" ] && return
	echo "got:      $1"
	echo "expected: $2"
	return 1
}

same()
{
	diff -u "$1" "$2"
}

empty()
{
	[ ! -s "$1" ] || { cat "$1"; return 1; }
}

one_line()
{
	is "$(wc -l < "$1" | tr -d ' ')" 1 || { cat "$1"; return 1; }
}

# contains FILE TEXT: a line of the file has the text in it.
contains()
{
	grep -qF -e "$2" "$1" && return
	echo "no \"$2\" in:"
	cat "$1"
	return 1
}

# matches FILE REGEX: every line of the file matches.
matches()
{
	[ -s "$1" ] || { echo "$1 is empty"; return 1; }
	grep -vE -e "$2" "$1" | head -n 5 | grep . || return 0
	echo "... do not match $2"
	return 1
}

valid_json()
{
	python3 -m json.tool "$1" /dev/null
}

# json FILE EXPRESSION: a Python expression about the document d, which has to be true.
json()
{
	python3 - "$1" "$2" <<-'END'
		import json, re, sys
		with open(sys.argv[1], encoding="utf-8") as f:
		    d = json.load(f)
		result = eval("(" + sys.argv[2] + ")")
		if not result:
		    print(result, "=", sys.argv[2])
		    sys.exit(1)
	END
}

# build_sample OUT [CC [LD]]: the sample kernel; false, with the reason in $tmp/log,
# when it cannot be built here.
build_sample()
{
	"$source/sample/build" "$@" > "$tmp/log" 2>&1
}

# owners FILE [OPTION...]: "address name object modules" of every symbol.
owners()
{
	"$ksym" show --json "$@" > "$tmp/owners.json" || return 1
	python3 - "$tmp/owners.json" <<-'END'
		import json, sys
		with open(sys.argv[1], encoding="utf-8") as f:
		    for s in json.load(f)["symbols"]:
		        print(s["address"], s["name"], s["object"] or "-", ",".join(s["modules"]))
	END
}
