// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * btf_read OBJECT: loads the program of btf-read.bpf.c, runs it once, and prints what it found as
 * lines KEY=VALUE.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

struct found {
	int pid_max, max_threads, cpu, cpu_of_rq;
	char release[65], command_line[512];
};

static int fail(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct bpf_object *object;
	struct bpf_program *program;
	struct bpf_map *map;
	struct found found;
	int key = 0;

	if (argc != 2) {
		fputs("usage: btf_read OBJECT\n", stderr);
		return 2;
	}
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	object = bpf_object__open_file(argv[1], NULL);
	if (!object || bpf_object__load(object))
		return fail("cannot load");
	program = bpf_object__find_program_by_name(object, "read_variables");
	map = bpf_object__find_map_by_name(object, ".bss");
	if (!program || !map)
		return fail("no program or no map");
	if (bpf_prog_test_run_opts(bpf_program__fd(program), &opts) || opts.retval)
		return fail("cannot run");
	if (bpf_map__value_size(map) != sizeof(found) ||
	    bpf_map_lookup_elem(bpf_map__fd(map), &key, &found))
		return fail("cannot read the map");
	printf("pid_max=%d\nmax_threads=%d\ncpu=%d\ncpu_of_rq=%d\nrelease=%s\ncommand_line=%s\n",
	       found.pid_max, found.max_threads, found.cpu, found.cpu_of_rq, found.release,
	       found.command_line);
	bpf_object__close(object);
	return 0;
}
