/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/segment.h"

#include "core/alloc.h"

static const plx_param params_table[] = {
    PLX_SEGMENT_CLIP,
    PLX_SEGMENT_THRESHOLD("0.1"),
    PLX_SEGMENT_SMALL,
    {NULL, PLX_PARAM_INT, NULL, 0, 0, NULL, NULL, NULL},
};

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx, (void)train, (void)state;
    plx_cloud cloud;
    uint32_t n;
    if (!plx_segment_cloud(query, params, PLX_CLOUD_BRIGHTEST, false, &cloud, err)) {
        return false;
    }
    uint32_t *label = plx_alloc_zero(cloud.n, sizeof *label);
    bool ok = label || plx_fail_nomem(err, cloud.n * sizeof *label);
    ok = ok && plx_cloud_components(&cloud, NULL, (uint64_t)plx_params_int(params, "small"), label, &n, err) &&
         plx_segment_answer(&cloud, label, answer, err);
    plx_free(label);
    plx_cloud_free(&cloud);
    return ok;
}

extern const plx_model plx_model_bright_components;
const plx_model plx_model_bright_components = {
    .name = "bright_components",
    .title = "Components of bright voxels",
    .doc = "A voxel belongs to a neuron when its brightest channel, clipped and divided by clip, is above the "
           "threshold; neurons are the connected components over 26 neighbours. Colours are not looked at, so neurons "
           "that touch are one.",
    .reference = "",
    .version = 1,
    .solves = PLX_PROBLEM_BUNDLES,
    .random = false,
    .params = params_table,
    .predict = predict,
};
