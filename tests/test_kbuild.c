// SPDX-License-Identifier: LGPL-2.1-or-later
/* What Kbuild leaves behind: linker maps, lists of modules, .cmd files, ranges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kbuild/cmd.h"
#include "kbuild/linkmap.h"
#include "kbuild/linkmap_line.h"
#include "kbuild/modules.h"

/* From the top of the sources, where main() goes. */
#define KBUILD_FIXTURES "tests/kbuild-fixtures"

#define LD_HEAD "\nLinker script and memory map\n\n"
#define LLD_HEAD "             VMA              LMA     Size Align Out     In      Symbol\n"

static const char *const links[] = { "ld", "ld-object", "lld", "lld-object" };

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

/* ------------------------------------------------- helpers */

/* A file of these bytes exactly: reading past them is an error sanitizers see. */
static struct ks_file file_of(const char *path, const void *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, data, len);
	return (struct ks_file){ .path = path, .data = copy, .len = len };
}

static struct ks_file file_of_text(const char *text)
{
	return file_of("FILE", text, strlen(text));
}

static char *fixture_path(const char *link, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s/%s", KBUILD_FIXTURES, link, name) > 0);
	return path;
}

static struct ks_file fixture(const char *link, const char *name)
{
	char *path = fixture_path(link, name);
	struct ksym_error err = { 0 };
	struct ks_file f, copy;

	if (ks_file_open(&f, path, &err))
		fail_msg("%s", err.text);
	copy = file_of(name, f.data, f.len);
	ks_file_close(&f);
	free(path);
	return copy;
}

static struct ks_linkmap parse(struct ks_file f)
{
	struct ksym_error err = { 0 };
	struct ks_linkmap m;

	if (ks_linkmap_parse(&m, &f, &err))
		fail_msg("%s", err.text);
	ks_file_close(&f);
	return m;
}

static void expect_map_error(const char *text, const char *message)
{
	struct ks_file f = file_of_text(text);
	struct ksym_error err = { 0 };
	struct ks_linkmap m;

	assert_int_equal(ks_linkmap_parse(&m, &f, &err), -EBADMSG);
	assert_string_equal(err.text, message);
	assert_null(m.inputs);
	ks_file_close(&f);
}

static const char *string(const struct ks_linkmap *m, uint32_t i)
{
	return ks_strpool_get(&m->strings, i);
}

/* The inputs as lines "output section va len object". */
static char *describe(const struct ks_linkmap *m)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	for (size_t i = 0; i < m->nr_inputs; i++) {
		const struct ks_map_input *in = &m->inputs[i];

		fprintf(out, "%s %s %llx %llx %s\n",
			string(m, m->outputs[in->output].name), string(m, in->section),
			(unsigned long long)in->va, (unsigned long long)in->len,
			string(m, in->object));
	}
	fclose(out);
	return text;
}

static void expect_inputs(struct ks_file f, const char *want)
{
	struct ks_linkmap m = parse(f);
	char *text = describe(&m);

	assert_string_equal(text, want);
	free(text);
	ks_linkmap_free(&m);
}

/* The inputs in output sections whose name begins with @output. */
static void expect_fixture(const char *link, const char *map, const char *output,
			   const char *want)
{
	struct ks_linkmap m = parse(fixture(link, map));
	char *text = describe(&m), *kept = strdup("");
	char *save = NULL;

	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		char *more;

		if (strncmp(l, output, strlen(output)))
			continue;
		assert_true(asprintf(&more, "%s%s\n", kept, l) > 0);
		free(kept);
		kept = more;
	}
	assert_string_equal(kept, want);
	free(kept);
	free(text);
	ks_linkmap_free(&m);
}

/* ------------------------------------------------- maps */

static const char text_inputs[] =
	".text .head.text ffffffff81000000 6 init/main.o\n"
	".text .text ffffffff81000006 e init/main.o\n"
	".text .text ffffffff81000014 16 kernel/core.o\n"
	".text .text ffffffff8100002a 7 drivers/a/core.o\n"
	".text .text ffffffff81000031 18 drivers/a/one-x.o\n"
	".text .text ffffffff81000049 6 drivers/a/one-y.o\n"
	".text .text ffffffff8100004f 4 drivers/a/shared.o\n"
	".text .text ffffffff81000053 4 drivers/a/two.o\n"
	".text .text ffffffff81000057 10 fs/simple.o\n"
	".text .text ffffffff81000067 6 fs/rust.o\n"
	".text .text ffffffff8100006d 6 net/last.o\n"
	".text .text ffffffff81000073 6 lib/helper.o\n"
	".text .text.a_section_with_a_long_name ffffffff81000079 6 drivers/a/shared.o\n"
	".text .init.text ffffffff8100007f 6 drivers/a/one-y.o\n"
	".text .init.text ffffffff81000085 6 drivers/a/two.o\n";

static void ld_map_gives_every_object(void **state)
{
	(void)state;
	expect_fixture("ld", "vmlinux.map", ".text ", text_inputs);
	expect_fixture("ld", "vmlinux.map", ".data..percpu",
		       ".data..percpu .data..percpu 0 4 fs/simple.o\n");
}

static void lld_map_gives_every_object(void **state)
{
	(void)state;
	expect_fixture("lld", "vmlinux.map", ".text ", text_inputs);
	expect_fixture("lld", "vmlinux.map", ".data..percpu",
		       ".data..percpu .data..percpu 0 4 fs/simple.o\n");
}

