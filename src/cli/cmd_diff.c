// SPDX-License-Identifier: LGPL-2.1-or-later
#include "diff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FEW 6			/* names in a line */
#define TOP 10			/* causes in a summary */

uint32_t diff_find_symbol(const struct ksym_diff *d, const char *name)
{
	struct ksym_diff_symbol s;
	uint32_t low = 0, high = 0;

	while (ksym_diff_symbol(d, high, &s))
		high = high * 2 + 1;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int cmp = ksym_diff_symbol(d, mid, &s) ? strcmp(s.name, name) : 1;

		if (!cmp)
			return mid;
		if (cmp < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return UINT32_MAX;
}

/* ------------------------------------------------------------------- pieces */

static void put(const char *s)
{
	for (; *s; s++)
		putchar((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
}

static void print_type(const char *kind, const char *name)
{
	if (*kind)
		printf("%s ", kind);
	put(name);
}

static void print_name(const struct ksym_diff_cause *c)
{
	print_type(c->kind, c->name);
	if (strcmp(c->name, c->new_name) || strcmp(c->kind, c->new_kind)) {
		printf(" -> ");
		print_type(c->new_kind, c->new_name);
	}
}

static void print_len(const struct ksym_diff_cause *c)
{
	if (c->old_len != UINT64_MAX && c->new_len != UINT64_MAX && c->old_len != c->new_len)
		printf(" (size %" PRIu64 " -> %" PRIu64 ")", c->old_len, c->new_len);
}

/* Bits as bytes, where they are whole ones. */
static void print_bits(uint64_t bits)
{
	if (bits % 8)
		printf("%" PRIu64 " bit %" PRIu64, bits / 8, bits % 8);
	else
		printf("%" PRIu64, bits / 8);
}

/* An alignment of 0 is none that the source asks for. */
static void print_bits_or_none(enum ksym_diff_kind kind, uint64_t bits)
{
	if (kind == KSYM_DIFF_ALIGNMENT && !bits)
		printf("none");
	else
		print_bits(bits);
}

static void print_size(uint64_t bits)
{
	if (bits == KSYM_DIFF_NOWHERE)
		return;
	if (bits % 8)
		printf(", %" PRIu64 " bits", bits);
	else
		printf(", %" PRIu64 " byte%s", bits / 8, bits == 8 ? "" : "s");
}

static void print_place(uint64_t at, uint64_t bits)
{
	if (at != KSYM_DIFF_NOWHERE) {
		printf(" at ");
		print_bits(at);
	}
	print_size(bits);
}

static void print_texts(const struct ksym_diff_change *c)
{
	printf(": ");
	put(c->old_text && *c->old_text ? c->old_text : "-");
	printf(" -> ");
	put(c->new_text && *c->new_text ? c->new_text : "-");
}

static void print_sizes(uint64_t old_bits, uint64_t new_bits)
{
	if (old_bits == new_bits || old_bits == KSYM_DIFF_NOWHERE || new_bits == KSYM_DIFF_NOWHERE)
		return;
	printf(", size ");
	print_bits(old_bits);
	printf(" -> ");
	print_bits(new_bits);
}

static void print_where(const struct ksym_diff_change *c)
{
	if (!*c->where)
		return;
	putchar(' ');
	put(c->where);
	if (c->last) {
		printf(" ... ");
		put(c->last);
		printf(" (%" PRIu32 ")", c->nr);
	}
	if (c->becomes) {
		printf(" -> ");
		put(c->becomes);
	}
}

static void print_change(const struct ksym_diff_change *c)
{
	printf("    %s", ksym_diff_kind_name(c->kind));
	print_where(c);
	switch (c->kind) {
	case KSYM_DIFF_MEMBER_ADDED:
	case KSYM_DIFF_PARAMETER_ADDED:
		printf(": ");
		put(c->new_text);
		if (c->kind == KSYM_DIFF_MEMBER_ADDED)
			print_place(c->new_at, c->new_bits);
		break;
	case KSYM_DIFF_MEMBER_REMOVED:
	case KSYM_DIFF_PARAMETER_REMOVED:
		printf(": ");
		put(c->old_text);
		if (c->kind == KSYM_DIFF_MEMBER_REMOVED)
			print_place(c->old_at, c->old_bits);
		break;
	case KSYM_DIFF_MEMBER_MOVED:
		printf(": offset ");
		print_bits(c->old_at);
		printf(" -> ");
		print_bits(c->new_at);
		break;
	case KSYM_DIFF_BIT_FIELD:
		print_texts(c);
		printf(", %" PRIu64 " -> %" PRIu64 " bits", c->old_bits, c->new_bits);
		break;
	case KSYM_DIFF_SIZE:
	case KSYM_DIFF_ALIGNMENT:
		printf(": ");
		print_bits_or_none(c->kind, c->old_bits);
		printf(" -> ");
		print_bits_or_none(c->kind, c->new_bits);
		break;
	case KSYM_DIFF_MEMBER_RENAMED:
	case KSYM_DIFF_TYPE_RENAMED:
	case KSYM_DIFF_ENUMERATOR_RENAMED:
	case KSYM_DIFF_PARAMETER_RENAMED:
		break;
	case KSYM_DIFF_ENUMERATOR_RENUMBERED:
		printf(": %" PRId64 " -> %" PRId64, (int64_t)c->old_at, (int64_t)c->new_at);
		break;
	case KSYM_DIFF_ENUMERATOR_ADDED:
		printf(" = %" PRId64, (int64_t)c->new_at);
		break;
	case KSYM_DIFF_ENUMERATOR_REMOVED:
		printf(" = %" PRId64, (int64_t)c->old_at);
		break;
	default:
		if (c->old_text || c->new_text)
			print_texts(c);
		if (c->kind == KSYM_DIFF_MEMBER_RETYPED && c->old_at == c->new_at)
			print_place(c->old_at, KSYM_DIFF_NOWHERE);
		print_sizes(c->old_bits, c->new_bits);
	}
	printf(" [%s%s", ksym_diff_class_name(c->how), c->note ? ": " : "");
	put(c->note ? c->note : "");
	printf("]\n");
}

static void print_follow(const struct ksym_diff *d, uint32_t cause, const struct ksym_diff_cause *c,
			 bool all)
{
	struct ksym_diff_cause f;

	for (uint32_t i = 0; i < c->nr_follow; i++) {
		if (!ksym_diff_cause(d, ksym_diff_follow(d, cause, i), &f))
			continue;
		if (i == FEW && !all) {
			printf(" and %" PRIu32 " more", c->nr_follow - i);
			break;
		}
		printf(i ? ", " : "    follows from it: ");
		print_name(&f);
		print_len(&f);
	}
	if (c->nr_follow)
		putchar('\n');
}

static void print_symbols(const struct ksym_diff *d, uint32_t cause, const struct ksym_diff_cause *c,
			  bool all)
{
	struct ksym_diff_symbol s;
	uint32_t nr = 0;

	if (!*c->kind)
		return;
	printf("    changes");
	for (uint32_t i = 0; (i = ksym_diff_next_symbol(d, cause, i)) != UINT32_MAX; i++) {
		if (nr == FEW && !all) {
			printf(" and %" PRIu32 " more", c->nr_symbols - nr);
			break;
		}
		if (!ksym_diff_symbol(d, i, &s))
			break;
		printf(nr ? ", " : " ");
		put(s.name);
		nr++;
	}
	putchar('\n');
}

static void print_headline(const struct ksym_diff_cause *c)
{
	print_name(c);
	print_len(c);
	printf(": %s", ksym_diff_class_name(c->worst));
	if (*c->kind) {
		printf(", %" PRIu32 " symbol%s", c->nr_symbols, c->nr_symbols == 1 ? "" : "s");
		if (c->nr_alone)
			printf(", %" PRIu32 " by this alone", c->nr_alone);
	}
	putchar('\n');
}

static void print_changes(const struct ksym_diff *d, uint32_t cause)
{
	struct ksym_diff_change change;

	for (uint32_t i = 0; ksym_diff_change(d, cause, i, &change); i++)
		print_change(&change);
}

/* -------------------------------------------------------------------- whole */

static void print_lone(const struct ksym_diff *d, enum ksym_diff_state state, const char *what,
		       uint32_t total, bool all)
{
	struct ksym_diff_symbol s;
	uint32_t nr = 0;

	if (!total)
		return;
	printf("%s:", what);
	for (uint32_t i = 0; ksym_diff_symbol(d, i, &s); i++) {
		if (s.state != state)
			continue;
		if (nr == 4 * FEW && !all) {
			printf(" and %" PRIu32 " more", total - nr);
			break;
		}
		printf(nr++ ? ", " : " ");
		put(s.name);
	}
	printf("\n\n");
}

static void print_totals(const struct ksym_diff_summary *s)
{
	printf("%" PRIu32 " symbols before, %" PRIu32 " after: %" PRIu32 " changed, %" PRIu32
	       " added, %" PRIu32 " removed\n", s->nr_old, s->nr_new, s->nr_changed, s->nr_added,
	       s->nr_removed);
	if (s->nr_causes)
		printf("of those changed %" PRIu32 " are incompatible, %" PRIu32 " depend on use, %"
		       PRIu32 " are compatible in fact; %" PRIu32 " causes\n",
		       s->nr_incompatible, s->nr_depends, s->nr_compatible, s->nr_causes);
}

static void print_crcs(const struct ksym_diff_symbol *s)
{
	printf(": 0x%08" PRIx32 " -> 0x%08" PRIx32, s->old_crc, s->new_crc);
}

/* Symbols that changed, but no types are there to tell why. */
static void print_unexplained(const struct ksym_diff *d)
{
	struct ksym_diff_symbol s;

	for (uint32_t i = 0; ksym_diff_symbol(d, i, &s); i++) {
		if (s.state != KSYM_DIFF_CHANGED || s.nr_causes)
			continue;
		put(s.name);
		print_crcs(&s);
		putchar('\n');
	}
}

static void print_all(const struct ksym_diff *d, const struct ksym_diff_summary *s, bool all)
{
	struct ksym_diff_cause c;

	print_totals(s);
	putchar('\n');
	print_lone(d, KSYM_DIFF_ADDED, "added", s->nr_added, all);
	print_lone(d, KSYM_DIFF_REMOVED, "removed", s->nr_removed, all);
	for (uint32_t i = 0; ksym_diff_cause(d, i, &c) && !c.follows; i++) {
		print_headline(&c);
		print_changes(d, i);
		print_follow(d, i, &c, all);
		print_symbols(d, i, &c, all);
		putchar('\n');
	}
	print_unexplained(d);
}

static void print_summary(const struct ksym_diff *d, const struct ksym_diff_summary *s)
{
	struct ksym_diff_cause c;

	print_totals(s);
	for (uint32_t i = 0; i < TOP && ksym_diff_cause(d, i, &c) && !c.follows; i++) {
		printf(i ? "  " : "the largest:\n  ");
		print_headline(&c);
	}
}

/* --------------------------------------------------------------- one symbol */

static int print_step(void *arg, const struct ksym_diff_step *step)
{
	(void)arg;
	printf("    -> ");
	put(step->through);
	printf("%s", *step->through ? ": " : "");
	print_type(step->kind, step->name);
	putchar('\n');
	return 0;
}

/* A cause of a symbol, and how far it is. */
struct near_cause {
	uint32_t cause, steps;
};

static int count_step(void *arg, const struct ksym_diff_step *step)
{
	(void)step;
	++*(uint32_t *)arg;
	return 0;
}

static int by_steps(const void *a, const void *b)
{
	const struct near_cause *x = a, *y = b;

	if (x->steps != y->steps)
		return x->steps < y->steps ? -1 : 1;
	return x->cause < y->cause ? -1 : 1;
}

/* The causes of a symbol, nearest first; an exit status. */
static int near_causes(const struct ksym_diff *d, uint32_t symbol, uint32_t nr,
		       struct near_cause **out, uint32_t *found)
{
	struct near_cause *v = calloc((size_t)nr + 1, sizeof(*v));
	struct ksym_diff_cause c;
	struct ksym_error err;

	*out = v;
	*found = 0;
	for (uint32_t i = 0; v && *found < nr && ksym_diff_cause(d, i, &c) && !c.follows; i++) {
		if (ksym_diff_next_symbol(d, i, symbol) != symbol)
			continue;
		v[*found].cause = i;
		if (ksym_diff_path(d, symbol, i, count_step, &v[*found].steps, &err))
			return cli_fail(&err);
		++*found;
	}
	if (v)
		qsort(v, *found, sizeof(*v), by_steps);
	return v ? CLI_OK : CLI_SYSTEM;
}

static int print_causes_of(const struct ksym_diff *d, uint32_t symbol, uint32_t nr)
{
	struct near_cause *v;
	struct ksym_diff_cause c;
	struct ksym_error err;
	int status = near_causes(d, symbol, nr, &v, &nr);

	for (uint32_t i = 0; i < nr && !status && ksym_diff_cause(d, v[i].cause, &c); i++) {
		printf("\n  ");
		print_headline(&c);
		if (ksym_diff_path(d, symbol, v[i].cause, print_step, NULL, &err))
			status = cli_fail(&err);
		else
			print_changes(d, v[i].cause);
	}
	free(v);
	return status;
}

static int print_symbol(const struct ksym_diff *d, const char *name)
{
	uint32_t nr = diff_find_symbol(d, name);
	struct ksym_diff_symbol s;
	int status;

	if (nr == UINT32_MAX || !ksym_diff_symbol(d, nr, &s)) {
		put(name);
		printf(": no difference\n");
		return CLI_OK;
	}
	put(name);
	if (s.state != KSYM_DIFF_CHANGED) {
		printf(s.state == KSYM_DIFF_ADDED ? ": added\n" : ": removed\n");
		return CLI_DIFFERS;
	}
	print_crcs(&s);
	if (s.nr_causes)
		printf(": %s, %" PRIu32 " cause%s", ksym_diff_class_name(s.worst), s.nr_causes,
		       s.nr_causes == 1 ? "" : "s");
	putchar('\n');
	status = print_causes_of(d, nr, s.nr_causes);
	return status ? status : CLI_DIFFERS;
}

/* ------------------------------------------------------------------ command */

static int parse(const struct cli_args *a, struct ksym_diff_opts *o)
{
	unsigned int nr;
	int status;

	if (!cli_jobs(a, &nr, &status))
		return status;
	*o = (struct ksym_diff_opts)KSYM_OPTS(*o,
		.no_debug_search = a->given[OPT_NO_DEBUG_SEARCH], .stable = a->given[OPT_STABLE],
		.nr_threads = nr);
	if (!a->given[OPT_QUIET])
		o->message = cli_message;
	return CLI_OK;
}

static int print(const struct cli_args *a, const struct ksym_diff *d)
{
	struct ksym_diff_summary s = { .size = sizeof(s) };
	const char **names = a->values[OPT_SYMBOL];
	int status;

	ksym_diff_summary(d, &s);
	status = s.nr_changed || s.nr_added || s.nr_removed ? CLI_DIFFERS : CLI_OK;
	if (names && a->given[OPT_JSON])
		return diff_json_symbols(d, names);
	if (names) {
		status = CLI_OK;
		for (size_t i = 0; names[i]; i++) {
			int one = print_symbol(d, names[i]);

			status = one > status ? one : status;
		}
	} else if (a->given[OPT_JSON]) {
		int json = diff_json(d, a->given[OPT_SUMMARY]);

		status = json ? json : status;
	} else if (a->given[OPT_SUMMARY]) {
		print_summary(d, &s);
	} else if (status || !a->given[OPT_QUIET]) {
		print_all(d, &s, a->given[OPT_ALL]);
	}
	return status;
}

int cmd_diff(const struct cli_args *a)
{
	struct ksym_diff_opts o;
	struct ksym_error err;
	struct ksym_diff *d;
	int status = parse(a, &o);

	if (status)
		return status;
	if (ksym_diff_read(a->operands[0], a->operands[1], &o, &d, &err))
		return cli_fail(&err);
	cli_progress_end();
	status = print(a, d);
	ksym_diff_close(d);
	return status;
}
