// SPDX-License-Identifier: LGPL-2.1-or-later
/* The kernel and its modules: symbols, code, lines. */
#include "decode/decode.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------- open */

/* Lines and code, as far as they are there: a dump is worth decoding without. */
static int open_elf(struct ks_image *m, const char *path, const struct ksym_build_opts *o,
		    struct ksym_error *err)
{
	int ret = ks_elf_open(&m->elf, path, err);

	if (ret)
		return ret;
	m->has_elf = true;
	ret = ks_elf_find_debug(&m->elf, ".debug_info", o->debug_file, !o->no_debug_search, &m->store,
				&m->debug, err);
	if (!ret && m->debug && !ks_elf_find_section(m->debug, ".debug_line"))
		m->debug = NULL;
	if (ret || !m->debug)
		return ret;
	ret = ks_cus_read(&m->cus, m->debug, false, err);
	if (!ret)
		ret = ks_inlines_init(&m->inlines, m->debug, err);
	m->tables = calloc((size_t)m->cus.nr_cus + 1, sizeof(*m->tables));
	return ret ? ret : m->tables ? 0 : ks_error_nomem(err);
}

static void image_free(struct ks_image *m)
{
	for (uint32_t i = 0; m->tables && i < m->cus.nr_cus; i++)
		if (m->tables[i]) {
			ks_line_table_free(m->tables[i]);
			free(m->tables[i]);
		}
	free(m->tables);
	ks_inlines_free(&m->inlines);
	ks_cus_free(&m->cus);
	ks_elf_close(&m->store);
	ks_elf_close(&m->elf);
	ksym_index_close(m->idx);
	free(m);
}

static bool is_elf(const char *path)
{
	char magic[4] = "";
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(magic, 1, 4, f) : 0;

	if (f)
		fclose(f);
	return n == 4 && !memcmp(magic, "\177ELF", 4);
}

int ks_image_open(struct ksym_decoder *d, const char *path, const char *line_image,
		  const char *module, struct ks_image **out, struct ksym_error *err)
{
	struct ks_image *m = calloc(1, sizeof(*m)), **at = &d->images;
	struct ksym_build_opts o = d->opts.build;
	int ret;

	*out = NULL;
	if (!m)
		return ks_error_nomem(err);
	m->elf.fd = m->store.fd = -1;
	m->module = ks_arena_strdup(&d->arena, module, strlen(module));
	if (module[0])
		o.debug_file = NULL;
	ret = m->module ? ksym_index_load(path, &o, &m->idx, err) : ks_error_nomem(err);
	if (!ret && (line_image || is_elf(path)))
		ret = open_elf(m, line_image ? line_image : path, &o, err);
	if (ret) {
		image_free(m);
		return ret;
	}
	while (*at)
		at = &(*at)->next;
	*at = *out = m;
	return 0;
}

void ks_images_close(struct ksym_decoder *d)
{
	while (d->images) {
		struct ks_image *next = d->images->next;

		image_free(d->images);
		d->images = next;
	}
	ks_vec_free(&d->files);
}

/* ---------------------------------------------------------------- modules */

/* How much of the names of a module and of a file is the same; so are '-' and '_'. */
static size_t same_len(const char *module, const char *file)
{
	size_t i = 0;

	while (module[i] && file[i] &&
	       (module[i] == file[i] || (strchr("-_", module[i]) && strchr("-_", file[i]))))
		i++;
	return i;
}

static bool is_of_module(const char *module, const char *file)
{
	size_t i = same_len(module, file);

	return !module[i] && (!strncmp(file + i, ".ko", 3) || !strcmp(file + i, ".ksym"));
}

