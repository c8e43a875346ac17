/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums whose order of addition is fixed, and is the one NumPy uses for contiguous data, so that means agree with
 * NumPy's to the last bit. source: numpy/_core/src/umath/loops_utils.h.src (pairwise sum), numpy 2.4.6.
 */
#ifndef PLX_KERNELS_SUM_H
#define PLX_KERNELS_SUM_H

#include <stddef.h>

/* NumPy's pairwise sum: below 8 values from left to right, up to 128 in eight lanes, above that halves. */
double plx_sum_f64(const double *x, size_t n);
/* The same in single precision, as NumPy sums float32 arrays. */
float plx_sum_f32(const float *x, size_t n);

/* The same for n values that are made one by one: next(payload) is called n times, in order. */
typedef double (*plx_sum_next)(void *payload);
double plx_sum_stream(size_t n, plx_sum_next next, void *payload);

#endif
