/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/volume_predict.h"

#include "benchmarks/label_truth.h"
#include "benchmarks/submission.h"
#include "core/alloc.h"
#include "core/pool.h"
#include "core/progress.h"
#include "formats/csv.h"
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

typedef struct all {
    const plx_bench *bench;
    const plx_model *model;
    const plx_params *params;
    const char *dir; /* where it is being written */
} all;

static bool predict_one(void *payload, size_t i, plx_err *err)
{
    const all *a = payload;
    const plx_bench_cell *c = &a->bench->cells[i];
    const plx_label_truth *truth = a->bench->data[c->unit];
    char path[PLX_PATH], name[PLX_PATH];
    plx_array raw = {0};
    const plx_array *labels = NULL;
    plx_arena *arena = plx_arena_new(0);
    snprintf(name, sizeof name, "%s.zarr.zip", truth->name);
    bool ok = arena || plx_fail_nomem(err, 0);
    ok = ok && plx_path_join(path, a->dir, name, err) && plx_label_truth_raw(a->bench->ctx, truth, &raw, err) &&
         predict(a->bench->ctx, a->model, a->params, c->seed, &raw, arena, &labels, err) &&
         write_labels(a->bench->ctx, labels, arena, path, err);
    plx_array_free(&raw);
    plx_arena_free(arena);
    return ok || plx_note(err, "image %s", truth->name);
}

static bool step(void *payload, size_t i, bool ok, const plx_err *err_i, plx_err *err)
{
    const all *a = payload;
    (void)i;
    if (!ok && err) {
        *err = *err_i;
    }
    plx_progress_step(a->bench->ctx, 1);
    return ok;
}

static bool put_list(const all *a, plx_err *err)
{
    plx_sb text = {0};
    char path[PLX_PATH];
    plx_sb_text(&text, "image,labelled,split,ref,file\n");
    for (size_t i = 0; i < a->bench->n_cells; i++) {
        const plx_label_truth *t = a->bench->data[a->bench->cells[i].unit];
        plx_csv_write_field(&text, plx_slice_of(t->name), ',');
        plx_sb_printf(&text, ",%s,%s,%s,", t->partly ? "partly" : "completely", t->split, t->ref);
        plx_csv_write_field(&text, plx_slice_of(t->name), ',');
        plx_sb_text(&text, ".zarr.zip\n");
    }
    bool ok = text.failed ? plx_fail_nomem(err, text.len)
                          : plx_path_join(path, a->dir, "images.csv", err) &&
                                plx_fs_replace(path, plx_sb_str(&text), text.len, err);
    plx_sb_free(&text);
    return ok;
}

static bool put_all(void *payload, const char *dir, plx_err *err)
{
    all a = *(const all *)payload;
    char label[160];
    a.dir = dir;
    if (!put_list(&a, err)) {
        return false;
    }
    if (!a.model) {
        return true;
    }
    snprintf(label, sizeof label, "predict %s", a.model->name);
    plx_progress_begin(a.bench->ctx, label, a.bench->n_cells, "images");
    bool ok = plx_pool_map(a.bench->ctx, a.bench->n_cells, predict_one, step, &a, err);
    plx_progress_end(a.bench->ctx);
    return ok;
}

bool plx_volume_predict_all(const plx_bench *bench, const plx_model *model, const plx_params *params, const char *dir,
                            plx_err *err)
{
    all a = {bench, model, params, NULL};
    if (bench->n_cells != bench->n_units) {
        return plx_fail(err, PLX_E_ARG, "labels of images are written for one seed at a time");
    }
    return plx_submission_make(bench, dir, model ? model->name : "", put_all, &a, err);
}
