/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The .cmd files Kbuild leaves beside each object, and what they say of modules.
 *
 * The first line of "fs/ext4/.super.o.cmd" holds the command that made
 * fs/ext4/super.o, and in it the modules the object is part of if they are built
 * as modules, as their files' paths without ".ko":
 *
 *	savedcmd_fs/ext4/super.o := gcc … -DKBUILD_MODFILE='"fs/ext4/ext4"' …
 *	savedcmd_drivers/a/x.o := gcc … -DKBUILD_MODFILE='"drivers/a/one drivers/a/two"' …
 *	savedcmd_drivers/a/y.o := … RUST_MODFILE=drivers/a/y rustc …
 *
 * An object that is no part of any module has a path there, too: one made up of its
 * own name.  So a single path says nothing unless modules.builtin lists it; several
 * can only come from makefiles that list the object for several modules.
 */
#ifndef KS_KBUILD_CMD_H
#define KS_KBUILD_CMD_H

#include "base/file.h"
#include "base/vec.h"

struct ks_cmd_modfiles {
	const char *s;		/* in the line; paths parted by blanks */
	size_t len;		/* 0: the command names none */
};

/* The module files that @line, the first of a .cmd file, names. */
struct ks_cmd_modfiles ks_cmd_modfiles(const char *line, size_t len);

static inline bool ks_cmd_has_several(struct ks_cmd_modfiles m)
{
	return memchr(m.s, ' ', m.len) != NULL;
}

/* Reads .cmd files below @dirfd.  To begin with all zero but dirfd and dir. */
struct ks_cmd_reader {
	int dirfd;
	const char *dir;	/* its name, for errors */
	int flags;		/* for openat() */
	KS_VEC(char) path;
	KS_VEC(char) line;	/* the line read last */
};

/* The first line of the .cmd file @path into ->line.  -ENOENT, and no message, when
 * there is no such file or it is empty. */
int ks_cmd_read(struct ks_cmd_reader *r, const char *path, struct ksym_error *err) ks_must_check;

/* The same for the .cmd file of an object.  Objects without a directory have none. */
int ks_cmd_read_object(struct ks_cmd_reader *r, const char *object, size_t len,
		       struct ksym_error *err) ks_must_check;
void ks_cmd_reader_free(struct ks_cmd_reader *r);

#endif
