// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The top of a source tree, as far as the evaluation of directories needs it.
 *
 * The kernel's main Makefile starts builds, so it is not evaluated.  Taken from
 * its text are the assignments that say which directories there are (core-y,
 * libs-y and their like; before Linux 6.1 that is all of them, since then the rest
 * is in the file Kbuild) and the version.  The architecture's Makefile adds to these
 * and is evaluated; what it exports reaches the directories, nothing else of it.
 */
#include "kbuild/evaluate-tree.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

static const char top_text[] =
#include "kbuild/evaluate-top.mk.inc"
	;

/* What the main Makefile exports.  Compilers and their like do nothing. */
static const char *const base_variables[][2] = {
	{ "srctree", "s" },
	{ "srcroot", "s" },
	{ "VPATH", "s" },
	{ "objtree", "." },
	{ "objroot", "." },
	{ "CONFIG_SHELL", "sh" },
	{ "Q", "@" },
	{ "quiet", "quiet_" },
	{ "KBUILD_VERBOSE", "0" },
	{ "KBUILD_BUILTIN", "y" },
	{ "KBUILD_MODULES", "y" },
	{ "need-builtin", "1" },
	{ "need-modorder", "1" },
	{ "KBUILD_NOCMDDEP", "1" },
	{ "CC", ":" },
	{ "CPP", ":" },
	{ "LD", ":" },
	{ "AR", ":" },
	{ "NM", ":" },
	{ "OBJCOPY", ":" },
	{ "OBJDUMP", ":" },
	{ "READELF", ":" },
	{ "STRIP", ":" },
	{ "HOSTCC", ":" },
	{ "HOSTCXX", ":" },
	{ "HOSTLD", ":" },
	{ "RUSTC", ":" },
	{ "RUSTDOC", ":" },
	{ "RUSTFMT", ":" },
	{ "HOSTRUSTC", ":" },
	{ "BINDGEN", ":" },
	{ "PAHOLE", ":" },
	{ "CC_COMPAT", ":" },
	{ "HOSTPKG_CONFIG", ":" },
	{ "CLANG", ":" },
	{ "LLC", ":" },
	{ "AWK", "awk" },
	{ "PERL", "perl" },
	{ "PYTHON3", "python3" },
	{ "KBUILD_CFLAGS", "" },
	{ "KBUILD_AFLAGS", "" },
	{ "KBUILD_CPPFLAGS", "" },
	{ "KBUILD_LDFLAGS", "" },
	{ "KBUILD_RUSTFLAGS", "" },
	{ "KBUILD_HOSTCFLAGS", "" },
	{ "KBUILD_EXTMOD", "" },
	{ "LINUXINCLUDE", "" },
	{ "NOSTDINC_FLAGS", "" },
	{ "KBUILD_CFLAGS_MODULE", "" },
	{ "KBUILD_CFLAGS_KERNEL", "" },
};

static const char *const version_variables[] = { "VERSION", "PATCHLEVEL", "SUBLEVEL",
						 "EXTRAVERSION" };

/* A line with its continuations, and the next one. */
static bool next_line(const struct ks_file *f, size_t *pos, struct ks_text *line)
{
	line->len = 0;
	if (*pos >= f->len)
		return false;
	while (*pos < f->len) {
		const char *s = (const char *)f->data + *pos;
		const char *eol = memchr(s, '\n', f->len - *pos);
		size_t len = eol ? (size_t)(eol - s) : f->len - *pos;
		bool more;

		*pos += len + (eol != NULL);
		if (len && s[len - 1] == '\r')
			len--;
		more = len && s[len - 1] == '\\';
		ks_text_add(line, s, len - more);
		if (!more)
			break;
		ks_text_add(line, " ", 1);
	}
	/* Recipes and text with zero bytes are nothing to look at. */
	if (line->len && (line->data[0] == '\t' || memchr(line->data, '\0', line->len)))
		line->len = 0;
	if (!line->len)
		ks_text_add(line, "", 0);
	return !line->nomem;
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* "core-y += a/", "libs-$(CONFIG_X) := b/": the directories of a tree. */
static bool is_directory_list(const char *s)
{
	static const char *const lists[] = {
		"init-", "core-", "libs-", "drivers-", "net-", "virt-"
	};
	const char *equals = strchr(s, '=');

	/* "core-y := $(patsubst %/,%/built-in.a,$(core-y))" makes files of them. */
	if (!equals || strstr(s, "patsubst") || strstr(s, "built-in"))
		return false;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		size_t len = strlen(lists[i]);

		if (!strncmp(s, lists[i], len) && (s[len] == 'y' || s[len] == '$'))
			return true;
	}
	return false;
}

