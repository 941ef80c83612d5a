// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elf/elf.h"
#include "elf/reloc.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/range.h"
#include "base/strpool.h"

#ifndef ELFCOMPRESS_ZSTD
#define ELFCOMPRESS_ZSTD 2
#endif

int ks_elf_bad(const struct ks_elf *e, uint32_t section, struct ksym_error *err, const char *fmt,
	       ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!section)
		return ks_error(err, -EBADMSG, "%s: %s", e->path, text);
	if (e->sections && section < e->nr_sections && e->sections[section].name)
		return ks_error(err, -EBADMSG, "%s: section %u (%s): %s", e->path, section,
				e->sections[section].name, text);
	return ks_error(err, -EBADMSG, "%s: section %u: %s", e->path, section, text);
}

static int read_header(struct ks_elf *e, struct ksym_error *err)
{
	GElf_Ehdr eh;

	switch (elf_kind(e->elf)) {
	case ELF_K_ELF:
		break;
	case ELF_K_AR:
		return ks_error(err, -ENOTSUP, "%s: is an archive; give one of its objects",
				e->path);
	default:
		return ks_error(err, -EBADMSG,
				"%s: is no ELF file (for a bzImage, give the vmlinux it was made of)",
				e->path);
	}
	if (!gelf_getehdr(e->elf, &eh))
		return ks_elf_bad(e, 0, err, "bad ELF header: %s", elf_errmsg(-1));
	e->type = eh.e_type;
	e->machine = eh.e_machine;
	e->class = eh.e_ident[EI_CLASS];
	e->data = eh.e_ident[EI_DATA];
	if ((e->class != ELFCLASS32 && e->class != ELFCLASS64) ||
	    (e->data != ELFDATA2LSB && e->data != ELFDATA2MSB))
		return ks_elf_bad(e, 0, err, "ELF class %u, byte order %u: expected 1 or 2 for both",
				  e->class, e->data);
	e->addr_len = e->class == ELFCLASS64 ? 8 : 4;
	e->swap = (e->data == ELFDATA2MSB) != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	if (eh.e_type != ET_REL && eh.e_type != ET_EXEC && eh.e_type != ET_DYN)
		return ks_error(err, -ENOTSUP,
				"%s: ELF type %u: expected a kernel image (ET_EXEC, ET_DYN or ET_REL)",
				e->path, eh.e_type);
	return 0;
}

static int read_sections(struct ks_elf *e, struct ksym_error *err)
{
	size_t nr, shstrndx, file_len;
	GElf_Ehdr eh;

	if (elf_getshdrnum(e->elf, &nr) || elf_getshdrstrndx(e->elf, &shstrndx))
		return ks_elf_bad(e, 0, err, "bad section header table: %s", elf_errmsg(-1));
	if (!elf_rawfile(e->elf, &file_len))
		return ks_elf_bad(e, 0, err, "cannot be read: %s", elf_errmsg(-1));
	/* libelf takes a table that begins behind the end for none. */
	if (!nr && gelf_getehdr(e->elf, &eh) && eh.e_shoff)
		return ks_elf_bad(e, 0, err, "its section headers at 0x%llx lie outside the file's 0x%zx bytes",
				  (unsigned long long)eh.e_shoff, file_len);
	/* A section header takes at least 40 bytes of the file. */
	if (nr > file_len / 40 || nr > KS_SHN_ABS - 1)
		return ks_elf_bad(e, 0, err, "%zu section headers do not fit into %zu bytes", nr,
				  file_len);
	e->sections = calloc(nr ? nr : 1, sizeof(*e->sections));
	if (!e->sections)
		return ks_error_nomem(err);
	e->nr_sections = (uint32_t)nr;
	for (uint32_t i = 0; i < nr; i++) {
		struct ks_elf_section *s = &e->sections[i];
		Elf_Scn *scn = elf_getscn(e->elf, i);
		GElf_Shdr sh;

		if (!scn || !gelf_getshdr(scn, &sh))
			return ks_elf_bad(e, i, err, "bad section header: %s", elf_errmsg(-1));
		s->name = "";
		if (!i)
			continue;
		s->name = elf_strptr(e->elf, shstrndx, sh.sh_name);
		if (!s->name)
			return ks_elf_bad(e, i, err, "its name at offset 0x%x is outside .shstrtab",
					  sh.sh_name);
		if (sh.sh_type != SHT_NOBITS && sh.sh_type != SHT_NULL &&
		    !ks_in_range(sh.sh_offset, sh.sh_size, file_len))
			return ks_elf_bad(e, i, err,
					  "offset 0x%llx, size 0x%llx lie outside the file's 0x%zx bytes",
					  (unsigned long long)sh.sh_offset,
					  (unsigned long long)sh.sh_size, file_len);
		s->va = sh.sh_addr;
		s->len = sh.sh_size;
		s->flags = sh.sh_flags;
		s->entsize = sh.sh_entsize;
		s->type = sh.sh_type;
		s->link = sh.sh_link;
		s->info = sh.sh_info;
		s->is_code = sh.sh_flags & SHF_EXECINSTR;
		if (sh.sh_type == SHT_SYMTAB && !e->symtab)
			e->symtab = i;
	}
	return 0;
}

