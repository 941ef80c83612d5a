// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * BTF from files.  Part 'b' is BTF alone, part 's' is split BTF that goes on from it, which is
 * distilled and put on it again; part 't' is other BTF, on which 's' is put, as is what was
 * distilled.
 * Options: one byte, bit 0: magic number and lengths of the headers are put right first, so
 * that what is altered behind them is seen; bit 1 big-endian.
 *
 * Either it is refused, or every question has an answer, and the answer is one.
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>
#include "ksym/btf.h"

#define HEADER_LEN 24
#define MAX_TYPES 2000

static void store(uint8_t *p, uint32_t v, unsigned int len, bool big)
{
	for (unsigned int i = 0; i < len; i++)
		p[big ? len - 1 - i : i] = (uint8_t)(v >> 8 * i);
}

/* As many bytes of types as the header says, if so many are there; the rest is strings. */
static void put_right(uint8_t *h, size_t len, bool big)
{
	uint32_t types_len = 0;

	if (len < HEADER_LEN)
		return;
	store(h, 0xeb9f, 2, big);
	h[2] = 1;
	h[3] = 0;
	store(h + 4, HEADER_LEN, 4, big);
	for (unsigned int i = 0; i < 4; i++)
		types_len |= (uint32_t)h[big ? 15 - i : 12 + i] << 8 * i;
	if (types_len > len - HEADER_LEN || types_len % 4)
		types_len = (uint32_t)(len - HEADER_LEN) / 4 * 4;
	store(h + 8, 0, 4, big);
	store(h + 12, types_len, 4, big);
	store(h + 16, types_len, 4, big);
	store(h + 20, (uint32_t)(len - HEADER_LEN - types_len), 4, big);
	if (len > HEADER_LEN + types_len)
		h[len - 1] = 0;
}

static void query_text(const struct ksym_btf *btf, uint32_t type)
{
	char small[8], large[300];
	size_t len = ksym_btf_type_text(btf, type, NULL, NULL, 0);

	fz_require(ksym_btf_type_text(btf, type, NULL, small, sizeof(small)) == len);
	fz_require(strlen(small) == (len < sizeof(small) ? len : sizeof(small) - 1));
	fz_require(ksym_btf_type_text(btf, type, NULL, large, sizeof(large)) == len);
	fz_require(strlen(large) == (len < sizeof(large) ? len : sizeof(large) - 1));
	fz_require(!strncmp(small, large, strlen(small)));
	fz_require(ksym_btf_type_text(btf, type, "name", large, sizeof(large)) >= 4);
}

static void query(const struct ksym_btf *btf, const uint8_t *data, size_t data_len)
{
	struct ksym_btf_info info = { .size = sizeof(info) };
	uint64_t sum = 0;
	size_t len;

	fz_require(!memcmp(ksym_btf_data(btf, &len), data, data_len) && len == data_len);
	ksym_btf_info(btf, &info);
	for (unsigned int i = 0; i < 32; i++)
		sum += info.nr_kinds[i];
	fz_require(sum == info.nr_types && info.first >= 1);
	fz_require(info.types_len <= len && info.strings_len <= len - info.types_len);
	for (uint32_t i = 0; i < info.nr_vars && i < MAX_TYPES; i++) {
		struct ksym_btf_var var;

		ksym_btf_var(btf, i, &var);
		fz_require(strlen(var.name) < len + SIZE_MAX / 2 && strlen(var.section) < SIZE_MAX);
		query_text(btf, var.type);
	}
	for (uint32_t i = 0; i < info.nr_types && i < MAX_TYPES; i++)
		query_text(btf, info.first + i);
}

/* A file of these bytes; NULL when it was refused. */
static struct ksym_btf *read_part(unsigned int nr, const struct fz_part *p, unsigned int flags,
				  const struct ksym_btf *base)
{
	uint8_t *copy = malloc(p->len ? p->len : 1);
	struct ksym_btf *btf = NULL;
	struct ksym_error err;
	int ret;

	fz_require(copy);
	memcpy(copy, p->p, p->len);
	if (flags & 1)
		put_right(copy, p->len, flags & 2);
	ret = ksym_btf_read(&btf, fz_path(nr, copy, p->len), base, &err);
	if (ret)
		fz_check_error(ret, &err);
	else
		query(btf, copy, p->len);
	free(copy);
	return ret ? NULL : btf;
}

/* Put on @base, if its names are there, as they are where it was @distilled of that: then it is
 * as large as before. */
static void relocate(const struct ksym_btf *split, const struct ksym_btf *base, bool distilled)
{
	struct ksym_btf_info info = { .size = sizeof(info) }, on_info = { .size = sizeof(on_info) };
	struct ksym_btf *on;
	struct ksym_error err;
	int ret = ksym_btf_relocate(&on, split, base, &err);

	if (ret) {
		fz_check_error(ret, &err);
		/* Byte orders may differ, and names of the base take their part of the bound. */
		fz_require(!distilled || ret == -EINVAL || ret == -E2BIG);
		return;
	}
	ksym_btf_info(split, &info);
	ksym_btf_info(on, &on_info);
	fz_require(on_info.nr_types == info.nr_types);
	fz_require(!memcmp(on_info.nr_kinds, info.nr_kinds, sizeof(info.nr_kinds)));
	ksym_btf_close(on);
}

/* Its own types are first and read as before: what they refer to has its name still. */
static void distill(const struct ksym_btf *split, const struct ksym_btf *base, const struct ksym_btf *other)
{
	struct ksym_btf_info info = { .size = sizeof(info) }, small_info = { .size = sizeof(small_info) };
	struct ksym_btf *small;
	struct ksym_error err;
	char before[300], after[300];
	int ret = ksym_btf_distill(&small, split, &err);

	if (ret) {
		fz_check_error(ret, &err);
		return;
	}
	ksym_btf_info(split, &info);
	ksym_btf_info(small, &small_info);
	fz_require(small_info.nr_types >= info.nr_types && small_info.first <= info.first);
	for (uint32_t i = 0; i < info.nr_types && i < MAX_TYPES; i++) {
		ksym_btf_type_text(split, info.first + i, "name", before, sizeof(before));
		ksym_btf_type_text(small, small_info.first + i, "name", after, sizeof(after));
		fz_require(!strcmp(before, after));
	}
	relocate(small, base, true);
	if (other)
		relocate(small, other, false);
	ksym_btf_close(small);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fz_parts parts = fz_split(data, len);
	unsigned int flags = fz_option(&parts, 0);
	struct ksym_btf *base, *split = NULL, *other;

	base = read_part(0, fz_part(&parts, 'b'), flags, NULL);
	if (base && fz_part(&parts, 's')->given)
		split = read_part(1, fz_part(&parts, 's'), flags, base);
	other = fz_part(&parts, 't')->given ? read_part(2, fz_part(&parts, 't'), flags, NULL) : NULL;
	if (split)
		distill(split, base, other);
	if (split && other)
		relocate(split, other, false);
	ksym_btf_close(other);
	ksym_btf_close(split);
	ksym_btf_close(base);
	return 0;
}
