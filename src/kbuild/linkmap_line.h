/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines of a linker map, cut into fields.
 *
 * GNU ld tells the kind of a line by its indentation: 0 an output section, 1 an
 * input section or the pattern that selected it, more a symbol, an assignment or
 * the rest of a line whose section name was too long:
 *
 *	.text           0xffffffff81000000  0x3aab10 load address 0x0000000001000000
 *	                0xffffffff81000000                _text = .
 *	 *(.text.hot .text.hot.*)
 *	 .text          0xffffffff81000000      0x1b2 init/main.o
 *	 .text.unlikely.with.a.long.name
 *	                0xffffffff810001b2        0xd init/main.o
 *
 * LLVM lld starts every line with four numbers, and tells the kind by the blanks
 * after them: 1 an output section, 9 an input section, 17 a symbol:
 *
 *	             VMA              LMA     Size Align Out     In      Symbol
 *	ffffffff81000000          1000000   3aab10  4096 .text
 *	ffffffff81000000          1000000      1b2    16         vmlinux.a(init/main.o):(.text)
 *	ffffffff81000000          1000000       20     1                 start_kernel
 */
#ifndef KS_KBUILD_LINKMAP_LINE_H
#define KS_KBUILD_LINKMAP_LINE_H

#include <string.h>
#include "base/file.h"

/* Text has no zero bytes; strings of a file that has would be cut short later. */
int ks_check_text(const struct ks_file *f, struct ksym_error *err) ks_must_check;

struct ks_map_field {
	const char *s;
	size_t len;
};

/* One more than the longest line that means something has. */
#define KS_MAP_FIELDS 8

struct ks_map_line {
	struct ks_map_field f[KS_MAP_FIELDS];
	unsigned int nf;	/* number of fields; KS_MAP_FIELDS: that many or more */
	size_t indent;		/* blanks before the first field */
	const char *end;	/* end of the last field, also of those beyond f[] */
	uint64_t nr;
};

enum ks_map_depth { KS_MAP_OTHER, KS_MAP_OUTPUT, KS_MAP_INPUT, KS_MAP_SYMBOL };

/* The next line; false at the end of the file. */
bool ks_map_line_next(struct ks_lines *lines, struct ks_map_line *l);

/* Add the fields of the next line, if there is one, to those of @l. */
void ks_map_line_join(struct ks_lines *lines, struct ks_map_line *l);

/* Is this the line every lld map starts with? */
bool ks_map_line_is_lld(const struct ks_map_line *first);

/* Of lld: which kind of line. */
enum ks_map_depth ks_map_line_lld_depth(const struct ks_map_line *l);

/* A number in hexadecimal, without "0x"; false when it is none or over 64 bits. */
bool ks_map_hex(const char *s, size_t len, uint64_t *v);

static inline bool ks_map_field_is(struct ks_map_field f, const char *s)
{
	return f.len == strlen(s) && !memcmp(f.s, s, f.len);
}

/* Does GNU ld mean the field as a number? */
static inline bool ks_map_field_is_number(struct ks_map_field f)
{
	return f.len >= 2 && f.s[0] == '0' && f.s[1] == 'x';
}

/*
 * The object a linker means by @s ("vmlinux.a(init/main.o)", "./init/main.o"): its
 * path in the build tree is @dir followed by @name.  Members of thin archives are
 * known by such a path already and @dir is empty; a bare name is a member of an
 * archive that holds copies, and the object lies beside the archive.
 */
struct ks_map_object {
	struct ks_map_field dir, name;
};

struct ks_map_object ks_map_object(const char *s, size_t len);

#endif
