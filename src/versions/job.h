/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The steps from an image to versions:
 *
 *   symbols  (symbols.c, exports.c)  which symbols, and which are at one address
 *   match    (match.c)               DIEs that tell about them, unit by unit
 *   choose   (match.c)               the first of each
 *   types    (types/)                the types of units with such DIEs, into graphs
 *   texts    (symtext.c, typemap.c)     the longest text of each type
 *   expand   (expand.c)              a checksum for each symbol
 *
 * Match and types are done by workers, each of which takes units in turn and has a graph
 * of its own.
 */
#ifndef KS_VERSIONS_JOB_H
#define KS_VERSIONS_JOB_H

#include <stdatomic.h>
#include "base/threads.h"
#include "ksym/versions.h"
#include "types/intern.h"
#include "types/load.h"
#include "versions/expand.h"
#include "versions/match.h"
#include "versions/order.h"
#include "versions/result.h"
#include "versions/typemap.h"

struct ks_job {
	const struct ksym_versions_opts *opts;
	struct ksym_error *err;
	struct ks_elf *image;		/* has the symbols */
	struct ks_elf *debug;		/* has the types */
	struct ks_dwarf d;
	struct ks_exports exports;
	struct ks_kabi kabi;
	struct ks_units units;
	struct ks_hits *hits;		/* of each unit */
	struct ks_roots roots;
	struct ks_job_root {
		uint32_t worker;	/* in whose graph the shape is */
		ks_ref shape;
	} *shapes;			/* of each root */
	struct ks_reason *reasons;	/* of each symbol that has no root */
	struct ks_arena arena;		/* for them */
	struct ks_worker *workers;
	unsigned int nr_workers;
	/* Units with roots, the largest first, and the roots of each. */
	struct ks_job_unit {
		uint32_t unit;
		uint32_t first_root, nr_roots;
	} *todo;
	size_t nr_todo;
	atomic_size_t next;		/* to be taken by a worker */
	struct ks_failure failure;	/* of the first unit that failed, or wants all others */
};

struct ks_worker {
	struct ks_job *job;
	uint32_t number;
	struct ks_matcher matcher;
	struct ks_loader loader, bodies_loader;
	struct ks_types types;
	struct ks_graph graph;
	struct ks_order order;
	struct ks_interner interner;
	KS_VEC(uint64_t) offs;
	KS_VEC(uint32_t) nodes, units;	/* of roots: their nodes, and where they were found */
	struct ksym_error err;
};

int ks_job_match(struct ks_job *j) ks_must_check;
int ks_job_types(struct ks_job *j) ks_must_check;
void ks_job_free(struct ks_job *j);

/* The parts of ks_job_types(): a worker begins; nodes of a unit, whose roots are @nr from
 * @first on; what these reach goes into the worker's graph. */
int ks_job_start_types(struct ks_worker *w) ks_must_check;
int ks_job_load_unit(struct ks_worker *w, uint32_t unit, size_t first, size_t nr) ks_must_check;
int ks_job_intern_unit(struct ks_worker *w, uint32_t unit, size_t first, size_t nr) ks_must_check;

/* Fill ->reasons; by one of the workers while the others read types. */
int ks_job_reasons(struct ks_job *j, struct ksym_error *err) ks_must_check;

/* What gendwarfksyms --dump-dies prints for the roots of one struct ks_types. */
int ks_dump_roots(const struct ks_types *t, const uint32_t *roots, size_t nr_roots,
		  ksym_write_fn write, void *arg, struct ksym_error *err) ks_must_check;

#endif
