// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From images to identities.  Images are made by assembler and linker, out of objects
 * that call themselves what a kernel's objects are called.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "index/index.h"
#include "index/model.h"
#include "index/owners.h"
#include "kbuild/objpath.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

static char dir[] = "/tmp/ksym-index.XXXXXX";

/* --------------------------------------------------------------- making images */

KSYM_PRINTF(1, 2) static void shell(const char *fmt, ...)
{
	char text[2048], command[3000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(command, sizeof(command), "cd %s && { %s; } > log 2>&1", dir, text);
	if (system(command))
		fail_msg("%s", text);
}

static void write_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static const char *in_dir(const char *name)
{
	static char path[4][256];
	static unsigned int n;
	char *p = path[n++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

/* Functions and variables of eight bytes. */
#define F(name) ".text\n.type " name ",%function\n" name ": .long 0, 0\n.size " name ", 8\n"
#define V(name) ".data\n.type " name ",%object\n" name ": .long 0, 0\n.size " name ", 8\n"
#define G(name) ".globl " name "\n"

struct object {
	const char *source;	/* "kernel/core.c", as its STT_FILE symbol says; "" for none */
	const char *body;	/* NULL ends a list */
};

/* Objects o0.o, o1.o ... linked in this order. */
static void link_image(const struct object *objects, const char *options)
{
	char text[8192], name[32];
	unsigned int nr = 0;

	shell("rm -f o*.o o*.s image image.map");
	for (; objects[nr].body; nr++) {
		snprintf(text, sizeof(text), "%s%s%s%s", *objects[nr].source ? ".file \"" : "",
			 objects[nr].source, *objects[nr].source ? "\"\n" : "", objects[nr].body);
		snprintf(name, sizeof(name), "o%u.s", nr);
		write_file(name, text);
	}
	shell("for i in $(seq 0 %u); do ${CC:-cc} -c o$i.s -o o$i.o || exit 1; done", nr - 1);
	shell("ld -e 0 %s -Map=image.map -o image $(for i in $(seq 0 %u); do echo o$i.o; done)",
	      options, nr - 1);
}

static struct ksym_index *build_with(const struct ksym_build_opts *opts)
{
	struct ksym_build_opts o = *opts;
	struct ksym_error err;
	struct ksym_index *idx;

	o.no_debug_search = true;
	if (ksym_index_build(in_dir("image"), &o, &idx, &err))
		fail_msg("%s", err.text);
	if (ksym_index_verify(idx, &err))
		fail_msg("%s", err.text);
	return idx;
}

static struct ksym_index *build(const struct object *objects)
{
	struct ksym_build_opts o = KSYM_OPTS(o);

	link_image(objects, "");
	return build_with(&o);
}

/* With "module.o: object.o ..." lines. */
static struct ksym_index *build_modules(const struct object *objects, const char *list)
{
	const char *files[] = { in_dir("list"), NULL };
	struct ksym_build_opts o = KSYM_OPTS(o, .builtin_files = files);

	link_image(objects, "");
	write_file("list", list);
	return build_with(&o);
}

/* -------------------------------------------------------------- what is expected */

/* Identities of all symbols called @name in address order, separated by commas. */
static void expect(const struct ksym_index *idx, const char *name, const char *want)
{
	static struct ksym_symbol s;
	char got[4096] = "";

	for (uint32_t n = 0; ksym_index_named(idx, name, strlen(name), n, &s); n++) {
		size_t len = strlen(got);

		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s", n ? ", " : "");
		ksym_symbol_format(idx, &s, KSYM_FORMAT_IDENTITY, got + len, sizeof(got) - len);
	}
	assert_string_equal(got, want);
}

/* Path of the object of the @nth symbol called @name, "" when none is known. */
static const char *owner(const struct ksym_index *idx, const char *name, uint32_t nth)
{
	static struct ksym_symbol s;
	struct ksym_object o;

	if (!ksym_index_named(idx, name, strlen(name), nth, &s))
		fail_msg("there is no %s", name);
	return ksym_index_object(idx, s.object, &o) ? o.path : "";
}

struct verdict {
	char text[1024];
};

static void note(void *arg, const struct ksym_symbol *s, enum ksym_ambiguity why)
{
	struct verdict *v = arg;
	size_t len = strlen(v->text);

	snprintf(v->text + len, sizeof(v->text) - len, "%s %d, ", s->name, why);
}

/* "name reason, name reason, " in address order. */
static struct ksym_check_result expect_verdict(const struct ksym_index *idx, const char *want)
{
	struct ksym_check_result r = { .size = sizeof(r) }, same = { .size = sizeof(same) };
	struct verdict v = { "" };

	assert_int_equal(ksym_index_check(idx, note, &v, &r, NULL), 0);
	assert_string_equal(v.text, want);
	assert_int_equal(ksym_index_check(idx, NULL, NULL, &same, NULL), 0);
	assert_memory_equal(&same, &r, sizeof(r));
	return r;
}

/* -------------------------------------------------------------------- identity */

static void unique_names_stay_plain(void **state)
{
	static const struct object objects[] = {
		{ "kernel/a.c", F("one") V("var") }, { "kernel/b.c", F("two") V("other") }, { 0 }
	};
	struct ksym_index *idx = build(objects);

	(void)state;
	expect(idx, "one", "one");
	expect(idx, "two", "two");
	expect(idx, "var", "var");
	assert_string_equal(owner(idx, "one", 0), "kernel/a.o");
	expect_verdict(idx, "");
	ksym_index_close(idx);
}

static void one_component_comes_first(void **state)
{
	static const struct object objects[] = {
		{ "kernel/deep/a.c", F("same") }, { "fs/b.c", F("same") }, { 0 }
	};
	struct ksym_index *idx = build(objects);

	(void)state;
	expect(idx, "same", "same {a.o}, same {b.o}");
	expect_verdict(idx, "");
	ksym_index_close(idx);
}

static void longer_path_of_a_pair_is_lengthened_never_both(void **state)
{
	static const struct {
		struct object objects[6];
		const char *want;
	} cases[] = {
		{ { { "kernel/sched/core.c", F("s") }, { "kernel/core.c", F("s") }, { 0 } },
		  "s {sched/core.o}, s {core.o}" },
		/* Of paths equally deep the shorter stays, of equally long ones the first. */
		{ { { "block/x.c", F("s") }, { "mm/x.c", F("s") }, { 0 } },
		  "s {block/x.o}, s {x.o}" },
		{ { { "b/x.c", F("s") }, { "a/x.c", F("s") }, { 0 } }, "s {b/x.o}, s {x.o}" },
		{ { { "a/x.c", F("s") }, { "b/x.c", F("s") }, { "c/d/x.c", F("s") }, { 0 } },
		  "s {x.o}, s {b/x.o}, s {d/x.o}" },
		{ { { "x/core.c", F("s") }, { "a/x/core.c", F("s") }, { "b/a/x/core.c", F("s") },
		    { 0 } },
		  "s {core.o}, s {x/core.o}, s {a/x/core.o}" },
		{ { { "l/a/x.c", F("s") }, { "m/a/x.c", F("s") }, { "n/y.c", F("s") }, { 0 } },
		  "s {x.o}, s {a/x.o}, s {y.o}" },
		/* A path that is the end of another one. */
		{ { { "x.c", F("s") }, { "a/x.c", F("s") }, { "b/a/x.c", F("s") }, { 0 } },
		  "s {x.o}, s {a/x.o}, s {b/a/x.o}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ksym_index *idx = build(cases[i].objects);

		expect(idx, "s", cases[i].want);
		expect_verdict(idx, "");
		ksym_index_close(idx);
	}
}

/* Two objects that say they are of one source are one object to ksym. */
static void name_twice_in_one_object_lengthens_only_the_other(void **state)
{
	static const struct object objects[] = {
		{ "k/x.c", F("s") }, { "k/x.c", F("s") }, { "m/n/x.c", F("s") }, { 0 }
	};
	struct ksym_index *idx = build(objects);

	(void)state;
	expect(idx, "s", "s {x.o}, s {x.o}, s {n/x.o}");
	expect_verdict(idx, "s 1, s 1, ");
	ksym_index_close(idx);
}

static void all_symbols_of_an_object_carry_it(void **state)
{
	static const struct object objects[] = {
		{ "kernel/a.c", F("same") F("lonely") V("var") },
		{ "kernel/b.c", F("same") V("state") F("alone") },
		{ "kernel/c.c", F("third") V("state") },
		{ 0 }
	};
	struct ksym_index *idx = build(objects);

	(void)state;
	expect(idx, "lonely", "lonely {a.o}");
	expect(idx, "alone", "alone {b.o}");
	/* Text and data are told apart. */
	expect(idx, "var", "var");
	expect(idx, "state", "state {b.o}, state {c.o}");
	expect(idx, "third", "third");
	expect_verdict(idx, "");
	ksym_index_close(idx);
}

static void suffix_that_another_name_needs_is_kept_as_short_as_possible(void **state)
{
	static const struct object objects[] = {
		{ "a/core.c", F("x") }, { "b/d/core.c", F("x") F("y") }, { "c/other.c", F("y") },
		{ 0 }
	};
	struct ksym_index *idx = build(objects);

	(void)state;
	expect(idx, "x", "x {core.o}, x {d/core.o}");
	expect(idx, "y", "y {d/core.o}, y {other.o}");
	ksym_index_close(idx);
}

static void modules_tell_symbols_apart_first(void **state)
{
	static const struct object objects[] = {
		{ "drivers/a/x.c", F("probe") },
		{ "drivers/b/x.c", F("probe") },
		{ "drivers/b/y.c", F("init") },
		{ "drivers/b/z.c", F("init") },
		{ "drivers/shared.c", F("init") F("helper") },
		{ "kernel/x.c", F("probe") F("init") },
		{ 0 }
	};
	struct ksym_index *idx = build_modules(objects,
		"drivers/a/mod-a.o: drivers/a/x.o drivers/shared.o\n"
		"drivers/b/mod-b.o: drivers/b/x.o drivers/b/y.o drivers/b/z.o drivers/shared.o\n");

	(void)state;
	expect(idx, "probe", "probe [mod_a], probe [mod_b], probe");
	expect(idx, "init", "init [mod_b] {y.o}, init [mod_b] {z.o}, init [mod_a] [mod_b], init");
	expect(idx, "helper", "helper [mod_a] [mod_b]");
	expect_verdict(idx, "");
	ksym_index_close(idx);
}

static void kallsyms_format_puts_a_tab_before_annotations(void **state)
{
	static const struct object objects[] = {
		{ "a/x.c", F("probe") }, { "b/x.c", F("probe") }, { "b/y.c", F("probe") F("one") },
		{ 0 }
	};
	struct ksym_index *idx = build_modules(objects, "b/m.o: b/x.o b/y.o\nb/n.o: b/x.o b/y.o\n");
	static struct ksym_symbol s;
	char want[128], got[128], cut[8];
	size_t len;

	(void)state;
	assert_true(ksym_index_named(idx, "probe", 5, 2, &s));
	snprintf(want, sizeof(want), "%016llx t probe\t[m] [n] {y.o}", (unsigned long long)s.va);
	len = ksym_symbol_format(idx, &s, KSYM_FORMAT_KALLSYMS, got, sizeof(got));
	assert_string_equal(got, want);
	assert_int_equal(len, strlen(want));
	snprintf(want, sizeof(want), "%016llx 8 t probe [m] [n] {y.o}", (unsigned long long)s.va);
	len = ksym_symbol_format(idx, &s, KSYM_FORMAT_FULL, got, sizeof(got));
	assert_string_equal(got, want);
	/* As snprintf: cut and terminated, and the whole length returned. */
	for (size_t room = 0; room <= sizeof(cut); room++) {
		memset(cut, 'X', sizeof(cut));
		assert_int_equal(ksym_symbol_format(idx, &s, KSYM_FORMAT_FULL, room ? cut : NULL,
						    room), len);
		if (room) {
			assert_int_equal(strlen(cut), room - 1);
			assert_memory_equal(cut, want, room - 1);
		}
		for (size_t i = room; i < sizeof(cut); i++)
			assert_int_equal(cut[i], 'X');
	}
	assert_true(ksym_index_named(idx, "probe", 5, 0, &s));
	ksym_symbol_format(idx, &s, KSYM_FORMAT_KALLSYMS, got, sizeof(got));
	assert_string_equal(got + 16, " t probe");
	ksym_index_close(idx);
}

static void data_is_named_where_a_function_has_its_name(void **state)
{
	static const struct object objects[] = {
		{ "a/x.c", F("mixed") V("own") }, { "b/y.c", V("mixed") F("other") },
		{ "c/z.c", V("mixed") }, { 0 }
	};
	struct ksym_index *idx = build(objects);
	struct ksym_check_result r;

	(void)state;
	expect(idx, "mixed", "mixed, mixed {y.o}, mixed {z.o}");
	expect(idx, "own", "own");
	expect(idx, "other", "other");
	r = expect_verdict(idx, "");
	assert_int_equal(r.nr_text, 2);
	assert_int_equal(r.nr_text_shared, 0);
	assert_int_equal(r.nr_data_shared, 2);
	ksym_index_close(idx);
}

static void function_and_variable_of_one_object_are_told_apart(void **state)
{
	static const struct object objects[] = {
		{ "a/x.c", F("mixed") }, { "a/x.c", V("mixed") }, { 0 }
	};
	struct ksym_index *idx = build(objects);

	(void)state;
	expect(idx, "mixed", "mixed, mixed {x.o}");
	expect_verdict(idx, "");
	ksym_index_close(idx);
}

/* ---------------------------------------------------------------- what stays shared */

static void names_of_one_object_are_reported(void **state)
{
	static const struct object objects[] = {
		{ "a/x.c", F("twin") V("d") }, { "a/x.c", F("twin") V("d") },
		{ "b/y.c", F("twin") }, { 0 }
	};
	struct ksym_index *idx = build(objects);
	struct ksym_check_result r = expect_verdict(idx, "twin 1, twin 1, d 1, d 1, ");

	(void)state;
	assert_int_equal(r.nr_text, 3);
	assert_int_equal(r.nr_text_shared, 3);
	assert_int_equal(r.nr_text_ambiguous, 2);
	assert_int_equal(r.nr_data_shared, 2);
	assert_int_equal(r.nr_data_ambiguous, 2);
	assert_int_equal(r.nr_text_no_owner, 0);
	ksym_index_close(idx);
}

static void objects_of_unknown_directory_are_reported(void **state)
{
	/* Without a directory two files of one name are two objects. */
	static const struct object objects[] = {
		{ "x.c", F("twin") }, { "x.c", F("twin") }, { "a/y.c", F("twin") }, { 0 }
	};
	struct ksym_index *idx = build(objects);

	(void)state;
	expect(idx, "twin", "twin {x.o}, twin {x.o}, twin {y.o}");
	expect_verdict(idx, "twin 2, twin 2, ");
	ksym_index_close(idx);
}

static void symbols_without_owner_are_reported(void **state)
{
	static const struct object objects[] = {
		{ "a/x.c", F("twin") V("state") }, { "b/y.c", F("twin") V("state") },
		{ "", G("global") F("global") }, { 0 }
	};
	struct ksym_build_opts o = KSYM_OPTS(o);
	struct ksym_check_result r;
	struct ksym_index *idx;

	(void)state;
	link_image(objects, "");
	shell("objcopy -w --strip-symbol='*.c' --strip-symbol='*.o' image");
	idx = build_with(&o);
	expect(idx, "twin", "twin, twin");
	r = expect_verdict(idx, "twin 3, twin 3, state 3, state 3, ");
	assert_int_equal(r.nr_text_no_owner, 3);
	assert_int_equal(r.nr_text_ambiguous, 2);
	ksym_index_close(idx);
}

static void one_thing_twice_is_an_alias(void **state)
{
	/* Labels of no size: at the end of one object, at the start of the next. */
	static const struct object objects[] = {
		{ "a/x.c", F("before") ".text\nedge:\n" },
		{ "a/x.c", ".text\n.balign 1\nedge:\n" F("behind") },
		{ 0 }
	};
	struct ksym_index *idx = build(objects);

	(void)state;
	expect_verdict(idx, "edge 4, edge 4, ");
	ksym_index_close(idx);
}

static void check_fills_only_as_much_as_the_caller_knows(void **state)
{
	static const struct object objects[] = { { "a/x.c", F("f") }, { 0 } };
	struct ksym_index *idx = build(objects);
	struct ksym_check_result r, all = expect_verdict(idx, "");

	(void)state;
	memset(&r, 0x55, sizeof(r));
	r.size = offsetof(struct ksym_check_result, nr_data);
	assert_int_equal(ksym_index_check(idx, NULL, NULL, &r, NULL), 0);
	assert_int_equal(r.size, offsetof(struct ksym_check_result, nr_data));
	assert_int_equal(r.nr_text, all.nr_text);
	assert_true(r.nr_text >= 1 && r.nr_text < 10);
	assert_int_equal(r.nr_data, 0x55555555);
	ksym_index_close(idx);
}

/* -------------------------------------------------------------- owners: companions */

static void prefix_symbols_follow_their_function(void **state)
{
	static const struct object objects[] = {
		{ "z/z.c", F("zed") ".type __pfx_foo,%function\n__pfx_foo: .long 0, 0\n"
			   ".size __pfx_foo, 8\n" },
		{ "a/x.c", ".text\n.balign 1\n" F("foo") ".type __cfi_foo,%function\n"
			   "__cfi_foo: .long 0, 0\n.size __cfi_foo, 8\n" },
		{ "b/y.c", ".text\n.balign 1\n" F("foo") F("__pfx_none") F("tail") },
		{ 0 }
	};
	struct ksym_index *idx = build(objects);

	(void)state;
	expect(idx, "foo", "foo {x.o}, foo {y.o}");
	expect(idx, "__pfx_foo", "__pfx_foo {x.o}");
	expect(idx, "__cfi_foo", "__cfi_foo {y.o}");
	/* What follows is another function: nobody to follow. */
	assert_string_equal(owner(idx, "__pfx_none", 0), "");
	ksym_index_close(idx);
}

static void static_call_trampolines_follow_their_key(void **state)
{
	static const struct object objects[] = {
		{ "a/x.c", V("__SCK__one") V("__SCK__two") F("same") },
		{ "b/y.c", V("__SCK__two") F("same") },
		{ "", G("__SCT__one") F("__SCT__one") G("__SCT__two") F("__SCT__two")
		      G("__SCT__three") F("__SCT__three") },
		{ 0 }
	};
	struct ksym_index *idx = build(objects);

	(void)state;
	assert_string_equal(owner(idx, "__SCT__one", 0), "a/x.o");
	expect(idx, "__SCT__one", "__SCT__one {x.o}");
	/* Two keys of that name, or none. */
	assert_string_equal(owner(idx, "__SCT__two", 0), "");
	assert_string_equal(owner(idx, "__SCT__three", 0), "");
	ksym_index_close(idx);
}

static void edge_names_are_those_of_linker_scripts(void **state)
{
	static const char *const edges[] = {
		"_text", "_stext", "_etext", "__bss_start", "__bss_stop", "_end", "__init_begin",
		"__init_end", "_sdata", "_edata", "__start_rodata", "__end_rodata",
		"__start___ex_table", "__stop___ex_table", "__per_cpu_start", "__per_cpu_load",
		"__brk_base", "__brk_limit", "_sinittext", "_einittext", "__initcall_end",
		"__begin_sched_classes", "__end_sched_classes", "__stop_notes", "_brk_end",
	};
	static const char *const others[] = {
		"startup_64", "text", "xen_start", "ret_from_fork", "entry_SYSCALL_64", "start",
		"end", "endless", "memcpy_end_not", "_start_kernel", "", "_", "__", "asm_exc_nmi",
		"common_startup_64", "pvh_start_xen", "early_idt_handler_array", "data",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(edges); i++)
		if (!ks_edge_name(edges[i]))
			fail_msg("%s is no edge", edges[i]);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (ks_edge_name(others[i]))
			fail_msg("%s is an edge", others[i]);
}

static void section_edges_belong_to_no_object(void **state)
{
	static const struct object objects[] = {
		{ "a/x.c", ".text\n.globl entry_label\nentry_label:\n" F("foo")
			   ".globl inner_end\ninner_end: .long 0\n" V("var") },
		{ "b/y.c", ".text\n.globl second_label\nsecond_label:\n" F("bar") V("last") },
		{ 0 }
	};
	const char *maps[] = { in_dir("image.map"), NULL };
	struct ksym_build_opts o = KSYM_OPTS(o, .map_files = maps);
	struct ksym_index *idx;

	(void)state;
	write_file("script", "SECTIONS {\n . = 0x10000;\n .text : { _text = .; _stext = .;"
			     " *(.text) _etext = .; }\n"
			     " .data : { _sdata = .; *(.data) _edata = .; } _end = .; }\n");
	link_image(objects, "-T script");
	idx = build_with(&o);
	static const char *const edges[] = { "_text", "_stext", "_etext", "_sdata", "_edata",
					     "_end" };

	for (size_t i = 0; i < ARRAY_SIZE(edges); i++)
		assert_string_equal(owner(idx, edges[i], 0), "");
	/* Labels of assembly belong to their object, wherever they are. */
	assert_string_equal(owner(idx, "entry_label", 0), "o0.o");
	assert_string_equal(owner(idx, "second_label", 0), "o1.o");
	assert_string_equal(owner(idx, "foo", 0), "o0.o");
	assert_string_equal(owner(idx, "bar", 0), "o1.o");
	assert_string_equal(owner(idx, "last", 0), "o1.o");
	ksym_index_close(idx);
}

static void first_text_symbol_gives_the_address_of_text(void **state)
{
	static const struct object objects[] = {
		{ "a/x.c", G("_text") ".text\n_text:\n" F("foo") }, { 0 }
	};
	struct ksym_index_info info = { .size = sizeof(info) };
	struct ksym_index *idx;
	static struct ksym_symbol s;

	(void)state;
	idx = build(objects);
	ksym_index_info(idx, &info);
	assert_true(info.has_text_va);
	assert_true(ksym_index_named(idx, "_text", 5, 0, &s));
	assert_int_equal(info.text_va, s.va);
	/* A structure that is shorter is filled as far as it goes. */
	memset(&info, 0x55, sizeof(info));
	info.size = offsetof(struct ksym_index_info, build_id);
	ksym_index_info(idx, &info);
	assert_int_equal(info.text_va, s.va);
	assert_int_equal(info.nr_symbols, 0x55555555);
	ksym_index_close(idx);
}

/* ----------------------------------------------------------------- many sections */

static void more_sections_than_16_bits_can_count(void **state)
{
	enum { NR = 70000 };
	struct ksym_build_opts o = KSYM_OPTS(o);
	struct ksym_index_info info = { .size = sizeof(info) };
	struct ksym_index *idx;
	static struct ksym_symbol s;
	struct ksym_section sect;
	char name[32];

	(void)state;
	write_file("many.s", ".altmacro\n.file \"a/many.c\"\n.set i, 0\n"
			     ".macro sec n\n.section .t.\\n, \"ax\", @progbits\n"
			     ".type f\\n, %function\nf\\n: .long 0\n.size f\\n, 4\n.endm\n"
			     ".rept 70000\nsec %i\n.set i, i + 1\n.endr\n");
	shell("${CC:-cc} -c many.s -o image");
	idx = build_with(&o);
	ksym_index_info(idx, &info);
	assert_int_equal(info.nr_symbols, NR);
	assert_true(info.nr_sections >= NR);
	for (uint32_t i = 0; i < NR; i++) {
		assert_true(ksym_index_symbol(idx, i, &s));
		snprintf(name, sizeof(name), "f%u", i);
		assert_string_equal(s.name, name);
		assert_int_equal(s.va, 4 * i);
		assert_int_equal(s.len, 4);
		assert_true(s.is_text);
		assert_int_equal(s.type, 't');
	}
	assert_true(ksym_index_section(idx, info.nr_sections - 1, &sect));
	assert_string_equal(sect.name, ".t.69999");
	assert_int_equal(sect.va, 4 * (NR - 1));
	assert_true(sect.is_text);
	assert_true(ksym_index_at(idx, 4 * 65500 + 3, &s));
	assert_string_equal(s.name, "f65500");
	ksym_index_close(idx);
}

/* -------------------------------------------------------------------------- find */

static int find(const struct ksym_index *idx, const char *identity, char *names)
{
	struct ksym_match m[8];
	static struct ksym_symbol s;
	int n = ksym_index_find(idx, identity, m, 8, NULL);

	*names = 0;
	for (int i = 0; i < n; i++) {
		struct ksym_object o;

		assert_true(ksym_index_symbol(idx, m[i].symbol, &s));
		assert_true(ksym_index_object(idx, s.object, &o));
		names += sprintf(names, "%s:%u/%u ", o.path, m[i].sympos, m[i].nr_same_name);
	}
	return n;
}

static void find_takes_every_form_of_identity(void **state)
{
	static const struct object objects[] = {
		{ "a/x.c", F("f") }, { "b/x.c", F("f") }, { "c/b/x.c", F("f") },
		{ "d/y.c", F("f") F("g") }, { 0 }
	};
	static const struct {
		const char *identity, *want;
	} cases[] = {
		{ "f", "a/x.o:1/4 b/x.o:2/4 c/b/x.o:3/4 d/y.o:4/4 " },
		{ " f\t", "a/x.o:1/4 b/x.o:2/4 c/b/x.o:3/4 d/y.o:4/4 " },
		{ "f {y.o}", "d/y.o:4/4 " },
		{ "f{y.o}", "d/y.o:4/4 " },
		{ "f {c/b/x.o}", "c/b/x.o:3/4 " },
		{ "f {a/x.o}", "a/x.o:1/4 " },
		{ "f {.o}", "" },
		{ "f {/x.o}", "" },
		{ "f {c/b/x.o/}", "" },
		{ "f {zz/c/b/x.o}", "" },
		{ "f [mod-one]", "a/x.o:1/4 " },
		{ "f [mod_one]", "a/x.o:1/4 " },
		{ "f [mod_two] [mod_one]", "b/x.o:2/4 " },
		{ "f [mod_one][mod_two]", "b/x.o:2/4 " },
		{ "f [mod_two]", "" },
		{ "f [mod_one] [mod_one]", "" },
		{ "f [mod_one] [mod_two] [mod_two]", "" },
		{ "f [mod_one] {x.o}", "a/x.o:1/4 " },
		{ "f [mod_one] {y.o}", "" },
		{ "f [mod]", "" },
		{ "f [mod_ones]", "" },
		{ "g", "d/y.o:1/1 " },
		{ "h", "" },
	};
	struct ksym_index *idx = build_modules(objects, "a/mod-one.o: a/x.o b/x.o\n"
							"a/mod-two.o: b/x.o\n");
	char names[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		find(idx, cases[i].identity, names);
		if (strcmp(names, cases[i].want))
			fail_msg("%s: %s", cases[i].identity, names);
	}
	ksym_index_close(idx);
}

/* The suffix as shown selects its symbol, although it is an end of longer paths, too. */
static void find_of_a_shown_identity_is_unique(void **state)
{
	static const struct object objects[] = {
		{ "a/x.c", F("f") }, { "b/a/x.c", F("f") }, { "c/b/a/x.c", F("f") }, { 0 }
	};
	struct ksym_index *idx = build(objects);
	static struct ksym_symbol s;
	char text[128];

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		struct ksym_match m;

		assert_true(ksym_index_named(idx, "f", 1, i, &s));
		ksym_symbol_format(idx, &s, KSYM_FORMAT_IDENTITY, text, sizeof(text));
		if (ksym_index_find(idx, text, &m, 1, NULL) != 1)
			fail_msg("%s is not unique", text);
		assert_int_equal(m.symbol, s.index);
		assert_int_equal(m.sympos, i + 1);
	}
	ksym_index_close(idx);
}

static void find_counts_what_does_not_fit(void **state)
{
	static const struct object objects[] = {
		{ "a/x.c", F("f") }, { "b/y.c", F("f") }, { "c/z.c", F("f") }, { 0 }
	};
	struct ksym_index *idx = build(objects);
	struct ksym_match m[3];

	(void)state;
	assert_int_equal(ksym_index_find(idx, "f", NULL, 0, NULL), 3);
	memset(m, 0x55, sizeof(m));
	assert_int_equal(ksym_index_find(idx, "f", m, 2, NULL), 3);
	assert_int_equal(m[0].sympos, 1);
	assert_int_equal(m[1].sympos, 2);
	assert_int_equal(m[2].sympos, 0x55555555);
	ksym_index_close(idx);
}

static void find_refuses_what_is_no_identity(void **state)
{
	static const struct object objects[] = { { "a/x.c", F("f") }, { 0 } };
	static const char *const bad[] = {
		"", " ", "[m]", "{x.o}", "f [", "f [m", "f []", "f {", "f {x", "f {}", "f x",
		"f {x.o} {y.o}", "f {x.o} [m]", "f ]", "f }", "f [m] x",
	};
	struct ksym_index *idx = build(objects);
	struct ksym_error err;
	struct ksym_match m;
	char many[1000] = "f";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char want[200];

		memset(&err, 0, sizeof(err));
		assert_int_equal(ksym_index_find(idx, bad[i], &m, 1, &err), -EINVAL);
		assert_int_equal(err.code, -EINVAL);
		snprintf(want, sizeof(want),
			 "\"%s\": expected NAME [MODULE]... {OBJECT}, as `show` prints it", bad[i]);
		assert_string_equal(err.text, want);
		assert_int_equal(ksym_index_find(idx, bad[i], &m, 1, NULL), -EINVAL);
	}
	for (int i = 0; i < 64; i++)
		strcat(many, " [m]");
	assert_int_equal(ksym_index_find(idx, many, &m, 1, NULL), 0);
	strcat(many, " [m]");
	assert_int_equal(ksym_index_find(idx, many, &m, 1, NULL), -EINVAL);
	ksym_index_close(idx);
}

/* ----------------------------------------------------------------- paths of objects */

static void units_are_named_by_their_path_in_the_tree(void **state)
{
	static const struct {
		const char *root, *name, *comp_dir, *want;
	} cases[] = {
		{ "", "kernel/sched/core.c", "", "kernel/sched/core.o" },
		{ "", "kernel/sched/core.c", "/build/linux", "kernel/sched/core.o" },
		{ "", "./kernel/./fork.c", "/build/linux", "kernel/fork.o" },
		{ "", "kernel//fork.c", "/build/linux", "kernel/fork.o" },
		{ "", "a/b/../c.c", "", "a/c.o" },
		{ "/build/linux", "/build/linux/init/main.c", "/build/linux", "init/main.o" },
		{ "/build/linux", "/build/linux/arch/x86/kernel/head_64.S", "",
		  "arch/x86/kernel/head_64.o" },
		{ "/build/linux", "/build/linux-6/init/main.c", "/build/linux",
		  "/build/linux-6/init/main.o" },
		/* Built apart from the sources. */
		{ "/src/linux", "/src/linux/fs/open.c", "/src/linux/build/x", "fs/open.o" },
		{ "/src/linux", "../../fs/open.c", "/src/linux/build/x", "fs/open.o" },
		{ "/src/linux", "/obj/usr/initramfs_data.S", "/obj", "usr/initramfs_data.o" },
		{ "", "../x/y.c", "", "../x/y.o" },
		/* Names with several dots, with none, hidden ones. */
		{ "", "lib/vsprintf.gen.c", "", "lib/vsprintf.gen.o" },
		{ "", "lib.d/file", "", "lib.d/file.o" },
		{ "", "lib/.hidden", "", "lib/.hidden.o" },
		{ "", "fork.c", "", "fork.o" },
		/* Rust. */
		{ "/l", "/l/rust/kernel/lib.rs/@/kernel.0-cgu.0", "/l", "rust/kernel.o" },
		{ "/l", "rust/kernel/lib.rs/@/kernel.1a2b-cgu.0", "/l", "rust/kernel.o" },
		{ "/l", "/usr/lib/rustlib/src/rust/library/core/src/lib.rs/@/core.5-cgu.0", "/l",
		  "rust/core.o" },
		{ "/l", "/l/samples/rust/rust_minimal.rs/@/rust_minimal.7-cgu.0", "/l",
		  "samples/rust/rust_minimal.o" },
		{ "/l", "drivers/net/phy/lib.rs/@/phy.7-cgu.0", "/l", "drivers/net/phy/lib.o" },
	};
	struct ks_arena a ks_cleanup_arena = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ks_tu_name tu = { cases[i].name, cases[i].comp_dir };
		size_t len;
		const char *got = ks_objpath(&a, cases[i].root, &tu, &len);

		assert_non_null(got);
		assert_string_equal(got, cases[i].want);
		assert_int_equal(len, strlen(got));
	}
}

static void root_is_what_most_absolute_names_share(void **state)
{
	static const struct {
		struct ks_tu_name names[5];
		const char *want;
	} cases[] = {
		{ { { "kernel/fork.c", "/b" }, { "mm/slab.c", "/b" } }, "" },
		{ { { "/b/linux/kernel/fork.c", "/b/linux" }, { "/b/linux/mm/slab.c", "" } },
		  "/b/linux" },
		{ { { "/b/linux/kernel/fork.c", "" }, { "/usr/lib/x.c", "" },
		    { "/b/linux/mm/slab.c", "" } }, "/b/linux" },
		/* Directories that are called like the kernel's own above it ... */
		{ { { "/usr/src/linux/kernel/fork.c", "/usr/src/linux" },
		    { "/usr/src/linux/mm/a.c", "/usr/src/linux" },
		    { "/usr/src/linux/arch/x86/kernel/b.c", "/usr/src/linux" } },
		  "/usr/src/linux" },
		{ { { "/home/kernel/linux/kernel/fork.c", "/home/kernel/linux" },
		    { "/home/kernel/linux/mm/a.c", "/home/kernel/linux" } },
		  "/home/kernel/linux" },
		/* ... and below. */
		{ { { "/l/arch/x86/kernel/a.c", "/l" }, { "/l/arch/x86/kernel/b.c", "/l" },
		    { "/l/arch/x86/mm/c.c", "/l" } }, "/l" },
		{ { { "../../fs/open.c", "/src/linux/build/x" },
		    { "../../mm/a.c", "/src/linux/build/x" } },
		  "/src/linux" },
		{ { { "/nothing/like/it.c", "" } }, "" },
		{ { { "/kernel", "" } }, "" },
		{ { { "/kernel/fork.c", "" }, { "/mm/a.c", "" } }, "" },
		{ { { "", "" } }, "" },
	};
	struct ks_arena a ks_cleanup_arena = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t nr = 0;
		const char *got;

		while (nr < 5 && cases[i].names[nr].name)
			nr++;
		got = ks_objpath_root(&a, cases[i].names, nr);
		assert_non_null(got);
		assert_string_equal(got, cases[i].want);
	}
	assert_string_equal(ks_objpath_root(&a, NULL, 0), "");
}

