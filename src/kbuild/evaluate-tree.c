// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Walk a source tree with GNU make.
 *
 * One make process evaluates one level of directories, one after the other, and
 * forgets between them what each has set; the directories they name are the next
 * level.  So a whole kernel takes some ten processes, none of which starts others
 * except for $(shell) in the makefiles themselves.  If make stops in a directory,
 * that one is tried again alone, for the fault may lie in two directories' rules
 * that never meet in a real build; failing again it is reported and left out.
 */
#include "kbuild/evaluate-tree.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAILURES_MAX 100

static const char main_text[] =
#include "kbuild/evaluate.mk.inc"
	;
static const char dir_text[] =
#include "kbuild/evaluate-dir.mk.inc"
	;

bool ks_path_normalise(char *path)
{
	char *out = path, *in = path;

	if (*path == '/')
		return false;
	while (*in) {
		size_t len = strcspn(in, "/");
		bool slash = in[len] == '/';

		if (len == 2 && in[0] == '.' && in[1] == '.') {
			if (out == path)
				return false;
			while (--out > path && out[-1] != '/')
				;
		} else if (len && !(len == 1 && *in == '.')) {
			memmove(out, in, len);
			out += len;
			if (slash)
				*out++ = '/';
		}
		in += len + slash;
	}
	if (out > path && out[-1] == '/')
		out--;
	*out = '\0';
	if (out == path)
		strcpy(path, ".");
	return true;
}

void ks_tree_warn(const struct ks_tree *t, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!t->opts->message)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	t->opts->message(t->opts->message_arg, KSYM_MESSAGE_WARNING, text);
}

bool ks_tree_has(const struct ks_tree *t, const char *dir, const char *name)
{
	struct stat st;
	char *path;
	bool yes;

	if (asprintf(&path, "%s/%s/%s", t->opts->source_tree, dir, name) < 0)
		return false;
	yes = !stat(path, &st) && S_ISREG(st.st_mode);
	free(path);
	return yes;
}

int ks_tree_write(struct ks_tree *t, const char *name, const char *text, size_t len,
		  struct ksym_error *err)
{
	char *path;
	FILE *f;
	bool ok;

	if (asprintf(&path, "%s/%s", t->tmp, name) < 0)
		return ks_error_nomem(err);
	f = fopen(path, "we");
	ok = f && fwrite(text, 1, len, f) == len;
	if (f && fclose(f))
		ok = false;
	if (!ok)
		ks_error_errno(err, errno ? errno : EIO, path, "cannot write");
	free(path);
	return ok ? 0 : errno ? -errno : -EIO;
}

int ks_tree_write_text(struct ks_tree *t, const char *name, const struct ks_text *text,
		       struct ksym_error *err)
{
	if (text->nomem)
		return ks_error_nomem(err);
	return ks_tree_write(t, name, text->len ? text->data : "", text->len, err);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

void ks_tree_close(struct ks_tree *t)
{
	if (t->tmp) {
		nftw(t->tmp, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
		free(t->tmp);
	}
	ks_strpool_free(&t->dirs);
	ks_vec_free(&t->state);
	ks_vec_free(&t->lists);
}

int ks_tree_open(struct ks_tree *t, struct ksym_error *err)
{
	const char *base = getenv("TMPDIR");
	char *target = realpath(t->opts->source_tree, NULL);
	char *link = NULL;
	int ret = 0;

	if (!target)
		return ks_error_errno(err, errno, t->opts->source_tree, "cannot open");
	if (asprintf(&t->tmp, "%s/ksym-XXXXXX", base && *base ? base : "/tmp") < 0) {
		t->tmp = NULL;
		ret = ks_error_nomem(err);
	} else if (!mkdtemp(t->tmp)) {
		ret = ks_error_errno(err, errno, t->tmp, "cannot make a temporary directory");
		free(t->tmp);
		t->tmp = NULL;
	} else if (asprintf(&link, "%s/s", t->tmp) < 0) {
		link = NULL;
		ret = ks_error_nomem(err);
	} else if (symlink(target, link)) {
		ret = ks_error_errno(err, errno, link, "cannot make a symbolic link");
	}
	free(link);
	free(target);
	if (!ret)
		ret = ks_tree_write(t, "ks-main-loop.mk", main_text, sizeof(main_text) - 1, err);
	if (!ret)
		ret = ks_tree_write(t, "ks-dir.mk", dir_text, sizeof(dir_text) - 1, err);
	return ret;
}

int ks_tree_make(struct ks_tree *t, struct ks_text *out, char *why, size_t why_len, bool *done,
		 struct ksym_error *err)
{
	int status, ret = ks_make_run(t->tmp, "ks-main-loop.mk", out, why, why_len, &status, err);
	static const char mark[] = "ks:done\n";
	const size_t len = sizeof(mark) - 1;

	if (ret)
		return ret;
	*done = out->len >= len && !memcmp(out->data + out->len - len, mark, len);
	if (!*done && WIFSIGNALED(status))
		snprintf(why, why_len, "make was killed by signal %d", WTERMSIG(status));
	return 0;
}

/* ------------------------------------------------------------ directories */

/* Characters that mean nothing to make, in any place a path can be used. */
static bool is_plain(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (c && strchr("._/+,@^-", c)) || (unsigned char)c >= 0x80))
			return false;
	}
	return true;
}

