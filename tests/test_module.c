// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sources of kallmodsyms.ko in user space, against a kernel that can be arranged:
 * which index is found, what is missing, when memory runs out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/module.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

/* The image that the index is made of. */
#define TEXT_VA 0x40100000ul
#define LOOKUP_VA (TEXT_VA + 0x40)
#define ETEXT_VA (TEXT_VA + 0x100)
#define BUILD_ID "0102030405060708090a0b0c0d0e0f1011121314"

struct fakes fakes;
int fake_rcu_depth;
struct module fake_this_module = { .name = "kallmodsyms" };
char seq_read[1], seq_lseek[1], seq_release_private[1];

/* ------------------------------------------------------- memory, log, firmware */

bool fake_fails(void)
{
	if (fakes.countdown--)
		return false;
	fakes.failed = true;
	return true;
}

static void *allocate(size_t len)
{
	void *p = fake_fails() ? NULL : malloc(len);

	fakes.nr_live += p != NULL;
	return p;
}

static void release(void *p)
{
	fakes.nr_live -= p != NULL;
	free(p);
}

void *kmalloc(size_t len, int flags)
{
	(void)flags;
	return allocate(len);
}

void kfree(void *p)
{
	release(p);
}

void vfree(void *p)
{
	release(p);
}

ssize_t strscpy(char *to, const char *from, size_t len)
{
	snprintf(to, len, "%s", from);
	return (ssize_t)strlen(to);
}

void fake_log(const char *fmt, ...)
{
	size_t len = strlen(fakes.log);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fakes.log + len, sizeof(fakes.log) - len, fmt, ap);
	va_end(ap);
}

struct device *root_device_register(const char *name)
{
	void *p = allocate(1);

	assert_string_equal(name, "kallmodsyms");
	return p ? p : ERR_PTR(-ENOMEM);
}

void root_device_unregister(struct device *dev)
{
	release(dev);
}

int request_firmware_direct(const struct firmware **fw, const char *name, struct device *dev)
{
	struct firmware *f;

	assert_non_null(dev);
	*fw = NULL;
	snprintf(fakes.firmware_name, sizeof(fakes.firmware_name), "%s", name);
	if (!fakes.firmware)
		return -ENOENT;
	/* In one block with its content, whose end is the block's. */
	f = allocate(sizeof(*f) + fakes.firmware_len);
	if (!f)
		return -ENOMEM;
	f->size = fakes.firmware_len;
	f->data = memcpy(f + 1, fakes.firmware, fakes.firmware_len);
	*fw = f;
	return 0;
}

void release_firmware(const struct firmware *fw)
{
	release((void *)fw);
}

ssize_t kernel_read_file_from_path(const char *path, off_t off, void **buf, size_t len,
				   size_t *file_len, int id)
{
	(void)id;
	assert_string_equal(path, "/sys/kernel/notes");
	assert_true(!off && !file_len && fakes.notes_len <= len);
	*buf = allocate(fakes.notes_len);
	if (!*buf)
		return -ENOMEM;
	memcpy(*buf, fakes.notes, fakes.notes_len);
	return (ssize_t)fakes.notes_len;
}

uint64_t xxh64(const void *p, size_t len, uint64_t seed)
{
	return XXH64(p, len, seed);
}

/* ------------------------------------------------------------ proc, seq_file */

int kern_path(const char *name, unsigned int flags, struct path *p)
{
	(void)flags;
	(void)p;
	assert_string_equal(name, "/proc/kallmodsyms");
	fakes.nr_live += fakes.proc_exists;
	return fakes.proc_exists ? 0 : -ENOENT;
}

void path_put(struct path *p)
{
	(void)p;
	fakes.nr_live--;
}

struct proc_dir_entry *proc_create(const char *name, mode_t mode, struct proc_dir_entry *parent,
				   const struct proc_ops *ops)
{
	assert_string_equal(name, "kallmodsyms");
	assert_int_equal(mode, 0444);
	assert_null(parent);
	if (fake_fails())
		return NULL;
	fakes.file = ops;
	fakes.nr_live++;
	return (struct proc_dir_entry *)&fakes;
}

