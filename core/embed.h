/* SPDX-License-Identifier: Apache-2.0
 *
 * Files built into the program (cmake: plx_embed).
 */
#ifndef PLX_CORE_EMBED_H
#define PLX_CORE_EMBED_H

#include <stddef.h>

typedef struct plx_embedded {
    const char *name;           /* relative path; NULL ends a table */
    const unsigned char *bytes; /* NUL-terminated */
    size_t len;
} plx_embedded;

#endif
