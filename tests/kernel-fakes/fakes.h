/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of the kernel as kernel/ uses, for user space: the sources of the module are
 * compiled against this, unchanged, and tested by tests/test_module.c.  Every header
 * linux/X.h of this folder is this file.  Whatever is allocated can be made to fail.
 */
#ifndef KERNEL_FAKES_H
#define KERNEL_FAKES_H

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef Elf64_Sym Elf_Sym;

#define __init
#define __exit
#define __rcu
#define GFP_KERNEL 0
#define KSYM_NAME_LEN 512
#define MODULE_NAME_LEN 56
#define KSYM_SYMBOL_LEN (KSYM_NAME_LEN + 100)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))

/* ---- what a test arranges */

extern struct fakes {
	unsigned long countdown;	/* of the allocations that succeed before one fails */
	bool failed;
	long nr_live;			/* allocations, devices, files, kprobes */
	char log[4096];
	/* what request_firmware_direct() finds, and was asked for */
	const void *firmware;
	size_t firmware_len;
	char firmware_name[256];
	bool proc_exists;		/* /proc/kallmodsyms of somebody else */
	bool shows_values;
	int kprobe_error;
	unsigned int kprobe_offset;
	const char *missing;		/* a name that kallsyms_lookup_name() does not find */
	const char *misplaced;		/* a name that it finds elsewhere */
	const void *notes;		/* of the running kernel */
	size_t notes_len;
	bool notes_in_memory;		/* else in sysfs */
	const struct proc_ops *file;
} fakes;

bool fake_fails(void);
void fake_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define pr_err(...) fake_log(__VA_ARGS__)
#define pr_info(...) fake_log(__VA_ARGS__)

/* ---- memory, strings */

void *kmalloc(size_t len, int flags);
void kfree(void *p);
void vfree(void *p);
#define simple_strtoul strtoul
ssize_t strscpy(char *to, const char *from, size_t len);

#define IS_ERR(p) ((unsigned long)(p) >= (unsigned long)-4095)
#define PTR_ERR(p) ((long)(p))
#define ERR_PTR(e) ((void *)(long)(e))

/* ---- lists, RCU */

struct list_head {
	struct list_head *next, *prev;
};
#define list_next_rcu(p) ((p)->next)
#define rcu_dereference(p) (p)
#define rcu_dereference_sched(p) (p)
#define list_for_each_entry_rcu(p, head, member)                              \
	for (p = container_of((head)->next, typeof(*p), member); &p->member != (head); \
	     p = container_of(p->member.next, typeof(*p), member))
/* Balanced at the end of every test. */
extern int fake_rcu_depth;
static inline void rcu_read_lock(void) { fake_rcu_depth++; }
static inline void rcu_read_unlock(void) { fake_rcu_depth--; }
static inline void preempt_disable(void) { fake_rcu_depth++; }
static inline void preempt_enable(void) { fake_rcu_depth--; }

/* ---- modules */

enum module_state { MODULE_STATE_LIVE, MODULE_STATE_COMING, MODULE_STATE_GOING,
		    MODULE_STATE_UNFORMED };

struct mod_kallsyms {
	Elf_Sym *symtab;
	unsigned int num_symtab;
	char *strtab;
	char *typetab;
};

struct module {
	enum module_state state;
	struct list_head list;
	char name[MODULE_NAME_LEN];
	struct mod_kallsyms *kallsyms;
};

extern struct module fake_this_module;
#define THIS_MODULE (&fake_this_module)
#define module_init(fn) int fake_module_init(void) { return fn(); }
#define module_exit(fn) void fake_module_exit(void) { fn(); }
#define MODULE_DESCRIPTION(s)
#define MODULE_LICENSE(s)
int fake_module_init(void);
void fake_module_exit(void);

#define DEFINE_STATIC_CALL(name, fn) static typeof(&fn) name##_target = fn
#define static_call(name) (*name##_target)
#define static_call_update(name, fn) ((void)(name##_target = (fn)))

struct kprobe {
	const char *symbol_name;
	void *addr;
};
int register_kprobe(struct kprobe *kp);
void unregister_kprobe(struct kprobe *kp);
int sprint_symbol(char *buf, unsigned long va);

/* ---- firmware, files */

struct device;
struct device *root_device_register(const char *name);
void root_device_unregister(struct device *dev);

struct firmware {
	size_t size;
	const u8 *data;
};
int request_firmware_direct(const struct firmware **fw, const char *name, struct device *dev);
void release_firmware(const struct firmware *fw);

#define READING_UNKNOWN 0
ssize_t kernel_read_file_from_path(const char *path, off_t off, void **buf, size_t len,
				   size_t *file_len, int id);

uint64_t xxh64(const void *p, size_t len, uint64_t seed);

struct path {
	int unused;
};
int kern_path(const char *name, unsigned int flags, struct path *p);
void path_put(struct path *p);

struct cred;
struct inode;

struct seq_file {
	char *buf;
	size_t size, count;
	void *private;
	const struct seq_operations *op;
};

struct file {
	const struct cred *f_cred;
	struct seq_file seq;
};

struct seq_operations {
	void *(*start)(struct seq_file *m, loff_t *pos);
	void (*stop)(struct seq_file *m, void *v);
	void *(*next)(struct seq_file *m, void *v, loff_t *pos);
	int (*show)(struct seq_file *m, void *v);
};

struct proc_ops {
	int (*proc_open)(struct inode *inode, struct file *file);
	void *proc_read, *proc_lseek, *proc_release;
};

extern char seq_read[], seq_lseek[], seq_release_private[];
void *__seq_open_private(struct file *file, const struct seq_operations *op, int len);

static inline size_t seq_get_buf(struct seq_file *m, char **buf)
{
	*buf = m->count < m->size ? m->buf + m->count : NULL;
	return m->size - m->count;
}

static inline void seq_commit(struct seq_file *m, int n)
{
	m->count = n < 0 ? m->size : m->count + (size_t)n;
}

struct proc_dir_entry;
struct proc_dir_entry *proc_create(const char *name, mode_t mode, struct proc_dir_entry *parent,
				   const struct proc_ops *ops);
void remove_proc_entry(const char *name, struct proc_dir_entry *parent);

#endif