static void suffix_of_a_path_counts_components(void **state)
{
	(void)state;
	assert_int_equal(ks_path_suffix("a/bc/d.o", 1), 5);
	assert_int_equal(ks_path_suffix("a/bc/d.o", 2), 2);
	assert_int_equal(ks_path_suffix("a/bc/d.o", 3), 0);
	assert_int_equal(ks_path_suffix("a/bc/d.o", 99), 0);
	assert_int_equal(ks_path_suffix("d.o", 1), 0);
	assert_int_equal(ks_path_suffix("", 1), 0);
}

/* ---------------------------------------------------------------- kallsyms and nm */

static void symbols_that_kallsyms_leaves_out(void **state)
{
	static const char *const hidden[] = {
		"$x", "$d.12", ".Lfoo", ".L", "__efistub_main",
		"__kvm_nvhe_$x", "__kvm_nvhe_.Lx", "__kcfi_typeid_f", "__crc_printk",
		"__kstrtab_x", "__kstrtabns_x", "f_from_arm", "f_from_thumb", "memcpy_veneer", "L0",
		"_SDA_BASE_", "_SDA2_BASE_", "0000.long_branch.f", "0000.plt_branch.f",
		"__ThumbV7PILongThunk_f", "__AArch64ADRPThunk_f", "__ARMv5LongLdrPcThunk_f",
	};
	static const char *const shown[] = {
		"printk", "__pi_memcpy", "L00", "crc_x", "_veneer_x", "x$y", "a.Lb", "__ThunkedBy",
		"__Thunk", "_SDA_BASE", "from_arm", "__ksymtab_printk", "__pfx_f", "f.cold",
		"__cfi_f", "_", "thunk_x", "__x86_return_thunk",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++)
		if (ks_kallsyms_shows(hidden[i], strlen(hidden[i]), 't'))
			fail_msg("%s is shown", hidden[i]);
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		if (!ks_kallsyms_shows(shown[i], strlen(shown[i]), 't'))
			fail_msg("%s is not shown", shown[i]);
	for (const char *c = "tTdDbBrRVWi"; *c; c++)
		assert_true(ks_kallsyms_shows("printk", 6, *c));
	for (const char *c = "aNnUuwvA"; *c; c++)
		assert_false(ks_kallsyms_shows("printk", 6, *c));
	assert_true(ks_kallsyms_shows("__gp", 4, 'A'));
	assert_false(ks_kallsyms_shows("__gp", 4, 'a'));
}

