// SPDX-License-Identifier: LGPL-2.1-or-later
/* The symbols of an image, in the order in which a kernel lists them. */
#include "index/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/range.h"
#include "kbuild/objpath.h"
#include "tables/format.h"
#include "tables/owners.h"

/* Assemblers put control bytes into the names of labels of their own, which no
 * kernel lists; a listed name with one is no name. */
static bool is_printable(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] <= 0x20 || name[i] == 0x7f)
			return false;
	return true;
}

/* A symbol as the image would say it, which has the sections' true types. */
static bool in_image(const struct ks_model *m, struct ks_elf_symbol *s)
{
	if (s->shndx < m->symfile->nr_sections && s->shndx && m->section_map[s->shndx])
		s->shndx = m->section_map[s->shndx];
	else if (m->symfile != m->image && s->shndx < KS_SHN_ABS)
		return false;
	return true;
}

static bool in_text(const struct ks_model *m, const struct ks_elf_symbol *s)
{
	return s->shndx < m->image->nr_sections && m->image->sections[s->shndx].is_code;
}

static int add_symbol(struct ks_model *m, const struct ks_elf_symbol *s, uint32_t i, uint32_t file)
{
	char type = ks_nm_letter(m->image, s);
	struct ks_isym *out;
	size_t len = strlen(s->name);

	if (!s->name[0] || !s->shndx || s->type == STT_SECTION)
		return 0;
	if (m->opts->select != KSYM_SELECT_ALL && strchr("aNnCUuwvA", type) && type != 'A')
		return 0;
	if (!strcmp(s->name, "_text") && s->bind != STB_LOCAL) {
		m->text_va = s->va;
		m->has_text_va = true;
	}
	if (m->opts->select != KSYM_SELECT_ALL && !ks_kallsyms_shows(s->name, len, type))
		return 0;
	if (!is_printable(s->name, len)) {
		if (m->opts->select != KSYM_SELECT_ALL)
			return ks_elf_bad(m->symfile, m->symfile->symtab, m->err,
					  "symbol %u: a control byte or blank in its name", i);
		m->nr_unprintable++;
		return 0;
	}
	if (len > KS_NAME_MAX) {
		m->nr_too_long++;
		return 0;
	}
	out = ks_vec_push(&m->syms);
	if (!out)
		return ks_error_nomem(m->err);
	*out = (struct ks_isym){
		.va = s->va,
		.len = s->len,
		.name = s->name,
		.name_len = (uint32_t)len,
		.elf_index = i,
		.section = s->shndx,
		/* A hidden local was global in its object: the linker put it anywhere. */
		.file = s->bind == STB_LOCAL && s->visibility == STV_DEFAULT ? file : KS_NO_OBJECT,
		.object = KS_NO_OBJECT,
		.other_object = KS_NO_OBJECT,
		.type = type,
		.is_text = in_text(m, s),
		.maybe_edge = s->bind != STB_LOCAL && s->type == STT_NOTYPE && !s->len,
	};
	return 0;
}

static int read_all(struct ks_model *m)
{
	const struct ks_elf *e = m->symfile;
	uint32_t file = KS_NO_OBJECT;

	if (!ks_vec_reserve(&m->syms, e->nr_symbols))
		return ks_error_nomem(m->err);
	for (uint32_t i = 1; i < e->nr_symbols; i++) {
		struct ks_elf_symbol s;
		int ret = ks_elf_symbol(e, i, &s, m->err);

		if (ret)
			return ret;
		if (s.type == STT_FILE) {
			const char **slot = ks_vec_push(&m->files);

			if (!slot)
				return ks_error_nomem(m->err);
			/* An unnamed one ends the group before it, no more. */
			*slot = s.name;
			file = s.name[0] && !ks_is_lto_name(s.name) ? (uint32_t)m->files.len - 1
								     : KS_NO_OBJECT;
			continue;
		}
		if (!s.shndx || !in_image(m, &s))
			continue;
		ret = add_symbol(m, &s, i, file);
		if (ret)
			return ret;
	}
	return 0;
}

/*
 * Per-CPU variables of x86-64 kernels before 6.15 are linked at address 0; such
 * kernels list them as absolute, with the letter 'A'.
 */
static void mark_percpu(struct ks_model *m)
{
	uint64_t start = UINT64_MAX, end = 0;

	if (m->image->machine != EM_X86_64 || m->image->type == ET_REL)
		return;
	for (size_t i = 0; i < m->syms.len; i++) {
		const struct ks_isym *s = &m->syms.data[i];

		if (s->name[0] != '_')
			continue;
		if (!strcmp(s->name, "__per_cpu_start"))
			start = s->va;
		else if (!strcmp(s->name, "__per_cpu_end"))
			end = s->va;
	}
	if (start)
		return;
	for (size_t i = 0; i < m->syms.len; i++)
		if (m->syms.data[i].va <= end && m->syms.data[i].section != KS_SHN_ABS)
			m->syms.data[i].type = 'A';
}

/* ------------------------------------------------------------------- order */

