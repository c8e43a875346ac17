/* SPDX-License-Identifier: Apache-2.0
 *
 * Truncated singular value decomposition of a sparse matrix, in a fixed order of operations.
 */
#ifndef PLX_KERNELS_SPECTRAL_H
#define PLX_KERNELS_SPECTRAL_H

#include "benchmarks/kernels/csr.h"

#include "core/arena.h"
#include "core/err.h"

typedef struct plx_svd {
    size_t n, rank; /* rank: min(asked, n) at most; less when the matrix has no more */
    double *sigma;  /* [rank] falling */
    double *left;   /* [n * rank] rows of U; the greatest component of each column of `right` is positive */
    double *right;  /* [n * rank] rows of V */
} plx_svd;

/* The `rank` greatest singular values and vectors of a square matrix `a`, whose transpose is given too. With
 * `values`, element e of a's rows is values[e] (and at[e] of the transpose's); NULL: 1 where there is an entry.
 * Lanczos on A'A from a fixed start with full reorthogonalization, until the vectors stand to 1e-10; a start that runs
 * dry goes on from a new one, so that equal values are all found.
 * source: Golub and Kahan 1965 doi:10.1137/0702016. errors: NOMEM. owner: the arena. */
bool plx_svd_truncated(plx_arena *arena, const plx_csr *a, const double *values, const plx_csr *t, const double *at,
                       size_t rank, plx_svd *out, plx_err *err);

/* Row a of U S V' at column b. */
double plx_svd_element(const plx_svd *svd, uint32_t a, uint32_t b);

/* Eigenvalues and vectors of a symmetric tridiagonal matrix by the implicit QL method: d[m] the diagonal, e[m] below it
 * from e[1]; z[m * m] becomes the vectors, one a column. False when 60 steps do not settle one.
 * source: EISPACK tql2; Martin and Wilkinson 1968 doi:10.1007/BF02165404. */
bool plx_tridiagonal_eigen(double *d, double *e, double *z, size_t m);

#endif
