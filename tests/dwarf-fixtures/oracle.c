// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * oracle FILE... - does src/dwarf agree with libdw?
 *
 * Compares units, their ranges, variables at fixed addresses and line tables.
 * Addresses of ET_REL files differ, because libdwfl lays sections out in its own
 * way, so of these numbers and lengths are compared; all else must be equal.
 * What ks_cus_read() leaves out on purpose is counted: ranges and variables of
 * code and data that the linker discarded.  Prints a line for each file; exit
 * status 1 when anything differs, 3 when a file cannot be read.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/vec.h"
#include "dwarf/lines.h"
#include "dwarf/units.h"

struct triple {
	uint64_t va, end_va;
	uint32_t cu;
};

struct peer {
	const char *path;
	struct ks_elf e;
	struct ks_cus ours;
	Dwarf *dw;
	bool relocatable;
	KS_VEC(struct triple) ranges;
	KS_VEC(struct triple) vars;
	size_t nr_units, nr_renamed, nr_skipped_units, nr_rows, nr_discarded_ranges;
	size_t nr_discarded_vars, nr_differences;
};

static void differ(struct peer *p, const char *what, uint64_t where)
{
	if (p->nr_differences++ < 20)
		printf("# %s: %s differs at 0x%llx\n", p->path, what, (unsigned long long)where);
}

static const char *string_attr(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attr;
	const char *s = dwarf_formstring(dwarf_attr(die, name, &attr));

	return s ? s : "";
}

static uint64_t uint_attr(Dwarf_Die *die, unsigned int name, uint64_t absent)
{
	Dwarf_Attribute attr;
	Dwarf_Word v;

	return dwarf_formudata(dwarf_attr(die, name, &attr), &v) ? absent : v;
}

static bool in_image(const struct peer *p, uint64_t va)
{
	for (uint32_t i = 1; i < p->e.nr_sections; i++) {
		const struct ks_elf_section *s = &p->e.sections[i];

		if ((s->flags & SHF_ALLOC) && !(s->flags & SHF_TLS) && va >= s->va &&
		    va <= s->va + s->len)
			return true;
	}
	return p->relocatable;
}

static bool in_code(const struct peer *p, uint64_t va)
{
	for (uint32_t i = 1; i < p->e.nr_sections; i++) {
		const struct ks_elf_section *s = &p->e.sections[i];

		if ((s->flags & SHF_EXECINSTR) && va >= s->va && va - s->va < s->len)
			return true;
	}
	return false;
}

static bool code_at_zero(const struct peer *p)
{
	for (uint32_t i = 1; i < p->e.nr_sections; i++)
		if ((p->e.sections[i].flags & SHF_EXECINSTR) && !p->e.sections[i].va)
			return true;
	return p->relocatable;
}

static void add(struct peer *p, bool var, uint64_t va, uint64_t end_va, uint32_t cu)
{
	struct triple *t = var ? ks_vec_push(&p->vars) : ks_vec_push(&p->ranges);

	if (!t)
		abort();
	*t = (struct triple){ va, end_va, cu };
}

static void collect_ranges(struct peer *p, Dwarf_Die *die, uint32_t cu)
{
	Dwarf_Addr base, va, end_va;
	ptrdiff_t off = 0;

	while ((off = dwarf_ranges(die, off, &base, &va, &end_va)) > 0) {
		if (va == end_va)
			continue;
		if (!va && !code_at_zero(p))
			p->nr_discarded_ranges++;
		else
			add(p, false, va, end_va, cu);
	}
	if (off < 0)
		printf("# %s: libdw: %s\n", p->path, dwarf_errmsg(-1));
}

static void collect_var(struct peer *p, Dwarf_Die *die, uint32_t cu)
{
	Dwarf_Attribute attr, addr;
	Dwarf_Op *ops;
	size_t nr;
	uint64_t va;

	/* An own location: not one through DW_AT_abstract_origin. */
	if (!dwarf_hasattr(die, DW_AT_location) ||
	    dwarf_getlocation(dwarf_attr(die, DW_AT_location, &attr), &ops, &nr) || !nr)
		return;
	if (ops[0].atom == DW_OP_addr) {
		va = ops[0].number;
	} else if (ops[0].atom == DW_OP_addrx || ops[0].atom == DW_OP_GNU_addr_index) {
		if (dwarf_getlocation_attr(&attr, ops, &addr) || dwarf_formaddr(&addr, &va))
			return;
	} else {
		return;
	}
	if (nr == 2 && ops[1].atom == DW_OP_plus_uconst)
		va += ops[1].number;
	else if (nr != 1)
		return;
	if (in_image(p, va) && (va || p->relocatable))
		add(p, true, va, 0, cu);
	else
		p->nr_discarded_vars++;
}

