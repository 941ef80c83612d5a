// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Types of every kind.  A comment that begins with = is a fact that the BTF has to have, one
 * with ! is the beginning of what no fact may be, as `judge` beside this file tells.  That a
 * bit field is as wide as its type clang does not tell.
 */

/* Base types. */
_Bool b_; /*= int _Bool 1: 0x4000008 */
char c_; /*=[x86] int char 1: 0x1000008 */ /*=[!x86] int char 1: 0x8 */
signed char sc_; /*= int signed char 1: 0x1000008 */
unsigned char uc_; /*= int unsigned char 1: 0x8 */
short s_; /*= int short 2: 0x1000010 */
unsigned long long ull_; /*= int unsigned long long 8: 0x40 */
#ifdef __SIZEOF_INT128__
__int128 i128_; /*=[64] int __int128 16: 0x1000080 */
unsigned __int128 u128_; /*=[64] int unsigned __int128 16: 0x80 */
#endif
float f_; /*= float float 4 */
double d_; /*= float double 8 */
long double ld_; /*=[64] float long double 16 */

/* Enumerations: signed, unsigned, of more and of less than 32 bits. */
enum plain { A, B = 5 } e1_; /*= enum enum plain { enum 4: A = 0, B = 5 } */
enum negative { M = -1, N = 7 } e2_; /*= enum enum negative { signed enum 4: M = -1, N = 7 } */
enum top { TOP = 0xffffffffu } e3_; /*= enum enum top { enum 4: TOP = 4294967295 } */
enum large { LARGE = 0x100000001ULL } e4_; /*= enum enum large { enum64 8: LARGE = 4294967297 } */
enum large_negative { LN = -1, LP = 0x7fffffffffffLL } e5_; /*= enum enum large_negative { signed enum64 8: LN = -1, LP = 140737488355327 } */
enum __attribute__((packed)) small { SMALL, SMALL2 = 200 } e6_; /*= enum enum small { enum 1: SMALL = 0, SMALL2 = 200 } */
enum { NAMELESS = 3 } e7_; /*= enum enum { enum 4: NAMELESS = 3 } */
enum unseen; enum unseen *e8_; /*= enum enum unseen { enum 4: } */

/* Bit fields. */
struct bits { int a:1; int b:2; unsigned c:29; char d:3; _Bool e:1; long long f:40; enum plain g:3;
	      int :0; int h:5; unsigned long long k:64; int plain; } bits_;
/*=[gcc+64] struct struct bits { 40: int a:1 @0; int b:2 @1; unsigned int c:29 @3; char d:3 @32; _Bool e:1 @35; long long f:40 @64; enum plain g:3 @104; int h:5 @128; unsigned long long k:64 @192; int plain @256; } */
/*=[clang+64] struct struct bits { 40: int a:1 @0; int b:2 @1; unsigned int c:29 @3; char d:3 @32; _Bool e:1 @35; long long f:40 @64; enum plain g:3 @104; int h:5 @128; unsigned long long k @192; int plain @256; } */
typedef unsigned int u32_t; /*= typedef unsigned int u32_t */
typedef const u32_t cu32_t; /*= typedef const u32_t cu32_t */
struct __attribute__((packed)) packed_bits { char a; int b:12; u32_t c:20; cu32_t d:3; long long e; } packed_bits_;
/*= struct struct packed_bits { 14: char a @0; int b:12 @8; u32_t c:20 @20; cu32_t d:3 @40; long long e @48; } */
union bit_union { int a:3; unsigned b:7; int whole; } bit_union_;
/*= union union bit_union { 4: int a:3 @0; unsigned int b:7 @0; int whole @0; } */
struct full { unsigned a:32; unsigned b:8; unsigned short c; } full_;
/*=[gcc] struct struct full { 8: unsigned int a:32 @0; unsigned int b:8 @32; unsigned short c @48; } */
/*=[clang] struct struct full { 8: unsigned int a @0; unsigned int b:8 @32; unsigned short c @48; } */

