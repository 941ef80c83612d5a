// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/kallmodsyms: the symbols of /proc/kallsyms in their order, each with its size, the
 * modules it belongs to, loaded or built in, and, where it takes that to tell symbols apart,
 * the end of its object's path.  An open file takes the same small memory whatever the
 * number of symbols.
 */
#define pr_fmt(fmt) "kallmodsyms: " fmt

#include <linux/ctype.h>
#include <linux/filter.h>
#include <linux/ftrace.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/rculist.h>
#include <linux/seq_file.h>

#include "../kallsyms_internal.h"
#ifdef CONFIG_MODULES
#include "../module/internal.h"
#endif
#include "line.h"
#include "owners.h"

#define DIGITS (2 * (unsigned int)sizeof(void *))

/* Not there in the first pass of a link. */
extern const u8 kallsyms_owners[] __weak;
extern const u8 kallsyms_owners_end[] __weak;

static struct ks_owners tables __ro_after_init;

/* Behind the kernel's own symbols, in the order of /proc/kallsyms. */
enum source { SOURCE_MODULES, SOURCE_FTRACE, SOURCE_BPF, SOURCE_KPROBES, NR_SOURCES };

struct iter {
	struct ks_own_iter own;
	u32 name_off;			/* of the symbol to come, in kallsyms_names */
	loff_t pos;			/* of the symbol below; -1: none yet */
	loff_t ends[NR_SOURCES];	/* where a source has ended, 0 = not yet */
	bool shows_values;

	u64 va, size;
	u32 owner;
	char type;
	char module[MODULE_NAME_LEN];
	unsigned int name_len;
	char name[KSYM_NAME_LEN];
};

/* ----------------------------------------------------- the kernel's own symbols */

/* Bytes of the name at @off, of which *@start are its length. */
static u32 name_bytes(u32 off, u32 *start)
{
	u32 len = kallsyms_names[off];

	*start = 1;
	if (len & 0x80) {
		len = (len & 0x7f) | kallsyms_names[off + 1] << 7;
		*start = 2;
	}
	return len;
}

static void read_name(struct iter *it)
{
	u32 start, len = name_bytes(it->name_off, &start);
	const u8 *p = &kallsyms_names[it->name_off + start];
	unsigned int n = 0;

	it->name_off += start + len;
	it->type = 0;
	for (; len; len--) {
		const char *text = &kallsyms_token_table[kallsyms_token_index[*p++]];

		/* The letter is in front of the name. */
		if (!it->type)
			it->type = *text++;
		for (; *text && n < sizeof(it->name) - 1; text++)
			it->name[n++] = *text;
	}
	it->name[n] = 0;
	it->name_len = n;
}

static bool seek_own(struct iter *it, u32 pos)
{
	u32 start, i;

	it->name_off = kallsyms_markers[pos >> 8];
	for (i = 0; i < (pos & 0xff); i++) {
		it->name_off += name_bytes(it->name_off, &start);
		it->name_off += start;
	}
	return ks_owners_seek(&tables, &it->own, pos);
}

static bool own_symbol(struct iter *it, u32 pos)
{
	if (it->own.i != pos && !seek_own(it, pos))
		return false;
	it->module[0] = 0;
	it->va = ks_owners_va(&tables, pos);
	read_name(it);
	return ks_owners_next(&tables, &it->own, &it->size, &it->owner);
}

/* ------------------------------------------------------------ the other sources */

#ifdef CONFIG_MODULES
/* As module_get_kallsym() counts, which has just found the symbol; modules that have come
 * or gone since are not to lend it their sizes. */
static u64 module_symbol_size(unsigned int n, unsigned long value)
{
	struct module *mod;
	u64 size = 0;

	preempt_disable();
	list_for_each_entry_rcu(mod, &modules, list) {
		const struct mod_kallsyms *k;

		if (mod->state == MODULE_STATE_UNFORMED)
			continue;
		k = rcu_dereference_sched(mod->kallsyms);
		if (n < k->num_symtab) {
			if (k->symtab[n].st_value == value)
				size = k->symtab[n].st_size;
			break;
		}
		n -= k->num_symtab;
	}
	preempt_enable();
	return size;
}
#else
static u64 module_symbol_size(unsigned int n, unsigned long value)
{
	return 0;
}
#endif

static bool other_symbol(struct iter *it, enum source source, unsigned int n)
{
	unsigned long value = 0;
	int exported = 0, ret;

	it->size = 0;
	it->owner = 0;
	switch (source) {
	case SOURCE_MODULES:
		/* Its size is looked up before any module can go. */
		preempt_disable();
		ret = module_get_kallsym(n, &value, &it->type, it->name, it->module, &exported);
		if (ret >= 0)
			it->size = module_symbol_size(n, value);
		preempt_enable();
		break;
	case SOURCE_FTRACE:
		ret = ftrace_mod_get_kallsym(n, &value, &it->type, it->name, it->module,
					     &exported);
		break;
	case SOURCE_BPF:
		strscpy(it->module, "bpf", sizeof(it->module));
		ret = bpf_get_kallsym(n, &value, &it->type, it->name);
		break;
	default:
		strscpy(it->module, "__builtin__kprobes", sizeof(it->module));
		ret = kprobe_get_kallsym(n, &value, &it->type, it->name);
		break;
	}
	if (ret < 0)
		return false;
	it->va = value;
	it->type = exported ? toupper(it->type) : tolower(it->type);
	it->name_len = strlen(it->name);
	return true;
}

