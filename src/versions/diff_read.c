// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is compared: an image, an index, a directory of either, a symtypes file, a list of
 * versions. */
#include "versions/diff.h"

#include <fts.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/opts.h"
#include "base/threads.h"
#include "tables/format.h"

void ks_diff_unit_free(struct ks_diff_unit *u)
{
	size_t nr = u->st.types.len + u->st.symbol_texts.len;

	for (size_t i = 0; u->trees && i < nr; i++)
		ks_symtree_free(&u->trees[i].tree);
	free(u->trees);
	ks_symtypes_free(&u->st);
	ks_vec_free(&u->text);
	if (u->file.data)
		ks_file_close(&u->file);
	free(u->path);
	free(u);
}

static int add_unit(struct ks_diff_side *side, const char *path, struct ks_diff_unit **out,
		    struct ksym_error *err)
{
	struct ks_diff_unit *u = calloc(1, sizeof(*u)), **slot;

	if (u)
		u->path = strdup(path);
	slot = u && u->path ? ks_vec_push(&side->units) : NULL;
	if (!slot) {
		if (u)
			ks_diff_unit_free(u);
		return ks_error_nomem(err);
	}
	*slot = *out = u;
	return 0;
}

static int add_symbol(struct ks_diff_side *side, const char *name, size_t len,
		      struct ks_diff_side_symbol s, struct ksym_error *err)
{
	uint32_t nr = ks_strpool_add(&side->names, name, len);
	struct ks_diff_side_symbol *slot;

	if (nr == KS_STRPOOL_NONE)
		return ks_error_nomem(err);
	if (nr < side->symbols.len)	/* the first counts */
		return 0;
	slot = ks_vec_push(&side->symbols);
	if (!slot)
		return ks_error_nomem(err);
	*slot = s;
	return 0;
}

static int parse_types(struct ks_diff_unit *u, const char *text, size_t len, struct ksym_error *err)
{
	int ret = ks_symtypes_parse(&u->st, u->path, text, len, err);

	if (ret)
		return ret;
	u->has_types = true;
	u->trees = calloc(u->st.types.len + u->st.symbol_texts.len + 1, sizeof(*u->trees));
	return u->trees ? 0 : ks_error_nomem(err);
}

/* -------------------------------------------------------------------- files */

/* "0x12345678", then @after: the number; false: it is none. */
static bool read_crc(const char *s, const char *end, uint32_t *out)
{
	uint32_t crc = 0;

	if (end - s != 10 || s[0] != '0' || s[1] != 'x')
		return false;
	for (s += 2; s < end; s++) {
		if (*s >= '0' && *s <= '9')
			crc = crc << 4 | (uint32_t)(*s - '0');
		else if (*s >= 'a' && *s <= 'f')
			crc = crc << 4 | (uint32_t)(*s - 'a' + 10);
		else
			return false;
	}
	*out = crc;
	return true;
}

/* "0x12345678\tname\tmodule\t..." or "#SYMVER name 0x12345678": the name. */
static bool read_version(const struct ks_lines *l, const char **name, size_t *len, uint32_t *crc)
{
	const char *end = l->s + l->len, *p;

	if (l->len > 8 && !memcmp(l->s, "#SYMVER ", 8)) {
		p = memchr(l->s + 8, ' ', l->len - 8);
		*name = l->s + 8;
		if (!p || !read_crc(p + 1, end, crc))
			return false;
		*len = (size_t)(p - *name);
	} else {
		p = memchr(l->s, '\t', l->len);
		if (!p || !read_crc(l->s, p, crc))
			return false;
		*name = p + 1;
		p = memchr(*name, '\t', (size_t)(end - *name));
		*len = (size_t)((p ? p : end) - *name);
	}
	return *len != 0;
}

static bool is_version_list(const struct ks_file *f)
{
	const char *s = (const char *)f->data;

	return (f->len > 10 && s[0] == '0' && s[1] == 'x' && s[10] == '\t') ||
	       (f->len > 8 && !memcmp(s, "#SYMVER ", 8));
}

