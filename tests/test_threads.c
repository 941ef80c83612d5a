// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One index, asked by several threads at the same time.  What each hears must be what
 * a thread on its own hears; that nothing is shared that should not be, the thread
 * sanitizer tells (tests/run-sanitizers).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "fuzz/fuzz.h"
#include "fuzz/image.h"
#include "ksym/versions.h"

#define NR_THREADS 4
#define ROUNDS 50

struct worker {
	struct ksym_index *idx;
	uint64_t sum;
};

static uint64_t mix(uint64_t sum, uint64_t v)
{
	return (sum ^ v) * 0x9e3779b97f4a7c15u;
}

static void count(void *arg, const struct ksym_symbol *sym, enum ksym_ambiguity why)
{
	uint64_t *sum = arg;

	*sum = mix(*sum, sym->index * 8u + (unsigned int)why);
}

/* A number made of everything there is to be asked. */
static uint64_t ask_everything(struct ksym_index *idx)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	struct ksym_check_result r = { .size = sizeof(r) };
	struct ksym_match matches[8];
	struct ksym_symbol s, at;
	struct ksym_error err;
	uint64_t sum = 0;
	char text[256];

	ksym_index_info(idx, &info);
	for (uint32_t i = 0; i < info.nr_symbols; i++) {
		if (!ksym_index_symbol(idx, i, &s))
			return 0;
		ksym_symbol_format(idx, &s, KSYM_FORMAT_IDENTITY, text, sizeof(text));
		for (size_t k = 0; text[k]; k++)
			sum = mix(sum, (unsigned char)text[k]);
		sum = mix(sum, (uint64_t)ksym_index_find(idx, text, matches, 8, &err));
		sum = mix(sum, matches[0].symbol);
		if (ksym_index_at(idx, s.va + 1, &at))
			sum = mix(sum, at.index);
		if (ksym_index_named(idx, s.name, s.name_len, 1, &at))
			sum = mix(sum, at.index);
	}
	if (ksym_index_verify(idx, &err) || ksym_index_check(idx, count, &sum, &r, &err))
		return 0;
	return mix(sum, r.nr_text * 1000u + r.nr_data);
}

static void *work(void *arg)
{
	struct worker *w = arg;

	w->sum = ask_everything(w->idx);
	for (int i = 1; i < ROUNDS; i++)
		if (ask_everything(w->idx) != w->sum)
			w->sum = 0;
	return NULL;
}

static struct ksym_index *build(void)
{
	struct ksym_build_opts o = KSYM_OPTS(o, .no_debug_search = true);
	struct ksym_index *idx = NULL;
	struct ksym_error err = { 0 };
	struct fz_elf e;

	fz_image(&e, ET_EXEC);
	if (ksym_index_build(fz_path(0, e.file, e.file_len), &o, &idx, &err))
		fail_msg("%s", err.text);
	fz_elf_free(&e);
	return idx;
}

static void ask_by_threads(struct ksym_index *idx)
{
	struct worker w[NR_THREADS];
	pthread_t threads[NR_THREADS];
	uint64_t expected = ask_everything(idx);

	assert_true(expected != 0);
	for (int i = 0; i < NR_THREADS; i++) {
		w[i] = (struct worker){ .idx = idx };
		assert_int_equal(pthread_create(&threads[i], NULL, work, &w[i]), 0);
	}
	for (int i = 0; i < NR_THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < NR_THREADS; i++)
		assert_true(w[i].sum == expected);
}

static void threads_hear_the_same_of_a_built_index(void **state)
{
	struct ksym_index *idx = build();

	(void)state;
	ask_by_threads(idx);
	ksym_index_close(idx);
}

static void threads_hear_the_same_of_an_opened_index(void **state)
{
	struct ksym_index *idx = build(), *opened = NULL;
	char path[] = "/tmp/ksym-threads-XXXXXX";
	struct ksym_error err = { 0 };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(ksym_index_write(idx, path, &err), 0);
	assert_int_equal(ksym_index_open(path, &opened, &err), 0);
	unlink(path);
	ask_by_threads(opened);
	ksym_index_close(opened);
	ksym_index_close(idx);
}

/* Building belongs to one thread, but several may build at the same time. */
static void *build_and_ask(void *arg)
{
	static const struct ksym_build_opts o = { .size = sizeof(o), .no_debug_search = true };
	struct worker *w = arg;
	struct ksym_index *idx;
	struct ksym_error err;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", (int)w->sum);
	w->sum = 0;
	if (ksym_index_build(path, &o, &idx, &err))
		return NULL;
	w->sum = ask_everything(idx);
	ksym_index_close(idx);
	return NULL;
}

static void threads_build_indexes_of_their_own(void **state)
{
	struct worker w[NR_THREADS];
	pthread_t threads[NR_THREADS];
	struct ksym_index *idx = build();
	uint64_t expected = ask_everything(idx);
	int fd;
	struct fz_elf e;

	(void)state;
	fz_image(&e, ET_EXEC);
	assert_int_equal(sscanf(fz_path(1, e.file, e.file_len), "/proc/self/fd/%d", &fd), 1);
	fz_elf_free(&e);
	for (int i = 0; i < NR_THREADS; i++) {
		w[i] = (struct worker){ .sum = (uint64_t)fd };
		assert_int_equal(pthread_create(&threads[i], NULL, build_and_ask, &w[i]), 0);
	}
	for (int i = 0; i < NR_THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < NR_THREADS; i++)
		assert_true(w[i].sum == expected);
	ksym_index_close(idx);
}

/* What is found of this program's own functions, by @nr_threads threads, in a number. */
static uint64_t versions_of_this_program(unsigned int nr_threads)
{
	static const char *const symbols[] = {
		"ks_elf_open", "ks_cus_read", "ks_line_table_read", "ks_model_find_owners",
		"ks_tables_init", "ks_strpool_add", "ks_arena_alloc", "ks_loader_unit", "ks_intern",
		"ks_expand_all", "ks_order_walk", "ks_evaluate_tree", "ks_linkmap_read", "main", NULL,
	};
	struct ksym_versions_opts o = KSYM_OPTS(o, .symbols = symbols, .nr_threads = nr_threads,
						.no_debug_search = true);
	struct ksym_versions *v;
	struct ksym_version x;
	struct ksym_error err;
	uint64_t sum = 0;
	uint32_t known = 0;

	if (ksym_versions_read("/proc/self/exe", &o, &v, &err))
		fail_msg("%s", err.text);
	for (uint32_t i = 0; ksym_versions_get(v, i, &x); i++) {
		sum = mix(sum, x.crc);
		known += x.status == KSYM_VERSION_KNOWN;
	}
	ksym_versions_close(v);
	assert_true(known > 5);
	return sum;
}

static void any_number_of_threads_computes_the_same_versions(void **state)
{
	uint64_t expected = versions_of_this_program(1);

	(void)state;
	for (unsigned int nr = 2; nr <= NR_THREADS; nr++)
		assert_true(versions_of_this_program(nr) == expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_hear_the_same_of_a_built_index),
		cmocka_unit_test(threads_hear_the_same_of_an_opened_index),
		cmocka_unit_test(threads_build_indexes_of_their_own),
		cmocka_unit_test(any_number_of_threads_computes_the_same_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
