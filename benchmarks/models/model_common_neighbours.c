/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/links.h"

static double pick(const plx_overlap *o)
{
    return o->common;
}

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx;
    (void)params;
    (void)state;
    return plx_links_by_overlap(train, query, pick, answer, err);
}

extern const plx_model plx_model_common_neighbours;
const plx_model plx_model_common_neighbours = {
    .name = "common_neighbours",
    .title = "Common neighbours",
    .doc = "score(a, b) = |N(a) & N(b)|, the number of nodes joined to both. For ordered pairs, w is between "
           "them when a leads to w and w to b. Ties stay ties.",
    .reference = "Liben-Nowell and Kleinberg 2007 doi:10.1002/asi.20591; networkx.common_neighbors",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS,
    .predict = predict,
};
