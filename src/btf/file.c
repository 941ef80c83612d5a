// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/file.h"

#include <stdio.h>
#include <string.h>
#include "base/file.h"
#include "elf/put.h"

#define SECTION ".BTF"
#define SECTION_BASE ".BTF.base"
#define HEADER_LEN 24u
#define LONG_HEADER_LEN 32u	/* with the place of a layout, since Linux 7.1 */

/* ------------------------------------------------------------------ access */

const uint32_t *ks_btf_by_id(const struct ksym_btf *b, uint32_t id)
{
	while (id < b->first && b->base)
		b = b->base;
	return id >= b->first && id - b->first < b->nr ? b->words + b->at[id - b->first] : NULL;
}

const char *ks_btf_string(const struct ksym_btf *b, uint32_t off)
{
	while (off < b->first_string && b->base)
		b = b->base;
	return off - b->first_string < b->strings_len ? b->strings + (off - b->first_string) : "";
}

const void *ksym_btf_data(const struct ksym_btf *b, size_t *len)
{
	*len = b->len;
	return b->data;
}

int ksym_btf_write(const struct ksym_btf *b, const char *path, struct ksym_error *err)
{
	return ks_file_write(path, b->data, b->len, err);
}

void ksym_btf_info(const struct ksym_btf *b, struct ksym_btf_info *info)
{
	size_t size = info->size < sizeof(*info) ? info->size : sizeof(*info), given = info->size;

	memcpy(info, &b->info, size);
	info->size = given;
}

bool ksym_btf_var(const struct ksym_btf *b, uint32_t i, struct ksym_btf_var *var)
{
	const struct ks_btf_section_var *v;
	const uint32_t *t, *section;

	if (i >= b->vars.len)
		return false;
	v = &b->vars.data[i];
	t = ks_btf_by_id(b, v->id);
	section = ks_btf_by_id(b, v->section);
	*var = (struct ksym_btf_var){ .name = ks_btf_string(b, t[0]), .type = t[2],
				      .section = ks_btf_string(b, section[0]), .off = v->off,
				      .len = v->len, .is_global = t[3] == BTF_VAR_GLOBAL_ALLOCATED };
	return true;
}

/* ----------------------------------------------------------------- strings */

struct string {
	uint64_t tail;		/* the last 8 bytes, the last one most significant */
	uint32_t nr;
	bool whole;		/* may not lie inside another */
};

struct table {
	const struct ks_strpool *strings;
	const struct ksym_btf *base;
	uint32_t *off;		/* of each string; UINT32_MAX = not used */
	KS_VEC(struct string) used;
	KS_VEC(char) text;
};

static uint64_t tail_of(const char *s, size_t len)
{
	uint64_t tail = 0;

	for (unsigned int i = 0; i < 8; i++)
		tail = tail << 8 | (i < len ? (uint8_t)s[len - 1 - i] : 0);
	return tail;
}

/* By their ends, so that a string stands before those that end with it. */
static int compare_ends(const void *a, const void *b, void *arg)
{
	const struct string *x = a, *y = b;
	const struct ks_strpool *p = arg;
	const struct ks_strpool_entry *s, *t;

	if (x->tail != y->tail)
		return x->tail < y->tail ? -1 : 1;
	s = &p->entries[x->nr];
	t = &p->entries[y->nr];
	for (uint32_t i = 1; i <= s->len && i <= t->len; i++)
		if (s->s[s->len - i] != t->s[t->len - i])
			return (uint8_t)s->s[s->len - i] < (uint8_t)t->s[t->len - i] ? -1 : 1;
	return s->len < t->len ? -1 : s->len > t->len;
}

/*
 * Every string once, one that others end with not at all.  Those of the base are there.
 * libbpf finds names in a base only where a string begins, so that what split BTF may have in
 * common with it has to be whole: else modules that pahole encodes on it have a `struct page`
 * of their own.  Variables they have not.
 */
