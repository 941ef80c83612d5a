// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct query {
	const struct cli_args *a;
	struct ksym_index *idx;
	struct ksym_lines *lines;	/* NULL = none */
	uint64_t *vas;
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
		fprintf(stderr, "ksym at: %s: neither a hexadecimal address nor a symbol\n", s);
	else
		fprintf(stderr, "ksym at: %s: fits %d symbols; `ksym find` lists them\n", s, n);
	return CLI_DIFFERS;
}

static int add(struct query *q, const char *s)
{
	uint64_t va;
	int status = parse_hex(s, &va) ? CLI_OK : parse_symbol(q, s, &va);

	if (status)
		return status;
	if (q->nr == q->cap) {
		size_t cap = q->cap ? q->cap * 2 : 64;
		uint64_t *p = realloc(q->vas, cap * sizeof(*p));

		if (!p)
			return CLI_SYSTEM;
		q->vas = p;
		q->cap = cap;
	}
	q->vas[q->nr++] = va;
	return CLI_OK;
}

static int add_stdin(struct query *q)
{
	char *line = NULL;
	size_t cap = 0;
	int status = CLI_OK;

	while (!status && getline(&line, &cap, stdin) > 0) {
		char *save = NULL;

		for (char *w = strtok_r(line, " \t\n", &save); w && !status;
		     w = strtok_r(NULL, " \t\n", &save))
			status = add(q, w);
	}
	free(line);
	return status;
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

static void print_text(struct query *q, uint64_t va)
{
	struct ksym_symbol s;
	char identity[8192];
	const char *file, *rest;
	uint32_t line;

	if (!ksym_index_at(q->idx, va, &s)) {
		puts("??");
		q->missing = true;
		return;
	}
	ksym_symbol_format(q->idx, &s, KSYM_FORMAT_IDENTITY, identity, sizeof(identity));
	rest = s.name_len < strlen(identity) ? identity + s.name_len : "";
	printf("%s+0x%llx/0x%llx%s", s.name, (unsigned long long)(va - s.va),
	       (unsigned long long)s.len, rest);
	if (source_line(q, va, &file, &line))
		printf(" %s:%u", file, line);
	putchar('\n');
}

static void print_json(struct query *q, uint64_t va)
{
	struct json_object *o = json_object_new_object();
	struct ksym_symbol s;
	const char *file;
	uint32_t line;

	json_object_object_add(o, "address", cli_json_va(q->idx, va));
	if (ksym_index_at(q->idx, va, &s)) {
		json_object_object_add(o, "offset", json_object_new_uint64(va - s.va));
		json_object_object_add(o, "inside", json_object_new_boolean(va - s.va < s.len));
		json_object_object_add(o, "symbol", cli_json_symbol(q->idx, &s));
	} else {
		json_object_object_add(o, "symbol", NULL);
		q->missing = true;
	}
	if (source_line(q, va, &file, &line)) {
		json_object_object_add(o, "file", cli_json_string(file));
		json_object_object_add(o, "line", json_object_new_int64(line));
	}
	cli_json_list_item(o);
}

int cmd_at(const struct cli_args *a)
{
	struct query q = { .a = a };
	int status = cli_load(a, &q.idx);

	if (status)
		return status;
	for (int i = 1; i < a->nr_operands && !status; i++)
		status = strcmp(a->operands[i], "-") ? add(&q, a->operands[i]) : add_stdin(&q);
	if (!status)
		status = open_lines(&q);
	if (!status && a->given[OPT_JSON])
		cli_json_list_begin("addresses");
	for (size_t i = 0; i < q.nr && !status && !ferror(stdout); i++) {
		if (a->given[OPT_JSON])
			print_json(&q, q.vas[i]);
		else
			print_text(&q, q.vas[i]);
	}
	if (!status && a->given[OPT_JSON])
		cli_json_list_end();
	if (!status && q.missing)
		status = CLI_DIFFERS;
	free(q.vas);
	ksym_lines_close(q.lines);
	ksym_index_close(q.idx);
	return status;
}
