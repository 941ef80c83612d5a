/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Types as a compiler described them, before anything is merged: the nodes of one
 * compilation unit, or of several units that refer to each other.
 *
 *   struct list_head { struct list_head *next, *prev; };
 *
 *   node  kind     name       value      type  end
 *   7     STRUCT   list_head  16 (size)  -     10
 *   8     MEMBER   next       0          10    9
 *   9     MEMBER   prev       8          10    10
 *   10    POINTER  -          8 (size)   7     11
 *
 * Nodes are in preorder: the children of a node follow it, the nodes from n + 1 up to
 * n's ->end are its descendants.  A type is named by its node's number, which is an
 * index that means something in one struct ks_types only; 0 is no type, which is void.
 *
 * What nodes are made from, load.c and pass.c alone know.
 */
#ifndef KS_TYPES_TYPES_H
#define KS_TYPES_TYPES_H

#include "base/strpool.h"
#include "dwarf/sections.h"

enum ks_kind {
	KS_KIND_NONE,
	/* Types. */
	KS_KIND_BASE,
	KS_KIND_UNSPECIFIED,
	KS_KIND_POINTER,
	KS_KIND_REFERENCE,
	KS_KIND_RVALUE_REFERENCE,
	KS_KIND_CONST,
	KS_KIND_VOLATILE,
	KS_KIND_RESTRICT,
	KS_KIND_ATOMIC,
	KS_KIND_IMMUTABLE,
	KS_KIND_PACKED,
	KS_KIND_SHARED,
	KS_KIND_TYPEDEF,
	KS_KIND_TEMPLATE_TYPE,
	KS_KIND_ARRAY,
	KS_KIND_SUBROUTINE,
	KS_KIND_STRUCT,
	KS_KIND_CLASS,
	KS_KIND_UNION,
	KS_KIND_ENUM,
	/* What types are made of. */
	KS_KIND_SUBRANGE,
	KS_KIND_ENUMERATOR,
	KS_KIND_MEMBER,
	KS_KIND_PARAMETER,
	KS_KIND_MORE_PARAMETERS,	/* "..." */
	KS_KIND_VARIANT_PART,
	KS_KIND_VARIANT,
	KS_KIND_TAG,			/* value: enum ks_tag; name: its text */
	/* What has a type, or holds types. */
	KS_KIND_FUNCTION,
	KS_KIND_VARIABLE,
	KS_KIND_NAMESPACE,
	KS_KIND_OTHER,			/* value: the tag */
	KS_NR_KINDS
};

#define KS_KINDS(kind) ((uint64_t)1 << (kind))
#define KS_KINDS_STRUCT (KS_KINDS(KS_KIND_STRUCT) | KS_KINDS(KS_KIND_CLASS))
#define KS_KINDS_AGGREGATE \
	(KS_KINDS_STRUCT | KS_KINDS(KS_KIND_UNION) | KS_KINDS(KS_KIND_ENUM))
/* Everything that can be the type of something. */
#define KS_KINDS_TYPES (KS_KINDS(KS_KIND_SUBRANGE) - 2)
/* Types that others refer to by name, when they have one. */
#define KS_KINDS_NAMED (KS_KINDS_AGGREGATE | KS_KINDS(KS_KIND_TYPEDEF))

/* Types that are another type and something about it. */
#define KS_KINDS_WRAPPER                                                                  \
	(KS_KINDS(KS_KIND_POINTER) | KS_KINDS(KS_KIND_REFERENCE) |                        \
	 KS_KINDS(KS_KIND_RVALUE_REFERENCE) | KS_KINDS(KS_KIND_CONST) |                   \
	 KS_KINDS(KS_KIND_VOLATILE) | KS_KINDS(KS_KIND_RESTRICT) |                        \
	 KS_KINDS(KS_KIND_ATOMIC) | KS_KINDS(KS_KIND_IMMUTABLE) |                         \
	 KS_KINDS(KS_KIND_PACKED) | KS_KINDS(KS_KIND_SHARED) |                            \
	 KS_KINDS(KS_KIND_TYPEDEF) | KS_KINDS(KS_KIND_TEMPLATE_TYPE))

static inline bool ks_kind_in(unsigned int kind, uint64_t kinds)
{
	return kinds >> kind & 1;
}

enum ks_type_flag {
	KS_TYPE_OPAQUE = 1 << 0,	/* an aggregate of which the name is all that counts */
	KS_TYPE_DECLARATION = 1 << 1,	/* of which nothing else is known here */
	KS_TYPE_PRIVATE = 1 << 2,	/* defined in a .c file */
	KS_TYPE_IGNORED = 1 << 3,	/* child: has its place, but is not to be seen */
	KS_TYPE_NAMELESS = 1 << 6,	/* its name is not to be seen */
	KS_TYPE_NO_COMMA = 1 << 5,	/* child: see versions/order.h */
	KS_TYPE_LEFT_OUT = 1 << 4,	/* child: as if it were not there */
};

/* Attributes that a node has.  VALUE is the size in bytes of types, the offset in
 * bytes of members, the value of enumerators and variants, the number of elements of
 * subranges; the others are in its struct ks_type_extra. */