int ks_tree_add_dir(struct ks_tree *t, const char *parent, const char *s, size_t len,
		    enum ks_tree_role role, struct ksym_error *err)
{
	uint32_t i;
	char *path;

	if (!is_plain(s, len)) {
		ks_tree_warn(t, "%s: directory '%.*s' left out: unusual characters in its name",
			     parent, (int)len, s);
		return 0;
	}
	if (asprintf(&path, "%s/%.*s", parent, (int)len, s) < 0)
		return ks_error_nomem(err);
	if (!ks_path_normalise(path)) {
		ks_tree_warn(t, "%s: directory '%.*s' left out: it is not in the tree", parent,
			     (int)len, s);
		free(path);
		return 0;
	}
	i = ks_strpool_add(&t->dirs, path, strlen(path));
	free(path);
	if (i == KS_STRPOOL_NONE || (i == t->state.len && !ks_vec_push(&t->state)))
		return ks_error_nomem(err);
	if (!(t->state.data[i].roles & role)) {
		t->state.data[i].roles |= role;
		t->state.data[i].stage = KS_DIR_NEW;
	}
	return 0;
}

/* Makefile to evaluate for a directory, relative to it; a file Kbuild wins. */
static const char *makefile_of(const struct ks_tree *t, const char *dir)
{
	if (ks_tree_has(t, dir, "Kbuild"))
		return "Kbuild";
	/* The top's Makefile is the main one, and no kbuild file. */
	return strcmp(dir, ".") && ks_tree_has(t, dir, "Makefile") ? "Makefile" : NULL;
}

/* Can the makefile change options of the configuration?  To look at all of them after
 * each directory takes most of the time there is, and this happens next to never, so
 * it is done only where a line sets one or could do it behind our back. */
static bool may_set_options(const struct ks_tree *t, const char *dir, const char *makefile)
{
	static const char *const words[] = { "CONFIG_",	 "override", "export",
					     "define",	 "undefine", "include",
					     "-include", "sinclude", "$" };
	struct ks_file f ks_cleanup_file = { 0 };
	char *path ks_cleanup_string = NULL;
	struct ks_lines l;

	if (asprintf(&path, "%s/%s/%s", t->opts->source_tree, dir, makefile) < 0) {
		path = NULL;
		return true;
	}
	if (ks_file_open(&f, path, NULL))
		return true;
	if (memmem(f.data, f.len, "$(eval", 6) || memmem(f.data, f.len, "${eval", 6))
		return true;
	l = ks_lines(&f);
	while (ks_lines_next(&l)) {
		while (l.len && (*l.s == ' ' || *l.s == '\t')) {
			l.s++;
			l.len--;
		}
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (l.len > strlen(words[i]) && !memcmp(l.s, words[i], strlen(words[i])))
				return true;
	}
	return false;
}

static void add_todo(struct ks_text *todo, const struct ks_tree *t, const char *dir,
		     const char *makefile)
{
	ks_text_addf(todo,
		     "ks-obj := %s\nks-kbuild := $(srctree)/%s/%s\nks-check := %s\n"
		     "include ks-dir.mk\n",
		     dir, dir, makefile, may_set_options(t, dir, makefile) ? "y" : "");
}

