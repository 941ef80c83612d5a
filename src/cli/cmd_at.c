// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli.h"

#include <errno.h>
#include <ksym/holes.h>
#include <stdlib.h>
#include <string.h>

struct query {
	const struct cli_args *a;
	const struct ksym_index *idx;
	struct ksym_lines *lines;	/* NULL = none */
	struct cli_types *types;	/* NULL = none are wanted */
	struct place {
		uint64_t va;
		bool known;	/* false: the word was no address */
	} *places;
	size_t nr, cap;
	bool missing;
};

static bool parse_hex(const char *s, uint64_t *v)
{
	char *end;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		s += 2;
	if (!strchr("0123456789abcdefABCDEF", s[0]) || !s[0] || strlen(s) > 16)
		return false;
	*v = strtoull(s, &end, 16);
	return !*end;
}

/* "SYMBOL+OFFSET", where SYMBOL is any identity that fits one symbol. */
static int parse_symbol(struct query *q, const char *s, uint64_t *va)
{
	const char *plus = strrchr(s, '+');
	uint64_t off = 0;
	struct ksym_match m;
	struct ksym_symbol sym;
	struct ksym_error err;
	char *name;
	int n;

	if (plus && !parse_hex(plus + 1, &off))
		return cli_usage_error(q->a, "%s: expected a hexadecimal offset behind '+'", s);
	name = strndup(s, plus ? (size_t)(plus - s) : strlen(s));
	if (!name)
		return CLI_SYSTEM;
	n = ksym_index_find(q->idx, name, &m, 1, &err);
	if (n == 1 && ksym_index_symbol(q->idx, m.symbol, &sym))
		*va = sym.va + off;
	free(name);
	if (n == 1)
		return CLI_OK;
	if (n < 0)
		return cli_fail(&err);
	if (!n)
		cli_say("ksym at: %s: neither a hexadecimal address nor a symbol", s);
	else
		cli_say("ksym at: %s: fits %d symbols; `ksym find` lists them", s, n);
	return CLI_DIFFERS;
}

static int add(struct query *q, const char *s)
{
	uint64_t va = 0;
	int status = parse_hex(s, &va) ? CLI_OK : parse_symbol(q, s, &va);

	if (status != CLI_OK && status != CLI_DIFFERS)
		return status;
	if (q->nr == q->cap) {
		size_t cap = q->cap ? q->cap * 2 : 64;
		struct place *p = realloc(q->places, cap * sizeof(*p));

		if (!p)
			return CLI_SYSTEM;
		q->places = p;
		q->cap = cap;
	}
	q->places[q->nr++] = (struct place){ va, status == CLI_OK };
	return CLI_OK;
}

static int add_stdin(struct query *q)
{
	char *line = NULL;
	size_t cap = 0;
	int status = CLI_OK;

	while (!status && getline(&line, &cap, stdin) > 0) {
		char *save = NULL;

		/* "s_next {seq_file.o}+4" is one word, whatever blanks are in it. */
		if (strpbrk(line, "[{")) {
			line[strcspn(line, "\n")] = 0;
			status = add(q, line);
			continue;
		}
		for (char *w = strtok_r(line, " \t\n", &save); w && !status;
		     w = strtok_r(NULL, " \t\n", &save))
			status = add(q, w);
	}
	free(line);
	return status;
}

static bool same_build(const struct query *q)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	uint32_t len;
	const uint8_t *id = ksym_lines_build_id(q->lines, &len);

	ksym_index_info(q->idx, &info);
	return !len || !info.build_id_len ||
	       (len == info.build_id_len && !memcmp(id, info.build_id, len));
}

/* Lines come from --image, or from the operand when that is an image.  That there
 * are none is no failure unless they were asked for. */
static int open_lines(struct query *q)
{
	const char *image = cli_value(q->a, OPT_LINES);
	struct ksym_build_opts o;
	struct ksym_error err;
	int status;

	if (!cli_build_opts(q->a, &o, &status))
		return status;
	if (image && ksym_lines_open(image, &o, &q->lines, &err))
		return cli_fail(&err);
	if (image && !same_build(q))
		return cli_fail(&(struct ksym_error){ -EBADMSG, "the index is of another build than --image" });
	if (!image && ksym_lines_open(q->a->operands[0], &o, &q->lines, NULL))
		q->lines = NULL;
	return CLI_OK;
}

