// SPDX-License-Identifier: LGPL-2.1-or-later
/* Separate debug files, by libdwfl: build ID, .gnu_debuglink, debuginfod. */
#include "elf/elf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <elfutils/libdwfl.h>

static bool has(const struct ks_elf *e, const char *section)
{
	uint32_t n = ks_elf_find_section(e, section);

	return n && e->sections[n].type != SHT_NOBITS && e->sections[n].len;
}

/* libdwfl's own search, noting what it finds: of files that debuginfod brings it
 * knows a descriptor but no name. */
static int find_and_note(Dwfl_Module *mod, void **userdata, const char *modname, Dwarf_Addr base,
			 const char *file_name, const char *debuglink_file, GElf_Word debuglink_crc,
			 char **debuginfo_file_name)
{
	int fd = dwfl_standard_find_debuginfo(mod, userdata, modname, base, file_name,
					      debuglink_file, debuglink_crc, debuginfo_file_name);
	char link[64], target[PATH_MAX];
	char **found = *userdata;
	ssize_t n;

	if (fd < 0 || !found || *found)
		return fd;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = *debuginfo_file_name ? -1 : readlink(link, target, sizeof(target));
	if (*debuginfo_file_name)
		*found = strdup(*debuginfo_file_name);
	else if (n > 0)
		*found = strndup(target, (size_t)n);
	return fd;
}

/* Path of the debug file, to be freed, or NULL. */
static char *search_debug(const char *path)
{
	char *debuginfo_path = NULL;	/* libdwfl's default */
	const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = find_and_note,
		.section_address = dwfl_offline_section_address,
		.debuginfo_path = &debuginfo_path,
	};
	Dwfl *dwfl = dwfl_begin(&callbacks);
	char *found = NULL;
	Dwfl_Module *mod;
	GElf_Addr bias;
	void **userdata;

	if (!dwfl)
		return NULL;
	mod = dwfl_report_offline(dwfl, path, path, -1);
	dwfl_report_end(dwfl, NULL, NULL);
	if (mod) {
		dwfl_module_info(mod, &userdata, NULL, NULL, NULL, NULL, NULL, NULL);
		*userdata = &found;
		/* Either of them makes libdwfl search. */
		dwfl_module_getdwarf(mod, &bias);
		dwfl_module_getsymtab(mod);
	}
	dwfl_end(dwfl);
	return found;
}

/* A debug file of another build would lead to wrong answers. */
static int check_pair(const struct ks_elf *e, const struct ks_elf *dbg, struct ksym_error *err)
{
	if (e->class != dbg->class || e->data != dbg->data || e->machine != dbg->machine)
		return ks_error(err, -EBADMSG, "%s: is for another machine than %s", dbg->path,
				e->path);
	if (e->build_id_len && dbg->build_id_len &&
	    (e->build_id_len != dbg->build_id_len ||
	     memcmp(e->build_id, dbg->build_id, e->build_id_len)))
		return ks_error(err, -EBADMSG, "%s: its build ID is not that of %s", dbg->path,
				e->path);
	return 0;
}

int ks_elf_find_debug(struct ks_elf *e, const char *section, const char *debug_path, bool search,
		      struct ks_elf *store, struct ks_elf **out, struct ksym_error *err)
{
	const char *path = debug_path;
	int ret;

	*out = NULL;
	if (!path && has(e, section)) {
		*out = e;
		return 0;
	}
	if (!path && search && e->fd >= 0) {
		char *found = search_debug(e->path);

		if (!found)
			return 0;
		path = ks_arena_strdup(&e->arena, found, strlen(found));
		free(found);
		if (!path)
			return ks_error_nomem(err);
	}
	if (!path)
		return 0;
	ret = ks_elf_open(store, path, err);
	if (ret)
		return ret;
	ret = check_pair(e, store, err);
	if (!ret && !has(store, section)) {
		if (debug_path)
			ret = ks_error(err, -ENODATA, "%s: has no %s", debug_path, section);
		ks_elf_close(store);
		return ret;
	}
	if (ret) {
		ks_elf_close(store);
		return ret;
	}
	*out = store;
	return 0;
}
