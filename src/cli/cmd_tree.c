// SPDX-License-Identifier: LGPL-2.1-or-later
/* CONFIG_KALLMODSYMS in a kernel's source tree. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The path of this program, under which a kernel's build will find it. */
static const char *own_path(char *buf, size_t len)
{
	ssize_t n = readlink("/proc/self/exe", buf, len - 1);

	if (n <= 0 || (size_t)n == len - 1)
		return NULL;
	buf[n] = 0;
	return buf;
}

static int show_state(const struct cli_args *a, const char *tree, const struct ksym_kbuild_opts *o)
{
	static const char *const words[] = {
		[KSYM_KBUILD_ABSENT] = "absent", [KSYM_KBUILD_INSTALLED] = "installed",
		[KSYM_KBUILD_OTHER] = "incomplete, or of another version",
	};
	enum ksym_kbuild_state state;
	struct json_object *json;
	struct ksym_error err;

	if (ksym_kbuild_status(tree, o, &state, &err))
		return cli_fail(&err);
	if (a->given[OPT_JSON]) {
		json = json_object_new_object();
		json_object_object_add(json, "tree", cli_json_string(tree));
		json_object_object_add(json, "state", cli_json_string(state == KSYM_KBUILD_OTHER ? "other" : words[state]));
		cli_json_print(json);
	} else {
		puts(words[state]);
	}
	return state == KSYM_KBUILD_INSTALLED ? CLI_OK : CLI_DIFFERS;
}

int cmd_kbuild(const struct cli_args *a)
{
	const char *verb = a->operands[0], *tree = a->operands[1];
	struct ksym_kbuild_opts o = KSYM_OPTS(o);
	struct ksym_error err;
	char path[4096];
	int ret;

	o.program = own_path(path, sizeof(path));
	if (!strcmp(verb, "status"))
		return show_state(a, tree, &o);
	if (a->given[OPT_JSON])
		return cli_usage_error(a, "--json goes with status");
	if (!strcmp(verb, "install"))
		ret = ksym_kbuild_install(tree, &o, &err);
	else if (!strcmp(verb, "remove"))
		ret = ksym_kbuild_remove(tree, &err);
	else
		return cli_usage_error(a, "\"%s\": expected install, remove or status", verb);
	return ret ? cli_fail(&err) : CLI_OK;
}
