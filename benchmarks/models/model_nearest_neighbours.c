/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/nearest.h"
#include "benchmarks/models/types.h"

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx;
    (void)state;
    plx_wiring wiring;
    size_t k = (size_t)plx_params_int(params, "k");
    plx_arena *arena = plx_arena_new(0);
    double *similarity = arena ? plx_arena_zero(arena, train->graph->n_nodes + 1, 2 * sizeof *similarity) : NULL;
    double *votes = arena ? plx_arena_zero(arena, train->n_classes, sizeof *votes) : NULL;
    bool ok = similarity && votes ? plx_wiring_new(arena, train->graph, &wiring, err)
                                  : plx_fail_nomem(err, train->graph->n_nodes * 2 * sizeof *similarity);
    double *of_train = ok ? similarity + train->graph->n_nodes : NULL;
    for (size_t i = 0; ok && i < query->n; i++) {
        plx_wiring_similarity(&wiring, query->a[i], similarity);
        for (size_t j = 0; j < train->n; j++) {
            of_train[j] = similarity[train->a[j]];
        }
        ok = plx_nearest_votes(of_train, train->label, train->n, k, train->n_classes, votes, err);
        plx_types_mix(train, votes, answer->score + i * train->n_classes);
    }
    plx_arena_free(arena);
    return ok;
}

static const plx_param params_of[] = {
    {.name = "k",
     .type = PLX_PARAM_INT,
     .fallback = "5",
     .lo = 1,
     .hi = 1000,
     .grid = "1 5 15",
     .doc = "How many vote."},
    {0},
};

extern const plx_model plx_model_nearest_neighbours;
const plx_model plx_model_nearest_neighbours = {
    .name = "nearest_neighbours",
    .title = "Nearest neighbours by wiring",
    .doc = "The k training nodes with the greatest cosine similarity of wiring vote, each by its similarity. "
           "Wiring of a node: ln(1 + weight) of its edges out and in, of all kinds together. p is the share "
           "of votes, mixed with 1 % of the shares of classes.",
    .reference = "Cover and Hart 1967 doi:10.1109/TIT.1967.1053964; "
                 "sklearn.neighbors.KNeighborsClassifier(metric='cosine')",
    .version = 1,
    .solves = PLX_PROBLEM_TYPES,
    .params = params_of,
    .predict = predict,
};
