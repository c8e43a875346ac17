/* SPDX-License-Identifier: Apache-2.0 */
#include "core/alloc.h"
#include "formats/volume.h"
#include "formats/zarr.h"

#include <string.h>

typedef struct opened {
    plx_zarr_store *store;
    plx_zarr *array;
} opened;

static bool claims(const char *path, bool is_dir, const uint8_t *head, size_t n)
{
    (void)path;
    return is_dir || (n >= 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0));
}

static void close_zarr(void *self)
{
    opened *o = self;
    plx_zarr_close(o->array);
    plx_zarr_store_close(o->store);
    plx_free(o);
}

/* The store of an array whose own folder was named is the folder itself, and one asked for by its path need not be
 * searched for. */
static bool find_array(const plx_ctx *ctx, opened *o, const char *path, const char *dataset, plx_arena *arena,
                       const char **found, plx_err *err)
{
    char **paths;
    size_t n;
    plx_err problem;
    plx_err_clear(&problem);
    *found = plx_arena_strdup(arena, dataset);
    if (!*found) {
        return plx_fail_nomem(err, strlen(dataset));
    }
    if (plx_zarr_open(ctx, o->store, dataset, &o->array, &problem)) {
        return true;
    }
    if (problem.code != PLX_E_NOTFOUND) {
        if (err) {
            *err = problem;
        }
        return false;
    }
    if (!plx_zarr_list(ctx, o->store, arena, &paths, &n, err)) {
        return false;
    }
    *found = plx_volume_choose(path, dataset, (const char *const *)paths, n, err);
    return *found && plx_zarr_open(ctx, o->store, *found, &o->array, err);
}

bool plx_volume_zarr_open(const plx_ctx *ctx, const char *const *paths, size_t n, const char *dataset, const char *name,
                          plx_arena *arena, plx_volume_info *info, void **self, plx_err *err)
{
    opened *o = plx_alloc_zero(1, sizeof *o);
    if (!o) {
        return plx_fail_nomem(err, sizeof *o);
    }
    if (!plx_zarr_store_open(ctx, paths, n, NULL, name, &o->store, err) ||
        !find_array(ctx, o, name ? name : paths[0], dataset, arena, &info->dataset, err)) {
        close_zarr(o);
        return false;
    }
    const plx_zarr_meta *m = plx_zarr_about(o->array);
    info->dtype = m->dtype;
    info->ndim = m->ndim;
    memcpy(info->shape, m->shape, sizeof info->shape);
    memcpy(info->chunk, m->chunk, sizeof info->chunk);
    info->attributes = plx_zarr_attributes(o->array);
    *self = o;
    return true;
}

static bool open_zarr(const plx_ctx *ctx, const char *path, const char *dataset, plx_arena *arena,
                      plx_volume_info *info, void **self, plx_err *err)
{
    return plx_volume_zarr_open(ctx, &path, 1, dataset, NULL, arena, info, self, err);
}

static bool read_zarr(const plx_ctx *ctx, const plx_volume_info *info, void *self, const size_t *start,
                      const size_t *count, plx_array *out, plx_err *err)
{
    (void)info;
    return plx_zarr_read(ctx, ((opened *)self)->array, start, count, out, err);
}

static bool each_zarr(const plx_ctx *ctx, const plx_volume_info *info, void *self, bool skip_zero,
                      plx_volume_block each, void *payload, plx_err *err)
{
    (void)info;
    return plx_zarr_each(ctx, ((opened *)self)->array, skip_zero, each, payload, err);
}

extern const plx_volume_format plx_volume_zarr;
const plx_volume_format plx_volume_zarr = {
    .name = "zarr",
    .title = "zarr version 2, as a folder or a zip",
    .claims = claims,
    .open = open_zarr,
    .close = close_zarr,
    .read = read_zarr,
    .each = each_zarr,
};
