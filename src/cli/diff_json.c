// SPDX-License-Identifier: LGPL-2.1-or-later
/* A comparison as JSON.  It can be large, so lists are printed element by element. */
#include "diff.h"

#include <inttypes.h>
#include <string.h>

static void add(struct json_object *o, const char *key, struct json_object *value)
{
	json_object_object_add(o, key, value);
}

static void add_text(struct json_object *o, const char *key, const char *s)
{
	if (s)
		add(o, key, cli_json_string(s));
}

static void add_number(struct json_object *o, const char *key, uint64_t n)
{
	if (n != KSYM_DIFF_NOWHERE)
		add(o, key, json_object_new_int64((int64_t)n));
}

static void add_crc(struct json_object *o, const char *key, uint32_t crc)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08" PRIx32, crc);
	add(o, key, json_object_new_string(text));
}

static struct json_object *change_json(const struct ksym_diff_change *c)
{
	struct json_object *o = json_object_new_object();
	bool value = c->kind == KSYM_DIFF_ENUMERATOR_ADDED || c->kind == KSYM_DIFF_ENUMERATOR_REMOVED ||
		     c->kind == KSYM_DIFF_ENUMERATOR_RENUMBERED ||
		     c->kind == KSYM_DIFF_ENUMERATOR_RENAMED;
	bool parameter = c->kind == KSYM_DIFF_PARAMETER_ADDED ||
			 c->kind == KSYM_DIFF_PARAMETER_REMOVED ||
			 c->kind == KSYM_DIFF_PARAMETER_RETYPED ||
			 c->kind == KSYM_DIFF_PARAMETER_RENAMED;

	add_text(o, "kind", ksym_diff_kind_name(c->kind));
	add_text(o, "class", ksym_diff_class_name(c->how));
	if (*c->where)
		add_text(o, "where", c->where);
	if (c->last) {
		add_text(o, "last", c->last);
		add_number(o, "number", c->nr);
	}
	add_text(o, "becomes", c->becomes);
	add_text(o, "old", c->old_text);
	add_text(o, "new", c->new_text);
	add_number(o, value ? "old_value" : parameter ? "old_position" : "old_bit_offset", c->old_at);
	add_number(o, value ? "new_value" : parameter ? "new_position" : "new_bit_offset", c->new_at);
	add_number(o, "old_bits", c->old_bits);
	add_number(o, "new_bits", c->new_bits);
	add_text(o, "note", c->note);
	return o;
}

static struct json_object *type_json(const char *kind, const char *name)
{
	struct json_object *o = json_object_new_object();

	add_text(o, "kind", *kind ? kind : "symbol");
	add_text(o, "name", name);
	return o;
}

/* What a cause is, without what it changes. */
static struct json_object *cause_json(const struct ksym_diff *d, uint32_t nr,
				      const struct ksym_diff_cause *c)
{
	struct json_object *o = type_json(c->kind, c->name), *list = json_object_new_array();
	struct ksym_diff_change change;

	if (strcmp(c->name, c->new_name))
		add_text(o, "new_name", c->new_name);
	if (strcmp(c->kind, c->new_kind))
		add_text(o, "new_kind", c->new_kind);
	add_text(o, "class", ksym_diff_class_name(c->worst));
	add_number(o, "old_size", c->old_len);
	add_number(o, "new_size", c->new_len);
	for (uint32_t i = 0; ksym_diff_change(d, nr, i, &change); i++)
		json_object_array_add(list, change_json(&change));
	add(o, "changes", list);
	return o;
}

static struct json_object *whole_cause_json(const struct ksym_diff *d, uint32_t nr,
					    const struct ksym_diff_cause *c)
{
	struct json_object *o = cause_json(d, nr, c), *list = json_object_new_array();
	struct ksym_diff_symbol s;
	struct ksym_diff_cause f;

	add(o, "follows", json_object_new_boolean(c->follows));
	for (uint32_t i = 0; i < c->nr_follow; i++)
		if (ksym_diff_cause(d, ksym_diff_follow(d, nr, i), &f))
			json_object_array_add(list, type_json(f.kind, f.name));
	add(o, "followed_by", list);
	add_number(o, "nr_symbols", c->nr_symbols);
	add_number(o, "nr_alone", c->nr_alone);
	list = json_object_new_array();
	for (uint32_t i = 0; (i = ksym_diff_next_symbol(d, nr, i)) != UINT32_MAX; i++)
		if (ksym_diff_symbol(d, i, &s))
			json_object_array_add(list, cli_json_string(s.name));
	add(o, "symbols", list);
	return o;
}

