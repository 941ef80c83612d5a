/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between owners.c and its parts: what each source says. */
#ifndef KS_INDEX_OWNERS_H
#define KS_INDEX_OWNERS_H

#include "dwarf/units.h"
#include "index/model.h"
#include "kbuild/linkmap.h"

/* A piece of an output section that one object fills, by a linker map. */
struct ks_piece {
	uint64_t va, end_va;
	uint32_t section;	/* ELF section number */
	uint32_t object;
	uint16_t source;	/* KSYM_SOURCE_MAP or KSYM_SOURCE_OBJECT_MAP */
	bool merged;		/* constants or strings, which other objects may share */
};

struct ks_pieces {
	KS_VEC(struct ks_piece) v;	/* sorted by section, then va */
	uint64_t steps;			/* taken through maps of vmlinux.o */
	struct ks_strpool assigned;	/* symbols that the linker script makes */
};

void ks_pieces_free(struct ks_pieces *p);

/* Read the maps (paths in m->opts or found in its build tree) and place their
 * inputs in the image. */
int ks_pieces_read(struct ks_pieces *p, struct ks_model *m) ks_must_check;
/* The piece around @va in ELF section @section, or NULL. */
const struct ks_piece *ks_pieces_find(const struct ks_pieces *p, uint32_t section, uint64_t va);
/* Has the section any piece, so that the map is an authority on it? */
bool ks_pieces_cover(const struct ks_pieces *p, uint32_t section);

/* Names of units or files are borrowed and may share bytes, copies of them do not: a
 * bound for all of them together, far above what any kernel has. */
#define KS_NAMES_MAX (64u << 20)

/* DWARF's view: for each symbol its CU, or KS_NO_OBJECT. */
struct ks_dwarf_owners {
	struct ks_cus cus;
	uint32_t *cu_object;	/* object of each CU */
	uint32_t *sym_cu;	/* CU of each symbol */
};

int ks_dwarf_owners_read(struct ks_dwarf_owners *d, struct ks_model *m) ks_must_check;
void ks_dwarf_owners_free(struct ks_dwarf_owners *d);

/* STT_FILE's view: for each group (position in m->files) an object, found with
 * the help of DWARF where that is there; *@sym_object: for each symbol. */
int ks_file_owners_read(struct ks_model *m, const struct ks_dwarf_owners *d,
			uint32_t *sym_object) ks_must_check;

/* May a symbol like this at the very start of a piece be the linker script's? */
bool ks_edge_name(const char *name);

#endif