/* Write what is to be evaluated next; how much that is. */
static int write_todo(struct ks_tree *t, size_t *nr, struct ksym_error *err)
{
	struct ks_text todo ks_cleanup_text = { 0 };

	*nr = 0;
	for (uint32_t i = 0; i < t->state.len; i++) {
		struct ks_dir *d = &t->state.data[i];
		const char *path = ks_strpool_get(&t->dirs, i);
		const char *makefile;

		if (d->stage != KS_DIR_NEW && d->stage != KS_DIR_AGAIN)
			continue;
		makefile = makefile_of(t, path);
		if (!makefile) {
			d->stage = KS_DIR_FAILED;
			ks_tree_warn(t, "%s: left out: neither Kbuild nor Makefile in it", path);
			continue;
		}
		/* One to be tried alone goes when nothing else is left. */
		if (d->stage == KS_DIR_AGAIN)
			continue;
		add_todo(&todo, t, path, makefile);
		++*nr;
	}
	for (uint32_t i = 0; !*nr && i < t->state.len; i++)
		if (t->state.data[i].stage == KS_DIR_AGAIN) {
			const char *path = ks_strpool_get(&t->dirs, i);

			t->state.data[i].stage = KS_DIR_ALONE;
			add_todo(&todo, t, path, makefile_of(t, path));
			++*nr;
		}
	ks_text_addf(&todo, "$(ks-done)\n");
	return ks_tree_write_text(t, "ks-todo.mk", &todo, err);
}

/* ---------------------------------------------------------------- answers */

static bool next_word(const char **s, const char *end, const char **word, size_t *len)
{
	while (*s < end && (**s == ' ' || **s == '\t'))
		++*s;
	*word = *s;
	while (*s < end && **s != ' ' && **s != '\t')
		++*s;
	*len = (size_t)(*s - *word);
	return *len > 0;
}

static bool has_word(const struct ks_tree_list *l, const char *word, size_t len)
{
	const char *s = l->words, *w;
	size_t n;

	while (next_word(&s, l->end, &w, &n))
		if (n == len && !memcmp(w, word, len))
			return true;
	return false;
}

static int add_part(struct ks_tree *t, const char *dir, const char *object, size_t len,
		    const char *module, size_t module_len, struct ksym_error *err)
{
	struct ks_kbuild_part part, *slot;
	char *o, *m = NULL;
	int ret = 0;

	if (asprintf(&o, "%s/%.*s", dir, (int)len, object) < 0)
		return ks_error_nomem(err);
	if (asprintf(&m, "%s/%.*s", dir, (int)module_len, module) < 0) {
		free(o);
		return ks_error_nomem(err);
	}
	if (!ks_path_normalise(o) || !ks_path_normalise(m)) {
		ks_tree_warn(t, "%s: object '%.*s' left out: it is not in the tree", dir, (int)len,
			     object);
		goto out;
	}
	part.object = ks_strpool_add(&t->out->strings, o, strlen(o));
	part.module = ks_strpool_add(&t->out->strings, m, strlen(m));
	slot = ks_vec_push(&t->out->parts);
	if (part.object == KS_STRPOOL_NONE || part.module == KS_STRPOOL_NONE || !slot)
		ret = ks_error_nomem(err);
	else
		*slot = part;
out:
	free(o);
	free(m);
	return ret;
}

/* The names the kernel compiles an object under: every composite of its directory
 * that has it as a part, or else its own, of which kbuild drops the directory. */
static int add_object(struct ks_tree *t, const char *dir, const char *object, size_t len,
		      struct ksym_error *err)
{
	bool any = false;
	const char *base;
	int ret = 0;

	if (len < 3 || memcmp(object + len - 2, ".o", 2))
		return 0;
	for (size_t i = 0; !ret && i < t->lists.len; i++) {
		const struct ks_tree_list *l = &t->lists.data[i];

		if ((l->kind == KS_LIST_MULTI || l->kind == KS_LIST_NAME) &&
		    has_word(l, object, len)) {
			ret = add_part(t, dir, object, len, l->name, l->name_len, err);
			any = true;
		}
	}
	if (any || ret)
		return ret;
	base = memrchr(object, '/', len);
	base = base ? base + 1 : object;
	return add_part(t, dir, object, len, base, len - (size_t)(base - object), err);
}

