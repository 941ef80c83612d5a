/* SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only */
/*
 * One line of text about one symbol, the same from the command, from the kernel module
 * and from a kernel that has it built in.  Freestanding: depends on deps.h alone, writes
 * into the caller's buffer and never behind it.
 *
 *   struct ks_line l;
 *
 *   ks_line_start(&l, buf, sizeof(buf), KS_LINE_FULL);
 *   ks_line_symbol(&l, 16, va, len, 't', name, name_len);
 *   ks_line_module(&l, "liquidio", 8);		any number of times
 *   ks_line_object(&l, "core.o", 6);		at most once
 *   n = ks_line_end(&l);			no newline
 *
 * gives "ffffffff811b5120 74 t s_next [liquidio] {core.o}".  Who may not see addresses
 * gets va and len as 0.
 */
#ifndef KS_TABLES_LINE_H
#define KS_TABLES_LINE_H

#include "deps.h"

enum ks_line_form {
	KS_LINE_FULL,		/* address size type name [module]… {object} */
	KS_LINE_KALLSYMS,	/* address type name<TAB>[module]… {object} */
	KS_LINE_IDENTITY,	/* name [module]… {object} */
	KS_LINE_PERF,		/* address type name {module,module,object} */
};

struct ks_line {
	char *buf;
	size_t cap;		/* without the terminator */
	size_t len;		/* counts what did not fit as well */
	enum ks_line_form form;
	bool annotated;		/* something follows the name already */
};

/* @cap: room in @buf with the terminator; 0 only measures. */
void ks_line_start(struct ks_line *l, char *buf, size_t cap, enum ks_line_form form);
/* Everything up to the name.  @digits: of an address at least, 16, or 8 on 32-bit machines. */
void ks_line_symbol(struct ks_line *l, unsigned int digits, uint64_t va, uint64_t len, char type,
		    const char *name, size_t name_len);
void ks_line_module(struct ks_line *l, const char *name, size_t len);
void ks_line_object(struct ks_line *l, const char *name, size_t len);
/* Terminates; the length the line has, which did not fit when it is not below the @cap
 * given. */
size_t ks_line_end(struct ks_line *l);

/* Parts, for lines that say more. */
void ks_line_text(struct ks_line *l, const char *s, size_t len);
void ks_line_hex(struct ks_line *l, uint64_t v, unsigned int digits);

struct ks_tables;

/* Modules and object of a symbol whose object is number @object (KS_NONE: nothing).  In
 * owner_line.c, which needs the reader. */
void ks_line_owner(struct ks_line *l, const struct ks_tables *t, uint32_t object, bool is_text);

#endif
