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

static bool read_array(const plx_ctx *ctx, const char *path, plx_array *out, plx_err *err)
{
    plx_source *source = NULL;
    if (!plx_source_file(ctx, path, false, &source, err)) {
        return false;
    }
    bool ok = plx_npy_read(ctx, source, out, err);
    plx_source_close(source);
    return ok;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_array array = {0};
    if (!read_array(ctx, path, &array, err)) {
        return false;
    }
    plx_npy_describe(&array, summary);
    plx_array_free(&array);
    return summary->failed ? plx_fail_nomem(err, summary->len) : true;
}

static bool outline(const plx_outline_ask *ask, plx_value **out, plx_err *err)
{
    plx_array array = {0};
    if (ask->item && *ask->item) {
        return plx_outline_missing(ask, NULL, 0, err);
    }
    if (!read_array(ask->ctx, ask->path, &array, err)) {
        return false;
    }
    *out = plx_outline_array(ask, "/", &array, ask->item != NULL);
    plx_array_free(&array);
    return *out || plx_fail_nomem(err, 0);
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
    .outline = outline,
};
