// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * set_ftrace_filter takes a number: the position in available_filter_functions.  From
 * 6.5 on there is the same list with addresses.  Before, it has names alone, in address
 * order: an ambiguous name is the function that lies between its neighbours of known
 * address.
 */
#include "index/index.h"
#include "live/live.h"
#include "live/probe.h"

#include <string.h>
#include "tables/format.h"

struct line {
	const char *name, *module;
	uint32_t name_len, module_len;
	uint64_t va;		/* of the call in it, when the list has addresses */
};

struct list {
	struct ks_file file;
	char *path;
	KS_VEC(struct line) lines;
	bool has_addresses;
};

static bool parse(struct line *out, const char *s, const char *end, bool has_address)
{
	*out = (struct line){ 0 };
	if (has_address) {
		for (; s < end && *s != ' '; s++) {
			int d = *s >= '0' && *s <= '9' ? *s - '0' : *s >= 'a' && *s <= 'f' ? *s - 'a' + 10 : -1;

			if (d < 0 || out->va >> 60)
				return false;
			out->va = out->va << 4 | (uint64_t)d;
		}
		s += s < end;
	}
	out->name = s;
	while (s < end && (unsigned char)*s > 0x20)
		s++;
	out->name_len = (uint32_t)(s - out->name);
	if (end - s > 3 && s[0] == ' ' && s[1] == '[' && end[-1] == ']') {
		out->module = s + 2;
		out->module_len = (uint32_t)(end - 1 - out->module);
	}
	return out->name_len && out->name_len <= KS_NAME_MAX;
}

static int read_list(struct list *l, struct ksym_error *err)
{
	struct ks_lines lines = ks_lines(&l->file);

	while (ks_lines_next(&lines)) {
		struct line *slot = ks_vec_push(&l->lines);

		if (!slot)
			return ks_error_nomem(err);
		if (lines.nr > UINT32_MAX / 2 ||
		    !parse(slot, lines.s, lines.s + lines.len, l->has_addresses))
			return ks_error(err, -EBADMSG, "%s:%llu: expected the name of a function",
					l->path, (unsigned long long)lines.nr);
	}
	return 0;
}

static int open_list(struct list *l, const struct ksym_live *live, struct ksym_error *err)
{
	static const char *const paths[] = {
		"/sys/kernel/tracing/available_filter_functions_addrs",
		"/sys/kernel/debug/tracing/available_filter_functions_addrs",
		"/sys/kernel/tracing/available_filter_functions",
		"/sys/kernel/debug/tracing/available_filter_functions",
	};
	int ret = -ENOENT;

	for (unsigned int i = 0; i < 4 && ret; i++) {
		free(l->path);
		l->path = ks_live_path(live, "%s", paths[i]);
		if (!l->path)
			return ks_error_nomem(err);
		l->has_addresses = i < 2;
		ret = ks_file_open(&l->file, l->path, err);
	}
	return ret ? ret : read_list(l, err);
}

/* The one symbol of the kernel with a line's name; false when it is not the only one. */
static bool known_place(const struct ksym_index *idx, const struct line *line, uint64_t *va)
{
	struct ksym_symbol s, other;

	if (line->module_len || !ksym_index_named(idx, line->name, line->name_len, 0, &s) ||
	    ksym_index_named(idx, line->name, line->name_len, 1, &other))
		return false;
	*va = s.va;
	return true;
}

/* How far behind a function's start the call may be: landing pads, padding. */
#define CALL_MAX 16

struct search {
	const struct list *l;
	const struct ksym_index *idx;
	const struct ksym_symbol *s;
	const char *module;		/* NULL: the kernel itself */
	KS_VEC(uint64_t) same;		/* addresses of the functions called so, ascending */
	uint32_t found, line;
};

static void found(struct search *f, size_t i)
{
	f->line = (uint32_t)i + 1;
	f->found++;
}

static bool has_name(const struct search *f, size_t i)
{
	const struct line *line = &f->l->lines.data[i];

	return line->name_len == f->s->name_len && !memcmp(line->name, f->s->name, line->name_len) &&
	       line->module_len == (f->module ? strlen(f->module) : 0) &&
	       (!f->module || !memcmp(line->module, f->module, line->module_len));
}

/* Positions [first, end) have the name and are between neighbours at @low and @high: is
 * the function one of them, and the only one that can be? */
static void settle(struct search *f, size_t first, size_t end, uint64_t low, uint64_t high)
{
	size_t lo = 0, hi = f->same.len;

	if (f->s->va <= low || f->s->va >= high)
		return;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (f->same.data[mid] <= low)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo + 1 < f->same.len && f->same.data[lo + 1] < high)
		return;
	for (size_t i = first; i < end; i++)
		if (has_name(f, i))
			found(f, i);
}

/* From one line of known address to the next. */
static void by_neighbours(struct search *f)
{
	size_t first = 0, nr = f->l->lines.len, i;
	uint64_t low = 0, va;

	for (i = 0; i < nr && !f->l->lines.data[i].module_len; i++) {
		if (!known_place(f->idx, &f->l->lines.data[i], &va))
			continue;
		if (va == f->s->va && has_name(f, i))
			found(f, i);
		settle(f, first, i, low, va);
		first = i + 1;
		low = va;
	}
	settle(f, first, i, low, UINT64_MAX);
}

static int search(struct search *f, struct ksym_error *err)
{
	struct ksym_symbol s;

	for (size_t i = 0; i < f->l->lines.len && (f->l->has_addresses || f->module); i++)
		if (has_name(f, i) &&
		    (!f->l->has_addresses || f->l->lines.data[i].va - f->s->va <= CALL_MAX))
			found(f, i);
	if (f->l->has_addresses || f->module)
		return 0;
	for (uint32_t n = 0; ksym_index_named(f->idx, f->s->name, f->s->name_len, n, &s); n++) {
		uint64_t *slot;

		if (!s.is_text || (f->same.len && f->same.data[f->same.len - 1] == s.va))
			continue;
		slot = ks_vec_push(&f->same);
		if (!slot)
			return ks_error_nomem(err);
		*slot = s.va;
	}
	by_neighbours(f);
	return 0;
}

int ks_ftrace_number(const struct ksym_live *live, const struct ksym_index *idx,
		     const struct ksym_symbol *s, uint32_t *nr, struct ksym_error *err)
{
	struct list l = { 0 };
	struct search f = { .l = &l, .idx = idx, .s = s, .module = ks_index_loaded_module(idx, s) };
	int ret;

	if (!live)
		return ks_error(err, -ENOTSUP,
				"a number for set_ftrace_filter is one of the running kernel: use `ksym live find`");
	ret = open_list(&l, live, err);
	if (!ret)
		ret = search(&f, err);
	if (!ret && !f.found)
		ret = ks_error(err, -ENOTSUP, "%s: does not list %s, or not so that it can be told from others",
			       l.path, s->name);
	else if (!ret && f.found > 1)
		ret = ks_error(err, -ENOTSUP, "%s: %s cannot be told from others of its name", l.path,
			       s->name);
	*nr = f.line;
	ks_vec_free(&f.same);
	ks_vec_free(&l.lines);
	ks_file_close(&l.file);
	free(l.path);
	return ret;
}
