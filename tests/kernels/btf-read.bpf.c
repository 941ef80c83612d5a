// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads variables of the kernel of which it knows the names alone: their types and addresses come
 * from BTF, when this is loaded.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define KERNEL_TYPE __attribute__((preserve_access_index))

struct new_utsname {
	char release[65];
} KERNEL_TYPE;

struct uts_namespace {
	struct new_utsname name;
} KERNEL_TYPE;

struct rq {
	int cpu;
} KERNEL_TYPE;

extern const int pid_max __ksym;			/* kernel/pid.c */
extern const int max_threads __ksym;			/* kernel/fork.c, static */
extern const char *saved_command_line __ksym;
extern const struct uts_namespace init_uts_ns __ksym;
extern const struct rq runqueues __ksym;		/* per CPU: in any kernel's own BTF */

struct {
	int pid_max, max_threads, cpu, cpu_of_rq;
	char release[65], command_line[512];
} found;

SEC("syscall")
int read_variables(void *ctx)
{
	const struct rq *rq = bpf_this_cpu_ptr(&runqueues);

	found.pid_max = pid_max;
	found.max_threads = max_threads;
	found.cpu = (int)bpf_get_smp_processor_id();
	found.cpu_of_rq = rq->cpu;
	bpf_probe_read_kernel_str(found.command_line, sizeof(found.command_line), saved_command_line);
	bpf_probe_read_kernel_str(found.release, sizeof(found.release), init_uts_ns.name.release);
	return 0;
}

char license_text[] SEC("license") = "GPL";
