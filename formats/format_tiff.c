/* SPDX-License-Identifier: Apache-2.0
 *
 * TIFF in the table of formats.
 */
#include "formats/format.h"
#include "formats/tiff.h"

#include <string.h>

static int probe(const uint8_t *head, size_t n, const char *path)
{
    (void)path;
    bool is = n >= 8 && (memcmp(head, "II*\0", 4) == 0 || memcmp(head, "MM\0*", 4) == 0 ||
                         memcmp(head, "II+\0", 4) == 0 || memcmp(head, "MM\0+", 4) == 0);
    return is ? 90 : 0;
}

static bool drop(void *payload, const uint8_t *bytes, size_t len, plx_err *err)
{
    (void)payload, (void)bytes, (void)len, (void)err;
    return true;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_tiff_info info;
    if (!plx_tiff_describe(ctx, path, &info, err) ||
        !plx_tiff_each(ctx, path, &info, 0, info.n_pages, drop, NULL, err)) {
        return false;
    }
    plx_sb_printf(summary, "%s (", plx_dtype_name(info.dtype));
    for (int d = 0; d < info.ndim; d++) {
        plx_sb_printf(summary, "%s%zu", d ? ", " : "", info.shape[d]);
    }
    plx_sb_printf(summary, ") along %s, %zu %s", info.axes, info.n_pages, info.n_pages == 1 ? "page" : "pages");
    return true;
}

extern const plx_format plx_format_tiff;
const plx_format plx_format_tiff = {
    .name = "tiff",
    .title = "TIFF stack",
    .extensions = "tif tiff",
    .reference = "TIFF 6.0 and BigTIFF, read by libtiff 4.5",
    .limits = "Pages alike, 8 to 64 bits, samples side by side; no palettes, no YCbCr.",
    .probe = probe,
    .check = check,
};
