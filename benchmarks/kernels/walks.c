/* SPDX-License-Identifier: Apache-2.0
 *
 * Dense inverses, and their change when one edge goes (Sherman, Morrison and Woodbury; two by two at most).
 */
#include "benchmarks/kernels/walks.h"

#include "core/alloc.h"

#include <math.h>
#include <string.h>

enum { MOST_NODES = 8192 }; /* half a GiB of doubles */

/* row -= f pivot; four at a time, so that a compiler sees vectors. Each element is changed once for each pivot, in the
 * order of pivots: vectors of any width give the same bits. */
static void eliminate(double *restrict row, const double *restrict pivot, double f, size_t n)
{
    size_t j = 0;
    for (; j + 4 <= n; j += 4) {
        row[j] -= f * pivot[j];
        row[j + 1] -= f * pivot[j + 1];
        row[j + 2] -= f * pivot[j + 2];
        row[j + 3] -= f * pivot[j + 3];
    }
    for (; j < n; j++) {
        row[j] -= f * pivot[j];
    }
}

bool plx_m_matrix_invert(double *m, size_t n, plx_err *err)
{
    for (size_t k = 0; k < n; k++) {
        double *pivot = m + k * n;
        if (!(pivot[k] > 1e-12)) {
            return plx_fail(err, PLX_E_ARG, "the sum over walks does not converge: pivot %zu is %g", k, pivot[k]);
        }
        double inverse = 1.0 / pivot[k];
        pivot[k] = 1.0;
        for (size_t j = 0; j < n; j++) {
            pivot[j] *= inverse;
        }
        for (size_t i = 0; i < n; i++) {
            double *row = m + i * n;
            double f = row[k];
            if (i == k || f == 0.0) {
                continue;
            }
            row[k] = 0.0;
            eliminate(row, pivot, f, n);
        }
    }
    return true;
}

bool plx_spectral_radius(const plx_csr *graph, double *out, plx_err *err)
{
    size_t n = graph->n;
    *out = 0.0;
    double *x = plx_realloc_array(NULL, n + 1, 2 * sizeof *x);
    if (!x) {
        return plx_fail_nomem(err, (n + 1) * 2 * sizeof *x);
    }
    double *y = x + n;
    for (size_t i = 0; i < n; i++) {
        x[i] = 1.0;
    }
    double before = 0.0;
    for (int step = 0; step < 200; step++) {
        /* Of I + A, so that a bipartite graph does not swing. */
        double size = 0.0;
        for (size_t i = 0; i < n; i++) {
            double sum = x[i];
            for (uint64_t e = graph->ptr[i]; e < graph->ptr[i + 1]; e++) {
                sum += x[graph->index[e]];
            }
            y[i] = sum;
            size += sum * sum;
        }
        double norm = 0.0;
        for (size_t i = 0; i < n; i++) {
            norm += x[i] * x[i];
        }
        size = sqrt(size);
        *out = size / sqrt(norm) - 1.0;
        for (size_t i = 0; i < n; i++) {
            x[i] = y[i] / size;
        }
        if (fabs(*out - before) <= 1e-12 * (1.0 + *out)) {
            break;
        }
        before = *out;
    }
    plx_free(x);
    *out = *out > 0.0 ? *out : 0.0;
    return true;
}

static bool start(plx_arena *arena, const plx_csr *graph, bool directed, double factor, plx_walks *out, plx_err *err)
{
    size_t n = graph->n;
    if (n > MOST_NODES) {
        plx_fail(err, PLX_E_LIMIT, "sums over all walks of %zu nodes are not taken here", n);
        return plx_err_why(err, "they need a dense inverse, which is made for up to %d nodes", MOST_NODES);
    }
    *out = (plx_walks){.n = n, .directed = directed, .factor = factor};
    out->g = plx_arena_zero(arena, n * n + 1, sizeof *out->g);
    out->row = plx_arena_zero(arena, n + 1, sizeof *out->row);
    out->degree = plx_arena_zero(arena, n + 1, sizeof *out->degree);
    if (!out->g || !out->row || !out->degree) {
        return plx_fail_nomem(err, n * n * sizeof *out->g);
    }
    for (size_t i = 0; i < n; i++) {
        out->degree[i] = (double)plx_csr_degree(graph, i);
    }
    return true;
}

static bool finish(plx_walks *w, plx_err *err)
{
    if (!plx_m_matrix_invert(w->g, w->n, err)) {
        return false;
    }
    for (size_t i = 0; i < w->n; i++) {
        for (size_t j = 0; j < w->n; j++) {
            w->row[i] += w->g[i * w->n + j];
        }
    }
    return true;
}

