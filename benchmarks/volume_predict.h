/* SPDX-License-Identifier: Apache-2.0
 *
 * A model of volumes on one image file: labels as a zarr zip.
 */
#ifndef PLX_BENCHMARKS_VOLUME_PREDICT_H
#define PLX_BENCHMARKS_VOLUME_PREDICT_H

#include "benchmarks/model.h"

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

#endif
