// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli.h"
#include "versions.h"

#include <stdlib.h>
#include <string.h>

static const struct cli_command *find_command(const char *name)
{
	for (int i = 0; i < nr_cli_commands; i++)
		if (!strcmp(cli_commands[i].name, name))
			return &cli_commands[i];
	return NULL;
}

static int no_command(const char *name)
{
	cli_say("ksym: there is no command \"%s\"; `ksym --help` lists them", name);
	return CLI_USAGE;
}

/* Position in cli_options of an option of @c, -1 when it has none such. */
static int find_option(const struct cli_command *c, const char *name, size_t len, char letter)
{
	for (int i = 0; i < c->nr_options; i++) {
		const struct cli_option *o = &cli_options[c->options[i]];

		if (letter ? o->letter == letter : strlen(o->name) == len && !memcmp(o->name, name, len))
			return (int)c->options[i];
	}
	return -1;
}

static int take(struct cli_args *a, int argc, const char *opt, int id, const char *value)
{
	size_t n = 0;

	if (!a->values[id]) {
		a->values[id] = calloc((size_t)argc + 1, sizeof(*a->values[id]));
		if (!a->values[id])
			return CLI_SYSTEM;
	}
	while (a->values[id][n])
		n++;
	if (n && !cli_options[id].repeat)
		return cli_usage_error(a, "%s is given twice", opt);
	a->values[id][n] = value ? value : "";
	a->given[id] = true;
	return CLI_OK;
}

/* argv[*i] is an option: long, or a group of letters. */
static int parse_option(struct cli_args *a, int argc, char **argv, int *i)
{
	const char *s = argv[*i], *eq = strchr(s, '='), *value = NULL;
	int id, ret;

	if (s[1] == '-') {
		size_t len = eq ? (size_t)(eq - s) - 2 : strlen(s) - 2;

		id = find_option(a->command, s + 2, len, 0);
		if (id < 0)
			return cli_usage_error(a, "there is no option %.*s", (int)len + 2, s);
		if (eq && !cli_options[id].arg)
			return cli_usage_error(a, "%.*s takes no argument", (int)len + 2, s);
		if (cli_options[id].arg) {
			value = eq ? eq + 1 : *i + 1 < argc ? argv[++*i] : NULL;
			if (!value)
				return cli_usage_error(a, "%s needs its argument %s", s,
						       cli_options[id].arg);
		}
		return take(a, argc, s, id, value);
	}
	for (const char *p = s + 1; *p; p++) {
		id = find_option(a->command, NULL, 0, *p);
		if (id < 0)
			return cli_usage_error(a, "there is no option -%c", *p);
		if (cli_options[id].arg) {
			value = p[1] ? p + 1 : *i + 1 < argc ? argv[++*i] : NULL;
			if (!value)
				return cli_usage_error(a, "-%c needs its argument %s", *p,
						       cli_options[id].arg);
			return take(a, argc, s, id, value);
		}
		ret = take(a, argc, s, id, NULL);
		if (ret)
			return ret;
	}
	return CLI_OK;
}

static int parse(struct cli_args *a, int argc, char **argv)
{
	bool only_operands = false;
	int ret;

	a->operands = calloc((size_t)argc + 1, sizeof(*a->operands));
	if (!a->operands)
		return CLI_SYSTEM;
	for (int i = 0; i < argc; i++) {
		if (!only_operands && !strcmp(argv[i], "--")) {
			only_operands = true;
		} else if (!only_operands && argv[i][0] == '-' && argv[i][1]) {
			ret = parse_option(a, argc, argv, &i);
			if (ret)
				return ret;
		} else {
			a->operands[a->nr_operands++] = argv[i];
		}
	}
	if (a->given[OPT_HELP])
		return CLI_OK;
	if (a->nr_operands < a->command->min_operands)
		return cli_usage_error(a, "expected %s", a->command->operands);
	if (a->command->max_operands >= 0 && a->nr_operands > a->command->max_operands)
		return cli_usage_error(a, "\"%s\" is one operand too many: expected %s",
				       a->operands[a->command->max_operands], a->command->operands);
	return CLI_OK;
}

/* For completion: what may follow, a word a line. */
static int list_words(const char *name)
{
	const struct cli_command *c = name ? find_command(name) : NULL;

	for (int i = 0; !name && i < nr_cli_commands; i++)
		puts(cli_commands[i].name);
	for (int i = 0; c && i < c->nr_options; i++) {
		const struct cli_option *o = &cli_options[c->options[i]];

		printf("--%s%s\n", o->name, o->arg ? "=" : "");
	}
	return CLI_OK;
}

static int run_command(const struct cli_command *c, int argc, char **argv)
{
	struct cli_args a = { .command = c };
	int status = parse(&a, argc, argv);

	if (!status && a.given[OPT_HELP])
		cli_command_help(stdout, c);
	else if (!status)
		status = c->run(&a);
	cli_progress_end();
	for (int i = 0; i < NR_CLI_OPTIONS; i++)
		free(a.values[i]);
	free(a.operands);
	return cli_finish(status);
}

/*
 * Called by the name of the kernel's own tool, also with a generation behind it, the
 * program is that command.
 */
static int run_as_kallsyms(const char *generation, int argc, char **argv)
{
	char **args = calloc((size_t)argc + 3, sizeof(*args));
	int nr = 0, status;

	if (!args)
		return CLI_SYSTEM;
	if (generation) {
		args[nr++] = (char *)"--generation";
		args[nr++] = (char *)generation;
	}
	for (int i = 1; i < argc; i++)
		args[nr++] = argv[i];
	status = run_command(find_command("kallsyms"), nr, args);
	free(args);
	return status;
}

int main(int argc, char **argv)
{
	const char *first = argc > 1 ? argv[1] : NULL;
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const char *self = slash ? slash + 1 : argc ? argv[0] : "";
	const struct cli_command *c;

	if (!strcmp(self, "gendwarfksyms"))
		return gendwarfksyms_main(argc, argv);
	if (!strcmp(self, "pahole") || !strcmp(self, "ksym-pahole"))
		return pahole_main(argc, argv);
	if (!strcmp(self, "kallsyms"))
		return run_as_kallsyms(NULL, argc, argv);
	if (!strncmp(self, "kallsyms-", 9))
		return run_as_kallsyms(self + 9, argc, argv);
	if (!first) {
		cli_help(stderr);
		return CLI_USAGE;
	}
	if (!strcmp(first, "--help") || !strcmp(first, "-h") || !strcmp(first, "help")) {
		c = argc > 2 ? find_command(argv[2]) : NULL;
		if (argc > 2 && !c)
			return no_command(argv[2]);
		if (c)
			cli_command_help(stdout, c);
		else
			cli_help(stdout);
		return cli_finish(CLI_OK);
	}
	if (!strcmp(first, "--version") || !strcmp(first, "-V")) {
		printf("ksym %s\n", ksym_version());
		return cli_finish(CLI_OK);
	}
	if (!strcmp(first, "--man")) {
		c = argc > 2 ? find_command(argv[2]) : NULL;
		if (argc > 2 && !c)
			return no_command(argv[2]);
		cli_man(stdout, c);
		return cli_finish(CLI_OK);
	}
	if (!strcmp(first, "--list")) {
		list_words(argc > 2 ? argv[2] : NULL);
		return cli_finish(CLI_OK);
	}
	c = find_command(first);
	if (!c) {
		return no_command(first);
	}
	return run_command(c, argc - 2, argv + 2);
}
