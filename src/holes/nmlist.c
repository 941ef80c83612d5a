// SPDX-License-Identifier: LGPL-2.1-or-later
#include "holes/nmlist.h"

#include <stdio.h>
#include <string.h>
#include "base/cursor.h"
#include "holes/mcount.h"

/* ------------------------------------------------------------------ nm -S */

struct line {
	const char *name;
	uint64_t va, len;
	uint32_t i;		/* in the symbol table */
	char letter;		/* of those that matter; '?' for others, 0: has no value */
};

/* $x and $d, which nm hides. */
static bool is_mapping(const struct ks_elf *e, const char *name)
{
	return e->machine == EM_AARCH64 && name[0] == '$' && (name[1] == 'x' || name[1] == 'd') &&
	       (!name[2] || name[2] == '.');
}

static char letter_of(const struct ks_elf *e, const struct ks_elf_symbol *s)
{
	bool text = s->shndx < e->nr_sections && (e->sections[s->shndx].flags & SHF_EXECINSTR);

	if (!s->shndx)
		return 0;
	if (s->type == STT_GNU_IFUNC || s->shndx == KS_SHN_COMMON || s->bind == STB_GNU_UNIQUE)
		return '?';
	if (s->bind == STB_WEAK)
		return s->type == STT_OBJECT ? '?' : 'W';
	if (!text)
		return '?';
	return s->bind == STB_LOCAL ? 't' : 'T';
}

static int compare_lines(const void *pa, const void *pb)
{
	const struct line *a = pa, *b = pb;
	int c = strcmp(a->name, b->name);

	return c ? c : a->i < b->i ? -1 : a->i > b->i;
}

typedef KS_VEC(struct line) lines_vec;

static int read_lines(lines_vec *lines, const struct ks_elf *e, struct ksym_error *err)
{
	if (!ks_vec_reserve(lines, e->nr_symbols))
		return ks_error_nomem(err);
	for (uint32_t i = 1; i < e->nr_symbols; i++) {
		struct ks_elf_symbol s;
		int ret = ks_elf_symbol(e, i, &s, err);

		if (ret)
			return ret;
		if (s.type == STT_SECTION || s.type == STT_FILE || is_mapping(e, s.name))
			continue;
		lines->data[lines->len++] = (struct line){ s.name, s.va, s.len, i, letter_of(e, &s) };
	}
	if (lines->len)
		qsort(lines->data, lines->len, sizeof(*lines->data), compare_lines);
	return 0;
}

/* ------------------------------------------------------- as sorttable reads */

/*
 * The words of all lines, one after the other.  Its format "%16s %16s %c %*s" splits
 * words of more than 16 characters, and takes the first character of the third apart
 * from the rest of it.
 */
struct words {
	const struct line *line, *end;
	unsigned int nr;	/* of the line's words */
	size_t off;		/* in the word */
	char buf[20];
};

static const char *current(struct words *w)
{
	const struct line *l = w->line;
	bool has_va = l->letter, has_len = has_va && l->len;
	unsigned int n = w->nr;

	if (has_va && !n--)
		snprintf(w->buf, sizeof(w->buf), "%016llx", (unsigned long long)l->va);
	else if (has_len && !n--)
		snprintf(w->buf, sizeof(w->buf), "%016llx", (unsigned long long)l->len);
	else if (!n--)
		snprintf(w->buf, sizeof(w->buf), "%c", l->letter ? l->letter : 'w');
	else
		return l->name;
	return w->buf;
}

/* At most @max characters of the next word; false at the end. */
static bool next_word(struct words *w, size_t max, char out[20])
{
	const char *s = "";
	size_t n;

	/* Names can be empty: then there is no word. */
	while (w->line < w->end && !*(s = current(w) + w->off)) {
		w->off = 0;
		if (s == w->line->name + strlen(w->line->name)) {
			w->nr = 0;
			w->line++;
		} else {
			w->nr++;
		}
	}
	if (w->line == w->end)
		return false;
	n = strnlen(s, max);
	if (out) {
		memcpy(out, s, n);
		out[n] = 0;
	}
	w->off += n;
	return true;
}

static uint64_t hex(const char *s)
{
	return strtoull(s, NULL, 16);
}

static int compare_funcs(const void *pa, const void *pb)
{
	const struct ks_nm_func *a = pa, *b = pb;

	return a->va < b->va ? -1 : a->va > b->va;
}

int ks_nm_list_read(struct ks_nm_list *l, const struct ks_elf *e, struct ksym_error *err)
{
	lines_vec lines = { 0 };
	int ret;

	*l = (struct ks_nm_list){ .before = ks_mcount_before(e->machine) };
	ret = read_lines(&lines, e, err);
	if (!ret) {
		struct words w = { .line = lines.data, .end = lines.len ? lines.data + lines.len : NULL };
		char va[20], len[20], type[20];

		while (!ret && next_word(&w, 16, va) && next_word(&w, 16, len) &&
		       next_word(&w, 1, type)) {
			struct ks_nm_func *f;

			next_word(&w, SIZE_MAX, NULL);
			if (type[0] != 't' && type[0] != 'T' && type[0] != 'W')
				continue;
			f = ks_vec_push(&l->v);
			if (f)
				*f = (struct ks_nm_func){ hex(va), hex(len) };
			else
				ret = ks_error_nomem(err);
		}
	}
	/* Its sort is a merge: what is equal stays in order, as here. */
	if (!ret && l->v.len)
		qsort(l->v.data, l->v.len, sizeof(*l->v.data), compare_funcs);
	ks_vec_free(&lines);
	return ret;
}

void ks_nm_list_free(struct ks_nm_list *l)
{
	ks_vec_free(&l->v);
}

bool ks_nm_list_has(const struct ks_nm_list *l, uint64_t va)
{
	size_t lo = 0, hi = l->v.len;

	/* bsearch(3) as the C library does it. */
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct ks_nm_func *f = &l->v.data[mid];

		if (va + l->before < f->va)
			hi = mid;
		else if (va >= f->va + f->len)
			lo = mid + 1;
		else
			return true;
	}
	return false;
}
