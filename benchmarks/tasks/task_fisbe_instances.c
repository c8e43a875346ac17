/* SPDX-License-Identifier: Apache-2.0
 *
 * Neurons in images of the fly brain. A unit is an image, a cell its score; all units together are pooled as the
 * benchmark does. Images are read when they are asked about, one for each thread.
 */
#include "benchmarks/label_samples.h"
#include "benchmarks/label_truth.h"
#include "benchmarks/metrics/instances.h"

#include <math.h>
#include <string.h>

static bool load(const plx_ctx *ctx, const plx_task_input *input, plx_arena *arena, void **out, plx_err *err)
{
    plx_label_truth *truth = plx_arena_zero(arena, 1, sizeof *truth);
    (void)ctx;
    *out = truth;
    return truth ? plx_label_truth_of_record(input, arena, truth, err) : plx_fail_nomem(err, sizeof *truth);
}

static bool trial(const plx_ctx *ctx, const void *data, unsigned fold, uint64_t seed, plx_arena *arena, plx_trial *out,
                  plx_err *err)
{
    const plx_label_truth *truth = data;
    plx_sha256 hash;
    (void)fold, (void)arena;
    plx_sha256_init(&hash);
    plx_sha256_text(&hash, truth->name);
    plx_sha256_text(&hash, truth->split);
    *out = (plx_trial){.split = plx_sha256_final(&hash), .target = truth->record};
    out->final =
        (plx_stage){.train = {.problem = PLX_PROBLEM_BUNDLES, .seed = seed}, .query = {.n = 1}, .source = truth};
    out->select.train = out->final.train;
    return plx_ctx_go_on(ctx, err);
}

static bool read_raw(const plx_ctx *ctx, const plx_stage *stage, plx_arena *arena, plx_bundle *out, plx_err *err)
{
    plx_array *raw = plx_arena_zero(arena, 1, sizeof *raw);
    const char **name = plx_arena_zero(arena, 1, sizeof *name);
    if (!raw || !name) {
        return plx_fail_nomem(err, sizeof *raw);
    }
    *name = "raw";
    *out = (plx_bundle){.n_arrays = 1, .array_names = name, .arrays = raw};
    return plx_label_truth_raw(ctx, stage->source, raw, err);
}

static void let_go(plx_bundle *bundle)
{
    plx_array raw = bundle->arrays[0];
    plx_array_free(&raw);
    *bundle = (plx_bundle){0};
}

static const plx_task_metric metrics[] = {
    {"fisbe", NULL, "S", "S"},   {"fisbe", NULL, "avF1", "avF1"},
    {"fisbe", NULL, "C", "C"},   {"fisbe", NULL, "clDice_TP", "clDice_TP"},
    {"fisbe", NULL, "tp", "tp"}, {"fisbe", NULL, "FS", "FS"},
    {"fisbe", NULL, "FM", "FM"}, {0},
};

static bool score(const plx_ctx *ctx, const plx_stage *stage, const plx_bundle *answer, plx_metric_mode mode,
                  plx_arena *arena, plx_cell_scores *out, plx_err *err)
{
    const plx_label_truth *truth = stage->source;
    const plx_array *labels = plx_bundle_array(answer, "labels");
    plx_iscore_options options = plx_iscore_options_of(&truth->params, mode);
    plx_label_scored scored;
    if (!labels) {
        return plx_fail(err, PLX_E_BUG, "the model gave no array \"labels\"");
    }
    return plx_label_truth_score(ctx, truth, NULL, labels, NULL, &options, arena, &scored, err) &&
           plx_label_cell_scores(truth, &scored, &options, metrics, arena, out, err);
}

static bool pool(const plx_value *const *detail, size_t n, double *value, plx_err *err)
{
    return plx_label_cells_pool(metrics, detail, n, value, err);
}

static bool split_units(const char *split, plx_arena *arena, const char *const **out, size_t *n, plx_err *err)
{
    plx_label_listed *listed;
    size_t n_listed;
    *n = 0;
    if (!plx_label_samples(arena, &listed, &n_listed, err)) {
        return false;
    }
    const char **units = plx_arena_zero(arena, n_listed + 1, sizeof *units);
    if (!units) {
        return plx_fail_nomem(err, n_listed * sizeof *units);
    }
    for (size_t i = 0; i < n_listed; i++) {
        if (strcmp(listed[i].split, split) == 0) {
            units[*n] =
                plx_arena_printf(arena, "fisbe/%s#%s", listed[i].partly ? "partly" : "completely", listed[i].name);
            if (!units[(*n)++]) {
                return plx_fail_nomem(err, PLX_PATH);
            }
        }
    }
    *out = units;
    if (*n == 0) {
        plx_fail(err, PLX_E_ARG, "there is no split %s", split);
        return plx_err_why(err, "the benchmark has train, val and test");
    }
    return true;
}

