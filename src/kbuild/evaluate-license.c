// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Does a source file make modinfo, that is, is what it is compiled into a module?
 *
 * A reader for this one question, not a preprocessor: comments and literals are
 * skipped; conditionals are followed where the configuration decides them, and
 * both ways where it does not; a macro of the file whose body has MODULE_LICENSE
 * counts where it is used.  Files included with quotes are read as well, for a .c
 * file that only includes another one is that one under a new name; but not where a
 * conditional is undecided: that is how lib/decompress_*.c are written, which
 * include all of a decompressor when they are built into a boot loader.
 */
#include "kbuild/evaluate-parts.h"

#include <ctype.h>

#define DEPTH_MAX 64 /* of conditionals, expressions and includes */

enum truth { FALSE, TRUE, UNKNOWN };

static const char license_word[] = "MODULE_LICENSE";

struct reader {
	const struct ks_kconfig *config;
	const char *pos, *end;
	ks_license_include_fn include;
	void *arg;
	struct ks_strpool macros; /* those that stand for MODULE_LICENSE */
	struct {
		bool taken;	 /* a branch of it was certainly read */
		bool outer;	 /* it lies in text that is read */
		bool outer_sure; /* ... and the configuration is why */
	} ifs[DEPTH_MAX];
	size_t nr_ifs, nr_lost; /* lost: nested deeper than we follow */
	bool active;		/* the text here is read */
	bool sure;		/* no open conditional is of unknown truth */
	bool line_start;
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Past a comment or a literal that begins here; false when none does. */
static bool skip_literal(const char **pos, const char *end)
{
	const char *s = *pos, *e;
	char quote;

	if (end - s >= 2 && s[0] == '/' && s[1] == '*') {
		e = memmem(s + 2, (size_t)(end - s - 2), "*/", 2);
		*pos = e ? e + 2 : end;
		return true;
	}
	if (end - s >= 2 && s[0] == '/' && s[1] == '/') {
		while (s < end && *s != '\n')
			s += *s == '\\' && end - s > 1 ? 2 : 1;
		*pos = s;
		return true;
	}
	if (*s != '"' && *s != '\'')
		return false;
	quote = *s++;
	while (s < end && *s != quote && *s != '\n')
		s += *s == '\\' && end - s > 1 ? 2 : 1;
	*pos = s + (s < end && *s == quote);
	return true;
}

/* ------------------------------------------------------------ expressions */

struct expr {
	const struct ks_kconfig *config;
	const char *pos, *end;
	unsigned int depth;
};

static enum truth both(enum truth a, enum truth b)
{
	if (a == FALSE || b == FALSE)
		return FALSE;
	return a == TRUE && b == TRUE ? TRUE : UNKNOWN;
}

static enum truth not(enum truth a) { return a == UNKNOWN ? UNKNOWN : a == TRUE ? FALSE : TRUE; }

static void blanks(struct expr *e)
{
	while (e->pos < e->end) {
		const char *s = e->pos;

		if (isspace((unsigned char)*s) || *s == '\\')
			e->pos++;
		else if (*s != '/' || !skip_literal(&e->pos, e->end))
			break;
	}
}

static bool eat(struct expr *e, const char *op)
{
	size_t len = strlen(op);

	blanks(e);
	if ((size_t)(e->end - e->pos) < len || memcmp(e->pos, op, len))
		return false;
	e->pos += len;
	return true;
}

static size_t word(struct expr *e, const char **s)
{
	blanks(e);
	*s = e->pos;
	while (e->pos < e->end && is_word(*e->pos))
		e->pos++;
	return (size_t)(e->pos - *s);
}

static bool is(const char *s, size_t len, const char *what)
{
	return len == strlen(what) && !memcmp(s, what, len);
}

/* Is the macro defined?  Sources are read as part of vmlinux. */
static enum truth defined(const struct ks_kconfig *c, const char *s, size_t len)
{
	if (is(s, len, "MODULE") || is(s, len, "__ASSEMBLY__") || is(s, len, "__ASSEMBLER__") ||
	    is(s, len, "__GENKSYMS__"))
		return FALSE;
	if (is(s, len, "__KERNEL__"))
		return TRUE;
	if (len > 7 && !memcmp(s, "CONFIG_", 7)) {
		char value = ks_kconfig_get(c, s, len);

		if (len > 14 && value == 'n' && !memcmp(s + len - 7, "_MODULE", 7))
			return ks_kconfig_get(c, s, len - 7) == 'm' ? TRUE : FALSE;
		return value == 'y' || value == 'v' ? TRUE : FALSE;
	}
	return UNKNOWN;
}

static enum truth alternatives(struct expr *e);

static void skip_arguments(struct expr *e)
{
	unsigned int depth = 0;

	while (e->pos < e->end) {
		char c = *e->pos++;

		depth += c == '(';
		if (c == ')' && !--depth)
			return;
	}
}

static enum truth named(struct expr *e, const char *s, size_t len)
{
	const char *arg;
	size_t n;
	bool paren;
	char value;

