/* SPDX-License-Identifier: Apache-2.0
 *
 * HDF5 in the table of formats.
 */
#include "formats/format.h"
#include "formats/h5_outline.h"

#include <string.h>

static int probe(const uint8_t *head, size_t n, const char *path)
{
    /* The signature may also stand behind a user block of 512, 1024, 2048, ... bytes. */
    for (size_t at = 0; at + 8 <= n; at = at ? 2 * at : 512) {
        if (memcmp(head + at, "\x89HDF\r\n\x1a\n", 8) == 0) {
            return at ? 80 : 98;
        }
    }
    return plx_ends_with(path, ".h5") || plx_ends_with(path, ".hdf5") ? 10 : 0;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_h5_info info;
    if (!plx_h5_check(ctx, path, &info, err)) {
        return false;
    }
    plx_sb_printf(summary, "%llu %s in %llu %s, %llu bytes of values", (unsigned long long)info.n_datasets,
                  info.n_datasets == 1 ? "data set" : "data sets", (unsigned long long)info.n_groups,
                  info.n_groups == 1 ? "group" : "groups", (unsigned long long)info.n_bytes);
    if (info.n_unread) {
        plx_sb_printf(summary, "; %llu of a kind that is not read", (unsigned long long)info.n_unread);
    }
    return true;
}

extern const plx_format plx_format_h5;
const plx_format plx_format_h5 = {
    .name = "h5",
    .title = "HDF5 file",
    .extensions = "h5 hdf5 nwb",
    .reference = "HDF5 File Format Specification 3.0, read by libhdf5 1.10",
    .limits =
        "Numbers, text, object references; no other compounds, virtual data sets, plug-in filters or links to files.",
    .probe = probe,
    .check = check,
    .outline = plx_h5_outline,
};
