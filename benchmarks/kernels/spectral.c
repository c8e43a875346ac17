/* SPDX-License-Identifier: Apache-2.0
 *
 * Lanczos with full reorthogonalization, and the small eigenproblem it leads to.
 */
#include "benchmarks/kernels/spectral.h"

#include "core/alloc.h"
#include "core/rng.h"

#include <math.h>
#include <string.h>

static double dot(const double *x, const double *y, size_t n)
{
    double lane[4] = {0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        for (size_t k = 0; k < 4; k++) {
            lane[k] += x[i + k] * y[i + k];
        }
    }
    double sum = (lane[0] + lane[1]) + (lane[2] + lane[3]);
    for (; i < n; i++) {
        sum += x[i] * y[i];
    }
    return sum;
}

static void multiply(const plx_csr *a, const double *values, const double *x, double *y)
{
    for (size_t i = 0; i < a->n; i++) {
        double sum = 0.0;
        for (uint64_t e = a->ptr[i]; e < a->ptr[i + 1]; e++) {
            sum += (values ? values[e] : 1.0) * x[a->index[e]];
        }
        y[i] = sum;
    }
}

bool plx_tridiagonal_eigen(double *d, double *e, double *z, size_t m)
{
    memset(z, 0, m * m * sizeof *z);
    for (size_t i = 0; i < m; i++) {
        z[i * m + i] = 1.0;
    }
    for (size_t i = 1; i < m; i++) {
        e[i - 1] = e[i];
    }
    if (m) {
        e[m - 1] = 0.0;
    }
    for (size_t l = 0; l < m; l++) {
        for (int step = 0;; step++) {
            size_t k = l;
            while (k + 1 < m && fabs(e[k]) > 0x1p-53 * (fabs(d[k]) + fabs(d[k + 1]))) {
                k++;
            }
            if (k == l) {
                break;
            }
            if (step == 60) {
                return false;
            }
            double g = (d[l + 1] - d[l]) / (2.0 * e[l]);
            double r = sqrt(g * g + 1.0);
            g = d[k] - d[l] + e[l] / (g + (g < 0.0 ? -r : r));
            double s = 1.0;
            double c = 1.0;
            double p = 0.0;
            bool early = false;
            for (size_t i = k; i-- > l;) {
                double f = s * e[i];
                double b = c * e[i];
                r = sqrt(f * f + g * g);
                e[i + 1] = r;
                if (r == 0.0) {
                    d[i + 1] -= p;
                    e[k] = 0.0;
                    early = true;
                    break;
                }
                s = f / r;
                c = g / r;
                g = d[i + 1] - p;
                r = (d[i] - g) * s + 2.0 * c * b;
                p = s * r;
                d[i + 1] = g + p;
                g = c * r - b;
                for (size_t row = 0; row < m; row++) {
                    double *at = z + row * m + i;
                    f = at[1];
                    at[1] = s * at[0] + c * f;
                    at[0] = c * at[0] - s * f;
                }
            }
            if (!early) {
                d[l] -= p;
                e[l] = g;
                e[k] = 0.0;
            }
        }
    }
    return true;
}

typedef struct lanczos {
    size_t n, room;
    double *basis;            /* [room * n], one vector a row */
    double *diagonal, *below; /* [room] */
    double *small, *d, *e;    /* [room * room], [room], [room]: the small problem */
    double *work;             /* [n] */
    plx_rng rng;
} lanczos;

/* Take the basis out of w, twice, and scale it to 1. Returns its size before scaling. */
static double orthogonalize(lanczos *l, double *w, size_t m)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t k = 0; k < m; k++) {
            const double *v = l->basis + k * l->n;
            double c = dot(v, w, l->n);
            for (size_t i = 0; i < l->n; i++) {
                w[i] -= c * v[i];
            }
        }
    }
    double size = sqrt(dot(w, w, l->n));
    for (size_t i = 0; i < l->n && size > 0.0; i++) {
        w[i] /= size;
    }
    return size;
}

static void fresh_start(lanczos *l, double *w, size_t m)
{
    double size = 0.0;
    for (int attempt = 0; attempt < 8 && size < 1e-8; attempt++) {
        for (size_t i = 0; i < l->n; i++) {
            w[i] = plx_rng_f64(&l->rng) - 0.5;
        }
        size = orthogonalize(l, w, m);
    }
}

static bool make_room(plx_arena *arena, size_t n, size_t room, lanczos *l, plx_err *err)
{
    *l = (lanczos){.n = n, .room = room, .rng = plx_rng_stream(0, "lanczos", n)};
    l->basis = plx_arena_zero(arena, (room + 1) * (n + 1), sizeof *l->basis);
    l->small = plx_arena_zero(arena, room * room + 1, sizeof *l->small);
    l->diagonal = plx_arena_zero(arena, 4 * (room + 1), sizeof *l->diagonal);
    l->work = plx_arena_zero(arena, n + 1, sizeof *l->work);
    if (!l->basis || !l->small || !l->diagonal || !l->work) {
        return plx_fail_nomem(err, room * (n + room) * sizeof *l->basis);
    }
    l->below = l->diagonal + (room + 1);
    l->d = l->below + (room + 1);
    l->e = l->d + (room + 1);
    return true;
}

