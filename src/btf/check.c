// SPDX-License-Identifier: LGPL-2.1-or-later
/* What has to be true of BTF before anything in it is followed. */
#include "btf/file.h"

#include <string.h>

struct check {
	struct ksym_btf *b;
	struct ksym_error *err;
	uint32_t types_off, types_len;
	uint32_t id;			/* of the type being looked at */
};

static ks_cold int bad(const struct check *c, const char *expected)
{
	return ks_error(c->err, -EBADMSG, "%s: BTF: type %u: expected %s", c->b->path, c->id, expected);
}

static ks_cold int bad_header(const struct check *c, const char *expected)
{
	return ks_error(c->err, -EBADMSG, "%s: BTF: header: expected %s", c->b->path, expected);
}

static uint32_t get32(const struct check *c, size_t off)
{
	uint32_t v;

	memcpy(&v, c->b->data + off, 4);
	return c->b->swap ? __builtin_bswap32(v) : v;
}

/* The header, and where its parts lie. */
static int read_header(struct check *c)
{
	struct ksym_btf *b = c->b;
	uint32_t hdr_len, type_off, str_off;
	uint16_t magic;

	if (b->len < 24)
		return bad_header(c, "24 bytes");
	memcpy(&magic, b->data, 2);
	b->swap = magic == __builtin_bswap16(BTF_MAGIC);
	if (magic != BTF_MAGIC && !b->swap)
		return bad_header(c, "the magic number 0xeb9f");
	if (b->data[2] != BTF_VERSION)
		return bad_header(c, "version 1");
	hdr_len = get32(c, 4);
	type_off = get32(c, 8);
	c->types_len = get32(c, 12);
	str_off = get32(c, 16);
	b->strings_len = get32(c, 20);
	if (hdr_len < 24 || hdr_len > b->len)
		return bad_header(c, "its length to be inside the file");
	if (type_off > b->len - hdr_len || c->types_len > b->len - hdr_len - type_off)
		return bad_header(c, "types inside the file");
	if (str_off > b->len - hdr_len || b->strings_len > b->len - hdr_len - str_off)
		return bad_header(c, "strings inside the file");
	if (c->types_len && (type_off < str_off ? c->types_len > str_off - type_off
						: b->strings_len > type_off - str_off))
		return bad_header(c, "types and strings apart");
	c->types_off = hdr_len + type_off;
	if (c->types_off % 4 || c->types_len % 4)
		return bad_header(c, "types in words of 4 bytes");
	b->strings = (const char *)b->data + hdr_len + str_off;
	if (!b->base && (!b->strings_len || b->strings[0]))
		return bad_header(c, "a first string that is empty");
	if (b->strings_len && b->strings[b->strings_len - 1])
		return bad_header(c, "a NUL after the last string");
	if (b->strings_len > UINT32_MAX - b->first_string)
		return bad_header(c, "fewer strings");
	return 0;
}

/* Types as words of ours. */
static int read_words(struct check *c)
{
	struct ksym_btf *b = c->b;
	size_t nr = c->types_len / 4;

	if (!b->swap && c->types_off == 24) {
		b->words = (uint32_t *)(void *)(b->data + 24);
		return 0;
	}
	b->words = malloc(nr * 4 + 4);
	if (!b->words)
		return ks_error_nomem(c->err);
	for (size_t i = 0; i < nr; i++)
		b->words[i] = get32(c, c->types_off + 4 * i);
	return 0;
}

