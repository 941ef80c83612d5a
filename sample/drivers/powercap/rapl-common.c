// SPDX-License-Identifier: LGPL-2.1-or-later
#include "../../include/sample.h"

static __used int event_update(int x)
{
	return x * x + 1;
}

int rapl_probe(int x)
{
	return event_update(x);
}
MODULE_LICENSE("GPL");
