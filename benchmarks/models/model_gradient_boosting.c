/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/boosting.h"
#include "benchmarks/models/fitted.h"
#include "benchmarks/models/link_features.h"

enum { MOST_ROWS = 20000 };

typedef struct fitted {
    plx_arena *arena;
    plx_link_features features;
    plx_boosting model;
} fitted;

static bool fit(const plx_ctx *ctx, const plx_train *train, const plx_params *params, void **state, plx_err *err)
{
    (void)ctx;
    fitted *f = plx_fitted_new(sizeof *f, err);
    if (!f) {
        return false;
    }
    plx_boosting_opts opts = {.trees = (size_t)plx_params_int(params, "trees"),
                              .leaves = (size_t)plx_params_int(params, "leaves"),
                              .least_rows = (size_t)plx_params_int(params, "least_rows"),
                              .bins = (size_t)plx_params_int(params, "bins"),
                              .rate = plx_params_real(params, "rate"),
                              .l2 = plx_params_real(params, "l2")};
    plx_train part;
    double *x;
    if (!plx_link_features_new(f->arena, train, &f->features, err) ||
        !plx_links_draw(f->arena, train, MOST_ROWS, &part, err) ||
        !plx_link_features_table(f->arena, &f->features, part.a, part.b, part.n, &x, err) ||
        !plx_boosting_fit(f->arena, x, part.label, part.n, PLX_LINK_FEATURES, &opts, &f->model, err)) {
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
    for (size_t i = 0; i < query->n; i++) {
        plx_link_features_row(&f->features, query->a[i], query->b[i], x);
        answer->score[i] = plx_boosting_raw(&f->model, x);
    }
    return true;
}

static uint64_t n_parameters(const plx_train *train, const plx_params *params, const void *state)
{
    const fitted *f = state;
    (void)train;
    (void)params;
    return f->model.n_nodes;
}

static const plx_param params_of[] = {
    {.name = "trees", .type = PLX_PARAM_INT, .fallback = "80", .lo = 1, .hi = 10000, .doc = "Number of trees."},
    {.name = "leaves",
     .type = PLX_PARAM_INT,
     .fallback = "6",
     .lo = 2,
     .hi = 255,
     .grid = "3 8",
     .doc = "Most leaves of a tree."},
    {.name = "least_rows",
     .type = PLX_PARAM_INT,
     .fallback = "10",
     .lo = 1,
     .hi = 1000000,
     .doc = "Rows a leaf must hold."},
    {.name = "bins", .type = PLX_PARAM_INT, .fallback = "48", .lo = 2, .hi = 255, .doc = "Bins of a feature."},
    {.name = "rate",
     .type = PLX_PARAM_REAL,
     .fallback = "0.1",
     .lo = 0.001,
     .hi = 1,
     .doc = "What a tree's values are multiplied by."},
    {.name = "l2",
     .type = PLX_PARAM_REAL,
     .fallback = "1",
     .lo = 0,
     .hi = 1e6,
     .doc = "Added to the second derivatives of a leaf."},
    {0},
};

extern const plx_model plx_model_gradient_boosting;
const plx_model plx_model_gradient_boosting = {
    .name = "gradient_boosting",
    .title = "Histogram gradient boosting on all indices",
    .doc = "Log odds that a and b are joined, by a sum of small trees grown on derivatives of the log loss. "
           "Features as for the model logistic: ln(1 + d(a) d(b)), common neighbours, Adamic-Adar, resource "
           "allocation, Jaccard, ln Katz, ln PageRank, distance and whether it is known, the copy of the "
           "other side, the SVD of rank 8, ln of the block model's rate and whether the block is the same; "
           "where labels are not the graph's own edges also ln(1 + weight) of a -> b and b -> a. A training "
           "pair that is joined is described without its own edge, as the pairs asked about are. Of more "
           "than 20,000 training pairs as many are drawn by seed.",
    .reference = "Friedman 2001 doi:10.1214/aos/1013203451; Ke et al. 2017 (LightGBM); "
                 "sklearn.ensemble.HistGradientBoostingClassifier",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS,
    .random = true,
    .params = params_of,
    .fit = fit,
    .predict = predict,
    .release = plx_fitted_free,
    .n_parameters = n_parameters,
};
