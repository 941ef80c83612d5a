// SPDX-License-Identifier: LGPL-2.1-or-later
/* From a symbol map to the kernel's tables: the steps that kallsyms.h lists. */
#include "kallsyms/kallsyms.h"

#include <stdarg.h>
#include <stdio.h>
#include "base/file.h"
#include "base/opts.h"
#include "kallsyms/owners.h"

void ks_kallsyms_warn(const struct ks_kallsyms *k, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!k->opts->message)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	k->opts->message(k->opts->message_arg, KSYM_MESSAGE_WARNING, text);
}

/* The generation, when not told, is the one that knows the options. */
static int normalise_opts(const struct ksym_kallsyms_opts *opts, struct ksym_kallsyms_opts *o,
			  struct ksym_error *err)
{
	int ret = ks_opts_copy(o, sizeof(*o), opts, err);

	if (ret)
		return ret;
	if (!o->generation)
		o->generation = o->base_relative || o->lto_clang ? KSYM_KALLSYMS_6_1
				: o->pc_relative ? KSYM_KALLSYMS_7 : KSYM_KALLSYMS_6_12;
	if (o->generation > KSYM_KALLSYMS_7)
		return ks_error(err, -EINVAL, "kallsyms: there is no generation %d", o->generation);
	if ((o->base_relative || o->lto_clang) && o->generation != KSYM_KALLSYMS_6_1)
		return ks_error(err, -EINVAL, "kallsyms: only generation 6.1 knows base-relative and lto-clang");
	if (o->absolute_percpu && o->generation == KSYM_KALLSYMS_7)
		return ks_error(err, -EINVAL, "kallsyms: generation 7 does not know absolute-percpu");
	if (o->pc_relative && o->generation != KSYM_KALLSYMS_7)
		return ks_error(err, -EINVAL, "kallsyms: only generation 7 knows pc-relative");
	o->owners |= o->owners_image != NULL;
	return 0;
}

int ksym_kallsyms_write(const char *map_file, const struct ksym_kallsyms_opts *opts,
			ksym_write_fn fn, void *arg, struct ksym_error *err)
{
	struct ksym_kallsyms_opts o;
	struct ks_kallsyms k = { .opts = &o, .err = err, .path = map_file };
	struct ks_file map ks_cleanup_file = { 0 };
	struct ks_asm out = { 0 };
	int ret = normalise_opts(opts, &o, err);

	if (!ret)
		ret = ks_file_open(&map, map_file, err);
	if (!ret)
		ret = ks_kallsyms_read(&k, map.data, map.len);
	if (!ret)
		ret = ks_kallsyms_order(&k);
	if (!ret)
		ret = ks_kallsyms_find_tokens(&k);
	if (!ret)
		ret = ks_kallsyms_print(&k, &out);
	if (!ret && o.owners)
		ret = ks_kallsyms_print_owners(&k, &out);
	if (!ret)
		ret = fn(arg, out.b.data, out.b.len);
	ks_vec_free(&out.b);
	ks_vec_free(&k.syms);
	ks_tokens_free(&k.tokens);
	ks_arena_free(&k.arena);
	return ret;
}
