// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * roundtrip FILE: every symbol of an index or image, by every way to it.
 *
 * For each symbol: its identity leads to it and, unless ksym_index_check() says
 * otherwise, to nothing else; its name leads to it; each of its bytes leads to it or to
 * a symbol that covers that byte as well.  Prints the first failures and a count.
 */
#include <ksym/ksym.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int nr_bad;

static void bad(const struct ksym_symbol *s, const char *what)
{
	if (nr_bad++ < 20)
		printf("%016llx %s: %s\n", (unsigned long long)s->va, s->name, what);
}

static void note_ambiguous(void *arg, const struct ksym_symbol *s, enum ksym_ambiguity why)
{
	(void)why;
	((char *)arg)[s->index] = 1;
}

static void try_identity(const struct ksym_index *idx, const struct ksym_symbol *s, bool ambiguous)
{
	static struct ksym_match m[4096];
	char identity[16384];
	int n;

	ksym_symbol_format(idx, s, KSYM_FORMAT_IDENTITY, identity, sizeof(identity));
	n = ksym_index_find(idx, identity, m, 4096, NULL);
	/* Without a suffix the name alone may fit others, which carry one. */
	for (int i = 0; i < n && i < 4096; i++) {
		struct ksym_symbol other;
		char text[16384];

		if (m[i].symbol == s->index) {
			struct ksym_symbol nth;

			if (!ksym_index_named(idx, s->name, s->name_len, m[i].sympos - 1, &nth) ||
			    nth.index != s->index)
				bad(s, "its name and sympos lead elsewhere");
			n = -n;
			break;
		}
		ksym_index_symbol(idx, m[i].symbol, &other);
		ksym_symbol_format(idx, &other, KSYM_FORMAT_IDENTITY, text, sizeof(text));
		if (!strcmp(text, identity) && !ambiguous)
			bad(s, "another symbol has its identity");
	}
	if (n >= 0)
		bad(s, "its identity does not lead to it");
}

static void try_address(const struct ksym_index *idx, const struct ksym_symbol *s)
{
	uint64_t offs[] = { 0, s->len / 2, s->len ? s->len - 1 : 0 };
	struct ksym_symbol at;

	for (size_t i = 0; i < sizeof(offs) / sizeof(*offs); i++) {
		uint64_t va = s->va + offs[i];

		if (!ksym_index_at(idx, va, &at))
			bad(s, "nothing is at its address");
		else if (at.index != s->index && at.len && va - at.va >= at.len && s->len)
			bad(s, "another symbol that does not cover it is at its address");
		else if (!at.len && s->len && at.va < s->va)
			bad(s, "a label before it was given");
		else if (at.va > va)
			bad(s, "a symbol behind its address was given");
	}
}

int main(int argc, char **argv)
{
	struct ksym_check_result r = { .size = sizeof(r) };
	struct ksym_index_info info = { .size = sizeof(info) };
	struct ksym_index *idx;
	struct ksym_error err;
	struct ksym_symbol s;
	char *ambiguous;

	if (argc != 2 || ksym_index_load(argv[1], NULL, &idx, &err)) {
		fprintf(stderr, "roundtrip: %s\n", argc == 2 ? err.text : "expected FILE");
		return 2;
	}
	ksym_index_info(idx, &info);
	ambiguous = calloc(info.nr_symbols + 1, 1);
	if (!ambiguous || ksym_index_check(idx, note_ambiguous, ambiguous, &r, &err))
		return 2;
	for (uint32_t i = 0; ksym_index_symbol(idx, i, &s); i++) {
		try_identity(idx, &s, ambiguous[i]);
		try_address(idx, &s);
	}
	printf("%u symbols, %u failures\n", info.nr_symbols, nr_bad);
	free(ambiguous);
	ksym_index_close(idx);
	return nr_bad ? 1 : 0;
}
