// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/objects.h"

#include <string.h>

#define PERCPU_SECTION	".data..percpu"
/* Times that a symbol is compared with a variable at its place: for each of both, and besides.
 * Beyond, in a hostile file, variables are without symbols. */
#define MAX_LOOKS_EACH	64u
#define MAX_LOOKS_MORE	(1u << 24)

struct var {
	const struct ks_btf_variable *v;
	const char *name;
	uint32_t name_id, type, size, section;
	uint64_t off, len;	/* bytes that the type has */
	uint64_t symbol_len;
	bool has_symbol, fits;	/* the symbol table has it there; with as many bytes */
};

struct vars {
	struct ks_objects *o;
	KS_VEC(struct var) v;
	uint64_t looks;		/* that may still be made */
};

/* ------------------------------------------------------------------- which */

/* Names that the kernel's macros make up: not to be known, and others in every build. */
static bool is_made_up(const char *name)
{
	static const char *const prefixes[] = {
		"__UNIQUE_ID", "__tpstrtab_", "__exitcall_", "__gendwarfksyms_ptr_",
		"__func_stack_frame_non_standard_",
	};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* What the kernel takes for a name. */
static bool is_valid(const char *name)
{
	size_t len = strnlen(name, KS_BTF_MAX_NAME);

	if (len == KS_BTF_MAX_NAME)
		return false;
	len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.0123456789");

	return len && !name[len] && (*name < '0' || *name > '9');
}

/* The section around @va that holds variables, 0 when none does. */
static uint32_t section_of(const struct ks_elf *e, uint64_t va)
{
	for (uint32_t i = 1; i < e->nr_sections; i++) {
		const struct ks_elf_section *s = &e->sections[i];

		if ((s->flags & (SHF_ALLOC | SHF_TLS)) == SHF_ALLOC && va >= s->va &&
		    va - s->va < s->len)
			return i;
	}
	return 0;
}

/* Bytes of a value of type @id: 0 when it has no size. */
static uint64_t size_of(const struct ks_objects *o, uint32_t id)
{
	uint64_t nr = 1;

	while (id) {
		const uint32_t *t = ks_btf_type(&o->e->out, id);

		switch (KS_BTF_KIND(t)) {
		case BTF_KIND_PTR:
			return nr * o->elf->addr_len;
		case BTF_KIND_ARRAY:
			if (t[5] && nr > UINT32_MAX / t[5])
				return UINT64_MAX;
			nr *= t[5];
			id = t[3];
			break;
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
		case KS_BTF_TYPE_TAG:
			id = t[2];
			break;
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case KS_BTF_ENUM64:
		case KS_BTF_FLOAT:
			return nr * t[2];
		default:
			return 0;
		}
	}
	return 0;
}

static int add_var(struct vars *w, const struct ks_btf_variable *v)
{
	struct ks_objects *o = w->o;
	const struct ks_graph *g = &o->c->g;
	struct var var = { .v = v, .section = section_of(o->elf, v->va) }, *slot;
	const struct ks_elf_section *s = &o->elf->sections[var.section];
	char buf[8];

	if (!var.section || (o->opts->vars != KSYM_BTF_VARS_ALL && strcmp(s->name, PERCPU_SECTION)))
		return 0;
	var.name = ks_graph_text(g, g->nodes.data[g->shapes.data[v->shape].node].name, buf);
	if (is_made_up(var.name) || !is_valid(var.name))
		return 0;
	var.name_id = ks_strpool_add(&o->e->it->strings, var.name, strlen(var.name));
	slot = ks_vec_push(&w->v);
	if (var.name_id == KS_STRPOOL_NONE || !slot)
		return ks_error_nomem(o->err);
	var.name = ks_strpool_get(&o->e->it->strings, var.name_id);
	var.off = v->va - s->va;
	*slot = var;
	return 0;
}

/* ------------------------------------------------------------------- order */

static int by_place(const void *a, const void *b)
{
	const struct var *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	if (x->fits != y->fits)
		return x->fits ? -1 : 1;
	if (x->has_symbol != y->has_symbol)
		return x->has_symbol ? -1 : 1;
	if (x->v->external != y->v->external)
		return x->v->external ? -1 : 1;
	if (x->v->unit != y->v->unit)
		return x->v->unit < y->v->unit ? -1 : 1;
	return x->v->node < y->v->node ? -1 : x->v->node > y->v->node;
}

/* Is @name what a symbol is called, or a part of it?  Static variables of functions are
 * NAME.NUMBER to gcc, FUNCTION.NAME to clang. */
static bool is_part(const char *symbol, const char *name)
{
	size_t len = strlen(name);

	for (; symbol; symbol = strchr(symbol, '.') ? strchr(symbol, '.') + 1 : NULL)
		if (!strncmp(symbol, name, len) && (!symbol[len] || symbol[len] == '.'))
			return true;
	return false;
}

/* Mark those at the place of symbol @sym that have its name. */
static void mark(struct vars *w, const struct ks_elf_symbol *sym)
{
	uint64_t off = sym->va - w->o->elf->sections[sym->shndx].va;
	size_t lo = 0, hi = w->v.len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct var *v = &w->v.data[mid];

		if (v->section != sym->shndx ? v->section < sym->shndx : v->off < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < w->v.len && w->v.data[lo].section == sym->shndx && w->v.data[lo].off == off; lo++) {
		struct var *v = &w->v.data[lo];

		if (!w->looks)
			return;
		w->looks--;

		if (!is_part(sym->name, v->name))
			continue;
		v->has_symbol = true;
		v->symbol_len = sym->len;
	}
}

static int mark_all(struct vars *w)
{
	struct ks_elf *e = w->o->elf;
	struct ks_elf_symbol sym;

	w->looks = MAX_LOOKS_EACH * ((uint64_t)e->nr_symbols + w->v.len) + MAX_LOOKS_MORE;
	for (uint32_t i = 1; i < e->nr_symbols; i++) {
		int ret = ks_elf_symbol(e, i, &sym, w->o->err);

		if (ret)
			return ret;
		/* Names of variables, behind those of their functions. */
		if (sym.shndx && sym.shndx < e->nr_sections && sym.type == STT_OBJECT &&
		    strnlen(sym.name, 4 * KS_BTF_MAX_NAME) < 4 * KS_BTF_MAX_NAME)
			mark(w, &sym);
	}
	return 0;
}

/* In a linked file thousands of variables that were discarded claim to be at address 0; in one
 * that is not, those that the linker has yet to place (-fcommon) claim to be in its code. */
static bool is_discarded(const struct ks_objects *o, const struct var *v)
{
	if (v->has_symbol)
		return false;
	return o->elf->type == ET_REL ? o->elf->sections[v->section].is_code
				       : !v->v->va;
}

/* Types, and with them the sizes, of all variables. */
static int find_types(struct vars *w)
{
	struct ks_objects *o = w->o;
	int ret = 0;

	for (size_t i = 0; i < w->v.len && !ret; i++) {
		struct var *v = &w->v.data[i];

		if (is_discarded(o, v))
			continue;
		ret = ks_emit_ref(o->e, o->refs[v->v->shape], o->e->s->unit_context[v->v->unit], &v->type);
		v->len = ret ? 0 : size_of(o, v->type);
		v->fits = v->has_symbol && v->symbol_len == v->len;
	}
	return ret;
}

/* -------------------------------------------------------------------- emit */

/* 1: written, 0: it has no place. */
static int emit_var(struct ks_objects *o, struct var *var, uint64_t *end)
{
	uint32_t words[4] = { var->name_id, KS_BTF_INFO(BTF_KIND_VAR, 0, 0), var->type,
			      var->v->external ? BTF_VAR_GLOBAL_ALLOCATED : BTF_VAR_STATIC };
	int ret;

	/* Of two at one place one was discarded. */
	if (var->off < *end || is_discarded(o, var) || (var->v->one_byte && var->len != 1))
		return 0;
	if (!var->len || var->len > UINT32_MAX || var->off > UINT32_MAX - var->len)
		return 0;
	var->size = (uint32_t)var->len;
	*end = var->off + var->len;
	var->type = ks_btf_types_add(&o->e->out, words, 4);
	if (!var->type)
		return ks_error_nomem(o->err);
	ret = ks_emit_object_tags(o, var->v->shape, var->type);
	return ret ? ret : 1;
}

static int emit_section(struct ks_objects *o, const struct var *v, size_t nr)
{
	const struct ks_elf_section *s = &o->elf->sections[v->section];
	KS_VEC(uint32_t) w = { 0 };
	uint32_t name = ks_strpool_add(&o->e->it->strings, s->name, strlen(s->name));
	uint64_t size = s->len, end = v[nr - 1].off + v[nr - 1].size;
	uint32_t id = 0;

	if (nr > KS_BTF_MAX_VLEN)
		return ks_error(o->err, -E2BIG,
				"%s: section %s: %zu variables: expected at most 65535, which is all that BTF can list",
				o->elf->path, s->name, nr);
	if (size < end)
		size = end;
	if (name != KS_STRPOOL_NONE && ks_vec_reserve(&w, 3 + 3 * nr)) {
		w.data[w.len++] = name;
		w.data[w.len++] = KS_BTF_INFO(BTF_KIND_DATASEC, 0, nr);
		w.data[w.len++] = size > UINT32_MAX ? (uint32_t)end : (uint32_t)size;
		for (size_t i = 0; i < nr; i++) {
			w.data[w.len++] = v[i].type;
			w.data[w.len++] = (uint32_t)v[i].off;
			w.data[w.len++] = v[i].size;
		}
		id = ks_btf_types_add(&o->e->out, w.data, (uint32_t)w.len);
	}
	ks_vec_free(&w);
	return id ? 0 : ks_error_nomem(o->err);
}

static int emit_all(struct vars *w)
{
	size_t nr = 0, first = 0;
	uint64_t end = 0;
	uint32_t section = 0;
	int ret = 0;

	for (size_t i = 0; i < w->v.len && ret >= 0; i++) {
		if (w->v.data[i].section != section) {
			section = w->v.data[i].section;
			end = 0;
		}
		ret = emit_var(w->o, &w->v.data[i], &end);
		if (ret > 0)
			w->v.data[nr++] = w->v.data[i];
	}
	for (size_t i = 0; i < nr && ret >= 0; i++) {
		if (i + 1 < nr && w->v.data[i + 1].section == w->v.data[first].section)
			continue;
		ret = emit_section(w->o, &w->v.data[first], i + 1 - first);
		first = i + 1;
	}
	return ret < 0 ? ret : 0;
}

int ks_emit_variables(struct ks_objects *o)
{
	struct vars w = { .o = o };
	int ret = 0;

	for (size_t i = 0; i < o->c->vars.len && !ret; i++)
		ret = add_var(&w, &o->c->vars.data[i]);
	if (w.v.len)
		qsort(w.v.data, w.v.len, sizeof(*w.v.data), by_place);
	if (!ret)
		ret = mark_all(&w);
	if (!ret)
		ret = find_types(&w);
	if (w.v.len)
		qsort(w.v.data, w.v.len, sizeof(*w.v.data), by_place);
	if (!ret)
		ret = emit_all(&w);
	ks_vec_free(&w.v);
	return ret;
}
