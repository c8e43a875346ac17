/* SPDX-License-Identifier: Apache-2.0
 *
 * Logarithm and exponential made of IEEE + - * / alone, so that the last bit is the same on every machine and with
 * every C library. Within three units in the last place; for what a result depends on.
 */
#ifndef PLX_CORE_FIXED_MATH_H
#define PLX_CORE_FIXED_MATH_H

/* Natural logarithm. -inf at 0, inf at inf, NaN below 0 and of NaN. */
double plx_fixed_log(double x);
/* e to the x; 0 and inf past the range of doubles. */
double plx_fixed_exp(double x);
/* log(1 + e^x), without overflow. */
double plx_fixed_log1p_exp(double x);
/* 1 / (1 + e^-x). */
double plx_fixed_logistic(double x);

#endif
