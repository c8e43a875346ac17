/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/kernels/mixture.h"

#include "core/alloc.h"

#include <math.h>
#include <string.h>

enum { D = PLX_MIXTURE_DIMS, K = PLX_MIXTURE_MOST, STEPS = 100, MEANS_STEPS = 30 };

static const double ENOUGH = 1e-6; /* change of the mean log-likelihood */

typedef struct component {
    double weight, mean[D], factor[D][D], log_norm; /* factor: Cholesky of the covariance */
} component;

typedef struct mixture {
    size_t n, dims, k;
    const double *points;
    double ridge;
    component c[K];
    double *share; /* [n * k] */
    double log_likelihood;
} mixture;

static double squared(const double *a, const double *b, size_t dims)
{
    double sum = 0;
    for (size_t d = 0; d < dims; d++) {
        sum += (a[d] - b[d]) * (a[d] - b[d]);
    }
    return sum;
}

/* k-means++ and Lloyd's steps; the means end in m->c, the labels in `label`. */
static void start(mixture *m, plx_rng *rng, int32_t *label, double *nearest)
{
    memcpy(m->c[0].mean, m->points + plx_rng_below(rng, m->n) * m->dims, m->dims * sizeof(double));
    for (size_t i = 0; i < m->n; i++) {
        nearest[i] = (double)INFINITY;
    }
    for (size_t k = 1; k < m->k; k++) {
        double sum = 0;
        for (size_t i = 0; i < m->n; i++) {
            double d = squared(m->points + i * m->dims, m->c[k - 1].mean, m->dims);
            nearest[i] = d < nearest[i] ? d : nearest[i];
            sum += nearest[i];
        }
        double at = plx_rng_f64(rng) * sum;
        size_t chosen = 0;
        for (size_t i = 0; i < m->n; i++) {
            at -= nearest[i];
            chosen = i;
            if (at < 0) {
                break;
            }
        }
        memcpy(m->c[k].mean, m->points + chosen * m->dims, m->dims * sizeof(double));
    }
    for (int step = 0; step < MEANS_STEPS; step++) {
        double sum[K][D] = {{0}};
        size_t count[K] = {0};
        for (size_t i = 0; i < m->n; i++) {
            double best = (double)INFINITY;
            for (size_t k = 0; k < m->k; k++) {
                double d = squared(m->points + i * m->dims, m->c[k].mean, m->dims);
                if (d < best) {
                    best = d;
                    label[i] = (int32_t)k;
                }
            }
            count[label[i]]++;
            for (size_t d = 0; d < m->dims; d++) {
                sum[label[i]][d] += m->points[i * m->dims + d];
            }
        }
        for (size_t k = 0; k < m->k; k++) {
            for (size_t d = 0; d < m->dims && count[k]; d++) {
                m->c[k].mean[d] = sum[k][d] / (double)count[k];
            }
        }
    }
}

/* Cholesky of `cov` into the component; a component that collapsed gets the ridge alone. */
static void factorize(mixture *m, component *c, double cov[D][D])
{
    double log_det = 0;
    for (size_t i = 0; i < m->dims; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = cov[i][j];
            for (size_t p = 0; p < j; p++) {
                sum -= c->factor[i][p] * c->factor[j][p];
            }
            if (i == j) {
                c->factor[i][i] = sqrt(sum > m->ridge ? sum : m->ridge);
                log_det += log(c->factor[i][i]);
            } else {
                c->factor[i][j] = sum / c->factor[j][j];
            }
        }
    }
    c->log_norm =
        log(c->weight > 0 ? c->weight : 1e-300) - log_det - .5 * (double)m->dims * log(2 * 3.14159265358979323846);
}

static void maximize(mixture *m)
{
    for (size_t k = 0; k < m->k; k++) {
        component *c = &m->c[k];
        double total = 0, mean[D] = {0}, cov[D][D] = {{0}};
        for (size_t i = 0; i < m->n; i++) {
            double w = m->share[i * m->k + k];
            total += w;
            for (size_t d = 0; d < m->dims; d++) {
                mean[d] += w * m->points[i * m->dims + d];
            }
        }
        double safe = total > 1e-12 ? total : 1e-12;
        for (size_t d = 0; d < m->dims; d++) {
            mean[d] /= safe;
        }
        for (size_t i = 0; i < m->n; i++) {
            double w = m->share[i * m->k + k];
            if (w > 0) {
                for (size_t a = 0; a < m->dims; a++) {
                    double left = w * (m->points[i * m->dims + a] - mean[a]);
                    for (size_t b = 0; b <= a; b++) {
                        cov[a][b] += left * (m->points[i * m->dims + b] - mean[b]);
                    }
                }
            }
        }
        for (size_t a = 0; a < m->dims; a++) {
            for (size_t b = 0; b <= a; b++) {
                cov[a][b] = cov[a][b] / safe + (a == b ? m->ridge : 0);
            }
        }
        c->weight = total / (double)m->n;
        memcpy(c->mean, mean, sizeof c->mean);
        factorize(m, c, cov);
    }
}

