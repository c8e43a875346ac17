/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes PNG: 8 bits per channel, RGB, not interlaced. The same pixels give the same bytes with the same zlib.
 */
#ifndef PLX_FORMATS_PNG_WRITE_H
#define PLX_FORMATS_PNG_WRITE_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

/* shape: rgb[height][width][3]. errors: ARG for an empty picture, LIMIT, NOMEM, IO. */
bool plx_png_write(const uint8_t *rgb, size_t width, size_t height, FILE *to, plx_err *err);

#endif