/* Addresses for the sections of a file that has none. */
static int lay_out(struct ks_elf *e, struct ksym_error *err)
{
	uint64_t va = 0;

	for (uint32_t i = 1; i < e->nr_sections; i++) {
		struct ks_elf_section *s = &e->sections[i];
		GElf_Shdr sh;

		s->va = 0;
		if (!(s->flags & SHF_ALLOC))
			continue;
		if (!gelf_getshdr(elf_getscn(e->elf, i), &sh))
			return ks_elf_bad(e, i, err, "bad section header: %s", elf_errmsg(-1));
		if (sh.sh_addralign > 1) {
			if (sh.sh_addralign & (sh.sh_addralign - 1) ||
			    sh.sh_addralign > (uint64_t)1 << 32)
				return ks_elf_bad(e, i, err,
						  "alignment 0x%llx: expected a power of two up to 2^32",
						  (unsigned long long)sh.sh_addralign);
			va = (va + sh.sh_addralign - 1) & -sh.sh_addralign;
		}
		if (s->len > (uint64_t)1 << 40 || va > (uint64_t)1 << 48)
			return ks_elf_bad(e, i, err, "size 0x%llx: expected less than 2^40",
					  (unsigned long long)s->len);
		s->va = va;
		va += s->len;
	}
	return 0;
}

static int read_symtab(struct ks_elf *e, struct ksym_error *err)
{
	const struct ks_elf_section *s = &e->sections[e->symtab], *str;
	size_t entsize = e->class == ELFCLASS64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	Elf_Data *d;

	if (s->entsize != entsize)
		return ks_elf_bad(e, e->symtab, err, "entry size %llu: expected %zu",
				  (unsigned long long)s->entsize, entsize);
	if (!s->link || s->link >= e->nr_sections || e->sections[s->link].type != SHT_STRTAB)
		return ks_elf_bad(e, e->symtab, err, "linked section %u is no string table",
				  s->link);
	if (s->len / entsize > UINT32_MAX)
		return ks_elf_bad(e, e->symtab, err, "more than 2^32 symbols");
	e->symtab_data = elf_getdata(elf_getscn(e->elf, e->symtab), NULL);
	if (!e->symtab_data)
		return ks_elf_bad(e, e->symtab, err, "cannot be read: %s", elf_errmsg(-1));
	str = &e->sections[s->link];
	d = elf_rawdata(elf_getscn(e->elf, s->link), NULL);
	if (!d || (str->len && !d->d_buf))
		return ks_elf_bad(e, s->link, err, "cannot be read: %s", elf_errmsg(-1));
	e->strtab = d->d_buf;
	e->strtab_len = d->d_size;
	if (e->strtab_len && e->strtab[e->strtab_len - 1])
		return ks_elf_bad(e, s->link, err, "last string has no end");
	e->nr_symbols = (uint32_t)(e->symtab_data->d_size / entsize);
	for (uint32_t i = 1; i < e->nr_sections; i++)
		if (e->sections[i].type == SHT_SYMTAB_SHNDX && e->sections[i].link == e->symtab) {
			e->xndx_data = elf_getdata(elf_getscn(e->elf, i), NULL);
			break;
		}
	return 0;
}

