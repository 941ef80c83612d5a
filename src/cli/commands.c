// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of commands and options.  Names here are a contract. */
#include "cli.h"

const struct cli_option cli_options[NR_CLI_OPTIONS] = {
	[OPT_HELP] = { "help", 'h', NULL, "show this text", false },
	[OPT_JSON] = { "json", 'j', NULL, "print JSON; addresses are hexadecimal strings", false },
	[OPT_OUTPUT] = { "output", 'o', "FILE", "write the result there (default: `index`: IMAGE.ksym; others: as the "
			"command says)", false },
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
	[OPT_PERF] = { "perf", 0, NULL,
		       "the same for perf's --kallsyms=FILE: modules and object are part of the name, in "
		       "braces, since perf passes over symbols whose [module] is not loaded", false },
	[OPT_DATA] = { "data", 0, NULL, "list data symbols as well", false },
	[OPT_DISAGREEMENTS] = { "disagreements", 0, NULL,
				"list symbols about whose object two sources disagree", false },
	[OPT_LINES] = { "image", 'i', "FILE",
			"image with DWARF to take source lines from, when FILE is an index", false },
	[OPT_PROBE] = { "probe", 'p', "FORMAT",
			"print a probe that hits this symbol alone: kprobe (a line for kprobe_events), "
			"bpftrace, perf (for perf probe --add), ftrace (a number for set_ftrace_filter; "
			"only of the running kernel)", false },
	[OPT_TYPES] = { "types", 't', NULL,
			"show: how C declares each function and variable, as far as the kernel's BTF tells", false },
	[OPT_SYSROOT] = { "sysroot", 0, "DIR",
			  "look at proc, sys, lib and boot below DIR instead of this machine's", false },
	[OPT_INDEX] = { "index", 'x', "FILE",
			"index or image of the running kernel (default: look for it)", false },
	[OPT_ARCH] = { "arch", 'a', "SRCARCH",
		       "directory below arch/ (default: as the .config says)", false },
	[OPT_SYMBOLS] = { "symbols", 0, "LIST",
			  "file with the symbols to do, one a line; - for standard input (default: "
			  "what FILE exports)", false },
	[OPT_VERSIONS] = { "versions", 0, NULL,
			   "keep the versions of exported symbols, and the types behind them, for `ksym diff` "
			   "and `ksym versions`", false },
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
	[OPT_SYMBOL] = { "symbol", 'S', "NAME",
			 "tell about this symbol alone: each cause, and the way to it", true },
	[OPT_SUMMARY] = { "summary", 0, NULL, "numbers and the largest causes only", false },
	[OPT_ALL] = { "all", 'a', NULL, "list all, however many or small (diff: symbols that a cause changed)",
		      false },
	[OPT_CLEAN] = { "clean", 0, NULL,
			"make dead entries of __mcount_loc zeros at its start, in FILE or to --output",
			false },
	[OPT_LIST] = { "list", 'l', NULL,
		       "list the entries: address, live or dead, function, number for "
		       "set_ftrace_filter", false },
	[OPT_NUMBER] = { "index", 'x', "PATTERN",
			"print the numbers by which set_ftrace_filter takes the functions whose "
			"names fit (* ? [...])", true },
	[OPT_MODE] = { "mode", 0, "MODE",
		       "zero: zeros alone, for Linux 6.15 and later; unrelocate: without their "
		       "relocations, for earlier ones; auto: as the image's version asks (default)",
		       false },
	[OPT_WEAK] = { "weak", 'w', NULL, "list dead weak functions in place, marked", false },
	[OPT_MODULE_DIR] = { "modules", 'M', "DIR",
			     "where modules are, or their debug files or indexes: searched for by name, checked by "
			     "build ID when the dump has it", true },
	[OPT_VARS] = { "vars", 0, "WHICH",
		       "variables to describe: percpu, those of the per-CPU section (default); all, every one "
		       "that has an address; none", false },
	[OPT_FUNCTIONS] = { "functions", 0, "WHICH",
			    "functions to describe: traceable, those whose name and parameters can be relied on "
			    "(default); all; none", false },
	[OPT_FLAT_ARRAYS] = { "flat-arrays", 0, NULL, "write an array of several dimensions as one of all elements, as pahole did up to 1.31 (with --base: as that has it)", false },
	[OPT_RUST] = { "rust", 0, NULL, "describe units in Rust, too; kernels refuse the names of their types", false },
	[OPT_BTF_BASE] = { "base", 'b', "FILE",
			   "BTF that is there already, a file of BTF or an image with it: the result is split BTF, "
			   "which goes on from there", false },
	[OPT_DISTILL] = { "distill", 'd', NULL,
			  "with --base: let kernels from 6.11 on find what is the base's by name, not number, so that "
			  "a module's types outlast builds of the kernel: beside the BTF a distilled base, in "
			  "section .BTF.base or in the file OUT.base", false },
	[OPT_EMBED] = { "embed", 'e', NULL, "put it into the image as its section .BTF", false },
	[OPT_KERNEL_IMAGE] = { "image", 'i', "FILE",
			       "the kernel's image, with debug information (default: that of the running "
			       "kernel, looked for below /usr/lib/debug, /lib/modules and /boot)", false },
	[OPT_KERNEL_BASE] = { "base", 'b', "FILE",
			      "the BTF that the kernel has, a file or an image (default: that in the image; of "
			      "the running kernel's, when it has none, /sys/kernel/btf/vmlinux)", false },
	[OPT_BUILD] = { "build", 0, NULL, "run make there as well", false },
	[OPT_HEADERS] = { "headers", 'H', "DIR",
			  "kernel headers to build with (default: those of the running kernel, "
			  "/lib/modules/RELEASE/build)", false },
};

