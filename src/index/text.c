// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lines of text about symbols: the printer is that of tables/. */
#include <string.h>
#include "index/index.h"
#include "tables/line.h"

static unsigned int nr_digits(const struct ksym_index *idx)
{
	/* As the kernel's %px: eight digits on 32-bit machines. */
	return idx->t.base[KS_HDR_ELF_CLASS] == 1 ? 8 : 16;
}

/* perf takes the modules that it knows to be loaded as /proc/kallsyms has them, nothing behind
 * them; so the object is part of the name. */
static size_t loaded_for_perf(const struct ksym_index *idx, const struct ksym_symbol *sym,
			      const char *module, char *buf, size_t len)
{
	struct ksym_object o;
	const char *suffix = NULL;
	struct ks_line l;

	if (ksym_index_object(idx, sym->object, &o))
		suffix = sym->is_text ? o.text_suffix : o.data_suffix;
	ks_line_start(&l, buf, len, KS_LINE_KALLSYMS);
	ks_line_symbol(&l, nr_digits(idx), sym->va, sym->len, sym->type, sym->name, sym->name_len);
	if (suffix) {
		ks_line_text(&l, " {", 2);
		ks_line_text(&l, suffix, strlen(suffix));
		ks_line_text(&l, "}", 1);
	}
	ks_line_module(&l, module, strlen(module));
	return ks_line_end(&l);
}

size_t ksym_symbol_format(const struct ksym_index *idx, const struct ksym_symbol *sym,
			  enum ksym_format format, char *buf, size_t len)
{
	static const enum ks_line_form forms[] = {
		[KSYM_FORMAT_FULL] = KS_LINE_FULL,
		[KSYM_FORMAT_KALLSYMS] = KS_LINE_KALLSYMS,
		[KSYM_FORMAT_IDENTITY] = KS_LINE_IDENTITY,
		[KSYM_FORMAT_PERF] = KS_LINE_PERF,
	};
	const char *module = format == KSYM_FORMAT_PERF ? ks_index_loaded_module(idx, sym) : NULL;
	struct ks_line l;

	if (module)
		return loaded_for_perf(idx, sym, module, buf, len);
	ks_line_start(&l, buf, len, format <= KSYM_FORMAT_PERF ? forms[format] : KS_LINE_FULL);
	ks_line_symbol(&l, nr_digits(idx), sym->va, sym->len, sym->type, sym->name, sym->name_len);
	ks_line_owner(&l, &idx->t, sym->object, sym->is_text);
	return ks_line_end(&l);
}
