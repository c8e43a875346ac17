/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of predictions against a folder of truths: each image scored, then pooled by set.
 */
#ifndef PLX_BENCHMARKS_LABEL_FOLDER_H
#define PLX_BENCHMARKS_LABEL_FOLDER_H

#include "benchmarks/kernels/iscore_pool.h"
#include "core/ctx.h"
#include "core/value.h"

typedef struct plx_label_folder_opts {
    const char *pred, *truth;  /* FOLDER or FOLDER:DATASET */
    const char *const *partly; /* names of partly labelled images besides those the benchmark lists */
    size_t n_partly;
    const plx_value *dim;     /* as in plx_label_pair_opts */
    bool subset;              /* images without a prediction are left out, and it is said which */
    plx_iscore_options score; /* `partly` and `dim` are set for each image */
} plx_label_folder_opts;

typedef struct plx_label_sample {
    const char *name, *pred, *truth; /* name: up to the first '.'; files with their data set */
    bool partly;
    plx_arena *arena; /* of the score */
    plx_iscore score;
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
