/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What two-a.c and two-b.c have in common, or make of the same words. */
#ifndef KEEP
#define KEEP __attribute__((noinline))
#endif

struct same { int x; struct same *next; };
struct by_pointer { struct differs *d; };
struct by_value { struct differs d[2]; };
struct by_function { int (*f)(struct differs *); };
struct by_name { differs_t t; };
struct by_nameless { struct { struct differs *d; } in; };
struct by_tail { struct by_pointer *p; struct by_tail *next; };
struct chain { struct chain *next; struct half *h; };

static inline int inlined(struct same *s) { return s->x; }
