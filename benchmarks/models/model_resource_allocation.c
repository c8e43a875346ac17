/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/links.h"

static double pick(const plx_overlap *o)
{
    return o->resource;
}

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx;
    (void)params;
    (void)state;
    return plx_links_by_overlap(train, query, pick, answer, err);
}

extern const plx_model plx_model_resource_allocation;
const plx_model plx_model_resource_allocation = {
    .name = "resource_allocation",
    .title = "Resource allocation index",
    .doc = "score(a, b) = sum over common neighbours w of 1 / d(w), d being the number of neighbours in any "
           "direction. For ordered pairs, w is between them when a leads to w and w to b.",
    .reference = "Zhou, Lu and Zhang 2009 doi:10.1140/epjb/e2009-00335-8; networkx.resource_allocation_index",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS,
    .predict = predict,
};
