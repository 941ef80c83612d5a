// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The program under the name pahole: what kernel builds of Linux 5.11 to 7.x ask of pahole
 * (scripts/pahole-flags.sh, Makefile.btf, link-vmlinux.sh, gen-btf.sh, Makefile.modfinal).
 * That is BTF; pahole's other trade, printing structures, is refused.
 */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <ksym/btf.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Builds choose options by it; the output is that of this version. */
#define MAJOR "1"
#define MINOR "32"

enum feature {
	ENCODE_FORCE = 1 << 0,
	VAR = 1 << 1,
	FLOAT = 1 << 2,
	DECL_TAG = 1 << 3,
	TYPE_TAG = 1 << 4,
	ENUM64 = 1 << 5,
	OPTIMIZED_FUNC = 1 << 6,
	CONSISTENT_FUNC = 1 << 7,
	DECL_TAG_KFUNCS = 1 << 8,
	REPRODUCIBLE_BUILD = 1 << 9,
	GLOBAL_VAR = 1 << 10,
	ATTRIBUTES = 1 << 11,
	DISTILLED_BASE = 1 << 12,
	LAYOUT = 1 << 13,
};

#define DEFAULT_FEATURES                                                                    \
	(ENCODE_FORCE | VAR | FLOAT | DECL_TAG | TYPE_TAG | ENUM64 | OPTIMIZED_FUNC |       \
	 CONSISTENT_FUNC | DECL_TAG_KFUNCS)
/* Without --btf_features. */
#define OLD_FEATURES (VAR | DECL_TAG | TYPE_TAG | ENUM64)

/* In the order in which pahole lists them. */
static const struct {
	const char *name;
	unsigned int set;
} features[] = {
	{ "encode_force", ENCODE_FORCE },	/* symbols BTF cannot have are left out anyway */
	{ "var", VAR },
	{ "float", FLOAT },
	{ "decl_tag", DECL_TAG },
	{ "type_tag", TYPE_TAG },
	{ "enum64", ENUM64 },
	{ "optimized_func", OPTIMIZED_FUNC },
	{ "consistent_func", CONSISTENT_FUNC },
	{ "decl_tag_kfuncs", DECL_TAG_KFUNCS },
	{ "reproducible_build", REPRODUCIBLE_BUILD },	/* it always is */
	{ "distilled_base", DISTILLED_BASE },
	{ "global_var", GLOBAL_VAR },
	{ "attributes", ATTRIBUTES },
	{ "layout", LAYOUT },
};
#define NR_FEATURES (sizeof(features) / sizeof(*features))

enum {
	PAHOLE_DETACHED = 256, PAHOLE_BASE, PAHOLE_SET, PAHOLE_FEATURES, PAHOLE_FEATURES_STRICT, PAHOLE_SUPPORTED,
	PAHOLE_LANG, PAHOLE_LANG_EXCLUDE, PAHOLE_VERSION, PAHOLE_NUMERIC, PAHOLE_FLAT, PAHOLE_IGNORED, PAHOLE_HELP,
};

static const struct option long_options[] = {
	{ "btf_encode", no_argument, NULL, 'J' },
	{ "btf_encode_detached", required_argument, NULL, PAHOLE_DETACHED },
	{ "btf_base", required_argument, NULL, PAHOLE_BASE },
	{ "jobs", optional_argument, NULL, 'j' },
	{ "verbose", no_argument, NULL, 'V' },
	{ "format_path", required_argument, NULL, 'F' },
	{ "btf_features", required_argument, NULL, PAHOLE_FEATURES },
	{ "btf_features_strict", required_argument, NULL, PAHOLE_FEATURES_STRICT },
	{ "supported_btf_features", no_argument, NULL, PAHOLE_SUPPORTED },
	{ "lang", required_argument, NULL, PAHOLE_LANG },
	{ "lang_exclude", required_argument, NULL, PAHOLE_LANG_EXCLUDE },
	{ "version", no_argument, NULL, PAHOLE_VERSION },
	{ "numeric_version", no_argument, NULL, PAHOLE_NUMERIC },
	{ "help", no_argument, NULL, PAHOLE_HELP },
	{ "btf_encode_force", no_argument, NULL, PAHOLE_SET },
	{ "btf_gen_floats", no_argument, NULL, PAHOLE_SET },
	{ "btf_gen_all", no_argument, NULL, PAHOLE_SET },
	{ "btf_gen_optimized", no_argument, NULL, PAHOLE_SET },
	{ "encode_btf_global_vars", no_argument, NULL, PAHOLE_SET },
	{ "encode_all_btf_vars", no_argument, NULL, PAHOLE_SET },
	{ "reproducible_build", no_argument, NULL, PAHOLE_SET },
	{ "skip_encoding_btf_inconsistent_proto", no_argument, NULL, PAHOLE_SET },
	{ "skip_encoding_btf_vars", no_argument, NULL, PAHOLE_SET },
	{ "skip_encoding_btf_decl_tag", no_argument, NULL, PAHOLE_SET },
	{ "skip_encoding_btf_type_tag", no_argument, NULL, PAHOLE_SET },
	{ "skip_encoding_btf_enum64", no_argument, NULL, PAHOLE_SET },
	{ "flat_arrays", no_argument, NULL, PAHOLE_FLAT },
	/* About how pahole works inside. */
	{ "hashbits", required_argument, NULL, PAHOLE_IGNORED },
	{ "ptr_table_stats", no_argument, NULL, PAHOLE_IGNORED },
	{ "skip_missing", no_argument, NULL, PAHOLE_IGNORED },
	{ 0 },
};

