/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of predictions against a folder of truths or against records of the store: each image scored, then pooled by
 * set.
 */
#ifndef PLX_BENCHMARKS_LABEL_FOLDER_H
#define PLX_BENCHMARKS_LABEL_FOLDER_H

#include "benchmarks/kernels/iscore_pool.h"
#include "benchmarks/label_truth.h"

typedef struct plx_label_folder_opts {
    const char *pred, *truth;              /* FOLDER or FOLDER:DATASET; truth NULL: `records` */
    const plx_label_truth *const *records; /* of the store */
    size_t n_records;
    const char *const *partly; /* names of partly labelled images besides those the benchmark lists */
    size_t n_partly;
    const plx_value *dim;     /* as in plx_label_pair_opts */
    bool subset;              /* images without a prediction are left out, and it is said which */
    plx_iscore_options score; /* `partly` and `dim` are set for each image */
} plx_label_folder_opts;

typedef struct plx_label_sample {
    const char *name, *pred, *truth; /* name: up to the first '.'; files with their data set, or a reference */
    bool partly;
    const plx_label_truth *record; /* NULL: the truth is a file */
    plx_arena *arena;              /* of the score */
    plx_iscore score;
    char pred_sha256[PLX_SHA256_HEX + 1], truth_sha256[PLX_SHA256_HEX + 1];
    double cpu_s, wall_s;
} plx_label_sample;

typedef struct plx_label_folder {
    plx_label_sample *samples; /* in natural order of names */
    size_t n, n_completely;
    size_t n_missing; /* with `subset` */
    const char **missing;
    bool whole;                        /* exactly the benchmark's test images */
    const plx_iscore **pooled;         /* [n]: scores of the completely labelled, then of the others */
    size_t n_raised;                   /* images on which the reference raises: nothing is pooled then */
    plx_ipool completely, partly, all; /* `all`: both sets combined, or the only one there is */
} plx_label_folder;

/* Truths say which images there are. ctx->jobs images at a time. owner: *out, plx_label_folder_free; names in `arena`.
 * errors: NOTFOUND when a truth has no prediction (unless `subset`); ARG when a prediction has no truth or an image two
 * files; those of plx_label_pair_read, naming the image. */
bool plx_label_folder_score(const plx_ctx *ctx, const plx_label_folder_opts *opts, plx_arena *arena,
                            plx_label_folder *out, plx_err *err);
void plx_label_folder_free(plx_label_folder *folder);

#endif
