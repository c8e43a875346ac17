/* SPDX-License-Identifier: Apache-2.0
 *
 * Clusters of points: Gaussian mixtures with full covariances, their number chosen by the Bayesian information
 * criterion. Seeded; sums run in a fixed order.
 */
#ifndef PLX_KERNELS_MIXTURE_H
#define PLX_KERNELS_MIXTURE_H

#include "core/err.h"
#include "core/rng.h"

enum { PLX_MIXTURE_DIMS = 10, PLX_MIXTURE_MOST = 16 };

/* Fit mixtures of `low` to `high` components to n points of `dims` coordinates by expectation and maximization from
 * k-means, and label each point with its likeliest component of the one with the least BIC. `ridge` is added to the
 * diagonals, and keeps a component from collapsing. labels are 0 to *n_components - 1. errors: ARG for dims or numbers
 * out of range; NOMEM. source: Dempster, Laird and Rubin 1977; Schwarz 1978 doi:10.1214/aos/1176344136; k-means++ of
 * Arthur and Vassilvitskii 2007. */
bool plx_mixture_fit(const double *points, size_t n, size_t dims, size_t low, size_t high, double ridge, plx_rng rng,
                     int32_t *labels, size_t *n_components, plx_err *err);

#endif
