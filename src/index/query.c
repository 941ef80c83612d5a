// SPDX-License-Identifier: LGPL-2.1-or-later
/* Opening an index and asking it. */
#include "index/hash.h"
#include "index/index.h"
#include "ksym/holes.h"

#include <stdlib.h>
#include <string.h>

#define STRINGIFY_(x) #x
#define STRINGIFY(x) STRINGIFY_(x)

const char *ksym_version(void)
{
	return STRINGIFY(KSYM_VERSION_MAJOR) "." STRINGIFY(KSYM_VERSION_MINOR) ".0";
}

int ksym_index_verify(const struct ksym_index *idx, struct ksym_error *err)
{
	const char *why;
	int ret = ks_tables_check(&idx->t, ks_index_hash, &why);

	return ret ? ks_error(err, ret, "%s: %s", idx->path, why) : 0;
}

int ksym_index_write(const struct ksym_index *idx, const char *path, struct ksym_error *err)
{
	return ks_file_write(path, idx->t.base, (size_t)idx->t.len, err);
}

void ksym_index_close(struct ksym_index *idx)
{
	if (!idx)
		return;
	if (idx->file.data)
		ks_file_close(&idx->file);
	free(idx->memory);
	free(idx->path);
	free(idx);
}

void ksym_index_info(const struct ksym_index *idx, struct ksym_index_info *info)
{
	const uint8_t *h = idx->t.base;
	struct ksym_index_info full = {
		.size = info->size,
		.file_len = idx->t.len,
		.text_va = idx->t.text_va,
		.build_id = h + KS_HDR_BUILD_ID,
		.build_id_len = h[KS_HDR_BUILD_ID_LEN],
		.nr_symbols = idx->t.nr_symbols,
		.nr_objects = idx->t.tab[KS_OBJS].nr,
		.nr_modules = idx->t.tab[KS_MODS].nr,
		.nr_sections = idx->t.tab[KS_SECT].nr,
		.elf_type = ks_get16(h + KS_HDR_ELF_TYPE),
		.elf_machine = ks_get16(h + KS_HDR_ELF_MACHINE),
		.elf_class = h[KS_HDR_ELF_CLASS],
		.elf_data = h[KS_HDR_ELF_DATA],
		.has_text_va = idx->t.flags & KS_FLAG_HAS_TEXT_VA,
		.has_versions = idx->t.tab[KS_VERS].nr,
	};

	memcpy(info, &full, info->size < sizeof(full) ? info->size : sizeof(full));
}

bool ksym_index_section(const struct ksym_index *idx, uint32_t i, struct ksym_section *out)
{
	struct ks_sect s;

	if (!ks_tables_section(&idx->t, i, &s))
		return false;
	*out = (struct ksym_section){
		.name = s.name,
		.va = s.va,
		.len = s.len,
		.is_text = s.flags & KS_SECT_TEXT,
		.is_writable = s.flags & KS_SECT_WRITE,
	};
	return true;
}

bool ksym_index_object(const struct ksym_index *idx, uint32_t i, struct ksym_object *out)
{
	struct ks_obj o;

	if (!ks_tables_object(&idx->t, i, &o))
		return false;
	*out = (struct ksym_object){
		.path = o.path,
		.text_suffix = o.text_suffix,
		.data_suffix = o.data_suffix,
		.first_module = o.first_module,
		.nr_modules = o.nr_modules,
		.module_sources = o.module_sources,
	};
	return true;
}

const char *ksym_index_object_module(const struct ksym_index *idx, const struct ksym_object *obj,
				     uint32_t n)
{
	if (n >= obj->nr_modules)
		return NULL;
	return ks_tables_object_module(&idx->t, obj->first_module + n);
}

void ks_index_fill(const struct ksym_index *idx, uint32_t i, const struct ks_sym *s,
		   struct ksym_symbol *out)
{
	struct ks_owner w;

