// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One index of what /proc/kallsyms lists: the kernel's own symbols with what its index
 * knows of them, and those of loaded modules.  It is made like any other, by the steps of
 * index/model.h, so that all that can be asked of an index can be asked of it, and
 * identities are unique among all.
 */
#include "live/live.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/opts.h"
#include "index/index.h"
#include "index/model.h"
#include "kbuild/modules.h"
#include "live/btf.h"
#include "live/kallsyms.h"
#include "live/modules.h"

struct merge {
	struct ksym_live *l;
	struct ksym_error *err;
	struct ks_model m;
	struct ks_elf image;		/* no file: what the index is said to be of */
	KS_VEC(struct ks_elf_section) sections;
	uint64_t offset;		/* run time minus link time, from _text on */
	uint64_t link_text_va;
	uint32_t nr_kernel;		/* symbols, which come first */
};

static int nomem(const struct merge *g)
{
	return ks_error_nomem(g->err);
}

/* ------------------------------------------------------------------ symbols */

static bool is_text_letter(char type)
{
	return strchr("tTwW", type) && type;
}

static int add_line(struct merge *g, const struct ks_kallsyms_line *line)
{
	struct ks_isym *s = ks_vec_push(&g->m.syms);
	char *name = ks_arena_strdup(&g->m.arena, line->name, line->name_len);

	if (!s || !name)
		return nomem(g);
	*s = (struct ks_isym){
		.va = line->va,
		.name = name,
		.name_len = line->name_len,
		.elf_index = (uint32_t)g->m.syms.len,
		.file = KS_NO_OBJECT,
		.object = KS_NO_OBJECT,
		.other_object = KS_NO_OBJECT,
		.type = line->type,
		.is_text = is_text_letter(line->type),
	};
	return 0;
}

/* The last entry of object_modules to where it belongs among the object's own. */
static void sort_in(struct ks_model *m, uint32_t first)
{
	uint32_t *list = m->object_modules.data, last = (uint32_t)m->object_modules.len - 1;

	for (uint32_t i = last; i > first; i--) {
		uint32_t n = list[i];

		if (strcmp(ks_strpool_get(&m->modules, list[i - 1]), ks_strpool_get(&m->modules, n)) <= 0)
			break;
		list[i] = list[i - 1];
		list[i - 1] = n;
	}
}

/* Objects without a path, one for each list of modules: names between blanks. */
static int pathless_object(struct merge *g, const char *names, size_t len, uint32_t source,
			   uint32_t *object)
{
	struct ks_model *m = &g->m;
	char key[KSYM_NAME_LEN + 8];
	uint32_t n = m->objs.len;
	struct ks_iobject *o;

	if (len > KSYM_NAME_LEN)
		return ks_error(g->err, -EBADMSG, "%.64s...: too many modules share an object", names);
	/* An empty path with the names behind its end tells them apart. */
	key[0] = 0;
	memcpy(key + 1, names, len);
	*object = ks_strpool_add(&m->objects, key, len + 1);
	if (*object == KS_STRPOOL_NONE)
		return nomem(g);
	if (*object < n)
		return 0;
	o = ks_vec_push(&m->objs);
	if (!o)
		return nomem(g);
	*o = (struct ks_iobject){ .path = "", .first_module = (uint32_t)m->object_modules.len,
				  .module_sources = (uint16_t)source };
	for (size_t i = 0, end; i < len; i = end + 1) {
		uint32_t *slot = ks_vec_push(&m->object_modules);

		for (end = i; end < len && names[end] != ' '; end++)
			;
		if (!slot)
			return nomem(g);
		*slot = ks_strpool_add(&m->modules, names + i, end - i);
		if (*slot == KS_STRPOOL_NONE)
			return nomem(g);
		sort_in(m, o->first_module);
		o->nr_modules++;
	}
	return 0;
}

static int read_kallsyms(struct merge *g)
{
	char *path = ks_live_path(g->l, "/proc/kallsyms");
	struct ks_kallsyms_line line;
	struct ks_kallsyms k;
	struct ks_file f;
	int ret = path ? ks_file_open(&f, path, g->err) : nomem(g);

	if (ret) {
		free(path);
		return ret;
	}
	k = ks_kallsyms(&f);
	while ((ret = ks_kallsyms_next(&k, &line, g->err)) > 0) {
		ret = add_line(g, &line);
		if (!ret && line.module_len) {
			struct ks_isym *s = &g->m.syms.data[g->m.syms.len - 1];

			ret = pathless_object(g, line.module, line.module_len,
					      KSYM_MODULE_SOURCE_IMAGE, &s->object);
			s->sources = KSYM_SOURCE_IMAGE;
		} else if (!ret && g->nr_kernel++ != g->m.syms.len - 1) {
			ret = ks_error(g->err, -EBADMSG,
				       "%s:%" PRIu64 ": a symbol of the kernel behind those of modules",
				       path, k.lines.nr);
		}
		if (ret)
			break;
	}
	ks_file_close(&f);
	free(path);
	return ret;
}

