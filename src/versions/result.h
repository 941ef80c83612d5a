/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Versions as they are when all is done: computed, or taken from an index. */
#ifndef KS_VERSIONS_RESULT_H
#define KS_VERSIONS_RESULT_H

#include "ksym/versions.h"
#include "versions/expand.h"
#include "versions/typemap.h"

/* Why a symbol, of which nothing was found, has no version. */
struct ks_reason {
	enum ksym_version_status status;
	const char *unit;
};

struct ksym_versions {
	char *path;
	bool stable;			/* kABI rules were minded */
	struct ks_strpool names;	/* of symbols: numbers are ours */
	struct ks_typemap map;
	struct ks_expander *expander;
	struct ks_arena arena;
	uint32_t nr;
	struct ks_version_result {
		uint32_t text;		/* in map.symbols, UINT32_MAX: none */
		uint32_t crc;
		uint32_t place;
		bool gpl;
		const char *name_space;
		struct ks_reason reason;
	} *results;
};

/* Fill @v from the index @v->path. */
int ks_versions_read_index(struct ksym_versions *v, const struct ksym_versions_opts *o,
			   struct ksym_error *err) ks_must_check;

/* What its table has when it is not compressed: written, and read. */
int ks_versions_write_raw(const struct ksym_versions *v, ksym_write_fn fn, void *arg,
			  struct ksym_error *err) ks_must_check;
int ks_versions_parse(struct ksym_versions *v, const void *raw, size_t len,
		      struct ksym_error *err) ks_must_check;

#endif
