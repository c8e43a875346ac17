/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/fitted.h"
#include "benchmarks/models/walked.h"

static bool fit(const plx_ctx *ctx, const plx_train *train, const plx_params *params, void **state, plx_err *err)
{
    (void)ctx;
    return plx_walked_fit(train, plx_params_real(params, "fraction"), plx_katz_new, state, err);
}

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx;
    (void)train;
    (void)params;
    (void)err;
    plx_walked_predict(state, query, plx_katz_score, answer);
    return true;
}

static const plx_param params_of[] = {
    {.name = "fraction",
     .type = PLX_PARAM_REAL,
     .fallback = "0.5",
     .lo = 0.01,
     .hi = 0.99,
     .grid = "0.1 0.5 0.9",
     .doc = "beta as a share of the value at which walks of all lengths no longer add up."},
    {0},
};

extern const plx_model plx_model_katz;
const plx_model plx_model_katz = {
    .name = "katz",
    .title = "Katz index",
    .doc = "score(a, b) = sum over walks from a to b of beta^length, beta = fraction / (largest eigenvalue "
           "of A), A being 1 where there is an edge: an element of (I - beta A)^-1.",
    .reference = "Katz 1953 doi:10.1007/BF02289026; the sums over rows are networkx.katz_centrality",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS,
    .params = params_of,
    .fit = fit,
    .predict = predict,
    .release = plx_fitted_free,
};
