// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/opts.h"

#include <string.h>

int ks_opts_copy(void *dst, size_t dst_len, const void *src, struct ksym_error *err)
{
	size_t size;

	memset(dst, 0, dst_len);
	if (src) {
		memcpy(&size, src, sizeof(size));
		if (size < sizeof(size))
			return ks_error(err, -EINVAL, "an options structure has no size");
		for (size_t i = dst_len; i < size; i++)
			if (((const char *)src)[i])
				return ks_error(err, -EINVAL,
						"an option is set that this library does not know");
		memcpy(dst, src, size < dst_len ? size : dst_len);
	}
	memcpy(dst, &dst_len, sizeof(dst_len));
	return 0;
}
