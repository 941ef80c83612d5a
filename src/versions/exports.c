// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What an image exports.
 *
 * EXPORT_SYMBOL() leaves a record in a section, and a symbol at the record:
 *
 *   Linux 6.5 on, objects           .export_symbol     __export_symbol_NAME
 *   linked modules, vmlinux         __ksymtab*         __ksymtab_NAME
 *   before 6.5, objects             ___ksymtab*+NAME   __ksymtab_NAME
 *
 * Where a symbol may be used is told by the texts at __export_symbol_NAME, license and
 * namespace; else by the name of the section, or a byte at __flags_NAME (7.0 on), and by the
 * text at __kstrtabns_NAME.
 */
#include "versions/symbols.h"

#include <string.h>
#include "base/range.h"

#define FLAG_GPL_ONLY 1

enum record {
	RECORD_NONE,
	RECORD_EXPORT,		/* .export_symbol */
	RECORD_KSYMTAB,
	RECORD_FLAGS,
	RECORD_NAMESPACE,
};

static const struct {
	const char *section, *symbol;	/* what their names begin with */
	enum record record;
} records[] = {
	{ ".export_symbol", "__export_symbol_", RECORD_EXPORT },
	{ "__ksymtab_strings", "__kstrtabns_", RECORD_NAMESPACE },
	{ "__ksymtab_strings", "", RECORD_NONE },
	{ "__ksymtab", "__ksymtab_", RECORD_KSYMTAB },
	{ "___ksymtab", "__ksymtab_", RECORD_KSYMTAB },
	{ "__kflagstab", "__flags_", RECORD_FLAGS },
	{ "___kflagstab", "__flags_", RECORD_FLAGS },
};

/* What symbol @s is, and in *@name of which symbol. */
static enum record record_of(const struct ks_elf *e, const struct ks_elf_symbol *s, const char **name)
{
	const char *section;

	if (s->name[0] != '_' || s->shndx >= e->nr_sections)
		return RECORD_NONE;
	section = e->sections[s->shndx].name;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		size_t len = strlen(records[i].symbol);

		if (strncmp(section, records[i].section, strlen(records[i].section)) ||
		    strncmp(s->name, records[i].symbol, len))
			continue;
		*name = s->name + len;
		return **name ? records[i].record : RECORD_NONE;
	}
	return RECORD_NONE;
}

/* Bytes from symbol @s to the end of its section. */
static int bytes_at(struct ks_elf *e, const struct ks_elf_symbol *s, const char **bytes, size_t *len,
		    struct ksym_error *err)
{
	const struct ks_elf_section *section = &e->sections[s->shndx];
	const uint8_t *data;
	uint64_t off = s->va - section->va;
	int ret = ks_elf_section_data(e, s->shndx, &data, len, err);

	*bytes = "";
	if (ret)
		return ret;
	if (s->va < section->va || !ks_in_range(off, 0, *len)) {
		*len = 0;
		return 0;
	}
	*bytes = (const char *)data + off;
	*len -= off;
	return 0;
}

/* "" when no text ends there. */
static const char *text_at(const char *bytes, size_t len)
{
	return len && memchr(bytes, 0, len) ? bytes : "";
}

static int note(struct ks_export *x, struct ks_elf *e, const struct ks_elf_symbol *s,
		enum record record, struct ksym_error *err)
{
	const char *bytes, *license;
	size_t len;
	int ret;

	if (record == RECORD_KSYMTAB) {
		x->gpl |= strstr(e->sections[s->shndx].name, "_gpl") != NULL;
		return 0;
	}
	ret = bytes_at(e, s, &bytes, &len, err);
	if (ret)
		return ret;
	switch (record) {
	case RECORD_EXPORT:
		license = text_at(bytes, len);
		x->gpl = !strcmp(license, "GPL");
		bytes += strlen(license) + (len > 0);
		len -= strlen(license) + (len > 0);
		__attribute__((fallthrough));
	case RECORD_NAMESPACE:
		x->name_space = text_at(bytes, len);
		break;
	case RECORD_FLAGS:
		x->gpl |= len && (*bytes & FLAG_GPL_ONLY);
		break;
	default:
		break;
	}
	return 0;
}

int ks_exports_read(struct ks_exports *x, struct ks_elf *e, bool add, struct ksym_error *err)
{
	for (int pass = add ? 0 : 1; pass < 2; pass++) {
		for (uint32_t i = 1; i < e->nr_symbols; i++) {
			struct ks_elf_symbol s;
			enum record record;
			const char *name;
			uint32_t nr;
			int ret = ks_elf_symbol(e, i, &s, err);

			if (ret)
				return ret;
			record = record_of(e, &s, &name);
			if (!pass && (record == RECORD_EXPORT || record == RECORD_KSYMTAB))
				ret = ks_exports_add(x, name, strlen(name), err);
			nr = pass && record ? ks_strpool_find(&x->names, name, strlen(name))
					    : KS_NO_SYMBOL;
			if (!ret && nr != KS_NO_SYMBOL)
				ret = note(&x->v.data[nr], e, &s, record, err);
			if (ret)
				return ret;
		}
	}
	return 0;
}
