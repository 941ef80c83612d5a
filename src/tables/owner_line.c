// SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only
#include "line.h"
#include "reader.h"

void ks_line_owner(struct ks_line *l, const struct ks_tables *t, uint32_t object, bool is_text)
{
	struct ks_obj o;
	const char *s;

	if (!ks_tables_object(t, object, &o))
		return;
	for (uint32_t n = 0; n < o.nr_modules; n++) {
		s = ks_tables_object_module(t, o.first_module + n);
		if (s)
			ks_line_module(l, s, strlen(s));
	}
	s = is_text ? o.text_suffix : o.data_suffix;
	if (s)
		ks_line_object(l, s, strlen(s));
}