/* What the options of kind PAHOLE_SET switch on, and off. */
static const struct {
	const char *name;
	unsigned int on, off;
} setters[] = {
	{ "btf_encode_force", ENCODE_FORCE, 0 },
	{ "btf_gen_floats", FLOAT, 0 },
	{ "btf_gen_all", DEFAULT_FEATURES, 0 },
	{ "btf_gen_optimized", OPTIMIZED_FUNC, 0 },
	{ "encode_btf_global_vars", GLOBAL_VAR, 0 },
	{ "encode_all_btf_vars", VAR | GLOBAL_VAR, 0 },
	{ "reproducible_build", REPRODUCIBLE_BUILD, 0 },
	{ "skip_encoding_btf_inconsistent_proto", CONSISTENT_FUNC, 0 },
	{ "skip_encoding_btf_vars", 0, VAR },
	{ "skip_encoding_btf_decl_tag", 0, DECL_TAG | DECL_TAG_KFUNCS },
	{ "skip_encoding_btf_type_tag", 0, TYPE_TAG },
	{ "skip_encoding_btf_enum64", 0, ENUM64 },
};

struct request {
	const char *detached, *base;
	unsigned int features, jobs;
	bool encode, verbose, features_given, no_rust, flat_arrays;
};

static void usage(FILE *f)
{
	fputs("Usage: pahole -J [OPTION]... FILE...\n\n"
	      "Makes BTF of the debug information of each FILE and puts it into its section .BTF, as\n"
	      "kernel builds have pahole do it. (This is `ksym btf`; `ksym btf --help` tells more. It does\n"
	      "not print structures.)\n\n"
	      "  -J, --btf_encode               put BTF into FILE\n"
	      "      --btf_encode_detached=OUT  write it to OUT instead; one FILE\n"
	      "      --btf_base=BASE            only what BASE, a BTF file or an image, does not have\n"
	      "      --btf_features=LIST        what it has, out of --supported_btf_features; default for\n"
	      "                                 all usual ones; what is not known is passed over\n"
	      "      --btf_features_strict=LIST what is not known is an error\n"
	      "      --supported_btf_features   list them\n"
	      "  -j, --jobs[=N]                 threads (default: one; without N: one for each processor);\n"
	      "                                 the output is the same for any number\n"
	      "      --lang_exclude=rust        leave out units in Rust\n"
	      "      --flat_arrays              an array of several dimensions is one of all elements, as\n"
	      "                                 pahole wrote it up to 1.31\n"
	      "  -V, --verbose                  say what is left out, and why\n"
	      "      --version                  v" MAJOR "." MINOR ", whose output this is\n"
	      "      --numeric_version          " MAJOR MINOR "\n\n"
	      "Before --btf_features there were, and still are: --btf_gen_floats --btf_gen_all\n"
	      "--btf_gen_optimized --btf_encode_force --encode_btf_global_vars --encode_all_btf_vars\n"
	      "--reproducible_build --skip_encoding_btf_vars --skip_encoding_btf_decl_tag\n"
	      "--skip_encoding_btf_type_tag --skip_encoding_btf_enum64\n"
	      "--skip_encoding_btf_inconsistent_proto\n", f);
}

static void list_features(FILE *f)
{
	for (size_t i = 0; i < NR_FEATURES; i++)
		fprintf(f, "%s%s", i ? "," : "", features[i].name);
	fputc('\n', f);
}

/* ---------------------------------------------------------------------- options */

static unsigned int feature_set(const char *name, size_t len)
{
	for (size_t i = 0; i < NR_FEATURES; i++)
		if (strlen(features[i].name) == len && !memcmp(features[i].name, name, len))
			return features[i].set;
	/* "all" was what is "default" now. */
	if ((len == 7 && !memcmp(name, "default", 7)) || (len == 3 && !memcmp(name, "all", 3)))
		return DEFAULT_FEATURES;
	return 0;
}

