// SPDX-License-Identifier: GPL-2.0-only
/*
 * The index is believed only when it is whole, of this version, of the running kernel by
 * its build ID, and has the kernel's own functions where they are.  It is data: nothing
 * in it is ever called.
 */
#include "kallmodsyms.h"

#include <linux/device.h>
#include <linux/elf.h>
#include <linux/firmware.h>
#include <linux/kernel_read_file.h>
#include <linux/vmalloc.h>
#include <linux/xxhash.h>
#include "../src/tables/notes.h"

static uint64_t hash(const void *data, size_t len)
{
	return xxh64(data, len, 0);
}

/* ---------------------------------------------------------------- build ID */

/* Where the kernel lists its own data symbols, its notes are at hand; elsewhere sysfs has
 * them. */
static int read_notes(const void **notes, size_t *len, void **to_free)
{
	unsigned long start = kms_running_lookup("__start_notes");
	unsigned long stop = kms_running_lookup("__stop_notes");
	ssize_t ret;

	*to_free = NULL;
	if (start && start < stop) {
		*notes = (const void *)start;
		*len = stop - start;
		return 0;
	}
	ret = kernel_read_file_from_path("/sys/kernel/notes", 0, to_free, 1 << 20, NULL,
					 READING_UNKNOWN);
	if (ret < 0)
		return ret;
	*notes = *to_free;
	*len = ret;
	return 0;
}

static int running_build_id(u8 id[KS_BUILD_ID_MAX], u32 *id_len)
{
	const void *notes = NULL;
	const u8 *found;
	void *to_free;
	size_t len = 0;
	int ret = read_notes(&notes, &len, &to_free);

	if (ret) {
		pr_err("cannot read the notes of the running kernel: error %d\n", ret);
		return ret;
	}
	found = ks_notes_build_id(notes, len, id_len);
	if (found)
		memcpy(id, found, *id_len);
	else
		pr_err("the running kernel has no build ID\n");
	vfree(to_free);
	return found ? 0 : -EOPNOTSUPP;
}

/* ------------------------------------------------------------------- index */

/* Offset between run time and link time of a symbol that both know. */
static int symbol_offset(const struct ks_tables *t, const char *name, unsigned long *offset)
{
	unsigned long va = kms_running_lookup(name);
	struct ks_sym s;
	bool equal;
	u32 pos = ks_tables_find(t, name, strlen(name), &equal);

	if (!va || !equal || !ks_tables_symbol(t, ks_tables_ordered(t, pos), &s))
		return -ENOENT;
	*offset = va - s.va;
	return 0;
}

/* What KASLR added: the same for two functions far apart, and for _text. */
static int find_offset(struct kms_index *idx, const char *file)
{
	static const char *const names[] = { "_text", "kallsyms_lookup_name", "_etext" };
	unsigned long offset;
	unsigned int i, found = 0;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (symbol_offset(&idx->t, names[i], &offset))
			continue;
		if (found++ && offset != idx->offset) {
			pr_err("%s: %s is not where the index has it\n", file, names[i]);
			return -EBADMSG;
		}
		idx->offset = offset;
	}
	if (found < 2) {
		pr_err("%s: the index lacks symbols that the running kernel has\n", file);
		return -EBADMSG;
	}
	return 0;
}

static int check_index(struct kms_index *idx, const char *file, const u8 *id, u32 id_len)
{
	const u8 *h = idx->fw->data;
	char text[2 * KS_BUILD_ID_MAX + 1];
	const char *why = NULL;
	int ret = ks_tables_init(&idx->t, h, idx->fw->size, hash, &why);

	if (!ret)
		ret = ks_tables_check(&idx->t, hash, &why);
	if (ret) {
		pr_err("%s: %s\n", file, why);
		return ret;
	}
	if (h[KS_HDR_BUILD_ID_LEN] != id_len || memcmp(h + KS_HDR_BUILD_ID, id, id_len)) {
		ks_build_id_text(h + KS_HDR_BUILD_ID,
				 min_t(u32, h[KS_HDR_BUILD_ID_LEN], KS_BUILD_ID_MAX), text);
		pr_err("%s: of another kernel, with the build ID %s\n", file, text);
		return -EINVAL;
	}
	if (!(idx->t.flags & KS_FLAG_HAS_TEXT_VA) || (idx->t.flags & KS_FLAG_NOT_KALLSYMS)) {
		pr_err("%s: holds another selection of symbols than the kernel lists\n", file);
		return -EINVAL;
	}
	return find_offset(idx, file);
}

int kms_index_load(struct kms_index *idx)
{
	char file[2 * KS_BUILD_ID_MAX + sizeof("ksym/.ksym")];
	u8 id[KS_BUILD_ID_MAX];
	struct device *dev;
	u32 id_len;
	int ret = running_build_id(id, &id_len);

	if (ret)
		return ret;
	strcpy(file, "ksym/");
	ks_build_id_text(id, id_len, file + 5);
	strcat(file, ".ksym");
	/* The loader wants a device to speak for. */
	dev = root_device_register("kallmodsyms");
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	ret = request_firmware_direct(&idx->fw, file, dev);
	root_device_unregister(dev);
	if (ret) {
		pr_err("/lib/firmware/%s: cannot be read: error %d\n", file, ret);
		return ret;
	}
	ret = check_index(idx, file, id, id_len);
	if (ret)
		kms_index_release(idx);
	return ret;
}

void kms_index_release(struct kms_index *idx)
{
	release_firmware(idx->fw);
	idx->fw = NULL;
}
