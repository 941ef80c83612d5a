// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which symbols a kernel shows, and with which letter. */
#include "index/model.h"

#include <ctype.h>
#include <string.h>

static char section_letter(const struct ks_elf_section *s)
{
	if (s->flags & SHF_EXECINSTR)
		return 't';
	if (!(s->flags & SHF_ALLOC) && s->type != SHT_NOBITS) {
		if (!strncmp(s->name, ".debug", 6) || !strncmp(s->name, ".zdebug", 7) ||
		    !strncmp(s->name, ".stab", 5))
			return 'N';
		return s->flags & SHF_WRITE ? '?' : 'n';
	}
	if (s->type == SHT_NOBITS)
		return 'b';
	if (s->flags & SHF_WRITE)
		return 'd';
	return 'r';
}

char ks_nm_letter(const struct ks_elf *e, const struct ks_elf_symbol *s)
{
	char c;

	if (s->shndx == KS_SHN_COMMON)
		return 'C';
	if (!s->shndx)
		return s->bind == STB_WEAK ? (s->type == STT_OBJECT ? 'v' : 'w') : 'U';
	if (s->type == STT_GNU_IFUNC)
		return 'i';
	if (s->bind == STB_WEAK)
		return s->type == STT_OBJECT ? 'V' : 'W';
	if (s->bind == STB_GNU_UNIQUE)
		return 'u';
	c = s->shndx == KS_SHN_ABS ? 'a' : section_letter(&e->sections[s->shndx]);
	return s->bind == STB_LOCAL ? c : (char)toupper((unsigned char)c);
}

static bool has_prefix(const char *s, size_t len, const char *prefix)
{
	size_t n = strlen(prefix);

	return len >= n && !memcmp(s, prefix, n);
}

static bool has_suffix(const char *s, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	return len >= n && !memcmp(s + len - n, suffix, n);
}

/* "__" letters and digits "Thunk_": long-branch thunks lld makes for ARM and MIPS. */
static bool is_lld_thunk(const char *s, size_t len)
{
	size_t i = 2;

	if (!has_prefix(s, len, "__"))
		return false;
	while (i < len && isalnum((unsigned char)s[i]))
		i++;
	return i < len && s[i] == '_' && i >= 7 && !memcmp(s + i - 5, "Thunk", 5);
}

bool ks_kallsyms_shows(const char *name, size_t len, char type)
{
	static const char *const prefixes[] = {
		"$", ".L", "__efistub_", "__kvm_nvhe_$", "__kvm_nvhe_.L", "__kcfi_typeid_", "__kvm_nvhe___kcfi_typeid_", "__pi___kcfi_typeid_", "__crc_",
		"__kstrtab_", "__kstrtabns_",
	};
	static const char *const suffixes[] = { "_from_arm", "_from_thumb", "_veneer" };
	static const char *const exact[] = { "L0", "_SDA_BASE_", "_SDA2_BASE_" };
	static const char *const stubs[] = { ".long_branch.", ".plt_branch." };

	if (strchr("aNnUuwvA", type))
		return type == 'A' && len == 4 && !memcmp(name, "__gp", 4);
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (has_prefix(name, len, prefixes[i]))
			return false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (has_suffix(name, len, suffixes[i]))
			return false;
	for (size_t i = 0; i < sizeof(exact) / sizeof(*exact); i++)
		if (len == strlen(exact[i]) && !memcmp(name, exact[i], len))
			return false;
	for (size_t i = 0; i < sizeof(stubs) / sizeof(*stubs); i++)
		if (memmem(name, len, stubs[i], strlen(stubs[i])))
			return false;
	return !is_lld_thunk(name, len);
}
