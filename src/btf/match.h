/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which types are the same?  Two are, when they say the same by themselves and what they
 * refer to is the same, which may lead back to them: so all pairs that could be are taken
 * to be, until one is found not to be; then those that rest on it are not, either.  What
 * one side only declares is the same as a definition of the other.
 */
#ifndef KS_BTF_MATCH_H
#define KS_BTF_MATCH_H

#include "btf/file.h"

/* Let equal types of @t that have names be one.  Names are numbers of strings; @path is for
 * errors. */
int ks_btf_unify(struct ks_btf_types *t, const char *path, struct ksym_error *err) ks_must_check;

/* Leave out of @t what @base has: types are numbered on from its end, and refer to it. */
int ks_btf_split(struct ks_btf_types *t, const struct ks_strpool *strings,
		 const struct ksym_btf *base, const char *path, struct ksym_error *err) ks_must_check;

#endif
