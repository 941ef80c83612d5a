// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Tables: what goes in comes out.  ELF files of every class and byte order are
 * written here symbol by symbol, indexed, and what the index says of every symbol,
 * name and address is compared with searches through a plain array.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "index/hash.h"
#include "index/index.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

static char dir[] = "/tmp/ksym-tables.XXXXXX";

/* ------------------------------------------------- an image, and its writer */

struct section {
	const char *name;
	uint32_t type;
	uint64_t flags, va, len;	/* SHT_PROGBITS: that many zero bytes are written */
};

struct symbol {
	char *name;
	uint64_t va, len;
	uint16_t shndx;
	uint8_t bind, type;
	char letter;			/* what the index has to say */
	bool is_text;
	uint32_t order;			/* in the ELF file */
};

struct image {
	bool is_64, big;
	uint16_t machine, type;
	struct section sections[16];	/* [0] stays empty */
	unsigned int nr_sections;
	struct symbol *syms;
	size_t nr, cap;
};

struct bytes {
	uint8_t *p;
	size_t len, cap;
	bool big;
};

static void put(struct bytes *b, const void *p, size_t len)
{
	if (b->len + len > b->cap) {
		b->cap = (b->len + len) * 2;
		b->p = realloc(b->p, b->cap);
		assert_non_null(b->p);
	}
	if (p)
		memcpy(b->p + b->len, p, len);
	else
		memset(b->p + b->len, 0, len);
	b->len += len;
}

static void put_int(struct bytes *b, uint64_t v, unsigned int len)
{
	uint8_t buf[8];

	for (unsigned int i = 0; i < len; i++, v >>= 8)
		buf[b->big ? len - 1 - i : i] = (uint8_t)v;
	put(b, buf, len);
}

static void put_section_header(struct bytes *b, bool is_64, uint32_t name, const struct section *s,
			       uint64_t off, uint32_t link, uint64_t entsize)
{
	unsigned int word = is_64 ? 8 : 4;

	put_int(b, name, 4);
	put_int(b, s->type, 4);
	put_int(b, s->flags, word);
	put_int(b, s->va, word);
	put_int(b, off, word);
	put_int(b, s->len, word);
	put_int(b, link, 4);
	put_int(b, 0, 4);
	put_int(b, 1, word);
	put_int(b, entsize, word);
}

static void put_symbol(struct bytes *b, bool is_64, uint32_t name, const struct symbol *s)
{
	uint8_t info = (uint8_t)(s->bind << 4 | s->type);

	put_int(b, name, 4);
	if (is_64) {
		put_int(b, info, 1);
		put_int(b, 0, 1);
		put_int(b, s->shndx, 2);
		put_int(b, s->va, 8);
		put_int(b, s->len, 8);
	} else {
		put_int(b, s->va, 4);
		put_int(b, s->len, 4);
		put_int(b, info, 1);
		put_int(b, 0, 1);
		put_int(b, s->shndx, 2);
	}
}

static void put_elf_header(struct bytes *b, const struct image *im, uint64_t shoff, unsigned int nr)
{
	unsigned int word = im->is_64 ? 8 : 4;
	const uint8_t ident[16] = { 0x7f, 'E', 'L', 'F', im->is_64 ? 2 : 1, im->big ? 2 : 1, 1 };

	put(b, ident, 16);
	put_int(b, im->type, 2);
	put_int(b, im->machine, 2);
	put_int(b, 1, 4);
	put_int(b, 0, word);
	put_int(b, 0, word);
	put_int(b, shoff, word);
	put_int(b, 0, 4);
	put_int(b, im->is_64 ? 64 : 52, 2);
	put_int(b, im->is_64 ? 56 : 32, 2);
	put_int(b, 0, 2);
	put_int(b, im->is_64 ? 64 : 40, 2);
	put_int(b, nr, 2);
	put_int(b, nr - 1, 2);
}

/* Headers, contents, .symtab, .strtab, .shstrtab, section headers. */
static void write_image(const struct image *im, const char *path)
{
	struct bytes b = { .big = im->big }, head = { .big = im->big };
	struct bytes str = { 0 }, shstr = { 0 };
	unsigned int n = im->nr_sections;
	uint64_t off[20] = { 0 }, entsize = im->is_64 ? 24 : 16;
	struct section tables[3] = {
		{ ".symtab", SHT_SYMTAB, 0, 0, (im->nr + 1) * entsize },
		{ ".strtab", SHT_STRTAB, 0, 0, 0 },
		{ ".shstrtab", SHT_STRTAB, 0, 0, 0 },
	};
	uint32_t names[20] = { 0 };
	FILE *f;

	put(&b, NULL, im->is_64 ? 64 : 52);
	put(&str, "", 1);
	put(&shstr, "", 1);
	for (unsigned int i = 1; i < n + 3; i++) {
		const struct section *s = i < n ? &im->sections[i] : &tables[i - n];

		names[i] = (uint32_t)shstr.len;
		put(&shstr, s->name, strlen(s->name) + 1);
		off[i] = b.len;
		if (i < n && s->type != SHT_NOBITS)
			put(&b, NULL, s->len);
		else if (i == n)
			for (size_t k = 0; k <= im->nr; k++) {
				static const struct symbol none;
				const struct symbol *sym = k ? &im->syms[k - 1] : &none;

				put_symbol(&b, im->is_64, k ? (uint32_t)str.len : 0, sym);
				if (k)
					put(&str, sym->name, strlen(sym->name) + 1);
			}
		else if (i == n + 1)
			put(&b, str.p, str.len);
		else if (i == n + 2)
			put(&b, shstr.p, shstr.len);
	}
	tables[1].len = str.len;
	tables[2].len = shstr.len;
	put_elf_header(&head, im, b.len, n + 3);
	memcpy(b.p, head.p, head.len);
	for (unsigned int i = 0; i < n + 3; i++)
		put_section_header(&b, im->is_64, names[i],
				   i < n ? &im->sections[i] : &tables[i - n], off[i],
				   i == n ? n + 1 : 0, i == n ? entsize : 0);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(b.p, 1, b.len, f), b.len);
	assert_int_equal(fclose(f), 0);
	free(b.p);
	free(head.p);
	free(str.p);
	free(shstr.p);
}

