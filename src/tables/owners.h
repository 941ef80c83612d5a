/* SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only */
/*
 * Sizes and owners of a kernel's own symbols, beside its kallsyms tables: one block of
 * bytes that `ksym kallsyms --owners` makes and a kernel with CONFIG_KALLMODSYMS has in
 * its .rodata, from the label kallsyms_owners to kallsyms_owners_end.  Freestanding: no
 * allocation, no recursion.
 *
 * All numbers are little-endian.  After the header come, each at a place that the header
 * tells and with a label of its own:
 *
 *   kallsyms_size_offsets	for each 256 symbols: where in kallsyms_sizes they begin (u32),
 *				and how far behind that each other 64 of them do (3 u16)
 *   kallsyms_sizes		of every symbol the padding between its end and the next
 *				symbol of another address
 *   kallsyms_module_offsets	for each 256 symbols: where in kallsyms_modules they begin
 *				(u32); these places are counted in bits
 *   kallsyms_modules		ranges of symbols with the same owner: how many they are,
 *				and the owner's number, as a difference to the last one
 *				in the block
 *   kallsyms_objfiles		of each owner the places of its modules and of its object
 *				in kallsyms_mod_objnames; an owner is what is printed
 *				behind a name, so what prints the same is one owner
 *   kallsyms_mod_objnames	a zero byte, which is "none"; then names, and lists of
 *				modules: a zero byte, how many, that many names.  A name
 *				that a list has is not there again
 *
 * Padding is what is hard to foresee about a size: a function ends anywhere, the next one
 * begins at a multiple of 16.  So the paddings are Huffman codes, of seven tables, chosen by
 * how many zero bits the next symbol's address ends with; the two numbers of a range have
 * a table each.  A code stands for a number below 32, for the length of a larger one,
 * whose lower bits follow, or for one of two special cases.
 */
#ifndef KS_TABLES_OWNERS_H
#define KS_TABLES_OWNERS_H

#include "deps.h"

#define KS_OWNERS_MAGIC		0x314f534bu	/* "KSO1" */
#define KS_OWNERS_BLOCK		256	/* symbols; kallsyms_markers has the same */
#define KS_OWNERS_PART		64	/* symbols of a block; sizes can be read from here on */
#define KS_OWNERS_SIZE_OFFSETS_LEN 10
#define KS_OWNERS_ALIAS_MAX	32	/* of one address are followed to the next one */
#define KS_OWNERS_TAIL		8	/* bytes behind each stream of bits */

/* In assembly each table has a label, and so have start and end: the elements of an array. */
#define KS_OWNERS_LABELS \
	"kallsyms_size_offsets", "kallsyms_sizes", "kallsyms_module_offsets", "kallsyms_modules", \
	"kallsyms_objfiles", "kallsyms_mod_objnames", "kallsyms_owners", "kallsyms_owners_end"

/* Header. */
#define KS_OWN_MAGIC		0	/* u32 */
#define KS_OWN_LEN		4	/* u32: of everything */
#define KS_OWN_NR_SYMBOLS	8	/* u32 */
#define KS_OWN_NR_OWNERS	12	/* u32: without "none", which is 0 */
#define KS_OWN_HASH		16	/* u64: FNV-1a of everything behind it */
#define KS_OWN_PLACE_BITS	24	/* u32: of a place in kallsyms_mod_objnames */
#define KS_OWN_DIR		28	/* u32 offset, u32 length of each table */
#define KS_OWN_CODES		(KS_OWN_DIR + 8 * KS_NR_OWN_TABLES)	/* 4 bits a code */
#define KS_OWN_HEADER_LEN	(KS_OWN_CODES + KS_NR_OWN_CODES * KS_OWN_NR_WORDS / 2)

enum ks_own_table {
	KS_OWN_SIZE_OFFSETS, KS_OWN_SIZES, KS_OWN_MODULE_OFFSETS, KS_OWN_MODULES,
	KS_OWN_OBJFILES, KS_OWN_NAMES,
	KS_NR_OWN_TABLES,
	KS_OWN_START = KS_NR_OWN_TABLES, KS_OWN_END,	/* of the labels alone */
	KS_NR_OWN_LABELS
};

/* Code tables: paddings by zero bits of the next address, then ranges. */
#define KS_OWN_CODE_RUN		7
#define KS_OWN_CODE_OWNER	8
#define KS_NR_OWN_CODES		9

/* Words a code can stand for. */
#define KS_OWN_WORD_LONG	32	/* + n: a number of 6 + n bits, without its first */
#define KS_OWN_LONG_BITS	31	/* at most */
#define KS_OWN_WORD_NONE	59	/* size 0; the run goes to the block's end; no owner */
#define KS_OWN_WORD_OTHER	60	/* u6 and that many bits: the size; the last owner again */
#define KS_OWN_NR_WORDS		64
#define KS_OWN_CODE_BITS	8	/* longest code */

/* Where the symbols' addresses come from. */
struct ks_own_addresses {
	const int32_t *offsets;		/* kallsyms_offsets */
	const unsigned long *addresses;	/* or kallsyms_addresses */
	uint64_t base;			/* kallsyms_relative_base */
	uint32_t nr;
	bool absolute_percpu;		/* negative offsets count from base - 1 downwards */
	bool pc_relative;		/* each offset counts from its own place */
};

struct ks_owners {
	struct ks_own_addresses va;
	const uint8_t *base;
	uint32_t nr_symbols, nr_owners, place_bits;
	uint32_t off[KS_NR_OWN_TABLES], len[KS_NR_OWN_TABLES];
	/* word | bits << 8 for what the next 8 bits are; 0 = no code */
	uint16_t code[KS_NR_OWN_CODES][1 << KS_OWN_CODE_BITS];
};

/* A walk through the symbols. */
struct ks_own_iter {
	uint32_t i;			/* the symbol to come */
	uint32_t next;			/* the first behind it of another address, or
					   nr_symbols: none, or not looked for yet */
	uint64_t va, next_va;		/* of those */
	uint32_t run;			/* symbols of this owner still to come */
	uint32_t owner, last_owner;	/* 0 = none */
	uint64_t size_pos, range_pos;	/* bits */
};

struct ks_own_names {
	const char *object;		/* NULL = none */
	const char *modules;		/* nr_modules terminated strings, one behind the other */
	unsigned int nr_modules;
};

/* 0, or -EBADMSG with *@why set to what is wrong (static).  Reads everything: behind it
 * no access can go wrong. */
int ks_owners_init(struct ks_owners *o, const void *base, size_t len,
		   const struct ks_own_addresses *va, const char **why);

uint64_t ks_owners_va(const struct ks_owners *o, uint32_t i);

/* Make @i the symbol to come; it is not above nr_symbols. */
bool ks_owners_seek(const struct ks_owners *o, struct ks_own_iter *it, uint32_t i);
/* Size and owner of the symbol to come, which then is the one behind it; false behind
 * the last one, and when the tables are not those that were checked. */
bool ks_owners_next(const struct ks_owners *o, struct ks_own_iter *it, uint64_t *len,
		    uint32_t *owner);
/* The names an owner stands for, of which there are none when there is no such owner. */
void ks_owners_names(const struct ks_owners *o, uint32_t owner, struct ks_own_names *out);
/* The symbol that covers @va, or else the last one before it (of aliases the first that
 * covers it, or else the first); nr_symbols when there is none. */
uint32_t ks_owners_at(const struct ks_owners *o, uint64_t va, uint64_t *len, uint32_t *owner);

uint64_t ks_owners_hash(const uint8_t *p, size_t len);

#endif
