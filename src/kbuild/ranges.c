// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * modules.builtin.ranges: which bytes of which section belong to built-in modules.
 *
 * The kernel makes this file with scripts/generate_builtin_ranges.awk (since Linux
 * 6.12), and its readers know that script's output, so the same bytes come out here,
 * from the same three files and the .cmd files of the build tree.  What it does:
 *
 * Output sections of vmlinux.map whose name begins with '.' have a base, their
 * address, and an anchor, a symbol by which a reader finds that base in a running
 * kernel.  Objects in them are looked up in order of address; neighbours of the same
 * modules become one range.  If vmlinux was linked from vmlinux.o then its map only
 * tells where the sections of vmlinux.o went: "addend" is the offset of an input
 * section of vmlinux.o from the base, "in" the output section it is in, and the
 * objects come from vmlinux.o.map.
 *
 * Details that look like accidents, but decide about bytes of real kernels:
 *   - The module whose range is open stays open from one section to the next, and
 *     from vmlinux.map to vmlinux.o.map.  If the next object seen is of the same
 *     module then the range's end becomes that object's offset, in whatever section.
 *   - An open range that reached beyond the next object is cut off there; a section
 *     later, at the size of its section.  So ranges can end before they start.
 *   - Any entry of four words counts as an object of no module: padding with a fill
 *     pattern (" *fill* 0xffffffff8100b82b 0x5 cc") and patterns of four words, whose
 *     second word then is offset 0 minus the base.  Padding without a fill pattern
 *     has three words and does not count.
 *   - A name alone on its line takes the next line with it, whatever it is.  After a
 *     name at the margin that way without an address ("/DISCARD/"), entries count as
 *     being in the section before.
 *   - The first four digits of the last section's address are cut off all addresses
 *     that begin with them, because the script computes with doubles.
 *   - Ranges are filed under twice their address plus one, anchors under twice the
 *     base; a later entry of the same key replaces the earlier.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/strpool.h"
#include "base/vec.h"
#include "base/opts.h"
#include "kbuild/cmd.h"
#include "kbuild/linkmap_line.h"

#define NONE UINT32_MAX

/* Offsets are computed modulo 2^64, like the script prints them. */
struct section {
	uint64_t base, len, addend;
	uint64_t anchor_off;
	uint32_t anchor;	/* symbol, in strings, or NONE */
	uint32_t in;		/* section, or NONE: no addend */
	bool has_base;
	bool has_ranges;
};

struct entry {
	uint64_t key;
	uint64_t off, end_off;
	uint32_t section;
	uint32_t text;		/* modules or, of anchors, the symbol, in strings */
	uint32_t nr;		/* order of coming */
	bool is_anchor;
};

struct writer {
	struct ksym_error *err;
	const char *map_path;	/* the map being read */
	struct ks_strpool strings;
	struct ks_strpool section_names;
	KS_VEC(struct section) sections;	/* by number in section_names */
	struct ks_strpool modules_builtin;	/* paths without prefix and suffix */
	struct ks_strpool objects;
	KS_VEC(uint32_t) object_modules;	/* by number in objects: text, in strings */
	struct ks_cmd_reader cmd;
	KS_VEC(char) names;	/* of the modules looked up last */
	KS_VEC(char) entry_text;/* of the lld input read last */
	KS_VEC(struct entry) entries;

	bool is_lld;
	bool needs_object_map;

	/* The output section being read, NONE outside of those that count. */
	uint32_t output;
	bool has_anchor;
	struct ks_map_field raw_va, prefix;	/* digits */
	uint64_t base;		/* of the last one that counted */

	/* The open range. */
	uint32_t open_modules;	/* in strings, or NONE */
	uint32_t open_section;	/* input section it began in */
	uint64_t open_off, open_end_off;
};

/* One line in the form GNU ld has. */
struct record {
	struct ks_map_field section, object;
	struct ks_map_field va, len;	/* digits; empty: no number */
};

/* ------------------------------------------------- small parts */

static struct section *section_at(struct writer *w, uint32_t i)
{
	return &w->sections.data[i];
}

/* Number of a section, new or old; NONE when out of memory. */
static uint32_t section_named(struct writer *w, struct ks_map_field name)
{
	uint32_t i = ks_strpool_add(&w->section_names, name.s, name.len);
	struct section *s;

	if (i != KS_STRPOOL_NONE && i == w->sections.len) {
		s = ks_vec_push(&w->sections);
		if (!s)
			return NONE;
		s->anchor = s->in = NONE;
	}
	return i;
}

