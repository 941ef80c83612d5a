// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dwarf/lines.h"

#include <stdlib.h>
#include <string.h>
#include "base/vec.h"

/* Longer than any path a compiler opened. */
#define MAX_PATH_LEN 4096

struct file {
	const char *name;
	uint64_t dir;
};

/* The header of a line program, and the tables before it. */
struct program {
	const struct ks_dwarf *d;
	const struct ks_cu *cu;
	struct ks_cursor c;		/* up to the end of this table */
	uint64_t off, len;		/* of the table in .debug_line */
	const uint8_t *start;		/* first opcode */
	uint16_t version;
	uint8_t offset_len;
	uint8_t min_inst_len, max_ops, line_range, opcode_base;
	int8_t line_base;
	uint8_t nr_operands[256];	/* of standard opcodes */
	KS_VEC(const char *) dirs;	/* by their number in the table */
	KS_VEC(struct file) files;
};

static void program_free(struct program *p)
{
	ks_vec_free(&p->dirs);
	ks_vec_free(&p->files);
}

#define cleanup_program __attribute__((cleanup(program_free)))

/* ---------------------------------------------------------------- header */

static int add_dir(struct program *p, const char *name, struct ksym_error *err)
{
	const char **dir = ks_vec_push(&p->dirs);

	if (!dir)
		return ks_error_nomem(err);
	*dir = name;
	return 0;
}

static int add_file(struct program *p, const char *name, uint64_t dir, struct ksym_error *err)
{
	struct file *file = ks_vec_push(&p->files);

	if (!file)
		return ks_error_nomem(err);
	*file = (struct file){ .name = name, .dir = dir };
	return 0;
}

/* Versions 2 to 4: directories from 1, as 0 is the compilation's; files from 1. */
static int read_old_tables(struct program *p, struct ksym_error *err)
{
	const char *name;
	int ret;

	ret = add_dir(p, p->cu->comp_dir, err);
	if (!ret)
		ret = add_file(p, "", 0, err);
	while (!ret && *(name = ks_cursor_string(&p->c, NULL)))
		ret = add_dir(p, name, err);
	while (!ret && *(name = ks_cursor_string(&p->c, NULL))) {
		uint64_t dir = ks_cursor_uleb(&p->c);

		ks_cursor_uleb(&p->c);	/* time */
		ks_cursor_uleb(&p->c);	/* length */
		ret = add_file(p, name, dir, err);
	}
	return ret ? ret : ks_cursor_error(&p->c, err);
}

/* One value of an entry of version 5.  Forms are those the standard allows here;
 * each takes at least a byte, which bounds the loops above. */
static int read_entry_value(struct program *p, uint64_t form, const char **s, uint64_t *n,
			    struct ksym_error *err)
{
	struct ks_unit u = { .off = p->cu->off, .offset_len = p->offset_len };
	struct ks_value v = { .form = (uint16_t)form };
	struct ks_cursor *c = &p->c;

	switch (form) {
	case DW_FORM_string:
		*s = ks_cursor_string(c, NULL);
		return 0;
	case DW_FORM_line_strp:
	case DW_FORM_strp:
	case DW_FORM_strp_sup:
		v.u = ks_cursor_uint(c, p->offset_len);
		return c->failed ? 0 : ks_value_string(p->d, &u, &v, s, err);
	case DW_FORM_udata:
		*n = ks_cursor_uleb(c);
		return 0;
	case DW_FORM_data1:
		*n = ks_cursor_u8(c);
		return 0;
	case DW_FORM_data2:
		*n = ks_cursor_u16(c);
		return 0;
	case DW_FORM_data4:
		*n = ks_cursor_u32(c);
		return 0;
	case DW_FORM_data8:
		*n = ks_cursor_u64(c);
		return 0;
	case DW_FORM_data16:
		ks_cursor_skip(c, 16);
		return 0;
	case DW_FORM_block1:
		ks_cursor_skip(c, ks_cursor_u8(c));
		return 0;
	case DW_FORM_block2:
		ks_cursor_skip(c, ks_cursor_u16(c));
		return 0;
	case DW_FORM_block4:
		ks_cursor_skip(c, ks_cursor_u32(c));
		return 0;
	case DW_FORM_block:
		ks_cursor_skip(c, ks_cursor_uleb(c));
		return 0;
	}
	ks_cursor_fail(c, "names as strings, other data as numbers and blocks");
	return 0;
}