static struct json_object *symbol_json(const struct ksym_diff_symbol *s)
{
	static const char *const states[] = {
		[KSYM_DIFF_CHANGED] = "changed", [KSYM_DIFF_ADDED] = "added",
		[KSYM_DIFF_REMOVED] = "removed",
	};
	struct json_object *o = json_object_new_object();

	add_text(o, "name", s->name);
	add_text(o, "state", states[s->state]);
	if (s->state != KSYM_DIFF_ADDED)
		add_crc(o, "old_crc", s->old_crc);
	if (s->state != KSYM_DIFF_REMOVED)
		add_crc(o, "new_crc", s->new_crc);
	if (s->state == KSYM_DIFF_CHANGED) {
		add(o, "class", s->worst ? json_object_new_string(ksym_diff_class_name(s->worst)) : NULL);
		add_number(o, "nr_causes", s->nr_causes);
	}
	return o;
}

static struct json_object *summary_json(const struct ksym_diff *d)
{
	struct ksym_diff_summary s = { .size = sizeof(s) };
	struct json_object *o = json_object_new_object();

	ksym_diff_summary(d, &s);
	add_number(o, "old", s.nr_old);
	add_number(o, "new", s.nr_new);
	add_number(o, "changed", s.nr_changed);
	add_number(o, "added", s.nr_added);
	add_number(o, "removed", s.nr_removed);
	add_number(o, "compatible", s.nr_compatible);
	add_number(o, "depends", s.nr_depends);
	add_number(o, "incompatible", s.nr_incompatible);
	add_number(o, "causes", s.nr_causes);
	return o;
}

static void item(struct json_object *o, bool first)
{
	printf("%s\n%s", first ? "" : ",", json_object_to_json_string_ext(o,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

int diff_json(const struct ksym_diff *d, bool summary)
{
	struct json_object *o = summary_json(d);
	struct ksym_diff_symbol s;
	struct ksym_diff_cause c;

	printf("{\"summary\": %s", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	if (!summary) {
		printf(",\n\"symbols\": [");
		for (uint32_t i = 0; ksym_diff_symbol(d, i, &s); i++)
			item(symbol_json(&s), !i);
		printf("],\n\"causes\": [");
		for (uint32_t i = 0; ksym_diff_cause(d, i, &c); i++)
			item(whole_cause_json(d, i, &c), !i);
		printf("]");
	}
	printf("}\n");
	return CLI_OK;
}

/* --------------------------------------------------------------- one symbol */

static int add_step(void *arg, const struct ksym_diff_step *step)
{
	struct json_object *o = type_json(step->kind, step->name);

	add_text(o, "through", step->through);
	json_object_array_add(arg, o);
	return 0;
}

static struct json_object *causes_json(const struct ksym_diff *d, uint32_t symbol)
{
	struct json_object *list = json_object_new_array();
	struct ksym_diff_cause c;
	struct ksym_error err;

	for (uint32_t i = 0; ksym_diff_cause(d, i, &c); i++) {
		struct json_object *o, *path;

		if (ksym_diff_next_symbol(d, i, symbol) != symbol)
			continue;
		o = cause_json(d, i, &c);
		path = json_object_new_array();
		add(o, "follows", json_object_new_boolean(c.follows));
		add(o, "path", path);
		json_object_array_add(list, o);
		if (ksym_diff_path(d, symbol, i, add_step, path, &err)) {
			cli_fail(&err);
			json_object_put(list);
			return NULL;
		}
	}
	return list;
}

int diff_json_symbols(const struct ksym_diff *d, const char *const *names)
{
	int status = CLI_OK;

	cli_json_list_begin("symbols");
	for (size_t i = 0; names[i]; i++) {
		uint32_t nr = diff_find_symbol(d, names[i]);
		struct json_object *o, *causes;
		struct ksym_diff_symbol s;

		if (nr == UINT32_MAX || !ksym_diff_symbol(d, nr, &s)) {
			o = json_object_new_object();
			add_text(o, "name", names[i]);
			add_text(o, "state", "same");
			cli_json_list_item(o);
			continue;
		}
		status = CLI_DIFFERS;
		o = symbol_json(&s);
		causes = causes_json(d, nr);
		if (!causes) {
			json_object_put(o);
			return CLI_SYSTEM;
		}
		add(o, "causes", causes);
		cli_json_list_item(o);
	}
	cli_json_list_end();
	return status;
}
