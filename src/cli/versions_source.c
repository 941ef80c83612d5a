// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sources: compiled to a temporary object, the way the kernel's build compiles them. */
#include "versions.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* How a source is compiled. */
struct recipe {
	char *command;		/* for the shell */
	char *dir;		/* where */
	char *output;		/* of it, as the command names it; NULL: not known */
};

bool versions_is_source(const char *path)
{
	static const char *const ends[] = { ".c", ".S", ".rs", ".cc", ".cpp" };
	size_t len = strlen(path);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len > strlen(ends[i]) && !strcmp(path + len - strlen(ends[i]), ends[i]))
			return true;
	return false;
}

static void free_recipe(struct recipe *r)
{
	free(r->command);
	free(r->dir);
	free(r->output);
}

static char *read_whole(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t cap = 0;

	if (!f)
		return NULL;
	if (getdelim(&text, &cap, 0, f) < 0) {
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

/* ---------------------------------------------------------------- .cmd files */

/* Make's way to write '#' and '$'. */
static void unescape(char *s)
{
	char *out = s;

	while (*s) {
		if (!strncmp(s, "$(pound)", 8)) {
			*out++ = '#';
			s += 8;
		} else {
			s += s[0] == '$' && s[1] == '$';
			*out++ = *s++;
		}
	}
	*out = 0;
}

/* Up to the first ';' outside of quotes: what follows works on the object. */
static void cut_rest(char *s)
{
	char quote = 0;

	for (; *s; s++) {
		if (quote) {
			if (*s == quote)
				quote = 0;
			else if (*s == '\\' && quote == '"' && s[1])
				s++;
		} else if (*s == '\'' || *s == '"') {
			quote = *s;
		} else if (*s == '\\' && s[1]) {
			s++;
		} else if (*s == ';' || *s == '\n') {
			*s = 0;
			return;
		}
	}
}

/* "savedcmd_kernel/fork.o := gcc …": the command runs where the target is called so. */
static bool parse_cmd(char *text, const char *object, struct recipe *r)
{
	char *target, *end, resolved[PATH_MAX];
	size_t len, object_len;

	if (!strncmp(text, "savedcmd_", 9))
		target = text + 9;
	else if (!strncmp(text, "cmd_", 4))
		target = text + 4;
	else
		return false;
	end = strstr(target, " := ");
	if (!end || !realpath(object, resolved))
		return false;
	*end = 0;
	len = strlen(target);
	object_len = strlen(resolved);
	if (object_len <= len || strcmp(resolved + object_len - len, target) ||
	    resolved[object_len - len - 1] != '/')
		return false;
	resolved[object_len - len - 1] = 0;
	r->dir = strdup(*resolved ? resolved : "/");
	r->output = strdup(target);
	r->command = strdup(end + 4);
	if (!r->dir || !r->output || !r->command)
		return false;
	cut_rest(r->command);
	unescape(r->command);
	return true;
}

/* The .cmd file of the object that belongs to @source below @tree, or beside it. */
static bool find_cmd(const char *source, const char *tree, struct recipe *r)
{
	const char *base = strrchr(source, '/'), *dot;
	char *cmd = NULL, *object = NULL, *text = NULL;
	int dir_len;
	bool found = false;

	base = base ? base + 1 : source;
	dir_len = (int)(base - source);
	dot = strrchr(base, '.');
	if (asprintf(&cmd, "%s%s%.*s.%.*s.o.cmd", tree ? tree : "", tree ? "/" : "", dir_len, source,
		     (int)(dot - base), base) >= 0 &&
	    asprintf(&object, "%s%s%.*s%.*s.o", tree ? tree : "", tree ? "/" : "", dir_len, source,
		     (int)(dot - base), base) >= 0)
		text = read_whole(cmd);
	if (text)
		found = parse_cmd(text, object, r);
	free(text);
	free(cmd);
	free(object);
	return found;
}

/* ----------------------------------------------------- compile_commands.json */

static bool same_file(const char *dir, const char *file, const char *resolved)
{
	char *path = NULL, found[PATH_MAX];
	bool same = false;

	if (asprintf(&path, "%s%s%s", *file == '/' ? "" : dir, *file == '/' ? "" : "/", file) >= 0)
		same = realpath(path, found) && !strcmp(found, resolved);
	free(path);
	return same;
}

/* One word of an "arguments" list, for the shell. */
static bool append_quoted(char **command, const char *word)
{
	size_t len = *command ? strlen(*command) : 0;
	char *p = realloc(*command, len + 4 * strlen(word) + 4), *out;

	if (!p)
		return false;
	*command = p;
	out = p + len;
	*out++ = ' ';
	*out++ = '\'';
	for (; *word; word++) {
		if (*word == '\'') {
			memcpy(out, "'\\''", 4);
			out += 4;
		} else {
			*out++ = *word;
		}
	}
	*out++ = '\'';
	*out = 0;
	return true;
}

static const char *string_of(struct json_object *o, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(o, key, &value) ? json_object_get_string(value) : NULL;
}

static bool take_entry(struct json_object *entry, struct recipe *r)
{
	const char *command = string_of(entry, "command"), *output = string_of(entry, "output");
	struct json_object *args;

	r->dir = strdup(string_of(entry, "directory"));
	r->output = output ? strdup(output) : NULL;
	if (command)
		r->command = strdup(command);
	else if (json_object_object_get_ex(entry, "arguments", &args) &&
		 json_object_is_type(args, json_type_array))
		for (size_t i = 0; i < json_object_array_length(args); i++)
			if (!append_quoted(&r->command, json_object_get_string(
								json_object_array_get_idx(args, i))))
				return false;
	return r->dir && r->command;
}

static bool find_entry(const char *source, const char *tree, struct recipe *r)
{
	char *path = NULL, resolved[PATH_MAX];
	struct json_object *list = NULL;
	bool found = false;

	if (asprintf(&path, "%s/compile_commands.json", tree ? tree : ".") < 0)
		return false;
	if (!access(path, R_OK) && realpath(source, resolved))
		list = json_object_from_file(path);
	free(path);
	if (!list || !json_object_is_type(list, json_type_array)) {
		json_object_put(list);
		return false;
	}
	for (size_t i = 0; i < json_object_array_length(list) && !found; i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);
		const char *dir = string_of(entry, "directory"), *file = string_of(entry, "file");

		found = dir && file && same_file(dir, file, resolved) && take_entry(entry, r);
	}
	json_object_put(list);
	return found;
}

/* -------------------------------------------------------------------- compile */

/* @s with every word @from, or word that ends with ",@from", made to say @to. */
static char *replace_word(const char *s, const char *from, const char *to)
{
	size_t from_len = strlen(from), cap = strlen(s) + 1;
	char *out;

	for (const char *p = s; (p = strstr(p, from)); p += from_len)
		cap += strlen(to);
	out = calloc(1, cap);
	for (size_t n = 0; out && *s;) {
		bool begins = !n || strchr(" ,='\"", out[n - 1]);

		if (begins && !strncmp(s, from, from_len) && strchr(" '\"", s[from_len])) {
			n += strlen(strcpy(out + n, to));
			s += from_len;
		} else {
			out[n++] = *s++;
		}
	}
	return out;
}

/* Output goes to @object, the list of dependencies nowhere; with debug information. */
static char *adapt(const struct recipe *r, const char *object)
{
	char *command = strdup(r->command), *next, *p, *full = NULL;

	/* -Wp,-MMD,FILE and -MF FILE would replace a file of the build. */
	for (p = command; p && (p = strstr(p, "-Wp,-MMD,"));)
		while (*p && *p != ' ')
			*p++ = ' ';
	if (r->output && command) {
		next = replace_word(command, r->output, object);
		free(command);
		command = next;
	}
	if (!command)
		return NULL;
	/* Of two -o the last counts, and so of -g options. */
	if (asprintf(&full, "%s -o '%s'%s", command, object,
		     strstr(command, " -g") || strstr(command, "rustc") ? "" : " -g") < 0)
		full = NULL;
	free(command);
	return full;
}

static int run_shell(const char *command, const char *dir)
{
	const char *argv[] = { "sh", "-c", "cd \"$1\" && eval \"$2\"", "sh", dir, command, NULL };
	int status;
	pid_t pid;

	if (posix_spawn(&pid, "/bin/sh", NULL, NULL, (char **)argv, environ))
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

int versions_compile(const char *path, const char *tree, char **object)
{
	const char *tmp = getenv("TMPDIR");
	struct recipe r = { 0 };
	char *command = NULL, *name = NULL;
	int fd, status = CLI_SYSTEM;

	*object = NULL;
	if (!find_cmd(path, tree, &r)) {
		free_recipe(&r);
		r = (struct recipe){ 0 };
		if (!find_entry(path, tree, &r)) {
			free_recipe(&r);
			cli_say("ksym: %s: how is it compiled? Expected its .cmd file%s%s, or compile_commands.json there (see --build-tree)",
				path, tree ? " below " : " beside it", tree ? tree : "");
			return CLI_BAD_INPUT;
		}
	}
	if (asprintf(&name, "%s/ksym-XXXXXX.o", tmp && *tmp ? tmp : "/tmp") >= 0) {
		fd = mkstemps(name, 2);
		if (fd >= 0) {
			close(fd);
			*object = name;
			command = adapt(&r, name);
		} else {
			cli_say("ksym: %s: %s", name, strerror(errno));
			free(name);
		}
	}
	if (command) {
		status = run_shell(command, r.dir) ? CLI_BAD_INPUT : CLI_OK;
		if (status)
			cli_say("ksym: %s: cannot be compiled by: cd %s && %s", path, r.dir, command);
	}
	free(command);
	free_recipe(&r);
	return status;
}
