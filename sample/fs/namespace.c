// SPDX-License-Identifier: LGPL-2.1-or-later
#include "../include/sample.h"

static __used int s_next(int x)
{
	return x << 2;
}

int copy_tree(int x)
{
	return s_next(x);
}
