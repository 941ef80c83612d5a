// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The index of the running kernel, in the usual places; RELEASE is the kernel's, ID its
 * build ID, AA and REST the first two digits of that and the others.  An index first:
 *
 *   DIR/ID.ksym                        for each DIR of $KSYM_INDEX_PATH, between colons
 *   $XDG_CACHE_HOME/ksym/ID.ksym       (default ~/.cache)
 *   /lib/firmware/ksym/ID.ksym         where kallmodsyms.ko gets it from
 *   /usr/lib/debug/.build-id/AA/REST.ksym
 *   /boot/vmlinux-RELEASE.ksym
 *   /usr/lib/debug/boot/vmlinux-RELEASE.ksym
 *   /usr/lib/debug/lib/modules/RELEASE/vmlinux.ksym
 *   /lib/modules/RELEASE/build/vmlinux.ksym
 *
 * then an image, of which one is made: /usr/lib/debug/boot/vmlinux-RELEASE,
 * /usr/lib/debug/lib/modules/RELEASE/vmlinux, /usr/lib/debug/.build-id/AA/REST.debug,
 * /lib/modules/RELEASE/build/vmlinux, /boot/vmlinux-RELEASE.
 *
 * What is there but is of another build is told, and passed over.  Indexes of loaded modules
 * are looked for by their build IDs, in the places that have an ID.
 */
#include "live/live.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct search {
	const struct ksym_live *l;
	struct ksym_error *err;
	const uint8_t *build_id;
	uint32_t build_id_len;
	char id[2 * KS_BUILD_ID_MAX + 1];
	/* What was found, and why other things were not taken, a line for each: */
	struct ksym_index *index;
	char *path, *why;
	bool is_image;
};

/* One line more about what was not taken. */
static int remark(struct search *s, const char *text)
{
	size_t len = s->why ? strlen(s->why) : 0;
	char *why = realloc(s->why, len + strlen(text) + 2);

	if (!why)
		return ks_error_nomem(s->err);
	s->why = why;
	sprintf(why + len, "%s%s", len ? "\n" : "", text);
	return 0;
}

static bool same_build(const struct search *s, const struct ksym_index *idx)
{
	struct ksym_index_info info = { .size = sizeof(info) };

	ksym_index_info(idx, &info);
	return info.build_id_len == s->build_id_len &&
	       !memcmp(info.build_id, s->build_id, s->build_id_len);
}

/* An index, or one made of an image with all that is known of built-in modules. */
static int load(const struct ksym_live *l, const char *path, bool image, struct ksym_index **idx,
		struct ksym_error *why)
{
	struct ksym_build_opts o = KSYM_OPTS(o);
	const char *builtin[4] = { NULL };
	unsigned int n = 0;

	o.message = l->opts.message;
	o.message_arg = l->opts.message_arg;
	if (!image)
		return ksym_index_load(path, &o, idx, why);
	for (unsigned int i = 0; i < 4; i++)
		if (i != KS_LIVE_MODINFO && l->builtin_path[i])
			builtin[n++] = l->builtin_path[i];
	o.builtin_files = builtin;
	return ksym_index_build(path, &o, idx, why);
}

/* Take @path, which it frees, if it is there and of this build; else say why not. */
static int try(struct search *s, char *path, bool image)
{
	struct ksym_index *idx;
	struct ksym_error why;
	int ret = 0;

	if (!path)
		return ks_error_nomem(s->err);
	if (s->index || access(path, F_OK)) {
		free(path);
		return 0;
	}
	if (load(s->l, path, image, &idx, &why)) {
		ret = why.code == -ENOMEM ? ks_error_nomem(s->err) : remark(s, why.text);
	} else if (!same_build(s, idx)) {
		ks_error(&why, -EBADMSG, "%s: of another build", path);
		ret = remark(s, why.text);
		ksym_index_close(idx);
	} else {
		s->index = idx;
		s->path = path;
		s->is_image = image;
		path = NULL;
	}
	free(path);
	return ret;
}

/* The one the caller names has to fit. */
static int take_given(struct search *s)
{
	const struct ksym_live *l = s->l;
	int ret = ksym_index_open(l->opts.index_file, &s->index, s->err);

	ksym_index_close(s->index);
	s->index = NULL;
	if (ret && ret != -EBADMSG)
		return ret;
	s->is_image = ret != 0;
	ret = load(l, l->opts.index_file, s->is_image, &s->index, s->err);
	if (ret)
		return ret;
	if (s->build_id_len && !same_build(s, s->index))
		return ks_error(s->err, -EBADMSG, "%s: of another build than the running kernel",
				l->opts.index_file);
	s->path = strdup(l->opts.index_file);
	return s->path ? 0 : ks_error_nomem(s->err);
}

