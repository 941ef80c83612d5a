// SPDX-License-Identifier: LGPL-2.1-or-later
/* From an image to BTF: collect.h, items.h, scopes.h, emit.h, match.h, file.h, in turn. */
#include <string.h>
#include "base/opts.h"
#include "btf/arrays.h"
#include "btf/match.h"
#include "btf/objects.h"

struct job {
	struct ksym_btf_opts opts;
	struct ks_elf image, debug_store;
	struct ks_elf *debug, *symbols_elf;
	struct ks_dwarf d;
	struct ks_btf_symbols symbols;
	struct ks_btf_collection c;
	struct ks_items it;
	struct ks_scopes s;
	struct ks_emit e;
	ks_ref *refs;
	struct ksym_btf_info info;
	struct ksym_error *err;
};

static int open_image(struct job *j, const char *path)
{
	int ret = ks_elf_open(&j->image, path, j->err);
	unsigned int nr = 0;

	if (!ret)
		ret = ks_elf_find_debug(&j->image, ".debug_info", NULL, true, &j->debug_store, &j->debug,
					j->err);
	if (ret)
		return ret;
	if (!j->debug)
		return ks_error(j->err, -ENODATA,
				"%s: has no debug information and no separate debug file was found: types are read from DWARF (gcc -g, CONFIG_DEBUG_INFO)",
				path);
	for (uint32_t i = 1; i < j->debug->nr_sections; i++)
		nr += !strcmp(j->debug->sections[i].name, ".debug_info");
	if (nr > 1)
		return ks_error(j->err, -ENOTSUP,
				"%s: %u sections .debug_info: expected one, with all types (no -fdebug-types-section)",
				j->debug->path, nr);
	/* A stripped image has no symbols; its debug file has. */
	j->symbols_elf = j->image.nr_symbols > 1 ? &j->image : j->debug;
	j->d.e = j->debug;
	return ks_dwarf_load(&j->d, ~(1u << KS_DWARF_LINE | 1u << KS_DWARF_RANGES |
				      1u << KS_DWARF_RNGLISTS), j->err);
}

static int collect(struct job *j)
{
	struct ks_collect_opts opts = {
		.functions = !(j->opts.flags & KSYM_BTF_NO_FUNCTIONS),
		.variables = j->opts.vars != KSYM_BTF_VARS_NONE,
		.rust = j->opts.flags & KSYM_BTF_RUST,
		.nr_threads = j->opts.nr_threads,
	};
	int ret = ks_btf_symbols_read(&j->symbols, j->symbols_elf, j->err);

	if (!ret)
		ret = ks_btf_collect(&j->c, &j->d, &j->symbols, &opts, j->err);
	if (!ret && j->c.nr_units && j->c.nr_skeletons == j->c.nr_units)
		ret = ks_error(j->err, -ENODATA,
			       "%s: its debug information is in .dwo files: expected it in the image (no -gsplit-dwarf)",
			       j->debug->path);
	return ret;
}

/* Items of shapes, and which is meant where. */
static int convert(struct job *j, const char *path)
{
	/* Names are read once for each type that differs; no kernel's are as long as its file. */
	uint64_t budget = 64 * ((uint64_t)j->d.s[KS_DWARF_INFO].len + j->d.s[KS_DWARF_STR].len) + (1 << 20);
	bool flat = false;
	int ret = 0;

	if (j->opts.base && ks_btf_arrays_flat(j->opts.base, &j->c.g, &flat))
		return ks_error_nomem(j->err);
	if (flat)
		j->opts.flags |= KSYM_BTF_FLAT_ARRAYS;
	ret = ks_items_init(&j->it, path, j->opts.flags, budget, j->err);
	if (ret)
		return ret;
	j->refs = calloc(j->c.g.shapes.len + 1, sizeof(*j->refs));
	if (!j->refs)
		return ks_error_nomem(j->err);
	ret = ks_items_convert(&j->it, &j->c.g, j->refs);
	if (!ret)
		ret = ks_scopes_init(&j->s, &j->it, &j->c, j->refs, j->err);
	return ret ? ret : ks_emit_init(&j->e, &j->it, &j->s, j->err);
}

