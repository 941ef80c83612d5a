// SPDX-License-Identifier: LGPL-2.1-or-later
/* Who owns the symbols that are listed, by the model that an index is made of. */
#include "kallsyms/owners.h"

#include <stdlib.h>
#include <string.h>
#include "index/index.h"
#include "index/model.h"
#include "kallsyms/write.h"

/* Of one address so many are looked through; nearly always the first is the one. */
#define REACH 256
#define NOWHERE UINT32_MAX

/*
 * Where in the index the symbols of @k are.  Both are in the same order but for what the
 * index has not; of several with one name and address each is the next one.
 */
static int place_symbols(const struct ks_kallsyms *k, const struct ksym_index *idx, uint32_t *place)
{
	struct ksym_index_info info = KSYM_OPTS(info);
	struct ksym_symbol sym;
	uint32_t at = 0;
	bool *taken;

	ksym_index_info(idx, &info);
	taken = calloc((size_t)info.nr_symbols + 1, sizeof(*taken));
	if (!taken)
		return ks_error_nomem(k->err);
	for (size_t n = 0; n < k->syms.len; n++) {
		const struct ks_kasym *s = &k->syms.data[n];

		place[n] = NOWHERE;
		while (ksym_index_symbol(idx, at, &sym) && (taken[at] || sym.va < s->va))
			at++;
		for (uint32_t i = at; i - at < REACH && ksym_index_symbol(idx, i, &sym) &&
				      sym.va == s->va; i++) {
			if (taken[i] || strcmp(sym.name, s->name))
				continue;
			taken[i] = true;
			place[n] = i;
			break;
		}
	}
	free(taken);
	return 0;
}

/* What is printed behind the name, as a string of strings: its number to *@owner. */
static bool owner_of(struct ks_own_model *m, const struct ksym_index *idx,
		     const struct ksym_symbol *s, uint32_t *owner)
{
	KS_VEC(char) key = { 0 };
	struct ks_obj o;
	const char *object;
	uint32_t n = KS_STRPOOL_NONE;
	size_t len;

	if (s->object == KSYM_NO_OBJECT || !ks_tables_object(&idx->t, s->object, &o))
		return true;
	object = s->is_text ? o.text_suffix : o.data_suffix;
	if (!o.nr_modules && !object)
		return true;
	for (uint32_t i = 0; i < o.nr_modules; i++) {
		const char *name = ks_tables_object_module(&idx->t, o.first_module + i);

		len = name ? strlen(name) + 1 : 0;
		if (!ks_vec_reserve(&key, len))
			goto out;
		if (len)
			memcpy(key.data + key.len, name, len);
		key.len += len;
	}
	len = object ? strlen(object) : 0;
	if (!ks_vec_reserve(&key, len + 1))
		goto out;
	key.data[key.len++] = 0;
	if (len)
		memcpy(key.data + key.len, object, len);
	key.len += len;
	n = ks_strpool_add(&m->owners, key.data, key.len);
out:
	ks_vec_free(&key);
	*owner = n + 1;
	return n != KS_STRPOOL_NONE;
}

static bool is_code(char type)
{
	return type == 't' || type == 'T' || type == 'w' || type == 'W';
}

/* Objects follow each other in code as they do in data, and code is what has most of
 * the owners' names: its symbols give the numbers, the others add what is missing. */
static int take_owners(struct ks_kallsyms *k, struct ks_own_model *m,
		       const struct ksym_index *idx, const uint32_t *place, bool code)
{
	uint32_t missing = 0;

	for (size_t i = 0; i < k->syms.len; i++) {
		const struct ks_kasym *s = &k->syms.data[i];
		struct ks_own_symbol *out = &m->syms.data[i];
		struct ksym_symbol sym;

		if (is_code(s->type) != code)
			continue;
		if (place[i] == NOWHERE || !ksym_index_symbol(idx, place[i], &sym)) {
			missing++;
			continue;
		}
		out->len = sym.len;
		if (!owner_of(m, idx, &sym, &out->owner))
			return ks_error_nomem(k->err);
	}
	if (missing)
		ks_kallsyms_warn(k, "%s: has %u symbols that %s has not", k->path, missing,
				 k->opts->owners_image);
	return 0;
}

static int build_index(struct ks_kallsyms *k, struct ksym_index **idx)
{
	struct ks_listed *listed = malloc((k->syms.len + 1) * sizeof(*listed));
	struct ks_listing listing = { listed, k->syms.len };
	struct ksym_build_opts o = KSYM_OPTS(o);
	int ret;

	if (!listed)
		return ks_error_nomem(k->err);
	for (size_t i = 0; i < k->syms.len; i++)
		listed[i] = (struct ks_listed){ k->syms.data[i].va, k->syms.data[i].name };
	ret = ks_index_build_listed(k->opts->owners_image,
				    k->opts->owners_build ? k->opts->owners_build : &o, &listing,
				    idx, k->err);
	free(listed);
	return ret;
}

