// SPDX-License-Identifier: LGPL-2.1-or-later
/* Identities as people type them, looked up in a fixed index. */
#include "fuzz.h"
#include "image.h"

#include <string.h>

#define MAX_MATCHES 16

static struct ksym_index *idx;

static void make_index(void)
{
	static const char objs[] = "net/one-x.o: net/main.o net/both.o\nnet/two.o: net/both.o\n";
	const char *lists[] = { fz_path(1, (const uint8_t *)objs, sizeof(objs) - 1), NULL };
	struct ksym_build_opts o = KSYM_OPTS(o, .no_debug_search = true, .builtin_files = lists);
	struct ksym_error err;
	struct fz_elf e;
	int ret;

	fz_image(&e, ET_EXEC);
	ret = ksym_index_build(fz_path(0, e.file, e.file_len), &o, &idx, &err);
	fz_require(!ret);
	fz_elf_free(&e);
}

static void free_index(void)
{
	ksym_index_close(idx);
}

static bool is_among(uint32_t symbol, const struct ksym_match *m, int nr)
{
	for (int i = 0; i < nr; i++)
		if (m[i].symbol == symbol)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ksym_match matches[MAX_MATCHES], same[MAX_MATCHES];
	struct ksym_symbol s;
	struct ksym_error err;
	char text[256], *identity;
	int n, nr_same;

	if (!idx) {
		make_index();
		atexit(free_index);
	}
	identity = malloc(len + 1);
	fz_require(identity);
	memcpy(identity, data, len);
	identity[len] = 0;
	n = ksym_index_find(idx, identity, NULL, 0, &err);
	if (n < 0) {
		fz_require(n == -EINVAL);
		fz_check_error(n, &err);
	} else {
		fz_require(ksym_index_find(idx, identity, matches, MAX_MATCHES, &err) == n);
	}
	for (int i = 0; i < n && i < MAX_MATCHES; i++) {
		fz_require(ksym_index_symbol(idx, matches[i].symbol, &s));
		/* What it prints as finds it.  Without modules in it that can be others,
		 * too: there it stands for any modules. */
		fz_require(ksym_symbol_format(idx, &s, KSYM_FORMAT_IDENTITY, text, sizeof(text)) <
			   sizeof(text));
		nr_same = ksym_index_find(idx, text, same, MAX_MATCHES, &err);
		fz_require(nr_same >= 1 && nr_same <= MAX_MATCHES);
		fz_require(nr_same == 1 || !strchr(text, '['));
		fz_require(is_among(matches[i].symbol, same, nr_same));
	}
	for (uint32_t nth = 0; ksym_index_named(idx, (const char *)data, len, nth, &s); nth++)
		fz_require(s.name_len == len && !memcmp(s.name, data, len));
	free(identity);
	return 0;
}
