/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Types whose definition is public, for being in a header. */
#ifndef TYPES_H
#define TYPES_H

struct opaque;				/* never defined */
union opaque_union;
enum colour { RED, GREEN = 5, BLUE };
enum negative { MINUS = -1, ZERO, LOW = -2147483647 - 1 };
enum big { HUGE_VALUE = 0x8000000000000000ull, SMALL = 1 };
enum big_negative { VERY_LOW = -0x7fffffffffffffffll, ONE = 1 };
enum packed_enum { PACKED = 200 } __attribute__((packed));
enum { ANONYMOUS_A = 1, ANONYMOUS_B };
typedef enum { TYPEDEF_A = 7, TYPEDEF_B = 300 } enum_t;

struct list {
	struct list *next, *prev;
};

struct even;
struct odd_one {
	struct even *other;
	int n;
};
struct even {
	struct odd_one *other;
	struct odd_one inside;
	struct list list;
};

struct bits {
	unsigned int a : 1;
	unsigned int b : 7;
	int c : 24;
	unsigned long long d : 33;
	_Bool e : 1;
	unsigned int : 0;
	enum colour f : 3;
};

struct nested {
	int first;
	union {
		int as_int;
		char as_bytes[4];
		struct {
			short low, high;
		};
	};
	struct {
		int x;
		struct opaque *hidden;
	} named;
	enum { IN_A, IN_B = 9 } kind;
	union opaque_union *hidden_union;
};

struct packed {
	char a;
	long b;
	short c;
} __attribute__((packed));

struct aligned {
	char a;
	int b __attribute__((aligned(32)));
} __attribute__((aligned(64)));

struct empty {
};

struct flexible {
	unsigned int n;
	struct list items[];
};

struct zero {
	int n;
	int none[0];
};

typedef struct {
	int unnamed;
} unnamed_t;

typedef struct with_tag {
	struct with_tag *self;
	unnamed_t member;
} with_tag;

typedef int (*callback)(struct nested *, const struct list *, ...);

struct ops {
	callback call;
	void (*none)(void);
	int (*(*returns)(int))(char);
	struct ops *(*clone)(const struct ops *);
	int table[3][4][5];
	callback array[2];
};

union number {
	int i;
	float f;
	union number *next;
	struct bits bits;
};

#endif
