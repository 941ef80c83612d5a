/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kabi.h"

struct plain {
	int a;
	long b;
};

struct reserved {
	int a;
	unsigned long __kabi_reserved1;
	unsigned long __kabi_reserved2[2];
	void *__kabi_other;
};

struct used {
	int a;
	REPLACED(unsigned long __kabi_reserved1, struct plain *n);
	REPLACED_DIRECTLY(unsigned long __kabi_reserved2, int n2);
	REPLACED(unsigned long __kabi_reserved3, struct { int n3, n4; });
};

struct renamed {
	REPLACED(int __kabi_renamed_before, short x, y);
	REPLACED(int __kabi_renameda, short x2);
	REPLACED_DIRECTLY(struct plain *__kabi_renamed, void *z);
	REPLACED_DIRECTLY(long __kabi_renamedpointer, char *q);
};

struct ignored {
	int a;
	IGNORED(1, int hidden);
	IGNORED(2, struct { short b1, b2; });
	long b;
	union { unsigned char __kabi_ignored3; int hidden2; };
};

/* Not what it looks like: three members, names in the middle, the third member. */
struct lookalike {
	union { int a; int b; int __kabi_reserved1; } third;
	union { int a; struct { int b; int __kabi_reserved2; }; } second_of_struct;
	union { struct { int __kabi_ignored; }; int b; } ignored_struct;
	union { struct { int __kabi_reserved; }; int b; } named_union;
	union { union { int __kabi_reserved4; int c; }; int b; } union_in_union;
	union { int only; } one;
	struct { int __kabi_reserved5; } in_struct;
	int x__kabi_reserved;
	int __kabi_;
};

/* The name of an inner member that was renamed gets to outer ones. */
struct inner {
	int a;
	REPLACED_DIRECTLY(long __kabi_renamed_inner, char *q);
};
struct outer {
	struct inner first;
	struct inner second;
	struct inner *third;
};
struct outer_again {
	struct { struct inner x; } deep;
	int after;
};

enum fruit { APPLE, PEAR, PLUM, QUINCE, LAST_FRUIT };
enum wide { WIDE_A = 1, WIDE_B = 0x8000000000000000ull };

struct declonly {
	int hidden;
	struct plain plain;
};
enum declonly_enum { HIDDEN_TOO };
union declonly_union {
	int hidden;
};

struct sized {
	int a;
	IGNORED(9, long more[4]);
};

struct replaced_text {
	int whatever;
	struct plain p;
};
struct only_in_rules;

typedef int small_int;
typedef struct plain plain_t;
