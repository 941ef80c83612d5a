// SPDX-License-Identifier: LGPL-2.1-or-later
/* One of two units; the other is two-b.c. */
struct differs { int x; }; /*= struct struct differs { 4: int x @0; } */
typedef int differs_t; /*= typedef int differs_t */
#include "two.h"

/* The same words in both units, but of another `struct differs`: there are two. */
/*2=[64] struct struct by_pointer { 8: struct differs *d @0; } */
/*2=[64] struct struct by_function { 8: int (*f)(struct differs *) @0; } */
/*2=[64] struct struct by_nameless { 8: struct { 8: struct differs *d @0; } in @0; } */
/*2=[64] struct struct by_tail { 16: struct by_pointer *p @0; struct by_tail *next @64; } */
/*1= struct struct by_value { 8: struct differs d[2] @0; } */
/*1= struct struct by_name { 4: differs_t t @0; } */
/* Alike in both. */
/*1=[64] struct struct same { 16: int x @0; struct same *next @64; } */
/*1=[64] struct struct chain { 16: struct chain *next @0; struct half *h @64; } */
enum enumerators { IN_A }; /*= enum enum enumerators { enum 4: IN_A = 0 } */
/* Only the other unit knows what it is: no forward declaration stays. */
struct half; /*! fwd struct half */
enum half_enum; /*! enum enum half_enum { enum 4: } */
/* Of two, this unit's pointer means none in particular. */
union nobody; /*1= fwd union nobody */

struct same same_a;
struct differs differs_a;
struct by_pointer by_pointer_a;
struct by_value by_value_a;
struct by_function by_function_a;
struct by_name by_name_a;
struct by_nameless by_nameless_a;
struct by_tail by_tail_a;
struct chain chain_a;
enum enumerators enumerators_a;
enum half_enum *half_enum_a;
union nobody *nobody_a;

/* One name, two functions: BTF cannot tell them apart. */
static KEEP int twice(int a) { return a + 1; } /*! func int twice */
/* Nor when they take other parameters. */
static KEEP int disagree(int a, long b) { return a + b; } /*! func int disagree */
/* A function of this unit that takes what it knows nothing of. */
int takes_half(struct half *h) { return !h; } /*1= func int takes_half(struct half *h) static */
/* Inlined elsewhere, there are instructions of it here alone. */
int (*inlined_here)(struct same *) = inlined; /*1= func int inlined(struct same *s) static */

/* Variables of one name are kept, each with its place; of a weak one the winner, once. */
static int again = 1; /*1= var static int again * * 4 */
int weak_and_strong __attribute__((weak)) = 1; /*1= var global int weak_and_strong * * 4 */

int *use_a(void)
{
	static int within = 4; /*1= var static int within * * 4 */

	within++;
	return twice(3) + disagree(1, 2) + inlined(&same_a) ? &again : &within;
}
