/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/segment.h"

#include "core/alloc.h"

static const plx_param params_table[] = {
    PLX_SEGMENT_CLIP,
    PLX_SEGMENT_THRESHOLD("0.1"),
    PLX_SEGMENT_SMALL,
    {"apart", PLX_PARAM_INT, "5", 1, 100, NULL, NULL, "least distance of peaks, in voxels"},
    {NULL, PLX_PARAM_INT, NULL, 0, 0, NULL, NULL, NULL},
};

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx, (void)train, (void)state;
    plx_cloud cloud;
    plx_segment_pieces pieces;
    if (!plx_segment_cloud(query, params, PLX_CLOUD_BRIGHTEST, false, &cloud, err)) {
        return false;
    }
    bool ok = plx_segment_cut(&cloud, (int)plx_params_int(params, "apart"), &pieces, err);
    ok = ok && plx_cloud_drop_small(cloud.n, (uint64_t)plx_params_int(params, "small"), pieces.piece, &pieces.n, err) &&
         plx_segment_answer(&cloud, pieces.piece, answer, err);
    plx_segment_pieces_free(&pieces);
    plx_cloud_free(&cloud);
    return ok;
}

extern const plx_model plx_model_watershed_pieces;
const plx_model plx_model_watershed_pieces = {
    .name = "watershed_pieces",
    .title = "Watershed without merging",
    .doc = "Bright voxels are cut by a watershed on their distance to the dark, from peaks at least apart voxels from "
           "each other. Nothing is merged: a lower bound that cuts every neuron to pieces.",
    .reference = "",
    .version = 1,
    .solves = PLX_PROBLEM_BUNDLES,
    .random = false,
    .params = params_table,
    .predict = predict,
};
