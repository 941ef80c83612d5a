// SPDX-License-Identifier: LGPL-2.1-or-later
/* The expanded text itself, for people to read. */
#include "versions/expander.h"

#include <stdlib.h>

struct place {
	const struct ks_expansion *x;
	uint32_t pos, ref;
};

int ks_expand_text(struct ks_expander *e, uint32_t nr,
		   int (*write)(void *arg, const char *s, size_t len), void *arg,
		   struct ksym_error *err)
{
	const struct ks_typemap *m = e->m;
	bool *seen = calloc(m->types.len + 1, 1);
	KS_VEC(struct place) stack = { 0 };
	struct place *top = ks_vec_push(&stack);
	int ret = seen && top ? 0 : ks_error_nomem(err);

	if (!ret)
		top->x = &m->symbols.data[nr];
	while (!ret && stack.len) {
		const struct ks_expansion *x;
		const struct ks_symtext_ref *ref;
		uint32_t end, pos;

		top = &stack.data[stack.len - 1];
		x = top->x;
		ref = top->ref < x->nr_refs ? &m->all_refs.data[x->first_ref + top->ref] : NULL;
		end = ref ? ref->pos : x->nr_bytes;
		pos = top->pos;
		top->pos = end;
		top->ref++;
		if (end > pos)
			ret = write(arg, m->all_bytes.data + x->first_byte + pos, end - pos);
		if (ret || !ref) {
			stack.len--;
			continue;
		}
		if (seen[ref->type] || !m->types.data[ref->type].known) {
			ret = write(arg, m->names.entries[ref->type].s, m->names.entries[ref->type].len);
			continue;
		}
		seen[ref->type] = true;
		top = ks_vec_push(&stack);
		if (!top)
			ret = ks_error_nomem(err);
		else
			top->x = &m->types.data[ref->type];
	}
	ks_vec_free(&stack);
	free(seen);
	return ret;
}
