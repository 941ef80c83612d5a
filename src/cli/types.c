// SPDX-License-Identifier: LGPL-2.1-or-later
/* Types of the running kernel's symbols, behind what else is told of them. */
#include "cli.h"

#include <errno.h>
#include <ksym/btf.h>

/* Of one symbol; more are "...". */
#define MAX_CANDIDATES	8
#define MAX_TEXT	1200

int cli_types_open(const struct cli_args *a, const struct ksym_live *live,
		   const struct ksym_index *idx, struct cli_types *t)
{
	struct ksym_error err;

	*t = (struct cli_types){ .status = CLI_OK };
	if (!ksym_live_types_open(live, idx, &t->types, &err))
		return CLI_OK;
	if (a->given[OPT_TYPES] || err.code == -ENOMEM)
		return cli_fail(&err);
	/* Nobody asked for them. */
	if (!a->given[OPT_QUIET])
		cli_message(NULL, KSYM_MESSAGE_WARNING, err.text);
	return CLI_OK;
}

void cli_types_close(struct cli_types *t)
{
	ksym_live_types_close(t->types);
}

/* The @nth type of the symbol and its declaration. */
static int get(struct cli_types *t, const struct ksym_symbol *s, uint32_t nth,
	       struct ksym_live_type *type, char text[MAX_TEXT])
{
	struct ksym_error err;
	int answer;

	*type = (struct ksym_live_type){ .size = sizeof(*type) };
	if (!t || !t->types)
		return KSYM_TYPE_UNKNOWN;
	answer = ksym_live_type(t->types, s, nth, type, &err);
	if (answer > KSYM_TYPE_UNKNOWN)
		ksym_btf_type_text(type->btf, type->type, type->name, text, MAX_TEXT);
	else if (answer < 0 && !t->status)
		t->status = cli_fail(&err);
	return answer;
}

void cli_print_type(struct cli_types *t, const struct ksym_symbol *s)
{
	struct ksym_live_type type;
	char text[MAX_TEXT];
	int answer = get(t, s, 0, &type, text);

	if (answer == KSYM_TYPE_KNOWN)
		printf("\t%s;", text);
	if (answer != KSYM_TYPE_AMBIGUOUS)
		return;
	printf("\tone of its name is %s;", text);
	for (uint32_t n = 1; n < MAX_CANDIDATES && get(t, s, n, &type, text) > 0; n++)
		printf(" or %s;", text);
}

void cli_json_type(struct json_object *o, struct cli_types *t, const struct ksym_symbol *s)
{
	struct ksym_live_type type;
	struct json_object *list;
	char text[MAX_TEXT];
	int answer;

	if (!t)
		return;
	answer = get(t, s, 0, &type, text);
	json_object_object_add(o, "declaration",
			       answer == KSYM_TYPE_KNOWN ? cli_json_string(text) : NULL);
	if (answer > KSYM_TYPE_UNKNOWN)
		json_object_object_add(o, "btf", cli_json_string(type.file));
	if (answer != KSYM_TYPE_AMBIGUOUS)
		return;
	list = json_object_new_array();
	for (uint32_t n = 1; n <= MAX_CANDIDATES && answer > 0; n++) {
		json_object_array_add(list, cli_json_string(text));
		answer = get(t, s, n, &type, text);
	}
	json_object_object_add(o, "ambiguous_declarations", list);
}
