#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Called by link-vmlinux.sh in place of scripts/kallsyms, in the build tree and with the
# same options: prints the kallsyms tables, and behind them those of kallmodsyms.
#   tables.sh [OPTION]... MAP
# MAP is IMAGE.syms; IMAGE has been linked with a linker map, IMAGE.map.
# KSYM in the environment is the program to use, if it is not the one that installed this.
set -e
for map; do :; done
image=${map%.syms}
ksym=${KSYM:-'@KSYM@'}
command -v "$ksym" > /dev/null || ksym=ksym
command -v "$ksym" > /dev/null || {
	echo >&2 "kallmodsyms: there is no program ksym; make KSYM=/path/to/ksym names it"
	exit 1
}
# The first pass of some versions has no image and no symbols.
if [ -f "$image.map" ]; then
	set -- --map "$image.map" "$@"
	# With LTO or IBT that tells no more than where vmlinux.o is.
	! [ vmlinux.o.map -nt vmlinux.a ] || set -- --map vmlinux.o.map "$@"
fi
exec "$ksym" kallsyms --generation '@GENERATION@' --quiet --build-tree . --no-debug-search \
	--owners "$image" "$@"
