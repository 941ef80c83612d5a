/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors: a negative errno value is returned, the sentence goes to the caller. */
#ifndef KS_BASE_ERROR_H
#define KS_BASE_ERROR_H

#include <errno.h>
#include "ksym/ksym.h"

#define ks_must_check __attribute__((warn_unused_result))
#define ks_unlikely(x) __builtin_expect(!!(x), 0)
#define ks_likely(x) __builtin_expect(!!(x), 1)
#define ks_cold __attribute__((cold, noinline))

/* Store a sentence, return @code.  @err may be NULL.  Control bytes that came
 * from the input are replaced, so the sentence is safe to print. */
ks_cold int ks_error(struct ksym_error *err, int code, const char *fmt, ...) KSYM_PRINTF(3, 4);

/* The same for a failed system call on @path: "@path: @what: strerror". */
ks_cold int ks_error_errno(struct ksym_error *err, int errnum, const char *path, const char *what);

/* Out of memory. */
ks_cold int ks_error_nomem(struct ksym_error *err);

#endif