static struct ks_map_field digits(struct ks_map_field f)
{
	if (!ks_map_field_is_number(f))
		return (struct ks_map_field){ f.s, 0 };
	return (struct ks_map_field){ f.s + 2, f.len - 2 };
}

static bool begins_with(struct ks_map_field f, struct ks_map_field prefix)
{
	return f.len >= prefix.len && !memcmp(f.s, prefix.s, prefix.len);
}

static int number(struct writer *w, const struct ks_map_line *l, struct ks_map_field f,
		  uint64_t *v)
{
	*v = 0;
	if (!f.len || ks_map_hex(f.s, f.len, v))
		return 0;
	return ks_error(w->err, -EBADMSG,
			"%s:%" PRIu64 ": expected hexadecimal numbers of at most 64 bits",
			w->map_path, l->nr);
}

/* An address without the digits it shares with the section's. */
static int address(struct writer *w, const struct ks_map_line *l, struct ks_map_field f,
		   uint64_t *v)
{
	if (w->prefix.len && begins_with(f, w->prefix)) {
		f.s += w->prefix.len;
		f.len -= w->prefix.len;
	}
	return number(w, l, f, v);
}

/* ------------------------------------------------- modules of objects */

static int read_modules_builtin(struct writer *w, const char *path)
{
	struct ks_file f;
	struct ks_lines lines;
	struct ks_map_line l;
	int ret = ks_file_open(&f, path, w->err);

	if (ret)
		return ret;
	lines = ks_lines(&f);
	ret = ks_check_text(&f, w->err);
	while (!ret && ks_map_line_next(&lines, &l)) {
		struct ks_map_field m = l.f[0];

		if (!l.nf)
			continue;
		if (begins_with(m, (struct ks_map_field){ "kernel/", 7 })) {
			m.s += 7;
			m.len -= 7;
		}
		if (m.len >= 3 && !memcmp(m.s + m.len - 3, ".ko", 3))
			m.len -= 3;
		if (ks_strpool_add(&w->modules_builtin, m.s, m.len) == KS_STRPOOL_NONE)
			ret = ks_error_nomem(w->err);
	}
	ks_file_close(&f);
	return ret;
}

/* "drivers/a/one-x drivers/a/two" as module names: "one_x two", in names. */
static bool name_modules(struct writer *w, struct ks_cmd_modfiles files)
{
	size_t word = 0;

	w->names.len = 0;
	if (!ks_vec_reserve(&w->names, files.len))
		return false;
	for (size_t i = 0; i < files.len; i++) {
		char c = files.s[i];

		if (c == '/') {
			w->names.len = word;
			continue;
		}
		w->names.data[w->names.len++] = c == '-' ? '_' : c;
		if (c == ' ')
			word = w->names.len;
	}
	return true;
}

/* Modules of an object as text, in strings; NONE when it has none. */
static int look_up_modules(struct writer *w, struct ks_map_field object, uint32_t *modules)
{
	struct ks_cmd_modfiles files;
	int ret = ks_cmd_read_object(&w->cmd, object.s, object.len, w->err);

	*modules = NONE;
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	files = ks_cmd_modfiles(w->cmd.line.data, w->cmd.line.len);
	if (!files.len ||
	    (!ks_cmd_has_several(files) &&
	     ks_strpool_find(&w->modules_builtin, files.s, files.len) == KS_STRPOOL_NONE))
		return 0;
	if (!name_modules(w, files))
		return ks_error_nomem(w->err);
	if (!w->names.len)
		return 0;
	*modules = ks_strpool_add(&w->strings, w->names.data, w->names.len);
	return *modules == KS_STRPOOL_NONE ? ks_error_nomem(w->err) : 0;
}

static int modules_of(struct writer *w, struct ks_map_field object, uint32_t *modules)
{
	uint32_t i = ks_strpool_add(&w->objects, object.s, object.len);
	uint32_t *slot;
	int ret;

	if (i == KS_STRPOOL_NONE)
		return ks_error_nomem(w->err);
	if (i < w->object_modules.len) {
		*modules = w->object_modules.data[i];
		return 0;
	}
	ret = look_up_modules(w, object, modules);
	if (ret)
		return ret;
	slot = ks_vec_push(&w->object_modules);
	if (!slot)
		return ks_error_nomem(w->err);
	*slot = *modules;
	return 0;
}

