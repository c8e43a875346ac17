/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of formats, built from formats.def, and the choice of one for a file: each looks at the first bytes, and
 * for a gzip file also at the first unpacked ones; the surest wins, the extension decides a tie.
 */
#include "formats/format.h"

#include "core/fs.h"
#include "formats/source.h"

#include <string.h>

enum { HEAD = 8192 };

#define PLX_FORMAT(name) extern const plx_format plx_format_##name;
#include "formats/formats.def"
#undef PLX_FORMAT

#define PLX_FORMAT(name) &plx_format_##name,
const plx_format *const plx_formats[] = {
#include "formats/formats.def"
    NULL,
};
#undef PLX_FORMAT

const plx_format *plx_format_find(const char *name)
{
    for (const plx_format *const *f = plx_formats; *f; f++) {
        if (strcmp((*f)->name, name) == 0) {
            return *f;
        }
    }
    return NULL;
}

/* The extension of `path` is one of the words of `extensions`; ".gz" behind it does not count. */
static bool has_extension(const char *path, const char *extensions)
{
    size_t len = strlen(path);
    if (plx_ends_with(path, ".gz")) {
        len -= 3;
    }
    for (const char *word = extensions; *word;) {
        size_t n = strcspn(word, " ");
        if (len > n && path[len - n - 1] == '.' && memcmp(path + len - n, word, n) == 0) {
            return true;
        }
        word += n + strspn(word + n, " ");
    }
    return false;
}

static bool read_head(const plx_ctx *ctx, const char *path, bool unpack, uint8_t *head, size_t *n, plx_err *err)
{
    plx_source *source;
    *n = 0;
    if (!plx_source_file(ctx, path, unpack, &source, err)) {
        return false;
    }
    bool ok = true;
    size_t got = 1;
    while (ok && got > 0 && *n < HEAD) {
        ok = source->read(source, head + *n, HEAD - *n, &got, err);
        *n += ok ? got : 0;
    }
    plx_source_close(source);
    return ok;
}

typedef struct choice {
    const plx_format *format;
    int sure;
    bool named;
} choice;

static void consider(choice *best, const uint8_t *head, size_t n, const char *path)
{
    for (const plx_format *const *f = plx_formats; *f; f++) {
        int sure = (*f)->probe(head, n, path);
        bool named = has_extension(path, (*f)->extensions);
        if (sure > best->sure || (sure > 0 && sure == best->sure && named && !best->named)) {
            *best = (choice){*f, sure, named};
        }
    }
}

static bool unknown(const char *path, plx_err *err)
{
    char list[PLX_ERR_NOTE] = "";
    size_t used = 0;
    for (const plx_format *const *f = plx_formats; *f && used < sizeof list; f++) {
        int n = snprintf(list + used, sizeof list - used, "%s%s", f == plx_formats ? "" : ", ", (*f)->name);
        used += n > 0 ? (size_t)n : 0;
    }
    plx_fail(err, PLX_E_UNSUPPORTED, "the format of %s is not known", path);
    return plx_err_why(err, "neither its first bytes nor its name fit one of the formats that are read: %s", list);
}

/* Folders are of one format only. */
static bool is_zarr_dir(const char *path)
{
    static const char *const leaves[] = {".zgroup", ".zarray", ".zmetadata"};
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    bool is = len > 5 && strncmp(path + len - 5, ".zarr", 5) == 0;
    char name[PLX_PATH];
    for (size_t i = 0; !is && i < sizeof leaves / sizeof *leaves; i++) {
        is = plx_path_join(name, path, leaves[i], NULL) && plx_fs_exists(name);
    }
    return is;
}

bool plx_format_detect(const char *path, const plx_format **out, plx_err *err)
{
    *out = NULL;
    plx_ctx ctx = plx_ctx_default();
    uint8_t head[HEAD];
    size_t n;
    if (plx_fs_is_dir(path) && is_zarr_dir(path)) {
        *out = plx_format_find("zarr");
        return true;
    }
    if (!read_head(&ctx, path, false, head, &n, err)) {
        return false;
    }
    choice best = {0};
    consider(&best, head, n, path);
    if (n >= 3 && memcmp(head, "\x1f\x8b\x08", 3) == 0 && read_head(&ctx, path, true, head, &n, NULL)) {
        consider(&best, head, n, path);
    }
    *out = best.format;
    return best.format || unknown(path, err);
}