/* Columns of the small problem in falling order of eigenvalue. */
static void order(const double *d, size_t m, size_t *place)
{
    for (size_t i = 0; i < m; i++) {
        size_t j = i;
        for (; j > 0 && d[place[j - 1]] < d[i]; j--) {
            place[j] = place[j - 1];
        }
        place[j] = i;
    }
}

/* Do the first `rank` eigenvectors of the small problem of size m stand? */
static bool settled(lanczos *l, size_t m, size_t rank, double residual, size_t *place)
{
    memcpy(l->d, l->diagonal, m * sizeof *l->d);
    memcpy(l->e, l->below, m * sizeof *l->e);
    if (!plx_tridiagonal_eigen(l->d, l->e, l->small, m)) {
        return false;
    }
    order(l->d, m, place);
    if (m == l->n || m == l->room) {
        return true;
    }
    for (size_t k = 0; k < rank; k++) {
        if (k >= m || fabs(residual * l->small[(m - 1) * m + place[k]]) > 1e-10 * l->d[place[0]]) {
            return false;
        }
    }
    return true;
}

static void write_vectors(const lanczos *l, size_t m, const size_t *place, const plx_csr *a, const double *values,
                          plx_svd *out, double *column, double *image)
{
    for (size_t k = 0; k < out->rank; k++) {
        memset(column, 0, l->n * sizeof *column);
        for (size_t j = 0; j < m; j++) {
            double c = l->small[j * m + place[k]];
            for (size_t i = 0; i < l->n; i++) {
                column[i] += c * l->basis[j * l->n + i];
            }
        }
        size_t greatest = 0;
        for (size_t i = 1; i < l->n; i++) {
            greatest = fabs(column[i]) > fabs(column[greatest]) * (1.0 + 1e-9) ? i : greatest;
        }
        double sign = column[greatest] < 0.0 ? -1.0 : 1.0;
        multiply(a, values, column, image);
        double sigma = sqrt(dot(image, image, l->n));
        out->sigma[k] = sigma;
        for (size_t i = 0; i < l->n; i++) {
            out->right[i * out->rank + k] = sign * column[i];
            out->left[i * out->rank + k] = sigma > 0.0 ? sign * image[i] / sigma : 0.0;
        }
    }
}

bool plx_svd_truncated(plx_arena *arena, const plx_csr *a, const double *values, const plx_csr *t, const double *at,
                       size_t rank, plx_svd *out, plx_err *err)
{
    size_t n = a->n;
    rank = rank < n ? rank : n;
    *out = (plx_svd){.n = n, .rank = rank};
    out->sigma = plx_arena_zero(arena, rank + 1, sizeof *out->sigma);
    out->left = plx_arena_zero(arena, n * rank + 1, sizeof *out->left);
    out->right = plx_arena_zero(arena, n * rank + 1, sizeof *out->right);
    plx_arena *scratch = plx_arena_new(0);
    size_t room = 20 * rank + 60;
    room = room < n ? room : n;
    size_t *place = scratch ? plx_arena_zero(scratch, room + 1, sizeof *place) : NULL;
    double *image = scratch ? plx_arena_zero(scratch, n + 1, sizeof *image) : NULL;
    lanczos l;
    if (!out->sigma || !out->left || !out->right || !place || !image || !make_room(scratch, n, room, &l, err)) {
        plx_arena_free(scratch);
        return plx_fail_nomem(err, n * rank * 2 * sizeof *out->left);
    }
    size_t m = 0;
    double scale = 0.0;
    if (n) {
        fresh_start(&l, l.basis, 0);
    }
    for (size_t next_check = rank + 10; m < room;) {
        double *v = l.basis + m * n;
        double *w = v + n; /* the row after the last is there too */
        multiply(a, values, v, l.work);
        multiply(t, at, l.work, w);
        l.diagonal[m] = dot(v, w, n);
        scale = l.diagonal[m] > scale ? l.diagonal[m] : scale;
        double residual = orthogonalize(&l, w, m + 1);
        m++;
        bool dry = residual <= 1e-13 * scale;
        if (m == room || (m >= next_check && !dry)) {
            if (settled(&l, m, rank, residual, place)) {
                break;
            }
            next_check = m + m / 4 + 4;
        }
        if (m < room) {
            l.below[m] = dry ? 0.0 : residual;
            if (dry) {
                fresh_start(&l, w, m);
            }
        }
    }
    write_vectors(&l, m, place, a, values, out, l.work, image);
    plx_arena_free(scratch);
    return true;
}

double plx_svd_element(const plx_svd *svd, uint32_t a, uint32_t b)
{
    const double *u = svd->left + (size_t)a * svd->rank;
    const double *v = svd->right + (size_t)b * svd->rank;
    double sum = 0.0;
    for (size_t k = 0; k < svd->rank; k++) {
        sum += u[k] * svd->sigma[k] * v[k];
    }
    return sum;
}