/* ------------------------------------------------- ranges */

/* File a range that began in input section @section. */
static int put(struct writer *w, uint32_t section, uint32_t modules, uint64_t off,
	       uint64_t end_off)
{
	uint64_t key = (off + section_at(w, section)->base) * 2 + 1;
	struct entry *e = w->entries.len ? &w->entries.data[w->entries.len - 1] : NULL;
	uint32_t nr = e ? e->nr : 0;

	/* Most extend the entry that was put last. */
	if (!e || e->key != key) {
		e = ks_vec_push(&w->entries);
		if (!e)
			return ks_error_nomem(w->err);
		nr++;
	}
	*e = (struct entry){ .key = key, .off = off, .end_off = end_off,
			     .section = section_at(w, section)->in, .text = modules, .nr = nr };
	section_at(w, e->section)->has_ranges = true;
	return 0;
}

/* Close the open range, as the next object, of other modules, is at @off of @output. */
static int end_range(struct writer *w, uint32_t output, uint64_t off)
{
	uint32_t open_output = section_at(w, w->open_section)->in;
	uint64_t limit = output == open_output ? off : section_at(w, open_output)->len;

	if ((int64_t)w->open_end_off <= (int64_t)limit)
		return 0;
	return put(w, w->open_section, w->open_modules, w->open_off, limit);
}

/* The next object: @len bytes at @off of output section @output. */
static int add_object(struct writer *w, uint32_t output, struct ks_map_field section,
		      struct ks_map_field object, uint64_t off, uint64_t len)
{
	uint32_t modules = NONE, number;
	int ret = modules_of(w, object, &modules);

	if (ret)
		return ret;
	if (w->open_modules != NONE) {
		if (modules == w->open_modules) {
			w->open_end_off = off + len;
			return put(w, w->open_section, modules, w->open_off, off + len);
		}
		ret = end_range(w, output, off);
		if (ret)
			return ret;
	}
	w->open_modules = modules;
	if (modules == NONE)
		return 0;
	number = ks_strpool_find(&w->section_names, section.s, section.len);
	if (number == KS_STRPOOL_NONE || section_at(w, number)->in == NONE) {
		/* A pattern that names a file which has a .cmd file: not in any map. */
		w->open_modules = NONE;
		return 0;
	}
	w->open_off = off;
	w->open_end_off = off + len;
	w->open_section = number;
	return put(w, number, modules, off, off + len);
}

/* ------------------------------------------------- vmlinux.map */

static bool is_all_zero(struct ks_map_field f)
{
	for (size_t i = 0; i < f.len; i++)
		if (f.s[i] != '0')
			return false;
	return true;
}

/* Output sections without objects of interest. */
static bool is_ignored(struct ks_map_field name)
{
	static const char sites[] = "_sites";
	size_t n = sizeof(sites) - 1;

	return begins_with(name, (struct ks_map_field){ ".orc_", 5 }) ||
	       (name.len >= n && !memcmp(name.s + name.len - n, sites, n)) ||
	       memmem(name.s, name.len, ".percpu", 7);
}

static int begin_output(struct writer *w, const struct ks_map_line *l, struct ks_map_field name,
			struct ks_map_field va, struct ks_map_field len)
{
	struct section *s;
	int ret;

	w->output = NONE;
	if (*name.s != '.' || is_ignored(name) || is_all_zero(va))
		return 0;
	w->raw_va = va;
	w->prefix = (struct ks_map_field){ va.s, va.len < 4 ? va.len : 4 };
	w->has_anchor = false;
	w->output = section_named(w, name);
	if (w->output == NONE)
		return ks_error_nomem(w->err);
	s = section_at(w, w->output);
	ret = address(w, l, va, &s->base);
	if (!ret)
		ret = number(w, l, len, &s->len);
	s->has_base = true;
	w->base = s->base;
	return ret;
}

static int set_anchor(struct writer *w, struct ks_map_field symbol, uint64_t off)
{
	struct section *s = section_at(w, w->output);

	s->anchor = ks_strpool_add(&w->strings, symbol.s, symbol.len);
	s->anchor_off = off;
	w->has_anchor = true;
	return s->anchor == KS_STRPOOL_NONE ? ks_error_nomem(w->err) : 0;
}

