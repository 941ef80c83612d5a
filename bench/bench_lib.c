// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench_lib INDEX: lookups in the library, one thread, random order.
 * Prints nanoseconds for each: by address with name, by name, and for walking all.
 */
#include <ksym/ksym.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NR_QUERIES 1000000
#define NR_ROUNDS 5

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* A fixed pseudo-random sequence: the same queries in every run. */
static uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

struct queries {
	uint64_t *vas;
	char **names;
};

static struct queries make_queries(const struct ksym_index *idx, uint32_t nr_symbols)
{
	struct queries q = { malloc(NR_QUERIES * sizeof(*q.vas)),
			     malloc(NR_QUERIES * sizeof(*q.names)) };
	uint64_t state = 1;
	struct ksym_symbol s;

	for (int i = 0; i < NR_QUERIES; i++) {
		ksym_index_symbol(idx, next_random(&state) % nr_symbols, &s);
		q.vas[i] = s.va + (s.len ? next_random(&state) % s.len : 0);
		q.names[i] = strdup(s.name);
	}
	return q;
}

int main(int argc, char **argv)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	double at = 1e9, name = 1e9, walk = 1e9;
	struct ksym_index *idx;
	struct ksym_error err;
	struct ksym_symbol s;
	struct queries q;
	unsigned long sum = 0;

	if (argc != 2 || ksym_index_open(argv[1], &idx, &err)) {
		fprintf(stderr, "bench_lib: %s\n", argc == 2 ? err.text : "expected INDEX");
		return 2;
	}
	ksym_index_info(idx, &info);
	q = make_queries(idx, info.nr_symbols);
	for (int round = 0; round < NR_ROUNDS; round++) {
		double t[4] = { now() };

		for (int i = 0; i < NR_QUERIES; i++)
			sum += ksym_index_at(idx, q.vas[i], &s) ? s.name_len : 0;
		t[1] = now();
		for (int i = 0; i < NR_QUERIES; i++)
			sum += ksym_index_named(idx, q.names[i], strlen(q.names[i]), 0, &s);
		t[2] = now();
		for (uint32_t i = 0; ksym_index_symbol(idx, i, &s); i++)
			sum += s.name_len;
		t[3] = now();
		at = t[1] - t[0] < at ? t[1] - t[0] : at;
		name = t[2] - t[1] < name ? t[2] - t[1] : name;
		walk = t[3] - t[2] < walk ? t[3] - t[2] : walk;
	}
	printf("lib-at    %.0f ns an address, name included\n", at / NR_QUERIES * 1e9);
	printf("lib-name  %.0f ns a name\n", name / NR_QUERIES * 1e9);
	printf("lib-walk  %.0f ns a symbol\n", walk / info.nr_symbols * 1e9);
	return sum == 0;
}
