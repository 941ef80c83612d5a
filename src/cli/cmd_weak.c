// SPDX-License-Identifier: LGPL-2.1-or-later
/* weak, sizes: code that no symbol covers. */
#include "cli.h"

#include <ksym/holes.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
	[KSYM_HOLE_FUNCTION] = "function",
	[KSYM_HOLE_ASSEMBLY] = "assembly",
	[KSYM_HOLE_CODE] = "code",
};

const char *const cli_confidences[] = {
	[KSYM_HOLE_UNNAMED] = "unnamed",
	[KSYM_HOLE_EXACT] = "exact",
	[KSYM_HOLE_LINE] = "line",
	[KSYM_HOLE_ORDER] = "order",
};

int cli_read_holes(const struct cli_args *a, struct ksym_holes **holes, struct ksym_holes_info *info)
{
	struct ksym_build_opts o;
	struct ksym_error err;
	int status;

	if (!cli_build_opts(a, &o, &status))
		return status;
	if (ksym_holes_read(a->operands[0], &o, holes, &err))
		return cli_fail(&err);
	info->size = sizeof(*info);
	ksym_holes_info(*holes, info);
	cli_progress_end();
	return CLI_OK;
}

static int digits(const struct ksym_holes_info *info)
{
	return info->elf_class == 1 ? 8 : 16;
}

/* ------------------------------------------------------------------- weak */

static void print_hole(const struct ksym_holes_info *info, const struct ksym_hole *h)
{
	printf("%0*llx %llx %s %s", digits(info), (unsigned long long)h->va,
	       (unsigned long long)h->len, kinds[h->kind], h->name ? h->name : "?");
	if (h->object)
		printf(" {%s}", h->object);
	if (h->name)
		printf("\t%s", cli_confidences[h->confidence]);
	if (h->has_live)
		printf("\twon: %0*llx", digits(info), (unsigned long long)h->live_va);
	if (h->has_live && h->live_object)
		printf(" {%s}", h->live_object);
	if (h->before)
		printf("\tseen as %s+0x%llx", h->before, (unsigned long long)(h->va - h->before_va));
	putchar('\n');
}

static struct json_object *json_hole(const struct ksym_holes_info *info, const struct ksym_hole *h)
{
	struct json_object *o = json_object_new_object();
	unsigned int class = info->elf_class;

	json_object_object_add(o, "address", cli_json_address(class, h->va));
	json_object_object_add(o, "size", json_object_new_uint64(h->len));
	json_object_object_add(o, "kind", json_object_new_string(kinds[h->kind]));
	json_object_object_add(o, "name", h->name ? cli_json_string(h->name) : NULL);
	json_object_object_add(o, "confidence", json_object_new_string(cli_confidences[h->confidence]));
	json_object_object_add(o, "object", h->object ? cli_json_string(h->object) : NULL);
	json_object_object_add(o, "section", cli_json_string(h->section));
	json_object_object_add(o, "gap", cli_json_address(class, h->gap_va));
	json_object_object_add(o, "gap_size", json_object_new_uint64(h->gap_len));
	json_object_object_add(o, "mcount", h->is_traced ? cli_json_address(class, h->mcount_va) : NULL);
	json_object_object_add(o, "won", h->has_live ? cli_json_address(class, h->live_va) : NULL);
	json_object_object_add(o, "won_object", h->live_object ? cli_json_string(h->live_object) : NULL);
	json_object_object_add(o, "before", h->before ? cli_json_string(h->before) : NULL);
	if (h->before)
		json_object_object_add(o, "before_address", cli_json_address(class, h->before_va));
	return o;
}

