// SPDX-License-Identifier: LGPL-2.1-or-later
/* Symbol maps, as each generation of scripts/kallsyms reads them.  Options: bits of
 * those the generations know. */
#include "fuzz.h"

#include <string.h>

static int check_text(void *arg, const char *s, size_t len)
{
	bool *called = arg;

	fz_require(!*called && len && s[len - 1] == '\n');
	fz_require(memmem(s, len, "kallsyms_num_syms:", 18));
	fz_require(memmem(s, len, "kallsyms_seqs_of_names:", 23));
	*called = true;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fz_parts p = fz_split(data, len);
	const char *path = fz_path(0, fz_part(&p, 'm')->p, fz_part(&p, 'm')->len);
	unsigned int bits = fz_option(&p, 0);

	for (unsigned int g = KSYM_KALLSYMS_6_1; g <= KSYM_KALLSYMS_7; g++) {
		struct ksym_kallsyms_opts o = KSYM_OPTS(o);
		struct ksym_error err;
		bool called = false;
		int ret;

		o.generation = (enum ksym_kallsyms_generation)g;
		o.all_symbols = bits & 1;
		o.absolute_percpu = bits & 2 && g != KSYM_KALLSYMS_7;
		o.base_relative = bits & 4 && g == KSYM_KALLSYMS_6_1;
		o.lto_clang = bits & 8 && g == KSYM_KALLSYMS_6_1;
		o.pc_relative = bits & 2 && g == KSYM_KALLSYMS_7;
		ret = ksym_kallsyms_write(path, &o, check_text, &called, &err);
		fz_require(called == !ret);
		if (ret)
			fz_check_error(ret, &err);
	}
	return 0;
}
