/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files: whole ones mapped for reading, whole ones written or nothing. */
#ifndef KS_BASE_FILE_H
#define KS_BASE_FILE_H

#include <stdint.h>
#include "base/error.h"

struct ks_file {
	const char *path;	/* the caller's; must outlive the file */
	const uint8_t *data;	/* never NULL once open; followed by no terminator */
	size_t len;
	bool mapped;
};

/* Map a regular file, or read a pipe to its end (at most 1 GiB). */
int ks_file_open(struct ks_file *f, const char *path, struct ksym_error *err) ks_must_check;
void ks_file_close(struct ks_file *f);

/* Write @path atomically: temporary file beside it, fsync, rename.  A @path that
 * exists and is no regular file, or that stands for an open one (/dev/stdout), is
 * written directly; behind a link the file that it leads to is replaced. */
int ks_file_write(const char *path, const void *data, size_t len,
		  struct ksym_error *err) ks_must_check;

/* Bytes that replace those at @off of a file. */
struct ks_file_patch {
	uint64_t off;
	const void *data;
	size_t len;
};

#define KS_FILE_WHOLE UINT64_MAX

/* Make @to a copy of the regular file @from, mode included, or of its first @len bytes, with
 * @nr patches in it, which may lie behind its end; @from and @to may be the same file.
 * Atomically, as above. */
int ks_file_copy(const char *from, const char *to, uint64_t len,
		 const struct ks_file_patch *patches, size_t nr,
		 struct ksym_error *err) ks_must_check;

#define ks_cleanup_file __attribute__((cleanup(ks_file_close)))

/*
 * Lines of a text file, without their newline; '\r' before it is dropped.
 *   struct ks_lines l = ks_lines(&f);
 *   while (ks_lines_next(&l)) use(l.s, l.len, l.nr);
 */
struct ks_lines {
	const char *s;
	size_t len;
	uint64_t nr;		/* number of this line, from 1 */
	const char *pos, *end;
};

static inline struct ks_lines ks_lines(const struct ks_file *f)
{
	const char *pos = (const char *)f->data;

	return (struct ks_lines){ .pos = pos, .end = f->len ? pos + f->len : pos };
}

bool ks_lines_next(struct ks_lines *l);

#endif
