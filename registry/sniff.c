/* SPDX-License-Identifier: Apache-2.0
 *
 * Servers answer with a page for people where data were moved, need a login, or lie behind a portal of the network, and
 * say 200 to it.
 */
#include "registry/sniff.h"

#include "core/str.h"

#include <stdint.h>
#include <strings.h>

static bool starts(plx_slice text, const char *with)
{
    size_t n = strlen(with);
    return text.len >= n && strncasecmp(text.ptr, with, n) == 0;
}

static plx_slice skip(plx_slice text, size_t n)
{
    return (plx_slice){text.ptr + n, text.len - n};
}

bool plx_sniff_is_page(const void *bytes, size_t len)
{
    static const char *const marks[] = {"<!doctype html", "<html", "<head", "<body", "<script", "<title", "<meta"};
    plx_slice text = {bytes, len};
    if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        text = skip(text, 3);
    }
    for (;;) {
        text = plx_slice_trim(text);
        const char *end = NULL;
        if (starts(text, "<!--")) {
            for (size_t i = 4; !end && i + 3 <= text.len; i++) {
                end = memcmp(text.ptr + i, "-->", 3) == 0 ? text.ptr + i + 3 : NULL;
            }
        } else if (starts(text, "<?xml")) {
            end = memchr(text.ptr, '>', text.len);
            end = end ? end + 1 : NULL;
        }
        if (!end) {
            break;
        }
        text = skip(text, (size_t)(end - text.ptr));
    }
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (starts(text, marks[i])) {
            return true;
        }
    }
    return false;
}

bool plx_sniff_page_is_wanted(const char *media, const char *name)
{
    return (media && (plx_starts_with(media, "text/html") || plx_starts_with(media, "application/xhtml"))) ||
           plx_ends_with(name, ".html") || plx_ends_with(name, ".htm") || plx_ends_with(name, ".xhtml");
}

typedef struct signature {
    const char *media, *suffix;
    size_t n;
    const char *bytes;
} signature;

static const signature signatures[] = {
    {"application/zip", ".zip", 2, "PK"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", 2, "PK"},
    {NULL, ".npz", 2, "PK"},
    {"application/gzip", ".gz", 2, "\x1f\x8b"},
    {"application/x-gzip", ".tgz", 2, "\x1f\x8b"},
    {"application/x-hdf5", ".h5", 4, "\x89HDF"},
    {"application/x-nwb", ".nwb", 4, "\x89HDF"},
    {"application/x-npy", ".npy", 6, "\x93NUMPY"},
    {"application/pdf", ".pdf", 4, "%PDF"},
    {"application/vnd.apache.parquet", ".parquet", 4, "PAR1"},
    {"application/vnd.ms-excel", ".xls", 4, "\xD0\xCF\x11\xE0"},
};

bool plx_sniff_fits(const char *media, const char *name, const void *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        const signature *s = &signatures[i];
        bool meant = media && s->media ? strcmp(media, s->media) == 0 : plx_ends_with(name, s->suffix);
        if (meant && (len < s->n || memcmp(bytes, s->bytes, s->n) != 0)) {
            return false;
        }
    }
    return true;
}
