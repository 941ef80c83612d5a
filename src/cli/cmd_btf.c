// SPDX-License-Identifier: LGPL-2.1-or-later
/* BTF of images: written to files, or into the images. */
#include "cli.h"

#include <errno.h>
#include <ksym/btf.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
	const char *path;
	char *out;			/* NULL: into the image, or nowhere */
	int ret;
	struct ksym_error err;
	struct ksym_btf_info info;
};

struct run {
	const struct cli_args *a;
	struct ksym_btf_opts opts;
	struct ksym_btf *base;
	struct file *files;
	int nr_files;
	unsigned int nr_threads;
	bool writes;			/* something, somewhere */
	atomic_int next;
	pthread_t main_thread;
};

/* ----------------------------------------------------------------- options */

static int word_of(const struct cli_args *a, enum cli_option_id id, const char *const *words, int dflt)
{
	const char *value = cli_value(a, id);

	if (!value)
		return dflt;
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], value))
			return i;
	return -1;
}

static int read_opts(struct run *r)
{
	static const char *const vars[] = { "", "none", "percpu", "all", NULL };
	static const char *const functions[] = { "traceable", "all", "none", NULL };
	static const unsigned int function_flags[] = { 0, KSYM_BTF_ALL_FUNCTIONS, KSYM_BTF_NO_FUNCTIONS };
	int which = word_of(r->a, OPT_VARS, vars, KSYM_BTF_VARS_PERCPU);
	int functions_nr = word_of(r->a, OPT_FUNCTIONS, functions, 0);
	int status;

	if (which <= 0)
		return cli_usage_error(r->a, "--vars %s: expected percpu, all or none", cli_value(r->a, OPT_VARS));
	if (functions_nr < 0)
		return cli_usage_error(r->a, "--functions %s: expected traceable, all or none",
				       cli_value(r->a, OPT_FUNCTIONS));
	if (r->a->given[OPT_DISTILL] && !cli_value(r->a, OPT_BTF_BASE))
		return cli_usage_error(r->a, "--distill: expected --base, on which the BTF is split");
	if (!cli_jobs(r->a, &r->nr_threads, &status))
		return status;
	r->opts = (struct ksym_btf_opts)KSYM_OPTS(r->opts);
	r->opts.vars = (enum ksym_btf_vars)which;
	r->opts.flags = function_flags[functions_nr] |
			(r->a->given[OPT_RUST] ? KSYM_BTF_RUST : 0) |
			(r->a->given[OPT_FLAT_ARRAYS] ? KSYM_BTF_FLAT_ARRAYS : 0);
	return CLI_OK;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Where each file's goes: --output is a file for one, a folder for several. */
static int read_outputs(struct run *r)
{
	const char *out = cli_value(r->a, OPT_OUTPUT);
	struct stat st;
	bool is_dir;

	if (out && r->a->given[OPT_EMBED] && r->nr_files > 1)
		return cli_usage_error(r->a, "--embed --output: expected one FILE");
	if (!out)
		return CLI_OK;
	is_dir = !stat(out, &st) && S_ISDIR(st.st_mode);
	if (!is_dir && (r->nr_files > 1 || out[strlen(out) - 1] == '/')) {
		if (mkdir(out, 0777)) {
			cli_say("ksym: %s: cannot make a folder: %s", out, strerror(errno));
			return CLI_SYSTEM;
		}
		is_dir = true;
	}
	for (int i = 0; i < r->nr_files; i++) {
		int ret = is_dir ? asprintf(&r->files[i].out, "%s/%s.btf", out, base_name(r->files[i].path))
				 : asprintf(&r->files[i].out, "%s", out);

		if (ret < 0) {
			r->files[i].out = NULL;
			cli_say("ksym: out of memory");
			return CLI_SYSTEM;
		}
		for (int j = 0; j < i; j++)
			if (!strcmp(r->files[i].out, r->files[j].out))
				return cli_usage_error(r->a, "%s and %s would both become %s", r->files[j].path,
						       r->files[i].path, r->files[i].out);
	}
	return CLI_OK;
}

/* -------------------------------------------------------------------- work */

/* In place of BTF split on the base, the same on a distilled one. */
static int distill(struct ksym_btf **btf, struct ksym_error *err)
{
	struct ksym_btf *split = *btf;
	int ret = ksym_btf_distill(btf, split, err);

	if (ret)
		*btf = NULL;
	ksym_btf_close(split);
	return ret;
}

static int write_detached(const struct ksym_btf *btf, const char *out, bool distilled, struct ksym_error *err)
{
	int ret = 0;
	char *base;

	if (distilled) {
		if (asprintf(&base, "%s.base", out) < 0) {
			*err = (struct ksym_error){ .code = -ENOMEM, .text = "out of memory" };
			return -ENOMEM;
		}
		ret = ksym_btf_write(ksym_btf_base(btf), base, err);
		free(base);
	}
	return ret ? ret : ksym_btf_write(btf, out, err);
}

static void do_file(struct run *r, struct file *f, unsigned int nr_threads)
{
	struct ksym_btf_opts opts = r->opts;
	struct ksym_btf *btf;

	opts.nr_threads = nr_threads;
	opts.base = r->base;
	f->info.size = sizeof(f->info);
	f->ret = ksym_btf_encode(&btf, f->path, &opts, &f->err);
	if (!f->ret && r->a->given[OPT_DISTILL])
		f->ret = distill(&btf, &f->err);
	if (f->ret)
		return;
	ksym_btf_info(btf, &f->info);
	if (r->a->given[OPT_EMBED])
		f->ret = ksym_btf_embed(btf, f->path, f->out ? f->out : f->path, &f->err);
	else if (f->out)
		f->ret = write_detached(btf, f->out, r->a->given[OPT_DISTILL], &f->err);
	ksym_btf_close(btf);
}

static void *do_files(void *arg)
{
	struct run *r = arg;
	char text[300];
	int i;

	while ((i = atomic_fetch_add(&r->next, 1)) < r->nr_files) {
		if (pthread_equal(pthread_self(), r->main_thread) && !r->a->given[OPT_QUIET]) {
			snprintf(text, sizeof(text), "%d of %d: %s", i + 1, r->nr_files,
				 base_name(r->files[i].path));
			cli_message(NULL, KSYM_MESSAGE_PROGRESS, text);
		}
		do_file(r, &r->files[i], r->nr_files > 1 ? 1 : r->nr_threads);
	}
	return NULL;
}

static void run_all(struct run *r)
{
	r->main_thread = pthread_self();
	cli_run_threads(r->nr_files > 1 ? r->nr_threads : 1, do_files, r);
	cli_progress_end();
}

/* ------------------------------------------------------------------ report */

/* What people count in: names of kinds, in the order of the listing. */
static const struct {
	const char *one, *json;
	unsigned int kinds[2];		/* BTF_KIND_*; 0 = none */
} groups[] = {
	{ "structures", "structs", { 4 } },   { "unions", "unions", { 5 } },
	{ "enumerations", "enums", { 6, 19 } }, { "typedefs", "typedefs", { 8 } },
	{ "functions", "functions", { 12 } }, { "variables", "variables", { 14 } },
	{ "sections", "sections", { 15 } },   { "tags", "tags", { 17, 18 } },
};

static const struct {
	const char *text, *json;
	size_t at;
} reasons[] = {
	{ "at several addresses", "ambiguous", offsetof(struct ksym_btf_info, nr_ambiguous) },
	{ "several prototypes", "inconsistent", offsetof(struct ksym_btf_info, nr_inconsistent) },
	{ "parameters in other registers", "registers", offsetof(struct ksym_btf_info, nr_registers) },
	{ "parameters optimised away", "optimized", offsetof(struct ksym_btf_info, nr_optimized) },
	{ "packed structures on the stack", "packed", offsetof(struct ksym_btf_info, nr_packed) },
};
#define NR(x) (sizeof(x) / sizeof(*(x)))

static uint32_t in_group(const struct ksym_btf_info *info, size_t i)
{
	return info->nr_kinds[groups[i].kinds[0]] +
	       (groups[i].kinds[1] ? info->nr_kinds[groups[i].kinds[1]] : 0);
}

static uint32_t for_reason(const struct ksym_btf_info *info, size_t i)
{
	uint32_t nr;

	memcpy(&nr, (const char *)info + reasons[i].at, sizeof(nr));
	return nr;
}

static void print_text(const struct run *r, const struct file *f)
{
	const struct ksym_btf_info *info = &f->info;
	uint32_t left_out = 0;
	const char *sep = ": ";
	FILE *to = r->writes ? stderr : stdout;

	fprintf(to, "%s: %u types, %u bytes", f->out ? f->out : f->path, info->nr_types,
	       info->types_len + info->strings_len + 24);
	for (size_t i = 0; i < NR(groups); i++)
		if (in_group(info, i)) {
			fprintf(to, "%s%u %s", sep, in_group(info, i), groups[i].one);
			sep = ", ";
		}
	fputc('\n', to);
	for (size_t i = 0; i < NR(reasons); i++)
		left_out += for_reason(info, i);
	if (left_out && r->nr_files == 1) {
		fprintf(to, "%u names of functions are left out:", left_out);
		sep = " ";
		for (size_t i = 0; i < NR(reasons); i++)
			if (for_reason(info, i)) {
				fprintf(to, "%s%u %s", sep, for_reason(info, i), reasons[i].text);
				sep = ", ";
			}
		fputc('\n', to);
	}
	if (info->nr_rust && r->nr_files == 1)
		fprintf(to, "%u units in Rust are left out: the kernel refuses the names of their types (--rust)\n",
		       info->nr_rust);
}

static struct json_object *json_file(const struct file *f)
{
	struct json_object *o = json_object_new_object(), *left_out = json_object_new_object();

	json_object_object_add(o, "file", cli_json_string(f->path));
	if (f->out)
		json_object_object_add(o, "output", cli_json_string(f->out));
	json_object_object_add(o, "first_type", json_object_new_int64(f->info.first));
	json_object_object_add(o, "types", json_object_new_int64(f->info.nr_types));
	json_object_object_add(o, "bytes", json_object_new_int64((int64_t)f->info.types_len +
								 f->info.strings_len + 24));
	for (size_t i = 0; i < NR(groups); i++)
		json_object_object_add(o, groups[i].json, json_object_new_int64(in_group(&f->info, i)));
	for (size_t i = 0; i < NR(reasons); i++)
		json_object_object_add(left_out, reasons[i].json,
				       json_object_new_int64(for_reason(&f->info, i)));
	json_object_object_add(o, "functions_left_out", left_out);
	json_object_object_add(o, "rust_units_left_out", json_object_new_int64(f->info.nr_rust));
	return o;
}

static int report(const struct run *r)
{
	bool json = r->a->given[OPT_JSON];
	int status = CLI_OK;

	if (json)
		cli_json_list_begin("files");
	for (int i = 0; i < r->nr_files; i++) {
		const struct file *f = &r->files[i];
		int ret = f->ret ? cli_fail(&f->err) : CLI_OK;

		status = ret > status ? ret : status;
		if (ret)
			continue;
		if (json)
			cli_json_list_item(json_file(f));
		else if (!r->a->given[OPT_QUIET] && (!r->writes || isatty(STDERR_FILENO)))
			print_text(r, f);
	}
	if (json)
		cli_json_list_end();
	if (!status && !json && !r->writes && !r->a->given[OPT_QUIET])
		puts("nothing is written: --output FILE or --embed says where to");
	return cli_finish(status);
}

int cmd_btf(const struct cli_args *a)
{
	struct run r = { .a = a, .nr_files = a->nr_operands };
	const char *base = cli_value(a, OPT_BTF_BASE);
	struct ksym_error err;
	int status = read_opts(&r);

	r.files = calloc((size_t)r.nr_files, sizeof(*r.files));
	if (!r.files)
		return CLI_SYSTEM;
	for (int i = 0; i < r.nr_files; i++)
		r.files[i].path = a->operands[i];
	r.writes = a->given[OPT_EMBED] || cli_value(a, OPT_OUTPUT);
	if (!status)
		status = read_outputs(&r);
	if (!status && base && ksym_btf_read(&r.base, base, NULL, &err))
		status = cli_fail(&err);
	if (!status) {
		run_all(&r);
		status = report(&r);
	}
	ksym_btf_close(r.base);
	for (int i = 0; i < r.nr_files; i++)
		free(r.files[i].out);
	free(r.files);
	return status;
}