static void map_of_a_link_from_vmlinux_o_names_vmlinux_o(void **state)
{
	static const char want[] =
		".text .head.text ffffffff81000000 6 vmlinux.o\n"
		".text .text ffffffff81000006 73 vmlinux.o\n"
		".text .text.a_section_with_a_long_name ffffffff81000079 6 vmlinux.o\n"
		".text .init.text ffffffff8100007f c vmlinux.o\n";

	(void)state;
	expect_fixture("ld-object", "vmlinux.map", ".text ", want);
	expect_fixture("lld-object", "vmlinux.map", ".text ", want);
}

static void map_of_vmlinux_o_is_relocatable_and_starts_at_0(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		struct ks_linkmap m = parse(fixture(links[i], "vmlinux.map"));

		assert_false(m.is_relocatable);
		assert_int_equal(m.is_lld, !strncmp(links[i], "lld", 3));
		ks_linkmap_free(&m);
		if (!strchr(links[i], '-'))
			continue;
		m = parse(fixture(links[i], "vmlinux.o.map"));
		assert_true(m.is_relocatable);
		ks_linkmap_free(&m);
		expect_fixture(links[i], "vmlinux.o.map", ".init.text ",
			       ".init.text .init.text 0 6 drivers/a/one-y.o\n"
			       ".init.text .init.text 6 6 drivers/a/two.o\n");
	}
}

static void outputs_have_address_and_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		struct ks_linkmap m = parse(fixture(links[i], "vmlinux.map"));
		const struct ks_map_output *text = NULL;

		for (size_t n = 0; n < m.nr_outputs; n++)
			if (!strcmp(string(&m, m.outputs[n].name), ".text"))
				text = &m.outputs[n];
		assert_non_null(text);
		assert_true(text->va == 0xffffffff81000000);
		assert_int_equal(text->len, 0x8b);
		ks_linkmap_free(&m);
	}
}

static void ld_names_on_a_line_of_their_own_are_joined(void **state)
{
	(void)state;
	expect_inputs(file_of_text(LD_HEAD ".a_long_name_of_an_output\n"
					   "                0x1000 0x30 load address 0x10\n"
					   " *(.in)\n"
					   " .a_long_name_of_an_input\n"
					   "                0x1000 0x10 a/b.o\n"
					   " a/c.o(.in)\n"
					   " .in            0x1010 0x20 a/c.o\n"
					   " CONSTRUCTORS\n"),
		      ".a_long_name_of_an_output .a_long_name_of_an_input 1000 10 a/b.o\n"
		      ".a_long_name_of_an_output .in 1010 20 a/c.o\n");
}

static void what_has_no_object_is_left_out(void **state)
{
	(void)state;
	expect_inputs(file_of_text("Discarded input sections\n\n"
				   " .text          0x0 0x10 gone.o\n"
				   "Memory Configuration\n\n"
				   "rom             0x1000 0x1000 xr\n"
				   "*default*       0x0 0xffffffffffffffff\n" LD_HEAD
				   ".text           0x1000 0x30\n"
				   " *fill*         0x1000 0x4 cccc\n"
				   " *(.text .x .y .z)\n"
				   " .text          0x1004 0x0 empty.o\n"
				   "                0x1004 sym\n"
				   "                0x1004 . = ALIGN (0x10)\n"
				   " .stub          0x1004 0x4 linker stubs\n"
				   " .text          0x1008 0x4 a.o\n"
				   "                0x8 (size before relaxing)\n"
				   "/DISCARD/\n"
				   " *(.discard)\n"
				   " .discard       0x0 0x4 a.o\n"
				   "OUTPUT(vmlinux elf64-x86-64)\n"
				   " .text          0x0 0x4 b.o\n"),
		      ".text .text 1008 4 a.o\n");
	expect_inputs(file_of_text(
			      LLD_HEAD
			      "               0                0     1000     1 . = 0x1000\n"
			      "            1000             1000       30     1 .text\n"
			      "            1000             1000        0     1         _text = .\n"
			      "            1000             1000        4     1         <internal>:(.x)\n"
			      "            1004             1004        4     1         a.o:(.text)\n"
			      "            1004             1004        4     1                 f:(x)\n"
			      "            1008             1008        0     1         b.o:(.text)\n"
			      "            1008             1008        8     1         QUAD ( 0x0 )\n"),
		      ".text .text 1004 4 a.o\n");
}

static void memory_regions_are_no_outputs(void **state)
{
	struct ks_linkmap m = parse(file_of_text("rom 0x1000 0x1000 xr\n" LD_HEAD
						 ".text 0x1000 0x4\n .text 0x1000 0x4 a.o\n"));

	(void)state;
	assert_int_equal(m.nr_outputs, 1);
	assert_string_equal(string(&m, m.outputs[0].name), ".text");
	ks_linkmap_free(&m);
}

static void archive_members_become_paths_in_the_build_tree(void **state)
{
	(void)state;
	expect_inputs(file_of_text(LD_HEAD ".text 0x1000 0x90\n"
					   " .text 0x1000 0x10 ./a/./b.o\n"
					   " .text 0x1010 0x10 vmlinux.a(kernel/fork.o)\n"
					   " .text 0x1020 0x10 vmlinux.a(top.o)\n"
					   " .text 0x1030 0x10 ./arch/x/lib.a(memcpy.o)\n"
					   " .text 0x1040 0x10 arch/x/lib.a(./lib/m.o)\n"
					   " .text 0x1050 0x10 .//a b/c d.o\n"
					   " .text 0x1060 0x10 (odd)\n"
					   " .text 0x1070 0x10 odd)\n"),
		      ".text .text 1000 10 a/./b.o\n"
		      ".text .text 1010 10 kernel/fork.o\n"
		      ".text .text 1020 10 top.o\n"
		      ".text .text 1030 10 arch/x/memcpy.o\n"
		      ".text .text 1040 10 lib/m.o\n"
		      ".text .text 1050 10 a b/c d.o\n"
		      ".text .text 1060 10 (odd)\n"
		      ".text .text 1070 10 odd)\n");
}

