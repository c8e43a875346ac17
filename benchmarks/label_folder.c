/* SPDX-License-Identifier: Apache-2.0
 *
 * Which image belongs to which, and scores of them all.
 */
#include "benchmarks/label_folder.h"

#include "benchmarks/label_samples.h"
#include "benchmarks/machine.h"
#include "core/fs.h"
#include "core/pool.h"
#include "core/str.h"

#include <stdlib.h>

/* A folder, and the data set in each of its files. */
typedef struct side {
    const char *dir, *dataset; /* dataset: ":volumes/x" or "" */
    char **names;
    size_t n_names;
} side;

static bool is_volume(const char *name)
{
    static const char *const ends[] = {".hdf", ".h5", ".hdf5", ".zarr", ".zarr.zip", ".tif", ".tiff", ".npy"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (plx_ends_with(name, ends[i])) {
            return true;
        }
    }
    return false;
}

/* FOLDER:DATASET, where the folder's own name may hold a colon. */
static bool open_side(plx_arena *arena, const char *spec, side *out, plx_err *err)
{
    *out = (side){.dir = spec, .dataset = ""};
    for (const char *colon = strchr(spec, ':'); colon && !plx_fs_exists(spec); colon = strchr(colon + 1, ':')) {
        const char *dir = plx_arena_strndup(arena, spec, (size_t)(colon - spec));
        if (dir && plx_fs_is_dir(dir)) {
            out->dir = dir;
            out->dataset = colon;
        }
    }
    if (!plx_fs_is_dir(out->dir)) {
        plx_fail(err, plx_fs_exists(out->dir) ? PLX_E_ARG : PLX_E_NOTFOUND, "there is no folder %s", out->dir);
        return plx_err_why(err, "images are scored by folders: one file or zarr for each, named after it");
    }
    return plx_fs_names(out->dir, &out->names, &out->n_names, err);
}

static int by_name(const void *a, const void *b)
{
    const plx_label_sample *p = a, *q = b;
    return plx_natural_order(p->name, q->name);
}

static plx_label_sample *find(plx_label_folder *folder, const char *name, size_t len)
{
    for (size_t i = 0; i < folder->n; i++) {
        if (strlen(folder->samples[i].name) == len && strncmp(folder->samples[i].name, name, len) == 0) {
            return &folder->samples[i];
        }
    }
    return NULL;
}

static const char *file_of(plx_arena *arena, const side *s, const char *name)
{
    return plx_arena_printf(arena, "%s/%s%s", s->dir, name, s->dataset);
}

static bool twice(const char *side_name, const char *a, const char *b, plx_err *err)
{
    plx_fail(err, PLX_E_ARG, "an image has two files of %s: %s and %s", side_name, a, b);
    return plx_err_why(err, "the name up to the first dot says which image a file is of");
}

static bool list_truth(const side *s, plx_arena *arena, plx_label_folder *out, plx_err *err)
{
    out->samples = plx_arena_zero(arena, s->n_names + 1, sizeof *out->samples);
    if (!out->samples) {
        return plx_fail_nomem(err, s->n_names * sizeof *out->samples);
    }
    for (size_t i = 0; i < s->n_names; i++) {
        if (!is_volume(s->names[i])) {
            continue;
        }
        size_t len = strcspn(s->names[i], ".");
        plx_label_sample *other = find(out, s->names[i], len);
        const char *path = file_of(arena, s, s->names[i]), *name = plx_arena_strndup(arena, s->names[i], len);
        if (!path || !name) {
            return plx_fail_nomem(err, len);
        }
        if (other) {
            return twice("truth", other->truth, path, err);
        }
        out->samples[out->n++] = (plx_label_sample){.name = name, .truth = path};
    }
    return out->n > 0 || plx_fail(err, PLX_E_NOTFOUND, "there is no volume in %s", s->dir);
}

