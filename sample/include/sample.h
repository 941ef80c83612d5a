/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SAMPLE_H
#define SAMPLE_H

#define __init __attribute__((section(".init.text"), noinline, used))
#define __used __attribute__((noinline, used))

extern volatile int sample_sink;

#define MODULE_LICENSE(x) \
	static const char sample_license[] __attribute__((used, section(".modinfo"))) = "license=" x

#endif
