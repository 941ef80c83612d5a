// SPDX-License-Identifier: GPL-2.0-only
/*
 * An iterator over the kernel's symbols (Linux 6.0) that prints the lines of
 * /proc/kallmodsyms.  What the kernel does not know, sizes and owners of its own symbols,
 * is in two maps; sizes of modules' symbols are read out of their symbol tables.
 *
 * Of the kernel's types only what is used is declared; where it is, libbpf finds out.
 */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16, __sum16;
typedef __u32 __be32, __wsum;
typedef _Bool bool;

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "kallmodsyms.h"

#define BPF_MAP_TYPE_ARRAY 2
#define BPF_MAP_TYPE_LRU_HASH 9
#define BPF_F_RDONLY_PROG (1 << 7)

#define KERNEL_TYPE __attribute__((preserve_access_index))

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
} KERNEL_TYPE;

struct kallsym_iter {
	long long pos;
	long long pos_arch_end;		/* until 6.2 */
	long long pos_mod_end;
	unsigned long value;
	char type;
	char name[512];
	char module_name[56];
	int exported;
	int show_value;
} KERNEL_TYPE;

struct bpf_iter__ksym {
	struct bpf_iter_meta *meta;
	struct kallsym_iter *ksym;
} KERNEL_TYPE;

struct list_head {
	struct list_head *next;
} KERNEL_TYPE;

/* Of Elf64_Sym, whose BTF is that of the kernel's own use. */
struct elf64_sym {
	__u32 st_name;
	__u64 st_value, st_size;
} KERNEL_TYPE;

struct mod_kallsyms {
	struct elf64_sym *symtab;
	unsigned int num_symtab;
} KERNEL_TYPE;

enum module_state {
	MODULE_STATE_UNFORMED = 3,
};

struct module {
	enum module_state state;
	struct list_head list;
	struct mod_kallsyms *kallsyms;
} KERNEL_TYPE;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__uint(max_entries, 1);		/* the loader knows how many */
	__type(key, __u32);
	__type(value, struct kms_record);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kms_chunk);
} chunks SEC(".maps");

/* Of each file that is being read: where it is. */
struct reader {
	__u64 before;			/* the address told last */
	struct list_head *at;		/* the module whose symbols come; NULL = from the first on */
	__u64 nr_before;		/* symbols of the modules before that one */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u64);
	__type(value, struct reader);
} readers SEC(".maps");

const volatile struct kms_config config SEC(".rodata.config") = { 0 };

char _license[] SEC("license") = "GPL";

/* ----------------------------------------------------------------------- text */

/*
 * bpf_seq_printf() takes its format apart each time, which four times a symbol took two
 * thirds of all the time.  So numbers are spelled here, eight digits in a word.
 */
static __u64 digits(__u32 v)
{
	__u64 x = v;

	/* A byte for each digit, then what makes a letter of those above 9. */
	x = (x | x << 16) & 0x0000ffff0000ffff;
	x = (x | x << 8) & 0x00ff00ff00ff00ff;
	x = (x | x << 4) & 0x0f0f0f0f0f0f0f0f;
	x += 0x3030303030303030 + ((x + 0x0606060606060606) >> 4 & 0x0101010101010101) * ('a' - '0' - 10);
	return bpf_cpu_to_be64(x);
}

/* How many of them there are without zeros in front. */
static __u32 nr_digits(__u32 v)
{
	__u32 n = 1;

	if (v >> 16) {
		n += 4;
		v >>= 16;
	}
	if (v >> 8) {
		n += 2;
		v >>= 8;
	}
	return n + (v >> 4 != 0);
}

/* In memory the bytes of a word move by @n to the front, and to the back. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FORWARD(x, n) ((x) >> 8 * (n))
#define BACK(x, n) ((x) << 8 * (n))
#define FIRST(c) ((__u64)(c))
#else
#define FORWARD(x, n) ((x) << 8 * (n))
#define BACK(x, n) ((x) >> 8 * (n))
#define FIRST(c) ((__u64)(c) << 56)
#endif

static long print_numbers(struct seq_file *seq, __u64 va, __u32 size)
{
	__u64 text = digits(size), line[4];
	__u32 n = nr_digits(size);

	text = FORWARD(text, 8 - n);
	line[0] = digits(va >> 32);
	line[1] = digits(va);
	line[2] = BACK(text, 1) | FIRST(' ');
	line[3] = FORWARD(text, 7);
	return bpf_seq_write(seq, line, 17 + (n & 15));
}

#define NAME_ROOM 253

static long print_name(struct seq_file *seq, const char *name, char type)
{
	char line[3 + NAME_ROOM] __attribute__((aligned(8)));
	__u64 len;

	line[0] = line[2] = ' ';
	line[1] = type;
	/* With its NUL; of a name that cannot be read, the number of an error below zero. */
	len = bpf_probe_read_kernel_str(line + 3, NAME_ROOM, name) + 2;
	/* One comparison, which the verifier follows. */
	asm volatile("" : "+r"(len));
	if (len < sizeof(line) - 1)
		return bpf_seq_write(seq, line, len);
	return BPF_SEQ_PRINTF(seq, " %c %s", type, name);
}

/* With the end of the line. */
static long print_owner(struct seq_file *seq, __u32 owner)
{
	__u32 at = owner >> KMS_LEN_BITS, left = owner & KMS_LEN_MAX;
	long ret = 0;
	int i;

	for (i = 0; i < KMS_CHUNKS_MAX && left; i++, at++) {
		__u64 n = left < KMS_CHUNK_LEN ? left : KMS_CHUNK_LEN;
		struct kms_chunk *c = bpf_map_lookup_elem(&chunks, &at);

		/* The compiler knows that already, the verifier does not. */
		asm volatile("" : "+r"(n));
		if (!c || n > KMS_CHUNK_LEN)
			break;
		ret = bpf_seq_write(seq, c->text, n);
		left -= n;
	}
	return ret;
}