/* Aggregates without a name, in place; arrays at the end; none at all. */
struct outer { int a; union { int b; struct { char c; short d; }; }; struct { int e; } f; int g[]; } outer_;
/*= struct struct outer { 12: int a @0; union { 4: int b @0; struct { 4: char c @0; short d @16; } @0; } @32; struct { 4: int e @0; } f @64; int g[0] @96; } */
struct flexible { int n; struct { struct { } e; char data[]; }; } *flexible_;
/*= struct struct flexible { 4: int n @0; struct { 0: struct { 0: } e @0; char data[0] @0; } @32; } */
struct grid { int cells[2][3]; const short names[4][5][6]; char rows[][7]; } *grid_;
/*= struct struct grid { 264: int cells[2][3] @0; const short names[4][5][6] @192; char rows[0][7] @2112; } */
struct empty { } *empty_; /*= struct struct empty { 0: } */
union numbers { int a; char c[7]; } numbers_; /*= union union numbers { 8: int a @0; char c[7] @0; } */
typedef struct { int only; } named_by_typedef; named_by_typedef nbt_;
/*= typedef struct { 4: int only @0; } named_by_typedef */
struct aligned { char c; int i __attribute__((aligned(16))); } aligned_;
/*= struct struct aligned { 32: char c @0; int i @128; } */

/* Types that lead back to themselves; those of which nobody tells more. */
struct self { struct self *next; struct unseen_struct *s; union unseen_union *u; struct other *o; } self_;
/*=[64] struct struct self { 32: struct self *next @0; struct unseen_struct *s @64; union unseen_union *u @128; struct other *o @192; } */
struct other { struct self in; struct other *(*get)(struct self *, struct other **); } other_;
/*=[64] struct struct other { 40: struct self in @0; struct other *(*get)(struct self *, struct other **) @256; } */
/*= fwd struct unseen_struct */
/*= fwd union unseen_union */

/* Arrays: all dimensions are one; vectors are arrays as well. */
typedef int cube[3][4][5]; cube cube_; /*= typedef int cube[3][4][5] */
typedef int none[0]; none *none_; /*= typedef int none[0] */
typedef short rows[][3]; rows *rows_; /*= typedef short rows[0][3] */
typedef int vector __attribute__((vector_size(16))); vector vector_; /*= typedef int vector[4] */
typedef const char *const names_t[2]; names_t names_ = { "a", "b" }; /*= typedef const char *const names_t[2] */

/* Functions and their pointers; qualifiers. */
typedef int fn(int, const char *restrict, ...); fn *fn_; /*= typedef int fn(int, const char *restrict, ...) */
typedef void (*fn_void)(void); fn_void fn_void_; /*= typedef void (*fn_void)(void) */
typedef int (*fn_any)(); fn_any fn_any_; /*= typedef int (*fn_any)(...) */
typedef int (*(*fn_fn)(int (*)(void)))(long); fn_fn fn_fn_; /*= typedef int (*(*fn_fn)(int (*)(void)))(long) */
typedef void (*fn_array[3])(struct self *); fn_array fn_array_; /*= typedef void (*fn_array[3])(struct self *) */
typedef const volatile int *const volatile qualified; qualified qualified_; /*= typedef const volatile int *const volatile qualified */
typedef const void *pure; pure pure_; /*= typedef const void *pure */
typedef void nothing; nothing *nothing_; /*= typedef void nothing */

/* What is local to functions, and what nobody uses but a cast. */
int function(int a)
{
	struct local { int a; struct local *again; } x = { a, 0 }; /*=[64] struct struct local { 16: int a @0; struct local *again @64; } */
	enum local_enum { LA, LB } e = LA; /*= enum enum local_enum { enum 4: LA = 0, LB = 1 } */
	typedef struct local local_t; /*= typedef struct local local_t */
	local_t *y = &x;

	{
		struct block { long long q; } *b = (void *)y; /*= struct struct block { 8: long long q @0; } */

		(*rows_)[0][0] = b != 0;
	}
	return y->a + e;
}
