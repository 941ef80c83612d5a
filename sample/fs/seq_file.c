// SPDX-License-Identifier: LGPL-2.1-or-later
#include "../include/sample.h"

static __used int s_next(int x)
{
	return x - 1;
}

int seq_read(int x)
{
	return s_next(x) + s_next(x + 2);
}
