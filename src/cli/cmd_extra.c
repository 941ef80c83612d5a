// SPDX-License-Identifier: LGPL-2.1-or-later
/* vmlinux_btf_extra: a module whose BTF has the kernel's variables. */
#include "cli.h"

#include <errno.h>
#include <ksym/btf.h>
#include <linux/btf.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "vmlinux_btf_extra"
#define RUNNING_BTF "/sys/kernel/btf/vmlinux"

extern char **environ;

/* What is the same in every such folder: kernel/extra/. */
static const struct {
	const char *name, *text;
	mode_t mode;
} files[] = {
	{ NAME ".c",
#include "vmlinux_btf_extra.c.inc"
	  , 0 },
	{ "Makefile",
#include "Makefile.inc"
	  , 0 },
	{ "README.txt",
#include "README.txt.inc"
	  , 0 },
	{ "load",
#include "load.inc"
	  , 0755 },
};

struct extra {
	const struct cli_args *a;
	const char *dir, *base_path;
	char image[4096];
	bool image_is_running;
	struct ksym_btf *base, *btf;
};

/* The running kernel's image, where distributions put it. */
static bool find_image(struct extra *x)
{
	static const char *const places[][2] = {
		{ "/usr/lib/debug/boot/vmlinux-", "" },
		{ "/usr/lib/debug/lib/modules/", "/vmlinux" },
		{ "/lib/modules/", "/build/vmlinux" },
		{ "/boot/vmlinux-", "" },
	};
	struct utsname u;

	x->image_is_running = true;
	for (size_t i = 0; !uname(&u) && i < sizeof(places) / sizeof(*places); i++) {
		snprintf(x->image, sizeof(x->image), "%s%s%s", places[i][0], u.release, places[i][1]);
		if (!access(x->image, R_OK))
			return true;
	}
	return false;
}

static int choose_image(struct extra *x)
{
	const char *given = cli_value(x->a, OPT_KERNEL_IMAGE);

	if (given && strlen(given) < sizeof(x->image)) {
		strcpy(x->image, given);
		return CLI_OK;
	}
	if (!given && find_image(x))
		return CLI_OK;
	return cli_usage_error(x->a, "%s: give the kernel's image, with debug information, by --image",
			       given ? "the path is too long" : "there is none of the running kernel in the usual places");
}

static bool same_bytes(const struct ksym_btf *a, const struct ksym_btf *b)
{
	size_t a_len, b_len;
	const void *pa = ksym_btf_data(a, &a_len), *pb = ksym_btf_data(b, &b_len);

	return a_len == b_len && (!a_len || !memcmp(pa, pb, a_len));
}

/*
 * What the kernel of the image itself has: types are referred to by their numbers there, so on any
 * other base the kernel, if it takes it at all, would show nonsense.
 */
static int choose_base(struct extra *x)
{
	const char *given = cli_value(x->a, OPT_KERNEL_BASE);
	struct ksym_btf *own = NULL;
	struct ksym_error err;
	int ret = ksym_btf_read(&own, x->image, NULL, &err);

	if (ret && ret != -ENODATA)
		return cli_fail(&err);
	x->base_path = given ? given : own ? x->image : RUNNING_BTF;
	if (!given && !own && !x->image_is_running)
		return cli_usage_error(x->a, "%s has no BTF: name that of its kernel by --base", x->image);
	if (!given && own) {
		x->base = own;
		return CLI_OK;
	}
	ret = ksym_btf_read(&x->base, x->base_path, NULL, &err);
	if (!ret && own && !same_bytes(own, x->base)) {
		cli_say("ksym: %s: is not the BTF that %s carries, so its kernel would not take what is made on it",
			x->base_path, x->image);
		ksym_btf_close(own);
		return CLI_BAD_INPUT;
	}
	if (own)
		ksym_btf_close(own);
	return ret ? cli_fail(&err) : CLI_OK;
}

/*
 * A kernel refuses kinds of types that it does not know.  Those that its own BTF has it knows;
 * and what was written without one matches only types that are written so here, too.
 */
static unsigned int unknown_kinds(const struct ksym_btf *base)
{
	static const struct {
		unsigned int kind, flag;
	} kinds[] = {
		{ BTF_KIND_FLOAT, KSYM_BTF_NO_FLOAT },
		{ BTF_KIND_DECL_TAG, KSYM_BTF_NO_DECL_TAG },
		{ BTF_KIND_TYPE_TAG, KSYM_BTF_NO_TYPE_TAG },
		{ BTF_KIND_ENUM64, KSYM_BTF_NO_ENUM64 },
	};
	struct ksym_btf_info info = { .size = sizeof(info) };
	unsigned int flags = 0;

	ksym_btf_info(base, &info);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!info.nr_kinds[kinds[i].kind])
			flags |= kinds[i].flag;
	return flags;
}

