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
        answer->score[i] = plx_links_attachment(&links, query->a[i], query->b[i]);
    }
    return true;
}

extern const plx_model plx_model_preferential_attachment;
const plx_model plx_model_preferential_attachment = {
    .name = "preferential_attachment",
    .title = "Preferential attachment",
    .doc = "score(a, b) = d(a) d(b), the product of the numbers of neighbours; for ordered pairs, of the "
           "successors of a and the predecessors of b.",
    .reference = "Barabasi and Albert 1999 doi:10.1126/science.286.5439.509; networkx.preferential_attachment",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS,
    .predict = predict,
};
