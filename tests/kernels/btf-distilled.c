// SPDX-License-Identifier: GPL-2.0-only
/* A module whose types are made of the kernel's: embedded, pointed to, by alias and by enum. */
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

struct btf_distilled {
	struct list_head list;
	struct task_struct *task;
	spinlock_t lock;
	enum pid_type type;
	u64 count[4];
	struct kobject kobj;
	int (*call)(struct task_struct *task, const char *name);
};

struct btf_distilled btf_distilled = { .type = PIDTYPE_SID };

int btf_distilled_use(struct btf_distilled *d, struct task_struct *task, gfp_t flags);

noinline int btf_distilled_use(struct btf_distilled *d, struct task_struct *task, gfp_t flags)
{
	d->task = task;
	return d->call ? d->call(task, "distilled") : (int)flags;
}

static int __init distilled_init(void)
{
	return btf_distilled_use(&btf_distilled, NULL, 0);
}

static void __exit distilled_exit(void)
{
}

module_init(distilled_init);
module_exit(distilled_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("types on a distilled base, for tests");