#define BUILD_OPTIONS \
	OPT_MAP, OPT_BUILTIN, OPT_BUILD_TREE, OPT_SOURCE_TREE, OPT_CONFIG, OPT_DEBUG, \
	OPT_NO_DEBUG_SEARCH, OPT_SELECT

static const enum cli_option_id index_options[] = {
	OPT_OUTPUT, BUILD_OPTIONS, OPT_VERSIONS, OPT_STABLE, OPT_JOBS, OPT_JSON, OPT_QUIET, OPT_HELP };
static const enum cli_option_id show_options[] = { OPT_KALLSYMS, OPT_PERF, OPT_WEAK, BUILD_OPTIONS, OPT_JSON, OPT_QUIET,
						   OPT_HELP };
static const enum cli_option_id at_options[] = { OPT_LINES, BUILD_OPTIONS, OPT_JSON, OPT_QUIET,
						 OPT_HELP };
static const enum cli_option_id find_options[] = { OPT_PROBE, BUILD_OPTIONS, OPT_JSON, OPT_QUIET, OPT_HELP };
static const enum cli_option_id check_options[] = { OPT_DATA, OPT_DISAGREEMENTS, BUILD_OPTIONS,
						    OPT_JSON, OPT_QUIET, OPT_HELP };
static const enum cli_option_id ranges_options[] = { OPT_BUILD_TREE, OPT_JSON, OPT_HELP };
static const enum cli_option_id kallsyms_options[] = {
	OPT_GENERATION, OPT_ALL_SYMBOLS, OPT_ABSOLUTE_PERCPU, OPT_BASE_RELATIVE, OPT_LTO_CLANG,
	OPT_PC_RELATIVE, OPT_OWNERS, OPT_STATS, OPT_MAP, OPT_BUILTIN, OPT_BUILD_TREE,
	OPT_SOURCE_TREE, OPT_CONFIG, OPT_DEBUG, OPT_NO_DEBUG_SEARCH, OPT_QUIET, OPT_HELP };
static const enum cli_option_id objs_options[] = { OPT_SOURCE_TREE, OPT_CONFIG, OPT_ARCH,
						   OPT_BUILD_TREE, OPT_JSON, OPT_QUIET, OPT_HELP };