/* What a symbol can be, and the letter that nm(1) gives it. */
static const struct kind {
	uint16_t shndx;
	uint8_t bind, type;
	char letter;
	bool is_text;
} kinds[] = {
	{ 1, STB_LOCAL, STT_FUNC, 't', true },
	{ 1, STB_GLOBAL, STT_FUNC, 'T', true },
	{ 1, STB_WEAK, STT_FUNC, 'W', true },
	{ 1, STB_WEAK, STT_OBJECT, 'V', true },
	{ 1, STB_GLOBAL, STT_GNU_IFUNC, 'i', true },
	{ 1, STB_GNU_UNIQUE, STT_OBJECT, 'u', true },
	{ 2, STB_LOCAL, STT_OBJECT, 'd', false },
	{ 2, STB_GLOBAL, STT_OBJECT, 'D', false },
	{ 2, STB_WEAK, STT_OBJECT, 'V', false },
	{ 2, STB_WEAK, STT_NOTYPE, 'W', false },
	{ 2, STB_GNU_UNIQUE, STT_OBJECT, 'u', false },
	{ 2, STB_LOCAL, STT_GNU_IFUNC, 'i', false },
	{ 3, STB_LOCAL, STT_NOTYPE, 'r', false },
	{ 3, STB_GLOBAL, STT_OBJECT, 'R', false },
	{ 4, STB_LOCAL, STT_OBJECT, 'b', false },
	{ 4, STB_GLOBAL, STT_OBJECT, 'B', false },
	{ 5, STB_LOCAL, STT_NOTYPE, 'n', false },
	{ 6, STB_LOCAL, STT_NOTYPE, 'N', false },
	{ SHN_ABS, STB_LOCAL, STT_NOTYPE, 'a', false },
	{ SHN_ABS, STB_GLOBAL, STT_NOTYPE, 'A', false },
	{ SHN_COMMON, STB_GLOBAL, STT_OBJECT, 'C', false },
};

/* .text is without contents, so it can be as large as an address space. */
static struct image new_image(bool is_64, bool big)
{
	return (struct image){
		.is_64 = is_64,
		.big = big,
		.machine = big ? (is_64 ? EM_S390 : EM_PPC) : (is_64 ? EM_AARCH64 : EM_386),
		.type = ET_EXEC,
		.nr_sections = 7,
		.sections = {
			[1] = { ".text", SHT_NOBITS, SHF_ALLOC | SHF_EXECINSTR, 0x10000, 0x400000 },
			[2] = { ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0x410000, 0x800 },
			[3] = { ".rodata", SHT_PROGBITS, SHF_ALLOC, 0x411000, 0x100 },
			[4] = { ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0x420000, 0x20000 },
			[5] = { ".comment", SHT_PROGBITS, 0, 0, 8 },
			[6] = { ".debug_none", SHT_PROGBITS, 0, 0, 8 },
		},
	};
}

static void add(struct image *im, const char *name, uint64_t va, uint64_t len, unsigned int kind)
{
	struct symbol *s;

	if (im->nr == im->cap) {
		im->cap = im->cap ? im->cap * 2 : 64;
		im->syms = realloc(im->syms, im->cap * sizeof(*im->syms));
		assert_non_null(im->syms);
	}
	s = &im->syms[im->nr++];
	*s = (struct symbol){ strdup(name), va, len, kinds[kind].shndx, kinds[kind].bind,
			      kinds[kind].type, kinds[kind].letter, kinds[kind].is_text,
			      (uint32_t)im->nr };
	if (!im->is_64) {
		s->va = (uint32_t)va;
		s->len = (uint32_t)len;
	}
}

static void free_image(struct image *im)
{
	for (size_t i = 0; i < im->nr; i++)
		free(im->syms[i].name);
	free(im->syms);
	*im = (struct image){ 0 };
}

/* The same numbers in every run. */
static uint64_t random_state;

static uint64_t rnd(uint64_t below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state >> 11) % below;
}

/* -------------------------------------------------------------- naive model */

static bool starts_or_ends(const char *s)
{
	size_t n = strlen(s);

	return n >= 8 && !strncmp(s, "__", 2) &&
	       (!strncmp(s, "__start_", 8) || !strncmp(s, "__stop_", 7) ||
		!strncmp(s, "__end_", 6) || !strcmp(s + n - 6, "_start") ||
		!strcmp(s + n - 4, "_end"));
}

/* The order of /proc/kallsyms. */
static int compare_symbols(const void *pa, const void *pb)
{
	const struct symbol *a = pa, *b = pb;
	const bool weak_a = strchr("Ww", a->letter), weak_b = strchr("Ww", b->letter);
	size_t under_a = strspn(a->name, "_"), under_b = strspn(b->name, "_");
	int c;

	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	if (weak_a != weak_b)
		return weak_a - weak_b;
	if (starts_or_ends(a->name) != starts_or_ends(b->name))
		return starts_or_ends(a->name) - starts_or_ends(b->name);
	if (under_a != under_b)
		return under_a < under_b ? -1 : 1;
	c = strcmp(a->name, b->name);
	return c ? c : (a->order > b->order) - (a->order < b->order);
}

static const struct section *section_at(const struct image *im, uint64_t va)
{
	for (unsigned int i = 1; i < im->nr_sections; i++)
		if ((im->sections[i].flags & SHF_ALLOC) && va >= im->sections[i].va &&
		    va - im->sections[i].va < im->sections[i].len)
			return &im->sections[i];
	return NULL;
}

/*
 * The nearest symbol at or before @va when it covers @va; else, in the same section,
 * one that encloses @va, else the nearest.
 */
