// SPDX-License-Identifier: LGPL-2.1-or-later
#include "../../../include/sample.h"

int lio_get_channels(int x);

static __used int lio_get_msglevel(int x)
{
	return x & 15;
}

int lio_get_channels(int x)
{
	return lio_get_msglevel(x) + 2;
}
