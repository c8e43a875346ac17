/* SPDX-License-Identifier: Apache-2.0
 *
 * A predicted and a true label volume, read from files into lists of instances, block by block, and scored.
 */
#ifndef PLX_BENCHMARKS_LABEL_FILES_H
#define PLX_BENCHMARKS_LABEL_FILES_H

#include "benchmarks/kernels/iscore.h"
#include "core/arena.h"
#include "core/ctx.h"
#include "core/hash.h"
#include "core/value.h"
#include "formats/volume.h"

typedef struct plx_label_pair_opts {
    int spatial;          /* axes in space: 2, 3, or 0 for 2 when both have two axes and 3 otherwise */
    bool squeeze;         /* drop all axes of length 1, as the reference does */
    const plx_value *dim; /* labels of dim objects of all samples, for truths without attribute dim_neurons; or NULL */
    bool digests;         /* also hash the files: of a folder, the names and digests of all files in it */
} plx_label_pair_opts;

typedef struct plx_label_pair {
    int spatial;
    plx_instances truth, pred;
    bool cropped;
    char pred_sha256[PLX_SHA256_HEX + 1], truth_sha256[PLX_SHA256_HEX + 1]; /* with `digests` */
    const char *truth_shape, *pred_shape;                                   /* as stored: "7 x 385 x 685 x 686" */
    int64_t *dim; /* of attribute dim_neurons of the truth, or listed */
    size_t n_dim;
} plx_label_pair;

/* One side of a pair: an open volume, or labels in memory. `name` is for messages. */
typedef struct plx_label_side {
    const char *name;
    const plx_volume *volume; /* NULL: `array` */
    const plx_array *array;
} plx_label_side;
/* owner: *out, plx_label_pair_free; texts in `arena`. errors: those of plx_label_layout_of, plx_label_layout_crop,
 * plx_instance_builder_add. With `digests` both are volumes. */
bool plx_label_pair_of(const plx_ctx *ctx, const plx_label_side *pred, const plx_label_side *truth,
                       const plx_label_pair_opts *opts, plx_arena *arena, plx_label_pair *out, plx_err *err);
/* SHA-256 of a file, or of a folder: over the names and digests of all files in it. */
bool plx_label_hash(const plx_ctx *ctx, const char *path, char hex[PLX_SHA256_HEX + 1], plx_err *err);
/* Both FILE or FILE:DATASET, of any format of formats/volume.h. owner: *out, plx_label_pair_free; texts in `arena`.
 * errors: those of plx_volume_open and plx_label_pair_of. */
bool plx_label_pair_read(const plx_ctx *ctx, const char *pred, const char *truth, const plx_label_pair_opts *opts,
                         plx_arena *arena, plx_label_pair *out, plx_err *err);
/* Score them: options with what the pair says of axes and dim objects. What was cropped is among the diagnostics.
 * errors: those of plx_iscore_run. */
bool plx_label_pair_score(const plx_ctx *ctx, plx_label_pair *pair, plx_iscore_options *options, plx_arena *arena,
                          plx_iscore *out, plx_err *err);
/* A JSON file of dim objects: somewhere in it the name of each sample (its file's, up to the first '.') with a list of
 * labels. */
bool plx_label_dim_read(const plx_ctx *ctx, const char *path, plx_arena *arena, plx_value **out, plx_err *err);
void plx_label_pair_free(plx_label_pair *pair);

#endif
