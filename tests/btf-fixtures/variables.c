// SPDX-License-Identifier: LGPL-2.1-or-later
/* Variables: where they are, and which have no place.  Linked with variables.lds. */
#define PERCPU __attribute__((section(".data..percpu")))
#define INIT __attribute__((section(".init.data")))

int initialised = 1; /*1= var global int initialised * * 4 */
int zeroed; /*1= var global int zeroed * * 4 */
const int constant = 3; /*1= var global const int constant * * 4 */
static int hidden = 4; /*1= var static int hidden * * 4 */
static const char *const table[] = { "a", "b" }; /*1=[64] var static const char *const table[2] * * 16 */
char text[] = "text"; /*1= var global char text[5] * * 5 */
void (*function)(void) = 0; /*1=[64] var global void (*function)(void) * * 8 */
volatile struct pair { long a, b; } pair = { 1, 2 }; /*1=[64] var global volatile struct pair pair * * 16 */
struct { int nameless; } nameless = { 1 }; /*1= var global struct { 4: int nameless @0; } nameless * * 4 */
int elsewhere INIT = 5; /*1= var global int elsewhere .init.data 0x0 4 */
/*1= datasec .init.data */
/*1= datasec .data..percpu */

/* What BTF has no word for goes without it. */
_Atomic int atomic = 1; /*1= var global int atomic * * 4 */
struct complex { char c; _Complex float f; } complex; /*=[gcc] struct struct complex { 12: char c @0; complex float f @32; } */

/* The declaration does not know how many there are. */
extern int declared[];
int declared[] = { 1, 2, 3 }; /*1= var global int declared[3] * * 12 */

/* A size that is more than that of the type. */
struct ends { int n; char data[]; } ends = { 1, "more" }; /*1= var global struct ends ends * * 4 */

/* Per CPU: by offset in the section, which begins at 0 in the linked image. */
long percpu_first PERCPU = 1; /*1=[64] var global long percpu_first .data..percpu * 8 */
static int percpu_second PERCPU = 2; /*1=[64] var static int percpu_second .data..percpu * 4 */

/* Those without a place, or with nothing there. */
extern int only_declared; /*! var global int only_declared */ /*! var extern */
__thread int thread = 1; /*! var global int thread */
struct { } empty; /*! var global struct { 0: } empty */
int nobody[0]; /*! var global int nobody */
#ifdef __x86_64__
register unsigned long stack_pointer asm("rsp"); /*! var global unsigned long stack_pointer */
#endif

/* Aliases are no variables of their own: what is at a place is said once. */
extern int alias __attribute__((alias("initialised"))); /*! var global int alias */

int *use(int n)
{
	static int counter = 1; /*1= var static int counter * * 4 */
	static int percpu_local PERCPU = 3; /*1=[64] var static int percpu_local .data..percpu * 4 */
	int on_stack = n; /*! var static int on_stack */

	counter += on_stack + hidden + only_declared + percpu_second;
	if (n) {
		static long counter = 2; /*1=[64] var static long counter * * 8 */

		counter += n + table[n][0];
		return (int *)&counter;
	}
	return n > 7 ? &percpu_local : &counter;
}
