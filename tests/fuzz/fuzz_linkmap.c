// SPDX-License-Identifier: LGPL-2.1-or-later
/* Linker maps of GNU ld and lld. */
#include "fuzz.h"

#include <string.h>
#include "kbuild/linkmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ks_file f = fz_memory_file(data, len);
	struct ks_linkmap m;
	struct ksym_error err;
	size_t total = 0;
	int ret = ks_linkmap_parse(&m, &f, &err);

	if (ret) {
		fz_check_error(ret, &err);
		return 0;
	}
	for (size_t i = 0; i < m.nr_outputs; i++)
		total += strlen(ks_strpool_get(&m.strings, m.outputs[i].name));
	for (size_t i = 0; i < m.nr_inputs; i++) {
		const struct ks_map_input *in = &m.inputs[i];

		fz_require(in->output < m.nr_outputs && in->len);
		fz_require(in->section < m.strings.nr && in->object < m.strings.nr);
		fz_require(*ks_strpool_get(&m.strings, in->object));
	}
	fz_require(total < SIZE_MAX);
	ks_linkmap_free(&m);
	return 0;
}
