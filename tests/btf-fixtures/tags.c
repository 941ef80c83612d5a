// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tags of declarations and of types, which clang knows. */
#define DT(tag) __attribute__((btf_decl_tag(#tag)))
#define TT(tag) __attribute__((btf_type_tag(#tag)))

struct DT(whole) DT(whole_too) tagged {
	int a DT(first) DT(first_too);
	int b;
	struct { int c DT(inner); };
	int d DT(last);
	int TT(user) *p;
	int TT(outer) TT(inner) *two;
	int TT(user) *TT(rcu) *pointers;
} tagged_;
/*= struct struct tagged { 40: int a @0; int b @32; struct { 4: int c @0; } @64; int d @96; tag(user) int *p @128; tag(inner) tag(outer) int *two @192; tag(user) int *tag(rcu) *pointers @256; } */
/*1= tag whole -1 on struct tagged ... */
/*1= tag whole_too -1 on struct tagged ... */
/*1= tag first 0 on struct tagged ... */
/*1= tag first_too 0 on struct tagged ... */
/*1= tag inner 0 on struct { 4: int c @0; } */
/*1= tag last 3 on struct tagged ... */

union DT(united) numbers { int a; char b DT(byte); } numbers_;
/*1= tag united -1 on union numbers ... */
/*1= tag byte 1 on union numbers ... */
typedef int named DT(name); named named_; /*1= tag name -1 on int named */
int variable DT(variable_tag) = 1; /*1= tag variable_tag -1 on variable */
static int hidden DT(hidden_tag) = 2; /*1= tag hidden_tag -1 on hidden */

void TT(percpu) *to_void; /*= var global tag(percpu) void *to_void .bss * 8 */
const char TT(user) *to_const; /*= var global tag(user) const char *to_const .bss * 8 */
void TT(user) *TT(kernel) *to_pointer; /*= var global tag(user) void *tag(kernel) *to_pointer .bss * 8 */
typedef int TT(user) *user_int; user_int user_int_; /*= typedef tag(user) int *user_int */

DT(function_tag) DT(function_too) __attribute__((noinline))
int function(int a DT(argument), int b, int TT(user) *c DT(third))
{
	return a + b + *c + hidden++;
}
/*= func int function(int a, int b, tag(user) int *c) static */
/*1= tag function_tag -1 on int function(int a, int b, tag(user) int *c) static */
/*1= tag function_too -1 on int function(int a, int b, tag(user) int *c) static */
/*1= tag argument 0 on int function(int a, int b, tag(user) int *c) static */
/*1= tag third 2 on int function(int a, int b, tag(user) int *c) static */

int use(void)
{
	return function(1, 2, &variable);
}
