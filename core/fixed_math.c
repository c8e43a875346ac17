/* SPDX-License-Identifier: Apache-2.0
 *
 * Argument reduction by powers of two, then series that are exhausted for the reduced argument.
 */
#include "core/fixed_math.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double ln2_high = 0x1.62e42feep-1;
static const double ln2_low = 0x1.a39ef35793c76p-33;

/* x = m 2^k with m in [sqrt(1/2), sqrt(2)), log m = 2 artanh((m-1)/(m+1)) by its series, which is exhausted after 12
 * terms as the argument stays below 0.172. */
double plx_fixed_log(double x)
{
    enum { TERMS = 12 };
    if (!(x > 0.0) || !isfinite(x)) {
        return x == 0.0 ? -(double)INFINITY : x > 0.0 ? x : (double)NAN;
    }
    int scale = 0;
    if (x < 0x1p-1022) { /* subnormal numbers lack the exponent field that is read below */
        x *= 0x1p54;
        scale = -54;
    }
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int k = (int)(bits >> 52) - 1023;
    bits = (bits & 0xFFFFFFFFFFFFFU) | 0x3FF0000000000000U;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        k++;
    }
    k += scale;
    double t = (m - 1.0) / (m + 1.0);
    double t2 = t * t;
    double sum = 0.0;
    for (int i = TERMS; i > 0; i--) {
        sum = (sum + 1.0 / (2 * i + 1)) * t2;
    }
    return k * ln2_high + (2.0 * t + (2.0 * t * sum + k * ln2_low));
}

static double power_of_two(int k)
{
    uint64_t bits = (uint64_t)(k + 1023) << 52;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x = k log 2 + r with |r| <= log 2 / 2; e^r by its Taylor series. */
double plx_fixed_exp(double x)
{
    enum { TERMS = 14 };
    if (isnan(x)) {
        return x;
    }
    if (x > 709.782712893384) {
        return (double)INFINITY;
    }
    if (x < -745.1332191019412) {
        return 0.0;
    }
    int k = (int)(x * 1.4426950408889634 + (x < 0.0 ? -0.5 : 0.5));
    double r = (x - k * ln2_high) - k * ln2_low;
    double sum = 0.0;
    for (int i = TERMS; i > 1; i--) {
        sum = (sum + 1.0) * r / i;
    }
    double e = 1.0 + (r + r * sum); /* e^r = 1 + r (1 + r/2 (1 + r/3 (...))) */
    if (k < -1021) {
        return e * power_of_two(k + 64) * 0x1p-64;
    }
    return k > 1023 ? e * 2.0 * power_of_two(k - 1) : e * power_of_two(k);
}

double plx_fixed_log1p_exp(double x)
{
    double e = plx_fixed_exp(-fabs(x));
    /* log(1 + e) for e in [0, 1]: log u / (u - 1) hardly changes by what rounding takes from u = 1 + e. */
    double u = 1.0 + e;
    double l = u == 1.0 ? e : plx_fixed_log(u) * (e / (u - 1.0));
    return x > 0.0 ? x + l : l;
}

double plx_fixed_logistic(double x)
{
    double e = plx_fixed_exp(-fabs(x));
    return x >= 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
}