static bool source_line(struct query *q, uint64_t va, const char **file, uint32_t *line)
{
	struct ksym_error err;
	int ret;

	if (!q->lines)
		return false;
	ret = ksym_lines_at(q->lines, va, file, line, &err);
	if (ret && ret != -ENOENT) {
		fprintf(stderr, "ksym: warning: %s\n", err.text);
		ksym_lines_close(q->lines);
		q->lines = NULL;
	}
	return !ret;
}

/* In a function that lost its symbol. */
static void print_dead(struct query *q, uint64_t va, const struct ksym_dead *d)
{
	struct ksym_object o;

	printf("%s+0x%llx/0x%llx", d->name ? d->name : "?", (unsigned long long)(va - d->va),
	       (unsigned long long)d->len);
	if (ksym_index_object(q->idx, d->object, &o) && o.path[0])
		printf(" {%s}", o.path);
	fputs(" (dead)", stdout);
}

static void print_text(struct query *q, uint64_t va, bool known)
{
	struct ksym_symbol s;
	struct ksym_dead d;
	char identity[8192];
	const char *file, *rest;
	uint32_t line;
	bool is_dead;

	if (!known || !ksym_index_at(q->idx, va, &s)) {
		puts("??");
		q->missing = true;
		return;
	}
	ksym_symbol_format(q->idx, &s, KSYM_FORMAT_IDENTITY, identity, sizeof(identity));
	rest = s.name_len < strlen(identity) ? identity + s.name_len : "";
	is_dead = ksym_index_dead_at(q->idx, va, &d);
	if (is_dead)
		print_dead(q, va, &d);
	else
		printf("%s+0x%llx/0x%llx%s", s.name, (unsigned long long)(va - s.va),
		       (unsigned long long)s.len, rest);
	if (source_line(q, va, &file, &line))
		printf(" %s:%u", file, line);
	if (!is_dead)
		cli_print_type(q->types, &s);
	putchar('\n');
}

static void print_json(struct query *q, uint64_t va, bool known)
{
	struct json_object *o = json_object_new_object(), *symbol;
	struct ksym_symbol s;
	struct ksym_dead d;
	const char *file;
	uint32_t line;

	json_object_object_add(o, "address", known ? cli_json_va(q->idx, va) : NULL);
	if (known && ksym_index_at(q->idx, va, &s)) {
		json_object_object_add(o, "offset", json_object_new_uint64(va - s.va));
		json_object_object_add(o, "inside", json_object_new_boolean(va - s.va < s.len));
		symbol = cli_json_symbol(q->idx, &s);
		cli_json_type(symbol, q->types, &s);
		json_object_object_add(o, "symbol", symbol);
		if (ksym_index_dead_at(q->idx, va, &d))
			json_object_object_add(o, "dead", cli_json_dead(q->idx, &d));
	} else {
		json_object_object_add(o, "symbol", NULL);
		q->missing = true;
	}
	if (known && source_line(q, va, &file, &line)) {
		json_object_object_add(o, "file", cli_json_string(file));
		json_object_object_add(o, "line", json_object_new_int64(line));
	}
	cli_json_list_item(o);
}

int cli_at(const struct cli_args *a, const struct ksym_index *idx, int first,
	   struct cli_types *types, bool with_lines)
{
	struct query q = { .a = a, .idx = idx, .types = types };
	int status = CLI_OK;

	for (int i = first; i < a->nr_operands && !status; i++)
		status = strcmp(a->operands[i], "-") ? add(&q, a->operands[i]) : add_stdin(&q);
	if (!status && with_lines)
		status = open_lines(&q);
	if (!status && a->given[OPT_JSON])
		cli_json_list_begin("addresses");
	for (size_t i = 0; i < q.nr && !status && !ferror(stdout); i++) {
		if (a->given[OPT_JSON])
			print_json(&q, q.places[i].va, q.places[i].known);
		else
			print_text(&q, q.places[i].va, q.places[i].known);
	}
	if (!status && a->given[OPT_JSON])
		cli_json_list_end();
	if (!status && types)
		status = types->status;
	if (!status && q.missing)
		status = CLI_DIFFERS;
	free(q.places);
	ksym_lines_close(q.lines);
	return status;
}

int cmd_at(const struct cli_args *a)
{
	struct ksym_index *idx;
	int status = cli_load(a, &idx);

	if (!status)
		status = cli_at(a, idx, 1, NULL, true);
	ksym_index_close(idx);
	return status;
}
