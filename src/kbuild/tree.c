// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Puts CONFIG_KALLMODSYMS into a kernel's source tree, and takes it out again.
 *
 * Files of its own go to kernel/kallmodsyms/.  The kernel's files get lines, each group of
 * them between "# ksym: begin" and "# ksym: end" and none of the kernel's own is changed, so
 * that without these groups they are what they were, to the byte.
 *
 * All texts are made before any is written: where a line that others go beside is not
 * found, nothing happens.
 */
#include "base/file.h"
#include "base/opts.h"
#include "base/vec.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_DIR "kernel/kallmodsyms"

static const char *const own_files[] = {
	"Kconfig", "Makefile", "kallmodsyms.c", "tables.sh",
	"deps.h", "line.c", "line.h", "owners.c", "owners.h",
};

/* Beside one line of a file; of several only one occurs in a version of the kernel. */
struct edit {
	const char *anchor;		/* the whole line, or what it begins with */
	const char *before, *after;	/* lines; NULL = none */
};

#define NR_VARIANTS 2

struct edited_file {
	const char *path;
	struct {
		struct edit variant[NR_VARIANTS];
	} edits[2];
};

#define TABLES(out)                                                                        \
	"\tif is_enabled CONFIG_KALLMODSYMS; then\n"                                       \
	"\t\t${CONFIG_SHELL} \"${srctree}/" OWN_DIR "/tables.sh\" ${kallsymopt} \"${1}\" > " out "\n" \
	"\telse\n"

static const struct edited_file edited_files[] = {
	{ "init/Kconfig", {
		{ { { "# end of the \"standard kernel features (expert users)\" menu",
		      "source \"" OWN_DIR "/Kconfig\"\n\n", NULL } } },
	} },
	{ "kernel/Makefile", {
		{ { { "obj-$(CONFIG_KALLSYMS) += kallsyms.o", NULL,
		      "obj-$(CONFIG_KALLMODSYMS) += kallmodsyms/\n" } } },
	} },
	{ "scripts/Makefile.vmlinux_o", {
		{ { { "vmlinux.o: $(initcalls-lds) vmlinux.a $(KBUILD_VMLINUX_LIBS) FORCE",
		      "ifdef CONFIG_KALLMODSYMS\n"
		      "vmlinux.o: private KBUILD_LDFLAGS += -Map=$@.map\n"
		      "endif\n", NULL } } },
	} },
	{ "scripts/link-vmlinux.sh", {
		{ { { "\t${ld} ${ldflags} -o ${output}",
		      "\tif is_enabled CONFIG_KALLMODSYMS; then\n"
		      "\t\t# The last link may be that of vmlinux.unstripped; there is one vmlinux.map.\n"
		      "\t\tcase \"${output}\" in\n"
		      "\t\tvmlinux*) ldflags=\"${ldflags} ${wl}-Map=vmlinux.map\" ;;\n"
		      "\t\t*) ldflags=\"${ldflags} ${wl}-Map=${output}.map\" ;;\n"
		      "\t\tesac\n"
		      "\t\t# Debug information knows owners that linker maps do not.\n"
		      "\t\tcase \"${ldflags}\" in\n"
		      "\t\t*\" ${wl}--strip-debug\"*)\n"
		      "\t\t\tldflags=\"${ldflags%% ${wl}--strip-debug*}${ldflags#*--strip-debug}\" ;;\n"
		      "\t\tesac\n"
		      "\tfi\n", NULL } } },
		{ { { "\tscripts/kallsyms ${kallsymopt} ${1} > ${2}", TABLES("${2}"), "\tfi\n" },
		    { "\tscripts/kallsyms ${kallsymopt} \"${1}\" > \"${2}.S\"",
		      TABLES("\"${2}.S\""), "\tfi\n" } } },
	} },
};

#define NR_OWN (sizeof(own_files) / sizeof(*own_files))
#define NR_EDITED (sizeof(edited_files) / sizeof(*edited_files))

struct text {
	KS_VEC(char) b;
	bool failed;
};

struct change {
	char *path;
	struct text now, then;	/* of an own file that is not there, now is empty */
	bool there;
};

