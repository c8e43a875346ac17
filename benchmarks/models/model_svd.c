/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/fitted.h"
#include "benchmarks/models/link_features.h"

typedef struct fitted {
    plx_arena *arena;
    plx_svd svd;
} fitted;

static bool fit(const plx_ctx *ctx, const plx_train *train, const plx_params *params, void **state, plx_err *err)
{
    (void)ctx;
    fitted *f = plx_fitted_new(sizeof *f, err);
    if (!f) {
        return false;
    }
    plx_links links = plx_links_of(train);
    double *forth = NULL;
    double *back = NULL;
    bool weighted = strcmp(plx_params_text(params, "values"), "log") == 0;
    if ((weighted &&
         (!plx_log_weights(f->arena, links.out, &forth, err) || !plx_log_weights(f->arena, links.in, &back, err))) ||
        !plx_svd_truncated(f->arena, links.out, forth, links.in, back, (size_t)plx_params_int(params, "rank"), &f->svd,
                           err)) {
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
        answer->score[i] = plx_svd_element(&f->svd, query->a[i], query->b[i]);
    }
    return true;
}

static uint64_t n_parameters(const plx_train *train, const plx_params *params, const void *state)
{
    const fitted *f = state;
    (void)train;
    (void)params;
    return (uint64_t)f->svd.rank * (2 * f->svd.n + 1);
}

static const plx_param params_of[] = {
    {.name = "rank",
     .type = PLX_PARAM_INT,
     .fallback = "8",
     .lo = 1,
     .hi = 256,
     .grid = "2 4 8 16",
     .doc = "Singular vectors that are kept."},
    {.name = "values",
     .type = PLX_PARAM_CHOICE,
     .fallback = "log",
     .choices = "log|binary",
     .doc = "What the matrix holds at an edge."},
    {0},
};

extern const plx_model plx_model_svd;
const plx_model plx_model_svd = {
    .name = "svd",
    .title = "Truncated singular value decomposition",
    .doc = "score(a, b) = row a of U S V' at column b, the best approximation of rank k to the matrix of "
           "ln(1 + weight) (values=log) or of 1 where there is an edge (values=binary).",
    .reference = "Golub and Kahan 1965 doi:10.1137/0702016; Eckart and Young 1936 doi:10.1007/BF02288367; "
                 "numpy.linalg.svd",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS,
    .params = params_of,
    .fit = fit,
    .predict = predict,
    .release = plx_fitted_free,
    .n_parameters = n_parameters,
};
