#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# `ksym kbuild`: into a source tree and out of it, to the byte, or not at all.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# fake_tree DIR GENERATION: as much of a kernel's source as is looked at.
fake_tree()
{
	mkdir -p "$1/init" "$1/kernel" "$1/scripts"
	cat > "$1/init/Kconfig" <<-'END'
		config KALLSYMS
			bool "symbols"
		# end of the "standard kernel features (expert users)" menu

		source "kernel/Kconfig.locks"
	END
	printf '%s\n' 'obj-y = fork.o' 'obj-$(CONFIG_KALLSYMS) += kallsyms.o' \
		'obj-$(CONFIG_KALLSYMS_SELFTEST) += kallsyms_selftest.o' > "$1/kernel/Makefile"
	printf '%s\n' '# Link' 'vmlinux.o: $(initcalls-lds) vmlinux.a $(KBUILD_VMLINUX_LIBS) FORCE' \
		'	$(call if_changed_rule,ld_vmlinux.o)' > "$1/scripts/Makefile.vmlinux_o"
	printf '%s\n' 'vmlinux_link()' '{' '	${ld} ${ldflags} -o ${output}	\' '		$@' '}' \
		'kallsyms()' '{' > "$1/scripts/link-vmlinux.sh"
	case $2 in
	6.1)
		echo '	{"base-relative", 0}, {"absolute-percpu", 0}' > "$1/scripts/kallsyms.c"
		echo '	scripts/kallsyms ${kallsymopt} ${1} > ${2}'
		;;
	6.12)
		echo '	{"absolute-percpu", 0}' > "$1/scripts/kallsyms.c"
		echo '	scripts/kallsyms ${kallsymopt} "${1}" > "${2}.S"'
		;;
	7)
		echo '	{"pc-relative", 0}' > "$1/scripts/kallsyms.c"
		echo '	scripts/kallsyms ${kallsymopt} "${1}" > "${2}.S"'
		;;
	esac >> "$1/scripts/link-vmlinux.sh"
	echo '}' >> "$1/scripts/link-vmlinux.sh"
	chmod 755 "$1/scripts/link-vmlinux.sh"
}

# modes DIR: of every file
modes()
{
	(cd "$1" && find . -exec stat -c '%a %n' {} + | sort)
}

# as_before NAME: the tree is the original, modes and all.
as_before()
{
	ok "$1" diff -r "$tmp/tree.orig" "$tmp/tree"
	modes "$tmp/tree" > "$tmp/modes"
	modes "$tmp/tree.orig" > "$tmp/modes.orig"
	ok "$1: modes" same "$tmp/modes.orig" "$tmp/modes"
}

for generation in 6.1 6.12 7; do
	rm -rf "$tmp/tree" "$tmp/tree.orig"
	fake_tree "$tmp/tree" $generation
	cp -a "$tmp/tree" "$tmp/tree.orig"
	run kbuild status "$tmp/tree"
	ok "$generation: status of a tree as it is: 1" status_is 1
	ok "$generation: absent" is "$(cat "$out")" absent
	run kbuild remove "$tmp/tree"
	ok "$generation: remove where nothing is: status 0" status_is 0
	as_before "$generation: remove where nothing is changes nothing"
	run kbuild install "$tmp/tree"
	ok "$generation: install: status 0" status_is 0
	ok "$generation: install: silent" empty "$err"
	run kbuild status "$tmp/tree"
	ok "$generation: status: 0" status_is 0
	ok "$generation: installed" is "$(cat "$out")" installed
	run kbuild status --json "$tmp/tree"
	ok "$generation: status as JSON" json "$out" 'd["state"] == "installed"'
	for f in init/Kconfig kernel/Makefile scripts/Makefile.vmlinux_o scripts/link-vmlinux.sh; do
		sed '/# ksym: begin/,/# ksym: end/d' "$tmp/tree/$f" > "$tmp/plain"
		ok "$generation: $f has marked lines" contains "$tmp/tree/$f" '# ksym: begin'
		ok "$generation: $f is the same without them" same "$tmp/tree.orig/$f" "$tmp/plain"
	done
	ok "$generation: the shell script is one" sh -n "$tmp/tree/scripts/link-vmlinux.sh"
	ok "$generation: tables.sh knows the generation" \
		contains "$tmp/tree/kernel/kallmodsyms/tables.sh" "--generation '$generation'"
	ok "$generation: tables.sh knows the program" \
		contains "$tmp/tree/kernel/kallmodsyms/tables.sh" "$(realpath "$ksym")"
	cp -a "$tmp/tree" "$tmp/once"
	run kbuild install "$tmp/tree"
	ok "$generation: install again: status 0" status_is 0
	ok "$generation: install again changes nothing" diff -r "$tmp/once" "$tmp/tree"
	rm -rf "$tmp/once"
	# An older version, and what a build leaves.
	echo '/* older */' >> "$tmp/tree/kernel/kallmodsyms/owners.c"
	run kbuild status "$tmp/tree"
	ok "$generation: of another version: status 1" status_is 1
	run kbuild install "$tmp/tree"
	run kbuild status "$tmp/tree"
	ok "$generation: install brings up to date" status_is 0
	touch "$tmp/tree/kernel/kallmodsyms/owners.o" "$tmp/tree/kernel/kallmodsyms/.owners.o.cmd" \
		"$tmp/tree/kernel/kallmodsyms/built-in.a" "$tmp/tree/kernel/kallmodsyms/modules.order"
	run kbuild remove "$tmp/tree"
	ok "$generation: remove: status 0" status_is 0
	as_before "$generation: removed to the byte"
