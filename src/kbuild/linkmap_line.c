// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kbuild/linkmap_line.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Append the fields of @s to those of @l, and count the blanks before them. */
static size_t split(struct ks_map_line *l, const char *s, const char *end)
{
	const char *p = s, *word;
	size_t indent;

	while (p < end && is_blank(*p))
		p++;
	indent = (size_t)(p - s);
	while (end > p && is_blank(end[-1]))
		end--;
	if (p < end || !l->end)
		l->end = end;
	while (p < end && l->nf < KS_MAP_FIELDS) {
		word = p;
		while (p < end && !is_blank(*p))
			p++;
		l->f[l->nf++] = (struct ks_map_field){ word, (size_t)(p - word) };
		while (p < end && is_blank(*p))
			p++;
	}
	return indent;
}

bool ks_map_line_next(struct ks_lines *lines, struct ks_map_line *l)
{
	if (!ks_lines_next(lines))
		return false;
	l->nf = 0;
	l->nr = lines->nr;
	l->end = NULL;
	l->indent = split(l, lines->s, lines->s + lines->len);
	return true;
}

void ks_map_line_join(struct ks_lines *lines, struct ks_map_line *l)
{
	if (ks_lines_next(lines))
		split(l, lines->s, lines->s + lines->len);
}

bool ks_map_line_is_lld(const struct ks_map_line *first)
{
	return first->nf == 7 && ks_map_field_is(first->f[0], "VMA") &&
	       ks_map_field_is(first->f[6], "Symbol");
}

enum ks_map_depth ks_map_line_lld_depth(const struct ks_map_line *l)
{
	if (l->nf < 5)
		return KS_MAP_OTHER;
	switch (l->f[4].s - (l->f[3].s + l->f[3].len)) {
	case 1:
		/* More words are an assignment or an assertion. */
		return l->nf == 5 ? KS_MAP_OUTPUT : KS_MAP_OTHER;
	case 9:
		return KS_MAP_INPUT;
	case 17:
		return KS_MAP_SYMBOL;
	}
	return KS_MAP_OTHER;
}

bool ks_map_hex(const char *s, size_t len, uint64_t *v)
{
	uint64_t n = 0;

	if (!len)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned int c = (unsigned char)s[i], digit;

		if (c - '0' < 10)
			digit = c - '0';
		else if ((c | 0x20) - 'a' < 6)
			digit = (c | 0x20) - 'a' + 10;
		else
			return false;
		if (n >> 60)
			return false;
		n = n << 4 | digit;
	}
	*v = n;
	return true;
}

static struct ks_map_field without_dot_slash(const char *s, size_t len)
{
	while (len > 2 && s[0] == '.' && s[1] == '/') {
		s += 2;
		len -= 2;
		while (len > 1 && *s == '/') {
			s++;
			len--;
		}
	}
	return (struct ks_map_field){ s, len };
}

struct ks_map_object ks_map_object(const char *s, size_t len)
{
	struct ks_map_field path = without_dot_slash(s, len);
	struct ks_map_object o = { { path.s, 0 }, path };
	const char *paren, *slash;

	if (path.len < 2 || path.s[path.len - 1] != ')')
		return o;
	paren = memchr(path.s, '(', path.len);
	if (!paren || paren == path.s)
		return o;
	o.name = without_dot_slash(paren + 1, (size_t)(path.s + path.len - 1 - (paren + 1)));
	if (memchr(o.name.s, '/', o.name.len))
		return o;
	slash = memrchr(path.s, '/', (size_t)(paren - path.s));
	if (slash)
		o.dir.len = (size_t)(slash + 1 - path.s);
	return o;
}

int ks_check_text(const struct ks_file *f, struct ksym_error *err)
{
	const uint8_t *zero = memchr(f->data, 0, f->len);

	if (!zero)
		return 0;
	return ks_error(err, -EBADMSG, "%s: expected text, found a zero byte at offset %zu",
			f->path, (size_t)(zero - f->data));
}
