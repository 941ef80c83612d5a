// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions used here are not exported.  A kprobe knows the address of one, which
 * finds the others.  They are called through static calls: that makes a direct call of
 * it, which is right also where indirect branch tracking has sealed a function whose
 * address nobody took.
 */
#include "kallmodsyms.h"

#include <linux/ctype.h>
#include <linux/kprobes.h>
#include <linux/rculist.h>
#include <linux/static_call.h>

/* What is called while the kernel has no such function. */
static unsigned long no_lookup(const char *name)
{
	return 0;
}

static bool no_show_value(const struct cred *cred)
{
	return false;
}

static int no_module_symbol(unsigned int n, unsigned long *value, char *type, char *name,
			    char *module, int *exported)
{
	return -ERANGE;
}

static int no_symbol(unsigned int n, unsigned long *value, char *type, char *name)
{
	return -ERANGE;
}

static struct module *no_module_at(unsigned long va)
{
	return NULL;
}

DEFINE_STATIC_CALL(kms_lookup_name, no_lookup);
DEFINE_STATIC_CALL(kms_show_value, no_show_value);
DEFINE_STATIC_CALL(kms_module_symbol, no_module_symbol);
DEFINE_STATIC_CALL(kms_ftrace_symbol, no_module_symbol);
DEFINE_STATIC_CALL(kms_bpf_symbol, no_symbol);
DEFINE_STATIC_CALL(kms_kprobe_symbol, no_symbol);
DEFINE_STATIC_CALL(kms_module_at, no_module_at);

static struct list_head *module_list;

unsigned long kms_running_lookup(const char *name)
{
	return static_call(kms_lookup_name)(name);
}

bool kms_running_shows_values(const struct cred *cred)
{
	return static_call(kms_show_value)(cred);
}

/* A kprobe may be put a few bytes behind the start, behind a landing pad. */
static unsigned long address_by_kprobe(const char *name)
{
	struct kprobe kp = { .symbol_name = name };
	unsigned long va, offset = 0;
	char *text, *plus;
	int ret = register_kprobe(&kp);

	if (ret) {
		pr_err("cannot find %s by a kprobe: error %d\n", name, ret);
		return 0;
	}
	va = (unsigned long)kp.addr;
	unregister_kprobe(&kp);
	text = kmalloc(KSYM_SYMBOL_LEN, GFP_KERNEL);
	if (!text)
		return 0;
	sprint_symbol(text, va);
	plus = strchr(text, '+');
	if (plus)
		offset = simple_strtoul(plus + 1, NULL, 16);
	if (!plus || plus - text != strlen(name) || memcmp(text, name, plus - text) ||
	    offset > 16) {
		pr_err("a kprobe at %s was put at %s\n", name, text);
		va = 0;
	}
	kfree(text);
	return va ? va - offset : 0;
}

/*
 * Every struct module lies in memory of its module, so the one element of the circular
 * list that does not is its head.
 */
static struct list_head *find_module_list(void)
{
	struct list_head *head = NULL, *p;

	rcu_read_lock();
	preempt_disable();
	for (p = &THIS_MODULE->list; p; p = rcu_dereference(list_next_rcu(p))) {
		if (!static_call(kms_module_at)((unsigned long)p)) {
			head = p;
			break;
		}
	}
	preempt_enable();
	rcu_read_unlock();
	return head;
}

#define FIND(call, name, type)                                           \
	({                                                               \
		unsigned long va_ = kms_running_lookup(name);            \
                                                                         \
		if (va_)                                                 \
			static_call_update(call, (type)(void *)va_);     \
		va_;                                                     \
	})

int kms_running_init(void)
{
	unsigned long va = address_by_kprobe("kallsyms_lookup_name");

	if (!va)
		return -EOPNOTSUPP;
	static_call_update(kms_lookup_name, (typeof(&no_lookup))(void *)va);
	if (kms_running_lookup("kallsyms_lookup_name") != va) {
		pr_err("kallsyms_lookup_name does not find itself\n");
		return -EOPNOTSUPP;
	}
	if (!FIND(kms_show_value, "kallsyms_show_value", typeof(&no_show_value))) {
		pr_err("this kernel has no kallsyms_show_value: who may see addresses is unknown\n");
		return -EOPNOTSUPP;
	}
	module_list = FIND(kms_module_at, "__module_address", typeof(&no_module_at))
			      ? find_module_list()
			      : NULL;
	if (!module_list ||
	    !FIND(kms_module_symbol, "module_get_kallsym", typeof(&no_module_symbol))) {
		pr_err("symbols of loaded modules cannot be found in this kernel\n");
		return -EOPNOTSUPP;
	}
	/* The others are not in every kernel. */
	FIND(kms_ftrace_symbol, "ftrace_mod_get_kallsym", typeof(&no_module_symbol));
	FIND(kms_bpf_symbol, "bpf_get_kallsym", typeof(&no_symbol));
	FIND(kms_kprobe_symbol, "kprobe_get_kallsym", typeof(&no_symbol));
	return 0;
}

/* ------------------------------------------------------ symbols of modules */

static bool is_symbol(const struct mod_kallsyms *k, unsigned int i, const struct kms_symbol *s)
{
	return k->symtab[i].st_value == s->value &&
	       !strncmp(k->strtab + k->symtab[i].st_name, s->name, KSYM_NAME_LEN - 1);
}

/*
 * Size of the @n-th symbol of loaded modules, which is @s: counted through the list as
 * module_get_kallsym() does.  In between a module may have come or gone; then it is
 * searched for.
 */
static unsigned long module_symbol_size(unsigned int n, const struct kms_symbol *s)
{
	unsigned long size = 0;
	struct module *mod;

	rcu_read_lock();
	preempt_disable();
	list_for_each_entry_rcu(mod, module_list, list) {
		const struct mod_kallsyms *k;
		unsigned int i = n;

		if (mod->state == MODULE_STATE_UNFORMED)
			continue;
		k = rcu_dereference_sched(mod->kallsyms);
		if (n >= k->num_symtab || !is_symbol(k, n, s)) {
			n -= n >= k->num_symtab ? k->num_symtab : 0;
			if (strcmp(mod->name, s->module) || n < k->num_symtab)
				continue;
			for (i = 0; i < k->num_symtab && !is_symbol(k, i, s); i++)
				;
			if (i == k->num_symtab)
				continue;
		}
		size = k->symtab[i].st_size;
		break;
	}
	preempt_enable();
	rcu_read_unlock();
	return size;
}

bool kms_running_symbol(enum kms_source source, unsigned int n, struct kms_symbol *s)
{
	int exported = 0, ret;

	s->size = 0;
	switch (source) {
	case KMS_MODULES:
		ret = static_call(kms_module_symbol)(n, &s->value, &s->type, s->name, s->module,
						     &exported);
		if (!ret)
			s->size = module_symbol_size(n, s);
		break;
	case KMS_FTRACE:
		ret = static_call(kms_ftrace_symbol)(n, &s->value, &s->type, s->name, s->module,
						     &exported);
		break;
	case KMS_BPF:
		strscpy(s->module, "bpf", sizeof(s->module));
		ret = static_call(kms_bpf_symbol)(n, &s->value, &s->type, s->name);
		break;
	default:
		strscpy(s->module, "__builtin__kprobes", sizeof(s->module));
		ret = static_call(kms_kprobe_symbol)(n, &s->value, &s->type, s->name);
		break;
	}
	if (ret < 0)
		return false;
	s->type = exported ? toupper(s->type) : tolower(s->type);
	return true;
}
