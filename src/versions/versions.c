// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/opts.h"
#include "index/index.h"
#include "versions/job.h"
#include "versions/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- messages */

static void say(const struct ksym_versions_opts *o, enum ksym_message_kind kind, const char *text)
{
	if (o->message)
		o->message(o->message_arg, kind, text);
}

static void warn_two_places(void *arg, const char *name)
{
	char text[KSYM_NAME_LEN + 100];

	snprintf(text, sizeof(text), "symbol %.*s is defined more than once; the first counts",
		 KSYM_NAME_LEN, name);
	say(arg, KSYM_MESSAGE_WARNING, text);
}

static void warn_tie(void *arg, const char *name)
{
	char text[KSYM_NAME_LEN + 100];

	snprintf(text, sizeof(text),
		 "type %.*s has two texts of the same length; the first in .debug_info counts",
		 KSYM_NAME_LEN, name);
	say(arg, KSYM_MESSAGE_WARNING, text);
}

/* ------------------------------------------------------------------- steps */

static int read_symbols(struct ks_job *j)
{
	int ret = 0;

	for (size_t i = 0; j->opts->symbols && j->opts->symbols[i] && !ret; i++)
		ret = ks_exports_add(&j->exports, j->opts->symbols[i], strlen(j->opts->symbols[i]),
				     j->err);
	if (!ret)
		ret = ks_exports_read(&j->exports, j->image, !j->opts->symbols, j->err);
	/* A stripped image has the records, but not the symbols that lead to them. */
	if (!ret && j->debug && j->debug != j->image && j->image->nr_symbols <= 1)
		ret = ks_exports_read(&j->exports, j->debug, !j->opts->symbols, j->err);
	if (!ret)
		ret = ks_exports_order(&j->exports, j->err);
	if (!ret)
		ret = ks_exports_locate(&j->exports,
					j->image->nr_symbols > 1 || !j->debug ? j->image : j->debug,
					warn_two_places, (void *)j->opts, j->err);
	return ret;
}

static int read_dwarf(struct ks_job *j)
{
	unsigned int nr = 0;
	int ret;

	if (!j->debug)
		return ks_error(j->err, -ENODATA,
				"%s: has no debug information and no separate debug file was found: types are read from DWARF (gcc -g, CONFIG_DEBUG_INFO)",
				j->image->path);
	for (uint32_t i = 1; i < j->debug->nr_sections; i++)
		nr += !strcmp(j->debug->sections[i].name, ".debug_info");
	if (nr > 1)
		return ks_error(j->err, -ENOTSUP,
				"%s: %u sections .debug_info: expected one, with all types (no -fdebug-types-section)",
				j->debug->path, nr);
	j->d.e = j->debug;
	ret = ks_dwarf_load(&j->d, ~(1u << KS_DWARF_RANGES | 1u << KS_DWARF_RNGLISTS |
				     1u << KS_DWARF_ADDR | KS_DWARF_SET_LOCATIONS), j->err);
	return ret ? ret : ks_units_read(&j->units, &j->d, j->err);
}

/* A rule gives one symbol a text; others that it shares its address with have theirs. */
static int add_rule_texts(struct ks_job *j, struct ksym_versions *v)
{
	int ret = 0;

	for (uint32_t i = 0; i < v->nr && !ret; i++) {
		struct ks_version_result *r = &v->results[i];
		const char *name = j->exports.v.data[i].name, *text;

		if (r->text == UINT32_MAX || !ks_kabi_type_string(v->map.kabi, name, &text))
			continue;
		r->text = (uint32_t)v->map.symbols.len;
		ret = ks_typemap_add_symbol(&v->map, NULL, name, 0, j->err);
	}
	return ret;
}

/* Texts of types and symbols from the graphs of all workers. */
static int write_texts(struct ks_job *j, struct ksym_versions *v)
{
	struct ks_symtext_writer *writers = calloc(j->nr_workers, sizeof(*writers));
	int ret = 0;

	if (!writers)
		return ks_error_nomem(j->err);
	for (uint32_t i = 0; i < v->nr; i++)
		v->results[i].text = j->exports.v.data[i].root;
	v->map.path = v->path;
	v->map.kabi = j->opts->stable ? &j->kabi : NULL;
	v->map.tie = j->opts->report_ties ? warn_tie : NULL;
	v->map.tie_arg = (void *)j->opts;
	for (unsigned int i = 0; i < j->nr_workers; i++)
		writers[i] = (struct ks_symtext_writer){
			.g = &j->workers[i].graph, .type_names = &v->map.names, .err = j->err,
			.path = v->path,
			.max_len = 16 * (uint64_t)j->d.s[KS_DWARF_INFO].len + (64 << 10),
		};
	ret = ks_typemap_add_types(&v->map, writers, j->nr_workers, j->err);
	for (size_t i = 0; i < j->roots.v.len && !ret; i++)
		ret = ks_typemap_add_symbol(&v->map, &writers[j->shapes[i].worker],
					    j->exports.v.data[j->roots.v.data[i].symbol].name,
					    j->shapes[i].shape, j->err);
	if (!ret && v->map.kabi)
		ret = add_rule_texts(j, v);
	if (!ret)
		ret = ks_typemap_finish(&v->map, j->err);
	v->map.kabi = NULL;
	for (unsigned int i = 0; i < j->nr_workers; i++)
		ks_symtext_writer_free(&writers[i]);
	free(writers);
	return ret;
}

