/* SPDX-License-Identifier: Apache-2.0
 *
 * Labels that spread over a graph.
 */
#ifndef PLX_KERNELS_SPREAD_H
#define PLX_KERNELS_SPREAD_H

#include "benchmarks/kernels/csr.h"

#include "core/err.h"

/* y[n * k] becomes (1 - alpha) (I - alpha S)^-1 y with S = D^-1/2 W D^-1/2 of a symmetric graph; value[e] is W at entry
 * e (NULL: 1), not negative. By iteration, until no element changes by more than 1e-8 or 2000 times.
 * source: Zhou et al. 2004, Learning with local and global consistency, NIPS 16. errors: NOMEM. */
bool plx_spread(const plx_csr *graph, const double *value, size_t k, double alpha, double *y, plx_err *err);

#endif
