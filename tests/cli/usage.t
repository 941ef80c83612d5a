#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What every command does alike: help, wrong options, files that are missing or bad.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# operands COMMAND FILE: words that make a complete command line.
operands()
{
	case $1 in
	at) echo "$2 0" ;;
	find | sympos) echo "$2 name" ;;
	ranges | diff) echo "$2 $2" ;;
	kbuild) echo "status $2" ;;
	objs) echo "--build-tree $2" ;;
	live | mount) echo "--index $2" ;;
	extra-module) echo "--image $2 $2.dir" ;;
	*) echo "$2" ;;
	esac
}

# usage_error NAME ARG...: status 2, one line on standard error, nothing else.
usage_error()
{
	name=$1; shift
	run "$@"
	ok "$name" status_is 2
	ok "$name: says so in one line" one_line "$err"
	ok "$name: prints no data" empty "$out"
}

commands='index show at find check ranges objs live mount umount versions kallsyms kbuild btf vars extra-module diff decode weak sizes sympos mcount'

run
ok 'no command: status 2' status_is 2
ok 'no command: help on standard error' contains "$err" 'Usage: ksym COMMAND'
ok 'no command: nothing on standard output' empty "$out"
for option in --help -h help; do
	run $option
	ok "$option: status 0" status_is 0
	ok "$option: on standard output" contains "$out" 'Usage: ksym COMMAND'
	ok "$option: nothing on standard error" empty "$err"
done
for c in $commands; do
	ok "--help lists $c" contains "$out" "  $c"
	ok "$c has a man page" contains "$source/man/meson.build" "'$c'"
done
run --version
ok '--version: status 0' status_is 0
ok '--version: one line' matches "$out" '^ksym [0-9]+\.[0-9]+\.[0-9]+$'
usage_error 'unknown command' frobnicate
ok 'unknown command is named' contains "$err" '"frobnicate"'
run --list
ok '--list names the commands' is "$(tr '\n' ' ' < "$out")" "$commands "

echo 'no ELF file' > "$tmp/text"
: > "$tmp/empty"
printf '\177ELF' > "$tmp/magic"
printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\76\0' > "$tmp/header"
printf '!<arch>\n' > "$tmp/archive"
printf '\177KSYM\r\n\032' > "$tmp/index"
mkdir "$tmp/directory"

for c in $commands; do
	run "$c" --help
	cp "$out" "$tmp/help"
	ok "$c --help: status 0" status_is 0
	ok "$c --help: on standard output" contains "$out" "Usage: ksym $c "
	ok "$c --help: nothing on standard error" empty "$err"
	run "$c" -h
	ok "$c -h: the same" same "$tmp/help" "$out"
	run help "$c"
	ok "help $c: the same" same "$tmp/help" "$out"
	run --list "$c"
	cp "$out" "$tmp/options"
	while read -r option; do
		ok "$c --help lists $option" contains "$tmp/help" "${option%=}"
	done < "$tmp/options"
	run --man "$c"
	ok "--man $c: a manual page" contains "$out" '.SH SYNOPSIS'

	usage_error "$c: unknown option" "$c" --frobnicate
	ok "$c: unknown option is named" contains "$err" --frobnicate
	usage_error "$c: unknown letter" "$c" -Z
	case $c in
	at | versions | decode | btf | vars) ;;
	*)
		# shellcheck disable=SC2046 # words
		usage_error "$c: too many operands" "$c" $(operands "$c" x) y z
		;;
	esac
	case $c in
	at | ranges | objs | live | mount | umount) ;;	# they do something with none
	*) usage_error "$c: no operands" "$c" ;;
	esac
	usage_error "$c: argument for an option without one" "$c" --help=yes
	# shellcheck disable=SC2046 # words
	run "$c" $(operands "$c" "$tmp/missing")
	ok "$c: missing file: status 4" status_is 4
	ok "$c: missing file: one line" one_line "$err"
	ok "$c: missing file: named" contains "$err" "$tmp/missing: "
	ok "$c: missing file: prints no data" empty "$out"
done

# at takes any number of operands, but has nothing to do without one.
usage_error 'at: no operands' at
usage_error 'at: no address' at FILE
usage_error 'objs: no tree' objs
usage_error '--select: unknown word' show --select everything FILE
usage_error '--select: no argument' show FILE --select
usage_error '-s: no argument' show FILE -s
usage_error '--source-tree without --config' show --source-tree . FILE
usage_error '--config without --source-tree' show --config x FILE
usage_error 'option given twice' show --debug a --debug b FILE
usage_error 'behind -- all are operands' show -- --json FILE

for c in index show at find check sizes sympos decode; do
	for file in text empty magic header archive index; do
		# shellcheck disable=SC2046 # words
		run "$c" $(operands "$c" "$tmp/$file")
		ok "$c: bad file \"$file\": status 3" status_is 3
		ok "$c: bad file \"$file\": one line" one_line "$err"
		ok "$c: bad file \"$file\": named" contains "$err" "$tmp/$file: "
		ok "$c: bad file \"$file\": prints no data" empty "$out"
	done
	# shellcheck disable=SC2046 # words
	run "$c" $(operands "$c" "$tmp/directory")
	ok "$c: directory: refused" test "$status" -ge 3
	ok "$c: directory: one line" one_line "$err"
done
ok 'bad files leave no index behind' is "$(find "$tmp" -name '*.ksym*')" ''

run show "$(printf 'no\033[31m\nsuch')"
ok 'control bytes of operands are not printed' one_line "$err"
ok 'escape byte is not printed' not grep -q "$(printf '\033')" "$err"
done_testing