static void lld_pieces_of_eh_frame_lose_their_offset(void **state)
{
	(void)state;
	expect_inputs(file_of_text(LLD_HEAD
				   "    1000     1000       30     1 .eh_frame\n"
				   "    1000     1000       18     1         a.o:(.eh_frame+0x18)\n"),
		      ".eh_frame .eh_frame 1000 18 a.o\n");
}

static void no_linker_map_is_refused(void **state)
{
	(void)state;
	expect_map_error("", "FILE:1: expected a linker map of GNU ld or LLVM lld");
	expect_map_error("#include <stdio.h>\n\nint main(void)\n",
			 "FILE:1: expected a linker map of GNU ld or LLVM lld");
	struct ks_file f = file_of("FILE", "\177ELF\2\1\1\0", 8);
	struct ksym_error err = { 0 };
	struct ks_linkmap m;

	assert_int_equal(ks_linkmap_parse(&m, &f, &err), -EBADMSG);
	assert_string_equal(err.text, "FILE: expected text, found a zero byte at offset 7");
	ks_file_close(&f);
}

static void numbers_that_do_not_fit_are_refused(void **state)
{
	(void)state;
	expect_map_error(LD_HEAD ".text 0x1000 0x10000000000000000\n",
			 "FILE:4: expected hexadecimal numbers of at most 64 bits");
	expect_map_error(LD_HEAD ".text 0x1000 0x10\n .text 0x10x0 0x10 a.o\n",
			 "FILE:5: expected hexadecimal numbers of at most 64 bits");
	expect_map_error(LD_HEAD ".text 0x1000 0x10\n .text 0xfffffffffffffff0 0x11 a.o\n",
			 "FILE:5: expected a section that ends below 2^64");
	expect_map_error(LLD_HEAD "  10000000000000000     1000       30     1 .text\n",
			 "FILE:2: expected hexadecimal numbers of at most 64 bits");
	expect_map_error(LD_HEAD ".a_long_name\n 0x 0x10\n",
			 "FILE:4: expected hexadecimal numbers of at most 64 bits");
}

/* Cut and changed maps must parse or fail, and leave nothing behind. */
static void damage(const struct ks_file *f, void (*read)(const struct ks_file *))
{
	uint8_t *copy = malloc(f->len + 1);
	uint32_t seed = 1;

	assert_non_null(copy);
	for (size_t len = 0; len < f->len; len += len < 2000 ? 1 : 101) {
		struct ks_file cut = file_of("FILE", f->data, len);

		read(&cut);
		ks_file_close(&cut);
	}
	for (int round = 0; round < 400; round++) {
		static const char bytes[] = " \n\t0x()*:.+/-='\"\0\xff";
		struct ks_file changed;

		memcpy(copy, f->data, f->len);
		for (int i = 0; i < 8; i++) {
			seed = seed * 1664525 + 1013904223;
			copy[(seed >> 8) % f->len] = (uint8_t)bytes[(seed >> 4) % sizeof(bytes)];
		}
		changed = file_of("FILE", copy, f->len);
		read(&changed);
		ks_file_close(&changed);
	}
	free(copy);
}

static void read_map_only(const struct ks_file *f)
{
	struct ksym_error err = { 0 };
	struct ks_linkmap m;
	int ret = ks_linkmap_parse(&m, f, &err);

	if (ret)
		assert_int_equal(err.code, ret);
	ks_linkmap_free(&m);
}

static void damaged_maps_do_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		struct ks_file f = fixture(links[i], "vmlinux.map");

		damage(&f, read_map_only);
		ks_file_close(&f);
	}
}

static void long_lines_take_linear_time(void **state)
{
	static const char *const units[] = { "a(", " ", "(", "x ", "./", ")", ":(" };
	size_t len = 4 << 20;
	char *text = malloc(len + 64);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		size_t n = (size_t)sprintf(text, LD_HEAD ".t 0x1 0x9\n .t 0x1 0x2 ");
		struct ks_file f;

		for (; n < len; n += strlen(units[i]))
			memcpy(text + n, units[i], strlen(units[i]));
		memcpy(text + n, "/)\n", 3);
		f = file_of("FILE", text, n + 3);
		read_map_only(&f);
		ks_file_close(&f);
	}
	free(text);
}

/* ------------------------------------------------- lists of modules */

