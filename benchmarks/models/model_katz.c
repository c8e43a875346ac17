/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/walks.h"
#include "benchmarks/models/fitted.h"
#include "benchmarks/models/links.h"

typedef struct fitted {
    plx_arena *arena;
    plx_links links;
    plx_walks walks;
} fitted;

static bool fit(const plx_ctx *ctx, const plx_train *train, const plx_params *params, void **state, plx_err *err)
{
    (void)ctx;
    fitted *f = plx_fitted_new(sizeof *f, err);
    if (!f) {
        return false;
    }
    f->links = plx_links_of(train);
    if (!plx_katz_new(f->arena, f->links.out, train->directed, plx_params_real(params, "fraction"), &f->walks, err)) {
        plx_fitted_free(f);
        return false;
    }
    *state = f;
    return true;
}

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx;
    (void)train;
    (void)params;
    (void)err;
    const fitted *f = state;
    for (size_t i = 0; i < query->n; i++) {
        bool hidden = plx_links_hidden(&f->links, query->a[i], query->b[i]);
        answer->score[i] = plx_katz_score(&f->walks, query->a[i], query->b[i], hidden);
    }
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