/* A directory or file table of version 5. */
static int read_table(struct program *p, bool files, struct ksym_error *err)
{
	struct {
		uint64_t content, form;
	} format[256];
	unsigned int nr_format = ks_cursor_u8(&p->c);
	uint64_t nr;

	for (unsigned int i = 0; i < nr_format; i++) {
		format[i].content = ks_cursor_uleb(&p->c);
		format[i].form = ks_cursor_uleb(&p->c);
	}
	nr = ks_cursor_uleb(&p->c);
	if (nr > ks_cursor_left(&p->c) || (nr && !nr_format))
		ks_cursor_fail(&p->c, "as many entries as there are bytes before this");
	for (; nr && !p->c.failed; nr--) {
		const char *name = "";
		uint64_t dir = 0;
		int ret = 0;

		for (unsigned int i = 0; i < nr_format && !ret; i++) {
			const char *s = "";
			uint64_t n = 0;

			ret = read_entry_value(p, format[i].form, &s, &n, err);
			if (format[i].content == DW_LNCT_path)
				name = s;
			else if (format[i].content == DW_LNCT_directory_index)
				dir = n;
		}
		if (!ret)
			ret = files ? add_file(p, name, dir, err) : add_dir(p, name, err);
		if (ret)
			return ret;
	}
	return ks_cursor_error(&p->c, err);
}

/* The fields up to the tables. */
static int read_fields(struct program *p, struct ksym_error *err)
{
	struct ks_cursor *c = &p->c;
	uint64_t len;

	p->offset_len = 4;
	len = ks_cursor_u32(c);
	if (len == 0xffffffff) {
		p->offset_len = 8;
		len = ks_cursor_u64(c);
	}
	if (!c->failed && len > ks_cursor_left(c))
		return ks_dwarf_bad(p->d, KS_DWARF_LINE, p->off, err,
				    "table length 0x%llx: expected at most 0x%zx, what is left",
				    (unsigned long long)len, ks_cursor_left(c));
	if (!c->failed)
		c->end = c->pos + len;
	p->len = len;
	p->version = ks_cursor_u16(c);
	if (!c->failed && (p->version < 2 || p->version > 5))
		return ks_error(err, -ENOTSUP,
				"%s: .debug_line: at offset 0x%llx: version %u: expected 2 to 5",
				p->d->e->path, (unsigned long long)p->off, p->version);
	if (p->version >= 5)
		ks_cursor_skip(c, 2);	/* sizes of an address and of a segment */
	len = ks_cursor_uint(c, p->offset_len);
	if (!c->failed && len > ks_cursor_left(c))
		ks_cursor_fail(c, "a header that ends inside the table before this");
	if (!c->failed)
		p->start = c->pos + len;
	p->min_inst_len = ks_cursor_u8(c);
	p->max_ops = p->version >= 4 ? ks_cursor_u8(c) : 1;
	ks_cursor_u8(c);		/* default of "is a statement" */
	p->line_base = (int8_t)ks_cursor_u8(c);
	p->line_range = ks_cursor_u8(c);
	p->opcode_base = ks_cursor_u8(c);
	if (!c->failed && !p->opcode_base)
		ks_cursor_fail(c, "a first special opcode above 0 before this");
	for (unsigned int i = 1; i < p->opcode_base; i++)
		p->nr_operands[i] = ks_cursor_u8(c);
	if (!p->max_ops)
		p->max_ops = 1;
	return ks_cursor_error(c, err);
}

/* Read the header of @cu's table; the cursor is then at the first opcode.  The
 * caller frees @p whatever comes back. */
static int read_header(struct program *p, const struct ks_dwarf *d, const struct ks_cu *cu,
		       struct ksym_error *err)
{
	const uint8_t *end;
	int ret;

