/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/chroma.h"

#include "benchmarks/kernels/mixture.h"
#include "core/alloc.h"

#include <math.h>
#include <string.h>

enum { DRAWN = 20000, FROM = 2 };

static void direction(const float *color, double out[3])
{
    double n = 0;
    for (int c = 0; c < 3; c++) {
        n += (double)color[c] * (double)color[c];
    }
    n = sqrt(n);
    for (int c = 0; c < 3; c++) {
        out[c] = n > 0 ? (double)color[c] / n : 0;
    }
}

static void assign(const plx_cloud *cloud, const double *mean, size_t k, int32_t *class)
{
    for (size_t i = 0; i < cloud->n; i++) {
        double at[3], best = -2;
        direction(cloud->color + 3 * i, at);
        for (size_t m = 0; m < k; m++) {
            double dot = at[0] * mean[3 * m] + at[1] * mean[3 * m + 1] + at[2] * mean[3 * m + 2];
            if (dot > best) {
                best = dot;
                class[i] = (int32_t)m;
            }
        }
    }
}

bool plx_chroma_cluster(const plx_cloud *cloud, size_t most, plx_rng rng, int32_t *class, double *mean,
                        size_t *n_classes, plx_err *err)
{
    size_t n = cloud->n < DRAWN ? cloud->n : DRAWN, k = 0;
    double *points = plx_alloc_zero(3 * n + 1, sizeof *points);
    int32_t *label = plx_alloc_zero(n + 1, sizeof *label);
    memset(mean, 0, 3 * PLX_CHROMA_MOST * sizeof *mean);
    bool ok = (points && label) || plx_fail_nomem(err, 3 * n * sizeof *points);
    for (size_t i = 0; ok && i < n; i++) {
        size_t from = n == cloud->n ? i : (size_t)plx_rng_below(&rng, cloud->n);
        direction(cloud->color + 3 * from, points + 3 * i);
    }
    ok = ok && plx_mixture_fit(points, n, 3, FROM, most, 1e-4, rng, label, &k, err);
    for (size_t i = 0; ok && i < n; i++) {
        for (size_t c = 0; c < 3; c++) {
            mean[3 * (size_t)label[i] + c] += points[3 * i + c];
        }
    }
    for (size_t m = 0; m < k; m++) {
        double *v = mean + 3 * m, s = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
        for (size_t c = 0; c < 3; c++) {
            v[c] /= s > 0 ? s : 1;
        }
    }
    if (ok) {
        assign(cloud, mean, k, class);
    }
    *n_classes = k;
    plx_free(points);
    plx_free(label);
    return ok;
}
