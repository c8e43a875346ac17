/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/types.h"

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx;
    (void)params;
    (void)state;
    (void)err;
    for (size_t i = 0; i < query->n; i++) {
        plx_types_prior(train, answer->score + i * train->n_classes);
    }
    return true;
}

extern const plx_model plx_model_majority;
const plx_model plx_model_majority = {
    .name = "majority",
    .title = "Shares of classes",
    .doc = "p(class) = its share among the training nodes, for every node. What any model of types must "
           "beat.",
    .reference = "sklearn.dummy.DummyClassifier(strategy='prior')",
    .version = 1,
    .solves = PLX_PROBLEM_TYPES,
    .predict = predict,
};