/*
 * Sizes of what is behind the kernel's own symbols, from /proc/kallmodsyms or the iterator
 * if one is there.  It lists the same in the same order, but for modules that came or went.
 */
static int read_sizes(struct merge *g)
{
	const struct ksym_live *l = g->l;
	char *path = l->info.kallmodsyms ? ks_live_path(l, "/proc/kallmodsyms")
		     : l->iterator_path	 ? strdup(l->iterator_path)
					 : NULL;
	struct ks_isym *s = g->m.syms.data + g->nr_kernel, *end = g->m.syms.data + g->m.syms.len;
	struct ks_kallsyms_line line;
	struct ks_kallsyms k;
	struct ks_file f;
	int ret;

	if (!path && (l->info.kallmodsyms || l->iterator_path))
		return nomem(g);
	/* Going without sizes is better than not going. */
	ret = path ? ks_file_open(&f, path, NULL) : -ENOENT;
	if (ret) {
		free(path);
		return ret == -ENOMEM ? nomem(g) : 0;
	}
	k = ks_kallmodsyms(&f);
	while ((ret = ks_kallsyms_next(&k, &line, g->err)) > 0 && s < end) {
		struct ks_isym *at = s;

		if (k.lines.nr <= g->nr_kernel)
			continue;
		while (at < end && at < s + 4096 &&
		       (at->va != line.va || at->name_len != line.name_len ||
			memcmp(at->name, line.name, line.name_len)))
			at++;
		if (at < end && at < s + 4096) {
			at->len = line.len;
			s = at + 1;
		}
	}
	ks_file_close(&f);
	free(path);
	return ret < 0 ? ret : 0;
}

/* ---------------------------------------------------------------- loaded modules */

/* Those of one module, which are together in the order of /proc/kallsyms. */
struct run {
	const char *module;
	struct ks_isym *begin, *end;
};

static const char *module_of(const struct merge *g, const struct ks_isym *s)
{
	const struct ks_iobject *o = &g->m.objs.data[s->object];

	return ks_strpool_get(&g->m.modules, g->m.object_modules.data[o->first_module]);
}

static struct run run_from(const struct merge *g, struct ks_isym *s)
{
	const struct ks_isym *end = g->m.syms.data + g->m.syms.len;
	struct run r = { NULL, s, s };

	if (s < end)
		r.module = module_of(g, s);
	/* Names of modules are interned. */
	while (r.end < end && module_of(g, r.end) == r.module)
		r.end++;
	return r;
}

static struct run first_run(const struct merge *g)
{
	return run_from(g, g->m.syms.data + g->nr_kernel);
}

static struct run run_behind(const struct merge *g, const struct run *r)
{
	return run_from(g, r->end);
}

static int take_from_modules(struct merge *g)
{
	int ret = 0;

	for (struct run r = first_run(g); r.begin < r.end && !ret; r = run_behind(g, &r))
		ret = ks_live_take_module(g->l, &g->m, r.module, r.begin, r.end);
	return ret;
}

/* ------------------------------------------------------------- from the index */

static int copy_objects(struct merge *g, const struct ksym_index *idx)
{
	struct ksym_object o;

	for (uint32_t i = 0; ksym_index_object(idx, i, &o); i++) {
		uint32_t nr = ks_model_object(&g->m, o.path, strlen(o.path), i + 1);
		struct ks_iobject *to = ks_vec_push(&g->m.objs);

		/* Numbers stay those of the index: the number makes every one of them new. */
		if (!to || nr == KS_STRPOOL_NONE || nr != i)
			return nr == i || nr == KS_STRPOOL_NONE
				       ? nomem(g)
				       : ks_error(g->err, -ENOTSUP, "%s: an object's path is too long",
						  g->l->index_path);
		*to = (struct ks_iobject){
			.path = o.path,
			.first_module = (uint32_t)g->m.object_modules.len,
			.nr_modules = o.nr_modules,
			.module_sources = (uint16_t)o.module_sources,
		};
		for (uint32_t n = 0; n < o.nr_modules; n++) {
			const char *name = ksym_index_object_module(idx, &o, n);
			uint32_t *slot = ks_vec_push(&g->m.object_modules);

			if (!slot || !name)
				return nomem(g);
			*slot = ks_strpool_add(&g->m.modules, name, strlen(name));
			if (*slot == KS_STRPOOL_NONE)
				return nomem(g);
		}
	}
	return 0;
}

