/* SPDX-License-Identifier: Apache-2.0
 *
 * An array in a .npy file, which is read whole.
 */
#include "core/alloc.h"
#include "formats/npy.h"
#include "formats/volume.h"

#include <string.h>

static bool claims(const char *path, bool is_dir, const uint8_t *head, size_t n)
{
    (void)path, (void)is_dir;
    return n >= 6 && memcmp(head, "\x93NUMPY", 6) == 0;
}

static void close_npy(void *self)
{
    plx_array_free(self);
    plx_free(self);
}

static bool open_npy(const plx_ctx *ctx, const char *path, const char *dataset, plx_arena *arena, plx_volume_info *info,
                     void **self, plx_err *err)
{
    (void)arena;
    if (*dataset) {
        return plx_fail(err, PLX_E_NOTFOUND, "%s is one array, it has no %s", path, dataset);
    }
    plx_source *source;
    plx_array *array = plx_alloc_zero(1, sizeof *array);
    if (!array) {
        return plx_fail_nomem(err, sizeof *array);
    }
    bool ok = plx_source_file(ctx, path, false, &source, err);
    if (ok) {
        ok = plx_npy_read(ctx, source, array, err);
        plx_source_close(source);
    }
    if (!ok) {
        plx_free(array);
        return false;
    }
    info->dtype = array->dtype;
    info->ndim = array->ndim;
    memcpy(info->shape, array->shape, sizeof info->shape);
    memcpy(info->chunk, array->shape, sizeof info->chunk);
    *self = array;
    return true;
}

static bool read_npy(const plx_ctx *ctx, const plx_volume_info *info, void *self, const size_t *start,
                     const size_t *count, plx_array *out, plx_err *err)
{
    (void)ctx;
    plx_array view = *(const plx_array *)self;
    view.buf.release = NULL;
    for (int d = 0; d < info->ndim; d++) {
        view.buf.ptr += (ptrdiff_t)start[d] * view.stride[d];
        view.shape[d] = count[d];
    }
    return plx_array_to_c_order(&view, out, err);
}

static bool each_npy(const plx_ctx *ctx, const plx_volume_info *info, void *self, bool skip_zero, plx_volume_block each,
                     void *payload, plx_err *err)
{
    (void)skip_zero;
    const size_t start[PLX_MAX_DIMS] = {0};
    plx_array block;
    if (!read_npy(ctx, info, self, start, info->shape, &block, err)) {
        return false;
    }
    bool ok = plx_array_count(&block) == 0 || each(payload, start, &block, err);
    plx_array_free(&block);
    return ok;
}

extern const plx_volume_format plx_volume_npy;
const plx_volume_format plx_volume_npy = {
    .name = "npy",
    .title = "array of NumPy",
    .claims = claims,
    .open = open_npy,
    .close = close_npy,
    .read = read_npy,
    .each = each_npy,
};