static bool is_arch_include(const char *s)
{
	return !strncmp(s, "include", 7) && (s[7] == ' ' || s[7] == '\t') &&
	       (strstr(s, "arch/$(SRCARCH)/Makefile") || strstr(s, "arch/$(ARCH)/Makefile"));
}

struct top {
	struct ks_text main; /* ks-main.mk */
	struct ks_text src;  /* the line that sets src */
	char *version[4];
};

static void add_version(struct top *top, const char *s)
{
	for (size_t i = 0; i < 4; i++) {
		size_t len = strlen(version_variables[i]);

		if (strncmp(s, version_variables[i], len) || top->version[i])
			continue;
		s = skip_blanks(s + len);
		if (*s == '=')
			top->version[i] = strndup(s + 1 + strspn(s + 1, " \t"),
						  strcspn(s + 1 + strspn(s + 1, " \t"), " \t#"));
		return;
	}
}

/* The last include of the architecture's Makefile is that of a build. */
static int read_main(struct ks_tree *t, struct top *top, struct ksym_error *err)
{
	struct ks_text line ks_cleanup_text = { 0 };
	size_t pos = 0, arch_at = SIZE_MAX;
	struct ks_file f ks_cleanup_file = { 0 };
	struct ks_text text ks_cleanup_text = { 0 };
	char *path ks_cleanup_string = NULL;
	int ret;

	if (asprintf(&path, "%s/Makefile", t->opts->source_tree) < 0) {
		path = NULL;
		return ks_error_nomem(err);
	}
	if (!ks_tree_has(t, ".", "Makefile"))
		return ks_error(err, -ENOENT, "%s: no such file: not a kernel source tree", path);
	ret = ks_file_open(&f, path, err);
	if (ret)
		return ret;
	while (next_line(&f, &pos, &line)) {
		const char *s = skip_blanks(line.data);

		add_version(top, s);
		if (is_arch_include(s))
			arch_at = text.len;
		else if (is_directory_list(s))
			ks_text_addf(&text, "%s\n", s);
	}
	if (arch_at == SIZE_MAX)
		arch_at = text.len;
	ks_text_add(&top->main, text.len ? text.data : "", arch_at);
	ks_text_addf(&top->main, "include $(srctree)/arch/$(SRCARCH)/Makefile\n");
	if (text.len > arch_at)
		ks_text_add(&top->main, text.data + arch_at, text.len - arch_at);
	top->main.nomem |= text.nomem | line.nomem;
	return 0;
}

static bool version_below(const struct top *top, long major, long minor)
{
	long v = top->version[0] ? strtol(top->version[0], NULL, 10) : LONG_MAX;
	long p = top->version[1] ? strtol(top->version[1], NULL, 10) : 0;

	return v < major || (v == major && p < minor);
}

/* $(src) was relative to the top before 6.10.  The tree's own line says it best. */
static int read_src(struct ks_tree *t, struct top *top, struct ksym_error *err)
{
	struct ks_text line ks_cleanup_text = { 0 };
	struct ks_file f ks_cleanup_file = { 0 };
	char *path ks_cleanup_string = NULL;
	size_t pos = 0;
	int ret = 0;

	if (asprintf(&path, "%s/scripts/Makefile.build", t->opts->source_tree) < 0) {
		path = NULL;
		return ks_error_nomem(err);
	}
	if (ks_tree_has(t, "scripts", "Makefile.build"))
		ret = ks_file_open(&f, path, err);
	while (!ret && next_line(&f, &pos, &line))
		if (!strncmp(line.data, "src := ", 7) || !strncmp(line.data, "src:=", 5)) {
			ks_text_addf(&top->src, "%s\n", line.data);
			return 0;
		}
	ks_text_addf(&top->src, "src := %s\n",
		     version_below(top, 6, 10) ? "$(obj)" : "$(srctree)/$(obj)");
	return ret;
}

