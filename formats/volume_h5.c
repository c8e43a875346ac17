/* SPDX-License-Identifier: Apache-2.0
 *
 * A numeric data set of an HDF5 file. A region is one child process; reading everything is one, too.
 */
#include "core/alloc.h"
#include "formats/h5.h"
#include "formats/slabs.h"
#include "formats/volume.h"

#include <stdlib.h>
#include <string.h>

enum { SLAB_BYTES = 32 << 20 };

static bool claims(const char *path, bool is_dir, const uint8_t *head, size_t n)
{
    (void)is_dir;
    bool named = plx_ends_with(path, ".h5") || plx_ends_with(path, ".hdf5") || plx_ends_with(path, ".hdf");
    return (n >= 8 && memcmp(head, "\x89HDF\r\n\x1a\n", 8) == 0) || (n > 0 && named);
}

static bool is_numeric(const plx_value *node, plx_dtype *dtype)
{
    const char *kind = plx_v_get_text(node, "kind");
    const char *name = plx_v_get_text(node, "dtype");
    return kind && strcmp(kind, "dataset") == 0 && name && plx_dtype_from_name(name, dtype) && *dtype != PLX_STR;
}

static bool get_extent(const plx_value *list, size_t *out, int *n)
{
    *n = 0;
    if (!list || list->kind != PLX_V_ARR || list->u.arr.n > PLX_MAX_DIMS) {
        return false;
    }
    for (size_t i = 0; i < list->u.arr.n; i++) {
        int64_t v;
        if (!plx_v_as_i64(list->u.arr.items[i], &v) || v < 0) {
            return false;
        }
        out[i] = (size_t)v;
        ++*n;
    }
    return true;
}

static plx_value *member(const plx_value *obj, const char *key)
{
    for (size_t i = 0; obj->kind == PLX_V_OBJ && i < obj->u.obj.n; i++) {
        if (plx_slice_is(obj->u.obj.members[i].key, key)) {
            return obj->u.obj.members[i].value;
        }
    }
    return NULL;
}

/* {"a": {"dtype": .., "shape": [], "value": [1]}} becomes {"a": 1}. */
static const plx_value *plain_attributes(plx_arena *arena, const plx_value *given)
{
    plx_value *out = plx_v_obj(arena);
    for (size_t i = 0; out && given && given->kind == PLX_V_OBJ && i < given->u.obj.n; i++) {
        const plx_member *m = &given->u.obj.members[i];
        const plx_value *shape = member(m->value, "shape");
        plx_value *value = member(m->value, "value");
        bool scalar = shape && shape->kind == PLX_V_ARR && shape->u.arr.n == 0 && value && value->kind == PLX_V_ARR &&
                      value->u.arr.n == 1;
        value = scalar ? value->u.arr.items[0] : value;
        if (value && !plx_v_add(arena, out, m->key, value)) {
            return NULL;
        }
    }
    return out;
}

static bool open_h5(const plx_ctx *ctx, const char *path, const char *dataset, plx_arena *arena, plx_volume_info *info,
                    void **self, plx_err *err)
{
    plx_value *tree;
    *self = NULL;
    if (!plx_h5_tree(ctx, path, arena, &tree, err)) {
        return false;
    }
    const char **names = plx_arena_zero(arena, tree->u.arr.n + 1, sizeof *names);
    if (!names) {
        return plx_fail_nomem(err, tree->u.arr.n * sizeof *names);
    }
    size_t n = 0;
    for (size_t i = 0; i < tree->u.arr.n; i++) {
        plx_dtype dtype;
        if (is_numeric(tree->u.arr.items[i], &dtype)) {
            names[n++] = plx_v_get_text(tree->u.arr.items[i], "path");
        }
    }
    info->dataset = plx_volume_choose(path, dataset, names, n, err);
    for (size_t i = 0; info->dataset && i < tree->u.arr.n; i++) {
        const plx_value *node = tree->u.arr.items[i];
        int n_chunk = 0;
        if (strcmp(plx_v_get_text(node, "path"), info->dataset) != 0) {
            continue;
        }
        if (!is_numeric(node, &info->dtype) || !get_extent(plx_v_get(node, "shape"), info->shape, &info->ndim)) {
            return plx_fail(err, PLX_E_UNSUPPORTED, "data set %s of %s has no extent that is read", info->dataset,
                            path);
        }
        if (!get_extent(plx_v_get(node, "chunks"), info->chunk, &n_chunk) || n_chunk != info->ndim) {
            memcpy(info->chunk, info->shape, sizeof info->chunk);
        }
        info->attributes = plain_attributes(arena, plx_v_get(node, "attributes"));
        return info->attributes || plx_fail_nomem(err, 0);
    }
    return false;
}

static void close_h5(void *self)
{
    (void)self;
}

static bool read_h5(const plx_ctx *ctx, const plx_volume_info *info, void *self, const size_t *start,
                    const size_t *count, plx_array *out, plx_err *err)
{
    (void)self;
    uint64_t from[PLX_MAX_DIMS], n[PLX_MAX_DIMS];
    for (int d = 0; d < info->ndim; d++) {
        from[d] = start[d];
        n[d] = count[d];
    }
    return plx_h5_read_slab(ctx, info->path, info->dataset, info->ndim, from, n, out, err);
}

typedef struct stream {
    const plx_ctx *ctx;
    plx_slabs slabs;
} stream;

static bool begin(void *payload, plx_dtype dtype, int ndim, const size_t *shape, plx_err *err)
{
    stream *s = payload;
    const plx_volume_info *info = &s->slabs.info;
    if (dtype != info->dtype || ndim != info->ndim || memcmp(shape, info->shape, (size_t)ndim * sizeof *shape) != 0) {
        return plx_fail(err, PLX_E_IO, "%s changed while it was read", info->path);
    }
    size_t row = plx_dtype_size(dtype);
    for (int d = 1; d < ndim; d++) {
        if (!plx_mul_ok(row, shape[d], &row)) {
            row = SIZE_MAX;
            break;
        }
    }
    /* Whole chunks, or less where those are large. */
    size_t rows = ndim ? info->chunk[0] : 1;
    size_t most = row ? SLAB_BYTES / row : 1;
    return plx_slabs_begin(s->ctx, &s->slabs, rows < most ? rows : most, err);
}

static bool piece(void *payload, const uint8_t *bytes, size_t len, plx_err *err)
{
    stream *s = payload;
    return plx_slabs_put(&s->slabs, bytes, len, err);
}

static bool each_h5(const plx_ctx *ctx, const plx_volume_info *info, void *self, bool skip_zero, plx_volume_block each,
                    void *payload, plx_err *err)
{
    (void)self;
    stream s = {.ctx = ctx, .slabs = {.info = *info, .skip_zero = skip_zero, .each = each, .payload = payload}};
    const plx_h5_stream to = {.begin = begin, .piece = piece, .payload = &s};
    bool ok = plx_h5_each(ctx, info->path, info->dataset, &to, err);
    plx_slabs_free(&s.slabs);
    return ok;
}

extern const plx_volume_format plx_volume_h5;
const plx_volume_format plx_volume_h5 = {
    .name = "h5",
    .title = "data set of an HDF5 file",
    .claims = claims,
    .open = open_h5,
    .close = close_h5,
    .read = read_h5,
    .each = each_h5,
};
