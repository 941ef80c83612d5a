// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/symbols.h"

#include <string.h>

/* The kernel's include/linux/btf_ids.h and btf.h: what .BTF_ids consists of. */
#define IDS_SECTION	".BTF_ids"
#define SET8_PREFIX	"__BTF_ID__set8__"
#define FUNC_PREFIX	"__BTF_ID__func__"
#define SET8_KFUNCS	1u		/* flags of a set, its second word */
#define KF_FASTCALL	0x1000u		/* flags of a function, its second word */
#define KF_ARENA_RET	0x2000u
#define KF_ARENA_ARG1	0x4000u
#define KF_ARENA_ARG2	0x8000u

/* Symbols of one name that are looked through, which no kernel has. */
#define MAX_SAME 4096u

void ks_btf_symbols_free(struct ks_btf_symbols *s)
{
	ks_strpool_free(&s->names);
	ks_vec_free(&s->v);
	ks_vec_free(&s->symbols);
}

/* Does what follows the first dot of a name contain @part? */
static bool suffix_has(const char *suffix, const char *part)
{
	return suffix && strstr(suffix, part);
}

static int add_function(struct ks_btf_symbols *s, const struct ks_elf_symbol *sym,
			struct ksym_error *err)
{
	const char *suffix = strchr(sym->name, '.');
	size_t len = suffix ? (size_t)(suffix - sym->name) : strlen(sym->name);
	struct ks_btf_symbol *symbol;
	struct ks_btf_name *name;
	uint32_t nr;

	/* Parts of a function that are none; names that no kernel takes. */
	if (len >= KS_BTF_MAX_NAME || suffix_has(suffix, ".cold") || suffix_has(suffix, ".part") || !len)
		return 0;
	nr = ks_strpool_add(&s->names, sym->name, len);
	symbol = ks_vec_push(&s->symbols);
	if (nr == KS_STRPOOL_NONE || !symbol || (nr == s->v.len && !ks_vec_push(&s->v)))
		return ks_error_nomem(err);
	name = &s->v.data[nr];
	if (!name->symbols)
		name->va = sym->va;
	if (name->va != sym->va)
		name->flags |= KS_NAME_AMBIGUOUS;
	if (!suffix)
		name->flags |= KS_NAME_PLAIN;
	*symbol = (struct ks_btf_symbol){
		.va = sym->va, .next = name->symbols,
		.optimized = suffix_has(suffix, ".isra") || suffix_has(suffix, ".constprop"),
	};
	name->symbols = (uint32_t)s->symbols.len;
	return 0;
}

bool ks_btf_symbols_at(const struct ks_btf_symbols *s, uint32_t nr, uint64_t va, bool *optimized)
{
	bool found = false;

	*optimized = false;
	uint32_t i = s->v.data[nr].symbols;

	for (uint32_t seen = 0; i && seen < MAX_SAME; i = s->symbols.data[i - 1].next, seen++) {
		if (s->symbols.data[i - 1].va != va)
			continue;
		found = true;
		*optimized |= s->symbols.data[i - 1].optimized;
	}
	return found;
}

/* ------------------------------------------------------------------ kfuncs */

/* A symbol in .BTF_ids: where it is in the section. */
struct id {
	uint64_t off, len;
	const char *name;
};

struct ids {
	KS_VEC(struct id) sets, funcs;
	const uint8_t *data;
	size_t len;
	bool swap;
};

static uint32_t word_at(const struct ids *ids, uint64_t off)
{
	uint32_t word;

	if (ids->len < 4 || off > ids->len - 4)
		return 0;
	memcpy(&word, ids->data + off, 4);
	return ids->swap ? __builtin_bswap32(word) : word;
}

static int compare_ids(const void *a, const void *b)
{
	const struct id *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}

/* "__BTF_ID__func__vfs_close__1" is about vfs_close. */
static void tag_function(struct ks_btf_symbols *s, const struct ids *ids, const struct id *func)
{
	const char *name = func->name + strlen(FUNC_PREFIX), *end = strrchr(name, '_');
	uint32_t nr, flags = word_at(ids, func->off + 4);

	if (!end || end < name + 2 || end[-1] != '_')
		return;
	nr = ks_strpool_find(&s->names, name, (size_t)(end - 1 - name));
	if (nr == KS_STRPOOL_NONE)
		return;
	s->v.data[nr].flags |= KS_NAME_KFUNC | (flags & KF_FASTCALL ? KS_NAME_FASTCALL : 0) |
			       (flags & KF_ARENA_RET ? KS_NAME_ARENA_RETURN : 0) |
			       (flags & KF_ARENA_ARG1 ? KS_NAME_ARENA_FIRST : 0) |
			       (flags & KF_ARENA_ARG2 ? KS_NAME_ARENA_SECOND : 0);
}

/* Sets do not overlap; a function belongs to the one that begins before it. */
static void tag_functions(struct ks_btf_symbols *s, struct ids *ids)
{
	size_t set = 0;

	if (!ids->sets.len || !ids->funcs.len)
		return;
	qsort(ids->sets.data, ids->sets.len, sizeof(*ids->sets.data), compare_ids);
	qsort(ids->funcs.data, ids->funcs.len, sizeof(*ids->funcs.data), compare_ids);
	for (size_t i = 0; i < ids->funcs.len; i++) {
		const struct id *f = &ids->funcs.data[i];

		while (set + 1 < ids->sets.len && ids->sets.data[set + 1].off <= f->off)
			set++;
		if (f->off >= ids->sets.data[set].off &&
		    f->off - ids->sets.data[set].off < ids->sets.data[set].len)
			tag_function(s, ids, f);
	}
}

static int add_id(struct ids *ids, const struct ks_elf *e, const struct ks_elf_symbol *sym,
		  struct ksym_error *err)
{
	struct id id = { sym->va - e->sections[sym->shndx].va, sym->len, sym->name }, *slot;

	if (!strncmp(sym->name, SET8_PREFIX, strlen(SET8_PREFIX))) {
		if (!(word_at(ids, id.off + 4) & SET8_KFUNCS))
			return 0;
		slot = ks_vec_push(&ids->sets);
	} else if (!strncmp(sym->name, FUNC_PREFIX, strlen(FUNC_PREFIX))) {
		slot = ks_vec_push(&ids->funcs);
	} else {
		return 0;
	}
	if (!slot)
		return ks_error_nomem(err);
	*slot = id;
	return 0;
}

int ks_btf_symbols_read(struct ks_btf_symbols *s, struct ks_elf *e, struct ksym_error *err)
{
	uint32_t section = ks_elf_find_section(e, IDS_SECTION);
	struct ids ids = { .swap = e->swap };
	struct ks_elf_symbol sym;
	int ret = section ? ks_elf_section_data(e, section, &ids.data, &ids.len, err) : 0;

	for (uint32_t i = 1; i < e->nr_symbols && !ret; i++) {
		ret = ks_elf_symbol(e, i, &sym, err);
		if (!ret && sym.type == STT_FUNC && sym.shndx)
			ret = add_function(s, &sym, err);
		else if (!ret && section && sym.shndx == section)
			ret = add_id(&ids, e, &sym, err);
	}
	if (!ret)
		tag_functions(s, &ids);
	ks_vec_free(&ids.sets);
	ks_vec_free(&ids.funcs);
	return ret;
}
