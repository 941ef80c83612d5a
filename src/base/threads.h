/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several threads at one piece of work, and which of their failures counts. */
#ifndef KS_BASE_THREADS_H
#define KS_BASE_THREADS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include "base/error.h"

/*
 * Call @fn once for each of @nr arguments, which lie @size bytes apart from @args on (0: they
 * are one): each by a thread, the first by the caller, who also does those that no thread could
 * be had for.  Returns when all are done.
 */
void ks_threads_run(unsigned int nr, void *(*fn)(void *), void *args, size_t size);

/* Of all units that fail, the first decides, whatever the threads do. */
struct ks_failure {
	atomic_uint unit;		/* UINT32_MAX: none did; later ones need not be tried */
	pthread_mutex_t lock;
	int ret;
	struct ksym_error err;		/* if ret is negative */
};

void ks_failure_init(struct ks_failure *f);
/* @unit fails with @ret, and @err when that is negative. */
void ks_failure_note(struct ks_failure *f, uint32_t unit, int ret, const struct ksym_error *err);
/* What decides, once all threads are done: 0 when nothing failed. */
int ks_failure_get(const struct ks_failure *f, struct ksym_error *err) ks_must_check;

#endif
