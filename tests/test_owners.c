// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tables of sizes and owners: what is written is what is read, and what was altered is
 * refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kallsyms/owners.h"

struct fixture {
	struct ks_own_model m;
	struct ks_own_blob b;
	int32_t *offsets;
	unsigned long *addresses;
	struct ks_own_addresses va;
};

#define BASE 0x40000000u

static uint32_t random_number(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*seed >> 33);
}

static uint32_t owner(struct ks_own_model *m, const char *key, size_t len)
{
	return ks_strpool_add(&m->owners, key, len) + 1;
}
#define OWNER(f, key) owner(&(f)->m, key, sizeof(key) - 1)

static void add_symbol(struct fixture *f, uint64_t va, uint64_t len, uint32_t o)
{
	struct ks_own_symbol *s = ks_vec_push(&f->m.syms);

	assert_non_null(s);
	*s = (struct ks_own_symbol){ va, len, o };
}

/* Encode, and make addresses as kallsyms_offsets and kallsyms_addresses have them. */
static void encode(struct fixture *f)
{
	size_t n = f->m.syms.len;
	struct ksym_error err;

	assert_int_equal(ks_own_encode(&f->m, &f->b, &err), 0);
	f->offsets = calloc(n + 1, sizeof(*f->offsets));
	f->addresses = calloc(n + 1, sizeof(*f->addresses));
	for (size_t i = 0; i < n; i++) {
		f->offsets[i] = (int32_t)(uint32_t)(f->m.syms.data[i].va - BASE);
		f->addresses[i] = (unsigned long)f->m.syms.data[i].va;
	}
	f->va = (struct ks_own_addresses){ .offsets = f->offsets, .base = BASE, .nr = (uint32_t)n };
}

static void release(struct fixture *f)
{
	ks_own_model_free(&f->m);
	free(f->b.data);
	free(f->offsets);
	free(f->addresses);
	memset(f, 0, sizeof(*f));
}

/* A few thousand symbols of every kind, from a seed. */
static void make_random(struct fixture *f, uint64_t seed, size_t nr)
{
	uint64_t va = BASE;
	uint32_t owners[40], o = 0;
	char key[64];

	memset(f, 0, sizeof(*f));
	for (unsigned int i = 0; i < 40; i++) {
		size_t len = 0;

		for (unsigned int k = 0; k < i % 4; k++)
			len += (size_t)snprintf(key + len, 20, "mod%u", (i + k) / 2) + 1;
		key[len++] = 0;
		if (i % 3 || !(i % 4))
			len += (size_t)snprintf(key + len, 20, "dir%u/obj.o", i % 7);
		owners[i] = owner(&f->m, key, len);
	}
	for (size_t i = 0; i < nr; i++) {
		uint32_t r = random_number(&seed);
		uint64_t len = r % 5 ? r % 700 : 0, pad = r >> 8 & 15;

		if (r % 7 == 0)
			o = r % 13 ? owners[random_number(&seed) % 40] : 0;
		if (r % 97 == 0)
			len += 1u << r % 20;
		add_symbol(f, va, len, o);
		if (r % 31 == 0)
			continue;	/* the next one has the same address */
		if (r % 41 == 0)
			pad += random_number(&seed) % 5000;
		if (r % 101 == 0)
			len /= 2;	/* the next one begins inside */
		va += len + pad;
		if (r % 3)
			va = (va + 15) & ~15ull;
		if (va == f->m.syms.data[i].va && r % 5)
			va++;
	}
	encode(f);
}

static void expect_all(struct fixture *f, const struct ks_own_addresses *va)
{
	struct ks_owners *o = malloc(sizeof(*o));
	struct ks_own_iter it;
	const char *why;
	uint64_t len;
	uint32_t w;

	assert_int_equal(ks_owners_init(o, f->b.data, f->b.len, va, &why), 0);
	assert_int_equal(o->nr_symbols, f->m.syms.len);
	assert_true(ks_owners_seek(o, &it, 0));
	for (size_t i = 0; i < f->m.syms.len; i++) {
		assert_true(ks_owners_next(o, &it, &len, &w));
		assert_int_equal(len, f->m.syms.data[i].len);
		assert_int_equal(w, f->m.syms.data[i].owner);
		assert_int_equal(ks_owners_va(o, (uint32_t)i), f->m.syms.data[i].va);
	}
	assert_false(ks_owners_next(o, &it, &len, &w));
	/* From anywhere. */
	for (size_t i = 0; i < f->m.syms.len; i += 1 + i % 97) {
		assert_true(ks_owners_seek(o, &it, (uint32_t)i));
		assert_true(ks_owners_next(o, &it, &len, &w));
		assert_int_equal(len, f->m.syms.data[i].len);
		assert_int_equal(w, f->m.syms.data[i].owner);
	}
	free(o);
}