static bool maybe_data(const struct ks_elf_section *s)
{
	return (s->flags & SHF_EXECINSTR) && (s->flags & SHF_WRITE);
}

/* Symbols that are broken tell nothing here: who reads them says so. */
static int find_code(struct ks_elf *e, struct ksym_error *err)
{
	int64_t *functions;	/* less variables, of each section */
	bool any = false;

	for (uint32_t i = 1; i < e->nr_sections; i++)
		any |= maybe_data(&e->sections[i]);
	if (!any)
		return 0;
	functions = calloc(e->nr_sections, sizeof(*functions));
	if (!functions)
		return ks_error_nomem(err);
	for (uint32_t i = 1; i < e->nr_symbols; i++) {
		Elf32_Word xndx = 0;
		GElf_Sym sym;
		size_t n;

		if (!gelf_getsymshndx(e->symtab_data, e->xndx_data, (int)i, &sym, &xndx) || !sym.st_size)
			continue;
		n = sym.st_shndx == SHN_XINDEX ? xndx : sym.st_shndx;
		if (n < e->nr_sections)
			functions[n] += (GELF_ST_TYPE(sym.st_info) == STT_FUNC) -
					(GELF_ST_TYPE(sym.st_info) == STT_OBJECT);
	}
	for (uint32_t i = 1; i < e->nr_sections; i++)
		if (maybe_data(&e->sections[i]) && functions[i] < 0)
			e->sections[i].is_code = false;
	free(functions);
	return 0;
}

static void read_build_id(struct ks_elf *e)
{
	for (uint32_t i = 1; i < e->nr_sections; i++) {
		Elf_Data *d;
		GElf_Nhdr nh;
		size_t off = 0, next, name_off, desc_off;

		if (e->sections[i].type != SHT_NOTE)
			continue;
		d = elf_getdata(elf_getscn(e->elf, i), NULL);
		if (!d)
			continue;
		for (; (next = gelf_getnote(d, off, &nh, &name_off, &desc_off)); off = next) {
			const char *buf = d->d_buf;

			if (nh.n_type != NT_GNU_BUILD_ID || nh.n_namesz != sizeof("GNU") ||
			    memcmp(buf + name_off, "GNU", sizeof("GNU")) ||
			    nh.n_descsz > sizeof(e->build_id))
				continue;
			memcpy(e->build_id, buf + desc_off, nh.n_descsz);
			e->build_id_len = (uint8_t)nh.n_descsz;
			return;
		}
	}
}

static int open_common(struct ks_elf *e, struct ksym_error *err)
{
	int ret = 0;

	if (!e->elf)
		return ks_elf_bad(e, 0, err, "cannot be read as ELF: %s", elf_errmsg(-1));
	ret = read_header(e, err);
	if (!ret)
		ret = read_sections(e, err);
	if (!ret && e->type == ET_REL)
		ret = lay_out(e, err);
	if (!ret && e->symtab)
		ret = read_symtab(e, err);
	if (!ret)
		ret = find_code(e, err);
	if (!ret)
		read_build_id(e);
	return ret;
}

int ks_elf_open_memory(struct ks_elf *e, const void *data, size_t len, const char *path,
		       struct ksym_error *err)
{
	int ret;

	*e = (struct ks_elf){ .path = path, .fd = -1 };
	elf_version(EV_CURRENT);
	/* libelf's prototype lacks const; a descriptor opened so is only read. */
	e->elf = elf_memory((char *)data, len);
	ret = open_common(e, err);
	if (ret)
		ks_elf_close(e);
	return ret;
}

int ks_elf_open(struct ks_elf *e, const char *path, struct ksym_error *err)
{
	int ret;

	*e = (struct ks_elf){ .path = path };
	elf_version(EV_CURRENT);
	e->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (e->fd < 0)
		return ks_error_errno(err, errno, path, "cannot open");
	e->elf = elf_begin(e->fd, ELF_C_READ_MMAP, NULL);
	ret = open_common(e, err);
	if (ret)
		ks_elf_close(e);
	return ret;
}