static uint32_t naive_at(const struct image *im, uint64_t va)
{
	const struct section *sect = section_at(im, va);
	uint32_t first = KS_NONE, nr_at = 0;

	for (uint32_t i = 0; i < im->nr && im->syms[i].va <= va; i++) {
		if (first == KS_NONE || im->syms[i].va != im->syms[first].va) {
			first = i;
			nr_at = 0;
		}
		nr_at++;
	}
	if (first == KS_NONE)
		return KS_NONE;
	for (uint32_t i = first; i < first + nr_at; i++)
		if (va - im->syms[i].va < im->syms[i].len)
			return i;
	if (sect ? im->syms[first].va < sect->va : im->syms[first].va != va)
		return KS_NONE;
	/* A label without a size is nearer than what it lies in. */
	if (!im->syms[first].len)
		return first;
	for (uint32_t i = first; i--;) {
		if (sect && im->syms[i].va < sect->va)
			break;
		if (va - im->syms[i].va >= im->syms[i].len)
			continue;
		/* Of several at one address the first that covers it. */
		for (uint32_t k = i; k-- && im->syms[k].va == im->syms[i].va;)
			if (va - im->syms[k].va < im->syms[k].len)
				i = k;
		return i;
	}
	return first;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ------------------------------------------------------ index against model */

static struct ksym_index *build(struct image *im, enum ksym_selection select)
{
	struct ksym_build_opts o = KSYM_OPTS(o, .select = select, .no_debug_search = true);
	struct ksym_index *idx;
	struct ksym_error err;
	char path[64];

	snprintf(path, sizeof(path), "%s/image", dir);
	write_image(im, path);
	if (ksym_index_build(path, &o, &idx, &err))
		fail_msg("%s", err.text);
	if (ksym_index_verify(idx, &err))
		fail_msg("%s", err.text);
	if (im->nr)
		qsort(im->syms, im->nr, sizeof(*im->syms), compare_symbols);
	return idx;
}

static void check_every_symbol(const struct ksym_index *idx, const struct image *im)
{
	static struct ksym_symbol s;

	assert_int_equal(idx->t.nr_symbols, im->nr);
	for (uint32_t i = 0; i < im->nr; i++) {
		const struct symbol *want = &im->syms[i];

		assert_true(ksym_index_symbol(idx, i, &s));
		assert_string_equal(s.name, want->name);
		assert_int_equal(s.name_len, strlen(want->name));
		assert_int_equal(s.index, i);
		if (s.va != want->va || s.len != want->len)
			fail_msg("%s: at 0x%llx, 0x%llx bytes: expected 0x%llx, 0x%llx", s.name,
				 (unsigned long long)s.va, (unsigned long long)s.len,
				 (unsigned long long)want->va, (unsigned long long)want->len);
		assert_int_equal(s.type, want->letter);
		assert_int_equal(s.is_text, want->is_text);
	}
	assert_false(ksym_index_symbol(idx, (uint32_t)im->nr, &s));
	assert_false(ksym_index_symbol(idx, UINT32_MAX, &s));
}

/* Position and presence of @name in the sorted array against the index's. */
static void check_name(const struct ksym_index *idx, char *const *sorted, size_t nr,
		       const char *name)
{
	uint32_t want = 0, nr_same = 0, n;
	static struct ksym_symbol s;
	uint64_t last_va = 0;
	bool equal;

	while (want < nr && strcmp(sorted[want], name) < 0)
		want++;
	while (want + nr_same < nr && !strcmp(sorted[want + nr_same], name))
		nr_same++;
	n = ks_tables_find(&idx->t, name, strlen(name), &equal);
	if (n != want || equal != (nr_same > 0))
		fail_msg("\"%.80s\": position %u, %d: expected %u, %d", name, n, equal, want,
			 nr_same > 0);
	for (uint32_t i = 0; i < nr_same; i++) {
		assert_true(ksym_index_named(idx, name, strlen(name), i, &s));
		assert_string_equal(s.name, name);
		assert_int_equal(ks_tables_rank(&idx->t, s.index), want + i);
		assert_int_equal(ks_tables_ordered(&idx->t, want + i), s.index);
		assert_true(s.va >= last_va);
		last_va = s.va;
	}
	assert_false(ksym_index_named(idx, name, strlen(name), nr_same, &s));
	assert_false(ksym_index_named(idx, name, strlen(name), UINT32_MAX, &s));
}

static void check_every_name(const struct ksym_index *idx, const struct image *im)
{
	char **sorted = calloc(im->nr + 1, sizeof(*sorted));
	char buf[2048];

	assert_non_null(sorted);
	for (size_t i = 0; i < im->nr; i++)
		sorted[i] = im->syms[i].name;
	qsort(sorted, im->nr, sizeof(*sorted), compare_strings);
	check_name(idx, sorted, im->nr, "");
	check_name(idx, sorted, im->nr, "\x01");
	check_name(idx, sorted, im->nr, "\xff\xff");
	for (size_t i = 0; i < im->nr; i++) {
		size_t n = strlen(sorted[i]);

		if (i && !strcmp(sorted[i], sorted[i - 1]))
			continue;
		check_name(idx, sorted, im->nr, sorted[i]);
		/* Right before it, right behind it, and a part of it. */
		memcpy(buf, sorted[i], n + 1);
		buf[n - 1]--;
		check_name(idx, sorted, im->nr, buf);
		buf[n - 1] += 2;
		check_name(idx, sorted, im->nr, buf);
		buf[n - 1] = 0;
		check_name(idx, sorted, im->nr, buf);
		snprintf(buf, sizeof(buf), "%s\x01", sorted[i]);
		check_name(idx, sorted, im->nr, buf);
		snprintf(buf, sizeof(buf), "%.*s\xfe", (int)n / 2, sorted[i]);
		check_name(idx, sorted, im->nr, buf);
	}
	free(sorted);
}

static void check_at(const struct ksym_index *idx, const struct image *im, uint64_t va)
{
	struct ks_sym sym, same;
	uint32_t got = ks_tables_at(&idx->t, va, &sym), want = naive_at(im, va), count = 0;

	if (got != want)
		fail_msg("at 0x%llx: %s (%d): expected %s (%d)", (unsigned long long)va,
			 got == KS_NONE ? "none" : im->syms[got].name, (int)got,
			 want == KS_NONE ? "none" : im->syms[want].name, (int)want);
	if (got != KS_NONE) {
		assert_true(ks_tables_symbol(&idx->t, got, &same));
		assert_true(sym.va == same.va && sym.len == same.len);
		assert_true(sym.type == same.type && sym.is_text == same.is_text &&
			    sym.owner == same.owner);
	}
	while (count < im->nr && im->syms[count].va <= va)
		count++;
	assert_int_equal(ks_tables_count_to(&idx->t, va), count);
}

static void check_addresses(const struct ksym_index *idx, const struct image *im,
			    unsigned int nr_random)
{
	check_at(idx, im, 0);
	check_at(idx, im, UINT64_MAX);
	for (size_t i = 0; i < im->nr; i++) {
		const struct symbol *s = &im->syms[i];

		for (int d = -1; d <= 1; d++) {
			check_at(idx, im, s->va + (uint64_t)d);
			check_at(idx, im, s->va + s->len + (uint64_t)d);
		}
	}
	for (unsigned int i = 1; i < im->nr_sections; i++) {
		check_at(idx, im, im->sections[i].va - 1);
		check_at(idx, im, im->sections[i].va);
		check_at(idx, im, im->sections[i].va + im->sections[i].len);
	}
	for (unsigned int i = 0; i < nr_random; i++) {
		uint64_t va = im->nr ? im->syms[rnd(im->nr)].va : 0;

		check_at(idx, im, va + rnd(0x20000) - 0x10000);
		check_at(idx, im, va + rnd(64) - 16);
		check_at(idx, im, rnd(UINT64_MAX) << rnd(64));
	}
}

static void check_image(struct image *im, unsigned int nr_random)
{
	struct ksym_index *idx = build(im, KSYM_SELECT_ALL), *again;
	struct ksym_error err;
	char path[64];

	check_every_symbol(idx, im);
	check_every_name(idx, im);
	check_addresses(idx, im, nr_random);
	/* The same from a file. */
	snprintf(path, sizeof(path), "%s/index", dir);
	assert_int_equal(ksym_index_write(idx, path, &err), 0);
	assert_int_equal(ksym_index_open(path, &again, &err), 0);
	assert_int_equal(ksym_index_verify(again, &err), 0);
	assert_int_equal(again->t.len, idx->t.len);
	assert_memory_equal(again->t.base, idx->t.base, (size_t)idx->t.len);
	check_every_symbol(again, im);
	ksym_index_close(again);
	ksym_index_close(idx);
}

/* ------------------------------------------------------------- round trips */

static void every_class_and_byte_order_comes_back(void **state)
{
	(void)state;
	for (int variant = 0; variant < 4; variant++) {
		struct image im = new_image(variant & 1, variant & 2);
		struct ksym_index_info info = { .size = sizeof(info) };
		struct ksym_index *idx;

		random_state = (uint64_t)variant;
		for (unsigned int i = 0; i < 700; i++) {
			char name[64];

			snprintf(name, sizeof(name), "%s%s_%llu", rnd(9) ? "" : "__",
				 rnd(2) ? "func" : "f", (unsigned long long)rnd(400));
			if (!rnd(50))
				strcpy(name, rnd(2) ? "__start_it" : "__it_end");
			add(&im, name, 0x10000 + rnd(rnd(2) ? 0x1000 : 0x440000),
			    rnd(4) ? rnd(64) : 0, (unsigned int)rnd(ARRAY_SIZE(kinds)));
		}
		check_image(&im, 200);
		idx = build(&im, KSYM_SELECT_ALL);
		ksym_index_info(idx, &info);
		assert_int_equal(info.elf_class, variant & 1 ? 2 : 1);
		assert_int_equal(info.elf_data, variant & 2 ? 2 : 1);
		assert_int_equal(info.elf_machine, im.machine);
		assert_int_equal(info.elf_type, ET_EXEC);
		assert_int_equal(info.nr_symbols, 700);
		assert_int_equal(info.nr_sections, 4);
		assert_int_equal(info.file_len, idx->t.len);
		assert_false(info.has_text_va);
		ksym_index_close(idx);
		free_image(&im);
	}
}

static void addresses_at_page_borders(void **state)
{
	static const unsigned int gaps[] = { 1, 2, 15, 16, 17, 18, 33, 1000 };
	struct image im = new_image(true, false);
	uint64_t page = 3;
	char name[32];

	(void)state;
	random_state = 7;
	for (unsigned int g = 0; g < ARRAY_SIZE(gaps); g++) {
		for (int d = -2; d <= 2; d++) {
			snprintf(name, sizeof(name), "b%u_%d", g, d + 2);
			add(&im, name, (page << 16) + (uint64_t)d, 1, 0);
		}
		page += gaps[g];
	}
	check_image(&im, 300);
	free_image(&im);
}

static void sparse_address_spaces(void **state)
{
	static const uint64_t vas[] = {
		0, 1, 0xffff, 0x10000, 1ull << 20, 1ull << 32, (1ull << 32) + 1, 1ull << 47,
		0x7fffffffffffffff, 1ull << 63, (1ull << 63) + 0x110000, 0xffffffff81000000,
		UINT64_MAX - 0x10000, UINT64_MAX - 1, UINT64_MAX,
	};
	struct image im = new_image(true, false);
	char name[32];

	(void)state;
	random_state = 8;
	im.sections[1].va = 0x500000;
	im.sections[1].len = UINT64_MAX - 0x500000;
	for (unsigned int i = 0; i < ARRAY_SIZE(vas); i++) {
		snprintf(name, sizeof(name), "s%u", i);
		add(&im, name, vas[i], i % 3 ? 5 : 0, i % 2);
	}
	check_image(&im, 500);
	free_image(&im);
}

static void every_subset_of_two_far_addresses(void **state)
{
	static const uint64_t vas[] = { 0, 0xffff, 1ull << 63, UINT64_MAX };

	(void)state;
	random_state = 9;
	for (unsigned int a = 0; a < 4; a++)
		for (unsigned int b = 0; b < 4; b++) {
			struct image im = new_image(true, false);

			add(&im, "a", vas[a], 1, 0);
			add(&im, "b", vas[b], 0, 1);
			check_image(&im, 20);
			free_image(&im);
		}
}

static void many_aliases_of_one_address(void **state)
{
	(void)state;
	random_state = 10;
	for (unsigned int nr = 30; nr <= 70; nr += 1 + (nr > 40) * 8) {
		struct image im = new_image(true, false);
		char name[32];

		add(&im, "before", 0x20000 - 8, 8, 0);
		for (unsigned int i = 0; i < nr; i++) {
			snprintf(name, sizeof(name), "%salias%u", i % 3 ? "" : "_", i);
			/* Most end where the next symbol begins. */
			add(&im, name, 0x20000, i % 7 ? 0x20 : i, i % 4);
		}
		add(&im, "behind", 0x20020, 4, 1);
		check_image(&im, 50);
		free_image(&im);
	}
}

/* The larger function has two names; the address lies behind a smaller one in it. */
static void first_of_enclosing_aliases_is_found(void **state)
{
	struct image im = new_image(true, false);

	(void)state;
	add(&im, "outer", 0x20000, 0x100, 1);
	add(&im, "_outer_alias", 0x20000, 0x100, 1);
	add(&im, "inner", 0x20010, 8, 0);
	check_image(&im, 50);
	free_image(&im);
}

/* However many lie in it. */
static void enclosing_symbol_is_found_far_away(void **state)
{
	struct image im = new_image(true, false);
	char name[32];

	(void)state;
	add(&im, "outer", 0x20000, 0x4000, 1);
	for (unsigned int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "inner%u", i);
		add(&im, name, 0x20010 + i * 16, 8, 0);
	}
	check_image(&im, 50);
	free_image(&im);
}

