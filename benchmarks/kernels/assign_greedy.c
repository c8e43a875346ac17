/* SPDX-License-Identifier: Apache-2.0
 *
 * Greedy assignment.
 */
#include "benchmarks/kernels/assignment.h"

#include "core/alloc.h"

#include <stdlib.h>

typedef struct candidate {
    float score;
    size_t row, column;
} candidate;

static int by_score(const void *a, const void *b)
{
    const candidate *p = a, *q = b;
    if (p->score != q->score) {
        return p->score > q->score ? -1 : 1;
    }
    if (p->row != q->row) {
        return p->row < q->row ? -1 : 1;
    }
    return p->column < q->column ? -1 : p->column > q->column;
}

bool plx_assign_greedy(const float *score, size_t n_rows, size_t n_columns, size_t stride, float threshold,
                       size_t *pairs, size_t *n_pairs, plx_err *err)
{
    size_t n = 0, cap = 0;
    candidate *found = NULL;
    bool *taken = plx_alloc_zero(n_rows + n_columns, sizeof *taken); /* rows, then columns */
    bool ok = taken != NULL;
    *n_pairs = 0;
    for (size_t r = 0; ok && r < n_rows; r++) {
        for (size_t c = 0; ok && c < n_columns; c++) {
            float s = score[r * stride + c];
            if (s > threshold) {
                ok = plx_grow(&found, &cap, n + 1, sizeof *found);
                if (ok) {
                    found[n++] = (candidate){s, r, c};
                }
            }
        }
    }
    if (ok && n > 0) {
        qsort(found, n, sizeof *found, by_score);
    }
    for (size_t i = 0; ok && i < n; i++) {
        if (!taken[found[i].row] && !taken[n_rows + found[i].column]) {
            taken[found[i].row] = taken[n_rows + found[i].column] = true;
            pairs[2 * *n_pairs] = found[i].row;
            pairs[2 * *n_pairs + 1] = found[i].column;
            ++*n_pairs;
        }
    }
    plx_free(found);
    plx_free(taken);
    return ok || plx_fail_nomem(err, (n + 1) * sizeof *found);
}
