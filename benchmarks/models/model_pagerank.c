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
    if (!plx_pagerank_new(f->arena, f->links.out, train->directed, plx_params_real(params, "alpha"), &f->walks, err)) {
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
        answer->score[i] = plx_pagerank_score(&f->walks, query->a[i], query->b[i], hidden);
    }
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