/* ------------------------------------------------------------- loaded modules */

struct search {
	struct list_head *at;
	__u64 n;		/* of the module's symbols, or of those behind it */
	__u64 nr_before;
	__u64 value, size;
	int found;
};

/* The module at s->at, and one further; 1 ends the search.  The list may change meanwhile: reads
 * of what is gone give nothing, and a size is taken only where the address is the symbol's. */
static long look_at_module(__u32 i, struct search *s)
{
	struct list_head *at = s->at;
	struct mod_kallsyms *k;
	struct elf64_sym *sym;
	struct module *mod;
	__u32 nr;

	if (!at || (__u64)at == config.module_list)
		return 1;
	mod = (void *)at - bpf_core_field_offset(struct module, list);
	if (BPF_CORE_READ(mod, state) != MODULE_STATE_UNFORMED) {
		k = BPF_CORE_READ(mod, kallsyms);
		nr = BPF_CORE_READ(k, num_symtab);
		if (s->n < nr) {
			sym = BPF_CORE_READ(k, symtab);
			sym = (void *)sym + s->n * bpf_core_type_size(struct elf64_sym);
			s->found = BPF_CORE_READ(sym, st_value) == s->value;
			if (s->found)
				s->size = BPF_CORE_READ(sym, st_size);
			return 1;
		}
		s->n -= nr;
		s->nr_before += nr;
	}
	s->at = BPF_CORE_READ(at, next);
	return 0;
}

/* Size of a symbol behind those of the kernel, 0 when it is not one of a module. */
static __u64 module_symbol_size(struct kallsym_iter *k, struct reader *r)
{
	struct list_head *modules = (void *)config.module_list;
	struct search s = { .value = k->value };
	long long base = config.nr_kernel;
	__u64 n;

	if (!modules || k->pos_mod_end)
		return 0;
	if (bpf_core_field_exists(k->pos_arch_end) && k->pos_arch_end)
		base = k->pos_arch_end;
	n = k->pos - base;
	/* Mostly it is the module of the symbol before, or the next one. */
	if (r->at && n >= r->nr_before) {
		s.at = r->at;
		s.nr_before = r->nr_before;
		s.n = n - r->nr_before;
		bpf_loop(4096, look_at_module, &s, 0);
	}
	if (!s.found) {
		s.at = BPF_CORE_READ(modules, next);
		s.nr_before = 0;
		s.n = n;
		bpf_loop(4096, look_at_module, &s, 0);
	}
	r->at = s.found ? s.at : 0;
	r->nr_before = s.nr_before;
	return s.size;
}

static struct reader *find_reader(struct bpf_iter_meta *meta)
{
	struct reader fresh = { 0 };
	__u64 id = meta->session_id;
	struct reader *r = bpf_map_lookup_elem(&readers, &id);

	if (r)
		return r;
	bpf_map_update_elem(&readers, &id, &fresh, 0);
	return bpf_map_lookup_elem(&readers, &id);
}

/*
 * The kernel runs the program once more at the end, on what is left of the last symbol;
 * by then it has called that one of the last source, which are the kprobes' pages.  So a
 * reader's last address is remembered, and no page has that of the symbol before it.
 */
static int is_end(struct reader *r, struct kallsym_iter *k)
{
	static const char last_source[] = "__builtin__kprobes";
	int i;

	for (i = 0; i < sizeof(last_source); i++)
		if (k->module_name[i] != last_source[i])
			return 0;
	return r->before == k->value;
}

static void print_running(struct bpf_iter_meta *meta, struct kallsym_iter *k)
{
	struct reader *r = find_reader(meta);
	struct seq_file *seq = meta->seq;
	__u64 size;
	char type = k->exported ? k->type & ~0x20 : k->type | 0x20;

	if (!r || is_end(r, k))
		return;
	size = module_symbol_size(k, r);
	if (size > 0xffffffff)
		size = 0xffffffff;
	/* Symbols of modules may have no name, which /proc/kallsyms leaves out. */
	if (k->name[0]) {
		print_numbers(seq, k->show_value ? k->value : 0, k->show_value ? size : 0);
		print_name(seq, k->name, type);
		/* What has no room in the buffer now comes again. */
		if (BPF_SEQ_PRINTF(seq, " [%s]\n", k->module_name))
			return;
	}
	r->before = k->value;
}

/* Of the kernel's own the position is already the next one's. */
static void print_kernel(struct bpf_iter_meta *meta, struct kallsym_iter *k)
{
	__u32 nr = k->pos - 1;
	struct kms_record *r = bpf_map_lookup_elem(&records, &nr);
	struct seq_file *seq = meta->seq;
	struct reader *reader;

	if (!r)
		return;
	print_numbers(seq, k->show_value ? k->value : 0, k->show_value ? r->size : 0);
	print_name(seq, k->name, k->type);
	if (print_owner(seq, r->owner) || nr != config.nr_kernel - 1)
		return;
	reader = find_reader(meta);
	if (reader)
		reader->before = k->value;
}

SEC("iter/ksym")
int kallmodsyms(struct bpf_iter__ksym *ctx)
{
	struct kallsym_iter *k = ctx->ksym;

	if (!k)
		return 0;
	if (k->module_name[0])
		print_running(ctx->meta, k);
	else
		print_kernel(ctx->meta, k);
	return 0;
}