static int write_base(struct ks_tree *t, const struct top *top, struct ksym_error *err)
{
	struct ks_text base ks_cleanup_text = { 0 };
	struct ks_text config ks_cleanup_text = { 0 };
	const size_t nr = sizeof(base_variables) / sizeof(base_variables[0]);
	int ret;

	ks_text_addf(&base, "ks-nothing :=\nks-hash := \\#\n");
	ks_text_addf(&base, "define ks-src-line\n%sendef\n", top->src.len ? top->src.data : "");
	for (size_t i = 0; i < nr; i++)
		ks_text_addf(&base, "%s := %s\n", base_variables[i][0], base_variables[i][1]);
	for (size_t i = 0; i < 4; i++) {
		ks_text_addf(&base, "%s := ", version_variables[i]);
		if (top->version[i])
			ks_text_add_value(&base, top->version[i], strlen(top->version[i]));
		ks_text_add(&base, "\n", 1);
	}
	ks_text_addf(&base,
		     "KERNELVERSION := $(VERSION).$(PATCHLEVEL).$(SUBLEVEL)$(EXTRAVERSION)\n"
		     "KERNELRELEASE := $(KERNELVERSION)\n"
		     "abs_srctree := $(CURDIR)/s\nabs_objtree := $(CURDIR)\n"
		     "ARCH := %s\nSRCARCH := %s\nUTS_MACHINE := %s\n"
		     "SUBARCH := $(if $(filter um,$(SRCARCH)),x86,$(SRCARCH))\n",
		     t->arch, t->arch, t->arch);
	ks_text_addf(&base, "ks-base-names :=");
	for (size_t i = 0; i < nr; i++)
		ks_text_addf(&base, " %s", base_variables[i][0]);
	for (size_t i = 0; i < 4; i++)
		ks_text_addf(&base, " %s", version_variables[i]);
	ks_text_addf(&base, " KERNELVERSION KERNELRELEASE abs_srctree abs_objtree ARCH SRCARCH"
			    " UTS_MACHINE SUBARCH\n");

	ks_kconfig_print(t->config, version_below(top, 5, 17), &config);
	ret = ks_tree_write_text(t, "ks-base.mk", &base, err);
	if (!ret)
		ret = ks_tree_write_text(t, "ks-config.mk", &config, err);
	if (!ret)
		ret = ks_tree_write(t, "ks-export.mk", "ks-export-names :=\n", 19, err);
	if (!ret)
		ret = ks_tree_write(t, "ks-top.mk", top_text, sizeof(top_text) - 1, err);
	if (!ret)
		ret = ks_tree_write_text(t, "ks-main.mk", &top->main, err);
	if (!ret)
		ret = ks_tree_write(t, "ks-todo.mk", "include ks-top.mk\n", 18, err);
	return ret;
}

/* ---------------------------------------------------------------- exports */

/* "export A B", "export A := value" in a makefile the architecture's includes. */
static int find_exports(struct ks_tree *t, const char *name, size_t len, struct ks_strpool *exports,
			struct ksym_error *err)
{
	struct ks_text line ks_cleanup_text = { 0 };
	struct ks_file f ks_cleanup_file = { 0 };
	char *path ks_cleanup_string = NULL;
	struct stat st;
	size_t pos = 0;
	int ret;

	if (asprintf(&path, "%s/%.*s", t->tmp, (int)len, name) < 0) {
		path = NULL;
		return ks_error_nomem(err);
	}
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return 0;
	ret = ks_file_open(&f, path, err);
	while (!ret && next_line(&f, &pos, &line)) {
		const char *s = skip_blanks(line.data);

		if (strncmp(s, "export", 6) || !isblank((unsigned char)s[6]))
			continue;
		for (s = skip_blanks(s + 6); *s; s = skip_blanks(s)) {
			size_t n = strcspn(s, " \t:=+?#!");

			if (n && ks_strpool_add(exports, s, n) == KS_STRPOOL_NONE)
				return ks_error_nomem(err);
			s += n;
			if (*s && !isblank((unsigned char)*s))
				break;
		}
	}
	return ret;
}