enum ks_type_attr {
	KS_ATTR_VALUE = 1 << 0,
	KS_ATTR_ENCODING = 1 << 1,
	KS_ATTR_ALIGNMENT = 1 << 2,
	KS_ATTR_ACCESSIBILITY = 1 << 3,
	KS_ATTR_BIT_SIZE = 1 << 4,
	KS_ATTR_BIT_OFFSET = 1 << 5,	/* DW_AT_data_bit_offset */
	KS_ATTRS_EXTRA = ~KS_ATTR_VALUE,
};

/*
 * A name as a number: equal numbers, equal names.  (The reverse holds but for files
 * in which the linker has not merged strings.)  0 is no name, which "" is not.
 *
 *   bits 62-63   the others
 *   1            offset in .debug_str
 *   2            the text itself, at most 7 bytes, the first in bits 0 to 7
 *   3            number in ks_types->names
 */
typedef uint64_t ks_name;

#define KS_NAME_STR(off) ((ks_name)1 << 62 | (off))
#define KS_NAME_SHORT ((ks_name)2 << 62)
#define KS_NAME_POOL(n) ((ks_name)3 << 62 | (n))
#define KS_NAME_KIND(name) ((unsigned int)((name) >> 62))
#define KS_NAME_BITS(name) ((name) & (((ks_name)1 << 62) - 1))

struct ks_type {
	ks_name name;
	uint64_t value;
	uint32_t type;
	uint32_t end;
	uint32_t parent;		/* 0: the unit itself */
	uint8_t kind;			/* enum ks_kind */
	uint8_t flags;			/* enum ks_type_flag */
	uint16_t attrs;			/* enum ks_type_attr */
};

_Static_assert(sizeof(struct ks_type) == 32, "a kernel has 14 million of them");

/* Tags that a program gave to its declarations, or to its types. */
enum ks_tag {
	KS_TAG_DECL = 1,
	KS_TAG_TYPE = 2,
};

struct ks_type_extra {
	uint32_t node;
	uint64_t encoding, alignment, accessibility, bit_size, bit_offset;
};

/* What is said of functions, variables and parameters of functions, where anything is. */
struct ks_type_object {
	uint32_t node;
	bool external, has_value, declared;
	bool nocall;			/* its callers do not keep to the ABI */
	bool artificial;		/* the compiler made it: __func__ */
	bool has_va;
	uint64_t va;			/* where a function begins, if has_va */
	uint64_t origin;		/* DIE that says the rest, in .debug_info; 0 = none */
	uint16_t form;			/* of the location, 0 = none: */
	uint32_t len;
	const uint8_t *expr;		/* an expression of len bytes, or NULL: */
	uint64_t list;			/* a list of them */
};

struct ks_type_unit {
	struct ks_unit u;
	bool clang;
};

/* In which file, by its number in the unit, an aggregate is defined. */
struct ks_type_file {
	uint32_t node;
	uint32_t file;
	bool is_private;
};

struct ks_types {
	KS_VEC(struct ks_type) nodes;		/* [0] stands for none */
	KS_VEC(struct ks_type_extra) extras;	/* sorted by node */
	KS_VEC(struct ks_type_file) files;	/* likewise; if the loader was asked for them */
	KS_VEC(struct ks_type_object) objects;	/* likewise, if it reads all */
	KS_VEC(uint32_t) units;			/* first node of each unit */
	KS_VEC(struct ks_type_unit) headers;	/* of each unit, likewise */
	struct ks_strpool names;
	const char *str;			/* .debug_str */
	const char *path;			/* of the file, for errors */
	/* Where nodes come from: a bit for each byte of .debug_info from base_off
	 * on, set where the DIE of a node begins, and how many bits are set before
	 * each word.  So offsets and nodes lead to each other. */
	uint64_t base_off;
	KS_VEC(uint64_t) bits;
	KS_VEC(uint32_t) ranks;
};

/* Of each kind the kinds of children that it is made of; others only happen to be declared
 * inside it. */
extern const uint64_t ks_parts[KS_NR_KINDS];

void ks_types_free(struct ks_types *t);

/* The node whose DIE is at @off of .debug_info, 0 when there is none. */
uint32_t ks_types_at(const struct ks_types *t, uint64_t off);
/* The reverse; slow, for errors. */
uint64_t ks_types_off(const struct ks_types *t, uint32_t node);

/* Unit that @node is in, counted from 0. */
uint32_t ks_types_unit(const struct ks_types *t, uint32_t node);

/* Of @nr extras, sorted by node, that of @node; all 0 when it has none. */
const struct ks_type_extra *ks_extra_of(const struct ks_type_extra *extras, size_t nr, uint32_t node);

/* Attributes that are not in the node itself. */
static inline const struct ks_type_extra *ks_types_extra(const struct ks_types *t, uint32_t node)
{
	return ks_extra_of(t->extras.data, t->extras.len, node);
}

/* Text of @name in @str and @names; short ones are put into @buf. */
const char *ks_name_text(const char *str, const struct ks_strpool *names, ks_name name,
			 char buf[8]);

/* The name that stands for @s.  0 when out of memory. */
ks_name ks_name_make(struct ks_strpool *names, const char *s, size_t len);

#define ks_cleanup_types __attribute__((cleanup(ks_types_free)))

#endif