/* The pairs as lines "object module sources". */
static void expect_pairs(struct ks_modules *m, const char *want)
{
	struct ksym_error err = { 0 };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (ks_modules_finish(m, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < m->pairs.len; i++)
		fprintf(out, "%s %s %x\n", ks_strpool_get(&m->objects, m->pairs.data[i].object),
			ks_strpool_get(&m->names, m->pairs.data[i].name),
			m->pairs.data[i].sources);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
	ks_modules_free(m);
}

static void read_text(struct ks_modules *m, const char *text)
{
	struct ks_file f = file_of_text(text);
	struct ksym_error err = { 0 };

	if (ks_modules_read_any(m, &f, &err))
		fail_msg("%s", err.text);
	ks_file_close(&f);
}

static void expect_list_error(const char *text, int code, const char *message)
{
	struct ks_file f = file_of_text(text);
	struct ksym_error err = { 0 };
	struct ks_modules m = { 0 };

	assert_int_equal(ks_modules_read_any(&m, &f, &err), code);
	assert_string_equal(err.text, message);
	ks_modules_free(&m);
	ks_file_close(&f);
}

static void objs_lists_are_read_in_every_form(void **state)
{
	static const char *const forms[] = {
		"fs/a-b/mod-x.o: fs/a-b/one.o fs/a-b/two.o\n",
		"# comment\n\nfs/a-b/mod-x.o : ./fs/a-b/one.o\tfs/a-b/two.o\r\n",
		"fs/a-b/mod-x.o:fs/a-b/one.o fs/a-b/two.o",
		"fs/a-b/mod-x.o fs/a-b/one.o fs/a-b/two.o\n",
		"kernel/fs/a-b/mod-x.ko: fs/a-b/two.o fs/a-b/one.o\n",
		"kernel/fs/a-b/mod-x.ko: kernel/fs/a-b/two.o kernel/fs/a-b/one.o\n",
		"fs/a-b/mod-x.ko fs/a-b/two.o fs/a-b/one.o fs/a-b/one.o\n",
		"mod-x: fs/a-b/one.o fs/a-b/two.o\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct ks_modules m = { 0 };

		read_text(&m, forms[i]);
		expect_pairs(&m, "fs/a-b/one.o mod_x 1\nfs/a-b/two.o mod_x 1\n");
	}
}

static void objects_of_the_directory_kernel_keep_it(void **state)
{
	struct ks_modules m = { 0 };

	(void)state;
	read_text(&m, "kernel/kernel/configs.ko: kernel/configs.o\n"
		      "kernel/trace/bench.o: kernel/trace/bench.o\n"
		      "kernel/kernel/torture.ko: kernel/kernel/torture.o\n");
	expect_pairs(&m, "kernel/configs.o configs 1\nkernel/torture.o torture 1\n"
			 "kernel/trace/bench.o bench 1\n");
}

static void module_without_objects_is_one_object(void **state)
{
	struct ks_modules m = { 0 };

	(void)state;
	read_text(&m, "fs/a.o\nkernel/fs/a-b/c-d.ko:\nfs/e.o:\n");
	expect_pairs(&m, "fs/a-b/c-d.o c_d 1\nfs/a.o a 1\nfs/e.o e 1\n");
}

static void pairs_are_sorted_and_merged(void **state)
{
	struct ks_modules m = { 0 };
	struct ksym_error err = { 0 };

	(void)state;
	read_text(&m, "z.o: b.o a.o\nc.o: a.o\n");
	assert_int_equal(ks_modules_add(&m, "./a.o", 5, "x/c", 3, KSYM_MODULE_SOURCE_KBUILD,
					&err), 0);
	expect_pairs(&m, "a.o c 9\na.o z 1\nb.o z 1\n");
}

static void malformed_lists_are_refused(void **state)
{
	(void)state;
	expect_list_error("a.o: b.o\nc.o: d.c\n", -EBADMSG,
			  "FILE:2: expected \"module.o: object.o ...\"");
	expect_list_error("a.o: b.o\nc.o d.o: e.o\n", -EBADMSG,
			  "FILE:2: expected \"module.o: object.o ...\"");
	expect_list_error("kernel/a.ko\nkernel/b\n", -EBADMSG,
			  "FILE:1: expected modules.builtin.objs, modules_thick.builtin or "
			  "modules.builtin");
	expect_list_error(".text 00000000-00000000 = _text\n", -ENOTSUP,
			  "FILE:1: expected objects of modules, found ranges");
}

static void format_is_told_by_content(void **state)
{
	static const struct {
		const char *text;
		enum ks_modules_format format;
	} cases[] = {
		{ "", KS_MODULES_EMPTY },
		{ "# nothing\n\n", KS_MODULES_EMPTY },
		{ "kernel/fs/a.ko\nkernel/fs/b.ko\n", KS_MODULES_BUILTIN },
		{ "kernel/fs/a.ko\nkernel/fs/b.ko: fs/x.o\n", KS_MODULES_OBJS },
		{ "kernel/fs/a.ko fs/x.o\n", KS_MODULES_OBJS },
		{ "fs/a.o\n", KS_MODULES_OBJS },
		{ ".text 0000-0010 a\n", KS_MODULES_RANGES },
		{ "int main(void)\n", KS_MODULES_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ks_file f = file_of_text(cases[i].text);

		assert_int_equal(ks_modules_format(&f), cases[i].format);
		ks_file_close(&f);
	}
}

static void modules_builtin_gives_paths_and_names(void **state)
{
	struct ks_modules m = { 0 };

	(void)state;
	read_text(&m, "kernel/fs/a-b/c-d.ko\n\nkernel/kernel/configs.ko\n");
	assert_true(m.has_builtin);
	assert_int_equal(m.files.len, 2);
	assert_int_equal(m.pairs.len, 0);
	assert_string_equal(ks_strpool_get(&m.objects, m.files.data[0].object), "fs/a-b/c-d.o");
	assert_string_equal(ks_strpool_get(&m.names, m.files.data[0].name), "c_d");
	assert_string_equal(ks_strpool_get(&m.objects, m.files.data[1].object),
			    "kernel/configs.o");
	ks_modules_free(&m);
}

/* ------------------------------------------------- .cmd files */

static void modfile_is_found_in_every_quoting(void **state)
{
	static const struct {
		const char *line, *modfiles;
	} cases[] = {
		{ "cmd_a.o := gcc -DKBUILD_MODFILE='\"fs/a\"' -c", "fs/a" },
		{ "savedcmd_a.o := gcc -DKBUILD_MODFILE='\"fs/a fs/b-c\"' -c", "fs/a fs/b-c" },
		{ "cmd := gcc -DKBUILD_MODFILE=\"fs/a\" -c", "fs/a" },
		{ "cmd := gcc -DKBUILD_MODFILE=\"'\"fs/a\"'\" -c", "fs/a" },
		{ "cmd := gcc -DKBUILD_MODFILE=\"fs/a", "fs/a" },
		{ "cmd := RUST_MODFILE=fs/r rustc", "fs/r" },
		{ "cmd := RUST_MODFILE=fs/r", "fs/r" },
		{ "cmd := RUST_MODFILE=fs/r gcc -DKBUILD_MODFILE='\"fs/a\"'", "fs/a" },
		{ "cmd := gcc -DKBUILD_MODFILE=fs/a -DKBUILD_MODFILE='\"fs/b\"'", "fs/b" },
		{ "cmd := gcc -DKBUILD_MODFILE='\"\"'", "" },
		{ "cmd := ld -r -o a.o @a.mod", "" },
		{ "cmd := RUST_MODFILE=", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ks_file f = file_of_text(cases[i].line);
		struct ks_cmd_modfiles got = ks_cmd_modfiles((const char *)f.data, f.len);

		assert_int_equal(got.len, strlen(cases[i].modfiles));
		assert_memory_equal(got.s, cases[i].modfiles, got.len);
		ks_file_close(&f);
	}
}

static void read_cmd_text(struct ks_modules *m, const char *object, const char *text)
{
	struct ks_file f = file_of_text(text);
	struct ksym_error err = { 0 };

	if (ks_modules_read_cmd(m, object, &f, &err))
		fail_msg("%s", err.text);
	ks_file_close(&f);
}

static void single_module_counts_only_when_builtin(void **state)
{
	(void)state;
	for (int before = 0; before < 2; before++) {
		struct ks_modules m = { 0 };

		if (before)
			read_text(&m, "kernel/fs/a-b.ko\nkernel/drivers/core.ko\n");
		read_cmd_text(&m, "fs/x.o", "-DKBUILD_MODFILE='\"fs/a-b\"'\n");
		read_cmd_text(&m, "fs/y.o", "-DKBUILD_MODFILE='\"fs/y\"'\n");
		/* Same name as a module, another path. */
		read_cmd_text(&m, "kernel/core.o", "-DKBUILD_MODFILE='\"kernel/core\"'\n");
		/* Only the first line is the command. */
		read_cmd_text(&m, "fs/z.o", "cmd\n-DKBUILD_MODFILE='\"fs/a-b\"'\n");
		if (!before)
			read_text(&m, "kernel/fs/a-b.ko\nkernel/drivers/core.ko\n");
		expect_pairs(&m, "fs/x.o a_b 2\n");
	}
}

static void several_modules_always_count(void **state)
{
	struct ks_modules m = { 0 };

	(void)state;
	read_cmd_text(&m, "fs/x.o", "-DKBUILD_MODFILE='\"fs/a-b fs/c\"'\n");
	read_cmd_text(&m, "fs/y.o", "-DKBUILD_MODFILE='\"fs/y\"'\n");
	expect_pairs(&m, "fs/x.o a_b 2\nfs/x.o c 2\n");
}

static void build_tree_gives_all_pairs(void **state)
{
	struct ks_modules m = { 0 };
	struct ksym_error err = { 0 };

	(void)state;
	if (ks_modules_read_cmds(&m, KBUILD_FIXTURES "/tree//", &err))
		fail_msg("%s", err.text);
	assert_true(m.has_builtin);
	expect_pairs(&m, "drivers/a/one-x.o one 2\ndrivers/a/one-y.o one 2\n"
			 "drivers/a/shared.o one 2\ndrivers/a/shared.o two_part 2\n"
			 "drivers/a/two.o two_part 2\nfs/rust.o rust 2\nfs/simple.o simple 2\n"
			 "net/last.o last 2\n");
}

/* A build tree of a test's own. */
struct tree {
	char dir[64];
};

static void tree_write(const struct tree *t, const char *name, const char *text)
{
	char path[256], *slash;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", t->dir, name);
	for (slash = path + strlen(t->dir) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		mkdir(path, 0755);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int tree_create(void **state)
{
	struct tree *t = malloc(sizeof(*t));

	if (!t)
		return -1;
	strcpy(t->dir, "/tmp/ksym-test-kbuild-XXXXXX");
	*state = t;
	return mkdtemp(t->dir) ? 0 : -1;
}

static int tree_remove(void **state)
{
	struct tree *t = *state;
	char command[128];
	int ret;

	snprintf(command, sizeof(command), "rm -rf '%s'", t->dir);
	ret = system(command);
	free(t);
	return ret;
}

static void only_kernel_objects_of_the_tree_are_read(void **state)
{
	static const char list[] = "-DKBUILD_MODFILE='\"a/one a/two\"' -c\n";
	const struct tree *t = *state;
	struct ks_modules m = { 0 };
	struct ksym_error err = { 0 };
	char path[128];

	tree_write(t, "a/.yes.o.cmd", list);
	tree_write(t, "b/tools/.yes.o.cmd", list);
	tree_write(t, "a/.loadable.o.cmd", "gcc -DMODULE -DKBUILD_MODFILE='\"a/one a/two\"'\n");
	tree_write(t, "a/.program.cmd", list);
	tree_write(t, "a/visible.o.cmd", list);
	tree_write(t, "a/.o.cmd", list);
	tree_write(t, "a/.empty.o.cmd", "");
	tree_write(t, "a/.git/.no.o.cmd", list);
	tree_write(t, "tools/.no.o.cmd", list);
	tree_write(t, "scripts/x/.no.o.cmd", list);
	snprintf(path, sizeof(path), "%s/a/.link.o.cmd", t->dir);
	assert_int_equal(symlink(".yes.o.cmd", path), 0);
	snprintf(path, sizeof(path), "%s/up", t->dir);
	assert_int_equal(symlink("..", path), 0);
	snprintf(path, sizeof(path), "%s/a/.pipe.o.cmd", t->dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(path, sizeof(path), "%s/a/.dir.o.cmd", t->dir);
	assert_int_equal(mkdir(path, 0700), 0);

	if (ks_modules_read_cmds(&m, t->dir, &err))
		fail_msg("%s", err.text);
	expect_pairs(&m, "a/yes.o one 2\na/yes.o two 2\n"
			 "b/tools/yes.o one 2\nb/tools/yes.o two 2\n");
}

static void tree_without_cmd_files_is_refused(void **state)
{
	const struct tree *t = *state;
	struct ks_modules m = { 0 };
	struct ksym_error err = { 0 };

	tree_write(t, "a/b.o", "");
	assert_int_equal(ks_modules_read_cmds(&m, t->dir, &err), -ENODATA);
	assert_non_null(strstr(err.text, "expected a kernel build tree"));
	assert_int_equal(ks_modules_read_cmds(&m, "/nonexistent", &err), -ENOENT);
	ks_modules_free(&m);
}

static void read_lists_only(const struct ks_file *f)
{
	struct ksym_error err = { 0 };
	struct ks_modules m = { 0 };
	struct ks_module_ranges r = { 0 };

	(void)!ks_modules_read_any(&m, f, &err);
	(void)!ks_modules_read_objs(&m, f, &err);
	(void)!ks_modules_read_builtin(&m, f, &err);
	(void)!ks_modules_read_cmd(&m, "a/b.o", f, &err);
	(void)!ks_modules_finish(&m, &err);
	ks_modules_free(&m);
	(void)!ks_module_ranges_read(&r, f, &err);
	ks_module_ranges_free(&r);
}

static void damaged_lists_do_no_harm(void **state)
{
	static const char objs[] = "fs/a-b/x.o: fs/a.o fs/b.o\nkernel/fs/c.ko fs/d.o\nfs/e.o\n"
				   "drivers/one.o: ./drivers/p.o drivers/q.o\n";
	struct ks_file files[] = {
		file_of_text(objs),
		fixture("tree", "modules.builtin"),
		fixture("tree", "drivers/a/.shared.o.cmd"),
		fixture("tree", "fs/.rust.o.cmd"),
		fixture("ld", "modules.builtin.ranges"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		damage(&files[i], read_lists_only);
		ks_file_close(&files[i]);
	}
}

/* ------------------------------------------------- ranges */

struct text {
	char *s;
	size_t len;
	int ret;
};

static int collect(void *arg, const char *s, size_t len)
{
	struct text *t = arg;

	t->s = realloc(t->s, t->len + len + 1);
	assert_non_null(t->s);
	memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = 0;
	return t->ret;
}

static int write_fixture_ranges(const char *link, struct text *t, struct ksym_error *err)
{
	char *map = fixture_path(link, "vmlinux.map");
	char *object_map = fixture_path(link, "vmlinux.o.map");
	struct ksym_ranges_opts o = KSYM_OPTS(o, .build_tree = KBUILD_FIXTURES "/tree",
					      .map_file = map, .object_map_file = object_map);
	int ret = ksym_ranges_write(&o, collect, t, err);

	free(map);
	free(object_map);
	return ret;
}

static void ranges_are_those_of_the_kernels_script(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		struct ks_file want = fixture(links[i], "modules.builtin.ranges");
		struct ksym_error err = { 0 };
		struct text t = { 0 };

		if (write_fixture_ranges(links[i], &t, &err))
			fail_msg("%s", err.text);
		assert_int_equal(t.len, want.len);
		assert_memory_equal(t.s, want.data, t.len);
		free(t.s);
		ks_file_close(&want);
	}
}

static struct ks_module_ranges read_ranges(struct ks_file f)
{
	struct ks_module_ranges r = { 0 };
	struct ksym_error err = { 0 };

	if (ks_module_ranges_read(&r, &f, &err))
		fail_msg("%s", err.text);
	ks_file_close(&f);
	return r;
}

/* What was read, in the form it was read from; anchors first. */
static char *print_ranges(const struct ks_module_ranges *r)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < r->anchors.len; i++)
		fprintf(out, "%s %08llx-%08llx = %s\n",
			ks_strpool_get(&r->strings, r->anchors.data[i].section),
			(unsigned long long)r->anchors.data[i].off,
			(unsigned long long)r->anchors.data[i].off,
			ks_strpool_get(&r->strings, r->anchors.data[i].symbol));
	for (size_t i = 0; i < r->ranges.len; i++)
		fprintf(out, "%s %08llx-%08llx %s\n",
			ks_strpool_get(&r->strings, r->ranges.data[i].section),
			(unsigned long long)r->ranges.data[i].off,
			(unsigned long long)r->ranges.data[i].end_off,
			ks_strpool_get(&r->strings, r->ranges.data[i].modules));
	fclose(out);
	return text;
}

static void ranges_read_back_are_those_written(void **state)
{
	static const char want[] = ".text 00000000-00000000 = _text\n"
				   ".data 00000000-00000000 = _sdata\n"
				   ".bss 00000000-00000000 = a_core\n"
				   ".text 00000031-0000004f one\n"
				   ".text 0000004f-00000053 one two_part\n"
				   ".text 00000053-00000057 two_part\n"
				   ".text 00000057-00000067 simple\n"
				   ".text 00000067-0000006d rust\n"
				   ".text 0000006d-00000073 last\n"
				   ".text 00000079-0000007f one two_part\n"
				   ".text 0000007f-00000085 one\n"
				   ".text 00000085-0000008b two_part\n"
				   ".data 00000004-00000008 one\n"
				   ".data 00000008-0000000c simple\n"
				   ".bss 00000020-000001b0 two_part\n";
	struct ksym_error err = { 0 };
	struct text t = { 0 };
	struct ks_module_ranges r;
	char *text;

	(void)state;
	if (write_fixture_ranges("ld", &t, &err))
		fail_msg("%s", err.text);
	r = read_ranges(file_of_text(t.s));
	text = print_ranges(&r);
	assert_string_equal(text, want);
	free(text);
	free(t.s);
	ks_module_ranges_free(&r);
}

static void ranges_that_end_before_they_start_are_left_out(void **state)
{
	struct ks_module_ranges r = read_ranges(
		file_of_text(".text 00000020-00000010 a\n.text 00000020-00000030 b-c  d\n"));
	char *text = print_ranges(&r);

	(void)state;
	assert_string_equal(text, ".text 00000020-00000030 b_c d\n");
	free(text);
	ks_module_ranges_free(&r);
}

static void malformed_ranges_are_refused(void **state)
{
	static const char *const lines[] = {
		".text 0000-0010\n", ".text 0010 a\n", ".text 00x0-0010 a\n", ".text -10 a\n",
		".text 0000-10000000000000000 a\n", ".text 0000-0000 =\n",
		".text 0000-0010 = sym\n", ".text 0000-0000 = sym more\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct ks_file f = file_of_text(lines[i]);
		struct ks_module_ranges r = { 0 };
		struct ksym_error err = { 0 };

		assert_int_equal(ks_module_ranges_read(&r, &f, &err), -EBADMSG);
		assert_memory_equal(err.text, "FILE:1: expected \"section", 25);
		ks_module_ranges_free(&r);
		ks_file_close(&f);
	}
}

/* A tree with objects a/one.o and a/two.o of modules one and two, and a map. */
static void expect_tree_ranges(const struct tree *t, const char *map, const char *want)
{
	struct ksym_ranges_opts o = KSYM_OPTS(o, .build_tree = t->dir);
	struct ksym_error err = { 0 };
	struct text text = { 0 };

	tree_write(t, "modules.builtin", "kernel/a/one.ko\nkernel/a/two.ko\n");
	tree_write(t, "a/.one.o.cmd", "-DKBUILD_MODFILE='\"a/one\"'\n");
	tree_write(t, "a/.two.o.cmd", "-DKBUILD_MODFILE='\"a/two\"'\n");
	tree_write(t, "vmlinux.map", map);
	if (ksym_ranges_write(&o, collect, &text, &err))
		fail_msg("%s", err.text);
	assert_string_equal(text.s ? text.s : "", want);
	free(text.s);
}

/* The expected texts of the next three are what the kernel's script prints. */
static void padding_splits_a_range_when_it_has_a_pattern(void **state)
{
	expect_tree_ranges(*state,
			   ".text 0xffffffff81000000 0x40\n"
			   " .text 0xffffffff81000000 0x10 a/one.o\n"
			   " *fill* 0xffffffff81000010 0x4\n"
			   " .text 0xffffffff81000014 0x4 a/one.o\n"
			   " *fill* 0xffffffff81000018 0x4 cc\n"
			   " .text 0xffffffff8100001c 0x4 a/one.o\n",
			   ".text 00000000-00000018 one\n.text 0000001c-00000020 one\n");
}

static void open_range_reaches_into_the_next_section(void **state)
{
	expect_tree_ranges(*state,
			   ".text 0xffffffff81000000 0x40\n"
			   " .text 0xffffffff81000000 0x10 a/one.o\n"
			   ".data 0xffffffff81001000 0x40\n"
			   " .data 0xffffffff81001000 0x30 a/one.o\n"
			   " .data 0xffffffff81001030 0x10 a/two.o\n",
			   ".text 00000000-00000030 one\n.data 00000030-00000040 two\n");
}

static void ignored_sections_have_no_ranges(void **state)
{
	expect_tree_ranges(*state,
			   ".orc_unwind 0xffffffff81000000 0x40\n"
			   " .orc_unwind 0xffffffff81000000 0x10 a/one.o\n"
			   ".call_sites 0xffffffff81001000 0x40\n"
			   " .call_sites 0xffffffff81001000 0x10 a/one.o\n"
			   ".data..percpu 0xffffffff81002000 0x40\n"
			   " .data..percpu 0xffffffff81002000 0x10 a/one.o\n"
			   "__ex_table 0xffffffff81003000 0x40\n"
			   " __ex_table 0xffffffff81003000 0x10 a/one.o\n"
			   ".zero 0x0000000000000000 0x40\n"
			   " .zero 0x0000000000000000 0x10 a/one.o\n"
			   ".rodata 0xffffffff81004000 0x40\n"
			   " .rodata.str1.8 0xffffffff81004000 0x10 a/one.o\n"
			   " .rodata.cst16.X 0xffffffff81004010 0x10 a/one.o\n"
			   "                0xffffffff81004020 symbol\n"
			   " .rodata.strange 0xffffffff81004020 0x10 a/two.o\n",
			   ".rodata 00000020-00000020 = symbol\n.rodata 00000020-00000030 two\n");
}

static void second_map_is_needed_only_after_vmlinux_o(void **state)
{
	const struct tree *t = *state;
	struct ksym_ranges_opts o = KSYM_OPTS(o, .build_tree = t->dir);
	struct ksym_error err = { 0 };
	struct text text = { 0 };

	expect_tree_ranges(t, ".text 0xffffffff81000000 0x40\n", "");
	tree_write(t, "vmlinux.map", ".text 0xffffffff81000000 0x40\n"
				     " .text 0xffffffff81000000 0x40 vmlinux.o\n");
	assert_int_equal(ksym_ranges_write(&o, collect, &text, &err), -ENOENT);
	assert_non_null(strstr(err.text, "vmlinux.o.map"));
	assert_null(text.s);
}

static void nothing_is_written_before_an_error(void **state)
{
	const struct tree *t = *state;
	struct ksym_ranges_opts o = KSYM_OPTS(o, .build_tree = t->dir);
	struct ksym_error err = { 0 };
	struct text text = { 0 };

	expect_tree_ranges(t, "", "");
	tree_write(t, "vmlinux.map", ".text 0xffffffff81000000 0x40\n"
				     " .text 0xffffffff81000000 0x40 a/one.o\n"
				     " .text 0xffffffff81000000 0x11111111111111111 a/two.o\n");
	assert_int_equal(ksym_ranges_write(&o, collect, &text, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "vmlinux.map:3: expected hexadecimal numbers"));
	assert_null(text.s);
}

static void result_of_the_callback_is_returned(void **state)
{
	struct ksym_error err = { 0 };
	struct text t = { .ret = 42 };

	(void)state;
	assert_int_equal(write_fixture_ranges("ld", &t, &err), 42);
	free(t.s);
}

static void options_of_other_versions_are_understood(void **state)
{
	struct {
		struct ksym_ranges_opts o;
		char more[8];
	} big = { .o = { .size = sizeof(big), .build_tree = "/nonexistent" } };
	struct ksym_error err = { 0 };

	(void)state;
	assert_int_equal(ksym_ranges_write(&big.o, collect, NULL, &err), -ENOENT);
	big.more[7] = 1;
	assert_int_equal(ksym_ranges_write(&big.o, collect, NULL, &err), -EINVAL);
	big.o.size = 0;
	assert_int_equal(ksym_ranges_write(&big.o, collect, NULL, &err), -EINVAL);
	assert_int_equal(ksym_ranges_write(NULL, collect, NULL, NULL), -ENOENT);
}

static void write_ranges_only(const struct ks_file *f)
{
	struct ksym_error err = { 0 };
	struct text t = { 0 };
	char map[64];
	/* The damaged map is both; the second is read when the first says so. */
	struct ksym_ranges_opts o = KSYM_OPTS(o, .build_tree = KBUILD_FIXTURES "/tree",
					      .map_file = map, .object_map_file = map);
	int fd = memfd_create("map", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, f->data, f->len), f->len);
	snprintf(map, sizeof(map), "/proc/self/fd/%d", fd);
	(void)!ksym_ranges_write(&o, collect, &t, &err);
	free(t.s);
	close(fd);
}

static void ranges_of_damaged_maps_do_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		struct ks_file f = fixture(links[i], "vmlinux.map");

		damage(&f, write_ranges_only);
		ks_file_close(&f);
	}
}

#define TREE_TEST(fn) cmocka_unit_test_setup_teardown(fn, tree_create, tree_remove)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ld_map_gives_every_object),
		cmocka_unit_test(lld_map_gives_every_object),
		cmocka_unit_test(map_of_a_link_from_vmlinux_o_names_vmlinux_o),
		cmocka_unit_test(map_of_vmlinux_o_is_relocatable_and_starts_at_0),
		cmocka_unit_test(outputs_have_address_and_length),
		cmocka_unit_test(ld_names_on_a_line_of_their_own_are_joined),
		cmocka_unit_test(what_has_no_object_is_left_out),
		cmocka_unit_test(memory_regions_are_no_outputs),
		cmocka_unit_test(archive_members_become_paths_in_the_build_tree),
		cmocka_unit_test(lld_pieces_of_eh_frame_lose_their_offset),
		cmocka_unit_test(no_linker_map_is_refused),
		cmocka_unit_test(numbers_that_do_not_fit_are_refused),
		cmocka_unit_test(damaged_maps_do_no_harm),
		cmocka_unit_test(long_lines_take_linear_time),
		cmocka_unit_test(objs_lists_are_read_in_every_form),
		cmocka_unit_test(objects_of_the_directory_kernel_keep_it),
		cmocka_unit_test(module_without_objects_is_one_object),
		cmocka_unit_test(pairs_are_sorted_and_merged),
		cmocka_unit_test(malformed_lists_are_refused),
		cmocka_unit_test(format_is_told_by_content),
		cmocka_unit_test(modules_builtin_gives_paths_and_names),
		cmocka_unit_test(modfile_is_found_in_every_quoting),
		cmocka_unit_test(single_module_counts_only_when_builtin),
		cmocka_unit_test(several_modules_always_count),
		cmocka_unit_test(build_tree_gives_all_pairs),
		TREE_TEST(only_kernel_objects_of_the_tree_are_read),
		TREE_TEST(tree_without_cmd_files_is_refused),
		cmocka_unit_test(damaged_lists_do_no_harm),
		cmocka_unit_test(ranges_are_those_of_the_kernels_script),
		cmocka_unit_test(ranges_read_back_are_those_written),
		cmocka_unit_test(ranges_that_end_before_they_start_are_left_out),
		cmocka_unit_test(malformed_ranges_are_refused),
		TREE_TEST(padding_splits_a_range_when_it_has_a_pattern),
		TREE_TEST(open_range_reaches_into_the_next_section),
		TREE_TEST(ignored_sections_have_no_ranges),
		TREE_TEST(second_map_is_needed_only_after_vmlinux_o),
		TREE_TEST(nothing_is_written_before_an_error),
		cmocka_unit_test(result_of_the_callback_is_returned),
		cmocka_unit_test(options_of_other_versions_are_understood),
		cmocka_unit_test(ranges_of_damaged_maps_do_no_harm),
	};

	const char *source = getenv("KSYM_SOURCE");

	if (source && chdir(source)) {
		perror(source);
		return 1;
	}
	return cmocka_run_group_tests_name("kbuild", tests, NULL, NULL);
}
