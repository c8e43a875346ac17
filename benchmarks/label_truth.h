/* SPDX-License-Identifier: Apache-2.0
 *
 * The truth of one image, from a file or from a record of the store, and the score of a prediction against it: what
 * scoring a folder and running a task share.
 */
#ifndef PLX_BENCHMARKS_LABEL_TRUTH_H
#define PLX_BENCHMARKS_LABEL_TRUTH_H

#include "benchmarks/cell.h"
#include "benchmarks/label_files.h"
#include "benchmarks/metric.h"

typedef struct plx_label_truth {
    const char *name;       /* of the image: "R14A02-20180905_65_A6" */
    const char *path;       /* FILE[:DATASET]; NULL: a record */
    const plx_store *store; /* of the record */
    plx_digest record;
    const char *ref;   /* "fisbe/completely@1:strict#..."; NULL: a file */
    const char *split; /* "test", of the benchmark; "" for images that are not its own */
    bool partly;
    plx_params params; /* of metric:fisbe */
} plx_label_truth;

/* A record of kind "volume" with the array "instances". errors: UNSUPPORTED without it. owner: texts in `arena`. */
bool plx_label_truth_of_record(const plx_task_input *input, plx_arena *arena, plx_label_truth *out, plx_err *err);
/* Its image, the array "raw", whole. owner: *out, plx_array_free. */
bool plx_label_truth_raw(const plx_ctx *ctx, const plx_label_truth *truth, plx_array *out, plx_err *err);

typedef struct plx_label_scored {
    plx_iscore score;
    char pred_sha256[PLX_SHA256_HEX + 1];  /* of the files, "" for labels in memory */
    char truth_sha256[PLX_SHA256_HEX + 1]; /* of the file, or of the record */
} plx_label_scored;
/* A prediction in FILE[:DATASET], or, when that is NULL, labels in memory. `dim` as in plx_label_pair_opts; of
 * `options` what the truth says is set here. owner: everything in `out` lives in `arena`. */
bool plx_label_truth_score(const plx_ctx *ctx, const plx_label_truth *truth, const char *pred, const plx_array *labels,
                           const plx_value *dim, const plx_iscore_options *options, plx_arena *arena,
                           plx_label_scored *out, plx_err *err);

/* Scores of an image as those of a cell: those of `metrics`, its diagnostics, and as `detail` what pooling needs:
 * {definition, mode, split, partly, dim, counts, coverages, ...}. errors: NOMEM. */
bool plx_label_cell_scores(const plx_label_truth *truth, const plx_label_scored *scored,
                           const plx_iscore_options *options, const plx_task_metric *metrics, plx_arena *arena,
                           plx_cell_scores *out, plx_err *err);
/* Pool details of cells as the benchmark does: value[metrics], NaN where the reference raises. */
bool plx_label_cells_pool(const plx_task_metric *metrics, const plx_value *const *detail, size_t n, double *value,
                          plx_err *err);

#endif