static int read_versions(struct ks_diff_side *side, const struct ks_file *f, struct ksym_error *err)
{
	struct ks_lines l = ks_lines(f);
	int ret = 0;

	while (!ret && ks_lines_next(&l)) {
		struct ks_diff_side_symbol s = { .unit = KS_DIFF_NONE };
		const char *name;
		size_t len;

		if (!l.len)
			continue;
		if (!read_version(&l, &name, &len, &s.crc))
			return ks_error(err, -EBADMSG,
					"%s: line %" PRIu64 ": expected a version (0x and eight digits) and a symbol",
					f->path, l.nr);
		ret = add_symbol(side, name, len, s, err);
	}
	return ret;
}

static int read_symtypes(struct ks_diff_side *side, struct ks_diff_unit *u,
			 const struct ksym_diff_opts *o, struct ksym_error *err)
{
	uint32_t *crcs;
	int ret = parse_types(u, (const char *)u->file.data, u->file.len, err);

	if (ret)
		return ret;
	crcs = malloc((u->st.symbol_texts.len + 1) * sizeof(*crcs));
	ret = crcs ? ks_symtypes_crcs(&u->st, crcs, o->nr_threads ? o->nr_threads : 1, err)
		   : ks_error_nomem(err);
	for (uint32_t i = 0; i < u->st.symbol_texts.len && !ret; i++) {
		const struct ks_strpool_entry *name = &u->st.symbols.entries[i];

		ret = add_symbol(side, name->s, name->len, (struct ks_diff_side_symbol){
			.crc = crcs[i], .unit = (uint32_t)side->units.len - 1, .number = i }, err);
	}
	free(crcs);
	return ret;
}

/* ------------------------------------------------------------------- images */

struct image_job {
	struct ks_diff_unit *unit;
	struct ksym_versions *v;
	struct ksym_error err;
	int ret;
};

struct images {
	struct image_job *jobs;
	size_t nr;
	const struct ksym_versions_opts *opts;
	atomic_size_t next;
};

static int gather(void *arg, const char *s, size_t len)
{
	struct ks_diff_unit *u = arg;

	if (!ks_vec_reserve(&u->text, len))
		return -ENOMEM;
	memcpy(u->text.data + u->text.len, s, len);
	u->text.len += len;
	return 0;
}

static int read_image(struct image_job *j, const struct ksym_versions_opts *opts)
{
	struct ksym_error *err = &j->err;
	int ret = ksym_versions_read(j->unit->path, opts, &j->v, err);

	if (!ret)
		ret = ksym_versions_write_symtypes(j->v, true, gather, j->unit, err);
	if (ret == -ENOMEM)
		return ks_error_nomem(err);
	return ret ? ret : parse_types(j->unit, j->unit->text.data, j->unit->text.len, err);
}

static void *read_images(void *arg)
{
	struct images *im = arg;
	size_t i;

	while ((i = atomic_fetch_add(&im->next, 1)) < im->nr)
		im->jobs[i].ret = read_image(&im->jobs[i], im->opts);
	return NULL;
}

/* One image with all threads, or several at a time with one each. */
static int run_images(struct images *im, unsigned int nr_threads, struct ksym_error *err)
{
	struct ksym_versions_opts single = *im->opts;

	single.nr_threads = im->nr == 1 ? nr_threads : 1;
	if (im->nr > 1)
		single.message = NULL;	/* belongs to the caller's thread */
	im->opts = &single;
	ks_threads_run(im->nr < nr_threads ? (unsigned int)im->nr : nr_threads, read_images, im, 0);
	for (size_t i = 0; i < im->nr; i++)
		if (im->jobs[i].ret) {
			if (err)
				*err = im->jobs[i].err;
			return im->jobs[i].ret;
		}
	return 0;
}

static int take_symbols(struct ks_diff_side *side, uint32_t unit, const struct ksym_versions *v,
			struct ksym_error *err)
{
	struct ks_diff_unit *u = side->units.data[unit];
	struct ksym_version x;
	int ret = 0;

