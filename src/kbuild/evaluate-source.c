// SPDX-License-Identifier: LGPL-2.1-or-later
/* The source of an object: where it is, what it includes, and Rust's way to
 * declare a license. */
#include "kbuild/evaluate-parts.h"

#include <ctype.h>
#include <stdio.h>
#include <sys/stat.h>

#define INCLUDES_MAX 16			/* files that include each other */
#define SOURCE_MAX   ((size_t)64 << 20) /* a source file, not something else */

/* What is known of a file, in ks_license.seen. */
enum {
	SEEN_MENTIONS_KNOWN = 1,
	SEEN_MENTIONS = 2, /* it or what it includes has the word */
	SEEN_FOUND_KNOWN = 4,
	SEEN_FOUND = 8,
	SEEN_BUSY = 16,
};

struct visit {
	struct ks_license *l;
	const char *path; /* in the source tree */
	unsigned int depth;
};

/* False when there is no such regular file, or it cannot be read. */
static bool open_source(const struct ks_license *l, const char *path, struct ks_file *f,
			char **full)
{
	struct stat st;

	if (asprintf(full, "%s/%s", l->source_tree, path) < 0) {
		*full = NULL;
		return false;
	}
	return !stat(*full, &st) && S_ISREG(st.st_mode) && (uint64_t)st.st_size <= SOURCE_MAX &&
	       !ks_file_open(f, *full, NULL);
}

static uint32_t number(struct ks_license *l, const char *path)
{
	uint32_t i = ks_strpool_add(&l->files, path, strlen(path));

	if (i != KS_STRPOOL_NONE && i == l->seen.len && !ks_vec_push(&l->seen))
		return KS_STRPOOL_NONE;
	return i;
}

/* Path of @name as included by @by; NULL when it leads out of the tree. */
static char *beside(const char *by, const char *name, size_t len)
{
	const char *slash = strrchr(by, '/');
	char *path;

	if (asprintf(&path, "%.*s%.*s", slash ? (int)(slash + 1 - by) : 0, by, (int)len, name) < 0)
		return NULL;
	if (memchr(name, '\0', len) || !ks_path_normalise(path)) {
		free(path);
		return NULL;
	}
	return path;
}

static bool mentions(struct ks_license *l, const char *path, unsigned int depth);

/* Quoted includes anywhere in the text, conditions aside. */
static bool includes_mention(struct ks_license *l, const char *path, const char *s, const char *end,
			     unsigned int depth)
{
	while ((s = memchr(s, '#', (size_t)(end - s)))) {
		const char *quote;
		char *name;
		bool yes;

		do
			s++;
		while (s < end && (*s == ' ' || *s == '\t'));
		if (end - s < 9 || memcmp(s, "include", 7))
			continue;
		s += 7;
		while (s < end && (*s == ' ' || *s == '\t'))
			s++;
		if (s == end || *s != '"')
			continue;
		s++;
		quote = memchr(s, '"', (size_t)(end - s));
		if (!quote)
			return false;
		name = beside(path, s, (size_t)(quote - s));
		yes = name && mentions(l, name, depth + 1);
		free(name);
		if (yes)
			return true;
	}
	return false;
}

/* Cheap: most files need no closer look. */
static bool mentions(struct ks_license *l, const char *path, unsigned int depth)
{
	struct ks_file f ks_cleanup_file = { 0 };
	char *full ks_cleanup_string = NULL;
	uint32_t i = number(l, path);
	bool yes = false;

	if (i == KS_STRPOOL_NONE || depth > INCLUDES_MAX)
		return false;
	if (l->seen.data[i] & (SEEN_MENTIONS_KNOWN | SEEN_BUSY))
		return l->seen.data[i] & SEEN_MENTIONS;
	l->seen.data[i] |= SEEN_BUSY;
	if (open_source(l, path, &f, &full)) {
		const char *s = (const char *)f.data;

		yes = memmem(s, f.len, "MODULE_LICENSE", 14) ||
		      includes_mention(l, path, s, s + f.len, depth);
	}
	l->seen.data[i] &= (uint8_t)~SEEN_BUSY;
	l->seen.data[i] |= SEEN_MENTIONS_KNOWN | (yes ? SEEN_MENTIONS : 0);
	return yes;
}

static bool found_in(struct ks_license *l, const char *path, unsigned int depth);

