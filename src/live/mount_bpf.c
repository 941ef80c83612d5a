// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Loads bpf/kallmodsyms.bpf.c, whose bytes are part of this file, with what the index
 * knows in its maps: for each symbol its size and its owner's text.  A kernel of 87,347
 * symbols takes 700 KB for that, and 80 KB for the texts.
 */
#include "live/mount.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/strpool.h"
#include "kallmodsyms.h"
#include "live/kallsyms.h"

static const unsigned char program[] __attribute__((aligned(8))) = {
#include "kallmodsyms_object.h"
};

/* Older kernels keep the start of a log that is longer, not its end. */
#define LOG_LEN (8 << 20)

struct pin {
	const struct ksym_live *l;
	struct ksym_error *err;
	struct kms_config config;
	KS_VEC(struct kms_record) records;
	KS_VEC(struct kms_chunk) chunks;
	struct ks_strpool texts;
	KS_VEC(uint32_t) first_chunk;	/* of each of texts */
	struct bpf_object *object;
	char *log;			/* the verifier's, when it refuses; its end says why */
};

/* " [module]… {object}" and the end of the line as a number for kms_record.owner */
static int owner_number(struct pin *p, const struct ksym_symbol *s, unsigned int *owner)
{
	char line[16384 + 1];
	const char *text;
	uint32_t nr;
	size_t len = ksym_symbol_format(p->l->index, s, KSYM_FORMAT_IDENTITY, line, sizeof(line) - 1);

	*owner = 0;
	if (len < s->name_len || len - s->name_len >= KMS_LEN_MAX || len > sizeof(line) - 2)
		return ks_error(p->err, -ENOTSUP, "%s: its modules and object take more than %u bytes",
				s->name, KMS_LEN_MAX - 1);
	line[len++] = '\n';
	text = line + s->name_len;
	len -= s->name_len;
	nr = ks_strpool_add(&p->texts, text, len);
	if (nr == KS_STRPOOL_NONE)
		return ks_error_nomem(p->err);
	if (nr == p->first_chunk.len) {
		uint32_t *first = ks_vec_push(&p->first_chunk);

		if (!first)
			return ks_error_nomem(p->err);
		*first = (uint32_t)p->chunks.len;
		for (size_t i = 0; i < len; i += KMS_CHUNK_LEN) {
			struct kms_chunk *c = ks_vec_push(&p->chunks);

			if (!c)
				return ks_error_nomem(p->err);
			memcpy(c->text, text + i, len - i < KMS_CHUNK_LEN ? len - i : KMS_CHUNK_LEN);
		}
	}
	if (p->first_chunk.data[nr] >> (32 - KMS_LEN_BITS))
		return ks_error(p->err, -ENOTSUP, "%s: has too many objects", p->l->index_path);
	*owner = p->first_chunk.data[nr] << KMS_LEN_BITS | (unsigned int)len;
	return 0;
}

/* The list that all loaded modules are in. */
static bool is_module_list(const struct ksym_live *l, const struct ksym_symbol *s)
{
	struct ksym_object o;

	return !strcmp(s->name, "modules") && !s->is_text &&
	       ksym_index_object(l->index, s->object, &o) &&
	       (!strcmp(o.path, "kernel/module/main.o") || !strcmp(o.path, "kernel/module.o"));
}

static int add_record(struct pin *p, uint32_t i, const struct ks_kallsyms_line *line)
{
	struct kms_record *r = ks_vec_push(&p->records);
	struct ksym_symbol s;

	if (!r)
		return ks_error_nomem(p->err);
	if (!ksym_index_symbol(p->l->index, i, &s) || s.name_len != line->name_len ||
	    memcmp(s.name, line->name, s.name_len))
		return ks_error(p->err, -EBADMSG, "%s: does not have the symbols that the kernel lists",
				p->l->index_path);
	r->size = s.len > UINT32_MAX ? UINT32_MAX : (uint32_t)s.len;
	if (is_module_list(p->l, &s))
		p->config.module_list = line->va;
	return owner_number(p, &s, &r->owner);
}

/* Symbol by symbol what the kernel lists, which is what it will iterate over. */
static int make_records(struct pin *p)
{
	struct ksym_index_info info = { .size = sizeof(info) };
	struct ks_kallsyms_line line;
	struct ks_kallsyms k;
	struct ks_file f;
	uint32_t i = 0;
	int ret = ks_file_open(&f, "/proc/kallsyms", p->err);

	if (ret)
		return ret;
	k = ks_kallsyms(&f);
	while ((ret = ks_kallsyms_next(&k, &line, p->err)) > 0 && !line.module_len) {
		ret = add_record(p, i++, &line);
		if (ret)
			break;
	}
	ks_file_close(&f);
	ksym_index_info(p->l->index, &info);
	if (ret >= 0 && i != info.nr_symbols)
		ret = ks_error(p->err, -EBADMSG, "%s: has %u symbols, the kernel lists %u",
			       p->l->index_path, info.nr_symbols, i);
	p->config.nr_kernel = i;
	return ret < 0 ? ret : 0;
}

