// SPDX-License-Identifier: LGPL-2.1-or-later
/* Evaluation of Kbuild makefiles, on small source trees made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kbuild/evaluate-parts.h"
#include "kbuild/evaluate.h"

struct fixture {
	char *root; /* holds tree/, config and tmp/ */
	char *tree;
	char *config;
	char *tmp;
	char warnings[4096];
	char lines[65536]; /* "object module\n" */
	struct ksym_error err;
};

static char *join(const char *dir, const char *name)
{
	char *s;

	assert_true(asprintf(&s, "%s/%s", dir, name) > 0);
	return s;
}

static void put_bytes(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* A file of the tree, with the directories it lies in. */
static void put(struct fixture *t, const char *path, const char *text)
{
	char *full = join(t->tree, path);

	for (char *p = full + strlen(t->root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0777);
		*p = '/';
	}
	put_bytes(full, text, strlen(text));
	free(full);
}

static void configure(struct fixture *t, const char *text)
{
	put_bytes(t->config, text, strlen(text));
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void make_tree(struct fixture *t, const char *name)
{
	free(t->tree);
	t->tree = join(t->root, name);
	put(t, "Makefile",
	    "VERSION = 6\nPATCHLEVEL = 12\nlibs-y := lib/\n"
	    "include $(srctree)/arch/$(SRCARCH)/Makefile\n");
	put(t, "arch/x86/Makefile", "BITS := 64\nexport BITS\nfoo-y := leaked.o\n");
	put(t, "lib/Makefile", "lib-y := string.o\n");
}

static int setup(void **state)
{
	struct fixture *t = calloc(1, sizeof(*t));
	char root[] = "/tmp/test-evaluate-XXXXXX";

	assert_non_null(t);
	assert_non_null(mkdtemp(root));
	t->root = strdup(root);
	t->config = join(root, "config");
	t->tmp = join(root, "tmp");
	assert_int_equal(mkdir(t->tmp, 0777), 0);
	assert_int_equal(setenv("TMPDIR", t->tmp, 1), 0);
	make_tree(t, "tree");
	configure(
		t,
		"# Linux/x86 6.12.1 Kernel Configuration\nCONFIG_X86=y\nCONFIG_A=y\nCONFIG_M=m\n");
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *t = *state;

	nftw(t->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(t->root);
	free(t->tree);
	free(t->config);
	free(t->tmp);
	free(t);
	return 0;
}

static void message(void *arg, enum ksym_message_kind kind, const char *text)
{
	struct fixture *t = arg;
	size_t len = strlen(t->warnings);

	if (kind == KSYM_MESSAGE_WARNING)
		snprintf(t->warnings + len, sizeof(t->warnings) - len, "%s\n", text);
}

static bool is_empty(const char *path)
{
	DIR *dir = opendir(path);
	size_t nr = 0;

	assert_non_null(dir);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr == 2;
}

enum keep { ALL, MODULES };

static int evaluate_arch(struct fixture *t, enum keep keep, const char *arch)
{
	struct ks_evaluate_opts opts = { .source_tree = t->tree,
					 .config_file = t->config,
					 .arch = arch,
					 .message = message,
					 .message_arg = t };
	struct ks_kbuild k;
	int ret;

	t->warnings[0] = t->lines[0] = '\0';
	memset(&t->err, 0, sizeof(t->err));
	ret = ks_kbuild_read(&k, &opts, &t->err);
	if (!ret && keep == MODULES)
		ret = ks_kbuild_keep_modules(&k, &opts, NULL, &t->err);
	for (size_t i = 0; !ret && i < k.parts.len; i++) {
		size_t len = strlen(t->lines);

		snprintf(t->lines + len, sizeof(t->lines) - len, "%s %s\n",
			 ks_strpool_get(&k.strings, k.parts.data[i].object),
			 ks_strpool_get(&k.strings, k.parts.data[i].module));
	}
	if (ret)
		assert_int_equal(ret, t->err.code);
	else
		ks_kbuild_free(&k);
	/* Neither files nor processes stay behind. */
	assert_true(is_empty(t->tmp));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	return ret;
}

static int evaluate(struct fixture *t, enum keep keep)
{
	return evaluate_arch(t, keep, NULL);
}

/* Evaluate, and expect just these lines besides that of lib/string.o. */
static void expect(struct fixture *t, enum keep keep, const char *lines)
{
	static const char lib[] = "lib/string.o lib/string.o\n";
	char *found;

	if (evaluate(t, keep))
		fail_msg("%s", t->err.text);
	found = strstr(t->lines, lib);
	assert_int_equal(found != NULL, keep == ALL);
	if (found)
		memmove(found, found + sizeof(lib) - 1, strlen(found + sizeof(lib) - 1) + 1);
	assert_string_equal(t->lines, lines);
	assert_string_equal(t->warnings, "");
}

static void expect_error(struct fixture *t, int code, const char *part)
{
	assert_int_equal(evaluate(t, ALL), code);
	if (!strstr(t->err.text, part))
		fail_msg("'%s' is not in '%s'", part, t->err.text);
}

/* ------------------------------------------------------------------ objects */

static void composites_are_replaced_by_their_objects(void **state)
{
	struct fixture *t = *state;

	put(t, "Kbuild", "obj-y += a/ a/\nobj-$(CONFIG_NONE) += none/\nobj-$(CONFIG_M) += m/\n");
	put(t, "a/Makefile",
	    "obj-$(CONFIG_A) += multi.o plain.o\nobj-$(CONFIG_M) += mod.o\n"
	    "obj-$(CONFIG_NONE) += none.o\n"
	    "multi-objs := one.o\nmulti-y += two.o\nmulti-$(CONFIG_A) += sub/three.o\n"
	    "multi-$(CONFIG_NONE) += four.o\nmod-y := five.o\n"
	    "obj-y += empty.o\nempty-$(CONFIG_NONE) += six.o\n");
	expect(t, ALL,
	       "a/one.o a/multi.o\na/plain.o a/plain.o\na/sub/three.o a/multi.o\n"
	       "a/two.o a/multi.o\n");
}

static void an_object_of_two_composites_is_in_both(void **state)
{
	struct fixture *t = *state;

	put(t, "Kbuild", "obj-y += a/\n");
	put(t, "a/Makefile",
	    "obj-y += one.o two.o common.o sub/alone.o\none-y := x.o common.o\n"
	    "two-y := y.o common.o\nobj-m += three.o\nthree-y := y.o\n");
	expect(t, ALL,
	       "a/common.o a/one.o\na/common.o a/two.o\n"
	       /* Kbuild drops the directory of such a name. */
	       "a/sub/alone.o a/alone.o\n"
	       "a/x.o a/one.o\na/y.o a/three.o\na/y.o a/two.o\n");
}

static void kbuild_wins_over_makefile(void **state)
{
	struct fixture *t = *state;

	put(t, "Kbuild", "obj-y += a/\n");
	put(t, "a/Kbuild", "obj-y += right.o\n");
	put(t, "a/Makefile", "$(error must not be read)\n");
	expect(t, ALL, "a/right.o a/right.o\n");
}

static void nothing_leaks_between_directories(void **state)
{
	struct fixture *t = *state;

	put(t, "Kbuild", "obj-y += a/ b/ c/\n");
	put(t, "a/Makefile",
	    "obj-y += foo.o\nfoo-y := x.o\nCONFIG_A := n\nCONFIG_NEW := y\n"
	    "BITS := 7\nsrctree := /nowhere\nbar-y = z.o\n"
	    "override foo-objs := y.o\nundefine CONFIG_X86\nexport EXPORTED := a\n"
	    "define VPATH\nx\nendef\n");
	put(t, "b/Makefile",
	    "obj-y += foo.o bar.o b$(BITS)$(CONFIG_X86).o\n"
	    "obj-$(CONFIG_A) += seen.o\nobj-$(CONFIG_NEW) += new.o\n");
	put(t, "c/Makefile", "obj-y += $(CONFIG_A)$(CONFIG_NEW)$(BITS)$(EXPORTED).o\n");
	expect(t, ALL,
	       "a/x.o a/foo.o\na/y.o a/foo.o\n"
	       "b/b64y.o b/b64y.o\nb/bar.o b/bar.o\nb/foo.o b/foo.o\nb/seen.o b/seen.o\n"
	       "c/y64.o c/y64.o\n");
}

static void paths_are_normalised_and_cycles_end(void **state)
{
	struct fixture *t = *state;

	put(t, "Kbuild", "obj-y += a/ ./b/ .//b/./\n");
	put(t, "a/Makefile",
	    "obj-y += ../b/shared.o ./dot.o ../a/ ../b/ ./\n"
	    "obj-y += many.o\nmany-y := ../b/part.o\n");
	put(t, "b/Makefile", "obj-y += b.o ../a/\n");
	expect(t, ALL, "a/dot.o a/dot.o\nb/b.o b/b.o\nb/part.o a/many.o\nb/shared.o a/shared.o\n");
}

static void old_main_makefiles_list_the_directories(void **state)
{
	struct fixture *t = *state;

	put(t, "Makefile",
	    "VERSION = 4\nPATCHLEVEL = 19\n"
	    "init-y\t:= init/\ndrivers-y := drivers/ \\\n  sound/\nlibs-y := lib/\n"
	    "core-y := usr/\ndrivers-$(CONFIG_A) += samples/\n"
	    "drivers-$(CONFIG_NONE) += none/\n"
	    "include arch/$(SRCARCH)/Makefile\n"
	    "core-y += kernel/\n"
	    "core-y := $(patsubst %/, %/built-in.a, $(core-y))\n"
	    "all:\n\tcore-y += recipe/\n$(error not evaluated)\n");
	put(t, "arch/x86/Makefile",
	    "core-y += arch/x86/\nlibs-y += arch/x86/lib/ ./efi/lib.a\n"
	    "head-y := arch/x86/head.o\n");
	for (const char *const *d = (const char *const[]){ "init", "drivers", "sound", "usr",
							   "samples", "kernel", "arch/x86", NULL };
	     *d; d++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/%s", *d,
			 strcmp(*d, "arch/x86") ? "Makefile" : "Kbuild");
		put(t, path, "obj-y := o.o\nlib-y := not-linked.o\n");
	}
	put(t, "arch/x86/lib/Makefile", "obj-y := o.o\nlib-y := o.o l.o\n");
	put(t, "efi/Makefile", "obj-y := stub.o\nlib-y := lib.o\n");
	expect(t, ALL,
	       "arch/x86/lib/l.o arch/x86/lib/l.o\narch/x86/lib/o.o arch/x86/lib/o.o\n"
	       "arch/x86/o.o arch/x86/o.o\ndrivers/o.o drivers/o.o\nefi/lib.o efi/lib.o\n"
	       "init/o.o init/o.o\nkernel/o.o kernel/o.o\n"
	       "samples/o.o samples/o.o\nsound/o.o sound/o.o\nusr/o.o usr/o.o\n");
}

static void both_meanings_of_src_work(void **state)
{
	struct fixture *t = *state;

	put(t, "Kbuild", "obj-y += a/\nobj-y += $(ARCH_DRIVERS)\n");
	put(t, "arch/x86/Makefile", "drivers-y += arch/x86/pci/\n");
	put(t, "arch/x86/pci/Makefile", "obj-y += pci.o\n");
	put(t, "a/Makefile", "include $(src)/more.mk\ninclude scripts/Makefile.lists\n");
	put(t, "a/more.mk", "obj-y += more.o\n");
	put(t, "scripts/Makefile.lists", "obj-y += list.o\n");
	expect(t, ALL,
	       "a/list.o a/list.o\na/more.o a/more.o\narch/x86/pci/pci.o arch/x86/pci/pci.o\n");

	put(t, "scripts/Makefile.build", "# text\nsrc := $(obj)\n");
	put(t, "a/Makefile", "include $(srctree)/$(src)/more.mk\n");
	expect(t, ALL, "a/more.o a/more.o\narch/x86/pci/pci.o arch/x86/pci/pci.o\n");
}

static void text_options_are_quoted_as_the_version_has_them(void **state)
{
	struct fixture *t = *state;

	configure(t, "CONFIG_X86_64=y\nCONFIG_S=\"a \\\"b\\\" \\\\ $(error x) #c\\\\\"\n"
		     "CONFIG_NAME=\"name\"\nCONFIG_A=y\n# CONFIG_A is not set");
	put(t, "Kbuild",
	    "obj-y += $(CONFIG_NAME)/\nobj-$(CONFIG_A) += wrong/\n"
	    "ifneq ($(findstring $$(error x) \\#c\\,$(CONFIG_S)),)\nobj-y += ok.o\nendif\n");
	put(t, "name/Makefile", "obj-y += a.o\n");
	assert_int_equal(evaluate(t, ALL), 0);
	assert_non_null(strstr(t->lines, "name/a.o"));
	assert_string_equal(t->warnings, "");

	put(t, "Makefile", "VERSION = 5\nPATCHLEVEL = 16\n");
	put(t, "Kbuild",
	    "obj-y += $(subst \",,$(CONFIG_NAME))/ $(if $(filter \"%\",$(CONFIG_NAME)),q.o)\n");
	assert_int_equal(evaluate(t, ALL), 0);
	assert_string_equal(t->lines, "name/a.o name/a.o\nq.o q.o\n");
}

static void compilers_are_not_run(void **state)
{
	struct fixture *t = *state;

	put(t, "Kbuild",
	    "ifneq ($(call cc-option,-mfoo),)\nobj-y += yes.o\nendif\n"
	    "obj-$(call cc-option-yn,-mbar) += yn.o\n"
	    "obj-$(call as-instr,nop,y,n) += as.o\n"
	    "obj-$(call try-run,exit 1,y,n) += try.o\n"
	    "X := $(shell $(CC) --version; $(LD) -v)\n");
	expect(t, ALL, "as.o as.o\ntry.o try.o\nyes.o yes.o\nyn.o yn.o\n");
}

/* ----------------------------------------------------------------- failures */

static void a_broken_directory_is_left_out(void **state)
{
	struct fixture *t = *state;
	char *fifo;

	put(t, "Kbuild", "obj-y += a/ broken/ error/ missing/ out/ fifo/ odd:name/ z/\n");
	put(t, "a/Makefile", "obj-y += a.o\nx:\n");
	put(t, "broken/Makefile", "obj-y += b.o\nthis is no makefile\n");
	put(t, "error/Makefile", "obj-y += c.o d/\n$(error my reason)\n");
	put(t, "out/Makefile", "obj-y += ../../../etc/ ../../x.o\n");
	put(t, "fifo/x", "");
	fifo = join(t->tree, "fifo/Makefile");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	free(fifo);
	/* In a make of its own there is nothing wrong with this one. */
	put(t, "z/Makefile", "obj-y += z.o sub/\nx::\n");
	put(t, "z/sub/Makefile", "obj-y += s.o\n");
	assert_int_equal(evaluate(t, ALL), 0);
	assert_string_equal(t->lines, "a/a.o a/a.o\nlib/string.o lib/string.o\n"
				      "z/sub/s.o z/sub/s.o\nz/z.o z/z.o\n");
	assert_null(strstr(t->warnings, "z: "));
	assert_non_null(strstr(t->warnings, "broken: left out: make: s/broken/Makefile:2: ***"));
	assert_non_null(strstr(t->warnings, "my reason"));
	assert_non_null(strstr(t->warnings, "missing: left out: neither Kbuild nor Makefile"));
	assert_non_null(strstr(t->warnings, "fifo: left out"));
	assert_non_null(strstr(t->warnings, "'odd:name/' left out"));
	assert_non_null(strstr(t->warnings, "'../../../etc/' left out"));
	assert_non_null(strstr(t->warnings, "'../../x.o' left out"));
}

static void a_broken_top_is_an_error(void **state)
{
	struct fixture *t = *state;

	put(t, "arch/x86/Makefile", "$(warning first)\n$(error my reason)\n");
	expect_error(t, -EBADMSG, "*** my reason");
	put(t, "arch/x86/Makefile", "");
	put(t, "Makefile", "");
	expect_error(t, -EBADMSG, "not a kernel source tree");
	free(t->tree);
	t->tree = join(t->root, "none");
	expect_error(t, -ENOENT, "none");
	mkdir(t->tree, 0777);
	expect_error(t, -ENOENT, "arch/x86/Makefile");
	put(t, "arch/x86/Makefile", "");
	expect_error(t, -ENOENT, "not a kernel source tree");
}

static void bad_configurations_are_errors(void **state)
{
	struct fixture *t = *state;

	put(t, "Kbuild", "obj-y += a.o\n");
	configure(t, "");
	expect_error(t, -EBADMSG, "no CONFIG_ line");
	configure(t, "hello\n# CONFIG_A is not set\nCONFIG_=y\nCONFIG-X=y\n");
	expect_error(t, -EBADMSG, "no CONFIG_ line");
	put_bytes(t->config, "CONFIG_A=y\n\0\n", 13);
	expect_error(t, -EBADMSG, "line 2: zero byte");
	configure(t, "CONFIG_A=y\n");
	expect_error(t, -EBADMSG, "architecture");
	configure(t, "# Linux/../../etc 6.1 Kernel Configuration\nCONFIG_A=y\n");
	expect_error(t, -EBADMSG, "architecture");
	configure(t, "# Linux/arm64 6.1 Kernel Configuration\nCONFIG_A=y\n");
	expect_error(t, -ENOENT, "arch/arm64/Makefile");
	/* The caller knows better. */
	assert_int_equal(evaluate_arch(t, ALL, "x86_64"), 0);
	assert_int_equal(evaluate_arch(t, ALL, "$(x)"), -EBADMSG);
	assert_int_equal(truncate(t->config, 100 << 20), 0);
	expect_error(t, -EBADMSG, "no kernel configuration has");
	unlink(t->config);
	expect_error(t, -ENOENT, "config");
}

static void make_that_is_killed_is_an_error(void **state)
{
	struct fixture *t = *state;

	put(t, "arch/x86/Makefile", "$(shell kill -9 $$PPID)\n");
	expect_error(t, -EBADMSG, "killed by signal 9");
}

static void without_make_there_is_an_error(void **state)
{
	struct fixture *t = *state;
	char *path = strdup(getenv("PATH"));
	int ret;

	setenv("PATH", t->tmp, 1);
	ret = evaluate(t, ALL);
	setenv("PATH", path, 1);
	free(path);
	assert_int_equal(ret, -ENOENT);
	assert_non_null(strstr(t->err.text, "make: cannot run it"));
	setenv("TMPDIR", "/nonexistent", 1);
	ret = evaluate(t, ALL);
	setenv("TMPDIR", t->tmp, 1);
	assert_int_equal(ret, -ENOENT);
	assert_non_null(strstr(t->err.text, "/nonexistent"));
}

static void the_tree_is_not_written_and_recipes_do_not_run(void **state)
{
	struct fixture *t = *state;
	char *path;

	put(t, "Kbuild", "obj-y += a/\nall: ; touch $(srctree)/ran\n");
	put(t, "a/Makefile",
	    "obj-y += a.o\n$(shell mkdir -p $(obj)/new gen; touch $(obj)/f; ln -s / l)\n"
	    "include $(obj)/missing.mk\n"
	    "$(obj)/missing.mk s/a/Makefile:\n\ttouch $(srctree)/ran\n"
	    "%: FORCE\n\ttouch $(srctree)/ran\nFORCE:\n");
	expect(t, ALL, "a/a.o a/a.o\n");
	path = join(t->tree, "ran");
	assert_int_equal(access(path, F_OK), -1);
	free(path);
	path = join(t->tree, "a/new");
	assert_int_equal(access(path, F_OK), -1);
	free(path);
}

static void the_environment_does_not_matter(void **state)
{
	struct fixture *t = *state;

	put(t, "Kbuild", "obj-y += a.o\nobj-$(FROM_ENV) += env.o\n");
	setenv("FROM_ENV", "y", 1);
	setenv("MAKEFLAGS", "-n --warn-undefined-variables FROM_ENV=y", 1);
	setenv("MAKEFILES", "/nonexistent", 1);
	setenv("a-y", "wrong.o", 1);
	expect(t, ALL, "a.o a.o\n");
	unsetenv("FROM_ENV");
	unsetenv("MAKEFLAGS");
	unsetenv("MAKEFILES");
	unsetenv("a-y");
}

static void the_tree_may_have_any_name(void **state)
{
	struct fixture *t = *state;

	make_tree(t, "a b$(error x)#:%\\'\"=\n,;");
	put(t, "Kbuild", "obj-y += a/\n");
	put(t, "a/Makefile", "include $(src)/x.mk\n");
	put(t, "a/x.mk", "obj-y += x.o\n");
	put(t, "a/x.c", "MODULE_LICENSE(\"GPL\");\n");
	expect(t, ALL, "a/x.o a/x.o\n");
	expect(t, MODULES, "a/x.o a/x.o\n");
}

/* ------------------------------------------------------------------ modules */

static void a_license_makes_a_module(void **state)
{
	struct fixture *t = *state;

	put(t, "Kbuild",
	    "obj-y += a.o b.o c.o multi.o wrap.o gen.o rust.o plainrs.o\n"
	    "multi-y := m1.o m2.o\n");
	put(t, "a.c", "MODULE_LICENSE(\"GPL\");");
	put(t, "b.c", "/* MODULE_LICENSE(x) */ \"MODULE_LICENSE\"\n// MODULE_LICENSE(\n");
	put(t, "c.c", "#ifdef MODULE\nMODULE_LICENSE(\"GPL\");\n#endif\n");
	put(t, "m2.c", "MODULE_LICENSE (\"GPL\")\n");
	put(t, "wrap.c", "#include \"sub/real.c\"\n#ifdef UNKNOWN\n#include \"a.c\"\n#endif\n");
	put(t, "sub/real.c", "#include \"../wrap.c\"\n#include \"real.h\"\n");
	put(t, "sub/real.h", "MODULE_LICENSE(\"GPL\");\n");
	put(t, "gen.c_shipped", "MODULE_LICENSE(\"GPL\");\n");
	put(t, "rust.rs",
	    "// module!\nmodule_phy_driver! {\n a: { b: 1 },\n license: \"GPL\",\n}\n");
	put(t, "plainrs.rs", "fn module() { let license = 1; }\n");
	expect(t, MODULES,
	       "a.o a.o\ngen.o gen.o\nm1.o multi.o\nm2.o multi.o\nrust.o rust.o\n"
	       "wrap.o wrap.o\n");
}

static bool in_c(const char *text)
{
	static const char options[] = "CONFIG_Y=y\nCONFIG_M=m\nCONFIG_N=12\n";
	struct ks_file f = { .path = "config",
			     .data = (const uint8_t *)options,
			     .len = sizeof(options) - 1 };
	struct ks_kconfig c;
	char *copy = malloc(strlen(text)); /* unterminated: sanitizers see overreads */
	bool found;

	assert_non_null(copy);
	memcpy(copy, text, strlen(text));
	assert_int_equal(ks_kconfig_read(&c, &f, NULL), 0);
	found = ks_license_in_c(&c, copy, strlen(text), NULL, NULL);
	ks_kconfig_free(&c);
	free(copy);
	return found;
}

static void conditionals_decide_whether_a_license_counts(void **state)
{
#define L "\nMODULE_LICENSE(x);\n"
	(void)state;
	assert_true(in_c(L));
	assert_false(in_c("#if 0" L "#endif"));
	assert_true(in_c("#if 0" L "#else" L "#endif"));
	assert_true(in_c("#ifndef MODULE" L "#endif"));
	assert_false(in_c("#ifndef MODULE\n#else" L "#endif"));
	assert_false(in_c("#if defined(MODULE) && defined UNKNOWN" L "#endif"));
	assert_true(in_c("#if defined(MODULE) || defined(UNKNOWN)" L "#endif"));
	assert_true(in_c("#ifdef CONFIG_Y" L "#endif"));
	assert_false(in_c("#ifdef CONFIG_M" L "#endif"));
	assert_true(in_c("#ifdef CONFIG_M_MODULE" L "#endif"));
	assert_false(in_c("#ifdef CONFIG_NONE" L "#endif"));
	assert_true(in_c("# if IS_ENABLED(CONFIG_M) /* x */" L "# endif"));
	assert_false(in_c("#if IS_BUILTIN( CONFIG_M )" L "#endif"));
	assert_true(in_c("#if IS_MODULE(CONFIG_M)" L "#endif"));
	assert_false(in_c("#if !IS_REACHABLE(CONFIG_Y)" L "#endif"));
	assert_true(in_c("#if CONFIG_N > 11" L "#endif"));
	assert_true(in_c("#if !(1 && 0) && (UNKNOWN(1, (2)) == 3)" L "#endif"));
	assert_false(in_c("#ifdef CONFIG_Y\n#elif 1" L "#else" L "#endif"));
	assert_false(in_c("#if 0\n#if 1" L "#endif\n#else\n#endif"));
	assert_true(in_c("#if 0\n#if 1\n#endif\n#endif" L));
	assert_true(in_c("#if \\\n1" L "#endif"));
	assert_false(in_c("#define X MODULE_LICENSE(y)\n"));
	assert_true(in_c("#define X(y) \\\n MODULE_LICENSE(y)\nX(1);\n"));
	assert_false(in_c("int MODULE_LICENSES, XMODULE_LICENSE;\n"));
	assert_false(in_c("char c = '\"'; char *s = \"\\\"MODULE_LICENSE\";"));
#undef L
}

static void hostile_sources_are_survived(void **state)
{
	static const char *const texts[] = {
		"#",
		"#if",
		"#if (",
		"#if !",
		"#if defined",
		"#if defined(",
		"#endif\n#else\n#elif",
		"/*",
		"//",
		"\"",
		"'",
		"\"\\",
		"//\\",
		"#if \\",
		"#if 1 /*",
		"#include \"x",
		"#define",
		"#if 1 $ 2\n",
		"#if IS_ENABLED(",
		"#if X(((\n",
		"#if 1 ? ? :\n",
		"/",
		"#if )",
		"",
		"\\",
	};
	char *deep = malloc(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_false(in_c(texts[i]));
		ks_license_in_rust(texts[i], strlen(texts[i]));
	}
	assert_false(ks_license_in_rust("/* /* module! { license */", 26));
	assert_non_null(deep);
	memset(deep, '(', 1 << 20);
	memcpy(deep, "#if ", 4);
	deep[(1 << 20) - 1] = '\0';
	assert_false(in_c(deep));
	memset(deep + 4, '!', (1 << 20) - 5);
	assert_false(in_c(deep));
	for (size_t i = 0; i + 6 < 1 << 20; i += 6)
		memcpy(deep + i, "#if 0\n", 7);
	assert_false(in_c(deep));
	free(deep);
}

static void the_list_decides_when_there_is_one(void **state)
{
	static const char list[] = "kernel/a/listed-one.ko\nkernel/a/multi.ko\n";
	struct ks_file f = { .path = "modules.builtin",
			     .data = (const uint8_t *)list,
			     .len = sizeof(list) - 1 };
	struct fixture *t = *state;
	struct ks_modules m = { 0 };
	char got[1024] = "";

	put(t, "Kbuild", "obj-y += a/\n");
	put(t, "a/Makefile", "obj-y += listed-one.o other.o multi.o\nmulti-y := x.o y.o\n");
	put(t, "a/other.c", "MODULE_LICENSE(\"GPL\");\n");
	assert_int_equal(ks_modules_read_builtin(&m, &f, &t->err), 0);
	assert_int_equal(ks_kbuild_evaluate(&m, &(struct ks_evaluate_opts){ .source_tree = t->tree,
									    .config_file = t->config },
					    &t->err), 0);
	assert_int_equal(ks_modules_finish(&m, &t->err), 0);
	for (size_t i = 0; i < m.pairs.len; i++) {
		const struct ks_module_pair *p = &m.pairs.data[i];
		size_t len = strlen(got);

		assert_int_equal(p->sources & KSYM_MODULE_SOURCE_KBUILD, KSYM_MODULE_SOURCE_KBUILD);
		snprintf(got + len, sizeof(got) - len, "%s %s\n",
			 ks_strpool_get(&m.objects, p->object), ks_strpool_get(&m.names, p->name));
	}
	assert_string_equal(got, "a/listed-one.o listed_one\na/x.o multi\na/y.o multi\n");
	ks_modules_free(&m);
}

/* ------------------------------------------------------- modules.builtin.objs */

static int append(void *arg, const char *text, size_t len)
{
	struct fixture *t = arg;

	strncat(t->lines, text, len);
	return strstr(t->lines, "stop") ? 42 : 0;
}

static void objs_are_sorted_lines(void **state)
{
	struct fixture *t = *state;
	struct ksym_objs_opts o = KSYM_OPTS(o, .source_tree = t->tree, .config_file = t->config,
					    .message = message, .message_arg = t);

	put(t, "Kbuild", "obj-y += z.o a/ b/\n");
	put(t, "z.c", "MODULE_LICENSE(\"GPL\");\n");
	put(t, "a/Makefile", "obj-y += m-one.o two.o\nm-one-y := y.o x.o\ntwo-y := x.o q.o\n");
	put(t, "a/x.c", "MODULE_LICENSE(\"GPL\");\n");
	put(t, "b/Makefile", "obj-y += not.o\n");
	assert_int_equal(ksym_objs_write(&o, append, t, &t->err), 0);
	assert_string_equal(t->lines, "a/m-one.o: a/x.o a/y.o\na/two.o: a/q.o a/x.o\nz.o: z.o\n");

	/* A function that wants no more is obeyed. */
	put(t, "a/Makefile", "obj-y += stop.o\n");
	put(t, "a/stop.c", "MODULE_LICENSE(\"GPL\");\n");
	t->lines[0] = '\0';
	assert_int_equal(ksym_objs_write(&o, append, t, &t->err), 42);
	assert_string_equal(t->lines, "a/stop.o: a/stop.o\n");
}

static void objs_come_from_build_trees_as_well(void **state)
{
	struct fixture *t = *state;
	struct ksym_objs_opts o = KSYM_OPTS(o, .build_tree = t->tree);

	put(t, "modules.builtin",
	    "kernel/a/m-one.ko\nkernel/a/two.ko\nkernel/b/dup.ko\nkernel/a/dup.ko\n");
	put(t, "a/.x.o.cmd", "savedcmd_a/x.o := gcc -DKBUILD_MODFILE='\"a/m-one a/two\"' -c\n");
	put(t, "a/.y.o.cmd", "savedcmd_a/y.o := gcc -DKBUILD_MODFILE='\"a/m-one\"' -c\n");
	put(t, "a/.n.o.cmd", "savedcmd_a/n.o := gcc -DKBUILD_MODFILE='\"a/n\"' -c\n");
	put(t, "a/.d.o.cmd", "savedcmd_a/d.o := gcc -DKBUILD_MODFILE='\"a/dup\"' -c\n");
	put(t, "b/.d.o.cmd", "savedcmd_b/d.o := gcc -DKBUILD_MODFILE='\"b/dup\"' -c\n");
	assert_int_equal(ksym_objs_write(&o, append, t, &t->err), 0);
	assert_string_equal(t->lines, "a/dup.o: a/d.o\na/m-one.o: a/x.o a/y.o\na/two.o: a/x.o\n"
				      "b/dup.o: b/d.o\n");
}

static void objs_need_one_kind_of_tree(void **state)
{
	struct fixture *t = *state;
	struct ksym_objs_opts none = KSYM_OPTS(none, .source_tree = NULL);
	struct ksym_objs_opts both = KSYM_OPTS(both, .source_tree = t->tree, .build_tree = t->tree);
	struct ksym_objs_opts half = KSYM_OPTS(half, .source_tree = t->tree);
	struct {
		struct ksym_objs_opts o;
		char more;
	} newer = { .o = { .size = sizeof(newer), .build_tree = t->tree }, .more = 1 };

	assert_int_equal(ksym_objs_write(&none, append, t, &t->err), -EINVAL);
	assert_int_equal(ksym_objs_write(&both, append, t, &t->err), -EINVAL);
	assert_int_equal(ksym_objs_write(&half, append, t, &t->err), -EINVAL);
	assert_int_equal(ksym_objs_write(&newer.o, append, t, &t->err), -EINVAL);
	assert_string_equal(t->lines, "");
}

static void paths_normalise(void **state)
{
	static const char *const cases[][2] = {
		{ "a", "a" },	     { "a/b", "a/b" },	      { "./a//b/.", "a/b" },
		{ "a/../b", "b" },   { "a/b/../c", "a/c" },   { "a/..", "." },
		{ "", "." },	     { "a/b/../../c/", "c" }, { "..", NULL },
		{ "a/../..", NULL }, { "/a", NULL },	      { "...", "..." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[32];
		bool ok;

		strcpy(path, cases[i][0]);
		ok = ks_path_normalise(path);
		assert_int_equal(ok, cases[i][1] != NULL);
		if (ok)
			assert_string_equal(path, cases[i][1]);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(composites_are_replaced_by_their_objects),
		TEST(an_object_of_two_composites_is_in_both),
		TEST(kbuild_wins_over_makefile),
		TEST(nothing_leaks_between_directories),
		TEST(paths_are_normalised_and_cycles_end),
		TEST(old_main_makefiles_list_the_directories),
		TEST(both_meanings_of_src_work),
		TEST(text_options_are_quoted_as_the_version_has_them),
		TEST(compilers_are_not_run),
		TEST(a_broken_directory_is_left_out),
		TEST(a_broken_top_is_an_error),
		TEST(bad_configurations_are_errors),
		TEST(make_that_is_killed_is_an_error),
		TEST(without_make_there_is_an_error),
		TEST(the_tree_is_not_written_and_recipes_do_not_run),
		TEST(the_environment_does_not_matter),
		TEST(the_tree_may_have_any_name),
		TEST(a_license_makes_a_module),
		TEST(conditionals_decide_whether_a_license_counts),
		TEST(hostile_sources_are_survived),
		TEST(the_list_decides_when_there_is_one),
		TEST(objs_are_sorted_lines),
		TEST(objs_come_from_build_trees_as_well),
		TEST(objs_need_one_kind_of_tree),
		TEST(paths_normalise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