static bool list_records(const plx_label_folder_opts *opts, plx_arena *arena, plx_label_folder *out, plx_err *err)
{
    out->samples = plx_arena_zero(arena, opts->n_records + 1, sizeof *out->samples);
    if (!out->samples) {
        return plx_fail_nomem(err, opts->n_records * sizeof *out->samples);
    }
    for (size_t i = 0; i < opts->n_records; i++) {
        const plx_label_truth *t = opts->records[i];
        if (find(out, t->name, strlen(t->name))) {
            return plx_fail(err, PLX_E_ARG, "two records are of an image %s", t->name);
        }
        out->samples[out->n++] = (plx_label_sample){.name = t->name, .truth = t->ref, .partly = t->partly, .record = t};
    }
    return true;
}

static bool list_pred(const side *s, const char *truth, bool subset, plx_arena *arena, plx_label_folder *out,
                      plx_err *err)
{
    for (size_t i = 0; i < s->n_names; i++) {
        if (!is_volume(s->names[i])) {
            continue;
        }
        plx_label_sample *sample = find(out, s->names[i], strcspn(s->names[i], "."));
        const char *path = file_of(arena, s, s->names[i]);
        if (!path) {
            return plx_fail_nomem(err, strlen(s->names[i]));
        }
        if (!sample && !subset) {
            plx_fail(err, PLX_E_ARG, "%s is of no image in %s", path, truth);
            return plx_err_why(err, "an image that is not asked for would make the result another one's");
        }
        if (sample && sample->pred) {
            return twice("prediction", sample->pred, path, err);
        }
        if (sample) {
            sample->pred = path;
        }
    }
    return true;
}

/* Images without prediction: an error, or set aside. */
static bool drop_missing(const side *s, bool subset, plx_arena *arena, plx_label_folder *out, plx_err *err)
{
    size_t kept = 0;
    out->missing = plx_arena_zero(arena, out->n + 1, sizeof *out->missing);
    if (!out->missing) {
        return plx_fail_nomem(err, out->n * sizeof *out->missing);
    }
    for (size_t i = 0; i < out->n; i++) {
        if (out->samples[i].pred) {
            out->samples[kept++] = out->samples[i];
        } else {
            out->missing[out->n_missing++] = out->samples[i].name;
        }
    }
    if (out->n_missing > 0 && (!subset || kept == 0)) {
        plx_fail(err, PLX_E_NOTFOUND, "%zu of %zu images have no prediction in %s, such as %s", out->n_missing, out->n,
                 s->dir, out->missing[0]);
        return plx_err_why(err, "what is not there is no zero: --subset scores the others and says so");
    }
    out->n = kept;
    return true;
}

static bool set_flags(const plx_label_folder_opts *opts, plx_arena *arena, plx_label_folder *out, plx_err *err)
{
    plx_label_listed *listed;
    size_t n_listed, n_test = 0, n_found = 0;
    if (!plx_label_samples(arena, &listed, &n_listed, err)) {
        return false;
    }
    for (size_t k = 0; k < n_listed; k++) {
        bool test = strcmp(listed[k].split, "test") == 0;
        plx_label_sample *s = find(out, listed[k].name, strlen(listed[k].name));
        n_test += test;
        n_found += test && s;
        if (s) {
            s->partly = listed[k].partly;
        }
    }
    for (size_t k = 0; k < opts->n_partly; k++) {
        plx_label_sample *s = find(out, opts->partly[k], strlen(opts->partly[k]));
        if (!s) {
            return plx_fail(err, PLX_E_ARG, "%s is marked as partly labelled, and is no image here", opts->partly[k]);
        }
        s->partly = true;
    }
    out->whole = n_found == n_test && n_test == out->n;
    return true;
}

typedef struct job {
    const plx_ctx *ctx;
    const plx_label_folder_opts *opts;
    plx_label_folder *out;
} job;

