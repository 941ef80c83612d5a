/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions and variables: which of them BTF describes, and how. */
#ifndef KS_BTF_OBJECTS_H
#define KS_BTF_OBJECTS_H

#include "btf/emit.h"
#include "ksym/btf.h"

struct ks_objects {
	struct ks_emit *e;
	struct ks_btf_collection *c;
	const struct ks_btf_symbols *s;
	struct ks_elf *elf;		/* has the sections and the symbols */
	const ks_ref *refs;		/* items of shapes */
	const struct ksym_btf_opts *opts;
	struct ksym_btf_info *info;	/* of what was left out */
	struct ksym_error *err;
};

/* FUNC, FUNC_PROTO and their tags. */
int ks_emit_functions(struct ks_objects *o) ks_must_check;
/* VAR, DATASEC and their tags. */
int ks_emit_variables(struct ks_objects *o) ks_must_check;

/* Tags of type @id, which are those of a function or variable: of shape @shape. */
int ks_emit_object_tags(struct ks_objects *o, ks_ref shape, uint32_t id) ks_must_check;
int ks_emit_tag(struct ks_objects *o, const char *text, uint32_t id, int32_t part) ks_must_check;

#endif