	if (is(s, len, "defined")) {
		paren = eat(e, "(");
		n = word(e, &arg);
		if (paren && !eat(e, ")"))
			return UNKNOWN;
		return defined(e->config, arg, n);
	}
	blanks(e);
	if (e->pos == e->end || *e->pos != '(') {
		/* The value of an option: y is 1, what is not set is 0. */
		enum truth t = defined(e->config, s, len);

		if (len > 7 && !memcmp(s, "CONFIG_", 7))
			return t == TRUE && ks_kconfig_get(e->config, s, len) == 'v' ? UNKNOWN : t;
		return t == FALSE ? FALSE : UNKNOWN;
	}
	if (!is(s, len, "IS_ENABLED") && !is(s, len, "IS_BUILTIN") && !is(s, len, "IS_MODULE") &&
	    !is(s, len, "IS_REACHABLE")) {
		skip_arguments(e);
		return UNKNOWN;
	}
	e->pos++;
	n = word(e, &arg);
	if (!eat(e, ")") || n <= 7)
		return UNKNOWN;
	value = ks_kconfig_get(e->config, arg, n);
	if (is(s, len, "IS_MODULE"))
		return value == 'm' ? TRUE : FALSE;
	/* Seen from vmlinux, a module is not reachable. */
	if (is(s, len, "IS_ENABLED"))
		return value == 'y' || value == 'm' ? TRUE : FALSE;
	return value == 'y' ? TRUE : FALSE;
}

/* 0, 0x0, 0UL.  The text ends with no terminator, so not by strspn(). */
static bool is_zero(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!memchr("0xXuUlL", s[i], 7))
			return false;
	return true;
}

static enum truth operand(struct expr *e)
{
	const char *s;
	enum truth t;
	size_t len;

	if (++e->depth > DEPTH_MAX) {
		e->pos = e->end;
		return UNKNOWN;
	}
	blanks(e);
	if (e->end - e->pos > 1 && *e->pos == '!' && e->pos[1] != '=') {
		e->pos++;
		t = not(operand(e));
	} else if (eat(e, "(")) {
		t = alternatives(e);
		eat(e, ")");
	} else {
		len = word(e, &s);
		if (!len) {
			e->pos = e->end;
			t = UNKNOWN;
		} else if (isdigit((unsigned char)*s)) {
			t = is_zero(s, len) ? FALSE : TRUE;
		} else {
			t = named(e, s, len);
		}
	}
	e->depth--;
	return t;
}

/* Anything but && and || between operands is arithmetic, which is not done here. */
static enum truth comparison(struct expr *e)
{
	enum truth t = operand(e);

	for (;;) {
		blanks(e);
		if (e->pos == e->end || *e->pos == ')' || *e->pos == ',')
			return t;
		if (e->end - e->pos > 1 && (!memcmp(e->pos, "&&", 2) || !memcmp(e->pos, "||", 2)))
			return t;
		t = UNKNOWN;
		while (e->pos < e->end && strchr("=!<>+-*/%&|^?:~", *e->pos) && *e->pos)
			e->pos++;
		operand(e);
	}
}

static enum truth alternatives(struct expr *e)
{
	enum truth any = FALSE;

	do {
		enum truth all = TRUE;

		do
			all = both(all, comparison(e));
		while (eat(e, "&&"));
		any = not(both(not(any), not(all)));
	} while (eat(e, "||"));
	return any;
}

/* ------------------------------------------------------------- directives */

static void enter(struct reader *r, enum truth t)
{
	if (r->nr_ifs == DEPTH_MAX) {
		r->nr_lost++;
		return;
	}
	r->ifs[r->nr_ifs].outer = r->active;
	r->ifs[r->nr_ifs].outer_sure = r->sure;
	r->ifs[r->nr_ifs++].taken = t == TRUE;
	r->active &= t != FALSE;
	r->sure &= t != UNKNOWN;
}

