// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kbuild/linkmap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/vec.h"
#include "kbuild/linkmap_line.h"

#define NO_OUTPUT UINT32_MAX

struct parser {
	const char *path;
	struct ksym_error *err;
	struct ks_lines lines;
	struct ks_strpool strings, assigned;
	KS_VEC(struct ks_map_output) outputs;
	KS_VEC(struct ks_map_input) inputs;
	KS_VEC(char) scratch;
	uint32_t output;	/* where inputs go now, or NO_OUTPUT */
	bool has_heading;
};

static ks_cold int expected(const struct parser *p, const struct ks_map_line *l, const char *what)
{
	return ks_error(p->err, -EBADMSG, "%s:%" PRIu64 ": expected %s", p->path, l->nr, what);
}

static int read_range(const struct parser *p, const struct ks_map_line *l, struct ks_map_field va,
		      struct ks_map_field len, uint64_t *va_out, uint64_t *len_out)
{
	if (!ks_map_hex(va.s, va.len, va_out) || !ks_map_hex(len.s, len.len, len_out))
		return expected(p, l, "hexadecimal numbers of at most 64 bits");
	if (*len_out && *va_out > UINT64_MAX - (*len_out - 1))
		return expected(p, l, "a section that ends below 2^64");
	return 0;
}

static int add_output(struct parser *p, const struct ks_map_line *l, struct ks_map_field name,
		      struct ks_map_field va, struct ks_map_field len)
{
	struct ks_map_output *out;

	if (p->outputs.len == NO_OUTPUT)
		return expected(p, l, "fewer output sections");
	out = ks_vec_push(&p->outputs);
	if (!out)
		return ks_error_nomem(p->err);
	p->output = (uint32_t)(p->outputs.len - 1);
	out->name = ks_strpool_add(&p->strings, name.s, name.len);
	if (out->name == KS_STRPOOL_NONE)
		return ks_error_nomem(p->err);
	return read_range(p, l, va, len, &out->va, &out->len);
}

static uint32_t intern_object(struct parser *p, struct ks_map_object o)
{
	size_t len = o.dir.len + o.name.len;

	if (!o.dir.len)
		return ks_strpool_add(&p->strings, o.name.s, o.name.len);
	p->scratch.len = 0;
	if (!ks_vec_reserve(&p->scratch, len))
		return KS_STRPOOL_NONE;
	memcpy(p->scratch.data, o.dir.s, o.dir.len);
	memcpy(p->scratch.data + o.dir.len, o.name.s, o.name.len);
	return ks_strpool_add(&p->strings, p->scratch.data, len);
}

static int add_input(struct parser *p, const struct ks_map_line *l, struct ks_map_field section,
		     struct ks_map_field object, struct ks_map_field va, struct ks_map_field len)
{
	struct ks_map_input in = { .output = p->output }, *slot;
	struct ks_map_object path = ks_map_object(object.s, object.len);
	int ret = read_range(p, l, va, len, &in.va, &in.len);

	/* "lib.a()" names no object either. */
	if (ret || !in.len || !path.name.len)
		return ret;
	in.section = ks_strpool_add(&p->strings, section.s, section.len);
	in.object = intern_object(p, path);
	slot = ks_vec_push(&p->inputs);
	if (in.section == KS_STRPOOL_NONE || in.object == KS_STRPOOL_NONE || !slot)
		return ks_error_nomem(p->err);
	*slot = in;
	return 0;
}

/* The address and length of a GNU ld line, after "0x". */
static struct ks_map_field digits(struct ks_map_field f)
{
	return (struct ks_map_field){ f.s + 2, f.len - 2 };
}

static bool has_range(const struct ks_map_line *l)
{
	return l->nf >= 3 && ks_map_field_is_number(l->f[1]) && ks_map_field_is_number(l->f[2]);
}

/* A line at the margin: an output section when it has an address and a length. */
static int ld_margin(struct parser *p, const struct ks_map_line *l)
{
	p->output = NO_OUTPUT;
	/* "*default*" is a memory region; its list comes before the sections. */
	if (has_range(l) && l->f[0].s[0] != '*')
		return add_output(p, l, l->f[0], digits(l->f[1]), digits(l->f[2]));
	if (l->nf == 5 && ks_map_field_is(l->f[0], "Linker") &&
	    ks_map_field_is(l->f[1], "script") && ks_map_field_is(l->f[4], "map")) {
		/* Other memory regions look like output sections: forget them. */
		p->outputs.len = p->inputs.len = 0;
		p->has_heading = true;
	}
	return 0;
}

static int ld_input(struct parser *p, const struct ks_map_line *l)
{
	struct ks_map_field object;

	/* Not an input: '*' begins patterns and padding. */
	if (p->output == NO_OUTPUT || l->f[0].s[0] == '*' || l->nf < 4 || !has_range(l))
		return 0;
	/* The path is the rest of the line, whatever blanks are in it. */
	object = (struct ks_map_field){ l->f[3].s, (size_t)(l->end - l->f[3].s) };
	if (ks_map_field_is(object, "linker stubs"))
		return 0;
	return add_input(p, l, l->f[0], object, digits(l->f[1]), digits(l->f[2]));
}

/*
 * A name alone on its line: the rest is on the next line, unless it is a pattern
 * or the name of an output section that holds nothing ("/DISCARD/").
 */
