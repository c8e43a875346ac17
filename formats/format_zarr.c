/* SPDX-License-Identifier: Apache-2.0
 *
 * zarr in the table of formats. A folder has no first bytes: plx_format_detect knows it by what is in it.
 */
#include "core/alloc.h"
#include "formats/format.h"
#include "formats/json.h"
#include "formats/zarr.h"

#include <string.h>

/* Does a member of this name start the zip, as its first local header says? */
static bool first_member_is(const uint8_t *head, size_t n, const char *leaf)
{
    size_t len = n >= 30 ? (size_t)(head[26] | head[27] << 8) : 0;
    size_t want = strlen(leaf);
    return len >= want && 30 + len <= n && memcmp(head + 30 + len - want, leaf, want) == 0;
}

static int probe(const uint8_t *head, size_t n, const char *path)
{
    if (n < 4 || memcmp(head, "PK\3\4", 4) != 0) {
        return 0;
    }
    bool is_meta = first_member_is(head, n, ".zgroup") || first_member_is(head, n, ".zarray") ||
                   first_member_is(head, n, ".zattrs") || first_member_is(head, n, ".zmetadata");
    return is_meta ? 95 : plx_ends_with(path, ".zarr.zip") ? 92 : 0;
}

typedef struct totals {
    uint64_t bytes;
} totals;

static bool count_block(void *payload, const size_t *start, const plx_array *block, plx_err *err)
{
    (void)start, (void)err;
    ((totals *)payload)->bytes += block->buf.len;
    return true;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_zarr_store *store = NULL;
    plx_arena *arena = plx_arena_new((size_t)plx_limits_of(ctx).memory_bytes);
    char **paths;
    size_t n = 0;
    totals t = {0};
    bool ok = arena || plx_fail_nomem(err, 0);
    ok = ok && plx_zarr_store_open(ctx, &path, 1, NULL, NULL, &store, err) &&
         plx_zarr_list(ctx, store, arena, &paths, &n, err);
    for (size_t i = 0; ok && i < n; i++) {
        plx_zarr *array = NULL;
        ok = plx_zarr_open(ctx, store, paths[i], &array, err) && plx_zarr_each(ctx, array, true, count_block, &t, err);
        plx_zarr_close(array);
    }
    if (ok && n == 0) {
        ok = plx_fail(err, PLX_E_FORMAT, "%s holds no array of zarr version 2", path);
    }
    if (ok) {
        plx_sb_printf(summary, "%zu %s, %llu bytes in chunks that are not zero", n, n == 1 ? "array" : "arrays",
                      (unsigned long long)t.bytes);
    }
    plx_zarr_store_close(store);
    plx_arena_free(arena);
    return ok;
}

static plx_value *describe(const plx_outline_ask *ask, const char *path, const plx_zarr *array)
{
    const plx_zarr_meta *m = plx_zarr_about(array);
    const plx_value *attributes = plx_zarr_attributes(array);
    plx_value *item = plx_outline_item(ask->arena, path, "array");
    plx_sb text = {0};
    for (int d = 0; d < m->ndim; d++) {
        plx_sb_printf(&text, "%s%zu", d ? "x" : "", m->chunk[d]);
    }
    plx_sb_printf(&text, "%s%s", m->ndim ? ", " : "", m->codec ? m->codec->name : "not packed");
    plx_sb_text(&text, m->fortran ? ", Fortran order" : "");
    if (attributes->u.obj.n > 0) {
        plx_sb_text(&text, ", attributes ");
        item = plx_json_write(attributes, false, &text, NULL) ? item : NULL;
    }
    bool ok = item && !text.failed &&
              plx_v_set(ask->arena, item, "dtype", plx_v_str(ask->arena, plx_dtype_name(m->dtype))) &&
              plx_outline_shape(ask->arena, item, m->ndim, m->shape) &&
              plx_outline_note(ask->arena, item, "chunks of %s", plx_sb_str(&text));
    plx_sb_free(&text);
    return ok ? item : NULL;
}

static bool show_values(const plx_outline_ask *ask, const plx_zarr *array, plx_value *item, plx_err *err)
{
    const plx_zarr_meta *m = plx_zarr_about(array);
    size_t start[PLX_MAX_DIMS] = {0}, count[PLX_MAX_DIMS] = {0};
    for (int d = 0; d < m->ndim; d++) {
        count[d] = (size_t)plx_outline_shown(ask, m->shape[d]);
    }
    plx_array part;
    if (!plx_zarr_read(ask->ctx, array, start, count, &part, err)) {
        return false;
    }
    bool ok = plx_outline_values(ask, item, &part) || plx_fail_nomem(err, part.buf.len);
    plx_array_free(&part);
    return ok;
}

static bool outline_store(const plx_outline_ask *ask, const plx_zarr_store *store, char *const *paths, size_t n,
                          plx_value **out, plx_err *err)
{
    *out = plx_outline_item(ask->arena, plx_path_base(ask->path), "file");
    bool ok = *out || plx_fail_nomem(err, 0);
    bool found = !ask->item;
    for (size_t i = 0; ok && i < n; i++) {
        plx_zarr *array = NULL;
        if (ask->item && strcmp(ask->item, paths[i]) != 0) {
            continue;
        }
        ok = plx_zarr_open(ask->ctx, store, paths[i], &array, err);
        plx_value *item = ok ? describe(ask, paths[i], array) : NULL;
        ok = ok && (item || plx_fail_nomem(err, 0));
        if (ask->item) {
            found = true;
            ok = ok && show_values(ask, array, item, err);
            *out = item;
        } else {
            ok = ok && (plx_outline_add(ask->arena, *out, item) || plx_fail_nomem(err, 0));
        }
        plx_zarr_close(array);
    }
    return ok && (found || plx_outline_missing(ask, (const char *const *)paths, n, err));
}

static bool outline(const plx_outline_ask *ask, plx_value **out, plx_err *err)
{
    plx_zarr_store *store;
    char **paths;
    size_t n;
    if (!plx_zarr_store_open(ask->ctx, &ask->path, 1, NULL, NULL, &store, err)) {
        return false;
    }
    bool ok =
        plx_zarr_list(ask->ctx, store, ask->arena, &paths, &n, err) && outline_store(ask, store, paths, n, out, err);
    plx_zarr_store_close(store);
    return ok;
}

extern const plx_format plx_format_zarr;
const plx_format plx_format_zarr = {
    .name = "zarr",
    .title = "zarr version 2",
    .extensions = "zarr",
    .reference = "Zarr storage specification version 2; codecs of numcodecs",
    .limits = "Numbers in chunks packed by blosc, gzip, lz4, zlib, zstd or not at all; no filters, no version 3.",
    .probe = probe,
    .check = check,
    .outline = outline,
};