/* Every symbol's letter, in the order of the symbol table, is nm's. */
static void compare_letters(const char *path, const char *nm)
{
	struct ks_elf e ks_cleanup_elf = { .fd = -1 };
	struct ks_elf_symbol s;
	char command[600], line[1200];
	unsigned int nr = 0;
	FILE *f;

	assert_int_equal(ks_elf_open(&e, path, NULL), 0);
	snprintf(command, sizeof(command), "LC_ALL=C %s --no-sort %s", nm, path);
	f = popen(command, "r");
	assert_non_null(f);
	for (uint32_t i = 1; i < e.nr_symbols; i++) {
		const char *letter = line + 17;

		assert_int_equal(ks_elf_symbol(&e, i, &s, NULL), 0);
		if (s.type == STT_FILE || s.type == STT_SECTION || !s.name[0])
			continue;
		/* "0000000000000000 T name", with half as many digits for 32 bits */
		if (!fgets(line, sizeof(line), f))
			fail_msg("%s: nm ends before %s", path, s.name);
		line[strcspn(line, "\n")] = 0;
		if (e.class == ELFCLASS32)
			letter = line + 9;
		if (strcmp(letter + 2, s.name) || *letter != ks_nm_letter(&e, &s))
			fail_msg("%s: %c %s: nm says %s", path, ks_nm_letter(&e, &s), s.name, line);
		nr++;
	}
	assert_null(fgets(line, sizeof(line), f));
	assert_int_equal(pclose(f), 0);
	assert_true(nr > 0);
}

