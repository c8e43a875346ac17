/* SPDX-License-Identifier: Apache-2.0
 *
 * Degree-corrected stochastic block model of a simple undirected graph, fitted by least description length.
 * source: Karrer and Newman 2011 doi:10.1103/PhysRevE.83.016107 (the model); Peixoto 2017
 * doi:10.1103/PhysRevE.95.012317 (its microcanonical description length, with flat priors over the degrees of a group
 * and over the counts between groups).
 */
#ifndef PLX_KERNELS_BLOCK_MODEL_H
#define PLX_KERNELS_BLOCK_MODEL_H

#include "benchmarks/kernels/csr.h"

#include "core/arena.h"
#include "core/err.h"

typedef struct plx_blocks {
    size_t n, n_groups;
    uint32_t *group; /* [n] groups are numbered by their first node */
    double *degree;  /* [n] */
    double *between; /* [n_groups * n_groups] edges between two groups; inside one, counted twice */
    double *ends;    /* [n_groups] ends of edges: sums of rows of `between` */
    double length;   /* description length in nats */
} plx_blocks;

/* Fit. From a random division into `most` groups, nodes are moved while that shortens the description; then the two
 * groups whose union costs least become one, and so on down to one group. The shortest description on the way is kept,
 * over `starts` starts. n_groups > 0 keeps that number instead of choosing it.
 * errors: ARG unless 1 <= n_groups or most <= 64, NOMEM. owner: the arena. cost: about starts * most sweeps. */
bool plx_blocks_fit(plx_arena *arena, const plx_csr *graph, size_t most, size_t n_groups, size_t starts, uint64_t seed,
                    plx_blocks *out, plx_err *err);

/* The same numbers for a given division into groups 0 .. n_groups - 1, none of them empty. */
bool plx_blocks_of(plx_arena *arena, const plx_csr *graph, const uint32_t *group, size_t n_groups, plx_blocks *out,
                   plx_err *err);

/* Expected number of edges between a and b: d_a d_b e_rs / (e_r e_s). `without`: as if their edge were not there. */
double plx_blocks_score(const plx_blocks *blocks, uint32_t a, uint32_t b, bool without);

#endif
