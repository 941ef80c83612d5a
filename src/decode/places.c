// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Where a text names symbols:
 *
 *   NAME+0xOFF/0xSIZE               in oopses, warnings, lockdep, traces ...
 *   NAME+0xOFF/0xSIZE [MODULE]      ... of modules
 *   NAME+0xOFF/0xSIZE [MODULE ID]   ... with CONFIG_STACKTRACE_BUILD_ID
 *   ADDRESS NAME+0xOFF ([MODULE])   perf script; [kernel.kallsyms] is the kernel, and a path
 *                                   a module's
 *
 * An address can stand in front: [<ffffffff81000123>].
 */
#include "decode/decode.h"

#include <ctype.h>
#include <string.h>

/* How far from a name what belongs to it is looked for, in bytes, so that long lines take no
 * longer than short ones: what stands in front of it; a module and its build ID; a path. */
#define MAX_FRONT 1024
#define MAX_BRACKETS 256
#define MAX_DSO 4352

struct scan {
	struct ksym_decoder *d;
	const char *text;
	const char *line, *end;	/* of the line being read */
	uint64_t nr;
	struct ksym_error *err;
};

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

/* "0x…" at *@p: its value, and *@p behind it. */
static bool take_hex(const char **p, const char *end, uint64_t *v)
{
	const char *s = *p;

	if (end - s < 3 || s[0] != '0' || s[1] != 'x' || !isxdigit((unsigned char)s[2]))
		return false;
	*v = 0;
	for (s += 2; s < end && isxdigit((unsigned char)*s); s++) {
		if (*v >> 60)
			return false;
		*v = *v << 4 | (uint64_t)(isdigit((unsigned char)*s) ? *s - '0' : (*s | 32) - 'a' + 10);
	}
	*p = s;
	return true;
}

/* Is @word somewhere in [@p, @end)? */
static bool has_word(const char *p, const char *end, const char *word)
{
	return end > p && memmem(p, (size_t)(end - p), word, strlen(word));
}

/* In front of what the processor was executing, not of what it would return to. */
static bool is_exact(const char *line, const char *name)
{
	static const char *const marks[] = { "RIP", "EIP", "IP:", "pc :", "PC is at", "NIP", "epc",
					     "PC:", "WARNING:", "BUG:", "kernel BUG", "KASAN:" };

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (has_word(line, name, marks[i]))
			return true;
	return false;
}

/* The last hexadecimal number of 8 or 16 digits in front of @name, if nothing but blanks,
 * brackets and question marks is between. */
static bool address_before(const char *line, const char *name, uint64_t *v)
{
	const char *end = name, *s;

	while (end > line && strchr(" \t<>[]?=:()", end[-1]))
		end--;
	for (s = end; s > line && isxdigit((unsigned char)s[-1]); s--)
		;
	if ((end - s != 16 && end - s != 8) || (s > line && is_name_char(s[-1])))
		return false;
	*v = 0;
	for (; s < end; s++)
		*v = *v << 4 | (uint64_t)(isdigit((unsigned char)*s) ? *s - '0' : (*s | 32) - 'a' + 10);
	return true;
}

/* The first @c in [@p, @end), not further away than @max. */
static const char *find(const char *p, const char *end, char c, size_t max)
{
	size_t len = (size_t)(end - p);

	return memchr(p, c, len < max ? len : max);
}

static const char *copy(struct scan *s, const char *p, size_t len)
{
	return len ? ks_arena_strdup(&s->d->text_arena, p, len) : "";
}