static const enum cli_option_id live_options[] = { OPT_INDEX, OPT_SYSROOT, OPT_KALLSYMS, OPT_PERF, OPT_TYPES, OPT_PROBE,
						   OPT_JSON, OPT_QUIET, OPT_HELP };
static const enum cli_option_id mount_options[] = { OPT_INDEX, OPT_QUIET, OPT_HELP };
static const enum cli_option_id umount_options[] = { OPT_HELP };
static const enum cli_option_id versions_options[] = {
	OPT_SYMBOLS, OPT_SYMTYPES, OPT_VERSIONS_FORMAT, OPT_STABLE, OPT_JOBS, OPT_BUILD_TREE,
	OPT_DEBUG, OPT_NO_DEBUG_SEARCH, OPT_TIES, OPT_DUMP_DIES, OPT_DUMP_TYPES,
	OPT_DUMP_VERSIONS, OPT_JSON, OPT_QUIET, OPT_HELP };
static const enum cli_option_id kbuild_options[] = { OPT_JSON, OPT_HELP };

static const enum cli_option_id diff_options[] = {
	OPT_SYMBOL, OPT_SUMMARY, OPT_ALL, OPT_STABLE, OPT_JOBS, OPT_NO_DEBUG_SEARCH, OPT_JSON,
	OPT_QUIET, OPT_HELP };
static const enum cli_option_id weak_options[] = { OPT_DEBUG, OPT_NO_DEBUG_SEARCH, OPT_JSON,
						   OPT_QUIET, OPT_HELP };
static const enum cli_option_id mcount_options[] = {
	OPT_LIST, OPT_NUMBER, OPT_CLEAN, OPT_OUTPUT, OPT_MODE, OPT_DEBUG, OPT_NO_DEBUG_SEARCH,
	OPT_JSON, OPT_QUIET, OPT_HELP };

static const enum cli_option_id sizes_options[] = { OPT_ALL, BUILD_OPTIONS, OPT_JSON, OPT_QUIET,
						    OPT_HELP };

static const enum cli_option_id btf_options[] = { OPT_OUTPUT, OPT_EMBED, OPT_BTF_BASE, OPT_DISTILL, OPT_VARS,
						  OPT_FUNCTIONS, OPT_RUST, OPT_FLAT_ARRAYS, OPT_JOBS, OPT_JSON, OPT_QUIET, OPT_HELP };
static const enum cli_option_id vars_options[] = { OPT_BTF_BASE, OPT_JSON, OPT_QUIET, OPT_HELP };
static const enum cli_option_id extra_options[] = { OPT_KERNEL_IMAGE, OPT_KERNEL_BASE, OPT_BUILD, OPT_HEADERS,
						    OPT_JOBS, OPT_JSON, OPT_QUIET, OPT_HELP };

static const enum cli_option_id decode_options[] = { OPT_MODULE_DIR, OPT_LINES, BUILD_OPTIONS,
						     OPT_JSON, OPT_QUIET, OPT_HELP };

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
"--build-tree's .cmd files, or the makefiles of a --source-tree.\n"
"With --versions, which needs DWARF, the index has the versions of all exported symbols as well, so "
"that it can be compared with another kernel when the image is gone; that adds up to a third to its "
"size. --stable and --jobs are for them.",
		.examples =
"$ ksym index vmlinux\n"
"# DWARF tells the objects\n"
"$ ksym index vmlinux --map vmlinux.map --map vmlinux.o.map --builtin modules.builtin.objs\n"
"# linker maps and a list of modules tell\n"
"$ ksym index vmlinux --build-tree .\n"
"# everything is found in the build tree\n"
"$ ksym index vmlinux --source-tree linux-source-6.1 --config /boot/config-6.1.0\n"
"# a distribution's kernel, without its build tree\n"
"$ ksym index --versions -o 6.1.0-56.ksym vmlinux\n"
"# to be compared with the next one by `ksym diff`\n",
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
"says instead.\n"
"With --weak the functions that have code but no symbol, as they lost to another one of their name, are listed in "
"place with the letter w and the path of their object.",
		.examples =