static int bpf_failed(const struct pin *p, const char *what, int error)
{
	return ks_error(p->err, error < 0 ? error : -EIO, "BPF: %s: %s", what,
			strerror(error < 0 ? -error : EIO));
}

static int size_map(struct pin *p, const char *name, size_t nr)
{
	struct bpf_map *map = bpf_object__find_map_by_name(p->object, name);

	return map ? bpf_map__set_max_entries(map, nr ? (uint32_t)nr : 1) : -ENOENT;
}

/* From now on nobody changes it. */
static int fill_map(struct pin *p, const char *name, const void *data, size_t nr)
{
	int fd = bpf_map__fd(bpf_object__find_map_by_name(p->object, name));
	uint32_t *keys = malloc((nr + 1) * sizeof(*keys)), count = (uint32_t)nr;
	int ret = 0;

	if (!keys)
		return -ENOMEM;
	for (uint32_t i = 0; i < nr; i++)
		keys[i] = i;
	if (nr)
		ret = bpf_map_update_batch(fd, keys, data, &count, NULL);
	free(keys);
	return ret ? ret : bpf_map_freeze(fd);
}

_Static_assert(sizeof(struct kms_record) == 8 && sizeof(struct kms_chunk) % 8 == 0,
	       "entries lie one after the other");

/* The last line of the verifier's log but for its statistics. */
static const char *last_words(struct pin *p)
{
	char *end = p->log + strlen(p->log), *s = end;

	while (s > p->log) {
		while (end > p->log && end[-1] == '\n')
			*--end = 0;
		for (s = end; s > p->log && s[-1] != '\n'; s--)
			;
		if (strncmp(s, "processed ", 10) && strncmp(s, "verification time", 17) &&
		    strncmp(s, "stack depth", 11))
			break;
		end = s;
	}
	return s;
}

static int load(struct pin *p)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = p->log,
		    .kernel_log_size = LOG_LEN);
	struct bpf_map *config;
	int ret;

	p->object = bpf_object__open_mem(program, sizeof(program), &opts);
	if (!p->object)
		return bpf_failed(p, "the program cannot be opened", -errno);
	config = bpf_object__find_map_by_name(p->object, ".rodata.config");
	ret = config ? bpf_map__set_initial_value(config, &p->config, sizeof(p->config)) : -ENOENT;
	if (!ret)
		ret = size_map(p, "records", p->records.len);
	if (!ret)
		ret = size_map(p, "chunks", p->chunks.len);
	if (ret)
		return bpf_failed(p, "the program is not the one expected", ret);
	ret = bpf_object__load(p->object);
	if (ret && p->log[0])
		return ks_error(p->err, ret, "BPF: the kernel does not load the program: %s",
				last_words(p));
	if (ret)
		return bpf_failed(p, "the kernel does not load the program", ret);
	ret = fill_map(p, "records", p->records.data, p->records.len);
	if (!ret)
		ret = fill_map(p, "chunks", p->chunks.data, p->chunks.len);
	return ret ? bpf_failed(p, "maps cannot be filled", ret) : 0;
}

static int attach(struct pin *p, const char *file)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(p->object, "kallmodsyms");
	struct bpf_link *link = prog ? bpf_program__attach_iter(prog, NULL) : NULL;
	int ret;

	if (!link)
		return bpf_failed(p, "the iterator cannot be made", prog ? -errno : -ENOENT);
	ret = bpf_link__pin(link, file);
	bpf_link__destroy(link);
	return ret ? ks_error_errno(p->err, -ret, file, "cannot be pinned") : 0;
}

int ks_bpf_pin(const struct ksym_live *l, const char *file, struct ksym_error *err)
{
	struct pin p = { .l = l, .err = err };
	libbpf_print_fn_t print;
	int ret;

	if (!l->info.has_ksym_iterator)
		return ks_error(err, -ENOSYS,
				"this kernel has no iterator over symbols for BPF programs (Linux 6.0 with BTF has)");
	if (!l->index)
		return ks_error(err, -ENODATA, "no index of the running kernel was found (`ksym live` says where it could be)");
	p.log = calloc(1, LOG_LEN);
	ret = p.log ? make_records(&p) : ks_error_nomem(err);
	if (!ret) {
		/* What libbpf has to say goes to stderr, for the whole process; a library
		 * has errors for that. */
		print = libbpf_set_print(NULL);
		ret = load(&p);
		if (!ret)
			ret = attach(&p, file);
		bpf_object__close(p.object);
		libbpf_set_print(print);
	}
	free(p.log);
	ks_vec_free(&p.records);
	ks_vec_free(&p.chunks);
	ks_vec_free(&p.first_chunk);
	ks_strpool_free(&p.texts);
	return ret;
}
