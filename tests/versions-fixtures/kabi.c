// SPDX-License-Identifier: LGPL-2.1-or-later
/* Every rule and every form of member; without --stable all of it has to be seen as it is. */
#include "export.h"
#include "kabi-types.h"

struct plain plain;
struct reserved reserved;
struct used used;
struct renamed renamed;
struct ignored ignored;
struct lookalike lookalike;
struct outer outer;
struct outer_again outer_again;
enum fruit fruit;
enum wide wide;
struct declonly declonly;
enum declonly_enum declonly_enum;
union declonly_union declonly_union;
struct sized sized;
struct replaced_text replaced_text;
struct only_in_rules *only_in_rules;
small_int small;
plain_t typedefed;
union { unsigned long __kabi_reserved; int used; } union_variable;
union { int hidden; unsigned char __kabi_ignored; } ignored_variable;
int text_for_symbol;

int function(struct used *u, struct renamed r, int __kabi_parameter, struct inner i,
	     union { unsigned char __kabi_ignored; long l; } *in_place)
{
	return u->a + r.x2 + __kabi_parameter + i.a + !!in_place;
}

RULE("declonly", "declonly", "");
RULE("declonly", "declonly_enum", "");
RULE("declonly", "declonly_union", "the value is of no interest");
RULE("enumerator_ignore", "fruit PLUM", "");
RULE("enumerator_ignore", "fruit QUINCE", "");
RULE("enumerator_value", "fruit LAST_FRUIT", "2");
RULE("enumerator_value", "wide WIDE_A", "18446744073709551615");
RULE("enumerator_ignore", "wide NONE", "");
RULE("byte_size", "sized", "8");
RULE("byte_size", "int", "77");
RULE("byte_size", "small_int", "5");
RULE("type_string", "s#replaced_text",
     "structure_type replaced_text { member s#only_in_rules x member e#fruit y } byte_size(12)");
RULE("type_string", "s#only_in_rules", "structure_type only_in_rules { member t#'a b' } t#plain_t");
RULE("type_string", "t#'a b'", "typedef_type 'a b' { s#plain }");
RULE("type_string", "t#plain_t", "anything at all, s#plain with ss#plain and s#plain");
RULE("type_string", "text_for_symbol", "variable u#declonly_union of nothing");
/* The first of two wins. */
RULE("byte_size", "sized", "9");

EXPORT(plain);
EXPORT(reserved);
EXPORT(used);
EXPORT(renamed);
EXPORT(ignored);
EXPORT(lookalike);
EXPORT(outer);
EXPORT(outer_again);
EXPORT(fruit);
EXPORT(wide);
EXPORT(declonly);
EXPORT(declonly_enum);
EXPORT(declonly_union);
EXPORT(sized);
EXPORT(replaced_text);
EXPORT(only_in_rules);
EXPORT(small);
EXPORT(typedefed);
EXPORT(union_variable);
EXPORT(ignored_variable);
EXPORT(text_for_symbol);
EXPORT(function);
