// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench_dwarf FILE [ROUNDS] - seconds of CPU that one thread takes, best of ROUNDS:
 *
 *   visit every DIE     the scanner alone, no attribute wanted
 *   two attributes      DW_AT_name and DW_AT_type of every DIE
 *   units               ks_cus_read(), ranges only
 *   with variables      ks_cus_read() with variables
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "dwarf/scan.h"
#include "dwarf/units.h"

static unsigned int no_slot(unsigned int tag, unsigned int attr, unsigned int form)
{
	(void)tag;
	(void)attr;
	(void)form;
	return KS_SLOT_NONE;
}

static unsigned int two_slots(unsigned int tag, unsigned int attr, unsigned int form)
{
	(void)tag;
	(void)form;
	return attr == DW_AT_name ? 0 : attr == DW_AT_type ? 1 : KS_SLOT_NONE;
}

static unsigned int report(unsigned int tag, uint32_t slots)
{
	(void)tag;
	(void)slots;
	return KS_DIE_REPORT;
}

static const struct ks_pass nothing = { .slot = no_slot, .action = report };
static const struct ks_pass two = { .slot = two_slots, .action = report };

static int count(const struct ks_scan *s, const struct ks_die *die, void *arg)
{
	(void)s;
	(void)die;
	++*(uint64_t *)arg;
	return KS_SCAN_NEXT;
}

/* Add up what was read, so that reading is not optimised away. */
static int sum(const struct ks_scan *s, const struct ks_die *die, void *arg)
{
	uint64_t *totals = arg;

	(void)s;
	totals[0]++;
	for (unsigned int i = 0; i < 2; i++)
		if (die->slots & 1u << i)
			totals[1] += die->v[i].u;
	return KS_SCAN_NEXT;
}

/* Number of DIEs in *@nr. */
static int scan(struct ks_elf *e, const struct ks_pass *pass, uint64_t *nr, struct ksym_error *err)
{
	struct ks_dwarf d = { .e = e };
	uint64_t totals[2] = { 0 };
	struct ks_abbrevs as;
	struct ks_unit u;
	uint64_t off = 0;
	int ret;

	ret = ks_dwarf_load(&d, 1u << KS_DWARF_INFO | 1u << KS_DWARF_ABBREV, err);
	if (ret)
		return ret;
	ret = ks_abbrevs_init(&as, &d, pass, err);
	if (ret)
		return ret;
	while ((ret = ks_unit_read(&d, off, &u, err)) > 0) {
		struct ks_scan s;

		ret = ks_scan_init(&s, &as, &u, err);
		if (!ret)
			ret = pass == &two ? ks_scan_unit(&s, sum, totals, err)
					   : ks_scan_unit(&s, count, totals, err);
		if (ret)
			break;
		off = u.end_off;
	}
	ks_abbrevs_free(&as);
	*nr = totals[0];
	return ret;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

enum { VISIT, TWO, UNITS, VARIABLES, NR_JOBS };
static const char *const job_names[NR_JOBS] = {
	"visit every DIE", "two attributes", "units", "with variables",
};

/* One job on a freshly opened file: what it found, in a sentence in @text. */
static int run(unsigned int job, const char *path, char *text, size_t len, struct ksym_error *err)
{
	struct ks_elf e;
	struct ks_cus c;
	uint64_t nr;
	int ret;

	ret = ks_elf_open(&e, path, err);
	if (ret)
		return ret;
	if (job == VISIT || job == TWO) {
		ret = scan(&e, job == TWO ? &two : &nothing, &nr, err);
		if (!ret)
			snprintf(text, len, "%llu DIEs", (unsigned long long)nr);
	} else {
		ret = ks_cus_read(&c, &e, job == VARIABLES, err);
		if (!ret)
			snprintf(text, len, "%u units, %zu ranges, %zu variables", c.nr_cus,
				 c.nr_ranges, c.nr_vars);
		if (!ret)
			ks_cus_free(&c);
	}
	ks_elf_close(&e);
	return ret;
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 5;

	if (argc < 2 || argc > 3 || rounds < 1) {
		fprintf(stderr, "usage: %s FILE [ROUNDS]\n", argv[0]);
		return 2;
	}
	for (unsigned int job = 0; job < NR_JOBS; job++) {
		double best = 1e9;
		char text[120] = "";

		for (int i = 0; i < rounds; i++) {
			struct ksym_error err;
			double start = seconds();

			if (run(job, argv[1], text, sizeof(text), &err)) {
				fprintf(stderr, "%s\n", err.text);
				return 3;
			}
			if (seconds() - start < best)
				best = seconds() - start;
		}
		printf("%-16s %8.4f s   %s\n", job_names[job], best, text);
	}
	return 0;
}