void remove_proc_entry(const char *name, struct proc_dir_entry *parent)
{
	(void)parent;
	assert_string_equal(name, "kallmodsyms");
	assert_non_null(fakes.file);
	fakes.file = NULL;
	fakes.nr_live--;
}

void *__seq_open_private(struct file *file, const struct seq_operations *op, int len)
{
	/* An open file costs the same, however many symbols there are. */
	assert_true(len < 2048);
	file->seq.private = allocate((size_t)len);
	if (file->seq.private)
		memset(file->seq.private, 0, (size_t)len);
	file->seq.op = op;
	return file->seq.private;
}

/* The lines from position @pos on, through a buffer of @size bytes that is made larger
 * when a line does not fit it, as seq_file does. */
static char *read_lines(struct file *f, loff_t pos, size_t size)
{
	struct seq_file *m = &f->seq;
	char *text = calloc(1, 1 << 16);
	size_t len = 0;
	void *v;

	m->buf = malloc(size);
	m->size = size;
	assert_true(text && m->buf);
	for (v = m->op->start(m, &pos); v; v = m->op->next(m, v, &pos)) {
		m->count = 0;
		assert_int_equal(m->op->show(m, v), 0);
		/* A full buffer means that it did not fit. */
		while (m->count == m->size) {
			m->op->stop(m, v);
			m->buf = realloc(m->buf, m->size *= 2);
			v = m->op->start(m, &pos);
			assert_true(m->buf && v);
			m->count = 0;
			m->op->show(m, v);
		}
		assert_true(m->count < m->size && len + m->count < 1 << 16);
		memcpy(text + len, m->buf, m->count);
		len += m->count;
	}
	m->op->stop(m, v);
	free(m->buf);
	return text;
}

static char *contents(size_t size)
{
	struct file f = { 0 };
	char *text;

	assert_non_null(fakes.file);
	assert_int_equal(fakes.file->proc_open(NULL, &f), 0);
	text = read_lines(&f, 0, size);
	release(f.seq.private);
	return text;
}

/* -------------------------------------------------------- the running kernel */

static unsigned long lookup(const char *name);

/* What KASLR added. */
static unsigned long kaslr(void)
{
	return (unsigned long)lookup - LOOKUP_VA;
}

static bool show_value(const struct cred *cred)
{
	(void)cred;
	return fakes.shows_values;
}

int register_kprobe(struct kprobe *kp)
{
	assert_string_equal(kp->symbol_name, "kallsyms_lookup_name");
	if (fakes.kprobe_error)
		return fakes.kprobe_error;
	kp->addr = (char *)(uintptr_t)lookup + fakes.kprobe_offset;
	fakes.nr_live++;
	return 0;
}

void unregister_kprobe(struct kprobe *kp)
{
	(void)kp;
	fakes.nr_live--;
}

int sprint_symbol(char *buf, unsigned long va)
{
	return sprintf(buf, "kallsyms_lookup_name+0x%lx/0x80", va - (unsigned long)lookup);
}

static struct module modules[3];	/* [2] comes while the file is read */
static struct list_head module_head;

static struct module *module_at(unsigned long va)
{
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
		if (va - (unsigned long)&modules[i] < sizeof(*modules))
			return &modules[i];
	return va - (unsigned long)&fake_this_module < sizeof(fake_this_module) ? &fake_this_module
										: NULL;
}

static void add_module(struct module *mod)
{
	mod->list = (struct list_head){ module_head.next, &module_head };
	module_head.next->prev = &mod->list;
	module_head.next = &mod->list;
}

static bool one_more;	/* module comes after the next symbol */

