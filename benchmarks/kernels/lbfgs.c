/* SPDX-License-Identifier: Apache-2.0
 *
 * L-BFGS by the two-loop recursion.
 */
#include "benchmarks/kernels/lbfgs.h"

#include "core/alloc.h"

#include <math.h>
#include <string.h>

enum { PAIRS = 10 };

static double dot(const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] * y[i];
    }
    return sum;
}

static double greatest(const double *g, size_t n)
{
    double most = 0.0;
    for (size_t i = 0; i < n; i++) {
        most = fabs(g[i]) > most ? fabs(g[i]) : most;
    }
    return most;
}

typedef struct memory {
    size_t n, kept, next;
    double *s, *y; /* [PAIRS * n] steps and changes of the gradient */
    double rho[PAIRS];
} memory;

/* Direction -H g into d. */
static void direction(const memory *m, const double *g, double *d)
{
    double alpha[PAIRS];
    size_t n = m->n;
    for (size_t i = 0; i < n; i++) {
        d[i] = -g[i];
    }
    for (size_t j = 0; j < m->kept; j++) {
        size_t k = (m->next + PAIRS - 1 - j) % PAIRS;
        alpha[k] = m->rho[k] * dot(m->s + k * n, d, n);
        for (size_t i = 0; i < n; i++) {
            d[i] -= alpha[k] * m->y[k * n + i];
        }
    }
    if (m->kept) {
        size_t k = (m->next + PAIRS - 1) % PAIRS;
        double scale = 1.0 / (m->rho[k] * dot(m->y + k * n, m->y + k * n, n));
        for (size_t i = 0; i < n; i++) {
            d[i] *= scale;
        }
    }
    for (size_t j = m->kept; j-- > 0;) {
        size_t k = (m->next + PAIRS - 1 - j) % PAIRS;
        double beta = m->rho[k] * dot(m->y + k * n, d, n);
        for (size_t i = 0; i < n; i++) {
            d[i] += (alpha[k] - beta) * m->s[k * n + i];
        }
    }
}

static void remember(memory *m, const double *x, const double *x_new, const double *g, const double *g_new)
{
    double *s = m->s + m->next * m->n;
    double *y = m->y + m->next * m->n;
    for (size_t i = 0; i < m->n; i++) {
        s[i] = x_new[i] - x[i];
        y[i] = g_new[i] - g[i];
    }
    double sy = dot(s, y, m->n);
    if (sy > 1e-14 * dot(y, y, m->n)) {
        m->rho[m->next] = 1.0 / sy;
        m->next = (m->next + 1) % PAIRS;
        m->kept += m->kept < PAIRS;
    }
}

bool plx_lbfgs(double *x, size_t n, plx_lbfgs_value value, void *payload, double tolerance, size_t steps, size_t *taken,
               plx_err *err)
{
    *taken = 0;
    double *room = plx_realloc_array(NULL, n + 1, (2 * PAIRS + 4) * sizeof *room);
    if (!room) {
        return plx_fail_nomem(err, n * (2 * PAIRS + 4) * sizeof *room);
    }
    memory m = {.n = n, .s = room, .y = room + PAIRS * n};
    double *g = room + 2 * PAIRS * n;
    double *d = g + n;
    double *x_new = d + n;
    double *g_new = x_new + n;
    double f = value(payload, x, g);
    while (*taken < steps && greatest(g, n) > tolerance) {
        direction(&m, g, d);
        double slope = dot(g, d, n);
        if (!(slope < 0.0)) {
            m.kept = 0;
            direction(&m, g, d);
            slope = dot(g, d, n);
        }
        double step = m.kept ? 1.0 : 1.0 / (1.0 + greatest(g, n));
        double f_new = f;
        bool better = false;
        for (int half = 0; half < 50 && !better; half++) {
            for (size_t i = 0; i < n; i++) {
                x_new[i] = x[i] + step * d[i];
            }
            f_new = value(payload, x_new, g_new);
            better = f_new <= f + 1e-4 * step * slope;
            step *= 0.5;
        }
        if (!better) {
            break; /* as low as rounding allows */
        }
        remember(&m, x, x_new, g, g_new);
        memcpy(x, x_new, n * sizeof *x);
        memcpy(g, g_new, n * sizeof *g);
        f = f_new;
        ++*taken;
    }
    plx_free(room);
    return true;
}