static void letters_of_every_kind_are_those_of_nm(void **state)
{
	(void)state;
	write_file("kinds.s",
		".text\nt_local: .long 0\n.globl t_global\nt_global: .long 0\n"
		".weak t_weak\nt_weak: .long 0\n.weak t_weak_object\n.type t_weak_object,%object\n"
		"t_weak_object: .long 0\n.type t_ifunc,%gnu_indirect_function\nt_ifunc: .long 0\n"
		".globl t_ifunc_global\n.type t_ifunc_global,%gnu_indirect_function\n"
		"t_ifunc_global: .long 0\n"
		".data\nd_local: .long 0\n.globl d_global\nd_global: .long 0\n"
		".weak d_weak\nd_weak: .long 0\n.weak d_weak_object\n.type d_weak_object,%object\n"
		"d_weak_object: .long 0\n.globl d_unique\n.type d_unique,%gnu_unique_object\n"
		"d_unique: .long 0\n"
		".bss\nb_local: .zero 4\n.globl b_global\nb_global: .zero 4\n"
		".section .rodata\nr_local: .long 0\n.globl r_global\nr_global: .long 0\n"
		".section .init.text,\"ax\"\ninit_text: .long 0\n"
		".section .init.data,\"aw\"\ninit_data: .long 0\n"
		".section .init.rodata,\"a\"\ninit_rodata: .long 0\n"
		".section .mixed,\"awx\"\nwritable_code: .long 0\n"
		".section .note.x,\"a\",%note\nnote: .long 0\n"
		".section .modinfo,\"a\"\nmodinfo: .long 0\n"
		".section .plain\nplain: .long 0\n.globl plain_global\nplain_global: .long 0\n"
		".section .debug_x\ndebug: .long 0\n"
		".section .tdata,\"awT\"\ntls_data: .long 0\n"
		".section .tbss,\"awT\",%nobits\ntls_bss: .zero 4\n"
		".section .rbss,\"a\",%nobits\nread_only_bss: .zero 4\n"
		".section .merge,\"aMS\",%progbits,1\nmerged: .asciz \"x\"\n"
		".section .sdata,\"aw\"\nsmall: .long 0\n"
		".comm common, 4, 4\n.set abs_local, 5\n.globl abs_global\n.set abs_global, 6\n"
		".weak abs_weak\n.set abs_weak, 7\n"
		".text\n.long undef - .\n.weak undef_weak\n.long undef_weak - .\n"
		".weak undef_weak_object\n.type undef_weak_object,%object\n"
		".long undef_weak_object - .\n");
	shell("${CC:-cc} -c kinds.s -o kinds.o");
	compare_letters(in_dir("kinds.o"), "nm");
}

