/* SPDX-License-Identifier: Apache-2.0
 *
 * One cell: choose hyper-parameters on validation, fit, predict, score. And scoring predictions that came from
 * elsewhere.
 */
#ifndef PLX_BENCHMARKS_CELL_H
#define PLX_BENCHMARKS_CELL_H

#include "benchmarks/task.h"
#include "core/value.h"

/* Scores of one part, in the order of the task's metrics. */
enum { PLX_TASK_METRICS_MAX = 16 };
typedef struct plx_cell_scores {
    const plx_value *detail; /* what scores of all units are made from; NULL: nothing more */
    size_t n;
    double value[PLX_TASK_METRICS_MAX]; /* NaN: not defined, with its reason */
    char reason[PLX_TASK_METRICS_MAX][PLX_SCORE_REASON];
    size_t n_diagnostics; /* of all metrics; the first few are kept */
    char diagnostic[PLX_DIAGNOSTICS_MAX][PLX_SCORE_REASON];
} plx_cell_scores;

/* Number of scores one item takes: 1, or the number of classes. */
size_t plx_stage_width(const plx_stage *stage);
/* Score predictions: score[query.n * width] of f32 or f64. errors: FORMAT for scores that are not finite. */
bool plx_stage_score(const plx_ctx *ctx, const plx_task *task, const plx_stage *stage, const plx_reals *score,
                     plx_metric_mode mode, plx_cell_scores *out, plx_err *err);
/* The same for answers that are arrays and tables. */
bool plx_stage_score_bundle(const plx_ctx *ctx, const plx_task *task, const plx_stage *stage, const plx_bundle *answer,
                            plx_metric_mode mode, plx_cell_scores *out, plx_err *err);

/* Over names, types, shapes and values of its arrays. */
plx_digest plx_bundle_digest(const plx_bundle *bundle);

typedef struct plx_cell_result {
    plx_params params;
    plx_cell_scores valid, test; /* valid.n 0: there was no validation */
    double *score;               /* predictions of test items; in the arena */
    size_t n_score;
    plx_digest predictions;
    uint64_t n_parameters;
    double cpu_s, wall_s;
    uint64_t peak_rss_bytes;
} plx_cell_result;

/* Run a model on a trial. The first combination with the best validation score of the first metric is kept; the state
 * fitted for it is used again when both stages train on the same things. owner: the arena. errors: BUG naming a model
 * that fails without a word or leaves a score out. */
bool plx_cell_run(const plx_ctx *ctx, const plx_task *task, const plx_model *model, const plx_params *params,
                  const plx_trial *trial, plx_metric_mode mode, plx_arena *arena, plx_cell_result *out, plx_err *err);

/* {unit, fold, seed, split, target, n, n_parameters, params, predictions, valid, test, reasons, diagnostics}: the same
 * on every machine. owner: the arena; NULL when it is out of memory. */
plx_value *plx_cell_to_value(plx_arena *arena, const plx_task *task, const char *unit, unsigned fold, uint64_t seed,
                             const plx_trial *trial, const plx_cell_result *result);
/* {cpu_s, wall_s, peak_rss_bytes}. */
plx_value *plx_cell_measured(plx_arena *arena, const plx_cell_result *result);

#endif