static int anchor_by_symbol(struct writer *w, const struct ks_map_line *l,
			    struct ks_map_field symbol, struct ks_map_field va)
{
	uint64_t v;
	int ret = address(w, l, va, &v);

	return ret ? ret : set_anchor(w, symbol, v - w->base);
}

/* ".rodata.str1.1", ".rodata.cst16": constants the linker merges. */
static bool is_merged(struct ks_map_field name)
{
	static const char dot_rodata[] = ".rodata.";
	size_t n = sizeof(dot_rodata) - 1;

	return name.len > n + 3 && !memcmp(name.s, dot_rodata, n) &&
	       (!memcmp(name.s + n, "str", 3) || !memcmp(name.s + n, "cst", 3)) &&
	       name.s[n + 3] >= '0' && name.s[n + 3] <= '9';
}

/* The first of an input section's name says where that section begins. */
static int note_section(struct writer *w, const struct record *r, uint64_t va)
{
	uint32_t i = section_named(w, r->section);
	struct section *s;

	if (i == NONE)
		return ks_error_nomem(w->err);
	s = section_at(w, i);
	if (s->in != NONE)
		return 0;
	if (!s->has_base) {
		s->has_base = true;
		s->base = w->base;
	}
	s->addend = va - s->base;
	s->in = w->output;
	if (ks_map_field_is(r->object, "vmlinux.o"))
		w->needs_object_map = true;
	return 0;
}

static int map_input(struct writer *w, const struct ks_map_line *l, const struct record *r)
{
	uint64_t va, len;
	int ret = address(w, l, r->va, &va);

	if (!ret)
		ret = number(w, l, r->len, &len);
	if (ret)
		return ret;
	if (*r->section.s != '*') {
		if (is_merged(r->section))
			return 0;
		ret = note_section(w, r, va);
		if (ret)
			return ret;
	}
	if (w->needs_object_map || ks_map_field_is(r->len, "0"))
		return 0;
	return add_object(w, w->output, r->section, r->object,
			  va - section_at(w, w->output)->base, len);
}

static bool same(struct ks_map_field a, struct ks_map_field b)
{
	return a.len == b.len && !memcmp(a.s, b.s, a.len);
}

/* Four words, the first after one blank. */
static bool ld_record(const struct ks_map_line *l, struct record *r)
{
	if (l->indent != 1 || l->nf != 4)
		return false;
	*r = (struct record){ l->f[0], l->f[3], digits(l->f[1]), digits(l->f[2]) };
	return true;
}

static int map_line_ld(struct writer *w, struct ks_lines *lines, struct ks_map_line *l)
{
	struct record r;

	if (l->nf == 1 && l->indent <= 1 && !(l->indent && l->f[0].s[0] == '*')) {
		ks_map_line_join(lines, l);
		if (!l->indent && (l->nf < 3 || !ks_map_field_is_number(l->f[1]) ||
				   !ks_map_field_is_number(l->f[2])))
			return 0;
	}
	if (l->nf && !l->indent) {
		w->output = NONE;
		return l->nf < 2 ? 0 : begin_output(w, l, l->f[0], digits(l->f[1]),
						    l->nf < 3 ? (struct ks_map_field){ "", 0 }
							      : digits(l->f[2]));
	}
	if (w->output == NONE)
		return 0;
	if (!w->has_anchor && l->nf == 4 && same(digits(l->f[0]), w->raw_va) &&
	    ks_map_field_is(l->f[2], "=") && ks_map_field_is(l->f[3], "."))
		return set_anchor(w, l->f[1], 0);
	if (!w->has_anchor && l->nf == 2 && ks_map_field_is_number(l->f[0]) &&
	    !ks_map_field_is_number(l->f[1]))
		return anchor_by_symbol(w, l, l->f[1], digits(l->f[0]));
	return ld_record(l, &r) ? map_input(w, l, &r) : 0;
}

/*
 * "vmlinux.a(init/main.o):(.text)": object and section as the script understands
 * them, that is, members of other archives keep the archive's name and '('.
 */
