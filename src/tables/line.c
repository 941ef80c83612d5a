// SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only
#include "line.h"

void ks_line_start(struct ks_line *l, char *buf, size_t cap, enum ks_line_form form)
{
	l->buf = buf;
	l->cap = cap ? cap - 1 : 0;
	l->len = 0;
	l->form = form;
	l->annotated = false;
	if (cap)
		buf[0] = 0;
}

void ks_line_text(struct ks_line *l, const char *s, size_t len)
{
	if (l->len < l->cap) {
		size_t fits = l->cap - l->len;

		memcpy(l->buf + l->len, s, len < fits ? len : fits);
	}
	l->len += len;
}

static void put_char(struct ks_line *l, char c)
{
	if (l->len < l->cap)
		l->buf[l->len] = c;
	l->len++;
}

/* Lowercase, at least @digits digits. */
void ks_line_hex(struct ks_line *l, uint64_t v, unsigned int digits)
{
	char buf[16];
	unsigned int i = 16;

	do {
		buf[--i] = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (i && (v || 16 - i < digits));
	ks_line_text(l, buf + i, 16 - i);
}

void ks_line_symbol(struct ks_line *l, unsigned int digits, uint64_t va, uint64_t len, char type,
		    const char *name, size_t name_len)
{
	if (l->form != KS_LINE_IDENTITY) {
		ks_line_hex(l, va, digits);
		put_char(l, ' ');
		if (l->form == KS_LINE_FULL) {
			ks_line_hex(l, len, 1);
			put_char(l, ' ');
		}
		put_char(l, type);
		put_char(l, ' ');
	}
	ks_line_text(l, name, name_len);
}

/* perf takes what follows a tab, and names with a '[', for those of loaded modules; all
 * else is part of the name to it. */
static void annotate_for_perf(struct ks_line *l, const char *s, size_t len)
{
	if (l->annotated)
		put_char(l, ',');
	else
		ks_line_text(l, " {", 2);
	l->annotated = true;
	ks_line_text(l, s, len);
}

/* Parsers of /proc/kallsyms end a name at the tab. */
static void annotate(struct ks_line *l, char open, const char *s, size_t len, char close)
{
	put_char(l, l->form == KS_LINE_KALLSYMS && !l->annotated ? '\t' : ' ');
	l->annotated = true;
	put_char(l, open);
	ks_line_text(l, s, len);
	put_char(l, close);
}

void ks_line_module(struct ks_line *l, const char *name, size_t len)
{
	if (l->form == KS_LINE_PERF)
		annotate_for_perf(l, name, len);
	else
		annotate(l, '[', name, len, ']');
}

void ks_line_object(struct ks_line *l, const char *name, size_t len)
{
	if (l->form == KS_LINE_PERF)
		annotate_for_perf(l, name, len);
	else
		annotate(l, '{', name, len, '}');
}

size_t ks_line_end(struct ks_line *l)
{
	if (l->form == KS_LINE_PERF && l->annotated)
		put_char(l, '}');
	if (l->len < l->cap)
		l->buf[l->len] = 0;
	else if (l->cap)
		l->buf[l->cap] = 0;
	return l->len;
}
