// SPDX-License-Identifier: LGPL-2.1-or-later
#include "../include/sample.h"

__attribute__((cold, noinline)) static void complain(int x)
{
	sample_sink = x * 3;
}

int warn_slowpath(int x)
{
	if (__builtin_expect(x > 100, 0)) {
		complain(x);
		complain(x + sample_sink);
		sample_sink = 17;
	}
	return sample_sink + x;
}