	*p = (struct program){ .d = d, .cu = cu, .off = cu->line_off };
	p->c = ks_dwarf_cursor(d, KS_DWARF_LINE, cu->line_off);
	ret = read_fields(p, err);
	if (ret)
		return ret;
	end = p->c.end;
	if (p->start < p->c.pos)
		ks_cursor_fail(&p->c, "a header that ends behind its fields");
	else
		p->c.end = p->start;
	if (p->version < 5) {
		ret = read_old_tables(p, err);
	} else {
		ret = read_table(p, false, err);
		if (!ret)
			ret = read_table(p, true, err);
	}
	p->c.end = end;
	p->c.pos = p->start;
	return ret;
}

/*
 * Path of @file in @buf; its length, or a negative error.  A directory that is
 * the compilation's own adds nothing: number 0 in every version, and its copies.
 */
static int file_path(const struct program *p, const struct file *file, char buf[MAX_PATH_LEN],
		     struct ksym_error *err)
{
	size_t name_len = strnlen(file->name, MAX_PATH_LEN), dir_len;
	const char *dir = "";

	if (*file->name && *file->name != '/') {
		if (file->dir >= p->dirs.len)
			return ks_dwarf_bad(p->d, KS_DWARF_LINE, p->off, err,
					    "directory %llu of a file: expected below %zu",
					    (unsigned long long)file->dir, p->dirs.len);
		dir = p->dirs.data[file->dir];
		if (!strncmp(dir, p->cu->comp_dir, MAX_PATH_LEN))
			dir = "";
	}
	dir_len = strnlen(dir, MAX_PATH_LEN);
	if (dir_len + 1 + name_len >= MAX_PATH_LEN)
		return ks_dwarf_bad(p->d, KS_DWARF_LINE, p->off, err,
				    "path of a file: expected less than %u bytes", MAX_PATH_LEN);
	memcpy(buf, dir, dir_len);
	if (dir_len && dir[dir_len - 1] != '/')
		buf[dir_len++] = '/';
	memcpy(buf + dir_len, file->name, name_len);
	buf[dir_len + name_len] = 0;
	return (int)(dir_len + name_len);
}

/* --------------------------------------------------------------- program */

struct sequence {
	uint64_t va, end_va;
	size_t first, nr;	/* rows */
};

struct machine {
	struct program *p;
	struct ksym_error *err;
	KS_VEC(struct ks_line_row) rows;
	KS_VEC(struct sequence) seqs;
	size_t first;		/* row of the sequence that is being read */
	bool zero_is_code;
	bool discarded;		/* its address says that its code is not in the image */
	/* Registers of the standard's state machine, as far as they matter here. */
	uint64_t va, op_index, file, line;
};

static void reset(struct machine *m)
{
	m->va = m->op_index = 0;
	m->file = m->line = 1;
	m->first = m->rows.len;
	m->discarded = false;
}

static int add_row(struct machine *m, bool end)
{
	struct ks_line_row *row = ks_vec_push(&m->rows);

	if (!row)
		return ks_error_nomem(m->err);
	*row = (struct ks_line_row){
		.va = m->va,
		.file = m->file < m->p->files.len ? (uint32_t)m->file : UINT32_MAX,
		.line = (uint32_t)m->line,
		.end_sequence = end,
	};
	return 0;
}

static void advance(struct machine *m, uint64_t ops)
{
	const struct program *p = m->p;

	m->va += p->min_inst_len * ((m->op_index + ops) / p->max_ops);
	m->op_index = (m->op_index + ops) % p->max_ops;
}

