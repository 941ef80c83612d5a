// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Versions as an index has them, behind their compression: the input is what it is when
 * it is inflated.  Whatever is accepted can be asked for everything; written and read
 * again it is the same.
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>
#include "versions/result.h"

#define MAX_TEXT (1u << 20)

struct text {
	uint8_t *p;
	size_t len;
};

static int gather(void *arg, const char *s, size_t len)
{
	struct text *t = arg;

	t->p = realloc(t->p, t->len + len + 1);
	fz_require(t->p);
	memcpy(t->p + t->len, s, len);
	t->len += len;
	return 0;
}

static int count(void *arg, const char *s, size_t len)
{
	size_t *sum = arg;

	(void)s;
	*sum += len;
	return *sum > MAX_TEXT ? -E2BIG : 0;
}

static struct ksym_versions *parse(const uint8_t *data, size_t len)
{
	struct ksym_versions *v = calloc(1, sizeof(*v));
	struct ksym_error err;
	int ret;

	fz_require(v);
	v->path = strdup("input");
	fz_require(v->path);
	ret = ks_versions_parse(v, data, len, &err);
	if (!ret)
		return v;
	fz_check_error(ret, &err);
	ksym_versions_close(v);
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ksym_versions *v = parse(data, len), *again;
	struct text first = { 0 }, second = { 0 };
	struct ksym_version x;
	struct ksym_error err;
	size_t sum = 0;

	if (!v)
		return 0;
	for (uint32_t i = 0; ksym_versions_get(v, i, &x); i++) {
		int ret = ksym_versions_write_expanded(v, i, count, &sum, &err);

		fz_require(!ret || ret == -E2BIG);
		fz_require(*x.name && x.name_space && x.place <= i);
	}
	fz_require(!ks_versions_write_raw(v, gather, &first, &err));
	again = parse(first.p, first.len);
	fz_require(again);
	fz_require(!ks_versions_write_raw(again, gather, &second, &err));
	fz_require(first.len == second.len && !memcmp(first.p, second.p, first.len));
	ksym_versions_close(again);
	ksym_versions_close(v);
	free(first.p);
	free(second.p);
	return 0;
}
