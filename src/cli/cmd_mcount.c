// SPDX-License-Identifier: LGPL-2.1-or-later
/* mcount: the table of functions that ftrace may patch. */
#include "cli.h"

#include <fnmatch.h>
#include <ksym/holes.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ totals */

/* By section of the code, in the order in which they come up. */
struct totals {
	const char *section;	/* NULL: in no code */
	uint32_t live, dead;
};

struct sections {
	struct totals *v;
	size_t nr;
};

static struct totals *find(struct sections *s, const char *name)
{
	struct totals *p;

	for (size_t i = 0; i < s->nr; i++)
		if (s->v[i].section == name || (s->v[i].section && name && !strcmp(s->v[i].section, name)))
			return &s->v[i];
	p = realloc(s->v, (s->nr + 1) * sizeof(*p));
	if (!p)
		return NULL;
	s->v = p;
	p[s->nr] = (struct totals){ .section = name };
	return &p[s->nr++];
}

static int print_totals(const struct cli_args *a, const struct ksym_holes *holes,
			const struct ksym_holes_info *info)
{
	struct json_object *doc = json_object_new_object(), *list = json_object_new_array();
	struct sections s = { 0 };
	struct ksym_mcount_entry e;

	for (uint32_t i = 0; ksym_mcount_entry(holes, i, &e); i++) {
		struct totals *t = e.is_zero ? NULL : find(&s, e.section);

		if (t && e.is_dead)
			t->dead++;
		else if (t)
			t->live++;
	}
	json_object_object_add(doc, "entries", json_object_new_int64(info->nr_mcount));
	json_object_object_add(doc, "live", json_object_new_int64(info->nr_mcount - info->nr_mcount_dead));
	json_object_object_add(doc, "dead", json_object_new_int64(info->nr_mcount_dead));
	json_object_object_add(doc, "zero", json_object_new_int64(info->nr_mcount_zero));
	json_object_object_add(doc, "sections", list);
	if (!a->given[OPT_JSON])
		printf("%u entries, %u live, %u dead, %u zero\n", info->nr_mcount,
		       info->nr_mcount - info->nr_mcount_dead, info->nr_mcount_dead, info->nr_mcount_zero);
	for (size_t i = 0; i < s.nr; i++) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "section", s.v[i].section ? cli_json_string(s.v[i].section) : NULL);
		json_object_object_add(o, "live", json_object_new_int64(s.v[i].live));
		json_object_object_add(o, "dead", json_object_new_int64(s.v[i].dead));
		json_object_array_add(list, o);
		if (!a->given[OPT_JSON])
			printf("%s: %u live, %u dead\n", s.v[i].section ? s.v[i].section : "no code",
			       s.v[i].live, s.v[i].dead);
	}
	free(s.v);
	if (a->given[OPT_JSON])
		cli_json_print(doc);
	else
		json_object_put(doc);
	return CLI_OK;
}

/* -------------------------------------------------------------------- list */

static bool wanted(const char *const *patterns, const char *name)
{
	for (; patterns && *patterns; patterns++)
		if (name && !fnmatch(*patterns, name, 0))
			return true;
	return !patterns;
}

static void print_entry(const struct cli_args *a, const struct ksym_holes_info *info,
			const struct ksym_mcount_entry *e)
{
	struct json_object *o;

	if (!a->given[OPT_JSON]) {
		printf("%0*llx %s %s", info->elf_class == 1 ? 8 : 16, (unsigned long long)e->va,
		       e->is_zero ? "zero" : e->is_dead ? "dead" : "live", e->function ? e->function : "?");
		if (e->function && e->va != e->function_va)
			printf("%+lld", (long long)(e->va - e->function_va));
		if (e->index)
			printf("\t%u", e->index);
		putchar('\n');
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "address", cli_json_address(info->elf_class, e->va));
	json_object_object_add(o, "function", e->function ? cli_json_string(e->function) : NULL);
	json_object_object_add(o, "section", e->section ? cli_json_string(e->section) : NULL);
	json_object_object_add(o, "dead", json_object_new_boolean(e->is_dead));
	json_object_object_add(o, "init", json_object_new_boolean(e->is_init));
	json_object_object_add(o, "index", e->index ? json_object_new_int64(e->index) : NULL);
	cli_json_list_item(o);
}

static int list(const struct cli_args *a, const struct ksym_holes *holes,
		const struct ksym_holes_info *info)
{
	struct ksym_mcount_entry e;

	if (a->given[OPT_JSON])
		cli_json_list_begin("entries");
	for (uint32_t i = 0; ksym_mcount_entry(holes, i, &e); i++)
		print_entry(a, info, &e);
	if (a->given[OPT_JSON])
		cli_json_list_end();
	return CLI_OK;
}

/* ------------------------------------------------------------------- index */

static void print_index(const struct cli_args *a, uint32_t index, const char *name)
{
	struct json_object *o;

	if (!a->given[OPT_JSON]) {
		printf("%u %s\n", index, name);
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "index", json_object_new_int64(index));
	json_object_object_add(o, "function", cli_json_string(name));
	cli_json_list_item(o);
}

/* Of an image: the dead have names, too, but a kernel does not trace them. */
static uint32_t index_image(const struct cli_args *a, const struct ksym_holes *holes)
{
	struct ksym_mcount_entry e;
	uint32_t nr = 0;

	for (uint32_t i = 0; ksym_mcount_entry(holes, i, &e); i++) {
		if (!e.index || e.is_dead || !wanted(a->values[OPT_NUMBER], e.function))
			continue;
		print_index(a, e.index, e.function);
		nr++;
	}
	return nr;
}

