/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One file of /sys/kernel/btf.  A function has a name there and no more; a variable has its
 * place in a section, which is an address where it is known where the section begins.
 */
#ifndef KS_LIVE_BTF_H
#define KS_LIVE_BTF_H

#include "btf/file.h"
#include "live/live.h"

/* The section that a kernel's own BTF has variables of, and the symbol where it begins. */
#define KS_LIVE_PERCPU		".data..percpu"
#define KS_LIVE_PERCPU_START	"__per_cpu_start"

struct ks_live_var {
	uint64_t va;
	uint32_t id, len;	/* VAR; size in bytes */
};

struct ks_live_named {
	uint32_t id, next;	/* FUNC or VAR; as in heads */
	uint32_t len;		/* of a VAR */
};

struct ks_live_btf {
	struct ksym_btf *btf;
	KS_VEC(struct ks_live_var) placed;	/* variables of known address, by address */
	/* Functions and variables of unknown address by name: */
	uint32_t *heads;	/* position in named + 1, 0 = none */
	uint32_t mask;
	KS_VEC(struct ks_live_named) named;
};

/* Where a section begins now; false when that is not known. */
typedef bool (*ks_live_section_fn)(void *arg, const char *name, uint64_t *va);

/* /sys/kernel/btf/@name, on @base, which may be NULL, as may @section when of none it is known
 * where it begins.  -ENOENT: not there. */
int ks_live_btf_open(struct ks_live_btf **out, const struct ksym_live *l, const char *name,
		     const struct ksym_btf *base, ks_live_section_fn section, void *arg,
		     struct ksym_error *err) ks_must_check;
/* The same of what can be done without: what is there but cannot be read is told, and *@out, which
 * is NULL before, stays so. */
int ks_live_btf_try(struct ks_live_btf **out, const struct ksym_live *l, const char *name,
		    const struct ks_live_btf *base, ks_live_section_fn section, void *arg,
		    struct ksym_error *err) ks_must_check;
void ks_live_btf_close(struct ks_live_btf *b);

/* Does a VAR of this name make the symbol?  Those static in functions are name.NUMBER. */
bool ks_live_is_var(const char *var, const char *symbol, size_t len);

/* The variable at @va that the symbol can be; NULL when there is none. */
const struct ks_live_var *ks_live_btf_at(const struct ks_live_btf *b, uint64_t va,
					 const char *symbol, size_t len);

/* The next FUNC, or VAR of unknown address, called so, behind *@pos, which is 0 at first; NULL
 * when that was all. */
const struct ks_live_named *ks_live_btf_named(const struct ks_live_btf *b, unsigned int kind,
					      const char *name, size_t len, uint32_t *pos);

#endif
