// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct fz_parts fz_split(const uint8_t *data, size_t len)
{
	static const uint8_t nothing[1];
	struct fz_parts parts;
	struct fz_part *open = &parts.options;
	const uint8_t *end = data + len;

	parts.options = (struct fz_part){ nothing, 0, false };
	for (size_t i = 0; i < sizeof(parts.of) / sizeof(*parts.of); i++)
		parts.of[i] = parts.options;
	if (!len)
		return parts;
	open->p = data;
	for (const uint8_t *p = data; (p = memmem(p, (size_t)(end - p), "@@", 2)); p++) {
		if (end - p < 4 || p[2] < 'a' || p[2] > 'z' || p[3] != ':')
			continue;
		open->len = (size_t)(p - open->p);
		open = &parts.of[p[2] - 'a'];
		*open = (struct fz_part){ p + 4, 0, true };
	}
	open->len = (size_t)(end - open->p);
	return parts;
}

struct ks_file fz_memory_file(const uint8_t *data, size_t len)
{
	static const uint8_t nothing[1];

	return (struct ks_file){ .path = "input", .data = len ? data : nothing, .len = len };
}

const char *fz_path(unsigned int nr, const uint8_t *data, size_t len)
{
	static int fds[FZ_NR_FILES];
	static char paths[FZ_NR_FILES][32];

	if (!fds[nr]) {
		fds[nr] = memfd_create("fuzz", MFD_CLOEXEC);
		fz_require(fds[nr] > 0);
		snprintf(paths[nr], sizeof(paths[nr]), "/proc/self/fd/%d", fds[nr]);
	}
	fz_require(!ftruncate(fds[nr], 0));
	fz_require(pwrite(fds[nr], data, len, 0) == (ssize_t)len);
	return paths[nr];
}

void fz_unexpected(const char *what, const struct ksym_error *err)
{
	fprintf(stderr, "%s: does not hold: success, but: %s\n", what, err->text);
	abort();
}

void fz_check_error(int ret, const struct ksym_error *err)
{
	size_t len = strnlen(err->text, sizeof(err->text));

	fz_require(err->code == ret);
	fz_require(len && len < sizeof(err->text));
	for (size_t i = 0; i < len; i++)
		fz_require((unsigned char)err->text[i] >= 0x20 && err->text[i] != 0x7f);
}

/* ------------------------------------------------------------------ queries */

static void count_ambiguous(void *arg, const struct ksym_symbol *sym, enum ksym_ambiguity why)
{
	fz_require(sym->name_len < sizeof(sym->name));
	fz_require(why >= KSYM_AMBIGUOUS_SAME_OBJECT && why <= KSYM_AMBIGUOUS_ALIAS);
	++*(uint32_t *)arg;
}

static void query_check(struct ksym_index *idx, bool consistent)
{
	struct ksym_check_result r = { .size = sizeof(r) };
	struct ksym_error err;
	uint32_t nr = 0;
	int ret = ksym_index_check(idx, count_ambiguous, &nr, &r, &err);

	if (ret) {
		fz_require(!consistent);
		fz_check_error(ret, &err);
	} else {
		fz_require(nr == r.nr_text_ambiguous + r.nr_data_ambiguous);
	}
}

static void query_parts(struct ksym_index *idx, const struct ksym_index_info *info)
{
	struct ksym_section sect;
	struct ksym_object obj;
	size_t total = 0;
	uint32_t i;

	for (i = 0; ksym_index_section(idx, i, &sect); i++)
		total += strlen(sect.name);
	fz_require(i == info->nr_sections);
	for (i = 0; ksym_index_object(idx, i, &obj); i++) {
		total += strlen(obj.path);
		for (uint32_t n = 0; n < obj.nr_modules && n < 256; n++) {
			const char *name = ksym_index_object_module(idx, &obj, n);

			total += name ? strlen(name) : 0;
		}
		fz_require(!ksym_index_object_module(idx, &obj, obj.nr_modules));
	}
	fz_require(i == info->nr_objects);
	fz_require(!ksym_index_object(idx, KSYM_NO_OBJECT, &obj));
	fz_require(total < SIZE_MAX);
}

/* What the text of a symbol finds. */
static void query_identity(struct ksym_index *idx, const struct ksym_symbol *s, bool consistent)
{
	struct ksym_match matches[4];
	struct ksym_error err;
	char text[4096], shorter[8];
	size_t len = ksym_symbol_format(idx, s, KSYM_FORMAT_IDENTITY, text, sizeof(text));
	int n;

	fz_require(ksym_symbol_format(idx, s, KSYM_FORMAT_IDENTITY, shorter, sizeof(shorter)) ==
		   len);
	fz_require(strlen(shorter) < sizeof(shorter));
	for (int f = KSYM_FORMAT_FULL; f <= KSYM_FORMAT_KALLSYMS; f++)
		ksym_symbol_format(idx, s, (enum ksym_format)f, NULL, 0);
	if (len >= sizeof(text))
		return;
	fz_require(strlen(text) == len || !consistent);
	n = ksym_index_find(idx, text, matches, 4, &err);
	if (n < 0)
		fz_check_error(n, &err);
	/* Names and paths may hold the very characters that identities are made of. */
	if (consistent && strlen(text) == s->name_len && !strpbrk(text, "[]{} \t"))
		fz_require(n > 0);
	for (int i = 0; i < n && i < 4; i++)
		fz_require(matches[i].sympos <= matches[i].nr_same_name);
}

static void query_addresses(struct ksym_index *idx, const struct ksym_symbol *s, bool consistent)
{
	const uint64_t vas[] = { s->va, s->va + 1, s->va - 1, s->va + s->len, s->va ^ 1ull << 40 };
	struct ksym_symbol at;

	for (size_t i = 0; i < sizeof(vas) / sizeof(*vas); i++) {
		if (!ksym_index_at(idx, vas[i], &at))
			continue;
		fz_require(at.name_len < sizeof(at.name));
		if (consistent)
			fz_require(at.va <= vas[i]);
	}
}

void fz_query_index(struct ksym_index *idx, bool consistent)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	struct ksym_symbol s, other;
	uint64_t va = 0;
	uint32_t step;

	ksym_index_info(idx, &info);
	query_parts(idx, &info);
	query_check(idx, consistent);
	/* Not all of many: a query may take time that depends on how many share a name
	 * or an address, which is no fault. */
	step = info.nr_symbols / 256 + 1;
	for (uint32_t i = 0; i < info.nr_symbols; i += step) {
		fz_require(ksym_index_symbol(idx, i, &s));
		fz_require(s.index == i && s.name_len < sizeof(s.name) && !s.name[s.name_len]);
		if (consistent) {
			fz_require(s.name_len && strlen(s.name) == s.name_len && s.va >= va);
			fz_require(ksym_index_named(idx, s.name, s.name_len, 0, &other));
			fz_require(!strcmp(other.name, s.name) && other.index <= i);
		} else {
			ksym_index_named(idx, s.name, s.name_len, 0, &other);
			ksym_index_named(idx, s.name, s.name_len, 1, &other);
		}
		va = s.va;
		query_identity(idx, &s, consistent);
		query_addresses(idx, &s, consistent);
	}
	fz_require(!ksym_index_symbol(idx, info.nr_symbols, &s));
}
