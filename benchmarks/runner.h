/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs: one model over all cells of a task. Each cell is committed as it ends, so that an interrupted run goes on where
 * it was; the record is the same for any number of threads and interruptions.
 */
#ifndef PLX_BENCHMARKS_RUNNER_H
#define PLX_BENCHMARKS_RUNNER_H

#include "benchmarks/bench.h"
#include "benchmarks/cell.h"
#include "registry/runs.h"

/* Who predicts: a model of the program, or files. */
typedef struct plx_run_subject {
    const plx_model *model;     /* NULL: predictions from files */
    const plx_params *params;   /* of the model */
    const char *name;           /* of what made the files */
    const plx_value *about;     /* object with what the submission says of itself; NULL: none */
    const plx_digest *evidence; /* over all predictions of the files */
} plx_run_subject;

typedef struct plx_run_report {
    plx_digest run;
    bool was_complete;       /* nothing was left to do */
    size_t n_before;         /* cells that were there already */
    const plx_value *result; /* {record, measured}, in the arena given */
} plx_run_report;

/* Do what is left of a run and publish its result. owner: `arena`. errors: what a model or the store gives, with how
 * many cells are safe. */
bool plx_bench_run(plx_bench *bench, const plx_run_subject *subject, plx_metric_mode mode, const plx_tool *tool,
                   plx_arena *arena, plx_run_report *out, plx_err *err);

/* Scores of cell `i` when they do not come from a model. errors: those of the file. */
typedef bool (*plx_run_read)(void *payload, size_t i, const plx_trial *trial, plx_arena *arena, plx_reals *out,
                             plx_err *err);
/* The same for predictions from files: `read` is called once for each cell that is not done, in several threads. */
bool plx_bench_run_files(plx_bench *bench, const plx_run_subject *subject, plx_run_read read, void *payload,
                         plx_metric_mode mode, const plx_tool *tool, plx_arena *arena, plx_run_report *out,
                         plx_err *err);

/* Cell `i` that was scored elsewhere: fill `test`, `predictions` and what was measured. owner: `arena`. */
typedef bool (*plx_run_scored)(void *payload, size_t i, plx_arena *arena, plx_cell_result *out, plx_err *err);
/* The same for cells that are scored already. Of those for which `has` (NULL: none) is false nothing is known: the run
 * stays incomplete, and out->result is NULL. */
bool plx_bench_run_scored(plx_bench *bench, const plx_run_subject *subject, plx_run_scored scored, const bool *has,
                          void *payload, plx_metric_mode mode, const plx_tool *tool, plx_arena *arena,
                          plx_run_report *out, plx_err *err);

/* Predictions of a model for every cell, without storing anything. shape: score[n_cells]. owner: the arena. */
bool plx_bench_predict(plx_bench *bench, const plx_model *model, const plx_params *params, plx_arena *arena,
                       plx_reals *score, plx_err *err);

/* Run a stored run's cells again and compare: each one that differs is one call with what differs first; false ends it.
 * `record` is that of the result. errors: SCHEMA when the run is of another task or model version than this program's,
 * or of other splits. */
typedef bool (*plx_bench_differs)(void *payload, size_t cell, const char *what);
bool plx_bench_replay(plx_bench *bench, const plx_model *model, const plx_params *params, plx_metric_mode mode,
                      const plx_value *record, plx_bench_differs differs, void *payload, plx_err *err);

/* What a run is: {task, model, params, metric_mode, metrics, inputs, units, n_folds, first_seed, n_seeds, board,
 * n_cells, tool}; its digest names the run. owner: the arena; NULL when it is out of memory. */
plx_value *plx_run_identity(const plx_bench *bench, const plx_run_subject *subject, plx_metric_mode mode,
                            const plx_tool *tool, plx_arena *arena);

/* Means of complete cells: [{name, unit, n, mean, std}], for each metric of the task over all units (unit "") and each
 * one. A seed's value is the mean over folds, and for unit "" over units; mean and unbiased std are over seeds. Where
 * the task pools, unit "" has what it pools from the cells of a seed. What is not defined in any cell is null. owner:
 * the arena; NULL when it is out of memory. */
plx_value *plx_run_scores(plx_arena *arena, const plx_task *task, const char *const *units, size_t n_units,
                          const plx_value *const *cells, size_t n_cells);

#endif
