/* SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only */
/*
 * The index file (.ksym).  All numbers are little-endian and may be unaligned;
 * readers load them byte-wise, so the same file serves every machine.
 *
 *   +------------------------+ 0
 *   | header                 |
 *   | directory              |  KS_DIR_ENTRY_LEN bytes for each table
 *   +------------------------+ header_len
 *   | tables, in any order   |
 *   +------------------------+ file_len
 *
 * Symbols are numbered in address order (ties as in /proc/kallsyms).  Tables:
 *
 *   SEGS  where addresses are: runs of consecutive 64 KiB pages.
 *         {u64 first page (va >> 16), u32 pages, u32 first PAGE entry}
 *   PAGE  u32 a page, and one more at the end: number of the first symbol at or
 *         behind the start of the page
 *   OFFS  u16 a symbol: low bits of its address.  A lookup by address is a jump
 *         to its page and a binary search among that page's symbols.
 *   PIDX  u32 for every KS_PIDX_STEPth symbol: the PAGE entry of its page
 *   TPAL  u8 a distinct type: letter, KS_TYPE_TEXT set when in executable code
 *   SYMR  packed, a symbol: a record of four fields, so that one cache line holds
 *         all of them.  Their widths are in the header, in this order:
 *           type   position in TPAL
 *           size   padding between its end and the next higher address;
 *                  all ones - 1: its size is 0; all ones: look into SZEX
 *           owner  0 = none, else number in OWNT + 1
 *           rank   position of its name in NAME
 *   SZEX  {u32 symbol, u64 size}, sorted
 *   NAME  names in byte order, equal ones in address order (see
 *         KS_FLAG_MODULE), front-coded in
 *         blocks of KS_NAME_BLOCK: the first of a block is {varint length, bytes},
 *         the others {u8 shared with the one before, varint length, bytes}
 *   NBLK  u32 a block, and one more: offset in NAME
 *   ORDR  packed, a name: its symbol (the inverse of rank)
 *   OWNT  {u32 object, u32 what another source says instead or ~0, u32 sources}
 *   OBJS  {u32 path, u32 first OMOD entry, u16 modules, u16 text suffix, u16 data
 *         suffix, u16 sources of modules}; suffix: offset in path, 0xffff = none
 *   OMOD  u32: numbers of modules
 *   MODS  u32 a module: its name; sorted by name
 *   SECT  {u64 va, u64 length, u32 name, u32 flags} a section, sorted by va
 *   STRS  terminated strings; the u32 above are offsets into it
 *   HOLE  {u64 va, u32 length, u32 name, u32 object or ~0, u32 flags} a function that has code
 *         but no symbol, as it lost to another one of its name; sorted by va; name 0 = not
 *         known.  Since version 1.1; may be missing
 *   VERS  versions of exported symbols, and the texts of types that they are checksums of:
 *         {u32 flags, u32 0, u64 length of what follows when it is not compressed}, then
 *         that as a zlib stream, which may be KS_VERS_RATIO times its length and
 *         KS_VERS_SLACK bytes more.  It is:
 *           u32 symbols, and for each: u32 version, u32 place (equal for symbols at one
 *               address: number of the first of them), u8 enum ksym_version_status, u8 1 =
 *               for modules under the GPL only; name, namespace, unit, each with a NUL
 *           the rest: a symtypes file, types and symbols
 *         Readers of the other tables need not look into it.  Since version 1.2; may be
 *         missing or empty
 *
 * "Packed" tables hold entries of `bits` bits (in the directory entry) one after
 * the other, lowest bit first, followed by 8 zero bytes.  Fields have at most 32.
 *
 * Readers ignore tables they do not know unless KS_DIR_REQUIRED is set.  The
 * major version changes when old readers would misread a file.
 */
#ifndef KS_TABLES_FORMAT_H
#define KS_TABLES_FORMAT_H

#define KS_MAGIC "\177KSYM\r\n\032"
#define KS_MAGIC_LEN 8
#define KS_FORMAT_MAJOR 1
#define KS_FORMAT_MINOR 2

