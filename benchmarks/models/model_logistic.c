/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/logistic.h"
#include "benchmarks/models/fitted.h"
#include "benchmarks/models/link_features.h"

enum { MOST_ROWS = 20000 };

typedef struct fitted {
    plx_arena *arena;
    plx_link_features features;
    plx_logistic model;
} fitted;

static bool fit(const plx_ctx *ctx, const plx_train *train, const plx_params *params, void **state, plx_err *err)
{
    (void)ctx;
    fitted *f = plx_fitted_new(sizeof *f, err);
    if (!f) {
        return false;
    }
    plx_train part;
    double *x;
    if (!plx_link_features_new(f->arena, train, &f->features, err) ||
        !plx_links_draw(f->arena, train, MOST_ROWS, &part, err) ||
        !plx_link_features_table(f->arena, &f->features, part.a, part.b, part.n, &x, err) ||
        !plx_logistic_fit(f->arena, x, part.label, part.n, PLX_LINK_FEATURES, 2, plx_params_real(params, "c"), 1e-6,
                          &f->model, err)) {
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
    double x[PLX_LINK_FEATURES];
    double p[2];
    for (size_t i = 0; i < query->n; i++) {
        plx_link_features_row(&f->features, query->a[i], query->b[i], x);
        plx_logistic_predict(&f->model, x, p);
        answer->score[i] = p[1];
    }
    return true;
}

static uint64_t n_parameters(const plx_train *train, const plx_params *params, const void *state)
{
    (void)train;
    (void)params;
    (void)state;
    return PLX_LINK_FEATURES + 1;
}

static const plx_param params_of[] = {
    {.name = "c",
     .type = PLX_PARAM_REAL,
     .fallback = "1",
     .lo = 1e-6,
     .hi = 1e6,
     .grid = "0.01 1",
     .doc = "Inverse of the penalty."},
    {0},
};

extern const plx_model plx_model_logistic;
const plx_model plx_model_logistic = {
    .name = "logistic",
    .title = "Logistic regression on all indices",
    .doc = "Probability that a and b are joined: logistic of a weighted sum of standardized features, with "
           "an L2 penalty |w|^2 / (2 c). Features: ln(1 + d(a) d(b)), common neighbours, Adamic-Adar, "
           "resource allocation, Jaccard, ln Katz, ln PageRank, distance and whether it is known, the copy "
           "of the other side, the SVD of rank 8, ln of the block model's rate and whether the block is the "
           "same; where labels are not the graph's own edges also ln(1 + weight) of a -> b and b -> a. A "
           "training pair that is joined is described without its own edge, as the pairs asked "
           "about are. Of more than 20,000 training pairs as many are drawn by seed.",
    .reference = "Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, section 4.4; "
                 "sklearn.linear_model.LogisticRegression after StandardScaler",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS,
    .random = true,
    .params = params_of,
    .fit = fit,
    .predict = predict,
    .release = plx_fitted_free,
    .n_parameters = n_parameters,
};
