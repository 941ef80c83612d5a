/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_LIVE_MOUNT_H
#define KS_LIVE_MOUNT_H

#include "live/live.h"

/* Load the iterator and pin it as @file, which is in a BPF file system.  In mount_bpf.c,
 * or mount_none.c where that was not built. */
int ks_bpf_pin(const struct ksym_live *l, const char *file, struct ksym_error *err) ks_must_check;

#endif