static int list_folder(struct ksym_decoder *d, const char *root, struct ksym_error *err)
{
	char *const roots[] = { (char *)root, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;
	int ret = 0;

	if (!fts)
		return ks_error_errno(err, errno, root, "cannot be searched");
	while (!ret && (e = fts_read(fts))) {
		struct ks_found_file *f;

		if ((e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS) &&
		    !e->fts_level)
			ret = ks_error_errno(err, e->fts_errno, root, "cannot be searched");
		if (e->fts_info != FTS_F && e->fts_info != FTS_SL)
			continue;
		if (!strstr(e->fts_name, ".ko") && !strstr(e->fts_name, ".ksym"))
			continue;
		f = ks_vec_push(&d->files);
		if (f)
			f->path = ks_arena_strdup(&d->arena, e->fts_path, strlen(e->fts_path));
		if (!f || !f->path)
			ret = ks_error_nomem(err);
		else
			f->name = strrchr(f->path, '/') ? strrchr(f->path, '/') + 1 : f->path;
	}
	fts_close(fts);
	return ret;
}

static int list_files(struct ksym_decoder *d, struct ksym_error *err)
{
	int ret = 0;

	d->files_listed = true;
	for (const char *const *dir = d->opts.module_dirs; dir && *dir && !ret; dir++)
		ret = list_folder(d, *dir, err);
	return ret;
}

/* Does the image have the build ID that the dump tells? */
static bool has_build_id(const struct ks_image *m, const char *hex)
{
	struct ksym_index_info info = { .size = sizeof(info) };

	ksym_index_info(m->idx, &info);
	if (!hex[0] || !info.build_id_len)
		return true;
	for (uint32_t i = 0; i < info.build_id_len; i++) {
		char two[3] = "";

		if (!hex[2 * i] || !hex[2 * i + 1])
			return false;
		memcpy(two, hex + 2 * i, 2);
		if (strtoul(two, NULL, 16) != info.build_id[i])
			return false;
	}
	return true;
}

int ks_image_find(struct ksym_decoder *d, const char *module, const char *build_id,
		  struct ks_image **out, struct ksym_error *err)
{
	struct ksym_error own;
	int ret = 0;

	*out = NULL;
	for (struct ks_image *m = d->images; m; m = m->next) {
		size_t i = same_len(module, m->module);

		if (!module[i] && !m->module[i] && has_build_id(m, build_id)) {
			*out = m;
			return 0;
		}
	}
	if (!d->files_listed)
		ret = list_files(d, err);
	/* Of several files the first that will do; a debug file has all that is needed. */
	for (size_t i = 0; i < d->files.len && !ret; i++) {
		struct ks_image *m;

		/* Those of another build stay for others to find. */
		if (d->files.data[i].is_tried || !is_of_module(module, d->files.data[i].name))
			continue;
		d->files.data[i].is_tried = true;
		ret = ks_image_open(d, d->files.data[i].path, NULL, module, &m, &own);
		if (ret == -ENOMEM)
			return ks_error_nomem(err);
		if (!ret && has_build_id(m, build_id)) {
			*out = m;
			return 0;
		}
		if (ret && d->opts.build.message)
			d->opts.build.message(d->opts.build.message_arg, KSYM_MESSAGE_WARNING, own.text);
		ret = 0;
	}
	return ret;
}

/* ----------------------------------------------------------- code and lines */

const uint8_t *ks_image_code(struct ks_image *m, uint64_t va, size_t len)
{
	for (uint32_t i = 1; m->has_elf && m->elf.type != ET_REL && i < m->elf.nr_sections; i++) {
		const struct ks_elf_section *s = &m->elf.sections[i];
		const uint8_t *data;
		size_t have;

		if (!s->is_code || s->type == SHT_NOBITS || va < s->va ||
		    va - s->va >= s->len || len > s->len - (va - s->va))
			continue;
		if (ks_elf_section_data(&m->elf, i, &data, &have, NULL) || !data)
			return NULL;
		return data + (va - s->va);
	}
	return NULL;
}

static int line_table(struct ks_image *m, uint32_t cu, struct ks_line_table **out,
		      struct ksym_error *err)
{
	struct ks_line_table *t = m->tables[cu];
	int ret;

	*out = t;
	if (t)
		return 0;
	t = calloc(1, sizeof(*t));
	if (!t)
		return ks_error_nomem(err);
	ret = ks_line_table_read(t, m->debug, &m->cus.cus[cu], err);
	if (ret) {
		free(t);
		return ret;
	}
	m->tables[cu] = *out = t;
	return 0;
}

int ks_image_frames(struct ks_image *m, uint64_t va, struct ks_arena *arena,
		    struct ksym_frame **frames, uint32_t *nr, struct ksym_error *err)
{
	const struct ks_cu_range *r = m->debug ? ks_cus_range(&m->cus, va) : NULL;
	const struct ks_line_row *row;
	struct ks_line_table *t;
	struct ksym_frame *f;
	int ret;

	*nr = 0;
	if (!r)
		return 0;
	ret = line_table(m, r->cu, &t, err);
	if (!ret)
		ret = ks_inlines_at(&m->inlines, &m->cus, r->cu, va, err);
	row = ret ? NULL : ks_line_table_find(t, va);
	if (!row)
		return ret;
	f = ks_arena_alloc(arena, (m->inlines.v.len + 1) * sizeof(*f));
	if (!f)
		return ks_error_nomem(err);
	*frames = f;
	*f = (struct ksym_frame){ .file = row->file < t->nr_files ? t->files[row->file] : NULL,
				  .line = row->line };
	/* A function is where its innermost code is; what called it, where it was called. */
	for (size_t i = m->inlines.v.len; i--; f++) {
		const struct ks_inline *in = &m->inlines.v.data[i];

		f->function = in->name;
		f[1] = (struct ksym_frame){ .file = in->call_file < t->nr_files ? t->files[in->call_file]
										: NULL,
					    .line = in->call_line };
	}
	*nr = (uint32_t)m->inlines.v.len + 1;
	return 0;
}