"$ ksym show vmlinux.ksym | grep ' s_next'\n"
"# the functions called s_next, told apart\n"
"$ ksym show --kallsyms vmlinux.ksym > kallsyms\n"
"# for programs that read /proc/kallsyms\n"
"$ ksym live show --perf > kallsyms && perf report --kallsyms=kallsyms\n"
"# perf tells apart what is called alike\n",
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
"without a name. \"(dead)\" behind the object: in a function that lost its symbol; see ksym-weak(1).",
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
"$ ksym find vmlinux.ksym 'rapl_event_update [intel_rapl_perf]'\n"
"$ ksym find vmlinux.ksym 's_next {trace.o}' --probe kprobe\n"
"# a line for kprobe_events that hits this s_next alone\n",
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
		.name = "live",
		.operands = "[show | at ADDR... | find IDENTITY]",
		.summary = "look at the running kernel",
		.text =
"Alone: says what this machine offers: the kernel's release and build ID, its index and where it "
"is, who serves /proc/kallmodsyms, whether addresses can be seen, BTF, and the lists of built-in "
"modules.\n"
"With a word more, does what `ksym show`, `ksym at` and `ksym find` do, for all that "
"/proc/kallsyms lists, at the addresses of now: of the kernel itself with sizes, objects and "
"modules from its index, and of loaded modules with sizes and objects from theirs. That takes root. Without an index, modules come "
"from modules.builtin.ranges, and sizes are unknown (0), but for variables that the kernel's BTF has.\n"
"at and find print behind a tab how C declares the function or variable, if /sys/kernel/btf has it: the kernel's "
"own file, those of modules, and vmlinux_btf_extra, which `ksym extra-module` makes. BTF has functions by name alone. "
"Where several of the kernel, or of one module, share the name, it does not tell which is meant: then \"one of its name "
"is\" stands before it. show does so with --types; --json always has it (declaration, or "
"ambiguous_declarations).\n"
"The index is looked for by build ID (ID below) in the folders of $KSYM_INDEX_PATH (ID.ksym), "
"~/.cache/ksym (ID.ksym), /lib/firmware/ksym (ID.ksym), /usr/lib/debug/.build-id "
"(ab/cdef.ksym), and as vmlinux-RELEASE.ksym in /boot and /usr/lib/debug/boot, vmlinux.ksym in "
"/usr/lib/debug/lib/modules/RELEASE and /lib/modules/RELEASE/build; then an image is, in the same "
"places, of which one is made. What is of another build is not taken. Indexes of loaded modules are looked for by "
"their build IDs, in the places that have an ID; no index is made of a module's file.",
		.examples =
