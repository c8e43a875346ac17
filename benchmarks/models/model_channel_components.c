/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/segment.h"

#include "core/alloc.h"

static const plx_param params_table[] = {
    PLX_SEGMENT_CLIP,
    PLX_SEGMENT_THRESHOLD("0.1"),
    PLX_SEGMENT_SMALL,
    {NULL, PLX_PARAM_INT, NULL, 0, 0, NULL, NULL, NULL},
};

/* The brightest channel, the first of equal ones. */
static int32_t channel_of(const float *color)
{
    int32_t best = 0;
    for (int32_t c = 1; c < PLX_CLOUD_COLORS; c++) {
        best = color[c] > color[best] ? c : best;
    }
    return best;
}

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
    int32_t *class = plx_alloc_zero(cloud.n, sizeof *class);
    bool ok = (label && class) || plx_fail_nomem(err, cloud.n * sizeof *label);
    for (size_t i = 0; ok && i < cloud.n; i++) {
        class[i] = channel_of(cloud.color + 3 * i);
    }
    ok = ok && plx_cloud_components(&cloud, class, (uint64_t)plx_params_int(params, "small"), label, &n, err) &&
         plx_segment_answer(&cloud, label, answer, err);
    plx_free(label);
    plx_free(class);
    plx_cloud_free(&cloud);
    return ok;
}

extern const plx_model plx_model_channel_components;
const plx_model plx_model_channel_components = {
    .name = "channel_components",
    .title = "Components of one channel each",
    .doc = "Bright voxels are split by their brightest channel, the first of equal ones; neurons are the connected "
           "components within a channel.",
    .reference = "",
    .version = 1,
    .solves = PLX_PROBLEM_BUNDLES,
    .random = false,
    .params = params_table,
    .predict = predict,
};