/* Of symbols at one place the first, in gendwarfksyms's order, tells the version of all. */
static uint32_t leader(const struct ks_job *j, uint32_t symbol)
{
	const struct ks_export *x = j->exports.v.data;
	uint32_t best = symbol;

	for (uint32_t i = x[symbol].same; i != symbol; i = x[i].same)
		if (x[i].order < x[best].order)
			best = i;
	return best;
}

static int expand(struct ks_job *j, struct ksym_versions *v)
{
	uint32_t *crcs = calloc(v->map.symbols.len + 1, sizeof(*crcs));
	bool *wanted = calloc(v->map.symbols.len + 1, sizeof(*wanted));
	int ret = crcs && wanted ? ks_expander_open(&v->expander, &v->map, j->err)
				 : ks_error_nomem(j->err);

	for (uint32_t i = 0; i < v->nr && !ret; i++)
		if (v->results[i].text != UINT32_MAX)
			wanted[v->results[leader(j, i)].text] = true;
	if (!ret)
		ret = ks_expand_all(v->expander, wanted, crcs, j->nr_workers, j->err);
	for (uint32_t i = 0; i < v->nr && !ret; i++)
		if (v->results[i].text != UINT32_MAX)
			v->results[i].crc = crcs[v->results[leader(j, i)].text];
	free(crcs);
	free(wanted);
	return ret;
}

static int copy_exports(struct ks_job *j, struct ksym_versions *v)
{
	for (uint32_t i = 0; i < v->nr; i++) {
		const struct ks_export *x = &j->exports.v.data[i];

		v->results[i].place = i;
		for (uint32_t same = x->same; same != i; same = j->exports.v.data[same].same)
			if (same < v->results[i].place)
				v->results[i].place = same;
		v->results[i].gpl = x->gpl;
		v->results[i].name_space = "";
		if (!*x->name_space)
			continue;
		v->results[i].name_space =
			ks_arena_strdup(&v->arena, x->name_space, strlen(x->name_space));
		if (!v->results[i].name_space)
			return ks_error_nomem(j->err);
	}
	return 0;
}

static int copy_reasons(struct ks_job *j, struct ksym_versions *v)
{
	for (uint32_t i = 0; i < v->nr && j->reasons; i++) {
		const char *unit = j->reasons[i].unit;

		v->results[i].reason = j->reasons[i];
		if (!unit)
			continue;
		v->results[i].reason.unit = ks_arena_strdup(&v->arena, unit, strlen(unit));
		if (!v->results[i].reason.unit)
			return ks_error_nomem(j->err);
	}
	return 0;
}

static int start_workers(struct ks_job *j)
{
	j->nr_workers = j->opts->nr_threads ? j->opts->nr_threads : 1;
	if (j->nr_workers > j->units.v.len + 1)
		j->nr_workers = (unsigned int)j->units.v.len + 1;
	j->workers = calloc(j->nr_workers, sizeof(*j->workers));
	if (!j->workers)
		return ks_error_nomem(j->err);
	for (unsigned int i = 0; i < j->nr_workers; i++) {
		j->workers[i].job = j;
		j->workers[i].number = i;
	}
	return 0;
}

static int run_steps(struct ks_job *j, struct ksym_versions *v)
{
	int ret = read_symbols(j);

	if (!ret && j->exports.v.len)
		ret = read_dwarf(j);
	if (!ret && j->opts->stable)
		ret = ks_kabi_read(&j->kabi, j->image, j->err);
	if (!ret)
		ret = start_workers(j);
	if (!ret) {
		say(j->opts, KSYM_MESSAGE_PROGRESS, "looking for symbols");
		ret = ks_job_match(j);
	}
	if (!ret) {
		say(j->opts, KSYM_MESSAGE_PROGRESS, "reading types");
		ret = ks_job_types(j);
	}
	v->nr = (uint32_t)j->exports.v.len;
	v->results = calloc((size_t)v->nr + 1, sizeof(*v->results));
	if (!ret && !v->results)
		ret = ks_error_nomem(j->err);
	if (!ret)
		ret = write_texts(j, v);
	if (!ret) {
		say(j->opts, KSYM_MESSAGE_PROGRESS, "computing versions");
		ret = expand(j, v);
	}
	if (!ret)
		ret = copy_exports(j, v);
	if (!ret)
		ret = copy_reasons(j, v);
	v->names = j->exports.names;
	j->exports.names = (struct ks_strpool){ 0 };
	return ret;
}

static int read_image(struct ksym_versions *v, const struct ksym_versions_opts *o,
		      struct ksym_error *err)
{
	struct ks_elf image = { .fd = -1 }, debug = { .fd = -1 };
	struct ks_job j = { .opts = o, .err = err, .image = &image };
	int ret = ks_elf_open(&image, v->path, err);

