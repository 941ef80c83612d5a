/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libksym: stack dumps.  A kernel writes where it is as symbol+offset/size [module]: which
 * of several functions of that name it means, in which line that is, and what is inlined
 * there, is found out here.  The conventions of ksym.h hold.
 */
#ifndef KSYM_DECODE_H
#define KSYM_DECODE_H

#include <ksym/ksym.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

struct ksym_decoder;

struct ksym_decoder_opts {
	size_t size;
	struct ksym_build_opts build;	/* how an index is made of an image */
	const char *line_image;		/* image to take lines and code from, when the file is an
					   index; NULL: none */
	const char *const *module_dirs;	/* NULL-terminated: where modules, their debug files or
					   indexes of them are; searched with all below */
};

/** ksym_decoder_open() - ready to decode dumps of the kernel whose image or index @path is.
 *  Close with ksym_decoder_close().  One thread at a time may use it.  Since: 0.2 */
KSYM_MUST_CHECK int ksym_decoder_open(const char *path, const struct ksym_decoder_opts *opts,
				      struct ksym_decoder **out, struct ksym_error *err);
/** ksym_decoder_close() - NULL is allowed.  Since: 0.2 */
void ksym_decoder_close(struct ksym_decoder *d);

/** How one of several functions of a name was found. */
enum ksym_decided {
	KSYM_DECIDED_UNKNOWN = 0,	/* no symbol has the name, or the module is not at hand */
	KSYM_DECIDED_UNIQUE,		/* there is one */
	KSYM_DECIDED_SIZE,		/* by the size in the dump */
	KSYM_DECIDED_ADDRESS,		/* by an address in the dump, others telling where the
					   kernel was */
	KSYM_DECIDED_CALLS,		/* by the call from there, or to there, that the
					   neighbours in the dump require */
	KSYM_DECIDED_NOT,		/* several are possible */
};

struct ksym_frame {
	const char *function;		/* the inlined one; NULL for the symbol itself */
	const char *file;		/* NULL when no line is known */
	uint32_t line;
};

/** A place in the text that names a symbol. */
struct ksym_decoded {
	uint64_t text_off, text_len;	/* what `replacement` stands for, [module] included */
	const char *replacement;	/* the same with identity and lines */
	const char *module;		/* "" for the kernel */
	enum ksym_decided decided;
	uint32_t nr_candidates;		/* functions of that name, as far as the dump allows */
	uint64_t va;			/* where it is in its image, when it is decided */
	bool is_return;			/* it is where a call returns to: lines are those of the
					   call, an instruction before */
	const struct ksym_frame *frames;/* innermost first; the last is the symbol's own */
	uint32_t nr_frames;
};

/**
 * ksym_decode() - find and resolve what a text names.
 * @text: of any kind; @len bytes
 * @nr: how many places there are
 *
 * Results, for ksym_decoded_get(), replace those of the last call.  Modules that are not
 * found make no error: what they have stays unknown.  Since: 0.2
 */
KSYM_MUST_CHECK int ksym_decode(struct ksym_decoder *d, const char *text, size_t len, uint32_t *nr,
				struct ksym_error *err);
/** ksym_decoded_get() - place @i, in the order of the text; false when there is none.  What it
 *  points to lives until the next ksym_decode().  Since: 0.2 */
bool ksym_decoded_get(const struct ksym_decoder *d, uint32_t i, struct ksym_decoded *out);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
