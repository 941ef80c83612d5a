// SPDX-License-Identifier: LGPL-2.1-or-later
/* A whole image: the index made of it, every question to that, source lines. */
#include "fuzz.h"

#include <elf.h>
#include <string.h>

static void query_lines(const char *path, const struct ksym_build_opts *o,
			const struct ksym_index *idx)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	struct ksym_lines *lines;
	struct ksym_symbol s;
	struct ksym_error err;
	int ret = ksym_lines_open(path, o, &lines, &err);

	if (ret) {
		fz_check_error(ret, &err);
		return;
	}
	ksym_index_info(idx, &info);
	for (uint32_t i = 0; i < info.nr_symbols && i < 64; i++) {
		const char *file;
		uint32_t line;

		if (!ksym_index_symbol(idx, i, &s))
			break;
		ret = ksym_lines_at(lines, s.va, &file, &line, &err);
		if (!ret)
			fz_require(strlen(file) < SIZE_MAX);
		else if (ret != -ENOENT)
			fz_check_error(ret, &err);
	}
	ksym_lines_close(lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ksym_build_opts o = KSYM_OPTS(o, .no_debug_search = true);
	const char *path = fz_path(0, data, len);
	struct ksym_index *idx;
	struct ksym_error err;
	int ret;

	/* Which symbols: by a byte of the ELF header that means nothing. */
	if (len > EI_NIDENT)
		o.select = (enum ksym_selection)(data[EI_NIDENT - 1] % (KSYM_SELECT_ALL + 1));
	ret = ksym_index_build(path, &o, &idx, &err);
	if (ret) {
		fz_check_error(ret, &err);
		return 0;
	}
	if (ksym_index_verify(idx, &err))
		fz_unexpected("ksym_index_verify", &err);
	fz_query_index(idx, true);
	query_lines(path, &o, idx);
	ksym_index_close(idx);
	return 0;
}