void ks_elf_close(struct ks_elf *e)
{
	if (!e->path)
		return;
	elf_end(e->elf);
	if (e->fd >= 0)
		close(e->fd);
	free(e->sections);
	ks_arena_free(&e->arena);
	*e = (struct ks_elf){ .fd = -1 };
}

uint32_t ks_elf_find_section(const struct ks_elf *e, const char *name)
{
	bool debug = !strncmp(name, ".debug_", 7);

	for (uint32_t i = 1; i < e->nr_sections; i++) {
		const char *s = e->sections[i].name;

		if (!strcmp(s, name) ||
		    (debug && !strncmp(s, ".zdebug_", 8) && !strcmp(s + 8, name + 7)))
			return i;
	}
	return 0;
}

static uint32_t section_key(struct ks_strpool *keys, const struct ks_elf_section *s, bool add)
{
	char *key;
	uint32_t n;
	int len = asprintf(&key, "%llx %d %s", (unsigned long long)s->va,
			   (s->flags & SHF_ALLOC) != 0, s->name);

	if (len < 0)
		return KS_STRPOOL_NONE;
	n = add ? ks_strpool_add(keys, key, (size_t)len) : ks_strpool_find(keys, key, (size_t)len);
	free(key);
	return n;
}

int ks_elf_match_sections(struct ks_elf *e, const struct ks_elf *symfile, uint32_t **map,
			  struct ksym_error *err)
{
	struct ks_strpool keys ks_cleanup_strpool = { 0 };
	uint32_t *first = calloc((size_t)e->nr_sections + 1, sizeof(*first));	/* of each key */
	int ret = 0;

	*map = calloc((size_t)symfile->nr_sections + 1, sizeof(**map));
	if (!first || !*map)
		ret = ks_error_nomem(err);
	for (uint32_t i = 1; i < e->nr_sections && e != symfile && !ret; i++) {
		uint32_t n = section_key(&keys, &e->sections[i], true);

		if (n == KS_STRPOOL_NONE)
			ret = ks_error_nomem(err);
		else if (!first[n])
			first[n] = i;
	}
	for (uint32_t i = 1; i < symfile->nr_sections && !ret; i++) {
		uint32_t n = e == symfile ? 0 : section_key(&keys, &symfile->sections[i], false);

		(*map)[i] = e == symfile ? i : n == KS_STRPOOL_NONE ? 0 : first[n];
		if ((*map)[i] && maybe_data(&symfile->sections[i]))
			e->sections[(*map)[i]].is_code = symfile->sections[i].is_code;
	}
	free(first);
	return ret;
}

/* Deflate cannot do better than 1032 to 1; zstd can, but no debug section does. */
static bool believable(unsigned int type, uint64_t compressed, uint64_t len)
{
	uint64_t ratio = type == ELFCOMPRESS_ZSTD ? 20000 : 1040;

	return len / ratio <= compressed && len <= SIZE_MAX / 4;
}

static int decompress(struct ks_elf *e, uint32_t n, Elf_Scn *scn, struct ksym_error *err)
{
	struct ks_elf_section *s = &e->sections[n];
	unsigned int type = ELFCOMPRESS_ZLIB;
	GElf_Shdr sh;
	int ret;

	if (s->flags & SHF_COMPRESSED) {
		GElf_Chdr ch;

		if (!gelf_getchdr(scn, &ch))
			return ks_elf_bad(e, n, err, "bad compression header: %s", elf_errmsg(-1));
		type = ch.ch_type;
		if (!believable(type, s->len, ch.ch_size))
			return ks_elf_bad(e, n, err, "0x%llx bytes cannot hold 0x%llx ones",
					  (unsigned long long)s->len,
					  (unsigned long long)ch.ch_size);
		ret = elf_compress(scn, 0, 0);
	} else {
		/* ".zdebug_": "ZLIB", then the length in 8 big-endian bytes. */
		Elf_Data *d = elf_rawdata(scn, NULL);
		uint64_t len = 0;

		if (!d || d->d_size < 12 || memcmp(d->d_buf, "ZLIB", 4))
			return ks_elf_bad(e, n, err, "expected \"ZLIB\" and a length");
		for (int i = 4; i < 12; i++)
			len = len << 8 | ((const uint8_t *)d->d_buf)[i];
		if (!believable(type, d->d_size, len))
			return ks_elf_bad(e, n, err, "0x%zx bytes cannot hold 0x%llx ones",
					  d->d_size, (unsigned long long)len);
		ret = elf_compress_gnu(scn, 0, 0);
	}
	if (ret < 0 && type != ELFCOMPRESS_ZLIB)
		return ks_error(err, -ENOTSUP,
				"%s: section %u (%s): this libelf cannot undo compression type %u; objcopy --decompress-debug-sections can",
				e->path, n, s->name, type);
	if (ret < 0 || !gelf_getshdr(scn, &sh))
		return ks_elf_bad(e, n, err, "cannot be decompressed: %s", elf_errmsg(-1));
	s->flags &= ~(uint64_t)SHF_COMPRESSED;
	s->len = sh.sh_size;
	return 0;
}

