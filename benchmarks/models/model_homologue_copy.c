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
        answer->score[i] = plx_links_mirrored(&links, query->a[i], query->b[i]);
    }
    return true;
}

extern const plx_model plx_model_homologue_copy;
const plx_model plx_model_homologue_copy = {
    .name = "homologue_copy",
    .title = "Copy of the other side",
    .doc = "score(a, b) = 2 [a' - b'] + [a' - b] + [a - b'], where a' is the left-right homologue of a (a "
           "itself when it has none) and [x - y] is 1 when the graph joins x and y. An image that is the "
           "pair itself counts 0. Bilateral symmetry alone, nothing is learned.",
    .reference = "White et al. 1986 doi:10.1098/rstb.1986.0056 (the nervous system is bilaterally symmetric)",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS,
    .uses = PLX_USES_HOMOLOGUES,
    .predict = predict,
};
