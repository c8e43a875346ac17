/* SPDX-License-Identifier: Apache-2.0
 *
 * Minimizing a smooth function of many numbers.
 */
#ifndef PLX_KERNELS_LBFGS_H
#define PLX_KERNELS_LBFGS_H

#include "core/err.h"

#include <stddef.h>

/* Value at x; its gradient into g. */
typedef double (*plx_lbfgs_value)(void *payload, const double *x, double *g);

/* Walk x[n] downhill until no component of the gradient exceeds `tolerance` or `steps` are taken (*taken). Ten pairs of
 * memory, backtracking with Armijo's condition and a curvature check.
 * source: Nocedal 1980 doi:10.1090/S0025-5718-1980-0572855-7; Nocedal and Wright, Numerical Optimization, 2nd ed.,
 * algorithm 7.5. errors: NOMEM. */
bool plx_lbfgs(double *x, size_t n, plx_lbfgs_value value, void *payload, double tolerance, size_t steps, size_t *taken,
               plx_err *err);

#endif
