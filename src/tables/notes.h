/* SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only */
/* ELF notes as the running kernel shows them in /sys/kernel/notes and has them in memory. */
#ifndef KS_TABLES_NOTES_H
#define KS_TABLES_NOTES_H

#include "deps.h"

#define KS_BUILD_ID_MAX 64	/* bytes; room in the index file's header */

/* The GNU build ID in @len bytes of notes in this machine's byte order; *@id_len is its
 * length, at most KS_BUILD_ID_MAX.  NULL when there is none, or the notes are malformed
 * before it. */
const uint8_t *ks_notes_build_id(const void *notes, size_t len, uint32_t *id_len);

/* @len bytes as lowercase digits, terminated: 2 * @len + 1 characters. */
void ks_build_id_text(const uint8_t *id, uint32_t len, char *text);

#endif
