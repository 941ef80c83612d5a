// SPDX-License-Identifier: LGPL-2.1-or-later
/* Part 'k': a .config.  Part 'c': C source, part 'r': Rust source in which a license is
 * looked for. */
#include "fuzz.h"

#include <string.h>
#include "kbuild/evaluate-parts.h"

static bool included(void *arg, const char *path, size_t len)
{
	size_t *total = arg;

	for (size_t i = 0; i < len; i++)
		*total += (unsigned char)path[i];
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fz_parts parts = fz_split(data, len);
	const struct fz_part *k = fz_part(&parts, 'k'), *c = fz_part(&parts, 'c');
	const struct fz_part *r = fz_part(&parts, 'r');
	struct ks_file f = fz_memory_file(k->p, k->len);
	struct ks_text text = { 0 };
	struct ks_kconfig config = { 0 };
	struct ksym_error err;
	size_t total = 0;
	int ret = ks_kconfig_read(&config, &f, &err);

	if (ret) {
		fz_check_error(ret, &err);
	} else {
		fz_require(strchr("ymvn", ks_kconfig_get(&config, "CONFIG_MODULES", 14)));
		ks_kconfig_print(&config, false, &text);
		ks_kconfig_print(&config, true, &text);
		fz_require(!text.nomem);
		ks_license_in_c(&config, (const char *)c->p, c->len, included, &total);
		ks_license_in_c(&config, (const char *)c->p, c->len, NULL, NULL);
		ks_license_in_rust((const char *)r->p, r->len);
	}
	ks_kconfig_free(&config);
	ks_text_free(&text);
	return 0;
}
