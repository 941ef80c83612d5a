// SPDX-License-Identifier: LGPL-2.1-or-later
/* One of two units (two-b.c): what one declares the other defines, and the other way round. */
#include "export.h"
#define SAME int first; short in_a
#define DEFINED_IN_A struct defined_in_a { struct list *l; int n; }
#define DEFINED_IN_B struct defined_in_b
#include "two.h"

struct private_to_both { int a_of_a; };
struct private_to_both private_a;
struct defined_in_a da;
struct defined_in_b *db_in_a;
struct same same_a;
extern int array[];
extern struct same *other_unit(struct defined_in_b *b, struct private_to_both *p);
int only_in_a(struct same *s)
{
	return s->first + array[0] + !!other_unit(db_in_a, &private_a);
}

EXPORT(da);
EXPORT(db_in_a);
EXPORT(same_a);
EXPORT(private_a);
EXPORT(only_in_a);