static int encode(struct extra *x)
{
	struct ksym_btf_opts o = KSYM_OPTS(o);
	struct ksym_error err;
	int status;

	if (!cli_jobs(x->a, &o.nr_threads, &status))
		return status;
	o.vars = KSYM_BTF_VARS_ALL;
	o.flags = KSYM_BTF_ONLY_VARS | unknown_kinds(x->base);
	o.base = x->base;
	return ksym_btf_encode(&x->btf, x->image, &o, &err) ? cli_fail(&err) : CLI_OK;
}

/* Path of @name in the folder; NULL, and a word, when it cannot be. */
static const char *path_of(const struct extra *x, const char *name, char path[4096])
{
	if (snprintf(path, 4096, "%s/%s", x->dir, name) < 4096)
		return path;
	cli_say("ksym: %s: the path is too long", x->dir);
	return NULL;
}

static int write_files(const struct extra *x)
{
	struct ksym_error err;
	char path[4096];

	if (mkdir(x->dir, 0777) && errno != EEXIST) {
		cli_say("ksym: %s: cannot create: %s", x->dir, strerror(errno));
		return CLI_SYSTEM;
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (!path_of(x, files[i].name, path))
			return CLI_SYSTEM;
		if (ksym_file_write(path, files[i].text, strlen(files[i].text), &err))
			return cli_fail(&err);
		if (files[i].mode && chmod(path, files[i].mode)) {
			cli_say("ksym: %s: cannot be made executable: %s", path, strerror(errno));
			return CLI_SYSTEM;
		}
	}
	if (!path_of(x, "base.btf", path))
		return CLI_SYSTEM;
	if (ksym_btf_write(x->base, path, &err))
		return cli_fail(&err);
	if (!path_of(x, NAME ".btf", path))
		return CLI_SYSTEM;
	return ksym_btf_write(x->btf, path, &err) ? cli_fail(&err) : CLI_OK;
}

/* GNU make, whose output is not ours: it goes to standard error. */
static int build(const struct extra *x)
{
	const char *headers = cli_value(x->a, OPT_HEADERS);
	char kdir[4096 + 8];
	const char *argv[] = { "make", "-C", x->dir, headers ? kdir : NULL, NULL };
	posix_spawn_file_actions_t actions;
	int ret, state = 0;
	pid_t pid;

	if (snprintf(kdir, sizeof(kdir), "KDIR=%s", headers ? headers : "") >= (int)sizeof(kdir))
		return cli_usage_error(x->a, "--headers: the path is too long");
	cli_progress_end();
	if (posix_spawn_file_actions_init(&actions))
		return CLI_SYSTEM;
	ret = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	if (!ret)
		ret = posix_spawnp(&pid, argv[0], &actions, NULL, (char **)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (ret) {
		cli_say("ksym: cannot run make: %s", strerror(ret));
		return CLI_SYSTEM;
	}
	while (waitpid(pid, &state, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(state) && !WEXITSTATUS(state))
		return CLI_OK;
	cli_say("ksym: %s: make could not build the module, see above", x->dir);
	return CLI_SYSTEM;
}

static void print(const struct extra *x)
{
	struct ksym_btf_info info = { .size = sizeof(info) };
	struct json_object *o;
	size_t len;

	ksym_btf_info(x->btf, &info);
	ksym_btf_data(x->btf, &len);
	if (!x->a->given[OPT_JSON]) {
		printf("%s: %u variables, %zu bytes, on the BTF of %s\n", x->dir, info.nr_vars, len, x->base_path);
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "directory", cli_json_string(x->dir));
	json_object_object_add(o, "image", cli_json_string(x->image));
	json_object_object_add(o, "base", cli_json_string(x->base_path));
	json_object_object_add(o, "variables", json_object_new_int64(info.nr_vars));
	json_object_object_add(o, "bytes", json_object_new_int64((int64_t)len));
	cli_json_print(o);
}

int cmd_extra_module(const struct cli_args *a)
{
	struct extra x = { .a = a, .dir = a->operands[0] };
	int status;

	if (cli_value(a, OPT_HEADERS) && !a->given[OPT_BUILD])
		return cli_usage_error(a, "--headers goes with --build");
	status = choose_image(&x);
	if (!status)
		status = choose_base(&x);
	if (!status)
		status = encode(&x);
	if (!status)
		status = write_files(&x);
	if (!status && a->given[OPT_BUILD])
		status = build(&x);
	if (!status) {
		cli_progress_end();
		print(&x);
	}
	if (x.btf)
		ksym_btf_close(x.btf);
	if (x.base)
		ksym_btf_close(x.base);
	return status;
}
