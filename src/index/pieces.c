// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Owners by linker map.
 *
 * When the kernel is linked from vmlinux.a, vmlinux.map names the objects.  When
 * it is linked from vmlinux.o (IBT, LTO), vmlinux.map only says where each section
 * of vmlinux.o went, and vmlinux.o.map, made when that was linked with -r, says
 * which object is where inside those sections: positions are added up.
 */
#include "index/owners.h"
#include "kbuild/objpath.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_STEPS ((uint64_t)1 << 31)
#define MAX_PIECES ((size_t)4 << 20)

struct map_set {
	struct ks_file files[8];
	struct ks_linkmap maps[8];
	unsigned int nr;
};

static void map_set_free(struct map_set *s)
{
	for (unsigned int i = 0; i < s->nr; i++) {
		ks_linkmap_free(&s->maps[i]);
		ks_file_close(&s->files[i]);
	}
}

static int add_map(struct map_set *s, struct ks_model *m, const char *path)
{
	int ret;

	if (s->nr == sizeof(s->maps) / sizeof(*s->maps))
		return ks_error(m->err, -EINVAL, "%s: more than %u map files", path, s->nr);
	ret = ks_file_open(&s->files[s->nr], path, m->err);
	if (ret)
		return ret;
	ret = ks_linkmap_parse(&s->maps[s->nr], &s->files[s->nr], m->err);
	if (ret) {
		ks_file_close(&s->files[s->nr]);
		return ret;
	}
	s->nr++;
	return 0;
}

static bool is_vmlinux_o(const struct ks_model *m)
{
	const char *slash = strrchr(m->image->path, '/');

	return !strcmp(slash ? slash + 1 : m->image->path, "vmlinux.o");
}

static int read_maps(struct map_set *s, struct ks_model *m)
{
	static const char *const in_tree[] = { "vmlinux.map", "vmlinux.o.map" };
	const char *const *f = m->opts->map_files;
	int ret = 0;

	for (; f && *f && !ret; f++)
		ret = add_map(s, m, *f);
	if (m->opts->map_files && *m->opts->map_files)
		return ret;
	for (size_t i = 0; m->opts->build_tree && i < 2 && !ret; i++) {
		size_t len = strlen(m->opts->build_tree) + 16;
		char *path = ks_arena_alloc(&m->arena, len);

		if (!path)
			return ks_error_nomem(m->err);
		snprintf(path, len, "%s/%s", m->opts->build_tree, in_tree[i]);
		/* Other images of that tree have no use for the maps of vmlinux. */
		if ((m->image->type != ET_REL || is_vmlinux_o(m)) && !access(path, R_OK))
			ret = add_map(s, m, path);
	}
	return ret;
}

/* ELF section for an output section of the map, 0 when the image has none. */
static uint32_t match_section(struct ks_model *m, const struct map_set *s, unsigned int n,
			      const struct ks_map_output *o, bool *mismatch)
{
	const char *name = ks_strpool_get(&s->maps[n].strings, o->name);
	uint32_t i = ks_elf_find_section(m->image, name);

	*mismatch = false;
	if (!i || !(m->image->sections[i].flags & SHF_ALLOC))
		return 0;
	/* An ET_REL image, and so its map, has no addresses. */
	if (m->image->type != ET_REL && m->image->sections[i].va != o->va)
		*mismatch = true;
	/* Tables that tools fill in later change their length; code does not. */
	if (m->image->sections[i].is_code && m->image->sections[i].len != o->len)
		*mismatch = true;
	return i;
}

/* ".rodata.cst16", ".rodata.str1.8": equal entries of several objects are kept once,
 * in the piece of the object linked first. */
static bool is_mergeable(const char *input_section)
{
	for (const char *s = input_section; (s = strchr(s, '.')); s++)
		if ((!strncmp(s, ".cst", 4) || !strncmp(s, ".str", 4)) && s[4] >= '1' && s[4] <= '9')
			return true;
	return false;
}

static int add_piece(struct ks_pieces *p, struct ks_model *m, uint32_t section, uint64_t va,
		     uint64_t len, const struct ks_linkmap *map, const struct ks_map_input *in,
		     uint16_t source)
{
	const char *object = ks_strpool_get(&map->strings, in->object);
	const struct ks_elf_section *s = &m->image->sections[section];
	struct ks_piece *piece;
	uint32_t n;

	if (ks_is_lto_name(object))
		return 0;
	/* Merged strings and relaxed code shrink after the map's sizes were written. */
	if (va < s->va || va - s->va >= s->len)
		return 0;
	if (len > s->len - (va - s->va))
		len = s->len - (va - s->va);
	n = ks_model_object(m, object, strlen(object), 0);
	piece = ks_vec_push(&p->v);
	if (n == KS_NO_OBJECT || !piece)
		return ks_error_nomem(m->err);
	*piece = (struct ks_piece){ va, va + len, section, n, source,
				    is_mergeable(ks_strpool_get(&map->strings, in->section)) };
	return 0;
}