/* --------------------------------------------------------------------- the file */

static bool read_symbol(struct iter *it, loff_t pos)
{
	loff_t base = tables.nr_symbols;
	int i;

	/* Modules come and go: where each source ends is found anew every time. */
	if (!pos)
		memset(it->ends, 0, sizeof(it->ends));
	if (pos < base)
		return own_symbol(it, pos);
	for (i = 0; i < NR_SOURCES; i++) {
		if (!it->ends[i] || pos < it->ends[i]) {
			if (other_symbol(it, i, pos - base))
				return true;
			it->ends[i] = pos;
		}
		base = it->ends[i];
	}
	return false;
}

static void *move_to(struct iter *it, loff_t pos)
{
	/* A line that did not fit is asked for again. */
	if (it->pos == pos && pos < tables.nr_symbols)
		return it;
	it->pos = -1;
	if (!read_symbol(it, pos))
		return NULL;
	it->pos = pos;
	return it;
}

static void *s_start(struct seq_file *m, loff_t *pos)
{
	return move_to(m->private, *pos);
}

static void *s_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return move_to(m->private, *pos);
}

static void s_stop(struct seq_file *m, void *v)
{
}

static void print(struct ks_line *l, const struct iter *it)
{
	struct ks_own_names w;

	ks_line_symbol(l, DIGITS, it->shows_values ? it->va : 0, it->shows_values ? it->size : 0,
		       it->type, it->name, it->name_len);
	if (it->module[0])
		ks_line_module(l, it->module, strlen(it->module));
	if (!it->owner)
		return;
	ks_owners_names(&tables, it->owner, &w);
	for (; w.nr_modules; w.nr_modules--) {
		size_t len = strlen(w.modules);

		ks_line_module(l, w.modules, len);
		w.modules += len + 1;
	}
	if (w.object)
		ks_line_object(l, w.object, strlen(w.object));
}

static int s_show(struct seq_file *m, void *v)
{
	const struct iter *it = v;
	struct ks_line l;
	size_t room, n;
	char *buf;

	/* Symbols of modules may be without a name, which /proc/kallsyms leaves out. */
	if (!it->name_len)
		return 0;
	room = seq_get_buf(m, &buf);
	ks_line_start(&l, buf, room, KS_LINE_FULL);
	print(&l, it);
	n = ks_line_end(&l);
	if (n < room)
		buf[n] = '\n';
	/* -1: it did not fit; seq_file comes again with a larger buffer. */
	seq_commit(m, n < room ? (int)n + 1 : -1);
	return 0;
}

static const struct seq_operations seq_ops = {
	.start = s_start,
	.next = s_next,
	.stop = s_stop,
	.show = s_show,
};

static int kallmodsyms_open(struct inode *inode, struct file *file)
{
	struct iter *it = __seq_open_private(file, &seq_ops, sizeof(*it));

	if (!it)
		return -ENOMEM;
	it->pos = -1;
	it->own.i = tables.nr_symbols;
	/* The opener's credentials decide, as for /proc/kallsyms. */
	it->shows_values = kallsyms_show_value(file->f_cred);
	return 0;
}

static const struct proc_ops kallmodsyms_ops = {
	.proc_open = kallmodsyms_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = seq_release_private,
};

static int __init kallmodsyms_init(void)
{
	struct ks_own_addresses va = { .nr = kallsyms_num_syms };
	const char *why;

	/* Up to 6.1 they can be addresses; from 7 on they have no base. */
#if defined(KALLMODSYMS_HAS_ADDRESSES) && !defined(CONFIG_KALLSYMS_BASE_RELATIVE)
	va.addresses = kallsyms_addresses;
#else
	va.offsets = kallsyms_offsets;
#ifdef KALLMODSYMS_HAS_BASE
	va.base = kallsyms_relative_base;
	va.absolute_percpu = IS_ENABLED(CONFIG_KALLSYMS_ABSOLUTE_PERCPU);
#else
	va.pc_relative = IS_ENABLED(CONFIG_64BIT) || IS_ENABLED(CONFIG_RELOCATABLE);
#endif
#endif
	if (ks_owners_init(&tables, kallsyms_owners, kallsyms_owners_end - kallsyms_owners, &va,
			   &why)) {
		pr_err("no /proc/kallmodsyms: %s\n", why);
		return -EINVAL;
	}
	return proc_create("kallmodsyms", 0444, NULL, &kallmodsyms_ops) ? 0 : -ENOMEM;
}
device_initcall(kallmodsyms_init);