static int module_symbol(unsigned int n, unsigned long *value, char *type, char *name,
			 char *module, int *exported)
{
	struct module *mod;

	list_for_each_entry_rcu(mod, &module_head, list) {
		const struct mod_kallsyms *k = mod->kallsyms;

		if (mod->state == MODULE_STATE_UNFORMED)
			continue;
		if (n >= k->num_symtab) {
			n -= k->num_symtab;
			continue;
		}
		*value = k->symtab[n].st_value;
		*type = k->typetab[n];
		strscpy(name, k->strtab + k->symtab[n].st_name, KSYM_NAME_LEN);
		strscpy(module, mod->name, MODULE_NAME_LEN);
		*exported = !strcmp(name, "exported");
		if (one_more)
			add_module(&modules[2]);
		one_more = false;
		return 0;
	}
	return -ERANGE;
}

static int bpf_symbol(unsigned int n, unsigned long *value, char *type, char *name)
{
	if (n > 1)
		return -ERANGE;
	*value = 0x77000 + n;
	*type = 't';
	sprintf(name, "bpf_prog_%u", n);
	return 0;
}

static int kprobe_symbol(unsigned int n, unsigned long *value, char *type, char *name)
{
	if (n)
		return -ERANGE;
	*value = 0x88000;
	*type = 't';
	strcpy(name, "kprobe_insn_page");
	return 0;
}

static unsigned long lookup(const char *name)
{
	const struct {
		const char *name;
		unsigned long va;
	} known[] = {
		{ "kallsyms_lookup_name", (unsigned long)lookup },
		{ "kallsyms_show_value", (unsigned long)show_value },
		{ "module_get_kallsym", (unsigned long)module_symbol },
		{ "__module_address", (unsigned long)module_at },
		{ "bpf_get_kallsym", (unsigned long)bpf_symbol },
		{ "kprobe_get_kallsym", (unsigned long)kprobe_symbol },
		{ "_text", TEXT_VA + kaslr() },
		{ "_etext", ETEXT_VA + kaslr() },
		{ "__start_notes", fakes.notes_in_memory ? (unsigned long)fakes.notes : 0 },
		{ "__stop_notes", (unsigned long)fakes.notes + fakes.notes_len },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(known[i].name, name) || (fakes.missing && !strcmp(fakes.missing, name)))
			continue;
		return known[i].va + (fakes.misplaced && !strcmp(fakes.misplaced, name) ? 16 : 0);
	}
	return 0;
}

/* ------------------------------------------------------------ what tests share */

static char dir[] = "/tmp/ksym-module.XXXXXX";
static uint8_t *index_file;
static size_t index_len;

static const struct {
	uint32_t name_len, desc_len, type;
	char name[8];
	uint8_t desc[4];
	uint32_t gnu_len, id_len, gnu_type;
	char gnu[4];
	uint8_t id[20];
} notes = { 5, 3, 9, "Xen", { 1, 2, 3 }, 4, 20, 3, "GNU",
	    { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 } };

static Elf_Sym veth_symbols[] = {
	{ 0 },
	{ .st_name = 1, .st_value = 0xa000, .st_size = 0x21 },
	{ .st_name = 10, .st_value = 0xa030, .st_size = 0x42 },
};
static Elf_Sym tun_symbols[] = {
	{ .st_name = 10, .st_value = 0xb000, .st_size = 0x63 },
};
static char strings[] = "\0exported\0buf";
static struct mod_kallsyms veth_table = { veth_symbols, 3, strings, (char *)"?tB" };
static struct mod_kallsyms tun_table = { tun_symbols, 1, strings, (char *)"d" };
static struct mod_kallsyms own_table = { NULL, 0, NULL, NULL };

static int arrange(void **state)
{
	(void)state;
	fakes = (struct fakes){ .countdown = ~0ul, .firmware = index_file,
				.firmware_len = index_len, .shows_values = true,
				.notes = &notes, .notes_len = sizeof(notes),
				.notes_in_memory = true };
	one_more = false;
	modules[0] = (struct module){ .name = "veth", .kallsyms = &veth_table };
	modules[1] = (struct module){ .name = "unformed", .state = MODULE_STATE_UNFORMED };
	modules[2] = (struct module){ .name = "tun", .kallsyms = &tun_table };
	fake_this_module.kallsyms = &own_table;
	module_head = (struct list_head){ &module_head, &module_head };
	add_module(&modules[0]);
	add_module(&fake_this_module);
	add_module(&modules[1]);
	return 0;
}

