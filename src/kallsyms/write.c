// SPDX-License-Identifier: LGPL-2.1-or-later
/* The assembly.  A few megabytes of numbers: digits come out of tables. */
#include "kallsyms/write.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

void ks_asm_put(struct ks_asm *o, const char *s, size_t len)
{
	if (o->failed || !ks_vec_reserve(&o->b, len)) {
		o->failed = true;
		return;
	}
	memcpy(o->b.data + o->b.len, s, len);
	o->b.len += len;
}

void ks_asm_puts(struct ks_asm *o, const char *s)
{
	ks_asm_put(o, s, strlen(s));
}

void ks_asm_label(struct ks_asm *o, const char *align, const char *name)
{
	ks_asm_puts(o, ".globl ");
	ks_asm_puts(o, name);
	ks_asm_puts(o, "\n");
	if (align) {
		ks_asm_puts(o, "\t");
		ks_asm_puts(o, align);
		ks_asm_puts(o, "\n");
	}
	ks_asm_puts(o, name);
	ks_asm_puts(o, ":\n");
}

/* As "%#llx": zero is plain "0". */
static void put_hex(struct ks_asm *o, uint64_t v)
{
	char buf[18];
	unsigned int i = sizeof(buf);

	if (!v) {
		ks_asm_put(o, "0", 1);
		return;
	}
	for (; v; v >>= 4)
		buf[--i] = "0123456789abcdef"[v & 15];
	buf[--i] = 'x';
	buf[--i] = '0';
	ks_asm_put(o, buf + i, sizeof(buf) - i);
}

