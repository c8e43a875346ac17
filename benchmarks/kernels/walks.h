/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums over all walks between two nodes: Katz's index and personalized PageRank, from one dense inverse each. Either
 * can be told as if the edge between the two nodes were not there, exactly and without another inverse.
 */
#ifndef PLX_KERNELS_WALKS_H
#define PLX_KERNELS_WALKS_H

#include "benchmarks/kernels/csr.h"

#include "core/arena.h"
#include "core/err.h"

/* Invert an n x n matrix (C order, in place) whose off-diagonal is not positive and whose inverse is not negative, by
 * Gauss and Jordan without pivoting, which is stable for such matrices. errors: ARG when a pivot is not positive.
 * cost: n^3, in a fixed order. */
bool plx_m_matrix_invert(double *m, size_t n, plx_err *err);

/* Largest eigenvalue of a matrix that is not negative (weights ignored), by 200 steps of power iteration at most, from
 * below. errors: NOMEM. */
bool plx_spectral_radius(const plx_csr *graph, double *out, plx_err *err);

typedef struct plx_walks {
    size_t n;
    double *g;      /* [n * n] Katz: (I - beta A)^-1; PageRank: (I - alpha P)^-1 */
    double *row;    /* [n] sums of rows of g */
    double *degree; /* [n] successors */
    double factor;  /* beta or alpha */
    bool directed;
} plx_walks;

/* beta = fraction / largest eigenvalue of A, 0 < fraction < 1. A is 1 where there is an edge.
 * source: Katz 1953 doi:10.1007/BF02289026. errors: LIMIT above 8192 nodes, NOMEM. */
bool plx_katz_new(plx_arena *arena, const plx_csr *graph, bool directed, double fraction, plx_walks *out, plx_err *err);
/* sum over walks of length l >= 1 from a to b of beta^l, a != b; `without`: not counting walks over the edge a -> b
 * (nor b -> a, when the graph is not directed). */
double plx_katz_score(const plx_walks *katz, uint32_t a, uint32_t b, bool without);

/* P is A divided by the sums of its rows; alpha is the chance to go on. From a node without successors the walk goes
 * back to its start. source: Page et al. 1999, Stanford 1999-66; networkx.pagerank(personalization=). errors: as above.
 */
bool plx_pagerank_new(plx_arena *arena, const plx_csr *graph, bool directed, double alpha, plx_walks *out,
                      plx_err *err);
/* PageRank of b for walks that start at a; in an undirected graph the mean of both ways. */
double plx_pagerank_score(const plx_walks *ranks, uint32_t a, uint32_t b, bool without);

#endif
