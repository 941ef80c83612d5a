// SPDX-License-Identifier: LGPL-2.1-or-later
/* Functions with bodies: blocks, inlined calls and call sites have parameters, too. */
#include "export.h"
#include "types.h"

extern int elsewhere(int, struct list *);

static inline int inner(struct list *first, enum colour second, long third)
{
	int n = 0;

	for (struct list *l = first; l; l = l->next) {
		struct local { int a; } local = { elsewhere(n, l) };

		n += local.a + (int)third + (int)second;
	}
	return n;
}

int with_block(struct list *l)
{
	int n = 0;

	for (int i = 0; i < 10; i++) {
		int twice = elsewhere(i, l);

		n += twice * twice;
		{
			struct nested deeper = { .first = twice };

			n += elsewhere(deeper.first, l->next);
		}
	}
	return n;
}
int after_block(char a, short b)
{
	return a + b;
}
int with_inlined(struct even *e)
{
	return inner(&e->list, GREEN, 5) + inner(e->list.next, RED, e->inside.n);
}
int after_inlined(struct bits *a, union number b)
{
	return a->c + b.i;
}
long last(struct list *l)
{
	return inner(l, BLUE, 1);
}

/* A function type that is reached again while its second parameter is being looked at. */
struct device;
struct request;
typedef int handler(struct device *, struct request *, struct list *);
struct device {
	handler *handle;
	struct request *current;
};
struct request {
	struct device *owner;
	handler *done;
	int (*other)(struct request *, struct device *, handler *);
};
handler *get_handler(struct request *r, handler *h)
{
	return r ? r->done : h;
}
int (*recursive)(handler *, struct device *, int (*)(handler *, struct device *));

EXPORT(with_block);
EXPORT(after_block);
EXPORT(with_inlined);
EXPORT(after_inlined);
EXPORT(last);
EXPORT(get_handler);
EXPORT(recursive);
