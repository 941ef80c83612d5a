// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/kallmodsyms: a line for each symbol the index has, then for those of loaded
 * modules and of generated code, as /proc/kallsyms lists them.  An open file takes the
 * same small memory whatever the number of symbols.
 */
#include "kallmodsyms.h"

#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/namei.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include "../src/tables/line.h"

#define FILE_NAME "kallmodsyms"
#define DIGITS (2 * (unsigned int)sizeof(void *))

static struct kms_index kernel_index;

struct iter {
	loff_t pos;
	loff_t ends[KMS_NR_SOURCES];	/* where a source has ended, 0 = not yet */
	bool shows_values;
	union {
		struct kms_symbol sym;		/* behind those of the index */
		char name[KS_NAME_MAX + 1];
	};
};

/* Position @pos; false when it is behind the end. */
static bool move_to(struct iter *it, loff_t pos)
{
	loff_t base = kernel_index.t.nr_symbols;
	int i;

	/* Modules come and go: what ended where is found anew each time.  seq_file gets
	 * to a position by starting from 0, whatever was sought. */
	if (!pos)
		memset(it->ends, 0, sizeof(it->ends));
	it->pos = pos;
	if (pos < base)
		return true;
	for (i = 0; i < KMS_NR_SOURCES; i++) {
		if (!it->ends[i] || pos < it->ends[i]) {
			if (kms_running_symbol(i, pos - base, &it->sym))
				return true;
			it->ends[i] = pos;
		}
		base = it->ends[i];
	}
	return false;
}

static void *start(struct seq_file *m, loff_t *pos)
{
	return move_to(m->private, *pos) ? m->private : NULL;
}

static void *next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return move_to(m->private, *pos) ? m->private : NULL;
}

static void stop(struct seq_file *m, void *v)
{
}

static void print_indexed(struct ks_line *l, struct iter *it)
{
	const struct ks_tables *t = &kernel_index.t;
	u64 va = 0, len = 0;
	struct ks_owner w;
	struct ks_sym s;
	size_t n;

	if (!ks_tables_symbol(t, it->pos, &s))
		return;
	if (it->shows_values) {
		va = kms_index_va(&kernel_index, s.va);
		len = s.len;
	}
	n = ks_tables_name(t, it->pos, it->name);
	ks_line_symbol(l, DIGITS, va, len, s.type, it->name, n);
	if (s.owner != KS_NONE && ks_tables_owner(t, s.owner, &w))
		ks_line_owner(l, t, w.object, s.is_text);
}

static void print_running(struct ks_line *l, const struct iter *it)
{
	const struct kms_symbol *s = &it->sym;

	ks_line_symbol(l, DIGITS, it->shows_values ? s->value : 0,
		       it->shows_values ? s->size : 0, s->type, s->name, strlen(s->name));
	if (s->module[0])
		ks_line_module(l, s->module, strlen(s->module));
}

static int show(struct seq_file *m, void *v)
{
	struct iter *it = v;
	struct ks_line l;
	size_t room, n;
	char *buf;

	/* Symbols of modules may be without a name, which /proc/kallsyms leaves out. */
	if (it->pos >= kernel_index.t.nr_symbols && !it->sym.name[0])
		return 0;
	room = seq_get_buf(m, &buf);
	ks_line_start(&l, buf, room, KS_LINE_FULL);
	if (it->pos < kernel_index.t.nr_symbols)
		print_indexed(&l, it);
	else
		print_running(&l, it);
	n = ks_line_end(&l);
	if (n < room)
		buf[n] = '\n';
	/* -1: it did not fit; seq_file comes again with a larger buffer. */
	seq_commit(m, n < room ? (int)n + 1 : -1);
	return 0;
}

static const struct seq_operations operations = {
	.start = start,
	.next = next,
	.stop = stop,
	.show = show,
};

static int open(struct inode *inode, struct file *file)
{
	struct iter *it = __seq_open_private(file, &operations, sizeof(*it));

	if (!it)
		return -ENOMEM;
	it->shows_values = kms_running_shows_values(file->f_cred);
	return 0;
}

static const struct proc_ops file_operations = {
	.proc_open = open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = seq_release_private,
};

static bool exists(void)
{
	struct path path;

	if (kern_path("/proc/" FILE_NAME, 0, &path))
		return false;
	path_put(&path);
	return true;
}

static int __init kms_init(void)
{
	int ret;

	if (exists()) {
		pr_err("/proc/" FILE_NAME " is there already\n");
		return -EEXIST;
	}
	ret = kms_running_init();
	if (ret)
		return ret;
	ret = kms_index_load(&kernel_index);
	if (ret)
		return ret;
	if (!proc_create(FILE_NAME, 0444, NULL, &file_operations)) {
		kms_index_release(&kernel_index);
		return -ENOMEM;
	}
	pr_info("/proc/" FILE_NAME ": %u symbols of the kernel\n", kernel_index.t.nr_symbols);
	return 0;
}

static void __exit kms_exit(void)
{
	remove_proc_entry(FILE_NAME, NULL);
	kms_index_release(&kernel_index);
}

module_init(kms_init);
module_exit(kms_exit);
MODULE_DESCRIPTION("Symbols of the kernel with their size, modules and object");
MODULE_LICENSE("GPL");