done

# linked OUTPUT FLAGS: what the script's first function says to link that
linked()
{
	(
		ld="echo" wl='' output=$1 ldflags=$2
		is_enabled() { [ "$1" = CONFIG_KALLMODSYMS ]; }
		eval "$(sed -n '/^vmlinux_link()/,/^}/p' "$tmp/tree/scripts/link-vmlinux.sh")"
		vmlinux_link
	)
}

rm -rf "$tmp/tree"
fake_tree "$tmp/tree" 7
run kbuild install "$tmp/tree"
ok 'a temporary image has a map of its own, and debug information' \
	is "$(linked .tmp_vmlinux1 '-x --strip-debug -y')" '-x -y -Map=.tmp_vmlinux1.map -o .tmp_vmlinux1'
ok 'the map of the last image is vmlinux.map' \
	is "$(linked vmlinux -x)" '-x -Map=vmlinux.map -o vmlinux'
ok 'and also where that is not stripped yet' \
	is "$(linked vmlinux.unstripped '-x -Map=vmlinux.map')" \
	'-x -Map=vmlinux.map -Map=vmlinux.map -o vmlinux.unstripped'

# What it does not know it leaves alone.
for f in init/Kconfig kernel/Makefile scripts/Makefile.vmlinux_o scripts/link-vmlinux.sh; do
	for how in lacks repeats; do
		rm -rf "$tmp/tree" "$tmp/tree.orig"
		fake_tree "$tmp/tree" 6.12
		case $how in
		lacks) echo '# nothing to hold on to' > "$tmp/tree/$f" ;;
		repeats) cat "$tmp/tree/$f" "$tmp/tree/$f" > "$tmp/twice"; cat "$tmp/twice" > "$tmp/tree/$f" ;;
		esac
		cp -a "$tmp/tree" "$tmp/tree.orig"
		run kbuild install "$tmp/tree"
		ok "$f $how the line: refused" status_is 3
		ok "$f $how the line: in one line" one_line "$err"
		ok "$f $how the line: which names the file" contains "$err" "$f"
		as_before "$f $how the line: nothing is changed"
	done
done
rm -rf "$tmp/tree" "$tmp/tree.orig"
fake_tree "$tmp/tree" 6.12
run kbuild install "$tmp/tree"
touch "$tmp/tree/kernel/kallmodsyms/mine.c"
run kbuild remove "$tmp/tree"
ok "a file of somebody else's in our folder: refused" status_is 3
run kbuild status "$tmp/tree"
ok "a file of somebody else's in our folder: nothing is changed" status_is 0
rm "$tmp/tree/kernel/kallmodsyms/mine.c"
sed -i '0,/# ksym: end/{/# ksym: end/d}' "$tmp/tree/kernel/Makefile"
run kbuild remove "$tmp/tree"
ok "a mark without its end: refused" status_is 3
run kbuild install "$tmp/missing"
ok "no such tree: status 4" status_is 4
mkdir "$tmp/empty"
run kbuild install "$tmp/empty"
ok "no kernel's tree: status 4" status_is 4
run kbuild frobnicate "$tmp/tree"
ok "another verb: usage" status_is 2

# Installed, the program finds the files.
DESTDIR=$tmp/root meson install -C "$KSYM_BUILD" --no-rebuild > "$tmp/log" 2>&1
installed=$(find "$tmp/root" -path '*/bin/ksym')
rm -rf "$tmp/tree"
fake_tree "$tmp/tree" 6.12
"$installed" kbuild install "$tmp/tree" 2> "$err"; status=$?
ok "installed elsewhere, it finds its files" status_is 0

done_testing
