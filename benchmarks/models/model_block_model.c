/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/model.h"
#include "benchmarks/kernels/block_model.h"
#include "benchmarks/models/fitted.h"

typedef struct fitted {
    plx_arena *arena;
    plx_blocks blocks;
} fitted;

static bool fit(const plx_ctx *ctx, const plx_train *train, const plx_params *params, void **state, plx_err *err)
{
    (void)ctx;
    fitted *f = plx_fitted_new(sizeof *f, err);
    if (!f) {
        return false;
    }
    if (!plx_blocks_fit(f->arena, &train->graph->any, (size_t)plx_params_int(params, "most"),
                        (size_t)plx_params_int(params, "groups"), (size_t)plx_params_int(params, "starts"), train->seed,
                        &f->blocks, err)) {
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
        answer->score[i] = plx_blocks_score(&f->blocks, query->a[i], query->b[i], false);
    }
    return true;
}

static uint64_t n_parameters(const plx_train *train, const plx_params *params, const void *state)
{
    const fitted *f = state;
    (void)train;
    (void)params;
    return 2 * (uint64_t)f->blocks.n + f->blocks.n_groups * (f->blocks.n_groups + 1) / 2;
}

static const plx_param params_of[] = {
    {.name = "groups",
     .type = PLX_PARAM_INT,
     .fallback = "0",
     .lo = 0,
     .hi = 64,
     .doc = "Number of groups; 0: by description length."},
    {.name = "most", .type = PLX_PARAM_INT, .fallback = "16", .lo = 1, .hi = 64, .doc = "Groups to start from."},
    {.name = "starts",
     .type = PLX_PARAM_INT,
     .fallback = "2",
     .lo = 1,
     .hi = 100,
     .doc = "Random starts; the shortest description is kept."},
    {0},
};

extern const plx_model plx_model_block_model;
const plx_model plx_model_block_model = {
    .name = "block_model",
    .title = "Degree-corrected stochastic block model",
    .doc = "score(a, b) = d_a d_b e_rs / (e_r e_s), the expected number of edges between nodes of degrees d "
           "in groups r and s that share e_rs edges and have e_r and e_s ends. Groups come from greedy "
           "descent of the description length, from many groups down to one by merging; so does their number "
           "unless it is given. Directions and weights are not used.",
    .reference = "Karrer and Newman 2011 doi:10.1103/PhysRevE.83.016107; Peixoto 2017 "
                 "doi:10.1103/PhysRevE.95.012317",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS,
    .random = true,
    .params = params_of,
    .fit = fit,
    .predict = predict,
    .release = plx_fitted_free,
    .n_parameters = n_parameters,
};
