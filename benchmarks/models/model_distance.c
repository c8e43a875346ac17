/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/links.h"

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx;
    (void)params;
    (void)state;
    (void)err;
    plx_links links = plx_links_of(train);
    for (size_t i = 0; i < query->n; i++) {
        bool known;
        answer->score[i] = -plx_links_distance(&links, query->a[i], query->b[i], &known);
    }
    return true;
}

extern const plx_model plx_model_distance;
const plx_model plx_model_distance = {
    .name = "distance",
    .title = "Spatial distance",
    .doc = "score(a, b) = -|x_a - x_b|: the nearer, the more likely joined. A pair of which a position is "
           "not known has the mean distance of all pairs.",
    .reference = "Kaiser and Hilgetag 2006 doi:10.1371/journal.pcbi.0020095",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS,
    .uses = PLX_USES_POSITIONS,
    .predict = predict,
};