/* All of a unit's DIEs, in order.  Recursion is fine with compilers' output. */
static void walk(struct peer *p, Dwarf_Die *die, uint32_t cu)
{
	Dwarf_Die child;

	if (dwarf_tag(die) == DW_TAG_variable)
		collect_var(p, die, cu);
	if (dwarf_child(die, &child))
		return;
	do
		walk(p, &child, cu);
	while (!dwarf_siblingof(&child, &child));
}

/* Paths are equal but for doubled slashes, and a directory may be before @file. */
static bool same_file(const char *src, const char *file)
{
	size_t i = strlen(src), j = strlen(file);

	while (i && j) {
		if (src[i - 1] != file[j - 1])
			return false;
		for (i--; i && src[i] == '/' && src[i - 1] == '/';)
			i--;
		for (j--; j && file[j] == '/' && file[j - 1] == '/';)
			j--;
	}
	return !j;
}

/* The rows that cover something must be found by their address. */
static void compare_lines(struct peer *p, Dwarf_Die *die, const struct ks_cu *cu)
{
	struct ks_line_table t;
	struct ksym_error err;
	Dwarf_Lines *lines;
	Dwarf_Addr end_va = UINT64_MAX;
	size_t nr;

	if (dwarf_getsrclines(die, &lines, &nr))
		return;
	if (ks_line_table_read(&t, &p->e, cu, &err)) {
		printf("# %s\n", err.text);
		p->nr_differences++;
		return;
	}
	for (size_t i = 0; !p->relocatable && i + 1 < nr; i++) {
		const struct ks_line_row *row;
		Dwarf_Addr va, next_va;
		bool end;
		int line;
		const char *src;
		Dwarf_Line *l = dwarf_onesrcline(lines, i);

		dwarf_lineaddr(l, &va);
		dwarf_lineaddr(dwarf_onesrcline(lines, i + 1), &next_va);
		dwarf_lineendsequence(l, &end);
		if (end)
			end_va = va;
		/* Rows outside of code are of discarded functions, counted from 0. */
		if (va == next_va || end || !in_code(p, va))
			continue;
		dwarf_lineno(l, &line);
		src = dwarf_linesrc(l, NULL, NULL);
		row = ks_line_table_find(&t, va);
		/* libdw sorts the end of a sequence before empty rows at its address. */
		if (end_va == va && !row)
			continue;
		p->nr_rows++;
		if (!row || row->va != va || row->line != (uint32_t)line || !src ||
		    !same_file(src, t.files[row->file]))
			differ(p, "line row", va);
	}
	if (p->relocatable)
		p->nr_rows += nr;
	if (p->relocatable && (t.nr_rows > 0) != (nr > 0))
		differ(p, "number of line rows", t.nr_rows);
	ks_line_table_free(&t);
}

static void compare_unit(struct peer *p, Dwarf_CU *unit, Dwarf_Die *die, unsigned int version)
{
	uint32_t i = (uint32_t)p->nr_units++;
	uint64_t off = dwarf_dieoffset(die) - dwarf_cuoffset(die);
	const struct ks_cu *cu = &p->ours.cus[i];

	(void)unit;
	if (i >= p->ours.nr_cus) {
		differ(p, "number of units", i);
		return;
	}
	if (cu->off != off || cu->version != version)
		differ(p, "unit", off);
	if (strcmp(cu->name, string_attr(die, DW_AT_name))) {
		if (cu->language == DW_LANG_Mips_Assembler)
			p->nr_renamed++;
		else
			differ(p, "name", off);
	}
	if (strcmp(cu->comp_dir, string_attr(die, DW_AT_comp_dir)))
		differ(p, "comp_dir", off);
	if (cu->language != uint_attr(die, DW_AT_language, 0))
		differ(p, "language", off);
	if (cu->line_off != uint_attr(die, DW_AT_stmt_list, UINT64_MAX))
		differ(p, "stmt_list", off);
	collect_ranges(p, die, i);
	walk(p, die, i);
	compare_lines(p, die, cu);
}

static int compare_triples(const void *a, const void *b)
{
	const struct triple *x = a, *y = b;

	if (x->va != y->va)
		return x->va < y->va ? -1 : 1;
	if (x->cu != y->cu)
		return x->cu < y->cu ? -1 : 1;
	return x->end_va < y->end_va ? -1 : x->end_va > y->end_va;
}

static int compare_lengths(const void *a, const void *b)
{
	const struct triple *x = a, *y = b;
	uint64_t x_len = x->end_va - x->va, y_len = y->end_va - y->va;

	if (x->cu != y->cu)
		return x->cu < y->cu ? -1 : 1;
	return x_len < y_len ? -1 : x_len > y_len;
}