static double log_density(const mixture *m, const component *c, const double *x)
{
    double y[D], sum = 0;
    for (size_t i = 0; i < m->dims; i++) {
        double v = x[i] - c->mean[i];
        for (size_t j = 0; j < i; j++) {
            v -= c->factor[i][j] * y[j];
        }
        y[i] = v / c->factor[i][i];
        sum += y[i] * y[i];
    }
    return c->log_norm - .5 * sum;
}

static void expect(mixture *m)
{
    m->log_likelihood = 0;
    for (size_t i = 0; i < m->n; i++) {
        double log_p[K], most = -(double)INFINITY, sum = 0;
        for (size_t k = 0; k < m->k; k++) {
            log_p[k] = log_density(m, &m->c[k], m->points + i * m->dims);
            most = log_p[k] > most ? log_p[k] : most;
        }
        for (size_t k = 0; k < m->k; k++) {
            log_p[k] = exp(log_p[k] - most);
            sum += log_p[k];
        }
        for (size_t k = 0; k < m->k; k++) {
            m->share[i * m->k + k] = log_p[k] / sum;
        }
        m->log_likelihood += most + log(sum);
    }
}

static double fit(mixture *m, plx_rng *rng, int32_t *label, double *nearest)
{
    start(m, rng, label, nearest);
    for (size_t i = 0; i < m->n; i++) {
        for (size_t k = 0; k < m->k; k++) {
            m->share[i * m->k + k] = (int32_t)k == label[i];
        }
    }
    double before = -(double)INFINITY;
    for (int step = 0; step < STEPS; step++) {
        maximize(m);
        expect(m);
        if (fabs(m->log_likelihood - before) < ENOUGH * (double)m->n) {
            break;
        }
        before = m->log_likelihood;
    }
    for (size_t i = 0; i < m->n; i++) {
        label[i] = 0;
        for (size_t k = 1; k < m->k; k++) {
            label[i] = m->share[i * m->k + k] > m->share[i * m->k + (size_t)label[i]] ? (int32_t)k : label[i];
        }
    }
    size_t parameters = m->k - 1 + m->k * m->dims + m->k * (m->dims * (m->dims + 1) / 2);
    return -2 * m->log_likelihood + (double)parameters * log((double)m->n);
}

bool plx_mixture_fit(const double *points, size_t n, size_t dims, size_t low, size_t high, double ridge, plx_rng rng,
                     int32_t *labels, size_t *n_components, plx_err *err)
{
    if (dims < 1 || dims > D || low < 1 || high > K || low > high || !(ridge > 0)) {
        return plx_fail(err, PLX_E_ARG, "a mixture has 1 to %d coordinates and 1 to %d components", D, K);
    }
    mixture *m = plx_alloc_zero(1, sizeof *m);
    int32_t *label = plx_alloc_zero(n, sizeof *label);
    double *nearest = plx_alloc_zero(n, sizeof *nearest);
    double *share = plx_alloc_zero(n, high * sizeof *share);
    bool ok = (m && label && nearest && share) || plx_fail_nomem(err, n * high * sizeof *share);
    double best = (double)INFINITY;
    *n_components = 0;
    for (size_t k = low; ok && k <= high && (k <= n || k == low); k++) {
        if (n == 0) {
            break;
        }
        *m = (mixture){.n = n, .dims = dims, .k = k, .points = points, .ridge = ridge, .share = share};
        double bic = fit(m, &rng, label, nearest);
        if (bic < best) {
            best = bic;
            *n_components = k;
            memcpy(labels, label, n * sizeof *label);
        }
    }
    plx_free(m);
    plx_free(label);
    plx_free(nearest);
    plx_free(share);
    return ok;
}