static bool place_strings(struct table *t, uint32_t first)
{
	const struct ks_strpool_entry *last = NULL;
	uint32_t last_off = 0;

	if (t->used.len)
		qsort_r(t->used.data, t->used.len, sizeof(*t->used.data), compare_ends,
			(void *)t->strings);
	for (size_t i = t->used.len; i-- > 0;) {
		uint32_t nr = t->used.data[i].nr;
		const struct ks_strpool_entry *s = &t->strings->entries[nr];

		if (!t->used.data[i].whole && last && last->len >= s->len &&
		    !memcmp(last->s + (last->len - s->len), s->s, s->len)) {
			t->off[nr] = last_off + (last->len - s->len);
			continue;
		}
		if (t->text.len > UINT32_MAX - first - s->len - 1 ||
		    !ks_vec_reserve(&t->text, (size_t)s->len + 1))
			return false;
		last_off = first + (uint32_t)t->text.len;
		last = s;
		t->off[nr] = last_off;
		memcpy(t->text.data + t->text.len, s->s, (size_t)s->len + 1);
		t->text.len += (size_t)s->len + 1;
	}
	return true;
}

static bool use_string(struct table *t, uint32_t nr, bool whole)
{
	const struct ks_strpool_entry *s = &t->strings->entries[nr];
	struct string *slot;

	if (t->off[nr] != UINT32_MAX)
		return true;
	t->off[nr] = 0;
	if (!s->len || (t->base && ks_btf_index_string(t->base, s->s, &t->off[nr])))
		return true;
	slot = ks_vec_push(&t->used);
	if (slot)
		*slot = (struct string){ tail_of(s->s, s->len), nr, whole };
	return slot;
}

/* Those of variables, or those of all else. */
static bool use_strings(struct table *t, const struct ks_btf_types *types, bool of_vars)
{
	for (uint32_t i = 1; i < types->at.len; i++) {
		const uint32_t *w = ks_btf_type(types, i);

		if ((KS_BTF_KIND(w) == BTF_KIND_VAR) != of_vars)
			continue;
		ks_btf_for_each_name(word, w)
			if (!use_string(t, w[word], !of_vars && !t->base))
				return false;
	}
	return true;
}

static bool make_strings(struct table *t, const struct ks_btf_types *types)
{
	t->off = malloc((t->strings->nr + 1) * sizeof(*t->off));
	if (!t->off)
		return false;
	memset(t->off, 0xff, (t->strings->nr + 1) * sizeof(*t->off));
	if (!use_strings(t, types, false) || !use_strings(t, types, true))
		return false;
	/* The first string is "". */
	if (!t->base && !ks_vec_push(&t->text))
		return false;
	return place_strings(t, t->base ? ks_btf_strings_end(t->base) : 0);
}

/* ------------------------------------------------------------------- write */

static void put32(uint8_t *to, uint32_t v, bool swap)
{
	v = swap ? __builtin_bswap32(v) : v;
	memcpy(to, &v, 4);
}

/* types, layout, strings: lengths of the parts. */
static void put_header(uint8_t *to, uint32_t types_len, uint32_t layout_len, uint32_t strings_len,
		       bool swap)
{
	uint16_t magic = swap ? __builtin_bswap16(BTF_MAGIC) : BTF_MAGIC;

	memcpy(to, &magic, 2);
	to[2] = BTF_VERSION;
	to[3] = 0;
	put32(to + 4, layout_len ? LONG_HEADER_LEN : HEADER_LEN, swap);
	put32(to + 8, 0, swap);
	put32(to + 12, types_len, swap);
	put32(to + 16, types_len + layout_len, swap);
	put32(to + 20, strings_len, swap);
	if (!layout_len)
		return;
	put32(to + 24, types_len, swap);
	put32(to + 28, layout_len, swap);
}

/* Of each kind the bytes behind the first 12, and those of each part; two that are 0. */
static void put_layout(uint8_t *to)
{
	for (unsigned int kind = 0; kind < KS_BTF_NR_KINDS; kind++, to += 4) {
		to[0] = (uint8_t)(4 * ks_btf_layouts[kind].fixed);
		to[1] = (uint8_t)(4 * ks_btf_layouts[kind].part);
		to[2] = to[3] = 0;
	}
}

