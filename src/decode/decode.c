// SPDX-License-Identifier: LGPL-2.1-or-later
/* Dumps as ksym/decode.h shows them. */
#include "base/opts.h"
#include "decode/decode.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int copy_opts(struct ksym_decoder *d, const struct ksym_decoder_opts *opts,
		     struct ksym_error *err)
{
	struct ksym_build_opts build;
	int ret = ks_opts_copy(&d->opts, sizeof(d->opts), opts, err);

	if (ret)
		return ret;
	/* A part that is all zero asks for the defaults. */
	if (!d->opts.build.size)
		d->opts.build.size = sizeof(d->opts.build);
	ret = ks_opts_copy(&build, sizeof(build), &d->opts.build, err);
	d->opts.build = build;
	d->opts.build.size = sizeof(build);
	return ret;
}

int ksym_decoder_open(const char *path, const struct ksym_decoder_opts *opts,
		      struct ksym_decoder **out, struct ksym_error *err)
{
	struct ksym_decoder *d = calloc(1, sizeof(*d));
	struct ks_image *kernel;
	int ret;

	*out = NULL;
	if (!d)
		return ks_error_nomem(err);
	ret = copy_opts(d, opts, err);
	if (!ret)
		ret = ks_image_open(d, path, d->opts.line_image, "", &kernel, err);
	if (ret)
		ksym_decoder_close(d);
	else
		*out = d;
	return ret;
}

void ksym_decoder_close(struct ksym_decoder *d)
{
	if (!d)
		return;
	ks_images_close(d);
	ks_vec_free(&d->places);
	ks_vec_free(&d->candidates);
	ks_arena_free(&d->text_arena);
	ks_arena_free(&d->arena);
	free(d);
}

/* ------------------------------------------------------------------- print */

struct text {
	KS_VEC(char) v;
	bool failed;
};

KSYM_PRINTF(2, 3) static void put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !ks_vec_reserve(&t->v, (size_t)n + 1)) {
		t->failed = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(t->v.data + t->v.len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	t->v.len += (size_t)n;
}

/* " [modules] {object}" of a symbol. */
static void put_rest(struct text *t, const struct ksym_index *idx, const struct ksym_symbol *s)
{
	char identity[8192];

	ksym_symbol_format(idx, s, KSYM_FORMAT_IDENTITY, identity, sizeof(identity));
	if (s->name_len < strlen(identity))
		put(t, "%s", identity + s->name_len);
}

static void put_frames(struct text *t, const struct ksym_decoded *r)
{
	for (uint32_t i = 0; i < r->nr_frames; i++) {
		const struct ksym_frame *f = &r->frames[i];

		put(t, "%s%s:%u", i ? " < " : " (", f->file ? f->file : "?", f->line);
		if (f->function)
			put(t, " %s", f->function[0] ? f->function : "?");
	}
	if (r->nr_frames)
		put(t, ")");
}

static void put_decided(struct text *t, const struct ksym_decoder *d, const struct ks_place *p,
			const struct ksym_decoded *r)
{
	const struct ksym_index *idx = p->image->idx;
	const char *name = d->text + p->start;
	struct ksym_object o;
	struct ksym_symbol s;
	struct ksym_dead dead;

	if (!ksym_index_symbol(idx, d->candidates.data[p->first].symbol, &s))
		return;
	if (ksym_index_dead_at(idx, r->va, &dead)) {
		put(t, "%s+0x%" PRIx64 "/0x%" PRIx64, dead.name ? dead.name : "?", r->va - dead.va,
		    dead.len);
		if (ksym_index_object(idx, dead.object, &o) && o.path[0])
			put(t, " {%s}", o.path);
		put(t, " (dead, seen as %.*s+0x%" PRIx64 ")", (int)p->name_len, name, p->off);
	} else {
		put(t, "%.*s+0x%" PRIx64, (int)p->name_len, name, p->off);
		if (p->has_size)
			put(t, "/0x%" PRIx64, p->size);
		put_rest(t, idx, &s);
	}
	put_frames(t, r);
}

/* All that it can be. */
static void put_undecided(struct text *t, const struct ksym_decoder *d, const struct ks_place *p)
{
	struct ksym_symbol s;
	struct ksym_object o;

	put(t, "%.*s (undecided:", (int)(p->end - p->start), d->text + p->start);
	for (uint32_t i = 0; i < p->nr; i++) {
		if (!ksym_index_symbol(p->image->idx, d->candidates.data[p->first + i].symbol, &s))
			continue;
		if (ksym_index_object(p->image->idx, s.object, &o) && o.path[0])
			put(t, "%s {%s}", i ? "," : "", o.path);
		else
			put(t, "%s %" PRIx64, i ? "," : "", s.va);
	}
	put(t, ")");
}

static int resolve(struct ksym_decoder *d, const struct ks_place *p, struct ksym_decoded *r,
		   struct ksym_error *err)
{
	struct text t = { 0 };
	struct ksym_frame *frames = NULL;
	int ret = 0;

	*r = (struct ksym_decoded){
		.text_off = p->start, .text_len = p->end - p->start, .module = p->module,
		.decided = (enum ksym_decided)p->decided, .nr_candidates = p->nr,
		.is_return = !p->is_exact && p->off,
	};
	if (p->nr == 1) {
		r->va = d->candidates.data[p->first].va + p->off;
		ret = ks_image_frames(p->image, r->va - r->is_return, &d->text_arena, &frames,
				      &r->nr_frames, err);
		r->frames = frames;
	}
	if (ret == -ENOMEM)
		return ret;
	/* Broken debug information costs the lines, not the answer. */
	if (ret) {
		r->nr_frames = 0;
		if (d->opts.build.message && err)
			d->opts.build.message(d->opts.build.message_arg, KSYM_MESSAGE_WARNING, err->text);
	}
	if (p->nr == 1)
		put_decided(&t, d, p, r);
	else if (p->nr)
		put_undecided(&t, d, p);
	else
		put(&t, "%.*s", (int)(p->end - p->start), d->text + p->start);
	r->replacement = t.failed ? NULL : ks_arena_strdup(&d->text_arena, t.v.data ? t.v.data : "", t.v.len);
	ks_vec_free(&t.v);
	return r->replacement ? 0 : ks_error_nomem(err);
}

int ksym_decode(struct ksym_decoder *d, const char *text, size_t len, uint32_t *nr,
		struct ksym_error *err)
{
	struct ksym_error own;
	int ret;

	*nr = 0;
	d->places.len = d->candidates.len = 0;
	d->results = NULL;
	ks_arena_free(&d->text_arena);
	d->text = text;
	ret = ks_places_find(d, text, len, &own);
	if (!ret)
		ret = ks_decide(d, &own);
	if (!ret) {
		d->results = ks_arena_alloc(&d->text_arena, (d->places.len + 1) * sizeof(*d->results));
		if (!d->results)
			ret = ks_error_nomem(&own);
	}
	for (size_t i = 0; i < d->places.len && !ret; i++)
		ret = resolve(d, &d->places.data[i], &d->results[i], &own);
	if (ret) {
		d->places.len = 0;
		if (err)
			*err = own;
		return ret;
	}
	*nr = (uint32_t)d->places.len;
	return 0;
}

bool ksym_decoded_get(const struct ksym_decoder *d, uint32_t i, struct ksym_decoded *out)
{
	if (i >= d->places.len)
		return false;
	*out = d->results[i];
	return true;
}