static int find_types(struct check *c)
{
	struct ksym_btf *b = c->b;
	uint32_t nr = c->types_len / 4, at = 0;
	KS_VEC(uint32_t) v = { 0 };
	uint32_t *slot;
	int ret = 0;

	c->id = b->first;
	while (at < nr && !ret) {
		const uint32_t *t = b->words + at;

		slot = ks_vec_push(&v);
		if (!slot)
			ret = ks_error_nomem(c->err);
		else if (nr - at < 3)
			ret = bad(c, "12 bytes at least");
		else if (!ks_btf_layout(t)->known)
			ret = bad(c, "a kind from 1 to 19");
		else if (nr - at < ks_btf_words(t))
			ret = bad(c, "its parts inside the file");
		else if (b->first + v.len > INT32_MAX)
			ret = bad(c, "fewer types");
		if (ret)
			break;
		*slot = at;
		at += ks_btf_words(t);
		c->id++;
	}
	b->nr = (uint32_t)v.len - (ret && v.len);
	slot = ret ? NULL : ks_vec_push(&v);
	if (!ret && !slot)
		ret = ks_error_nomem(c->err);
	if (slot)
		*slot = at;
	b->at = v.data;
	return ret;
}

static bool is_int_size(uint32_t size)
{
	return size && size <= 16 && !(size & (size - 1));
}

/* Kinds that can be the type of a member, an element, a variable. */
static bool is_type(unsigned int kind)
{
	return kind != BTF_KIND_FUNC && kind != BTF_KIND_VAR && kind != BTF_KIND_DATASEC &&
	       kind != KS_BTF_DECL_TAG;
}

/* Can a type refer to @id as a type? */
static inline bool is_ref(const struct check *c, uint32_t id)
{
	const struct ksym_btf *b = c->b;

	if (id >= b->first)
		return id - b->first < b->nr && is_type(KS_BTF_KIND(b->words + b->at[id - b->first]));
	return !id || is_type(KS_BTF_KIND(ks_btf_by_id(b, id)));
}

static int add_var(const struct check *c, uint32_t var, const uint32_t *entry)
{
	struct ks_btf_section_var *v = ks_vec_push(&c->b->vars);

	if (!v)
		return ks_error_nomem(c->err);
	*v = (struct ks_btf_section_var){ var, c->id, entry[1], entry[2] };
	return 0;
}

/* Names and types of the parts. */
static int check_parts(const struct check *c, const uint32_t *t)
{
	const struct ks_btf_layout *l = ks_btf_layout(t);
	uint32_t nr = l->part ? KS_BTF_VLEN(t) : 0, strings_end = ks_btf_strings_end(c->b);
	const uint32_t *part = t + 3 + l->fixed;

	for (uint32_t i = 0; i < nr; i++, part += l->part) {
		if (l->part_name >= 0 && part[l->part_name] >= strings_end)
			return bad(c, "names inside the strings");
		if (l->part_type >= 0 && !is_ref(c, part[l->part_type]))
			return bad(c, "references to types that are there");
	}
	return 0;
}

static int check_section(const struct check *c, const uint32_t *t)
{
	for (uint32_t i = 0; i < KS_BTF_VLEN(t); i++) {
		const uint32_t *entry = t + 3 + 3 * i, *to = ks_btf_by_id(c->b, entry[0]);
		int ret;

		if (!to || KS_BTF_KIND(to) != BTF_KIND_VAR)
			return bad(c, "entries that are variables");
		ret = add_var(c, entry[0], entry);
		if (ret)
			return ret;
	}
	return 0;
}

static int check_type(const struct check *c, const uint32_t *t)
{
	const uint32_t *to;

	if (t[0] >= ks_btf_strings_end(c->b))
		return bad(c, "names inside the strings");
	switch (KS_BTF_KIND(t)) {
	case BTF_KIND_DATASEC:
		return check_section(c, t);
	case BTF_KIND_FUNC:
		to = ks_btf_by_id(c->b, t[2]);
		return to && KS_BTF_KIND(to) == BTF_KIND_FUNC_PROTO ? 0
								     : bad(c, "a function to have a prototype");
	case KS_BTF_DECL_TAG:
		return ks_btf_by_id(c->b, t[2]) ? 0 : bad(c, "a tag of something");
	case BTF_KIND_INT:
		return is_int_size(t[2]) ? 0 : bad(c, "an integer of 1, 2, 4, 8 or 16 bytes");
	case BTF_KIND_ARRAY:
		return is_ref(c, t[3]) && is_ref(c, t[4]) ? 0 : bad(c, "references to types that are there");
	}
	if (ks_btf_layout(t)->has_type && !is_ref(c, t[2]))
		return bad(c, "references to types that are there");
	return check_parts(c, t);
}

