// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Linked with the assembly that `ksym kallsyms --owners` prints (6.1 with --base-relative,
 * or 6.12), prints what /proc/kallmodsyms of that kernel would; with an argument, looks up
 * that many addresses and prints nanoseconds for each.
 *
 *   cc -no-pie -DBITS_PER_LONG=64 -Isrc reader.c src/tables/{owners,line}.c tables.S \
 *      -Wl,--defsym=_text=0x...
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "tables/line.h"
#include "tables/owners.h"

extern const int kallsyms_offsets[];
extern const uint8_t kallsyms_names[];
extern const unsigned int kallsyms_num_syms;
extern const unsigned long kallsyms_relative_base;
extern const char kallsyms_token_table[];
extern const uint16_t kallsyms_token_index[];
extern const uint8_t kallsyms_owners[], kallsyms_owners_end[];

static size_t expand(const uint8_t **p, char *buf)
{
	unsigned int len = *(*p)++;
	size_t n = 0;

	if (len & 0x80)
		len = (len & 0x7f) | (unsigned int)*(*p)++ << 7;
	while (len--)
		for (const char *t = &kallsyms_token_table[kallsyms_token_index[*(*p)++]]; *t; t++)
			buf[n++] = *t;
	return n;
}

static void print_all(const struct ks_owners *o)
{
	const uint8_t *p = kallsyms_names;
	struct ks_own_iter it;
	struct ks_own_names w;
	struct ks_line l;
	char name[2048], line[4096];
	uint64_t len;
	uint32_t owner;

	ks_owners_seek(o, &it, 0);
	for (uint32_t i = 0; i < o->nr_symbols; i++) {
		size_t n = expand(&p, name);

		if (!ks_owners_next(o, &it, &len, &owner))
			exit(3);
		ks_owners_names(o, owner, &w);
		ks_line_start(&l, line, sizeof(line), KS_LINE_FULL);
		ks_line_symbol(&l, 16, ks_owners_va(o, i), len, name[0], name + 1, n - 1);
		for (; w.nr_modules; w.nr_modules--, w.modules += strlen(w.modules) + 1)
			ks_line_module(&l, w.modules, strlen(w.modules));
		if (w.object)
			ks_line_object(&l, w.object, strlen(w.object));
		ks_line_end(&l);
		puts(line);
	}
}

static void look_up(const struct ks_owners *o, unsigned long nr)
{
	uint64_t first = ks_owners_va(o, o->nr_symbols / 4), span, sum = 0, seed = 1, len;
	struct timespec a, b;
	uint32_t owner;

	span = ks_owners_va(o, o->nr_symbols / 2) - first;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (unsigned long i = 0; i < nr; i++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		sum += ks_owners_at(o, first + (seed >> 20) % span, &len, &owner);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	printf("%.0f ns an address%s\n",
	       ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / (double)nr,
	       sum ? "" : "?");
}

int main(int argc, char **argv)
{
	/* x86-64 before 6.15 counts from the base downwards. */
	struct ks_own_addresses va = { .offsets = kallsyms_offsets, .base = kallsyms_relative_base,
				       .nr = kallsyms_num_syms, .absolute_percpu = ABSOLUTE_PERCPU };
	static struct ks_owners o;
	const char *why;

	if (ks_owners_init(&o, kallsyms_owners, (size_t)(kallsyms_owners_end - kallsyms_owners),
			   &va, &why)) {
		fprintf(stderr, "%s\n", why);
		return 3;
	}
	if (argc > 1)
		look_up(&o, strtoul(argv[1], NULL, 0));
	else
		print_all(&o);
	return 0;
}