static bool visit_include(void *arg, const char *name, size_t len)
{
	struct visit *v = arg;
	char *path = beside(v->path, name, len);
	bool found =
		path && mentions(v->l, path, v->depth + 1) && found_in(v->l, path, v->depth + 1);

	free(path);
	return found;
}

static bool found_in(struct ks_license *l, const char *path, unsigned int depth)
{
	struct ks_file f ks_cleanup_file = { 0 };
	char *full ks_cleanup_string = NULL;
	struct visit v = { .l = l, .path = path, .depth = depth };
	uint32_t i = number(l, path);
	bool yes = false;

	if (i == KS_STRPOOL_NONE || depth > INCLUDES_MAX)
		return false;
	if (l->seen.data[i] & (SEEN_FOUND_KNOWN | SEEN_BUSY))
		return l->seen.data[i] & SEEN_FOUND;
	l->seen.data[i] |= SEEN_BUSY;
	if (open_source(l, path, &f, &full))
		yes = ks_license_in_c(l->config, (const char *)f.data, f.len, visit_include, &v);
	l->seen.data[i] &= (uint8_t)~SEEN_BUSY;
	l->seen.data[i] |= SEEN_FOUND_KNOWN | (yes ? SEEN_FOUND : 0);
	return yes;
}

/* Past a comment or a string of Rust; its block comments nest. */
static bool skip_rust(const char **pos, const char *end)
{
	const char *s = *pos;
	unsigned int depth = 0;

	if (*s == '"') {
		for (s++; s < end && *s != '"'; s++)
			s += *s == '\\' && end - s > 1;
		*pos = s + (s < end);
		return true;
	}
	if (end - s < 2 || *s != '/' || (s[1] != '/' && s[1] != '*'))
		return false;
	if (s[1] == '/') {
		s = memchr(s, '\n', (size_t)(end - s));
		*pos = s ? s : end;
		return true;
	}
	do {
		if (end - s > 1 && s[0] == '/' && s[1] == '*') {
			depth++;
			s += 2;
		} else if (end - s > 1 && s[0] == '*' && s[1] == '/') {
			depth--;
			s += 2;
		} else {
			s++;
		}
	} while (depth && s < end);
	*pos = s;
	return true;
}

/* module! { ... license: "GPL", ... }, or a macro around it: module_phy_driver! { */
bool ks_license_in_rust(const char *text, size_t len)
{
	const char *pos = text, *end = text + len;
	unsigned int depth = 0; /* of braces inside such a macro */
	bool module = false;

	while (pos < end) {
		const char *s = pos;
		size_t n = 0;

		if (skip_rust(&pos, end))
			continue;
		while (pos < end && (isalnum((unsigned char)*pos) || *pos == '_'))
			pos++;
		n = (size_t)(pos - s);
		if (!n) {
			pos++;
			depth += *s == '{' && (depth || module);
			depth -= *s == '}' && depth;
			if (!isspace((unsigned char)*s) && *s != '!')
				module = false;
		} else if (depth && n == 7 && !memcmp(s, "license", 7)) {
			return true;
		} else {
			module = n >= 6 && !memcmp(s, "module", 6) && pos < end && *pos == '!';
		}
	}
	return false;
}

int ks_license_find(struct ks_license *l, const char *object, bool *found, struct ksym_error *err)
{
	/* What kbuild makes objects of; a shipped source is copied first. */
	static const char *const suffixes[] = { "c", "c_shipped", "rs" };
	size_t len = strlen(object);

	*found = false;
	for (size_t i = 0; len > 2 && !*found && i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		struct ks_file f ks_cleanup_file = { 0 };
		char *path ks_cleanup_string = NULL;
		char *full ks_cleanup_string = NULL;

		if (asprintf(&path, "%.*s.%s", (int)len - 2, object, suffixes[i]) < 0) {
			path = NULL;
			return ks_error_nomem(err);
		}
		if (suffixes[i][0] == 'c')
			*found = mentions(l, path, 0) && found_in(l, path, 0);
		else if (open_source(l, path, &f, &full))
			*found = ks_license_in_rust((const char *)f.data, f.len);
	}
	return 0;
}

void ks_license_free(struct ks_license *l)
{
	ks_strpool_free(&l->files);
	ks_vec_free(&l->seen);
}
