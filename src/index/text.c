// SPDX-License-Identifier: LGPL-2.1-or-later
/* The one printer of symbols. */
#include "index/index.h"

#include <string.h>

struct text {
	char *buf;
	size_t cap, len;	/* len counts what did not fit as well */
};

static void put(struct text *t, const char *s, size_t n)
{
	if (t->len < t->cap) {
		size_t fits = t->cap - t->len;

		memcpy(t->buf + t->len, s, n < fits ? n : fits);
	}
	t->len += n;
}

static void put_char(struct text *t, char c)
{
	if (t->len < t->cap)
		t->buf[t->len] = c;
	t->len++;
}

/* Lowercase, at least @digits digits. */
static void put_hex(struct text *t, uint64_t v, unsigned int digits)
{
	char buf[16];
	unsigned int i = 16;

	do {
		buf[--i] = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v || 16 - i < digits);
	put(t, buf + i, 16 - i);
}

static void put_owner(struct text *t, const struct ksym_index *idx, const struct ksym_symbol *sym,
		      char first)
{
	struct ks_obj o;
	const char *suffix;

	if (sym->object == KSYM_NO_OBJECT || !ks_tables_object(&idx->t, sym->object, &o))
		return;
	for (uint32_t n = 0; n < o.nr_modules; n++) {
		const char *name = ks_tables_object_module(&idx->t, o.first_module + n);

		if (!name)
			continue;
		put_char(t, first);
		put_char(t, '[');
		put(t, name, strlen(name));
		put_char(t, ']');
		first = ' ';
	}
	suffix = sym->is_text ? o.text_suffix : o.data_suffix;
	if (suffix) {
		put_char(t, first);
		put_char(t, '{');
		put(t, suffix, strlen(suffix));
		put_char(t, '}');
	}
}

size_t ksym_symbol_format(const struct ksym_index *idx, const struct ksym_symbol *sym,
			  enum ksym_format format, char *buf, size_t len)
{
	struct text t = { buf, len ? len - 1 : 0, 0 };
	/* As the kernel's %px: eight digits on 32-bit machines. */
	unsigned int digits = idx->t.base[KS_HDR_ELF_CLASS] == 1 ? 8 : 16;

	if (format != KSYM_FORMAT_IDENTITY) {
		put_hex(&t, sym->va, digits);
		put_char(&t, ' ');
		if (format == KSYM_FORMAT_FULL) {
			put_hex(&t, sym->len, 1);
			put_char(&t, ' ');
		}
		put_char(&t, sym->type);
		put_char(&t, ' ');
	}
	put(&t, sym->name, sym->name_len);
	put_owner(&t, idx, sym, format == KSYM_FORMAT_KALLSYMS ? '\t' : ' ');
	if (len)
		buf[t.len < len ? t.len : len - 1] = 0;
	return t.len;
}
