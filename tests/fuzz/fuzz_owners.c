// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * An index of a fixed image with files about it: part 'm' is a map of it, 'o' a second
 * one, 'b' any file about modules.  Options: one byte, bit 0: the image is a module.
 */
#include "fuzz.h"
#include "image.h"

#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fz_parts parts = fz_split(data, len);
	const struct fz_part *m = fz_part(&parts, 'm'), *o = fz_part(&parts, 'o');
	const struct fz_part *b = fz_part(&parts, 'b');
	const char *maps[3] = { NULL }, *lists[2] = { NULL };
	struct ksym_build_opts opts = KSYM_OPTS(opts, .no_debug_search = true);
	struct ksym_index *idx;
	struct ksym_error err;
	struct fz_elf e;
	unsigned int n = 0;
	int ret;

	fz_image(&e, fz_option(&parts, 0) & 1 ? ET_REL : ET_EXEC);
	if (m->given)
		maps[n++] = fz_path(1, m->p, m->len);
	if (o->given)
		maps[n++] = fz_path(2, o->p, o->len);
	if (b->given)
		lists[0] = fz_path(3, b->p, b->len);
	opts.map_files = maps;
	opts.builtin_files = lists;
	ret = ksym_index_build(fz_path(0, e.file, e.file_len), &opts, &idx, &err);
	fz_elf_free(&e);
	if (ret) {
		fz_check_error(ret, &err);
		return 0;
	}
	if (ksym_index_verify(idx, &err))
		fz_unexpected("ksym_index_verify", &err);
	fz_query_index(idx, true);
	ksym_index_close(idx);
	return 0;
}