/* Lines of available_filter_functions are in the order in which a kernel counts. */
static uint32_t index_lines(const struct cli_args *a, FILE *f)
{
	char *line = NULL;
	size_t cap = 0;
	uint32_t nr = 0;

	for (uint32_t i = 1; getline(&line, &cap, f) > 0; i++) {
		line[strcspn(line, " \t\n")] = 0;
		if (!wanted(a->values[OPT_NUMBER], line))
			continue;
		print_index(a, i, line);
		nr++;
	}
	free(line);
	return nr;
}

/* The file to number the lines of; NULL: FILE is an image. */
static FILE *open_lines(const struct cli_args *a, int *status)
{
	static const char *const live[] = { "/sys/kernel/tracing/available_filter_functions",
					    "/sys/kernel/debug/tracing/available_filter_functions" };
	char magic[4] = "";
	FILE *f = NULL;

	*status = CLI_OK;
	for (size_t i = 0; !a->nr_operands && i < 2 && !f; i++)
		f = fopen(live[i], "re");
	if (!a->nr_operands && !f) {
		cli_say("ksym mcount: %s: cannot open: %m (as root, with tracefs mounted; or give an image)",
			live[0]);
		*status = CLI_SYSTEM;
	}
	if (!a->nr_operands)
		return f;
	f = fopen(a->operands[0], "re");
	if (!f)
		return NULL;	/* reading it as an image says why */
	if (fread(magic, 1, 4, f) == 4 && !memcmp(magic, "\177ELF", 4)) {
		fclose(f);
		return NULL;
	}
	rewind(f);
	return f;
}

static int print_indexes(const struct cli_args *a)
{
	struct ksym_holes_info info;
	struct ksym_holes *holes;
	int status;
	FILE *f = open_lines(a, &status);
	uint32_t nr = 0;

	if (status)
		return status;
	if (!f)
		status = cli_read_holes(a, &holes, &info);
	if (status)
		return status;
	if (a->given[OPT_JSON])
		cli_json_list_begin("functions");
	nr = f ? index_lines(a, f) : index_image(a, holes);
	if (a->given[OPT_JSON])
		cli_json_list_end();
	if (f)
		fclose(f);
	else
		ksym_holes_close(holes);
	if (nr)
		return CLI_OK;
	fflush(stdout);
	cli_say("ksym mcount: no function fits %s", cli_value(a, OPT_NUMBER));
	return CLI_DIFFERS;
}

/* ------------------------------------------------------------------- clean */

static int clean(const struct cli_args *a)
{
	static const char *const modes[] = { "auto", "zero", "unrelocate" };
	struct ksym_clean_result r = { .size = sizeof(r) };
	const char *mode = cli_value(a, OPT_MODE);
	struct json_object *o;
	struct ksym_error err;
	unsigned int m = 0;

	while (mode && m < 3 && strcmp(mode, modes[m]))
		m++;
	if (m == 3)
		return cli_usage_error(a, "--mode %s: expected auto, zero or unrelocate", mode);
	if (ksym_mcount_clean(a->operands[0], cli_value(a, OPT_OUTPUT), (enum ksym_clean_mode)m, &r, &err))
		return cli_fail(&err);
	if (a->given[OPT_JSON]) {
		o = json_object_new_object();
		json_object_object_add(o, "entries", json_object_new_int64(r.nr_entries));
		json_object_object_add(o, "kept", json_object_new_int64(r.nr_kept));
		json_object_object_add(o, "cleaned", json_object_new_int64(r.nr_cleaned));
		json_object_object_add(o, "relocations", json_object_new_int64(r.nr_relocations));
		json_object_object_add(o, "live", json_object_new_int64(r.nr_live));
		json_object_object_add(o, "mode", json_object_new_string(modes[r.mode]));
		cli_json_print(o);
	} else if (!a->given[OPT_QUIET]) {
		printf("%u of %u entries kept, %u made zero", r.nr_kept, r.nr_entries, r.nr_cleaned);
		if (r.nr_relocations)
			printf(", %u relocations made void", r.nr_relocations);
		putchar('\n');
	}
	if (r.nr_live && !a->given[OPT_QUIET])
		cli_say("ksym: warning: %s: %u of them are of functions that are alive, the first at %llx: so the kernel's own tool does it",
			a->operands[0], r.nr_live, (unsigned long long)r.live_va);
	return CLI_OK;
}

int cmd_mcount(const struct cli_args *a)
{
	struct ksym_holes_info info;
	struct ksym_holes *holes;
	int status;

	if (a->given[OPT_CLEAN] + a->given[OPT_LIST] + a->given[OPT_NUMBER] > 1)
		return cli_usage_error(a, "--list, --clean and --index exclude each other");
	if (!a->given[OPT_CLEAN] && (a->given[OPT_OUTPUT] || a->given[OPT_MODE]))
		return cli_usage_error(a, "--output and --mode go with --clean");
	if (a->given[OPT_NUMBER])
		return print_indexes(a);
	if (!a->nr_operands)
		return cli_usage_error(a, "expected %s", "FILE");
	if (a->given[OPT_CLEAN])
		return clean(a);
	status = cli_read_holes(a, &holes, &info);
	if (status)
		return status;
	status = a->given[OPT_LIST] ? list(a, holes, &info) : print_totals(a, holes, &info);
	ksym_holes_close(holes);
	return status;
}
