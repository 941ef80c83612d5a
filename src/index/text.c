// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lines of text about symbols: the printer is that of tables/. */
#include "index/index.h"
#include "tables/line.h"

size_t ksym_symbol_format(const struct ksym_index *idx, const struct ksym_symbol *sym,
			  enum ksym_format format, char *buf, size_t len)
{
	static const enum ks_line_form forms[] = {
		[KSYM_FORMAT_FULL] = KS_LINE_FULL,
		[KSYM_FORMAT_KALLSYMS] = KS_LINE_KALLSYMS,
		[KSYM_FORMAT_IDENTITY] = KS_LINE_IDENTITY,
		[KSYM_FORMAT_PERF] = KS_LINE_PERF,
	};
	/* As the kernel's %px: eight digits on 32-bit machines. */
	unsigned int digits = idx->t.base[KS_HDR_ELF_CLASS] == 1 ? 8 : 16;
	struct ks_line l;

	/* perf takes the modules that it knows to be loaded as /proc/kallsyms has them. */
	if (format == KSYM_FORMAT_PERF && ks_index_loaded_module(idx, sym))
		format = KSYM_FORMAT_KALLSYMS;
	ks_line_start(&l, buf, len, format <= KSYM_FORMAT_PERF ? forms[format] : KS_LINE_FULL);
	ks_line_symbol(&l, digits, sym->va, sym->len, sym->type, sym->name, sym->name_len);
	ks_line_owner(&l, &idx->t, sym->object, sym->is_text);
	return ks_line_end(&l);
}
