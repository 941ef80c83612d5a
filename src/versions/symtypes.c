// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/symtypes.h"

#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "versions/expand.h"
/* gendwarfksyms leaves out the comma, blanks and all, between some parameters of which the
 * first one's type was met on the way to itself. */
#define PARAMETER "formal_parameter"
#define PARAMETER_LEN (sizeof(PARAMETER) - 1)

size_t ks_symtypes_word(const char *s, size_t len)
{
	if (len > PARAMETER_LEN + 2 && !memcmp(s + len - PARAMETER_LEN, PARAMETER, PARAMETER_LEN))
		return len - PARAMETER_LEN;
	return len;
}

size_t ks_symtypes_ref(const char *s, const char *end)
{
	const char *p;

	if (end - s < 3 || s[1] != '#' || !memchr("suetE", s[0], 5))
		return 0;
	if (s[2] == '\'') {
		p = memchr(s + 3, '\'', (size_t)(end - s) - 3);
		return p && p > s + 3 ? (size_t)(p - s) + 1 : 0;
	}
	p = memchr(s + 2, ' ', (size_t)(end - s) - 2);
	if (!p)
		p = end;
	return p == s + 2 ? 0 : ks_symtypes_word(s, (size_t)(p - s));
}

void ks_symtypes_free(struct ks_symtypes *s)
{
	ks_typemap_free(&s->map);
	ks_strpool_free(&s->symbols);
	ks_vec_free(&s->types);
	ks_vec_free(&s->symbol_texts);
}

static int add_bytes(struct ks_typemap *m, const char *s, size_t len, struct ksym_error *err)
{
	if (!ks_vec_reserve(&m->all_bytes, len))
		return ks_error_nomem(err);
	memcpy(m->all_bytes.data + m->all_bytes.len, s, len);
	m->all_bytes.len += len;
	return 0;
}

/* Make sure that there is room for what is known of type @nr. */
static int reach_type(struct ks_symtypes *s, uint32_t nr, struct ksym_error *err)
{
	while (s->types.len <= nr)
		if (!ks_vec_push(&s->types) || !ks_vec_push(&s->map.types))
			return ks_error_nomem(err);
	return 0;
}

static int add_ref(struct ks_symtypes *s, const char *name, size_t len, size_t first_byte,
		   struct ksym_error *err)
{
	uint32_t nr = ks_strpool_add(&s->map.names, name, len);
	struct ks_symtext_ref *ref = nr == KS_STRPOOL_NONE ? NULL : ks_vec_push(&s->map.all_refs);

	if (!ref)
		return ks_error_nomem(err);
	*ref = (struct ks_symtext_ref){ .pos = (uint32_t)(s->map.all_bytes.len - first_byte),
					.type = nr };
	return 0;
}

/* Take a text apart; references are words. */
static int add_text(struct ks_symtypes *s, const struct ks_symtypes_text *t,
		    struct ks_expansion *out, struct ksym_error *err)
{
	struct ks_typemap *m = &s->map;
	const char *start = t->s, *end = t->s + t->len, *hash = start;
	int ret = 0;

	*out = (struct ks_expansion){ .known = true, .first_byte = m->all_bytes.len,
				      .first_ref = m->all_refs.len };
	while (!ret && hash < end && (hash = memchr(hash, '#', (size_t)(end - hash)))) {
		const char *ref = hash - 1;
		size_t len = hash > start && (ref == t->s || ref[-1] == ' ')
				     ? ks_symtypes_ref(ref, end) : 0;

		hash++;
		if (!len)
			continue;
		ret = add_bytes(m, start, (size_t)(ref - start), err);
		if (!ret)
			ret = add_ref(s, ref, len, out->first_byte, err);
		start = hash = ref + len;
	}
	if (!ret)
		ret = add_bytes(m, start, (size_t)(end - start), err);
	out->nr_bytes = (uint32_t)(m->all_bytes.len - out->first_byte);
	out->nr_refs = (uint32_t)(m->all_refs.len - out->first_ref);
	return ret;
}

