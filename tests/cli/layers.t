#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The sources keep to their layers, and the script that says so can say no.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

check=$source/tests/check-layers
"$check" > "$tmp/before" 2>&1

# breaks NAME FILE LINE MESSAGE: a copy of the tree with one more line is refused.
breaks()
{
	rm -rf "$tmp/top"
	mkdir "$tmp/top"
	cp -R "$source/src" "$source/include" "$tmp/top"
	mkdir -p "$(dirname "$tmp/top/$2")"
	printf '%s\n' "$3" >> "$tmp/top/$2"
	"$check" "$tmp/top" > "$out" 2>&1
	ok "$1" is $? 1
	grep -vxFf "$tmp/before" "$out" > "$tmp/new"
	ok "$1: names it" contains "$tmp/new" "$4"
	ok "$1: and nothing else" one_line "$tmp/new"
}

ok 'layers are kept' "$check"
breaks 'header of a higher layer is refused' src/base/arena.c '#include "elf/elf.h"' \
	'base/ includes "elf/elf.h" of the higher layer elf/'
breaks 'the order is that of the list' src/dwarf/lines.c '# include  "kbuild/cmd.h" // why' \
	'dwarf/ includes "kbuild/cmd.h" of the higher layer kbuild/'
breaks 'tables stand alone' src/tables/reader.c '#include "base/range.h"' \
	'tables/ stands alone, but includes "base/range.h"'
breaks 'tables do not need the public header' src/tables/reader.h '#include <ksym/ksym.h>' \
	'tables/ stands alone, but includes <ksym/ksym.h>'
breaks 'the command includes the public header only' src/cli/main.c '#include "base/error.h"' \
	'cli/ may include <ksym/ksym.h> only, not "base/error.h"'
breaks 'angle brackets hide nothing' src/cli/main.c '#include <index/index.h>' \
	'cli/ may include <ksym/ksym.h> only, not "index/index.h"'
breaks 'the library does not include the command' src/index/text.c '#include "cli/cli.h"' \
	'index/ includes "cli/cli.h" of cli/'
breaks 'paths upwards are refused' src/elf/elf.c '#include "../index/index.h"' \
	'"../index/index.h": expected a path below src/'
breaks 'public header stays alone' include/ksym/ksym.h '#include "base/error.h"' \
	'public headers include none of the library: "base/error.h"'
breaks 'file without license is refused' src/elf/new.c '/* nothing */' \
	'src/elf/new.c: lacks its SPDX-License-Identifier line'
breaks 'long file is refused' src/elf/new.c "$(echo '// SPDX-License-Identifier: X'; seq 1000)" \
	'src/elf/new.c: has 1001 lines: expected at most 1000'
breaks 'kernel code under another license is refused' kernel/new.c \
	'// SPDX-License-Identifier: LGPL-2.1-or-later' 'kernel/new.c: expected the license GPL-2.0-only'
done_testing