/* Rows are in address order when compilers write them; sort those that are not. */
static int compare_rows(const void *a, const void *b)
{
	const struct ks_line_row *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

static int end_sequence(struct machine *m)
{
	struct ks_line_row *rows;
	struct sequence *seq;
	size_t nr;
	bool sorted = true;
	int ret = add_row(m, true);

	if (ret)
		return ret;
	rows = m->rows.data + m->first;
	nr = m->rows.len - m->first;
	for (size_t i = 1; i < nr; i++)
		sorted &= rows[i - 1].va <= rows[i].va;
	if (!sorted) {
		/* The end stays the end; what lies behind it is covered by nothing. */
		qsort(rows, nr - 1, sizeof(*rows), compare_rows);
		while (nr > 1 && rows[nr - 2].va > m->va)
			nr--;
		rows[nr - 1] = (struct ks_line_row){ .va = m->va, .file = UINT32_MAX,
						     .end_sequence = true };
		m->rows.len = m->first + nr;
	}
	rows[nr - 1].line = 0;
	if (m->discarded || rows[0].va == m->va || (!rows[0].va && !m->zero_is_code)) {
		m->rows.len = m->first;
	} else {
		seq = ks_vec_push(&m->seqs);
		if (!seq)
			return ks_error_nomem(m->err);
		*seq = (struct sequence){ .va = rows[0].va, .end_va = m->va, .first = m->first,
					  .nr = nr };
	}
	reset(m);
	return 0;
}

static int extended_opcode(struct machine *m)
{
	struct program *p = m->p;
	uint64_t len = ks_cursor_uleb(&p->c);
	const uint8_t *end;
	const char *name;
	int ret = 0;

	if (!p->c.failed && (!len || len > ks_cursor_left(&p->c)))
		ks_cursor_fail(&p->c, "an extended opcode of a length that fits before this");
	if (p->c.failed)
		return 0;
	end = p->c.pos + len;
	switch (ks_cursor_u8(&p->c)) {
	case DW_LNE_end_sequence:
		ret = end_sequence(m);
		break;
	case DW_LNE_set_address:
		m->va = ks_cursor_uint(&p->c, (unsigned int)(len - 1));
		m->op_index = 0;
		m->discarded = m->va >= (len == 5 ? UINT32_MAX : UINT64_MAX) - 1;
		break;
	case DW_LNE_define_file:
		name = ks_cursor_string(&p->c, NULL);
		ret = add_file(p, name, ks_cursor_uleb(&p->c), m->err);
		break;
	}
	if (!p->c.failed && p->c.pos > end)
		ks_cursor_fail(&p->c, "an extended opcode to end within its length");
	if (!p->c.failed)
		p->c.pos = end;
	return ret;
}

/* Operands of opcodes below opcode_base. */
static int standard_opcode(struct machine *m, unsigned int opcode)
{
	struct program *p = m->p;

	switch (opcode) {
	case DW_LNS_copy:
		return add_row(m, false);
	case DW_LNS_advance_pc:
		advance(m, ks_cursor_uleb(&p->c));
		break;
	case DW_LNS_advance_line:
		m->line += (uint64_t)ks_cursor_sleb(&p->c);
		break;
	case DW_LNS_set_file:
		m->file = ks_cursor_uleb(&p->c);
		break;
	case DW_LNS_const_add_pc:
		if (!p->line_range)
			ks_cursor_fail(&p->c, "a line range above 0 in the header");
		else
			advance(m, (255u - p->opcode_base) / p->line_range);
		break;
	case DW_LNS_fixed_advance_pc:
		m->va += ks_cursor_u16(&p->c);
		m->op_index = 0;
		break;
	default:
		for (unsigned int i = 0; i < p->nr_operands[opcode]; i++)
			ks_cursor_uleb(&p->c);
	}
	return 0;
}

static int run_program(struct machine *m)
{
	struct program *p = m->p;
	int ret = 0;

	reset(m);
	while (!ret && ks_cursor_more(&p->c)) {
		unsigned int opcode = ks_cursor_u8(&p->c);

		if (opcode >= p->opcode_base) {
			if (!p->line_range) {
				ks_cursor_fail(&p->c, "a line range above 0 in the header");
				break;
			}
			opcode -= p->opcode_base;
			advance(m, opcode / p->line_range);
			m->line += (uint64_t)(p->line_base + (int)(opcode % p->line_range));
			ret = add_row(m, false);
		} else if (opcode) {
			ret = standard_opcode(m, opcode);
		} else {
			ret = extended_opcode(m);
		}
	}
	if (!ret)
		ret = ks_cursor_error(&p->c, m->err);
	if (!ret && m->rows.len != m->first)
		ret = ks_dwarf_bad(p->d, KS_DWARF_LINE, ks_cursor_off(&p->c), m->err,
				   "expected the program to end its last sequence");
	return ret;
}

/* ----------------------------------------------------------------- table */

static int compare_sequences(const void *a, const void *b)
{
	const struct sequence *x = a, *y = b;

	if (x->va != y->va)
		return x->va < y->va ? -1 : 1;
	return x->first < y->first ? -1 : 1;
}

static int copy_files(struct ks_line_table *t, const struct program *p, struct ksym_error *err)
{
	/* Paths may share strings, which multiplies them: 256 for each byte of the
	 * table is more than any real table needs. */
	uint64_t budget = (1 << 20) + 256 * p->len;
	char path[MAX_PATH_LEN];

	/* One more: "" for file numbers the table does not have. */
	t->files = ks_arena_alloc(&t->arena, (p->files.len + 1) * sizeof(*t->files));
	if (!t->files)
		return ks_error_nomem(err);
	if (p->files.len >= UINT32_MAX)
		return ks_dwarf_bad(p->d, KS_DWARF_LINE, p->off, err, "more than 2^32 - 2 files");
	for (size_t i = 0; i < p->files.len; i++) {
		int len = file_path(p, &p->files.data[i], path, err);

		if (len < 0)
			return len;
		if ((uint64_t)len > budget)
			return ks_dwarf_bad(p->d, KS_DWARF_LINE, p->off, err,
					    "paths of files: expected less than %llu bytes in all",
					    (1ull << 20) + 256 * p->len);
		budget -= (uint64_t)len;
		t->files[i] = ks_arena_strdup(&t->arena, path, (size_t)len);
		if (!t->files[i])
			return ks_error_nomem(err);
	}
	t->files[p->files.len] = "";
	t->nr_files = (uint32_t)p->files.len + 1;
	return 0;
}

/* Rows in the order of their sequences' addresses. */
static int copy_rows(struct ks_line_table *t, struct machine *m)
{
	size_t nr = 0;

	if (!m->rows.len)
		return 0;
	t->rows = malloc(m->rows.len * sizeof(*t->rows));
	if (!t->rows)
		return ks_error_nomem(m->err);
	qsort(m->seqs.data, m->seqs.len, sizeof(*m->seqs.data), compare_sequences);
	for (size_t i = 0; i < m->seqs.len; i++) {
		memcpy(t->rows + nr, m->rows.data + m->seqs.data[i].first,
		       m->seqs.data[i].nr * sizeof(*t->rows));
		nr += m->seqs.data[i].nr;
	}
	for (size_t i = 0; i < nr; i++)
		if (t->rows[i].file == UINT32_MAX)
			t->rows[i].file = t->nr_files - 1;
	t->nr_rows = nr;
	return 0;
}

int ks_line_table_read(struct ks_line_table *t, struct ks_elf *e, const struct ks_cu *cu,
		       struct ksym_error *err)
{
	struct ks_dwarf d = { .e = e };
	cleanup_program struct program p = { 0 };
	struct machine m = { .p = &p, .err = err };
	int ret;

	*t = (struct ks_line_table){ 0 };
	if (cu->line_off == UINT64_MAX)
		return 0;
	ret = ks_dwarf_load(&d, 1u << KS_DWARF_LINE | 1u << KS_DWARF_LINE_STR | 1u << KS_DWARF_STR,
			    err);
	if (!ret)
		ret = read_header(&p, &d, cu, err);
	if (ret)
		return ret;
	m.zero_is_code = ks_dwarf_zero_is_code(&d);
	ret = run_program(&m);
	if (!ret)
		ret = copy_files(t, &p, err);
	if (!ret)
		ret = copy_rows(t, &m);
	ks_vec_free(&m.rows);
	ks_vec_free(&m.seqs);
	if (ret)
		ks_line_table_free(t);
	return ret;
}

void ks_line_table_free(struct ks_line_table *t)
{
	free(t->rows);
	ks_arena_free(&t->arena);
	*t = (struct ks_line_table){ 0 };
}

const struct ks_line_row *ks_line_table_find(const struct ks_line_table *t, uint64_t va)
{
	size_t lo = 0, hi = t->nr_rows;

	/* The last row that is not behind @va: earlier ones at its address are empty. */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->rows[mid].va <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && !t->rows[lo - 1].end_sequence ? &t->rows[lo - 1] : NULL;
}

/* ------------------------------------------------------------- assembler */

static bool is_assembler_source(const char *path)
{
	static const char *const suffixes[] = { ".S", ".s", ".asm" };
	size_t len = strnlen(path, MAX_PATH_LEN);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		size_t n = strlen(suffixes[i]);

		if (len >= n && !memcmp(path + len - n, suffixes[i], n))
			return true;
	}
	return false;
}

