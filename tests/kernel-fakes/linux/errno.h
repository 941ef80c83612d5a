/* SPDX-License-Identifier: GPL-2.0-only */
/* The C library includes this name as well, for the numbers alone. */
#include <asm/errno.h>
