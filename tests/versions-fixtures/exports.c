// SPDX-License-Identifier: LGPL-2.1-or-later
/* Ways to be a symbol: aliases, weak, common, assembly, declarations, no information at all.
 * list: not_there in_assembly local_only . */
#include "export.h"
#include "types.h"

/* Two names for each; the type comes by either. */
int original(int a, struct list *l)
{
	return a + (l->next == l);
}
extern int alias(int a, struct list *l) __attribute__((alias("original")));
extern int weak_alias(int a, struct list *l) __attribute__((weak, alias("original")));
struct list data_original = { 0 };
extern struct list data_alias __attribute__((alias("data_original")));
int weak_function(void) __attribute__((weak));
int weak_function(void)
{
	return 1;
}
__attribute__((weak)) long weak_data = 5;

/* Tentative, declared before being defined, declared again. */
extern int declared_first;
extern int declared_first;
int declared_first = 3;
extern int array_without_size[];
int array_without_size[5] = { 1 };
int tentative;
int tentative;
__attribute__((common)) int common_one;
__attribute__((common)) int common_two;
__attribute__((common)) short common_short;

/* Static: local symbols have a type but no address. */
static int local_only(char a)
{
	return a;
}
int (*keep)(char) = local_only;

/* Something of the same name inside a function is something else. */
int shadow(void)
{
	static char shadowed;
	extern int declared_first;

	return shadowed++ + declared_first;
}
long shadowed;

/* Inlined and with a body of its own: an abstract instance. */
__attribute__((always_inline)) inline int inlined(struct bits *b);
extern inline int inlined(struct bits *b)
{
	return b->a;
}
int user(struct bits *b)
{
	return inlined(b) + inlined(b + 1);
}
__attribute__((noinline)) int cloned(struct bits *b, int n)
{
	return b ? b->c + n : 0;
}
int clone_user(struct bits *b)
{
	return cloned(b, 3);
}

/* Of assembly, with a prototype and without. */
extern int in_assembly_typed(struct nested *n);
extern struct even data_in_assembly;
extern int array_in_assembly[];
__asm__(".pushsection .text\n"
	".globl in_assembly_typed\n.type in_assembly_typed, %function\nin_assembly_typed:\n.long 0\n"
	".globl in_assembly\nin_assembly:\n.long 0\n"
	".popsection\n"
	".pushsection .data\n"
	".globl data_in_assembly\ndata_in_assembly:\n.long 0\n"
	".globl array_in_assembly\narray_in_assembly:\n.long 0\n"
	".popsection");
/* Elsewhere. */
extern int elsewhere(struct opaque *o, enum colour);
extern struct ops ops_elsewhere;
extern int only_declared(int a);
int call(void)
{
	return only_declared(1);
}

EXPORT(original);
EXPORT(alias);
EXPORT(weak_alias);
EXPORT(data_original);
EXPORT(data_alias);
EXPORT(weak_function);
EXPORT(weak_data);
EXPORT(declared_first);
EXPORT(array_without_size);
EXPORT(tentative);
EXPORT(common_one);
EXPORT(common_two);
EXPORT(common_short);
EXPORT(shadow);
EXPORT(shadowed);
EXPORT(inlined);
EXPORT(user);
EXPORT(cloned);
EXPORT_TYPED(in_assembly_typed);
EXPORT_TYPED(data_in_assembly);
EXPORT_TYPED(array_in_assembly);
EXPORT_TYPED(elsewhere);
EXPORT_TYPED(ops_elsewhere);
EXPORT(only_declared);
EXPORT(call);
