// SPDX-License-Identifier: LGPL-2.1-or-later
#include "../../include/sample.h"

static volatile int counter = 2;
int nr_running;

static __used int init_once(int x)
{
	static int calls = 5;

	calls ^= x;
	return calls * counter;
}

static __used int s_next(int x)
{
	return x + nr_running;
}

int schedule(int x)
{
	return init_once(x) + s_next(x);
}

__attribute__((weak)) int arch_hook(void)
{
	return 7;
}
