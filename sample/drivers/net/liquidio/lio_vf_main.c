// SPDX-License-Identifier: LGPL-2.1-or-later
#include "../../../include/sample.h"

int lio_get_channels(int x);

static __used int free_netbuf(int x)
{
	sample_sink = x;
	return x + __LINE__;
}

int lio_vf_probe(int x)
{
	return free_netbuf(x) + lio_get_channels(x);
}
MODULE_LICENSE("GPL");
