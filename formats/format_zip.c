/* SPDX-License-Identifier: Apache-2.0
 *
 * zip in the table of formats.
 */
#include "formats/archive_summary.h"
#include "formats/format.h"

#include <string.h>

static int probe(const uint8_t *head, size_t n, const char *path)
{
    if (n >= 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0)) {
        return 80;
    }
    return plx_ends_with(path, ".zip") ? 20 : 0;
}

extern const plx_format plx_format_zip;
const plx_format plx_format_zip = {
    .name = "zip",
    .title = "zip archive",
    .extensions = "zip",
    .reference = "PKWARE APPNOTE.TXT 6.3.10",
    .limits = "Stored and deflated members are read; encryption, several disks and other methods are not.",
    .probe = probe,
    .check = plx_archive_summary,
    .outline = plx_archive_outline,
};