struct tree {
	const char *path;
	struct ksym_error *err;
	char *data_dir, *program;
	const char *generation;
	struct change own[NR_OWN], edited[NR_EDITED];
};

static void put(struct text *t, const char *s, size_t len)
{
	if (t->failed || !ks_vec_reserve(&t->b, len + 1)) {
		t->failed = true;
		return;
	}
	if (len)
		memcpy(t->b.data + t->b.len, s, len);
	t->b.len += len;
	t->b.data[t->b.len] = 0;
}

static void puts_text(struct text *t, const char *s)
{
	put(t, s, strlen(s));
}

static bool same_text(const struct text *a, const struct text *b)
{
	return a->b.len == b->b.len && (!a->b.len || !memcmp(a->b.data, b->b.data, a->b.len));
}

static int read_text(const char *path, struct text *t, struct ksym_error *err)
{
	struct ks_file f ks_cleanup_file = { 0 };
	int ret = ks_file_open(&f, path, err);

	if (ret)
		return ret;
	put(t, (const char *)f.data, f.len);
	return t->failed ? ks_error_nomem(err) : 0;
}

/* ------------------------------------------------------------------- edits */

/* The line at @*p, without its newline; @*p behind it.  False at the end. */
static bool next_line(const char **p, const char *end, const char **line, size_t *len)
{
	const char *nl;

	if (*p == end)
		return false;
	nl = memchr(*p, '\n', (size_t)(end - *p));
	*line = *p;
	*len = (size_t)((nl ? nl : end) - *p);
	*p = nl ? nl + 1 : end;
	return true;
}

static bool is_mark(const char *line, size_t len, const char *mark)
{
	while (len && (*line == '\t' || *line == ' ')) {
		line++;
		len--;
	}
	return len == strlen(mark) && !memcmp(line, mark, len);
}

/* @from without what is between marks. */
static int without_marked(const struct tree *t, const char *path, const struct text *from,
			  struct text *to)
{
	const char *p = from->b.data, *end = p + from->b.len, *line;
	bool inside = false;
	size_t len;

	for (uint64_t nr = 1; p && next_line(&p, end, &line, &len); nr++) {
		bool begin = is_mark(line, len, "# ksym: begin"), stop = is_mark(line, len, "# ksym: end");

		if ((begin && inside) || (stop && !inside))
			return ks_error(t->err, -EBADMSG, "%s: line %llu: expected \"# ksym: begin\" and \"# ksym: end\" in turn",
					path, (unsigned long long)nr);
		if (!begin && !stop && !inside)
			put(to, line, (size_t)(p - line));
		inside = begin || (inside && !stop);
	}
	if (inside)
		return ks_error(t->err, -EBADMSG, "%s: expected \"# ksym: end\" before its end", path);
	return to->failed ? ks_error_nomem(t->err) : 0;
}

static bool is_anchor(const struct edit *e, const char *line, size_t len)
{
	size_t n = e->anchor ? strlen(e->anchor) : 0;

	return n && len >= n && !memcmp(line, e->anchor, n);
}

static void put_marked(struct text *t, const char *lines)
{
	const char *tab = lines && lines[0] == '\t' ? "\t" : "";

	if (!lines)
		return;
	puts_text(t, tab);
	puts_text(t, "# ksym: begin\n");
	puts_text(t, lines);
	puts_text(t, tab);
	puts_text(t, "# ksym: end\n");
}

static int with_edits(const struct tree *t, const struct edited_file *f, const char *path,
		      const struct text *from, struct text *to)
{
	const char *p = from->b.data, *end = p + from->b.len, *line;
	unsigned int found[2] = { 0 };
	size_t len;

	while (p && next_line(&p, end, &line, &len)) {
		const struct edit *e = NULL;

		for (unsigned int i = 0; i < 2; i++) {
			for (unsigned int v = 0; v < NR_VARIANTS; v++) {
				if (!is_anchor(&f->edits[i].variant[v], line, len))
					continue;
				e = &f->edits[i].variant[v];
				found[i]++;
			}
		}
		if (e)
			put_marked(to, e->before);
		put(to, line, (size_t)(p - line));
		if (e && p == end && line[len] != '\n')
			puts_text(to, "\n");
		if (e)
			put_marked(to, e->after);
	}
	for (unsigned int i = 0; i < 2; i++) {
		const char *anchor = f->edits[i].variant[0].anchor;

		if (anchor && found[i] != 1)
			return ks_error(t->err, -EBADMSG, "%s: expected one line \"%s\", found %u: of this kernel version ksym does not know where its lines belong",
					path, anchor + (anchor[0] == '\t'), found[i]);
	}
	return to->failed ? ks_error_nomem(t->err) : 0;
}

