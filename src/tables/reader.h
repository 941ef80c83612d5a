/* SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only */
/*
 * Reader of the tables described in format.h.  Freestanding: no allocation, no
 * recursion, at most KS_NAME_MAX + 1 bytes of stack for a name.
 *
 * ks_tables_init() costs the same for every size of file.  Every access checks
 * what it follows, so even an altered file that was not checked yields wrong
 * answers at worst; ks_tables_check() reads everything and refuses such a file.
 */
#ifndef KS_TABLES_READER_H
#define KS_TABLES_READER_H

#include "deps.h"
#include "format.h"

struct ks_table_view {
	const uint8_t *p;
	uint64_t len;
	uint32_t nr;		/* entries */
	uint32_t bits;		/* packed tables */
};

struct ks_tables {
	const uint8_t *base;
	uint64_t len;
	uint64_t text_va;
	uint32_t nr_symbols;
	uint32_t header_len;
	uint8_t flags;
	uint8_t field_width[KS_NR_FIELDS], field_off[KS_NR_FIELDS];	/* bits, in SYMR */
	struct ks_table_view tab[KS_NR_TABLES];
};

struct ks_sym {
	uint64_t va;
	uint64_t len;
	uint32_t owner;		/* entry in OWNT, or KS_NONE */
	char type;
	bool is_text;
};

struct ks_owner {
	uint32_t object, other_object;	/* or KS_NONE */
	uint32_t sources;
};

struct ks_obj {
	const char *path;
	const char *text_suffix, *data_suffix;	/* NULL = none */
	uint32_t first_module, nr_modules, module_sources;
};

struct ks_sect {
	const char *name;
	uint64_t va, len;
	uint32_t flags;
};

/* A function without symbol. */
struct ks_hole_entry {
	const char *name;	/* "" when it is not known */
	uint64_t va, len;
	uint32_t object;	/* or KS_NONE */
	uint32_t flags;
};

#define KS_NONE ((uint32_t)~0u)

/* The XXH64 of the surroundings, seed 0. */
typedef uint64_t (*ks_hash_fn)(const void *data, size_t len);

/* 0, or -EBADMSG, -ENOTSUP with *@why set to what is wrong (static). */
int ks_tables_init(struct ks_tables *t, const void *base, uint64_t len, ks_hash_fn hash,
		   const char **why);
/* Checksum of the content and every entry of every table. */
int ks_tables_check(const struct ks_tables *t, ks_hash_fn hash, const char **why);

/* Symbol @i; false when there is none. */
bool ks_tables_symbol(const struct ks_tables *t, uint32_t i, struct ks_sym *out);
/* Do the type and owner of symbol @i exist? */
bool ks_tables_symbol_ok(const struct ks_tables *t, uint32_t i);
/* Name of symbol @i, terminated; its length.  0 when there is none. */
unsigned int ks_tables_name(const struct ks_tables *t, uint32_t i, char buf[KS_NAME_MAX + 1]);
/* Number of symbols at addresses up to and including @va. */
uint32_t ks_tables_count_to(const struct ks_tables *t, uint64_t va);
/* The symbol that covers @va, else the one before it in its section; KS_NONE when
 * there is none. */
uint32_t ks_tables_at(const struct ks_tables *t, uint64_t va, struct ks_sym *out);
/* Position in name order of the first name not less than @name; *@equal tells
 * whether it is that name. */
uint32_t ks_tables_find(const struct ks_tables *t, const char *name, size_t len, bool *equal);
/* Symbol with the @pos-th name in name order, KS_NONE when there is none. */
uint32_t ks_tables_ordered(const struct ks_tables *t, uint32_t pos);
/* Position in name order of symbol @i's name. */
uint32_t ks_tables_rank(const struct ks_tables *t, uint32_t i);

bool ks_tables_owner(const struct ks_tables *t, uint32_t i, struct ks_owner *out);
bool ks_tables_object(const struct ks_tables *t, uint32_t i, struct ks_obj *out);
/* Name of a module by its place in OMOD, as ks_obj.first_module counts. */
const char *ks_tables_object_module(const struct ks_tables *t, uint32_t place);
const char *ks_tables_module(const struct ks_tables *t, uint32_t i);
bool ks_tables_section(const struct ks_tables *t, uint32_t i, struct ks_sect *out);
/* The section around @va, KS_NONE when there is none. */
uint32_t ks_tables_section_at(const struct ks_tables *t, uint64_t va);

bool ks_tables_hole(const struct ks_tables *t, uint32_t i, struct ks_hole_entry *out);
/* The one around @va, KS_NONE when there is none. */
uint32_t ks_tables_hole_at(const struct ks_tables *t, uint64_t va, struct ks_hole_entry *out);

/* ------------------------------------------------- unaligned little-endian */

static inline uint16_t ks_get16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return ks_le16(v);
}

static inline uint32_t ks_get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return ks_le32(v);
}

static inline uint64_t ks_get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return ks_le64(v);
}

#endif
