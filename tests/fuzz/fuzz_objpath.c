// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names of translation units, one a line: name, tab, directory of compilation. */
#include "fuzz.h"

#include <string.h>
#include "kbuild/objpath.h"

#define MAX_UNITS 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ks_tu_name units[MAX_UNITS];
	struct ks_arena a = { 0 };
	char *copy = malloc(len + 1), *save = NULL;
	const char *root;
	size_t nr = 0;

	fz_require(copy);
	memcpy(copy, data, len);
	copy[len] = 0;
	for (char *p = strtok_r(copy, "\n", &save); p && nr < MAX_UNITS;
	     p = strtok_r(NULL, "\n", &save)) {
		char *tab = strchr(p, '\t');

		if (tab)
			*tab = 0;
		units[nr++] = (struct ks_tu_name){ p, tab ? tab + 1 : "" };
	}
	root = ks_objpath_root(&a, units, nr);
	fz_require(root);
	for (size_t i = 0; i < nr; i++) {
		size_t n;
		const char *path = ks_objpath(&a, root, &units[i], &n);

		fz_require(path && strlen(path) == n);
		fz_require(n >= 2 && !strcmp(path + n - 2, ".o"));
	}
	ks_arena_free(&a);
	free(copy);
	return 0;
}