static bool score_one(void *payload, size_t i, plx_err *err)
{
    job *j = payload;
    plx_label_sample *s = &j->out->samples[i];
    plx_ctx ctx = *j->ctx;
    plx_iscore_options o = j->opts->score;
    const plx_label_truth file = {.name = s->name, .path = s->truth, .partly = s->partly, .split = ""};
    plx_label_scored *scored;
    double cpu = plx_cpu_s(), wall = plx_wall_s();
    ctx.jobs = 1; /* images are what runs in parallel */
    ctx.progress = NULL;
    s->arena = plx_arena_new(0);
    scored = s->arena ? plx_arena_zero(s->arena, 1, sizeof *scored) : NULL;
    if (!scored) {
        return plx_fail_nomem(err, sizeof *scored);
    }
    if (!plx_label_truth_score(&ctx, s->record ? s->record : &file, s->pred, NULL, j->opts->dim, &o, s->arena, scored,
                               err)) {
        return false;
    }
    s->score = scored->score;
    memcpy(s->pred_sha256, scored->pred_sha256, sizeof s->pred_sha256);
    memcpy(s->truth_sha256, scored->truth_sha256, sizeof s->truth_sha256);
    s->cpu_s = plx_cpu_s() - cpu;
    s->wall_s = plx_wall_s() - wall;
    return true;
}

static bool pool_sets(plx_label_folder *out, plx_arena *arena, plx_err *err)
{
    size_t at = 0;
    out->pooled = plx_arena_zero(arena, out->n + 1, sizeof *out->pooled);
    if (!out->pooled) {
        return plx_fail_nomem(err, out->n * sizeof *out->pooled);
    }
    for (int partly = 0; partly < 2; partly++) {
        for (size_t i = 0; i < out->n; i++) {
            if (out->samples[i].partly == partly) {
                out->pooled[at++] = &out->samples[i].score;
                out->n_raised += out->samples[i].score.reference_error != NULL;
            }
        }
        out->n_completely = partly ? out->n_completely : at;
    }
    if (out->n_raised > 0) {
        return true;
    }
    const plx_iscore **others = out->pooled + out->n_completely;
    size_t n = out->n_completely, n_others = out->n - n;
    if (!plx_ipool_set(out->pooled, n, &out->completely, err) || !plx_ipool_set(others, n_others, &out->partly, err)) {
        return false;
    }
    if (n && n_others) {
        return plx_ipool_combine(out->pooled, n, others, n_others, &out->all, err);
    }
    out->all = n ? out->completely : out->partly;
    return true;
}

static bool score_sides(const plx_ctx *ctx, const plx_label_folder_opts *opts, const side *pred, const side *truth,
                        plx_arena *arena, plx_label_folder *out, plx_err *err)
{
    if (!(opts->truth ? list_truth(truth, arena, out, err) : list_records(opts, arena, out, err)) ||
        !list_pred(pred, opts->truth ? truth->dir : "the task's records", opts->subset, arena, out, err) ||
        !drop_missing(pred, opts->subset, arena, out, err)) {
        return false;
    }
    qsort(out->samples, out->n, sizeof *out->samples, by_name);
    job j = {ctx, opts, out};
    return set_flags(opts, arena, out, err) && plx_pool_map(ctx, out->n, score_one, NULL, &j, err) &&
           pool_sets(out, arena, err);
}

bool plx_label_folder_score(const plx_ctx *ctx, const plx_label_folder_opts *opts, plx_arena *arena,
                            plx_label_folder *out, plx_err *err)
{
    side pred = {0}, truth = {0};
    *out = (plx_label_folder){0};
    bool ok = (!opts->truth || open_side(arena, opts->truth, &truth, err)) &&
              open_side(arena, opts->pred, &pred, err) && score_sides(ctx, opts, &pred, &truth, arena, out, err);
    plx_fs_names_free(pred.names, pred.n_names);
    plx_fs_names_free(truth.names, truth.n_names);
    if (!ok) {
        plx_label_folder_free(out);
    }
    return ok;
}

void plx_label_folder_free(plx_label_folder *folder)
{
    for (size_t i = 0; i < folder->n; i++) {
        plx_arena_free(folder->samples[i].arena);
    }
    *folder = (plx_label_folder){0};
}
