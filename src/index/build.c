// SPDX-License-Identifier: LGPL-2.1-or-later
/* From an image to an index in memory: the steps that model.h lists. */
#include "base/opts.h"
#include "index/hash.h"
#include "index/index.h"
#include "index/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run_steps(struct ks_model *m, void **data, size_t *len)
{
	int ret;

	ks_model_progress(m, "reading symbols");
	ret = ks_model_read_symbols(m);
	if (!ret)
		ret = ks_model_find_owners(m);
	ks_model_drop_unlisted(m);
	if (!ret)
		ret = ks_model_find_modules(m);
	if (!ret)
		ret = ks_model_make_identities(m);
	ks_model_progress(m, "writing tables");
	return ret ? ret : ks_model_encode(m, data, len);
}

/* The files that have symbols and debug information: often both the image. */
static int build_from(struct ks_elf *image, const struct ksym_build_opts *opts,
		      const struct ks_listing *listing, void **data, size_t *len,
		      struct ksym_error *err)
{
	struct ks_model m = { .opts = opts, .listing = listing, .err = err, .image = image };
	struct ks_elf debug = { .fd = -1 }, symbols = { .fd = -1 };
	int ret;

	ret = ks_elf_find_debug(image, ".debug_info", opts->debug_file, !opts->no_debug_search,
				&debug, &m.debug, err);
	/* Stripping takes STT_FILE symbols away: the debug file has at least as many. */
	if (!ret && m.debug && m.debug->nr_symbols > 1 && m.debug->nr_symbols >= image->nr_symbols)
		m.symfile = m.debug;
	else if (!ret && image->nr_symbols > 1)
		m.symfile = image;
	else if (!ret)
		ret = ks_elf_find_debug(image, ".symtab", NULL, !opts->no_debug_search, &symbols,
					&m.symfile, err);
	if (!ret && (!m.symfile || !m.symfile->nr_symbols))
		ret = ks_error(err, -ENODATA,
			       "%s: has no symbol table and no separate debug file with one was found (install its -dbg package or set DEBUGINFOD_URLS)",
			       image->path);
	if (!ret)
		ret = run_steps(&m, data, len);
	ks_model_free(&m);
	ks_elf_close(&debug);
	ks_elf_close(&symbols);
	return ret;
}

static int normalise_opts(const struct ksym_build_opts *opts, struct ksym_build_opts *out,
			  struct ksym_error *err)
{
	int ret = ks_opts_copy(out, sizeof(*out), opts, err);

	if (ret)
		return ret;
	if (!out->source_tree != !out->config_file)
		return ks_error(err, -EINVAL, "a source tree and its .config go together");
	return 0;
}

int ks_index_adopt(void *data, size_t len, const char *path, struct ksym_index **out,
		   struct ksym_error *err)
{
	struct ksym_index *idx = calloc(1, sizeof(*idx));
	const char *why;
	int ret;

	*out = NULL;
	if (idx)
		idx->path = strdup(path);
	if (!idx || !idx->path) {
		free(data);
		free(idx);
		return ks_error_nomem(err);
	}
	idx->memory = data;
	ret = ks_tables_init(&idx->t, data, len, ks_index_hash, &why);
	if (ret) {
		ksym_index_close(idx);
		return ks_error(err, ret, "%s: built an index that cannot be read: %s", path, why);
	}
	*out = idx;
	return 0;
}

int ks_index_build_listed(const char *image_path, const struct ksym_build_opts *opts,
			  const struct ks_listing *listing, struct ksym_index **out,
			  struct ksym_error *err)
{
	struct ksym_build_opts o;
	struct ks_elf image = { .fd = -1 };
	void *data = NULL;
	size_t len;
	int ret;

	*out = NULL;
	ret = normalise_opts(opts, &o, err);
	if (!ret)
		ret = ks_elf_open(&image, image_path, err);
	if (!ret)
		ret = build_from(&image, &o, listing, &data, &len, err);
	ks_elf_close(&image);
	if (ret)
		return ret;
	return ks_index_adopt(data, len, image_path, out, err);
}

int ksym_index_build(const char *image_path, const struct ksym_build_opts *opts,
		     struct ksym_index **out, struct ksym_error *err)
{
	return ks_index_build_listed(image_path, opts, NULL, out, err);
}