/* Offsets in the header. */
#define KS_HDR_MAJOR		8	/* u16 */
#define KS_HDR_MINOR		10	/* u16 */
#define KS_HDR_HEADER_LEN	12	/* u32: header and directory */
#define KS_HDR_FILE_LEN		16	/* u64 */
#define KS_HDR_HEADER_HASH	24	/* u64: XXH64 of header and directory, this being 0 */
#define KS_HDR_CONTENT_HASH	32	/* u64: XXH64 of everything behind them */
#define KS_HDR_NR_TABLES	40	/* u32 */
#define KS_HDR_NR_SYMBOLS	44	/* u32 */
#define KS_HDR_TEXT_VA		48	/* u64: address of _text */
#define KS_HDR_ELF_TYPE		56	/* u16 */
#define KS_HDR_ELF_MACHINE	58	/* u16 */
#define KS_HDR_ELF_CLASS	60	/* u8 */
#define KS_HDR_ELF_DATA		61	/* u8 */
#define KS_HDR_BUILD_ID_LEN	62	/* u8 */
#define KS_HDR_FLAGS		63	/* u8: KS_FLAG_* */
#define KS_HDR_BUILD_ID		64	/* 64 bytes */
#define KS_HDR_WIDTHS		128	/* u8 a field of SYMR */
#define KS_HDR_LEN		144

#define KS_FLAG_HAS_TEXT_VA	1
#define KS_FLAG_NOT_KALLSYMS	2	/* holds another selection of symbols than kallsyms */
#define KS_FLAG_MODULE		4	/* a loadable module: equal names are in the order of its
					   symbol table, which is how a kernel counts them */

/* Directory entry: u32 tag, u16 flags, u16 bits, u64 offset, u64 length. */
#define KS_DIR_ENTRY_LEN	24
#define KS_DIR_REQUIRED		1

#define KS_TAG(a, b, c, d) \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

#define KS_TYPE_TEXT		0x80
#define KS_NAME_BLOCK		8
#define KS_NAME_SHARED_MAX	255	/* what the u8 can say: longer ones share more */
#define KS_NAME_MAX		1023	/* longest name, without NUL */
#define KS_PAGE_BITS		16
#define KS_PIDX_STEP		64
#define KS_ALIAS_MAX		32	/* aliases behind a symbol whose size is in SIZE */
#define KS_ENCLOSING_MAX	64	/* entries of SZEX that a reader looks through for one that encloses */
#define KS_PACKED_TAIL		8	/* bytes behind a packed table's data */
#define KS_NO_SUFFIX		0xffff

#define KS_SEGS_LEN		16
#define KS_SZEX_LEN		12
#define KS_OWNT_LEN		12
#define KS_OBJS_LEN		16
#define KS_SECT_LEN		24
#define KS_HOLE_LEN		24

/* Head of VERS. */
#define KS_VERS_FLAGS		0	/* u32: KS_VERS_STABLE */
#define KS_VERS_RESERVED	4	/* u32: 0 */
#define KS_VERS_RAW_LEN		8	/* u64 */
#define KS_VERS_LEN		16
#define KS_VERS_STABLE		1	/* kABI rules were minded */
#define KS_VERS_RATIO		64
#define KS_VERS_SLACK		65536

#define KS_SECT_TEXT		1
#define KS_SECT_WRITE		2

/* Fields of SYMR. */
enum ks_field { KS_F_TYPE, KS_F_SIZE, KS_F_OWNER, KS_F_RANK, KS_NR_FIELDS };

/* The tables, in the order of struct ks_tables.tab. */
enum ks_table {
	KS_SEGS, KS_PAGE, KS_OFFS, KS_PIDX, KS_TPAL, KS_SYMR, KS_SZEX, KS_NAME, KS_NBLK, KS_ORDR,
	KS_OWNT, KS_OBJS, KS_OMOD, KS_MODS, KS_SECT, KS_STRS, KS_HOLE, KS_VERS,
	KS_NR_TABLES
};

#define KS_TABLE_TAGS { \
	KS_TAG('S', 'E', 'G', 'S'), KS_TAG('P', 'A', 'G', 'E'), KS_TAG('O', 'F', 'F', 'S'), \
	KS_TAG('P', 'I', 'D', 'X'), KS_TAG('T', 'P', 'A', 'L'), KS_TAG('S', 'Y', 'M', 'R'), \
	KS_TAG('S', 'Z', 'E', 'X'), KS_TAG('N', 'A', 'M', 'E'), KS_TAG('N', 'B', 'L', 'K'), \
	KS_TAG('O', 'R', 'D', 'R'), KS_TAG('O', 'W', 'N', 'T'), KS_TAG('O', 'B', 'J', 'S'), \
	KS_TAG('O', 'M', 'O', 'D'), KS_TAG('M', 'O', 'D', 'S'), KS_TAG('S', 'E', 'C', 'T'), \
	KS_TAG('S', 'T', 'R', 'S'), KS_TAG('H', 'O', 'L', 'E'), \
	KS_TAG('V', 'E', 'R', 'S') }

/* Tables that may be missing, as old files have none: then they are empty. */
#define KS_FIRST_OPTIONAL	KS_HOLE

#endif
