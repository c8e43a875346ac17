/* SPDX-License-Identifier: Apache-2.0
 *
 * tar, plain or compressed, in the table of formats.
 */
#include "formats/archive_summary.h"
#include "formats/format.h"

#include <string.h>

static bool is_packed(const uint8_t *head, size_t n)
{
    return (n >= 2 && memcmp(head, "\x1F\x8B", 2) == 0) || (n >= 3 && memcmp(head, "BZh", 3) == 0) ||
           (n >= 6 && memcmp(head, "\xFD\x37\x7A\x58\x5A\x00", 6) == 0) ||
           (n >= 4 && memcmp(head, "\x28\xB5\x2F\xFD", 4) == 0);
}

static bool is_named_tar(const char *path)
{
    static const char *const ends[] = {".tar", ".tgz", ".tbz2", ".txz", ".tzst", NULL};
    bool named = strstr(path, ".tar.") != NULL;
    for (size_t i = 0; ends[i]; i++) {
        named = named || plx_ends_with(path, ends[i]);
    }
    return named;
}

static int probe(const uint8_t *head, size_t n, const char *path)
{
    if (n >= 262 && memcmp(head + 257, "ustar", 5) == 0) {
        return 90;
    }
    if (!is_named_tar(path)) {
        return 0;
    }
    return is_packed(head, n) ? 85 : 20;
}

extern const plx_format plx_format_tar;
const plx_format plx_format_tar = {
    .name = "tar",
    .title = "tar archive",
    .extensions = "tar tgz tbz2 txz tzst",
    .reference = "POSIX.1-2017 pax, ustar and GNU tar",
    .limits =
        "Plain or under gzip, bzip2, xz or zstd; devices, links out of the archive and several volumes are refused.",
    .probe = probe,
    .check = plx_archive_summary,
    .outline = plx_archive_outline,
};
