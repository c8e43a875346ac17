/* SPDX-License-Identifier: Apache-2.0
 *
 * The graphs and tables of tests/golden/make_models.py, in C.
 */
#ifndef PLX_TESTS_GOLDEN_GRAPH_H
#define PLX_TESTS_GOLDEN_GRAPH_H

#include "benchmarks/kernels/csr.h"
#include "core/arena.h"
#include "support/golden_input.h"

/* Rows of a dense 0/1 matrix; transposed when asked. */
static inline plx_csr golden_csr(plx_arena *arena, const uint8_t *a, size_t n, bool transposed)
{
    uint64_t *ptr = plx_arena_zero(arena, n + 1, sizeof *ptr);
    uint32_t *index = plx_arena_zero(arena, n * n + 1, sizeof *index);
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            if (a[transposed ? j * n + i : i * n + j]) {
                index[m++] = (uint32_t)j;
            }
        }
        ptr[i + 1] = m;
    }
    return (plx_csr){.n = n, .ptr = ptr, .index = index};
}

/* Node i is in group i mod groups; pair (i, j) is number i n + j of the stream. */
static inline uint8_t *golden_graph(plx_arena *arena, uint64_t seed, size_t n, size_t groups, double inside,
                                    double across, bool directed)
{
    uint8_t *a = plx_arena_zero(arena, n * n, 1);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double limit = i % groups == j % groups ? inside : across;
            if (i != j && golden_uniform(seed, 0, i * n + j) < limit && (directed || i < j)) {
                a[i * n + j] = 1;
                a[j * n + i] |= !directed;
            }
        }
    }
    return a;
}

/* Features and classes: rows in the order of a score are cut into equal shares. */
static inline void golden_table(uint64_t seed, size_t n, size_t d, size_t classes, double *x, int32_t *label)
{
    double *score = malloc(n * sizeof *score);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < d; j++) {
            x[i * d + j] = golden_uniform(seed, 0, i * d + j) * (double)(1 + j);
        }
        const double *r = x + i * d;
        score[i] = r[0] + 0.5 * r[1] * r[2 % d] / (double)d + golden_uniform(seed, 1, i);
    }
    for (size_t i = 0; i < n; i++) {
        size_t rank = 0;
        for (size_t j = 0; j < n; j++) {
            rank += score[j] < score[i];
        }
        label[i] = (int32_t)floor((double)(classes * rank) / (double)n);
    }
    free(score);
}

#endif
