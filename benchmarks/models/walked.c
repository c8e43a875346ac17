/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/walked.h"

#include "benchmarks/models/fitted.h"
#include "benchmarks/models/links.h"

typedef struct walked {
    plx_arena *arena;
    plx_links links;
    plx_walks walks;
} walked;

bool plx_walked_fit(const plx_train *train, double factor, plx_walked_new make, void **state, plx_err *err)
{
    walked *w = plx_fitted_new(sizeof *w, err);
    if (!w) {
        return false;
    }
    w->links = plx_links_of(train);
    if (!make(w->arena, w->links.out, train->directed, factor, &w->walks, err)) {
        plx_fitted_free(w);
        return false;
    }
    *state = w;
    return true;
}

void plx_walked_predict(const void *state, const plx_query *query, plx_walked_score score, plx_answer *answer)
{
    const walked *w = state;
    for (size_t i = 0; i < query->n; i++) {
        bool hidden = plx_links_hidden(&w->links, query->a[i], query->b[i]);
        answer->score[i] = score(&w->walks, query->a[i], query->b[i], hidden);
    }
}