int ks_elf_section_data(struct ks_elf *e, uint32_t n, const uint8_t **data, size_t *len,
			struct ksym_error *err)
{
	struct ks_elf_section *s = &e->sections[n];

	if (!s->data && s->type != SHT_NOBITS && s->len) {
		Elf_Scn *scn = elf_getscn(e->elf, n);
		Elf_Data *d;
		int ret = 0;

		if ((s->flags & SHF_COMPRESSED) || !strncmp(s->name, ".zdebug_", 8))
			ret = decompress(e, n, scn, err);
		if (ret)
			return ret;
		d = elf_rawdata(scn, NULL);
		if (!d || (d->d_size && !d->d_buf) || d->d_size < s->len)
			return ks_elf_bad(e, n, err, "cannot be read: %s", elf_errmsg(-1));
		s->data = d->d_buf;
		if (e->type == ET_REL && !(s->flags & SHF_ALLOC)) {
			ret = ks_elf_relocate(e, n, err);
			if (ret) {
				s->data = NULL;
				return ret;
			}
		}
	}
	*data = s->data;
	*len = s->data ? s->len : 0;
	return 0;
}

int ks_elf_symbol(const struct ks_elf *e, uint32_t i, struct ks_elf_symbol *out,
		  struct ksym_error *err)
{
	GElf_Sym sym;
	Elf32_Word xndx = 0;

	if (!gelf_getsymshndx(e->symtab_data, e->xndx_data, (int)i, &sym, &xndx))
		return ks_elf_bad(e, e->symtab, err, "symbol %u cannot be read: %s", i,
				  elf_errmsg(-1));
	if (sym.st_name >= e->strtab_len && sym.st_name)
		return ks_elf_bad(e, e->symtab, err, "symbol %u: name offset 0x%x: expected below 0x%llx",
				  i, sym.st_name, (unsigned long long)e->strtab_len);
	*out = (struct ks_elf_symbol){
		.name = e->strtab_len ? e->strtab + sym.st_name : "",
		.va = sym.st_value,
		.len = sym.st_size,
		.shndx = sym.st_shndx == SHN_XINDEX ? xndx : sym.st_shndx,
		.type = GELF_ST_TYPE(sym.st_info),
		.bind = GELF_ST_BIND(sym.st_info),
		.visibility = GELF_ST_VISIBILITY(sym.st_other),
	};
	/* The lowest bit of a Thumb function's address says that it is one. */
	if (e->machine == EM_ARM && (out->type == STT_FUNC || out->type == STT_GNU_IFUNC))
		out->va &= ~(uint64_t)1;
	if (sym.st_shndx >= SHN_LORESERVE && sym.st_shndx != SHN_XINDEX) {
		/* Processor-specific ones (small common, TLS common) count as common. */
		out->shndx = sym.st_shndx == SHN_ABS ? KS_SHN_ABS : KS_SHN_COMMON;
		return 0;
	}
	if (out->shndx >= e->nr_sections)
		return ks_elf_bad(e, e->symtab, err, "symbol %u (%s): section %u: expected below %u",
				  i, out->name, out->shndx, e->nr_sections);
	if (e->type == ET_REL && out->shndx)
		out->va += e->sections[out->shndx].va;
	return 0;
}
