/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tables of kernel/kallsyms.c, as assembly.  The steps run in this order:
 *
 *   input.c    the lines of a symbol map, as each generation reads them
 *   order.c    which symbols, in which order
 *   tokens.c   the 256 byte codes that make the names short
 *   write.c    the text
 *   owners.c   beside them sizes, modules and objects: what tables/owners.h describes
 *   encode.c   ... and how that is packed
 *
 * Three generations of the format are known; what they disagree about is asked of
 * `generation`, never of an option alone.
 */
#ifndef KS_KALLSYMS_KALLSYMS_H
#define KS_KALLSYMS_KALLSYMS_H

#include "base/arena.h"
#include "base/vec.h"
#include "ksym/ksym.h"
#include "tables/owners.h"

/* Names of this length and more are left out, as KSYM_NAME_LEN of the kernel says. */
#define KS_KALLSYMS_NAME_LEN 512

struct ks_kasym {
	uint64_t va;
	const char *name;	/* terminated; in the text of the map */
	uint32_t name_len;
	uint32_t seq;		/* order of the input, later the place in the table */
	char type;
	bool absolute;		/* per-CPU: its address is an offset */
};

#define KS_UNIT_END 256		/* between names */
#define KS_UNIT_DEAD 257	/* inside a token */

struct ks_tokens {
	/* The names, each behind its letter and followed by KS_UNIT_END.  A code stands
	 * where its text begins; the next one is span[code] further on. */
	uint16_t *units;
	uint32_t *start;	/* of each name in units */
	uint32_t span[256];	/* length of a code's text, 0 = code is not used */
	const char *text[256];	/* terminated */
};

struct ks_kallsyms {
	const struct ksym_kallsyms_opts *opts;
	struct ksym_error *err;
	const char *path;
	struct ks_arena arena;
	KS_VEC(struct ks_kasym) syms;
	uint64_t text_va, relative_base;
	uint64_t range_start[3], range_end[3];	/* text, inittext, per-CPU */
	uint64_t owners_va[KS_NR_OWN_LABELS];	/* labels of the pass before; 0 = none */
	struct ks_tokens tokens;
};

/* Text that grows. */
struct ks_asm {
	KS_VEC(char) b;
	bool failed;
};

KSYM_PRINTF(2, 3) void ks_kallsyms_warn(const struct ks_kallsyms *k, const char *fmt, ...);

int ks_kallsyms_read(struct ks_kallsyms *k, const uint8_t *data, size_t len) ks_must_check;
int ks_kallsyms_order(struct ks_kallsyms *k) ks_must_check;
/* Positions in k->syms by name; from malloc(), NULL when out of memory. */
uint32_t *ks_kallsyms_name_order(const struct ks_kallsyms *k) ks_must_check;
int ks_kallsyms_find_tokens(struct ks_kallsyms *k) ks_must_check;
void ks_tokens_free(struct ks_tokens *t);
int ks_kallsyms_print(struct ks_kallsyms *k, struct ks_asm *out) ks_must_check;

#endif