/* The index lists what the kernel lists, in the same order. */
static int take_from_index(struct merge *g, const struct ksym_index *idx)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	struct ksym_symbol s;

	ksym_index_info(idx, &info);
	g->link_text_va = info.text_va;
	if (info.nr_symbols != g->nr_kernel)
		return ks_error(g->err, -EBADMSG, "%s: has %u symbols, the kernel lists %u",
				g->l->index_path, info.nr_symbols, g->nr_kernel);
	for (uint32_t i = 0; i < g->nr_kernel; i++) {
		struct ks_isym *to = &g->m.syms.data[i];

		if (!ksym_index_symbol(idx, i, &s) || strcmp(s.name, to->name))
			return ks_error(g->err, -EBADMSG,
					"%s: symbol %u is %s, the kernel lists %s",
					g->l->index_path, i, s.name, to->name);
		to->len = s.len;
		to->is_text = s.is_text;
		to->object = s.object;
		to->other_object = s.other_object;
		to->sources = (uint16_t)s.sources;
		if (!strcmp(s.name, "_text"))
			g->offset = to->va - s.va;
	}
	return 0;
}

static int copy_sections(struct merge *g, const struct ksym_index *idx)
{
	struct ksym_section s;

	for (uint32_t i = 0; ksym_index_section(idx, i, &s); i++) {
		struct ks_elf_section *to = ks_vec_push(&g->sections);

		if (!to)
			return nomem(g);
		to->name = s.name;
		to->va = s.va >= g->link_text_va ? s.va + g->offset : s.va;
		to->len = s.len;
		to->is_code = s.is_text;
		to->flags = SHF_ALLOC | (s.is_writable ? (uint64_t)SHF_WRITE : 0);
	}
	return 0;
}

/* ------------------------------------------- without an index: built-in modules */

static const struct ks_isym *kernel_symbol(const struct merge *g, const char *name)
{
	for (uint32_t i = 0; i < g->nr_kernel; i++)
		if (!strcmp(g->m.syms.data[i].name, name))
			return &g->m.syms.data[i];
	return NULL;
}

/* Where section @section begins now, by a symbol whose place in it is known. */
static bool section_base(const struct merge *g, const struct ks_module_ranges *r, uint32_t section,
			 uint64_t *base)
{
	for (size_t i = 0; i < r->anchors.len; i++) {
		const struct ks_isym *s;

		if (r->anchors.data[i].section != section)
			continue;
		s = kernel_symbol(g, ks_strpool_get(&r->strings, r->anchors.data[i].symbol));
		if (s)
			*base = s->va - r->anchors.data[i].off;
		return s != NULL;
	}
	return false;
}

struct placed {
	uint64_t va, end_va;
	uint32_t words;
};

static int compare_placed(const void *pa, const void *pb)
{
	const struct placed *a = pa, *b = pb;

	return (a->va > b->va) - (a->va < b->va);
}

static int give_modules(struct merge *g, const struct ks_module_ranges *r,
			const struct placed *p, size_t nr)
{
	int ret = 0;

	for (uint32_t i = 0; i < g->nr_kernel && !ret; i++) {
		struct ks_isym *s = &g->m.syms.data[i];
		size_t lo = 0, hi = nr;

		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;

			if (p[mid].va <= s->va)
				lo = mid + 1;
			else
				hi = mid;
		}
		if (lo && s->va < p[lo - 1].end_va) {
			const char *words = ks_strpool_get(&r->strings, p[lo - 1].words);

			ret = pathless_object(g, words, strlen(words), KSYM_MODULE_SOURCE_RANGES,
					      &s->object);
		}
	}
	return ret;
}

