// SPDX-License-Identifier: LGPL-2.1-or-later
/* Structures, unions, enumerations, arrays; recursion among them. */
#include "export.h"
#include "types.h"

enum colour colour;
enum negative negative;
enum big big;
enum big_negative big_negative;
enum packed_enum packed_enum;
enum_t enum_typedef;
enum { LONE = 3 } lone;
struct list list;
struct even even;
struct bits bits;
struct nested nested;
struct packed packed;
struct aligned aligned;
struct empty empty;
struct flexible flexible;
struct zero zero;
unnamed_t unnamed;
with_tag tagged;
struct ops ops;
union number number;
struct opaque *opaque;
struct {
	int in_the_c_file;
	struct { int deeper; } inner;
} anonymous;
struct private_one {
	int in_the_c_file;
	struct list list;
} private_one;
enum private_enum { PRIVATE } private_enum;
union private_union { int a; } private_union;
int one_dim[7];
int three_dim[2][3][4];
const char *const names[] = { "a", "b" };
extern char incomplete[];
char (*pointer_to_array)[16];
struct list lists[2][2];

/* The second and third parameter show list and nested again: by name only. */
struct nested *all(struct list *a, struct nested b, struct list **c, struct nested *d,
		   struct even e, struct odd_one f)
{
	return a == *c && e.other == &f ? d : &nested + b.first;
}

int sum(int n, int vla[n][n + 1], int flat[], const struct flexible *f)
{
	return vla[0][n] + flat[0] + f->n;
}

int variadic(const char *format, ...)
{
	return *format;
}

int no_prototype()
{
	return 1;
}

callback get_callback(void (*notify)(enum colour, union number))
{
	notify(RED, number);
	return ops.call;
}

EXPORT(colour);
EXPORT(negative);
EXPORT(big);
EXPORT(big_negative);
EXPORT(packed_enum);
EXPORT(enum_typedef);
EXPORT(lone);
EXPORT(list);
EXPORT(even);
EXPORT(bits);
EXPORT(nested);
EXPORT(packed);
EXPORT(aligned);
EXPORT(empty);
EXPORT(flexible);
EXPORT(zero);
EXPORT(unnamed);
EXPORT(tagged);
EXPORT(ops);
EXPORT(number);
EXPORT(opaque);
EXPORT(anonymous);
EXPORT(private_one);
EXPORT(private_enum);
EXPORT(private_union);
EXPORT(one_dim);
EXPORT(three_dim);
EXPORT(names);
EXPORT_TYPED(incomplete);
EXPORT(pointer_to_array);
EXPORT(lists);
EXPORT(all);
EXPORT(sum);
EXPORT(variadic);
EXPORT(no_prototype);
EXPORT(get_callback);
