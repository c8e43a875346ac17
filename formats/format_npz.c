/* SPDX-License-Identifier: Apache-2.0
 *
 * .npz in the table of formats.
 */
#include "formats/format.h"
#include "formats/npy.h"

#include <string.h>

enum { LISTED = 4 };

static int probe(const uint8_t *head, size_t n, const char *path)
{
    bool zip = n >= 4 && memcmp(head, "PK\3\4", 4) == 0;
    bool named = plx_ends_with(path, ".npz");
    return zip && named ? 95 : named ? 20 : 0;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_npz npz = {0};
    if (!plx_npz_read(ctx, path, &npz, err)) {
        return false;
    }
    plx_sb_printf(summary, "%zu array%s", npz.n, npz.n == 1 ? "" : "s");
    for (size_t i = 0; i < npz.n && i < LISTED; i++) {
        plx_sb_printf(summary, "%s %s ", i ? ";" : ":", npz.names[i]);
        plx_npy_describe(&npz.arrays[i], summary);
    }
    plx_sb_text(summary, npz.n > LISTED ? "; ..." : "");
    plx_npz_free(&npz);
    return summary->failed ? plx_fail_nomem(err, summary->len) : true;
}

extern const plx_format plx_format_npz;
const plx_format plx_format_npz = {
    .name = "npz",
    .title = "NumPy arrays in a zip",
    .extensions = "npz",
    .reference = "https://numpy.org/doc/stable/reference/generated/numpy.savez.html",
    .limits = "What npy and zip read; every member must be an array.",
    .probe = probe,
    .check = check,
};