static bool lld_record(struct writer *w, const struct ks_map_line *l, struct record *r)
{
	static const char archive[] = "vmlinux.a(";
	size_t n = sizeof(archive) - 1;
	struct ks_map_field all = l->f[4];
	char *colon, *end;

	if (l->nf != 5 || !memmem(all.s, all.len, ":(", 2))
		return false;
	w->entry_text.len = 0;
	if (!ks_vec_reserve(&w->entry_text, all.len))
		return false;
	for (size_t i = 0; i < all.len; i++)
		if (all.s[i] != ')')
			w->entry_text.data[w->entry_text.len++] = all.s[i];
	end = w->entry_text.data + w->entry_text.len;
	colon = memmem(w->entry_text.data, w->entry_text.len, ":(", 2);
	if (!colon || colon == w->entry_text.data || colon + 2 == end)
		return false;
	r->object = (struct ks_map_field){ w->entry_text.data, (size_t)(colon - w->entry_text.data) };
	if (r->object.len > n && !memcmp(r->object.s, archive, n)) {
		r->object.s += n;
		r->object.len -= n;
	}
	r->section = (struct ks_map_field){ colon + 2, (size_t)(end - (colon + 2)) };
	r->va = l->f[0];
	r->len = l->f[2];
	return true;
}

static bool is_identifier(struct ks_map_field f)
{
	for (size_t i = 0; i < f.len; i++) {
		char c = f.s[i];

		if (c != '_' && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(i && c >= '0' && c <= '9'))
			return false;
	}
	return f.len != 0;
}

static int map_line_lld(struct writer *w, const struct ks_map_line *l)
{
	struct record r;

	if (ks_map_line_lld_depth(l) == KS_MAP_OUTPUT)
		return begin_output(w, l, l->f[4], l->f[0], l->f[2]);
	if (w->output == NONE)
		return 0;
	if (!w->has_anchor && l->nf == 7 && same(l->f[0], w->raw_va) &&
	    ks_map_field_is(l->f[5], "=") && ks_map_field_is(l->f[6], "."))
		return set_anchor(w, l->f[4], 0);
	if (lld_record(w, l, &r))
		return map_input(w, l, &r);
	if (!w->has_anchor && l->nf == 5 && is_identifier(l->f[4]))
		return anchor_by_symbol(w, l, l->f[4], l->f[0]);
	return 0;
}

static int read_map(struct writer *w, const struct ks_file *f)
{
	struct ks_lines lines = ks_lines(f);
	struct ks_map_line l;
	int ret = ks_check_text(f, w->err);

	w->map_path = f->path;
	while (!ret && ks_map_line_next(&lines, &l)) {
		if (l.nr == 1 && ks_map_line_is_lld(&l))
			w->is_lld = true;
		else if (w->is_lld)
			ret = map_line_lld(w, &l);
		else
			ret = map_line_ld(w, &lines, &l);
	}
	return ret;
}

/* ------------------------------------------------- vmlinux.o.map */

static int object_map_input(struct writer *w, const struct ks_map_line *l, const struct record *r)
{
	uint32_t i = ks_strpool_find(&w->section_names, r->section.s, r->section.len);
	uint64_t va, len;
	int ret;

	if (i == KS_STRPOOL_NONE || section_at(w, i)->in == NONE || ks_map_field_is(r->len, "0"))
		return 0;
	ret = address(w, l, r->va, &va);
	if (!ret)
		ret = number(w, l, r->len, &len);
	if (ret)
		return ret;
	return add_object(w, section_at(w, i)->in, r->section, r->object,
			  va + section_at(w, i)->addend, len);
}

static int read_object_map(struct writer *w, const char *path)
{
	struct ks_file f;
	struct ks_lines lines;
	struct ks_map_line l;
	struct record r;
	int ret = ks_file_open(&f, path, w->err);

	if (ret)
		return ret;
	w->map_path = path;
	lines = ks_lines(&f);
	ret = ks_check_text(&f, w->err);
	while (!ret && ks_map_line_next(&lines, &l)) {
		if (!w->is_lld && l.nf == 1 && l.indent == 1 && l.f[0].s[0] != '*')
			ks_map_line_join(&lines, &l);
		if (w->is_lld ? lld_record(w, &l, &r) : ld_record(&l, &r))
			ret = object_map_input(w, &l, &r);
	}
	ks_file_close(&f);
	return ret;
}

/* ------------------------------------------------- output */

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

