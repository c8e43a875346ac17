/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/model.h"

#include "core/rng.h"

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx;
    (void)params;
    (void)state;
    (void)err;
    plx_rng rng = plx_rng_stream(train->seed, "random", 0);
    if (train->problem == PLX_PROBLEM_LINKS) {
        for (size_t i = 0; i < query->n; i++) {
            answer->score[i] = plx_rng_f64(&rng);
        }
        return true;
    }
    for (size_t i = 0; i < query->n; i++) {
        double *row = answer->score + i * train->n_classes;
        double sum = 0;
        for (size_t k = 0; k < train->n_classes; k++) {
            row[k] = plx_rng_f64(&rng) + 0x1p-60; /* above 0, so that the sum can be divided by */
            sum += row[k];
        }
        for (size_t k = 0; k < train->n_classes; k++) {
            row[k] /= sum;
        }
    }
    return true;
}

extern const plx_model plx_model_random;
const plx_model plx_model_random = {
    .name = "random",
    .title = "Random scores",
    .doc = "Uniform random numbers from the seed; over classes they are divided by their sum. What any model must "
           "beat, and a check of the metrics: ROC-AUC comes out near one half.",
    .reference = "",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS | PLX_PROBLEM_TYPES,
    .random = true,
    .predict = predict,
};
