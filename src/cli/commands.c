// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of commands and options.  Names here are a contract. */
#include "cli.h"

const struct cli_option cli_options[NR_CLI_OPTIONS] = {
	[OPT_HELP] = { "help", 'h', NULL, "show this text", false },
	[OPT_JSON] = { "json", 'j', NULL, "print JSON; addresses are hexadecimal strings", false },
	[OPT_OUTPUT] = { "output", 'o', "FILE", "write the index there (default: IMAGE.ksym)", false },
	[OPT_QUIET] = { "quiet", 'q', NULL, "no progress, no summary, no warnings", false },
	[OPT_MAP] = { "map", 'm', "FILE",
		      "linker map of the image (vmlinux.map, vmlinux.o.map; GNU ld or lld)", true },
	[OPT_BUILTIN] = { "builtin", 'b', "FILE",
			  "modules.builtin, modules.builtin.objs, modules_thick.builtin or "
			  "modules.builtin.ranges", true },
	[OPT_BUILD_TREE] = { "build-tree", 'B', "DIR",
			     "kernel build tree; maps, modules.builtin and .cmd files are found "
			     "in it", false },
	[OPT_SOURCE_TREE] = { "source-tree", 'S', "DIR",
			      "kernel source tree; its makefiles are evaluated by GNU make, so "
			      "it has to be trusted; nothing is compiled", false },
	[OPT_CONFIG] = { "config", 'c', "FILE", "the .config that goes with --source-tree", false },
	[OPT_DEBUG] = { "debug", 'd', "FILE", "separate debug file of the image", false },
	[OPT_NO_DEBUG_SEARCH] = { "no-debug-search", 0, NULL,
				  "do not look for separate debug files or ask debuginfod", false },
	[OPT_SELECT] = { "select", 's', "WHICH",
			 "kallsyms: symbols that /proc/kallsyms would show (default); text: of "
			 "those, code; all: all that are defined", false },
	[OPT_KALLSYMS] = { "kallsyms", 'k', NULL,
			   "the format of /proc/kallsyms: no size, a tab before [modules]", false },
	[OPT_DATA] = { "data", 0, NULL, "list data symbols as well", false },
	[OPT_DISAGREEMENTS] = { "disagreements", 0, NULL,
				"list symbols about whose object two sources disagree", false },
	[OPT_LINES] = { "image", 'i', "FILE",
			"image with DWARF to take source lines from, when FILE is an index", false },
	[OPT_ARCH] = { "arch", 'a', "SRCARCH",
		       "directory below arch/ (default: as the .config says)", false },
	[OPT_SYMBOLS] = { "symbols", 0, "LIST",
			  "file with the symbols to do, one a line; - for standard input (default: "
			  "what FILE exports)", false },
	[OPT_STABLE] = { "stable", 's', NULL, "mind kABI rules and __kabi_ members", false },
	[OPT_SYMTYPES] = { "symtypes", 'T', "OUT",
			   "write the text of every type and symbol to OUT", false },
	[OPT_VERSIONS_FORMAT] = { "format", 'f', "FORMAT",
				  "symver: \"#SYMVER name crc\" (default); symvers: lines of "
				  "Module.symvers", false },
	[OPT_JOBS] = { "jobs", 'J', "N",
		       "threads to use (default: one for each processor); the output is the same "
		       "for any number", false },
	[OPT_TIES] = { "ties", 0, NULL,
		       "tell types of which two different texts are equally long", false },
	[OPT_DUMP_DIES] = { "dump-dies", 0, NULL,
			    "print what is gone through, to standard error", false },
	[OPT_DUMP_TYPES] = { "dump-types", 0, NULL,
			     "print the text of each type, to standard error", false },
	[OPT_DUMP_VERSIONS] = { "dump-versions", 0, NULL,
				"print the text that each version is the checksum of, to standard "
				"error", false },
	[OPT_GENERATION] = { "generation", 'g', "VERSION",
			     "whose tables: 6.1, 6.12 or 7 (default: the one that knows the "
			     "options given, else 6.12)", false },
	[OPT_ALL_SYMBOLS] = { "all-symbols", 0, NULL, "not only code (CONFIG_KALLSYMS_ALL)", false },
	[OPT_ABSOLUTE_PERCPU] = { "absolute-percpu", 0, NULL,
				  "per-CPU symbols are offsets (6.1, 6.12)", false },
	[OPT_BASE_RELATIVE] = { "base-relative", 0, NULL,
				"addresses are 32 bits beyond a base (6.1)", false },
	[OPT_LTO_CLANG] = { "lto-clang", 0, NULL,
			    "sort names without their .llvm. suffix (6.1)", false },
	[OPT_PC_RELATIVE] = { "pc-relative", 0, NULL,
			      "addresses are relative to their place (7)", false },
	[OPT_OWNERS] = { "owners", 'O', "IMAGE",
			 "append sizes, modules and objects, for CONFIG_KALLMODSYMS; IMAGE is what "
			 "MAP is of", false },
	[OPT_STATS] = { "stats", 0, NULL, "say on standard error what the tables take", false },
};

