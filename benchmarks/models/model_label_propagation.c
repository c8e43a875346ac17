/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/spread.h"
#include "benchmarks/models/link_features.h"
#include "benchmarks/models/types.h"

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx;
    (void)state;
    size_t k = train->n_classes;
    double alpha = plx_params_real(params, "alpha");
    const plx_csr *graph = &train->graph->any;
    plx_arena *arena = plx_arena_new(0);
    double *value = NULL;
    double *y = arena ? plx_arena_zero(arena, graph->n * k + 1, sizeof *y) : NULL;
    bool ok = y ? plx_log_weights(arena, graph, &value, err) : plx_fail_nomem(err, graph->n * k * sizeof *y);
    for (size_t i = 0; ok && i < train->n; i++) {
        y[train->a[i] * k + (size_t)train->label[i]] = 1.0;
    }
    ok = ok && plx_spread(graph, value, k, alpha, y, err);
    for (size_t i = 0; ok && i < query->n; i++) {
        plx_types_mix(train, y + query->a[i] * k, answer->score + i * k);
    }
    plx_arena_free(arena);
    return ok;
}

static const plx_param params_of[] = {
    {.name = "alpha",
     .type = PLX_PARAM_REAL,
     .fallback = "0.5",
     .lo = 0.01,
     .hi = 0.99,
     .grid = "0.5 0.8",
     .doc = "How much of its label a node takes from its neighbours."},
    {0},
};

extern const plx_model plx_model_label_propagation;
const plx_model plx_model_label_propagation = {
    .name = "label_propagation",
    .title = "Label propagation",
    .doc = "F = (1 - alpha) (I - alpha S)^-1 Y by iteration, S = D^-1/2 W D^-1/2, W = ln(1 + weight) of the "
           "graph without directions, Y 1 at the class of each training node. p is the row of F over its "
           "sum, mixed with 1 % of the shares of classes; a node that nothing reaches has those shares "
           "alone.",
    .reference = "Zhou et al. 2004, Learning with local and global consistency, NIPS 16; networkx "
                 "local_and_global_consistency",
    .version = 1,
    .solves = PLX_PROBLEM_TYPES,
    .params = params_of,
    .predict = predict,
};
