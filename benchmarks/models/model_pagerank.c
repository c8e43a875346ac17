/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/fitted.h"
#include "benchmarks/models/walked.h"

static bool fit(const plx_ctx *ctx, const plx_train *train, const plx_params *params, void **state, plx_err *err)
{
    (void)ctx;
    return plx_walked_fit(train, plx_params_real(params, "alpha"), plx_pagerank_new, state, err);
}

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx;
    (void)train;
    (void)params;
    (void)err;
    plx_walked_predict(state, query, plx_pagerank_score, answer);
    return true;
}

static const plx_param params_of[] = {
    {.name = "alpha",
     .type = PLX_PARAM_REAL,
     .fallback = "0.85",
     .lo = 0.01,
     .hi = 0.99,
     .grid = "0.5 0.85",
     .doc = "Chance that the walker goes on."},
    {0},
};

extern const plx_model plx_model_pagerank;
const plx_model plx_model_pagerank = {
    .name = "pagerank",
    .title = "Personalized PageRank",
    .doc = "score(a, b) = the stationary chance to be at b for a walker that goes on with chance alpha and "
           "else starts again at a; the mean of both ways when pairs are not ordered. From a node without "
           "successors it starts again at once.",
    .reference = "Page et al. 1999, Stanford InfoLab 1999-66; networkx.pagerank(personalization=)",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS,
    .params = params_of,
    .fit = fit,
    .predict = predict,
    .release = plx_fitted_free,
};