	out->index = i;
	out->va = s->va;
	out->len = s->len;
	out->type = s->type;
	out->is_text = s->is_text;
	out->object = KSYM_NO_OBJECT;
	out->other_object = KSYM_NO_OBJECT;
	out->sources = 0;
	if (s->owner != KS_NONE && ks_tables_owner(&idx->t, s->owner, &w)) {
		out->object = w.object;
		out->other_object = w.other_object;
		out->sources = w.sources;
	}
}

/* Those of the running kernel are in objects that are one module by /proc/kallsyms itself, or by
 * the module's own image; of what is built in no image says so. */
const char *ks_index_loaded_module(const struct ksym_index *idx, const struct ksym_symbol *s)
{
	struct ksym_object o;

	if (!ksym_index_object(idx, s->object, &o) || o.nr_modules != 1)
		return NULL;
	if (!(idx->t.flags & KS_FLAG_MODULE) && o.module_sources != KSYM_MODULE_SOURCE_IMAGE)
		return NULL;
	return ksym_index_object_module(idx, &o, 0);
}

bool ksym_index_symbol(const struct ksym_index *idx, uint32_t i, struct ksym_symbol *out)
{
	struct ks_sym s;

	if (!ks_tables_symbol(&idx->t, i, &s))
		return false;
	ks_index_fill(idx, i, &s, out);
	out->name_len = (uint16_t)ks_tables_name(&idx->t, i, out->name);
	return true;
}

bool ksym_index_at(const struct ksym_index *idx, uint64_t va, struct ksym_symbol *out)
{
	struct ks_sym s;
	uint32_t i = ks_tables_at(&idx->t, va, &s);

	if (i == KS_NONE)
		return false;
	ks_index_fill(idx, i, &s, out);
	out->name_len = (uint16_t)ks_tables_name(&idx->t, i, out->name);
	return true;
}

static void fill_dead(const struct ks_hole_entry *h, uint32_t i, struct ksym_dead *out)
{
	*out = (struct ksym_dead){
		.index = i,
		.va = h->va,
		.len = h->len,
		.name = h->name[0] ? h->name : NULL,
		.object = h->object == KS_NONE ? KSYM_NO_OBJECT : h->object,
		.confidence = h->flags <= KSYM_HOLE_ORDER ? (enum ksym_hole_confidence)h->flags
							  : KSYM_HOLE_UNNAMED,
	};
}

bool ksym_index_dead(const struct ksym_index *idx, uint32_t i, struct ksym_dead *out)
{
	struct ks_hole_entry h;

	if (!ks_tables_hole(&idx->t, i, &h))
		return false;
	fill_dead(&h, i, out);
	return true;
}

bool ksym_index_dead_at(const struct ksym_index *idx, uint64_t va, struct ksym_dead *out)
{
	struct ks_hole_entry h;
	uint32_t i = ks_tables_hole_at(&idx->t, va, &h);

	if (i == KS_NONE)
		return false;
	fill_dead(&h, i, out);
	return true;
}

bool ksym_index_named(const struct ksym_index *idx, const char *name, size_t name_len, uint32_t nth,
		      struct ksym_symbol *out)
{
	bool equal;
	uint32_t pos = ks_tables_find(&idx->t, name, name_len, &equal), i;
	struct ks_sym s;

	if (!equal || name_len > KS_NAME_MAX || nth >= idx->t.nr_symbols - pos)
		return false;
	i = ks_tables_ordered(&idx->t, pos + nth);
	if (i == KS_NONE || !ks_tables_symbol(&idx->t, i, &s))
		return false;
	if (!nth) {
		memcpy(out->name, name, name_len);
		out->name[name_len] = 0;
		out->name_len = (uint16_t)name_len;
	} else {
		/* The first is known to bear the name; later ones must be looked at. */
		out->name_len = (uint16_t)ks_tables_name(&idx->t, i, out->name);
		if (out->name_len != name_len || memcmp(out->name, name, name_len))
			return false;
	}
	ks_index_fill(idx, i, &s, out);
	return true;
}
