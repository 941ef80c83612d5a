// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/btf.h"

#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include "tables/format.h"

/* Variables at one address that are looked at: those of size 0 share theirs. */
#define MAX_AT	64

bool ks_live_is_var(const char *var, const char *symbol, size_t len)
{
	size_t n = strnlen(var, len + 1);

	if (n > len || memcmp(var, symbol, n))
		return false;
	if (n == len)
		return true;
	for (size_t i = n + 1; i < len; i++)
		if (symbol[i] < '0' || symbol[i] > '9')
			return false;
	return symbol[n] == '.' && n + 1 < len;
}

static int compare_places(const void *pa, const void *pb)
{
	const struct ks_live_var *a = pa, *b = pb;

	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

static bool add_named(struct ks_live_btf *b, uint32_t id, uint32_t len)
{
	const char *name = ks_btf_string(b->btf, ks_btf_by_id(b->btf, id)[0]);
	struct ks_live_named *n;

	/* No symbol is called so. */
	if (!*name || strnlen(name, KS_NAME_MAX + 1) > KS_NAME_MAX)
		return true;
	n = ks_vec_push(&b->named);
	if (n)
		*n = (struct ks_live_named){ .id = id, .len = len };
	return n;
}

/* Variables, with addresses where the sections' are known. */
static bool add_vars(struct ks_live_btf *b, ks_live_section_fn section, void *arg)
{
	const char *name = NULL;
	bool known = false;
	uint64_t va = 0;

	for (size_t i = 0; i < b->btf->vars.len; i++) {
		const struct ks_btf_section_var *v = &b->btf->vars.data[i];
		const char *of = ks_btf_string(b->btf, ks_btf_by_id(b->btf, v->section)[0]);
		struct ks_live_var *to;

		/* Of one section all are together. */
		if (of != name)
			known = section && section(arg, of, &va);
		name = of;
		if (!known) {
			if (!add_named(b, v->id, v->len))
				return false;
			continue;
		}
		to = ks_vec_push(&b->placed);
		if (!to)
			return false;
		*to = (struct ks_live_var){ va + v->off, v->id, v->len };
	}
	if (b->placed.len)
		qsort(b->placed.data, b->placed.len, sizeof(*b->placed.data), compare_places);
	return true;
}

static uint32_t *head(const struct ks_live_btf *b, const char *name, size_t len)
{
	return &b->heads[(uint32_t)XXH3_64bits(name, len) & b->mask];
}

static bool make_table(struct ks_live_btf *b)
{
	uint32_t slots = 64;

	while (slots / 2 < b->named.len && slots < 0x40000000u)
		slots *= 2;
	b->mask = slots - 1;
	b->heads = calloc(slots, sizeof(*b->heads));
	if (!b->heads)
		return false;
	/* Last ones first, so that the first one comes out first. */
	for (size_t i = b->named.len; i-- > 0;) {
		struct ks_live_named *n = &b->named.data[i];
		const char *name = ks_btf_string(b->btf, ks_btf_by_id(b->btf, n->id)[0]);
		uint32_t *slot = head(b, name, strlen(name));

		n->next = *slot;
		*slot = (uint32_t)i + 1;
	}
	return true;
}

static bool fill(struct ks_live_btf *b, ks_live_section_fn section, void *arg)
{
	for (uint32_t id = b->btf->first; id < ks_btf_end(b->btf); id++)
		if (KS_BTF_KIND(ks_btf_by_id(b->btf, id)) == BTF_KIND_FUNC && !add_named(b, id, 0))
			return false;
	return add_vars(b, section, arg) && make_table(b);
}

int ks_live_btf_open(struct ks_live_btf **out, const struct ksym_live *l, const char *name,
		     const struct ksym_btf *base, ks_live_section_fn section, void *arg,
		     struct ksym_error *err)
{
	char *path = ks_live_path(l, "/sys/kernel/btf/%s", name);
	struct ks_live_btf *b = calloc(1, sizeof(*b));
	int ret = path && b ? 0 : ks_error_nomem(err);

	if (!ret && access(path, R_OK))
		ret = -ENOENT;
	if (!ret)
		ret = ksym_btf_read(&b->btf, path, base, err);
	if (!ret && !fill(b, section, arg))
		ret = ks_error_nomem(err);
	free(path);
	if (ret)
		ks_live_btf_close(b);
	else
		*out = b;
	return ret;
}

int ks_live_btf_try(struct ks_live_btf **out, const struct ksym_live *l, const char *name,
		    const struct ks_live_btf *base, ks_live_section_fn section, void *arg,
		    struct ksym_error *err)
{
	struct ksym_error why;
	int ret = ks_live_btf_open(out, l, name, base ? base->btf : NULL, section, arg, &why);

	if (ret == -ENOMEM)
		return ks_error_nomem(err);
	if (ret && ret != -ENOENT && l->opts.message)
		l->opts.message(l->opts.message_arg, KSYM_MESSAGE_WARNING, why.text);
	return 0;
}

void ks_live_btf_close(struct ks_live_btf *b)
{
	if (!b)
		return;
	ksym_btf_close(b->btf);
	ks_vec_free(&b->placed);
	ks_vec_free(&b->named);
	free(b->heads);
	free(b);
}

const struct ks_live_var *ks_live_btf_at(const struct ks_live_btf *b, uint64_t va,
					 const char *symbol, size_t len)
{
	size_t lo = 0, hi = b->placed.len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (b->placed.data[mid].va < va)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (size_t i = lo; i < b->placed.len && i - lo < MAX_AT; i++) {
		const struct ks_live_var *v = &b->placed.data[i];

		if (v->va != va)
			break;
		if (ks_live_is_var(ks_btf_string(b->btf, ks_btf_by_id(b->btf, v->id)[0]), symbol, len))
			return v;
	}
	return NULL;
}

const struct ks_live_named *ks_live_btf_named(const struct ks_live_btf *b, unsigned int kind,
					      const char *name, size_t len, uint32_t *pos)
{
	uint32_t i = *pos ? b->named.data[*pos - 1].next : *head(b, name, len);

	for (; i; i = b->named.data[i - 1].next) {
		uint32_t id = b->named.data[i - 1].id;
		const uint32_t *t = ks_btf_by_id(b->btf, id);
		const char *of = ks_btf_string(b->btf, t[0]);

		if (KS_BTF_KIND(t) == kind && strlen(of) == len && !memcmp(of, name, len)) {
			*pos = i;
			return &b->named.data[i - 1];
		}
	}
	return NULL;
}