static void other_branch(struct reader *r, enum truth t)
{
	if (r->nr_lost || !r->nr_ifs)
		return;
	r->active = r->ifs[r->nr_ifs - 1].outer && !r->ifs[r->nr_ifs - 1].taken && t != FALSE;
	r->ifs[r->nr_ifs - 1].taken |= t == TRUE;
	r->sure &= t != UNKNOWN;
}

static void leave(struct reader *r)
{
	if (r->nr_lost) {
		r->nr_lost--;
	} else if (r->nr_ifs) {
		r->active = r->ifs[--r->nr_ifs].outer;
		r->sure = r->ifs[r->nr_ifs].outer_sure;
	}
}

/* "#define name body": remember the name when the body declares a license. */
static void define(struct reader *r, struct expr *e)
{
	const char *s;
	size_t len = word(e, &s);

	if (len &&
	    memmem(e->pos, (size_t)(e->end - e->pos), license_word, sizeof(license_word) - 1))
		/* Without memory the macro is not known, no more. */
		(void)!ks_strpool_add(&r->macros, s, len);
}

static bool include_file(struct reader *r, struct expr *e)
{
	const char *s, *end;

	blanks(e);
	if (!r->include || e->pos == e->end || *e->pos != '"')
		return false;
	s = e->pos + 1;
	end = memchr(s, '"', (size_t)(e->end - s));
	return end && r->include(r->arg, s, (size_t)(end - s));
}

/* After the '#' that begins a line; true when an include has a license. */
static bool directive(struct reader *r)
{
	const char *eol = r->pos, *s;
	struct expr e = { .config = r->config, .pos = r->pos };
	bool found = false;
	size_t len;

	while (eol < r->end && *eol != '\n') {
		if (*eol == '\\' && r->end - eol > 1)
			eol += eol[1] == '\r' && r->end - eol > 2 ? 3 : 2;
		else if (*eol == '/' && r->end - eol > 1 && eol[1] == '*')
			skip_literal(&eol, r->end);
		else
			eol++;
	}
	r->pos = e.end = eol;
	len = word(&e, &s);
	if (is(s, len, "if")) {
		enter(r, alternatives(&e));
	} else if (is(s, len, "ifdef") || is(s, len, "ifndef")) {
		enum truth t;
		bool negative = len == 6;

		len = word(&e, &s);
		t = defined(r->config, s, len);
		enter(r, negative ? not(t) : t);
	} else if (is(s, len, "elif")) {
		other_branch(r, alternatives(&e));
	} else if (is(s, len, "else")) {
		other_branch(r, TRUE);
	} else if (is(s, len, "endif")) {
		leave(r);
	} else if (r->active && is(s, len, "define")) {
		define(r, &e);
	} else if (r->active && r->sure && is(s, len, "include")) {
		found = include_file(r, &e);
	}
	return found;
}

static bool read_c(struct reader *r)
{
	r->active = r->sure = r->line_start = true;
	while (r->pos < r->end) {
		const char *s = r->pos;

		if (*s == '\n') {
			r->line_start = true;
			r->pos++;
		} else if (isspace((unsigned char)*s)) {
			r->pos++;
		} else if (*s == '#' && r->line_start) {
			r->pos++;
			if (directive(r))
				return true;
		} else if (skip_literal(&r->pos, r->end)) {
			/* A comment before a '#' does not hide it. */
			r->line_start &= *s == '/';
		} else if (is_word(*s)) {
			while (r->pos < r->end && is_word(*r->pos))
				r->pos++;
			r->line_start = false;
			if (r->active && (is(s, (size_t)(r->pos - s), license_word) ||
					  ks_strpool_find(&r->macros, s, (size_t)(r->pos - s)) !=
						  KS_STRPOOL_NONE))
				return true;
		} else {
			r->line_start = false;
			r->pos++;
		}
	}
	return false;
}

bool ks_license_in_c(const struct ks_kconfig *config, const char *text, size_t len,
		     ks_license_include_fn include, void *arg)
{
	struct reader r = {
		.config = config, .pos = text, .end = text + len, .include = include, .arg = arg
	};
	bool found = read_c(&r);

	ks_strpool_free(&r.macros);
	return found;
}
