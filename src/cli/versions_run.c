// SPDX-License-Identifier: LGPL-2.1-or-later
/* Versions of many files, several at a time. */
#include "versions.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct file {
	int ret;
	struct ksym_error err;
	struct versions_result res;
};

struct run {
	const struct versions_request *req;
	struct file *files;
	atomic_size_t next;
	pthread_t main_thread;
};

/* ------------------------------------------------------------------ results */

static struct version_row *add_row(struct versions_result *res)
{
	if (res->nr == res->cap) {
		size_t cap = res->cap ? 2 * res->cap : 64;
		struct version_row *rows = realloc(res->rows, cap * sizeof(*rows));

		if (!rows)
			return NULL;
		res->rows = rows;
		res->cap = cap;
	}
	res->rows[res->nr] = (struct version_row){ 0 };
	return &res->rows[res->nr++];
}

static void free_row(struct version_row *row)
{
	free(row->name);
	free(row->unit);
	free(row->name_space);
}

void versions_free(struct versions_result *res)
{
	for (size_t i = 0; i < res->nr; i++)
		free_row(&res->rows[i]);
	free(res->rows);
	free(res->symtypes);
	*res = (struct versions_result){ 0 };
}

static int gather(void *arg, const char *s, size_t len)
{
	struct versions_result *res = arg;

	if (len > res->symtypes_cap - res->symtypes_len) {
		size_t cap = 2 * res->symtypes_cap + len + 4096;
		char *p = realloc(res->symtypes, cap);

		if (!p)
			return -ENOMEM;
		res->symtypes = p;
		res->symtypes_cap = cap;
	}
	memcpy(res->symtypes + res->symtypes_len, s, len);
	res->symtypes_len += len;
	return 0;
}

static int keep_row(struct versions_result *res, const struct ksym_version *v, const char *file)
{
	struct version_row *row = add_row(res);

	if (!row)
		return -ENOMEM;
	row->file = file;
	row->v = *v;
	row->name = strdup(v->name);
	row->unit = v->unit ? strdup(v->unit) : NULL;
	row->name_space = strdup(v->name_space);
	return row->name && row->name_space && !row->unit == !v->unit ? 0 : -ENOMEM;
}

/* -------------------------------------------------------------------- dumps */

static int to_stderr(void *arg, const char *s, size_t len)
{
	(void)arg;
	return fwrite(s, 1, len, stderr) == len ? 0 : -EIO;
}

static int dump_versions(const struct versions_request *req, const struct ksym_versions *v,
			 struct ksym_error *err)
{
	uint32_t nr = ksym_versions_nr(v);
	const char **names = calloc((size_t)nr + 1, sizeof(*names));
	uint32_t *order = calloc((size_t)nr + 1, sizeof(*order));
	bool *done = calloc((size_t)nr + 1, sizeof(*done));
	struct ksym_version x;
	int ret = names && order && done ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < nr && !ret; i++) {
		order[i] = i;
		if (ksym_versions_get(v, i, &x))
			names[i] = x.name;
	}
	if (!ret && req->hash_order)
		ret = ksym_versions_order(names, nr, order);
	for (uint32_t i = 0; i < nr && !ret; i++) {
		if (!ksym_versions_get(v, order[i], &x) || x.status != KSYM_VERSION_KNOWN ||
		    done[x.place])
			continue;
		done[x.place] = true;
		fprintf(stderr, "%s ", x.name);
		ret = ksym_versions_write_expanded(v, order[i], to_stderr, NULL, err);
		fputc('\n', stderr);
	}
	free(names);
	free(order);
	free(done);
	return ret;
}

/* -------------------------------------------------------------------- files */

static int keep(const struct versions_request *req, const char *file, const struct ksym_versions *v,
		struct versions_result *res, struct ksym_error *err)
{
	struct ksym_version x;
	int ret = 0;

	if (req->symtypes)
		ret = ksym_versions_write_symtypes(v, true, gather, res, err);
	if (!ret && req->dump_types)
		ret = ksym_versions_write_symtypes(v, req->symtypes, to_stderr, NULL, err);
	if (!ret && req->dump_versions)
		ret = dump_versions(req, v, err);
	for (uint32_t i = 0; !ret && ksym_versions_get(v, i, &x); i++)
		ret = keep_row(res, &x, file);
	return ret;
}

static int read_file(struct run *r, size_t i)
{
	const struct versions_request *req = r->req;
	struct file *f = &r->files[i];
	struct ksym_versions_opts o = KSYM_OPTS(o, .symbols = req->symbols,
						.debug_file = req->debug_file,
						.no_debug_search = req->no_debug_search,
						.stable = req->stable, .report_ties = req->ties,
						.nr_threads = req->nr_files > 1 ? 1 : req->jobs);
	struct ksym_versions *v;
	char text[64];

	if (!req->quiet && req->nr_files == 1)
		o.message = cli_message;
	if (req->dump_dies)
		o.dump_dies = to_stderr;
	/* Progress belongs to one thread. */
	if (!req->quiet && req->nr_files > 1 && pthread_equal(pthread_self(), r->main_thread)) {
		snprintf(text, sizeof(text), "file %zu of %zu", i + 1, req->nr_files);
		cli_message(NULL, KSYM_MESSAGE_PROGRESS, text);
	}
	f->ret = ksym_versions_read(req->files[i], &o, &v, &f->err);
	if (f->ret)
		return f->ret;
	f->err.code = 0;
	f->ret = keep(req, req->files[i], v, &f->res, &f->err);
	if (f->ret && !f->err.code) {
		f->err.code = f->ret;
		snprintf(f->err.text, sizeof(f->err.text), "%.900s: %s", req->files[i],
			 strerror(-f->ret));
	}
	ksym_versions_close(v);
	return f->ret;
}

