/* SPDX-License-Identifier: Apache-2.0
 *
 * TIFF stacks through libtiff in an isolated process (formats/isolate.h); the library is loaded when the first such
 * file is read. Read are pages of one size with integers or reals of 8 to 64 bits, in strips or tiles, with any
 * compression libtiff has, samples of a pixel beside each other. Not read: bits, palettes other than their indices,
 * YCbCr, pages that differ.
 */
#ifndef PLX_FORMATS_TIFF_H
#define PLX_FORMATS_TIFF_H

#include "core/array.h"
#include "core/ctx.h"

enum { PLX_TIFF_TEXT = 512 };

/* Axes as tifffile names them: pages along Z; with more than one channel in an ImageJ hyperstack Z, C; then Y, X, and S
 * for several samples of a pixel. Axes before Y of one page only are left out. */
typedef struct plx_tiff_info {
    plx_dtype dtype;
    int ndim;
    size_t shape[PLX_MAX_DIMS];
    char axes[PLX_MAX_DIMS + 1];
    size_t n_pages, page_bytes;
    char description[PLX_TIFF_TEXT]; /* of the first page, cut; "" when there is none */
} plx_tiff_info;

/* errors: those of plx_isolate; FORMAT for a damaged file; UNSUPPORTED, LIMIT past limits.entries pages. */
bool plx_tiff_describe(const plx_ctx *ctx, const char *path, plx_tiff_info *out, plx_err *err);

/* Pages `first` to `first + n` as elements in C order, in pieces. */
typedef bool (*plx_tiff_piece)(void *payload, const uint8_t *bytes, size_t len, plx_err *err);
bool plx_tiff_each(const plx_ctx *ctx, const char *path, const plx_tiff_info *info, size_t first, size_t n,
                   plx_tiff_piece piece, void *payload, plx_err *err);

#endif