static void put_decimal(struct ks_asm *o, int64_t value)
{
	uint64_t v = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char buf[21];
	unsigned int i = sizeof(buf);

	do {
		buf[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	if (value < 0)
		buf[--i] = '-';
	ks_asm_put(o, buf + i, sizeof(buf) - i);
}

void ks_asm_number(struct ks_asm *o, const char *directive, uint64_t v)
{
	ks_asm_puts(o, directive);
	put_decimal(o, (int64_t)v);
	ks_asm_put(o, "\n", 1);
}

/* "0xNN" of every byte, each behind ", ". */
struct byte_texts {
	char text[256][8];
};

static void make_byte_texts(struct byte_texts *b)
{
	for (unsigned int i = 0; i < 256; i++) {
		memcpy(b->text[i], ", 0x", 4);
		b->text[i][4] = "0123456789abcdef"[i >> 4];
		b->text[i][5] = "0123456789abcdef"[i & 15];
		b->text[i][6] = b->text[i][7] = 0;
	}
}

#define BYTE_TEXT_LEN 6

/* One "\t.byte 0xNN, 0xNN…", without the end of its line. */
static void put_bytes(struct ks_asm *o, const struct byte_texts *b, const uint8_t *p, size_t len)
{
	char *to;

	if (!len || o->failed || !ks_vec_reserve(&o->b, 8 + 8 * len)) {
		o->failed |= len != 0;
		return;
	}
	to = o->b.data + o->b.len;
	memcpy(to, "\t.byte ", 7);
	/* Two bytes too far ahead, which the first ", " is. */
	memcpy(to + 7, b->text[p[0]] + 2, 4);
	to += 7 + 4;
	for (size_t i = 1; i < len; i++, to += BYTE_TEXT_LEN)
		memcpy(to, b->text[p[i]], 8);
	o->b.len = (size_t)(to - o->b.data);
}

void ks_asm_bytes(struct ks_asm *o, const uint8_t *p, size_t len)
{
	struct byte_texts b;

	make_byte_texts(&b);
	for (size_t i = 0; i < len; i += 32) {
		put_bytes(o, &b, p + i, len - i < 32 ? len - i : 32);
		ks_asm_put(o, "\n", 1);
	}
}

/* ------------------------------------------------------------------ tables */

struct writer {
	struct ks_kallsyms *k;
	struct ks_asm *o;
	const char *align;
	bool comments;		/* each line tells its symbol, from 6.12 on */
	struct byte_texts bytes;
};

static void end_line(const struct writer *w, const struct ks_kasym *s)
{
	struct ks_asm *o = w->o;

	if (w->comments && s->type) {
		if (!ks_vec_reserve(&o->b, (size_t)s->name_len + 16)) {
			o->failed = true;
			return;
		}
		ks_asm_put(o, "\t/* ", 4);
		ks_asm_put(o, &s->type, 1);
		ks_asm_put(o, s->name, s->name_len);
		ks_asm_put(o, " */\n", 4);
		return;
	}
	ks_asm_puts(o, w->comments ? "\t/*  */\n" : "\n");
}

static void put_text_relative(struct writer *w, uint64_t va)
{
	bool behind = w->k->text_va <= va;

	ks_asm_puts(w->o, behind ? "\tPTR\t_text + " : "\tPTR\t_text - ");
	put_hex(w->o, behind ? va - w->k->text_va : w->k->text_va - va);
	ks_asm_put(w->o, "\n", 1);
}

static void put_label(struct writer *w, const char *name)
{
	ks_asm_label(w->o, w->align, name);
}

static int out_of_range(const struct ks_kallsyms *k, const struct ks_kasym *s)
{
	return ks_error(k->err, -EBADMSG, "%s: %s has the address %#llx: expected one within 2 GiB of %#llx",
			k->path, s->name, (unsigned long long)s->va,
			(unsigned long long)(s->absolute ? 0 : k->relative_base));
}

/* The number that stands for an address in kallsyms_offsets up to 6.12. */
static bool base_offset(const struct ks_kallsyms *k, const struct ks_kasym *s, int64_t *out)
{
	if (!k->opts->absolute_percpu) {
		*out = (int64_t)(s->va - k->relative_base);
		return *out >= 0 && *out <= UINT_MAX;
	}
	if (s->absolute) {
		*out = (int64_t)s->va;
		return *out >= 0 && *out <= INT_MAX;
	}
	*out = (int64_t)(k->relative_base - s->va - 1);
	return *out >= INT_MIN && *out < 0;
}

static int put_offsets(struct writer *w)
{
	struct ks_kallsyms *k = w->k;

	put_label(w, "kallsyms_offsets");
	for (size_t i = 0; i < k->syms.len; i++) {
		const struct ks_kasym *s = &k->syms.data[i];
		int64_t off = (int64_t)(s->va - k->text_va);

		if (k->opts->generation != KSYM_KALLSYMS_7) {
			if (!base_offset(k, s, &off))
				return out_of_range(k, s);
			ks_asm_put(w->o, "\t.long\t", 7);
			put_hex(w->o, (uint32_t)off);
		} else if (k->opts->pc_relative) {
			if (off < INT_MIN || off > INT_MAX)
				return out_of_range(k, s);
			ks_asm_puts(w->o, "\t.long\t_text - . + (");
			put_decimal(w->o, off);
			ks_asm_put(w->o, ")", 1);
		} else {
			ks_asm_put(w->o, "\t.long\t", 7);
			put_hex(w->o, (uint32_t)s->va);
		}
		end_line(w, s);
	}
	ks_asm_put(w->o, "\n", 1);
	return 0;
}

static void put_relative_base(struct writer *w)
{
	put_label(w, "kallsyms_relative_base");
	put_text_relative(w, w->k->relative_base);
	ks_asm_put(w->o, "\n", 1);
}

static void put_addresses(struct writer *w)
{
	struct ks_kallsyms *k = w->k;

	put_label(w, "kallsyms_addresses");
	for (size_t i = 0; i < k->syms.len; i++) {
		const struct ks_kasym *s = &k->syms.data[i];

		if (!s->absolute) {
			put_text_relative(w, s->va);
			continue;
		}
		ks_asm_puts(w->o, "\tPTR\t");
		put_hex(w->o, s->va);
		ks_asm_put(w->o, "\n", 1);
	}
	ks_asm_put(w->o, "\n", 1);
}

static void put_num_syms(struct writer *w)
{
	put_label(w, "kallsyms_num_syms");
	ks_asm_number(w->o, "\t.long\t", w->k->syms.len);
	ks_asm_put(w->o, "\n", 1);
}

/* Names, and where every 256th of them is. */
static int put_names(struct writer *w)
{
	struct ks_kallsyms *k = w->k;
	const struct ks_tokens *t = &k->tokens;
	size_t nr_markers = (k->syms.len + 255) / 256;
	uint32_t *marker = ks_arena_alloc(&k->arena, (nr_markers + 1) * sizeof(*marker)), off = 0;
	uint8_t buf[2 + KS_KALLSYMS_NAME_LEN + 1];

	if (!marker)
		return ks_error_nomem(k->err);
	put_label(w, "kallsyms_names");
	for (size_t i = 0; i < k->syms.len; i++) {
		uint32_t len = 2, from = 1, c;

		for (uint32_t p = t->start[i]; (c = t->units[p]) != KS_UNIT_END; p += t->span[c])
			buf[len++] = (uint8_t)c;
		len -= 2;
		if (len <= 0x7f) {
			buf[1] = (uint8_t)len;
		} else {
			buf[0] = (uint8_t)(len | 0x80);
			buf[1] = (uint8_t)(len >> 7);
			from = 0;
		}
		if (i % 256 == 0)
			marker[i / 256] = off;
		off += len + 2 - from;
		put_bytes(w->o, &w->bytes, buf + from, len + 2 - from);
		end_line(w, &k->syms.data[i]);
	}
	ks_asm_put(w->o, "\n", 1);
	put_label(w, "kallsyms_markers");
	for (size_t i = 0; i < nr_markers; i++)
		ks_asm_number(w->o, "\t.long\t", marker[i]);
	ks_asm_put(w->o, "\n", 1);
	return 0;
}

static void put_tokens(struct writer *w)
{
	uint32_t index[256], off = 0;

	put_label(w, "kallsyms_token_table");
	for (unsigned int c = 0; c < 256; c++) {
		const char *text = w->k->tokens.text[c];

		index[c] = off;
		off += (uint32_t)strlen(text) + 1;
		ks_asm_puts(w->o, "\t.asciz\t\"");
		ks_asm_puts(w->o, text);
		ks_asm_puts(w->o, "\"\n");
	}
	ks_asm_put(w->o, "\n", 1);
	put_label(w, "kallsyms_token_index");
	for (unsigned int c = 0; c < 256; c++)
		ks_asm_number(w->o, "\t.short\t", index[c]);
	ks_asm_put(w->o, "\n", 1);
}

static int put_seqs_of_names(struct writer *w)
{
	struct ks_kallsyms *k = w->k;
	uint32_t *order = ks_kallsyms_name_order(k);

	if (!order)
		return ks_error_nomem(k->err);
	put_label(w, "kallsyms_seqs_of_names");
	for (size_t i = 0; i < k->syms.len; i++) {
		uint8_t seq[3] = { (uint8_t)(order[i] >> 16), (uint8_t)(order[i] >> 8),
				   (uint8_t)order[i] };

		put_bytes(w->o, &w->bytes, seq, sizeof(seq));
		end_line(w, &k->syms.data[order[i]]);
	}
	ks_asm_put(w->o, "\n", 1);
	free(order);
	return 0;
}

int ks_kallsyms_print(struct ks_kallsyms *k, struct ks_asm *out)
{
	struct writer w = { .k = k, .o = out };
	bool old = k->opts->generation == KSYM_KALLSYMS_6_1;
	int ret = 0;

	make_byte_texts(&w.bytes);
	w.align = k->opts->generation == KSYM_KALLSYMS_7 ? ".balign 4" : "ALGN";
	w.comments = !old;
	/* Enough for most, so that memory is not moved about. */
	if (!ks_vec_reserve(&out->b, k->syms.len * 160 + (1 << 16)))
		return ks_error_nomem(k->err);
	if (k->opts->generation != KSYM_KALLSYMS_7)
		ks_asm_puts(out, "#include <asm/bitsperlong.h>\n#if BITS_PER_LONG == 64\n"
				 "#define PTR .quad\n#define ALGN .balign 8\n#else\n"
				 "#define PTR .long\n#define ALGN .balign 4\n#endif\n");
	ks_asm_puts(out, "\t.section .rodata, \"a\"\n");
	if (old && !k->opts->base_relative)
		put_addresses(&w);
	else if (old)
		ret = put_offsets(&w);
	if (!ret && old && k->opts->base_relative)
		put_relative_base(&w);
	put_num_syms(&w);
	if (!ret)
		ret = put_names(&w);
	if (!ret && old)
		ret = put_seqs_of_names(&w);
	put_tokens(&w);
	if (!ret && !old)
		ret = put_offsets(&w);
	if (!ret && k->opts->generation == KSYM_KALLSYMS_6_12)
		put_relative_base(&w);
	if (!ret && !old)
		ret = put_seqs_of_names(&w);
	return ret ? ret : out->failed ? ks_error_nomem(k->err) : 0;
}