bool plx_katz_new(plx_arena *arena, const plx_csr *graph, bool directed, double fraction, plx_walks *out, plx_err *err)
{
    double radius;
    if (!plx_spectral_radius(graph, &radius, err) ||
        !start(arena, graph, directed, radius > 1e-6 ? fraction / radius : fraction, out, err)) {
        return false;
    }
    for (size_t i = 0; i < out->n; i++) {
        out->g[i * out->n + i] = 1.0;
        for (uint64_t e = graph->ptr[i]; e < graph->ptr[i + 1]; e++) {
            out->g[i * out->n + graph->index[e]] -= out->factor;
        }
    }
    return finish(out, err);
}

double plx_katz_score(const plx_walks *w, uint32_t a, uint32_t b, bool without)
{
    const double *ga = w->g + (size_t)a * w->n;
    const double *gb = w->g + (size_t)b * w->n;
    if (!without) {
        return ga[b];
    }
    double inverse = 1.0 / w->factor;
    if (w->directed) {
        return ga[b] - ga[a] * gb[b] / (inverse + gb[a]);
    }
    double s00 = inverse + gb[a];
    double s11 = inverse + ga[b];
    double det = s00 * s11 - gb[b] * ga[a];
    double x = (s11 * gb[b] - gb[b] * ga[b]) / det;
    double y = (s00 * ga[b] - ga[a] * gb[b]) / det;
    return ga[b] - (ga[a] * x + ga[b] * y);
}

bool plx_pagerank_new(plx_arena *arena, const plx_csr *graph, bool directed, double alpha, plx_walks *out, plx_err *err)
{
    if (!start(arena, graph, directed, alpha, out, err)) {
        return false;
    }
    for (size_t i = 0; i < out->n; i++) {
        out->g[i * out->n + i] = 1.0;
        for (uint64_t e = graph->ptr[i]; e < graph->ptr[i + 1]; e++) {
            out->g[i * out->n + graph->index[e]] -= alpha / out->degree[i];
        }
    }
    return finish(out, err);
}

/* Change of row x of P times G at column c (c == n: times the vector of ones), when x loses its edge to y. */
static double row_change(const plx_walks *w, uint32_t x, uint32_t y, size_t c)
{
    double gx = c < w->n ? w->g[x * w->n + c] : w->row[x];
    double gy = c < w->n ? w->g[y * w->n + c] : w->row[y];
    double unit = c == w->n || c == x ? 1.0 : 0.0;
    double old = (gx - unit) / w->factor;
    double degree = w->degree[x];
    return (degree > 1.0 ? (degree * old - gy) / (degree - 1.0) : 0.0) - old;
}

/* PageRank of b from a, without a -> b, and without b -> a where the graph is not directed. */
static double rank_without(const plx_walks *w, uint32_t a, uint32_t b)
{
    const double *ga = w->g + (size_t)a * w->n;
    double inverse = 1.0 / w->factor;
    double at_b;
    double all;
    if (w->directed) {
        double scale = ga[a] / (inverse - row_change(w, a, b, a));
        at_b = ga[b] + scale * row_change(w, a, b, b);
        all = w->row[a] + scale * row_change(w, a, b, w->n);
    } else {
        double s00 = inverse - row_change(w, a, b, a);
        double s01 = -row_change(w, a, b, b);
        double s10 = -row_change(w, b, a, a);
        double s11 = inverse - row_change(w, b, a, b);
        double det = s00 * s11 - s01 * s10;
        double left = (ga[a] * s11 - ga[b] * s10) / det;
        double right = (ga[b] * s00 - ga[a] * s01) / det;
        at_b = ga[b] + left * row_change(w, a, b, b) + right * row_change(w, b, a, b);
        all = w->row[a] + left * row_change(w, a, b, w->n) + right * row_change(w, b, a, w->n);
    }
    at_b = at_b > 0.0 ? at_b : 0.0; /* rounding, where no walk is left */
    return at_b / all;
}

double plx_pagerank_score(const plx_walks *w, uint32_t a, uint32_t b, bool without)
{
    if (without) {
        return w->directed ? rank_without(w, a, b) : 0.5 * (rank_without(w, a, b) + rank_without(w, b, a));
    }
    double forth = w->g[a * w->n + b] / w->row[a];
    return w->directed ? forth : 0.5 * (forth + w->g[b * w->n + a] / w->row[b]);
}
