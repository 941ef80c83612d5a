// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Causes and what follows from them.  When struct a grows, members of struct b that come
 * after a member of that type move, and b grows, which nobody wrote.  A type of which
 * nothing else changed, and which contains one that has another size now, follows from it.
 */
#include "versions/diff.h"

#define MAX_STEPS 1000

/* Nothing but places changed. */
static bool only_places(const struct ksym_diff *d, const struct ks_diff_cause *cause)
{
	for (uint32_t i = 0; i < cause->nr_changes; i++) {
		enum ksym_diff_kind kind = d->changes.data[cause->first_change + i].kind;

		if (kind != KSYM_DIFF_MEMBER_MOVED && kind != KSYM_DIFF_SIZE)
			return false;
	}
	return cause->nr_changes;
}

/* Is what node @n refers to a part of the type, not pointed to? */
static bool is_part(const struct ks_symtree *t, uint32_t n)
{
	for (uint32_t i = t->nodes.data[n].parent; i != KS_SYMTREE_NONE; i = t->nodes.data[i].parent)
		switch (t->nodes.data[i].kind) {
		case KS_KIND_POINTER:
		case KS_KIND_REFERENCE:
		case KS_KIND_RVALUE_REFERENCE:
		case KS_KIND_FUNCTION:
		case KS_KIND_SUBROUTINE:
			return false;
		}
	return true;
}

/* The cause among the type that reference @n is to and the targets of typedefs. */
static uint32_t cause_of(struct ks_diff_pair *p, struct ks_diff_node n, int *ret)
{
	for (int i = 0; i < MAX_STEPS; i++) {
		const struct ks_symtree_node *x = ks_diff_at(n);
		uint32_t nr;

		if (x->kind == KS_SYMTREE_REF) {
			nr = ks_strpool_find(&p->u[0]->st.map.names, n.t->text + x->name, x->name_len);
			if (nr == KS_STRPOOL_NONE)
				return KS_DIFF_NONE;
			if (p->cause[nr] != KS_DIFF_NONE)
				return p->local.data[p->cause[nr]];
			n.t = ks_diff_tree(p->u[0], nr, ret);
			n.n = 0;
			if (!n.t || ks_diff_at(n)->kind != KS_KIND_TYPEDEF)
				return KS_DIFF_NONE;
			x = ks_diff_at(n);
		}
		if (x->type == KS_SYMTREE_NONE)
			return KS_DIFF_NONE;
		n.n = x->type;
	}
	return KS_DIFF_NONE;
}

/* Has what reference @n is to another size in the new unit? */
static bool other_size(struct ks_diff_compare *c, struct ks_diff_node n)
{
	struct ks_diff_pair *p = c->p;
	const struct ks_symtree_node *x = ks_diff_at(n);
	uint32_t nr = ks_strpool_find(&p->u[0]->st.map.names, n.t->text + x->name, x->name_len);
	struct ks_diff_node to = { 0 };
	int ret;

	if (nr == KS_STRPOOL_NONE || p->peer[0][nr] == KS_DIFF_NONE)
		return false;
	to.t = ks_diff_tree(p->u[1], p->peer[0][nr], &ret);
	c->failed |= ret != 0;
	return to.t && ks_diff_bits(c, 0, n) != ks_diff_bits(c, 1, to);
}

int ks_diff_pair_follow(struct ksym_diff *d, struct ks_diff_pair *p, struct ksym_error *err)
{
	struct ks_diff_compare c = { .d = d, .p = p, .err = err };
	int ret = 0;

	for (size_t i = 0; i < p->local.len; i++) {
		struct ks_diff_cause *cause = &d->causes.data[p->local.data[i]];
		const struct ks_symtree *t;

		if (cause->because.len || !only_places(d, cause))
			continue;
		t = ks_diff_tree(p->u[0], p->types.data[i], &ret);
		for (uint32_t n = 0; t && n < t->nodes.len; n++) {
			struct ks_diff_node node = { t, n };
			uint32_t by, *slot;

			if (t->nodes.data[n].kind != KS_SYMTREE_REF || !is_part(t, n) ||
			    !other_size(&c, node))
				continue;
			by = cause_of(p, node, &ret);
			if (by == KS_DIFF_NONE || by == p->local.data[i])
				continue;
			slot = ks_vec_push(&cause->because);
			if (!slot)
				return ks_error_nomem(err);
			*slot = by;
		}
		if (ret || c.failed)
			return ks_error_nomem(err);
		cause->follows = cause->because.len;
	}
	return 0;
}

/* ------------------------------------------------------------------- roots */

struct search {
	struct ksym_diff *d;
	uint32_t *seen;			/* number of the last search + 1 */
	KS_VEC(uint32_t) queue;
	struct ksym_error *err;
};

static int push(struct search *s, uint32_t cause, uint32_t stamp)
{
	uint32_t *slot;

	if (s->seen[cause] == stamp)
		return 0;
	s->seen[cause] = stamp;
	slot = ks_vec_push(&s->queue);
	if (!slot)
		return ks_error_nomem(s->err);
	*slot = cause;
	return 0;
}

/* Put @nr among what follows from each cause at the end of its chains. */
static int find_roots(struct search *s, uint32_t nr)
{
	struct ksym_diff *d = s->d;
	bool found = false;
	int ret;

	s->queue.len = 0;
	ret = push(s, nr, nr + 1);
	for (size_t i = 0; i < s->queue.len && !ret; i++) {
		struct ks_diff_cause *cause = &d->causes.data[s->queue.data[i]];
		uint32_t *slot;

		for (size_t b = 0; b < cause->because.len && !ret; b++)
			ret = push(s, cause->because.data[b], nr + 1);
		if (ret || cause->follows)
			continue;
		slot = ks_vec_push(&cause->follow);
		if (!slot)
			return ks_error_nomem(s->err);
		*slot = nr;
		found = true;
		if (d->causes.data[nr].how > cause->worst)
			cause->worst = d->causes.data[nr].how;
	}
	/* A circle of types that contain each other, which only nonsense can be. */
	if (!ret && !found)
		d->causes.data[nr].because.len = 0;
	return ret;
}

int ks_diff_follow(struct ksym_diff *d, struct ksym_error *err)
{
	struct search s = { .d = d, .err = err };
	int ret = 0;

	s.seen = calloc(d->causes.len + 1, sizeof(*s.seen));
	if (!s.seen)
		return ks_error_nomem(err);
	for (uint32_t i = 0; i < d->causes.len; i++)
		d->causes.data[i].worst = d->causes.data[i].how;
	for (uint32_t i = 0; i < d->causes.len && !ret; i++)
		if (d->causes.data[i].follows)
			ret = find_roots(&s, i);
	for (uint32_t i = 0; i < d->causes.len; i++)
		d->causes.data[i].follows = d->causes.data[i].because.len;
	free(s.seen);
	ks_vec_free(&s.queue);
	return ret;
}
