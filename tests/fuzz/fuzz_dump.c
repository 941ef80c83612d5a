// SPDX-License-Identifier: LGPL-2.1-or-later
/* A stack dump of a kernel and a module with few functions. */
#include "fuzz.h"

#include <elf.h>
#include <ksym/decode.h>
#include <string.h>
#include "image.h"

static struct ksym_decoder *open_decoder(void)
{
	struct ksym_decoder_opts o = KSYM_OPTS(o, .build = { .size = sizeof(o.build), .no_debug_search = true });
	struct ksym_decoder *d;
	struct ksym_error err;
	struct fz_elf e;
	int ret;

	fz_image(&e, ET_EXEC);
	ret = ksym_decoder_open(fz_path(0, e.file, e.file_len), &o, &d, &err);
	if (ret)
		fz_unexpected("ksym_decoder_open", &err);
	fz_elf_free(&e);
	return d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct ksym_decoder *d;
	struct ksym_decoded r;
	struct ksym_error err;
	uint64_t at = 0;
	uint32_t nr;

	if (!d)
		d = open_decoder();
	if (ksym_decode(d, (const char *)data, len, &nr, &err))
		fz_unexpected("ksym_decode", &err);
	for (uint32_t i = 0; i < nr; i++) {
		fz_require(ksym_decoded_get(d, i, &r));
		fz_require(r.text_off >= at && r.text_len && r.text_len <= len && r.text_off <= len - r.text_len);
		fz_require(strlen(r.replacement));
		fz_require((r.decided == KSYM_DECIDED_NOT) == (r.nr_candidates > 1));
		at = r.text_off + r.text_len;
	}
	fz_require(!ksym_decoded_get(d, nr, &r));
	return 0;
}
