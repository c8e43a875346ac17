/* SPDX-License-Identifier: Apache-2.0
 *
 * .npy in the table of formats.
 */
#include "formats/format.h"
#include "formats/npy.h"

#include <string.h>

static int probe(const uint8_t *head, size_t n, const char *path)
{
    if (n >= 6 && memcmp(head, "\x93NUMPY", 6) == 0) {
        return 100;
    }
    return plx_ends_with(path, ".npy") ? 20 : 0;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_source *source = NULL;
    plx_array array = {0};
    if (!plx_source_file(ctx, path, false, &source, err)) {
        return false;
    }
    bool ok = plx_npy_read(ctx, source, &array, err);
    plx_source_close(source);
    if (!ok) {
        return false;
    }
    plx_npy_describe(&array, summary);
    plx_array_free(&array);
    return summary->failed ? plx_fail_nomem(err, summary->len) : true;
}

extern const plx_format plx_format_npy;
const plx_format plx_format_npy = {
    .name = "npy",
    .title = "NumPy array",
    .extensions = "npy",
    .reference = "https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html",
    .limits = "Booleans, integers, floats, complex numbers and byte strings of up to 8 axes; no objects, records, "
              "unicode or dates.",
    .probe = probe,
    .check = check,
};
