// SPDX-License-Identifier: LGPL-2.1-or-later
/* A .cmd file, read from memory and from a file descriptor. */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include "kbuild/cmd.h"
#include "kbuild/modules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char builtin[] = "kernel/fs/ext4/ext4.ko\nkernel/drivers/a/one-x.ko\n";
	struct ks_file f = fz_memory_file(data, len);
	struct ks_file b = fz_memory_file((const uint8_t *)builtin, sizeof(builtin) - 1);
	struct ks_cmd_reader r = { .dirfd = AT_FDCWD, .dir = "." };
	struct ks_cmd_modfiles found;
	struct ks_modules m = { 0 };
	struct ksym_error err;
	int ret = ks_modules_read_builtin(&m, &b, &err);

	fz_require(!ret);
	ret = ks_modules_read_cmd(&m, "fs/ext4/super.o", &f, &err);
	if (ret)
		fz_check_error(ret, &err);
	ret = ks_modules_finish(&m, &err);
	fz_require(!ret);
	for (size_t i = 0; i < m.pairs.len; i++)
		fz_require(*ks_strpool_get(&m.names, m.pairs.data[i].name));
	ks_modules_free(&m);

	ret = ks_cmd_read(&r, fz_path(0, data, len), &err);
	if (!ret) {
		found = ks_cmd_modfiles(r.line.data, r.line.len);
		fz_require(found.len <= r.line.len);
		if (found.len)
			fz_require(found.s >= r.line.data &&
				   found.s + found.len <= r.line.data + r.line.len);
	} else if (ret != -ENOENT) {
		fz_check_error(ret, &err);
	}
	ks_cmd_reader_free(&r);
	return 0;
}