static void print_weak_summary(const struct ksym_holes_info *i)
{
	printf("%u gaps with code, %u of them with entries of __mcount_loc; %u functions, %u of assembly, %u of unknown code\n",
	       i->nr_gaps, i->nr_traced_gaps, i->nr_functions, i->nr_assembly, i->nr_code);
	printf("%u of %u entries of __mcount_loc are dead\n", i->nr_mcount_dead, i->nr_mcount);
	if (i->has_debug)
		printf("names: %u exact, %u by line, %u by order, %u unknown\n", i->nr_exact,
		       i->nr_line, i->nr_order, i->nr_functions - i->nr_exact - i->nr_line - i->nr_order);
	else if (i->nr_holes)
		puts("names: unknown, as there is no debug information");
}

int cmd_weak(const struct cli_args *a)
{
	struct ksym_holes_info info;
	struct ksym_holes *holes;
	struct ksym_hole h;
	int status = cli_read_holes(a, &holes, &info);

	if (status)
		return status;
	if (a->given[OPT_JSON])
		cli_json_list_begin("holes");
	for (uint32_t i = 0; ksym_holes_get(holes, i, &h); i++) {
		if (a->given[OPT_JSON])
			cli_json_list_item(json_hole(&info, &h));
		else
			print_hole(&info, &h);
	}
	if (a->given[OPT_JSON])
		cli_json_list_end();
	else if (!a->given[OPT_QUIET])
		print_weak_summary(&info);
	ksym_holes_close(holes);
	return CLI_OK;
}

/* ------------------------------------------------------------------ sizes */

struct difference {
	uint32_t symbol;
	uint64_t seen;		/* next symbol minus this */
	uint64_t by;		/* how much that is off */
	uint32_t dead;		/* functions behind it */
	uint32_t inside;	/* symbols inside it */
};

struct differences {
	struct difference *v;
	size_t nr, cap;
};

/* The end of the section around @va; sections are sorted by address. */
static uint64_t section_end(const struct ksym_index *idx, uint64_t va)
{
	uint32_t lo = 0, hi = 1;
	struct ksym_section s;

	while (ksym_index_section(idx, hi - 1, &s))
		hi *= 2;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ksym_index_section(idx, mid, &s) && s.va <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && ksym_index_section(idx, lo - 1, &s) && va - s.va < s.len ? s.va + s.len : va;
}

/* The first symbol at or behind @va, from symbol @i of @nr on. */
static uint32_t first_from(const struct ksym_index *idx, uint32_t i, uint32_t nr, uint64_t va)
{
	struct ksym_symbol s;

	while (i < nr) {
		uint32_t mid = i + (nr - i) / 2;

		if (ksym_index_symbol(idx, mid, &s) && s.va < va)
			i = mid + 1;
		else
			nr = mid;
	}
	return i;
}

/* Dead functions that begin in [@va, @end_va), and one that is there before. */
static uint32_t count_dead(const struct ksym_index *idx, uint64_t va, uint64_t end_va, uint32_t nr)
{
	const uint64_t vas[] = { va, end_va };
	uint32_t found[2];
	struct ksym_dead dead;

	for (unsigned int k = 0; k < 2; k++) {
		uint32_t lo = 0, hi = nr;

		while (lo < hi) {
			uint32_t mid = lo + (hi - lo) / 2;

			if (ksym_index_dead(idx, mid, &dead) && dead.va < vas[k])
				lo = mid + 1;
			else
				hi = mid;
		}
		found[k] = lo;
	}
	if (found[0] && va < end_va && ksym_index_dead(idx, found[0] - 1, &dead) && va - dead.va < dead.len)
		found[0]--;
	return found[1] - found[0];
}

/* Symbol @i of @nr and what follows it; false when there is nothing to tell. */
static bool compare(const struct ksym_index *idx, uint32_t i, uint32_t nr, uint32_t nr_dead, bool all,
		    struct difference *d)
{
	uint32_t next_nr, end_nr;
	struct ksym_symbol s, next;
	uint64_t end;

