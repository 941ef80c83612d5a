// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Symbol maps: lines of `nm -n`.
 *
 * Before 6.12 the kernel's tool reads them with scanf(), so that lines mean little,
 * and what cannot be read is passed over; since then line by line, and a line that
 * cannot be read ends the work.  Both are followed here to the byte.
 */
#include "kallsyms/kallsyms.h"

#include <ctype.h>
#include <string.h>

/* The longest word that scanf() is asked for. */
#define WORD_MAX 2048

struct scan {
	const char *p, *end;
};

/* Of the C locale, whatever the caller's is. */
static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_blanks(struct scan *s)
{
	while (s->p < s->end && is_blank(*s->p))
		s->p++;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Digits to a number that sticks to the largest one; false when there is none. */
static bool take_digits(struct scan *s, bool minus, uint64_t *out)
{
	const char *from = s->p;
	uint64_t v = 0;
	bool overflow = false;

	for (int d; s->p < s->end && (d = hex_digit(*s->p)) >= 0; s->p++) {
		overflow |= v >> 60 != 0;
		v = v << 4 | (uint64_t)d;
	}
	*out = overflow ? UINT64_MAX : minus ? -v : v;
	return s->p > from;
}

/* As strtoull(, , 16), and with @lenient as "%llx", for which "0x" alone is zero. */
static bool take_number(struct scan *s, uint64_t *out, bool lenient)
{
	const char *zero;
	bool minus;

	skip_blanks(s);
	minus = s->p < s->end && *s->p == '-';
	if (s->p < s->end && (*s->p == '-' || *s->p == '+'))
		s->p++;
	if (s->end - s->p < 2 || s->p[0] != '0' || (s->p[1] | 0x20) != 'x')
		return take_digits(s, minus, out);
	zero = s->p;
	s->p += 2;
	if (!take_digits(s, minus, out) && !lenient)
		s->p = zero + 1;
	return true;
}

static bool has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static bool has_suffix(const char *s, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	return len >= n && !memcmp(s + len - n, suffix, n);
}

/* Names that only 6.1 leaves out here; later kernels do it in scripts/mksysmap. */
static bool is_left_out_by_name(const struct ks_kallsyms *k, const char *name, size_t len)
{
	static const char *const exact[] = {
		"kallsyms_addresses", "kallsyms_offsets", "kallsyms_relative_base",
		"kallsyms_num_syms", "kallsyms_names", "kallsyms_markers",
		"kallsyms_token_table", "kallsyms_token_index", "kallsyms_seqs_of_names",
		"_SDA_BASE_", "_SDA2_BASE_",
	};
	static const char *const prefixes[] = {
		"__efistub_", "__kvm_nvhe_$", "__kvm_nvhe_.L", "__AArch64ADRPThunk_",
		"__ARMV5PILongThunk_", "__ARMV7PILongThunk_", "__ThumbV7PILongThunk_",
		"__LA25Thunk_", "__microLA25Thunk_", "__kcfi_typeid_",
	};
	static const char *const suffixes[] = { "_from_arm", "_from_thumb", "_veneer" };

	if (k->opts->generation != KSYM_KALLSYMS_6_1)
		return false;
	/* Only names that begin or end like these can be among them. */
	if (name[0] == '_' || name[0] == 'k') {
		for (size_t i = 0; i < sizeof(exact) / sizeof(*exact); i++)
			if (!strcmp(name, exact[i]))
				return true;
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
			if (has_prefix(name, prefixes[i]))
				return true;
	}
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (has_suffix(name, len, suffixes[i]))
			return true;
	return memchr(name, '.', len) &&
	       (strstr(name, ".long_branch.") || strstr(name, ".plt_branch."));
}

/* Labels of the tables that the pass before made.  6.1 must not list them, since its first
 * pass has none. */
static bool is_owners_label(struct ks_kallsyms *k, const char *name, uint64_t va)
{
	static const char *const labels[] = { KS_OWNERS_LABELS };

	if (!k->opts->owners || strncmp(name, "kallsyms_", 9))
		return false;
	for (unsigned int i = 0; i < KS_NR_OWN_LABELS; i++) {
		if (!strcmp(name, labels[i])) {
			k->owners_va[i] = va;
			return true;
		}
	}
	return false;
}

static bool is_left_out(const struct ks_kallsyms *k, const char *name, size_t len, char type)
{
	if (is_left_out_by_name(k, name, len))
		return true;
	if (type == 'u' || type == 'n')
		return true;
	if (k->opts->generation == KSYM_KALLSYMS_6_1 && (type == 'U' || type == 'N'))
		return true;
	if (type == 'a' || type == 'A')
		return strcmp(name, "__kernel_syscall_via_break") &&
		       strcmp(name, "__kernel_syscall_via_epc") &&
		       strcmp(name, "__kernel_sigtramp") && strcmp(name, "__gp");
	return false;
}

/* The symbols that mark text, inittext and per-CPU data. */
static void note_range(struct ks_kallsyms *k, const char *name, uint64_t va)
{
	static const char *const starts[] = { "_stext", "_sinittext", "__per_cpu_start" };
	static const char *const ends[] = { "_etext", "_einittext", "__per_cpu_end" };

	if (name[0] != '_')
		return;
	for (unsigned int i = 0; i < 3; i++) {
		if (!strcmp(name, starts[i]))
			k->range_start[i] = va;
		else if (!strcmp(name, ends[i]))
			k->range_end[i] = va;
	}
}

/* @name is terminated. */
static int add(struct ks_kallsyms *k, uint64_t va, char type, const char *name, size_t len)
{
	struct ks_kasym *s;

	if (len >= KS_KALLSYMS_NAME_LEN) {
		ks_kallsyms_warn(k, "%s: a symbol whose name has %zu bytes left out: expected less than %d (%.40s...)",
				 k->path, len, KS_KALLSYMS_NAME_LEN, name);
		return 0;
	}
	if (!strcmp(name, "_text"))
		k->text_va = va;
	if (is_owners_label(k, name, va) && k->opts->generation == KSYM_KALLSYMS_6_1)
		return 0;
	if (is_left_out(k, name, len, type))
		return 0;
	note_range(k, name, va);
	if (k->syms.len >= UINT32_MAX / 2 || !(s = ks_vec_push(&k->syms)))
		return ks_error_nomem(k->err);
	s->va = va;
	s->name = name;
	s->name_len = (uint32_t)len;
	s->seq = (uint32_t)k->syms.len - 1;
	s->type = type;
	return 0;
}

/* What is left of a line that cannot be read, or so much of it as fits a word. */
static void pass_over(struct scan *s)
{
	size_t max = (size_t)(s->end - s->p) < WORD_MAX ? (size_t)(s->end - s->p) : WORD_MAX;
	const char *nl = memchr(s->p, '\n', max);

	s->p = nl ? nl + 1 : s->p + max;
}

/* Number, letter, word, wherever the lines end. */
static int read_words(struct ks_kallsyms *k, char *text, size_t len)
{
	struct scan s = { text, text + len };

	for (;;) {
		const char *name, *stop;
		uint64_t va;
		char type, *copy;
		int ret;

		skip_blanks(&s);
		if (s.p == s.end)
			return 0;
		if (!take_number(&s, &va, true)) {
			pass_over(&s);
			continue;
		}
		skip_blanks(&s);
		if (s.p == s.end)
			return 0;
		type = *s.p++;
		skip_blanks(&s);
		name = s.p;
		stop = s.end - s.p > WORD_MAX ? s.p + WORD_MAX : s.end;
		while (s.p < stop && !is_blank(*s.p))
			s.p++;
		if (s.p == name)
			return 0;
		/* What follows a word that is too long is still to be read. */
		if (s.p < s.end && is_blank(*s.p)) {
			text[s.p++ - text] = 0;
			copy = (char *)name;
		} else {
			copy = ks_arena_strdup(&k->arena, name, (size_t)(s.p - name));
			if (!copy)
				return ks_error_nomem(k->err);
		}
		ret = add(k, va, type, copy, strlen(copy));
		if (ret)
			return ret;
	}
}

/* One line "ADDRESS LETTER NAME", the name to the line's end. */
static int read_lines(struct ks_kallsyms *k, char *text, size_t len)
{
	struct scan s = { text, text + len };

	for (uint64_t nr = 1; s.p < s.end; nr++) {
		char *line = text + (s.p - text), *nl = memchr(line, '\n', (size_t)(s.end - s.p));
		struct scan l = { line, nl ? nl : s.end };
		const char *nul = memchr(line, 0, (size_t)(l.end - line));
		uint64_t va;
		char type;
		int ret;

		s.p = nl ? nl + 1 : s.end;
		if (nl)
			*nl = 0;
		if (nul)
			l.end = nul;
		if (!take_number(&l, &va, false) || l.end - l.p < 3 || l.p[0] != ' ' ||
		    (unsigned char)l.p[1] > 0x7f || l.p[2] != ' ')
			return ks_error(k->err, -EBADMSG,
					"%s: line %llu: expected \"ADDRESS LETTER NAME\"", k->path,
					(unsigned long long)nr);
		type = l.p[1];
		l.p += 3;
		ret = add(k, va, type, l.p, (size_t)(l.end - l.p));
		if (ret)
			return ret;
	}
	return 0;
}

int ks_kallsyms_read(struct ks_kallsyms *k, const uint8_t *data, size_t len)
{
	char *text = ks_arena_alloc(&k->arena, len + 1);

	if (!text)
		return ks_error_nomem(k->err);
	if (len)
		memcpy(text, data, len);
	k->range_start[2] = UINT64_MAX;
	return k->opts->generation == KSYM_KALLSYMS_6_1 ? read_words(k, text, len)
							 : read_lines(k, text, len);
}
