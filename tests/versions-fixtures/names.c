// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names that are long, that begin like a reference, that many types share. */
#include "export.h"

#define LONG(x) x##_of_a_name_that_is_longer_than_anything_the_kernel_allows_for_a_symbol\
_but_no_compiler_minds_and_so_nothing_that_reads_what_compilers_write_may_mind_either_and_that_was_it
#define LONG_EXPORT(x) EXPORT(x)

struct LONG(structure) {
	int LONG(member);
	enum LONG(enumeration) { LONG(enumerator) = 77 } e;
};

/* Hidden behind an included .c file, and not hidden behind a name that only looks so. */
#line 1 "header.h"
struct s { int s; };
struct u { struct s *s; };
union t { int e; struct u u; };
enum e { s_ = 1, u_ = 2 };
typedef struct s t;
#line 1 "dir.c/header.h"
struct in_header_of_c_dir { t t; };
#line 1 "generated.c.h"
struct in_c_h { int a; };
#line 1 "noextension"
struct in_noextension { int a; };
#line 1 "file.S"
struct in_assembly { int a; };
#line 1 "odd.C"
struct in_capital_c { int a; };
#line 1 "other.c"
struct in_other_c { int a; };
#line 1 ".c"
struct in_dot_c { int a; };
#line 100 "names.c"

struct LONG(structure) LONG(variable);
t s;
struct u u;
union t uu;
enum e e;

int f(struct in_header_of_c_dir *a, struct in_c_h *b, struct in_noextension *c,
      struct in_assembly *d, struct in_capital_c *e2, struct in_other_c *f2, struct in_dot_c *g)
{
	return a && b && c && d && e2 && f2 && g;
}

LONG_EXPORT(LONG(variable));
EXPORT(s);
EXPORT(u);
EXPORT(uu);
EXPORT(e);
EXPORT(f);
