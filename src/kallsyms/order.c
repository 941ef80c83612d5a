// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which symbols of the map are listed, and in which order. */
#include "kallsyms/kallsyms.h"

#include <stdlib.h>
#include <string.h>

static bool in_range(const struct ks_kallsyms *k, unsigned int range, uint64_t va)
{
	return va >= k->range_start[range] && va <= k->range_end[range];
}

static bool is_listed(const struct ks_kallsyms *k, const struct ks_kasym *s)
{
	if (k->opts->all_symbols)
		return true;
	if (k->opts->generation != KSYM_KALLSYMS_6_1 &&
	    (!strncmp(s->name, "__start_", 8) || !strncmp(s->name, "__stop_", 7)))
		return true;
	if (!in_range(k, 0, s->va) && !in_range(k, 1, s->va))
		return false;
	/* What shares its address with the end of code can move between passes. */
	return !(s->va == k->range_end[0] && strcmp(s->name, "_etext")) &&
	       !(s->va == k->range_end[1] && strcmp(s->name, "_einittext"));
}

static bool may_be_linker_provided(const struct ks_kasym *s)
{
	const char *n = s->name;
	uint32_t len = s->name_len;

	if (len < 8 || n[0] != '_' || n[1] != '_')
		return false;
	return !memcmp(n + 2, "start_", 6) || !memcmp(n + 2, "stop_", 5) ||
	       !memcmp(n + 2, "end_", 4) || !memcmp(n + len - 6, "_start", 6) ||
	       !memcmp(n + len - 4, "_end", 4);
}

static int compare_symbols(const void *pa, const void *pb)
{
	const struct ks_kasym *a = pa, *b = pb;
	bool wa, wb;
	size_t ua, ub;

	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	wa = a->type == 'w' || a->type == 'W';
	wb = b->type == 'w' || b->type == 'W';
	if (wa != wb)
		return wa - wb;
	wa = may_be_linker_provided(a);
	wb = may_be_linker_provided(b);
	if (wa != wb)
		return wa - wb;
	ua = strspn(a->name, "_");
	ub = strspn(b->name, "_");
	if (ua != ub)
		return ua < ub ? -1 : 1;
	return a->seq < b->seq ? -1 : 1;
}

/* `nm -n` has sorted them by address: only those that share one are left to sort. */
static void sort_symbols(struct ks_kallsyms *k)
{
	struct ks_kasym *s = k->syms.data;
	size_t n = k->syms.len;

	for (size_t i = 1; i < n; i++) {
		if (s[i].va < s[i - 1].va) {
			qsort(s, n, sizeof(*s), compare_symbols);
			return;
		}
	}
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && s[j].va == s[i].va; j++)
			;
		if (j - i > 1)
			qsort(s + i, j - i, sizeof(*s), compare_symbols);
	}
}

int ks_kallsyms_order(struct ks_kallsyms *k)
{
	size_t n = 0;

	for (size_t i = 0; i < k->syms.len; i++)
		if (is_listed(k, &k->syms.data[i]))
			k->syms.data[n++] = k->syms.data[i];
	k->syms.len = n;
	if (!n && k->opts->generation == KSYM_KALLSYMS_6_1)
		return ks_error(k->err, -EBADMSG, "%s: expected a symbol to list, found none",
				k->path);
	for (size_t i = 0; i < n && k->opts->absolute_percpu; i++) {
		if (in_range(k, 2, k->syms.data[i].va)) {
			k->syms.data[i].type = 'A';
			k->syms.data[i].absolute = true;
		}
	}
	sort_symbols(k);
	for (size_t i = 0; i < n; i++) {
		if (!k->syms.data[i].absolute) {
			k->relative_base = k->syms.data[i].va;
			break;
		}
	}
	for (size_t i = 0; i < n; i++)
		k->syms.data[i].seq = (uint32_t)i;
	return 0;
}

/* ---------------------------------------------------------------- by name */

struct name_key {
	uint64_t prefix;	/* eight bytes, as a number that sorts like them */
	const char *rest;	/* what follows those */
	uint32_t seq;
};

/* With link-time optimisation, clang's suffix counts for nothing. */
static const char *sort_name(struct ks_kallsyms *k, const struct ks_kasym *s)
{
	const char *cut = k->opts->lto_clang && memchr(s->name, '.', s->name_len)
				  ? strstr(s->name, ".llvm.") : NULL;

	return cut ? ks_arena_strdup(&k->arena, s->name, (size_t)(cut - s->name)) : s->name;
}

/* Equal names by address: that is how the table is sorted already. */
static int compare_names(const void *pa, const void *pb)
{
	const struct name_key *a = pa, *b = pb;
	int c;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	c = strcmp(a->rest, b->rest);
	if (c)
		return c;
	return a->seq < b->seq ? -1 : 1;
}

uint32_t *ks_kallsyms_name_order(const struct ks_kallsyms *k)
{
	struct ks_kallsyms scratch = { .opts = k->opts };
	size_t n = k->syms.len;
	struct name_key *keys = malloc((n + 1) * sizeof(*keys));
	uint32_t *order = malloc((n + 1) * sizeof(*order));
	bool ok = keys && order;

	for (size_t i = 0; i < n && ok; i++) {
		const char *name = sort_name(&scratch, &k->syms.data[i]);
		uint64_t prefix = 0;
		unsigned int b = 0;

		ok = name != NULL;
		for (; ok && b < 8 && name[b]; b++)
			prefix |= (uint64_t)(unsigned char)name[b] << (56 - 8 * b);
		if (ok)
			keys[i] = (struct name_key){ prefix, name + b, (uint32_t)i };
	}
	if (ok) {
		qsort(keys, n, sizeof(*keys), compare_names);
		for (size_t i = 0; i < n; i++)
			order[i] = keys[i].seq;
	} else {
		free(order);
		order = NULL;
	}
	free(keys);
	ks_arena_free(&scratch.arena);
	return order;
}
