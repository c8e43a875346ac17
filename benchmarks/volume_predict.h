/* SPDX-License-Identifier: Apache-2.0
 *
 * A model of volumes on one image file, or on all images of a task: labels as zarr zips.
 */
#ifndef PLX_BENCHMARKS_VOLUME_PREDICT_H
#define PLX_BENCHMARKS_VOLUME_PREDICT_H

#include "benchmarks/bench.h"

typedef struct plx_volume_predicted {
    int ndim;
    size_t shape[PLX_MAX_DIMS]; /* of the labels */
    int64_t n_labels;           /* the greatest label */
} plx_volume_predicted;

/* Read FILE[:DATASET] whole, let the model label it, and write the array "labels" of a new zip `path`, whole or not at
 * all. errors: ARG for a model that does not segment, POLICY when `path` is there; those of reading, predicting and
 * writing. */
bool plx_volume_predict(const plx_ctx *ctx, const plx_model *model, const plx_params *params, uint64_t seed,
                        const char *image, const char *path, plx_volume_predicted *out, plx_err *err);

/* Make the folder `dir` with submission.json, images.csv (image, labelled, split, ref, file) and, with a model, its
 * labels of each image as <image>.zarr.zip: what plexus score takes. Whole or not at all; ctx->jobs images at a time.
 * errors: POLICY when `dir` is there; ARG for more than one seed. */
bool plx_volume_predict_all(const plx_bench *bench, const plx_model *model, const plx_params *params, const char *dir,
                            plx_err *err);

#endif
