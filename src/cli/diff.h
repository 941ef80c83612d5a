/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the two ways of printing a comparison have in common. */
#ifndef KSYM_CLI_DIFF_H
#define KSYM_CLI_DIFF_H

#include "cli.h"
#include <ksym/versions.h>

/* Number of a symbol among those that differ; UINT32_MAX: it is none. */
uint32_t diff_find_symbol(const struct ksym_diff *d, const char *name);

/* Print all of it, or about the symbols @names (NULL-terminated); an exit status. */
int diff_json(const struct ksym_diff *d, bool summary);
int diff_json_symbols(const struct ksym_diff *d, const char *const *names);

#endif
