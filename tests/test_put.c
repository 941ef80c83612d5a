// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sections put into files: of both classes and byte orders, with any number of them. */
#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "elf/elf.h"
#include "elf/put.h"

static char path[64];

static int make_path(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/ksym-put-XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_file(const void *data, size_t len)
{
	struct ksym_error err;

	assert_int_equal(ks_file_write(path, data, len, &err), 0);
}

/* A file of @nr sections by libelf; the last is .shstrtab, the others hold @filler bytes. */
static void write_elf(int class, int order, unsigned int nr, size_t filler)
{
	static uint8_t names[64] = "\0.data\0.BTF\0.shstrtab", bytes[64];
	int fd = open(path, O_RDWR | O_TRUNC);
	GElf_Ehdr eh;
	Elf *elf;

	assert_true(fd >= 0);
	memset(bytes, 0x5a, sizeof(bytes));
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	assert_non_null(elf);
	assert_non_null(gelf_newehdr(elf, class));
	for (unsigned int i = 1; i < nr; i++) {
		Elf_Scn *scn = elf_newscn(elf);
		Elf_Data *d = elf_newdata(scn);
		GElf_Shdr sh;
		bool last = i == nr - 1;

		assert_non_null(gelf_getshdr(scn, &sh));
		sh.sh_name = last ? 12 : 1;
		sh.sh_type = last ? SHT_STRTAB : SHT_PROGBITS;
		sh.sh_addralign = 1;
		d->d_buf = last ? names : bytes;
		d->d_size = last ? sizeof(names) : filler;
		d->d_align = 1;
		assert_int_not_equal(gelf_update_shdr(scn, &sh), 0);
	}
	assert_non_null(gelf_getehdr(elf, &eh));
	eh.e_ident[EI_DATA] = (unsigned char)order;
	eh.e_type = ET_REL;
	eh.e_machine = class == ELFCLASS64 ? EM_S390 : EM_386;
	eh.e_version = EV_CURRENT;
	if (nr - 1 < SHN_LORESERVE) {
		eh.e_shstrndx = (uint16_t)(nr - 1);
	} else {
		GElf_Shdr zero;

		eh.e_shstrndx = SHN_XINDEX;
		assert_non_null(gelf_getshdr(elf_getscn(elf, 0), &zero));
		zero.sh_link = nr - 1;
		assert_int_not_equal(gelf_update_shdr(elf_getscn(elf, 0), &zero), 0);
	}
	assert_int_not_equal(gelf_update_ehdr(elf, &eh), 0);
	assert_true(elf_update(elf, ELF_C_WRITE) > 0);
	elf_end(elf);
	close(fd);
}

static const struct ks_elf_section_put types = { ".BTF", "types", 5 };

static void put(const char *data)
{
	struct ksym_error err;

	if (ks_elf_put_sections(path, path, &(struct ks_elf_section_put){ ".BTF", data, strlen(data) }, 1, &err))
		fail_msg("%s", err.text);
}

/* The file has @nr sections, and number @put is .BTF with @data. */
static void check(unsigned int nr, unsigned int number, const char *data)
{
	struct ks_elf e;
	struct ksym_error err;
	const uint8_t *bytes;
	size_t len;

	if (ks_elf_open(&e, path, &err))
		fail_msg("%s", err.text);
	assert_int_equal(e.nr_sections, nr);
	assert_int_equal(ks_elf_find_section(&e, ".BTF"), number);
	assert_int_equal(ks_elf_section_data(&e, number, &bytes, &len, &err), 0);
	assert_int_equal(len, strlen(data));
	assert_memory_equal(bytes, data, len);
	assert_int_equal(e.sections[number].flags, 0);
	for (unsigned int i = 1; i < nr; i++) {
		if (i == number || e.sections[i].type == SHT_STRTAB || (nr > 100 && i % 1009))
			continue;
		assert_string_equal(e.sections[i].name, ".data");
		assert_int_equal(ks_elf_section_data(&e, i, &bytes, &len, &err), 0);
		for (size_t k = 0; k < len; k++)
			assert_int_equal(bytes[k], 0x5a);
	}
	ks_elf_close(&e);
}

static long long file_len(void)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void classes_and_byte_orders(void **state)
{
	static const int classes[] = { ELFCLASS32, ELFCLASS64 };
	static const int orders[] = { ELFDATA2LSB, ELFDATA2MSB };

	(void)state;
	for (int i = 0; i < 4; i++) {
		write_elf(classes[i / 2], orders[i % 2], 4, 7);
		put("some types");
		check(5, 4, "some types");
		put("and many, many others");
		check(5, 4, "and many, many others");
		put("");
		check(5, 4, "");
	}
}

static void again_is_no_longer(void **state)
{
	long long len;

	(void)state;
	write_elf(ELFCLASS64, ELFDATA2LSB, 3, 16);
	put("types");
	len = file_len();
	put("types");
	assert_int_equal(file_len(), len);
	put("more types than before, not fitting");
	put("types");
	assert_int_equal(file_len(), len);
}

/* Their number moves from the ELF header to the first section header. */
static void very_many_sections(void **state)
{
	static const unsigned int counts[] = { SHN_LORESERVE - 2, SHN_LORESERVE - 1, SHN_LORESERVE,
					       SHN_LORESERVE + 1, 70000 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		write_elf(i & 1 ? ELFCLASS32 : ELFCLASS64, i & 2 ? ELFDATA2MSB : ELFDATA2LSB, counts[i], 1);
		put("types");
		check(counts[i] + 1, counts[i], "types");
		put("other types");
		check(counts[i] + 1, counts[i], "other types");
	}
}

/* As a module's signature: the section goes behind it. */
static void what_no_header_knows_of_stays(void **state)
{
	static const char tail[] = "~Module signature appended~\n";
	struct ksym_error err;
	struct ks_file f;
	long long len;
	uint8_t *data;

	(void)state;
	write_elf(ELFCLASS64, ELFDATA2LSB, 3, 16);
	assert_int_equal(ks_file_open(&f, path, &err), 0);
	len = (long long)f.len;
	data = malloc(f.len + sizeof(tail));
	assert_non_null(data);
	memcpy(data, f.data, f.len);
	memcpy(data + f.len, tail, sizeof(tail));
	ks_file_close(&f);
	write_file(data, (size_t)len + sizeof(tail));
	put("types");
	check(4, 3, "types");
	assert_int_equal(ks_file_open(&f, path, &err), 0);
	assert_memory_equal(f.data + len, tail, sizeof(tail));
	ks_file_close(&f);
	free(data);
}

static void two_are_put_and_one_is_taken_away(void **state)
{
	const struct ks_elf_section_put both[] = { { ".BTF", "types", 5 }, { ".BTF.base", "more types", 10 } };
	const struct ks_elf_section_put one[] = { { ".BTF", "types", 5 }, { ".BTF.base", NULL, 0 } };
	struct ksym_error err;
	const uint8_t *bytes;
	struct ks_elf e;
	long long len;
	size_t n;

	(void)state;
	write_elf(ELFCLASS64, ELFDATA2LSB, 5, 9);
	assert_int_equal(ks_elf_put_sections(path, path, both, 2, &err), 0);
	len = file_len();
	assert_int_equal(ks_elf_put_sections(path, path, both, 2, &err), 0);
	assert_int_equal(file_len(), len);
	assert_int_equal(ks_elf_open(&e, path, &err), 0);
	assert_int_equal(ks_elf_find_section(&e, ".BTF.base"), 6);
	assert_int_equal(ks_elf_section_data(&e, 6, &bytes, &n, &err), 0);
	assert_int_equal(n, 10);
	assert_memory_equal(bytes, "more types", n);
	ks_elf_close(&e);
	/* Its number stays, without a name and without a type. */
	assert_int_equal(ks_elf_put_sections(path, path, one, 2, &err), 0);
	assert_true(file_len() < len);
	assert_int_equal(ks_elf_open(&e, path, &err), 0);
	assert_int_equal(e.nr_sections, 7);
	assert_int_equal(ks_elf_find_section(&e, ".BTF.base"), 0);
	assert_int_equal(e.sections[6].type, SHT_NULL);
	ks_elf_close(&e);
	len = file_len();
	assert_int_equal(ks_elf_put_sections(path, path, one, 2, &err), 0);
	assert_int_equal(file_len(), len);
}

static void refuse(const void *data, size_t len, const char *why)
{
	struct ksym_error err;
	struct ks_file f;
	int ret;

	write_file(data, len);
	ret = ks_elf_put_sections(path, path, &types, 1, &err);
	assert_true(ret == -EBADMSG || ret == -ENOTSUP);
	if (!strstr(err.text, why))
		fail_msg("\"%s\": expected \"%s\"", err.text, why);
	assert_int_equal(ks_file_open(&f, path, &err), 0);
	assert_int_equal(f.len, len);
	assert_memory_equal(f.data, data, len);
	ks_file_close(&f);
}

static void bad_files_are_left_alone(void **state)
{
	struct ksym_error err;
	struct ks_file f;
	Elf64_Ehdr *eh;
	Elf64_Shdr *sh;
	uint8_t *data;
	size_t len;

	(void)state;
	write_elf(ELFCLASS64, ELFDATA2LSB, 3, 16);
	assert_int_equal(ks_file_open(&f, path, &err), 0);
	len = f.len;
	data = malloc(2 * len);
	assert_non_null(data);
#define CASE(change, why)                                               \
	do {                                                            \
		memcpy(data, f.data, len);                              \
		eh = (Elf64_Ehdr *)data;                                \
		sh = (Elf64_Shdr *)(data + eh->e_shoff);                \
		change;                                                 \
		refuse(data, len, why);                                 \
	} while (0)
	CASE(data[0] = 'E', "no ELF file");
	CASE(data[EI_CLASS] = 3, "ELF class 3");
	CASE(data[EI_DATA] = 0, "byte order 0");
	CASE(eh->e_shoff = 0, "section headers");
	CASE(eh->e_shoff = len, "section header table");
	CASE(eh->e_shoff = UINT64_MAX - 8, "section header table");
	CASE(eh->e_shentsize = 40, "section headers of 40 bytes");
	CASE(eh->e_shnum = 4, "number of section headers");
	CASE((eh->e_shnum = 0, sh[0].sh_size = UINT64_MAX), "number of section headers");
	CASE(eh->e_shstrndx = 3, "section with names");
	CASE(eh->e_shstrndx = 0, "section with names");
	CASE(eh->e_shstrndx = 1, "names of sections");
	CASE(sh[1].sh_size = UINT64_MAX - 2, "outside the file");
	CASE(sh[1].sh_name = 1000, "outside of the names");
	CASE(sh[2].sh_flags = SHF_ALLOC, "names of sections");
	CASE(sh[2].sh_size = 0, "names of sections");
	CASE(sh[2].sh_size = 3, "names of sections");
	CASE(sh[2].sh_name = 7, "expected SHT_PROGBITS");
	CASE((eh->e_phnum = 9, eh->e_phentsize = 56, eh->e_phoff = len - 56), "program headers");
	CASE((eh->e_phnum = 1, eh->e_phentsize = 8), "program headers");
#undef CASE
	refuse(f.data, 20, "ends within");
	refuse(f.data, 3, "no ELF file");
	free(data);
	ks_file_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_and_byte_orders),
		cmocka_unit_test(again_is_no_longer),
		cmocka_unit_test(very_many_sections),
		cmocka_unit_test(what_no_header_knows_of_stays),
		cmocka_unit_test(two_are_put_and_one_is_taken_away),
		cmocka_unit_test(bad_files_are_left_alone),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}