/* ---------------------------------------------------------------- own files */

/* @from with what the build has to know in place of @KSYM@ and @GENERATION@. */
static void substitute(const struct tree *t, const struct text *from, struct text *to)
{
	const char *p = from->b.data, *at;

	while (p && (at = strchr(p, '@')) != NULL) {
		bool program = !strncmp(at, "@KSYM@", 6);
		bool generation = !strncmp(at, "@GENERATION@", 12);

		put(to, p, (size_t)(at - p));
		if (program)
			puts_text(to, t->program);
		else if (generation)
			puts_text(to, t->generation);
		else
			put(to, at, 1);
		p = at + (program ? 6 : generation ? 12 : 1);
	}
	if (p)
		puts_text(to, p);
}

static int has_file(const char *dir, const char *name)
{
	char *path;
	int ret;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return -ENOMEM;
	ret = !access(path, R_OK);
	free(path);
	return ret;
}

#ifndef KSYM_DATADIR
#define KSYM_DATADIR "/usr/local/share"
#endif

/* Beside the program in its build directory, where it is installed, or where it was to be. */
static int find_data_dir(struct tree *t, const struct ksym_kbuild_opts *o)
{
	static const char *const places[] = { "%.*s/kernel/tree", "%.*s/../share/ksym/kernel" };
	const char *slash = strrchr(t->program, '/');
	int ret = 0;

	if (o->data_dir) {
		t->data_dir = strdup(o->data_dir);
		return t->data_dir ? 0 : ks_error_nomem(t->err);
	}
	for (unsigned int i = 0; i < 3 && !ret; i++) {
		free(t->data_dir);
		t->data_dir = NULL;
		if (i == 2 ? asprintf(&t->data_dir, "%s", KSYM_DATADIR "/ksym/kernel") < 0
			   : asprintf(&t->data_dir, places[i], slash ? (int)(slash - t->program) : 1,
				      slash ? t->program : ".") < 0)
			return ks_error_nomem(t->err);
		ret = has_file(t->data_dir, "kallmodsyms.c");
	}
	if (ret < 0)
		return ks_error_nomem(t->err);
	return ret ? 0 : ks_error(t->err, -ENOENT, "%s: expected the files for the kernel's tree, kallmodsyms.c and others, there",
				  t->data_dir);
}

static int find_generation(struct tree *t)
{
	struct text text = { 0 };
	char *path;
	int ret;

	if (asprintf(&path, "%s/scripts/kallsyms.c", t->path) < 0)
		return ks_error_nomem(t->err);
	ret = read_text(path, &text, t->err);
	if (!ret) {
		t->generation = strstr(text.b.data, "\"base-relative\"") ? "6.1"
				: strstr(text.b.data, "\"pc-relative\"") ? "7"
				: strstr(text.b.data, "\"absolute-percpu\"") ? "6.12" : NULL;
		if (!t->generation)
			ret = ks_error(t->err, -EBADMSG, "%s: expected an option of generation 6.1, 6.12 or 7",
				       path);
	}
	ks_vec_free(&text.b);
	free(path);
	return ret;
}

static int own_texts(struct tree *t, struct change *c, const char *name)
{
	struct text raw = { 0 };
	char *from = NULL;
	int ret = 0;

	if (asprintf(&c->path, "%s/" OWN_DIR "/%s", t->path, name) < 0) {
		c->path = NULL;
		return ks_error_nomem(t->err);
	}
	c->there = !access(c->path, F_OK);
	if (c->there)
		ret = read_text(c->path, &c->now, t->err);
	if (ret || !t->data_dir)
		return ret;
	if (asprintf(&from, "%s/%s", t->data_dir, name) < 0)
		return ks_error_nomem(t->err);
	ret = read_text(from, &raw, t->err);
	if (!ret && !strcmp(name, "tables.sh"))
		substitute(t, &raw, &c->then);
	else if (!ret)
		put(&c->then, raw.b.data, raw.b.len);
	free(from);
	ks_vec_free(&raw.b);
	return ret ? ret : c->then.failed ? ks_error_nomem(t->err) : 0;
}