static void size_that_runs_into_another_section_encloses_nothing_there(void **state)
{
	struct image im = new_image(true, false);

	(void)state;
	add(&im, "too_long", 0x40fff0, 0x1000, 0);
	add(&im, "inner", 0x410000, 8, 6);
	check_image(&im, 50);
	free_image(&im);
}

static void empty_index_answers_nothing(void **state)
{
	struct image im = new_image(true, false);
	struct ksym_index *idx = build(&im, KSYM_SELECT_ALL);
	static struct ksym_symbol s;
	struct ksym_match m;
	bool equal;

	(void)state;
	assert_int_equal(idx->t.nr_symbols, 0);
	assert_false(ksym_index_symbol(idx, 0, &s));
	assert_false(ksym_index_at(idx, 0, &s));
	assert_false(ksym_index_at(idx, UINT64_MAX, &s));
	assert_false(ksym_index_named(idx, "x", 1, 0, &s));
	assert_int_equal(ksym_index_find(idx, "x", &m, 1, NULL), 0);
	assert_int_equal(ks_tables_find(&idx->t, "x", 1, &equal), 0);
	assert_false(equal);
	assert_int_equal(ks_tables_ordered(&idx->t, 0), KS_NONE);
	assert_int_equal(ks_tables_rank(&idx->t, 0), KS_NONE);
	ksym_index_close(idx);
	free_image(&im);
}

