/* SPDX-License-Identifier: Apache-2.0
 *
 * bzip2, xz and zstd through libarchive's raw format: one filter, registered by name, and nothing that bids on content.
 * (gzip is read by source.c, which checks the CRC that libarchive skips.)
 */
#include "formats/archive_walk.h"

#include "core/alloc.h"

#include <archive.h>
#include <archive_entry.h>

enum { RATIO_GRACE = 1 << 20, BLOCK = 1 << 16 };

typedef struct unpack {
    plx_source base;
    plx_walk walk; /* for messages and limits only */
    struct archive *lib;
    char *name;
    uint64_t out, limit;
} unpack;

static bool unpack_read(plx_source *self, void *out, size_t cap, size_t *got, plx_err *err)
{
    unpack *u = (unpack *)self;
    *got = 0;
    if (!plx_ctx_go_on(u->walk.ctx, err)) {
        return false;
    }
    la_ssize_t n = archive_read_data(u->lib, out, cap);
    if (n < 0) {
        return plx_walk_fail_lib(&u->walk, u->lib, false, NULL, err);
    }
    *got = (size_t)n;
    u->out += *got;
    la_int64_t packed = archive_filter_bytes(u->lib, -1);
    if (u->out > u->limit) {
        return plx_fail(err, PLX_E_LIMIT, "%s unpacks to more than is allowed", u->name);
    }
    if (u->out > RATIO_GRACE && packed >= 0 && u->out / u->walk.limits.ratio > (uint64_t)packed) {
        plx_fail(err, PLX_E_LIMIT, "%s is packed suspiciously tight", u->name);
        return plx_err_why(err, "%llu bytes from %lld; at most %u to 1 is unpacked", (unsigned long long)u->out,
                           (long long)packed, u->walk.limits.ratio);
    }
    return true;
}

static void unpack_close(plx_source *self)
{
    unpack *u = (unpack *)self;
    if (u->lib) {
        archive_read_free(u->lib);
    }
    plx_free(u->name);
    plx_free(u);
}

/* False with the filter's name when libarchive was built without it (it would then start an outside program). */
static bool add_filter(struct archive *lib, int filter, const char **name)
{
    switch (filter) {
    case ARCHIVE_FILTER_BZIP2:
        *name = "bzip2";
        return archive_read_support_filter_bzip2(lib) == ARCHIVE_OK;
    case ARCHIVE_FILTER_XZ:
        *name = "xz";
        return archive_read_support_filter_xz(lib) == ARCHIVE_OK;
    case ARCHIVE_FILTER_ZSTD:
        *name = "zstd";
        return archive_read_support_filter_zstd(lib) == ARCHIVE_OK;
    default:
        *name = "this";
        return false;
    }
}

static bool unpack_open(unpack *u, int filter, plx_err *err)
{
    const char *name = NULL;
    struct archive_entry *entry = NULL;
    u->lib = archive_read_new();
    if (!u->lib) {
        return plx_fail_nomem(err, 0);
    }
    if (!add_filter(u->lib, filter, &name)) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "%s compression is not built into this system's libarchive", name);
    }
    if (archive_read_support_format_raw(u->lib) != ARCHIVE_OK ||
        archive_read_open_filename(u->lib, u->name, BLOCK) != ARCHIVE_OK) {
        return plx_walk_fail_lib(&u->walk, u->lib, false, NULL, err);
    }
    int r = archive_read_next_header(u->lib, &entry);
    if (r == ARCHIVE_EOF) {
        return plx_fail(err, PLX_E_TRUNCATED, "%s ends before anything was unpacked", u->name);
    }
    if (r != ARCHIVE_OK) {
        return plx_walk_fail_lib(&u->walk, u->lib, false, NULL, err);
    }
    if (archive_filter_code(u->lib, 0) != filter) {
        return plx_walk_fail(&u->walk, PLX_E_FORMAT, NULL, err,
                             "its first bytes promise a compression that is not there");
    }
    if (archive_filter_count(u->lib) > 2) { /* ours and "none" */
        return plx_fail(err, PLX_E_UNSUPPORTED, "%s is compressed more than once", u->name);
    }
    return true;
}

bool plx_source_unpack(const plx_ctx *ctx, const plx_limits *limits, const char *path, int filter, plx_source **out,
                       plx_err *err)
{
    unpack *u = plx_alloc_zero(1, sizeof *u);
    if (!u) {
        return plx_fail_nomem(err, sizeof *u);
    }
    u->name = plx_strdup(path);
    u->base.name = u->name;
    u->base.size = -1;
    u->base.read = unpack_read;
    u->base.close = unpack_close;
    u->walk.ctx = ctx;
    u->walk.limits = *limits;
    u->walk.path = u->name;
    u->limit = limits->total_bytes < UINT64_MAX / 2 ? limits->total_bytes * 2 : UINT64_MAX;
    if (!u->name) {
        plx_free(u);
        return plx_fail_nomem(err, 0);
    }
    if (!unpack_open(u, filter, err)) {
        unpack_close(&u->base);
        return false;
    }
    *out = &u->base;
    return true;
}
