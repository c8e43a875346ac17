/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/chroma.h"
#include "benchmarks/models/segment.h"

#include "core/alloc.h"

static const plx_param params_table[] = {
    PLX_SEGMENT_CLIP,
    PLX_SEGMENT_THRESHOLD("0.1"),
    PLX_SEGMENT_SMALL,
    PLX_SEGMENT_GAP,
    {"most", PLX_PARAM_INT, "8", 2, 16, NULL, NULL, "clusters at most"},
    {NULL, PLX_PARAM_INT, NULL, 0, 0, NULL, NULL, NULL},
};

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx, (void)state;
    plx_cloud cloud;
    double mean[3 * PLX_CHROMA_MOST];
    size_t n_classes;
    uint32_t n;
    if (!plx_segment_cloud(query, params, PLX_CLOUD_BRIGHTEST, false, &cloud, err)) {
        return false;
    }
    uint32_t *label = plx_alloc_zero(cloud.n, sizeof *label);
    int32_t *class = plx_alloc_zero(cloud.n, sizeof *class);
    plx_rng rng = plx_rng_stream(train->seed, "chroma_clusters", 0);
    bool ok = (label && class) || plx_fail_nomem(err, cloud.n * sizeof *label);
    ok = ok && plx_chroma_cluster(&cloud, (size_t)plx_params_int(params, "most"), rng, class, mean, &n_classes, err) &&
         plx_cloud_components(&cloud, class, 0, label, &n, err) &&
         plx_cloud_join(&cloud, class, plx_params_real(params, "gap"), label, &n, err) &&
         plx_cloud_drop_small(cloud.n, (uint64_t)plx_params_int(params, "small"), label, &n, err) &&
         plx_segment_answer(&cloud, label, answer, err);
    plx_free(label);
    plx_free(class);
    plx_cloud_free(&cloud);
    return ok;
}

extern const plx_model plx_model_chroma_clusters;
const plx_model plx_model_chroma_clusters = {
    .name = "chroma_clusters",
    .title = "Components of clustered colours",
    .doc = "Colours of bright voxels, divided by their length, are clustered by a Gaussian mixture of 2 to most "
           "components, chosen by the Bayesian information criterion on at most 20000 voxels drawn by the seed; every "
           "voxel then takes the cluster whose mean direction is nearest. Neurons are the connected components of a "
           "cluster, joined over gaps.",
    .reference = "",
    .version = 1,
    .solves = PLX_PROBLEM_BUNDLES,
    .random = true,
    .params = params_table,
    .predict = predict,
};
