// SPDX-License-Identifier: LGPL-2.1-or-later
/* Prints /proc/kallsyms as libbpf reads it, one "address type name" a line.  The parser
 * is one of libbpf's inside, so the static library is needed. */
#include <stdio.h>

typedef int (*kallsyms_cb_t)(unsigned long long va, char type, const char *name, void *arg);
int libbpf_kallsyms_parse(kallsyms_cb_t cb, void *arg);

static int print(unsigned long long va, char type, const char *name, void *arg)
{
	(void)arg;
	printf("%016llx %c %s\n", va, type, name);
	return 0;
}

int main(void)
{
	return libbpf_kallsyms_parse(print, NULL) ? 1 : 0;
}