/* Where inside vmlinux.o each object is: outputs of its map, found by name. */
static int add_nested(struct ks_pieces *p, struct ks_model *m, const struct map_set *s,
		      const char *input_section, uint32_t section, uint64_t va, uint64_t len)
{
	for (unsigned int k = 0; k < s->nr; k++) {
		const struct ks_linkmap *map = &s->maps[k];
		uint32_t name = ks_strpool_find(&map->strings, input_section, strlen(input_section));

		if (!map->is_relocatable || name == KS_STRPOOL_NONE)
			continue;
		/* Every part of vmlinux.o is in one place, unless a map is made to keep
		 * us busy. */
		p->steps += map->nr_inputs;
		if (p->steps > MAX_STEPS || p->v.len > MAX_PIECES)
			return ks_error(m->err, -EBADMSG,
					"%s: places the sections of vmlinux.o over and over",
					s->files[0].path);
		for (size_t i = 0; i < map->nr_inputs; i++) {
			const struct ks_map_input *in = &map->inputs[i];
			const struct ks_map_output *o = &map->outputs[in->output];
			uint64_t off = in->va - o->va;
			int ret;

			if (o->name != name || off >= len)
				continue;
			ret = add_piece(p, m, section, va + off,
					in->len < len - off ? in->len : len - off, map, in,
					KSYM_SOURCE_OBJECT_MAP);
			if (ret)
				return ret;
		}
	}
	return 0;
}

static int place_map(struct ks_pieces *p, struct ks_model *m, const struct map_set *s,
		     unsigned int n)
{
	const struct ks_linkmap *map = &s->maps[n];
	uint32_t *sections = calloc(map->nr_outputs + 1, sizeof(*sections));
	int ret = 0;

	if (!sections)
		return ks_error_nomem(m->err);
	for (size_t i = 0; i < map->nr_outputs && !ret; i++) {
		bool mismatch;

		sections[i] = match_section(m, s, n, &map->outputs[i], &mismatch);
		if (mismatch)
			ret = ks_error(m->err, -EBADMSG,
				       "%s: section %s is at 0x%llx with 0x%llx bytes, in %s at 0x%llx with 0x%llx: the map is of another link",
				       s->files[n].path,
				       ks_strpool_get(&map->strings, map->outputs[i].name),
				       (unsigned long long)map->outputs[i].va,
				       (unsigned long long)map->outputs[i].len, m->image->path,
				       (unsigned long long)m->image->sections[sections[i]].va,
				       (unsigned long long)m->image->sections[sections[i]].len);
	}
	for (size_t i = 0; i < map->nr_inputs && !ret; i++) {
		const struct ks_map_input *in = &map->inputs[i];
		uint32_t section = sections[in->output];
		const char *object = ks_strpool_get(&map->strings, in->object);
		uint64_t va;

		if (!section)
			continue;
		va = m->image->sections[section].va + (in->va - map->outputs[in->output].va);
		if (!strcmp(object, "vmlinux.o"))
			ret = add_nested(p, m, s, ks_strpool_get(&map->strings, in->section),
					 section, va, in->len);
		else
			ret = add_piece(p, m, section, va, in->len, map, in, KSYM_SOURCE_MAP);
	}
	free(sections);
	return ret;
}

static int compare_pieces(const void *pa, const void *pb)
{
	const struct ks_piece *a = pa, *b = pb;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	if (a->end_va != b->end_va)
		return a->end_va < b->end_va ? -1 : 1;
	return (a->object > b->object) - (a->object < b->object);
}

int ks_pieces_read(struct ks_pieces *p, struct ks_model *m)
{
	struct map_set s = { .nr = 0 };
	int ret = read_maps(&s, m);

	for (unsigned int i = 0; i < s.nr && !ret; i++)
		if (s.maps[i].is_relocatable == (m->image->type == ET_REL))
			ret = place_map(p, m, &s, i);
	if (!ret && s.nr && !p->v.len && m->opts->map_files)
		ret = ks_error(m->err, -ENODATA,
			       "%s: places no object in %s (for a kernel linked from vmlinux.o give vmlinux.o.map as well)",
			       s.files[0].path, m->image->path);
	for (unsigned int i = 0; i < s.nr && !ret; i++)
		for (uint32_t k = 0; k < s.maps[i].assigned.nr && !ret; k++) {
			const struct ks_strpool_entry *e = &s.maps[i].assigned.entries[k];

			if (ks_strpool_add(&p->assigned, e->s, e->len) == KS_STRPOOL_NONE)
				ret = ks_error_nomem(m->err);
		}
	map_set_free(&s);
	if (!ret && p->v.len)
		qsort(p->v.data, p->v.len, sizeof(*p->v.data), compare_pieces);
	return ret;
}

void ks_pieces_free(struct ks_pieces *p)
{
	ks_vec_free(&p->v);
	ks_strpool_free(&p->assigned);
}

/* First piece behind (section, va). */
static size_t upper_bound(const struct ks_pieces *p, uint32_t section, uint64_t va)
{
	size_t lo = 0, hi = p->v.len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct ks_piece *e = &p->v.data[mid];

		if (e->section < section || (e->section == section && e->va <= va))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct ks_piece *ks_pieces_find(const struct ks_pieces *p, uint32_t section, uint64_t va)
{
	size_t i = upper_bound(p, section, va);
	const struct ks_piece *e;

	if (!i)
		return NULL;
	e = &p->v.data[i - 1];
	return e->section == section && va < e->end_va ? e : NULL;
}

bool ks_pieces_cover(const struct ks_pieces *p, uint32_t section)
{
	size_t i = upper_bound(p, section, UINT64_MAX);

	return i && p->v.data[i - 1].section == section;
}
