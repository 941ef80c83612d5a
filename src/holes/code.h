/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * As much of machine code as telling padding from code takes.
 *
 * Between functions stands what assembler and linker fill with: no-operations of
 * 1 to 15 bytes, breakpoints and zeros on x86; no-operations, breakpoints and zeros of
 * four bytes on arm64; no-operations of 2 and 4 bytes and zeros on s390.  Of machines not known
 * here only zeros are padding.
 */
#ifndef KS_HOLES_CODE_H
#define KS_HOLES_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ks_code {
	uint16_t machine;	/* EM_* */
	bool swap;		/* instructions are not in this machine's byte order */
};

/* Is padding of the machine known here?  If not, not all that stands between functions is
 * code. */
bool ks_padding_known(const struct ks_code *c);

/* Length of the padding that @p begins with. */
size_t ks_padding_len(const struct ks_code *c, const uint8_t *p, size_t len);

/* Length of @p without the padding that it ends with. */
size_t ks_code_len(const struct ks_code *c, const uint8_t *p, size_t len);

/* Where a function begins of which ftrace's call is at @p + @off: before an instruction
 * that says that branches may come here (endbr64, bti, paciasp). */
size_t ks_landing_pad(const struct ks_code *c, const uint8_t *p, size_t off);

/*
 * Where the first function behind the start of @p begins that can be told by its instructions;
 * @len when none can.
 *
 * x86: by a call to ftrace's entry, which stands nowhere but at the start of functions; @target is
 * where it is from @p.  *@proven.  arm64: by @nr_nops no-operations, which ftrace will patch,
 * behind code that does not go on.  s390: by the one of 6 bytes, if @nr_nops, likewise.
 */
size_t ks_next_function(const struct ks_code *c, const uint8_t *p, size_t len, int64_t target,
			unsigned int nr_nops, bool *proven);
/* Does the function at @p begin with such a call? */
bool ks_calls_first(const struct ks_code *c, const uint8_t *p, size_t len, int64_t target);

/* Is that what clang puts in front of a function whose type it wants to check?  Only the
 * hash of the type is no padding. */
bool ks_is_type_hash(const struct ks_code *c, const uint8_t *p, size_t len);

#endif
