/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the text of a dump to identities:
 *
 *   places.c   where the text names symbols
 *   images.c   the kernel and its modules: symbols, code, lines
 *   decide.c   which of several symbols of a name is meant
 *   decode.c   the public interface, and what is printed
 */
#ifndef KS_DECODE_DECODE_H
#define KS_DECODE_DECODE_H

#include "base/arena.h"
#include "base/vec.h"
#include "dwarf/inlines.h"
#include "dwarf/lines.h"
#include "elf/elf.h"
#include "ksym/decode.h"
#include "ksym/holes.h"

/* A place in the text.  Offsets are from its start. */
struct ks_place {
	size_t start, end;	/* from the name to the end of [module] */
	size_t name_len;
	uint64_t off, size;
	uint64_t line;		/* number of its line */
	uint64_t address;	/* as printed in front of it */
	const char *module;	/* in the decoder's arena; "" = the kernel */
	const char *build_id;	/* of the module, hexadecimal; "" = not told */
	bool has_size, has_address;
	bool is_exact;		/* not where a call returns to */
	bool is_unreliable;	/* "? symbol+…": it need not be in the chain of calls */
	/* What is found out: */
	struct ks_image *image;	/* NULL = not at hand */
	uint32_t first, nr;	/* candidates */
	uint32_t nr_named;	/* of that name at all */
	uint8_t decided;	/* enum ksym_decided */
};

/* A symbol that a place may mean. */
struct ks_candidate {
	uint32_t symbol;
	uint64_t va;
};

/* The kernel or a module. */
struct ks_image {
	struct ks_image *next;
	const char *module;
	struct ksym_index *idx;
	struct ks_elf elf, store;
	struct ks_elf *debug;		/* NULL = no lines */
	bool has_elf;
	struct ks_cus cus;
	struct ks_line_table **tables;	/* of each unit, once asked for */
	struct ks_inlines inlines;
};

/* What may be a module. */
struct ks_found_file {
	const char *path, *name;
	bool is_tried;		/* it is among the images, or cannot be */
};

struct ksym_decoder {
	struct ksym_decoder_opts opts;
	struct ks_image *images;	/* the kernel first */
	KS_VEC(struct ks_found_file) files;	/* of modules */
	bool files_listed;
	struct ks_arena arena;		/* lives as long as the decoder */
	/* Of the last text: */
	struct ks_arena text_arena;
	const char *text;
	KS_VEC(struct ks_place) places;
	KS_VEC(struct ks_candidate) candidates;
	struct ksym_decoded *results;
};

/* ---- places.c */
int ks_places_find(struct ksym_decoder *d, const char *text, size_t len,
		   struct ksym_error *err) ks_must_check;

/* ---- images.c */
int ks_image_open(struct ksym_decoder *d, const char *path, const char *line_image,
		  const char *module, struct ks_image **out, struct ksym_error *err) ks_must_check;
void ks_images_close(struct ksym_decoder *d);
/* The image of @module, looked for in the folders of modules; *@out NULL: there is none. */
int ks_image_find(struct ksym_decoder *d, const char *module, const char *build_id,
		  struct ks_image **out, struct ksym_error *err) ks_must_check;
/* @len bytes of code at @va, or NULL. */
const uint8_t *ks_image_code(struct ks_image *image, uint64_t va, size_t len);
/* Frames at @va, in @arena; 0 of them when no line is known. */
int ks_image_frames(struct ks_image *image, uint64_t va, struct ks_arena *arena,
		    struct ksym_frame **frames, uint32_t *nr, struct ksym_error *err) ks_must_check;

/* ---- decide.c */
int ks_decide(struct ksym_decoder *d, struct ksym_error *err) ks_must_check;

#endif