static void ld_join(struct parser *p, struct ks_map_line *l)
{
	struct ks_lines ahead = p->lines;
	struct ks_map_line next;

	if (ks_map_line_next(&ahead, &next) && next.indent && next.nf >= 2 &&
	    ks_map_field_is_number(next.f[0]) && ks_map_field_is_number(next.f[1]))
		ks_map_line_join(&p->lines, l);
}

static int add_assigned(struct parser *p, struct ks_map_field name)
{
	/* "PROVIDE (name" */
	if (name.len && name.s[0] == '(') {
		name.s++;
		name.len--;
	}
	if (!name.len)
		return 0;
	return ks_strpool_add(&p->assigned, name.s, name.len) == KS_STRPOOL_NONE
		       ? ks_error_nomem(p->err)
		       : 0;
}

/* "0xffffffff81000000   _text = .", "0x…   PROVIDE (name = .)" */
static int ld_symbol(struct parser *p, const struct ks_map_line *l)
{
	if (l->nf < 4 || !ks_map_field_is_number(l->f[0]))
		return 0;
	if (ks_map_field_is(l->f[2], "="))
		return add_assigned(p, l->f[1]);
	if (ks_map_field_is(l->f[1], "PROVIDE") && l->nf > 4 && ks_map_field_is(l->f[3], "="))
		return add_assigned(p, l->f[2]);
	return 0;
}

static int parse_ld(struct parser *p, struct ks_map_line *l)
{
	int ret = 0;

	do {
		if (l->indent > 1)
			ret = ld_symbol(p, l);
		if (l->indent > 1 || !l->nf)
			continue;
		if (l->nf == 1)
			ld_join(p, l);
		ret = l->indent ? ld_input(p, l) : ld_margin(p, l);
	} while (!ret && ks_map_line_next(&p->lines, l));
	return ret;
}

/* "vmlinux.a(init/main.o):(.text)" */
static int lld_input(struct parser *p, const struct ks_map_line *l)
{
	const char *s = l->f[4].s, *end = l->end, *paren;

	if (p->output == NO_OUTPUT || *s == '<' || end[-1] != ')')
		return 0;
	paren = memrchr(s, '(', (size_t)(end - s));
	if (!paren || paren <= s + 1 || paren[-1] != ':')
		return 0;

	struct ks_map_field object = { s, (size_t)(paren - 1 - s) };
	struct ks_map_field section = { paren + 1, (size_t)(end - 1 - (paren + 1)) };
	/* Pieces of .eh_frame are listed one by one: ".eh_frame+0x18". */
	const char *plus = memrchr(section.s, '+', section.len);

	if (plus && plus[1] == '0' && plus[2] == 'x')
		section.len = (size_t)(plus - section.s);
	return add_input(p, l, section, object, l->f[0], l->f[2]);
}

static int parse_lld(struct parser *p, struct ks_map_line *l)
{
	int ret = 0;

	while (!ret && ks_map_line_next(&p->lines, l)) {
		if (l->nf > 6 && ks_map_field_is(l->f[5], "=")) {
			ret = add_assigned(p, l->f[4]);
			continue;
		}
		switch (ks_map_line_lld_depth(l)) {
		case KS_MAP_OUTPUT:
			ret = add_output(p, l, l->f[4], l->f[0], l->f[2]);
			break;
		case KS_MAP_INPUT:
			ret = lld_input(p, l);
			break;
		default:
			break;
		}
	}
	return ret;
}

static bool is_relocatable(const struct parser *p)
{
	bool any = false;

	for (size_t i = 0; i < p->outputs.len; i++) {
		if (p->outputs.data[i].va)
			return false;
		any |= p->outputs.data[i].len != 0;
	}
	return any;
}

int ks_linkmap_parse(struct ks_linkmap *m, const struct ks_file *f, struct ksym_error *err)
{
	struct parser p = {
		.path = f->path, .err = err, .lines = ks_lines(f), .output = NO_OUTPUT
	};
	struct ks_map_line l;
	int ret;

	*m = (struct ks_linkmap){ 0 };
	ret = ks_check_text(f, err);
	if (!ret && ks_map_line_next(&p.lines, &l)) {
		m->is_lld = ks_map_line_is_lld(&l);
		ret = m->is_lld ? parse_lld(&p, &l) : parse_ld(&p, &l);
	}
	if (!ret && !m->is_lld && !p.has_heading && !p.inputs.len)
		ret = ks_error(err, -EBADMSG, "%s:1: expected a linker map of GNU ld or LLVM lld",
			       f->path);
	m->strings = p.strings;
	m->assigned = p.assigned;
	m->outputs = p.outputs.data;
	m->nr_outputs = p.outputs.len;
	m->inputs = p.inputs.data;
	m->nr_inputs = p.inputs.len;
	m->is_relocatable = is_relocatable(&p);
	ks_vec_free(&p.scratch);
	if (ret)
		ks_linkmap_free(m);
	return ret;
}

void ks_linkmap_free(struct ks_linkmap *m)
{
	ks_strpool_free(&m->strings);
	ks_strpool_free(&m->assigned);
	free(m->outputs);
	free(m->inputs);
	*m = (struct ks_linkmap){ 0 };
}