static int emit(struct job *j)
{
	struct ks_objects o = { .e = &j->e, .c = &j->c, .s = &j->symbols, .elf = j->symbols_elf,
				.refs = j->refs, .opts = &j->opts, .info = &j->info, .err = j->err };
	int ret = 0;

	if (!(j->opts.flags & KSYM_BTF_ONLY_VARS))
		ret = ks_emit_all(&j->e, &j->c.g, j->refs);
	if (!ret && !(j->opts.flags & KSYM_BTF_NO_FUNCTIONS))
		ret = ks_emit_functions(&o);
	if (!ret && j->opts.vars != KSYM_BTF_VARS_NONE)
		ret = ks_emit_variables(&o);
	return ret ? ret : ks_emit_tags(&j->e);
}

static int finish(struct job *j, struct ksym_btf **btf, const char *path)
{
	int ret = ks_btf_unify(&j->e.out, path, j->err);

	if (!ret && j->opts.base)
		ret = ks_btf_split(&j->e.out, &j->it.strings, j->opts.base, path, j->err);
	if (!ret)
		ret = ks_btf_make(btf, &j->e.out, &j->it.strings, j->opts.base,
				  (j->image.swap ? KS_BTF_SWAPPED : 0) |
				  (j->opts.flags & KSYM_BTF_LAYOUT ? KS_BTF_LAYOUT : 0), path, j->err);
	if (ret)
		return ret;
	(*btf)->addr_len = j->image.addr_len;
	(*btf)->info.nr_rust = j->c.nr_rust;
	(*btf)->info.nr_ambiguous = j->info.nr_ambiguous;
	(*btf)->info.nr_inconsistent = j->info.nr_inconsistent;
	(*btf)->info.nr_registers = j->info.nr_registers;
	(*btf)->info.nr_optimized = j->info.nr_optimized;
	(*btf)->info.nr_packed = j->info.nr_packed;
	return 0;
}

static void job_free(struct job *j)
{
	ks_emit_free(&j->e);
	ks_scopes_free(&j->s);
	free(j->refs);
	ks_items_free(&j->it);
	ks_btf_collection_free(&j->c);
	ks_btf_symbols_free(&j->symbols);
	if (j->debug == &j->debug_store)
		ks_elf_close(&j->debug_store);
	ks_elf_close(&j->image);
}

int ksym_btf_encode(struct ksym_btf **btf, const char *path, const struct ksym_btf_opts *opts,
		    struct ksym_error *err)
{
	struct job j = { .image = { .fd = -1 }, .err = err };
	int ret = ks_opts_copy(&j.opts, sizeof(j.opts), opts, err);

	if (!ret && j.opts.base && j.opts.base->base)
		ret = ks_error(err, -EINVAL, "%s: is split BTF itself: expected a base that is whole",
			       j.opts.base->path);
	if (!j.opts.vars)
		j.opts.vars = KSYM_BTF_VARS_PERCPU;
	if (j.opts.flags & KSYM_BTF_ONLY_VARS)
		j.opts.flags |= KSYM_BTF_NO_FUNCTIONS;
	if (!ret)
		ret = open_image(&j, path);
	if (!ret && j.opts.base && j.opts.base->swap != j.image.swap)
		ret = ks_error(err, -EINVAL, "%s: is of the other byte order than %s", j.opts.base->path,
			       path);
	if (!ret)
		ret = collect(&j);
	if (!ret)
		ret = convert(&j, path);
	if (!ret)
		ret = emit(&j);
	if (!ret)
		ret = finish(&j, btf, path);
	job_free(&j);
	return ret;
}