#define BUILD_OPTIONS \
	OPT_MAP, OPT_BUILTIN, OPT_BUILD_TREE, OPT_SOURCE_TREE, OPT_CONFIG, OPT_DEBUG, \
	OPT_NO_DEBUG_SEARCH, OPT_SELECT

static const enum cli_option_id index_options[] = {
	OPT_OUTPUT, BUILD_OPTIONS, OPT_JSON, OPT_QUIET, OPT_HELP };
static const enum cli_option_id show_options[] = { OPT_KALLSYMS, BUILD_OPTIONS, OPT_JSON, OPT_QUIET,
						   OPT_HELP };
static const enum cli_option_id at_options[] = { OPT_LINES, BUILD_OPTIONS, OPT_JSON, OPT_QUIET,
						 OPT_HELP };
static const enum cli_option_id find_options[] = { BUILD_OPTIONS, OPT_JSON, OPT_QUIET, OPT_HELP };
static const enum cli_option_id check_options[] = { OPT_DATA, OPT_DISAGREEMENTS, BUILD_OPTIONS,
						    OPT_JSON, OPT_QUIET, OPT_HELP };
static const enum cli_option_id ranges_options[] = { OPT_BUILD_TREE, OPT_JSON, OPT_HELP };
static const enum cli_option_id kallsyms_options[] = {
	OPT_GENERATION, OPT_ALL_SYMBOLS, OPT_ABSOLUTE_PERCPU, OPT_BASE_RELATIVE, OPT_LTO_CLANG,
	OPT_PC_RELATIVE, OPT_OWNERS, OPT_STATS, OPT_MAP, OPT_BUILTIN, OPT_BUILD_TREE,
	OPT_SOURCE_TREE, OPT_CONFIG, OPT_DEBUG, OPT_NO_DEBUG_SEARCH, OPT_QUIET, OPT_HELP };
static const enum cli_option_id objs_options[] = { OPT_SOURCE_TREE, OPT_CONFIG, OPT_ARCH,
						   OPT_BUILD_TREE, OPT_JSON, OPT_QUIET, OPT_HELP };

static const enum cli_option_id versions_options[] = {
	OPT_SYMBOLS, OPT_SYMTYPES, OPT_VERSIONS_FORMAT, OPT_STABLE, OPT_JOBS, OPT_BUILD_TREE,
	OPT_DEBUG, OPT_NO_DEBUG_SEARCH, OPT_TIES, OPT_DUMP_DIES, OPT_DUMP_TYPES,
	OPT_DUMP_VERSIONS, OPT_JSON, OPT_QUIET, OPT_HELP };
static const enum cli_option_id kbuild_options[] = { OPT_JSON, OPT_HELP };

#define OPTIONS(x) .options = x, .nr_options = sizeof(x) / sizeof(*(x))

