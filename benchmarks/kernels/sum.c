/* SPDX-License-Identifier: Apache-2.0
 *
 * Pairwise sums in NumPy's order.
 */
#include "benchmarks/kernels/sum.h"

enum { BLOCK = 128, LANES = 8 };

/* The half that is summed first: a multiple of the number of lanes. */
static size_t first_half(size_t n)
{
    size_t half = n / 2;
    return half - half % LANES;
}

double plx_sum_f64(const double *x, size_t n)
{
    if (n > BLOCK) {
        size_t half = first_half(n);
        return plx_sum_f64(x, half) + plx_sum_f64(x + half, n - half);
    }
    if (n < LANES) {
        double sum = -0.0; /* so that a sum of negative zeros stays one */
        for (size_t i = 0; i < n; i++) {
            sum += x[i];
        }
        return n ? sum : 0.0;
    }
    double lane[LANES];
    size_t whole = n - n % LANES;
    for (size_t k = 0; k < LANES; k++) {
        lane[k] = x[k];
    }
    for (size_t i = LANES; i < whole; i += LANES) {
        for (size_t k = 0; k < LANES; k++) {
            lane[k] += x[i + k];
        }
    }
    double sum = ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
    for (size_t i = whole; i < n; i++) {
        sum += x[i];
    }
    return sum;
}

float plx_sum_f32(const float *x, size_t n)
{
    if (n > BLOCK) {
        size_t half = first_half(n);
        return plx_sum_f32(x, half) + plx_sum_f32(x + half, n - half);
    }
    if (n < LANES) {
        float sum = -0.0f;
        for (size_t i = 0; i < n; i++) {
            sum += x[i];
        }
        return n ? sum : 0.0f;
    }
    float lane[LANES];
    size_t whole = n - n % LANES;
    for (size_t k = 0; k < LANES; k++) {
        lane[k] = x[k];
    }
    for (size_t i = LANES; i < whole; i += LANES) {
        for (size_t k = 0; k < LANES; k++) {
            lane[k] += x[i + k];
        }
    }
    float sum = ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
    for (size_t i = whole; i < n; i++) {
        sum += x[i];
    }
    return sum;
}

double plx_sum_stream(size_t n, plx_sum_next next, void *payload)
{
    if (n > BLOCK) {
        size_t half = first_half(n);
        double left = plx_sum_stream(half, next, payload);
        return left + plx_sum_stream(n - half, next, payload);
    }
    double block[BLOCK];
    for (size_t i = 0; i < n; i++) {
        block[i] = next(payload);
    }
    return plx_sum_f64(block, n);
}
