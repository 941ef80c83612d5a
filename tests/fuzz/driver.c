// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Runs a fuzz target without a fuzzer: over every file of the directories and files
 * given, and over mutants of each, always the same ones: cut off at 1000 lengths (at
 * every length if it is shorter), and with single bits flipped.
 *
 *   fuzz_X [-n] PATH...       -n: no mutants
 *
 * With KSYM_FUZZ_SHARE=I/N in the environment only every Nth mutant from the Ith, 0 or more.
 *
 * Prints "N files, M mutants".  The target runs in a process of its own, so that
 * after a crash there is someone left to say on which input.  Memory has to follow the
 * input: a few kilobytes that take MAX_MEMORY are a failure, too.
 */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRUNCATIONS 1000
#define FLIPS 1500
#define MAX_MEMORY (1u << 30)	/* bytes, with what a sanitizer takes */

struct progress {
	char path[1024];
	char mutant[64];
	uint64_t nr_files, nr_mutants;
};

static struct progress *at;	/* shared with the parent process */
static bool no_mutants;
static unsigned int share, nr_shares = 1;

static void check_memory(void)
{
	struct rusage used;

	fz_require(!getrusage(RUSAGE_SELF, &used));
	if ((uint64_t)used.ru_maxrss * 1024 > MAX_MEMORY) {
		fprintf(stderr, "%ld kB of memory: expected at most %u\n", used.ru_maxrss,
			MAX_MEMORY / 1024);
		abort();
	}
}

/* An exact copy, so that ASan sees where it ends. */
static void run_copy(const uint8_t *data, size_t len, size_t flip_bit)
{
	uint8_t *copy = malloc(len ? len : 1);

	fz_require(copy);
	memcpy(copy, data, len);
	if (flip_bit / 8 < len)
		copy[flip_bit / 8] ^= (uint8_t)(1u << flip_bit % 8);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	check_memory();
}

static void run_mutants(const uint8_t *data, size_t len)
{
	uint64_t state = 88172645463325252u;
	size_t nr = len < TRUNCATIONS ? len : TRUNCATIONS;

	for (size_t i = 0; i < nr; i++) {
		if (i % nr_shares != share)
			continue;
		snprintf(at->mutant, sizeof(at->mutant), ", cut at %zu", i * len / nr);
		run_copy(data, i * len / nr, SIZE_MAX);
		at->nr_mutants++;
	}
	for (unsigned int i = 0; len && i < FLIPS; i++) {
		size_t bit;

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		bit = (size_t)(state % (len * 8));
		if (i % nr_shares != share)
			continue;
		snprintf(at->mutant, sizeof(at->mutant), ", bit %zu of byte %zu flipped", bit % 8,
			 bit / 8);
		run_copy(data, len, bit);
		at->nr_mutants++;
	}
}

static void run_file(const char *path)
{
	struct ks_file f;
	struct ksym_error err;

	snprintf(at->path, sizeof(at->path), "%s", path);
	at->mutant[0] = 0;
	if (ks_file_open(&f, path, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(4);
	}
	run_copy(f.data, f.len, SIZE_MAX);
	at->nr_files++;
	if (!no_mutants)
		run_mutants(f.data, f.len);
	ks_file_close(&f);
}

static void run_path(const char *path)
{
	struct dirent **names;
	struct stat st;
	int nr;

	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		run_file(path);
		return;
	}
	nr = scandir(path, &names, NULL, alphasort);
	fz_require(nr >= 0);
	for (int i = 0; i < nr; i++) {
		char file[1024];

		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			run_file(file);
		free(names[i]);
	}
	free(names);
}

int main(int argc, char **argv)
{
	const char *part = getenv("KSYM_FUZZ_SHARE");
	int status, i = 1;
	pid_t pid;

	fz_require(!part || (sscanf(part, "%u/%u", &share, &nr_shares) == 2 && share < nr_shares));
	no_mutants = argc > 1 && !strcmp(argv[1], "-n");
	i += no_mutants;
	at = mmap(NULL, sizeof(*at), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fz_require(at != MAP_FAILED);
	fflush(stdout);
	pid = fork();
	fz_require(pid >= 0);
	if (!pid) {
		for (; i < argc; i++)
			run_path(argv[i]);
		at->path[0] = 0;
		exit(0);	/* as main() would, for the leak check */
	}
	fz_require(waitpid(pid, &status, 0) == pid);
	if (!status) {
		printf("%llu files, %llu mutants\n", (unsigned long long)at->nr_files,
		       (unsigned long long)at->nr_mutants);
		return 0;
	}
	if (WIFSIGNALED(status))
		fprintf(stderr, "signal %d", WTERMSIG(status));
	else
		fprintf(stderr, "exit status %d", WEXITSTATUS(status));
	fprintf(stderr, ": %s%s\n", at->path[0] ? at->path : "at exit", at->path[0] ? at->mutant : "");
	return 1;
}
