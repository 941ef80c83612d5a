// SPDX-License-Identifier: LGPL-2.1-or-later
/* The other of two units (two-a.c). */
#include "export.h"
#define SAME int first; long in_b; struct defined_in_b *b
#define DEFINED_IN_A struct defined_in_a
#define DEFINED_IN_B struct defined_in_b { struct defined_in_a *l; enum shared e; int n; }
#include "two.h"

struct private_to_both { int a_of_b; long second; };
struct private_to_both private_b;
struct defined_in_b db;
struct defined_in_a *da_in_b;
struct same same_b;
int array[6];
struct same *other_unit(struct defined_in_b *b, struct private_to_both *p)
{
	return b->n == p->a_of_b ? &same_b : 0;
}
int only_in_b(struct same *s, struct list *l)
{
	return s->first && l;
}

EXPORT(db);
EXPORT(da_in_b);
EXPORT(same_b);
EXPORT(private_b);
EXPORT(array);
EXPORT(other_unit);
EXPORT(only_in_b);
