#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# One index for all machines: the table reader, compiled for a big-endian one without a
# library, reads there what was written here.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

build_sample "$tmp/k" || { cat "$tmp/log"; exit 4; }
"$ksym" index --build-tree "$tmp/k" -o "$tmp/index" "$tmp/k/vmlinux"

cat > "$tmp/reader.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#define XXH_INLINE_ALL
#include "xxhash.h"
#include "reader.h"

static uint64_t hash(const void *data, size_t len)
{
	return XXH64(data, len, 0);
}

int main(int argc, char **argv)
{
	static char data[1 << 20], name[KS_NAME_MAX + 1];
	FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
	size_t len = f ? fread(data, 1, sizeof(data), f) : 0;
	const char *why = "";
	struct ks_tables t;
	struct ks_sym s, at;
	struct ks_owner w;
	struct ks_obj o;

	if (ks_tables_init(&t, data, len, hash, &why) || ks_tables_check(&t, hash, &why)) {
		puts(why);
		return 1;
	}
	for (uint32_t i = 0; ks_tables_symbol(&t, i, &s); i++) {
		unsigned int n = ks_tables_name(&t, i, name);
		uint32_t found = ks_tables_at(&t, s.va, &at);
		bool equal;

		ks_tables_find(&t, name, n, &equal);
		if (!equal || found == KS_NONE || at.va != s.va)
			printf("%s is lost\n", name);
		printf("%016llx %llx %c %s", (unsigned long long)s.va, (unsigned long long)s.len,
		       s.type, name);
		if (ks_tables_owner(&t, s.owner, &w) && ks_tables_object(&t, w.object, &o)) {
			for (uint32_t k = 0; k < o.nr_modules; k++)
				printf(" [%s]", ks_tables_object_module(&t, o.first_module + k));
			if (s.is_text ? o.text_suffix : o.data_suffix)
				printf(" {%s}", s.is_text ? o.text_suffix : o.data_suffix);
		}
		putchar('\n');
	}
	return 0;
}
END
"$ksym" show "$tmp/index" > "$tmp/want"
header=$(for d in /usr/include /usr/local/include; do
	ls "$d/xxhash.h"
done 2> /dev/null | head -n 1)
[ -z "$header" ] || cp "$header" "$tmp/xxhash.h"

# reads NAME CC RUN...: built by CC, run by RUN, it prints what show prints.
reads()
{
	machine=$1 cc=$2; shift 2
	echo '#include <stdio.h>
		int main(void) { return puts(""); }' > "$tmp/libc.c"
	if [ -z "$header" ] || { [ $# -gt 0 ] && ! has "$1"; } ||
		! "$cc" -static "$tmp/libc.c" -o "$tmp/libc" 2> "$tmp/log"; then
		skip "$machine" "needs xxhash.h, $cc with a C library, ${1-nothing else}"
		return
	fi
	ok "$machine: reader compiles without a warning" "$cc" -std=gnu11 -O2 -Wall -Wextra \
		-Werror -Wno-unused-function -static -I "$tmp" -I "$source/src/tables" \
		"$tmp/reader.c" "$source/src/tables/reader.c" "$source/src/tables/check.c" \
		-o "$tmp/reader-$cc"
	"$@" "$tmp/reader-$cc" "$tmp/index" > "$out" 2>&1
	ok "$machine: the same symbols" same "$tmp/want" "$out"
}

reads 'this machine' gcc
reads 's390x' s390x-linux-gnu-gcc qemu-s390x
reads 'ppc 32 bit' powerpc-linux-gnu-gcc qemu-ppc
reads 'arm64' aarch64-linux-gnu-gcc qemu-aarch64

# The reader stands on the compiler alone, but for memory and string functions.
gcc -std=gnu11 -O2 -ffreestanding -c -I "$source/src/tables" "$source/src/tables/reader.c" \
	-o "$tmp/reader.o"
gcc -std=gnu11 -O2 -ffreestanding -c -I "$source/src/tables" "$source/src/tables/check.c" \
	-o "$tmp/check.o"
ld -r -o "$tmp/both.o" "$tmp/reader.o" "$tmp/check.o"
allowed='mem(cpy|set|cmp|move)|str(len|cmp|cpy)|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail'
ok 'reader needs no more than memory and string functions' is \
	"$(nm -u "$tmp/both.o" | grep -vE " ($allowed)\$")" ''
done_testing