/* "a,b,default", or "+a,b": with the default ones.  The first list starts from nothing. */
static int take_features(struct request *r, const char *list, bool strict)
{
	if (!r->features_given)
		r->features = 0;
	r->features_given = true;
	if (*list == '+') {
		r->features |= DEFAULT_FEATURES;
		list++;
	}
	for (size_t len; *list; list += len + (list[len] == ',')) {
		unsigned int set;

		len = strcspn(list, ",");
		set = feature_set(list, len);
		r->features |= set;
		if (set || !len)
			continue;
		if (strict || r->verbose)
			cli_say("pahole: feature \"%.*s\" is not known: %s", (int)(len < 100 ? len : 100),
				list, strict ? "expected one of" : "passed over");
		if (strict) {
			list_features(stderr);
			return CLI_USAGE;
		}
	}
	return CLI_OK;
}

static bool in_list(const char *list, const char *word)
{
	size_t n = strlen(word), len;

	for (; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (len == n && !strncasecmp(list, word, n))
			return true;
	}
	return false;
}

/* Units in C there are always, and in assembly are no types: Rust is left to decide. */
static int take_lang(struct request *r, const char *list, bool exclude)
{
	bool c = in_list(list, "c") || in_list(list, "c89") || in_list(list, "c99") || in_list(list, "c11");

	if (c == exclude || (exclude && !in_list(list, "rust") && !in_list(list, "asm"))) {
		cli_say("pahole: --lang%s %s: this program can leave out units in Rust and no others",
			exclude ? "_exclude" : "", list);
		return CLI_USAGE;
	}
	if (exclude == in_list(list, "rust"))
		r->no_rust = true;
	return CLI_OK;
}

static int take_jobs(struct request *r, const char *s)
{
	if (cli_parse_jobs(s, &r->jobs))
		return CLI_OK;
	cli_say("pahole: --jobs %s: expected a number from 1 to 1024", s);
	return CLI_USAGE;
}

static void set_by_name(struct request *r, const char *name)
{
	for (size_t i = 0; i < sizeof(setters) / sizeof(*setters); i++) {
		if (strcmp(setters[i].name, name))
			continue;
		r->features = (r->features | setters[i].on) & ~setters[i].off;
	}
}

static int unknown(char **argv, int opt)
{
	const char *word = argv[optind - 1];

	if (opt == ':')
		cli_say("pahole: %s needs its argument; see `pahole --help`", word);
	else if (optopt && optopt < 256)
		cli_say("pahole: -%c: this program encodes BTF and does nothing else; for structures' layout use the pahole of dwarves, see `pahole --help`",
			optopt);
	else
		cli_say("pahole: %s: this program encodes BTF and does nothing else; for structures' layout use the pahole of dwarves, see `pahole --help`",
			word);
	return CLI_USAGE;
}

/* -1: go on with the files; else the exit status. */
static int parse(struct request *r, int argc, char **argv)
{
	int opt, index = 0, status = CLI_OK;

	opterr = 0;
	while (!status && (opt = getopt_long(argc, argv, ":JVj::F:", long_options, &index)) != -1) {
		switch (opt) {
		case PAHOLE_DETACHED:
			r->detached = optarg;
			r->encode = true;
			break;
		case 'J':
			r->encode = true;
			break;
		case 'V':
			r->verbose = true;
			break;
		case 'j':
			status = take_jobs(r, optarg);
			break;
		case 'F':
			if (strcmp(optarg, "dwarf")) {
				cli_say("pahole: --format_path %s: BTF is made of dwarf", optarg);
				status = CLI_USAGE;
			}
			break;
		case PAHOLE_BASE:
			r->base = optarg;
			break;
		case PAHOLE_SET:
			set_by_name(r, long_options[index].name);
			break;
		case PAHOLE_FEATURES:
		case PAHOLE_FEATURES_STRICT:
			status = take_features(r, optarg, opt == PAHOLE_FEATURES_STRICT);
			break;
		case PAHOLE_SUPPORTED:
			list_features(stdout);
			return CLI_OK;
		case PAHOLE_LANG:
		case PAHOLE_LANG_EXCLUDE:
			status = take_lang(r, optarg, opt == PAHOLE_LANG_EXCLUDE);
			break;
		case PAHOLE_VERSION:
			puts("v" MAJOR "." MINOR);
			return CLI_OK;
		case PAHOLE_NUMERIC:
			puts(MAJOR MINOR);
			return CLI_OK;
		case PAHOLE_FLAT:
			r->flat_arrays = true;
			break;
		case PAHOLE_IGNORED:
			break;
		case PAHOLE_HELP:
			usage(stdout);
			return CLI_OK;
		default:
			return unknown(argv, opt);
		}
	}
	return status ? status : -1;
}

/* ------------------------------------------------------------------------- work */

