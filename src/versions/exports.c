// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What an image exports.
 *
 * EXPORT_SYMBOL() leaves a record in a section, and a local symbol at the record:
 *
 *   Linux 6.5 on, objects           .export_symbol     __export_symbol_NAME
 *   linked modules, vmlinux         __ksymtab*         __ksymtab_NAME
 *   before 6.5, objects             ___ksymtab*+NAME   __ksymtab_NAME
 *
 * These symbols are believed where their section is the right one.
 */
#include "versions/symbols.h"

#include <string.h>

static const struct {
	const char *section;
	const char *symbol;
} records[] = {
	{ ".export_symbol", "__export_symbol_" },
	{ "__ksymtab", "__ksymtab_" },
	{ "___ksymtab", "__ksymtab_" },
};

/* Name that symbol @s is a record of, or NULL. */
static const char *record_name(const struct ks_elf *e, const struct ks_elf_symbol *s)
{
	const char *section;

	if (s->name[0] != '_' || s->shndx >= e->nr_sections)
		return NULL;
	section = e->sections[s->shndx].name;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		size_t len = strlen(records[i].symbol);

		if (!strncmp(section, records[i].section, strlen(records[i].section)) &&
		    strcmp(section, "__ksymtab_strings") && !strncmp(s->name, records[i].symbol, len) &&
		    s->name[len])
			return s->name + len;
	}
	return NULL;
}

int ks_exports_read(struct ks_exports *x, struct ks_elf *e, struct ksym_error *err)
{
	for (uint32_t i = 1; i < e->nr_symbols; i++) {
		struct ks_elf_symbol s;
		const char *name;
		int ret = ks_elf_symbol(e, i, &s, err);

		if (ret)
			return ret;
		name = record_name(e, &s);
		if (!name)
			continue;
		ret = ks_exports_add(x, name, strlen(name), err);
		if (ret)
			return ret;
	}
	return 0;
}