static void few_symbols_of_every_number(void **state)
{
	(void)state;
	random_state = 11;
	for (unsigned int nr = 1; nr <= 2 * KS_NAME_BLOCK + 2; nr++) {
		struct image im = new_image(true, true);
		char name[32];

		for (unsigned int i = 0; i < nr; i++) {
			snprintf(name, sizeof(name), "n%u", i * 7 % nr);
			add(&im, name, 0x10000 + 16 * i, 16, 0);
		}
		check_image(&im, 5);
		free_image(&im);
	}
}

static void names_of_extreme_length(void **state)
{
	struct image im = new_image(true, false);
	char name[1100];

	(void)state;
	random_state = 12;
	for (unsigned int i = 0; i < 60; i++) {
		static const unsigned int lens[] = { 1, 2, 127, 128, 129, 254, 255, 256, 257, 258,
						     511, 512, 1022, 1023 };
		unsigned int n = lens[i % ARRAY_SIZE(lens)];

		/* Long common beginnings: over 255 bytes, and different ends. */
		memset(name, i % 2 ? 'p' : 'q', n);
		name[n] = 0;
		if (n > 1)
			name[n - 1] = (char)('a' + i % 13);
		if (n > 300 && i % 3)
			name[259 + i % 5] = 'r';
		add(&im, name, 0x10000 + 32 * i, 7, i % 2);
	}
	memset(name, 'z', 1023);
	name[1023] = 0;
	add(&im, name, 0x30000, 1, 0);
	add(&im, name, 0x30001, 1, 0);
	check_image(&im, 50);
	free_image(&im);
}

static void names_of_bytes_above_127_sort_as_unsigned(void **state)
{
	struct image im = new_image(true, false);

	(void)state;
	random_state = 13;
	add(&im, "\xc3\xa4rger", 0x10000, 1, 0);
	add(&im, "zebra", 0x10010, 1, 0);
	add(&im, "\x80", 0x10020, 1, 0);
	add(&im, "\xff\xff\xff\xff\xff\xff\xff\xff\x80tail", 0x10030, 1, 0);
	add(&im, "\xff\xff\xff\xff\xff\xff\xff\xffttail", 0x10040, 1, 0);
	add(&im, "long_name\x80", 0x10050, 1, 0);
	add(&im, "long_namez", 0x10060, 1, 0);
	check_image(&im, 10);
	free_image(&im);
}

static void count_warnings(void *arg, enum ksym_message_kind kind, const char *text)
{
	if (kind == KSYM_MESSAGE_WARNING && strstr(text, "1 symbols with names of more than 1023 bytes"))
		++*(int *)arg;
}

static void name_longer_than_the_limit_is_left_out_with_a_warning(void **state)
{
	int warnings = 0;
	struct ksym_build_opts o = KSYM_OPTS(o, .no_debug_search = true, .message = count_warnings,
					     .message_arg = &warnings);
	struct ksym_index_info info = { .size = sizeof(info) };
	struct image im = new_image(true, false);
	struct ksym_index *idx;
	char name[1100], path[64];

	(void)state;
	memset(name, 'x', 1024);
	name[1024] = 0;
	add(&im, name, 0x10000, 1, 0);
	add(&im, "other", 0x10001, 1, 0);
	snprintf(path, sizeof(path), "%s/long", dir);
	write_image(&im, path);
	assert_int_equal(ksym_index_build(path, &o, &idx, NULL), 0);
	ksym_index_info(idx, &info);
	assert_int_equal(info.nr_symbols, 1);
	assert_int_equal(warnings, 1);
	ksym_index_close(idx);
	free_image(&im);
}

static void name_with_a_control_byte_is_refused(void **state)
{
	static const char *const names[] = { "a b", "a\nb", "\t", "a\033[2J", "a\x7f" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct ksym_build_opts o = KSYM_OPTS(o, .no_debug_search = true);
		struct image im = new_image(true, false);
		struct ksym_error err;
		struct ksym_index *idx;
		char path[64];

		add(&im, names[i], 0x10000, 1, 0);
		snprintf(path, sizeof(path), "%s/control", dir);
		write_image(&im, path);
		assert_int_equal(ksym_index_build(path, &o, &idx, &err), -EBADMSG);
		assert_non_null(strstr(err.text, "symbol 1: a control byte or blank in its name"));
		/* Among all symbols there are assemblers' own labels: left out. */
		add(&im, "fine", 0x10010, 1, 0);
		write_image(&im, path);
		o.select = KSYM_SELECT_ALL;
		assert_int_equal(ksym_index_build(path, &o, &idx, &err), 0);
		assert_int_equal(idx->t.nr_symbols, 1);
		ksym_index_close(idx);
		free_image(&im);
	}
}

static void sizes_of_every_kind(void **state)
{
	(void)state;
	random_state = 14;
	for (int variant = 0; variant < 4; variant++) {
		struct image im = new_image(variant & 1, variant & 2);
		uint64_t va = 0x10000;
		char name[32];

		for (unsigned int i = 0; i < 300; i++) {
			uint64_t gap = 1 + rnd(rnd(10) ? 64 : 0x30000), len = 0;

			switch (rnd(8)) {
			case 0:
				break;
			case 1:
				len = gap + 1 + rnd(100);
				break;
			case 2:
				len = 1ull << rnd(64);
				break;
			case 3:
				len = variant & 1 ? UINT64_MAX - rnd(3) : UINT32_MAX - rnd(3);
				break;
			default:
				len = gap - rnd(gap < 5 ? gap : 5);
			}
			snprintf(name, sizeof(name), "z%u", i);
			add(&im, name, va, len, 0);
			va += rnd(20) ? gap : 0;
		}
		struct ksym_index *idx = build(&im, KSYM_SELECT_ALL);

		check_every_symbol(idx, &im);
		ksym_index_close(idx);
		free_image(&im);
	}
}