	if (!ret)
		ret = ks_elf_find_debug(&image, ".debug_info", o->debug_file, !o->no_debug_search,
					&debug, &j.debug, err);
	if (!ret)
		ret = run_steps(&j, v);
	/* What steps tell each other apart by is bad input for everybody else. */
	if (ret == -ELOOP || ret == -ENOLINK) {
		ret = -EBADMSG;
		if (err)
			err->code = ret;
	}
	ks_job_free(&j);
	ks_elf_close(&debug);
	ks_elf_close(&image);
	return ret;
}

int ksym_versions_read(const char *image_path, const struct ksym_versions_opts *opts,
		       struct ksym_versions **out, struct ksym_error *err)
{
	struct ksym_versions *v = calloc(1, sizeof(*v));
	struct ksym_versions_opts o;
	int ret;

	*out = NULL;
	if (!v)
		return ks_error_nomem(err);
	ret = ks_opts_copy(&o, sizeof(o), opts, err);
	v->path = strdup(image_path);
	if (!ret && !v->path)
		ret = ks_error_nomem(err);
	v->stable = !ret && o.stable;
	if (!ret)
		ret = ks_index_is(image_path) ? ks_versions_read_index(v, &o, err)
					      : read_image(v, &o, err);
	if (ret)
		ksym_versions_close(v);
	else
		*out = v;
	return ret;
}

void ksym_versions_close(struct ksym_versions *v)
{
	if (!v)
		return;
	ks_expander_close(v->expander);
	ks_typemap_free(&v->map);
	ks_strpool_free(&v->names);
	ks_arena_free(&v->arena);
	free(v->results);
	free(v->path);
	free(v);
}

/* ----------------------------------------------------------------- results */

uint32_t ksym_versions_nr(const struct ksym_versions *v)
{
	return v->nr;
}

bool ksym_versions_get(const struct ksym_versions *v, uint32_t i, struct ksym_version *out)
{
	const struct ks_version_result *r;

	if (i >= v->nr)
		return false;
	r = &v->results[i];
	*out = (struct ksym_version){ .name = ks_strpool_get(&v->names, i), .crc = r->crc,
				      .status = r->reason.status, .unit = r->reason.unit,
				      .place = r->place, .gpl = r->gpl, .name_space = r->name_space };
	return true;
}

struct line {
	const char *name;
	const struct ks_expansion *x;
};

static int compare_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int write_line(const struct ks_typemap *m, const struct line *l, struct ks_symtext *buf,
		      ksym_write_fn fn, void *arg, struct ksym_error *err)
{
	uint32_t pos = 0;
	int ret;

	ks_symtext_clear(buf);
	ret = ks_symtext_add(buf, l->name, strlen(l->name), err);
	if (!ret)
		ret = ks_symtext_add(buf, " ", 1, err);
	for (uint32_t i = 0; i <= l->x->nr_refs && !ret; i++) {
		const struct ks_symtext_ref *ref =
			i < l->x->nr_refs ? &m->all_refs.data[l->x->first_ref + i] : NULL;
		uint32_t end = ref ? ref->pos : l->x->nr_bytes;

		ret = ks_symtext_add(buf, m->all_bytes.data + l->x->first_byte + pos, end - pos, err);
		if (!ret && ref)
			ret = ks_symtext_add(buf, m->names.entries[ref->type].s,
					  m->names.entries[ref->type].len, err);
		pos = end;
	}
	if (!ret)
		ret = ks_symtext_add(buf, "\n", 1, err);
	return ret ? ret : fn(arg, buf->bytes.data, buf->bytes.len);
}

int ksym_versions_write_symtypes(const struct ksym_versions *v, bool with_symbols,
				 ksym_write_fn fn, void *arg, struct ksym_error *err)
{
	const struct ks_typemap *m = &v->map;
	struct line *lines = malloc((m->types.len + v->nr + 1) * sizeof(*lines));
	struct ks_symtext buf = { 0 };
	size_t nr = 0;
	int ret = 0;

	if (!lines)
		return ks_error_nomem(err);
	for (uint32_t i = 0; i < m->types.len; i++)
		if (m->types.data[i].known)
			lines[nr++] = (struct line){ ks_strpool_get(&m->names, i), &m->types.data[i] };
	for (uint32_t i = 0; i < v->nr && with_symbols; i++)
		if (v->results[i].text != UINT32_MAX)
			lines[nr++] = (struct line){ ks_strpool_get(&v->names, i),
						     &m->symbols.data[v->results[i].text] };
	qsort(lines, nr, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < nr && !ret; i++)
		ret = write_line(m, &lines[i], &buf, fn, arg, err);
	ks_symtext_free(&buf);
	free(lines);
	return ret;
}

int ksym_versions_write_expanded(const struct ksym_versions *v, uint32_t i, ksym_write_fn fn,
				 void *arg, struct ksym_error *err)
{
	if (i >= v->nr || v->results[i].text == UINT32_MAX)
		return 0;
	return ks_expand_text(v->expander, v->results[i].text, fn, arg, err);
}