/* Layouts differ, lengths of each unit's ranges must not. */
static void compare_range_lengths(struct peer *p)
{
	struct triple *ours = calloc(p->ours.nr_ranges + 1, sizeof(*ours));

	if (!ours)
		abort();
	for (size_t i = 0; i < p->ours.nr_ranges; i++)
		ours[i] = (struct triple){ p->ours.ranges[i].va, p->ours.ranges[i].end_va,
					   p->ours.ranges[i].cu };
	qsort(ours, p->ours.nr_ranges, sizeof(*ours), compare_lengths);
	if (p->ranges.len)
		qsort(p->ranges.data, p->ranges.len, sizeof(*ours), compare_lengths);
	for (size_t i = 0; i < p->ours.nr_ranges && i < p->ranges.len; i++)
		if (compare_lengths(&ours[i], &p->ranges.data[i]))
			differ(p, "length of a range", ours[i].va);
	free(ours);
}

static void compare_sets(struct peer *p)
{
	size_t nr = 0;

	if (p->ranges.len)
		qsort(p->ranges.data, p->ranges.len, sizeof(struct triple), compare_triples);
	if (p->vars.len)
		qsort(p->vars.data, p->vars.len, sizeof(struct triple), compare_triples);
	for (size_t i = 0; i < p->vars.len; i++)
		if (!nr || compare_triples(&p->vars.data[nr - 1], &p->vars.data[i]))
			p->vars.data[nr++] = p->vars.data[i];
	p->vars.len = nr;
	if (p->ranges.len != p->ours.nr_ranges)
		differ(p, "number of ranges", p->ours.nr_ranges);
	if (p->vars.len != p->ours.nr_vars)
		differ(p, "number of variables", p->ours.nr_vars);
	if (p->relocatable)
		compare_range_lengths(p);
	for (size_t i = 0; !p->relocatable && i < p->ranges.len && i < p->ours.nr_ranges; i++)
		if (p->ranges.data[i].va != p->ours.ranges[i].va ||
		    p->ranges.data[i].end_va != p->ours.ranges[i].end_va ||
		    p->ranges.data[i].cu != p->ours.ranges[i].cu)
			differ(p, "range", p->ranges.data[i].va);
	for (size_t i = 0; !p->relocatable && i < p->vars.len && i < p->ours.nr_vars; i++)
		if (p->vars.data[i].va != p->ours.vars[i].va ||
		    p->vars.data[i].cu != p->ours.vars[i].cu)
			differ(p, "variable", p->vars.data[i].va);
}

static void compare(struct peer *p)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Half version;
	Dwarf_Die die;
	uint8_t type;

	while (!dwarf_get_units(p->dw, unit, &unit, &version, &type, &die, NULL)) {
		if (type == DW_UT_compile && dwarf_tag(&die) == DW_TAG_compile_unit &&
		    !dwarf_hasattr(&die, DW_AT_dwo_name) && !dwarf_hasattr(&die, DW_AT_GNU_dwo_name))
			compare_unit(p, unit, &die, version);
		else
			p->nr_skipped_units++;
	}
	if (p->nr_units != p->ours.nr_cus)
		differ(p, "number of units", p->ours.nr_cus);
	compare_sets(p);
	printf("%s: %zu units (%zu renamed, %zu of other kinds), %zu ranges (%zu discarded), "
	       "%zu variables (%zu DIEs discarded), %zu line rows: %s\n",
	       p->path, p->nr_units, p->nr_renamed, p->nr_skipped_units, p->ranges.len,
	       p->nr_discarded_ranges, p->vars.len, p->nr_discarded_vars, p->nr_rows,
	       p->nr_differences ? "DIFFERENT" : "same");
}

static int run(const char *path)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_linux_proc_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
	};
	struct peer p = { .path = path };
	struct ksym_error err;
	Dwarf_Addr bias;
	Dwfl_Module *mod;
	Dwfl *dwfl;

	if (ks_elf_open(&p.e, path, &err) || ks_cus_read(&p.ours, &p.e, true, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 3;
	}
	p.relocatable = p.e.type == ET_REL;
	dwfl = dwfl_begin(&callbacks);
	dwfl_report_begin(dwfl);
	mod = dwfl_report_offline(dwfl, path, path, -1);
	dwfl_report_end(dwfl, NULL, NULL);
	p.dw = mod ? dwfl_module_getdwarf(mod, &bias) : NULL;
	if (!p.dw) {
		fprintf(stderr, "%s: libdwfl: %s\n", path, dwfl_errmsg(-1));
		return 3;
	}
	compare(&p);
	dwfl_end(dwfl);
	ks_vec_free(&p.ranges);
	ks_vec_free(&p.vars);
	ks_cus_free(&p.ours);
	ks_elf_close(&p.e);
	return p.nr_differences ? 1 : 0;
}

int main(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++) {
		int ret = run(argv[i]);

		if (ret > status)
			status = ret;
	}
	return status;
}