static void more_than_16_types(void **state)
{
	struct image im = new_image(true, false);
	char name[32];

	(void)state;
	random_state = 15;
	for (unsigned int i = 0; i < 4 * ARRAY_SIZE(kinds); i++) {
		snprintf(name, sizeof(name), "k%u", i);
		add(&im, name, 0x10000 + i, 1, i % ARRAY_SIZE(kinds));
	}
	check_image(&im, 10);
	free_image(&im);
}

static void sections_come_in_address_order(void **state)
{
	struct image im = new_image(true, false);
	struct ksym_section s;
	struct ksym_index *idx;

	(void)state;
	im.sections[1].va = 0x900000;
	im.sections[7] = (struct section){ ".empty", SHT_PROGBITS, SHF_ALLOC, 0x410000, 0 };
	im.nr_sections = 8;
	add(&im, "x", 0x410000, 8, 6);
	idx = build(&im, KSYM_SELECT_ALL);
	static const char *const names[] = { ".data", ".empty", ".rodata", ".bss", ".text" };

	for (uint32_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_true(ksym_index_section(idx, i, &s));
		assert_string_equal(s.name, names[i]);
		assert_int_equal(s.is_text, i == 4);
		assert_int_equal(s.is_writable, i == 0 || i == 3);
	}
	assert_false(ksym_index_section(idx, 5, &s));
	/* An empty section at the same address hides nothing. */
	check_at(idx, &im, 0x410003);
	ksym_index_close(idx);
	free_image(&im);
}

/* x86-64 kernels before 6.15. */
static void percpu_symbols_at_0_are_absolute(void **state)
{
	struct image im = new_image(true, false);
	static struct ksym_symbol s;
	struct ksym_index *idx;

	(void)state;
	im.machine = EM_X86_64;
	im.sections[7] = (struct section){ ".data..percpu", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0,
					   0x100 };
	im.nr_sections = 8;
	add(&im, "__per_cpu_start", 0, 0, 7);
	add(&im, "cpu_number", 0x10, 4, 6);
	add(&im, "__per_cpu_end", 0x100, 0, 7);
	add(&im, "func", 0x10000, 4, 1);
	idx = build(&im, KSYM_SELECT_DEFAULT);
	assert_true(ksym_index_named(idx, "cpu_number", 10, 0, &s));
	assert_int_equal(s.type, 'A');
	assert_int_equal(s.va, 0x10);
	assert_true(ksym_index_named(idx, "func", 4, 0, &s));
	assert_int_equal(s.type, 'T');
	ksym_index_close(idx);
	free_image(&im);
}

/* -------------------------------------------------------- altered index files */

static struct ksym_index *small_index(void)
{
	struct image im = new_image(true, false);
	struct ksym_index *idx;
	char name[32];

	for (unsigned int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "some_name_%u", i % 33);
		add(&im, name, 0x10000 + 0x3000 * i, i % 7 ? 0x2000 : 0x4000, i % 14);
	}
	add(&im, "_text", 0x10000, 0, 1);
	idx = build(&im, KSYM_SELECT_ALL);
	free_image(&im);
	return idx;
}

/* A copy of exactly that length, so that sanitizers see what reads beyond it. */
static uint8_t *copy_of(const struct ksym_index *idx)
{
	uint8_t *p = malloc((size_t)idx->t.len);

	assert_non_null(p);
	memcpy(p, idx->t.base, (size_t)idx->t.len);
	return p;
}

static void store(uint8_t *p, uint64_t v, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

/* Make the checksums right again. */
static void seal(uint8_t *p, size_t len)
{
	uint32_t header_len = ks_get32(p + KS_HDR_HEADER_LEN);

	store(p + KS_HDR_CONTENT_HASH, ks_index_hash(p + header_len, len - header_len), 8);
	store(p + KS_HDR_HEADER_HASH, 0, 8);
	store(p + KS_HDR_HEADER_HASH,
	      ks_index_hash(p, KS_HDR_LEN) ^
		      ks_index_hash(p + KS_HDR_LEN, header_len - KS_HDR_LEN), 8);
}

static int init(struct ks_tables *t, const uint8_t *p, size_t len, const char **why)
{
	*why = NULL;
	return ks_tables_init(t, p, len, ks_index_hash, why);
}

static void any_change_of_header_and_directory_is_refused(void **state)
{
	struct ksym_index *idx = small_index();
	uint8_t *p = copy_of(idx);
	size_t len = (size_t)idx->t.len;
	struct ks_tables t;
	const char *why;

	(void)state;
	assert_int_equal(init(&t, p, len, &why), 0);
	for (size_t i = 0; i < idx->t.header_len; i++)
		for (unsigned int flip = 1; flip < 256; flip += i < KS_HDR_LEN ? 1 : 42) {
			p[i] ^= (uint8_t)flip;
			if (!init(&t, p, len, &why))
				fail_msg("byte %zu may be changed by 0x%x", i, flip);
			assert_non_null(why);
			p[i] ^= (uint8_t)flip;
		}
	assert_int_equal(init(&t, p, len, &why), 0);
	free(p);
	ksym_index_close(idx);
}

static void any_change_of_the_content_is_refused_by_verify(void **state)
{
	struct ksym_index *idx = small_index();
	uint8_t *p = copy_of(idx);
	size_t len = (size_t)idx->t.len;
	struct ks_tables t;
	const char *why;

	(void)state;
	for (size_t i = idx->t.header_len; i < len; i++)
		for (unsigned int bit = 0; bit < 8; bit++) {
			struct ksym_index altered = { .path = (char *)"ALTERED" };
			struct ksym_error err = { 0 };

			p[i] ^= (uint8_t)(1 << bit);
			if (!init(&t, p, len, &why)) {
				altered.t = t;
				assert_int_equal(ksym_index_verify(&altered, &err), -EBADMSG);
				assert_string_equal(err.text, "ALTERED: altered: checksum of the "
							      "content differs");
				assert_int_equal(ksym_index_verify(&altered, NULL), -EBADMSG);
			}
			p[i] ^= (uint8_t)(1 << bit);
		}
	free(p);
	ksym_index_close(idx);
}

static void truncation_at_every_length_is_refused(void **state)
{
	struct ksym_index *idx = small_index();
	size_t len = (size_t)idx->t.len;
	struct ks_tables t;
	const char *why;

	(void)state;
	for (size_t n = 0; n < len; n++) {
		uint8_t *p = malloc(n ? n : 1);

		assert_non_null(p);
		memcpy(p, idx->t.base, n);
		assert_int_equal(init(&t, p, n, &why), -EBADMSG);
		if (n >= KS_MAGIC_LEN)
			assert_non_null(strstr(why, "truncated"));
		else
			assert_string_equal(why, "no index file (wrong magic)");
		free(p);
	}
	uint8_t *longer = calloc(1, len + 1);

	assert_non_null(longer);
	memcpy(longer, idx->t.base, len);
	assert_int_equal(init(&t, longer, len + 1, &why), -EBADMSG);
	assert_string_equal(why, "truncated or extended: length differs from the header's");
	free(longer);
	ksym_index_close(idx);
}

static void other_major_version_is_told_from_damage(void **state)
{
	struct ksym_index *idx = small_index(), *opened;
	uint8_t *p = copy_of(idx);
	size_t len = (size_t)idx->t.len;
	struct ksym_error err;
	struct ks_tables t;
	const char *why;
	char path[64], want[200];
	FILE *f;

	(void)state;
	store(p + KS_HDR_MAJOR, KS_FORMAT_MAJOR + 1, 2);
	assert_int_equal(init(&t, p, len, &why), -ENOTSUP);
	assert_string_equal(why, "made by an incompatible version; index the image again");
	seal(p, len);
	assert_int_equal(init(&t, p, len, &why), -ENOTSUP);
	snprintf(path, sizeof(path), "%s/version", dir);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, len, f), len);
	fclose(f);
	assert_int_equal(ksym_index_open(path, &opened, &err), -ENOTSUP);
	assert_null(opened);
	snprintf(want, sizeof(want), "%s: made by an incompatible version; index the image again",
		 path);
	assert_string_equal(err.text, want);
	/* A newer minor version is fine. */
	store(p + KS_HDR_MAJOR, KS_FORMAT_MAJOR, 2);
	store(p + KS_HDR_MINOR, KS_FORMAT_MINOR + 1, 2);
	seal(p, len);
	assert_int_equal(init(&t, p, len, &why), 0);
	free(p);
	ksym_index_close(idx);
}

