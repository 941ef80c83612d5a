// SPDX-License-Identifier: LGPL-2.1-or-later
/* Variables with their types and owners. */
#include "cli.h"

#include <errno.h>
#include <fnmatch.h>
#include <ksym/btf.h>
#include <stdlib.h>
#include <string.h>

struct vars {
	const struct cli_args *a;
	struct ksym_btf *base, *btf;
	struct ksym_index *idx;		/* NULL: BTF alone, which knows no addresses */
	bool found;
	bool json;
};

/* The BTF of an image with debug information has every variable; else what BTF is there. */
static int read_btf(struct vars *v)
{
	struct ksym_btf_opts opts = KSYM_OPTS(opts);
	const char *file = v->a->operands[0], *base = cli_value(v->a, OPT_BTF_BASE);
	struct ksym_build_opts build = KSYM_OPTS(build);
	struct ksym_error err;
	int ret;

	/* What is no image has no index. */
	build.select = KSYM_SELECT_ALL;
	if (ksym_index_load(file, &build, &v->idx, NULL))
		v->idx = NULL;
	opts.vars = KSYM_BTF_VARS_ALL;
	opts.flags = KSYM_BTF_ONLY_VARS;
	if (v->idx) {
		ret = ksym_btf_encode(&v->btf, file, &opts, &err);
		if (ret != -ENODATA)
			return ret ? cli_fail(&err) : CLI_OK;
	}
	if (base && ksym_btf_read(&v->base, base, NULL, &err))
		return cli_fail(&err);
	ret = ksym_btf_read(&v->btf, file, v->base, &err);
	return ret ? cli_fail(&err) : CLI_OK;
}

static bool is_wanted(const struct vars *v, const char *name)
{
	for (int i = 1; i < v->a->nr_operands; i++)
		if (!fnmatch(v->a->operands[i], name, 0))
			return true;
	return v->a->nr_operands == 1;
}

/* The address of a variable: that of its section and its place there. */
static bool find_address(const struct vars *v, const struct ksym_btf_var *var, uint64_t *va)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	struct ksym_section s;

	if (!v->idx)
		return false;
	ksym_index_info(v->idx, &info);
	for (uint32_t i = 0; i < info.nr_sections; i++) {
		ksym_index_section(v->idx, i, &s);
		if (!strcmp(s.name, var->section)) {
			*va = s.va + var->off;
			return true;
		}
	}
	return false;
}

/* The symbol that is the variable's, for its owner. */
static bool find_symbol(const struct vars *v, const struct ksym_btf_var *var, uint64_t va,
			struct ksym_symbol *s)
{
	return ksym_index_at(v->idx, va, s) && s->va <= va && va - s->va < (s->len ? s->len : 1) &&
	       (s->va == va || s->len >= var->len);
}

static struct json_object *json_var(const struct vars *v, const struct ksym_btf_var *var,
				    const char *type, bool has_va, uint64_t va)
{
	struct json_object *o = json_object_new_object(), *mods = json_object_new_array();
	struct ksym_symbol s;
	struct ksym_object obj;

	json_object_object_add(o, "name", cli_json_string(var->name));
	json_object_object_add(o, "address", has_va ? cli_json_va(v->idx, va) : NULL);
	json_object_object_add(o, "size", json_object_new_int64(var->len));
	json_object_object_add(o, "section", cli_json_string(var->section));
	json_object_object_add(o, "offset", json_object_new_int64(var->off));
	json_object_object_add(o, "global", json_object_new_boolean(var->is_global));
	json_object_object_add(o, "type", cli_json_string(type));
	json_object_object_add(o, "modules", mods);
	if (!has_va || !find_symbol(v, var, va, &s) || !ksym_index_object(v->idx, s.object, &obj)) {
		json_object_object_add(o, "object", NULL);
		return o;
	}
	for (uint32_t n = 0; n < obj.nr_modules; n++)
		json_object_array_add(mods, cli_json_string(ksym_index_object_module(v->idx, &obj, n)));
	json_object_object_add(o, "object", obj.path[0] ? cli_json_string(obj.path) : NULL);
	return o;
}

static void print_owner(const struct vars *v, const struct ksym_btf_var *var, uint64_t va)
{
	struct ksym_symbol s;
	struct ksym_object obj;

	if (!find_symbol(v, var, va, &s) || !ksym_index_object(v->idx, s.object, &obj))
		return;
	for (uint32_t n = 0; n < obj.nr_modules; n++)
		printf(" [%s]", ksym_index_object_module(v->idx, &obj, n));
	if (obj.path[0])
		printf(" {%s}", obj.path);
}

static void print_var(const struct vars *v, const struct ksym_btf_var *var)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	uint64_t va = 0;
	bool has_va = find_address(v, var, &va);
	char text[1200];

	if (v->json) {
		ksym_btf_type_text(v->btf, var->type, NULL, text, sizeof(text));
		cli_json_list_item(json_var(v, var, text, has_va, va));
		return;
	}
	ksym_btf_type_text(v->btf, var->type, var->name, text, sizeof(text));
	if (has_va) {
		ksym_index_info(v->idx, &info);
		printf("%0*llx", info.elf_class == 1 ? 8 : 16, (unsigned long long)va);
	} else {
		printf("+%-8x", var->off);
	}
	printf(" %-6x %-16s %s%s;", var->len, var->section, var->is_global ? "" : "static ", text);
	if (has_va)
		print_owner(v, var, va);
	putchar('\n');
}

int cmd_vars(const struct cli_args *a)
{
	struct vars v = { .a = a, .json = a->given[OPT_JSON] };
	struct ksym_btf_var var;
	int status = read_btf(&v);

	if (!status) {
		setvbuf(stdout, NULL, _IOFBF, 1 << 18);
		if (v.json)
			cli_json_list_begin("variables");
		for (uint32_t i = 0; ksym_btf_var(v.btf, i, &var) && !ferror(stdout); i++) {
			if (!is_wanted(&v, var.name))
				continue;
			v.found = true;
			print_var(&v, &var);
		}
		if (v.json)
			cli_json_list_end();
		if (!v.found && !a->given[OPT_QUIET])
			cli_say(a->nr_operands > 1 ? "ksym vars: %s: no variable of such a name"
						   : "ksym vars: %s: has no variables", a->operands[0]);
		status = v.found ? CLI_OK : CLI_DIFFERS;
	}
	ksym_btf_close(v.btf);
	ksym_btf_close(v.base);
	ksym_index_close(v.idx);
	return cli_finish(status);
}