static void set_opts(struct ksym_btf_opts *o, const struct request *r, const struct ksym_btf *base)
{
	static const struct {
		unsigned int feature, flag;
	} lacking[] = {
		{ FLOAT, KSYM_BTF_NO_FLOAT },
		{ DECL_TAG, KSYM_BTF_NO_DECL_TAG },
		{ TYPE_TAG, KSYM_BTF_NO_TYPE_TAG },
		{ ENUM64, KSYM_BTF_NO_ENUM64 },
		{ DECL_TAG_KFUNCS, KSYM_BTF_NO_KFUNC_TAGS },
		{ CONSISTENT_FUNC, KSYM_BTF_ALL_FUNCTIONS },
		{ OPTIMIZED_FUNC, KSYM_BTF_NO_OPTIMIZED },
	};

	*o = (struct ksym_btf_opts)KSYM_OPTS(*o);
	for (size_t i = 0; i < sizeof(lacking) / sizeof(*lacking); i++)
		if (!(r->features & lacking[i].feature))
			o->flags |= lacking[i].flag;
	if (r->features & ATTRIBUTES)
		o->flags |= KSYM_BTF_ATTRIBUTES;
	if (r->flat_arrays)
		o->flags |= KSYM_BTF_FLAT_ARRAYS;
	if (r->features & LAYOUT)
		o->flags |= KSYM_BTF_LAYOUT;
	if (!r->no_rust)
		o->flags |= KSYM_BTF_RUST;
	o->vars = r->features & GLOBAL_VAR ? KSYM_BTF_VARS_ALL
		  : r->features & VAR	   ? KSYM_BTF_VARS_PERCPU
					   : KSYM_BTF_VARS_NONE;
	o->base = base;
	o->nr_threads = r->jobs;
}

static void tell(const char *file, const struct ksym_btf_info *i)
{
	cli_say("pahole: %s: %u types, %u variables; functions left out: %u inconsistent, %u ambiguous, %u with parameters elsewhere, %u optimized, %u with packed parameters; units in Rust left out: %u",
		file, i->nr_types, i->nr_vars, i->nr_inconsistent, i->nr_ambiguous, i->nr_registers,
		i->nr_optimized, i->nr_packed, i->nr_rust);
}

/* A distilled base is for what has one, and a file of BTF alone has no room for it. */
static int embed(const struct request *r, const struct ksym_btf *btf, const char *file,
		 struct ksym_error *err)
{
	struct ksym_btf *distilled;
	int ret;

	if (!(r->features & DISTILLED_BASE) || !ksym_btf_base(btf))
		return ksym_btf_embed(btf, file, file, err);
	ret = ksym_btf_distill(&distilled, btf, err);
	if (ret)
		return ret;
	ret = ksym_btf_embed(distilled, file, file, err);
	ksym_btf_close(distilled);
	return ret;
}

/* Nothing there that BTF could be made of is no failure: objects of assembly are like that. */
static int encode(const struct request *r, const struct ksym_btf *base, const char *file)
{
	struct ksym_btf_info info = { .size = sizeof(info) };
	struct ksym_btf_opts o;
	struct ksym_error err;
	struct ksym_btf *btf;
	int ret;

	set_opts(&o, r, base);
	ret = ksym_btf_encode(&btf, file, &o, &err);
	if (ret == -ENODATA) {
		if (r->verbose)
			cli_say("pahole: %s", err.text);
		return CLI_OK;
	}
	if (ret)
		return cli_fail(&err);
	ksym_btf_info(btf, &info);
	if (r->verbose)
		tell(file, &info);
	if (r->detached && (info.nr_types || base))
		ret = ksym_btf_write(btf, r->detached, &err);
	else if (info.nr_types || base)
		ret = embed(r, btf, file, &err);
	ksym_btf_close(btf);
	return ret ? cli_fail(&err) : CLI_OK;
}

int pahole_main(int argc, char **argv)
{
	struct request r = { .jobs = 1, .features = OLD_FEATURES };
	int status = parse(&r, argc, argv), nr;
	struct ksym_btf *base = NULL;
	struct ksym_error err;

	if (status >= 0)
		return cli_finish(status);
	nr = argc - optind;
	if (!r.encode || nr < 1 || (r.detached && nr > 1)) {
		cli_say("pahole: expected %s; see `pahole --help`",
			!r.encode ? "-J or --btf_encode_detached=OUT: structures are not printed"
			: nr < 1  ? "a FILE"
				  : "one FILE with --btf_encode_detached");
		return CLI_USAGE;
	}
	if (r.base && ksym_btf_read(&base, r.base, NULL, &err))
		return cli_fail(&err);
	status = CLI_OK;
	for (int i = optind; i < argc; i++) {
		int ret = encode(&r, base, argv[i]);

		status = ret > status ? ret : status;
	}
	if (base)
		ksym_btf_close(base);
	return cli_finish(status);
}
