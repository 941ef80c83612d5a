// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The stages from debug information to versions, one by one, on one thread.  Best of some
 * rounds, CPU time.   bench_types FILE [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "versions/job.h"

enum stage { STAGE_OPEN, STAGE_MATCH, STAGE_LOAD, STAGE_GRAPH, STAGE_TEXTS, STAGE_EXPAND, NR_STAGES };

static const char *const stage_names[NR_STAGES] = {
	[STAGE_OPEN] = "open",		/* sections, symbols, headers of units */
	[STAGE_MATCH] = "match",	/* DIEs of exported symbols */
	[STAGE_LOAD] = "load",		/* nodes of all units that have some */
	[STAGE_GRAPH] = "graph",	/* what they reach, walked and interned */
	[STAGE_TEXTS] = "texts",	/* the longest text of each type */
	[STAGE_EXPAND] = "versions",
};

struct bench {
	struct ksym_versions_opts opts;
	struct ksym_error err;
	struct ks_elf image;
	struct ks_job job;
	struct ks_worker worker;
	struct ks_typemap map;
	struct ks_symtext_writer writer;
	double spent[NR_STAGES];
	uint64_t nr_nodes;
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void warn(void *arg, const char *name)
{
	(void)arg;
	(void)name;
}

static int open_image(struct bench *b, const char *path)
{
	struct ks_job *j = &b->job;
	int ret = ks_elf_open(&b->image, path, &b->err);

	if (ret)
		return ret;
	*j = (struct ks_job){ .opts = &b->opts, .err = &b->err, .image = &b->image, .debug = &b->image,
			      .d = { .e = &b->image } };
	ret = ks_exports_read(&j->exports, &b->image, true, &b->err);
	if (!ret)
		ret = ks_exports_locate(&j->exports, &b->image, warn, NULL, &b->err);
	if (!ret)
		ret = ks_dwarf_load(&j->d, ~(1u << KS_DWARF_RANGES | 1u << KS_DWARF_RNGLISTS |
					     1u << KS_DWARF_ADDR | KS_DWARF_SET_LOCATIONS), &b->err);
	return ret ? ret : ks_units_read(&j->units, &j->d, &b->err);
}

/* Loading and the graph take turns, unit by unit. */
static int read_types(struct bench *b)
{
	struct ks_job *j = &b->job;
	struct ks_worker *w = j->workers;
	int ret = ks_job_start_types(w);
	double start;

	for (uint32_t first = 0, nr; first < j->roots.v.len && !ret; first += nr) {
		uint32_t unit = j->roots.v.data[first].unit;

		for (nr = 1; first + nr < j->roots.v.len && j->roots.v.data[first + nr].unit == unit; nr++)
			;
		start = seconds();
		ret = ks_job_load_unit(w, unit, first, nr);
		b->spent[STAGE_LOAD] += seconds() - start;
		b->nr_nodes += w->types.nodes.len;
		start = seconds();
		if (!ret)
			ret = ks_job_intern_unit(w, unit, first, nr);
		b->spent[STAGE_GRAPH] += seconds() - start;
	}
	return ret;
}

static int write_texts(struct bench *b)
{
	struct ks_job *j = &b->job;
	int ret;

	b->map.path = b->image.path;
	b->writer = (struct ks_symtext_writer){ .g = &j->workers[0].graph, .type_names = &b->map.names,
						.max_len = UINT64_MAX, .err = &b->err,
						.path = b->image.path };
	ret = ks_typemap_add_types(&b->map, &b->writer, 1, &b->err);
	for (size_t i = 0; i < j->roots.v.len && !ret; i++)
		ret = ks_typemap_add_symbol(&b->map, &b->writer, NULL, j->shapes[i].shape, &b->err);
	return ret ? ret : ks_typemap_finish(&b->map, &b->err);
}

static int expand(struct bench *b)
{
	uint32_t *crcs = calloc(b->map.symbols.len + 1, sizeof(*crcs));
	struct ks_expander *e = NULL;
	int ret = crcs ? ks_expander_open(&e, &b->map, &b->err) : -ENOMEM;

	if (!ret)
		ret = ks_expand_all(e, NULL, crcs, 1, &b->err);
	ks_expander_close(e);
	free(crcs);
	return ret;
}

static int run(struct bench *b, const char *path)
{
	double start = seconds();
	int ret = open_image(b, path);

	b->spent[STAGE_OPEN] = seconds() - start;
	b->job.nr_workers = 1;
	b->job.workers = calloc(1, sizeof(*b->job.workers));
	if (!ret && !b->job.workers)
		return -ENOMEM;
	if (b->job.workers)
		b->job.workers->job = &b->job;
	start = seconds();
	if (!ret)
		ret = ks_job_match(&b->job);
	b->spent[STAGE_MATCH] = seconds() - start;
	if (!ret) {
		b->job.shapes = calloc(b->job.roots.v.len + 1, sizeof(*b->job.shapes));
		ret = b->job.shapes ? read_types(b) : -ENOMEM;
	}
	start = seconds();
	if (!ret)
		ret = write_texts(b);
	b->spent[STAGE_TEXTS] = seconds() - start;
	start = seconds();
	if (!ret)
		ret = expand(b);
	b->spent[STAGE_EXPAND] = seconds() - start;
	return ret;
}

static void stop(struct bench *b)
{
	ks_symtext_writer_free(&b->writer);
	ks_typemap_free(&b->map);
	ks_job_free(&b->job);
	ks_elf_close(&b->image);
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 5;
	double best[NR_STAGES];

	if (argc < 2 || argc > 3 || rounds < 1) {
		fprintf(stderr, "usage: %s FILE [ROUNDS]\n", argv[0]);
		return 2;
	}
	for (int i = 0; i < rounds; i++) {
		struct bench b = { .opts = KSYM_OPTS(b.opts), .image = { .fd = -1 } };

		if (run(&b, argv[1])) {
			fprintf(stderr, "%s\n", b.err.text);
			return 3;
		}
		for (int s = 0; s < NR_STAGES; s++)
			if (!i || b.spent[s] < best[s])
				best[s] = b.spent[s];
		if (i == rounds - 1)
			printf("%llu nodes, %zu symbols with %zu DIEs, %zu types\n",
			       (unsigned long long)b.nr_nodes, b.job.exports.v.len, b.job.roots.v.len,
			       b.map.types.len);
		stop(&b);
	}
	for (int s = 0; s < NR_STAGES; s++)
		printf("%-16s %8.4f s\n", stage_names[s], best[s]);
	return 0;
}