static bool has_unit(const char *const *units, size_t n, const plx_label_listed *image)
{
    for (size_t i = 0; i < n; i++) {
        const char *hash = strchr(units[i], '#');
        if (strncmp(units[i], "fisbe/", 6) == 0 && hash && strcmp(hash + 1, image->name) == 0) {
            return true;
        }
    }
    return false;
}

/* Images of one split alone, of one kind or of both, are of a set. */
static bool whole(const char *const *units, size_t n, plx_arena *arena, plx_task_whole *out, plx_err *err)
{
    static const char *const splits[] = {"test", "val", "train"};
    plx_label_listed *listed;
    size_t n_listed;
    *out = (plx_task_whole){0};
    if (!plx_label_samples(arena, &listed, &n_listed, err)) {
        return false;
    }
    for (size_t s = 0; s < sizeof splits / sizeof *splits; s++) {
        size_t found[2] = {0}, of[2] = {0};
        for (size_t i = 0; i < n_listed; i++) {
            if (strcmp(listed[i].split, splits[s]) == 0) {
                of[listed[i].partly]++;
                found[listed[i].partly] += has_unit(units, n, &listed[i]);
            }
        }
        if (n > 0 && found[0] + found[1] == n) {
            bool both = found[0] > 0 && found[1] > 0;
            const char *set = both ? "combined" : found[0] ? "completely" : "partly";
            out->set = s == 0 ? set : plx_arena_printf(arena, "%s, %s", set, splits[s]);
            out->n = n;
            out->n_of = both ? of[0] + of[1] : of[found[0] == 0];
            return out->set || plx_fail_nomem(err, PLX_PATH);
        }
    }
    return true;
}

static bool published(plx_arena *arena, plx_task_published **out, size_t *n, plx_err *err)
{
    plx_published *rows;
    if (!plx_published_fisbe(arena, &rows, n, err)) {
        return false;
    }
    *out = plx_arena_zero(arena, *n + 1, sizeof **out);
    for (size_t i = 0; *out && i < *n; i++) {
        plx_task_published *row = &(*out)[i];
        *row = (plx_task_published){.method = rows[i].method,
                                    .set = rows[i].set,
                                    .source = "leaderboard of 2024-06-04, github Kainmueller-Lab/fisbe at 335ac6a",
                                    .scores = plx_arena_zero(arena, PLX_TASK_METRICS_MAX, sizeof *row->scores)};
        if (!row->scores) {
            return plx_fail_nomem(err, sizeof *row);
        }
        for (size_t k = 0; metrics[k].metric; k++) {
            row->scores[k] = (double)NAN;
            for (size_t p = 0; p < PLX_PUBLISHED_SCORES; p++) {
                if (strcmp(plx_published_names[p], metrics[k].label) == 0) {
                    row->scores[k] = rows[i].scores[p];
                }
            }
        }
    }
    return *out ? true : plx_fail_nomem(err, *n * sizeof **out);
}

static const char *const lower[] = {"FS", "FM", NULL};
static const char *const units[] = {"fisbe/completely", "fisbe/partly", NULL};

extern const plx_task plx_task_fisbe_instances;
const plx_task plx_task_fisbe_instances = {
    .name = "fisbe-instances",
    .title = "Neurons in colour images of the fly brain",
    .version = 1,
    .question = "Which voxels of a three-colour light microscopy image are of which neuron, where neurons may overlap?",
    .unit = "an image with its labelled neurons",
    .split =
        "The benchmark's own lists: 18 + 43 images to learn from, 5 + 12 to choose hyper-parameters, 7 + 16 to test "
        "on (completely + partly labelled); images of one line of flies are in one split. The units are the 23 "
        "test images; --split val and train ask about the others.",
    .negatives = "none: labels are compared as objects",
    .doc =
        "A model sees the image (three channels, z, y, x) and nothing else, and gives labels, one number for each "
        "neuron, in channels of their own where neurons overlap. Each image is a cell. Scores of all images are "
        "pooled as the benchmark does: counts and coverages over all neurons of a set, and where there are completely "
        "and partly labelled images, avF1, C and S are the plain means of the two sets and everything else is pooled. "
        "In partly labelled images, predictions that lie outside of the labelled neurons are not wrong. Runs that "
        "lack images of a set do not rank. Rows marked published are those of the benchmark's leaderboard and were "
        "not run here. Full images take about 3 GB for each thread; -j 1 runs one at a time.",
    .reference = "Mais et al., CVPR 2024; doi:10.5281/zenodo.10875063",
    .problem = PLX_PROBLEM_BUNDLES,
    .hands_out = 0,
    .metrics = metrics,
    .units = units,
    .demo_unit = "demo/fisbe-like",
    .n_refs = 1,
    .n_folds = 1,
    .n_seeds = 1,
    .lower = lower,
    .load = load,
    .trial = trial,
    .split_units = split_units,
    .read = read_raw,
    .let_go = let_go,
    .score = score,
    .pool = pool,
    .whole = whole,
    .published = published,
};
