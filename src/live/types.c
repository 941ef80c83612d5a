// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the BTF of a running kernel says of its symbols.  A function is in BTF by name alone,
 * and many functions have the same: what is told of one is true of a symbol only when no
 * other symbol of that part, the kernel or one module, has the name.  The same goes for
 * variables whose section's address is not known; of others the address decides.
 */
#include "live/btf.h"

#include <inttypes.h>
#include <string.h>
#include "base/opts.h"
#include "base/strpool.h"
#include "index/index.h"

/* Symbols of a name that are looked at before it counts as shared. */
#define MAX_NAMED	4096

#define EXTRA	"vmlinux_btf_extra"

struct ksym_live_types {
	const struct ksym_live *l;
	const struct ksym_index *idx;
	struct ks_live_btf *kernel, *extra;
	struct ks_strpool names;	/* of loaded modules */
	KS_VEC(struct ks_live_btf *) modules;	/* of each of names; NULL = has none */
	/* How many functions a compiler made of each, when first needed: */
	struct ks_strpool originals;	/* module NUL name */
	KS_VEC(uint32_t) nr_made;	/* of each of originals */
	bool has_originals;
};

/* Where BTF about a symbol may be; what is NULL is not there. */
struct scope {
	const char *module;		/* NULL = the kernel itself */
	const struct ks_live_btf *btf[2];
	const char *files[2];
};

/* ---------------------------------------------------------------------- open */

static bool section_va(void *arg, const char *name, uint64_t *va)
{
	const struct ksym_index *idx = arg;
	struct ksym_section s;
	struct ksym_symbol start;

	for (uint32_t i = 0; ksym_index_section(idx, i, &s); i++) {
		if (!strcmp(s.name, name)) {
			*va = s.va;
			return true;
		}
	}
	/* Without the kernel's index. */
	if (strcmp(name, KS_LIVE_PERCPU) ||
	    !ksym_index_named(idx, KS_LIVE_PERCPU_START, strlen(KS_LIVE_PERCPU_START), 0, &start))
		return false;
	*va = start.va;
	return true;
}

int ksym_live_types_open(const struct ksym_live *live, const struct ksym_index *idx,
			 struct ksym_live_types **out, struct ksym_error *err)
{
	struct ksym_live_types *t = calloc(1, sizeof(*t));
	int ret;

	*out = NULL;
	if (!t)
		return ks_error_nomem(err);
	t->l = live;
	t->idx = idx;
	ret = ks_live_btf_open(&t->kernel, live, "vmlinux", NULL, section_va,
			       (void *)(uintptr_t)idx, err);
	if (ret == -ENOENT)
		ret = 0;
	else if (!ret)
		ret = ks_live_btf_try(&t->extra, live, EXTRA, t->kernel, section_va, (void *)(uintptr_t)idx, err);
	if (ret)
		ksym_live_types_close(t);
	else
		*out = t;
	return ret;
}

void ksym_live_types_close(struct ksym_live_types *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->modules.len; i++)
		ks_live_btf_close(t->modules.data[i]);
	ks_vec_free(&t->modules);
	ks_vec_free(&t->nr_made);
	ks_strpool_free(&t->originals);
	ks_strpool_free(&t->names);
	ks_live_btf_close(t->extra);
	ks_live_btf_close(t->kernel);
	free(t);
}

/* -------------------------------------------------------------------- scopes */

static int module_btf(struct ksym_live_types *t, const char *name, const struct ks_live_btf **out,
		      struct ksym_error *err)
{
	uint32_t nr = ks_strpool_add(&t->names, name, strlen(name));
	struct ks_live_btf **slot;
	int ret = 0;

	if (nr == KS_STRPOOL_NONE)
		return ks_error_nomem(err);
	if (nr == t->modules.len) {
		slot = ks_vec_push(&t->modules);
		if (!slot)
			return ks_error_nomem(err);
		if (ks_live_is_module_name(name))
			ret = ks_live_btf_try(slot, t->l, name, t->kernel, NULL, NULL, err);
	}
	*out = t->modules.data[nr];
	return ret;
}

static int find_scope(struct ksym_live_types *t, const struct ksym_symbol *s, struct scope *scope,
		      struct ksym_error *err)
{
	*scope = (struct scope){ .module = ks_index_loaded_module(t->idx, s) };
	if (!t->kernel)
		return 0;
	scope->files[0] = scope->module;
	if (scope->module)
		return module_btf(t, scope->module, &scope->btf[0], err);
	scope->btf[0] = t->kernel;
	scope->files[0] = "vmlinux";
	scope->btf[1] = t->extra;
	scope->files[1] = EXTRA;
	return 0;
}

static bool in_scope(const struct ksym_live_types *t, const struct scope *scope,
		     const struct ksym_symbol *s)
{
	const char *module = ks_index_loaded_module(t->idx, s);

	return module && scope->module ? !strcmp(module, scope->module) : module == scope->module;
}

/* How many functions, or variables, are called so there: 0, 1 or 2 for more. */
static unsigned int count_named(const struct ksym_live_types *t, const struct scope *scope,
				const char *name, size_t len, bool is_text)
{
	struct ksym_symbol other;
	unsigned int found = 0, i;

	for (i = 0; i < MAX_NAMED && found < 2 && ksym_index_named(t->idx, name, len, i, &other); i++)
		found += other.is_text == is_text && in_scope(t, scope, &other);
	return i < MAX_NAMED ? found : 2;
}

/* --------------------------------------------- functions that a compiler altered */