static bool is_linker_provided(const char *s, uint32_t len)
{
	if (len < 8 || s[0] != '_' || s[1] != '_')
		return false;
	return !memcmp(s + 2, "start_", 6) || !memcmp(s + 2, "stop_", 5) ||
	       !memcmp(s + 2, "end_", 4) || !memcmp(s + len - 6, "_start", 6) ||
	       !memcmp(s + len - 4, "_end", 4);
}

/* At one address: strong before weak, others before those of the linker script,
 * fewer leading underscores first, then by name as `nm -n` has them. */
static uint32_t tie_rank(const struct ks_isym *s)
{
	uint32_t underscores = (uint32_t)strspn(s->name, "_");

	return (uint32_t)(s->type == 'W' || s->type == 'w') << 31 |
	       (uint32_t)is_linker_provided(s->name, s->name_len) << 30 | underscores;
}

static int compare_ties(const struct ks_isym *a, const struct ks_isym *b)
{
	uint32_t ra = tie_rank(a), rb = tie_rank(b);
	int c;

	if (ra != rb)
		return ra < rb ? -1 : 1;
	c = strcmp(a->name, b->name);
	if (c)
		return c;
	return a->elf_index < b->elf_index ? -1 : 1;
}

static int compare_syms(const void *pa, const void *pb)
{
	const struct ks_isym *a = pa, *b = pb;

	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	return compare_ties(a, b);
}

struct key {
	uint64_t va;
	uint32_t i;
};

static int compare_keys(const void *pa, const void *pb)
{
	const struct key *a = pa, *b = pb;

	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	return a->i < b->i ? -1 : 1;
}

/* Sort small keys, move the large records once, then settle the few ties. */
static int sort_symbols(struct ks_model *m)
{
	size_t n = m->syms.len;
	struct key *keys = malloc((n + 1) * sizeof(*keys));
	struct ks_isym *sorted = malloc((n + 1) * sizeof(*sorted));

	if (!keys || !sorted) {
		free(keys);
		free(sorted);
		return ks_error_nomem(m->err);
	}
	for (size_t i = 0; i < n; i++)
		keys[i] = (struct key){ m->syms.data[i].va, (uint32_t)i };
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 0; i < n; i++)
		sorted[i] = m->syms.data[keys[i].i];
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && sorted[j].va == sorted[i].va; j++)
			;
		if (j - i > 1)
			qsort(sorted + i, j - i, sizeof(*sorted), compare_syms);
	}
	free(keys);
	free(m->syms.data);
	m->syms.data = sorted;
	m->syms.cap = n + 1;
	return 0;
}

/* ------------------------------------------- the kernel's own symbol tables */

static bool is_kallsyms_table(const char *s)
{
	static const char *const names[] = {
		"kallsyms_addresses", "kallsyms_offsets", "kallsyms_relative_base",
		"kallsyms_num_syms", "kallsyms_names", "kallsyms_markers",
		"kallsyms_token_table", "kallsyms_token_index", "kallsyms_seqs_of_names",
		KS_OWNERS_LABELS,
	};

	if (strncmp(s, "kallsyms_", 9))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(s, names[i]))
			return true;
	return false;
}

/* The 32-bit number at @va, false when the image has no bytes there. */
static bool read_u32(struct ks_elf *e, uint64_t va, uint32_t *out)
{
	for (uint32_t i = 1; i < e->nr_sections; i++) {
		const struct ks_elf_section *s = &e->sections[i];
		const uint8_t *data;
		size_t len;

		if (!(s->flags & SHF_ALLOC) || s->type == SHT_NOBITS || va < s->va ||
		    !ks_in_range(va - s->va, 4, s->len))
			continue;
		if (ks_elf_section_data(e, i, &data, &len, NULL) || !data)
			return false;
		memcpy(out, data + (va - s->va), 4);
		if (e->swap)
			*out = __builtin_bswap32(*out);
		return true;
	}
	return false;
}

/* [start, end] of code, as scripts/kallsyms knows it when not told --all-symbols. */
struct text_range {
	const char *start_name, *end_name;
	uint64_t start, end;
	bool has_start, has_end;
};

static void find_text_ranges(const struct ks_model *m, struct text_range r[2])
{
	for (size_t i = 0; i < m->syms.len; i++) {
		const struct ks_isym *s = &m->syms.data[i];

		if (s->name[0] != '_')
			continue;
		for (unsigned int k = 0; k < 2; k++) {
			if (!strcmp(s->name, r[k].start_name)) {
				r[k].start = s->va;
				r[k].has_start = true;
			} else if (!strcmp(s->name, r[k].end_name)) {
				r[k].end = s->va;
				r[k].has_end = true;
			}
		}
	}
}

static bool in_text_ranges(const struct ks_isym *s, const struct text_range r[2])
{
	bool in = false;

	for (unsigned int k = 0; k < 2; k++) {
		if (!r[k].has_start || !r[k].has_end)
			continue;
		/* Symbols at the very end, but for the one that marks it, move. */
		if (s->va == r[k].end && strcmp(s->name, r[k].end_name))
			return false;
		in |= s->va >= r[k].start && s->va <= r[k].end;
	}
	return in;
}

