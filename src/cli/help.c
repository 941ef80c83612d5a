// SPDX-License-Identifier: LGPL-2.1-or-later
/* Help, and man pages, out of the table of commands. */
#include "cli.h"

#include <ctype.h>
#include <string.h>

#define WIDTH 78

static const char intro[] =
	"ksym knows, exactly, what every symbol of a Linux kernel is: a name of its own, its true "
	"size, the object and the modules it comes from.";

/* Fill @text (paragraphs end with '\n') into lines, @indent blanks before each. */
static void fill(FILE *f, const char *text, int indent)
{
	int col = 0;

	while (*text) {
		int n = (int)strcspn(text, " \n");

		if (col && col + 1 + n > WIDTH) {
			fputc('\n', f);
			col = 0;
		}
		if (n) {
			col += fprintf(f, "%*s%.*s", col ? 1 : indent, "", n, text);
			text += n;
		}
		if (*text == '\n') {
			fputs("\n\n", f);
			col = 0;
		}
		if (*text)
			text++;
	}
	fputc('\n', f);
}

static void option_name(const struct cli_option *o, char *buf, size_t len)
{
	char letter[6] = "    ";

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	snprintf(buf, len, "%s--%s%s%s", letter, o->name, o->arg ? " " : "", o->arg ? o->arg : "");
}

void cli_help(FILE *f)
{
	fprintf(f, "Usage: ksym COMMAND [OPTION]... FILE...\n\n");
	fill(f, intro, 0);
	fputs("\nCommands:\n", f);
	for (int i = 0; i < nr_cli_commands; i++)
		fprintf(f, "  %-12s %s\n", cli_commands[i].name, cli_commands[i].summary);
	fputs("\nFILE is an index that `ksym index` wrote, or an ELF image: then the index is made in\n"
	      "memory. Start with:\n\n"
	      "  ksym index vmlinux\n"
	      "  ksym show vmlinux.ksym | less\n\n"
	      "`ksym COMMAND --help` tells more. Exit status: 0 ok, 1 not found or different,\n"
	      "2 usage, 3 bad input, 4 system error.\n", f);
}

void cli_command_help(FILE *f, const struct cli_command *c)
{
	char buf[64];

	fprintf(f, "Usage: ksym %s [OPTION]... %s\n\n", c->name, c->operands);
	fill(f, c->text, 0);
	fputs("\nOptions:\n", f);
	for (int i = 0; i < c->nr_options; i++) {
		const struct cli_option *o = &cli_options[c->options[i]];

		option_name(o, buf, sizeof(buf));
		fprintf(f, "  %s\n", buf);
		fill(f, o->help, 10);
	}
	fputs("\nExamples:\n", f);
	for (const char *s = c->examples; *s;) {
		int n = (int)strcspn(s, "\n");

		fprintf(f, "%s%.*s\n", s[0] == '#' ? "      " : "  ", n, s);
		s += n + (s[n] == '\n');
	}
}

/* --------------------------------------------------------------- man pages */

static void roff(FILE *f, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\\')
			fputs("\\e", f);
		else if (s[i] == '-')
			fputs("\\-", f);
		else if (s[i] == '\n')
			fputs("\n.PP\n", f);
		else if (s[i] == '\'' || s[i] == '`')
			fputs(s[i] == '`' ? "\\(ga" : "\\(aq", f);
		else
			fputc(s[i], f);
	}
}

static void title(FILE *f, const char *name, const char *summary)
{
	fputs(".\\\" SPDX-License-Identifier: LGPL-2.1-or-later\n.TH ", f);
	for (const char *p = name; *p; p++)
		fputc(toupper((unsigned char)*p), f);
	fprintf(f, " 1 \"\" \"ksym %s\" \"Kernel symbols\"\n.SH NAME\n", ksym_version());
	roff(f, name, strlen(name));
	fputs(" \\- ", f);
	roff(f, summary, strlen(summary));
	fputc('\n', f);
}

static void exit_status(FILE *f)
{
	fputs(".SH EXIT STATUS\n.TP\n0\nEverything is well.\n.TP\n1\nNot found, ambiguous, or "
	      "differences.\n.TP\n2\nWrong usage.\n.TP\n3\nBad input: malformed, truncated or of an "
	      "unknown kind.\n.TP\n4\nThe system refused something.\n", f);
}

static void man_main(FILE *f)
{
	title(f, "ksym", "know what every symbol of a Linux kernel is");
	fputs(".SH SYNOPSIS\n.B ksym\n.I COMMAND\n[\\fIOPTION\\fR]... \\fIFILE\\fR...\n"
	      ".SH DESCRIPTION\n", f);
	roff(f, intro, strlen(intro));
	fputs("\n.SH COMMANDS\n", f);
	for (int i = 0; i < nr_cli_commands; i++) {
		fprintf(f, ".TP\n.BR ksym\\-%s (1)\n", cli_commands[i].name);
		roff(f, cli_commands[i].summary, strlen(cli_commands[i].summary));
		fputc('\n', f);
	}
	exit_status(f);
	fputs(".SH ENVIRONMENT\n.TP\nDEBUGINFOD_URLS\nServers asked for debug information that is "
	      "not on this machine.\n", f);
}

void cli_man(FILE *f, const struct cli_command *c)
{
	char name[32], buf[64];

	if (!c) {
		man_main(f);
		return;
	}
	snprintf(name, sizeof(name), "ksym-%s", c->name);
	title(f, name, c->summary);
	fprintf(f, ".SH SYNOPSIS\n.B ksym %s\n[\\fIOPTION\\fR]... ", c->name);
	roff(f, c->operands, strlen(c->operands));
	fputs("\n.SH DESCRIPTION\n", f);
	roff(f, c->text, strlen(c->text));
	fputs("\n.SH OPTIONS\n", f);
	for (int i = 0; i < c->nr_options; i++) {
		const struct cli_option *o = &cli_options[c->options[i]];
		const char *s = buf;

		option_name(o, buf, sizeof(buf));
		s += strspn(s, " ");
		fputs(".TP\n.B ", f);
		roff(f, s, strlen(s));
		fputc('\n', f);
		roff(f, o->help, strlen(o->help));
		fputc('\n', f);
	}
	fputs(".SH EXAMPLES\n", f);
	for (const char *s = c->examples; *s;) {
		size_t n = strcspn(s, "\n");

		fputs(s[0] == '#' ? ".br\n" : ".PP\n.B ", f);
		roff(f, s + 2, n - 2);
		fputc('\n', f);
		s += n + (s[n] == '\n');
	}
	exit_status(f);
	fputs(".SH SEE ALSO\n.BR ksym (1)\n", f);
}
