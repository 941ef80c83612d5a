/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of functions that the symbol table has, each without what a compiler added
 * behind the first dot (".isra.0"), and which of them are for BPF programs to call.
 */
#ifndef KS_BTF_SYMBOLS_H
#define KS_BTF_SYMBOLS_H

#include "base/strpool.h"
#include "base/vec.h"
#include "elf/elf.h"

/* As the kernel has it: the longest name of a symbol, with its NUL.  Longer ones may overlap, all
 * in one that is as long as the file. */
#define KS_BTF_MAX_NAME 512u

enum ks_btf_name_flag {
	KS_NAME_AMBIGUOUS = 1 << 0,	/* stands for functions at several addresses */
	KS_NAME_PLAIN = 1 << 1,		/* is the whole name of a symbol */
	KS_NAME_KFUNC = 1 << 2,
	KS_NAME_FASTCALL = 1 << 3,	/* a kfunc that leaves registers alone */
	KS_NAME_ARENA_RETURN = 1 << 4,	/* it returns, or takes, a pointer into an arena */
	KS_NAME_ARENA_FIRST = 1 << 5,
	KS_NAME_ARENA_SECOND = 1 << 6,
};

struct ks_btf_name {
	uint64_t va;			/* of its first symbol */
	uint32_t symbols;		/* number + 1 in ->symbols, ->next leads on */
	uint8_t flags;			/* enum ks_btf_name_flag */
};

struct ks_btf_symbols {
	struct ks_strpool names;	/* of functions, whose numbers are those of: */
	KS_VEC(struct ks_btf_name) v;
	KS_VEC(struct ks_btf_symbol {
		uint64_t va;
		uint32_t next;
		bool optimized;		/* .isra, .constprop: called in another way */
	}) symbols;
};

int ks_btf_symbols_read(struct ks_btf_symbols *s, struct ks_elf *e,
			struct ksym_error *err) ks_must_check;
void ks_btf_symbols_free(struct ks_btf_symbols *s);

/* The number of the name, KS_STRPOOL_NONE when no function has it. */
static inline uint32_t ks_btf_symbols_find(const struct ks_btf_symbols *s, const char *name)
{
	size_t len = strnlen(name, KS_BTF_MAX_NAME);

	return len < KS_BTF_MAX_NAME ? ks_strpool_find(&s->names, name, len) : KS_STRPOOL_NONE;
}

/* Is a symbol of name number @nr at @va?  An optimized one, *@optimized. */
bool ks_btf_symbols_at(const struct ks_btf_symbols *s, uint32_t nr, uint64_t va, bool *optimized);

#endif