	for (uint32_t i = 0; !ret && ksym_versions_get(v, i, &x); i++) {
		struct ks_diff_side_symbol s = { .crc = x.crc, .unit = unit };

		s.number = ks_strpool_find(&u->st.symbols, x.name, strlen(x.name));
		if (s.number == KS_STRPOOL_NONE)
			s.unit = KS_DIFF_NONE;
		ret = add_symbol(side, x.name, strlen(x.name), s, err);
	}
	return ret;
}

static int read_image_units(struct ks_diff_side *side, const char *debug_file,
			    const struct ksym_diff_opts *o, struct ksym_error *err)
{
	struct ksym_versions_opts opts = KSYM_OPTS(opts, .debug_file = debug_file,
		.no_debug_search = o->no_debug_search, .stable = o->stable,
		.message = o->message, .message_arg = o->message_arg);
	struct images im = { .nr = side->units.len, .opts = &opts };
	int ret;

	im.jobs = calloc(im.nr + 1, sizeof(*im.jobs));
	if (!im.jobs)
		return ks_error_nomem(err);
	for (size_t i = 0; i < im.nr; i++)
		im.jobs[i].unit = side->units.data[i];
	ret = run_images(&im, o->nr_threads ? o->nr_threads : 1, err);
	for (size_t i = 0; i < im.nr && !ret; i++)
		ret = take_symbols(side, (uint32_t)i, im.jobs[i].v, err);
	for (size_t i = 0; i < im.nr; i++)
		ksym_versions_close(im.jobs[i].v);
	free(im.jobs);
	return ret;
}

/* -------------------------------------------------------------- directories */

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool has_suffix(const FTSENT *e, const char *suffix)
{
	size_t len = strlen(suffix);

	return e->fts_info == FTS_F && e->fts_namelen > len &&
	       !strcmp(e->fts_name + e->fts_namelen - len, suffix);
}

/* Add a unit for each file below @path whose name ends so. */
static int find_files(struct ks_diff_side *side, const char *path, const char *suffix,
		      struct ksym_error *err)
{
	char *const paths[] = { (char *)path, NULL };
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	struct ks_diff_unit *u;
	FTSENT *e;
	int ret = 0;

	if (!fts)
		return ks_error_errno(err, errno, path, "cannot read");
	while (!ret && (e = fts_read(fts))) {
		if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR)
			ret = ks_error_errno(err, e->fts_errno, e->fts_path, "cannot read");
		else if (has_suffix(e, suffix))
			ret = add_unit(side, e->fts_path, &u, err);
	}
	fts_close(fts);
	return ret;
}

static int read_directory(struct ks_diff_side *side, const char *path,
			  const struct ksym_diff_opts *o, struct ksym_error *err)
{
	int ret = find_files(side, path, ".ko", err);

	if (!ret && !side->units.len)
		ret = find_files(side, path, ".ksym", err);
	if (!ret && !side->units.len)
		ret = ks_error(err, -ENODATA,
			       "%s: holds no .ko or .ksym file: expected a directory of modules, or of their indexes",
			       path);
	return ret ? ret : read_image_units(side, NULL, o, err);
}

int ks_diff_read_side(struct ks_diff_side *side, const char *path, const char *debug_file,
		      const struct ksym_diff_opts *o, struct ksym_error *err)
{
	struct ks_diff_unit *u;
	struct stat st;
	int ret;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return read_directory(side, path, o, err);
	ret = add_unit(side, path, &u, err);
	if (!ret)
		ret = ks_file_open(&u->file, u->path, err);
	if (ret)
		return ret;
	if ((u->file.len >= 4 && !memcmp(u->file.data, "\177ELF", 4)) ||
	    (u->file.len >= KS_MAGIC_LEN && !memcmp(u->file.data, KS_MAGIC, KS_MAGIC_LEN))) {
		/* A pipe cannot be read twice. */
		if (!u->file.mapped)
			return ks_error(err, -ENOTSUP,
					"%s: is no file: expected an image, or an index, in one", path);
		ks_file_close(&u->file);
		return read_image_units(side, debug_file, o, err);
	}
	if (is_version_list(&u->file))
		return read_versions(side, &u->file, err);
	return read_symtypes(side, u, o, err);
}