const struct cli_command cli_commands[] = {
	{
		.name = "index",
		.operands = "IMAGE",
		.summary = "make an index of a kernel image",
		.text =
"Reads the symbol table of IMAGE (vmlinux, vmlinux.o, a .ko or .o, of any machine), works "
"out which object and which modules every symbol comes from, gives each a name of its own, and "
"writes all that to a small file that needs no parsing: IMAGE.ksym.\n"
"Objects come from linker maps when they are given, else from DWARF, else from STT_FILE "
"symbols; sources that disagree are reported. Modules of objects come from --builtin files, a "
"--build-tree's .cmd files, or the makefiles of a --source-tree.",
		.examples =
"$ ksym index vmlinux\n"
"# DWARF tells the objects\n"
"$ ksym index vmlinux --map vmlinux.map --map vmlinux.o.map --builtin modules.builtin.objs\n"
"# linker maps and a list of modules tell\n"
"$ ksym index vmlinux --build-tree .\n"
"# everything is found in the build tree\n"
"$ ksym index vmlinux --source-tree linux-source-6.1 --config /boot/config-6.1.0\n"
"# a distribution's kernel, without its build tree\n",
		.min_operands = 1, .max_operands = 1,
		OPTIONS(index_options),
		.run = cmd_index,
	},
	{
		.name = "show",
		.operands = "FILE",
		.summary = "list symbols with size, modules and object",
		.text =
"Prints every symbol of FILE, an index or an image, in address order: address, size and type as "
"/proc/kallsyms has them, the name, the modules in brackets, and where it takes that to tell "
"symbols apart, the end of the object's path in braces.\n"
"With --json each symbol also has its object, the sources that name it, and what another source "
"says instead.",
		.examples =
"$ ksym show vmlinux.ksym | grep ' s_next'\n"
"# the functions called s_next, told apart\n"
"$ ksym show --kallsyms vmlinux.ksym > kallsyms\n"
"# for programs that read /proc/kallsyms\n",
		.min_operands = 1, .max_operands = 1,
		OPTIONS(show_options),
		.run = cmd_show,
	},
	{
		.name = "at",
		.operands = "FILE ADDR...",
		.summary = "say what is at an address",
		.text =
"Prints symbol+offset/size [modules] {object} for each ADDR, one line each, and the source line "
"when FILE is an image with DWARF (or --image names one). ADDR is hexadecimal with or without "
"0x, or SYMBOL+OFFSET (what can be read as a number is one: edd+0 is the symbol); \"-\" reads "
"addresses from standard input. An address that no symbol "
"precedes, or a word that is none, gives \"?""?\" and exit status 1.\n"
"Addresses are link-time ones: of a running kernel take away what KASLR added. An offset not "
"below the size means that the address is behind the end of the symbol, in padding or in code "
"without a name.",
		.examples =
"$ ksym at vmlinux.ksym ffffffff8100267c\n"
"$ ksym at vmlinux 'do_one_initcall+0x1c'\n"
"# with the source line\n",
		.min_operands = 2, .max_operands = -1,
		OPTIONS(at_options),
		.run = cmd_at,
	},
	{
		.name = "find",
		.operands = "FILE IDENTITY",
		.summary = "find the address of a symbol by its unambiguous name",
		.text =
"IDENTITY is a name, if need be with [module] and {object} as `ksym show` prints them; {object} "
"may be any end of the object's path. Prints address, size, type and identity, then the "
"symbol's position among those of its name (livepatch's sympos) and its offset from _text "
"(for kprobes: _text+OFFSET).\n"
"When several symbols fit, prints all of them and exits with status 1.",
		.examples =
"$ ksym find vmlinux.ksym 's_next {seq_file.o}'\n"
"$ ksym find vmlinux.ksym 'rapl_event_update [intel_rapl_perf]'\n",
		.min_operands = 2, .max_operands = 2,
		OPTIONS(find_options),
		.run = cmd_find,
	},
	{
		.name = "check",
		.operands = "FILE",
		.summary = "is every symbol's identity unique?",
		.text =
"Compares the identity of every symbol with that of every other one and lists those that are "
"not unique, by reason. Exit status 0: every text symbol has an identity of its own; 1: some "
"have not.\n"
"Reasons: \"same object\": one object has the name more than once; \"same path\": two objects "
"of which no more than one path is known; \"no owner\": no source names an object; \"alias\": "
"the same object, address and size.",
		.examples =
"$ ksym check vmlinux.ksym\n"
"$ ksym check --data --disagreements vmlinux.ksym\n",
		.min_operands = 1, .max_operands = 1,
		OPTIONS(check_options),
		.run = cmd_check,
	},
	{
		.name = "ranges",
		.operands = "[MODULES.BUILTIN VMLINUX.MAP [VMLINUX.O.MAP]]",
		.summary = "write modules.builtin.ranges, as the kernel's own script does",
		.text =
"Prints, byte for byte, what scripts/generate_builtin_ranges.awk of Linux 6.12 and later prints: "
"the address ranges of built-in modules. Takes the same operands, or finds the files in "
"--build-tree. Objects' .cmd files are looked for in the build tree, by default the current "
"directory.",
		.examples =
"$ ksym ranges --build-tree . > modules.builtin.ranges\n"
"$ ksym ranges modules.builtin vmlinux.map vmlinux.o.map > modules.builtin.ranges\n",
		.min_operands = 0, .max_operands = 3,
		OPTIONS(ranges_options),
		.run = cmd_ranges,
	},
	{
		.name = "objs",
		.operands = "[MODULES.BUILTIN]",
		.summary = "list which objects make up each built-in module",
		.text =
"Prints one line for each module that is built into the kernel: \"module.o: object.o ...\". With "
"--source-tree and --config, GNU make evaluates the tree's own makefiles, without compiling or "
"writing anything; with --build-tree the .cmd files of a finished build are read. "
"MODULES.BUILTIN, where at hand, decides what is a module; else the sources do.\n"
"Evaluating makefiles runs what is in them: the source tree has to be trusted.",
		.examples =
"$ ksym objs --source-tree linux-source-6.1 --config /boot/config-6.1.0 > modules.builtin.objs\n"
"$ ksym objs --build-tree .\n",
		.min_operands = 0, .max_operands = 1,
		OPTIONS(objs_options),
		.run = cmd_objs,
	},
	{
		.name = "versions",
		.operands = "FILE...",
		.summary = "versions of exported symbols, from debug information",
		.text =
"Prints the version of every symbol that FILE (vmlinux, a module, an object) exports: a checksum "
"of its type and of all types that this is made of. It is what CONFIG_MODVERSIONS puts into "
"modules, bit for bit as the kernel's gendwarfksyms computes it, for C and for Rust.\n"
"FILE may be a source: then it is compiled to a temporary object, by the command that its .cmd "
"file or compile_commands.json has for it.\n"
"Symbols that debug information does not tell about, as those of assembly, get the version "
"0x00000000 and a line on standard error that says why.\n"
"Called by the name gendwarfksyms the program has that tool's command line.",
		.examples =
"$ ksym versions vmlinux\n"
"$ ksym versions --symtypes vmlinux.symtypes vmlinux\n"
"# and what they are the checksums of\n"
"$ ksym versions --format symvers vmlinux drivers/net/*.ko > Module.symvers\n"
"$ echo kfree_skb | ksym versions --symbols - --dump-versions net/core/skbuff.o\n"
"$ ksym versions -T fork.symtypes kernel/fork.c\n",
		.min_operands = 1, .max_operands = -1,
		OPTIONS(versions_options),
		.run = cmd_versions,
	},
	{
		.name = "kallsyms",
		.operands = "MAP",
		.summary = "write the kernel's symbol tables, as scripts/kallsyms does",
		.text =
"Prints, byte for byte, the assembly that a kernel's scripts/kallsyms prints for MAP, the lines "
"of `nm -n` (\"-\": standard input), in a fraction of the time. It takes the same command lines "
"as the tools of three generations of kernels: 6.1 (--base-relative, --lto-clang), 6.12 and 7 "
"(--pc-relative). Called by the name \"kallsyms\" it is that command, so that a link to ksym can "
"stand in for scripts/kallsyms; \"kallsyms-6.1\", \"kallsyms-6.12\" and \"kallsyms-7\" choose "
"the generation as well.\n"
"With --owners the tables of CONFIG_KALLMODSYMS follow (see `ksym kbuild`): true sizes, modules "
"and objects of the symbols, found in IMAGE, from which MAP was made, as `ksym index` would find "
"them. --stats says how many bytes that adds to the kernel.",
		.examples =
"$ ksym kallsyms --all-symbols --absolute-percpu System.map > kallsyms.S\n"
"# as Linux 6.12 does\n"
"$ nm -n vmlinux | ksym kallsyms --all-symbols --base-relative - > kallsyms.S\n"
"$ ksym kallsyms --all-symbols --owners vmlinux --build-tree . --stats System.map > kallsyms.S\n",
		.min_operands = 1, .max_operands = 1,
		OPTIONS(kallsyms_options),
		.run = cmd_kallsyms,
	},
	{
		.name = "kbuild",
		.operands = "install|remove|status TREE",
		.summary = "put /proc/kallmodsyms into a kernel's source tree, or take it out",
		.text =
"After install, the kernel source tree TREE (Linux 6.1, 6.12) has CONFIG_KALLMODSYMS. A kernel "
"with it lists its symbols in /proc/kallmodsyms as `ksym show` does: with true sizes, modules, "
"built in or not, and objects. Its build calls this program in place of scripts/kallsyms; "
"KSYM in make's environment names another one.\n"
"What it puts there are files in kernel/kallmodsyms and lines in four of the kernel's files, "
"between marks. remove makes the tree what it was, to the byte. Where the place for a line is not "
"found, nothing is changed. Both may be repeated. status prints whether this version is installed; "
"exit status 1 when it is not.",
		.examples =
"$ ksym kbuild install linux-6.12 && make -C linux-6.12 menuconfig all\n"
"# switch on CONFIG_KALLMODSYMS there\n"
"$ ksym kbuild remove linux-6.12\n",
		.min_operands = 2, .max_operands = 2,
		OPTIONS(kbuild_options),
		.run = cmd_kbuild,
	},
};

const int nr_cli_commands = sizeof(cli_commands) / sizeof(*cli_commands);
