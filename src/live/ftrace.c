// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * set_ftrace_filter takes a number: the position in available_filter_functions.  From
 * 6.5 on there is the same list with addresses.  Before, it has names alone, in address
 * order: an ambiguous name is the function that lies between its neighbours of known
 * address.
 */
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

/* Is @target the one function of its name between the neighbours of line @i? */
static bool between_neighbours(const struct list *l, const struct ksym_index *idx, size_t i,
			       const struct ksym_symbol *target)
{
	uint64_t low = 0, high = UINT64_MAX;
	struct ksym_symbol s;

	for (size_t k = i; k-- && !known_place(idx, &l->lines.data[k], &low);)
		;
	for (size_t k = i + 1; k < l->lines.len && !l->lines.data[k].module_len &&
			       !known_place(idx, &l->lines.data[k], &high); k++)
		;
	if (target->va <= low || target->va >= high)
		return false;
	for (uint32_t nth = 0; ksym_index_named(idx, target->name, target->name_len, nth, &s); nth++)
		if (s.va != target->va && s.is_text && s.va > low && s.va < high)
			return false;
	return true;
}

/* How far behind a function's start the call may be: landing pads, padding. */
#define CALL_MAX 16

static bool fits(const struct list *l, const struct ksym_index *idx, size_t i,
		 const struct ksym_symbol *s, const char *module)
{
	const struct line *line = &l->lines.data[i];

	if (line->name_len != s->name_len || memcmp(line->name, s->name, s->name_len) ||
	    line->module_len != (module ? strlen(module) : 0) ||
	    (module && memcmp(line->module, module, line->module_len)))
		return false;
	if (l->has_addresses)
		return line->va - s->va <= CALL_MAX;
	return module || between_neighbours(l, idx, i, s);
}

int ks_ftrace_number(const struct ksym_live *live, const struct ksym_index *idx,
		     const struct ksym_symbol *s, uint32_t *nr, struct ksym_error *err)
{
	const char *module = ks_probe_module(idx, s);
	struct list l = { 0 };
	uint32_t found = 0;
	int ret;

	if (!live)
		return ks_error(err, -ENOTSUP,
				"a number for set_ftrace_filter is one of the running kernel: use `ksym live find`");
	ret = open_list(&l, live, err);
	for (size_t i = 0; i < l.lines.len && !ret; i++) {
		if (!fits(&l, idx, i, s, module))
			continue;
		*nr = (uint32_t)i + 1;
		found++;
	}
	if (!ret && !found)
		ret = ks_error(err, -ENOTSUP, "%s: does not list %s, or not so that it can be told from others",
			       l.path, s->name);
	else if (!ret && found > 1)
		ret = ks_error(err, -ENOTSUP, "%s: %s cannot be told from others of its name", l.path,
			       s->name);
	ks_vec_free(&l.lines);
	ks_file_close(&l.file);
	free(l.path);
	return ret;
}