/* The index with one table more, called "LATE". */
static uint8_t *with_unknown_table(const struct ksym_index *idx, uint16_t flags, size_t *len)
{
	uint32_t old = idx->t.header_len;
	uint8_t *p = calloc(1, (size_t)idx->t.len + KS_DIR_ENTRY_LEN);

	assert_non_null(p);
	*len = (size_t)idx->t.len + KS_DIR_ENTRY_LEN;
	memcpy(p, idx->t.base, old);
	memcpy(p + old + KS_DIR_ENTRY_LEN, idx->t.base + old, (size_t)idx->t.len - old);
	for (uint32_t off = KS_HDR_LEN; off < old; off += KS_DIR_ENTRY_LEN)
		store(p + off + 8, ks_get64(p + off + 8) + KS_DIR_ENTRY_LEN, 8);
	store(p + old, KS_TAG('L', 'A', 'T', 'E'), 4);
	store(p + old + 4, flags, 2);
	store(p + old + 8, old + KS_DIR_ENTRY_LEN, 8);
	store(p + old + 16, 5, 8);
	store(p + KS_HDR_HEADER_LEN, old + KS_DIR_ENTRY_LEN, 4);
	store(p + KS_HDR_FILE_LEN, *len, 8);
	store(p + KS_HDR_NR_TABLES, ks_get32(p + KS_HDR_NR_TABLES) + 1, 4);
	seal(p, *len);
	return p;
}

static void unknown_tables_are_ignored_unless_required(void **state)
{
	struct ksym_index *idx = small_index();
	struct ks_tables t;
	const char *why;
	uint8_t *p;
	size_t len;

	(void)state;
	p = with_unknown_table(idx, 0, &len);
	assert_int_equal(init(&t, p, len, &why), 0);
	assert_int_equal(ks_tables_check(&t, ks_index_hash, &why), 0);
	free(p);
	p = with_unknown_table(idx, KS_DIR_REQUIRED, &len);
	assert_int_equal(init(&t, p, len, &why), -ENOTSUP);
	assert_string_equal(why, "a required table is not known to this version");
	free(p);
	ksym_index_close(idx);
}

static void tables_missing_doubled_or_outside_are_refused(void **state)
{
	struct ksym_index *idx = small_index();
	size_t len = (size_t)idx->t.len;
	struct ks_tables t;
	const char *why;

	(void)state;
	for (uint32_t n = 0; n < KS_NR_TABLES; n++) {
		uint8_t *p = copy_of(idx), *e = p + KS_HDR_LEN + n * KS_DIR_ENTRY_LEN;
		uint64_t off = ks_get64(e + 8), size = ks_get64(e + 16);
		uint32_t tag = ks_get32(e);

		store(e, KS_TAG('G', 'O', 'N', 'E'), 4);
		store(e + 4, 0, 2);
		seal(p, len);
		if (n < KS_FIRST_OPTIONAL) {
			assert_int_equal(init(&t, p, len, &why), -EBADMSG);
			assert_string_equal(why, "a table is missing");
		} else {
			assert_int_equal(init(&t, p, len, &why), 0);
			assert_int_equal(ks_tables_check(&t, ks_index_hash, &why), 0);
			assert_int_equal(t.tab[n].nr, 0);
		}
		store(e, ks_get32(n ? e - KS_DIR_ENTRY_LEN : e + KS_DIR_ENTRY_LEN), 4);
		seal(p, len);
		assert_int_equal(init(&t, p, len, &why), -EBADMSG);
		store(e, tag, 4);
		for (int bad = 0; bad < 4; bad++) {
			store(e + 8, bad == 0 ? len - size + 1 : bad == 1 ? 0 : off, 8);
			store(e + 16, bad == 2 ? UINT64_MAX : bad == 3 ? len - off + 1 : size, 8);
			seal(p, len);
			assert_int_equal(init(&t, p, len, &why), -EBADMSG);
			assert_string_equal(why, "a table lies outside the file");
		}
		free(p);
	}
	ksym_index_close(idx);
}