int ks_lines_assembler_name(struct ks_dwarf *d, struct ks_cu *cu, struct ks_arena *arena,
			    uint64_t *spent, struct ksym_error *err)
{
	cleanup_program struct program p = { 0 };
	char found[MAX_PATH_LEN] = "", path[MAX_PATH_LEN];
	int ret, found_len = 0;

	if (cu->line_off == UINT64_MAX)
		return 0;
	ret = ks_dwarf_load(d, 1u << KS_DWARF_LINE, err);
	if (ret)
		return ret;
	ret = read_header(&p, d, cu, err);
	if (ret)
		return ret;
	/* clang names the unit after the last file it includes; the table's own first
	 * entry is right. */
	if (p.version >= 5 && p.files.len && is_assembler_source(p.files.data[0].name)) {
		found_len = file_path(&p, &p.files.data[0], found, err);
		if (found_len < 0)
			return found_len;
		cu->name = ks_arena_strdup(arena, found, (size_t)found_len);
		return cu->name ? 0 : ks_error_nomem(err);
	}
	if (is_assembler_source(cu->name))
		return 0;
	*spent += (uint64_t)(p.start - d->s[KS_DWARF_LINE].data) - p.off;
	for (size_t i = 0; i < p.files.len; i++) {
		int len;

		*spent += strnlen(p.files.data[i].name, MAX_PATH_LEN) / 16;
		if (*spent > 16 * (uint64_t)d->s[KS_DWARF_LINE].len)
			return ks_dwarf_bad(d, KS_DWARF_LINE, cu->line_off, err,
					    "tables overlap: expected each to be read once");
		if (!is_assembler_source(p.files.data[i].name))
			continue;
		len = file_path(&p, &p.files.data[i], path, err);
		if (len < 0)
			return len;
		if (found_len && strcmp(found, path))
			return 0;
		memcpy(found, path, (size_t)len + 1);
		found_len = len;
	}
	if (!found_len)
		return 0;
	cu->name = ks_arena_strdup(arena, found, (size_t)found_len);
	return cu->name ? 0 : ks_error_nomem(err);
}

int ks_line_files_read(const struct ks_dwarf *d, uint64_t line_off, uint64_t *spent,
		       const char ***names, uint32_t *nr, struct ksym_error *err)
{
	const struct ks_cu cu = { .name = "", .comp_dir = "", .line_off = line_off };
	cleanup_program struct program p = { 0 };
	int ret = read_header(&p, d, &cu, err);

	*names = NULL;
	*nr = 0;
	if (ret)
		return ret;
	*spent += (uint64_t)(p.start - d->s[KS_DWARF_LINE].data) - p.off;
	if (*spent > 16 * (uint64_t)d->s[KS_DWARF_LINE].len)
		return ks_dwarf_bad(d, KS_DWARF_LINE, line_off, err,
				    "tables overlap: expected each to be read once");
	*names = malloc((p.files.len + 1) * sizeof(**names));
	if (!*names)
		return ks_error_nomem(err);
	for (size_t i = 0; i < p.files.len; i++)
		(*names)[i] = p.files.data[i].name;
	*nr = (uint32_t)p.files.len;
	return 0;
}
