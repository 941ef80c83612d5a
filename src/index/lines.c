// SPDX-License-Identifier: LGPL-2.1-or-later
/* Source lines of addresses, read from the image when they are asked for. */
#include "base/opts.h"
#include "dwarf/lines.h"

#include <stdlib.h>
#include <string.h>

struct ksym_lines {
	char *path;
	struct ks_elf image, store;
	struct ks_elf *debug;
	struct ks_cus cus;
	struct ks_line_table **tables;	/* of each CU, once asked for */
};

static int open_debug(struct ksym_lines *l, const struct ksym_build_opts *opts,
		      struct ksym_error *err)
{
	struct ksym_build_opts o;
	int ret = ks_opts_copy(&o, sizeof(o), opts, err);

	if (!ret)
		ret = ks_elf_open(&l->image, l->path, err);
	if (!ret)
		ret = ks_elf_find_debug(&l->image, ".debug_info", o.debug_file, !o.no_debug_search,
					&l->store, &l->debug, err);
	if (!ret && (!l->debug || !ks_elf_find_section(l->debug, ".debug_line")))
		ret = ks_error(err, -ENODATA, "%s: has no debug information with source lines", l->path);
	if (!ret)
		ret = ks_cus_read(&l->cus, l->debug, false, err);
	if (!ret)
		l->tables = calloc((size_t)l->cus.nr_cus + 1, sizeof(*l->tables));
	if (!ret && !l->tables)
		ret = ks_error_nomem(err);
	return ret;
}

int ksym_lines_open(const char *image_path, const struct ksym_build_opts *opts,
		    struct ksym_lines **out, struct ksym_error *err)
{
	struct ksym_lines *l = calloc(1, sizeof(*l));
	int ret;

	*out = NULL;
	if (!l)
		return ks_error_nomem(err);
	l->image.fd = l->store.fd = -1;
	l->path = strdup(image_path);
	ret = l->path ? open_debug(l, opts, err) : ks_error_nomem(err);
	if (ret)
		ksym_lines_close(l);
	else
		*out = l;
	return ret;
}

const uint8_t *ksym_lines_build_id(const struct ksym_lines *l, uint32_t *len)
{
	*len = l->image.build_id_len;
	return l->image.build_id;
}

static int no_line(const struct ksym_lines *l, uint64_t va, struct ksym_error *err)
{
	return ks_error(err, -ENOENT, "%s: no source line is known for address 0x%llx", l->path,
			(unsigned long long)va);
}

int ksym_lines_at(struct ksym_lines *l, uint64_t va, const char **file, uint32_t *line,
		  struct ksym_error *err)
{
	const struct ks_cu_range *r = ks_cus_range(&l->cus, va);
	const struct ks_line_row *row;
	struct ks_line_table *t;

	if (!r)
		return no_line(l, va, err);
	t = l->tables[r->cu];
	if (!t) {
		int ret;

		t = calloc(1, sizeof(*t));
		if (!t)
			return ks_error_nomem(err);
		ret = ks_line_table_read(t, l->debug, &l->cus.cus[r->cu], err);
		if (ret) {
			free(t);
			return ret;
		}
		l->tables[r->cu] = t;
	}
	row = ks_line_table_find(t, va);
	if (!row || row->file >= t->nr_files)
		return no_line(l, va, err);
	*file = t->files[row->file];
	*line = row->line;
	return 0;
}

void ksym_lines_close(struct ksym_lines *l)
{
	if (!l)
		return;
	for (uint32_t i = 0; l->tables && i < l->cus.nr_cus; i++)
		if (l->tables[i]) {
			ks_line_table_free(l->tables[i]);
			free(l->tables[i]);
		}
	free(l->tables);
	ks_cus_free(&l->cus);
	ks_elf_close(&l->store);
	ks_elf_close(&l->image);
	free(l->path);
	free(l);
}
