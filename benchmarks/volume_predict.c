/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/volume_predict.h"

#include "core/alloc.h"
#include "core/fs.h"
#include "formats/volume.h"
#include "formats/zarr_write.h"

#include <string.h>
#include <unistd.h>

typedef struct writer {
    int fd;
    const char *path;
} writer;

static bool write_bytes(void *payload, const void *bytes, size_t len, plx_err *err)
{
    const writer *w = payload;
    return plx_fs_write_all(w->fd, bytes, len, w->path, err);
}

static plx_value *compressor(plx_arena *arena)
{
    plx_value *v = plx_v_obj(arena);
    bool ok =
        v && plx_v_set(arena, v, "id", plx_v_str(arena, "zlib")) && plx_v_set(arena, v, "level", plx_v_i64(arena, 1));
    return ok ? v : NULL;
}

static bool write_labels(const plx_ctx *ctx, const plx_array *labels, plx_arena *arena, const char *path, plx_err *err)
{
    char temp[PLX_PATH];
    writer w = {.path = path};
    plx_zip_writer zip = {.write = write_bytes, .payload = &w};
    plx_zarr_out out = plx_zarr_out_zip(&zip);
    plx_zarr_layout layout = {.dtype = labels->dtype, .ndim = labels->ndim, .compressor = compressor(arena)};
    plx_zarr_writer *array = NULL;
    if (!layout.compressor) {
        return plx_fail_nomem(err, 64);
    }
    for (int d = 0; d < labels->ndim; d++) {
        size_t most = labels->ndim == 4 && d == 0 ? 1 : 64;
        layout.shape[d] = labels->shape[d];
        layout.chunk[d] = labels->shape[d] < most && labels->shape[d] ? labels->shape[d] : most;
    }
    if (!plx_fs_temp(path, temp, &w.fd, err)) {
        return false;
    }
    bool ok = plx_zarr_put_group(&out, "", NULL, err) &&
              plx_zarr_writer_new(ctx, &out, "labels", &layout, NULL, &array, err) &&
              plx_zarr_writer_put(array, labels->buf.ptr, labels->buf.len, err) && plx_zarr_writer_finish(array, err);
    plx_zarr_writer_free(array);
    ok = plx_zip_finish(&zip, ok, err);
    if (!ok) {
        close(w.fd);
        unlink(temp);
        return false;
    }
    return plx_fs_commit(w.fd, temp, path, err);
}

static bool predict(const plx_ctx *ctx, const plx_model *model, const plx_params *params, uint64_t seed,
                    const plx_array *raw, plx_arena *arena, const plx_array **labels, plx_err *err)
{
    const char *name = "raw";
    const plx_bundle data = {.n_arrays = 1, .array_names = &name, .arrays = raw};
    const plx_train train = {.problem = PLX_PROBLEM_BUNDLES, .seed = seed};
    const plx_query query = {.data = &data};
    plx_answer answer = {.arena = arena};
    if (!model->predict(ctx, &train, params, NULL, &query, &answer, err)) {
        return false;
    }
    *labels = plx_bundle_array(&answer.bundle, "labels");
    return *labels || plx_fail(err, PLX_E_BUG, "the model %s gave no labels", model->name);
}

bool plx_volume_predict(const plx_ctx *ctx, const plx_model *model, const plx_params *params, uint64_t seed,
                        const char *image, const char *path, plx_volume_predicted *out, plx_err *err)
{
    plx_volume *volume = NULL;
    plx_array raw = {0};
    const plx_array *labels = NULL;
    memset(out, 0, sizeof *out);
    if (!(model->solves & PLX_PROBLEM_BUNDLES) || model->fit) {
        plx_fail(err, PLX_E_ARG, "the model %s does not label images", model->name);
        return plx_err_next(err, "plexus help models");
    }
    if (plx_fs_exists(path)) {
        return plx_fail(err, PLX_E_POLICY, "%s is there already", path);
    }
    plx_arena *arena = plx_arena_new(0);
    bool ok = arena || plx_fail_nomem(err, 0);
    ok = ok && plx_volume_open(ctx, image, &volume, err) && plx_volume_read(ctx, volume, NULL, NULL, &raw, err) &&
         predict(ctx, model, params, seed, &raw, arena, &labels, err) && write_labels(ctx, labels, arena, path, err);
    if (ok) {
        out->ndim = labels->ndim;
        memcpy(out->shape, labels->shape, sizeof out->shape);
        const int32_t *v = (const int32_t *)(const void *)labels->buf.ptr;
        for (size_t i = 0; i < labels->buf.len / sizeof *v; i++) {
            out->n_labels = v[i] > out->n_labels ? v[i] : out->n_labels;
        }
    }
    plx_array_free(&raw);
    plx_volume_close(volume);
    plx_arena_free(arena);
    return ok;
}