static int nothing_is_left(void **state)
{
	(void)state;
	return fakes.nr_live || fakes.file || fake_rcu_depth;
}

static void assert_refused(int error, const char *reason)
{
	fakes.log[0] = 0;
	assert_int_equal(fake_module_init(), error);
	if (!strstr(fakes.log, reason))
		fail_msg("\"%s\" is not in: %s", reason, fakes.log);
	assert_null(fakes.file);
	assert_int_equal(fakes.nr_live, 0);
}

static char *expected(bool hidden)
{
	static const struct {
		unsigned long va, len;
		bool shifted;
		const char *rest;
	} lines[] = {
		{ 0x1000, 0x10, false, "D per_cpu" },
		{ TEXT_VA, 0x20, true, "t s_next {one.o}" },
		{ TEXT_VA, 0, true, "T _text" },
		{ LOOKUP_VA, 0x20, true, "T kallsyms_lookup_name" },
		{ LOOKUP_VA + 0x20, 0x10, true, "t s_next {two.o}" },
		{ ETEXT_VA, 0, true, "T _etext" },
		{ 0xa000, 0x21, false, "T exported [veth]" },
		{ 0xa030, 0x42, false, "b buf [veth]" },
		{ 0x77000, 0, false, "t bpf_prog_0 [bpf]" },
		{ 0x77001, 0, false, "t bpf_prog_1 [bpf]" },
		{ 0x88000, 0, false, "t kprobe_insn_page [__builtin__kprobes]" },
	};
	char *text = calloc(1, 4096);

	assert_non_null(text);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		sprintf(text + strlen(text), "%016lx %lx %s\n",
			hidden ? 0 : lines[i].va + (lines[i].shifted ? kaslr() : 0),
			hidden ? 0 : lines[i].len, lines[i].rest);
	return text;
}

/* ----------------------------------------------------------------- the tests */

static void text_is_index_shifted_then_what_runs(void **state)
{
	char *want = expected(false), *got;

	(void)state;
	assert_int_equal(fake_module_init(), 0);
	assert_string_equal(fakes.firmware_name, "ksym/" BUILD_ID ".ksym");
	for (size_t size = 2; size <= 4096; size *= 2) {
		got = contents(size);
		assert_string_equal(got, want);
		free(got);
	}
	free(want);
	fake_module_exit();
}

static void addresses_and_sizes_are_hidden_from_others(void **state)
{
	char *want = expected(true), *got;

	(void)state;
	fakes.shows_values = false;
	assert_int_equal(fake_module_init(), 0);
	got = contents(4096);
	assert_string_equal(got, want);
	free(got);
	free(want);
	fake_module_exit();
}

/* A read ends anywhere, and the next one starts there; seeks start from 0. */
static void every_position_can_be_gone_on_from(void **state)
{
	char *want = expected(false), *line = want;
	struct file f = { 0 };

	(void)state;
	assert_int_equal(fake_module_init(), 0);
	assert_int_equal(fakes.file->proc_open(NULL, &f), 0);
	for (loff_t stop_at = 0; stop_at < 13; stop_at++) {
		loff_t pos = 0;
		char *got;

		for (void *v = f.seq.op->start(&f.seq, &pos); v && pos < stop_at;)
			v = f.seq.op->next(&f.seq, v, &pos);
		assert_int_equal(pos, stop_at < 12 ? stop_at : 12);
		got = read_lines(&f, pos, 4096);
		assert_string_equal(got, line);
		free(got);
		/* The symbol at position 6 has no name. */
		if (stop_at != 6 && *line)
			line = strchr(line, '\n') + 1;
	}
	release(f.seq.private);
	free(want);
	fake_module_exit();
}

