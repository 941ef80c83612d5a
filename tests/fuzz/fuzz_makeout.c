// SPDX-License-Identifier: LGPL-2.1-or-later
/* What GNU make prints when a source tree is evaluated, and the paths in it. */
#include "fuzz.h"

#include <string.h>
#include "kbuild/evaluate-tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *start = len ? (const char *)data : "", *pos = start, *end = start + len;
	struct ks_tree_list l = { .kind = KS_LIST_VALUE };
	char *path = malloc(len + 2);

	while (pos < end) {
		const char *before = pos;

		if (!ks_tree_answer(&pos, end, &l))
			break;
		fz_require(pos > before && pos <= end);
		fz_require(l.words >= start && l.words <= l.end && l.end <= end);
		if (l.name)
			fz_require(l.name >= start && l.name + l.name_len <= end);
	}
	/* "." needs one byte more than "". */
	fz_require(path);
	memcpy(path, data, len);
	path[len] = 0;
	if (ks_path_normalise(path)) {
		size_t n = strlen(path);
		char *again = malloc(n + 2);

		fz_require(again && n && path[0] != '/' && (n == 1 || path[n - 1] != '/'));
		memcpy(again, path, n + 1);
		fz_require(ks_path_normalise(again) && !strcmp(again, path));
		free(again);
	}
	free(path);
	return 0;
}
