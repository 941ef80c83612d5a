// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/mount.h"

int ks_bpf_pin(const struct ksym_live *l, const char *file, struct ksym_error *err)
{
	(void)l;
	return ks_error(err, -ENOSYS,
			"%s: this ksym was built without its BPF part, which takes libbpf and clang (meson setup -Dbpf=enabled)",
			file);
}