static void letters_of_the_sample_are_those_of_nm(void **state)
{
	static const char *const compilers[] = {
		"gcc", "clang", "aarch64-linux-gnu-gcc", "s390x-linux-gnu-gcc",
		"powerpc-linux-gnu-gcc",
	};
	static const char *const objects[] = {
		"vmlinux", "arch/x86/entry.o", "kernel/core.o", "kernel/panic.o",
		"kernel/sched/core.o", "fs/seq_file.o", "drivers/net/liquidio/lio_main.o",
	};
	const char *source = getenv("KSYM_SOURCE");
	char name[300];
	unsigned int nr = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(compilers); i++) {
		snprintf(name, sizeof(name), "%s/sample/build %s/sample%zu %s > /dev/null 2>&1",
			 source ? source : ".", dir, i, compilers[i]);
		if (system(name))
			continue;	/* that compiler is not here */
		for (size_t k = 0; k < ARRAY_SIZE(objects); k++) {
			snprintf(name, sizeof(name), "%s/sample%zu/%s", dir, i, objects[k]);
			compare_letters(name, "nm");
		}
		nr++;
	}
	assert_true(nr > 0);
}

static int set_up(void **state)
{
	(void)state;
	setenv("LC_ALL", "C", 1);
	unsetenv("DEBUGINFOD_URLS");
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
		cmocka_unit_test(unique_names_stay_plain),
		cmocka_unit_test(one_component_comes_first),
		cmocka_unit_test(longer_path_of_a_pair_is_lengthened_never_both),
		cmocka_unit_test(name_twice_in_one_object_lengthens_only_the_other),
		cmocka_unit_test(all_symbols_of_an_object_carry_it),
		cmocka_unit_test(suffix_that_another_name_needs_is_kept_as_short_as_possible),
		cmocka_unit_test(modules_tell_symbols_apart_first),
		cmocka_unit_test(kallsyms_format_puts_a_tab_before_annotations),
		cmocka_unit_test(data_is_named_where_a_function_has_its_name),
		cmocka_unit_test(function_and_variable_of_one_object_are_told_apart),
		cmocka_unit_test(names_of_one_object_are_reported),
		cmocka_unit_test(objects_of_unknown_directory_are_reported),
		cmocka_unit_test(symbols_without_owner_are_reported),
		cmocka_unit_test(one_thing_twice_is_an_alias),
		cmocka_unit_test(check_fills_only_as_much_as_the_caller_knows),
		cmocka_unit_test(prefix_symbols_follow_their_function),
		cmocka_unit_test(static_call_trampolines_follow_their_key),
		cmocka_unit_test(edge_names_are_those_of_linker_scripts),
		cmocka_unit_test(section_edges_belong_to_no_object),
		cmocka_unit_test(first_text_symbol_gives_the_address_of_text),
		cmocka_unit_test(more_sections_than_16_bits_can_count),
		cmocka_unit_test(find_takes_every_form_of_identity),
		cmocka_unit_test(find_of_a_shown_identity_is_unique),
		cmocka_unit_test(find_counts_what_does_not_fit),
		cmocka_unit_test(find_refuses_what_is_no_identity),
		cmocka_unit_test(units_are_named_by_their_path_in_the_tree),
		cmocka_unit_test(root_is_what_most_absolute_names_share),
		cmocka_unit_test(suffix_of_a_path_counts_components),
		cmocka_unit_test(symbols_that_kallsyms_leaves_out),
		cmocka_unit_test(letters_of_every_kind_are_those_of_nm),
		cmocka_unit_test(letters_of_the_sample_are_those_of_nm),
	};

	return cmocka_run_group_tests_name("index", tests, set_up, tear_down);
}
