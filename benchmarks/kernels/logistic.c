/* SPDX-License-Identifier: Apache-2.0
 *
 * Logistic regression by L-BFGS.
 */
#include "benchmarks/kernels/logistic.h"

#include "benchmarks/kernels/lbfgs.h"

#include "core/fixed_math.h"

#include <math.h>
#include <string.h>

typedef struct problem {
    const double *x; /* [n * d] standardized */
    const int32_t *label;
    size_t n, d, k, rows;
    double penalty;
    double *logit; /* [k] */
} problem;

static double linear(const double *w, const double *x, size_t d)
{
    double lane[4] = {0};
    size_t j = 0;
    for (; j + 4 <= d; j += 4) {
        for (size_t l = 0; l < 4; l++) {
            lane[l] += w[j + l] * x[j + l];
        }
    }
    double sum = (lane[0] + lane[1]) + (lane[2] + lane[3]);
    for (; j < d; j++) {
        sum += w[j] * x[j];
    }
    return sum + w[d];
}

static void add_row(double *g, const double *x, size_t d, double by)
{
    for (size_t j = 0; j < d; j++) {
        g[j] += by * x[j];
    }
    g[d] += by;
}

/* Softmax of logit[k] in place; returns the logarithm of the sum, for -ln p = that - logit. */
static double softmax(double *logit, size_t k)
{
    double most = logit[0];
    for (size_t c = 1; c < k; c++) {
        most = logit[c] > most ? logit[c] : most;
    }
    double sum = 0.0;
    for (size_t c = 0; c < k; c++) {
        logit[c] = plx_fixed_exp(logit[c] - most);
        sum += logit[c];
    }
    for (size_t c = 0; c < k; c++) {
        logit[c] /= sum;
    }
    return most + plx_fixed_log(sum);
}

static double loss(void *payload, const double *w, double *g)
{
    problem *p = payload;
    size_t d = p->d;
    double sum = 0.0;
    memset(g, 0, p->rows * (d + 1) * sizeof *g);
    for (size_t i = 0; i < p->n; i++) {
        const double *x = p->x + i * d;
        if (p->rows == 1) {
            double z = linear(w, x, d);
            double signed_z = p->label[i] ? -z : z;
            sum += plx_fixed_log1p_exp(signed_z);
            add_row(g, x, d, plx_fixed_logistic(z) - (double)p->label[i]);
            continue;
        }
        size_t truth = (size_t)p->label[i];
        for (size_t c = 0; c < p->k; c++) {
            p->logit[c] = linear(w + c * (d + 1), x, d);
        }
        double right = p->logit[truth];
        sum += softmax(p->logit, p->k) - right;
        for (size_t c = 0; c < p->k; c++) {
            add_row(g + c * (d + 1), x, d, p->logit[c] - (c == truth ? 1.0 : 0.0));
        }
    }
    for (size_t r = 0; r < p->rows; r++) {
        for (size_t j = 0; j < d; j++) {
            double v = w[r * (d + 1) + j];
            sum += 0.5 * p->penalty * v * v;
            g[r * (d + 1) + j] += p->penalty * v;
        }
    }
    return sum;
}

static void standardize(const double *x, size_t n, size_t d, plx_logistic *out, double *scaled)
{
    for (size_t j = 0; j < d; j++) {
        double sum = 0.0;
        double squares = 0.0;
        for (size_t i = 0; i < n; i++) {
            sum += x[i * d + j];
        }
        out->mean[j] = sum / (double)n;
        for (size_t i = 0; i < n; i++) {
            double off = x[i * d + j] - out->mean[j];
            squares += off * off;
        }
        double deviation = sqrt(squares / (double)n);
        out->scale[j] = deviation > 1e-12 * (1.0 + fabs(out->mean[j])) ? deviation : 0.0;
        for (size_t i = 0; i < n; i++) {
            scaled[i * d + j] = out->scale[j] > 0.0 ? (x[i * d + j] - out->mean[j]) / out->scale[j] : 0.0;
        }
    }
}

bool plx_logistic_fit(plx_arena *arena, const double *x, const int32_t *label, size_t n, size_t d, size_t k, double c,
                      double tolerance, plx_logistic *out, plx_err *err)
{
    if (k < 2 || n == 0 || !(c > 0.0)) {
        return plx_fail(err, PLX_E_ARG, "logistic regression needs rows, two classes and a positive c");
    }
    for (size_t i = 0; i < n; i++) {
        if (label[i] < 0 || (size_t)label[i] >= k) {
            return plx_fail(err, PLX_E_ARG, "row %zu is of class %d of %zu", i, label[i], k);
        }
    }
    size_t rows = k == 2 ? 1 : k;
    *out = (plx_logistic){.n_features = d, .n_classes = k, .n_rows = rows};
    out->weight = plx_arena_zero(arena, rows * (d + 1), sizeof *out->weight);
    out->mean = plx_arena_zero(arena, d + 1, sizeof *out->mean);
    out->scale = plx_arena_zero(arena, d + 1, sizeof *out->scale);
    plx_arena *scratch = plx_arena_new(0);
    double *scaled = scratch ? plx_arena_zero(scratch, n * d + 1, sizeof *scaled) : NULL;
    double *logit = scratch ? plx_arena_zero(scratch, k, sizeof *logit) : NULL;
    bool ok = out->weight && out->mean && out->scale && scaled && logit
                  ? true
                  : plx_fail_nomem(err, (n + rows) * d * sizeof *scaled);
    if (ok) {
        standardize(x, n, d, out, scaled);
        problem p = {
            .x = scaled, .label = label, .n = n, .d = d, .k = k, .rows = rows, .penalty = 1.0 / c, .logit = logit};
        ok = plx_lbfgs(out->weight, rows * (d + 1), loss, &p, tolerance * (double)n, 500, &out->n_steps, err);
    }
    plx_arena_free(scratch);
    return ok;
}

void plx_logistic_predict(const plx_logistic *model, const double *x, double *p)
{
    size_t d = model->n_features;
    for (size_t r = 0; r < model->n_rows; r++) {
        const double *w = model->weight + r * (d + 1);
        double z = w[d];
        for (size_t j = 0; j < d; j++) {
            z += model->scale[j] > 0.0 ? w[j] * ((x[j] - model->mean[j]) / model->scale[j]) : 0.0;
        }
        p[r] = z;
    }
    if (model->n_rows == 1) {
        p[1] = plx_fixed_logistic(p[0]);
        p[0] = plx_fixed_logistic(-p[0]);
    } else {
        softmax(p, model->n_classes);
    }
}