static char *plain_path(const char *dir, size_t len, const char *id)
{
	char *path;

	return asprintf(&path, "%.*s/%s.ksym", (int)len, dir, id) < 0 ? NULL : path;
}

static int try_variables(struct search *s)
{
	const char *dirs = getenv("KSYM_INDEX_PATH"), *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	int ret = 0;

	while (dirs && *dirs && !ret) {
		size_t len = strcspn(dirs, ":");

		if (len && len < 4096)
			ret = try(s, plain_path(dirs, len, s->id), false);
		dirs += len + (dirs[len] == ':');
	}
	if (ret)
		return ret;
	if (cache && cache[0] == '/')
		return try(s, ks_live_path(s->l, "%s/ksym/%s.ksym", cache, s->id), false);
	if (home && home[0] == '/')
		return try(s, ks_live_path(s->l, "%s/.cache/ksym/%s.ksym", home, s->id), false);
	return 0;
}

/* @by_id: only indexes that are called by their build ID, as those of modules. */
static int try_places(struct search *s, bool by_id)
{
	static const struct {
		const char *format;	/* what it takes: */
		bool by_id, split, image;
	} places[] = {
		{ "/lib/firmware/ksym/%s.ksym", true, false, false },
		{ "/usr/lib/debug/.build-id/%.2s/%s.ksym", true, true, false },
		{ "/boot/vmlinux-%s.ksym", false, false, false },
		{ "/usr/lib/debug/boot/vmlinux-%s.ksym", false, false, false },
		{ "/usr/lib/debug/lib/modules/%s/vmlinux.ksym", false, false, false },
		{ "/lib/modules/%s/build/vmlinux.ksym", false, false, false },
		{ "/usr/lib/debug/boot/vmlinux-%s", false, false, true },
		{ "/usr/lib/debug/lib/modules/%s/vmlinux", false, false, true },
		{ "/usr/lib/debug/.build-id/%.2s/%s.debug", true, true, true },
		{ "/lib/modules/%s/build/vmlinux", false, false, true },
		{ "/boot/vmlinux-%s", false, false, true },
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places) && !ret && !s->index; i++) {
		const char *word = places[i].by_id ? s->id : s->l->release, *f = places[i].format;
		char *path;

		if (by_id && (!places[i].by_id || places[i].image))
			continue;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		path = places[i].split ? ks_live_path(s->l, f, s->id, s->id + 2)
				       : ks_live_path(s->l, f, word);
#pragma GCC diagnostic pop
		ret = try(s, path, places[i].image);
	}
	return ret;
}

static int search(struct search *s)
{
	int ret;

	if (s->l->opts.index_file)
		return take_given(s);
	if (!s->build_id_len)
		return remark(s, "the running kernel has no build ID to look for");
	ret = try_variables(s);
	return ret ? ret : try_places(s, false);
}

int ks_live_search(struct ksym_live *l, struct ksym_error *err)
{
	struct search s = { .l = l, .err = err, .build_id = l->build_id,
			    .build_id_len = l->build_id_len };
	int ret;

	ks_build_id_text(l->build_id, l->build_id_len, s.id);
	ret = search(&s);
	l->index = s.index;
	l->index_path = s.path;
	l->index_why = s.why;
	l->info.index_is_image = s.is_image;
	return ret;
}

int ks_live_search_module(const struct ksym_live *l, const uint8_t *id, uint32_t id_len,
			  struct ksym_index **idx, struct ksym_error *err)
{
	struct search s = { .l = l, .err = err, .build_id = id, .build_id_len = id_len };
	int ret;

	ks_build_id_text(id, id_len, s.id);
	ret = try_variables(&s);
	if (!ret)
		ret = try_places(&s, true);
	/* One line. */
	if (s.why)
		s.why[strcspn(s.why, "\n")] = 0;
	if (s.why && l->opts.message)
		l->opts.message(l->opts.message_arg, KSYM_MESSAGE_WARNING, s.why);
	free(s.why);
	free(s.path);
	*idx = s.index;
	return ret;
}