static int take_from_ranges(struct merge *g, const char *path)
{
	struct ks_module_ranges r = { 0 };
	struct placed *p = NULL;
	struct ks_file f;
	size_t nr = 0;
	int ret = ks_file_open(&f, path, g->err);

	if (ret)
		return ret;
	ret = ks_module_ranges_read(&r, &f, g->err);
	if (!ret) {
		p = calloc(r.ranges.len + 1, sizeof(*p));
		ret = p ? 0 : nomem(g);
	}
	for (size_t i = 0; i < r.ranges.len && !ret; i++) {
		uint64_t base;

		if (section_base(g, &r, r.ranges.data[i].section, &base))
			p[nr++] = (struct placed){ base + r.ranges.data[i].off,
						   base + r.ranges.data[i].end_off,
						   r.ranges.data[i].modules };
	}
	if (!ret) {
		qsort(p, nr, sizeof(*p), compare_placed);
		ret = give_modules(g, &r, p, nr);
	}
	free(p);
	ks_module_ranges_free(&r);
	ks_file_close(&f);
	return ret;
}

/* ------------------------------------------------------ sizes of variables: BTF */

static bool lacks_size(const struct ks_isym *s)
{
	return !s->len && !s->is_text;
}

/* Without the kernel's index this one alone. */
static bool percpu_section(void *arg, const char *name, uint64_t *va)
{
	const struct ks_isym *s = NULL;

	if (!strcmp(name, KS_LIVE_PERCPU))
		s = kernel_symbol(arg, KS_LIVE_PERCPU_START);
	if (s)
		*va = s->va;
	return s;
}

/* The symbols from @s to @end are those of one module: what one variable is called, and one
 * symbol, is that. */
static int size_module(struct merge *g, const struct ks_live_btf *b, struct ks_isym *s,
		       const struct ks_isym *end)
{
	struct ks_strpool names ks_cleanup_strpool = { 0 };
	KS_VEC(uint32_t) counts = { 0 };
	int ret = 0;

	for (const struct ks_isym *i = s; i < end && !ret; i++) {
		uint32_t nr = i->is_text ? 0 : ks_strpool_add(&names, i->name, i->name_len);

		if (nr == KS_STRPOOL_NONE ||
		    (!i->is_text && nr == counts.len && !ks_vec_push(&counts)))
			ret = nomem(g);
		else if (!i->is_text)
			counts.data[nr]++;
	}
	for (; s < end && !ret; s++) {
		const struct ks_live_named *n;
		uint32_t pos = 0;

		if (!lacks_size(s) ||
		    counts.data[ks_strpool_find(&names, s->name, s->name_len)] != 1)
			continue;
		n = ks_live_btf_named(b, BTF_KIND_VAR, s->name, s->name_len, &pos);
		if (n && !ks_live_btf_named(b, BTF_KIND_VAR, s->name, s->name_len, &pos))
			s->len = n->len;
	}
	ks_vec_free(&counts);
	return ret;
}

static int size_modules(struct merge *g, const struct ks_live_btf *kernel)
{
	int ret = 0;

	for (struct run r = first_run(g); r.begin < r.end && !ret; r = run_behind(g, &r)) {
		struct ks_live_btf *b = NULL;
		bool any = false;

		for (const struct ks_isym *s = r.begin; s < r.end; s++)
			any |= lacks_size(s);
		if (any && ks_live_is_module_name(r.module))
			ret = ks_live_btf_try(&b, g->l, r.module, kernel, NULL, NULL, g->err);
		if (b)
			ret = size_module(g, b, r.begin, r.end);
		ks_live_btf_close(b);
	}
	return ret;
}

static int take_from_btf(struct merge *g)
{
	struct ks_isym *s = g->m.syms.data;
	struct ks_live_btf *kernel = NULL;
	/* The kernel's own have sizes in its index. */
	bool any = !g->l->index;
	int ret;

	for (uint32_t i = g->nr_kernel; i < g->m.syms.len && !any; i++)
		any = lacks_size(&s[i]);
	ret = any ? ks_live_btf_try(&kernel, g->l, "vmlinux", NULL, percpu_section, g, g->err) : 0;
	if (ret || !kernel)
		return ret;
	for (uint32_t i = 0; i < g->nr_kernel && !g->l->index; i++) {
		const struct ks_live_var *v =
			lacks_size(&s[i]) ? ks_live_btf_at(kernel, s[i].va, s[i].name, s[i].name_len) : NULL;

		if (v)
			s[i].len = v->len;
	}
	ret = size_modules(g, kernel);
	ks_live_btf_close(kernel);
	return ret;
}

/* ------------------------------------------------------------ address order */

#define PAGE_MASK 0xfff

static int compare_syms(const void *pa, const void *pb)
{
	const struct ks_isym *a = pa, *b = pb;

	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	return (a->elf_index > b->elf_index) - (a->elf_index < b->elf_index);
}

