// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Functions: which of them BTF has, and how.  Compiled with -O2 without inlining; that
 * one name stands for several, and that units disagree, is in two-a.c and two-b.c.
 */
#define KEEP __attribute__((noinline, noclone))
#ifdef __clang__
#undef KEEP
#define KEEP __attribute__((noinline))
#endif
#define NOINLINE __attribute__((noinline))

struct one { int a; };
struct two { long a, b; };
struct three { long a, b, c; };
struct __attribute__((packed)) odd { char c; long l, m; };
typedef struct two two_t;

/* Parameters where the ABI has them. */
KEEP int none(void) { return 7; } /*= func int none(void) static */
KEEP int unspecified() { return 8; } /*= func int unspecified(void) static */
KEEP int several(int a, char *b, long c) { return a + *b + c; } /*= func int several(int a, char *b, long c) static */
KEEP int seven(int a, int b, int c, int d, int e, int f, int g) { return a + b + c + d + e + f + g; } /*= func int seven(int a, int b, int c, int d, int e, int f, int g) static */
KEEP int variadic(int n, ...) { return n; } /*= func int variadic(int n, ...) static */
KEEP int old_style(a, b) int a; char *b; { return a + *b; } /*= func int old_style(int a, char *b) static */
KEEP int unused(int a, int b, int c) { return c; } /*= func int unused(int a, int b, int c) static */
KEEP void *const volatile qualified(const int a) { return (void *)0; } /*=[gcc] func void *qualified(const int a) static */
KEEP int (*returns(int a))(void) { return a ? none : (int (*)(void))0; } /*= func int (*returns(int a))(void) static */
int weak(int) __attribute__((weak)); int weak(int q) { return q + 1; } /*= func int weak(int q) static */
KEEP static int local(struct one *p) { return p->a; } /*= func int local(struct one *p) static */

/* Structures by value take several registers, or none; then registers say nothing. */
KEEP int by_one(struct one s, int x) { return s.a + x; } /*=[64] func int by_one(struct one s, int x) static */
KEEP int by_two(struct two s, int x) { return s.a + x; } /*=[64] func int by_two(struct two s, int x) static */
KEEP int by_name(two_t s, int x) { return s.a + x; } /*=[64] func int by_name(two_t s, int x) static */
KEEP int by_three(struct three s, int x) { return s.a + x; } /*=[64] func int by_three(struct three s, int x) static */
KEEP int on_stack(int a, int b, int c, int d, int e, int f, struct three s) { return a + b + c + d + e + f + s.a; }
/*=[x86+64] func int on_stack(int a, int b, int c, int d, int e, int f, struct three s) static */
/* Where on the stack a packed one is, its type does not tell. */
KEEP int odd_on_stack(int a, int b, int c, int d, int e, int f, struct odd s) { return a + b + c + d + e + f + s.l; }
/*![x86+64] func int odd_on_stack */
KEEP int odd_pointer(int a, int b, int c, int d, int e, int f, struct odd *s) { return a + b + c + d + e + f + s->l; }
/*= func int odd_pointer(int a, int b, int c, int d, int e, int f, struct odd *s) static */

/* Parameters elsewhere: in floating point registers, or taken away by the compiler. */
#ifdef __x86_64__
KEEP int real(int i, double d) { return i + d; } /*![x86+64] func int real */
KEEP int real_first(double d, int i) { return i + d; } /*![x86+64] func int real_first */
#endif
static NOINLINE int constant(int a, int b) { return a * b + (a ^ b) * 77; } /*![gcc] func int constant */
static NOINLINE int without(struct three *p, int not_used) { return p->a * 3; } /*![gcc] func int without */
static NOINLINE int moved(int dead, int a, int b) { return a * b + a; } /*![gcc] func int moved */

/* Not all parameters have names; only inlined; only declared. */
#if defined(__clang__) || __GNUC__ > 10
KEEP int nameless(int a, int) { return a; } /*! func int nameless */
#endif
static inline __attribute__((always_inline)) int inlined(int a) { return a * 3; } /*! func int inlined */
extern int elsewhere(int a); /*! func int elsewhere */
int alias(int) __attribute__((alias("weak"))); /*! func int alias */

/* A variable that is known to be an address is not at that address. */
int somewhere; /*1= var global int somewhere * * 4 */
extern void take(int *);

int use(struct three *p, int n)
{
	struct one one = { n };
	int *address = &somewhere; /*! var static int *address */

	take(address);

	return without(p, 3) + constant(n, 5) + moved(1, n, 3) + moved(2, n + 1, n) + inlined(n) +
	       elsewhere(n) + local(&one);
}
/*= func int use(struct three *p, int n) static */