/* An anchor for each section that has ranges. */
static int add_anchors(struct writer *w)
{
	uint32_t nr = w->entries.len ? w->entries.data[w->entries.len - 1].nr : 0;

	for (uint32_t i = 0; i < w->sections.len; i++) {
		const struct section *s = section_at(w, i);
		struct entry *e;

		if (!s->has_ranges || s->anchor == NONE)
			continue;
		e = ks_vec_push(&w->entries);
		if (!e)
			return ks_error_nomem(w->err);
		*e = (struct entry){ .key = s->base * 2, .off = s->anchor_off,
				     .end_off = s->anchor_off, .section = i, .text = s->anchor,
				     .nr = ++nr, .is_anchor = true };
	}
	return 0;
}

static void print_entries(struct writer *w, FILE *out)
{
	for (size_t i = 0; i < w->entries.len; i++) {
		const struct entry *e = &w->entries.data[i];

		/* Of one key the last. */
		if (i + 1 < w->entries.len && e[1].key == e->key)
			continue;
		fprintf(out, "%s %08" PRIx64 "-%08" PRIx64 " %s%s\n",
			ks_strpool_get(&w->section_names, e->section), e->off, e->end_off,
			e->is_anchor ? "= " : "", ks_strpool_get(&w->strings, e->text));
	}
}

static int write_entries(struct writer *w, ksym_write_fn fn, void *arg)
{
	char *text = NULL;
	size_t len;
	FILE *out;
	int ret = add_anchors(w);

	if (ret)
		return ret;
	if (w->entries.len)
		qsort(w->entries.data, w->entries.len, sizeof(*w->entries.data), compare_entries);
	out = open_memstream(&text, &len);
	if (!out)
		return ks_error_nomem(w->err);
	print_entries(w, out);
	ret = ferror(out);
	if (fclose(out) || ret)
		ret = ks_error_nomem(w->err);
	else if (len && (ret = fn(arg, text, len)))
		ks_error(w->err, ret, "the output was not taken");
	free(text);
	return ret;
}

static int write_ranges(struct writer *w, const char *map, const char *object_map,
			ksym_write_fn fn, void *arg)
{
	struct ks_file f;
	/* It stays open: what is cut off addresses later is text of it. */
	int ret = ks_file_open(&f, map, w->err);

	if (ret)
		return ret;
	ret = read_map(w, &f);
	if (!ret && w->needs_object_map)
		ret = read_object_map(w, object_map);
	if (!ret)
		ret = write_entries(w, fn, arg);
	ks_file_close(&f);
	return ret;
}

static void writer_free(struct writer *w)
{
	ks_strpool_free(&w->strings);
	ks_strpool_free(&w->section_names);
	ks_strpool_free(&w->modules_builtin);
	ks_strpool_free(&w->objects);
	ks_vec_free(&w->sections);
	ks_vec_free(&w->object_modules);
	ks_vec_free(&w->names);
	ks_vec_free(&w->entry_text);
	ks_vec_free(&w->entries);
	ks_cmd_reader_free(&w->cmd);
}

/* ------------------------------------------------- options */

/* @given, or @name in @tree, to be freed. */
static char *choose_path(const char *given, const char *tree, const char *name)
{
	char *path;

	if (given)
		return strdup(given);
	return asprintf(&path, "%s/%s", tree, name) < 0 ? NULL : path;
}

int ksym_ranges_write(const struct ksym_ranges_opts *opts, ksym_write_fn fn, void *arg,
		      struct ksym_error *err)
{
	struct writer w = { .err = err, .output = NONE, .open_modules = NONE };
	struct ksym_ranges_opts o;
	char *builtin, *map, *object_map;
	int ret = ks_opts_copy(&o, sizeof(o), opts, err);

	if (ret)
		return ret;
	w.cmd.dir = o.build_tree ? o.build_tree : ".";
	w.cmd.dirfd = open(w.cmd.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w.cmd.dirfd < 0)
		return ks_error_errno(err, errno, w.cmd.dir, "cannot open");
	builtin = choose_path(o.modules_builtin, w.cmd.dir, "modules.builtin");
	map = choose_path(o.map_file, w.cmd.dir, "vmlinux.map");
	object_map = choose_path(o.object_map_file, w.cmd.dir, "vmlinux.o.map");
	if (builtin && map && object_map) {
		ret = read_modules_builtin(&w, builtin);
		if (!ret)
			ret = write_ranges(&w, map, object_map, fn, arg);
	} else {
		ret = ks_error_nomem(err);
	}
	free(builtin);
	free(map);
	free(object_map);
	writer_free(&w);
	close(w.cmd.dirfd);
	return ret;
}