/* What no section of the index holds is in one that reaches from the first symbol of
 * each run of one owner, a module or, without an index, the kernel, to the end of the
 * last one's page. */
static int add_sections(struct merge *g)
{
	struct ks_elf_section *s = NULL;
	uint32_t of = 0;

	for (size_t i = 0; i < g->m.syms.len; i++) {
		const struct ks_isym *sym = &g->m.syms.data[i];
		bool kernel = sym->elf_index <= g->nr_kernel;
		uint32_t owner = kernel ? KS_NO_OBJECT : sym->object;

		if (kernel && g->l->index) {
			s = NULL;
			continue;
		}
		if (!s || owner != of) {
			s = ks_vec_push(&g->sections);
			if (!s)
				return nomem(g);
			s->name = kernel ? "kernel" : "module";
			s->va = sym->va;
			s->flags = SHF_ALLOC | SHF_EXECINSTR;
			s->is_code = true;
			of = owner;
		}
		s->len = (sym->va | PAGE_MASK) - s->va + (sym->va != UINT64_MAX);
		if (sym->len > s->len - (sym->va - s->va))
			s->len = sym->va - s->va + sym->len;
	}
	return 0;
}

static void describe(struct merge *g)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	const struct ksym_live *l = g->l;
	struct ks_elf *e = &g->image;
	const struct ks_isym *text = kernel_symbol(g, "_text");

	e->path = "/proc/kallsyms";
	e->type = ET_EXEC;
	e->class = sizeof(long) == 8 ? ELFCLASS64 : ELFCLASS32;
	e->data = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? ELFDATA2MSB : ELFDATA2LSB;
	if (l->index) {
		ksym_index_info(l->index, &info);
		e->machine = info.elf_machine;
		e->class = info.elf_class;
		e->data = info.elf_data;
	}
	memcpy(e->build_id, l->build_id, l->build_id_len);
	e->build_id_len = (uint8_t)l->build_id_len;
	g->m.has_text_va = text != NULL;
	g->m.text_va = text ? text->va : 0;
}

static int merge(struct merge *g)
{
	const struct ksym_live *l = g->l;
	int ret = 0;

	/* Numbers of objects are those of the index, so it goes first. */
	if (l->index)
		ret = copy_objects(g, l->index);
	if (!ret)
		ret = read_kallsyms(g);
	if (!ret)
		ret = read_sizes(g);
	describe(g);
	if (!ret && l->index)
		ret = take_from_index(g, l->index);
	else if (!ret && l->builtin_path[KS_LIVE_RANGES])
		ret = take_from_ranges(g, l->builtin_path[KS_LIVE_RANGES]);
	if (!ret)
		ret = take_from_modules(g);
	if (!ret)
		ret = take_from_btf(g);
	if (!ret && !ks_vec_push(&g->sections))
		ret = nomem(g);
	if (!ret && l->index)
		ret = copy_sections(g, l->index);
	if (ret)
		return ret;
	if (g->m.syms.len)
		qsort(g->m.syms.data, g->m.syms.len, sizeof(*g->m.syms.data), compare_syms);
	ret = add_sections(g);
	g->image.sections = g->sections.data;
	g->image.nr_sections = (uint32_t)g->sections.len;
	return ret ? ret : ks_model_make_identities(&g->m);
}

int ksym_live_index(struct ksym_live *live, struct ksym_index **out, struct ksym_error *err)
{
	struct ksym_build_opts opts = KSYM_OPTS(opts);
	struct merge g = { .l = live, .err = err };
	void *data;
	size_t len;
	int ret;

	*out = NULL;
	if (!live->info.nr_kernel_symbols)
		return ks_error(err, -ENODATA, "%s/proc/kallsyms: lists no symbols", live->sysroot);
	if (!live->info.shows_addresses)
		return ks_error(err, -EACCES,
				"%s/proc/kallsyms: shows no addresses: this takes root, and kptr_restrict below 2",
				live->sysroot);
	opts.message = live->opts.message;
	opts.message_arg = live->opts.message_arg;
	g.m = (struct ks_model){ .opts = &opts, .err = err, .image = &g.image };
	ret = merge(&g);
	if (!ret)
		ret = ks_model_encode(&g.m, &data, &len);
	ks_model_free(&g.m);
	ks_vec_free(&g.sections);
	return ret ? ret : ks_index_adopt(data, len, "/proc/kallsyms", out, err);
}
