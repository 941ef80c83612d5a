// SPDX-License-Identifier: LGPL-2.1-or-later
/* What several steps need. */
#include "index/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ks_model_free(struct ks_model *m)
{
	ks_vec_free(&m->syms);
	ks_vec_free(&m->dead);
	ks_vec_free(&m->files);
	ks_vec_free(&m->objs);
	ks_vec_free(&m->object_modules);
	ks_strpool_free(&m->objects);
	ks_strpool_free(&m->modules);
	free(m->name_order);
	free(m->section_map);
	ks_arena_free(&m->arena);
}

void ks_model_warn(const struct ks_model *m, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!m->opts->message)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	m->opts->message(m->opts->message_arg, KSYM_MESSAGE_WARNING, text);
}

void ks_model_progress(const struct ks_model *m, const char *what)
{
	if (m->opts->message)
		m->opts->message(m->opts->message_arg, KSYM_MESSAGE_PROGRESS, what);
}

uint32_t ks_model_object(struct ks_model *m, const char *path, size_t len, uint32_t nth)
{
	char key[4096];

	if (!nth || len + 12 > sizeof(key))
		return ks_strpool_add(&m->objects, path, len);
	memcpy(key, path, len);
	key[len] = 0;
	return ks_strpool_add(&m->objects, key,
			      len + 1 + (size_t)snprintf(key + len + 1, 11, "%u", nth));
}

size_t ks_path_suffix(const char *path, unsigned int nr)
{
	size_t i = strlen(path);

	/* A map can name an object "net/", and no suffix may be empty. */
	while (i && path[i - 1] == '/')
		i--;
	while (i && nr) {
		i--;
		if (path[i] == '/' && !--nr)
			return i + 1;
	}
	return 0;
}

/* "name=" of .modinfo, "" when there is none: vmlinux.o has that section as well, but
 * its entries begin with the module they are of. */
int ks_model_own_name(const struct ks_model *m, const char **name)
{
	uint32_t n = ks_elf_find_section(m->image, ".modinfo");
	const uint8_t *data;
	size_t len, end;
	int ret;

	*name = "";
	if (m->image->type != ET_REL || !n)
		return 0;
	ret = ks_elf_section_data(m->image, n, &data, &len, m->err);
	for (size_t i = 0; !ret && i < len; i = end + 1) {
		const char *s = (const char *)data + i;
		const char *nul = memchr(s, 0, len - i);

		if (!nul)
			return ks_elf_bad(m->image, n, m->err, "last string has no end");
		end = (size_t)(nul - (const char *)data);
		if (!strncmp(s, "name=", 5))
			*name = s + 5;
	}
	return ret;
}

bool ks_model_is_module(const struct ks_model *m)
{
	struct ks_model quiet = *m;	/* "no" is no error */
	const char *name;

	quiet.err = NULL;
	return !ks_model_own_name(&quiet, &name) && name[0];
}
