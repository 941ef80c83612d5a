// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dwarf/strings.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* A bit for the start of each string; how many there are. */
static uint32_t mark_starts(struct ks_dwarf_strings *s, const char *str)
{
	uint32_t nr = 0, rank = 0;

	for (size_t off = 0; off < s->len; nr++) {
		s->bits[off / 64] |= (uint64_t)1 << off % 64;
		off += strlen(str + off) + 1;
	}
	for (size_t i = 0; i <= s->len / 64; i++) {
		s->ranks[i] = rank;
		rank += (uint32_t)__builtin_popcountll(s->bits[i]);
	}
	return nr;
}

static void find_first(struct ks_dwarf_strings *s, const char *str, uint32_t *slots, uint32_t mask)
{
	uint32_t nr = 0;

	for (size_t off = 0, len; off < s->len; off += len + 1, nr++) {
		uint32_t i;

		len = strlen(str + off);
		i = (uint32_t)XXH3_64bits(str + off, len) & mask;
		while (slots[i] && strcmp(str + slots[i] - 1, str + off))
			i = (i + 1) & mask;
		if (!slots[i])
			slots[i] = (uint32_t)off + 1;
		s->first[nr] = slots[i] - 1;
	}
}

int ks_dwarf_strings_init(struct ks_dwarf_strings *s, const struct ks_dwarf *d, struct ksym_error *err)
{
	const char *str = (const char *)d->s[KS_DWARF_STR].data;
	uint32_t mask = 1023, nr = 0, *slots = NULL;
	int ret = 0;

	*s = (struct ks_dwarf_strings){ .len = d->s[KS_DWARF_STR].strings_len };
	if (s->len >= UINT32_MAX)
		return ks_error(err, -ENOTSUP, "%s: .debug_str: 4 GiB or more, not merged", d->e->path);
	s->bits = calloc(s->len / 64 + 1, sizeof(*s->bits));
	s->ranks = calloc(s->len / 64 + 1, sizeof(*s->ranks));
	if (s->bits && s->ranks)
		nr = mark_starts(s, str);
	while (mask / 2 < nr && mask < UINT32_MAX / 2)
		mask = 2 * mask + 1;
	s->first = malloc(((size_t)nr + 1) * sizeof(*s->first));
	slots = calloc((size_t)mask + 1, sizeof(*slots));
	if (s->bits && s->ranks && s->first && slots)
		find_first(s, str, slots, mask);
	else
		ret = ks_error_nomem(err);
	free(slots);
	if (ret)
		ks_dwarf_strings_free(s);
	return ret;
}

void ks_dwarf_strings_free(struct ks_dwarf_strings *s)
{
	free(s->bits);
	free(s->ranks);
	free(s->first);
	*s = (struct ks_dwarf_strings){ 0 };
}
