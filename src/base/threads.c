// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/threads.h"

#include <stdlib.h>

void ks_threads_run(unsigned int nr, void *(*fn)(void *), void *args, size_t size)
{
	pthread_t *threads = nr > 1 ? calloc(nr, sizeof(*threads)) : NULL;
	unsigned int started = 1;

	while (threads && started < nr &&
	       !pthread_create(&threads[started], NULL, fn, (char *)args + started * size))
		started++;
	fn(args);
	for (unsigned int i = started; i < nr; i++)
		fn((char *)args + i * size);
	for (unsigned int i = 1; i < started; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}

void ks_failure_init(struct ks_failure *f)
{
	*f = (struct ks_failure){ .lock = PTHREAD_MUTEX_INITIALIZER };
	atomic_init(&f->unit, UINT32_MAX);
}

void ks_failure_note(struct ks_failure *f, uint32_t unit, int ret, const struct ksym_error *err)
{
	pthread_mutex_lock(&f->lock);
	if (unit < atomic_load(&f->unit)) {
		atomic_store(&f->unit, unit);
		f->ret = ret;
		if (ret < 0)
			f->err = *err;
	}
	pthread_mutex_unlock(&f->lock);
}

int ks_failure_get(const struct ks_failure *f, struct ksym_error *err)
{
	if (f->ret < 0 && err)
		*err = f->err;
	return f->ret;
}
