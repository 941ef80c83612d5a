// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli.h"

#include <stdlib.h>

struct finding {
	uint32_t symbol;
	enum ksym_ambiguity why;
};

struct findings {
	struct finding *v;
	size_t nr, cap;
	bool failed;
};

static const char *const reasons[] = {
	[KSYM_AMBIGUOUS_SAME_OBJECT] = "same object",
	[KSYM_AMBIGUOUS_SAME_PATH] = "same path",
	[KSYM_AMBIGUOUS_NO_OWNER] = "no owner",
	[KSYM_AMBIGUOUS_ALIAS] = "alias",
};

static void collect(void *arg, const struct ksym_symbol *s, enum ksym_ambiguity why)
{
	struct findings *f = arg;

	if (f->nr == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 64;
		struct finding *p = realloc(f->v, cap * sizeof(*p));

		if (!p) {
			f->failed = true;
			return;
		}
		f->v = p;
		f->cap = cap;
	}
	f->v[f->nr++] = (struct finding){ s->index, why };
}

static void print_symbol(const struct ksym_index *idx, const struct ksym_symbol *s)
{
	char line[16384];
	struct ksym_object o;

	ksym_symbol_format(idx, s, KSYM_FORMAT_FULL, line, sizeof(line));
	printf("  %s", line);
	if (ksym_index_object(idx, s->object, &o) && o.path[0])
		printf("  (%s)", o.path);
}

static void print_text(const struct ksym_index *idx, const struct findings *f, bool data)
{
	struct ksym_symbol s;

	for (int why = 1; why <= KSYM_AMBIGUOUS_ALIAS; why++) {
		bool headed = false;

		for (size_t i = 0; i < f->nr; i++) {
			if ((int)f->v[i].why != why ||
			    !ksym_index_symbol(idx, f->v[i].symbol, &s) || (!s.is_text && !data))
				continue;
			if (!headed)
				printf("not unique, %s:\n", reasons[why]);
			headed = true;
			print_symbol(idx, &s);
			putchar('\n');
		}
	}
}

static void print_disagreements(const struct ksym_index *idx)
{
	struct ksym_symbol s;
	struct ksym_object other;
	bool headed = false;

	for (uint32_t i = 0; ksym_index_symbol(idx, i, &s); i++) {
		if (!ksym_index_object(idx, s.other_object, &other))
			continue;
		if (!headed)
			puts("two sources disagree:");
		headed = true;
		print_symbol(idx, &s);
		printf(" or %s\n", other.path);
	}
}

static void print_summary(const struct ksym_check_result *r)
{
	printf("text: %u symbols, %u share their name, %u are not unique by identity, %u without owner\n",
	       r->nr_text, r->nr_text_shared, r->nr_text_ambiguous, r->nr_text_no_owner);
	printf("data: %u symbols, %u share their name, %u are not unique by identity, %u without owner\n",
	       r->nr_data, r->nr_data_shared, r->nr_data_ambiguous, r->nr_data_no_owner);
	if (r->nr_disagreements)
		printf("%u symbols about whose object two sources disagree (--disagreements lists them)\n",
		       r->nr_disagreements);
}

static struct json_object *counts(uint32_t nr, uint32_t shared, uint32_t ambiguous,
				  uint32_t no_owner)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "symbols", json_object_new_int64(nr));
	json_object_object_add(o, "shared", json_object_new_int64(shared));
	json_object_object_add(o, "ambiguous", json_object_new_int64(ambiguous));
	json_object_object_add(o, "no_owner", json_object_new_int64(no_owner));
	return o;
}

static struct json_object *disagreeing(const struct ksym_index *idx)
{
	struct json_object *list = json_object_new_array();
	struct ksym_symbol s;

	for (uint32_t i = 0; ksym_index_symbol(idx, i, &s); i++)
		if (s.other_object != KSYM_NO_OBJECT)
			json_object_array_add(list, cli_json_symbol(idx, &s));
	return list;
}

static void print_json(const struct ksym_index *idx, const struct findings *f,
		       const struct ksym_check_result *r, bool disagreements)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	struct ksym_symbol s;

	json_object_object_add(o, "text", counts(r->nr_text, r->nr_text_shared,
						 r->nr_text_ambiguous, r->nr_text_no_owner));
	json_object_object_add(o, "data", counts(r->nr_data, r->nr_data_shared,
						 r->nr_data_ambiguous, r->nr_data_no_owner));
	json_object_object_add(o, "disagreements", json_object_new_int64(r->nr_disagreements));
	for (size_t i = 0; i < f->nr; i++) {
		struct json_object *sym;

		if (!ksym_index_symbol(idx, f->v[i].symbol, &s))
			continue;
		sym = cli_json_symbol(idx, &s);
		json_object_object_add(sym, "reason", json_object_new_string(reasons[f->v[i].why]));
		json_object_array_add(list, sym);
	}
	json_object_object_add(o, "not_unique", list);
	if (disagreements)
		json_object_object_add(o, "disagreeing", disagreeing(idx));
	cli_json_print(o);
}

int cmd_check(const struct cli_args *a)
{
	struct ksym_check_result r = { .size = sizeof(r) };
	struct findings f = { 0 };
	struct ksym_index *idx;
	struct ksym_error err;
	int status = cli_load(a, &idx);

	if (status)
		return status;
	if (ksym_index_check(idx, collect, &f, &r, &err)) {
		status = cli_fail(&err);
	} else if (f.failed) {
		status = CLI_SYSTEM;
	} else {
		if (a->given[OPT_JSON]) {
			print_json(idx, &f, &r, a->given[OPT_DISAGREEMENTS]);
		} else {
			print_text(idx, &f, a->given[OPT_DATA]);
			if (a->given[OPT_DISAGREEMENTS])
				print_disagreements(idx);
			print_summary(&r);
		}
		status = r.nr_text_ambiguous ? CLI_DIFFERS : CLI_OK;
	}
	free(f.v);
	ksym_index_close(idx);
	return status;
}
