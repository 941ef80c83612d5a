// SPDX-License-Identifier: LGPL-2.1-or-later
/* Versions in an index: the table VERS, which tables/format.h describes. */
#include "base/cursor.h"
#include "index/index.h"
#include "versions/result.h"
#include "versions/symtypes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zlib.h>

#define WHAT "versions"
#define MIN_RECORD_LEN 13		/* three empty strings */

/* ------------------------------------------------------------------ writing */

struct bytes {
	KS_VEC(uint8_t) v;
};

static int gather(void *arg, const char *s, size_t len)
{
	struct bytes *b = arg;

	if (!ks_vec_reserve(&b->v, len))
		return -ENOMEM;
	memcpy(b->v.data + b->v.len, s, len);
	b->v.len += len;
	return 0;
}

struct raw_writer {
	ksym_write_fn fn;
	void *arg;
	int ret;
};

static void put_int(struct raw_writer *w, uint32_t v, unsigned int len)
{
	uint8_t buf[4];

	ks_index_store(buf, v, len);
	if (!w->ret)
		w->ret = w->fn(w->arg, (const char *)buf, len);
}

static void put_string(struct raw_writer *w, const char *s)
{
	if (!w->ret)
		w->ret = w->fn(w->arg, s, strlen(s) + 1);
}

int ks_versions_write_raw(const struct ksym_versions *v, ksym_write_fn fn, void *arg,
			  struct ksym_error *err)
{
	struct raw_writer w = { .fn = fn, .arg = arg };
	struct ksym_version x;

	put_int(&w, v->nr, 4);
	for (uint32_t i = 0; ksym_versions_get(v, i, &x); i++) {
		put_int(&w, x.crc, 4);
		put_int(&w, x.place, 4);
		put_int(&w, x.status, 1);
		put_int(&w, x.gpl, 1);
		put_string(&w, x.name);
		put_string(&w, x.name_space);
		put_string(&w, x.unit ? x.unit : "");
	}
	return w.ret ? w.ret : ksym_versions_write_symtypes(v, true, fn, arg, err);
}

/* Text that would be denser than readers believe is stored as it is. */
static int compress_all(const struct bytes *raw, bool stable, struct bytes *out, struct ksym_error *err)
{
	static const int levels[] = { Z_DEFAULT_COMPRESSION, Z_NO_COMPRESSION };

	for (size_t i = 0; i < 2; i++) {
		uLongf len = compressBound(raw->v.len);
		uint8_t *h;

		out->v.len = 0;
		if (!ks_vec_reserve(&out->v, KS_VERS_LEN + len))
			return ks_error_nomem(err);
		h = out->v.data;
		if (compress2(h + KS_VERS_LEN, &len, raw->v.data, raw->v.len, levels[i]) != Z_OK)
			return ks_error_nomem(err);
		memset(h, 0, KS_VERS_LEN);
		ks_index_store(h + KS_VERS_FLAGS, stable ? KS_VERS_STABLE : 0, 4);
		ks_index_store(h + KS_VERS_RAW_LEN, raw->v.len, 8);
		out->v.len = KS_VERS_LEN + len;
		if (raw->v.len <= (uint64_t)len * KS_VERS_RATIO + KS_VERS_SLACK)
			break;
	}
	return 0;
}

int ksym_index_with_versions(const struct ksym_index *idx, const struct ksym_versions *v,
			     struct ksym_index **out, struct ksym_error *err)
{
	struct bytes raw = { 0 }, table = { 0 };
	int ret;

	*out = NULL;
	ret = ks_versions_write_raw(v, gather, &raw, err);
	if (ret == -ENOMEM)
		ret = ks_error_nomem(err);
	if (!ret)
		ret = compress_all(&raw, v->stable, &table, err);
	if (!ret && table.v.len >= UINT32_MAX)
		ret = ks_error(err, -EFBIG, "%s: versions take more than 4 GB", v->path);
	if (!ret)
		ret = ks_index_replace(idx, KS_VERS, table.v.data, table.v.len, out, err);
	ks_vec_free(&raw.v);
	ks_vec_free(&table.v);
	return ret;
}

/* ------------------------------------------------------------------ reading */

/* *@raw from malloc(): ks_tables_check() has seen that its length is in proportion. */
static int decompress(const struct ks_table_view *t, const char *path, uint8_t **raw, size_t *len,
		      struct ksym_error *err)
{
	uint64_t raw_len = ks_get64(t->p + KS_VERS_RAW_LEN);
	uLongf got = (uLongf)raw_len;
	int ret;

	if (raw_len > SIZE_MAX / 2 || got != raw_len)
		return ks_error(err, -EFBIG, "%s: " WHAT ": too long", path);
	*raw = malloc((size_t)raw_len + 1);
	if (!*raw)
		return ks_error_nomem(err);
	ret = uncompress(*raw, &got, t->p + KS_VERS_LEN, (uLong)(t->len - KS_VERS_LEN));
	if (ret == Z_MEM_ERROR)
		return ks_error_nomem(err);
	if (ret != Z_OK || got != raw_len)
		return ks_error(err, -EBADMSG, "%s: " WHAT ": expected a zlib stream of %" PRIu64 " bytes",
				path, raw_len);
	*len = (size_t)raw_len;
	return 0;
}