/* Everything that can be asked; the answers may be wrong, the time is bounded. */
static void ask_everything(const struct ks_tables *t)
{
	struct ksym_index idx = { .t = *t, .path = (char *)"ALTERED" };
	struct ksym_check_result result = { .size = sizeof(result) };
	static struct ksym_symbol s;
	struct ksym_match m[4];
	struct ksym_section section;
	struct ksym_object object;
	char text[3000];
	const char *why;
	bool equal;

	(void)ks_tables_check(t, ks_index_hash, &why);
	for (uint32_t i = 0; ksym_index_symbol(&idx, i, &s); i++) {
		static struct ksym_symbol other;
		size_t n = ksym_symbol_format(&idx, &s, KSYM_FORMAT_FULL, text, sizeof(text));

		assert_true(n > 0);
		ksym_index_at(&idx, s.va, &other);
		ksym_index_at(&idx, s.va + s.len, &other);
		ksym_index_named(&idx, s.name, s.name_len, 1, &other);
		ksym_index_object(&idx, s.object, &object);
	}
	for (uint64_t va = 0; va < 0x500000; va += 0x6fff)
		ksym_index_at(&idx, va, &s);
	ksym_index_at(&idx, UINT64_MAX, &s);
	ks_tables_find(t, "some_name_7", 11, &equal);
	ks_tables_find(t, "\xff", 1, &equal);
	(void)ksym_index_find(&idx, "some_name_7", m, 4, NULL);
	for (uint32_t i = 0; ksym_index_section(&idx, i, &section); i++)
		assert_non_null(section.name);
	for (uint32_t i = 0; ksym_index_object(&idx, i, &object); i++)
		for (uint32_t n = 0; n < object.nr_modules; n++)
			ksym_index_object_module(&idx, &object, n);
	(void)!ksym_index_check(&idx, NULL, NULL, &result, NULL);
}

/* Checksums keep no one out who can compute them. */
static void altered_tables_with_right_checksums_do_no_harm(void **state)
{
	struct ksym_index *idx = small_index();
	size_t len = (size_t)idx->t.len;

	(void)state;
	random_state = 16;
	for (unsigned int round = 0; round < 3000; round++) {
		uint8_t *p = copy_of(idx);
		struct ks_tables t;
		const char *why;

		for (uint64_t n = 1 + rnd(3); n; n--) {
			/* Mostly tables, at times the directory or numbers in the header. */
			size_t at = rnd(4) ? idx->t.header_len + rnd(len - idx->t.header_len)
					   : KS_HDR_NR_SYMBOLS + rnd(idx->t.header_len -
								     KS_HDR_NR_SYMBOLS);

			p[at] = rnd(3) ? (uint8_t)rnd(256) : rnd(2) ? 0xff : 0;
		}
		seal(p, len);
		if (!init(&t, p, len, &why))
			ask_everything(&t);
		else
			assert_non_null(why);
		free(p);
	}
	ksym_index_close(idx);
}

static void tables_that_do_not_fit_each_other_are_refused_by_verify(void **state)
{
	static const struct {
		enum ks_table table;
		unsigned int at;
		uint8_t flip;
		const char *why;
	} cases[] = {
		{ KS_SEGS, 0, 1, NULL },
		{ KS_SEGS, 8, 1, "address segments" },
		{ KS_PAGE, 0, 1, "pages" },
		{ KS_PAGE, 4, 0x80, "pages" },
		{ KS_OFFS, 1, 0xff, "addresses are out of order" },
		{ KS_SYMR, 0, 0x0f, "a symbol's type or owner is out of range" },
		{ KS_PIDX, 0, 1, "a symbol's page is wrong" },
		{ KS_NAME, 0, 1, "name" },
		{ KS_NAME, 1, 0x80, "names are out of order" },
		{ KS_NBLK, 4, 1, "name" },
		{ KS_ORDR, 0, 1, "name order and symbols do not fit" },
		{ KS_SECT, 19, 0x80, "sections are out of order" },
		{ KS_SECT, 1, 0x80, NULL },
		{ KS_SECT, 7, 0x80, "sections are out of order" },
	};
	struct ksym_index *idx = small_index();
	size_t len = (size_t)idx->t.len;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t *p = copy_of(idx);
		struct ks_tables t;
		const char *why = "accepted";

		p[(idx->t.tab[cases[i].table].p - idx->t.base) + cases[i].at] ^= cases[i].flip;
		seal(p, len);
		assert_int_equal(init(&t, p, len, &why), 0);
		if (cases[i].why) {
			assert_int_equal(ks_tables_check(&t, ks_index_hash, &why), -EBADMSG);
			if (!strstr(why, cases[i].why))
				fail_msg("case %zu: %s", i, why);
		}
		free(p);
	}
	/* The highest bit of the last record is of a rank. */
	uint8_t *p = copy_of(idx);
	const struct ks_table_view *v = &idx->t.tab[KS_SYMR];
	uint64_t bit = (uint64_t)v->nr * v->bits - 1;
	struct ks_tables t;
	const char *why = "accepted";

	p[(v->p - idx->t.base) + bit / 8] ^= (uint8_t)(1 << bit % 8);
	seal(p, len);
	assert_int_equal(init(&t, p, len, &why), 0);
	assert_int_equal(ks_tables_check(&t, ks_index_hash, &why), -EBADMSG);
	assert_string_equal(why, "name order and symbols do not fit");
	free(p);
	ksym_index_close(idx);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_and_byte_order_comes_back),
		cmocka_unit_test(addresses_at_page_borders),
		cmocka_unit_test(sparse_address_spaces),
		cmocka_unit_test(every_subset_of_two_far_addresses),
		cmocka_unit_test(many_aliases_of_one_address),
		cmocka_unit_test(first_of_enclosing_aliases_is_found),
		cmocka_unit_test(enclosing_symbol_is_found_far_away),
		cmocka_unit_test(size_that_runs_into_another_section_encloses_nothing_there),
		cmocka_unit_test(empty_index_answers_nothing),
		cmocka_unit_test(few_symbols_of_every_number),
		cmocka_unit_test(names_of_extreme_length),
		cmocka_unit_test(names_of_bytes_above_127_sort_as_unsigned),
		cmocka_unit_test(name_longer_than_the_limit_is_left_out_with_a_warning),
		cmocka_unit_test(name_with_a_control_byte_is_refused),
		cmocka_unit_test(sizes_of_every_kind),
		cmocka_unit_test(more_than_16_types),
		cmocka_unit_test(sections_come_in_address_order),
		cmocka_unit_test(percpu_symbols_at_0_are_absolute),
		cmocka_unit_test(any_change_of_header_and_directory_is_refused),
		cmocka_unit_test(any_change_of_the_content_is_refused_by_verify),
		cmocka_unit_test(truncation_at_every_length_is_refused),
		cmocka_unit_test(other_major_version_is_told_from_damage),
		cmocka_unit_test(unknown_tables_are_ignored_unless_required),
		cmocka_unit_test(tables_missing_doubled_or_outside_are_refused),
		cmocka_unit_test(altered_tables_with_right_checksums_do_no_harm),
		cmocka_unit_test(tables_that_do_not_fit_each_other_are_refused_by_verify),
	};

	return cmocka_run_group_tests_name("tables", tests, set_up, tear_down);
}
