/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/links.h"

#include <string.h>

/* Lengths and numbers of the shortest ways from one node. */
typedef struct ways {
    size_t n;
    uint32_t *length; /* UINT32_MAX: there is none */
    double *count;
    uint32_t *queue;
} ways;

/* Breadth first from `start`; the edge start -> skip is not used. */
static void walk(const plx_csr *out, uint32_t start, uint32_t skip, ways *w)
{
    memset(w->length, 0xFF, w->n * sizeof *w->length);
    memset(w->count, 0, w->n * sizeof *w->count);
    size_t head = 0;
    size_t tail = 0;
    w->queue[tail++] = start;
    w->length[start] = 0;
    w->count[start] = 1.0;
    while (head < tail) {
        uint32_t i = w->queue[head++];
        for (uint64_t e = out->ptr[i]; e < out->ptr[i + 1]; e++) {
            uint32_t j = out->index[e];
            if (i == start && j == skip) {
                continue;
            }
            if (w->length[j] == UINT32_MAX) {
                w->length[j] = w->length[i] + 1;
                w->queue[tail++] = j;
            }
            w->count[j] += w->length[j] == w->length[i] + 1 ? w->count[i] : 0.0;
        }
    }
}

static double score_of(const ways *w, uint32_t b)
{
    double count = w->count[b];
    return count > 0.0 ? count / (1.0 + count) - (double)w->length[b] : -(double)w->n - 1.0;
}

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx;
    (void)params;
    (void)state;
    plx_links links = plx_links_of(train);
    size_t n = links.out->n;
    plx_arena *arena = plx_arena_new(0);
    ways w = {.n = n};
    if (arena) {
        w.length = plx_arena_zero(arena, n + 1, sizeof *w.length);
        w.count = plx_arena_zero(arena, n + 1, sizeof *w.count);
        w.queue = plx_arena_zero(arena, n + 1, sizeof *w.queue);
    }
    bool ok = w.length && w.count && w.queue ? true : plx_fail_nomem(err, n * sizeof *w.count);
    uint32_t from = UINT32_MAX; /* whose ways are known */
    for (size_t i = 0; ok && i < query->n; i++) {
        uint32_t a = query->a[i];
        uint32_t b = query->b[i];
        if (plx_links_hidden(&links, a, b)) {
            walk(links.out, a, b, &w);
            from = UINT32_MAX;
        } else if (a != from) {
            walk(links.out, a, UINT32_MAX, &w);
            from = a;
        }
        answer->score[i] = score_of(&w, b);
    }
    plx_arena_free(arena);
    return ok;
}

extern const plx_model plx_model_shortest_path;
const plx_model plx_model_shortest_path = {
    .name = "shortest_path",
    .title = "Shortest path",
    .doc = "score(a, b) = m / (1 + m) - length of the shortest way from a to b, m being the number of ways that short; "
           "below all others when there is none. The reference of Randi et al., who count responses by the length of "
           "the anatomical way.",
    .reference = "Liben-Nowell and Kleinberg 2007 doi:10.1002/asi.20591; Randi et al. 2023 "
                 "doi:10.1038/s41586-023-06683-4, figure 2e",
    .version = 1,
    .solves = PLX_PROBLEM_LINKS,
    .predict = predict,
};
