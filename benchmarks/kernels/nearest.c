/* SPDX-License-Identifier: Apache-2.0
 *
 * Nearest neighbours by a short sorted list.
 */
#include "benchmarks/kernels/nearest.h"

#include "core/alloc.h"

bool plx_nearest_votes(const double *similarity, const int32_t *label, size_t n, size_t k, size_t n_classes,
                       double *votes, plx_err *err)
{
    k = k < n ? k : n;
    size_t *best = plx_realloc_array(NULL, k + 1, sizeof *best);
    if (!best) {
        return plx_fail_nomem(err, k * sizeof *best);
    }
    size_t kept = 0;
    for (size_t i = 0; i < n && k > 0; i++) {
        if (kept == k && !(similarity[i] > similarity[best[k - 1]])) {
            continue;
        }
        size_t j = kept < k ? kept++ : k - 1;
        for (; j > 0 && similarity[best[j - 1]] < similarity[i]; j--) {
            best[j] = best[j - 1];
        }
        best[j] = i;
    }
    for (size_t c = 0; c < n_classes; c++) {
        votes[c] = 0.0;
    }
    for (size_t j = 0; j < kept; j++) {
        votes[label[best[j]]] += similarity[best[j]];
    }
    plx_free(best);
    return true;
}
