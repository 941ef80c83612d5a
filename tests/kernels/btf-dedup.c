// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What libbpf's btf__dedup would still merge in a BTF file, which should be nothing:
 *
 *	btf_dedup FILE [BASE]
 *	btf_dedup --onto BASE FILE
 *
 * prints "BEFORE AFTER types, BEFORE AFTER bytes of strings"; more bytes than before are those
 * of strings that were the ends of others.  Exit status: 0 nothing was merged, 1 types were or
 * strings that nothing refers to went, 2 usage, 3 libbpf does not read it.
 *
 * --onto does as pahole: puts FILE, which is no split BTF, behind BASE, and prints what of
 * it the base lacks.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

struct counts {
	unsigned int types;	/* of its own, not those of the base */
	unsigned int strings;	/* bytes */
};

static int count(const struct btf *btf, unsigned int first, struct counts *c)
{
	struct btf_header h;
	__u32 len;
	const void *data = btf__raw_data(btf, &len);

	if (!data || len < sizeof(h))
		return -1;
	memcpy(&h, data, sizeof(h));
	c->types = btf__type_cnt(btf) - first;
	c->strings = h.str_len;
	return 0;
}

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, format, args);
}

static struct btf *parse(const char *path, struct btf *base)
{
	struct btf *btf = btf__parse_split(path, base);

	if (!libbpf_get_error(btf))
		return btf;
	fprintf(stderr, "%s: libbpf does not read it\n", path);
	return NULL;
}

static int onto(const char *base_path, const char *path)
{
	struct btf *base = parse(base_path, NULL), *alone = parse(path, NULL), *split;
	struct counts before, after;
	unsigned int first;

	if (!base || !alone)
		return 3;
	first = btf__type_cnt(base);
	split = btf__new_empty_split(base);
	if (!split || btf__add_btf(split, alone) < 0 || count(split, first, &before) ||
	    btf__dedup(split, NULL) || count(split, first, &after)) {
		fprintf(stderr, "%s: libbpf does not merge it\n", path);
		return 3;
	}
	printf("%u %u types, %u %u bytes of strings\n", before.types, after.types, before.strings,
	       after.strings);
	btf__free(split);
	btf__free(alone);
	btf__free(base);
	return 0;
}

int main(int argc, char **argv)
{
	struct counts before, after;
	struct btf *base = NULL, *btf;
	unsigned int first = 1;

	libbpf_set_print(quiet);
	if (argc == 4 && !strcmp(argv[1], "--onto"))
		return onto(argv[2], argv[3]);
	if (argc < 2 || argc > 3) {
		fprintf(stderr, "Usage: btf_dedup FILE [BASE]\n       btf_dedup --onto BASE FILE\n");
		return 2;
	}
	if (argc == 3) {
		base = parse(argv[2], NULL);
		if (!base)
			return 3;
		first = btf__type_cnt(base);
	}
	btf = parse(argv[1], base);
	if (!btf)
		return 3;
	/* count() reads the header. */
	btf__set_endianness(btf, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? BTF_LITTLE_ENDIAN
									   : BTF_BIG_ENDIAN);
	if (count(btf, first, &before) || btf__dedup(btf, NULL) || count(btf, first, &after)) {
		fprintf(stderr, "%s: libbpf does not merge it\n", argv[1]);
		return 3;
	}
	printf("%u %u types, %u %u bytes of strings\n", before.types, after.types, before.strings,
	       after.strings);
	btf__free(btf);
	btf__free(base);
	return before.types != after.types || after.strings < before.strings;
}