/* By the labels around it; nothing can be that long in a map that is none. */
static uint32_t table_len(const struct ks_kallsyms *k, enum ks_own_table t)
{
	uint64_t len = k->owners_va[t + 1] - k->owners_va[t];

	return k->owners_va[t] && len < 1u << 30 ? (uint32_t)len : 0;
}

int ks_own_collect(struct ks_kallsyms *k, struct ks_own_model *m)
{
	struct ksym_index *idx = NULL;
	uint32_t *place;
	int ret = 0;

	m->sizes_len = table_len(k, KS_OWN_SIZES);
	m->modules_len = table_len(k, KS_OWN_MODULES);

	if (!ks_vec_reserve(&m->syms, k->syms.len + 1))
		return ks_error_nomem(k->err);
	for (size_t i = 0; i < k->syms.len; i++)
		m->syms.data[m->syms.len++] = (struct ks_own_symbol){ .va = k->syms.data[i].va };
	/* The first of a build's passes has no image yet, and no symbols. */
	if (!k->syms.len)
		return 0;
	if (!k->opts->owners_image)
		return ks_error(k->err, -EINVAL, "kallsyms: owners of symbols need the image they are in");
	place = malloc(k->syms.len * sizeof(*place));
	ret = place ? build_index(k, &idx) : ks_error_nomem(k->err);
	if (!ret)
		ret = place_symbols(k, idx, place);
	if (!ret)
		ret = take_owners(k, m, idx, place, true);
	if (!ret)
		ret = take_owners(k, m, idx, place, false);
	ksym_index_close(idx);
	free(place);
	return ret;
}

void ks_own_model_free(struct ks_own_model *m)
{
	ks_vec_free(&m->syms);
	ks_strpool_free(&m->owners);
}

static void fill_stats(const struct ks_kallsyms *k, const struct ks_own_model *m,
		       const struct ks_own_blob *b)
{
	struct ksym_kallsyms_stats *s = k->opts->stats;
	struct ksym_kallsyms_stats full = { 0 };

	if (!s)
		return;
	full.size = s->size;
	full.nr_symbols = (uint32_t)m->syms.len;
	for (size_t i = 0; i < m->syms.len; i++) {
		full.nr_text_symbols += is_code(k->syms.data[i].type);
		full.nr_ranges += !i || m->syms.data[i].owner != m->syms.data[i - 1].owner;
	}
	full.nr_owners = m->owners.nr;
	full.len = b->len;
	full.sizes_len = b->table_len[KS_OWN_SIZES] + b->table_len[KS_OWN_SIZE_OFFSETS];
	full.ranges_len = b->table_len[KS_OWN_MODULES] + b->table_len[KS_OWN_MODULE_OFFSETS];
	full.names_len = b->table_len[KS_OWN_NAMES] + b->table_len[KS_OWN_OBJFILES];
	memcpy(s, &full, s->size < sizeof(full) ? s->size : sizeof(full));
}

int ks_kallsyms_print_owners(struct ks_kallsyms *k, struct ks_asm *out)
{
	/* In the order of enum ks_own_table, then the block itself. */
	static const char *const labels[] = { KS_OWNERS_LABELS };
	const char *align = k->opts->generation == KSYM_KALLSYMS_7 ? ".balign 8" : "ALGN";
	struct ks_own_model m = { 0 };
	struct ks_own_blob b = { 0 };
	uint32_t at = 0;
	int ret = ks_own_collect(k, &m);

	if (!ret)
		ret = ks_own_encode(&m, &b, k->err);
	if (!ret) {
		ks_asm_label(out, align, labels[KS_OWN_START]);
		for (unsigned int t = 0; t < KS_NR_OWN_TABLES; t++) {
			ks_asm_bytes(out, b.data + at, b.off[t] - at);
			at = b.off[t];
			ks_asm_label(out, NULL, labels[t]);
		}
		ks_asm_bytes(out, b.data + at, b.len - at);
		ks_asm_label(out, NULL, labels[KS_OWN_END]);
		ks_asm_puts(out, "\n");
		fill_stats(k, &m, &b);
	}
	free(b.data);
	ks_own_model_free(&m);
	return ret ? ret : out->failed ? ks_error_nomem(k->err) : 0;
}
