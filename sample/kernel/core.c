// SPDX-License-Identifier: LGPL-2.1-or-later
#include "../include/sample.h"

volatile int sample_sink;
static volatile int counter = 1;

static __used int init_once(int x)
{
	static int calls = 3;

	calls += x;
	return calls + counter;
}

int start_kernel(int x)
{
	return init_once(x) + 1;
}

static int __init core_setup(void)
{
	sample_sink = init_once(4);
	return 0;
}
