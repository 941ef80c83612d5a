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

/* The last address that each reader has been told. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u64);
	__type(value, __u64);
} readers SEC(".maps");

const volatile struct kms_config config SEC(".rodata.config") = { 0 };

char _license[] SEC("license") = "GPL";

static void print_owner(struct seq_file *seq, __u32 owner)
{
	__u32 at = owner >> KMS_LEN_BITS, left = owner & KMS_LEN_MAX;
	int i;

	for (i = 0; i < KMS_CHUNKS_MAX && left; i++, at++) {
		__u64 n = left < KMS_CHUNK_LEN ? left : KMS_CHUNK_LEN;
		struct kms_chunk *c = bpf_map_lookup_elem(&chunks, &at);

		/* The compiler knows that already, the verifier does not. */
		asm volatile("" : "+r"(n));
		if (!c || n > KMS_CHUNK_LEN)
			return;
		bpf_seq_write(seq, c->text, n);
		left -= n;
	}
}

/* ------------------------------------------------------------- loaded modules */

struct search {
	struct list_head *at;
	__u64 n;		/* symbols that are still to be skipped */
	__u64 value, size;
};

/* One module further; 1 ends the search.  The list may change meanwhile: reads of what
 * is gone give nothing, and a size is taken only where the address is the symbol's. */
static long look_at_module(__u32 i, struct search *s)
{
	struct list_head *at = s->at;
	struct mod_kallsyms *k;
	struct elf64_sym *sym;
	struct module *mod;
	__u32 nr;

	at = BPF_CORE_READ(at, next);
	s->at = at;
	if (!at || (__u64)at == config.module_list)
		return 1;
	mod = (void *)at - bpf_core_field_offset(struct module, list);
	if (BPF_CORE_READ(mod, state) == MODULE_STATE_UNFORMED)
		return 0;
	k = BPF_CORE_READ(mod, kallsyms);
	nr = BPF_CORE_READ(k, num_symtab);
	if (s->n >= nr) {
		s->n -= nr;
		return 0;
	}
	sym = BPF_CORE_READ(k, symtab);
	sym = (void *)sym + s->n * bpf_core_type_size(struct elf64_sym);
	if (BPF_CORE_READ(sym, st_value) == s->value)
		s->size = BPF_CORE_READ(sym, st_size);
	return 1;
}

/* Size of a symbol behind those of the kernel, 0 when it is not one of a module. */
static __u64 module_symbol_size(struct kallsym_iter *k)
{
	struct search s = { .at = (void *)config.module_list, .value = k->value };
	long long base = config.nr_kernel;

	if (!config.module_list || k->pos_mod_end)
		return 0;
	if (bpf_core_field_exists(k->pos_arch_end) && k->pos_arch_end)
		base = k->pos_arch_end;
	s.n = k->pos - base;
	bpf_loop(4096, look_at_module, &s, 0);
	return s.size;
}

/*
 * The kernel runs the program once more at the end, on what is left of the last symbol;
 * by then it has called that one of the last source, which are the kprobes' pages.  So a
 * reader's last address is remembered, and no page has that of the symbol before it.
 */
static int is_end(struct bpf_iter_meta *meta, struct kallsym_iter *k)
{
	static const char last_source[] = "__builtin__kprobes";
	__u64 id = meta->session_id, value = k->value;
	__u64 *before = bpf_map_lookup_elem(&readers, &id);
	int i;

	for (i = 0; i < sizeof(last_source); i++)
		if (k->module_name[i] != last_source[i])
			break;
	if (i == sizeof(last_source) && before && *before == value)
		return 1;
	bpf_map_update_elem(&readers, &id, &value, 0);
	return 0;
}

SEC("iter/ksym")
int kallmodsyms(struct bpf_iter__ksym *ctx)
{
	struct kallsym_iter *k = ctx->ksym;
	struct seq_file *seq = ctx->meta->seq;
	struct kms_record *r = 0;
	__u64 size = 0;
	char type;
	__u32 nr;

	if (!k)
		return 0;
	type = k->type;
	if (!k->module_name[0]) {
		/* Of the kernel's own the position is already the next one's. */
		nr = k->pos - 1;
		r = bpf_map_lookup_elem(&records, &nr);
		size = r ? r->size : 0;
		if (nr == config.nr_kernel - 1)
			is_end(ctx->meta, k);
	} else {
		if (is_end(ctx->meta, k))
			return 0;
		size = module_symbol_size(k);
		type = k->exported ? type & ~0x20 : type | 0x20;
	}
	/* Symbols of modules may have no name, which /proc/kallsyms leaves out. */
	if (!k->name[0])
		return 0;
	BPF_SEQ_PRINTF(seq, "%016llx %llx %c ", k->show_value ? k->value : 0,
		       k->show_value ? size : 0, type);
	BPF_SEQ_PRINTF(seq, "%s", k->name);
	if (k->module_name[0])
		BPF_SEQ_PRINTF(seq, " [%s]", k->module_name);
	else if (r && r->owner)
		print_owner(seq, r->owner);
	BPF_SEQ_PRINTF(seq, "\n");
	return 0;
}
