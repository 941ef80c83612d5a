/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A small image with two objects that have symbols of the same names. */
#ifndef KSYM_FUZZ_IMAGE_H
#define KSYM_FUZZ_IMAGE_H

#include "elf-writer.h"

/* Of @type ET_EXEC, or ET_REL as a module would be. */
void fz_image(struct fz_elf *e, uint16_t type);

#endif