static void sizes_and_owners_come_back(void **state)
{
	static const size_t counts[] = { 0, 1, 2, 255, 256, 257, 512, 3000 };
	struct fixture f;

	(void)state;
	for (uint64_t seed = 1; seed < 12; seed++) {
		for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
			make_random(&f, seed, counts[i]);
			expect_all(&f, &f.va);
			release(&f);
		}
	}
}

static void addresses_have_four_forms(void **state)
{
	struct ks_own_addresses va;
	struct fixture f;

	(void)state;
	make_random(&f, 5, 700);
	va = (struct ks_own_addresses){ .addresses = f.addresses, .nr = f.va.nr };
	expect_all(&f, &va);
	/* Offsets of per-CPU symbols are addresses, others count downwards. */
	for (size_t i = 0; i < f.m.syms.len; i++)
		f.offsets[i] = (int32_t)(BASE - 1 - f.m.syms.data[i].va);
	va = (struct ks_own_addresses){ .offsets = f.offsets, .base = BASE, .nr = f.va.nr,
					.absolute_percpu = true };
	expect_all(&f, &va);
	release(&f);
}

static void expect_names(const struct ks_owners *o, uint32_t w, const char *want)
{
	struct ks_own_names n;
	char got[200] = "";
	const char *p;

	ks_owners_names(o, w, &n);
	p = n.modules;
	for (unsigned int i = 0; i < n.nr_modules; i++, p += strlen(p) + 1)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "[%s]", p);
	if (n.object)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "{%s}", n.object);
	assert_string_equal(got, want);
}

static void owners_have_names(void **state)
{
	struct ks_owners *o = malloc(sizeof(*o));
	struct fixture f = { 0 };
	const char *why, *names;
	uint32_t one, two, object, all, other;

	(void)state;
	one = OWNER(&f, "liquidio\0\0");
	two = OWNER(&f, "liquidio\0liquidio_vf\0\0");
	object = OWNER(&f, "\0core.o");
	all = OWNER(&f, "liquidio\0liquidio_vf\0\0core.o");
	other = OWNER(&f, "rapl\0\0");
	add_symbol(&f, BASE, 0, one);
	add_symbol(&f, BASE + 1, 0, 0);
	encode(&f);
	assert_int_equal(ks_owners_init(o, f.b.data, f.b.len, &f.va, &why), 0);
	expect_names(o, 0, "");
	expect_names(o, one, "[liquidio]");
	expect_names(o, two, "[liquidio][liquidio_vf]");
	expect_names(o, object, "{core.o}");
	expect_names(o, all, "[liquidio][liquidio_vf]{core.o}");
	expect_names(o, other, "[rapl]");
	expect_names(o, other + 1, "");
	/* A zero byte, then the list, in which the single name is as well. */
	names = (const char *)f.b.data + f.b.off[KS_OWN_NAMES];
	assert_memory_equal(names, "\0\0\2liquidio\0liquidio_vf\0", 24);
	for (size_t i = 24; i + 8 < f.b.table_len[KS_OWN_NAMES]; i++)
		assert_int_not_equal(memcmp(names + i, "liquidio", 8), 0);
	free(o);
	release(&f);
}

static void paddings_take_half_a_byte(void **state)
{
	struct fixture f = { 0 };
	uint64_t va = BASE, seed = 3;

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		uint64_t len = 1 + random_number(&seed) % 500;

		add_symbol(&f, va, len, 0);
		va = (va + len + 15) & ~15ull;
	}
	encode(&f);
	assert_true(f.b.table_len[KS_OWN_SIZES] < 20000 * 52 / 100);
	assert_true(f.b.table_len[KS_OWN_MODULES] < 400);
	release(&f);
}

static uint32_t linear_at(const struct fixture *f, uint64_t va)
{
	const struct ks_own_symbol *s = f->m.syms.data;
	size_t n = f->m.syms.len, last = 0, first;

	if (!n || s[0].va > va)
		return (uint32_t)n;
	while (last + 1 < n && s[last + 1].va <= va)
		last++;
	for (first = last; first && s[first - 1].va == s[last].va; first--)
		;
	for (size_t i = first; i <= last; i++)
		if (va - s[i].va < s[i].len)
			return (uint32_t)i;
	return (uint32_t)first;
}

