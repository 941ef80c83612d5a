/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of /proc/kallsyms, or of a copy of it that anybody may have written:
 *
 *	ffffffff811630c0 t s_next
 *	ffffffffc0409bf0 t veth_open<TAB>[veth]
 */
#ifndef KS_LIVE_KALLSYMS_H
#define KS_LIVE_KALLSYMS_H

#include "base/file.h"

struct ks_kallsyms {
	struct ks_lines lines;
	const char *path;
	bool is_kallmodsyms;	/* "address size type name", and a blank before the rest */
};

struct ks_kallsyms_line {
	uint64_t va, len;		/* len: of kallmodsyms only */
	const char *name, *module;	/* not terminated */
	uint32_t name_len, module_len;	/* module_len 0: of the kernel itself */
	char type;
};

static inline struct ks_kallsyms ks_kallsyms(const struct ks_file *f)
{
	return (struct ks_kallsyms){ ks_lines(f), f->path, false };
}

/* The same of /proc/kallmodsyms, of which module and object are left out. */
static inline struct ks_kallsyms ks_kallmodsyms(const struct ks_file *f)
{
	return (struct ks_kallsyms){ ks_lines(f), f->path, true };
}

/* 1: *@out is the next symbol; 0: that was all; -EBADMSG: a line of another form.
 * Names are of printable bytes, at most KS_NAME_MAX of them. */
int ks_kallsyms_next(struct ks_kallsyms *k, struct ks_kallsyms_line *out,
		     struct ksym_error *err) ks_must_check;

#endif
