/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/logistic.h"
#include "benchmarks/models/fitted.h"
#include "benchmarks/models/types.h"

typedef struct fitted {
    plx_arena *arena;
    plx_node_features features;
    plx_logistic model;
} fitted;

static bool fit(const plx_ctx *ctx, const plx_train *train, const plx_params *params, void **state, plx_err *err)
{
    (void)ctx;
    fitted *f = plx_fitted_new(sizeof *f, err);
    if (!f) {
        return false;
    }
    double *x;
    if (!plx_node_features_new(f->arena, train, &f->features, err) ||
        !plx_node_features_rows(f->arena, &f->features, train->a, train->n, &x, err) ||
        !plx_logistic_fit(f->arena, x, train->label, train->n, f->features.d, train->n_classes,
                          plx_params_real(params, "c"), 1e-4, &f->model, err)) {
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
    (void)params;
    (void)err;
    const fitted *f = state;
    for (size_t i = 0; i < query->n; i++) {
        plx_logistic_predict(&f->model, f->features.x + query->a[i] * f->features.d,
                             answer->score + i * train->n_classes);
    }
    return true;
}

static uint64_t n_parameters(const plx_train *train, const plx_params *params, const void *state)
{
    const fitted *f = state;
    (void)train;
    (void)params;
    return (uint64_t)f->model.n_rows * (f->model.n_features + 1);
}

static const plx_param params_of[] = {
    {.name = "c",
     .type = PLX_PARAM_REAL,
     .fallback = "0.1",
     .lo = 1e-6,
     .hi = 1e6,
     .grid = "0.01 0.3",
     .doc = "Inverse of the penalty."},
    {0},
};

extern const plx_model plx_model_multinomial_logistic;
const plx_model plx_model_multinomial_logistic = {
    .name = "multinomial_logistic",
    .title = "Multinomial logistic regression on wiring",
    .doc = "Softmax of weighted sums of standardized features, with an L2 penalty |w|^2 / (2 c). Features of "
           "a node: ln(1 + degree) and ln(1 + weight) out and in by kind of edge; the shares of its "
           "partners, out and in, that are training nodes of each class; its place in the 8 leading singular "
           "vectors of ln(1 + weight), out and in.",
    .reference = "Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, section 4.4; "
                 "sklearn.linear_model.LogisticRegression after StandardScaler",
    .version = 1,
    .solves = PLX_PROBLEM_TYPES,
    .params = params_of,
    .fit = fit,
    .predict = predict,
    .release = plx_fitted_free,
    .n_parameters = n_parameters,
};
