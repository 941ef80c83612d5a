// SPDX-License-Identifier: LGPL-2.1-or-later
/* put_section FROM TO NAME FILE: ks_elf_put_sections() of one for tests in shell. */
#include <stdio.h>
#include "base/file.h"
#include "elf/put.h"

int main(int argc, char **argv)
{
	struct ksym_error err;
	struct ks_file f;

	if (argc != 5) {
		fputs("usage: put_section FROM TO NAME FILE\n", stderr);
		return 2;
	}
	if (ks_file_open(&f, argv[4], &err) ||
	    ks_elf_put_sections(argv[1], argv[2],
				&(struct ks_elf_section_put){ argv[3], f.data, f.len }, 1, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return err.code == -EBADMSG || err.code == -ENOTSUP ? 3 : 4;
	}
	ks_file_close(&f);
	return 0;
}
