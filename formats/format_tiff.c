/* SPDX-License-Identifier: Apache-2.0
 *
 * TIFF in the table of formats.
 */
#include "formats/format.h"
#include "formats/tiff.h"
#include "formats/volume.h"

#include <string.h>

static int probe(const uint8_t *head, size_t n, const char *path)
{
    (void)path;
    bool is = n >= 8 && (memcmp(head, "II*\0", 4) == 0 || memcmp(head, "MM\0*", 4) == 0 ||
                         memcmp(head, "II+\0", 4) == 0 || memcmp(head, "MM\0+", 4) == 0);
    return is ? 90 : 0;
}

static bool drop(void *payload, const uint8_t *bytes, size_t len, plx_err *err)
{
    (void)payload, (void)bytes, (void)len, (void)err;
    return true;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_tiff_info info;
    if (!plx_tiff_describe(ctx, path, &info, err) ||
        !plx_tiff_each(ctx, path, &info, 0, info.n_pages, drop, NULL, err)) {
        return false;
    }
    plx_sb_printf(summary, "%s (", plx_dtype_name(info.dtype));
    for (int d = 0; d < info.ndim; d++) {
        plx_sb_printf(summary, "%s%zu", d ? ", " : "", info.shape[d]);
    }
    plx_sb_printf(summary, ") along %s, %zu %s", info.axes, info.n_pages, info.n_pages == 1 ? "page" : "pages");
    return true;
}

static bool add_text(plx_arena *arena, plx_value *attributes, const char *name, const char *text)
{
    plx_value *entry = plx_v_obj(arena);
    return entry && plx_v_set(arena, entry, "dtype", plx_v_str(arena, "str")) &&
           plx_v_set(arena, entry, "value", plx_v_str(arena, text)) && plx_v_set(arena, attributes, name, entry);
}

/* The first pixels along each axis. */
static bool add_values(const plx_outline_ask *ask, plx_value *item, plx_err *err)
{
    plx_volume *volume;
    plx_array part;
    size_t start[PLX_MAX_DIMS] = {0}, count[PLX_MAX_DIMS] = {0};
    if (!plx_volume_open(ask->ctx, ask->path, &volume, err)) {
        return false;
    }
    const plx_volume_info *info = plx_volume_about(volume);
    for (int d = 0; d < info->ndim; d++) {
        count[d] = (size_t)plx_outline_shown(ask, info->shape[d]);
    }
    bool ok = plx_volume_read(ask->ctx, volume, start, count, &part, err);
    if (ok) {
        ok = plx_outline_values(ask, item, &part) || plx_fail_nomem(err, part.buf.len);
        plx_array_free(&part);
    }
    plx_volume_close(volume);
    return ok;
}

static bool outline(const plx_outline_ask *ask, plx_value **out, plx_err *err)
{
    plx_tiff_info info;
    if (ask->item && *ask->item) {
        return plx_outline_missing(ask, NULL, 0, err);
    }
    if (!plx_tiff_describe(ask->ctx, ask->path, &info, err)) {
        return false;
    }
    plx_value *item = plx_outline_item(ask->arena, "/", "array"), *attributes = plx_v_obj(ask->arena);
    bool ok = item && attributes &&
              plx_v_set(ask->arena, item, "dtype", plx_v_str(ask->arena, plx_dtype_name(info.dtype))) &&
              plx_outline_shape(ask->arena, item, info.ndim, info.shape) &&
              plx_outline_note(ask->arena, item, "%zu %s", info.n_pages, info.n_pages == 1 ? "page" : "pages") &&
              add_text(ask->arena, attributes, "axes", info.axes) &&
              (!info.description[0] || add_text(ask->arena, attributes, "description", info.description)) &&
              plx_v_set(ask->arena, item, "attributes", attributes);
    *out = item;
    return ok ? !ask->item || add_values(ask, item, err) : plx_fail_nomem(err, 0);
}

extern const plx_format plx_format_tiff;
const plx_format plx_format_tiff = {
    .name = "tiff",
    .title = "TIFF stack",
    .extensions = "tif tiff",
    .reference = "TIFF 6.0 and BigTIFF, read by libtiff 4.5",
    .limits = "Pages alike, 8 to 64 bits, samples side by side; no palettes, no YCbCr.",
    .probe = probe,
    .check = check,
    .outline = outline,
};
