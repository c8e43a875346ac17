/* SPDX-License-Identifier: Apache-2.0
 *
 * Label spreading by fixed-point iteration.
 */
#include "benchmarks/kernels/spread.h"

#include "core/alloc.h"

#include <math.h>
#include <string.h>

enum { LANES = 4 };

/* y += by x over a whole number of lanes. */
static void add_lanes(double *restrict y, const double *restrict x, double by, size_t n)
{
    for (size_t i = 0; i < n; i += LANES) {
        y[i] += by * x[i];
        y[i + 1] += by * x[i + 1];
        y[i + 2] += by * x[i + 2];
        y[i + 3] += by * x[i + 3];
    }
}

/* One step: next = alpha S now + (1 - alpha) y, rows of `wide` classes. Returns the greatest change. */
static double step(const plx_csr *graph, const double *scaled, size_t wide, double alpha, const double *y,
                   const double *now, double *next)
{
    double most = 0.0;
    for (size_t i = 0; i < graph->n; i++) {
        double *to = next + i * wide;
        memset(to, 0, wide * sizeof *to);
        for (uint64_t e = graph->ptr[i]; e < graph->ptr[i + 1]; e++) {
            add_lanes(to, now + (size_t)graph->index[e] * wide, scaled[e], wide);
        }
        for (size_t c = 0; c < wide; c++) {
            to[c] = alpha * to[c] + (1.0 - alpha) * y[i * wide + c];
            double change = fabs(to[c] - now[i * wide + c]);
            most = change > most ? change : most;
        }
    }
    return most;
}

bool plx_spread(const plx_csr *graph, const double *value, size_t k, double alpha, double *y, plx_err *err)
{
    size_t n = graph->n;
    size_t m = (size_t)graph->ptr[n];
    size_t wide = (k + LANES - 1) / LANES * LANES;
    double *scaled = plx_alloc_zero(n + m + 3 * n * wide + 1, sizeof *scaled);
    if (!scaled) {
        return plx_fail_nomem(err, (n + m + 3 * n * wide) * sizeof *scaled);
    }
    double *root = scaled + m;
    double *now = root + n;
    double *next = now + n * wide;
    double *start = next + n * wide;
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
    for (size_t i = 0; i < n; i++) {
        memcpy(start + i * wide, y + i * k, k * sizeof *y);
        memcpy(now + i * wide, y + i * k, k * sizeof *y);
    }
    for (int t = 0; t < 2000 && step(graph, scaled, wide, alpha, start, now, next) > 1e-8; t++) {
        double *swap = now;
        now = next;
        next = swap;
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(y + i * k, next + i * wide, k * sizeof *y);
    }
    plx_free(scaled);
    return true;
}
