/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/links.h"

static double pick(const plx_overlap *o)
{
    return o->adamic_adar;
}

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx;
    (void)params;
    (void)state;
    return plx_links_by_overlap(train, query, pick, answer, err);
}

extern const plx_model plx_model_adamic_adar;
const plx_model plx_model_adamic_adar = {
    .name = "adamic_adar",
    .title = "Adamic-Adar index",
    .doc = "score(a, b) = sum over common neighbours w of 1 / ln d(w), d being the number of neighbours in "
           "any direction: rare acquaintances tell more. For ordered pairs, w is between them when a leads "
           "to w and w to b.",
    .reference = "Adamic and Adar 2003 doi:10.1016/S0378-8733(03)00009-1; networkx.adamic_adar_index",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS,
    .predict = predict,
};
