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
/* 1/3, 1/5, ... 1/25 and 1/2!, 1/3!, ... 1/14! */
static const double odd_inverse[] = {0x1.5555555555555p-2, 0x1.999999999999ap-3, 0x1.2492492492492p-3,
                                     0x1.c71c71c71c71cp-4, 0x1.745d1745d1746p-4, 0x1.3b13b13b13b14p-4,
                                     0x1.1111111111111p-4, 0x1.e1e1e1e1e1e1ep-5, 0x1.af286bca1af28p-5,
                                     0x1.8618618618618p-5, 0x1.642c8590b2164p-5, 0x1.47ae147ae147bp-5};
static const double factorial_inverse[] = {
    0x1.0000000000000p-1,  0x1.5555555555555p-3,  0x1.5555555555555p-5,  0x1.1111111111111p-7,  0x1.6c16c16c16c17p-10,
    0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-16, 0x1.71de3a556c734p-19, 0x1.27e4fb7789f5cp-22, 0x1.ae64567f544e4p-26,
    0x1.1eed8eff8d898p-29, 0x1.6124613a86d09p-33, 0x1.93974a8c07c9dp-37};

/* x = m 2^k with m in [sqrt(1/2), sqrt(2)), log m = 2 artanh((m-1)/(m+1)) by its series, which is exhausted after 12
 * terms as the argument stays below 0.172. */
double plx_fixed_log(double x)
{
    enum { TERMS = sizeof odd_inverse / sizeof odd_inverse[0] };
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
    for (int i = TERMS - 1; i >= 0; i--) {
        sum = (sum + odd_inverse[i]) * t2;
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
    enum { TERMS = sizeof factorial_inverse / sizeof factorial_inverse[0] };
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
    double sum = factorial_inverse[TERMS - 1];
    for (int i = TERMS - 2; i >= 0; i--) {
        sum = sum * r + factorial_inverse[i];
    }
    double e = 1.0 + (r + r * r * sum);
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