static int keep_string(struct ksym_versions *v, const char *s, const char **out)
{
	*out = *s ? ks_arena_strdup(&v->arena, s, strlen(s)) : "";
	return *out ? 0 : -ENOMEM;
}

static int read_symbol(struct ksym_versions *v, struct ks_cursor *c, uint32_t i,
		       struct ksym_error *err)
{
	struct ks_version_result *r = &v->results[i];
	const char *name, *name_space, *unit;
	uint32_t nr;

	r->text = UINT32_MAX;
	r->crc = ks_cursor_u32(c);
	r->place = ks_cursor_u32(c);
	r->reason.status = ks_cursor_u8(c);
	r->gpl = ks_cursor_u8(c);
	name = ks_cursor_string(c, NULL);
	name_space = ks_cursor_string(c, NULL);
	unit = ks_cursor_string(c, NULL);
	if (r->place > i || r->reason.status > KSYM_VERSION_NO_UNIT || !*name)
		ks_cursor_fail(c, "a symbol");
	if (c->failed)
		return ks_cursor_error(c, err);
	nr = ks_strpool_add(&v->names, name, strlen(name));
	if (nr == KS_STRPOOL_NONE || keep_string(v, name_space, &r->name_space) ||
	    (*unit && keep_string(v, unit, &r->reason.unit)))
		return ks_error_nomem(err);
	if (nr != i) {
		ks_cursor_fail(c, "a symbol that was not there before");
		return ks_cursor_error(c, err);
	}
	return 0;
}

static int read_symbols(struct ksym_versions *v, struct ks_cursor *c, struct ksym_error *err)
{
	int ret = 0;

	v->nr = ks_cursor_u32(c);
	if (v->nr > ks_cursor_left(c) / MIN_RECORD_LEN) {
		v->nr = 0;
		ks_cursor_fail(c, "a number of symbols");
		return ks_cursor_error(c, err);
	}
	v->results = calloc((size_t)v->nr + 1, sizeof(*v->results));
	if (!v->results) {
		v->nr = 0;
		return ks_error_nomem(err);
	}
	for (uint32_t i = 0; i < v->nr && !ret; i++)
		ret = read_symbol(v, c, i, err);
	return ret;
}

static int read_types(struct ksym_versions *v, struct ks_cursor *c, struct ksym_error *err)
{
	struct ks_symtypes st = { 0 };
	int ret;

	if (memchr(c->pos, 0, ks_cursor_left(c))) {
		ks_cursor_fail(c, "types without zero bytes");
		return ks_cursor_error(c, err);
	}
	ret = ks_symtypes_parse(&st, v->path, (const char *)c->pos, ks_cursor_left(c), err);

	for (uint32_t i = 0; i < st.map.types.len && !ret; i++)
		st.map.types.data[i].known = st.types.data[i].s;
	for (uint32_t i = 0; i < v->nr && !ret; i++)
		v->results[i].text = ks_strpool_find(&st.symbols, ks_strpool_get(&v->names, i),
						     v->names.entries[i].len);
	v->map = st.map;
	st.map = (struct ks_typemap){ 0 };
	ks_symtypes_free(&st);
	return ret ? ret : ks_expander_open(&v->expander, &v->map, err);
}

int ks_versions_parse(struct ksym_versions *v, const void *raw, size_t len, struct ksym_error *err)
{
	struct ks_cursor c = ks_cursor(raw, len, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, v->path, WHAT);
	int ret = read_symbols(v, &c, err);

	return ret ? ret : read_types(v, &c, err);
}

static int read_table(struct ksym_versions *v, const struct ks_table_view *t, struct ksym_error *err)
{
	uint32_t flags;
	uint8_t *raw = NULL;
	size_t len = 0;
	int ret;

	if (!t->nr)
		return ks_error(err, -ENODATA,
				"%s: is an index without versions: expected one made by `ksym index --versions`, or the image",
				v->path);
	flags = ks_get32(t->p + KS_VERS_FLAGS);
	if (flags & ~(uint32_t)KS_VERS_STABLE)
		return ks_error(err, -ENOTSUP, "%s: " WHAT ": made by a newer version of ksym", v->path);
	if (!(flags & KS_VERS_STABLE) != !v->stable)
		return ks_error(err, -EINVAL, "%s: is an index of versions %s kABI rules (--stable)",
				v->path, v->stable ? "without" : "that mind");
	ret = decompress(t, v->path, &raw, &len, err);
	if (!ret)
		ret = ks_versions_parse(v, raw, len, err);
	free(raw);
	return ret;
}

int ks_versions_read_index(struct ksym_versions *v, const struct ksym_versions_opts *o,
			   struct ksym_error *err)
{
	struct ksym_index *idx;
	int ret;

	if (o->symbols || o->debug_file || o->dump_dies || o->report_ties)
		return ks_error(err, -EINVAL,
				"%s: is an index: lists of symbols, debug files, DIEs and ties go with the image",
				v->path);
	ret = ksym_index_open(v->path, &idx, err);
	if (ret)
		return ret;
	ret = ksym_index_verify(idx, err);
	if (!ret)
		ret = read_table(v, &idx->t.tab[KS_VERS], err);
	ksym_index_close(idx);
	return ret;
}
