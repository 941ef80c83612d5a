// SPDX-License-Identifier: LGPL-2.1-or-later
/* A section put into any file and another taken out, twice: what was there stays what and where
 * it was. */
#include "elf/elf.h"
#include "elf/put.h"
#include "fuzz.h"

#include <string.h>
#include "base/range.h"

static const char types[] = "types";
static const struct ks_elf_section_put sections[] = { { ".BTF", types, sizeof(types) }, { ".gone", NULL, 0 } };

/* The file that the plan makes of @f. */
static uint8_t *carry_out(const struct ks_elf_put_plan *plan, const struct ks_file *f, size_t *len)
{
	uint8_t *out;

	fz_require(plan->keep_len <= f->len);
	*len = plan->keep_len;
	for (int i = 0; i < (int)plan->nr_patches; i++)
		if (*len < plan->patches[i].off + plan->patches[i].len)
			*len = plan->patches[i].off + plan->patches[i].len;
	out = calloc(1, *len);
	if (!out)
		abort();
	memcpy(out, f->data, plan->keep_len);
	for (int i = 0; i < (int)plan->nr_patches; i++)
		memcpy(out + plan->patches[i].off, plan->patches[i].data, plan->patches[i].len);
	return out;
}

static void check_section(const struct ks_elf *before, const struct ks_elf *after, uint32_t i)
{
	GElf_Shdr a, b;
	size_t len;
	const char *x = elf_rawfile(before->elf, &len), *y = elf_rawfile(after->elf, &len);

	fz_require(gelf_getshdr(elf_getscn(before->elf, i), &a));
	fz_require(gelf_getshdr(elf_getscn(after->elf, i), &b));
	b.sh_name = a.sh_name;	/* of one that is loaded it may change */
	fz_require(!memcmp(&a, &b, sizeof(a)));
	if (a.sh_type != SHT_NOBITS && a.sh_type != SHT_NULL) {
		uint64_t skip = a.sh_offset < 64 ? 64 - a.sh_offset : 0;	/* the header's bytes */

		fz_require(skip >= a.sh_size ||
			   !memcmp(x + a.sh_offset + skip, y + a.sh_offset + skip, a.sh_size - skip));
	}
}

/* Sections that are loaded stay; those of the number that names have are refused. */
static bool is_gone(const struct ks_elf *before, uint32_t i)
{
	return !strcmp(before->sections[i].name, ".gone") && !(before->sections[i].flags & SHF_ALLOC);
}

static void compare(const uint8_t *before_data, size_t before_len, const uint8_t *after_data,
		    size_t after_len)
{
	struct ks_elf before, after;
	struct ksym_error err;
	Elf_Data *data;
	size_t names;
	uint32_t put;

	/* What libelf has no objection to, it must go on reading. */
	if (ks_elf_open_memory(&before, before_data, before_len, "before", &err)) {
		ks_elf_close(&before);
		return;
	}
	if (ks_elf_open_memory(&after, after_data, after_len, "after", &err))
		fz_unexpected("ks_elf_open_memory", &err);
	put = ks_elf_find_section(&after, ".BTF");
	fz_require(put);
	/* Raw: relocations may be for the number that it gets. */
	data = elf_rawdata(elf_getscn(after.elf, put), NULL);
	fz_require(data && data->d_size == sizeof(types) && !memcmp(data->d_buf, types, sizeof(types)));
	fz_require(!elf_getshdrstrndx(before.elf, &names));
	fz_require(after.nr_sections == before.nr_sections || after.nr_sections == before.nr_sections + 1);
	for (uint32_t i = 1; i < before.nr_sections; i++)
		if (i != put && i != names && !is_gone(&before, i))
			check_section(&before, &after, i);
	ks_elf_close(&after);
	ks_elf_close(&before);
}

/* A segment that the file is too short for is in it once that is longer; and of program headers
 * that are bytes of the file's header some change with that. */
static bool segments_inside(const uint8_t *data, size_t len)
{
	Elf *elf = elf_memory((char *)data, len);
	size_t nr = 0;
	GElf_Ehdr eh;
	bool inside = elf && !elf_getphdrnum(elf, &nr) && gelf_getehdr(elf, &eh) &&
		      (!eh.e_phnum || eh.e_phoff >= eh.e_ehsize);

	for (size_t i = 0; i < nr; i++) {
		GElf_Phdr ph;

		inside &= gelf_getphdr(elf, (int)i, &ph) && ks_in_range(ph.p_offset, ph.p_filesz, len);
	}
	elf_end(elf);
	return inside;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ks_file f = fz_memory_file(data, len), g;
	struct ks_elf_put_plan plan, again;
	uint8_t *once, *twice;
	struct ksym_error err;
	size_t once_len, twice_len;
	int ret = ks_elf_put_plan(&plan, &f, sections, 2, &err);

	if (ret) {
		fz_check_error(ret, &err);
		return 0;
	}
	once = carry_out(&plan, &f, &once_len);
	ks_elf_put_free(&plan);
	compare(data, len, once, once_len);
	g = fz_memory_file(once, once_len);
	if (ks_elf_put_plan(&again, &g, sections, 2, &err))
		fz_unexpected("ks_elf_put_plan", &err);
	twice = carry_out(&again, &g, &twice_len);
	ks_elf_put_free(&again);
	if (segments_inside(data, len))
		fz_require(twice_len == once_len && !memcmp(once, twice, once_len));
	free(twice);
	free(once);
	return 0;
}
