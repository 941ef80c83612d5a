/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The running kernel, as /proc and /sys show it, and what is known of it from files.
 * Every path is below the sysroot, so that a recorded tree does as well.
 *
 *   live.c      what is there
 *   search.c    the index, in the usual places
 *   kallsyms.c  lines of /proc/kallsyms
 *   btf.c       what is in a file of BTF
 *   modules.c   loaded modules, by their own indexes
 *   merge.c     one index of everything, at the addresses of now
 *   types.c     types of symbols
 *   probe.c     probes that hit one symbol
 *   ftrace.c    available_filter_functions
 *   mount.c     the BPF iterator
 */
#ifndef KS_LIVE_LIVE_H
#define KS_LIVE_LIVE_H

#include "base/file.h"
#include "base/vec.h"
#include "ksym/ksym.h"
#include "tables/notes.h"

struct ksym_live {
	struct ksym_live_opts opts;	/* strings in it are the live's own */
	char *sysroot;			/* "" for the machine itself; no slash at its end */
	char *release;
	uint8_t build_id[KS_BUILD_ID_MAX];
	uint32_t build_id_len;
	struct ksym_index *index;	/* NULL when none was found */
	char *index_path;
	char *index_why;		/* why not, a line for each candidate */
	char *iterator_path;
	char *builtin_path[4];		/* enum ks_live_builtin */
	struct ksym_live_info info;
};

enum ks_live_builtin { KS_LIVE_BUILTIN, KS_LIVE_MODINFO, KS_LIVE_RANGES, KS_LIVE_OBJS };

/* "SYSROOT" followed by what the format makes; from malloc(), NULL without memory. */
char *ks_live_path(const struct ksym_live *l, const char *fmt, ...) KSYM_PRINTF(2, 3);

/* Open a file that need not be there: 1 and *@f is open, 0 when it cannot be read, or
 * -ENOMEM.  *@path_out, to be freed by the caller, outlives @f. */
int ks_live_file(const struct ksym_live *l, const char *path, struct ks_file *f, char **path_out,
		 struct ksym_error *err) ks_must_check;

/* Can the name of a module, which anybody may have written, be part of a path? */
static inline bool ks_live_is_module_name(const char *name)
{
	return name[0] != '.' && !strchr(name, '/');
}

/* Looks for the index; not finding one is no error. */
int ks_live_search(struct ksym_live *l, struct ksym_error *err) ks_must_check;
/* The same of a module by its build ID; *@idx stays NULL when there is none. */
int ks_live_search_module(const struct ksym_live *l, const uint8_t *id, uint32_t id_len,
			  struct ksym_index **idx, struct ksym_error *err) ks_must_check;

#endif