static void lookup_finds_what_covers(void **state)
{
	struct ks_owners *o = malloc(sizeof(*o));
	struct fixture f;
	const char *why;
	uint64_t seed = 9, len, end;
	uint32_t w, i;

	(void)state;
	make_random(&f, 7, 3000);
	assert_int_equal(ks_owners_init(o, f.b.data, f.b.len, &f.va, &why), 0);
	end = f.m.syms.data[2999].va + 100 - BASE;
	for (unsigned int k = 0; k < 20000; k++) {
		uint64_t va = BASE - 10 + random_number(&seed) % end;

		i = ks_owners_at(o, va, &len, &w);
		assert_int_equal(i, linear_at(&f, va));
		if (i < 3000) {
			assert_int_equal(len, f.m.syms.data[i].len);
			assert_int_equal(w, f.m.syms.data[i].owner);
		}
	}
	assert_int_equal(ks_owners_at(o, 0, &len, &w), 3000);
	free(o);
	release(&f);
}

/* Use it as a reader would, whatever it says. */
static void use(struct ks_owners *o)
{
	struct ks_own_names n;
	struct ks_own_iter it;
	uint64_t len, sum = 0;
	uint32_t w;

	if (ks_owners_seek(o, &it, 0))
		while (ks_owners_next(o, &it, &len, &w)) {
			ks_owners_names(o, w, &n);
			for (const char *p = n.modules; n.nr_modules--; p += strlen(p) + 1)
				sum += strlen(p);
			sum += n.object ? strlen(n.object) : 0;
		}
	ks_owners_at(o, BASE + 100, &len, &w);
	assert_true(sum != 1);
}

static void altered_tables_are_refused(void **state)
{
	struct ks_owners *o = malloc(sizeof(*o));
	struct fixture f;
	const char *why;
	uint8_t *copy;
	unsigned int accepted = 0;

	(void)state;
	make_random(&f, 8, 600);
	for (uint32_t i = 0; i < f.b.len; i++) {
		/* Ends where the bytes end, so that a sanitizer sees every step beyond. */
		copy = malloc(f.b.len);
		memcpy(copy, f.b.data, f.b.len);
		copy[i] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(ks_owners_init(o, copy, f.b.len, &f.va, &why), -EBADMSG);
		assert_non_null(why);
		/* With a checksum that fits: refused for what it says, or safe to use. */
		if (i >= KS_OWN_HASH + 8) {
			uint64_t h = ks_owners_hash(copy + KS_OWN_HASH + 8,
						    f.b.len - KS_OWN_HASH - 8);

			for (unsigned int b = 0; b < 8; b++)
				copy[KS_OWN_HASH + b] = (uint8_t)(h >> 8 * b);
			if (!ks_owners_init(o, copy, f.b.len, &f.va, &why)) {
				accepted++;
				use(o);
			} else {
				assert_non_null(why);
			}
		}
		free(copy);
	}
	assert_true(accepted < f.b.len);
	free(o);
	release(&f);
}

static void shortened_and_foreign_tables_are_refused(void **state)
{
	struct ks_owners *o = malloc(sizeof(*o));
	struct fixture f;
	struct ks_own_addresses va;
	const char *why;

	(void)state;
	make_random(&f, 4, 300);
	for (uint32_t len = 0; len < f.b.len; len++) {
		uint8_t *copy = malloc(len ? len : 1);

		memcpy(copy, f.b.data, len);
		assert_int_equal(ks_owners_init(o, copy, len, &f.va, &why), -EBADMSG);
		free(copy);
	}
	va = f.va;
	va.nr = 299;
	assert_int_equal(ks_owners_init(o, f.b.data, f.b.len, &va, &why), -EBADMSG);
	assert_non_null(strstr(why, "other symbols"));
	free(o);
	release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_and_owners_come_back),
		cmocka_unit_test(addresses_have_four_forms),
		cmocka_unit_test(owners_have_names),
		cmocka_unit_test(paddings_take_half_a_byte),
		cmocka_unit_test(lookup_finds_what_covers),
		cmocka_unit_test(altered_tables_are_refused),
		cmocka_unit_test(shortened_and_foreign_tables_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