/* Types in the order of their numbers. */
static void put_types(uint8_t *to, const struct ks_btf_types *types, const struct table *t, bool swap)
{
	for (uint32_t i = 1; i < types->at.len; i++) {
		const uint32_t *w = ks_btf_type(types, i);
		uint32_t nr = ks_btf_words(w);

		for (uint32_t k = 0; k < nr; k++)
			put32(to + 4 * k, w[k], swap);
		ks_btf_for_each_name(word, w)
			put32(to + 4 * word, t->off[w[word]], swap);
		to += 4 * nr;
	}
}

int ks_btf_make(struct ksym_btf **out, const struct ks_btf_types *types,
		const struct ks_strpool *strings, const struct ksym_btf *base, unsigned int form,
		const char *path, struct ksym_error *err)
{
	uint32_t layout_len = form & KS_BTF_LAYOUT ? 4 * KS_BTF_NR_KINDS : 0;
	size_t header_len = layout_len ? LONG_HEADER_LEN : HEADER_LEN;
	struct table t = { .strings = strings, .base = base };
	bool swap = form & KS_BTF_SWAPPED;
	uint64_t types_len = 0, len;
	uint8_t *data = NULL;
	int ret = 0;

	for (uint32_t i = 1; i < types->at.len; i++)
		types_len += 4 * (uint64_t)ks_btf_words(ks_btf_type(types, i));
	if (!make_strings(&t, types))
		ret = ks_error_nomem(err);
	len = header_len + types_len + layout_len + t.text.len;
	if (!ret && len > INT32_MAX)
		ret = ks_error(err, -E2BIG, "%s: its types would take more than 2 GiB of BTF", path);
	data = ret ? NULL : malloc(len);
	if (!ret && !data)
		ret = ks_error_nomem(err);
	if (!ret) {
		put_header(data, (uint32_t)types_len, layout_len, (uint32_t)t.text.len, swap);
		put_types(data + header_len, types, &t, swap);
		if (layout_len)
			put_layout(data + header_len + types_len);
		if (t.text.len)
			memcpy(data + header_len + types_len + layout_len, t.text.data, t.text.len);
		ret = ks_btf_open(out, data, len, base, path, err);
	}
	free(t.off);
	ks_vec_free(&t.used);
	ks_vec_free(&t.text);
	return ret;
}

int ksym_btf_embed(const struct ksym_btf *b, const char *path, const char *out,
		   struct ksym_error *err)
{
	/* A distilled base of what was there before is nobody's any longer. */
	const struct ks_elf_section_put sections[] = {
		{ SECTION, b->data, b->len },
		{ SECTION_BASE, b->own_base ? b->own_base->data : NULL, b->own_base ? b->own_base->len : 0 },
	};

	return ks_elf_put_sections(path, out, sections, 2, err);
}

/* -------------------------------------------------------------------- read */

