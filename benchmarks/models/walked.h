/* SPDX-License-Identifier: Apache-2.0
 *
 * Models that score a pair by sums over all walks between its nodes: Katz, PageRank.
 */
#ifndef PLX_BENCHMARKS_MODELS_WALKED_H
#define PLX_BENCHMARKS_MODELS_WALKED_H

#include "benchmarks/kernels/walks.h"
#include "benchmarks/model.h"

/* plx_katz_new or plx_pagerank_new, and the score that goes with it. */
typedef bool (*plx_walked_new)(plx_arena *arena, const plx_csr *graph, bool directed, double factor, plx_walks *out,
                               plx_err *err);
typedef double (*plx_walked_score)(const plx_walks *walks, uint32_t a, uint32_t b, bool without);

/* `fit` of such a model: the sums over the training graph. owner: *state is released by plx_fitted_free. errors: LIMIT
 * for too many nodes; NOMEM. cost: that of a dense inverse. */
bool plx_walked_fit(const plx_train *train, double factor, plx_walked_new make, void **state, plx_err *err);
/* `predict`: edges that are asked about do not count. */
void plx_walked_predict(const void *state, const plx_query *query, plx_walked_score score, plx_answer *answer);

#endif
