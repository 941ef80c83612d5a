// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kbuild/objpath.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/strpool.h"

/* Is the component of @len bytes at @s a top-level directory of a kernel tree? */
static bool is_top_dir(const char *s, size_t len)
{
	static const char *const dirs[] = {
		"arch", "block", "certs", "crypto", "drivers", "fs", "init", "io_uring", "ipc",
		"kernel", "lib", "mm", "net", "rust", "samples", "scripts", "security", "sound",
		"tools", "usr", "virt",
	};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		if (strlen(dirs[i]) == len && !memcmp(dirs[i], s, len))
			return true;
	return false;
}

/* "a/./b//c/../d" becomes "a/b/d"; ".." at the start of a relative path stays.
 * There must be room for one more byte. */
static size_t normalise(char *path)
{
	char *out = path, *p = path, *floor;

	if (*p == '/')
		out++;
	floor = out;
	for (bool last = !*p; !last;) {
		size_t n = strcspn(p, "/");
		bool up = n == 2 && !memcmp(p, "..", 2);

		last = !p[n];
		if (!n || (n == 1 && p[0] == '.')) {
			/* adds nothing */
		} else if (up && out > floor) {
			out--;
			while (out > floor && out[-1] != '/')
				out--;
		} else if (!up || path[0] != '/') {
			memmove(out, p, n);
			out += n;
			*out++ = '/';
			if (up)
				floor = out;
		}
		p += n + 1;
	}
	if (out > path + 1 && out[-1] == '/')
		out--;
	*out = 0;
	return (size_t)(out - path);
}

static bool starts_above(const char *s)
{
	return s[0] == '.' && s[1] == '.' && s[2] == '/';
}

/* The unit's path, absolute or relative to the tree; "/@/…" of rustc cut off. */
static char *full_name(struct ks_arena *a, const struct ks_tu_name *tu)
{
	const char *at = strstr(tu->name, "/@/");
	size_t len = at ? (size_t)(at - tu->name) : strlen(tu->name);
	size_t dir_len = strlen(tu->comp_dir);
	bool join = starts_above(tu->name) && dir_len;
	char *s = ks_arena_alloc(a, (join ? dir_len + 1 : 0) + len + 3);

	if (!s)
		return NULL;
	if (join) {
		memcpy(s, tu->comp_dir, dir_len);
		s[dir_len] = '/';
	}
	memcpy(s + (join ? dir_len + 1 : 0), tu->name, len);
	normalise(s);
	return s;
}

const char *ks_objpath_root(struct ks_arena *a, const struct ks_tu_name *names, size_t nr)
{
	struct ks_strpool roots ks_cleanup_strpool = { 0 };
	uint32_t *votes = NULL, best = KS_STRPOOL_NONE;
	size_t cap = 0;

	for (size_t i = 0; i < nr; i++) {
		char *s;

		if (names[i].name[0] != '/' &&
		    !(starts_above(names[i].name) && names[i].comp_dir[0] == '/'))
			continue;
		s = full_name(a, &names[i]);
		for (char *p = s; p && (p = strchr(p, '/')); p++) {
			uint32_t n;

			if (!is_top_dir(p + 1, strcspn(p + 1, "/")) || !strchr(p + 1, '/'))
				continue;
			n = ks_strpool_add(&roots, s, (size_t)(p - s));
			if (n == KS_STRPOOL_NONE) {
				free(votes);
				return NULL;
			}
			if (n >= cap) {
				size_t grown = cap ? cap * 2 : 64;
				uint32_t *v = realloc(votes, grown * sizeof(*v));

				if (!v) {
					free(votes);
					return NULL;
				}
				memset(v + cap, 0, (grown - cap) * sizeof(*v));
				votes = v;
				cap = grown;
			}
			/* A build in the tree itself says where that is; "/usr/src/linux" could
			 * be cut in front of "usr" as well. */
			votes[n] += 1 + (names[i].comp_dir[0] &&
					 !strcmp(names[i].comp_dir, ks_strpool_get(&roots, n)));
		}
	}
	/* More votes win; of equal ones the shorter, which contains the other. */
	for (uint32_t n = 0; n < roots.nr; n++)
		if (best == KS_STRPOOL_NONE || votes[n] > votes[best] ||
		    (votes[n] == votes[best] && roots.entries[n].len < roots.entries[best].len))
			best = n;
	free(votes);
	if (best == KS_STRPOOL_NONE)
		return "";
	return ks_arena_strdup(a, ks_strpool_get(&roots, best), roots.entries[best].len);
}

/* rustc names a crate's unit ".../lib.rs/@/CRATE.HASH-cgu.N"; the kernel's own
 * crates are objects in rust/. */
static char *rust_crate(struct ks_arena *a, const char *path, const struct ks_tu_name *tu)
{
	const char *at = strstr(tu->name, "/@/"), *base = strrchr(path, '/');
	size_t n;
	char *s;

	if (!at || strcmp(base ? base + 1 : path, "lib.rs") ||
	    (path[0] != '/' && strncmp(path, "rust/", 5) && strncmp(path, "library/", 8)))
		return NULL;
	at += 3;
	n = strcspn(at, ".");
	s = ks_arena_alloc(a, n + 8);
	if (s) {
		memcpy(s, "rust/", 5);
		memcpy(s + 5, at, n);
		memcpy(s + 5 + n, ".o", 3);
	}
	return s;
}

const char *ks_objpath(struct ks_arena *a, const char *root, const struct ks_tu_name *tu,
		       size_t *len)
{
	char *s = full_name(a, tu), *crate, *dot, *slash;
	size_t root_len = strlen(root), dir_len = strlen(tu->comp_dir);

	if (!s)
		return NULL;
	if (root_len && !strncmp(s, root, root_len) && s[root_len] == '/')
		s += root_len + 1;
	else if (s[0] == '/' && dir_len && !strncmp(s, tu->comp_dir, dir_len) && s[dir_len] == '/')
		s += dir_len + 1;	/* generated in a separate build tree */
	crate = rust_crate(a, s, tu);
	if (crate) {
		*len = strlen(crate);
		return crate;
	}
	slash = strrchr(s, '/');
	dot = strrchr(slash ? slash : s, '.');
	if (!dot || dot == s || dot[-1] == '/')
		dot = s + strlen(s);
	strcpy(dot, ".o");	/* full_name() left room */
	*len = strlen(s);
	return s;
}

bool ks_is_lto_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t len = strlen(base);

	return !strcmp(base, "lto.tmp") || !strcmp(base, "ld-temp.o") ||
	       !strncmp(base, "<artificial>", 12) || !strncmp(base, "llvmcache-", 10) ||
	       strstr(base, ".lto.o") || strstr(base, ".o.lto.") ||
	       (len > 7 && !strcmp(base + len - 7, ".ltrans"));
}
