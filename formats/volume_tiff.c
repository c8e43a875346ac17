/* SPDX-License-Identifier: Apache-2.0
 *
 * A stack of TIFF pages. The attributes are "axes" and "description".
 */
#include "core/alloc.h"
#include "core/str.h"
#include "formats/slabs.h"
#include "formats/tiff.h"
#include "formats/volume.h"

#include <string.h>

static bool claims(const char *path, bool is_dir, const uint8_t *head, size_t n)
{
    (void)path, (void)is_dir;
    return n >= 4 && (memcmp(head, "II*\0", 4) == 0 || memcmp(head, "MM\0*", 4) == 0 || memcmp(head, "II+\0", 4) == 0 ||
                      memcmp(head, "MM\0+", 4) == 0);
}

static bool open_tiff(const plx_ctx *ctx, const char *path, const char *dataset, plx_arena *arena,
                      plx_volume_info *info, void **self, plx_err *err)
{
    if (*dataset) {
        return plx_fail(err, PLX_E_NOTFOUND, "%s is one array, it has no %s", path, dataset);
    }
    plx_tiff_info *t = plx_alloc(sizeof *t);
    if (!t) {
        return plx_fail_nomem(err, sizeof *t);
    }
    *self = t;
    if (!plx_tiff_describe(ctx, path, t, err)) {
        return false;
    }
    info->dtype = t->dtype;
    info->ndim = t->ndim;
    memcpy(info->shape, t->shape, sizeof info->shape);
    memcpy(info->chunk, t->shape, sizeof info->chunk);
    for (int d = 0; t->axes[d] == 'Z' || t->axes[d] == 'C'; d++) {
        info->chunk[d] = 1;
    }
    plx_value *attributes = plx_v_obj(arena);
    bool ok = attributes && plx_v_set(arena, attributes, "axes", plx_v_str(arena, t->axes)) &&
              (!t->description[0] || plx_v_set(arena, attributes, "description", plx_v_str(arena, t->description)));
    info->attributes = attributes;
    return ok || plx_fail_nomem(err, 0);
}

/* How many pages one step along the first axis is. */
static size_t pages_per_row(const plx_tiff_info *t)
{
    return t->axes[0] == 'Y' ? 1 : t->n_pages / t->shape[0];
}

static bool piece(void *payload, const uint8_t *bytes, size_t len, plx_err *err)
{
    return plx_slabs_put(payload, bytes, len, err);
}

/* Rows `first` to `first + n` of the first axis; of a single page, which cannot be cut, all. */
static bool each_row(const plx_ctx *ctx, const plx_volume_info *info, const plx_tiff_info *t, size_t first, size_t n,
                     bool skip_zero, plx_volume_block each, void *payload, plx_err *err)
{
    bool is_stack = t->axes[0] != 'Y';
    plx_slabs slabs = {.info = *info, .skip_zero = skip_zero, .each = each, .payload = payload};
    slabs.info.shape[0] = is_stack ? n : info->shape[0];
    size_t pages = pages_per_row(t);
    bool ok =
        plx_slabs_begin(ctx, &slabs, is_stack ? 1 : info->shape[0], err) &&
        plx_tiff_each(ctx, info->path, t, is_stack ? first * pages : 0, is_stack ? n * pages : 1, piece, &slabs, err);
    plx_slabs_free(&slabs);
    return ok;
}

static bool each_tiff(const plx_ctx *ctx, const plx_volume_info *info, void *self, bool skip_zero,
                      plx_volume_block each, void *payload, plx_err *err)
{
    return each_row(ctx, info, self, 0, info->shape[0], skip_zero, each, payload, err);
}

typedef struct crop {
    const size_t *start, *count;
    plx_array *out;
    bool is_stack;
} crop;

static bool take_row(void *payload, const size_t *start, const plx_array *block, plx_err *err)
{
    crop *c = payload;
    plx_array view = *block, part;
    view.buf.release = NULL;
    for (int d = c->is_stack; d < block->ndim; d++) {
        view.buf.ptr += (ptrdiff_t)c->start[d] * block->stride[d];
        view.shape[d] = c->count[d];
    }
    if (!plx_array_to_c_order(&view, &part, err)) {
        return false;
    }
    size_t at = c->is_stack ? start[0] * (size_t)c->out->stride[0] : 0;
    if (part.buf.len) {
        memcpy(c->out->buf.ptr + at, part.buf.ptr, part.buf.len);
    }
    plx_array_free(&part);
    return true;
}

static bool read_tiff(const plx_ctx *ctx, const plx_volume_info *info, void *self, const size_t *start,
                      const size_t *count, plx_array *out, plx_err *err)
{
    const plx_tiff_info *t = self;
    crop c = {.start = start, .count = count, .out = out, .is_stack = t->axes[0] != 'Y'};
    if (!plx_array_new(info->dtype, info->ndim, count, out, err)) {
        return false;
    }
    bool ok = plx_array_count(out) == 0 || each_row(ctx, info, t, start[0], count[0], false, take_row, &c, err);
    if (!ok) {
        plx_array_free(out);
        *out = (plx_array){0};
    }
    return ok;
}

extern const plx_volume_format plx_volume_tiff;
const plx_volume_format plx_volume_tiff = {
    .name = "tiff",
    .title = "stack of TIFF pages",
    .claims = claims,
    .open = open_tiff,
    .close = plx_free,
    .read = read_tiff,
    .each = each_tiff,
};