void ksym_btf_close(struct ksym_btf *b)
{
	if (!b)
		return;
	if (b->words != (uint32_t *)(void *)(b->data + HEADER_LEN))
		free(b->words);
	ksym_btf_close(b->own_base);
	ks_btf_index_free(b->index);
	free(b->data);
	free(b->at);
	free(b->path);
	ks_vec_free(&b->vars);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

int ks_btf_open(struct ksym_btf **out, uint8_t *data, size_t len, const struct ksym_btf *base,
		const char *path, struct ksym_error *err)
{
	struct ksym_btf *b = calloc(1, sizeof(*b));
	int ret;

	if (!b) {
		free(data);
		return ks_error_nomem(err);
	}
	pthread_mutex_init(&b->lock, NULL);
	b->data = data;
	b->len = len;
	b->base = base;
	b->first = base ? ks_btf_end(base) : 1;
	b->first_string = base ? ks_btf_strings_end(base) : 0;
	b->path = strdup(path);
	ret = b->path ? ks_btf_check(b, err) : ks_error_nomem(err);
	if (ret)
		ksym_btf_close(b);
	else
		*out = b;
	return ret;
}

/* A section of an image; *@data is NULL when there is none. */
static int read_section(struct ks_elf *e, const char *name, uint8_t **data, size_t *len,
			struct ksym_error *err)
{
	uint32_t n = ks_elf_find_section(e, name);
	const uint8_t *section;
	int ret;

	/* A file that has kept debug information alone has the section's header. */
	if (!n || e->sections[n].type == SHT_NOBITS)
		return 0;
	ret = ks_elf_section_data(e, n, &section, len, err);
	if (ret)
		return ret;
	*data = malloc(*len + 1);
	if (!*data)
		return ks_error_nomem(err);
	if (*len)
		memcpy(*data, section, *len);
	return 0;
}

/* On its distilled base, which it takes over; when there is a real one, on that. */
static int open_distilled(struct ksym_btf **btf, uint8_t *data, size_t len, struct ksym_btf *distilled,
			  const struct ksym_btf *base, const char *path, struct ksym_error *err)
{
	struct ksym_btf *split;
	int ret = ks_btf_open(&split, data, len, distilled, path, err);

	if (ret) {
		ksym_btf_close(distilled);
		return ret;
	}
	split->own_base = distilled;
	if (!base) {
		*btf = split;
		return 0;
	}
	ret = ksym_btf_relocate(btf, split, base, err);
	ksym_btf_close(split);
	return ret;
}

static int read_image(struct ksym_btf **btf, const char *path, const struct ksym_btf *base,
		      struct ksym_error *err)
{
	struct ks_elf e ks_cleanup_elf = { .fd = -1 };
	uint8_t *data = NULL, *distilled_data = NULL;
	struct ksym_btf *distilled = NULL;
	size_t len = 0, distilled_len = 0;
	int ret = ks_elf_open(&e, path, err);

	if (!ret)
		ret = read_section(&e, SECTION, &data, &len, err);
	if (!ret && !data)
		ret = ks_error(err, -ENODATA, "%s: has no section " SECTION
			       " (ksym btf makes one from debug information)", path);
	if (!ret)
		ret = read_section(&e, SECTION_BASE, &distilled_data, &distilled_len, err);
	if (!ret && !distilled_data)
		return ks_btf_open(btf, data, len, base, path, err);
	if (!ret)
		ret = ks_btf_open(&distilled, distilled_data, distilled_len, NULL, path, err);
	if (!ret)
		return open_distilled(btf, data, len, distilled, base, path, err);
	free(data);
	return ret;
}

int ksym_btf_read(struct ksym_btf **btf, const char *path, const struct ksym_btf *base,
		  struct ksym_error *err)
{
	struct ks_file f ks_cleanup_file = { 0 };
	uint8_t *data;
	int ret = ks_file_open(&f, path, err);

	if (ret)
		return ret;
	if (f.len >= 4 && !memcmp(f.data, "\177ELF", 4))
		return read_image(btf, path, base, err);
	data = malloc(f.len + 1);
	if (!data)
		return ks_error_nomem(err);
	memcpy(data, f.data, f.len);
	return ks_btf_open(btf, data, f.len, base, path, err);
}

const struct ksym_btf *ksym_btf_base(const struct ksym_btf *b)
{
	return b->base;
}

void ks_btf_inherit(struct ksym_btf *b, const struct ksym_btf *from)
{
	const struct ksym_btf_info *i = &from->info;

	b->addr_len = from->addr_len;
	b->info.nr_inconsistent = i->nr_inconsistent;
	b->info.nr_ambiguous = i->nr_ambiguous;
	b->info.nr_registers = i->nr_registers;
	b->info.nr_optimized = i->nr_optimized;
	b->info.nr_packed = i->nr_packed;
	b->info.nr_rust = i->nr_rust;
}