/* Ways in which kernels choose among the symbols that are fit to be listed: a set. */
enum {
	LIST_NO_PIE = 1,	/* mapping symbols and local labels of arm64's early code go */
	LIST_NO_TABLES = 2,	/* the kallsyms tables go */
	LIST_TEXT = 4,		/* all but code goes ... */
	LIST_EDGES = 8,		/* ... and but the edges of sections */
};

/* Most kernels of today first. */
static const uint8_t listings[] = {
	LIST_NO_PIE, LIST_NO_PIE | LIST_NO_TABLES, LIST_NO_TABLES, 0,
	LIST_NO_PIE | LIST_TEXT | LIST_EDGES, LIST_NO_PIE | LIST_TEXT, LIST_TEXT,
};

static bool is_listed(const struct ks_isym *s, const struct text_range r[2], unsigned int how)
{
	if ((how & LIST_NO_PIE) && (!strncmp(s->name, "__pi_$", 6) || !strncmp(s->name, "__pi_.L", 7)))
		return false;
	if ((how & LIST_NO_TABLES) && is_kallsyms_table(s->name))
		return false;
	if (!(how & LIST_TEXT))
		return true;
	if ((how & LIST_EDGES) && (!strncmp(s->name, "__start_", 8) || !strncmp(s->name, "__stop_", 7)))
		return true;
	return in_text_ranges(s, r);
}

/*
 * Which symbols a kernel lists depends on its version (6.12 lists its kallsyms
 * tables, 6.1 does not) and on CONFIG_KALLSYMS_ALL.  The image knows how many it
 * lists, and hardly ever do two ways give that number.
 */
static void keep_listed(struct ks_model *m)
{
	struct text_range r[2] = { { .start_name = "_stext", .end_name = "_etext" },
				   { .start_name = "_sinittext", .end_name = "_einittext" } };
	const unsigned int nr_ways = sizeof(listings) / sizeof(*listings);
	size_t nr[sizeof(listings)] = { 0 };
	unsigned int way = 0;
	uint64_t num_va = 0;
	uint32_t num;

	find_text_ranges(m, r);
	for (size_t i = 0; i < m->syms.len; i++) {
		const struct ks_isym *s = &m->syms.data[i];

		if (!strcmp(s->name, "kallsyms_num_syms"))
			num_va = s->va;
		for (unsigned int k = 0; k < nr_ways; k++)
			nr[k] += is_listed(s, r, listings[k]);
	}
	if (num_va && read_u32(m->image, num_va, &num))
		while (way < nr_ways && nr[way] != num)
			way++;
	way %= nr_ways;
	for (size_t i = 0; i < m->syms.len; i++)
		m->syms.data[i].unlisted = !is_listed(&m->syms.data[i], r, listings[way]);
}

/* Of one address so many are looked through; in the order of both lists nearly always the
 * first is the one. */
#define LISTED_REACH 256

/* Both are sorted by address.  A listed symbol stands for one of the image's. */
static int keep_given(struct ks_model *m, const struct ks_listing *l)
{
	bool *taken = calloc(l->nr + 1, sizeof(*taken));
	size_t at = 0;

	if (!taken)
		return ks_error_nomem(m->err);
	for (size_t i = 0; i < m->syms.len; i++) {
		struct ks_isym *s = &m->syms.data[i];

		while (at < l->nr && (taken[at] || l->syms[at].va < s->va))
			at++;
		s->unlisted = true;
		for (size_t k = at; k < l->nr && k - at < LISTED_REACH && l->syms[k].va == s->va; k++) {
			if (taken[k] || strcmp(l->syms[k].name, s->name))
				continue;
			taken[k] = true;
			s->unlisted = false;
			break;
		}
	}
	free(taken);
	return 0;
}

static void keep_text(struct ks_model *m)
{
	for (size_t i = 0; i < m->syms.len; i++)
		m->syms.data[i].unlisted |= !m->syms.data[i].is_text;
}

void ks_model_drop_unlisted(struct ks_model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->syms.len; i++)
		if (!m->syms.data[i].unlisted)
			m->syms.data[n++] = m->syms.data[i];
	m->syms.len = n;
}

int ks_model_read_symbols(struct ks_model *m)
{
	int ret = ks_elf_match_sections(m->image, m->symfile, &m->section_map, m->err);

	if (!ret)
		ret = read_all(m);
	if (ret)
		return ret;
	if (m->nr_unprintable)
		ks_model_warn(m, "%s: %u labels of the assembler, with control bytes in their names, left out",
			      m->symfile->path, m->nr_unprintable);
	if (m->nr_too_long)
		ks_model_warn(m, "%s: %u symbols with names of more than %u bytes left out",
			      m->symfile->path, m->nr_too_long, KS_NAME_MAX);
	if (m->opts->select != KSYM_SELECT_ALL)
		keep_listed(m);
	if (m->opts->select == KSYM_SELECT_TEXT)
		keep_text(m);
	mark_percpu(m);
	ret = sort_symbols(m);
	return !ret && m->listing ? keep_given(m, m->listing) : ret;
}