static void module_that_comes_in_between_costs_no_size(void **state)
{
	char *got;

	(void)state;
	assert_int_equal(fake_module_init(), 0);
	one_more = true;
	got = contents(4096);
	assert_non_null(strstr(got, "000000000000a000 21 T exported [veth]\n"));
	assert_non_null(strstr(got, "000000000000a030 42 b buf [veth]\n"));
	free(got);
	got = contents(4096);
	assert_non_null(strstr(got, "000000000000b000 63 d buf [tun]\n"
				    "000000000000a000 21 T exported [veth]\n"));
	free(got);
	fake_module_exit();
}

static void landing_pad_before_the_probe_is_allowed_for(void **state)
{
	(void)state;
	fakes.kprobe_offset = 4;
	assert_int_equal(fake_module_init(), 0);
	fake_module_exit();
	fakes.kprobe_offset = 32;
	assert_refused(-EOPNOTSUPP, "was put at kallsyms_lookup_name+0x20");
}

static void kernels_that_lack_something_are_told(void **state)
{
	static const struct {
		const char *name, *reason;
	} needed[] = {
		{ "kallsyms_lookup_name", "does not find itself" },
		{ "kallsyms_show_value", "who may see addresses is unknown" },
		{ "module_get_kallsym", "symbols of loaded modules" },
		{ "__module_address", "symbols of loaded modules" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		fakes.missing = needed[i].name;
		assert_refused(-EOPNOTSUPP, needed[i].reason);
	}
	fakes.missing = NULL;
	fakes.kprobe_error = -ENOENT;
	assert_refused(-EOPNOTSUPP, "by a kprobe: error -2");
}

static void file_of_another_is_left_alone(void **state)
{
	(void)state;
	fakes.proc_exists = true;
	assert_refused(-EEXIST, "there already");
}

static void notes_may_be_in_sysfs_alone(void **state)
{
	(void)state;
	fakes.notes_in_memory = false;
	assert_int_equal(fake_module_init(), 0);
	fake_module_exit();
}

static void malformed_notes_are_refused(void **state)
{
	static uint8_t bad[sizeof(notes)];

	(void)state;
	fakes.notes = bad;
	for (size_t len = 0; len < sizeof(notes); len++) {
		uint8_t *exact = malloc(len ? len : 1);

		assert_non_null(exact);
		memcpy(exact, &notes, len);
		fakes.notes = exact;
		fakes.notes_len = len;
		fakes.notes_in_memory = len > 0;
		assert_refused(-EOPNOTSUPP, "no build ID");
		free(exact);
	}
	fakes.notes = bad;
	fakes.notes_len = sizeof(bad);
	fakes.notes_in_memory = true;
	memset(bad, 0xff, sizeof(bad));
	assert_refused(-EOPNOTSUPP, "no build ID");
}

static void other_kernels_index_is_refused(void **state)
{
	static uint8_t other[sizeof(notes)];

	(void)state;
	assert_int_equal(fake_module_init(), 0);
	fake_module_exit();
	memcpy(other, &notes, sizeof(notes));
	other[sizeof(other) - 1] ^= 1;
	fakes.notes = other;
	assert_refused(-EINVAL, "of another kernel, with the build ID " BUILD_ID);
	fakes.notes = &notes;
	fakes.firmware = NULL;
	assert_refused(-ENOENT, "/lib/firmware/ksym/" BUILD_ID ".ksym: cannot be read");
}

static void addresses_that_do_not_fit_the_kernel_are_refused(void **state)
{
	(void)state;
	fakes.misplaced = "_etext";
	assert_refused(-EBADMSG, "_etext is not where the index has it");
	fakes.misplaced = NULL;
	fakes.missing = "_text";
	assert_int_equal(fake_module_init(), 0);
	fake_module_exit();
}

/* With its checksums right or not: no altered index is taken. */
static void damaged_index_is_refused(void **state)
{
	uint8_t *copy = malloc(index_len);

	(void)state;
	assert_non_null(copy);
	for (size_t len = 0; len < index_len; len++) {
		fakes.firmware_len = len;
		assert_refused(-EBADMSG, len < 8 ? "magic" : "truncated");
	}
	fakes.firmware = copy;
	fakes.firmware_len = index_len;
	for (size_t i = 0; i < index_len; i++) {
		memcpy(copy, index_file, index_len);
		copy[i] ^= (uint8_t)(1u << i % 8);
		/* Offsets 8 and 9 are the version. */
		assert_refused(i == 8 || i == 9 ? -EOPNOTSUPP : -EBADMSG, ": ");
	}
	free(copy);
}

static void memory_running_out_leaves_nothing_behind(void **state)
{
	unsigned long n = 0;

	(void)state;
	fakes.notes_in_memory = false;
	for (;; n++) {
		int ret;

		fakes.countdown = n;
		fakes.failed = false;
		ret = fake_module_init();
		if (!fakes.failed) {
			assert_int_equal(ret, 0);
			break;
		}
		assert_true(ret == -ENOMEM || ret == -EOPNOTSUPP);
		assert_null(fakes.file);
		assert_int_equal(fakes.nr_live, 0);
	}
	assert_true(n >= 4);
	struct file f = { 0 };

	fakes.countdown = 0;
	assert_int_equal(fakes.file->proc_open(NULL, &f), -ENOMEM);
	fake_module_exit();
}

/* ------------------------------------------------------------- making the index */

static const char assembly[] =
	".file \"one.c\"\n.text\n.globl _text, kallsyms_lookup_name, _etext\n"
	"_text:\n"
	".type s_next, \"function\"\n.size s_next, 0x20\ns_next: .skip 0x40\n"
	".type kallsyms_lookup_name, \"function\"\n.size kallsyms_lookup_name, 0x20\n"
	"kallsyms_lookup_name: .skip 0x20\n";
static const char assembly2[] =
	".file \"two.c\"\n.text\n.globl _etext\n"
	".type s_next, \"function\"\n.size s_next, 0x10\ns_next: .skip 0xa0\n"
	"_etext: .skip 1\n"
	".section .percpu, \"aw\"\n.globl per_cpu\n.type per_cpu, \"object\"\n"
	".size per_cpu, 0x10\nper_cpu: .skip 0x10\n";

static void write_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int make_index(void **state)
{
	const char *build = getenv("KSYM_BUILD");
	char command[2048];
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	write_file("one.s", assembly);
	write_file("two.s", assembly2);
	snprintf(command, sizeof(command),
		 "cd %s && as one.s -o one.o && as two.s -o two.o && "
		 "ld -e 0 -Ttext=0x%lx --section-start=.percpu=0x1000 --build-id=0x" BUILD_ID
		 " one.o two.o -o vmlinux 2> log && "
		 "objcopy -N __bss_start -N _edata -N _end vmlinux && "
		 "%s/ksym index -q --no-debug-search vmlinux -o index",
		 dir, TEXT_VA, build ? build : "build");
	if (system(command))
		return -1;
	snprintf(command, sizeof(command), "%s/index", dir);
	f = fopen(command, "r");
	assert_non_null(f);
	index_file = malloc(1 << 20);
	assert_non_null(index_file);
	index_len = fread(index_file, 1, 1 << 20, f);
	fclose(f);
	/* Its own block, so that a sanitizer sees where it ends. */
	index_file = realloc(index_file, index_len);
	return 0;
}

static int remove_files(void **state)
{
	char command[256];

	(void)state;
	free(index_file);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, arrange, nothing_is_left)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(text_is_index_shifted_then_what_runs),
		TEST(addresses_and_sizes_are_hidden_from_others),
		TEST(every_position_can_be_gone_on_from),
		TEST(module_that_comes_in_between_costs_no_size),
		TEST(landing_pad_before_the_probe_is_allowed_for),
		TEST(kernels_that_lack_something_are_told),
		TEST(file_of_another_is_left_alone),
		TEST(notes_may_be_in_sysfs_alone),
		TEST(malformed_notes_are_refused),
		TEST(other_kernels_index_is_refused),
		TEST(addresses_that_do_not_fit_the_kernel_are_refused),
		TEST(damaged_index_is_refused),
		TEST(memory_running_out_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, make_index, remove_files);
}
