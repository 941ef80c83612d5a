// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int ks_error(struct ksym_error *err, int code, const char *fmt, ...)
{
	if (!err)
		return code;

	va_list ap;

	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	for (char *p = err->text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	return code;
}

int ks_error_errno(struct ksym_error *err, int errnum, const char *path, const char *what)
{
	char buf[128];

	/* GNU strerror_r: returns the text, wherever it is. */
	return ks_error(err, -errnum, "%s: %s: %s", path, what,
			strerror_r(errnum, buf, sizeof(buf)));
}

int ks_error_nomem(struct ksym_error *err)
{
	return ks_error(err, -ENOMEM, "out of memory");
}
