/* SPDX-License-Identifier: Apache-2.0
 *
 * Label spreading by fixed-point iteration.
 */
#include "benchmarks/kernels/spread.h"

#include "core/alloc.h"

#include <math.h>
#include <string.h>

/* One step: next = alpha S now + (1 - alpha) y. Returns the greatest change. */
static double step(const plx_csr *graph, const double *scaled, size_t k, double alpha, const double *y,
                   const double *now, double *next)
{
    double most = 0.0;
    for (size_t i = 0; i < graph->n; i++) {
        double *to = next + i * k;
        for (size_t c = 0; c < k; c++) {
            to[c] = 0.0;
        }
        for (uint64_t e = graph->ptr[i]; e < graph->ptr[i + 1]; e++) {
            const double *from = now + (size_t)graph->index[e] * k;
            for (size_t c = 0; c < k; c++) {
                to[c] += scaled[e] * from[c];
            }
        }
        for (size_t c = 0; c < k; c++) {
            to[c] = alpha * to[c] + (1.0 - alpha) * y[i * k + c];
            double change = fabs(to[c] - now[i * k + c]);
            most = change > most ? change : most;
        }
    }
    return most;
}

bool plx_spread(const plx_csr *graph, const double *value, size_t k, double alpha, double *y, plx_err *err)
{
    size_t n = graph->n;
    size_t m = (size_t)graph->ptr[n];
    double *scaled = plx_realloc_array(NULL, n + m + 2 * n * k + 1, sizeof *scaled);
    if (!scaled) {
        return plx_fail_nomem(err, (n + m + 2 * n * k) * sizeof *scaled);
    }
    double *root = scaled + m;
    double *now = root + n;
    double *next = now + n * k;
    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (uint64_t e = graph->ptr[i]; e < graph->ptr[i + 1]; e++) {
            sum += value ? value[e] : 1.0;
        }
        root[i] = sum > 0.0 ? 1.0 / sqrt(sum) : 0.0;
    }
    for (size_t i = 0; i < n; i++) {
        for (uint64_t e = graph->ptr[i]; e < graph->ptr[i + 1]; e++) {
            scaled[e] = (value ? value[e] : 1.0) * root[i] * root[graph->index[e]];
        }
    }
    memcpy(now, y, n * k * sizeof *now);
    for (int t = 0; t < 2000 && step(graph, scaled, k, alpha, y, now, next) > 1e-8; t++) {
        double *swap = now;
        now = next;
        next = swap;
    }
    memcpy(y, next, n * k * sizeof *y);
    plx_free(scaled);
    return true;
}