/*
 * Length of the function's name in the source, when the symbol stands for all of it with other
 * parameters inside (.isra, .constprop), which BTF has if they are passed as before; else 0.
 */
static size_t original_name(const struct ksym_symbol *s)
{
	const char *dot = s->is_text ? memchr(s->name, '.', s->name_len) : NULL;

	if (!dot || dot == s->name || (strncmp(dot, ".isra.", 6) && strncmp(dot, ".constprop.", 11)) ||
	    strstr(dot, ".cold") || strstr(dot, ".part"))
		return 0;
	return (size_t)(dot - s->name);
}

/* Its number in t->originals. */
static uint32_t add_original(struct ksym_live_types *t, const char *module, const char *name,
			     size_t len)
{
	char key[2 * KSYM_NAME_LEN + 1];
	size_t n = module ? strnlen(module, KSYM_NAME_LEN) : 0;

	if (n)
		memcpy(key, module, n);
	key[n] = 0;
	memcpy(key + n + 1, name, len);
	return ks_strpool_add(&t->originals, key, n + 1 + len);
}

static int count_originals(struct ksym_live_types *t, struct ksym_error *err)
{
	struct ksym_symbol s;

	for (uint32_t i = 0; !t->has_originals && ksym_index_symbol(t->idx, i, &s); i++) {
		size_t len = original_name(&s);
		uint32_t nr = len ? add_original(t, ks_index_loaded_module(t->idx, &s), s.name, len) : 0;

		if (nr == KS_STRPOOL_NONE || (len && nr == t->nr_made.len && !ks_vec_push(&t->nr_made)))
			return ks_error_nomem(err);
		if (len)
			t->nr_made.data[nr]++;
	}
	t->has_originals = true;
	return 0;
}

/* Is the symbol all that there is of the function of that name? */
static int is_only_one_made(struct ksym_live_types *t, const struct scope *scope,
			    const struct ksym_symbol *s, size_t len, struct ksym_error *err)
{
	int ret = count_originals(t, err);
	uint32_t nr;

	if (ret || count_named(t, scope, s->name, len, true))
		return ret;
	nr = add_original(t, scope->module, s->name, len);
	if (nr == KS_STRPOOL_NONE)
		return ks_error_nomem(err);
	return nr < t->nr_made.len && t->nr_made.data[nr] == 1;
}

/* -------------------------------------------------------------------- answers */

static void fill_type(const struct scope *scope, unsigned int file, uint32_t id,
		      struct ksym_live_type *out)
{
	const uint32_t *type = ks_btf_by_id(scope->btf[file]->btf, id);

	out->btf = scope->btf[file]->btf;
	out->file = scope->files[file];
	out->name = ks_btf_string(out->btf, type[0]);
	out->type = type[2];
}

static bool by_address(const struct scope *scope, const struct ksym_symbol *s,
		       struct ksym_live_type *out)
{
	for (unsigned int i = 0; i < 2; i++) {
		const struct ks_live_var *v =
			scope->btf[i] ? ks_live_btf_at(scope->btf[i], s->va, s->name, s->name_len) : NULL;

		if (v) {
			fill_type(scope, i, v->id, out);
			return true;
		}
	}
	return false;
}

/* Length of the name that the source has: a variable static in a function is name.NUMBER. */
static size_t source_name(const struct ksym_symbol *s)
{
	size_t len = s->is_text ? original_name(s) : s->name_len;

	if (s->is_text)
		return len ? len : s->name_len;
	while (len && s->name[len - 1] >= '0' && s->name[len - 1] <= '9')
		len--;
	return len > 1 && len < s->name_len && s->name[len - 1] == '.' ? len - 1 : s->name_len;
}

static int by_name(struct ksym_live_types *t, const struct scope *scope,
		   const struct ksym_symbol *s, uint32_t nth, struct ksym_live_type *out,
		   struct ksym_error *err)
{
	unsigned int kind = s->is_text ? BTF_KIND_FUNC : BTF_KIND_VAR;
	size_t len = source_name(s);
	uint32_t nr = 0;
	int ret = 0;

	for (unsigned int i = 0; i < 2 && nr < nth + 2; i++) {
		const struct ks_live_named *n;
		uint32_t pos = 0;

		while (scope->btf[i] && nr < nth + 2 &&
		       (n = ks_live_btf_named(scope->btf[i], kind, s->name, len, &pos)))
			if (nr++ == nth)
				fill_type(scope, i, n->id, out);
	}
	if (nr <= nth)
		return KSYM_TYPE_UNKNOWN;
	if (nr == 1 && len == s->name_len)
		ret = count_named(t, scope, s->name, len, s->is_text) == 1;
	else if (nr == 1 && s->is_text)
		ret = is_only_one_made(t, scope, s, len, err);
	if (ret < 0)
		return ret;
	return ret ? KSYM_TYPE_KNOWN : KSYM_TYPE_AMBIGUOUS;
}

int ksym_live_type(struct ksym_live_types *t, const struct ksym_symbol *sym, uint32_t nth,
		   struct ksym_live_type *out, struct ksym_error *err)
{
	struct ksym_live_type full = { .size = out->size };
	struct scope scope;
	int ret = find_scope(t, sym, &scope, err);

	if (ret)
		return ret;
	if (sym->is_text || !by_address(&scope, sym, &full))
		ret = by_name(t, &scope, sym, nth, &full, err);
	else
		ret = nth ? KSYM_TYPE_UNKNOWN : KSYM_TYPE_KNOWN;
	memcpy(out, &full, out->size < sizeof(full) ? out->size : sizeof(full));
	return ret;
}