/* --------------------------------------------------------------------- tree */

/* @install: what the files are to be; else what they were. */
static int read_tree(struct tree *t, bool install)
{
	int ret = 0;

	for (size_t i = 0; i < NR_EDITED && !ret; i++) {
		struct change *c = &t->edited[i];
		struct text plain = { 0 };

		if (asprintf(&c->path, "%s/%s", t->path, edited_files[i].path) < 0) {
			c->path = NULL;
			return ks_error_nomem(t->err);
		}
		c->there = true;
		ret = read_text(c->path, &c->now, t->err);
		if (!ret)
			ret = without_marked(t, c->path, &c->now, install ? &plain : &c->then);
		if (!ret && install)
			ret = with_edits(t, &edited_files[i], c->path, &plain, &c->then);
		ks_vec_free(&plain.b);
	}
	for (size_t i = 0; i < NR_OWN && !ret; i++)
		ret = own_texts(t, &t->own[i], own_files[i]);
	return ret;
}

static void free_change(struct change *c)
{
	free(c->path);
	ks_vec_free(&c->now.b);
	ks_vec_free(&c->then.b);
}

static void free_tree(struct tree *t)
{
	for (size_t i = 0; i < NR_EDITED; i++)
		free_change(&t->edited[i]);
	for (size_t i = 0; i < NR_OWN; i++)
		free_change(&t->own[i]);
	free(t->data_dir);
	free(t->program);
}

/* Writes @text where it differs; the mode stays. */
static int write_text(const struct tree *t, const struct change *c, const struct text *text)
{
	struct stat st = { 0 };
	bool has_mode = !stat(c->path, &st);
	int ret = ks_file_write(c->path, text->b.data ? text->b.data : "", text->b.len, t->err);

	if (!ret && has_mode && chmod(c->path, st.st_mode & 07777))
		ret = ks_error_errno(t->err, errno, c->path, "cannot change its mode");
	return ret;
}

static int write_edited(const struct tree *t)
{
	int ret = 0;

	for (size_t i = 0; i < NR_EDITED && !ret; i++)
		if (!same_text(&t->edited[i].now, &t->edited[i].then))
			ret = write_text(t, &t->edited[i], &t->edited[i].then);
	return ret;
}

/* After a failure: as it was before.  The first failure is the one to tell. */
static void undo(struct tree *t)
{
	struct ksym_error *err = t->err;

	t->err = NULL;
	for (size_t i = 0; i < NR_EDITED; i++)
		if (!same_text(&t->edited[i].now, &t->edited[i].then) &&
		    write_text(t, &t->edited[i], &t->edited[i].now))
			break;
	t->err = err;
}

/* What a build leaves beside its sources. */
static bool is_product(const char *name)
{
	static const char *const names[] = { "built-in.a", "modules.order" };
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return (len > 2 && !strcmp(name + len - 2, ".o")) ||
	       (name[0] == '.' && len > 4 && !strcmp(name + len - 4, ".cmd"));
}

static bool is_own(const char *name)
{
	for (size_t i = 0; i < NR_OWN; i++)
		if (!strcmp(name, own_files[i]))
			return true;
	return false;
}

/* First to see that nothing else is in our folder, then to empty it. */
static int clear_own_dir(const struct tree *t, bool remove_files)
{
	char *dir, *path;
	struct dirent *e;
	DIR *d;
	int ret = 0;

	if (asprintf(&dir, "%s/" OWN_DIR, t->path) < 0)
		return ks_error_nomem(t->err);
	d = opendir(dir);
	if (!d && errno != ENOENT)
		ret = ks_error_errno(t->err, errno, dir, "cannot open");
	while (d && !ret && (e = readdir(d)) != NULL) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (!is_own(e->d_name) && !is_product(e->d_name)) {
			ret = ks_error(t->err, -EBADMSG, "%s: has a file %s, which is not ksym's",
				       dir, e->d_name);
		} else if (remove_files) {
			if (asprintf(&path, "%s/%s", dir, e->d_name) < 0) {
				ret = ks_error_nomem(t->err);
				break;
			}
			if (unlink(path))
				ret = ks_error_errno(t->err, errno, path, "cannot remove");
			free(path);
		}
	}
	if (d)
		closedir(d);
	if (!ret && remove_files && d && rmdir(dir))
		ret = ks_error_errno(t->err, errno, dir, "cannot remove");
	free(dir);
	return ret;
}

