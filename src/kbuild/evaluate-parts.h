/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pieces of evaluate.c. */
#ifndef KS_KBUILD_EVALUATE_PARTS_H
#define KS_KBUILD_EVALUATE_PARTS_H

#include "base/file.h"
#include "base/strpool.h"
#include "base/vec.h"
#include "kbuild/evaluate.h"

/* ------------------------------------------------------------------ text */

struct ks_text {
	char *data;
	size_t len, cap;
	bool nomem;		/* sticky: ask once, at the end */
};

void ks_text_add(struct ks_text *t, const char *s, size_t len);
void ks_text_addf(struct ks_text *t, const char *fmt, ...) KSYM_PRINTF(2, 3);
/* The value of a make assignment, such that make takes it literally. */
void ks_text_add_value(struct ks_text *t, const char *s, size_t len);
void ks_text_free(struct ks_text *t);

#define ks_cleanup_text __attribute__((cleanup(ks_text_free)))

static inline void ks_string_free(char **s)
{
	free(*s);
}

#define ks_cleanup_string __attribute__((cleanup(ks_string_free)))

/* --------------------------------------------------------------- .config */

struct ks_kconfig {
	struct ks_strpool names;	/* "CONFIG_X" */
	KS_VEC(struct ks_kconfig_value) values;	/* by number of the name */
	const char *arch;		/* SRCARCH as the file tells it, "" if it does not */
	char arch_buf[32];
};

struct ks_kconfig_value {
	const char *s;			/* in the file: y, m, 12, "text"; NULL: not set */
	uint32_t len;
};

/* @f must outlive @c. */
int ks_kconfig_read(struct ks_kconfig *c, const struct ks_file *f,
		    struct ksym_error *err) ks_must_check;
void ks_kconfig_free(struct ks_kconfig *c);
/* 'y', 'm', 'v' for any other value, 'n' */
char ks_kconfig_get(const struct ks_kconfig *c, const char *name, size_t len);
/* As make variables.  @quoted: text keeps its quotes, as before Linux 5.17. */
void ks_kconfig_print(const struct ks_kconfig *c, bool quoted, struct ks_text *out);
/* Directory below arch/ of an ARCH= as people say it: x86_64 is x86. */
const char *ks_kconfig_srcarch(const char *arch);

/* ------------------------------------------------------------------ make */

/* Run make -f @makefile in @dir.  Its standard output, at most 256 MiB, goes to @out,
 * the first line of its diagnostics that tells a reason to @why.  @status is as from
 * waitpid().  Fails only when it could not be run to its end. */
int ks_make_run(const char *dir, const char *makefile, struct ks_text *out, char *why,
		size_t why_len, int *status, struct ksym_error *err) ks_must_check;

/* --------------------------------------------------------------- sources */

/* Looks for MODULE_LICENSE() in sources.  Remembers the files it saw. */
struct ks_license {
	const char *source_tree;
	const struct ks_kconfig *config;
	struct ks_strpool files;
	KS_VEC(uint8_t) seen;		/* by number of the file */
};

/* Does the source of @object (its path in the build tree) make modinfo? */
int ks_license_find(struct ks_license *l, const char *object, bool *found,
		    struct ksym_error *err) ks_must_check;
void ks_license_free(struct ks_license *l);

/* Does @text, C or Rust, declare a license where the configuration lets it?  Here
 * quoted includes are given to @include, which may be NULL. */
typedef bool (*ks_license_include_fn)(void *arg, const char *path, size_t len);
bool ks_license_in_c(const struct ks_kconfig *config, const char *text, size_t len,
		     ks_license_include_fn include, void *arg);
bool ks_license_in_rust(const char *text, size_t len);

/* ----------------------------------------------------------------- paths */

/* Resolve "." and ".." and doubled slashes in place; false when it leads out. */
bool ks_path_normalise(char *path);

#endif