static void *read_files(void *arg)
{
	struct run *r = arg;
	size_t i;

	while ((i = atomic_fetch_add(&r->next, 1)) < r->req->nr_files)
		read_file(r, i);
	return NULL;
}

/* Of a symbol that was asked for in several files, the first that tells its version; else
 * the first that says more than that it has no such symbol. */
static size_t best_row(const struct run *r, size_t symbol)
{
	size_t best = 0;

	for (size_t i = 0; i < r->req->nr_files; i++) {
		const struct version_row *row = &r->files[i].res.rows[symbol];

		if (row->v.status == KSYM_VERSION_KNOWN)
			return i;
		if (row->v.status != KSYM_VERSION_UNDEFINED &&
		    r->files[best].res.rows[symbol].v.status == KSYM_VERSION_UNDEFINED)
			best = i;
	}
	return best;
}

static int move_row(struct versions_result *res, struct version_row *from)
{
	struct version_row *row = add_row(res);

	if (!row)
		return -ENOMEM;
	*row = *from;
	from->name = from->unit = from->name_space = NULL;
	return 0;
}

static int merge(struct run *r, struct versions_result *res)
{
	int ret = 0;

	for (size_t i = 0; i < r->req->nr_files && !ret; i++) {
		struct versions_result *from = &r->files[i].res;

		ret = from->symtypes_len ? gather(res, from->symtypes, from->symtypes_len) : 0;
		for (size_t n = 0; n < from->nr && !r->req->symbols && !ret; n++)
			ret = move_row(res, &from->rows[n]);
	}
	/* All have the same rows then. */
	for (size_t n = 0; r->req->symbols && n < r->files[0].res.nr && !ret; n++) {
		struct version_row *row = &r->files[best_row(r, n)].res.rows[n];

		if (row->v.status == KSYM_VERSION_UNDEFINED)
			row->file = NULL;
		ret = move_row(res, row);
	}
	return ret;
}

int versions_run(const struct versions_request *req, struct versions_result *res)
{
	struct run r = { .req = req };
	unsigned int jobs = req->jobs < req->nr_files ? req->jobs : (unsigned int)req->nr_files;
	int status = CLI_OK;

	*res = (struct versions_result){ 0 };
	r.files = calloc(req->nr_files + 1, sizeof(*r.files));
	if (!r.files)
		return CLI_SYSTEM;
	/* What is dumped while files are read is dumped in their order. */
	if (req->dump_dies || req->dump_types || req->dump_versions)
		jobs = 1;
	r.main_thread = pthread_self();
	cli_run_threads(jobs ? jobs : 1, read_files, &r);
	cli_progress_end();
	for (size_t i = 0; i < req->nr_files; i++) {
		int worse = r.files[i].ret ? cli_fail(&r.files[i].err) : CLI_OK;

		if (worse > status)
			status = worse;
	}
	if (!status && merge(&r, res)) {
		cli_say("ksym: out of memory");
		status = CLI_SYSTEM;
	}
	for (size_t i = 0; i < req->nr_files; i++)
		versions_free(&r.files[i].res);
	free(r.files);
	return status;
}

/* -------------------------------------------------------------------- words */

void versions_reason(const struct version_row *row, char *buf, size_t len)
{
	const char *unit = row->unit && *row->unit ? row->unit : "its unit";

	switch (row->v.status) {
	case KSYM_VERSION_ASSEMBLY:
		snprintf(buf, len, "assembly (%s) tells no types", unit);
		break;
	case KSYM_VERSION_NO_DIE:
		snprintf(buf, len, "%s has no debug information for it", unit);
		break;
	case KSYM_VERSION_NO_UNIT:
		snprintf(buf, len, "no unit with debug information has it");
		break;
	default:
		snprintf(buf, len, "neither the symbol table nor the debug information knows it");
		break;
	}
}

char **versions_read_list(FILE *f, size_t *nr, size_t *bad)
{
	char **list = calloc(1, sizeof(*list)), *line = NULL;
	size_t cap = 0, len = 0, at = 0;

	*nr = *bad = 0;
	while (list && getline(&line, &cap, f) > 0) {
		char *word = line + strspn(line, " \t\n\v\f\r");

		at++;
		word[strcspn(word, " \t\n\v\f\r")] = 0;
		if (!*word) {
			*bad = at;
			break;
		}
		if (*nr + 1 >= len) {
			char **p = realloc(list, (len = 2 * len + 64) * sizeof(*list));

			if (!p)
				break;
			list = p;
		}
		list[*nr] = strdup(word);
		list[*nr + 1] = NULL;
		if (!list[*nr])
			break;
		++*nr;
	}
	free(line);
	return list;
}

void versions_free_list(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}