/* "[MODULE]" or "[MODULE ID]" at @p; what is behind it, or @p. */
static const char *take_brackets(struct scan *s, const char *p, struct ks_place *place)
{
	const char *name = p + 1, *name_end, *id, *close;

	if (p == s->end || *p != '[')
		return p;
	close = find(p, s->end, ']', MAX_BRACKETS);
	if (!close)
		return p;
	for (name_end = name; name_end < close && (is_name_char(*name_end) || *name_end == '-'); name_end++)
		;
	id = name_end;
	if (name_end < close && *name_end == ' ')
		for (id = name_end + 1; id < close && isxdigit((unsigned char)*id); id++)
			;
	if (name_end == name || id != close)
		return p;
	if (id > name_end)
		place->build_id = copy(s, name_end + 1, (size_t)(id - name_end - 1));
	if (close - name != 15 || memcmp(name, "kernel.kallsyms", 15))
		place->module = copy(s, name, (size_t)(name_end - name));
	return close + 1;
}

/* "([MODULE])" or "(/path/module.ko)" of perf. */
static const char *take_dso(struct scan *s, const char *p, struct ks_place *place)
{
	const char *close, *slash, *name, *name_end;

	if (p == s->end || *p != '(')
		return p;
	close = find(p, s->end, ')', MAX_DSO);
	if (!close)
		return p;
	if (p[1] == '[') {
		const char *end = take_brackets(s, p + 1, place);

		return end == close ? close + 1 : p;
	}
	slash = memrchr(p, '/', (size_t)(close - p));
	name = slash ? slash + 1 : p + 1;
	name_end = memmem(name, (size_t)(close - name), ".ko", 3);
	if (name_end)
		place->module = copy(s, name, (size_t)(name_end - name));
	else if (close - name >= 7 && !memcmp(name, "vmlinux", 7))
		return close + 1;
	return name_end ? close + 1 : p;
}

/* The place whose '+' is at @plus, if that is one; what is behind it. */
static int take_place(struct scan *s, const char **pos, const char *plus)
{
	const char *name = plus, *p = plus + 1, *after, *front;
	struct ks_place place = { .module = "", .build_id = "", .line = s->nr }, *slot;

	*pos = plus + 1;
	while (name > s->line && is_name_char(name[-1]))
		name--;
	if (name == plus || isdigit((unsigned char)*name) || plus - name >= KSYM_NAME_LEN ||
	    !take_hex(&p, s->end, &place.off))
		return 0;
	place.name_len = (size_t)(plus - name);
	if (p < s->end && *p == '/') {
		p++;
		place.has_size = take_hex(&p, s->end, &place.size);
		if (!place.has_size)
			return 0;
	}
	after = p;
	if (s->end - p > 1 && *p == ' ') {
		after = place.has_size ? take_brackets(s, p + 1, &place) : take_dso(s, p + 1, &place);
		if (after == p + 1)
			after = p;
	}
	/* Without size only perf's form is one: a sum in a text is none. */
	if (!place.has_size && after == p)
		return 0;
	if (!place.module || !place.build_id)
		return ks_error_nomem(s->err);
	place.start = (size_t)(name - s->text);
	place.end = (size_t)(after - s->text);
	front = name - s->line > MAX_FRONT ? name - MAX_FRONT : s->line;
	place.has_address = address_before(front, name, &place.address);
	place.is_exact = is_exact(front, name) || (!place.has_size && !place.off);
	place.is_unreliable = name - s->line >= 2 && name[-1] == ' ' && name[-2] == '?';
	slot = ks_vec_push(&s->d->places);
	if (!slot)
		return ks_error_nomem(s->err);
	*slot = place;
	*pos = after;
	return 0;
}

int ks_places_find(struct ksym_decoder *d, const char *text, size_t len, struct ksym_error *err)
{
	struct scan s = { .d = d, .text = text, .err = err };
	const char *end = text + len;

	for (s.line = text; s.line < end; s.line = s.end + 1) {
		const char *nl = memchr(s.line, '\n', (size_t)(end - s.line)), *p = s.line;

		s.end = nl ? nl : end;
		s.nr++;
		while ((p = memchr(p, '+', (size_t)(s.end - p)))) {
			int ret = take_place(&s, &p, p);

			if (ret)
				return ret;
		}
		if (!nl)
			break;
	}
	if (d->places.len >= UINT32_MAX)
		return ks_error(err, -EFBIG, "more than 2^32 symbols in the text");
	return 0;
}