"$ ksym live\n"
"$ ksym live find 's_next {trace.o}' --probe bpftrace\n"
"# a probe on one of the functions called s_next\n"
"$ ksym live at ffffffff94d630c4\n"
"# an address of a stack dump, as it is\n",
		.min_operands = 0, .max_operands = -1,
		OPTIONS(live_options),
		.run = cmd_live,
	},
	{
		.name = "mount",
		.operands = "[DIR]",
		.summary = "serve the text of /proc/kallmodsyms without a module",
		.text =
"Pins a BPF iterator as DIR/kallmodsyms (default: /run/ksym/kallmodsyms), whose text is that of "
"/proc/kallmodsyms: address, size, type, name, modules and object of every symbol, those of loaded "
"modules as they come and go. Takes Linux 6.0 or later with BTF, root, and the index, which is "
"looked for as ksym-live(1) tells.\n"
"DIR is made, and a BPF file system mounted on it, unless it lies in one. Everybody may read the "
"file; who may not see addresses in /proc/kallsyms sees neither address nor size here.",
		.examples =
"$ ksym mount\n"
"$ grep ' s_next' /run/ksym/kallmodsyms\n"
"$ ksym mount /sys/fs/bpf/ksym\n"
"# in the file system that is there\n",
		.min_operands = 0, .max_operands = 1,
		OPTIONS(mount_options),
		.run = cmd_mount,
	},
	{
		.name = "umount",
		.operands = "[DIR]",
		.summary = "undo `ksym mount`",
		.text =
"Removes what `ksym mount` with the same DIR made: the file, and the file system and the folder if "
"it made them. Who has the file open can read on.",
		.examples =
"$ ksym umount\n",
		.min_operands = 0, .max_operands = 1,
		OPTIONS(umount_options),
		.run = cmd_umount,
	},
	{
		.name = "versions",
		.operands = "FILE...",
		.summary = "versions of exported symbols, from debug information",
		.text =
"Prints the version of every symbol that FILE (vmlinux, a module, an object) exports: a checksum "
"of its type and of all types that this is made of. It is what CONFIG_MODVERSIONS puts into "
"modules, bit for bit as the kernel's gendwarfksyms computes it, for C and for Rust. FILE may be "
"an index made by `ksym index --versions`, too: it has them.\n"
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
	{
		.name = "btf",
		.operands = "FILE...",
		.summary = "make BTF: types, functions and variables",
		.text =
"Makes BTF of each FILE, an image with debug information (vmlinux, a .ko, an object): every type that "
"it has, once; its functions; its variables. With --output it is written to that file, or, of several "
"images, to NAME.btf in that folder; with --embed into the images. Without either only what would be "
"written is counted.\n"
"With --base the result is split BTF: only what the base lacks, with numbers that go on from its last. "
"So a module's is made on that of its kernel, and --vars all on a kernel's own BTF gives the variables "
"that it lacks (see `ksym extra-module`). A module that is built outside the kernel's tree should have "
"--distill as well: by number its types would be right for that very build of the kernel alone.\n"
"Functions are those that a tracer can attach to by name and whose parameters it then finds: one that "
"shares its name with another, or that the compiler calls in a way of its own, is left out, as pahole does. "
"Called by the name \"pahole\", or \"ksym-pahole\", this program takes the options that kernel builds pass: "
"make PAHOLE=ksym-pahole.",
		.examples =
"$ ksym btf vmlinux -o vmlinux.btf\n"
"# types, functions, per-CPU variables\n"
"$ ksym btf --vars all vmlinux -o vmlinux.btf\n"
"# all variables\n"
"$ ksym btf --vars all --base vmlinux.btf vmlinux -o extra.btf\n"
"# the variables alone, as split BTF\n"
"$ ksym btf --base vmlinux --embed drivers/net/*.ko\n"
"# into modules, on a kernel that has its own\n"
"$ ksym btf --base /sys/kernel/btf/vmlinux --distill --embed my.ko\n"
"# into a module for this build of the kernel and later ones\n",
		.min_operands = 1, .max_operands = -1,
		OPTIONS(btf_options),
		.run = cmd_btf,
	},
	{
		.name = "vars",
		.operands = "FILE [PATTERN...]",
		.summary = "list variables with address, size, section, type and owner",
		.text =
"Lists the variables of FILE whose names fit a PATTERN (* ? [...]), or all: their address, size (both "
"hexadecimal) and section, how C declares them, and the modules and the object that they belong to. "
"FILE is an image with debug information; or BTF, of which the section and the place in it are known "
"(+ and the offset), not the address, unless it is in an image. For split BTF give --base; a module "
"with a distilled base needs none.\n"
"Exit status 1 when there is none.",
		.examples =
"$ ksym vars vmlinux 'jiff*'\n"
"$ ksym vars --base /sys/kernel/btf/vmlinux /sys/kernel/btf/nfs\n",
		.min_operands = 1, .max_operands = -1,
		OPTIONS(vars_options),
		.run = cmd_vars,
	},
	{
		.name = "extra-module",
		.operands = "DIR",
		.summary = "make a module that brings the types of a kernel's variables",
		.text =
"A kernel's BTF has functions and per-CPU variables. Writes into DIR, which is made if need be, the "
"source of a kernel module vmlinux_btf_extra and, in vmlinux_btf_extra.btf, split BTF of all the "
"variables of the image, with the types that the kernel's own BTF lacks. `make` there builds it, "
"`./load` inserts it: then /sys/kernel/btf/vmlinux_btf_extra is there, and BPF programs find the variables "
"(extern const int pid_max __ksym).\n"
"Split BTF refers to the types of its base by number. So the base has to be the BTF that the kernel "
"has: when the image carries one and --base another, that is refused; and DIR gets a copy, base.btf, which "
"./load compares with the running kernel's, as a kernel inserts the module on a wrong base, too, and only "
"leaves the file out.",
		.examples =
"$ ksym extra-module extra && make -C extra && sudo extra/load\n"
"# for the running kernel, whose image with debug information is installed\n"
"$ ksym extra-module --image vmlinux --build --headers /usr/src/linux-headers-6.1.0-56-amd64 extra\n",
		.min_operands = 1, .max_operands = 1,
		OPTIONS(extra_options),
		.run = cmd_extra_module,
	},
	{
		.name = "diff",
		.operands = "OLD NEW",
		.summary = "which symbols' versions changed, and why",
		.text =
"OLD and NEW are each an image (vmlinux, .ko, .o), an index made by `ksym index --versions`, a "
"directory of modules (or of nothing but their indexes), a symtypes file, or a list of versions "
"(Module.symvers), which tells no reasons. Prints which symbols were added and "
"removed, and the causes that changed the others, those that changed most symbols first. A cause "
"is a type whose own text differs and that the symbol is made of on both sides, or the symbol's "
"own parameters, return type or type. Types that differ only because they contain one that has "
"another size follow from it.\n"
"Each change is classed. \"compatible\": modules built before work as they did (another name for "
"the same thing, an enumerator added, a type that is only declared now). \"incompatible\": what "
"they were compiled for is at another place, or is another thing (members moved or removed, another "
"size, other parameters). \"depends\": types do not tell (a member added at the end hurts who "
"allocates the structure or has arrays of it, nobody else). The class of a symbol is the worst of "
"its causes; it says what could happen through anything the symbol reaches, not that it does.\n"
"Where a type is private to a .c file or defined differently in several files, its text is the "
"longest that any file gives it. Texts in another language than gendwarfksyms's, as genksyms "
"writes them, are compared word by word. Exit status: 0 nothing differs, 1 something does.",
		.examples =
"$ ksym diff vmlinux-6.1.0-47 vmlinux-6.1.0-56\n"
"$ ksym diff --symbol napi_enable old.symtypes new.symtypes\n"
"# what changed the version of napi_enable, and how it is reached\n"
"$ ksym diff --summary /usr/lib/debug/lib/modules/6.1.0-47-amd64 "
"/usr/lib/debug/lib/modules/6.1.0-56-amd64\n"
"$ ksym diff Module.symvers.old Module.symvers\n"
"$ ksym diff 6.1.0-47.ksym vmlinux-6.1.0-56\n",
		.min_operands = 2, .max_operands = 2,
		OPTIONS(diff_options),
		.run = cmd_diff,
	},
	{
		.name = "decode",
		.operands = "FILE [DUMP...]",
		.summary = "say which functions and lines a stack dump means",
		.text =
"Copies DUMP, or standard input, to standard output: an oops, a warning, what lockdep or the hung "
"task detector print, dmesg, ftrace or perf script. Each symbol+0xOFFSET/0xSIZE [module] in it gets what "
"tells it from others of its name, [modules] and {object}, then the source line, and where functions "
"were inlined, (FILE:LINE inlined < FILE:LINE caller < FILE:LINE). Lines are of the call where the dump "
"has the place to return to. FILE is the kernel's image, or its index (then --image names the image "
"for lines).\n"
"Where several functions have the name, the size in the dump decides; or an address in it; or the calls: a "
"frame must have called the function above it. What none of that decides is marked (undecided: ...).\n"
"Modules are looked for in --modules folders, as .ko, debug file or index.",
		.examples =
"$ dmesg | ksym decode vmlinux\n"
"$ ksym decode --modules /usr/lib/debug/lib/modules/6.1.0 vmlinux < oops.txt\n"
"$ perf script | ksym decode --image vmlinux vmlinux.ksym\n",
		.min_operands = 1, .max_operands = -1,
		OPTIONS(decode_options),
		.run = cmd_decode,
	},
	{
		.name = "weak",
		.operands = "FILE",
		.summary = "list code that no symbol covers: dead weak functions",
		.text =
"When a weak function is overridden the linker takes its symbol away and leaves its code. A "
"kernel ascribes that code to the function before. Prints every such hole of FILE (vmlinux, "
"vmlinux.o, a module, an object): address, size, what it is, the dead function's name, the "
"object it is in; how well the name is known; the address and object of the function that won; and "
"what a kernel would call the place.\n"
"What it is: \"function\": __mcount_loc or debug information says so; \"assembly\": in an object "
"made of assembly; \"code\": nothing is known. Padding, alternatives and trampolines are no holes.\n"
"How well: \"exact\": debug information has the function at that address; \"line\": the code begins "
"with the line in which one such function alone is declared; \"order\": in which several are, and this "
"is the one of that rank, as compilers emit them. Without debug information there are no names.",
		.examples =
"$ ksym weak vmlinux\n"
"$ ksym weak --json vmlinux | jq '.holes[] | select(.confidence == \"exact\").name'\n",
		.min_operands = 1, .max_operands = 1,
		OPTIONS(weak_options),
		.run = cmd_weak,
	},
	{
		.name = "sizes",
		.operands = "FILE",
		.summary = "list functions whose size a kernel would guess wrong",
		.text =
"A kernel without sizes takes the next symbol's address minus this one's. Prints the functions of FILE, "
"an index or an image, for which that is wrong by more than padding, largest difference first: by how much, the "
"true size, the guessed one, the identity, and why: dead functions behind it (`ksym weak` lists "
"them), symbols inside it, or padding. --all lists differences by mere padding, too.",
		.examples =
"$ ksym sizes vmlinux.ksym | head\n",
		.min_operands = 1, .max_operands = 1,
		OPTIONS(sizes_options),
		.run = cmd_sizes,
	},
	{
		.name = "sympos",
		.operands = "FILE NAME",
		.summary = "list the livepatch positions of all symbols of a name",
		.text =
"Prints every symbol called NAME in the order in which livepatch counts them (old_sympos), with its "
"position, identity and object.",
		.examples =
"$ ksym sympos vmlinux.ksym s_next\n",
		.min_operands = 2, .max_operands = 2,
		OPTIONS(find_options),
		.run = cmd_sympos,
	},
	{
		.name = "mcount",
		.operands = "[FILE]",
		.summary = "look at, clean or number the functions that ftrace may patch",
		.text =
"Prints how many entries __mcount_loc of FILE has, live ones and dead ones, by section. Dead are "
"those in no function with a size: code of weak functions that lost, which tracers see as "
"__ftrace_invalid_address__.\n"
"--clean makes the table what scripts/sorttable of Linux 6.15 and later makes of it: dead entries "
"become zeros at its start, the others follow, sorted; the table keeps its length, and no other byte of "
"the file changes. Kernels skip zeros. Before 6.15 they do not skip zeros that KASLR has moved: there "
"the relocations of the zeros are made void as well, so the image has to be cleaned before the "
"kernel's relocs tool reads it (x86: before arch/x86/boot is built). vmlinux of x86-64 and arm64.\n"
"--index prints the numbers by which set_ftrace_filter takes functions, which is much faster than "
"names: of FILE, when that is an image, for a booted kernel of that image, as far as no module is "
"concerned; else of the lines of FILE, by default those of the running kernel's "
"available_filter_functions.",
		.examples =
"$ ksym mcount vmlinux\n"
"$ ksym mcount --clean vmlinux\n"
"# in scripts/link-vmlinux.sh, behind sorttable\n"
"$ ksym mcount --index 'vfs_*' | cut -d ' ' -f 1 > /sys/kernel/tracing/set_ftrace_filter\n",
		.min_operands = 0, .max_operands = 1,
		OPTIONS(mcount_options),
		.run = cmd_mcount,
	},
};

const int nr_cli_commands = sizeof(cli_commands) / sizeof(*cli_commands);