static int take_top(struct ks_tree *t, const struct ks_text *out, struct ksym_error *err)
{
	struct ks_strpool exports ks_cleanup_strpool = { 0 };
	struct ks_text mk ks_cleanup_text = { 0 };
	struct ks_text names ks_cleanup_text = { 0 };
	const char *pos = out->data, *end = out->len ? out->data + out->len : pos;
	struct ks_tree_list l;
	int ret = ks_strpool_add(&exports, "ARCH_CORE", 9) == KS_STRPOOL_NONE ||
				  ks_strpool_add(&exports, "ARCH_LIB", 8) == KS_STRPOOL_NONE ||
				  ks_strpool_add(&exports, "ARCH_DRIVERS", 12) == KS_STRPOOL_NONE
			  ? ks_error_nomem(err)
			  : 0;

	while (!ret && out->len && ks_tree_answer(&pos, end, &l)) {
		const char *s = l.words;

		if (l.kind == KS_LIST_VALUE) {
			if (ks_strpool_find(&exports, l.name, l.name_len) == KS_STRPOOL_NONE)
				continue;
			s = l.words + (l.words < l.end);
			ks_text_addf(&names, " %.*s", (int)l.name_len, l.name);
			ks_text_addf(&mk, "%.*s := ", (int)l.name_len, l.name);
			ks_text_add_value(&mk, s, (size_t)(l.end - s));
			ks_text_add(&mk, "\n", 1);
			continue;
		}
		while (!ret && s < l.end) {
			size_t len;

			s += strspn(s, " ");
			len = strcspn(s, " \n");
			if (!len)
				break;
			if (l.kind == KS_LIST_FILES)
				ret = find_exports(t, s, len, &exports, err);
			else if (l.kind == KS_LIST_DIRS)
				ret = ks_tree_add_dir(t, ".", s, len, KS_DIR_BUILTIN, err);
			else if (l.kind == KS_LIST_LIBS)
				ret = ks_tree_add_dir(t, ".", s,
						      len - (len > 6 && s[len - 1] == 'a' ? 6 : 0),
						      KS_DIR_LIB, err);
			s += len;
		}
	}
	ks_text_addf(&mk, "ks-export-names :=%s\n", names.len ? names.data : "");
	mk.nomem |= names.nomem;
	return ret ? ret : ks_tree_write_text(t, "ks-export.mk", &mk, err);
}

int ks_tree_start(struct ks_tree *t, struct ksym_error *err)
{
	struct ks_text out ks_cleanup_text = { 0 };
	struct top top = { 0 };
	char why[512], arch[64];
	bool done;
	int ret;

	snprintf(arch, sizeof(arch), "arch/%s", t->arch);
	if (!ks_tree_has(t, arch, "Makefile"))
		return ks_error(err, -ENOENT,
				"%s/%s/Makefile: no such file: is this a kernel source "
				"tree, and of that architecture?",
				t->opts->source_tree, arch);
	ret = read_main(t, &top, err);
	if (!ret)
		ret = read_src(t, &top, err);
	if (!ret)
		ret = write_base(t, &top, err);
	if (!ret)
		ret = ks_tree_make(t, &out, why, sizeof(why), &done, err);
	if (!ret && !done)
		ret = ks_error(err, -EBADMSG, "%s: make: %s", t->opts->source_tree, why);
	if (!ret)
		ret = take_top(t, &out, err);
	/* Since 6.1 the top directory is one like others, with a file Kbuild. */
	if (!ret && ks_tree_has(t, ".", "Kbuild"))
		ret = ks_tree_add_dir(t, ".", ".", 1, KS_DIR_BUILTIN, err);
	if (!ret && !t->dirs.nr)
		ret = ks_error(err, -EBADMSG,
			       "%s: not a kernel source tree: no file Kbuild and no "
			       "core-y in its Makefile",
			       t->opts->source_tree);
	ks_text_free(&top.main);
	ks_text_free(&top.src);
	for (size_t i = 0; i < 4; i++)
		free(top.version[i]);
	return ret;
}
