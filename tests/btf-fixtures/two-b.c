// SPDX-License-Identifier: LGPL-2.1-or-later
/* One of two units; the other is two-a.c. */
struct differs { long long y; }; /*= struct struct differs { 8: long long y @0; } */
typedef long long differs_t; /*= typedef long long differs_t */
#include "two.h"

/*1= struct struct by_value { 16: struct differs d[2] @0; } */
/*1= struct struct by_name { 8: differs_t t @0; } */
enum enumerators { IN_B }; /*= enum enum enumerators { enum 4: IN_B = 0 } */
struct half { int whole; }; /*1= struct struct half { 4: int whole @0; } */
enum half_enum { HALF }; /*1= enum enum half_enum { enum 4: HALF = 0 } */
union nobody;

struct same same_b;
struct differs differs_b;
struct by_pointer by_pointer_b;
struct by_value by_value_b;
struct by_function by_function_b;
struct by_name by_name_b;
struct by_nameless by_nameless_b;
struct by_tail by_tail_b;
struct chain chain_b;
enum enumerators enumerators_b;
enum half_enum *half_enum_b;
union nobody *nobody_b;

static KEEP int twice(int a) { return a + 2; }
static KEEP int disagree(int a, int b) { return a * b; }
int takes_half_too(struct half *h) { return h->whole; } /*1= func int takes_half_too(struct half *h) static */

static long again = 2; /*1=[64] var static long again * * 8 */
int weak_and_strong = 2;

long *use_b(void)
{
	static long within = 8; /*1=[64] var static long within * * 8 */

	within++;
	return twice(3) + disagree(1, 2)
#ifdef __OPTIMIZE__
		+ inlined(&same_b)
#endif
		? &again : &within;
}

/* Two of a name in one unit, each in a function of its own. */
KEEP int scoped_one(int a)
{
	static struct scoped { int x; } scoped_a; /*= struct struct scoped { 4: int x @0; } */

	return scoped_a.x += a; /*1=[64] var static struct scoped scoped_a .bss * 4 */
}
KEEP int scoped_two(int a)
{
	static struct scoped { char y[8]; } scoped_b; /*= struct struct scoped { 8: char y[8] @0; } */

	return scoped_b.y[a] += a; /*1=[64] var static struct scoped scoped_b .bss * 8 */
}
