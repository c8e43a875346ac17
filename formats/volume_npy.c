/* SPDX-License-Identifier: Apache-2.0
 *
 * An array in a .npy file: block after block along the file where its order allows that, else read whole.
 */
#include "core/alloc.h"
#include "formats/npy.h"
#include "formats/volume.h"

#include <string.h>

enum { HEAD = 64 * 1024, BLOCK = 4 << 20 };

typedef struct npy {
    plx_npy_header header;
    plx_array whole; /* once a part of it was asked for */
    bool is_loaded;
} npy;

static bool claims(const char *path, bool is_dir, const uint8_t *head, size_t n)
{
    (void)path, (void)is_dir;
    return n >= 6 && memcmp(head, "\x93NUMPY", 6) == 0;
}

static void close_npy(void *self)
{
    npy *n = self;
    if (n->is_loaded) {
        plx_array_free(&n->whole);
    }
    plx_free(n);
}

static bool fill(plx_source *source, uint8_t *out, size_t cap, size_t *n, plx_err *err)
{
    size_t got = 1;
    for (*n = 0; *n < cap && got > 0; *n += got) {
        if (!source->read(source, out + *n, cap - *n, &got, err)) {
            return false;
        }
    }
    return true;
}

static bool read_header(plx_source *source, plx_npy_header *out, plx_err *err)
{
    uint8_t *head = plx_alloc(HEAD);
    size_t n;
    if (!head) {
        return plx_fail_nomem(err, HEAD);
    }
    bool ok = fill(source, head, HEAD, &n, err) && plx_npy_parse_header(source->name, head, n, out, err) &&
              plx_npy_check_length(source->name, out, (uint64_t)source->size, err);
    plx_free(head);
    return ok;
}

static bool open_npy(const plx_ctx *ctx, const char *path, const char *dataset, plx_arena *arena, plx_volume_info *info,
                     void **self, plx_err *err)
{
    (void)arena;
    if (*dataset) {
        return plx_fail(err, PLX_E_NOTFOUND, "%s is one array, it has no %s", path, dataset);
    }
    plx_source *source;
    npy *n = plx_alloc_zero(1, sizeof *n);
    if (!n) {
        return plx_fail_nomem(err, sizeof *n);
    }
    bool ok = plx_source_file(ctx, path, false, &source, err);
    if (ok) {
        ok = read_header(source, &n->header, err);
        plx_source_close(source);
    }
    if (!ok) {
        plx_free(n);
        return false;
    }
    info->dtype = n->header.dtype;
    info->ndim = n->header.ndim;
    memcpy(info->shape, n->header.shape, sizeof info->shape);
    memcpy(info->chunk, n->header.shape, sizeof info->chunk);
    *self = n;
    return true;
}

static bool load(const plx_ctx *ctx, const plx_volume_info *info, npy *n, plx_err *err)
{
    plx_source *source;
    if (n->is_loaded) {
        return true;
    }
    if (!plx_source_file(ctx, info->path, false, &source, err)) {
        return false;
    }
    n->is_loaded = plx_npy_read(ctx, source, &n->whole, err);
    plx_source_close(source);
    return n->is_loaded;
}

static bool read_npy(const plx_ctx *ctx, const plx_volume_info *info, void *self, const size_t *start,
                     const size_t *count, plx_array *out, plx_err *err)
{
    npy *n = self;
    if (!load(ctx, info, n, err)) {
        return false;
    }
    plx_array view = n->whole;
    view.buf.release = NULL;
    for (int d = 0; d < info->ndim; d++) {
        view.buf.ptr += (ptrdiff_t)start[d] * view.stride[d];
        view.shape[d] = count[d];
    }
    return plx_array_to_c_order(&view, out, err);
}

static bool each_whole(const plx_ctx *ctx, const plx_volume_info *info, npy *n, plx_volume_block each, void *payload,
                       plx_err *err)
{
    const size_t start[PLX_MAX_DIMS] = {0};
    plx_array block;
    if (!read_npy(ctx, info, n, start, info->shape, &block, err)) {
        return false;
    }
    bool ok = plx_array_count(&block) == 0 || each(payload, start, &block, err);
    plx_array_free(&block);
    return ok;
}

/* The outermost axis along which slices fit a block, and how many do. */
static int block_axis(const plx_npy_header *h, size_t *slice, size_t *n)
{
    int axis = h->ndim - 1;
    for (*slice = plx_dtype_size(h->dtype); axis > 0 && *slice <= BLOCK / h->shape[axis]; axis--) {
        *slice *= h->shape[axis];
    }
    *n = BLOCK / *slice;
    return axis;
}

/* Blocks follow each other as their bytes do. */
static bool each_block(plx_source *source, const plx_npy_header *h, uint8_t *bytes, plx_volume_block each,
                       void *payload, plx_err *err)
{
    size_t start[PLX_MAX_DIMS] = {0}, shape[PLX_MAX_DIMS], slice, most;
    int axis = block_axis(h, &slice, &most);
    for (int k = 0; k < h->ndim; k++) {
        shape[k] = k < axis ? 1 : h->shape[k];
    }
    while (start[0] < h->shape[0]) {
        size_t left = h->shape[axis] - start[axis], got;
        shape[axis] = left < most ? left : most;
        if (!fill(source, bytes, shape[axis] * slice, &got, err)) {
            return false;
        }
        if (got < shape[axis] * slice) {
            return plx_fail(err, PLX_E_TRUNCATED, "%s became shorter while it was read", source->name);
        }
        const plx_array block = plx_array_view(h->dtype, h->ndim, shape, bytes);
        if (!each(payload, start, &block, err)) {
            return false;
        }
        start[axis] += shape[axis];
        for (int k = axis; k > 0 && start[k] == h->shape[k]; k--) {
            start[k] = 0;
            start[k - 1]++;
        }
    }
    return true;
}

static bool each_streamed(const plx_ctx *ctx, const plx_volume_info *info, const plx_npy_header *h,
                          plx_volume_block each, void *payload, plx_err *err)
{
    plx_source *source;
    uint8_t *bytes = plx_alloc(BLOCK);
    size_t n;
    if (!bytes) {
        return plx_fail_nomem(err, BLOCK);
    }
    if (!plx_source_file(ctx, info->path, false, &source, err)) {
        plx_free(bytes);
        return false;
    }
    bool ok = fill(source, bytes, h->data_offset, &n, err) && each_block(source, h, bytes, each, payload, err);
    plx_source_close(source);
    plx_free(bytes);
    return ok;
}

static bool each_npy(const plx_ctx *ctx, const plx_volume_info *info, void *self, bool skip_zero, plx_volume_block each,
                     void *payload, plx_err *err)
{
    npy *n = self;
    const plx_npy_header *h = &n->header;
    (void)skip_zero;
    bool in_order = !h->fortran || h->ndim < 2, as_is = !h->swap || plx_dtype_size(h->dtype) == 1;
    if (h->ndim == 0 || !in_order || !as_is || h->text) {
        return each_whole(ctx, info, n, each, payload, err);
    }
    return h->data_bytes == 0 || each_streamed(ctx, info, h, each, payload, err);
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
