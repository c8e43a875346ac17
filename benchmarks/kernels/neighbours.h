/* SPDX-License-Identifier: Apache-2.0
 *
 * What two nodes share: the local indices of link prediction.
 */
#ifndef PLX_KERNELS_NEIGHBOURS_H
#define PLX_KERNELS_NEIGHBOURS_H

#include "benchmarks/kernels/csr.h"

#include "core/arena.h"
#include "core/err.h"

typedef struct plx_overlap {
    double common;      /* nodes w with a -> w -> b */
    double together;    /* successors of a or predecessors of b, without a and b */
    double adamic_adar; /* sum over common w of 1 / ln degree(w) */
    double resource;    /* sum over common w of 1 / degree(w) */
} plx_overlap;

/* 1 / ln degree and 1 / degree of each node; 0 below two neighbours, where no pair has the node in common. */
typedef struct plx_degree_weights {
    double *inv_log, *inv; /* [n] owner: the arena */
} plx_degree_weights;
bool plx_degree_weights_new(plx_arena *arena, const plx_csr *graph, plx_degree_weights *out, plx_err *err);

/* Overlap of `out` row a with `in` row b (the same matrix twice when it is symmetric). An edge between a and b itself
 * changes nothing. Sums run over w ascending.
 * source: Liben-Nowell and Kleinberg 2007 doi:10.1002/asi.20591; Zhou et al. 2009 doi:10.1140/epjb/e2009-00335-8. */
plx_overlap plx_neighbours_overlap(const plx_csr *out, const plx_csr *in, const plx_degree_weights *weights, uint32_t a,
                                   uint32_t b);

#endif