enum colour { UNSEEN, ON_THE_WAY, DONE };

/* A type on the way, and which of its references comes next. */
struct frame {
	uint32_t id, word;
};

struct circles {
	struct check *c;
	uint8_t *colours;		/* enum colour of each type */
	KS_VEC(struct frame) stack;
};

/* A name ends every circle, but that of an alias. */
static bool ends_circles(const uint32_t *t)
{
	return ks_btf_layout(t)->is_named && t[0] && KS_BTF_KIND(t) != BTF_KIND_TYPEDEF;
}

/* Every circle has a reference to a type not before the one that refers. */
static bool leads_on(const struct ksym_btf *b, uint32_t id)
{
	const uint32_t *t = ks_btf_by_id(b, id);

	if (ends_circles(t))
		return false;
	ks_btf_for_each_ref(word, t)
		if (t[word] >= id)
			return true;
	return false;
}

static bool enter(struct circles *w, uint32_t id)
{
	const uint32_t *t = ks_btf_by_id(w->c->b, id);
	struct frame *f = ks_vec_push(&w->stack);

	if (!f)
		return false;
	w->colours[id - w->c->b->first] = ON_THE_WAY;
	*f = (struct frame){ id, ks_btf_first_ref(t) };
	return true;
}

static int walk_from(struct circles *w, uint32_t id)
{
	const struct ksym_btf *b = w->c->b;
	bool ok = enter(w, id);

	while (ok && w->stack.len) {
		struct frame *f = &w->stack.data[w->stack.len - 1];
		const uint32_t *t = ks_btf_by_id(b, f->id);
		uint32_t to;

		if (!f->word) {
			w->colours[f->id - b->first] = DONE;
			w->stack.len--;
			continue;
		}
		to = t[f->word];
		f->word = ks_btf_next_ref(t, f->word);
		if (to < b->first || w->colours[to - b->first] == DONE ||
		    ends_circles(ks_btf_by_id(b, to)))
			continue;
		w->c->id = to;
		if (w->colours[to - b->first] == ON_THE_WAY)
			return bad(w->c, "a type that does not contain itself");
		ok = enter(w, to);
	}
	return ok ? 0 : ks_error_nomem(w->c->err);
}

/* Types without a name cannot lead to each other in circles, so that whoever follows them
 * comes to an end. */
static int check_circles(struct check *c)
{
	struct circles w = { .c = c, .colours = calloc((size_t)c->b->nr + 1, 1) };
	int ret = w.colours ? 0 : ks_error_nomem(c->err);

	for (uint32_t i = 0; i < c->b->nr && !ret; i++)
		if (!w.colours[i] && leads_on(c->b, c->b->first + i))
			ret = walk_from(&w, c->b->first + i);
	free(w.colours);
	ks_vec_free(&w.stack);
	return ret;
}

static void count(struct check *c)
{
	struct ksym_btf *b = c->b;

	b->info.first = b->first;
	b->info.nr_types = b->nr;
	b->info.types_len = c->types_len;
	b->info.strings_len = b->strings_len;
	b->info.nr_vars = (uint32_t)b->vars.len;
	for (uint32_t i = 0; i < b->nr; i++)
		b->info.nr_kinds[KS_BTF_KIND(b->words + b->at[i])]++;
}

int ks_btf_check(struct ksym_btf *b, struct ksym_error *err)
{
	struct check c = { .b = b, .err = err };
	int ret = read_header(&c);

	if (!ret)
		ret = read_words(&c);
	if (!ret)
		ret = find_types(&c);
	for (uint32_t i = 0; i < b->nr && !ret; i++) {
		c.id = b->first + i;
		ret = check_type(&c, b->words + b->at[i]);
	}
	if (!ret)
		ret = check_circles(&c);
	if (!ret)
		count(&c);
	return ret;
}