/* All of a directory was answered. */
static int end_dir(struct ks_tree *t, uint32_t i, struct ksym_error *err)
{
	const char *dir = ks_strpool_get(&t->dirs, i);
	uint8_t roles = t->state.data[i].roles;
	const char *s, *word;
	size_t len;
	int ret = 0;

	t->state.data[i].stage = KS_DIR_DONE;
	for (size_t n = 0; !ret && n < t->lists.len; n++) {
		struct ks_tree_list *l = &t->lists.data[n];
		bool is_lib = l->kind == KS_LIST_LIB;

		if (l->kind == KS_LIST_NAME || !(roles & (is_lib ? KS_DIR_LIB : KS_DIR_BUILTIN)))
			continue;
		if (l->kind == KS_LIST_ONE) {
			ret = add_object(t, dir, l->name, l->name_len, err);
			continue;
		}
		s = l->words;
		while (!ret && next_word(&s, l->end, &word, &len))
			ret = l->kind == KS_LIST_DIRS
				      ? ks_tree_add_dir(t, dir, word, len, KS_DIR_BUILTIN, err)
				      : add_object(t, dir, word, len, err);
	}
	return ret;
}

bool ks_tree_answer(const char **pos, const char *end, struct ks_tree_list *l)
{
	static const char *const kinds[] = {
		[KS_LIST_DIRS] = "dirs",   [KS_LIST_LIB] = "lib",   [KS_LIST_ONE] = "one",
		[KS_LIST_MULTI] = "multi", [KS_LIST_NAME] = "name", [KS_LIST_BEGIN] = "begin",
		[KS_LIST_END] = "end",	   [KS_LIST_LIBS] = "libs", [KS_LIST_FILES] = "files",
		[KS_LIST_VALUE] = "value",
	};

	while (*pos < end) {
		const char *s = *pos, *eol = memchr(s, '\n', (size_t)(end - s)), *word;
		size_t len;

		if (!eol)
			eol = end;
		*pos = eol + (eol < end);
		if (eol - s < 4 || memcmp(s, "ks:", 3))
			continue;
		s += 3;
		if (!next_word(&s, eol, &word, &len))
			continue;
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			if (strlen(kinds[i]) != len || memcmp(kinds[i], word, len))
				continue;
			*l = (struct ks_tree_list){ .kind = (enum ks_tree_kind)i, .end = eol };
			if (i != KS_LIST_DIRS && i != KS_LIST_LIB && i != KS_LIST_LIBS &&
			    i != KS_LIST_FILES)
				next_word(&s, eol, &l->name, &l->name_len);
			l->words = s;
			return true;
		}
	}
	return false;
}

/* @last: the directory make was in when it ended, or KS_STRPOOL_NONE. */
static int take_answers(struct ks_tree *t, const struct ks_text *out, uint32_t *last,
			struct ksym_error *err)
{
	const char *pos = out->data, *end = out->len ? out->data + out->len : pos;
	struct ks_tree_list l, *slot;
	int ret = 0;

	*last = KS_STRPOOL_NONE;
	while (!ret && out->len && ks_tree_answer(&pos, end, &l)) {
		uint32_t i =
			l.name ? ks_strpool_find(&t->dirs, l.name, l.name_len) : KS_STRPOOL_NONE;

		if (l.kind == KS_LIST_BEGIN) {
			*last = i;
			t->lists.len = 0;
		} else if (l.kind == KS_LIST_END) {
			if (i != KS_STRPOOL_NONE && i == *last)
				ret = end_dir(t, i, err);
			*last = KS_STRPOOL_NONE;
		} else {
			slot = ks_vec_push(&t->lists);
			if (!slot)
				return ks_error_nomem(err);
			*slot = l;
		}
	}
	return ret;
}

int ks_tree_walk(struct ks_tree *t, struct ksym_error *err)
{
	size_t nr_failures = 0, nr;
	char why[512];

	for (;;) {
		struct ks_text out ks_cleanup_text = { 0 };
		uint32_t last;
		bool done;
		int ret = write_todo(t, &nr, err);

		if (!ret && !nr)
			return 0;
		if (!ret)
			ret = ks_tree_make(t, &out, why, sizeof(why), &done, err);
		if (!ret)
			ret = take_answers(t, &out, &last, err);
		if (ret)
			return ret;
		if (done)
			continue;
		if (last == KS_STRPOOL_NONE || ++nr_failures > FAILURES_MAX)
			return ks_error(err, -EBADMSG, "%s: make: %s", t->opts->source_tree, why);
		if (t->state.data[last].stage == KS_DIR_ALONE) {
			t->state.data[last].stage = KS_DIR_FAILED;
			ks_tree_warn(t, "%s: left out: make: %s", ks_strpool_get(&t->dirs, last),
				     why);
		} else {
			t->state.data[last].stage = KS_DIR_AGAIN;
		}
	}
}