	if (!ksym_index_symbol(idx, i, &s) || !s.is_text || !s.len)
		return false;
	*d = (struct difference){ .symbol = i };
	end = section_end(idx, s.va);
	next_nr = first_from(idx, i + 1, nr, s.va + 1);
	if (next_nr < nr && ksym_index_symbol(idx, next_nr, &next) && next.va < end) {
		end_nr = first_from(idx, next_nr, nr, s.va + s.len < end ? s.va + s.len : end);
		d->inside = end_nr - next_nr;
		d->seen = next.va - s.va;
	} else {
		d->seen = end - s.va;
	}
	d->by = d->seen > s.len ? d->seen - s.len : s.len - d->seen;
	if (d->seen > s.len)
		d->dead = count_dead(idx, s.va + s.len, s.va + d->seen, nr_dead);
	/* Padding up to the alignment of functions is what all have. */
	return d->by && (all || d->dead || d->inside || d->by >= 64);
}

static int by_difference(const void *pa, const void *pb)
{
	const struct difference *a = pa, *b = pb;

	if (a->by != b->by)
		return a->by > b->by ? -1 : 1;
	return a->symbol < b->symbol ? -1 : 1;
}

static bool collect(const struct ksym_index *idx, bool all, struct differences *list)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	struct ksym_dead dead;
	struct difference d;
	uint32_t nr_dead = 0;

	ksym_index_info(idx, &info);
	while (ksym_index_dead(idx, nr_dead, &dead))
		nr_dead++;
	for (uint32_t i = 0; i < info.nr_symbols; i++) {
		if (!compare(idx, i, info.nr_symbols, nr_dead, all, &d))
			continue;
		if (list->nr == list->cap) {
			size_t cap = list->cap ? list->cap * 2 : 256;
			struct difference *p = realloc(list->v, cap * sizeof(*p));

			if (!p)
				return false;
			list->v = p;
			list->cap = cap;
		}
		list->v[list->nr++] = d;
	}
	if (list->nr)
		qsort(list->v, list->nr, sizeof(*list->v), by_difference);
	return true;
}

static void reason(const struct difference *d, char buf[64])
{
	if (d->dead)
		snprintf(buf, 64, "%u dead function%s behind it", d->dead, d->dead > 1 ? "s" : "");
	else if (d->inside)
		snprintf(buf, 64, "%u symbol%s inside it", d->inside, d->inside > 1 ? "s" : "");
	else
		snprintf(buf, 64, "%s", d->by < 64 ? "padding" : "padding, or code without symbol");
}

static void print_difference(const struct cli_args *a, const struct ksym_index *idx,
			     const struct difference *d)
{
	struct json_object *o;
	struct ksym_symbol s;
	char line[16384], why[64];

	if (!ksym_index_symbol(idx, d->symbol, &s))
		return;
	reason(d, why);
	if (!a->given[OPT_JSON]) {
		ksym_symbol_format(idx, &s, KSYM_FORMAT_IDENTITY, line, sizeof(line));
		printf("%s%llu\t%llu real, %llu seen\t%s\t%s\n", d->seen > s.len ? "+" : "-",
		       (unsigned long long)d->by, (unsigned long long)s.len,
		       (unsigned long long)d->seen, line, why);
		return;
	}
	o = cli_json_symbol(idx, &s);
	json_object_object_add(o, "seen", json_object_new_uint64(d->seen));
	json_object_object_add(o, "dead", json_object_new_int64(d->dead));
	json_object_object_add(o, "inside", json_object_new_int64(d->inside));
	json_object_object_add(o, "reason", json_object_new_string(why));
	cli_json_list_item(o);
}

int cmd_sizes(const struct cli_args *a)
{
	struct differences list = { 0 };
	struct ksym_index *idx;
	int status = cli_load(a, &idx);

	if (status)
		return status;
	if (!collect(idx, a->given[OPT_ALL], &list))
		status = CLI_SYSTEM;
	if (!status && a->given[OPT_JSON])
		cli_json_list_begin("sizes");
	for (size_t i = 0; !status && i < list.nr && !ferror(stdout); i++)
		print_difference(a, idx, &list.v[i]);
	if (!status && a->given[OPT_JSON])
		cli_json_list_end();
	free(list.v);
	ksym_index_close(idx);
	return status;
}