static int add_type(struct ks_symtypes *s, const char *name, size_t len,
		    const struct ks_symtypes_text *text, struct ksym_error *err)
{
	uint32_t nr = ks_strpool_add(&s->map.names, name, len);
	struct ks_expansion x;
	int ret;

	if (nr == KS_STRPOOL_NONE)
		return ks_error_nomem(err);
	ret = reach_type(s, nr, err);
	if (ret || (s->types.data[nr].s && s->types.data[nr].len >= text->len))
		return ret;
	ret = add_text(s, text, &x, err);
	if (!ret) {
		s->types.data[nr] = *text;
		s->map.types.data[nr] = x;
	}
	return ret;
}

static int add_symbol(struct ks_symtypes *s, const char *name, size_t len,
		      const struct ks_symtypes_text *text, struct ksym_error *err)
{
	uint32_t nr = ks_strpool_add(&s->symbols, name, len);

	if (nr == KS_STRPOOL_NONE)
		return ks_error_nomem(err);
	if (nr == s->symbol_texts.len && (!ks_vec_push(&s->symbol_texts) ||
					  !ks_vec_push(&s->map.symbols)))
		return ks_error_nomem(err);
	if (s->symbol_texts.data[nr].s && s->symbol_texts.data[nr].len >= text->len)
		return 0;
	s->symbol_texts.data[nr] = *text;
	return add_text(s, text, &s->map.symbols.data[nr], err);
}

static int add_line(struct ks_symtypes *s, const struct ks_lines *l, const char *path,
		    struct ksym_error *err)
{
	const char *end = l->s + l->len, *name = l->s;
	struct ks_symtypes_text text;
	size_t len;
	bool type;

	if (l->len > 9 && !memcmp(name, "override ", 9))	/* genksyms -r */
		name += 9;
	len = ks_symtypes_ref(name, end);
	type = len != 0;
	if (!type) {
		const char *blank = memchr(name, ' ', (size_t)(end - name));

		len = blank ? (size_t)(blank - name) : 0;
	}
	if (!len || end - name < (ptrdiff_t)len + 2 || name[len] != ' ' || l->len > UINT32_MAX / 2)
		return ks_error(err, -EBADMSG,
				"%s: line %" PRIu64 ": expected the name of a type or symbol, a blank, and its text",
				path, l->nr);
	text = (struct ks_symtypes_text){ name + len + 1, (uint32_t)((size_t)(end - name) - len - 1) };
	return type ? add_type(s, name, len, &text, err) : add_symbol(s, name, len, &text, err);
}

int ks_symtypes_parse(struct ks_symtypes *s, const char *path, const char *text, size_t len,
		      struct ksym_error *err)
{
	struct ks_file f = { .data = (const uint8_t *)text, .len = len };
	struct ks_lines l = ks_lines(&f);
	int ret = 0;

	s->map.path = path;
	if (!ks_vec_reserve(&s->map.all_bytes, 1) || !ks_vec_reserve(&s->map.all_refs, 1))
		return ks_error_nomem(err);
	while (!ret && ks_lines_next(&l))
		if (l.len)
			ret = add_line(s, &l, path, err);
	if (!ret && s->map.names.nr)
		ret = reach_type(s, s->map.names.nr - 1, err);
	for (uint32_t i = 0; i < s->map.types.len; i++)
		s->map.types.data[i].known = true;
	return ret;
}

int ks_symtypes_crcs(const struct ks_symtypes *s, uint32_t *crcs, unsigned int nr_threads,
		     struct ksym_error *err)
{
	struct ks_expander *e;
	int ret = ks_expander_open(&e, &s->map, err);

	if (!ret)
		ret = ks_expand_all(e, NULL, crcs, nr_threads, err);
	ks_expander_close(e);
	return ret;
}