static int write_own(const struct tree *t)
{
	char *dir;
	int ret = 0;

	if (asprintf(&dir, "%s/" OWN_DIR, t->path) < 0)
		return ks_error_nomem(t->err);
	if (mkdir(dir, 0777) && errno != EEXIST)
		ret = ks_error_errno(t->err, errno, dir, "cannot create");
	for (size_t i = 0; i < NR_OWN && !ret; i++)
		if (!t->own[i].there || !same_text(&t->own[i].now, &t->own[i].then))
			ret = write_text(t, &t->own[i], &t->own[i].then);
	free(dir);
	return ret;
}

static int open_tree(struct tree *t, const char *path, const struct ksym_kbuild_opts *opts,
		     struct ksym_error *err)
{
	struct ksym_kbuild_opts o;
	int ret = ks_opts_copy(&o, sizeof(o), opts, err);

	*t = (struct tree){ .path = path, .err = err };
	if (ret)
		return ret;
	t->program = strdup(o.program ? o.program : "ksym");
	if (!t->program)
		return ks_error_nomem(err);
	/* It goes into a shell script, in quotes. */
	if (strchr(t->program, '\'') || strchr(t->program, '\n'))
		return ks_error(err, -EINVAL, "%s: the program's path has a quote or a newline in it",
				t->program);
	if (access(path, F_OK))
		return ks_error_errno(err, errno, path, "cannot open");
	ret = find_generation(t);
	return ret ? ret : find_data_dir(t, &o);
}

int ksym_kbuild_install(const char *path, const struct ksym_kbuild_opts *opts,
			struct ksym_error *err)
{
	struct tree t;
	int ret = open_tree(&t, path, opts, err);

	if (!ret)
		ret = read_tree(&t, true);
	if (!ret)
		ret = clear_own_dir(&t, false);
	if (!ret)
		ret = write_own(&t);
	if (!ret) {
		ret = write_edited(&t);
		if (ret)
			undo(&t);
	}
	free_tree(&t);
	return ret;
}

int ksym_kbuild_remove(const char *path, struct ksym_error *err)
{
	struct tree t = { .path = path, .err = err };
	int ret = read_tree(&t, false);

	if (!ret)
		ret = clear_own_dir(&t, false);
	if (!ret) {
		ret = write_edited(&t);
		if (ret)
			undo(&t);
	}
	if (!ret)
		ret = clear_own_dir(&t, true);
	free_tree(&t);
	return ret;
}

int ksym_kbuild_status(const char *path, const struct ksym_kbuild_opts *opts,
		       enum ksym_kbuild_state *state, struct ksym_error *err)
{
	bool any = false, all = true;
	struct tree t;
	int ret = open_tree(&t, path, opts, err);

	if (!ret)
		ret = read_tree(&t, true);
	for (size_t i = 0; i < NR_EDITED && !ret; i++) {
		struct text plain = { 0 };

		ret = without_marked(&t, t.edited[i].path, &t.edited[i].now, &plain);
		any |= !same_text(&t.edited[i].now, &plain);
		all &= same_text(&t.edited[i].now, &t.edited[i].then);
		ks_vec_free(&plain.b);
	}
	for (size_t i = 0; i < NR_OWN && !ret; i++) {
		any |= t.own[i].there;
		all &= t.own[i].there && same_text(&t.own[i].now, &t.own[i].then);
	}
	if (!ret)
		*state = all ? KSYM_KBUILD_INSTALLED : any ? KSYM_KBUILD_OTHER : KSYM_KBUILD_ABSENT;
	free_tree(&t);
	return ret;
}
