// SPDX-License-Identifier: LGPL-2.1-or-later
/* Base types, modifiers, typedefs. */
#include "export.h"

typedef unsigned int u32;
typedef u32 u32_again;
typedef const volatile u32_again *odd;
typedef int aligned_int __attribute__((aligned(16)));
typedef float vec4 __attribute__((vector_size(16)));
typedef void function(int, const char *);
typedef function *function_ptr;

_Bool b;
char c;
signed char sc;
unsigned char uc;
short s;
unsigned short us;
int i;
unsigned int ui;
long l;
unsigned long ul;
long long ll;
unsigned long long ull;
float f;
double d;
long double ld;
_Complex double cd;
vec4 vec;
aligned_int ai;
#ifdef __SIZEOF_INT128__
__int128 i128;
unsigned __int128 u128;
EXPORT(i128);
EXPORT(u128);
#endif
void *p;
const void *pc;
void *const cp;
const char *volatile *const cpv;
_Atomic int at;
_Atomic(int *) pat;
odd o;
u32_again again;
function_ptr fp;

void none(void)
{
}

int *restricted(int *restrict a, const int *restrict b2)
{
	return a + *b2;
}

unsigned char many(char a, short b2, int c2, long d2, float e, double f2, _Bool g)
{
	return a + b2 + c2 + d2 + e + f2 + g;
}

EXPORT(b);
EXPORT(c);
EXPORT(sc);
EXPORT(uc);
EXPORT(s);
EXPORT(us);
EXPORT(i);
EXPORT(ui);
EXPORT(l);
EXPORT(ul);
EXPORT(ll);
EXPORT(ull);
EXPORT(f);
EXPORT(d);
EXPORT(ld);
EXPORT(cd);
EXPORT(vec);
EXPORT(ai);
EXPORT(p);
EXPORT(pc);
EXPORT(cp);
EXPORT(cpv);
EXPORT(at);
EXPORT(pat);
EXPORT(o);
EXPORT(again);
EXPORT(fp);
EXPORT(none);
EXPORT(restricted);
EXPORT(many);
